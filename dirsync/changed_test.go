package dirsync_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// What somebody changes between the plan and its application stays so.
func TestChangedByHand(t *testing.T) {
	t.Parallel()
	const own = 500 // a role of the organization
	start := quickbitest.Organization{
		Roles: []quickbitest.Role{{RoleID: own, RoleName: "Own"}},
		Users: []quickbitest.User{
			{UserID: "ann", AccountID: "2001", AccountName: "acme:ann", NickName: "Ann", UserType: 1},
			{UserID: "ben", AccountID: "2002", AccountName: "acme:ben", NickName: "Ben", UserType: 1},
			{UserID: "zoe", AccountID: "2003", AccountName: "acme:zoe", NickName: "Zoe", UserType: 3},
			{UserID: "boss", AccountID: "2004", AccountName: "acme:boss", NickName: "Boss", UserType: 1, RoleIDs: []int64{quickbi.OrganizationRoleAdmin}},
			{UserID: "gone", AccountID: "2005", AccountName: "acme:gone", NickName: "Gone", UserType: 1, IsDeleted: true},
		},
		UserTags: []quickbitest.UserTag{{TagID: "t-city", TagName: "city", Values: map[string]string{"ben": "Rome"}}},
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "w1", WorkspaceName: "Sales", Users: []quickbitest.WorkspaceUser{
			{UserID: "ben", RoleIDs: []int64{quickbi.WorkspaceRoleViewer}}, {UserID: "ann", RoleIDs: []int64{quickbi.WorkspaceRoleViewer}},
		}}},
	}
	const everybody = "account_id,groups\n2001,\n2002,\n2003,\n2004,\n2005,\n1000000000000001,\n"
	roles := func(user string, ids ...int64) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.UpdateUser(t.Context(), &quickbi.UpdateUserRequest{UserID: user, RoleIDs: ids})
			return err
		}
	}
	inactive := func(user string, is bool) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.UpdateUser(t.Context(), &quickbi.UpdateUserRequest{UserID: user, IsDeleted: &is})
			return err
		}
	}
	seat := func(user string, role int64) func(*quickbi.Client) error {
		return func(c *quickbi.Client) error {
			_, err := c.UpdateWorkspaceUserRole(t.Context(), &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: "w1", UserID: user, RoleIDs: []int64{role}})
			return err
		}
	}
	deletes := dirsync.Syncer{DeleteMembers: true, Successor: "2003"}
	for name, tt := range map[string]struct {
		syncer    dirsync.Syncer
		csv, want string
		change    func(*quickbi.Client) error
	}{
		"made an administrator": {dirsync.Syncer{UpdateRoles: true}, "account_id,roles,groups\n2002,Own,\n", "~ acme:ben: roles 111111113 -> roles 500\n", roles("ben", quickbi.OrganizationRoleAdmin)},
		"an administrator no more": {dirsync.Syncer{UpdateRoles: true}, "account_id,roles,groups\n2004,Own,\n", "~ acme:boss: roles 111111111 -> roles 500 111111111\n",
			roles("boss", quickbi.OrganizationRoleUser)},
		"another nickname": {dirsync.Syncer{UpdateNickNames: true}, "account_id,nickname,groups\n2002,Benjamin,\n", "~ acme:ben: nickname Ben -> nickname Benjamin\n", func(c *quickbi.Client) error {
			_, err := c.UpdateUser(t.Context(), &quickbi.UpdateUserRequest{UserID: "ben", NickName: "Benny"})
			return err
		}},
		"a role in a workspace": {dirsync.Syncer{UpdateWorkspaces: true}, "account_id,workspaces,groups\n2002,Sales=analyst,\n", "~ acme:ben: workspace Sales viewer -> analyst\n", seat("ben", quickbi.WorkspaceRoleAdmin)},
		"a tag": {dirsync.Syncer{UpdateTags: true}, "account_id,tag:city,groups\n2002,Paris,\n", "~ acme:ben: tag city Rome -> Paris\n", func(c *quickbi.Client) error {
			_, err := c.UpdateUserTagValue(t.Context(), &quickbi.UpdateUserTagValueRequest{UserID: "ben", TagID: "t-city", TagValues: []string{"Berlin"}})
			return err
		}},
		"reactivated":                  {deletes, "account_id,groups\n2001,\n2002,\n2003,\n2004,\n1000000000000001,\n", "- member acme:gone, works to acme:zoe\n", inactive("gone", false)},
		"the successor is deactivated": {deletes, "account_id,groups\n2001,\n2002,\n2003,\n2004,\n1000000000000001,\n", "- member acme:gone, works to acme:zoe\n", inactive("zoe", true)},
		"the successor is a viewer": {deletes, "account_id,groups\n2001,\n2002,\n2003,\n2004,\n1000000000000001,\n", "- member acme:gone, works to acme:zoe\n", func(c *quickbi.Client) error {
			_, err := c.UpdateUser(t.Context(), &quickbi.UpdateUserRequest{UserID: "zoe", UserType: quickbi.UserTypeViewer})
			return err
		}},
		"the successor has left": {deletes, "account_id,groups\n2001,\n2002,\n2003,\n2004,\n1000000000000001,\n", "- member acme:gone, works to acme:zoe\n", func(c *quickbi.Client) error {
			_, err := c.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "zoe"})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, start)
			s := unlimited(tt.syncer)
			s.Client = o.client
			plan := planOf(t, s, tt.csv)
			mustShow(t, plan, tt.want)
			plan = saved(t, s, plan)
			if err := tt.change(o.client); err != nil {
				t.Fatal(err)
			}
			before := o.Snapshot()
			o.ResetCalls()
			if report, err := plan.Apply(t.Context()); !errors.Is(err, dirsync.ErrChanged) || len(report.Failed) != 1 {
				t.Errorf("%v, %+v", err, report)
			}
			if writes := o.sent(); len(writes) > 0 {
				t.Errorf("it sends %v", writes)
			}
			mustBe(t, "organization", before.Users, o.Snapshot().Users)
		})
	}
	o := newOrg(t, start)
	s := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true, Successor: "2005"})
	if _, err := s.Plan(t.Context(), csv(everybody)); err == nil || err.Error() != "dirsync: the successor 2005 is deactivated" {
		t.Errorf("a deactivated successor: %v", err)
	}
}

// A member is out of a group when it is, whatever the service says.
func TestLeaveRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		refusals int
		gone     bool
		fails    bool
	}{"once": {refusals: 1}, "always": {refusals: -1, fails: true}, "of one who has left": {gone: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, quickbitest.Organization{
				Users: []quickbitest.User{
					{UserID: "ann", AccountID: "2001", AccountName: "acme:ann", NickName: "Ann", UserType: 1},
					{UserID: "ben", AccountID: "2002", AccountName: "acme:ben", NickName: "Ben", UserType: 1},
				},
				UserGroups: []quickbitest.UserGroup{{UserGroupID: "g1", UserGroupName: "G1", UserIDs: []string{"ann", "ben"}}},
			})
			s := unlimited(dirsync.Syncer{Client: o.client})
			plan := planOf(t, s, "account_id,groups\n2001,G1\n2002,\n")
			mustShow(t, plan, "- acme:ben: G1\n")
			if tt.gone {
				if _, err := o.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "ben"}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.refusals != 0 {
				o.Fail("DeleteUserGroupMembers", quickbitest.Refuse("User.Not.In.Organization"), tt.refusals)
			}
			if _, err := plan.Apply(t.Context()); (err != nil) != tt.fails {
				t.Errorf("%v", err)
			}
			members := o.Snapshot().UserGroups[0].UserIDs
			if slices.Contains(members, "ben") != tt.fails {
				t.Errorf("the group has %q", members)
			}
		})
	}
}

// Whether a member was deactivated by this package is known from the reports, also if
// an answer was lost or the program ended meanwhile: who is back in the source is
// brought back.
func TestWhoDeactivated(t *testing.T) {
	t.Parallel()
	start := quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "ann", AccountID: "2001", AccountName: "acme:ann", NickName: "Ann", UserType: 1},
		{UserID: "ben", AccountID: "2002", AccountName: "acme:ben", NickName: "Ben", UserType: 1},
	}}
	const without, with = "account_id,groups\n2001,\n1000000000000001,\n", "account_id,groups\n2001,\n2002,\n1000000000000001,\n"

	t.Run("a reactivation in doubt", func(t *testing.T) {
		t.Parallel()
		o := newOrg(t, start)
		s := unlimited(dirsync.Syncer{Client: o.client, Deactivate: true, Reports: t.TempDir()})
		mustApply(t, planOf(t, s, without))
		plan := planOf(t, s, with)
		mustShow(t, plan, "+ member acme:ben is back\n")
		o.Fail("UpdateUser", quickbitest.DropBefore(), -1)
		o.Fail("QueryUserInfoByUserId", quickbitest.DropBefore(), -1)
		if _, err := plan.Apply(t.Context()); !errors.Is(err, quickbi.ErrOutcomeUnknown) {
			t.Errorf("%v", err)
		}
		o.ClearFaults()
		again := planOf(t, s, with)
		mustShow(t, again, "+ member acme:ben is back\n")
		mustApply(t, again)
		mustBeEmpty(t, s, with)
	})
	t.Run("a crash while deactivating", func(t *testing.T) {
		t.Parallel()
		o := newOrg(t, start)
		reports, crashed := t.TempDir(), t.TempDir()
		s := unlimited(dirsync.Syncer{Client: o.client, Deactivate: true, Reports: reports})
		plan := planOf(t, s, without)
		o.transport.onAnswer = func(action string, answer []byte) []byte {
			if action == "UpdateUser" {
				if err := os.CopyFS(crashed, os.DirFS(reports)); err != nil {
					t.Error(err)
				}
			}
			return answer
		}
		mustApply(t, plan)
		o.transport.onAnswer = nil
		s.Reports = crashed // what is on the disk if the program ends during the call
		mustShow(t, planOf(t, s, with), "+ member acme:ben is back\n")
	})
}
