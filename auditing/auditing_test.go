package auditing

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

var now = time.Date(2026, 3, 31, 4, 0, 0, 0, time.UTC)

// newOffice starts an emulator in which it is always now, with something in every table.
func newOffice(t *testing.T) (*quickbitest.Server, Exporter) {
	t.Helper()
	server := quickbitest.NewServer(quickbitest.WithClock(func() time.Time { return now }))
	t.Cleanup(server.Close)
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "ann", NickName: "Ann", AccountID: "17", AccountName: "acme:ann", RoleIDs: []int64{111111111, 111111113}, JoinedDate: 1700000000000, LastLoginTime: 1700000000123},
			{UserID: "eve", NickName: "=1+1", AccountName: "acme:eve", UserType: 2, Inactive: true, JoinedDate: 1700000000000},
		},
		UserGroups: []quickbitest.UserGroup{
			{ID: "sales", Name: "Sales", Description: "all (old)", UserIDs: []string{"ann"}},
			{ID: "north", ParentID: "sales", Name: "North", UserIDs: []string{"eve", "ann"}},
			{ID: "none", Name: "None"},
		},
		WorkspaceRoles: []quickbitest.Role{{RoleID: 777, RoleName: "Editor"}},
		Workspaces: []quickbitest.Workspace{
			{ID: "reports", Name: "Reports", OwnerID: "ann", AllowShare: new(false)},
			{ID: "lab", Name: "Lab", Description: "for trial, and error", OwnerID: "ann"},
		},
		Works: []quickbitest.Work{
			{ID: "open", Name: "Open", WorkspaceID: "reports", Public: true, PublicUntil: 1800000000000},
			{ID: "secret", Name: "-Secret", Type: "REPORT", WorkspaceID: "reports"},
			{ID: "shared", Name: "Shared", WorkspaceID: "lab"},
		},
		Shares: []quickbitest.Share{
			{ResourceID: "open", ShareToType: 1, ShareToID: "sales", AuthPoint: 3},
			{ResourceID: "shared", ShareToType: 0, ShareToID: "eve", ExpireDate: 1800000000000},
			{ResourceID: "shared", ShareToType: 2},
			{ResourceID: "shared", ShareToType: 3, ShareToID: "lab", AuthPoint: 11},
		},
		AuditLog: []quickbitest.AuditEntry{
			{LogType: "dataView", GmtCreate: "2026-03-28 23:59:59", OperatorID: "eve", OperatorType: "VIEW", TargetType: "PAGE", TargetID: "open", TargetName: "Open", WorkspaceID: "reports"},
			{LogType: "dataView", GmtCreate: "2026-03-29 00:00:00", OperatorID: "eve", OperatorType: "VIEW", TargetType: "PAGE", TargetID: "open", TargetName: "Open", WorkspaceID: "reports"},
			{LogType: "permission", GmtCreate: "2026-03-29 10:00:00", OperatorID: "ann", OperatorType: "SHARE", TargetType: "PAGE", TargetID: "shared", TargetName: "Shared", WorkspaceID: "lab"},
			{LogType: "function", GmtCreate: "2026-03-30 10:00:00", OperatorID: "ann", OperatorType: "CREATE", TargetType: "USERGROUP", TargetID: "none", TargetName: "None"},
			{LogType: "function", GmtCreate: "2026-03-31 00:00:00", OperatorID: "ann", OperatorType: "CREATE", TargetType: "USER", TargetID: "eve", TargetName: "=1+1"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))
	return server, Exporter{Client: client, From: now.AddDate(0, 0, -2), To: now.AddDate(0, 0, -1)}
}

var wantCSV = map[Table]string{
	Members: `userId,accountId,accountName,nickName,userType,roleIds,deactivated,joined,lastLogin
00000000000000000000000000000001,1000000000000001,owner,Owner,developer,111111111,false,2026-03-31T04:00:00Z,
ann,17,acme:ann,Ann,developer,111111111 111111113,false,2023-11-14T22:13:20Z,2023-11-14T22:13:20.123Z
eve,,acme:eve,'=1+1,viewer,111111113,true,2023-11-14T22:13:20Z,
`,
	Groups: `groupId,name,path,parentId,description,created,modified
sales,Sales,Sales,'-1,all (old),2026-03-31 12:00:00,2026-03-31 12:00:00
north,North,Sales/North,sales,,2026-03-31 12:00:00,2026-03-31 12:00:00
none,None,None,'-1,,2026-03-31 12:00:00,2026-03-31 12:00:00
`,
	GroupMembers: `groupId,group,userId,nickName
sales,Sales,ann,Ann
north,Sales/North,eve,'=1+1
north,Sales/North,ann,Ann
`,
	Workspaces: `workspaceId,name,description,ownerId,ownerAccount,mayShare,mayPublish,created,modified
reports,Reports,,ann,acme:ann,false,true,2026-03-31 12:00:00,2026-03-31 12:00:00
lab,Lab,"for trial, and error",ann,acme:ann,true,true,2026-03-31 12:00:00,2026-03-31 12:00:00
`,
	WorkspaceMembers: `workspaceId,workspace,userId,accountName,nickName,roleId,role
reports,Reports,ann,acme:ann,Ann,25,Workspace administrator
lab,Lab,ann,acme:ann,Ann,25,Workspace administrator
`,
	Shares: `worksId,works,worksType,workspace,ownerId,toType,toId,to,right,expires
open,Open,PAGE,Reports,ann,everybody,,,view,2027-01-15T08:00:00Z
open,Open,PAGE,Reports,ann,group,sales,Sales,export,
shared,Shared,PAGE,Lab,ann,user,eve,'=1+1,view,2027-01-15T08:00:00Z
shared,Shared,PAGE,Lab,ann,organization,2fe4fbd8-588f-489a-b3e1-e92c7af00000,Organization,view,
shared,Shared,PAGE,Lab,ann,workspace,lab,Lab,edit,
`,
	Log: `log,time,operatorAccount,operator,operation,targetType,targetId,target,workspaceId
access,2026-03-29 00:00:00,acme:eve,'=1+1,VIEW,PAGE,open,Open,reports
operation,2026-03-30 10:00:00,acme:ann,Ann,CREATE,USERGROUP,none,None,
permission,2026-03-29 10:00:00,acme:ann,Ann,SHARE,PAGE,shared,Shared,lab
`,
}

func TestCSV(t *testing.T) {
	t.Parallel()
	_, e := newOffice(t)
	if len(wantCSV) != len(Tables()) {
		t.Fatalf("there are %d tables, and %d are looked at", len(Tables()), len(wantCSV))
	}
	for _, table := range Tables() {
		var text bytes.Buffer
		rows, err := e.Write(t.Context(), &text, table, CSV)
		want := strings.ReplaceAll(wantCSV[table], "2fe4fbd8-588f-489a-b3e1-e92c7af00000", quickbitest.OrganizationID)
		if lines := strings.Count(want, "\n"); err != nil || rows != lines-1 {
			t.Errorf("%s: %d rows, want %d; %v", table, rows, lines-1, err)
		}
		if diff := cmp.Diff(want, text.String()); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
}

// TestJSONLines compares with what the CSV has, but for the quotes.
func TestJSONLines(t *testing.T) {
	t.Parallel()
	_, e := newOffice(t)
	for _, table := range Tables() {
		var text bytes.Buffer
		rows, err := e.Write(t.Context(), &text, table, JSONLines)
		records, csvErr := csv.NewReader(strings.NewReader(wantCSV[table])).ReadAll()
		if err != nil || csvErr != nil || rows != len(records)-1 {
			t.Fatalf("%s: %d rows, %v, %v", table, rows, err, csvErr)
		}
		n := 0
		for line := range strings.Lines(text.String()) {
			n++
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatal(err)
			}
			if len(object) != len(records[0]) {
				t.Errorf("%s: %d members, and %d columns", table, len(object), len(records[0]))
			}
			for i, column := range records[0] {
				got, want := fmt.Sprint(object[column]), strings.TrimPrefix(records[n][i], "'")
				if numbers, ok := object[column].([]any); ok {
					got, want = fmt.Sprintf("%.0f", numbers), "["+want+"]"
				}
				if got != want && !strings.HasPrefix(want, "2fe4") {
					t.Errorf("%s, %s: %q in JSON, %q in CSV", table, column, got, want)
				}
			}
		}
		if n != rows {
			t.Errorf("%s: %d lines, %d rows", table, n, rows)
		}
	}
	var text bytes.Buffer
	if _, err := e.Write(t.Context(), &text, Members, JSONLines); err != nil || !strings.Contains(text.String(), `"nickName":"=1+1"`) || !strings.Contains(text.String(), `"roleIds":[111111111,111111113]`) {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	e := Exporter{Client: server.Client()}
	for format, want := range map[Format]string{CSV: "groupId,group,userId,nickName\n", JSONLines: ""} {
		var text strings.Builder
		if rows, err := e.Write(t.Context(), &text, GroupMembers, format); rows != 0 || err != nil || text.String() != want {
			t.Errorf("%s: %d, %v, %q", format, rows, err, text.String())
		}
	}
}

func TestCell(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]string{
		"":             "",
		"Ann":          "Ann",
		"a=b":          "a=b",
		"1-1":          "1-1",
		"=1+1":         "'=1+1",
		"+1":           "'+1",
		"-1":           "'-1",
		"@SUM(A1)":     "'@SUM(A1)",
		"\t=1":         "'\t=1",
		"\r=1":         "'\r=1",
		"\n=1":         "'\n=1",
		"＝1+1":         "'＝1+1",
		"'=1":          "'=1",
		"\xff=":        "\xff=",
		int64(-1):      "-1", // a number is no text, whatever it begins with
		true:           "true",
		[1]int64{}[0]:  "0",
		"李小红 = 小李":     "李小红 = 小李",
		"＠wechat":      "'＠wechat",
		" leading = 1": " leading = 1",
	} {
		if got := cell(value); got != want {
			t.Errorf("cell(%q) = %q, want %q", value, got, want)
		}
	}
	if got := cell([]int64{1, 2, -3}); got != "1 2 -3" {
		t.Errorf("a list: %q", got)
	}
}

func TestUnknownNumbers(t *testing.T) {
	t.Parallel()
	if got := word(rights, quickbi.AuthPoints(99)); got != "99" {
		t.Errorf("an unknown right: %q", got)
	}
	if got := word(userTypes, quickbi.UserTypeAnalyst); got != "analyst" {
		t.Errorf("an analyst: %q", got)
	}
}

// reads are what the tables are read with, with what an object is answered that
// was deleted meanwhile.
var reads = map[Table]map[string]string{
	Members:          {"QueryUserList": ""},
	Groups:           {"QueryUserGroupListByParentId": ""},
	GroupMembers:     {"QueryUserGroupListByParentId": "", "QueryUserGroupMember": "Usergroup.Not.Exist"},
	Workspaces:       {"QueryOrganizationWorkspaceList": ""},
	WorkspaceMembers: {"QueryOrganizationWorkspaceList": "", "QueryWorkspaceUserList": "Workspace.Not.Exist"},
	Shares:           {"QueryWorksByOrganization": "", "QueryShareList": "Report.NotExist.Error"},
	Log:              {"QueryAuditLog": ""},
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for table, actions := range reads {
		for action, gone := range actions {
			t.Run(fmt.Sprint(table, " ", action), func(t *testing.T) {
				t.Parallel()
				server, e := newOffice(t)
				server.Fail(action, quickbitest.Refuse("Access.Forbidden"), 1)
				rows, err := e.Write(t.Context(), io.Discard, table, CSV)
				if !errors.Is(err, quickbi.ErrPermission) || !strings.Contains(err.Error(), fmt.Sprintf("%s, after %d rows", table, rows)) {
					t.Errorf("refused: %d, %v", rows, err)
				}
				if gone == "" {
					return
				}
				server.Fail(action, quickbitest.Refuse(gone), -1)
				if rows, err := e.Write(t.Context(), io.Discard, table, CSV); rows != 0 || err != nil {
					t.Errorf("all deleted meanwhile: %d rows, %v", rows, err)
				}
			})
		}
	}
}

func TestGroupDeletedWhileWalking(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	server.Fail("QueryUserGroupListByParentId", quickbitest.Delay(0), 1) // the root
	server.Fail("QueryUserGroupListByParentId", quickbitest.Refuse("Usergroup.Not.Exist"), 1)
	if rows, err := e.Write(t.Context(), io.Discard, Groups, CSV); rows != 2 || err != nil {
		t.Errorf("%d rows, %v", rows, err)
	}
	// But if there is no root, something is wrong.
	server.Fail("QueryUserGroupListByParentId", quickbitest.Refuse("Usergroup.Not.Exist"), 1)
	if _, err := e.Write(t.Context(), io.Discard, Groups, CSV); !errors.Is(err, quickbi.ErrUserGroupNotFound) {
		t.Errorf("without a root: %v", err)
	}
}

// TestGroupsInCircles does not walk for ever.
func TestGroupsInCircles(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	circle := `{"RequestId":"R","Success":true,"Result":[{"UserGroupId":"x","UserGroupName":"X"}]}`
	server.Fail("QueryUserGroupListByParentId", quickbitest.Raw(200, "application/json", circle), -1)
	if rows, err := e.Write(t.Context(), io.Discard, Groups, CSV); rows != maxLayers || err == nil || !strings.Contains(err.Error(), "10 layers") {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// TestStreaming stops reading where writing fails: rows are not collected.
func TestStreaming(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	var o quickbitest.Organization
	for i := range 5000 {
		o.Users = append(o.Users, quickbitest.User{UserID: fmt.Sprintf("u%032d", i), NickName: fmt.Sprintf("User %d", i)})
	}
	if err := server.Seed(o); err != nil {
		t.Fatal(err)
	}
	e := Exporter{Client: server.Client()}
	for _, format := range []Format{CSV, JSONLines} {
		server.ResetCalls()
		rows, err := e.Write(t.Context(), full{}, Members, format)
		if calls := len(server.Calls()); !errors.Is(err, errFull) || rows == 0 || rows >= 1000 || calls != 1 {
			t.Errorf("%s to a full disk: %d rows, %d calls, %v", format, rows, calls, err)
		}
	}
	if rows, err := e.Write(t.Context(), io.Discard, Members, CSV); rows != 5001 || err != nil {
		t.Errorf("all: %d, %v", rows, err)
	}
	// What fits into the buffers must not get lost either.
	if _, err := e.Write(t.Context(), full{}, Workspaces, CSV); !errors.Is(err, errFull) {
		t.Errorf("little, to a full disk: %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestBadArguments(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	server.ResetCalls()
	for name, test := range map[string]struct {
		e      Exporter
		table  Table
		format Format
		want   string
	}{
		"no client":  {Exporter{}, Members, CSV, "Client is missing"},
		"no table":   {e, "passwords", CSV, `no table "passwords"`},
		"no format":  {e, Members, "xls", `no format "xls"`},
		"no days":    {Exporter{Client: e.Client}, Log, CSV, "needs From and To"},
		"wrong days": {Exporter{Client: e.Client, From: now, To: now.AddDate(0, 0, -1)}, Log, CSV, "before StartDate"},
	} {
		if rows, err := test.e.Write(t.Context(), io.Discard, test.table, test.format); rows != 0 || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %d, %v", name, rows, err)
		}
	}
	if calls := server.Calls(); len(calls) > 0 {
		t.Errorf("%d calls", len(calls))
	}
}

// TestColumnsAreFlat makes sure that cell knows what there is.
func TestColumnsAreFlat(t *testing.T) {
	t.Parallel()
	for _, row := range []any{member{}, group{}, groupMember{}, workspace{}, workspaceMember{}, share{}, logEntry{}} {
		for column := range reflect.TypeOf(row).Fields() {
			switch reflect.Zero(column.Type).Interface().(type) {
			case string, bool, int64, []int64:
			default:
				t.Errorf("%T: %s is a %v", row, column.Name, column.Type)
			}
			if column.Tag.Get("json") == "" {
				t.Errorf("%T: %s has no name", row, column.Name)
			}
		}
	}
}

// numbers yields 0 to n-1, and then the error, if there is one.
func numbers(n int, last error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if last != nil {
			yield(0, last)
		}
	}
}

func TestEach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		var mu sync.Mutex
		busy, most := 0, 0
		enter := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			busy += n
			most = max(most, busy)
		}
		var got []int
		fetch := func(ctx context.Context, i int) ([]int, error) {
			enter(1)
			defer enter(-1)
			time.Sleep(time.Duration(10-i%10) * time.Second) // the later ones are done first
			return []int{i, -i}, nil
		}
		for v, err := range each(t.Context(), numbers(100, nil), fetch) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		var want []int
		for i := range 100 {
			want = append(want, i, -i)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		if took := time.Since(started); most != ahead || took > 200*time.Second {
			t.Errorf("at most %d at a time, %v", most, took)
		}
	})
}

func TestEachEnds(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		all  iter.Seq2[int, error]
		stop func(cancel context.CancelFunc, i int) bool
		rows int
		want error
	}{
		"error of a call":   {numbers(100, nil), nil, 30, broken},
		"error of the list": {numbers(10, io.ErrUnexpectedEOF), nil, 10, io.ErrUnexpectedEOF},
		"enough":            {numbers(100, nil), func(_ context.CancelFunc, i int) bool { return i == 7 }, 8, nil},
		"cancelled": {numbers(100, nil), func(cancel context.CancelFunc, i int) bool {
			if i == 7 {
				cancel()
			}
			return false
		}, -1, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // fails if a goroutine stays behind
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				fetch := func(ctx context.Context, i int) ([]int, error) {
					if i == 30 {
						return nil, broken
					}
					select {
					case <-time.After(time.Second):
						return []int{i}, nil
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				}
				rows, last := 0, error(nil)
				for i, err := range each(ctx, test.all, fetch) {
					if err != nil {
						last = err
						continue
					}
					rows++
					if test.stop != nil && test.stop(cancel, i) {
						break
					}
				}
				if !errors.Is(last, test.want) || test.rows >= 0 && rows != test.rows {
					t.Errorf("%d rows, %v", rows, last)
				}
			})
		})
	}
}

// TestEachCancelledBetween ends with the context's error, although no call fails.
func TestEachCancelledBetween(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		all := func(yield func(int, error) bool) {
			for i := 0; yield(i, nil); i++ {
				if i == 3 {
					cancel()
				}
			}
		}
		last := error(nil)
		for _, err := range each(ctx, all, func(_ context.Context, i int) ([]int, error) { return nil, nil }) {
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("ended with %v", last)
		}
	})
}
