package quickbitest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// logged lists an audit log of some days, as "operation type id name".
func logged(t testing.TB, e *Emulator, kind, from, to string, pairs ...string) string {
	t.Helper()
	var lines []string
	for _, row := range must[[]map[string]string](t, e, "QueryAuditLog", append(pairs, "LogType", kind, "StartDate", from, "EndDate", to)...) {
		lines = append(lines, strings.TrimSpace(row["OperatorType"]+" "+row["TargetType"]+" "+row["TargetId"]+" "+row["TargetName"]))
	}
	return strings.Join(lines, "\n")
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	e.SetSkew(24 * time.Hour) // away from what the seed has done
	added := must[memberResult](t, e, "AddUser", "AccountName", "fay", "NickName", "Fay", "UserType", "1").UserID
	must[bool](t, e, "UpdateUser", "UserId", added, "NickName", "Faye")
	must[bool](t, e, "DeleteUser", "UserId", added)
	mustRefuse(t, e, "User.Not.In.Organization", "DeleteUser", "UserId", added) // nothing was done
	must[page[memberRow]](t, e, "QueryUserList")                                // nor here
	group := must[string](t, e, "CreateUserGroup", "ParentUserGroupId", "-1", "UserGroupName", "New")
	must[bool](t, e, "AddUserGroupMembers", "UserId", "ann", "UserGroupIds", "south,"+group)
	ticket := must[string](t, e, "CreateTicket", "WorksId", "sales")
	must[bool](t, e, "DeleteTicket", "Ticket", ticket)
	must[map[string][]string](t, e, "IpWhiteListConfig", "Operation", "QUERY")
	must[map[string][]string](t, e, "IpWhiteListConfig", "Operation", "add", "IpWhiteList", "8.8.8.8")
	must[[]smartQFailure](t, e, "SmartqAuthorize", "OperationType", "1", "UserIds", "cem", "CubeIds", "orders")
	feishu := must[feishuResult](t, e, "BatchAddFeishuUsers", "FeishuUsers", `{"f1":"Fred"}`)
	if feishu.OkCount != 1 {
		t.Fatalf("%+v", feishu)
	}
	fred := boundTo(t, e, "feishu", "f1")

	want := strings.Join([]string{
		"CREATE USER " + added + " Fay", "MODIFY USER " + added + " Fay", "DELETE USER " + added + " Faye",
		"CREATE USERGROUP " + group + " New", "ADD_MEMBER USERGROUP south South", "ADD_MEMBER USERGROUP " + group + " New",
		"CREATE_TICKET DASHBOARD sales Sales", "DELETE_TICKET TICKET", "ADD IP_WHITE_LIST 8.8.8.8", "CREATE USER " + fred + " Fred",
	}, "\n")
	if diff := cmp.Diff(want, logged(t, e, "function", "20260505", "20260505")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := logged(t, e, "permission", "20260505", "20260505"); got != "CANCEL USER cem Cem" {
		t.Error(got)
	}
	for filter, want := range map[string]string{
		"OperatorTypes=MODIFY,DELETE": "MODIFY USER " + added + " Fay\nDELETE USER " + added + " Faye",
		"ResourceType=dashboard":      "CREATE_TICKET DASHBOARD sales Sales",
		"WorkspaceId=lab":             "CREATE_TICKET DASHBOARD sales Sales",
		"OperatorId=ann":              "",
		"UserAccessDevice=PC":         "",
	} {
		name, value, _ := strings.Cut(filter, "=")
		if got := logged(t, e, "function", "20260505", "20260505", name, value); got != want {
			t.Errorf("%s: %s", filter, got)
		}
	}
	row := must[[]map[string]string](t, e, "QueryAuditLog", "LogType", "permission", "StartDate", "20260501", "EndDate", "20300101")
	last := map[string]string{
		"GmtCreate": "2026-05-05 12:00:00", "OperatorAccountName": "owner", "OperatorName": "Owner", "OperatorType": "CANCEL",
		"TargetId": "cem", "TargetName": "Cem", "TargetType": "USER", "WorkspaceId": "",
	}
	if diff := cmp.Diff(last, row[len(row)-1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAuditDays(t *testing.T) {
	t.Parallel()
	e := office(t)
	err := e.Seed(Organization{AuditLog: []AuditLogEntry{
		{LogType: "function", OperatorType: "EXPORT", TargetName: "today"},
		{LogType: "function", OperatorType: "EXPORT", TargetName: "late", CreatedTime: "2026-05-03 23:59:59"},
		{LogType: "function", OperatorType: "EXPORT", TargetName: "early", CreatedTime: "2026-05-03 00:00:00", OperatorID: "ann"},
		{LogType: "function", OperatorType: "EXPORT", TargetName: "first", CreatedTime: "2026-02-03 08:00:00", OperatorName: "Somebody", OperatorID: "gone"},
		{LogType: "function", OperatorType: "EXPORT", TargetName: "too long ago", CreatedTime: "2026-02-02 08:00:00"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ from, to, want string }{
		{"20260504", "20260504", "EXPORT   today"},
		{"20260503", "20260503", "EXPORT   early\nEXPORT   late"},
		{"20260203", "20260504", "EXPORT   first\nEXPORT   early\nEXPORT   late\nEXPORT   today"},
		{"20260505", "20260601", ""},
	} {
		if got := logged(t, e, "function", tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %s", tt.from, tt.to, got)
		}
	}
	rows := must[[]map[string]string](t, e, "QueryAuditLog", "LogType", "function", "StartDate", "20260203", "EndDate", "20260503")
	if rows[0]["OperatorName"] != "Somebody" || rows[1]["OperatorName"] != "Ann" {
		t.Errorf("%v", rows)
	}
	for _, tt := range [][3]string{
		{"function", "20260202", "20260504"}, {"function", "20260504", "20260503"}, {"function", "2026-05-04", "20260504"},
		{"function", "20260504", "20260532"}, {"login", "20260504", "20260504"},
	} {
		mustRefuse(t, e, "Invalid.Parameter.Error", "QueryAuditLog", "LogType", tt[0], "StartDate", tt[1], "EndDate", tt[2])
	}

	// The oldest days go when new ones come.
	e.SetSkew(91 * 24 * time.Hour)
	must[string](t, e, "CreateUserGroup", "ParentUserGroupId", "-1", "UserGroupName", "New")
	for _, entry := range e.Snapshot().AuditLog {
		if entry.CreatedTime < "2026-05-05" {
			t.Errorf("%+v", entry)
		}
	}
	for want, entry := range map[string]AuditLogEntry{"is not a time": {LogType: "function", CreatedTime: "x"}, `no log "x"`: {LogType: "x"}} {
		if err := e.Seed(Organization{AuditLog: []AuditLogEntry{entry}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAuditLimits(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	now := e.Now()
	for range auditOfDay + 5 {
		e.org.audit.add(AuditLogEntry{LogType: "function"}, auditDay(now), now)
	}
	if n := len(e.org.audit.days[auditDay(now)]); n != auditOfDay {
		t.Errorf("%d entries", n)
	}
	today := auditDay(now)
	mustRefuse(t, e, "ServiceUnavailable", "QueryAuditLog", "LogType", "function", "StartDate", today, "EndDate", today)
	must[[]map[string]string](t, e, "QueryAuditLog", "LogType", "permission", "StartDate", today, "EndDate", today)
}
