package dirsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// changed is staffCSV after a month in which everything happened.
const changed = `account_id,account_name,nickname,user_type,groups
101,ann@example.com,,,Sales;Sales/North
102,main:bob,,,Sales/South
105,dora@example.com,,,Finance;Legal;Legal/Contracts
200,eve@example.com,Eve,analyst,Legal/Contracts;Sales
,fay@example.com,Fay,,Finance
1000000000000001,owner,,,
`

func everything(o *org) dirsync.Syncer {
	return unlimited(dirsync.Syncer{
		Client: o.client, Within: []string{"Sales", "Finance", "Legal"}, AddMembersAs: quickbi.UserTypeViewer,
		DeleteMembers: true, Successor: "101",
	})
}

// after is how the groups of staff are after changed.
var after = map[string][]string{
	"Sales":           {"ann@example.com", "eve@example.com"},
	"Sales/North":     {"ann@example.com"},
	"Sales/South":     {"main:bob"},
	"Finance":         {"dora@example.com", "fay@example.com"},
	"Legal":           {"dora@example.com"},
	"Legal/Contracts": {"dora@example.com", "eve@example.com"},
	"Project X":       {"ann@example.com"},
}

func TestApply(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	s := everything(o)
	var progress []dirsync.Progress
	s.Progress = func(p dirsync.Progress) {
		if progress = append(progress, p); p.OfChanges != 13 || p.Calls > p.OfCalls {
			t.Errorf("%+v", p)
		}
	}
	planned := mustPlan(t, s, changed)
	o.ResetCalls()
	report, err := planned.Apply(t.Context())
	n := len(o.Calls())
	if err != nil {
		t.Fatal(err)
	}
	mustBe(t, "groups", after, o.groups(t))
	want := dirsync.Counts{CreateGroup: 2, AddMember: 2, Join: 5, Move: 1, DeleteMember: 2}
	if report.Done != want || len(report.Failed) > 0 || report.Records != 6 || report.Finished.Before(report.Started) {
		t.Errorf("report: %+v", report)
	}
	if planned.Calls() != n {
		t.Errorf("%d calls, and %d were foreseen", n, planned.Calls())
	}
	if last := (dirsync.Progress{Changes: 13, OfChanges: 13, Calls: n, OfCalls: n}); len(progress) == 0 || progress[len(progress)-1] != last ||
		!slices.IsSortedFunc(progress, func(a, b dirsync.Progress) int { return a.Calls + a.Changes - b.Calls - b.Changes }) {
		t.Errorf("progress %+v, want %+v in the end", progress, last)
	}
	for _, call := range o.sent() {
		if call.Action == "DeleteUser" && call.Param("TransferUserId") != "u-ann" {
			t.Errorf("works of %s go to %q", call.Param("UserId"), call.Param("TransferUserId"))
		}
		if call.Action == "AddUser" && (call.Param("NickName") == "Eve") != (call.Param("UserType") == "3") {
			t.Errorf("%s was added as %s", call.Param("NickName"), call.Param("UserType"))
		}
	}

	o.ResetCalls()
	plan := mustPlan(t, s, changed)
	report, err = plan.Apply(t.Context())
	if err != nil || !plan.Empty() || report.Done.Total() != 0 {
		t.Errorf("once more: %v, %v, %+v", err, plan.Counts(), report)
	}
	if calls := actions(o.sent()); len(calls) > 0 {
		t.Errorf("a synchronized organization was sent %v", calls)
	}
}

// A lost answer is looked into before anything is sent again.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"CreateUserGroup", "AddUser", "AddUserGroupMember", "AddUserGroupMembers", "DeleteUserGroupMembers", "DeleteUser"} {
		for _, tt := range []struct {
			name  string
			fault quickbitest.Fault
			again bool // it has to be sent again
		}{
			{"done, answer lost", quickbitest.DropAfter(), false},
			{"done, half an answer", quickbitest.Truncate(), false},
			{"done, error page", quickbitest.Raw(502, "text/html", "<h1>Bad Gateway</h1>").Executed(), false},
			{"not done", quickbitest.DropBefore(), true},
		} {
			t.Run(action+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				// What takes one call of each kind when all is well.
				reference, o := newOrg(t, staff()), newOrg(t, staff())
				mustApply(t, mustPlan(t, everything(reference), changed))
				o.Fail(action, tt.fault, 1)
				report, err := mustPlan(t, everything(o), changed).Apply(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				mustBe(t, "groups", after, o.groups(t))
				if report.Done.Total() != 12 {
					t.Errorf("report: %+v", report.Done)
				}
				want := actions(reference.sent())
				if !slices.Contains(want, action) {
					t.Fatalf("%s is not among %v", action, want)
				}
				if tt.again {
					extra := action
					if action == "AddUserGroupMembers" {
						extra = "AddUserGroupMember" // for what is then left, one is like the other
					}
					want = append(want, extra)
				}
				got := actions(o.sent())
				slices.Sort(want)
				slices.Sort(got)
				mustBe(t, "writes", want, got)
			})
		}
	}
}

// A write that never arrives is given up, and the rest is done. A look has shown
// that it was not executed, so that its outcome is known.
func TestNeverAnswered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action string
		sends  int // three for every call
		failed []string
	}{
		{"CreateUserGroup", 3, []string{
			"+ group Legal", "+ group Legal/Contracts", "+ dora@example.com: Legal", "+ dora@example.com: Legal/Contracts", "+ eve@example.com: Legal/Contracts",
		}},
		{"AddUser", 6, []string{
			"+ member eve@example.com as analyst", "+ member fay@example.com as viewer", "+ eve@example.com: Sales", "+ eve@example.com: Legal/Contracts", "+ fay@example.com: Finance",
		}},
		{"DeleteUser", 6, []string{"- member main2:bob, works to ann@example.com", "- member carl, works to ann@example.com"}},
		{"DeleteUserGroupMembers", 3, []string{"> main:bob: Sales/North -> Sales/South"}},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, staff())
			o.Fail(tt.action, quickbitest.DropBefore(), -1)
			report, err := mustPlan(t, everything(o), changed).Apply(t.Context())
			if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, quickbi.ErrOutcomeUnknown) {
				t.Fatalf("%v", err)
			}
			var failed []string
			for _, f := range report.Failed {
				failed = append(failed, f.String())
			}
			mustBe(t, "failed", tt.failed, failed)
			if report.Done.Total() != 12-len(tt.failed) {
				t.Errorf("report: %+v", report.Done)
			}
			n := 0
			for _, call := range o.sent() {
				if call.Action == tt.action {
					n++
				}
			}
			if n != tt.sends {
				t.Errorf("%d calls, want %d", n, tt.sends)
			}
			o.ClearFaults()
			mustApply(t, mustPlan(t, everything(o), changed))
			mustBe(t, "groups in the end", after, o.groups(t))
		})
	}
}

// If nobody can tell what became of a write, it is not sent again.
func TestCannotLook(t *testing.T) {
	t.Parallel()
	for write, read := range map[string]string{
		"CreateUserGroup":        "QueryUserGroupListByParentId",
		"AddUser":                "QueryUserInfoByAccount",
		"AddUserGroupMember":     "QueryUserGroupMember",
		"DeleteUserGroupMembers": "ListUserGroupsByUserId",
		"DeleteUser":             "CheckOrganizationMember",
	} {
		t.Run(write, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, staff())
			plan := mustPlan(t, everything(o), changed)
			o.Fail(write, quickbitest.DropAfter(), -1)
			o.Fail(read, quickbitest.Refuse("Access.Forbidden"), -1)
			_, err := plan.Apply(t.Context())
			if !errors.Is(err, quickbi.ErrOutcomeUnknown) || !errors.Is(err, quickbi.ErrPermission) {
				t.Errorf("%v", err)
			}
			seen := map[string]bool{}
			for _, call := range o.sent() {
				if what := call.Query.Encode(); call.Action == write && seen[what] {
					t.Errorf("sent again: %s", what)
				} else if call.Action == write {
					seen[what] = true
				}
			}
			o.ClearFaults()
			mustApply(t, mustPlan(t, everything(o), changed))
			mustBe(t, "groups in the end", after, o.groups(t))
		})
	}
}

// Groups of one layer are created side by side, and so are the looks at those whose
// answers were lost. The race detector sees whether they share what they find.
func TestCreationsInDoubt(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{})
	var source strings.Builder
	source.WriteString("account_name,groups\nowner,")
	for i := range 40 {
		fmt.Fprintf(&source, "Team %d;", i)
	}
	source.WriteString("\n")
	plan := planOf(t, dirsync.Syncer{Client: o.client, Workers: 8}, source.String())
	o.Fail("CreateUserGroup", quickbitest.DropAfter(), -1)
	report, err := plan.Apply(t.Context())
	if err != nil || report.Done.CreateGroup != 40 || len(o.Snapshot().UserGroups) != 40 {
		t.Errorf("%d groups reported, %d there: %v", report.Done.CreateGroup, len(o.Snapshot().UserGroups), err)
	}
}

// However many calls for a group were lost, it is listed once.
func TestLooksOnce(t *testing.T) {
	t.Parallel()
	seed, records := large(500)
	o := newOrg(t, seed)
	plan, err := dirsync.Syncer{Client: o.client}.Plan(t.Context(), dirsync.Records(records))
	if err != nil {
		t.Fatal(err)
	}
	o.ResetCalls()
	o.Fail("AddUserGroupMember", quickbitest.DropAfter(), -1)
	mustApply(t, plan)
	looks := map[string]int{}
	for _, call := range o.Calls() {
		if call.Action == "QueryUserGroupMember" {
			looks[call.Param("UserGroupId")]++
		}
	}
	for id, n := range looks {
		if n != 1 {
			t.Errorf("group %s was listed %d times", id, n)
		}
	}
	if len(looks) != 6 || len(o.sent()) != 7+3+5 {
		t.Errorf("%d groups were listed, %d writes sent", len(looks), len(o.sent()))
	}
}

// An account that the service has and does not show is a failure, not a loop.
func TestAccountThatCannotBeFound(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	o.Fail("AddUser", quickbitest.Refuse("User.AlreadyIn.Organization"), -1)
	s := dirsync.Syncer{Client: o.client, Within: []string{"New"}, AddMembersAs: quickbi.UserTypeViewer}
	report, err := mustPlan(t, s, "account_id,account_name,nickname,groups\n999,main:zed,Zed,New\n").Apply(t.Context())
	if !errors.Is(err, quickbi.ErrUserAlreadyInOrganization) || len(report.Failed) != 2 {
		t.Errorf("%v, %+v", err, report.Failed)
	}
	if got := actions(o.sent()); !cmp.Equal(got, []string{"CreateUserGroup", "AddUser"}) {
		t.Errorf("sent %v", got)
	}
}

// Who is gone when a lost answer is looked into has left all groups.
func TestGoneWhileInDoubt(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	plan := mustPlan(t, dirsync.Syncer{Client: o.client, Within: []string{"Sales", "Finance"}, MaxRemove: 1}, strings.Replace(staffCSV, "Sales/South", "", 1))
	o.transport.onSend = func(action string, _ int64) {
		if action == "ListUserGroupsByUserId" {
			o.transport.onSend = nil
			if _, err := o.client.DeleteUser(context.Background(), &quickbi.DeleteUserRequest{UserID: "u-carl"}); err != nil {
				t.Error(err)
			}
		}
	}
	o.Fail("DeleteUserGroupMembers", quickbitest.DropBefore(), 1)
	if report, err := plan.Apply(t.Context()); err != nil || report.Done.Leave != 1 {
		t.Errorf("%v, %+v", err, report.Done)
	}
}

// Who could not join the new group does not leave the old one.
func TestMoveIsWhole(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	o.Fail("AddUserGroupMember", quickbitest.Refuse("UserGroup.Already.Synchronized"), -1)
	s := dirsync.Syncer{Client: o.client, Within: []string{"Sales", "Finance"}, MaxRemove: 1}
	plan := mustPlan(t, s, strings.NewReplacer("bob,Sales/North", "bob,Sales/South", "Finance", "").Replace(staffCSV))
	report, err := plan.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrUserGroupSynchronized) || !strings.Contains(err.Error(), "1 of 3 changes failed") {
		t.Fatalf("%v", err)
	}
	if got := o.groups(t); !slices.Contains(got["Sales/North"], "main:bob") || len(got["Finance"]) > 0 {
		t.Errorf("groups: %v", got)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Done   map[string]int
		Failed []map[string]any
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Failed) != 1 || doc.Done["leave"] != 2 {
		t.Fatalf("%s", text)
	}
	f := doc.Failed[0]
	if f["kind"] != "move" || f["account"] != "main:bob" || f["userId"] != "u-bob" || f["from"] != "Sales/North" || f["group"] != "Sales/South" ||
		!strings.Contains(fmt.Sprint(f["error"]), "UserGroup.Already.Synchronized") {
		t.Errorf("%s", text)
	}
}

// What somebody else did between plan and Apply fails one by one, or is no failure.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	const n = 300
	seed, records := large(n)
	o := newOrg(t, seed)
	s := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true})
	plan, err := s.Plan(t.Context(), dirsync.Records(records))
	if err != nil {
		t.Fatal(err)
	}
	gone := seed.Users[123]
	if _, err := o.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: gone.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.client.CreateUserGroup(t.Context(), &quickbi.CreateUserGroupRequest{ParentUserGroupID: quickbi.RootUserGroupID, UserGroupName: "Everybody"}); err != nil {
		t.Fatal(err)
	}
	report, err := plan.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrGroupUserNotFound) {
		t.Fatal(err)
	}
	for _, f := range report.Failed {
		if f.Account != gone.AccountName || f.Kind != dirsync.Join {
			t.Errorf("%v failed: %v", f.Change, f.Err)
		}
	}
	if len(report.Failed) != 2 || report.Done.Join != 2*n-2 || report.Done.CreateGroup != 5 {
		t.Errorf("%d failed, done %+v", len(report.Failed), report.Done)
	}
	if got := o.groups(t); len(got["Everybody"]) != n-1 || len(got["Departments/D001"]) != 99 {
		t.Errorf("%d and %d members", len(got["Everybody"]), len(got["Departments/D001"]))
	}

	// Of those to leave, one is gone, and so is a group to be left.
	nobody := dirsync.Records(func(func(dirsync.Record) bool) {})
	plan, err = unlimited(dirsync.Syncer{Client: o.client}).Plan(t.Context(), nobody)
	if err != nil {
		t.Fatal(err)
	}
	deletion, err := s.Plan(t.Context(), nobody)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: seed.Users[7].UserID}); err != nil {
		t.Fatal(err)
	}
	for child, err := range childrenOf(o, "Departments") {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.client.DeleteUserGroup(t.Context(), &quickbi.DeleteUserGroupRequest{UserGroupID: child}); err != nil {
			t.Fatal(err)
		}
	}
	report, err = plan.Apply(t.Context())
	if err != nil || report.Done.Leave != 2*n-2 {
		t.Fatalf("%v: done %+v", err, report.Done)
	}
	report, err = deletion.Apply(t.Context())
	if err != nil || report.Done.DeleteMember != n-1 {
		t.Errorf("%v: done %+v", err, report.Done)
	}
	if plan, err = s.Plan(t.Context(), nobody); err != nil || !plan.Empty() || plan.Members != 1 {
		t.Errorf("%v, %d members, %v", err, plan.Members, plan.Counts())
	}
}

// childrenOf yields the ids of the groups in a group at the top.
func childrenOf(o *org, name string) func(func(string, error) bool) {
	return func(yield func(string, error) bool) {
		parent := quickbi.RootUserGroupID
		for range 2 {
			resp, err := o.client.QueryUserGroupListByParentId(context.Background(), &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: parent})
			if err != nil {
				yield("", err)
				return
			}
			for _, g := range resp.Result {
				if parent == quickbi.RootUserGroupID && g.UserGroupName == name {
					defer func() { parent = "" }()
					parent = g.UserGroupID
					break
				}
				if parent != quickbi.RootUserGroupID && !yield(g.UserGroupID, nil) {
					return
				}
			}
		}
	}
}

// Accounts that somebody else made members meanwhile are found.
func TestAddedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, r := range []dirsync.Record{
		{AccountID: "900", AccountName: "zoe@example.com", NickName: "Zoe"},
		{AccountName: "main:zoe", NickName: "Zoe"},
		{AccountName: "zoe@main.onaliyun.com", NickName: "Zoe"},
	} {
		t.Run(r.AccountName, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, staff())
			r.Groups = []string{"Finance"}
			s := dirsync.Syncer{Client: o.client, Within: []string{"Finance"}, AddMembersAs: quickbi.UserTypeViewer, MaxRemove: 1}
			plan, err := s.Plan(t.Context(), dirsync.Records(slices.Values([]dirsync.Record{r})))
			if err != nil {
				t.Fatal(err)
			}
			if err := o.Seed(quickbitest.Organization{Users: []quickbitest.User{{UserID: "u-zoe", AccountID: r.AccountID, AccountName: r.AccountName, NickName: "Zoe"}}}); err != nil {
				t.Fatal(err)
			}
			mustApply(t, plan)
			if got := o.groups(t)["Finance"]; !cmp.Equal(got, []string{r.AccountName}) {
				t.Errorf("in Finance: %v", got)
			}
		})
	}
}

// When seats have run out, no more members of that type are tried.
func TestNoSeats(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{Limits: quickbitest.Limits{Viewers: 2}})
	s := unlimited(dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer, Workers: 1})
	text := "account_name,nickname,user_type,groups\n"
	for i := range 50 {
		text += fmt.Sprintf("v%d,V%d,viewer,Everybody\na%d,A%d,analyst,Everybody\n", i, i, i, i)
	}
	report, err := mustPlan(t, s, text).Apply(t.Context())
	if !errors.Is(err, quickbi.ErrViewerLimit) || report.Done.AddMember != 52 || report.Done.Join != 52 || len(report.Failed) != 96 {
		t.Errorf("%v: %+v, %d failed", err, report.Done, len(report.Failed))
	}
	n := 0
	for _, call := range o.sent() {
		if call.Action == "AddUser" {
			n++
		}
	}
	if n != 53 {
		t.Errorf("%d members were tried", n)
	}
}

// One refused key is enough.
func TestStopsWithoutCredentials(t *testing.T) {
	t.Parallel()
	seed, records := large(2000)
	o := newOrg(t, seed)
	s := dirsync.Syncer{Client: o.client, Workers: 4}
	plan, err := s.Plan(t.Context(), dirsync.Records(records))
	if err != nil {
		t.Fatal(err)
	}
	o.Fail("AddUserGroupMember", quickbitest.Refuse("InvalidAccessKeyId.NotFound"), -1)
	report, err := plan.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrAuthentication) || report.Done.Join != 0 || len(report.Failed) != 4000 {
		t.Errorf("%v: %+v, %d failed", err, report.Done, len(report.Failed))
	}
	if calls := slices.DeleteFunc(o.sent(), func(c quickbitest.Call) bool { return c.Action == "CreateUserGroup" }); len(calls) > 4 {
		t.Errorf("%d calls", len(calls))
	}
}

// Stopped at any moment, it is finished by the next run.
func TestResume(t *testing.T) {
	t.Parallel()
	for stopAt := int64(1); stopAt < 25; stopAt += 3 {
		t.Run(fmt.Sprint(stopAt), func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, staff())
			plan := mustPlan(t, everything(o), changed)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o.transport.sent.Store(0)
			o.transport.onSend = func(_ string, n int64) {
				if n >= stopAt {
					cancel()
				}
			}
			report, err := plan.Apply(ctx)
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if err != nil && report.Done.Total()+len(report.Failed) != 12 {
				t.Errorf("%+v and %d failed", report.Done, len(report.Failed))
			}
			if err == nil && stopAt < 10 {
				t.Error("was not stopped")
			}
			o.transport.onSend = nil
			mustApply(t, mustPlan(t, everything(o), changed))
			mustBe(t, "groups", after, o.groups(t))
		})
	}
}

func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		syncer         dirsync.Syncer
		maxURL, maxIDs int
		fewest, atMost int // calls
	}{
		{name: "by default", maxURL: 7 << 10, maxIDs: 1000, fewest: 5 + 10, atMost: 6 + 10},
		{name: "short URLs", syncer: dirsync.Syncer{MaxURL: 2048}, maxURL: 2048, maxIDs: 1000, fewest: 1000/58 + 20, atMost: 55},
		{name: "few ids", syncer: dirsync.Syncer{MaxIDs: 10}, maxURL: 7 << 10, maxIDs: 10, fewest: 200, atMost: 200},
		{name: "long URLs", syncer: dirsync.Syncer{MaxURL: 1 << 20}, maxURL: 1 << 20, maxIDs: 1000, fewest: 11, atMost: 11},
		{name: "one at a time", syncer: dirsync.Syncer{MaxURL: 1}, maxURL: 1 << 10, maxIDs: 1, fewest: 2000, atMost: 2000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seed, records := large(1000)
			o := newOrg(t, seed)
			tt.syncer.Client = o.client
			plan, err := tt.syncer.Plan(t.Context(), dirsync.Records(records))
			if err != nil {
				t.Fatal(err)
			}
			mustApply(t, plan)
			n := 0
			for _, call := range o.sent() {
				if call.Action != "AddUserGroupMember" && call.Action != "AddUserGroupMembers" {
					continue
				}
				n++
				if size := len("https://quickbi-public.cn-shanghai-finance-1.aliyuncs.com/?" + call.Query.Encode()); size > tt.maxURL {
					t.Errorf("URL of %d bytes", size)
				}
				if ids := strings.Count(call.Param("UserIdList")+call.Param("UserGroupIds"), ",") + 1; ids > tt.maxIDs {
					t.Errorf("%d ids", ids)
				}
			}
			if n < tt.fewest || n > tt.atMost {
				t.Errorf("%d calls, want %d to %d", n, tt.fewest, tt.atMost)
			}
		})
	}
}

// Apply is as fast as the client's rate limit allows: with time that stands
// still but for waits, it takes the number of its calls divided by the rate.
func TestRunsAtTheRateLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rate    float64
		latency time.Duration
		workers int
		members int
	}{
		{50, 200 * time.Millisecond, 0, 2500}, // the documented rate and a far service
		{50, 20 * time.Millisecond, 0, 2500},
		{400, 150 * time.Millisecond, 80, 2500},
		{50, 100 * time.Millisecond, 0, 20_000},
	} {
		t.Run(fmt.Sprint(tt.rate, tt.latency, tt.members), func(t *testing.T) {
			t.Parallel()
			if tt.members > 10_000 && testing.Short() {
				t.Skip("takes seconds")
			}
			synctest.Test(t, func(t *testing.T) {
				seed, records := large(tt.members)
				o := newOrg(t, seed, quickbi.WithRateLimit(tt.rate, 1))
				s := dirsync.Syncer{Client: o.client, MaxIDs: 10, Workers: tt.workers}
				plan, err := s.Plan(t.Context(), dirsync.Records(records))
				if err != nil {
					t.Fatal(err)
				}
				o.transport.latency = tt.latency
				o.transport.sent.Store(0)
				started := time.Now()
				mustApply(t, plan)
				took, calls := time.Since(started), o.transport.sent.Load()
				// Two layers of groups and the memberships: between them the last call is waited for.
				ideal := time.Duration(float64(calls)/tt.rate*float64(time.Second)) + 3*tt.latency
				if calls < 500 || took > ideal*102/100 {
					t.Errorf("%d calls took %v, the rate allows for %v", calls, took, ideal)
				}
			})
		})
	}
}

// A service that throttles is waited for by the client; nothing fails.
func TestThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed, records := large(1000)
		o := newOrg(t, seed, quickbi.WithRetryPolicy(quickbi.RetryPolicy{}))
		s := dirsync.Syncer{Client: o.client, MaxIDs: 10}
		plan, err := s.Plan(t.Context(), dirsync.Records(records))
		if err != nil {
			t.Fatal(err)
		}
		o.Fail("AddUserGroupMember", quickbitest.Refuse("Throttling.User").WithHeader("X-Ratelimit-User", "Limit:50,TimeLeft:700"), 16)
		started := time.Now()
		report, err := plan.Apply(t.Context())
		if err != nil || report.Done.Join != 2000 {
			t.Fatal(err)
		}
		if took := time.Since(started); took < 700*time.Millisecond {
			t.Errorf("waited %v", took)
		}
	})
}

// TestRandom lets random sources act on random organizations over a network
// that loses requests and answers.
func TestRandom(t *testing.T) {
	t.Parallel()
	withSeeds(t, 60, 60, 1, func(t *testing.T, rng *rand.Rand) {
		paths := []string{"A", "A/B", "A/B/C", "A/D", "E", "E/B"}
		some := func(share float64) []string {
			return slices.DeleteFunc(slices.Clone(paths), func(string) bool { return rng.Float64() > share })
		}
		var start quickbitest.Organization
		groups := map[string]*quickbitest.UserGroup{}
		want := map[string][]string{}
		for _, path := range paths[:1+rng.IntN(len(paths))] {
			parent, name := "", path
			if i := strings.LastIndexByte(path, '/'); i >= 0 {
				parent, name = path[:i], path[i+1:]
			}
			if parent == "" || groups[parent] != nil {
				groups[path] = &quickbitest.UserGroup{UserGroupID: "g-" + strings.ReplaceAll(path, "/", "-"), UserGroupName: name}
				if parent != "" {
					groups[path].ParentUserGroupID = groups[parent].UserGroupID
				}
				want[path] = []string{}
			}
		}
		var records []dirsync.Record
		for i := range 30 {
			name := fmt.Sprintf("main:user%02d", i)
			if rng.IntN(4) > 0 { // a member already
				id := fmt.Sprintf("u%02d", i)
				start.Users = append(start.Users, quickbitest.User{UserID: id, AccountName: name, NickName: name[5:]})
				for _, path := range some(0.4) {
					if g := groups[path]; g != nil {
						g.UserIDs = append(g.UserIDs, id)
					}
				}
			}
			if rng.IntN(4) > 0 { // in the source
				r := dirsync.Record{AccountName: name, NickName: name[5:], Groups: some(0.4)}
				for _, path := range r.Groups {
					for top := path; ; {
						want[top] = append(want[top], []string{}...)
						i := strings.LastIndexByte(top, '/')
						if i < 0 {
							break
						}
						top = top[:i]
					}
					want[path] = append(want[path], name)
				}
				records = append(records, r)
			}
		}
		for _, path := range slices.Sorted(maps.Keys(groups)) {
			start.UserGroups = append(start.UserGroups, *groups[path])
		}
		for path, members := range want {
			if want[path] = slices.Sorted(slices.Values(members)); len(members) == 0 {
				want[path] = []string{}
			}
		}

		o := newOrg(t, start)
		s := unlimited(dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeAnalyst, DeleteMembers: true, Workers: 1 + rng.IntN(4), MaxIDs: 1 + rng.IntN(9)})
		source := dirsync.Records(slices.Values(records))
		plan, err := s.Plan(t.Context(), source)
		for n := 0; err == nil && !plan.Empty(); n++ {
			if n == 50 {
				t.Fatalf("still to do: %v", plan.Counts())
			}
			for range 3 {
				fault := []quickbitest.Fault{quickbitest.DropBefore(), quickbitest.DropAfter(), quickbitest.Refuse("Throttling.User"), quickbitest.NotPerformed()}[rng.IntN(4)]
				o.Fail(writes[rng.IntN(6)], fault, 1+rng.IntN(4))
			}
			o.Fail("QueryUserGroupMember", quickbitest.DropBefore(), rng.IntN(2))
			todo := plan.Counts().Total()
			report, applyErr := plan.Apply(t.Context())
			if (applyErr != nil) != (len(report.Failed) > 0) || report.Done.Total()+len(report.Failed) != todo {
				t.Errorf("%v: done %+v, %d failed, of %d", applyErr, report.Done, len(report.Failed), todo)
			}
			o.ClearFaults()
			if plan, err = s.Plan(t.Context(), source); err == nil && applyErr == nil && !plan.Empty() {
				t.Errorf("all done, but still to do: %v", plan.Counts())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		mustBe(t, "groups", want, o.groups(t))
	})
}
