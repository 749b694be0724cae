package dirsync_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const roleReviewer = 910001

// spaces is an organization with workspaces.
//
//	Sales (owned by the owner): ann developer, ben analyst and Reviewer, carl analyst, who owns a work
//	Finance (owned by ann): dora viewer
//	Twin, twice
func spaces() quickbitest.Organization {
	return quickbitest.Organization{
		WorkspaceRoles: []quickbitest.Role{{RoleID: roleReviewer, RoleName: "Reviewer"}},
		Users: []quickbitest.User{
			{UserID: "u-ann", AccountID: "101", AccountName: "acme:ann", NickName: "Ann", UserType: 1},
			{UserID: "u-ben", AccountID: "102", AccountName: "acme:ben", NickName: "Ben", UserType: 3},
			{UserID: "u-carl", AccountID: "103", AccountName: "acme:carl", NickName: "Carl", UserType: 3},
			{UserID: "u-dora", AccountID: "104", AccountName: "acme:dora", NickName: "Dora", UserType: 1},
			{UserID: "u-eve", AccountID: "105", AccountName: "acme:eve", NickName: "Eve", UserType: 2},
			{UserID: "u-boss", AccountID: "106", AccountName: "acme:boss", NickName: "Boss", UserType: 1, RoleIDs: []int64{quickbi.OrganizationRoleAdmin}},
		},
		Workspaces: []quickbitest.Workspace{
			{WorkspaceID: "w-sales", WorkspaceName: "Sales", Users: []quickbitest.WorkspaceUser{
				{UserID: "u-ann", RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}}, {UserID: "u-ben", RoleIDs: []int64{quickbi.WorkspaceRoleAnalyst, roleReviewer}},
				{UserID: "u-carl", RoleIDs: []int64{quickbi.WorkspaceRoleAnalyst}}, {UserID: "u-boss"},
			}},
			{WorkspaceID: "w-finance", WorkspaceName: "Finance", OwnerID: "u-ann", Users: []quickbitest.WorkspaceUser{{UserID: "u-dora"}}},
			{WorkspaceID: "w-1", WorkspaceName: "Twin"}, {WorkspaceID: "w-2", WorkspaceName: "Twin"}, {WorkspaceID: "w-3", WorkspaceName: `A=B;C\D`},
		},
		Works: []quickbitest.Works{{WorksID: "d-1", WorksName: "Board", WorkspaceID: "w-sales", OwnerID: "u-carl"}},
	}
}

// seats returns who has which roles in which workspace.
func (o *org) seats() map[string]string {
	all := map[string]string{}
	for _, w := range o.Snapshot().Workspaces {
		for _, u := range w.Users {
			all[w.WorkspaceID+" "+u.UserID] = strings.Trim(fmt.Sprint(slices.Sorted(slices.Values(u.RoleIDs))), "[]")
		}
	}
	return all
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	joins := dirsync.Syncer{UpdateWorkspaces: true}
	leaves := dirsync.Syncer{UpdateWorkspaces: true, LeaveWorkspaces: []string{"sales"}}
	for _, tt := range []struct {
		name      string
		syncer    dirsync.Syncer
		csv, want string
		seats     map[string]string // those that differ from before; "" is gone
	}{
		{name: "switched off", syncer: dirsync.Syncer{}, csv: "102,Finance=analyst\n"},
		{name: "as it is", syncer: joins, csv: "102,Sales=analyst;Sales=Reviewer\n104,Finance=viewer\n101,sales=26\n"},
		{
			name: "join, other roles, several roles", syncer: joins,
			csv: "102,Finance=analyst\n103,Sales = Reviewer; ＦINANCE=viewer\n",
			want: "? 103: line 3: the organization has no workspace ＦINANCE\n" +
				"+ acme:ben: workspace Finance as analyst\n",
			seats: map[string]string{"w-finance u-ben": "27"},
		},
		{
			name: "a role of the organization's own, and two", syncer: joins,
			csv: "101,finance=管理员;Sales=developer\n103,Sales=Reviewer\n104,Sales=viewer;Sales=Reviewer;Finance=analyst\n102,A\\=B\\;C\\\\D=Reviewer;Sales=27\n",
			want: "+ acme:ben: workspace A=B;C\\D as Reviewer\n+ acme:dora: workspace Sales as viewer and Reviewer\n~ acme:ben: workspace Sales analyst and Reviewer -> analyst\n" +
				"~ acme:carl: workspace Sales analyst -> Reviewer\n~ acme:dora: workspace Finance viewer -> analyst\n",
			seats: map[string]string{"w-3 u-ben": "910001", "w-sales u-dora": "30 910001", "w-sales u-ben": "27", "w-sales u-carl": "910001", "w-finance u-dora": "27"},
		},
		{
			name: "messy cells", syncer: joins,
			csv: "101,Twin=viewer\n102,w-2=viewer\n103,Sales\n104,#N/A\n1000000000000001,Sales=chief\n",
			want: "+ acme:ben: workspace Twin as viewer\n" +
				"? 101: line 2: the organization has 2 workspaces Twin: give the id, which is w-1 or w-2\n" +
				"? 103: line 4: there is no role for the workspace Sales: write Sales=viewer, for instance\n" +
				"? 104: line 5: the workspace #N/A is not a name: a formula of the spreadsheet failed\n" +
				"? owner: the workspace Sales has no role chief\n",
			seats: map[string]string{"w-2 u-ben": "30"},
		},
		{
			name: "what the service would refuse", syncer: joins,
			csv: "101,Finance=viewer\n102,Sales=developer\n105,Sales=viewer\n",
			want: "? acme:ann: it owns the workspace Finance, and stays administrator there\n" +
				"? acme:ben: it is an analyst, who can be neither administrator nor developer of the workspace Sales\n" +
				"? acme:eve: it is a viewer, who cannot be in the workspace Sales\n",
		},
		{
			name: "two records of one member", syncer: joins, csv: "104,Sales=viewer\n104,Sales=analyst\n102,Sales=Reviewer;Sales=analyst\n102,Finance=viewer\n",
			want:  "+ acme:ben: workspace Finance as viewer\n? acme:dora: another record of the account has different roles in the workspace Sales\n",
			seats: map[string]string{"w-finance u-ben": "30"},
		},
		{
			name: "whom no record names there leaves", syncer: leaves, csv: "101,Finance=admin\n102,\n104,Sales=viewer\n",
			want: "+ acme:dora: workspace Sales as viewer\n- acme:ann: workspace Sales\n- acme:ben: workspace Sales\n" +
				"? acme:carl: it is to leave the workspace Sales, but owns 1 works, datasets or data sources there: give them to somebody else first\n",
			seats: map[string]string{"w-sales u-dora": "30", "w-sales u-ann": "", "w-sales u-ben": ""},
		},
		{
			name: "a row that names nobody", syncer: leaves, csv: "101,Finance=admin\n,Sales=viewer\n",
			want: "? line 3: the record has neither an account id nor an account name\n! nothing is taken away from anybody: a record names nobody: line 3\n",
		},
		{
			name: "those who are deleted do not leave before", syncer: dirsync.Syncer{UpdateWorkspaces: true, LeaveWorkspaces: []string{"w-sales"}, DeleteMembers: true},
			csv: "101,Sales=developer\n102,Sales=analyst;Sales=Reviewer\n104,\n105,\n1000000000000001,\n", want: "- member acme:carl\n",
			seats: map[string]string{"w-sales u-carl": ""},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, spaces())
			want := o.seats()
			for at, roles := range tt.seats {
				if want[at] = roles; roles == "" {
					delete(want, at)
				}
			}
			s := unlimited(tt.syncer)
			s.Client, s.Reports = o.client, t.TempDir()
			source := "account_id,workspaces,groups\n" + strings.ReplaceAll(tt.csv, "\n", ",\n")
			plan := planOf(t, s, source)
			mustBe(t, "plan", sorted(tt.want), sorted(show(t, plan)))
			before := o.seats()
			again := saved(t, s, plan)
			mustApply(t, again)
			mustBe(t, "seats", want, o.seats())
			mustBeEmpty(t, s, source)
			if again.Empty() || s.DeleteMembers {
				return
			}
			back := undone(t, s)
			mustApply(t, back)
			mustBe(t, "taken back", before, o.seats())
		})
	}
}

// Who owns anything in a workspace does not leave it, whether it was there when the
// change was planned or came later.
func TestOwnersStay(t *testing.T) {
	t.Parallel()
	for name, seed := range map[string]quickbitest.Organization{
		"work":        {Works: []quickbitest.Works{{WorksID: "d-2", WorksName: "Chart", WorkspaceID: "w-sales", OwnerID: "u-ann"}}},
		"dataset":     {Datasets: []quickbitest.Dataset{{DatasetID: "c-1", DatasetName: "Orders", WorkspaceID: "w-sales", OwnerID: "u-ann"}}},
		"data source": {DataSources: []quickbitest.DataSource{{DataSourceID: "s-1", ShowName: "Lake", DataSourceType: "mysql", WorkspaceID: "w-sales", CreatorID: "u-ann"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, spaces())
			s := unlimited(dirsync.Syncer{Client: o.client, UpdateWorkspaces: true, LeaveWorkspaces: []string{"Sales"}})
			source := "account_id,workspaces,groups\n101,Finance=admin,\n102,Sales=27;Sales=Reviewer,\n103,Sales=27,\n"
			plan := planOf(t, s, source)
			mustShow(t, plan, "- acme:ann: workspace Sales\n")
			if err := o.Seed(seed); err != nil {
				t.Fatal(err)
			}
			before := o.seats()
			report, err := plan.Apply(t.Context())
			if !errors.Is(err, dirsync.ErrChanged) || len(report.Failed) != 1 {
				t.Errorf("%v, %+v", err, report)
			}
			mustBe(t, "seats", before, o.seats())
			mustShow(t, planOf(t, s, source),
				"? acme:ann: it is to leave the workspace Sales, but owns 1 works, datasets or data sources there: give them to somebody else first\n")
		})
	}
}

// sorted returns the lines of a text in order.
func sorted(text string) []string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// Records say what they say: no column is not an empty one.
func TestSilentAboutWorkspaces(t *testing.T) {
	t.Parallel()
	o := newOrg(t, spaces())
	s := dirsync.Syncer{Client: o.client, UpdateWorkspaces: true, LeaveWorkspaces: []string{"Sales"}}
	if _, err := s.Plan(t.Context(), csv("account_id,groups\n101,\n102,\n")); err == nil || !strings.Contains(err.Error(), "no record says") {
		t.Errorf("%v", err)
	}
	lines := `{"account_id":"101","groups":[]}
{"account_id":"102","groups":[],"workspaces":[]}
{"account_id":"103","groups":[],"workspaces":["Sales=analyst", {"workspace":"Finance","role":"viewer"}]}
{"account_id":"104","groups":[],"workspaces":[{"workspace":"w-sales","roles":["viewer",910001]}]}
`
	plan, err := s.Plan(t.Context(), dirsync.JSONLines(strings.NewReader(lines)))
	if err != nil {
		t.Fatal(err)
	}
	want := "+ acme:carl: workspace Finance as viewer\n+ acme:dora: workspace Sales as viewer and Reviewer\n- acme:ben: workspace Sales\n"
	mustShow(t, plan, want)
	for name, tt := range map[string]struct {
		syncer dirsync.Syncer
		want   string
	}{
		"unknown":    {dirsync.Syncer{UpdateWorkspaces: true, LeaveWorkspaces: []string{"Nowhere"}}, "no workspace Nowhere"},
		"twins":      {dirsync.Syncer{UpdateWorkspaces: true, LeaveWorkspaces: []string{"Twin"}}, "2 workspaces Twin"},
		"without it": {dirsync.Syncer{LeaveWorkspaces: []string{"Sales"}}, "without UpdateWorkspaces"},
	} {
		tt.syncer.Client = o.client
		if _, err := tt.syncer.Plan(t.Context(), dirsync.JSONLines(strings.NewReader(lines))); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, err := range dirsync.JSONLines(strings.NewReader(`{"account_id":"101","groups":[],"workspaces":[{"role":"viewer"}]}`)) {
		if err == nil || !strings.Contains(err.Error(), "is no workspace") {
			t.Errorf("%v", err)
		}
	}
}

// The limits for groups hold for workspaces, where losing a role counts.
func TestWorkspaceGuards(t *testing.T) {
	t.Parallel()
	seed := quickbitest.Organization{Workspaces: []quickbitest.Workspace{{WorkspaceID: "w", WorkspaceName: "Sales"}}}
	source := func(role string, n int) string {
		text := "account_id,workspaces,groups\n1000000000000001,,\n"
		for i := range n {
			text += fmt.Sprintf("2%03d,Sales=%s,\n", i, role)
		}
		return text
	}
	for i := range 20 {
		id := fmt.Sprintf("u%d", i)
		seed.Users = append(seed.Users, quickbitest.User{UserID: id, AccountID: fmt.Sprintf("2%03d", i), AccountName: "acme:" + id, NickName: id, UserType: 1})
		seed.Workspaces[0].Users = append(seed.Workspaces[0].Users, quickbitest.WorkspaceUser{UserID: id, RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}})
	}
	for _, tt := range []struct {
		name   string
		csv    string
		syncer dirsync.Syncer
		want   []string
	}{
		{"a normal day", source("developer", 15), dirsync.Syncer{}, nil},
		{"half a file", source("developer", 9), dirsync.Syncer{}, []string{"MaxRemove", "MaxRemovePerGroup"}},
		{"everybody becomes a viewer", source("viewer", 20), dirsync.Syncer{}, []string{"MaxRemove", "MaxRemovePerGroup"}},
		{"a cap", source("developer", 15), dirsync.Syncer{MaxRemoveCount: 4}, []string{"MaxRemoveCount"}},
		{"nothing", source("developer", 19), dirsync.Syncer{MaxRemove: -1, MaxRemovePerGroup: -1}, []string{"MaxRemove", "MaxRemovePerGroup"}},
		{"allowed", source("viewer", 20), dirsync.Syncer{MaxRemove: 1, MaxRemovePerGroup: 1}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, seed)
			tt.syncer.Client, tt.syncer.UpdateWorkspaces, tt.syncer.LeaveWorkspaces = o.client, true, []string{"Sales"}
			plan := planOf(t, tt.syncer, tt.csv)
			again := saved(t, tt.syncer, plan)
			for _, p := range []*dirsync.Plan{plan, again} {
				var got []string
				for _, e := range guardErrors(p.Guard()) {
					got = append(got, e.Field)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// A batch of which a part fails does the rest, and says of whom and why.
func TestWorkspaceBatches(t *testing.T) {
	t.Parallel()
	const source = "account_id,workspaces,groups\n102,Finance=viewer,\n103,Finance=viewer,\n104,Finance=viewer;Sales=viewer,\n101,Sales=viewer,\n1000000000000001,Finance=viewer,\n"
	for _, tt := range []struct {
		name      string
		action    string
		fault     quickbitest.Fault
		times     int
		meanwhile func(*testing.T, *org)
		failed    []string
		is        error
	}{
		{name: "well", action: "AddUser", fault: quickbitest.DropBefore(), times: 1},
		{name: "answers are lost", action: "AddWorkspaceUsers", fault: quickbitest.DropAfter(), times: -1},
		{name: "requests are lost", action: "AddWorkspaceUsers", fault: quickbitest.DropBefore(), times: 2},
		{name: "requests are lost for ever", action: "AddWorkspaceUsers", fault: quickbitest.DropBefore(), times: -1,
			failed: []string{"acme:ben", "acme:carl", "owner", "acme:dora"}},
		{name: "other roles, answers are lost", action: "UpdateWorkspaceUsersRole", fault: quickbitest.DropAfter(), times: -1},
		{name: "the service says that it did nothing, and did", action: "AddWorkspaceUsers", times: 1,
			fault: quickbitest.Raw(200, "application/json", `{"Success":true,"RequestId":"R","Result":{"Total":3,"Success":0,"Failure":3,"FailureDetail":{}}}`).Executed()},
		{name: "somebody has left", action: "AddUser", fault: quickbitest.DropBefore(), times: 1, meanwhile: func(t *testing.T, o *org) {
			if _, err := o.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "u-ben"}); err != nil {
				t.Fatal(err)
			}
		}, failed: []string{"acme:ben"}, is: quickbi.ErrUserNotInOrganization},
		{name: "somebody was added with another role", action: "AddUser", fault: quickbitest.DropBefore(), times: 1, meanwhile: func(t *testing.T, o *org) {
			if _, err := o.client.AddUserToWorkspace(t.Context(), &quickbi.AddUserToWorkspaceRequest{WorkspaceID: "w-finance", UserID: "u-carl", RoleID: quickbi.WorkspaceRoleAnalyst}); err != nil {
				t.Fatal(err)
			}
		}, failed: []string{"acme:carl"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, spaces())
			s := dirsync.Syncer{Client: o.client, UpdateWorkspaces: true}
			plan := mustPlan(t, s, source)
			if tt.meanwhile != nil {
				tt.meanwhile(t, o)
			}
			o.Fail(tt.action, tt.fault, tt.times)
			report, err := plan.Apply(t.Context())
			o.ClearFaults()
			if report == nil || (err != nil) != (len(tt.failed) > 0) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("%v, %+v", err, report)
			}
			var failed []string
			for _, f := range report.Failed {
				failed = append(failed, f.Account)
				if errors.Is(f.Err, quickbi.ErrOutcomeUnknown) {
					t.Errorf("%s: %v", f.Account, f.Err)
				}
			}
			slices.Sort(failed)
			slices.Sort(tt.failed)
			if diff := cmp.Diff(tt.failed, failed); diff != "" {
				t.Errorf("failed (-want +got):\n%s\n%v", diff, err)
			}
			if len(tt.failed) == 0 {
				want := map[string]string{
					"w-sales u-ann": "30", "w-sales u-ben": "27 910001", "w-sales u-carl": "27", "w-sales u-dora": "30", "w-sales u-boss": "30",
					"w-finance u-ben": "30", "w-finance u-carl": "30", "w-finance u-dora": "30", "w-finance " + quickbitest.OwnerUserID: "30",
				}
				mustBe(t, "seats", want, o.seats())
			}
		})
	}
}

// Who has changed since the plan was made leaves no workspace.
func TestLeaveWorkspaceReadsAgain(t *testing.T) {
	t.Parallel()
	const source = "account_id,workspaces,groups\n101,Finance=admin,\n102,,\n103,Sales=analyst,\n"
	for name, change := range map[string]func(t *testing.T, o *org) error{
		"a work was published": func(t *testing.T, o *org) error {
			seed := o.Snapshot()
			seed.Works = append(seed.Works, quickbitest.Works{WorksID: "d-2", WorksName: "New", WorkspaceID: "w-sales", OwnerID: "u-ben"})
			e := quickbitest.NewEmulator()
			if err := e.Seed(seed); err != nil {
				return err
			}
			o.transport.emulator = e
			return nil
		},
		"another role": func(t *testing.T, o *org) error {
			_, err := o.client.UpdateWorkspaceUserRole(t.Context(), &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: "w-sales", UserID: "u-ben", RoleIDs: []int64{quickbi.WorkspaceRoleViewer}})
			return err
		},
		"kept": func(t *testing.T, o *org) error { return nil },
		"loses": func(t *testing.T, o *org) error {
			o.Fail("DeleteUserFromWorkspace", quickbitest.DropAfter(), -1)
			return nil
		},
		"gone": func(t *testing.T, o *org) error {
			_, err := o.client.DeleteUserFromWorkspace(t.Context(), &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: "w-sales", UserID: "u-ben"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := spaces()
			o := newOrg(t, seed)
			var calls int
			s := dirsync.Syncer{Client: o.client, UpdateWorkspaces: true, LeaveWorkspaces: []string{"Sales"}, Progress: func(p dirsync.Progress) { calls = p.Calls }}
			keep := false
			s.Keep = func(u quickbi.User) bool { return keep && u.UserID == "u-ben" }
			plan := mustPlan(t, unlimited(s), source)
			if want := "- acme:ann: workspace Sales\n- acme:ben: workspace Sales\n"; show(t, plan) != want {
				t.Fatalf("%s", show(t, plan))
			}
			if err := change(t, o); err != nil {
				t.Fatal(err)
			}
			keep = name == "kept"
			report, err := plan.Apply(t.Context())
			fine := name == "loses" || name == "gone"
			if fine != (err == nil) || !fine && (!errors.Is(err, dirsync.ErrChanged) || report.Done.LeaveWorkspace != 1 || report.Failed[0].Account != "acme:ben") {
				t.Errorf("%v, %+v", err, report)
			}
			if name == "loses" && calls != plan.Calls()+2 { // two looks
				t.Errorf("%d calls, and %d were foreseen", calls, plan.Calls())
			}
		})
	}
}

// Who cannot join one workspace leaves no other.
func TestMoveBetweenWorkspaces(t *testing.T) {
	t.Parallel()
	o := newOrg(t, spaces())
	s := unlimited(dirsync.Syncer{Client: o.client, UpdateWorkspaces: true, LeaveWorkspaces: []string{"Sales"}})
	plan := mustPlan(t, s, "account_id,workspaces,groups\n101,Sales=developer,\n102,Finance=viewer,\n103,Sales=analyst,\n")
	o.Fail("AddWorkspaceUsers", quickbitest.Refuse("Workspace.Not.Exist"), -1)
	before := o.seats()
	report, err := plan.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrWorkspaceNotFound) || len(report.Failed) != 2 {
		t.Errorf("%v, %+v", err, report)
	}
	if !maps.Equal(before, o.seats()) {
		t.Errorf("%v", o.seats())
	}
	var out bytes.Buffer
	if err := plan.Print(&out); err != nil || !strings.Contains(out.String(), "0 memberships, 7 of workspaces: 1 join-workspace, 1 leave-workspace\n") {
		t.Errorf("%v, %s", err, out.String())
	}
}
