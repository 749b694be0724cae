package dirsync_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// keyedGroups is an organization whose groups have the keys of the source for ids.
//
//	Sales k-sales (ann)
//	  North k-north (ann, ben)
//	    Coast k-coast (ben)
//	Finance k-finance (carl)
//	Old (dora), without a key
func keyedGroups() quickbitest.Organization {
	return quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "u-ann", AccountID: "101", AccountName: "acme:ann", NickName: "Ann"},
			{UserID: "u-ben", AccountID: "102", AccountName: "acme:ben", NickName: "Ben"},
			{UserID: "u-carl", AccountID: "103", AccountName: "acme:carl", NickName: "Carl"},
			{UserID: "u-dora", AccountID: "104", AccountName: "acme:dora", NickName: "Dora"},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "k-sales", UserGroupName: "Sales", UserIDs: []string{"u-ann"}},
			{UserGroupID: "k-north", ParentUserGroupID: "k-sales", UserGroupName: "North", UserIDs: []string{"u-ann", "u-ben"}},
			{UserGroupID: "k-coast", ParentUserGroupID: "k-north", UserGroupName: "Coast", UserIDs: []string{"u-ben"}},
			{UserGroupID: "k-finance", UserGroupName: "Finance", UserIDs: []string{"u-carl"}},
			{UserGroupID: "g-old", UserGroupName: "Old", UserIDs: []string{"u-dora"}},
		},
	}
}

// tree returns where the groups are, by id, with who is in them.
func (o *org) tree() map[string]string {
	paths, tree := map[string]string{}, map[string]string{}
	groups := o.Snapshot().UserGroups
	for range groups { // whatever their order
		for _, g := range groups {
			if paths[g.UserGroupID] = dirsync.Path(g.UserGroupName); paths[g.ParentUserGroupID] != "" {
				paths[g.UserGroupID] = paths[g.ParentUserGroupID] + "/" + paths[g.UserGroupID]
			}
		}
	}
	for _, g := range groups {
		tree[g.UserGroupID] = paths[g.UserGroupID] + ": " + strings.Join(slices.Sorted(slices.Values(g.UserIDs)), " ")
	}
	return tree
}

func TestGroupKeys(t *testing.T) {
	t.Parallel()
	const asIs = "k-sales,Sales\nk-north,Sales/North\nk-coast,Sales/North/Coast\nk-finance,Finance\n"
	people := func(ann, ben, carl string) string {
		return "101," + ann + "\n102," + ben + "\n103," + carl + "\n104,Old\n"
	}
	for _, tt := range []struct {
		name, groups, csv string
		within            []string
		want              string
		tree              map[string]string // what differs from before
		created           int               // groups with ids that the service gives
		actions           []string          // nil: only what renames and moves groups
	}{
		{name: "as it is", groups: asIs, csv: people("Sales;Sales/North", "Sales/North;Sales/North/Coast", "Finance")},
		{
			name: "renamed", groups: strings.ReplaceAll(asIs, "Sales", "Vertrieb"), csv: people("Vertrieb;Vertrieb/North", "Vertrieb/North;Vertrieb/North/Coast", "Finance"),
			want: "> group Sales -> Vertrieb\n",
			tree: map[string]string{"k-sales": "Vertrieb: u-ann", "k-north": "Vertrieb/North: u-ann u-ben", "k-coast": "Vertrieb/North/Coast: u-ben"},
		},
		{
			name: "moved with what is below", groups: strings.ReplaceAll(asIs, "Sales/North", "Finance/North"), csv: people("Sales;Finance/North", "Finance/North;Finance/North/Coast", "Finance"),
			want: "> group Sales/North -> Finance/North\n",
			tree: map[string]string{"k-north": "Finance/North: u-ann u-ben", "k-coast": "Finance/North/Coast: u-ben"},
		},
		{
			name: "moved and renamed, below a new group", groups: "k-coast,Regions/Seaside\nk-regions,Regions\nk-sales,Sales\nk-north,Sales/North\nk-finance,Finance\n",
			csv:  people("Sales;Sales/North", "Sales/North;Regions/Seaside", "Finance"),
			want: "+ group Regions\n> group Sales/North/Coast -> Sales/North/Seaside\n> group Sales/North/Seaside -> Regions/Seaside\n",
			tree: map[string]string{"k-regions": "Regions: ", "k-coast": "Regions/Seaside: u-ben"}, actions: []string{"CreateUserGroup"},
		},
		{
			name: "two exchange their names", groups: strings.NewReplacer("Sales", "Finance", "Finance", "Sales").Replace(asIs),
			csv:  people("Finance;Finance/North", "Finance/North;Finance/North/Coast", "Sales"),
			want: "> group Sales -> Finance_bc1d8613\n> group Finance -> Sales\n> group Finance_bc1d8613 -> Finance\n",
			tree: map[string]string{"k-sales": "Finance: u-ann", "k-north": "Finance/North: u-ann u-ben", "k-coast": "Finance/North/Coast: u-ben", "k-finance": "Sales: u-carl"},
		},
		{
			name: "one moves where another one was", groups: "k-finance,Sales\nk-sales,Trade\nk-north,Trade/North\nk-coast,Trade/North/Coast\n",
			csv:  people("Trade;Trade/North", "Trade/North;Trade/North/Coast", "Sales"),
			want: "> group Sales -> Trade\n> group Finance -> Sales\n",
			tree: map[string]string{"k-sales": "Trade: u-ann", "k-north": "Trade/North: u-ann u-ben", "k-coast": "Trade/North/Coast: u-ben", "k-finance": "Sales: u-carl"},
		},
		{
			name: "the upper one goes below the lower one", groups: "k-north,North\nk-sales,North/Sales\nk-coast,North/Coast\nk-finance,Finance\n",
			csv:  people("North/Sales;North", "North;North/Coast", "Finance"),
			want: "> group Sales/North -> North\n> group Sales -> North/Sales\n",
			tree: map[string]string{"k-north": "North: u-ann u-ben", "k-sales": "North/Sales: u-ann", "k-coast": "North/Coast: u-ben"},
		},
		{
			name: "the upper one is exchanged, and the lower one stays", groups: "k-sales,Finance\nk-north,Sales/North\nk-coast,Sales/North/Coast\nk-finance,Sales\n",
			csv:  people("Finance;Sales/North", "Sales/North;Sales/North/Coast", "Sales"),
			want: "> group Sales/North -> Finance/North\n> group Sales -> Finance_bc1d8613\n> group Finance -> Sales\n> group Finance_bc1d8613 -> Finance\n",
			tree: map[string]string{"k-sales": "Finance: u-ann", "k-finance": "Sales: u-carl"},
		},
		{
			name: "the upper one is replaced, and the lower one stays", groups: "k-sales,Trade\nk-north,Sales/North\nk-coast,Sales/North/Coast\nk-finance,Sales\n",
			csv:  people("Trade;Sales/North", "Sales/North;Sales/North/Coast", "Sales"),
			want: "> group Sales/North -> Finance/North\n> group Sales -> Trade\n> group Finance -> Sales\n",
			tree: map[string]string{"k-sales": "Trade: u-ann", "k-finance": "Sales: u-carl"},
		},
		{
			name: "the lower one is where the other one was, and another one takes its place below", groups: "k-sales,Trade\nk-north,Sales/North\nk-coast,Trade/North\nk-finance,Sales\n",
			csv:  people("Trade;Sales/North", "Sales/North;Trade/North", "Sales"),
			want: "> group Sales/North -> Finance/North\n> group Sales -> Trade\n> group Finance/North/Coast -> Finance/North/North\n> group Finance/North/North -> Trade/North\n> group Finance -> Sales\n",
			tree: map[string]string{"k-sales": "Trade: u-ann", "k-finance": "Sales: u-carl", "k-coast": "Trade/North: u-ben"},
		},
		{
			name: "three layers are turned round", groups: "k-coast,Sales\nk-north,Sales/North\nk-sales,Sales/North/Coast\nk-finance,Finance\n",
			csv:  people("Sales/North/Coast;Sales/North", "Sales/North;Sales", "Finance"),
			want: "> group Sales/North/Coast -> Sales/North/Sales\n> group Sales -> Coast\n> group Coast/North/Sales -> Sales\n> group Coast/North -> Sales/North\n> group Coast -> Sales/North/Coast\n",
			tree: map[string]string{"k-coast": "Sales: u-ben", "k-sales": "Sales/North/Coast: u-ann"},
		},
		{
			name: "only the upper one is elsewhere", groups: "k-sales,Trade\nk-north,Sales/North\nk-coast,Sales/North/Coast\nk-finance,Finance\n",
			csv:  people("Trade;Sales/North", "Sales/North;Sales/North/Coast", "Finance"),
			want: "> group Sales -> Trade\n+ group Sales\n> group Trade/North -> Sales/North\n", created: 1, actions: []string{"CreateUserGroup"},
			tree: map[string]string{"k-sales": "Trade: u-ann"},
		},
		{
			name: "below a group without a key, the lower one stays", groups: "k-sales,Trade\nk-coast,Sales/North/Coast\nk-finance,Sales\n",
			csv:  people("Trade;Trade/North", "Trade/North;Sales/North/Coast", "Sales"),
			want: "> group Sales -> Trade\n> group Finance -> Sales\n+ group Sales/North\n> group Trade/North/Coast -> Sales/North/Coast\n", created: 1, actions: []string{"CreateUserGroup"},
			tree: map[string]string{"k-sales": "Trade: u-ann", "k-north": "Trade/North: u-ann u-ben", "k-finance": "Sales: u-carl"},
		},
		{
			name: "a new group takes the place, with the old one in it", groups: "k-new,Finance\nk-finance,Finance/Books\n" + strings.ReplaceAll(asIs, "k-finance,Finance\n", ""),
			csv:  people("Sales;Sales/North", "Sales/North;Sales/North/Coast", "Finance/Books;Finance"),
			want: "> group Finance -> Books\n+ group Finance\n> group Books -> Finance/Books\n+ 103: Finance\n",
			tree: map[string]string{"k-new": "Finance: u-carl", "k-finance": "Finance/Books: u-carl"}, actions: []string{"CreateUserGroup", "AddUserGroupMember"},
		},
		{
			name: "letter case, composition and blanks", groups: strings.NewReplacer("Finance", "FINANCE", "North", "  Nörth ").Replace(asIs),
			csv:  people("Sales;Sales/Nörth", "Sales/no\u0308rth;Sales/NÖRTH/Coast", "finance"),
			want: "> group Finance -> FINANCE\n> group Sales/North -> Sales/Nörth\n",
			tree: map[string]string{"k-finance": "FINANCE: u-carl", "k-north": "Sales/Nörth: u-ann u-ben", "k-coast": "Sales/Nörth/Coast: u-ben"},
		},
		{
			name: "created with a key, or without", groups: asIs + "8d1f-22,Finance/Books\n\"CN=Tax, OU=Finance\",Finance/Tax\n", csv: people("Sales;Sales/North", "Sales/North;Sales/North/Coast", "Finance;Finance/Books;Finance/Tax;Finance/Law"),
			want: "+ group Finance/Books\n+ group Finance/Law\n+ group Finance/Tax\n+ 103: Finance/Books\n+ 103: Finance/Tax\n+ 103: Finance/Law\n",
			tree: map[string]string{"8d1f-22": "Finance/Books: u-carl", "key-916b4f5cd044a57d93a620acc922931ed2299015": "Finance/Tax: u-carl"}, created: 1,
			actions: []string{"CreateUserGroup", "AddUserGroupMembers"},
		},
		{
			name: "its place is taken", groups: strings.Replace(asIs, "k-finance,Finance", "k-finance,Old", 1), csv: people("Sales;Sales/North", "Sales/North;Sales/North/Coast", "Old"),
			want: "? line 5: the group Old: the group with its key is Finance, and another group is in its place; it is left alone\n" +
				"? 103: line 4: the group Old is left alone: the group with its key is Finance, and another group is in its place\n" +
				"? 104: line 5: the group Old is left alone: the group with its key is Finance, and another group is in its place\n",
		},
		{
			name: "its place looks taken", groups: strings.Replace(asIs, "k-finance,Finance", "k-finance,Ｏld", 1), csv: people("Sales;Sales/North", "Sales/North;Sales/North/Coast", "Finance"),
			want: "? line 5: the group Ｏld: a group that only looks alike is above it, or in its place; it is left alone\n" +
				"? 103: line 4: the group Finance is left alone\n",
		},
		{
			name: "one key, two groups; one group, two keys; no key", groups: "k-sales,Sales\nk-sales,Trade\nk-north,Sales/North\nk-x,Finance\nk-finance,Finance\n,Old\n#N/A,Older\nk-9,A//B\n2.08812E+17,Rounded\n",
			csv: people("Sales", "Sales/North;Sales/North/Coast", "Finance"),
			want: `? line 7: the group Old: it has no key; it is left alone
? line 8: the group Older: it has no key; it is left alone
? line 9: group path "A//B" has an empty name
? line 10: the group Rounded: its key 2.08812E+17 has been rounded by a spreadsheet: format the column as text and export it again; it is left alone
? line 2: the group Sales: another group has its key; it is left alone
? line 3: the group Trade: another group has its key; it is left alone
? line 5: the group Finance: it has two keys; it is left alone
? line 6: the group Finance: it has two keys; it is left alone
? 101: line 2: the group Sales is left alone: another group has its key
? 102: line 3: the group Sales is left alone: another group has its key
? 102: line 3: the group Sales is left alone: another group has its key
? 103: line 4: the group Finance is left alone: it has two keys
? 104: line 5: the group Old is left alone: it has no key
`,
		},
		{
			name: "what the service would refuse", groups: "k-finance,R&D\nk-sales,Sales\nk-north,Sales/1/2/3/4/5/6/7/8/North\n", csv: "101,Sales\n102,\n103,R&D\n104,Old\n",
			want: `? line 2: the group R&D: it cannot be called so: the service refuses the character '&'; it is left alone
? line 4: the group Sales/1/2/3/4/5/6/7/8/North: there would be 11 layers of groups with those below it, and there can be 10; it is left alone
? 103: line 4: the group R&D is left alone: it cannot be called so: the service refuses the character '&'
`,
		},
		{
			name: "where Within does not reach", within: []string{"Sales"}, groups: "k-finance,Sales/Finance\nk-coast,Coast\nk-sales,Sales\nk-north,Sales/North\n",
			csv: "101,Sales;Sales/North\n102,Sales/North\n103,Sales/Finance\n104,\n",
			want: "? line 2: the group Sales/Finance: its key is that of the group Finance, where Within does not reach; it is left alone\n" +
				"? line 3: the group Coast: it is to be where Within does not reach; it is left alone\n" +
				"? 103: line 4: the group Sales/Finance is left alone: its key is that of the group Finance, where Within does not reach\n",
		},
		{
			name: "Within is renamed", within: []string{"Sales", "Vertrieb"}, groups: strings.ReplaceAll(asIs, "Sales", "Vertrieb"), csv: people("Vertrieb;Vertrieb/North", "Vertrieb/North;Vertrieb/North/Coast", ""),
			want: "> group Sales -> Vertrieb\n",
			tree: map[string]string{"k-sales": "Vertrieb: u-ann", "k-north": "Vertrieb/North: u-ann u-ben", "k-coast": "Vertrieb/North/Coast: u-ben"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, keyedGroups())
			before := o.tree()
			want := maps.Clone(before)
			maps.Copy(want, tt.tree)
			s := unlimited(dirsync.Syncer{Client: o.client, Within: tt.within, Reports: t.TempDir()})
			var err error
			if s.Groups, err = (dirsync.CSVFormat{}).Groups(strings.NewReader("key,path\n" + tt.groups)); err != nil {
				t.Fatal(err)
			}
			source := "account_id,groups\n" + tt.csv
			plan := planOf(t, s, source)
			mustBe(t, "plan", tt.want, strings.TrimPrefix(strings.ReplaceAll(show(t, plan), "acme:carl", "103"), "\n"))
			again := saved(t, s, plan)
			o.ResetCalls()
			mustApply(t, again)
			if n := len(o.Calls()); n != again.Calls() {
				t.Errorf("%d calls, and %d were foreseen", n, again.Calls())
			}
			for _, action := range actions(o.sent()) {
				if !slices.Contains(append(tt.actions, "UpdateUserGroup", "TransferUsergroup"), action) {
					t.Errorf("it sent %s", action)
				}
			}
			got := o.tree()
			maps.DeleteFunc(got, func(id, _ string) bool { return len(id) == 36 && want[id] == "" })
			if diff := cmp.Diff(want, got); diff != "" || len(o.tree()) != len(want)+tt.created {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if len(s.Within) > 1 {
				s.Within = s.Within[1:] // the first one has another name now
			}
			mustBeEmpty(t, s, source)
			if slices.Contains(tt.actions, "CreateUserGroup") || again.Empty() {
				return
			}
			back := undone(t, s)
			mustApply(t, back)
			mustBe(t, "taken back", before, o.tree())
		})
	}
}

// Whatever the source does with its groups, each one with a key ends where the source has
// it, with who is in it. The steps are possible as the plan shows them, and can be taken back.
func TestGroupKeysAnywhere(t *testing.T) {
	t.Parallel()
	withSeeds(t, 100, 30, 3, groupsAnywhere)
}

func groupsAnywhere(t *testing.T, rng *rand.Rand) {
	const n = 7
	forest := func() []string { // paths of which each one's parent is there
		paths := []string{""}
		for len(paths) <= n {
			above := paths[rng.IntN(len(paths))]
			path := strings.TrimPrefix(above+"/"+string(rune('X'+rng.IntN(3))), "/")
			if !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		return paths[1:]
	}
	var start quickbitest.Organization
	paths := forest()
	for i, path := range paths {
		id := fmt.Sprintf("k-%d", i)
		start.Users = append(start.Users, quickbitest.User{UserID: "u" + id, AccountID: fmt.Sprint(101 + i), AccountName: "acme:" + id, NickName: id})
		above, name := "", path
		if at := strings.LastIndex(path, "/"); at >= 0 {
			above, name = fmt.Sprintf("k-%d", slices.Index(paths, path[:at])), path[at+1:]
		}
		start.UserGroups = append(start.UserGroups, quickbitest.UserGroup{UserGroupID: id, ParentUserGroupID: above, UserGroupName: name, UserIDs: []string{"u" + id}})
	}
	o := newOrg(t, start)
	before := o.tree()
	s := unlimited(dirsync.Syncer{Client: o.client, Reports: t.TempDir()})
	to := slices.Clone(paths)
	if rng.IntN(3) == 0 {
		to = forest()
	}
	if rng.IntN(3) == 0 {
		rng.Shuffle(n, func(i, j int) { to[i], to[j] = to[j], to[i] })
	} else {
		for range 1 + rng.IntN(2) {
			i, j := rng.IntN(n), rng.IntN(n)
			to[i], to[j] = to[j], to[i]
		}
	}
	want := map[string]string{}
	source := "account_id,groups\n"
	for i, path := range to {
		if rng.IntN(12) == 0 {
			path = fmt.Sprintf("V%d/%s", i, path)
		}
		id := fmt.Sprintf("k-%d", i)
		s.Groups = append(s.Groups, dirsync.Group{Key: id, Path: path})
		want[id] = path + ": u" + id
		source += fmt.Sprintf("%d,%s\n", 101+i, path)
	}
	plan := mustPlan(t, s, source)
	there := slices.Clone(paths)
	created := false
	for line := range strings.Lines(show(t, plan)) {
		from, at, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "> group "), " -> ")
		if path, ok := strings.CutPrefix(from, "+ group "); ok {
			created, from, at = true, "", path
		}
		above := at[:max(0, strings.LastIndex(at, "/"))]
		if slices.Contains(there, at) || above != "" && !slices.Contains(there, above) || from != "" && !slices.Contains(there, from) || above == from && from != "" || strings.HasPrefix(above, from+"/") {
			t.Errorf("%q is not possible with %q, in\n%s", line, there, show(t, plan))
		}
		for i, path := range there {
			if path == from || strings.HasPrefix(path, from+"/") && from != "" {
				there[i] = at + path[len(from):]
			}
		}
		if from == "" {
			there = append(there, at)
		}
	}
	o.ResetCalls()
	mustApply(t, plan)
	if n := len(o.Calls()); n != plan.Calls() {
		t.Errorf("%d calls, and %d were foreseen", n, plan.Calls())
	}
	got := o.tree()
	maps.DeleteFunc(got, func(id, users string) bool { return len(id) == 36 && strings.HasSuffix(users, ": ") })
	mustBe(t, "groups", want, got)
	mustBeEmpty(t, s, source)
	if !created && !plan.Empty() {
		mustApply(t, undone(t, s))
		mustBe(t, "taken back", before, o.tree())
	}
}

// Whatever is lost, groups end where the source has them, and nobody joins or leaves
// one on the way. A group that cannot be moved is not taken for the new one in its place.
func TestGroupKeysUnderFaults(t *testing.T) {
	t.Parallel()
	const source = "account_id,groups\n101,Trade;Trade/North\n102,Trade/North;Trade/North/Coast;Sales\n103,Trade/Finance\n104,Old\n"
	groups := []dirsync.Group{
		{Key: "k-sales", Path: "Trade"}, {Key: "k-north", Path: "Trade/North"}, {Key: "k-coast", Path: "Trade/North/Coast"},
		{Key: "k-finance", Path: "Trade/Finance"}, {Key: "k-new", Path: "Sales"},
	}
	for _, tt := range []struct {
		name, action string
		fault        quickbitest.Fault
		times        int
		meanwhile    func(*testing.T, *org) error
		is           error
		failed       []dirsync.Kind
	}{
		{name: "answers are lost", action: "UpdateUserGroup", fault: quickbitest.DropAfter(), times: -1},
		{name: "moves are lost", action: "TransferUsergroup", fault: quickbitest.DropBefore(), times: 2},
		{name: "moves are answered late", action: "TransferUsergroup", fault: quickbitest.DropAfter(), times: -1},
		{name: "creations are lost", action: "CreateUserGroup", fault: quickbitest.DropAfter(), times: -1},
		{name: "no rename", action: "UpdateUserGroup", fault: quickbitest.Refuse("UserGroup.Already.Synchronized"), times: -1,
			failed: []dirsync.Kind{dirsync.RenameGroup, dirsync.CreateGroup, dirsync.Join}},
		{name: "renamed since", action: "AddUser", fault: quickbitest.DropBefore(), times: 1, is: dirsync.ErrChanged, meanwhile: func(t *testing.T, o *org) error {
			_, err := o.client.UpdateUserGroup(t.Context(), &quickbi.UpdateUserGroupRequest{UserGroupID: "k-sales", UserGroupName: "Selling"})
			return err
		}, failed: []dirsync.Kind{dirsync.RenameGroup}},
		{name: "deleted since", action: "AddUser", fault: quickbitest.DropBefore(), times: 1, is: dirsync.ErrChanged, meanwhile: func(t *testing.T, o *org) error {
			_, err := o.client.DeleteUserGroup(t.Context(), &quickbi.DeleteUserGroupRequest{UserGroupID: "k-finance"})
			return err
		}, failed: []dirsync.Kind{dirsync.MoveGroup}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, keyedGroups())
			s := unlimited(dirsync.Syncer{Client: o.client, Groups: groups})
			plan := mustPlan(t, s, source)
			if want := "> group Sales -> Trade\n> group Finance -> Trade/Finance\n+ group Sales\n+ acme:ben: Sales\n"; show(t, plan) != want {
				t.Fatalf("%s", show(t, plan))
			}
			if tt.meanwhile != nil {
				if err := tt.meanwhile(t, o); err != nil {
					t.Fatal(err)
				}
			}
			o.ResetCalls()
			o.Fail(tt.action, tt.fault, tt.times)
			report, err := plan.Apply(t.Context())
			o.ClearFaults()
			var failed []dirsync.Kind
			for _, f := range report.Failed {
				failed = append(failed, f.Kind)
			}
			if !slices.Equal(failed, tt.failed) || (err != nil) != (len(tt.failed) > 0) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v: %v", err, failed)
			}
			want := map[string]string{"k-sales": "Trade: u-ann", "k-north": "Trade/North: u-ann u-ben", "k-coast": "Trade/North/Coast: u-ben", "k-finance": "Trade/Finance: u-carl", "g-old": "Old: u-dora", "k-new": "Sales: u-ben"}
			if len(tt.failed) == 0 {
				o.mustSend(t, "UpdateUserGroup", "TransferUsergroup", "CreateUserGroup", "AddUserGroupMember")
				mustBe(t, "groups", want, o.tree())
			}
			if got := o.tree()["k-sales"]; !strings.HasSuffix(got, ": u-ann") {
				t.Errorf("Sales: %s", got)
			}
			mustApply(t, mustPlan(t, s, source))
			if diff := cmp.Diff(want, o.tree()); diff != "" {
				t.Errorf("groups, in the end (-want +got):\n%s", diff)
			}
			mustBeEmpty(t, s, source)
		})
	}
}

// A process that ends between two steps leaves what the next plan finishes.
func TestGroupKeysStopped(t *testing.T) {
	t.Parallel()
	const source = "account_id,groups\n101,Finance;Finance/North\n102,Finance/North;Finance/North/Coast\n103,Sales\n104,Old\n"
	groups := []dirsync.Group{{Key: "k-sales", Path: "Finance"}, {Key: "k-north", Path: "Finance/North"}, {Key: "k-coast", Path: "Finance/North/Coast"}, {Key: "k-finance", Path: "Sales"}}
	for stopAt := range 3 {
		o := newOrg(t, keyedGroups())
		before := o.tree()
		s := unlimited(dirsync.Syncer{Client: o.client, Groups: groups, Reports: t.TempDir()})
		ctx, stop := context.WithCancel(t.Context())
		s.Progress = func(p dirsync.Progress) {
			if p.Changes == stopAt {
				stop()
			}
		}
		_, err := mustPlan(t, s, source).Apply(ctx)
		stop()
		if err == nil {
			t.Fatalf("%d: it did not stop", stopAt)
		}
		s.Progress = nil
		back := undone(t, s)
		text := encode(t, back)
		mustApply(t, mustPlan(t, s, source))
		want := map[string]string{"k-sales": "Finance: u-ann", "k-north": "Finance/North: u-ann u-ben", "k-coast": "Finance/North/Coast: u-ben", "k-finance": "Sales: u-carl", "g-old": "Old: u-dora"}
		if diff := cmp.Diff(want, o.tree()); diff != "" {
			t.Errorf("stopped after %d (-want +got):\n%s", stopAt, diff)
		}
		mustBeEmpty(t, s, source)

		o = newOrg(t, keyedGroups()) // and what a stopped one did can be taken back
		s.Client, s.Reports = o.client, t.TempDir()
		ctx, stop = context.WithCancel(t.Context())
		s.Progress = func(p dirsync.Progress) {
			if p.Changes == stopAt {
				stop()
			}
		}
		_, _ = mustPlan(t, s, source).Apply(ctx)
		stop()
		s.Progress = nil
		again, err := s.Decode(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		mustApply(t, again)
		if diff := cmp.Diff(before, o.tree()); diff != "" {
			t.Errorf("taken back after %d (-want +got):\n%s", stopAt, diff)
		}
	}
}

func TestGroupFiles(t *testing.T) {
	t.Parallel()
	want := []dirsync.Group{{Key: "0012", Path: "Sales", Origin: "line 2"}, {Key: "8d1f", Path: "Sales/North", Origin: "line 4"}}
	for name, text := range map[string]string{
		"commas":     "key,path\n\"=\"\"0012\"\"\",Sales\n,\n8d1f,Sales/North\n",
		"semicolons": "path;note;key\nSales;x;0012\n;;\nSales/North;;8d1f\n",
		"Chinese":    "部门编码,部门路径\n0012,Sales\n,\n8d1f,Sales/North\n",
	} {
		got, err := dirsync.CSVFormat{}.Groups(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := (dirsync.CSVFormat{Columns: map[string]string{"Nr": "key"}}).Groups(strings.NewReader("id,Nr,path\n1,0012,Sales\n")); err != nil || got[0].Key != "0012" {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{
		"key,group_path\n":                 "no column path",
		"path\n":                           "no column key",
		"key,path,group\n":                 "two columns path",
		"":                                 "is empty",
		"key,path\n1\n2,\xff\n":            "line 2: it has 1 cells, and the first line names 2 columns; line 3: it is not UTF-8",
		"key,path\n1,A,B\n\"2\"x,B\n3,C\n": "line 2: it has 3 cells",
	} {
		if got, err := (dirsync.CSVFormat{}).Groups(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", text, got, err, want)
		}
	}

	lines := `{"key":12,"path":"Sales"}

{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"8d1f","displayName":"Sales/North","members":[]}
{"userName":"acme:ann","groups":[{"value":"8d1f","display":"Sales/North"},{"value":"12","display":"Sales"}]}
{"userName":"acme:ben","groups":[]}
`
	got, err := dirsync.JSONLinesGroups(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]dirsync.Group{{Key: "12", Path: "Sales", Origin: "line 1"}, {Key: "8d1f", Path: "Sales/North", Origin: "line 3"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		`{"userName":"acme:ann"}`:                    "line 1: it is no group",
		`{"userName":"acme:ann","groups":["Sales"]}`: `line 1: the group "Sales" has no key`,
		`{"groups":[{"display":"Sales"}]}` + "\n{":   "has no key: it is an object with value, which is the key, and display, which is the path; line 2: it cannot be read",
		"\xff": "not UTF-8",
		`{"key":"` + strings.Repeat("x", 5<<20) + `","path":"A"}`: "longer than",
	} {
		if got, err := dirsync.JSONLinesGroups(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.50q: %v, %v, want %q", text, got, err, want)
		}
	}
}

func TestGroupID(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"8d1f2c3a-0000-4a5b-9c8d-112233445566": "8d1f2c3a-0000-4a5b-9c8d-112233445566",
		"CN=Tax, OU=Finance":                   "key-916b4f5cd044a57d93a620acc922931ed2299015",
		"-1":                                   "key-1bad6b8cf97131fceab8543e81f7757195fbb1d3",
		"财务":                                   "key-506c068a2a1eb95aabf52a2a3518cdeddffb2bb7",
		strings.Repeat("x", 64):                strings.Repeat("x", 64),
		strings.Repeat("x", 65):                "key-9537c5fdf120482f7d58d25e9ed583f52c02b4e3",
	} {
		if got := dirsync.GroupID(key); got != want {
			t.Errorf("%q is %s, want %s", key, got, want)
		}
	}
}
