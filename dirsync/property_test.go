package dirsync_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// A person has an account, whether or not Quick BI shows all of it.
type person struct {
	id, parent, login string
	shownParent       string // "" if the list of members does not tell
}

func (p person) name() string { return p.parent + ":" + p.login }

// tidy takes off what nobody sees, and the letter case.
func tidy(s string) string {
	s = strings.NewReplacer("\u200b", "", "\u00a0", " ").Replace(s)
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), " "))
}

// A mess is a record as it was made, to judge by it what was done. It knows nothing
// of how the package decides.
type mess struct{ dirsync.Record }

// hasName reports whether the record has a name that can be the account's.
func (m mess) hasName(login, parent string) (given, fits bool) {
	name := tidy(m.AccountName)
	if name == "" || strings.HasPrefix(name, "#") {
		return false, false
	}
	own := ""
	if main, sub, ok := strings.Cut(name, ":"); ok {
		own, name = main, sub
	} else if sub, main, ok := strings.Cut(strings.TrimSuffix(name, ".onaliyun.com"), "@"); ok {
		own, name = main, sub
	}
	return true, name == login && (own == "" || parent == "" || own == parent)
}

func (m mess) hasID() bool { return m.AccountID != "" && !strings.HasPrefix(m.AccountID, "#") }

// names reports whether all that the record tells of an account is that of the
// person. An id that nobody knows contradicts nothing.
func (m mess) names(p person) bool {
	parent := p.parent
	if p.id != "" && m.AccountID == p.id {
		parent = p.shownParent // the id decides, unless what is shown contradicts it
	}
	given, fits := m.hasName(p.login, parent)
	if !given && !m.hasID() || given && !fits {
		return false
	}
	return !m.hasID() || p.id == "" || m.AccountID == p.id
}

// canBeAbout reports whether anything in the record points to the person, and not all
// of it to another one.
func (m mess) canBeAbout(p person, people []person) bool {
	for _, other := range people {
		if given, fits := m.hasName(other.login, other.parent); other.id != p.id && m.AccountID == other.id && given && fits {
			return false
		}
	}
	given, fits := m.hasName(p.login, p.parent)
	if fits || !given && !m.hasID() {
		return true
	}
	return m.hasID() && (m.AccountID == p.id || len(m.AccountID) > 15 && strings.TrimRight(m.AccountID[15:], "0") == "" && strings.HasPrefix(p.id, m.AccountID[:15]))
}

// Random sources, as messy as people's, act on random organizations over a network
// that loses requests and answers. No member ever gets a group, or a role in a workspace, that no
// record of that person names; nobody is deleted or deactivated whom a record may be
// about; nobody leaves a workspace that the source has no say over, or where they own something;
// groups that the source renames keep their ids, and those of which it contradicts
// itself keep their members; and two runs end in an empty plan.
func TestMessySources(t *testing.T) {
	t.Parallel()
	withSeeds(t, 150, 60, 2, messySource)
}

// withSeeds runs a property test with random numbers that are the same every time, from
// a stream of its own.
func withSeeds(t *testing.T, seeds, short, stream uint64, check func(*testing.T, *rand.Rand)) {
	t.Helper()
	if testing.Short() {
		seeds = short
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			check(t, rand.New(rand.NewPCG(seed, stream)))
		})
	}
}

func messySource(t *testing.T, rng *rand.Rand) {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	chance := func(n int) bool { return rng.IntN(n) == 0 }

	// People of two main accounts, some of whom are called alike.
	var people []person
	for i := range 14 {
		people = append(people, person{
			id: fmt.Sprintf("2088123456%05d%03d", i, 100+i*7), parent: pick("main1", "main2"), login: pick(fmt.Sprintf("user%d", i), fmt.Sprintf("user%d", i), "bob", "eve"),
		})
	}
	slices.SortFunc(people, func(a, b person) int { return strings.Compare(a.name()+a.id, b.name()+b.id) })
	people = slices.CompactFunc(people, func(a, b person) bool { return a.name() == b.name() })

	start := quickbitest.Organization{UserGroups: []quickbitest.UserGroup{
		{UserGroupID: "g-a", UserGroupName: "Café"}, {UserGroupID: "g-b", ParentUserGroupID: "g-a", UserGroupName: "North America"}, {UserGroupID: "g-c", UserGroupName: "All"}, {UserGroupID: "g-d", UserGroupName: "Finance"},
	}}
	truth := map[string]person{} // by UserID
	shown := map[string]bool{}   // ids that the listing has
	for i, p := range people {
		if chance(4) {
			continue // no member yet
		}
		u := quickbitest.User{UserID: fmt.Sprintf("u%02d", i), AccountName: p.name(), NickName: fmt.Sprintf("Member %d", i)}
		if u.AccountID = p.id; chance(2) {
			shown[p.id] = true
		}
		if chance(9) {
			u.RoleIDs = []int64{quickbi.OrganizationRoleAdmin}
		} else {
			u.UserType = 1 + rng.IntN(3)
		}
		truth[u.UserID] = p
		start.Users = append(start.Users, u)
		for g := range start.UserGroups {
			if chance(3) {
				start.UserGroups[g].UserIDs = append(start.UserGroups[g].UserIDs, u.UserID)
			}
		}
	}
	start.Workspaces = []quickbitest.Workspace{{WorkspaceID: "w-1", WorkspaceName: "Büro"}, {WorkspaceID: "w-2", WorkspaceName: "Sales"}, {WorkspaceID: "w-3", WorkspaceName: "Twin"}, {WorkspaceID: "w-4", WorkspaceName: "Twin"}}
	for _, u := range start.Users {
		for w := range start.Workspaces {
			if space := &start.Workspaces[w]; u.UserType == 1 && chance(3) {
				space.Users = append(space.Users, quickbitest.WorkspaceUser{UserID: u.UserID, RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}})
				if chance(5) {
					start.Works = append(start.Works, quickbitest.Works{WorksID: "d-" + u.UserID + space.WorkspaceID, WorksName: "Work", WorkspaceID: space.WorkspaceID, OwnerID: u.UserID})
				}
			}
		}
	}
	groups := messyGroups(rng)
	truth[quickbitest.OwnerUserID] = person{id: "1000000000000001", login: "owner"}

	var source []dirsync.Record
	var messes []mess
	for i, p := range people {
		for range 1 + rng.IntN(2) {
			if chance(5) {
				continue
			}
			r := dirsync.Record{NickName: fmt.Sprintf("New %d", i), Origin: fmt.Sprint("line ", len(source)+2)}
			switch rng.IntN(4) {
			case 0:
				r.AccountID = p.id
			case 1:
				r.AccountName = p.name()
			default:
				r.AccountID, r.AccountName = p.id, p.name()
			}
			switch rng.IntN(14) {
			case 0:
				r.AccountName = p.login
			case 1:
				r.AccountName = p.login + "@" + p.parent + ".onaliyun.com"
			case 2:
				r.AccountName = "\u200b " + strings.ToUpper(r.AccountName) + "\u00a0"
			case 3:
				if r.AccountID != "" {
					r.AccountID = p.id[:15] + "000"
				}
			case 4:
				r.AccountID = "#N/A"
			case 5:
				r.AccountName = "#REF!"
			case 6:
				r.AccountID = people[rng.IntN(len(people))].id
			case 7:
				if chance(4) {
					r.AccountID, r.AccountName = "", ""
				}
			}
			for range rng.IntN(4) {
				r.Groups = append(r.Groups, pick("Café", "Cafe\u0301", "café", "Café/North America", "CAFÉ / north  america ", "All", "ALL", "all\u200b",
					"Finance", "New", "new ", "New/Below", "R&D", "#N/A", "Ａll", "A\nB", "Coffee", "Books", "All/Books"))
			}
			for range rng.IntN(4) {
				if r.Workspaces == nil {
					r.Workspaces = map[string][]string{}
				}
				if !chance(4) {
					r.Workspaces[pick("Büro", "bu\u0308ro ", "Sales", "w-2", "Sales", "Twin", "Nowhere", "#REF!")] = []string{pick("viewer", "30", "analyst", "Developer", "查看者", "viewer")}
				}
			}
			source = append(source, r)
			messes = append(messes, mess{r})
		}
	}

	source = append(source, dirsync.Record{AccountName: "owner", Workspaces: map[string][]string{}}) // so that somebody speaks of workspaces
	o := newOrg(t, start)
	hideParents := chance(2)
	accounts := regexp.MustCompile(`"AccountId":"[0-9]+"`)
	o.transport.onAnswer = func(action string, body []byte) []byte {
		if action != "QueryUserList" {
			return body
		}
		if hideParents {
			body = regexp.MustCompile(`"AccountName":"(?i:main[12]):`).ReplaceAll(body, []byte(`"AccountName":"`))
		}
		return accounts.ReplaceAllFunc(body, func(field []byte) []byte {
			if id := string(field[len(`"AccountId":"`) : len(field)-1]); slices.ContainsFunc(start.Users, func(u quickbitest.User) bool { return u.AccountID == id }) && !shown[id] {
				return []byte(`"AccountId":""`)
			}
			return field
		})
	}
	s := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true, Workers: 1 + rng.IntN(4), MaxIDs: 1 + rng.IntN(5)})
	if chance(2) {
		s.AddMembersAs = quickbi.UserTypeViewer
	}
	if chance(3) {
		s.Deactivate, s.Reports = true, t.TempDir()
	}
	s.Groups = groups
	if !chance(3) {
		s.UpdateWorkspaces = true
		if chance(2) {
			s.LeaveWorkspaces = []string{"w-2"}
		}
	}
	had, sat := memberships(o), seatsOf(o)
	check := func() {
		t.Helper()
		now := o.Snapshot()
		here := map[string]bool{} // and may log in
		for _, u := range now.Users {
			here[u.UserID] = !u.IsDeleted
			p, known := truth[u.UserID]
			if !hideParents {
				p.shownParent = p.parent
			}
			if p.id != "" && !shown[p.id] {
				p.id = "" // which nobody can know
			}
			if !known { // who was added is who the record said
				p = person{id: u.AccountID, login: u.AccountName}
				p.login = tidy(p.login)
				if main, sub, ok := strings.Cut(p.login, ":"); ok {
					p.parent, p.login = main, sub
				}
				if sub, main, ok := strings.Cut(strings.TrimSuffix(tidy(u.AccountName), ".onaliyun.com"), "@"); ok {
					p.parent, p.login = main, sub
				}
				if p.login == "" { // by id alone
					continue
				}
			}
			for group := range memberships(o)[u.UserID] {
				if had[u.UserID][group] {
					continue
				}
				paths := pathsOf(now.UserGroups, groups, group)
				named := slices.ContainsFunc(messes, func(m mess) bool {
					return m.names(p) && slices.ContainsFunc(m.Groups, func(path string) bool { return paths[tidyPath(path)] })
				})
				if !named {
					t.Errorf("%s, who is %+v, got %s %v, and no record of that person names it; records:\n%s", u.UserID, p, group, paths, about(messes, p, people))
				}
			}
			for seat, roles := range seatsOf(o)[u.UserID] {
				if sat[u.UserID][seat] == roles {
					continue
				}
				named := slices.ContainsFunc(messes, func(m mess) bool { return m.names(p) && m.wants(seat, roles) })
				if !named || !s.UpdateWorkspaces {
					t.Errorf("%s, who is %+v, got the roles %s in %s, and no record of that person names them; records:\n%s", u.UserID, p, roles, seat, about(messes, p, people))
				}
			}
			for seat := range sat[u.UserID] {
				if _, still := seatsOf(o)[u.UserID][seat]; still {
					continue
				}
				owns := slices.ContainsFunc(start.Works, func(w quickbitest.Works) bool { return w.OwnerID == u.UserID && w.WorkspaceID == seat })
				wanted := slices.ContainsFunc(messes, func(m mess) bool { return known && m.names(truth[u.UserID]) && m.wants(seat, "") })
				if !slices.Contains(s.LeaveWorkspaces, seat) || owns || wanted {
					t.Errorf("%s, who is %+v, left the workspace %s; owns something: %v, is wanted: %v; records:\n%s", u.UserID, p, seat, owns, wanted, about(messes, p, people))
				}
			}
		}
		for _, g := range start.UserGroups {
			i := slices.IndexFunc(now.UserGroups, func(other quickbitest.UserGroup) bool { return other.UserGroupID == g.UserGroupID })
			if i < 0 {
				t.Fatalf("the group %s is gone", g.UserGroupID)
			}
			if !contradicted(groups, g.UserGroupID) {
				continue
			}
			before, after := g.UserIDs, now.UserGroups[i].UserIDs
			for _, id := range slices.Concat(before, after) {
				if here[id] && slices.Contains(before, id) != slices.Contains(after, id) {
					t.Errorf("the source contradicts itself about the group %s, and %s has joined or left it", g.UserGroupID, id)
				}
			}
		}
		for id, p := range truth {
			if !here[id] && slices.ContainsFunc(messes, func(m mess) bool { return m.canBeAbout(p, people) }) {
				t.Errorf("%s, who is %+v, was deleted or deactivated, and a record may be about that person:\n%s", id, p, about(messes, p, people))
			}
		}
	}
	var plan *dirsync.Plan
	var last error
	for n := 0; ; n++ {
		if n == 40 {
			t.Fatalf("it does not end: %v", last)
		}
		for range 2 {
			fault := []quickbitest.Fault{quickbitest.DropBefore(), quickbitest.DropAfter(), quickbitest.Refuse("Throttling.User"), quickbitest.NotPerformed()}[rng.IntN(4)]
			if n < 20 {
				o.Fail(writes[rng.IntN(13)], fault, 1+rng.IntN(4))
			}
		}
		if n < 20 && chance(3) {
			o.Fail(pick("QueryUserList", "QueryUserInfoByAccount", "QueryUserGroupMember", "ListByUserGroupId", "ListWorkspaceRoleUsers", "ListWorkspaceUserRolesByUserId"), quickbitest.DropBefore(), 1)
		}
		var err error
		if plan, err = s.Plan(t.Context(), dirsync.Records(slices.Values(source))); err != nil {
			o.ClearFaults()
			last = err
			continue
		}
		_, err = plan.Apply(t.Context())
		o.ClearFaults()
		check()
		if last = err; err == nil {
			break
		}
	}
	// What was not clear while accounts were yet to be added can be clear now.
	plan, err := s.Plan(t.Context(), dirsync.Records(slices.Values(source)))
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, plan)
	check()
	if plan, err = s.Plan(t.Context(), dirsync.Records(slices.Values(source))); err != nil {
		t.Fatal(err)
	}
	if !plan.Empty() {
		t.Errorf("all is done, and the next plan is not empty:\n%s", show(t, plan))
	}
}

// about lists the records that point to a person in some way.
func about(messes []mess, p person, people []person) string {
	var b strings.Builder
	for _, m := range messes {
		if m.canBeAbout(p, people) || strings.Contains(tidy(m.AccountName), p.login) {
			fmt.Fprintf(&b, "  %s: %q %q %q %q\n", m.Origin, m.AccountID, m.AccountName, m.Groups, m.Workspaces)
		}
	}
	return b.String()
}

// memberships returns the ids of the groups of each member.
func memberships(o *org) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, g := range o.Snapshot().UserGroups {
		for _, id := range g.UserIDs {
			if all[id] == nil {
				all[id] = map[string]bool{}
			}
			all[id][g.UserGroupID] = true
		}
	}
	return all
}

// seatsOf returns the roles of each member, by workspace.
func seatsOf(o *org) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, w := range o.Snapshot().Workspaces {
		for _, u := range w.Users {
			if all[u.UserID] == nil {
				all[u.UserID] = map[string]string{}
			}
			all[u.UserID][w.WorkspaceID] = fmt.Sprint(u.RoleIDs)
		}
	}
	return all
}

// wants reports whether the record names a workspace with the roles, or with any.
func (m mess) wants(workspaceID, roles string) bool {
	var found []string
	for name, names := range m.Workspaces {
		if (map[string]string{"büro": "w-1", "sales": "w-2", "w-2": "w-2"})[tidy(name)] == workspaceID {
			found = append(found, map[string]string{"viewer": "30", "30": "30", "查看者": "30", "analyst": "27", "developer": "26"}[tidy(names[0])])
		}
	}
	if roles == "" {
		return len(found) > 0
	}
	for role := range strings.FieldsSeq(strings.Trim(roles, "[]")) { // one of several comes before the others
		if !slices.Contains(found, role) {
			return false
		}
	}
	return true
}

// messyGroups returns groups with keys, some of which are elsewhere than those that
// are there, or contradict each other.
func messyGroups(rng *rand.Rand) []dirsync.Group {
	if rng.IntN(3) == 0 {
		return nil
	}
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	all := []dirsync.Group{
		{Key: "g-a", Path: pick("Café", "Cafe\u0301", "Coffee", "All", "New", "Café/North America")},
		{Key: "g-b", Path: pick("Café/North America", "Coffee/North America", "All/North America", "New/Below", "Café")},
		{Key: "g-c", Path: pick("All", "ALL", "Finance", "Café/All", "Ａll", "Café")},
		{Key: "g-d", Path: pick("Finance", "All", "Books", "All/Books", "R&D")},
		{Key: pick("k-new", "g-a", "", "#N/A"), Path: pick("New", "New/Below", "Books")},
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+rng.IntN(len(all))]
}

// tidyPath is tidy for paths.
func tidyPath(path string) string {
	return regexp.MustCompile(`\s*/\s*`).ReplaceAllString(tidy(path), "/")
}

// pathsOf returns the paths that can mean a group: the one it has, and the one that
// the source gives it or those above it.
func pathsOf(now []quickbitest.UserGroup, groups []dirsync.Group, id string) map[string]bool {
	i := slices.IndexFunc(now, func(g quickbitest.UserGroup) bool { return g.UserGroupID == id })
	if i < 0 {
		return map[string]bool{}
	}
	paths := map[string]bool{}
	for _, g := range groups {
		if g.Key == id {
			paths[tidyPath(g.Path)] = true
		}
	}
	name := tidy(now[i].UserGroupName)
	if parent := now[i].ParentUserGroupID; parent == "" || parent == "-1" {
		paths[name] = true
	} else {
		for above := range pathsOf(now, groups, parent) {
			paths[above+"/"+name] = true
		}
	}
	return paths
}

// contradicted reports whether the source says different things about the group with a key.
func contradicted(groups []dirsync.Group, key string) bool {
	for _, a := range groups {
		for _, b := range groups {
			if a.Key == key && b.Key == key && tidyPath(a.Path) != tidyPath(b.Path) || a.Key == key && b.Key != key && b.Key != "" && b.Key != "#N/A" && tidyPath(a.Path) == tidyPath(b.Path) {
				return true
			}
		}
	}
	return false
}
