package dirsync_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// direct takes requests to an emulator without a network, so that time can be
// synctest's.
type direct struct {
	emulator *quickbitest.Emulator
	latency  time.Duration
	sent     atomic.Int64
	onSend   func(action string, n int64) // called before a request arrives
	onAnswer func(action string, body []byte) []byte
}

func (d *direct) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	n := d.sent.Add(1)
	if d.onSend != nil {
		d.onSend(req.Header.Get("X-Acs-Action"), n)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	time.Sleep(d.latency)
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			resp, err = nil, io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	w := httptest.NewRecorder()
	in := req.Clone(req.Context())
	in.Host, in.RequestURI = req.URL.Host, req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	d.emulator.ServeHTTP(w, in)
	if d.onAnswer != nil {
		body := d.onAnswer(req.Header.Get("X-Acs-Action"), w.Body.Bytes())
		w.Body = bytes.NewBuffer(body)
		w.Header().Del("Content-Length")
	}
	resp = w.Result()
	resp.Request = req
	return resp, nil
}

// org is an emulated organization with a client.
type org struct {
	*quickbitest.Emulator
	transport *direct
	client    *quickbi.Client
}

func newOrg(t testing.TB, seed quickbitest.Organization, opts ...quickbi.Option) *org {
	t.Helper()
	e := quickbitest.NewEmulator()
	if err := e.Seed(seed); err != nil {
		t.Fatal(err)
	}
	o := &org{Emulator: e, transport: &direct{emulator: e}}
	client, err := quickbi.NewClient(append([]quickbi.Option{
		quickbi.WithAccessKey(e.AccessKey()),
		quickbi.WithHTTPClient(&http.Client{Transport: o.transport}),
		quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	o.client = client
	return o
}

// groups returns who is in which group, by path and account, as the service tells it.
func (o *org) groups(t testing.TB) map[string][]string {
	t.Helper()
	ctx := context.Background()
	names := map[string]string{}
	for user, err := range o.client.QueryUserListAll(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		names[user.UserID] = user.AccountName
	}
	all := map[string][]string{}
	var walk func(id, path string)
	walk = func(id, path string) {
		resp, err := o.client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: id})
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range resp.Result {
			if entry.IsUserGroup {
				below := strings.TrimPrefix(path+"/"+entry.Name, "/")
				all[below] = []string{}
				walk(entry.ID, below)
			} else {
				all[path] = append(all[path], names[entry.ID])
			}
		}
		slices.Sort(all[path])
	}
	walk(quickbi.RootUserGroupID, "")
	delete(all, "")
	return all
}

var writes = []string{
	"AddUser", "DeleteUser", "CreateUserGroup", "AddUserGroupMember", "AddUserGroupMembers", "DeleteUserGroupMember",
	"DeleteUserGroupMembers", "UpdateUserGroup", "TransferUsergroup", "AddUserToWorkspace", "AddWorkspaceUsers", "UpdateWorkspaceUserRole",
	"UpdateWorkspaceUsersRole", "DeleteUserFromWorkspace", "UpdateUser", "DeleteUserGroup", "WithdrawAllUserGroups", "UpdateUserTagValue",
}

// sent returns the writes that arrived since the last ResetCalls.
func (o *org) sent() []quickbitest.Call {
	return slices.DeleteFunc(o.Calls(), func(c quickbitest.Call) bool { return !slices.Contains(writes, c.Action) })
}

// mustSend checks that no other writes than these were sent, and each of them.
func (o *org) mustSend(t *testing.T, want ...string) {
	t.Helper()
	got := actions(o.sent())
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(slices.Compact(got), want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

func actions(calls []quickbitest.Call) []string {
	list := []string{}
	for _, c := range calls {
		list = append(list, c.Action)
	}
	return list
}

// staff is an organization of the owner and five others.
//
//	Sales (ann)
//	  North (ann, bob)
//	  South (carl)
//	Finance (dora, main2's bob)
//	Project X (ann, carl), made by hand
func staff() quickbitest.Organization {
	return quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "u-ann", AccountID: "101", AccountName: "ann@example.com", NickName: "Ann"},
			{UserID: "u-bob", AccountID: "102", AccountName: "main:bob", NickName: "Bob", UserType: 2},
			{UserID: "u-bob2", AccountID: "103", AccountName: "main2:bob", NickName: "Other Bob", UserType: 3},
			{UserID: "u-carl", AccountName: "carl", NickName: "Carl", UserType: 3},
			{UserID: "u-dora", AccountID: "105", AccountName: "dora@example.com", NickName: "Dora", RoleIDs: []int64{quickbi.OrganizationRoleAdmin}},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "g-sales", UserGroupName: "Sales", UserIDs: []string{"u-ann"}},
			{UserGroupID: "g-north", ParentUserGroupID: "g-sales", UserGroupName: "North", UserIDs: []string{"u-ann", "u-bob"}},
			{UserGroupID: "g-south", ParentUserGroupID: "g-sales", UserGroupName: "South", UserIDs: []string{"u-carl"}},
			{UserGroupID: "g-finance", UserGroupName: "Finance", UserIDs: []string{"u-dora", "u-bob2"}},
			{UserGroupID: "g-x", UserGroupName: "Project X", UserIDs: []string{"u-ann", "u-carl"}},
		},
	}
}

// staffCSV says of staff what is the case, but for Project X.
const staffCSV = `account_id,account_name,groups
101,ann@example.com,Sales;Sales/North
102,main:bob,Sales/North
103,main2:bob,Finance
,carl,Sales/South
105,dora@example.com,Finance
1000000000000001,owner,
`

// large returns an organization of n members, and a source that puts each into a
// department of a hundred and into the group of everybody.
func large(n int) (quickbitest.Organization, func(func(dirsync.Record) bool)) {
	var seed quickbitest.Organization
	for i := range n {
		seed.Users = append(seed.Users, quickbitest.User{
			UserID: fmt.Sprintf("%032x", i+1<<20), AccountID: fmt.Sprintf("12%014d", i), AccountName: fmt.Sprintf("acme:user%06d", i),
			NickName: fmt.Sprintf("User %06d", i), UserType: 2,
		})
	}
	return seed, func(yield func(dirsync.Record) bool) {
		for i := range n {
			if !yield(dirsync.Record{
				AccountID: fmt.Sprintf("12%014d", i), AccountName: fmt.Sprintf("acme:user%06d", i),
				Groups: []string{"Everybody", fmt.Sprintf("Departments/D%03d", i/100)},
			}) {
				return
			}
		}
	}
}

// mustBeEmpty checks that a plan for a source has nothing to do.
func mustBeEmpty(t *testing.T, s dirsync.Syncer, source string) {
	t.Helper()
	plan, err := s.Plan(t.Context(), csv(source))
	if err != nil {
		t.Fatalf("planning once more: %v", err)
	}
	if !plan.Empty() {
		t.Errorf("all is done, and the next plan is not empty:\n%s", show(t, plan))
	}
}

// unlimited lifts all guards.
func unlimited(s dirsync.Syncer) dirsync.Syncer {
	s.MaxRemove, s.MaxRemovePerGroup, s.MaxDelete = 1, 1, 1
	s.MaxRemoveCount, s.MaxDeleteCount, s.MaxAdd = math.MaxInt, math.MaxInt, math.MaxInt
	return s
}

// csv is a source of a CSV file.
func csv(text string) iter.Seq2[dirsync.Record, error] { return dirsync.CSV(strings.NewReader(text)) }

// planOf returns the plan for a CSV file, which may have problems.
func planOf(t testing.TB, s dirsync.Syncer, text string) *dirsync.Plan {
	t.Helper()
	plan, err := s.Plan(context.Background(), csv(text))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// mustPlan returns the plan for a CSV file that has no problems.
func mustPlan(t testing.TB, s dirsync.Syncer, text string) *dirsync.Plan {
	t.Helper()
	plan := planOf(t, s, text)
	if len(plan.Problems) > 0 {
		t.Fatal(plan.Problems)
	}
	return plan
}

// mustApply applies a plan of which every change succeeds.
func mustApply(t testing.TB, plan *dirsync.Plan) *dirsync.Report {
	t.Helper()
	report, err := plan.Apply(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// mustShow checks the changes and problems of a plan.
func mustShow(t *testing.T, plan *dirsync.Plan, want string) {
	t.Helper()
	if diff := cmp.Diff(want, show(t, plan)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// mustBe checks what somebody is, or has.
func mustBe[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// saved returns a plan as another process reads it, and checks that it is the same.
func saved(t *testing.T, s dirsync.Syncer, plan *dirsync.Plan) *dirsync.Plan {
	t.Helper()
	text := encode(t, plan)
	again, err := s.Decode(t.Context(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	mustBe(t, "document", text, encode(t, again))
	return again
}

// undone returns the plan that takes back what the last report in a directory says.
func undone(t *testing.T, s dirsync.Syncer) *dirsync.Plan {
	t.Helper()
	plan, err := s.Undo(t.Context(), strings.NewReader(lastReport(t, s.Reports)))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// show returns a plan as it is printed, without the summary.
func show(t *testing.T, plan *dirsync.Plan) string {
	t.Helper()
	var out bytes.Buffer
	if err := plan.Print(&out); err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut("\n"+out.String(), fmt.Sprintf("\n%d records,", plan.Records))
	return strings.TrimPrefix(text+"\n", "\n")
}

// encode returns the plan as another process reads it.
func encode(t *testing.T, plan *dirsync.Plan) string {
	t.Helper()
	var out bytes.Buffer
	if err := plan.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// lastReport returns the report that grew in a directory.
func lastReport(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
