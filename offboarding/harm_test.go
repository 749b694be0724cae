package offboarding

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func (o office) seed(t *testing.T, more quickbitest.Organization) {
	t.Helper()
	if err := o.Seed(more); err != nil {
		t.Fatal(err)
	}
}

// groups lists the groups that a member is in.
func (o office) groups(userID string) (names []string) {
	for _, g := range o.Snapshot().UserGroups {
		if slices.Contains(g.UserIDs, userID) {
			names = append(names, g.UserGroupName)
		}
	}
	return names
}

func (o office) isMember(userID string) bool {
	return slices.ContainsFunc(o.Snapshot().Users, func(u quickbitest.User) bool { return u.UserID == userID })
}

func (o office) update(t *testing.T, in quickbi.UpdateUserRequest) {
	t.Helper()
	if _, err := o.client.UpdateUser(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
}

// TestWhoIsMeant finds members by every name they have, and nobody by one that
// several have.
func TestWhoIsMeant(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seed(t, quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "m1", NickName: "Bob of Main 1", AccountID: "1001", AccountName: "main1:bob"},
		{UserID: "m2", NickName: "Bob of Main 2", AccountID: "1002", AccountName: "main2:bob"},
		{UserID: "kim", NickName: "Kim", AccountID: "1003", AccountName: "main1:kim"},
		{UserID: "1003", NickName: "Odd", AccountID: "1004", AccountName: "odd@example.com"},
	}})
	for name, want := range map[string]string{
		"ben": "ben", "1001": "m1", "main1:bob": "m1", "main2:bob": "m2", "bob@main2.onaliyun.com": "m2",
		"odd@example.com": "1003", "1004": "1003", "kim": "kim",
	} {
		if p := o.plan(t, Offboarder{}, name); len(p.Leavers) != 1 || p.Leavers[0].UserID != want {
			t.Errorf("%s means %v, want %s", name, p.Leavers, want)
		}
	}
	if p := o.plan(t, Offboarder{Successor: "main1:bob"}, "ben", "ben", "main1:kim"); p.Successor.UserID != "m1" || len(p.Leavers) != 2 {
		t.Errorf("successor %v, leavers %v", p.Successor, p.Leavers)
	}
	for name, test := range map[string]struct {
		is   error
		says string
	}{
		"nobody":     {quickbi.ErrUserNotInOrganization, "no member of the organization has the id or the account nobody"},
		"bob":        {quickbi.ErrAccountNameAmbiguous, "bob"},
		"1003":       {quickbi.ErrAccountNameAmbiguous, `1003 is the id of "Odd" (1003), and the account of "Kim" (kim)`},
		"main3:bob":  {quickbi.ErrUserNotInOrganization, "main3:bob"},
		"x\x1b[2K\n": {quickbi.ErrUserNotInOrganization, `"x\x1b[2K\n"`},
	} {
		p, err := Offboarder{Client: o.client, Successor: "ann"}.Plan(t.Context(), name)
		if p != nil || !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.says) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	// The others of a list are planned.
	p, err := Offboarder{Client: o.client}.Plan(t.Context(), "nobody", "ben", "bob")
	if p == nil || len(p.Leavers) != 1 || p.Leavers[0].UserID != "ben" || !errors.Is(err, quickbi.ErrUserNotInOrganization) || !errors.Is(err, quickbi.ErrAccountNameAmbiguous) {
		t.Errorf("a list: %v, %v", p, err)
	}
	if _, err := (Offboarder{Client: o.client}).Plan(t.Context()); err == nil {
		t.Error("nobody is named")
	}
	if _, err := (Offboarder{Client: o.client, Successor: "bob"}).Plan(t.Context(), "ben"); !errors.Is(err, quickbi.ErrAccountNameAmbiguous) {
		t.Errorf("an ambiguous successor: %v", err)
	}
}

// TestRestore puts a member back into the groups after the service has refused to
// delete them, with the report that was returned, and with the one that was saved.
func TestRestore(t *testing.T) {
	t.Parallel()
	for _, saved := range []bool{false, true} {
		o := newOffice(t)
		rules := Offboarder{Client: o.client, Successor: "ann", Reports: t.TempDir()}
		p := o.plan(t, rules, "ben")
		o.Fail("DeleteUser", quickbitest.Refuse("Works.Transfer.Error"), -1)
		report, err := p.Apply(t.Context())
		if !errors.Is(err, quickbi.ErrWorkTransfer) || len(o.groups("ben")) > 0 {
			t.Fatalf("%v, %v", err, o.groups("ben"))
		}
		if saved {
			file, err := os.Open(planfile.JournalPath(rules.Reports, p.ID))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if report, err = ReadReport(file); err != nil {
				t.Fatal(err)
			}
		}
		if r := report.Results[0]; report.Plan != p.ID || r.UserID != "ben" || r.Deleted || ids(r.Groups, Item.String) != `"Sales" "Finance"` || !strings.Contains(r.Error, "cannot be handed on") {
			t.Errorf("result: %+v", r)
		}
		// One of the groups is deleted, and one answer is lost.
		o.seed(t, quickbitest.Organization{UserGroups: []quickbitest.UserGroup{{UserGroupID: "temp", UserGroupName: "Temp"}}})
		report.Results[0].Groups = append(report.Results[0].Groups, Item{ID: "gone", Name: "Gone"})
		o.Fail("AddUserGroupMember", quickbitest.DropAfter(), 1)
		if err := rules.Restore(t.Context(), report); !errors.Is(err, quickbi.ErrUserGroupNotFound) || !strings.Contains(err.Error(), `"Gone" (gone)`) {
			t.Errorf("Restore: %v", err)
		}
		if got := o.groups("ben"); !slices.Equal(got, []string{"Sales", "Finance"}) {
			t.Errorf("Ben is in %v", got)
		}
		// Again, there is nothing to do; and nothing to restore of one who is gone.
		report.Results[0].Groups = report.Results[0].Groups[:2]
		o.ResetCalls()
		if err := rules.Restore(t.Context(), report); err != nil || len(o.writes()) > 0 {
			t.Errorf("Restore again: %v, %v", err, o.writes())
		}
		o.ClearFaults()
		report, err = o.plan(t, rules, "ben").Apply(t.Context())
		if err != nil || !report.Results[0].Deleted || report.Results[0].Error != "" {
			t.Errorf("%+v, %v", report.Results[0], err)
		}
		if err := rules.Restore(t.Context(), report); err != nil {
			t.Errorf("Restore of one who is gone: %v", err)
		}
	}
}

// TestRestoreWhatWas changes the groups of the member after the plan. Restore gives
// back what Apply took.
func TestRestoreWhatWas(t *testing.T) {
	t.Parallel()
	change := func(t *testing.T, o office, join string, leave ...string) {
		t.Helper()
		if join != "" {
			if _, err := o.client.AddUserGroupMember(t.Context(), &quickbi.AddUserGroupMemberRequest{UserGroupID: join, UserIDs: []string{"ben"}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.client.DeleteUserGroupMembers(t.Context(), &quickbi.DeleteUserGroupMembersRequest{UserID: "ben", UserGroupIDs: leave}); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		join  string
		leave []string
		want  []string
	}{
		"other groups": {"board", []string{"sales"}, []string{"Finance", "Board"}},
		"no groups":    {"", []string{"sales", "finance"}, nil},
	} {
		for _, during := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, during), func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				o.seed(t, quickbitest.Organization{
					UserGroups:   []quickbitest.UserGroup{{UserGroupID: "board", UserGroupName: "Board"}},
					LLMCubes:     []quickbitest.LLMCube{{LLMCubeID: "cube", DatasetID: "orders"}},
					SmartqGrants: []quickbitest.SmartqGrant{{UserID: "ben", LLMCubeID: "cube", ExpireDay: "2099-12-31"}},
				})
				rules := Offboarder{Client: o.client, Successor: "ann", Reports: t.TempDir()}
				if during {
					rules.Progress = func(e Event) {
						if e.Step.Kind == TransferSmartQ && e.State == Done {
							change(t, o, test.join, test.leave...)
						}
					}
				}
				p := o.plan(t, rules, "ben")
				if !during {
					change(t, o, test.join, test.leave...)
				}
				o.Fail("DeleteUser", quickbitest.Refuse("Works.Transfer.Error"), -1)
				o.ResetCalls()
				report, err := p.Apply(t.Context())
				if !errors.Is(err, quickbi.ErrWorkTransfer) || len(o.groups("ben")) > 0 || slices.Contains(o.writes(), "WithdrawAllUserGroups+") != (len(test.want) > 0) {
					t.Fatalf("%v, %v, %v", err, o.groups("ben"), o.writes())
				}
				if err := rules.Restore(t.Context(), report); err != nil {
					t.Fatal(err)
				}
				if got := o.groups("ben"); !slices.Equal(got, test.want) {
					t.Errorf("Ben is in %v, and was in %v", got, test.want)
				}
			})
		}
	}
	// One who had no groups at the time of the plan.
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "tom")
	if _, err := o.client.AddUserGroupMember(t.Context(), &quickbi.AddUserGroupMemberRequest{UserGroupID: "sales", UserIDs: []string{"tom"}}); err != nil {
		t.Fatal(err)
	}
	report, err := p.Apply(t.Context())
	if err != nil || len(report.Results[0].Groups) != 1 || report.Results[0].Groups[0].Name != "Sales" {
		t.Errorf("%+v, %v", report.Results[0], err)
	}
}

// TestSuccessorBeforeTheFirstWrite stops before the first write, whatever has become
// of the successor.
func TestSuccessorBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	deactivate := func(t *testing.T, o office) {
		o.update(t, quickbi.UpdateUserRequest{UserID: "ann", IsDeleted: new(true)})
	}
	for name, test := range map[string]struct {
		before, after func(*testing.T, office)
		is            error
		says          string
	}{
		"deactivated":       {deactivate, nil, quickbi.ErrTransferTargetNotFound, `"Ann" (ann) is deactivated`},
		"deactivated since": {nil, deactivate, quickbi.ErrTransferTargetNotFound, `"Ann" (ann) is deactivated`},
		"deleted since the plan": {nil, func(t *testing.T, o office) {
			_, _ = o.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "ann"})
		}, quickbi.ErrTransferTargetNotFound, `"Ann" (ann) is no member`},
		"a lesser role since": {nil, func(t *testing.T, o office) {
			if _, err := o.client.UpdateWorkspaceUserRole(t.Context(), &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: "reports", UserID: "ann", RoleIDs: []int64{int64(quickbi.WorkspaceRoleViewer)}}); err != nil {
				t.Fatal(err)
			}
		}, quickbi.ErrWorkTransfer, "may do less than the member"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			if test.before != nil {
				test.before(t, o)
			}
			p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
			if test.after != nil {
				test.after(t, o)
			}
			o.ResetCalls()
			err := apply(t, p)
			if _, ok := errors.AsType[*Obstacle](err); !ok || !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("Apply: %v", err)
			}
			if w := o.writes(); len(w) > 0 {
				t.Errorf("wrote %v", w)
			}
		})
	}
}

// TestNotAsPlanned changes the member before Apply, and between the steps of it.
func TestNotAsPlanned(t *testing.T) {
	t.Parallel()
	promote := func(t *testing.T, o office) {
		o.update(t, quickbi.UpdateUserRequest{UserID: "ben", RoleIDs: []int64{quickbi.OrganizationRoleAdmin}})
	}
	for name, test := range map[string]struct {
		change func(*testing.T, office)
		says   string
	}{
		"promoted": {promote, "organization roles: [111111113] before, [111111111] now"},
		"deactivated": {func(t *testing.T, o office) {
			o.update(t, quickbi.UpdateUserRequest{UserID: "ben", IsDeleted: new(true)})
		}, "deactivated: false before, true now"},
	} {
		for _, during := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, during), func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				rules := Offboarder{Client: o.client, Successor: "ann"}
				if during {
					rules.Progress = func(e Event) {
						if e.State == Done && e.Step.Kind == WithdrawGroups {
							test.change(t, o)
						}
					}
				}
				p := o.plan(t, rules, "ben")
				if !during {
					test.change(t, o)
				}
				o.ResetCalls()
				report, err := p.Apply(t.Context())
				if _, ok := errors.AsType[*Obstacle](err); !ok || !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("Apply: %v", err)
				}
				if w := o.writes(); slices.Contains(w, "DeleteUser+") || !during && len(w) > 0 || !o.isMember("ben") {
					t.Errorf("wrote %v", w)
				}
				if err := rules.Restore(t.Context(), report); err != nil || len(o.groups("ben")) != 2 {
					t.Errorf("Restore: %v, %v", err, o.groups("ben"))
				}
			})
		}
	}
}

// TestEditedPlan exchanges whom a saved plan is about, but not their names.
func TestEditedPlan(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var saved bytes.Buffer
	if err := o.plan(t, Offboarder{}, "ben").Encode(&saved); err != nil {
		t.Fatal(err)
	}
	p, err := Offboarder{Client: o.client}.Decode(strings.NewReader(strings.Replace(saved.String(), `"userId": "ben"`, `"userId": "tom"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	o.ResetCalls()
	if err := apply(t, p); !errors.Is(err, ErrChanged) || len(o.writes()) > 0 || !o.isMember("tom") {
		t.Errorf("Apply: %v, %v", err, o.writes())
	}
}

// TestWorksPublishedSince gives works that are published after the plan to the
// successor, or lets them stand in the way: never to the owner of the workspace.
func TestWorksPublishedSince(t *testing.T) {
	t.Parallel()
	since := quickbitest.Organization{Works: []quickbitest.Works{{WorksID: "late", WorksName: "Late", WorkspaceID: "play", OwnerID: "kim"}}}
	setup := func(t *testing.T) (office, *Plan) {
		o := newOffice(t)
		o.seed(t, quickbitest.Organization{
			Users: []quickbitest.User{{UserID: "kim", NickName: "Kim"}},
			// Kim has nothing in the workspace yet.
			Workspaces: []quickbitest.Workspace{{WorkspaceID: "own", WorkspaceName: "Own", OwnerID: "olga", Users: []quickbitest.WorkspaceUser{{UserID: "kim"}}}},
		})
		since.Works[0].WorkspaceID = "own"
		return o, o.plan(t, Offboarder{Successor: "ann"}, "kim")
	}
	owner := func(o office) string {
		works := o.Snapshot().Works
		return works[slices.IndexFunc(works, func(w quickbitest.Works) bool { return w.WorksID == "late" })].OwnerID
	}
	t.Run("successor", func(t *testing.T) {
		o, p := setup(t)
		o.seed(t, since)
		if err := apply(t, p); err != nil || owner(o) != "ann" {
			t.Errorf("%v; %s has it", err, owner(o))
		}
	})
	t.Run("workspaces must be left", func(t *testing.T) {
		o, p := setup(t)
		o.seed(t, since)
		o.Fail("DeleteUser", stillInWorkspace, 1)
		if err := apply(t, p); !errors.Is(err, quickbi.ErrMemberStillInWorkspace) || !strings.Contains(fmt.Sprint(err), `"Own" (own)`) || owner(o) != "kim" || !o.isMember("kim") {
			t.Errorf("%v; %s has it", err, owner(o))
		}
	})
	t.Run("between the steps", func(t *testing.T) {
		o := newOffice(t)
		o.seed(t, quickbitest.Organization{
			Users: []quickbitest.User{{UserID: "kim", NickName: "Kim"}},
			Workspaces: []quickbitest.Workspace{
				{WorkspaceID: "first", WorkspaceName: "First", OwnerID: "olga", Users: []quickbitest.WorkspaceUser{{UserID: "kim"}}},
				{WorkspaceID: "own", WorkspaceName: "Own", OwnerID: "olga", Users: []quickbitest.WorkspaceUser{{UserID: "kim"}}},
			},
		})
		o.Fail("DeleteUser", stillInWorkspace, 1)
		p := o.plan(t, Offboarder{Successor: "ann", Progress: func(e Event) {
			if e.State == Done && e.Step.WorkspaceID == "first" {
				o.seed(t, since)
			}
		}}, "kim")
		if err := apply(t, p); !errors.Is(err, quickbi.ErrMemberStillInWorkspace) || owner(o) != "kim" || !o.isMember("kim") {
			t.Errorf("%v; %s has it", err, owner(o))
		}
	})
}

// TestSmartQSince hands over what the member may ask Smart Q, also if that came after
// the plan, or after the first of it was handed over.
func TestSmartQSince(t *testing.T) {
	t.Parallel()
	until := "2099-12-31"
	grant := func(cubes ...string) (o quickbitest.Organization) {
		for _, id := range cubes {
			o.SmartqGrants = append(o.SmartqGrants, quickbitest.SmartqGrant{UserID: "ben", LLMCubeID: id, ExpireDay: until})
		}
		return o
	}
	setup := func(t *testing.T, before ...string) office {
		o := newOffice(t)
		o.seed(t, quickbitest.Organization{
			Datasets: []quickbitest.Dataset{{DatasetID: "stock", DatasetName: "Stock", WorkspaceID: "data"}},
			LLMCubes: []quickbitest.LLMCube{{LLMCubeID: "first", DatasetID: "orders", CreatorName: "olga"}, {LLMCubeID: "late", DatasetID: "stock", CreatorName: "olga"}},
		})
		o.seed(t, grant(before...))
		return o
	}
	mayAsk := func(o office) (cubes []string) {
		for _, g := range o.Snapshot().SmartqGrants {
			if g.UserID == "ann" {
				cubes = append(cubes, g.LLMCubeID)
			}
		}
		slices.Sort(cubes)
		return cubes
	}
	var none []string
	for name, test := range map[string]struct {
		before []string
		rules  Offboarder
		during Kind // after which it comes; "": before Apply
		insist bool // the service wants workspaces left
		want   []string
		writes string
	}{
		"the first of it":  {none, Offboarder{Successor: "ann"}, "", false, []string{"late"}, "SmartqAuthTransfer+ WithdrawAllUserGroups+ DeleteUser+"},
		"more of it":       {[]string{"first"}, Offboarder{Successor: "ann"}, "", false, []string{"first", "late"}, "SmartqAuthTransfer+ WithdrawAllUserGroups+ DeleteUser+"},
		"after the first":  {[]string{"first"}, Offboarder{Successor: "ann"}, TransferSmartQ, false, []string{"first", "late"}, "SmartqAuthTransfer+ SmartqAuthTransfer+ WithdrawAllUserGroups+ DeleteUser+"},
		"after the groups": {none, Offboarder{Successor: "ann"}, WithdrawGroups, false, []string{"late"}, "WithdrawAllUserGroups+ SmartqAuthTransfer+ DeleteUser+"},
		"while workspaces are left": {none, Offboarder{Successor: "ann", GiveUpWorks: true}, LeaveWorkspace, true, []string{"late"},
			"WithdrawAllUserGroups+ DeleteUser- DeleteUserFromWorkspace+ SmartqAuthTransfer+ DeleteUserFromWorkspace+ DeleteUserFromWorkspace+ DeleteUser+"},
		"kept":         {none, Offboarder{Successor: "ann", KeepSmartQ: true}, "", false, none, "WithdrawAllUserGroups+ DeleteUser+"},
		"no successor": {none, Offboarder{}, "", false, none, "WithdrawAllUserGroups+ DeleteUser+"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := setup(t, test.before...)
			came := false
			test.rules.Progress = func(e Event) {
				if e.Step.Kind == test.during && e.State == Done && !came {
					came = true
					o.seed(t, grant("late"))
				}
			}
			p := o.plan(t, test.rules, "ben")
			if test.during == "" {
				came = true
				o.seed(t, grant("late"))
			}
			if test.insist {
				o.Fail("DeleteUser", stillInWorkspace, 1)
			}
			if err := apply(t, p); err != nil || !came || !slices.Equal(mayAsk(o), test.want) || o.isMember("ben") {
				t.Errorf("%v; Ann may ask %v, want %v", err, mayAsk(o), test.want)
			}
			if got := strings.Join(o.writes(), " "); got != test.writes {
				t.Errorf("wrote %s", got)
			}
		})
	}

	// What the plan could not list does not keep the member from leaving. What only
	// cannot be listed any more does.
	refused := quickbitest.Refuse("Access.Forbidden")
	o := setup(t)
	o.Fail("QueryLlmCubeWithThemeListByUserId", refused, -1)
	if err := apply(t, o.plan(t, Offboarder{Successor: "ann"}, "ben")); err != nil {
		t.Error(err)
	}
	o = setup(t, "first")
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	o.Fail("QueryLlmCubeWithThemeListByUserId", refused, -1)
	if err := apply(t, p); !errors.Is(err, quickbi.ErrPermission) || !strings.Contains(err.Error(), "listing the rights to ask Smart Q: ") || len(o.writes()) > 0 {
		t.Errorf("%v, %v", err, o.writes())
	}
	// A refused transfer leaves the member where they were, or for Restore.
	o = setup(t)
	rules := Offboarder{Client: o.client, Successor: "ann", Progress: func(e Event) {
		if e.Step.Kind == WithdrawGroups && e.State == Done {
			o.seed(t, grant("late"))
		}
	}}
	p = o.plan(t, rules, "ben")
	o.Fail("SmartqAuthTransfer", quickbitest.Refuse("Access.Forbidden"), -1)
	report, err := p.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrPermission) || !o.isMember("ben") {
		t.Errorf("refused: %v", err)
	}
	if err := rules.Restore(t.Context(), report); err != nil || len(o.groups("ben")) != 2 {
		t.Errorf("Restore: %v, %v", err, o.groups("ben"))
	}
}

// TestListThatShifts does not plan with a list of works of which one slipped away.
func TestListThatShifts(t *testing.T) {
	t.Parallel()
	page := func(n, total int, ids ...string) quickbitest.Fault {
		var data []string
		for _, id := range ids {
			data = append(data, fmt.Sprintf(`{"WorksId":%q,"WorkName":%q,"OwnerId":"ben","WorkspaceId":"reports","WorkspaceName":"Reports"}`, id, id))
		}
		return quickbitest.Raw(200, "application/json", fmt.Sprintf(`{"RequestId":"R","Success":true,"Result":{"Data":[%s],"PageNum":%d,"PageSize":2,"TotalNum":%d,"TotalPages":2}}`, strings.Join(data, ","), n, total))
	}
	o := newOffice(t)
	// The first is deleted between the pages, so that c slips from the second to the first.
	o.Fail("QueryWorksByOrganization", page(1, 4, "a", "b"), 1)
	o.Fail("QueryWorksByOrganization", page(2, 3, "d"), 1)
	o.Fail("QueryWorksByOrganization", page(1, 3, "b", "c"), 1)
	o.Fail("QueryWorksByOrganization", page(2, 3, "d"), 1)
	if p := o.plan(t, Offboarder{Successor: "ann"}, "ben"); ids(p.Leavers[0].Works, func(i Item) string { return i.ID }) != "b c d" {
		t.Errorf("works: %v", p.Leavers[0].Works)
	}
	for range 3 {
		o.Fail("QueryWorksByOrganization", page(1, 4, "a", "b"), 1)
		o.Fail("QueryWorksByOrganization", page(2, 3, "d"), 1)
	}
	if p, err := (Offboarder{Client: o.client}).Plan(t.Context(), "ben"); p != nil || err == nil || !strings.Contains(err.Error(), "changes while it is read") {
		t.Errorf("%v, %v", p, err)
	}
}

// TestPlanCannotBeForged gives members, works, groups, roles and workspaces names
// that look like lines of the plan.
func TestPlanCannotBeForged(t *testing.T) {
	t.Parallel()
	evil := "x\n  9. delete nothing\x1b[2K\x1b[1A\u202e"
	p := &Plan{HandsOver: true, Successor: Member{UserID: "ann", NickName: evil}}
	item := []Item{{Kind: "work", ID: evil, Name: evil, WorkspaceID: evil, WorkspaceName: evil}}
	p.Leavers = []*Leaver{{
		Member: Member{UserID: evil, NickName: evil, RoleIDs: []int64{1}},
		Works:  item, Datasets: item, Groups: item, Shared: item, SmartQ: item, Remaining: item, Unread: []string{evil},
		Workspaces: []Membership{{evil, evil, evil, []quickbi.WorkspaceRole{{RoleID: 1, RoleName: evil}}}},
		Obstacles:  []*Obstacle{{Problem: evil, Advice: evil, Code: quickbi.ErrorCode(evil)}},
		plan:       p,
	}}
	var text strings.Builder
	if err := p.Print(&text); err != nil {
		t.Fatal(err)
	}
	clean := strings.ReplaceAll(text.String(), "\n  ", "")
	if strings.ContainsAny(text.String(), "\x1b\u202e") || strings.Contains(text.String(), "\n  9.") {
		t.Errorf("forged:\n%q", clean)
	}
	event := Event{UserID: evil, NickName: evil, Step: Step{Kind: LeaveWorkspace, WorkspaceID: evil, WorkspaceName: evil}, State: NotDone, Error: evil}
	if strings.ContainsAny(event.String(), "\n\x1b\u202e") {
		t.Errorf("forged: %q", event)
	}
}

// TestSavedPlan saves a plan, and another process applies it, once.
func TestSavedPlan(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var saved bytes.Buffer
	if err := o.plan(t, Offboarder{Successor: "ann", GiveUpWorks: true}, "ben").Encode(&saved); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(saved.String(), "null") {
		t.Errorf("the document has null:\n%s", saved.String())
	}
	rules := Offboarder{Client: o.client, Reports: filepath.Join(t.TempDir(), "reports")}
	load := func(text string) *Plan {
		t.Helper()
		p, err := rules.Decode(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := load(saved.String())
	if p.Organization != quickbitest.OrganizationID || p.Expires.Sub(p.Created) != 24*time.Hour || !p.GiveUpWorks || p.Successor.UserID != "ann" {
		t.Errorf("loaded: %+v", p.Header)
	}
	var again bytes.Buffer
	if err := p.Encode(&again); err != nil || again.String() != saved.String() {
		t.Errorf("%v: %s", err, cmp.Diff(saved.String(), again.String()))
	}
	change := func(field string, value any) string {
		var document map[string]any
		if err := json.Unmarshal(saved.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		document[field] = value
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for field, test := range map[string]struct {
		value any
		is    error
	}{
		"expires":      {"2026-01-01T00:00:00Z", ErrExpired},
		"organization": {"other", ErrOtherOrganization},
	} {
		if report, err := load(change(field, test.value)).Apply(t.Context()); report != nil || !errors.Is(err, test.is) {
			t.Errorf("%s: %v, %v", field, report, err)
		}
	}
	for field, value := range map[string]any{"format": "other", "version": 2, "stages": 1, "leavers": []any{nil}} {
		if p, err := rules.Decode(strings.NewReader(change(field, value))); p != nil || err == nil {
			t.Errorf("%s: %v, %v", field, p, err)
		}
	}
	if w := o.writes(); len(w) > 0 {
		t.Fatalf("wrote %v", w)
	}
	if report, err := p.Apply(t.Context()); err != nil || !report.Results[0].Deleted {
		t.Errorf("Apply: %v", err)
	}
	o.checkLeft(t, "ann")
	if report, err := load(saved.String()).Apply(t.Context()); report != nil || !errors.Is(err, ErrApplied) {
		t.Errorf("a second time: %v, %v", report, err)
	}
	if _, err := (Offboarder{}).Decode(&again); err == nil {
		t.Error("there is no client")
	}
}

// TestTwiceAtOnce applies one plan from many goroutines: one of them does it.
func TestTwiceAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	var mu sync.Mutex
	var all sync.WaitGroup
	applied, refused := 0, 0
	for range 10 {
		all.Go(func() {
			_, err := p.Apply(t.Context())
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				applied++
			case errors.Is(err, ErrApplied):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if applied != 1 || refused != 9 {
		t.Errorf("%d applied it, and %d were refused", applied, refused)
	}
	if w := o.writes(); len(w) != 2 {
		t.Errorf("wrote %v", w)
	}
}

// TestReportGrows reads the report while the plan is applied: each step is in it
// before the call is made.
func TestReportGrows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	dir := t.TempDir()
	var p *Plan
	var lines []string
	p = o.plan(t, Offboarder{Successor: "ann", Reports: dir, Progress: func(e Event) {
		text, err := os.ReadFile(planfile.JournalPath(dir, p.ID))
		if err != nil {
			t.Error(err)
			return
		}
		report, err := ReadReport(bytes.NewReader(text))
		if err != nil || len(report.Results) != 1 {
			t.Errorf("%v, %v", report, err)
			return
		}
		lines = append(lines, fmt.Sprintf("%d %s %s %d done, groups: %d", bytes.Count(text, []byte("\n")), e.Step.Kind, e.State, len(report.Results[0].Done), len(report.Results[0].Groups)))
	}}, "ben")
	if err := apply(t, p); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2 withdraw-groups began 0 done, groups: 2", "3 withdraw-groups done 1 done, groups: 2",
		"4 delete-member began 1 done, groups: 2", "5 delete-member done 2 done, groups: 2",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}

	// A report that cannot be written is found out before the first change.
	o = newOffice(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if report, err := o.plan(t, Offboarder{Successor: "ann", Reports: file}, "ben").Apply(t.Context()); report != nil || err == nil || !strings.Contains(err.Error(), "the report cannot be written") || len(o.writes()) > 0 {
		t.Errorf("%v, %v, %v", report, err, o.writes())
	}
}

// TestManyLeavers reads the works once for all, and goes on after one who cannot leave.
func TestManyLeavers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var more quickbitest.Organization
	var names []string
	var members []quickbitest.WorkspaceUser
	for i := range 20 {
		id := fmt.Sprint("l", i)
		names = append(names, id)
		more.Users = append(more.Users, quickbitest.User{UserID: id, NickName: "Leaver " + id})
		members = append(members, quickbitest.WorkspaceUser{UserID: id})
		more.Works = append(more.Works, quickbitest.Works{WorksID: "work" + id, WorksName: "Work of " + id, WorkspaceID: "big", OwnerID: id})
	}
	more.Workspaces = []quickbitest.Workspace{{WorkspaceID: "big", WorkspaceName: "Big", Users: members}}
	o.seed(t, more)
	o.ResetCalls()
	p := o.plan(t, Offboarder{Successor: "ann"}, append(names, "olga")...)
	n := 0
	for _, c := range o.Calls() {
		if c.Action == "QueryWorksByOrganization" {
			n++
		}
	}
	if n != 1 || len(p.Leavers) != 21 {
		t.Errorf("%d readings of the works, %d leavers", n, len(p.Leavers))
	}
	for _, l := range p.Leavers[:20] {
		if ids(l.Works, func(i Item) string { return i.ID }) != "work"+l.UserID {
			t.Errorf("%s has %v", l, l.Works)
		}
	}
	report, err := p.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrWorkspaceOwnerNotRemovable) || !strings.Contains(fmt.Sprint(err), `"Olga" (olga)`) || strings.Contains(err.Error(), "l19") {
		t.Errorf("Apply: %v", err)
	}
	for _, r := range report.Results {
		if r.Deleted == (r.UserID == "olga") || r.Deleted == o.isMember(r.UserID) {
			t.Errorf("result: %+v", r)
		}
	}
	for _, w := range o.Snapshot().Works {
		if strings.HasPrefix(w.WorksID, "workl") && w.OwnerID != "ann" {
			t.Errorf("%s has %s", w.OwnerID, w.WorksID)
		}
	}
	if _, err := (Offboarder{Client: o.client, MaxLeavers: 2}).Plan(t.Context(), "ann", "ben", "tom"); !errors.Is(err, ErrTooManyLeavers) || !strings.Contains(err.Error(), "MaxLeavers") {
		t.Errorf("too many: %v", err)
	}
}

// TestStopsForAll does not go on with the next leaver if that is pointless.
func TestStopsForAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben", "tom", "val")
	o.Fail("DeleteUser", quickbitest.Refuse("InvalidAccessKeyId.NotFound"), -1)
	report, err := p.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrAuthentication) || strings.Count(fmt.Sprint(err), "not tried") != 2 || len(report.Results) != 3 {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p = o.plan(t, Offboarder{Successor: "ann", Progress: func(Event) { cancel() }}, "tom", "val")
	o.ClearFaults()
	if report, err := p.Apply(ctx); !errors.Is(err, context.Canceled) || len(report.Results) != 2 || o.isMember("val") != true {
		t.Errorf("%v, %+v", err, report)
	}
}

// TestWhatRemains lists what no operation hands over, and hands over what one does.
func TestWhatRemains(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) office {
		o := newOffice(t)
		o.seed(t, quickbitest.Organization{
			DataSources:   []quickbitest.DataSource{{DataSourceID: "db", ShowName: "Orders DB", WorkspaceID: "data", DataSourceType: "mysql", CreatorID: "ben"}, {DataSourceID: "db2", ShowName: "Other", WorkspaceID: "data", DataSourceType: "mysql", CreatorID: "ann"}},
			DataServices:  []quickbitest.DataService{{APIID: "api", Name: "Orders API", DatasetID: "orders", OwnerID: "ben"}},
			MailTasks:     []quickbitest.MailTask{{MailID: "mail", Name: "Weekly", OwnerID: "ben"}, {MailID: "mail2", Name: "Daily", OwnerID: "ann"}},
			CopilotEmbeds: []quickbitest.CopilotEmbedConfig{{CopilotID: "bot", ShowName: "Helper", CreatorID: "ben"}},
			LLMCubes:      []quickbitest.LLMCube{{LLMCubeID: "cube", DatasetID: "orders"}},
			CopilotThemes: []quickbitest.CopilotTheme{{ThemeID: "theme", ThemeName: "Sales", LLMCubeIDs: []string{"cube"}}},
			SmartqGrants:  []quickbitest.SmartqGrant{{UserID: "ben", LLMCubeID: "cube", ExpireDay: "2099-12-31"}, {UserID: "ben", ThemeID: "theme", ExpireDay: "2099-12-31"}},
		})
		return o
	}
	mayAsk := func(o office, id string) int {
		n := 0
		for _, g := range o.Snapshot().SmartqGrants {
			if g.UserID == id {
				n++
			}
		}
		return n
	}
	o := setup(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	var text strings.Builder
	if err := p.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`  leaves behind (4): data service "Orders API" in Data, mail task "Weekly", embedded Smart Q "Helper", data source "Orders DB" in Data` + "\n",
		`  may ask Smart Q (2): "Orders", "Sales"` + "\n",
		"  1. let the successor ask Smart Q what the member may ask\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("there is no %q:\n%s", want, text.String())
		}
	}
	// The answer is lost, and the look finds that it was done.
	o.Fail("SmartqAuthTransfer", quickbitest.DropAfter(), 1)
	if err := apply(t, p); err != nil || mayAsk(o, "ann") != 2 {
		t.Errorf("%v; Ann may ask %d", err, mayAsk(o, "ann"))
	}
	if want := []string{"SmartqAuthTransfer+", "WithdrawAllUserGroups+", "DeleteUser+"}; !slices.Equal(o.writes(), want) {
		t.Errorf("wrote %v", o.writes())
	}

	for name, rules := range map[string]Offboarder{"kept": {Successor: "ann", KeepSmartQ: true}, "no successor": {}} {
		o := setup(t)
		if err := apply(t, o.plan(t, rules, "ben")); err != nil || mayAsk(o, "ann") != 0 {
			t.Errorf("%s: %v; Ann may ask %d", name, err, mayAsk(o, "ann"))
		}
	}

	// What cannot be listed does not keep anybody from leaving, but an outage does.
	o = setup(t)
	lists := []string{"QueryDataServiceList", "GetMailTaskList", "QueryCopilotEmbedConfig", "ListDataSource", "QueryLlmCubeWithThemeListByUserId"}
	for _, action := range lists {
		o.Fail(action, quickbitest.Refuse("Access.Forbidden"), 1)
	}
	p = o.plan(t, Offboarder{Successor: "ann"}, "ben")
	if l := p.Leavers[0]; len(l.Unread) != len(lists) || !strings.Contains(strings.Join(l.Unread, "\n"), "mail tasks: quickbi: GetMailTaskList: Access.Forbidden") {
		t.Errorf("unread: %q", l.Unread)
	}
	for _, action := range lists {
		o.ClearFaults()
		o.Fail(action, quickbitest.DropBefore(), 1)
		if p, err := (Offboarder{Client: o.client}).Plan(t.Context(), "ben"); p != nil || err == nil {
			t.Errorf("%s: %v, %v", action, p, err)
		}
	}
}
