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
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/internal/sheet"
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
			{UserID: "eve", NickName: "=1+1", AccountName: "acme:eve", UserType: 2, IsDeleted: true, JoinedDate: 1700000000000},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "sales", UserGroupName: "Sales", Description: "all (old)", UserIDs: []string{"ann"}},
			{UserGroupID: "north", ParentUserGroupID: "sales", UserGroupName: "North", UserIDs: []string{"eve", "ann"}},
			{UserGroupID: "none", UserGroupName: "None"},
		},
		WorkspaceRoles: []quickbitest.Role{{RoleID: 777, RoleName: "Editor"}},
		Workspaces: []quickbitest.Workspace{
			{WorkspaceID: "reports", WorkspaceName: "Reports", OwnerID: "ann", AllowShare: new(false)},
			{WorkspaceID: "lab", WorkspaceName: "Lab", Description: "for trial, and error", OwnerID: "ann"},
		},
		Works: []quickbitest.Works{
			{WorksID: "open", WorksName: "Open", WorkspaceID: "reports", IsPublic: true, PublicUntil: 1800000000000},
			{WorksID: "secret", WorksName: "-Secret", WorksType: "REPORT", WorkspaceID: "reports"},
			{WorksID: "shared", WorksName: "Shared", WorkspaceID: "lab"},
		},
		Shares: []quickbitest.Share{
			{WorksID: "open", ShareToType: 1, ShareToID: "sales", AuthPoints: 3},
			{WorksID: "shared", ShareToType: 0, ShareToID: "eve", ExpireDate: 1800000000000},
			{WorksID: "shared", ShareToType: 2},
			{WorksID: "shared", ShareToType: 3, ShareToID: "lab", AuthPoints: 11},
		},
		AuditLog: []quickbitest.AuditLogEntry{
			{LogType: "dataView", CreatedTime: "2026-03-28 23:59:59", OperatorID: "eve", OperatorType: "VIEW", TargetType: "PAGE", TargetID: "open", TargetName: "Open", WorkspaceID: "reports"},
			{LogType: "dataView", CreatedTime: "2026-03-29 00:00:00", OperatorID: "eve", OperatorType: "VIEW", TargetType: "PAGE", TargetID: "open", TargetName: "Open", WorkspaceID: "reports"},
			{LogType: "permission", CreatedTime: "2026-03-29 10:00:00", OperatorID: "ann", OperatorType: "SHARE", TargetType: "PAGE", TargetID: "shared", TargetName: "Shared", WorkspaceID: "lab"},
			{LogType: "function", CreatedTime: "2026-03-30 10:00:00", OperatorID: "ann", OperatorType: "CREATE", TargetType: "USERGROUP", TargetID: "none", TargetName: "None"},
			{LogType: "function", CreatedTime: "2026-03-31 00:00:00", OperatorID: "ann", OperatorType: "CREATE", TargetType: "USER", TargetID: "eve", TargetName: "=1+1"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))
	return server, Exporter{Client: client, From: now.AddDate(0, 0, -2), To: now.AddDate(0, 0, -1), now: func() time.Time { return now }}
}

var wantCSV = map[Table]string{
	Members: `userId,accountId,accountName,nickName,userType,roleIds,deactivated,joined,lastLogin
00000000000000000000000000000001,1000000000000001,owner,Owner,developer,111111111,false,2026-03-31T04:00:00Z,
ann,17,acme:ann,Ann,developer,111111111 111111113,false,2023-11-14T22:13:20Z,2023-11-14T22:13:20.123Z
eve,,acme:eve,'=1+1,viewer,111111113,true,2023-11-14T22:13:20Z,
`,
	Groups: `groupId,name,path,parentId,description,created,modified
sales,Sales,Sales,-1,all (old),2026-03-31T04:00:00Z,2026-03-31T04:00:00Z
north,North,Sales/North,sales,,2026-03-31T04:00:00Z,2026-03-31T04:00:00Z
none,None,None,-1,,2026-03-31T04:00:00Z,2026-03-31T04:00:00Z
`,
	GroupMembers: `groupId,group,userId,nickName
sales,Sales,ann,Ann
north,Sales/North,eve,'=1+1
north,Sales/North,ann,Ann
`,
	Workspaces: `workspaceId,name,description,ownerId,ownerAccount,mayShare,mayPublish,created,modified
reports,Reports,,ann,acme:ann,false,true,2026-03-31T04:00:00Z,2026-03-31T04:00:00Z
lab,Lab,"for trial, and error",ann,acme:ann,true,true,2026-03-31T04:00:00Z,2026-03-31T04:00:00Z
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
	Directory: `account_id,account_name,nickname,user_type,groups
1000000000000001,owner,Owner,developer,
17,acme:ann,Ann,developer,Sales;Sales/North
,acme:eve,'=1+1,viewer,Sales/North
`,
	AccessLog: `time,operatorAccount,operator,operation,targetType,targetId,target,workspaceId
2026-03-28T16:00:00Z,acme:eve,'=1+1,VIEW,PAGE,open,Open,reports
`,
	OperationLog: `time,operatorAccount,operator,operation,targetType,targetId,target,workspaceId
2026-03-30T02:00:00Z,acme:ann,Ann,CREATE,USERGROUP,none,None,
`,
	PermissionLog: `time,operatorAccount,operator,operation,targetType,targetId,target,workspaceId
2026-03-29T02:00:00Z,acme:ann,Ann,SHARE,PAGE,shared,Shared,lab
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
		summary, err := e.Write(t.Context(), &text, table, CSV)
		want := strings.ReplaceAll(wantCSV[table], "2fe4fbd8-588f-489a-b3e1-e92c7af00000", quickbitest.OrganizationID)
		if lines := strings.Count(want, "\n"); err != nil || summary.Rows != lines-1 || len(summary.Gaps) > 0 {
			t.Errorf("%s: %+v, want %d rows; %v", table, summary, lines-1, err)
		}
		if diff := cmp.Diff(want, text.String()); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
}

// TestJSONLines compares with what the CSV has.
func TestJSONLines(t *testing.T) {
	t.Parallel()
	_, e := newOffice(t)
	for _, table := range Tables() {
		var text bytes.Buffer
		summary, err := e.Write(t.Context(), &text, table, JSONLines)
		records, csvErr := csv.NewReader(strings.NewReader(wantCSV[table])).ReadAll()
		if err != nil || csvErr != nil || summary.Rows != len(records)-1 {
			t.Fatalf("%s: %+v, %v, %v", table, summary, err, csvErr)
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
				got, want := fmt.Sprint(object[column]), sheet.Text(records[n][i])
				switch list := object[column].(type) {
				case nil:
					t.Errorf("%s, %s: null", table, column)
				case []any:
					separator := map[bool]string{true: " ", false: ";"}[column == "roleIds"]
					var texts []string
					for _, v := range list {
						if f, ok := v.(float64); ok {
							v = int64(f)
						}
						texts = append(texts, fmt.Sprint(v))
					}
					got = strings.Join(texts, separator)
				}
				if got != want && !strings.HasPrefix(want, "2fe4") {
					t.Errorf("%s, %s: %q in JSON, %q in CSV", table, column, got, want)
				}
			}
		}
		if n != summary.Rows {
			t.Errorf("%s: %d lines, %d rows", table, n, summary.Rows)
		}
	}
	var text bytes.Buffer
	if _, err := e.Write(t.Context(), &text, Members, JSONLines); err != nil || !strings.Contains(text.String(), `"nickName":"=1+1"`) || !strings.Contains(text.String(), `"roleIds":[111111111,111111113]`) {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// TestEmptyListsInJSON has somebody without roles and without groups.
func TestEmptyListsInJSON(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	server.Fail("QueryUserList", quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Result":{"Data":[{"UserId":"kim"}],"PageNum":1,"PageSize":1000,"TotalNum":1,"TotalPages":1}}`), -1)
	for table, want := range map[Table]string{Members: `"roleIds":[]`, Directory: `"groups":[]`} {
		var text strings.Builder
		if _, err := e.Write(t.Context(), &text, table, JSONLines); err != nil || !strings.Contains(text.String(), want) {
			t.Errorf("%s: %v, %s", table, err, text.String())
		}
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	e := Exporter{Client: server.Client()}
	for format, want := range map[Format]string{CSV: "groupId,group,userId,nickName\n", Excel: "\ufeffgroupId,group,userId,nickName\r\n", JSONLines: ""} {
		var text strings.Builder
		if summary, err := e.Write(t.Context(), &text, GroupMembers, format); summary.Rows != 0 || err != nil || text.String() != want {
			t.Errorf("%s: %+v, %v, %q", format, summary, err, text.String())
		}
	}
}

func TestCell(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"Ann": "Ann", "'=1+1": "=1+1", "false": quickbi.OptionalBoolFalse, "-1": int64(-1), "true": true, "1 2 -3": []int64{1, 2, -3},
		"A;B": []string{"A", "B"}, "'=A;'=B": []string{"=A", "=B"}, "": []string{},
	} {
		if got := cell(value, sheet.Guard); got != want {
			t.Errorf("cell(%q) = %q, want %q", value, got, want)
		}
	}
}

// TestUnknownCell leaves a cell empty if the service does not say.
func TestUnknownCell(t *testing.T) {
	t.Parallel()
	if got := cell(quickbi.OptionalBoolUnknown, sheet.Guard); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestExcel checks what Excel needs: the mark, line ends, and texts that it would
// execute or take for numbers.
func TestExcel(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	err := server.Seed(quickbitest.Organization{Users: []quickbitest.User{{
		UserID: "46e537466464", NickName: "a;=1+1\t@x\u200b", AccountID: "1914761234567890", AccountName: "007",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := e.Write(t.Context(), &text, Members, Excel); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(text.String(), "\r\n")
	if !strings.HasPrefix(lines[0], "\ufeffuserId,accountId,") {
		t.Errorf("begins with %q", lines[0])
	}
	want := `"=""46e537466464""","=""1914761234567890""","=""007""",a;'=1+1` + "\t'@x\u200b,developer,"
	if last := lines[len(lines)-2]; !strings.HasPrefix(last, want) {
		t.Errorf("got  %q\nwant %q", last, want)
	}
}

// TestZone writes the times of all tables in one zone, those that the service
// writes as text, too.
func TestZone(t *testing.T) {
	t.Parallel()
	_, e := newOffice(t)
	e.Zone = time.FixedZone("", -5*3600)
	for _, table := range Tables() {
		var text strings.Builder
		if _, err := e.Write(t.Context(), &text, table, CSV); err != nil {
			t.Fatal(err)
		}
		for _, word := range regexp.MustCompile(`\d{4}-\d\d-\d\d[T ][^,\n]*`).FindAllString(text.String(), -1) {
			if moment, err := time.Parse(time.RFC3339, word); err != nil || !strings.HasSuffix(word, "-05:00") {
				t.Errorf("%s: %q is not in the zone (%v, %v)", table, word, moment, err)
			}
		}
	}
	e.ServiceZone = time.UTC
	var text strings.Builder
	if _, err := e.Write(t.Context(), &text, OperationLog, CSV); err != nil || !strings.Contains(text.String(), "2026-03-30T05:00:00-05:00") {
		t.Errorf("a service in UTC: %v\n%s", err, text.String())
	}
	var x export
	x.Exporter, _ = e.withDefaults()
	for in, want := range map[string]string{"": "", "soon": "soon", "2023-05-18 14:00:02.0": "2023-05-18T09:00:02-05:00"} {
		if got := x.text(quickbi.TimeText(in)); got != want {
			t.Errorf("%q is written as %q, want %q", in, got, want)
		}
	}
}

// TestReadBack plans a directory of what was exported: nothing has to change.
func TestReadBack(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "u1", NickName: "=1+1", AccountID: "1914761234567891", AccountName: "-robot"},
			{UserID: "u2", NickName: "'=x", AccountID: "1914761234567892", AccountName: "=x"},
			{UserID: "u3", NickName: "@home", AccountID: "1914761234567893", AccountName: "@x:carl"},
			{UserID: "u4", NickName: "Nobody's, \"friend\"", AccountID: "12", AccountName: "+86-138"},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "rd", UserGroupName: "R/D", UserIDs: []string{"u1", "u2"}}, {UserGroupID: "r", UserGroupName: "R", UserIDs: []string{"u3"}},
			{UserGroupID: "d", ParentUserGroupID: "r", UserGroupName: "[D] (x)|y_z", UserIDs: []string{"u1", "u3"}}, {UserGroupID: "b", ParentUserGroupID: "r", UserGroupName: `B\S`, UserIDs: []string{"u4"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	for _, format := range []Format{CSV, Excel} {
		var text bytes.Buffer
		if _, err := (Exporter{Client: client}).Write(t.Context(), &text, Directory, format); err != nil {
			t.Fatal(err)
		}
		plan, err := dirsync.Syncer{Client: client, DeleteMembers: true, AddMembersAs: quickbi.UserTypeViewer}.Plan(t.Context(), dirsync.CSV(&text))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for change := range plan.Changes() {
			t.Errorf("%s: %v", format, change)
		}
		for _, problem := range plan.Problems {
			t.Errorf("%s: %v", format, problem)
		}
	}

	// The documentation allows no semicolons in names. Should the service do:
	odd := quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Result":[{"UserGroupId":"rd","UserGroupName":"a;b"}]}`)
	server.Fail("QueryUserGroupListByParentId", odd, 1)
	var text strings.Builder
	if _, err := (Exporter{Client: client}).Write(t.Context(), &text, Directory, CSV); err != nil || !strings.Contains(text.String(), `,developer,a\;b`+"\n") {
		t.Errorf("a group with a semicolon: %v\n%s", err, text.String())
	}
}

// TestFailedFlush lets a disk fill up at each byte: none of these may pass for a success.
func TestFailedFlush(t *testing.T) {
	t.Parallel()
	_, e := newOffice(t)
	for _, format := range []Format{CSV, Excel, JSONLines} {
		var text bytes.Buffer
		if _, err := e.Write(t.Context(), &text, AccessLog, format); err != nil {
			t.Fatal(err)
		}
		for room := range text.Len() {
			if _, err := e.Write(t.Context(), &disk{room}, AccessLog, format); !errors.Is(err, errFull) {
				t.Errorf("%s, %d of %d bytes: %v", format, room, text.Len(), err)
			}
		}
		if _, err := e.Write(t.Context(), &disk{text.Len()}, AccessLog, format); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// A disk has some room.
type disk struct{ room int }

func (d *disk) Write(b []byte) (int, error) {
	if len(b) > d.room {
		n := d.room
		d.room = 0
		return n, errFull
	}
	d.room -= len(b)
	return len(b), nil
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
	Directory:        {"QueryUserGroupListByParentId": "", "QueryUserList": ""},
	AccessLog:        {"QueryAuditLog": ""},
	OperationLog:     {"QueryAuditLog": ""},
	PermissionLog:    {"QueryAuditLog": ""},
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for table, actions := range reads {
		for action, gone := range actions {
			t.Run(fmt.Sprint(table, " ", action), func(t *testing.T) {
				t.Parallel()
				server, e := newOffice(t)
				server.Fail(action, quickbitest.Refuse("Access.Forbidden"), 1)
				summary, err := e.Write(t.Context(), io.Discard, table, CSV)
				if gone == "" {
					if !errors.Is(err, quickbi.ErrPermission) || !strings.Contains(err.Error(), fmt.Sprintf("%s, after %d rows", table, summary.Rows)) {
						t.Errorf("refused: %+v, %v", summary, err)
					}
					return
				}
				// One of several that is refused is a gap, and all of them are an error.
				if err != nil || len(summary.Gaps) != 1 || !errors.Is(summary.Gaps[0].Err, quickbi.ErrPermission) || summary.Rows == 0 || !strings.Contains(summary.Gaps[0].String(), "Access.Forbidden") {
					t.Errorf("one refused: %+v, %v", summary, err)
				}
				server.Fail(action, quickbitest.Refuse("Access.Forbidden"), 100)
				if summary, err := e.Write(t.Context(), io.Discard, table, CSV); !errors.Is(err, quickbi.ErrPermission) || summary.Rows != 0 {
					t.Errorf("all refused: %+v, %v", summary, err)
				}
				server.ClearFaults()
				server.Fail(action, quickbitest.DropBefore(), 1)
				if summary, err := e.Write(t.Context(), io.Discard, table, CSV); err == nil || len(summary.Gaps) > 0 {
					t.Errorf("no answer is no gap: %+v, %v", summary, err)
				}
				server.Fail(action, quickbitest.Refuse(gone), -1)
				if summary, err := e.Write(t.Context(), io.Discard, table, CSV); summary.Rows != 0 || err != nil || len(summary.Gaps) > 0 {
					t.Errorf("all deleted meanwhile: %+v, %v", summary, err)
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
	if summary, err := e.Write(t.Context(), io.Discard, Groups, CSV); summary.Rows != 2 || err != nil {
		t.Errorf("%+v, %v", summary, err)
	}
	// But if there is no root, something is wrong.
	server.Fail("QueryUserGroupListByParentId", quickbitest.Refuse("Usergroup.Not.Exist"), 1)
	if _, err := e.Write(t.Context(), io.Discard, Groups, CSV); !errors.Is(err, quickbi.ErrUserGroupNotFound) {
		t.Errorf("without a root: %v", err)
	}
}

// TestListThatShifts tells that a list changed while its pages were read.
func TestListThatShifts(t *testing.T) {
	t.Parallel()
	page := func(n, total int, ids ...string) quickbitest.Fault {
		var data []string
		for _, id := range ids {
			data = append(data, fmt.Sprintf(`{"UserId":%q,"WorksId":%q,"WorkspaceId":%q}`, id, id, id))
		}
		return quickbitest.Raw(200, "application/json", fmt.Sprintf(`{"RequestId":"R","Success":true,"Result":{"Data":[%s],"PageNum":%d,"PageSize":2,"TotalNum":%d,"TotalPages":2}}`, strings.Join(data, ","), n, total))
	}
	for table, action := range map[Table]string{
		Members: "QueryUserList", Workspaces: "QueryOrganizationWorkspaceList", Shares: "QueryWorksByOrganization", Directory: "QueryUserList",
	} {
		server, e := newOffice(t)
		for range 3 {
			server.Fail(action, page(1, 4, "a", "b"), 1)
			server.Fail(action, page(2, 3, "d"), 1) // a has gone, and c has slipped to the first page
		}
		server.Fail("QueryShareList", quickbitest.Refuse("Report.NotExist.Error"), -1)
		summary, err := e.Write(t.Context(), io.Discard, table, CSV)
		if table == Directory { // whoever is missing in it would look like one who has left
			if err == nil || !strings.Contains(err.Error(), "the list changes while it is read") {
				t.Errorf("%s: %v", table, err)
			}
			continue
		}
		if err != nil || len(summary.Gaps) != 1 || !strings.Contains(summary.Gaps[0].Reason, "3 entries came, and the service says that there are 3 now") {
			t.Errorf("%s: %+v, %v", table, summary, err)
		}
	}
}

// TestGroupsInCircles does not walk for ever.
func TestGroupsInCircles(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	circle := `{"RequestId":"R","Success":true,"Result":[{"UserGroupId":"x","UserGroupName":"X"}]}`
	server.Fail("QueryUserGroupListByParentId", quickbitest.Raw(200, "application/json", circle), -1)
	if summary, err := e.Write(t.Context(), io.Discard, Groups, CSV); summary.Rows != maxLayers || err == nil || !strings.Contains(err.Error(), "10 layers") {
		t.Errorf("%+v, %v", summary, err)
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
		summary, err := e.Write(t.Context(), full{}, Members, format)
		if calls := len(server.Calls()); !errors.Is(err, errFull) || summary.Rows == 0 || summary.Rows >= 1000 || calls != 1 {
			t.Errorf("%s to a full disk: %+v, %d calls, %v", format, summary, calls, err)
		}
	}
	if summary, err := e.Write(t.Context(), io.Discard, Members, CSV); summary.Rows != 5001 || err != nil {
		t.Errorf("all: %+v, %v", summary, err)
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
	days := func(from, to int) Exporter {
		e := e
		e.From, e.To = now.AddDate(0, 0, from), now.AddDate(0, 0, to)
		return e
	}
	for name, test := range map[string]struct {
		e      Exporter
		table  Table
		format Format
		want   string
	}{
		"no client":  {Exporter{}, Members, CSV, "Client is missing"},
		"no table":   {e, "passwords", CSV, `no table "passwords"`},
		"no format":  {e, Members, "xls", `no format "xls"`},
		"no days":    {Exporter{Client: e.Client}, AccessLog, CSV, "needs From and To"},
		"wrong days": {days(0, -1), AccessLog, CSV, "before From"},
		"tomorrow":   {days(0, 1), AccessLog, CSV, "and today is 2026-03-31"},
		"years":      {days(-1, 9999), AccessLog, CSV, "and today is 2026-03-31"},
		"long ago":   {days(-91, 0), AccessLog, CSV, "go back 90 days only, to 2025-12-31"},
		"lag":        {Exporter{Client: e.Client, Lag: -1}, Members, CSV, "Lag cannot be negative"},
	} {
		if summary, err := test.e.Write(t.Context(), io.Discard, test.table, test.format); summary.Rows != 0 || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v", name, summary, err)
		}
	}
	if calls := server.Calls(); len(calls) > 0 {
		t.Errorf("%d calls", len(calls))
	}
}

// TestColumnsAreFlat makes sure that cell knows what there is.
func TestColumnsAreFlat(t *testing.T) {
	t.Parallel()
	for _, row := range []any{member{}, group{}, groupMember{}, workspace{}, workspaceMember{}, share{}, account{}, logEntry{}} {
		for column := range reflect.TypeOf(row).Fields() {
			switch reflect.Zero(column.Type).Interface().(type) {
			case string, bool, quickbi.OptionalBool, int64, []int64, []string:
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
