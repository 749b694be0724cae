package offboarding

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// A world is a random organization, and who is to leave it.
type world struct {
	seed    quickbitest.Organization
	leavers []string
	groups  map[string][]string // of each member, sorted
	works   map[string]string   // owner by id
}

func newWorld(r *rand.Rand) world {
	w := world{groups: make(map[string][]string), works: make(map[string]string)}
	roles := []int64{quickbi.WorkspaceRoleAdmin, quickbi.WorkspaceRoleDeveloper, quickbi.WorkspaceRoleAnalyst, quickbi.WorkspaceRoleViewer}
	pick := func() bool { return r.IntN(2) == 0 }
	var ids []string
	for i := range 3 + r.IntN(6) {
		id := fmt.Sprint("u", i)
		ids = append(ids, id)
		w.seed.Users = append(w.seed.Users, quickbitest.User{UserID: id, NickName: "User " + id})
		if i > 0 && pick() {
			w.leavers = append(w.leavers, id)
		}
	}
	if len(w.leavers) == 0 {
		w.leavers = ids[1:2]
	}
	for i := range r.IntN(4) {
		group := quickbitest.UserGroup{UserGroupID: fmt.Sprint("g", i), UserGroupName: fmt.Sprint("Group ", i)}
		for _, id := range ids {
			if pick() {
				group.UserIDs = append(group.UserIDs, id)
				w.groups[id] = append(w.groups[id], group.UserGroupName)
			}
		}
		w.seed.UserGroups = append(w.seed.UserGroups, group)
	}
	for i := range r.IntN(4) {
		ws := quickbitest.Workspace{WorkspaceID: fmt.Sprint("w", i), WorkspaceName: fmt.Sprint("Workspace ", i)}
		for n, id := range ids {
			if n > 0 && !pick() {
				continue
			}
			role := roles[r.IntN(len(roles))]
			if n == 0 && r.IntN(4) > 0 {
				role = quickbi.WorkspaceRoleAdmin // mostly, the successor can be one
			}
			ws.Users = append(ws.Users, quickbitest.WorkspaceUser{UserID: id, RoleIDs: []int64{role}})
			for k := range r.IntN(3) {
				works := quickbitest.Works{WorksID: fmt.Sprintf("%s-%s-%d", ws.WorkspaceID, id, k), WorksName: "Works", WorkspaceID: ws.WorkspaceID, OwnerID: id}
				w.seed.Works = append(w.seed.Works, works)
				w.works[works.WorksID] = id
			}
		}
		w.seed.Workspaces = append(w.seed.Workspaces, ws)
	}
	return w
}

// TestProperty takes random people out of random organizations whose service fails at
// random. Whatever happens: nobody else is deleted, works stay or go to the successor,
// reports are true, and Restore puts everybody who is still there back. In the end,
// everybody is out of whom nothing stands in the way.
func TestProperty(t *testing.T) {
	t.Parallel()
	faults := []quickbitest.Fault{
		quickbitest.DropBefore(), quickbitest.DropAfter(), quickbitest.Truncate(), quickbitest.Unsuccessful(),
		quickbitest.Refuse("ServiceUnavailable"), quickbitest.Refuse("Access.Forbidden"), quickbitest.Raw(502, "text/html", "<h1>Bad gateway"),
		stillInWorkspace,
	}
	actions := []string{"DeleteUser", "DeleteUser", "WithdrawAllUserGroups", "DeleteUserFromWorkspace", "CheckOrganizationMember", "ListUserGroupsByUserId", "QueryWorksByWorkspace", "AddUserGroupMember"}
	for n := range 30 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(n), 1))
			w := newWorld(r)
			server := quickbitest.NewServer()
			defer server.Close()
			o := office{server, server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))}
			o.seed(t, w.seed)
			rules := Offboarder{Client: o.client, Successor: "u0"}
			check := func(report *Report) {
				t.Helper()
				now := o.Snapshot()
				for _, u := range w.seed.Users {
					if !o.isMember(u.UserID) && !slices.Contains(w.leavers, u.UserID) {
						t.Fatalf("%s was deleted", u.UserID)
					}
				}
				for _, works := range now.Works {
					if before, ok := w.works[works.WorksID]; ok && works.OwnerID != before && works.OwnerID != "u0" {
						t.Fatalf("%s of %s went to %s", works.WorksID, before, works.OwnerID)
					}
				}
				if report == nil {
					return
				}
				for _, result := range report.Results {
					if result.Deleted && o.isMember(result.UserID) {
						t.Fatalf("%+v, and they are a member", result)
					}
					if !result.Deleted && result.Error == "" {
						t.Fatalf("%+v: neither out nor in", result)
					}
				}
			}
			for range 4 {
				for range r.IntN(4) {
					server.Fail(actions[r.IntN(len(actions))], faults[r.IntN(len(faults))], 1+r.IntN(2))
				}
				p, _ := rules.Plan(t.Context(), w.leavers...)
				if p == nil {
					continue
				}
				report, err := p.Apply(t.Context())
				check(report)
				server.ClearFaults()
				if err == nil {
					continue
				}
				if err := rules.Restore(t.Context(), report); err != nil && !errors.Is(err, quickbi.ErrUserNotInOrganization) {
					t.Fatal(err)
				}
				for _, id := range w.leavers {
					if got := slices.Sorted(slices.Values(o.groups(id))); o.isMember(id) && !slices.Equal(got, w.groups[id]) {
						t.Fatalf("%s is in %v, and was in %v", id, got, w.groups[id])
					}
				}
				check(nil)
			}
			server.ClearFaults()
			p, err := rules.Plan(t.Context(), w.leavers...)
			if err != nil && !errors.Is(err, quickbi.ErrUserNotInOrganization) {
				t.Fatal(err)
			}
			if p == nil {
				return
			}
			report, applyErr := p.Apply(t.Context())
			check(report)
			stuck := make(map[string]bool)
			for _, l := range p.Leavers {
				stuck[l.UserID] = l.Obstacle() != nil
			}
			for id, obstacle := range stuck {
				if o.isMember(id) != obstacle {
					t.Errorf("%s is a member: %t, and stands in the way: %t; %v", id, o.isMember(id), obstacle, applyErr)
				}
			}
		})
	}
}
