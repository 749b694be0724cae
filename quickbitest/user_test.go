package quickbitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ids(rows []memberRow) string {
	var s []string
	for _, r := range rows {
		s = append(s, r.UserID)
	}
	return strings.Join(s, " ")
}

func TestAddUser(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	added := must[memberResult](t, e, "AddUser", "AccountId", "3001", "AccountName", "main:eve", "NickName", "Eve [中] (x)|/",
		"UserType", "1", "RoleIds", "111111112,456,456", "AdminUser", "true", "CopilotModules", "qreport,smartQDevNum")
	want := memberResult{
		UserID: added.UserID, AccountName: "main:eve", NickName: "Eve [中] (x)|/", UserType: 1, AuthAdminUser: true,
		RoleIDList: []int64{111111112, 456}, CopilotModules: []string{"qreport", "smartQDevNum"},
	}
	if diff := cmp.Diff(want, added); diff != "" || len(added.UserID) != 32 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	row := must[page[memberRow]](t, e, "QueryUserList", "Keyword", "eve").Data[0]
	if diff := cmp.Diff(memberRow{memberResult: want, AccountID: "3001", JoinedDate: now.UnixMilli()}, row, cmp.AllowUnexported(memberRow{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	for _, tt := range []struct {
		params string
		roles  []int64
	}{
		{"AdminUser=true", []int64{roleAdmin}},
		{"AdminUser=true AuthAdminUser=true", []int64{roleAdmin, roleAuthAdmin}},
		{"AdminUser=false", []int64{roleRegular}},
		{"", []int64{roleRegular}},
	} {
		name := "with " + strings.ReplaceAll(tt.params, "=", " ")
		pairs := []string{"AccountName", name, "NickName", name, "UserType", "3"}
		for p := range strings.FieldsSeq(tt.params) {
			k, v, _ := strings.Cut(p, "=")
			pairs = append(pairs, k, v)
		}
		if got := must[memberResult](t, e, "AddUser", pairs...).RoleIDList; !slices.Equal(got, tt.roles) {
			t.Errorf("%s: roles %v, want %v", name, got, tt.roles)
		}
	}
}

func TestAddUserRefusals(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	good := func(pairs ...string) []string {
		p := map[string]string{"AccountName": "new", "NickName": "New", "UserType": "1"}
		for i := 0; i < len(pairs); i += 2 {
			p[pairs[i]] = pairs[i+1]
		}
		var list []string
		for k, v := range p {
			list = append(list, k, v)
		}
		return list
	}
	mustRefuse(t, e, "System.Param.Empty", "AddUser", "NickName", "New", "UserType", "1")
	mustRefuse(t, e, "System.Param.Empty", "AddUser", good("NickName", "")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddUser", good("NickName", strings.Repeat("中", 51))...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddUser", good("NickName", "a<b")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddUser", good("CopilotModules", "qreport,coffee")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddUser", good("RoleIds", "admin")...)
	mustRefuse(t, e, "BindRole.NotExist.Error", "AddUser", good("RoleIds", "999")...)
	mustRefuse(t, e, "RoleCount.ExceedsLimit.Error", "AddUser", good("RoleIds", "111111111,111111112,111111113,456")...)
	mustRefuse(t, e, "Viewer.CannotHave.CustomRole", "AddUser", good("UserType", "2", "RoleIds", "456")...)
	mustRefuse(t, e, "User.AlreadyIn.Organization", "AddUser", good("AccountName", "ann@example.com")...)
	mustRefuse(t, e, "User.AlreadyIn.Organization", "AddUser", good("AccountId", "2001")...)
	mustRefuse(t, e, "NickName.AlreadyIn.Organization", "AddUser", good("NickName", "Ann")...)
	if n := must[page[memberRow]](t, e, "QueryUserList").TotalNum; n != 4 {
		t.Errorf("%d members after refusals", n)
	}
	must[memberResult](t, e, "AddUser", good("NickName", strings.Repeat("中", 50), "AccountName", "main2:bob")...)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	e := seeded(t) // two developers, one viewer, one analyst
	if err := e.Seed(Organization{Limits: Limits{Developers: 3, Viewers: 1, Analysts: 1}}); err != nil {
		t.Fatal(err)
	}
	add := func(name, userType string) []string {
		return []string{"AccountName", name, "NickName", name, "UserType", userType}
	}
	must[memberResult](t, e, "AddUser", add("third", "1")...)
	mustRefuse(t, e, "Organization.Developers.ReachedTheUpperLimit", "AddUser", add("fourth", "1")...)
	mustRefuse(t, e, "Organization.Viewers.ReachedTheUpperLimit", "AddUser", add("fourth", "2")...)
	mustRefuse(t, e, "Organization.Analysts.ReachedTheUpperLimit", "AddUser", add("fourth", "3")...)
	mustRefuse(t, e, "Organization.Developers.ReachedTheUpperLimit", "UpdateUser", "UserId", "bob", "UserType", "1")
	must[bool](t, e, "DeleteUser", "UserId", "ann")
	must[bool](t, e, "UpdateUser", "UserId", "bob", "UserType", "1")
	must[memberResult](t, e, "AddUser", add("fourth", "2")...)
}

func TestQueryUserList(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	var users []User
	for i := range 24 {
		users = append(users, User{UserID: fmt.Sprintf("u%02d", i), AccountName: fmt.Sprintf("Account%02d", i), NickName: fmt.Sprintf("Nick%02d", i)})
	}
	if err := e.Seed(Organization{Users: users}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		params               string
		num, size, total, of int
		ids                  string
	}{
		{"", 1, 10, 25, 3, OwnerUserID + " u00 u01 u02 u03 u04 u05 u06 u07 u08"},
		{"PageNum=3", 3, 10, 25, 3, "u19 u20 u21 u22 u23"},
		{"PageNum=4", 4, 10, 25, 3, ""},
		{"PageNum=99999999 PageSize=1000", 99999999, 1000, 25, 1, ""},
		{"PageSize=5 PageNum=2", 2, 5, 25, 5, "u04 u05 u06 u07 u08"},
		{"Keyword=nick1", 1, 10, 10, 1, "u10 u11 u12 u13 u14 u15 u16 u17 u18 u19"},
		{"Keyword=ACCOUNT23", 1, 10, 1, 1, "u23"},
		{"Keyword=nobody", 1, 10, 0, 0, ""},
	} {
		var pairs []string
		for p := range strings.FieldsSeq(tt.params) {
			k, v, _ := strings.Cut(p, "=")
			pairs = append(pairs, k, v)
		}
		p := must[page[memberRow]](t, e, "QueryUserList", pairs...)
		if p.PageNum != tt.num || p.PageSize != tt.size || p.TotalNum != tt.total || p.TotalPages != tt.of || ids(p.Data) != tt.ids {
			t.Errorf("%s: %d/%d of %d in %d: %s", tt.params, p.PageNum, p.PageSize, p.TotalNum, p.TotalPages, ids(p.Data))
		}
	}
}

func TestQueryUserInfo(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	info := must[memberInfo](t, e, "QueryUserInfoByUserId", "UserId", "ann")
	want := memberInfo{
		memberResult: memberResult{
			UserID: "ann", AccountName: "ann@example.com", NickName: "Ann", UserType: 1, RoleIDList: []int64{roleRegular},
		},
		AccountID: "2001", Email: "ann@example.com", IsDeleted: new(false),
	}
	if diff := cmp.Diff(want, info, cmp.AllowUnexported(memberInfo{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info := must[memberInfo](t, e, "QueryUserInfoByUserId", "UserId", OwnerUserID); !info.AdminUser || info.AuthAdminUser {
		t.Errorf("owner: %+v", info)
	}
	mustRefuse(t, e, "User.Not.In.Organization", "QueryUserInfoByUserId", "UserId", "nobody")

	for _, tt := range []struct{ account, parent, id, name string }{
		{"ann@example.com", "", "ann", "ann@example.com"},
		{"2002", "", "bob", "bob"},
		{"bob", "main", "bob", "bob"},
		{"bob", "other", "bob2", "bob"},
		{"bob", "bob@other.onaliyun.com", "bob2", "bob"},
	} {
		info := must[memberInfo](t, e, "QueryUserInfoByAccount", "Account", tt.account, "ParentAccountName", tt.parent)
		if info.UserID != tt.id || info.AccountName != tt.name {
			t.Errorf("%v: %+v", tt, info)
		}
	}
	mustRefuse(t, e, "AE0579100001", "QueryUserInfoByAccount", "Account", "bob")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryUserInfoByAccount", "Account", "bob", "ParentAccountName", "strangers")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryUserInfoByAccount", "Account", "main:bob")
	must[bool](t, e, "DeleteUser", "UserId", "bob2")
	if info := must[memberInfo](t, e, "QueryUserInfoByAccount", "Account", "bob"); info.UserID != "bob" {
		t.Errorf("the only Bob: %+v", info)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	must[bool](t, e, "UpdateUser", "UserId", "bob2", "NickName", "Robert", "IsDeleted", "true", "UserType", "1", "RoleIds", "456,457",
		"CopilotModules", `[{"moduleType":"qreport","status":1},{"moduleType":"smartQDevNum","status":1},{"moduleType":"qreport","status":0}]`)
	row := must[page[memberRow]](t, e, "QueryUserList", "Keyword", "robert").Data[0]
	want := memberRow{
		memberResult: memberResult{
			UserID: "bob2", AccountName: "bob@other.onaliyun.com", NickName: "Robert", UserType: 1,
			RoleIDList: []int64{456, 457}, CopilotModules: []string{"smartQDevNum"},
		},
		IsDeleted: true, JoinedDate: row.JoinedDate,
	}
	if diff := cmp.Diff(want, row, cmp.AllowUnexported(memberRow{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must[bool](t, e, "UpdateUser", "UserId", "bob2", "AdminUser", "true")
	must[bool](t, e, "UpdateUser", "UserId", "bob2", "NickName", "Robert") // his own
	if info := must[memberInfo](t, e, "QueryUserInfoByUserId", "UserId", "bob2"); !info.AdminUser || len(info.RoleIDList) != 3 {
		t.Errorf("%+v", info)
	}
	must[bool](t, e, "UpdateUser", "UserId", "ann", "NickName", "Other Bob") // free since the change

	mustRefuse(t, e, "Invalid.User.Organization", "UpdateUser", "UserId", "nobody")
	mustRefuse(t, e, "NickName.AlreadyIn.Organization", "UpdateUser", "UserId", "bob", "NickName", "Robert")
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateUser", "UserId", "bob", "NickName", "a;b")
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateUser", "UserId", "bob", "CopilotModules", "qreport")
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateUser", "UserId", "bob", "CopilotModules", `[{"moduleType":"coffee","status":1}]`)
	mustRefuse(t, e, "BindRole.NotExist.Error", "UpdateUser", "UserId", "bob", "RoleIds", "999")
	mustRefuse(t, e, "Viewer.CannotHave.CustomRole", "UpdateUser", "UserId", "bob", "RoleIds", "456")
	mustRefuse(t, e, "OrgAdminOrPermissionAdmin.CannotChangeTo.Viewer", "UpdateUser", "UserId", "bob", "AuthAdminUser", "true")
	mustRefuse(t, e, "OrganizationDeveloper.CanNotChangeTo.AnalystOrViewer", "UpdateUser", "UserId", "ann", "UserType", "3")
	mustRefuse(t, e, "Fobbiden.Action", "UpdateUser", "UserId", OwnerUserID, "RoleIds", "111111113")
	mustRefuse(t, e, "Fobbiden.Action", "UpdateUser", "UserId", OwnerUserID, "AdminUser", "false")
	mustRefuse(t, e, "Fobbiden.Action", "UpdateUser", "UserId", OwnerUserID, "IsDeleted", "true")
	if info := must[memberInfo](t, e, "QueryUserInfoByUserId", "UserId", "bob"); info.NickName != "Bob" {
		t.Errorf("a refused update left %+v", info)
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	mustRefuse(t, e, "User.Not.In.Organization", "DeleteUser", "UserId", "nobody")
	mustRefuse(t, e, "CannotRemove.OrganizationOwner", "DeleteUser", "UserId", OwnerUserID)
	mustRefuse(t, e, "Transfer.TargetUser.NotExist", "DeleteUser", "UserId", "ann", "TransferUserId", "nobody")
	mustRefuse(t, e, "Transfer.TargetUser.NotExist", "DeleteUser", "UserId", "ann", "TransferUserId", "ann")
	mustRefuse(t, e, "Viewer.AddInTo.Workspace", "DeleteUser", "UserId", "ann", "TransferUserId", "bob")

	if !must[bool](t, e, "CheckOrganizationMember", "UserId", "ann") {
		t.Error("Ann is no member")
	}
	must[bool](t, e, "DeleteUser", "UserId", "ann", "TransferUserId", "bob2")
	if must[bool](t, e, "CheckOrganizationMember", "UserId", "ann") {
		t.Error("Ann is a member")
	}
	mustRefuse(t, e, "User.Not.In.Organization", "DeleteUser", "UserId", "ann")
	if got := members(t, e, "sales"); got != "bob" {
		t.Errorf("sales: %s", got)
	}
	// Everything of hers is free again.
	must[memberResult](t, e, "AddUser", "AccountId", "2001", "AccountName", "ann@example.com", "NickName", "Ann", "UserType", "1")
}

// An administrator is no viewer, whichever operation says so: who could be added as one
// could not even be given another nickname.
func TestViewersAreNoAdministrators(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	add := []string{"AccountName", "gus", "NickName", "Gus", "UserType"}
	for _, roles := range [][]string{{"AdminUser", "true"}, {"AuthAdminUser", "true"}, {"RoleIds", "111111111"}, {"RoleIds", "111111113,111111112"}} {
		mustRefuse(t, e, "Invalid.Parameter.Error", "AddUser", slices.Concat(add, []string{"2"}, roles)...)
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "BatchAddFeishuUsers", "FeishuUsers", `{"f1":"Fred"}`, "UserType", "2", "IsAdmin", "true")
	mustRefuse(t, e, "OrgAdminOrPermissionAdmin.CannotChangeTo.Viewer", "UpdateUser", "UserId", "bob", "AdminUser", "true")
	if err := e.Seed(Organization{Users: []User{{NickName: "Hal", UserType: viewer, RoleIDs: []int64{roleAdmin}}}}); err == nil {
		t.Error("a seed has a viewer as administrator")
	}
	// Everybody who can be added can be renamed.
	for userType, roles := range map[string]string{"1": "111111111", "2": "111111113", "3": "111111111"} {
		id := must[memberResult](t, e, "AddUser", "AccountName", "a"+userType, "NickName", "N"+userType, "UserType", userType, "RoleIds", roles).UserID
		must[bool](t, e, "UpdateUser", "UserId", id, "NickName", "M"+userType)
	}
}

// Letter case makes no other account.
func TestLetterCaseOfAccounts(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	mustRefuse(t, e, "User.AlreadyIn.Organization", "AddUser", "AccountName", "ANN@example.COM", "NickName", "Second Ann", "UserType", "1")
	mustRefuse(t, e, "User.AlreadyIn.Organization", "AddUser", "AccountName", "Main:Bob", "NickName", "Second Bob", "UserType", "1")
	if err := e.Seed(Organization{Users: []User{{NickName: "Third Ann", AccountName: "Ann@Example.com"}}}); err == nil {
		t.Error("a seed has an account twice")
	}
	for account, want := range map[string]string{"ann@example.com": "ann", "Ann@Example.com": "ann"} {
		if got := must[memberInfo](t, e, "QueryUserInfoByAccount", "Account", account); got.UserID != want || got.AccountName != "ann@example.com" {
			t.Errorf("%s: %+v", account, got)
		}
	}
	if got := must[memberInfo](t, e, "QueryUserInfoByAccount", "Account", "BOB", "ParentAccountName", "MAIN"); got.UserID != "bob" {
		t.Errorf("%+v", got)
	}
	must[bool](t, e, "DeleteUser", "UserId", "ann") // and the account is free again
	must[memberResult](t, e, "AddUser", "AccountName", "ANN@example.COM", "NickName", "Second Ann", "UserType", "1")
}

// TestQueryUserInfoTellsIsDeleted asks for one member by id and by account.
func TestQueryUserInfoTellsIsDeleted(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	told := func() []any {
		t.Helper()
		return []any{
			must[map[string]any](t, e, "QueryUserInfoByUserId", "UserId", "ann")["IsDeleted"],
			must[map[string]any](t, e, "QueryUserInfoByAccount", "Account", "ann@example.com")["IsDeleted"],
		}
	}
	if got := told(); !slices.Equal(got, []any{false, false}) {
		t.Errorf("active: %v", got)
	}
	zoe := User{UserID: "zoe", AccountName: "zoe", NickName: "Zoe", Phone: "+8613800000000", CopilotModules: []string{"qreport"}}
	if err := e.Seed(Organization{Users: []User{zoe}}); err != nil {
		t.Fatal(err)
	}
	for action, parameter := range map[string]string{"QueryUserInfoByUserId": "UserId", "QueryUserInfoByAccount": "Account"} {
		got := must[map[string]any](t, e, action, parameter, "zoe")
		if text := fmt.Sprint(got["Phone"], " ", got["CopilotModules"]); text != "+8613800000000 [qreport]" {
			t.Errorf("%s: %v", action, got)
		}
	}
	must[bool](t, e, "UpdateUser", "UserId", "ann", "IsDeleted", "true")
	if got := told(); !slices.Equal(got, []any{true, true}) {
		t.Errorf("deactivated: %v", got)
	}
	if err := e.Seed(Organization{Lacks: Lacks{IsDeleted: true}}); err != nil { // an older service
		t.Fatal(err)
	}
	if got := told(); !slices.Equal(got, []any{nil, nil}) {
		t.Errorf("older service: %v", got)
	}
	for _, row := range must[page[memberRow]](t, e, "QueryUserList").Data {
		if row.IsDeleted != (row.UserID == "ann") {
			t.Errorf("%+v", row)
		}
	}
}
