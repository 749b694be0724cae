package dirsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// killed applies a plan and returns the report as it is on the disk when the process is
// killed: before a request arrives or, if it is executed, before its answer is read. at
// tells the request by its action and number. Nothing arrives after that. Without such a
// request, the report is "".
func (o *org) killed(t *testing.T, s dirsync.Syncer, plan *dirsync.Plan, executed bool, at func(action string, n int64) bool) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var dead atomic.Bool
	report := ""
	kill := func(action string, n int64) {
		if !at(action, n) || dead.Swap(true) {
			return
		}
		o.Fail("", quickbitest.DropBefore(), -1)
		report = lastReport(t, s.Reports)
		cancel()
	}
	o.transport.sent.Store(0)
	if executed {
		var answers atomic.Int64
		o.transport.onAnswer = func(action string, body []byte) []byte {
			kill(action, answers.Add(1))
			return body
		}
	} else {
		o.transport.onSend = kill
	}
	_, err := plan.Apply(ctx)
	o.transport.onSend, o.transport.onAnswer = nil, nil
	o.ClearFaults()
	if !dead.Load() && err != nil {
		t.Fatal(err)
	}
	return report
}

// outcomes returns what a report says of each change.
func outcomes(t *testing.T, report string) map[int]string {
	t.Helper()
	last := map[int]string{}
	for line := range strings.Lines(report) {
		var e struct {
			N       int
			Outcome string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.N > 0 {
			last[e.N] = e.Outcome
		}
	}
	return last
}

// busy is an organization of which crashCSV changes whatever can be taken back.
func busy() quickbitest.Organization {
	const own = 500
	return quickbitest.Organization{
		Roles:          []quickbitest.Role{{RoleID: own, RoleName: "Own"}},
		WorkspaceRoles: []quickbitest.Role{{RoleID: roleReviewer, RoleName: "Reviewer"}},
		Users: []quickbitest.User{
			{UserID: "u-ann", AccountID: "101", AccountName: "acme:ann", NickName: "Ann", UserType: 3},
			{UserID: "u-ben", AccountID: "102", AccountName: "acme:ben", NickName: "Ben", UserType: 3},
			{UserID: "u-carl", AccountID: "103", AccountName: "acme:carl", NickName: "Carl", UserType: 3},
			{UserID: "u-dora", AccountID: "104", AccountName: "acme:dora", NickName: "Dora", UserType: 3},
			{UserID: "u-eve", AccountID: "105", AccountName: "acme:eve", NickName: "Eve", UserType: 3},
			{UserID: "u-fay", AccountID: "106", AccountName: "acme:fay", NickName: "Fay", UserType: 3},
		},
		UserTags: []quickbitest.UserTag{{TagID: "t-city", TagName: "city", Values: map[string]string{"u-ben": "Rome"}}},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "g1", UserGroupName: "G1", UserIDs: []string{"u-carl", "u-dora", "u-eve"}},
			{UserGroupID: "g2", UserGroupName: "G2"},
			{UserGroupID: "g3", UserGroupName: "G3"},
			{UserGroupID: "g4", UserGroupName: "G4"},
			{UserGroupID: "g5", UserGroupName: "G5"},
		},
		Workspaces: []quickbitest.Workspace{
			{WorkspaceID: "w1", WorkspaceName: "W1", Users: []quickbitest.WorkspaceUser{
				{UserID: "u-carl", RoleIDs: []int64{quickbi.WorkspaceRoleViewer}}, {UserID: "u-dora", RoleIDs: []int64{quickbi.WorkspaceRoleViewer}},
				{UserID: "u-eve", RoleIDs: []int64{quickbi.WorkspaceRoleAnalyst}},
			}},
			{WorkspaceID: "w2", WorkspaceName: "W2"},
		},
	}
}

// crashCSV gives ann several groups at a time, and G2 several members; it renames and
// moves G5, and has everything else once or twice.
const crashCSV = `account_id,nickname,user_type,roles,tag:city,workspaces,groups
101,Anna,,,,W2=viewer,G2;G3;G4
102,,viewer,,Paris,,G2
103,,,Own,Oslo,W1=analyst;W2=viewer,G2
104,,,,,W1=analyst;W1=Reviewer;W2=analyst;W2=Reviewer,
105,,,,,,G1
1000000000000001,,,,,,
`

func crashing(o *org, reports string) dirsync.Syncer {
	return unlimited(dirsync.Syncer{
		Client: o.client, Reports: reports, MaxIDs: 2, Workers: 1, Deactivate: true,
		UpdateNickNames: true, UpdateUserTypes: true, UpdateRoles: true, UpdateTags: true,
		UpdateWorkspaces: true, LeaveWorkspaces: []string{"W1"},
		Groups: []dirsync.Group{{Key: "g1", Path: "G1"}, {Key: "g2", Path: "G2"}, {Key: "g3", Path: "G3"}, {Key: "g4", Path: "G4"}, {Key: "g5", Path: "G1/Five"}},
	})
}

// facts returns all that crashCSV changes, in an order of its own.
func (o *org) facts() map[string]string {
	facts := o.seats()
	for id, group := range o.tree() {
		facts[id] = group
	}
	now := o.Snapshot()
	for _, u := range now.Users {
		facts[u.UserID] = fmt.Sprint(u.NickName, u.UserType, u.RoleIDs, u.IsDeleted)
	}
	for _, tag := range now.UserTags {
		facts[tag.TagID] = fmt.Sprint(tag.Values)
	}
	return facts
}

// Wherever a process is killed, its report leads back.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		for _, executed := range []bool{false, true} {
			t.Run(fmt.Sprint(workers, " workers, executed ", executed), func(t *testing.T) {
				t.Parallel()
				kinds := map[string]bool{}
				for n := int64(1); ; n++ {
					o := newOrg(t, busy())
					before := o.facts()
					s := crashing(o, t.TempDir())
					s.Workers = workers
					plan := mustPlan(t, s, crashCSV)
					o.ResetCalls()
					in := ""
					report := o.killed(t, s, plan, executed, func(action string, i int64) bool {
						if i == n {
							in = action
						}
						return i == n
					})
					if report == "" {
						break
					}
					isWrite := slices.Contains(writes, in)
					if isWrite {
						kinds[in] = true
					}
					begun := 0
					for _, outcome := range outcomes(t, report) {
						if outcome == "begun" {
							begun++
						}
					}
					if workers == 1 && (begun > 0) != isWrite {
						t.Errorf("killed in the request %d, %s, of which the report says that %d changes were begun:\n%s", n, in, begun, report)
					}
					s.Reports = t.TempDir()
					back, err := s.Undo(t.Context(), strings.NewReader(report))
					if err != nil {
						t.Fatal(err)
					}
					mustApply(t, back)
					mustBe(t, fmt.Sprintf("killed in the request %d, %s: organization", n, in), before, o.facts())
				}
				for _, action := range []string{
					"UpdateUser", "UpdateUserTagValue", "UpdateUserGroup", "TransferUsergroup", "AddUserGroupMember", "AddUserGroupMembers", "DeleteUserGroupMembers",
					"AddWorkspaceUsers", "AddUserToWorkspace", "UpdateWorkspaceUsersRole", "UpdateWorkspaceUserRole", "DeleteUserFromWorkspace",
				} {
					if workers == 1 && !kinds[action] {
						t.Errorf("it was never killed in %s", action)
					}
				}
			})
		}
	}
}

// What somebody does after a process was killed stays, and so does what was not sent.
func TestKilledAndChanged(t *testing.T) {
	t.Parallel()
	join := func(user, group string) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.AddUserGroupMember(t.Context(), &quickbi.AddUserGroupMemberRequest{UserGroupID: group, UserIDs: []string{user}})
			return err
		}
	}
	leave := func(user, group string) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.DeleteUserGroupMembers(t.Context(), &quickbi.DeleteUserGroupMembersRequest{UserID: user, UserGroupIDs: []string{group}})
			return err
		}
	}
	update := func(in quickbi.UpdateUserRequest) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.UpdateUser(t.Context(), &in)
			return err
		}
	}
	tag := func(value string) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.UpdateUserTagValue(t.Context(), &quickbi.UpdateUserTagValueRequest{UserID: "u-ben", TagID: "t-city", TagValues: []string{value}})
			return err
		}
	}
	nothing := func(*quickbi.Client) error { return nil }
	const (
		head   = "account_id,account_name,nickname,tag:city,groups\n"
		others = "103,,,,G1\n104,,,,G1\n105,,,,G1\n"
		joins  = head + others + "102,,,,G2\n"
		moves  = head + "103,,,,G2\n104,,,,G1\n105,,,,G1\n"
		leaves = head + "103,,,,G1\n104,,,,\n105,,,,G1\n"
		names  = head + others + "102,,Benjamin,,\n"
		cities = head + others + "102,,,Paris,\n"
		groups = head + others + "102,,,,New\n"
		people = head + others + "107,acme:gus,Gus,,\n"
	)
	for name, tt := range map[string]struct {
		csv, action string
		executed    bool
		change      func(*quickbi.Client) error // after the end of the process
		want        string
	}{
		"a join that did not arrive":                     {joins, "AddUserGroupMember", false, nothing, ""},
		"a join":                                         {joins, "AddUserGroupMember", true, nothing, "- acme:ben: G2\n"},
		"a join, and out again":                          {joins, "AddUserGroupMember", true, leave("u-ben", "g2"), ""},
		"a join, and into another one":                   {joins, "AddUserGroupMember", true, join("u-ben", "g3"), "- acme:ben: G2\n"},
		"a move that did not arrive":                     {moves, "AddUserGroupMember", false, nothing, ""},
		"a move that did not arrive, and out of the old": {moves, "AddUserGroupMember", false, leave("u-carl", "g1"), ""},
		"half a move":                                    {moves, "AddUserGroupMember", true, nothing, "- acme:carl: G2\n"},
		"half a move, and out of the old":                {moves, "AddUserGroupMember", true, leave("u-carl", "g1"), "- acme:carl: G2\n"},
		"half a move, and out of both":                   {moves, "AddUserGroupMember", true, func(c *quickbi.Client) error { return errors.Join(leave("u-carl", "g1")(c), leave("u-carl", "g2")(c)) }, ""},
		"a move whose second half did not arrive":        {moves, "DeleteUserGroupMembers", false, nothing, "- acme:carl: G2\n"},
		"a move":                         {moves, "DeleteUserGroupMembers", true, nothing, "> acme:carl: G2 -> G1\n"},
		"a move, and into the old":       {moves, "DeleteUserGroupMembers", true, join("u-carl", "g1"), "- acme:carl: G2\n"},
		"a leave that did not arrive":    {leaves, "DeleteUserGroupMembers", false, nothing, ""},
		"a leave":                        {leaves, "DeleteUserGroupMembers", true, nothing, "+ acme:dora: G1\n"},
		"a leave, and in again":          {leaves, "DeleteUserGroupMembers", true, join("u-dora", "g1"), ""},
		"a nickname that did not arrive": {names, "UpdateUser", false, nothing, ""},
		"a nickname":                     {names, "UpdateUser", true, nothing, "~ acme:ben: nickname Benjamin -> nickname Ben\n"},
		"a nickname that did not arrive, and another one": {names, "UpdateUser", false, update(quickbi.UpdateUserRequest{UserID: "u-ben", NickName: "Benny"}), ""},
		"a nickname, and another one":                     {names, "UpdateUser", true, update(quickbi.UpdateUserRequest{UserID: "u-ben", NickName: "Benny"}), ""},
		"a nickname, and another user type":               {names, "UpdateUser", true, update(quickbi.UpdateUserRequest{UserID: "u-ben", UserType: quickbi.UserTypeViewer}), "~ acme:ben: nickname Benjamin -> nickname Ben\n"},
		"a tag that did not arrive":                       {cities, "UpdateUserTagValue", false, nothing, ""},
		"a tag":                                           {cities, "UpdateUserTagValue", true, nothing, "~ acme:ben: tag city Paris -> Rome\n"},
		"a tag that did not arrive, and another one":      {cities, "UpdateUserTagValue", false, tag("Berlin"), ""},
		"a tag, and another one":                          {cities, "UpdateUserTagValue", true, tag("Berlin"), ""},
		"a group":                                         {groups, "CreateUserGroup", true, nothing, "? + group New: cannot be undone (begun)\n"},
		"a member":                                        {people, "AddUser", true, nothing, "? acme:gus: + member acme:gus as viewer: cannot be undone (begun)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, busy())
			s := unlimited(dirsync.Syncer{Client: o.client, Reports: t.TempDir(), UpdateNickNames: true, UpdateTags: true, AddMembersAs: quickbi.UserTypeViewer})
			report := o.killed(t, s, planOf(t, s, tt.csv), tt.executed, func(action string, _ int64) bool { return action == tt.action })
			if report == "" {
				t.Fatalf("no %s was sent", tt.action)
			}
			if err := tt.change(o.client); err != nil {
				t.Fatal(err)
			}
			s.Reports = t.TempDir()
			back, err := s.Undo(t.Context(), strings.NewReader(report))
			if err != nil {
				t.Fatal(err)
			}
			mustShow(t, back, tt.want)
			mustApply(t, back)
		})
	}
}

// Who has joined a workspace, and could not get all roles there, is in the report.
func TestUndoHalfJoinedWorkspace(t *testing.T) {
	t.Parallel()
	o := newOrg(t, busy())
	before := o.seats()
	s := unlimited(dirsync.Syncer{Client: o.client, Reports: t.TempDir(), UpdateWorkspaces: true})
	plan := planOf(t, s, "account_id,workspaces,groups\n102,W2=analyst;W2=Reviewer,\n103,,G1\n104,,G1\n105,,G1\n")
	mustShow(t, plan, "+ acme:ben: workspace W2 as analyst and Reviewer\n")
	o.Fail("UpdateWorkspaceUserRole", quickbitest.Refuse("Access.Forbidden"), 1)
	if _, err := plan.Apply(t.Context()); !errors.Is(err, quickbi.ErrPermission) || o.seats()["w2 u-ben"] == "" {
		t.Fatalf("%v, %v", err, o.seats())
	}
	back := undone(t, s)
	s.Reports = t.TempDir()
	mustApply(t, back)
	mustBe(t, "seats", before, o.seats())
}
