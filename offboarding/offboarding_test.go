package offboarding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// An office has Ann, Ben who is to leave, a viewer, an analyst, an administrator,
// and Olga who owns a workspace.
type office struct {
	*quickbitest.Server
	client *quickbi.Client
}

func newOffice(t *testing.T) office {
	t.Helper()
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	developer := []int64{quickbi.WorkspaceRoleDeveloper}
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}, {UserID: "olga", NickName: "Olga"},
			{UserID: "val", NickName: "Val", UserType: int(quickbi.UserTypeViewer)},
			{UserID: "lee", NickName: "Lee", UserType: int(quickbi.UserTypeAnalyst)},
			{UserID: "tom", NickName: "Tom"},
			{UserID: "adam", NickName: "Adam", RoleIDs: []int64{quickbi.OrganizationRoleAdmin}},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "sales", UserGroupName: "Sales", UserIDs: []string{"ann", "ben", "adam", quickbitest.OwnerUserID}},
			{UserGroupID: "finance", UserGroupName: "Finance", UserIDs: []string{"ann", "ben"}},
		},
		Workspaces: []quickbitest.Workspace{
			{WorkspaceID: "reports", WorkspaceName: "Reports", Users: []quickbitest.WorkspaceUser{
				{UserID: "ann", RoleIDs: developer}, {UserID: "ben", RoleIDs: developer}, {UserID: "tom"},
			}},
			{WorkspaceID: "play", WorkspaceName: "Playground", OwnerID: "olga", Users: []quickbitest.WorkspaceUser{{UserID: "ben"}, {UserID: "adam"}}},
			{WorkspaceID: "data", WorkspaceName: "Data", Users: []quickbitest.WorkspaceUser{{UserID: "ben", RoleIDs: developer}}},
		},
		Works: []quickbitest.Works{
			{WorksID: "revenue", WorksName: "Revenue", WorkspaceID: "reports", OwnerID: "ben"},
			{WorksID: "prices", WorksName: "Prices", WorkspaceID: "reports", OwnerID: "ann"},
		},
		Datasets: []quickbitest.Dataset{{DatasetID: "orders", DatasetName: "Orders", WorkspaceID: "data", OwnerID: "ben"}},
		Shares:   []quickbitest.Share{{WorksID: "prices", ShareToType: 1, ShareToID: "sales"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return office{server, server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))}
}

func (o office) plan(t *testing.T, of Offboarder, leavers ...string) *Plan {
	t.Helper()
	of.Client = o.client
	p, err := of.Plan(t.Context(), leavers...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func apply(t *testing.T, p *Plan) error {
	t.Helper()
	_, err := p.Apply(t.Context())
	return err
}

// writes lists the writes that were received: + after those that were executed.
func (o office) writes() []string {
	var all []string
	for _, c := range o.Calls() {
		if catalog.Load().Operations[c.Action].Access == "write" {
			mark := "-"
			if c.Executed {
				mark = "+"
			}
			all = append(all, c.Action+mark)
		}
	}
	return all
}

// checkLeft fails unless Ben has left nothing but his work, which the heir has.
func (o office) checkLeft(t *testing.T, heir string) {
	t.Helper()
	state := o.Snapshot()
	for _, u := range state.Users {
		if u.UserID == "ben" {
			t.Error("Ben is still there")
		}
	}
	for _, g := range state.UserGroups {
		if slices.Contains(g.UserIDs, "ben") {
			t.Errorf("Ben is still in %s", g.UserGroupName)
		}
	}
	for _, w := range state.Works {
		if w.WorksID == "revenue" && w.OwnerID != heir {
			t.Errorf("%s owns Ben's work, not %s", w.OwnerID, heir)
		}
	}
}

func ids[T any](all []T, id func(T) string) string {
	var texts []string
	for _, v := range all {
		texts = append(texts, id(v))
	}
	return strings.Join(texts, " ")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	if w := o.writes(); len(w) > 0 {
		t.Errorf("planning wrote: %v", w)
	}
	itemID := func(i Item) string { return i.ID }
	l := p.Leavers[0]
	for what, pair := range map[string][2]string{
		"works":      {ids(l.Works, itemID), "revenue"},
		"datasets":   {ids(l.Datasets, itemID), "orders"},
		"workspaces": {ids(l.Workspaces, func(v Membership) string { return v.WorkspaceID + "/" + v.OwnerID }), "reports/" + quickbitest.OwnerUserID + " play/olga data/" + quickbitest.OwnerUserID},
		"groups":     {ids(l.Groups, itemID), "sales finance"},
		"shared":     {ids(l.Shared, itemID), "prices"},
		"steps":      {ids(l.Steps(), func(s Step) string { return string(s.Kind) }), "withdraw-groups delete-member"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if err := p.Obstacle(); err != nil {
		t.Error(err)
	}
	var text strings.Builder
	if err := p.Print(&text); err != nil {
		t.Fatal(err)
	}
	want := `"Ben" (ben) leaves, works go to "Ann" (ann)
  owns works (1): "Revenue" in Reports
  owns datasets (1): "Orders" in Data
  is in workspaces (3): "Reports" as Workspace developer, "Playground" as Workspace viewer, "Data" as Workspace developer
  is in user groups (2): "Sales", "Finance"
  is shown by sharing (1): "Prices"
  1. take out of all user groups
  2. delete from the organization
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPrintShortensLists(t *testing.T) {
	t.Parallel()
	p := &Plan{}
	p.Leavers = []*Leaver{{Member: Member{UserID: "ben", RoleIDs: []int64{quickbi.OrganizationRoleUser}}, Groups: make([]Item, maxListed+5), plan: p}}
	var text strings.Builder
	if err := p.Print(&text); err != nil || !strings.Contains(text.String(), "groups (15): ") || !strings.HasSuffix(strings.Split(text.String(), "\n")[1], "and 5 more") {
		t.Errorf("%v\n%s", err, text.String())
	}
	if err := p.Print(brokenPipe{}); !errors.Is(err, errBroken) {
		t.Errorf("a failing writer: %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

func TestApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		offboarder Offboarder
		before     func(office)
		heir       string
		writes     []string
	}{
		"with a successor": {
			Offboarder{Successor: "ann"}, nil, "ann",
			[]string{"WithdrawAllUserGroups+", "DeleteUser+"},
		},
		"without": {
			Offboarder{}, nil, quickbitest.OwnerUserID,
			[]string{"WithdrawAllUserGroups+", "DeleteUser+"},
		},
		"the service insists on leaving workspaces": {
			Offboarder{}, func(o office) { o.Fail("DeleteUser", stillInWorkspace, 1) }, quickbitest.OwnerUserID,
			[]string{"WithdrawAllUserGroups+", "DeleteUser-", "DeleteUserFromWorkspace+", "DeleteUserFromWorkspace+", "DeleteUserFromWorkspace+", "DeleteUser+"},
		},
		"and the works are given up": {
			Offboarder{Successor: "ann", GiveUpWorks: true}, func(o office) { o.Fail("DeleteUser", stillInWorkspace, 1) }, quickbitest.OwnerUserID,
			[]string{"WithdrawAllUserGroups+", "DeleteUser-", "DeleteUserFromWorkspace+", "DeleteUserFromWorkspace+", "DeleteUserFromWorkspace+", "DeleteUser+"},
		},
		"one workspace was left meanwhile": {
			Offboarder{}, func(o office) {
				o.Fail("DeleteUser", stillInWorkspace, 1)
				o.Fail("DeleteUserFromWorkspace", quickbitest.Refuse("User.NotIn.Workspace").Executed(), 1)
			}, quickbitest.OwnerUserID,
			[]string{"WithdrawAllUserGroups+", "DeleteUser-", "DeleteUserFromWorkspace+", "DeleteUserFromWorkspace+", "DeleteUserFromWorkspace+", "DeleteUser+"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			p := o.plan(t, test.offboarder, "ben")
			if test.before != nil {
				test.before(o)
			}
			if err := apply(t, p); err != nil {
				t.Fatal(err)
			}
			o.checkLeft(t, test.heir)
			if diff := cmp.Diff(test.writes, o.writes()); diff != "" {
				t.Error(diff)
			}

			test.offboarder.Client = o.client
			if again, err := test.offboarder.Plan(t.Context(), "ben"); again != nil || !errors.Is(err, quickbi.ErrUserNotInOrganization) {
				t.Errorf("once more: %v, %v", again, err)
			}
		})
	}
}

var stillInWorkspace = quickbitest.Refuse("Member.ExistInWorkspace.Error")

// TestGoneAlready carries out a plan that somebody else has carried out.
func TestGoneAlready(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var steps []string
	p := o.plan(t, Offboarder{Successor: "ann", Progress: func(e Event) { steps = append(steps, fmt.Sprintf("%s %s", e.Step.Kind, e.State)) }}, "ben")
	if err := apply(t, o.plan(t, Offboarder{Successor: "ann"}, "ben")); err != nil {
		t.Fatal(err)
	}
	if err := apply(t, p); err != nil {
		t.Error(err)
	}
	if want := []string{"delete-member already"}; !slices.Equal(steps, want) {
		t.Errorf("steps: %v", steps)
	}
}

// lostSteps are the writes, with what makes them necessary.
var lostSteps = map[string]func(office){
	"WithdrawAllUserGroups":   func(office) {},
	"DeleteUserFromWorkspace": func(o office) { o.Fail("DeleteUser", stillInWorkspace, 1) },
	"DeleteUser":              func(office) {},
}

// looks are the reads that tell what became of a write.
var looks = map[string]string{
	"WithdrawAllUserGroups":   "ListUserGroupsByUserId",
	"DeleteUserFromWorkspace": "ListWorkspaceUserRolesByUserId",
	"DeleteUser":              "CheckOrganizationMember",
}

// TestLostAnswers loses the first answer of each step.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	html := quickbitest.Raw(502, "text/html", "<h1>Bad gateway")
	for name, test := range map[string]struct {
		fault    quickbitest.Fault
		executed bool
	}{
		"dropped after":          {quickbitest.DropAfter(), true},
		"dropped before":         {quickbitest.DropBefore(), false},
		"truncated":              {quickbitest.Truncate(), true},
		"page of a proxy":        {html, false},
		"page after all":         {html.Executed(), true},
		"unsuccessful":           {quickbitest.Unsuccessful(), false},
		"unsuccessful after all": {quickbitest.Unsuccessful().Executed(), true},
		"not performed, but was": {quickbitest.NotPerformed().Executed(), true},
		"out of order":           {quickbitest.Refuse("ServiceUnavailable"), false},
	} {
		for action, prepare := range lostSteps {
			t.Run(name+"/"+action, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				p := o.plan(t, Offboarder{Successor: "ann", GiveUpWorks: true}, "ben")
				prepare(o)
				o.Fail(action, test.fault, 1)
				o.ResetCalls()
				if err := apply(t, p); err != nil {
					t.Fatal(err)
				}
				o.checkLeft(t, heirAfter(action))

				// After the lost write comes a look, and only then, if it must be, the write.
				calls := o.Calls()
				i := slices.IndexFunc(calls, func(c quickbitest.Call) bool { return c.Action == action && c.Code != "Member.ExistInWorkspace.Error" })
				if calls[i+1].Action != looks[action] {
					t.Errorf("after the lost %s came %s", action, calls[i+1].Action)
				}
				repeated := i+2 < len(calls) && calls[i+2].Action == action && calls[i+2].Param("WorkspaceId") == calls[i].Param("WorkspaceId")
				if repeated == test.executed {
					t.Errorf("executed: %t, sent again: %t", test.executed, repeated)
				}
			})
		}
	}
}

// heirAfter returns who gets Ben's work if this is the write that is lost:
// with a workspace that is left, it is for the service to choose.
func heirAfter(action string) string {
	if action == "DeleteUserFromWorkspace" {
		return quickbitest.OwnerUserID
	}
	return "ann"
}

// TestLostForGood loses the answer of each step, and the look at what became of it.
func TestLostForGood(t *testing.T) {
	t.Parallel()
	for executed, fault := range map[bool]quickbitest.Fault{true: quickbitest.DropAfter(), false: quickbitest.DropBefore()} {
		for action, prepare := range lostSteps {
			t.Run(fmt.Sprintf("%s/%t", action, executed), func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				rules := Offboarder{Successor: "ann", GiveUpWorks: true}
				p := o.plan(t, rules, "ben")
				prepare(o)
				o.Fail(action, fault, 1)
				if action == "DeleteUserFromWorkspace" {
					// Ben's roles and Ann's are read three times before.
					o.Fail(looks[action], quickbitest.Delay(0), 6)
				}
				if action == "WithdrawAllUserGroups" {
					o.Fail(looks[action], quickbitest.Delay(0), 1) // Ben's groups are read once before
				}
				o.Fail(looks[action], quickbitest.DropBefore(), 1)
				err := apply(t, p)
				if !errors.Is(err, quickbi.ErrOutcomeUnknown) || !strings.Contains(fmt.Sprint(err), "looking at what became of it") {
					t.Fatalf("Apply: %v", err)
				}
				if w := o.writes(); !strings.HasPrefix(w[len(w)-1], action) {
					t.Errorf("went on after it: %v", w)
				}
				if action == "DeleteUser" && executed {
					o.checkLeft(t, "ann")
					return
				}
				if err := apply(t, o.plan(t, rules, "ben")); err != nil {
					t.Fatalf("run again: %v", err)
				}
				heir := "ann"
				if executed {
					heir = heirAfter(action)
				}
				o.checkLeft(t, heir)
			})
		}
	}
}

// TestNeverAnswered does not go on for ever.
func TestNeverAnswered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	o.Fail("DeleteUser", quickbitest.DropBefore(), -1)
	if err := apply(t, p); err == nil || errors.Is(err, quickbi.ErrOutcomeUnknown) {
		t.Errorf("Apply: %v; a look tells that the member is there", err)
	}
	want := []string{"WithdrawAllUserGroups+", "DeleteUser-", "DeleteUser-", "DeleteUser-"}
	if diff := cmp.Diff(want, o.writes()); diff != "" {
		t.Error(diff)
	}
}

// TestObstaclesOfThePlan finds what stands in the way before anything is done.
func TestObstaclesOfThePlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user, successor string
		is              quickbi.ErrorCode
		says            string
	}{
		"owner of a workspace": {"olga", "ann", quickbi.ErrWorkspaceOwnerNotRemovable, `owns the workspace "Playground" (play)`},
		"unknown successor":    {"ben", "zoe", quickbi.ErrTransferTargetNotFound, "the successor zoe is no member"},
		"viewer":               {"ben", "val", quickbi.ErrViewerCannotJoinWorkspace, `"Val" (val) is a viewer`},
		"analyst":              {"ben", "lee", quickbi.ErrAnalystRoleUnsupported, `the workspace "Reports"`},
		"lesser role":          {"ben", "tom", quickbi.ErrWorkTransfer, `"Tom" (tom) may do less than the member in the workspace "Reports" (reports)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			p := o.plan(t, Offboarder{Successor: test.successor}, test.user)
			var text strings.Builder
			if err := p.Print(&text); err != nil || !strings.Contains(text.String(), "impossible: ") || !strings.Contains(text.String(), test.says) {
				t.Errorf("%v\n%s", err, text.String())
			}
			err := apply(t, p)
			if _, ok := errors.AsType[*Obstacle](err); !ok || !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Apply: %v", err)
			}
			if errors.Is(err, quickbi.ErrUserNotInOrganization) {
				t.Error("it looks as if the member were gone")
			}
			if w := o.writes(); len(w) > 0 {
				t.Errorf("wrote %v", w)
			}
		})
	}
}

// TestObstaclesOfTheService meets what only the service knows.
func TestObstaclesOfTheService(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user   string
		fault  quickbitest.Fault
		is     quickbi.ErrorCode
		says   string
		writes []string
	}{
		"works in workspaces to be left": {
			"ben", stillInWorkspace, quickbi.ErrMemberStillInWorkspace, `"Reports" (reports), "Data" (data)`,
			[]string{"WithdrawAllUserGroups+", "DeleteUser-"},
		},
		"works that cannot be handed on": {
			"ben", quickbitest.Refuse("Works.Transfer.Error"), quickbi.ErrWorkTransfer, "it may have been executed); a look at the state shows that it was not",
			[]string{"WithdrawAllUserGroups+", "DeleteUser-"},
		},
		"workspace owned since": {
			"ben", quickbitest.Refuse("CanNot.Remove.WorkspaceOwner"), quickbi.ErrWorkspaceOwnerNotRemovable, "in the console",
			[]string{"WithdrawAllUserGroups+", "DeleteUser-"},
		},
		"gone, as it says, but still there": {
			"ben", quickbitest.Refuse("User.Not.In.Organization"), quickbi.ErrUserNotInOrganization, "User.Not.In.Organization",
			[]string{"WithdrawAllUserGroups+", "DeleteUser-"},
		},
		"no right": {
			"ben", quickbitest.Refuse("Access.Forbidden"), quickbi.ErrorCode("Access.Forbidden"), "Access.Forbidden",
			[]string{"WithdrawAllUserGroups+", "DeleteUser-"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			p := o.plan(t, Offboarder{Successor: "ann"}, test.user)
			o.Fail("DeleteUser", test.fault, 1)
			err := apply(t, p)
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Apply: %v", err)
			}
			if diff := cmp.Diff(test.writes, o.writes()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOwnerOfTheOrganization is refused by the service only. The owner stays in the groups.
func TestOwnerOfTheOrganization(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	err := server.Seed(quickbitest.Organization{UserGroups: []quickbitest.UserGroup{{UserGroupID: "sales", UserGroupName: "Sales", UserIDs: []string{quickbitest.OwnerUserID}}}})
	if err != nil {
		t.Fatal(err)
	}
	o := office{server, server.Client()}
	err = apply(t, o.plan(t, Offboarder{}, quickbitest.OwnerUserID))
	if _, ok := errors.AsType[*Obstacle](err); !ok || !errors.Is(err, quickbi.ErrOrganizationOwnerNotRemovable) || !strings.Contains(err.Error(), "owns the organization") {
		t.Errorf("Apply: %v", err)
	}
	if diff := cmp.Diff([]string{"DeleteUser-"}, o.writes()); diff != "" {
		t.Error(diff)
	}
}

// TestAdministrator deletes one who could be the owner of the organization first of all.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "adam")
	var text strings.Builder
	if err := p.Print(&text); err != nil || !strings.Contains(text.String(), "perhaps its owner") || strings.Contains(text.String(), "take out of all") {
		t.Errorf("%v\n%s", err, text.String())
	}
	if err := apply(t, p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"DeleteUser+"}, o.writes()); diff != "" {
		t.Error(diff)
	}
	for _, g := range o.Snapshot().UserGroups {
		if slices.Contains(g.UserIDs, "adam") {
			t.Errorf("Adam is still in %s", g.UserGroupName)
		}
	}
}

// TestOwnRolesAreLeftToTheService does not guess what roles of the organization's own are worth.
func TestOwnRolesAreLeftToTheService(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	err := o.Seed(quickbitest.Organization{
		Users:          []quickbitest.User{{UserID: "kim", NickName: "Kim"}},
		WorkspaceRoles: []quickbitest.Role{{RoleID: 777, RoleName: "Editor"}},
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "own", WorkspaceName: "Own", Users: []quickbitest.WorkspaceUser{
			{UserID: "kim", RoleIDs: []int64{777}}, {UserID: "tom"},
		}}},
		Works: []quickbitest.Works{{WorksID: "kims", WorksName: "Kim's", WorkspaceID: "own", OwnerID: "kim"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.plan(t, Offboarder{Successor: "tom"}, "kim").Obstacle(); err != nil {
		t.Error(err)
	}
}

func TestCannotPlan(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx        context.Context
		offboarder Offboarder
		user, says string
	}{
		"no client":      {t.Context(), Offboarder{}, "ben", "Client is missing"},
		"no member":      {t.Context(), Offboarder{Client: o.client}, "", "is empty"},
		"their own heir": {t.Context(), Offboarder{Client: o.client, Successor: "ben"}, "ben", "cannot leave and be the successor"},
		"cancelled":      {cancelled, Offboarder{Client: o.client}, "ben", "context canceled"},
	} {
		p, err := test.offboarder.Plan(test.ctx, test.user)
		if p != nil || err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	// Every read of a plan can fail.
	for _, action := range []string{
		"QueryUserInfoByUserId", "ListUserGroupsByUserId", "QuerySharesToUserList", "ListWorkspaceUserRolesByUserId",
		"QueryOrganizationWorkspaceList", "QueryWorksByOrganization", "QueryDatasetList",
	} {
		o.Fail(action, quickbitest.Refuse("Access.Forbidden"), 1)
		if _, err := (Offboarder{Client: o.client, Successor: "ann"}).Plan(t.Context(), "ben"); !errors.Is(err, quickbi.ErrPermission) {
			t.Errorf("%s: %v", action, err)
		}
	}
}

// TestGoneWhilePlanning takes the member away between two reads.
func TestGoneWhilePlanning(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Fail("QuerySharesToUserList", quickbitest.Refuse("User.Not.In.Organization"), 1)
	p, err := Offboarder{Client: o.client, Successor: "ann"}.Plan(t.Context(), "ben")
	if p != nil || !errors.Is(err, quickbi.ErrUserNotInOrganization) || !strings.Contains(fmt.Sprint(err), `"Ben" (ben) has just left`) {
		t.Errorf("plan: %v, %v", p, err)
	}
}

// TestApplyEndsWithItsContext loses the answer to the last step to a deadline. The
// look that follows finds the member gone.
func TestApplyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	o.Fail("DeleteUser", quickbitest.Delay(time.Minute), 1)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := p.Apply(ctx); err != nil || ctx.Err() == nil {
		t.Errorf("Apply: %v, the context: %v", err, ctx.Err())
	}
	o.checkLeft(t, "ann")
}
