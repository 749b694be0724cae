package dirsync_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	hr := dirsync.Syncer{Within: []string{"Sales", "Finance"}}
	with := func(change func(*dirsync.Syncer)) dirsync.Syncer {
		s := hr
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name   string
		syncer dirsync.Syncer
		csv    string
		want   string // lines of changes and problems, without the summary

		outside []string
	}{
		{name: "nothing", syncer: hr, csv: staffCSV},
		{
			name: "all groups belong to the source", csv: staffCSV,
			want: `
- ann@example.com: Project X
- carl: Project X`,
		},
		{
			name: "join, leave, move", syncer: hr,
			csv: `account_id,account_name,groups
101,,Sales
102,,Sales/South
103,,Finance; Sales/South;Sales/South
,carl,Sales/South
105,,
`,
			want: `
- ann@example.com: Sales/North
> main:bob: Sales/North -> Sales/South
+ main2:bob: Sales/South
- dora@example.com: Finance`,
		},
		{
			name: "new groups, with those above them", syncer: hr,
			csv: strings.Replace(staffCSV, "Finance", "Finance;Sales/East/Coast/North;Sales/East", 1),
			want: `
+ group Sales/East
+ group Sales/East/Coast
+ group Sales/East/Coast/North
+ main2:bob: Sales/East
+ main2:bob: Sales/East/Coast/North`,
		},
		{
			name: "several records of an account", syncer: hr,
			csv: "account_name,groups\nANN@example.com,Sales\nann@example.com,Sales/North\nmain:bob,Sales/North\nmain2:bob,Finance\ncarl,Sales/South\ndora@example.com,Finance;Finance",
		},
		{
			name: "unknown accounts are not added, nor groups for them", syncer: hr,
			csv: staffCSV + "200,eve@example.com,Sales/West\n",
		},
		{
			name: "unknown accounts are added", syncer: with(func(s *dirsync.Syncer) { s.AddMembersAs = quickbi.UserTypeViewer }),
			csv: "nickname,user_type,account_id,account_name,groups\n,,101,ann@example.com,Sales;Sales/North\n,,102,,Sales/North\n,,103,,Finance\n,,,carl,Sales/South\n,,105,,Finance\n" +
				"Eve,analyst,200,eve@example.com,Sales/West\nFay,,201,fay@example.com,\n,,202,gil@example.com,Finance\n,,1000000000000001,,\n" +
				"Eve,,200,,Finance\nFaye,,201,,Finance\n",
			want: `
+ group Sales/West
+ member eve@example.com as analyst
+ eve@example.com: Finance
+ eve@example.com: Sales/West
? gil@example.com: line 9: it is to be added, but the record has no nickname
? 201: line 12: another record of the account has a different nickname or user type`,
		},
		{
			name: "members without a record are deleted, administrators are not", syncer: with(func(s *dirsync.Syncer) { s.DeleteMembers, s.Successor = true, "ANN@example.com" }),
			csv: "account_id,account_name,groups\n101,ann@example.com,Sales;Sales/North\n103,main2:bob,Finance\n",
			want: `
- dora@example.com: Finance
- member main:bob, works to ann@example.com
- member carl, works to ann@example.com`,
		},
		{
			name: "kept as they are", syncer: with(func(s *dirsync.Syncer) {
				s.DeleteMembers = true
				s.Keep = func(u quickbi.User) bool { return u.UserID == "u-carl" || u.UserID == "u-ann" }
			}),
			csv:  strings.Replace(staffCSV, "Sales;Sales/North", "Finance", 1) + "",
			want: ``,
		},
		{
			name: "a name without its account fits two", syncer: hr,
			csv: strings.NewReplacer("102,main:bob", ",bob", "103,main2:bob", ",nobody").Replace(staffCSV),
			want: `
? bob: line 3: 2 members can be meant: give the account's id`,
		},
		{
			name: "the id decides against the name", syncer: hr,
			csv: strings.NewReplacer("102,main:bob", "102,bob", "103,main2:bob", "103,bob").Replace(staffCSV),
		},
		{
			name: "a RAM user by other spellings", syncer: hr,
			csv: strings.NewReplacer("102,main:bob", ",Main:Bob", ",carl", ",carl@main.onaliyun.com").Replace(staffCSV),
			want: `
? carl: it may be the account carl@main.onaliyun.com, which nobody confirms`,
		},
		{
			name: "a group further down belongs to the source", syncer: dirsync.Syncer{Within: []string{"Sales/North", "Sales/East/Coast"}},
			csv: "account_id,account_name,groups\n101,,Sales/East/Coast\n102,,Sales/North; Sales\n103,,Sales;West / Coast\n",
			want: `
+ group Sales/East
+ group Sales/East/Coast
> ann@example.com: Sales/North -> Sales/East/Coast`,
			outside: []string{"Sales", "West/Coast"},
		},
		{
			name: "other accounts of the same name", syncer: hr,
			csv: strings.NewReplacer("102,main:bob", "999,main:bob", "103,main2:bob", ",main3:bob").Replace(staffCSV),
			want: `
- main2:bob: Finance
? main:bob: line 3: the account id is not that of main:bob, which is 102`,
		},
		{
			name: "what the service would refuse of new members", syncer: with(func(s *dirsync.Syncer) { s.AddMembersAs = quickbi.UserTypeViewer }),
			csv: strings.Replace(staffCSV, "\n", ",nickname\n", 1)[:len("account_id,account_name,groups,nickname\n")] +
				strings.ReplaceAll(strings.SplitN(staffCSV, "\n", 2)[1], "\n", ",\n") +
				",a" + strings.Repeat("b", 50) + ",,Ab\n,ab,," + strings.Repeat("梅", 51) + "\n,abc,," + strings.Repeat("梅", 50) + "\n",
			want: `
+ member abc as viewer
? a` + strings.Repeat("b", 50) + `: line 8: it is to be added, but the account name is longer than 50 characters
? ab: line 9: it is to be added, but the nickname ` + strings.Repeat("梅", 51) + ` cannot be: it has 51 characters, and can have 50`,
		},
		{
			name: "an id that Quick BI may not know yet", syncer: with(func(s *dirsync.Syncer) { s.DeleteMembers = true }),
			csv: strings.Replace(staffCSV, ",carl,", "104,,", 1),
			want: `
? carl: Quick BI does not know the account's id yet, and there are records without an account name, so that it is not clear whether there is one of it`,
		},
		{
			name: "bad groups", syncer: hr,
			csv: strings.NewReplacer("Sales;Sales/North", "Sales//North", "102,main:bob,Sales/North", `102,main:bob,Sales\North`, "\n,carl,Sales/South", "\n,carl,A/B/C/D/E/F/G/H/I/J/K").Replace(staffCSV) + ",,Sales\n",
			want: `
? ann@example.com: line 2: group path "Sales//North" has an empty name
? main:bob: line 3: group path "Sales\\North": a backslash stands before a slash, a semicolon or another backslash
? carl: line 5: group path "A/B/C/D/E/F/G/H/I/J/K" has 11 layers, and there can be 10
? line 8: the record has neither an account id nor an account name`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, staff())
			tt.syncer.Client = o.client
			plan, err := tt.syncer.Plan(t.Context(), dirsync.CSV(strings.NewReader(tt.csv)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for c := range plan.Changes() {
				got = append(got, c.String())
			}
			for _, p := range plan.Problems {
				got = append(got, "? "+p.String())
			}
			mustBe(t, "changes", strings.TrimPrefix(tt.want, "\n"), strings.Join(got, "\n"))
			if n := plan.Counts().Total(); n != len(got)-len(plan.Problems) || plan.Empty() != (n == 0) {
				t.Errorf("%d changes, counted %+v, empty: %v", len(got)-len(plan.Problems), plan.Counts(), plan.Empty())
			}
			mustBe(t, "outside", tt.outside, plan.Outside)
			if calls := o.sent(); len(calls) > 0 {
				t.Errorf("planning sent %v", actions(calls))
			}
		})
	}
}

// Names may have the sign that separates them in paths.
func TestNamesWithSlashes(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "u", AccountName: "ann", NickName: "Ann"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupID: "g", UserGroupName: `R/D`, UserIDs: []string{"u"}}, {UserGroupID: "b", UserGroupName: `a\b`}},
	})
	s := dirsync.Syncer{Client: o.client, Within: []string{`R\/D`, `a\\b`}}
	groups := []string{dirsync.Path("R/D"), dirsync.Path("R/D", "Lab"), `a\\b`}
	plan, err := s.Plan(t.Context(), dirsync.Records(slices.Values([]dirsync.Record{{AccountName: "ann", Groups: groups}})))
	if err != nil || len(plan.Problems) > 0 {
		t.Fatal(err, plan.Problems)
	}
	mustApply(t, plan)
	want := map[string][]string{"R/D": {"ann"}, "R/D/Lab": {"ann"}, `a\b`: {"ann"}}
	mustBe(t, "groups", want, o.groups(t))
	if calls := actions(o.sent()); !cmp.Equal(calls, []string{"CreateUserGroup", "AddUserGroupMembers"}) {
		t.Errorf("sent %v", calls)
	}
	plan, err = s.Plan(t.Context(), dirsync.Records(slices.Values([]dirsync.Record{{AccountName: "ann", Groups: []string{`R\D`}}})))
	if err != nil || len(plan.Problems) != 1 || !strings.Contains(plan.Problems[0].Text, "backslash") {
		t.Errorf("stray backslash: %v, %v", err, plan.Problems)
	}
}

// Groups that do not belong to the source are not even read, but for the way to those that do.
func TestReadsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	if _, err := (dirsync.Syncer{Client: o.client, Within: []string{"Sales/North"}}).Plan(t.Context(), csv(staffCSV)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range o.Calls() {
		got = append(got, c.Action+" "+c.Param("UserGroupId")+c.Param("ParentUserGroupId"))
	}
	want := []string{"QueryOrganizationWorkspaceList ", "QueryUserList ", "QueryUserGroupListByParentId -1", "QueryUserGroupListByParentId g-sales", "QueryUserGroupMember g-north"}
	mustBe(t, "calls", want, got)
}

// What comes twice, or without a name, is the service's doing and does no harm.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	o.Fail("QueryUserList", quickbitest.Raw(200, "application/json", `{"Success":true,"Result":{"TotalPages":1,"Data":[
		{"UserId":"u-ann","AccountName":"ann@example.com"},{"UserId":"u-ann","AccountName":"ann@example.com"},
		{"UserId":"u-1","AccountId":"1"},{"UserId":"u-2"},{"UserId":""}]}}`), 1)
	o.Fail("QueryUserGroupListByParentId", quickbitest.Raw(200, "application/json", `{"Success":true,"Result":[
		{"UserGroupId":"g-1","UserGroupName":"G"},{"UserGroupId":"g-2","UserGroupName":"G"}]}`), 1)
	o.Fail("QueryUserGroupMember", quickbitest.Raw(200, "application/json", `{"Success":true,"Result":[
		{"Id":"u-ann"},{"Id":"u-1"},{"Id":"u-2"},{"Id":"u-new"},{"Id":"u-ann"}]}`), 1)
	plan := planOf(t, dirsync.Syncer{Client: o.client}, "account_name,groups\nann@example.com,G\n")
	var out bytes.Buffer
	if err := plan.Print(&out); err != nil {
		t.Fatal(err)
	}
	want := `? there are two groups G, with the ids g-1 and g-2; they are left alone
? ann@example.com: line 2: there are two groups G
1 records, 3 members, 0 memberships: no changes
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlanErrors(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	broken := errors.New("the connection to LDAP broke")
	endless := func(yield func(dirsync.Record, error) bool) {
		for yield(dirsync.Record{}, broken) {
		}
	}
	for _, tt := range []struct {
		name   string
		syncer dirsync.Syncer
		source iter.Seq2[dirsync.Record, error]
		want   []string
	}{
		{"no client", dirsync.Syncer{MaxIDs: 1001, Workers: -1, MaxRemove: 1.5, Within: []string{"a//b"}, Successor: "ann"}, nil,
			[]string{"Client is missing", "MaxIDs is 1001", "cannot be negative", "MaxRemove is 1.5", `"a//b"`, "without DeleteMembers"}},
		{"no source", dirsync.Syncer{Client: o.client}, nil, []string{"source is nil"}},
		{"broken source", dirsync.Syncer{Client: o.client}, endless, []string{broken.Error() + "; " + broken.Error()}},
		{"rows", dirsync.Syncer{Client: o.client}, dirsync.CSV(strings.NewReader("account_name,user_type,groups\nann,boss,\nbob\ncarl,,Sales\ndora,chief,")),
			[]string{`line 2: "boss" is no user type`, "line 3", `line 5: "chief"`}},
		{"unknown successor", dirsync.Syncer{Client: o.client, DeleteMembers: true, Successor: "nobody"}, csv(staffCSV), []string{"nobody"}},
		{"ambiguous successor", dirsync.Syncer{Client: o.client, DeleteMembers: true, Successor: "bob"}, csv(staffCSV), []string{"2 members"}},
		{"successor is a viewer", dirsync.Syncer{Client: o.client, DeleteMembers: true, Successor: "main:bob"}, csv(staffCSV), []string{"viewer"}},
		{"successor leaves", dirsync.Syncer{Client: o.client, DeleteMembers: true, Successor: "103"}, csv("account_id,groups\n101,\n"), []string{"main2:bob is not in the source"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.syncer.Plan(t.Context(), tt.source)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q in it", err, want)
				}
			}
			if tt.name == "broken source" && !errors.Is(err, broken) {
				t.Errorf("%v does not match what led to it", err)
			}
		})
	}
	for _, action := range []string{"QueryUserList", "QueryUserGroupListByParentId", "QueryUserGroupMember"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, staff())
			o.Fail(action, quickbitest.Refuse("Access.Forbidden"), 1)
			_, err := dirsync.Syncer{Client: o.client}.Plan(t.Context(), csv(staffCSV))
			if !errors.Is(err, quickbi.ErrPermission) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	// An office of 200 in one department, and a group of 20.
	office := quickbitest.Organization{UserGroups: []quickbitest.UserGroup{{UserGroupID: "g-all", UserGroupName: "All"}, {UserGroupID: "g-club", UserGroupName: "Club"}}}
	for i := range 200 {
		id := fmt.Sprintf("u%03d", i)
		office.Users = append(office.Users, quickbitest.User{UserID: id, AccountName: "acme:" + id, NickName: id})
		office.UserGroups[0].UserIDs = append(office.UserGroups[0].UserIDs, id)
		if i < 20 {
			office.UserGroups[1].UserIDs = append(office.UserGroups[1].UserIDs, id)
		}
	}
	// without returns the source with members left out, members without the club, and newcomers.
	without := func(gone, clubless, come int) string {
		text := "account_name,nickname,groups\n"
		for i := range 200 {
			switch {
			case i >= 200-gone:
			case i < 20 && i >= clubless:
				text += fmt.Sprintf("acme:u%03d,,All;Club\n", i)
			default:
				text += fmt.Sprintf("acme:u%03d,,All\n", i)
			}
		}
		for i := range come {
			text += fmt.Sprintf("acme:n%03d,New %d,All\n", i, i)
		}
		return text + "owner,,\n"
	}
	all := dirsync.Syncer{DeleteMembers: true, AddMembersAs: quickbi.UserTypeViewer}
	with := func(change func(*dirsync.Syncer)) dirsync.Syncer {
		s := all
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name                 string
		syncer               dirsync.Syncer
		gone, clubless, come int
		want                 []string // fields
	}{
		{name: "nothing", syncer: all},
		{name: "a normal day", syncer: all, gone: 3, clubless: 5, come: 10},
		{name: "a tenth of the memberships may end", syncer: with(func(s *dirsync.Syncer) { s.DeleteMembers = false }), gone: 22},
		{name: "and no more", syncer: with(func(s *dirsync.Syncer) { s.DeleteMembers = false }), gone: 23, want: []string{"MaxRemove"}},
		{name: "allowed share", syncer: with(func(s *dirsync.Syncer) { s.DeleteMembers, s.MaxRemove = false, 0.2 }), gone: 44},
		{name: "an absolute cap", syncer: with(func(s *dirsync.Syncer) { s.DeleteMembers, s.MaxRemoveCount = false, 7 }), gone: 8, want: []string{"MaxRemoveCount"}},
		{name: "one group", syncer: all, clubless: 11, want: []string{"MaxRemovePerGroup"}},
		{name: "one group, allowed", syncer: with(func(s *dirsync.Syncer) { s.MaxRemovePerGroup = 0.55 }), clubless: 11},
		{name: "few deletions", syncer: all, gone: 4, want: []string{"MaxDelete"}},
		{name: "deletions, allowed", syncer: with(func(s *dirsync.Syncer) { s.MaxDelete = 0.1 }), gone: 20},
		{name: "deletions, the cap", syncer: with(func(s *dirsync.Syncer) { s.MaxDelete, s.MaxDeleteCount = 1, 19 }), gone: 20, want: []string{"MaxDeleteCount"}},
		{name: "no deletion", syncer: with(func(s *dirsync.Syncer) { s.MaxDelete = -1 }), gone: 1, want: []string{"MaxDelete"}},
		{name: "additions", syncer: all, come: 101, want: []string{"MaxAdd"}},
		{name: "additions, allowed", syncer: with(func(s *dirsync.Syncer) { s.MaxAdd = 101 }), come: 101},
		{name: "nothing allowed", syncer: dirsync.Syncer{MaxRemove: -1, MaxRemovePerGroup: -1, MaxRemoveCount: -1}, clubless: 1, want: []string{"MaxRemove", "MaxRemoveCount", "MaxRemovePerGroup"}},
		{name: "an empty source", syncer: all, gone: 200, clubless: 20, want: []string{"MaxRemove", "MaxDelete", "MaxDeleteCount", "MaxRemovePerGroup", "MaxRemovePerGroup"}},
		{name: "everything allowed", syncer: unlimited(all), gone: 200, clubless: 20, come: 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, office)
			tt.syncer.Client = o.client
			plan := planOf(t, tt.syncer, without(tt.gone, tt.clubless, tt.come))
			err := plan.Guard()
			var got []string
			for _, e := range guardErrors(err) {
				got = append(got, e.Field)
				if e.N <= e.Most || e.N > e.Of && e.Field != "MaxAdd" || !strings.Contains(err.Error(), e.Field+" ("+e.Flag+")") {
					t.Errorf("%+v: %v", e, err)
				}
			}
			mustBe(t, "guards", tt.want, got)
			if errors.Is(err, dirsync.ErrGuard) != (len(tt.want) > 0) {
				t.Errorf("%v", err)
			}
			if len(tt.want) == 0 {
				return
			}
			if report, err := plan.Apply(t.Context()); !errors.Is(err, dirsync.ErrGuard) || report != nil {
				t.Errorf("applied all the same: %v", err)
			}
			if calls := actions(o.sent()); len(calls) > 0 {
				t.Errorf("sent %v all the same", calls)
			}
		})
	}
}

// guardErrors returns the limits that an error names.
func guardErrors(err error) []*dirsync.GuardError {
	if e, ok := err.(*dirsync.GuardError); ok {
		return []*dirsync.GuardError{e}
	}
	var all []*dirsync.GuardError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			all = append(all, guardErrors(one)...)
		}
	}
	return all
}

func TestPrint(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	s := dirsync.Syncer{Client: o.client, Within: []string{"Sales", "Finance", "Legal"}}
	plan := planOf(t, s, strings.Replace(staffCSV, "Finance", "Finance;Legal;Project X", 1)+"7,eve@example.com,Legal\n,,Sales\n")
	var out bytes.Buffer
	if err := plan.Print(&out); err != nil {
		t.Fatal(err)
	}
	want := `+ group Legal
+ main2:bob: Legal
? line 9: the record has neither an account id nor an account name
! nothing is taken away from anybody: a record names nobody: line 9
8 records, 6 members, 6 memberships: 1 create-group, 1 join
accounts that are no members: 1
groups left alone: Project X
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := plan.Print(full{}); err == nil {
		t.Error("a full disk went unnoticed")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
