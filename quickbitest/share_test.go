package quickbitest

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// ms writes the time of day d after the time of the office, in milliseconds.
func ms(d time.Duration) string { return strconv.FormatInt(officeTime.Add(d).UnixMilli(), 10) }

// sharedWith lists with whom a work is shared, as "type:receiver:points".
func sharedWith(t testing.TB, e *Emulator, work string) string {
	t.Helper()
	var all []string
	for _, row := range must[[]struct {
		ShareToType, AuthPoint int
		ShareToID              string `json:"ShareToId"`
	}](t, e, "QueryShareList", "ReportId", work) {
		all = append(all, strconv.Itoa(row.ShareToType)+":"+row.ShareToID+":"+strconv.Itoa(row.AuthPoint))
	}
	return strings.ReplaceAll(strings.Join(all, " "), OrganizationID, "org")
}

func TestAddShareReport(t *testing.T) {
	t.Parallel()
	now := officeTime
	e := office(t, WithClock(func() time.Time { return now }))
	share := func(work, kind, to, points string, d time.Duration) []string {
		return []string{"WorksId", work, "ShareToType", kind, "ShareToId", to, "AuthPoint", points, "ExpireDate", ms(d)}
	}
	must[bool](t, e, "AddShareReport", share("sales", "0", "eva", "1", time.Hour)...)
	must[bool](t, e, "AddShareReport", share("sales", "1", "north", "3", 2*time.Hour)...)
	must[bool](t, e, "AddShareReport", share("costs", "2", "", "1", time.Hour)...)
	if got := sharedWith(t, e, "sales"); got != "0:eva:1 1:north:3" {
		t.Error(got)
	}
	rows := must[[]struct {
		ShareID, ReportID, ShareType, ShareToName string
		ExpireDate                                int64
	}](t, e, "QueryShareList", "ReportId", "sales")
	if row := rows[1]; row.ShareID == "" || row.ReportID != "sales" || row.ShareType != "dashboard" || row.ShareToName != "North" || ms(2*time.Hour) != strconv.FormatInt(row.ExpireDate, 10) {
		t.Errorf("%+v", row)
	}
	must[bool](t, e, "AddShareReport", share("sales", "0", "eva", "3", time.Hour)...) // in place of the former
	if got := sharedWith(t, e, "sales"); got != "0:eva:3 1:north:3" {
		t.Error(got)
	}

	for user, want := range map[string]string{"eva": "sales costs", "bob": "sales costs", "dora": "costs"} { // Bob is in a group below north
		if got := worksOf(t, e, "QuerySharesToUserList", "UserId", user); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
		if got := worksOf(t, e, "QueryReadableResourcesListByUserId", "UserId", user); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
	}
	now = officeTime.Add(time.Hour) // some of it has come to its end
	if got := worksOf(t, e, "QuerySharesToUserList", "UserId", "eva"); got != "" {
		t.Errorf("after an hour: %s", got)
	}
	if must[bool](t, e, "CheckReadable", "UserId", "eva", "WorksId", "sales") || !must[bool](t, e, "CheckReadable", "UserId", "bob", "WorksId", "sales") {
		t.Error("after an hour: readable")
	}
	if got := sharedWith(t, e, "sales"); got != "1:north:3" {
		t.Error(got)
	}

	for code, params := range map[string][]string{
		"Report.NotExist.Error":            share("nowhere", "0", "eva", "1", 2*time.Hour),
		"Share.ExpireDate.Error":           share("sales", "0", "eva", "1", time.Hour),
		"User.Not.In.Organization":         share("sales", "0", "nobody", "1", 2*time.Hour),
		"Usergroup.Not.Exist":              share("sales", "1", "nobody", "1", 2*time.Hour),
		"Workspace.OutsideShare.Forbidden": share("sales", "2", "others", "1", 2*time.Hour),
		"Workspace.Share.Forbidden":        share("gold", "0", "eva", "1", 2*time.Hour),
		"System.Param.Empty":               share("sales", "0", "", "1", 2*time.Hour),
		"Invalid.Parameter.Error":          share("sales", "0", "eva", "2", 2*time.Hour),
	} {
		mustRefuse(t, e, code, "AddShareReport", params...)
	}
	mustRefuse(t, e, "Report.NotExist.Error", "QueryShareList", "ReportId", "nowhere")
	mustRefuse(t, e, "User.Not.In.Organization", "QuerySharesToUserList", "UserId", "nobody")
}

func TestCancelReportShare(t *testing.T) {
	t.Parallel()
	e := office(t)
	if err := e.Seed(Organization{Shares: []Share{
		{WorksID: "sales", ShareToID: "eva"}, {WorksID: "sales", ShareToID: "bob", AuthPoints: 3},
		{WorksID: "sales", ShareToType: 1, ShareToID: "south"}, {WorksID: "sales", ShareToType: 2},
	}}); err != nil {
		t.Fatal(err)
	}
	if err := e.Seed(Organization{Shares: []Share{{WorksID: "costs", ShareToID: "eva", ExpireDate: officeTime.UnixMilli()}}}); err != nil {
		t.Fatal(err)
	}
	if got := worksOf(t, e, "QuerySharesToUserList", "UserId", "eva"); got != "sales" { // the other share is over
		t.Errorf("Eva: %s", got)
	}
	if got := sharedWith(t, e, "sales"); got != "0:eva:1 0:bob:3 1:south:1 2:org:1" {
		t.Error(got)
	}
	cancel := func(kind, ids string) []string {
		return []string{"ReportId", "sales", "ShareToType", kind, "ShareToIds", ids}
	}
	mustRefuse(t, e, "User.NotBelongTo.CurrentOrganization", "CancelReportShare", cancel("0", "eva,nobody")...)
	mustRefuse(t, e, "Usergroup.NotBelongTo.CurrentOrganization", "CancelReportShare", cancel("1", "nobody")...)
	mustRefuse(t, e, "Resource.NotBelongTo.CurrentOrganization", "CancelReportShare", cancel("2", "others")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CancelReportShare", cancel("3", "lab")...)
	mustRefuse(t, e, "Report.NotExist.Error", "CancelReportShare", "ReportId", "x", "ShareToType", "0", "ShareToIds", "eva")
	must[bool](t, e, "CancelReportShare", cancel("0", "eva,dora")...)
	must[bool](t, e, "CancelReportShare", cancel("2", OrganizationID)...)
	if got := sharedWith(t, e, "sales"); got != "0:bob:3 1:south:1" {
		t.Error(got)
	}
	// Who is gone leaves no trace.
	must[bool](t, e, "DeleteUser", "UserId", "bob")
	must[bool](t, e, "DeleteUserGroup", "UserGroupId", "south")
	if got := sharedWith(t, e, "sales"); got != "" {
		t.Error(got)
	}
}

func TestWorksAuthorization(t *testing.T) {
	t.Parallel()
	e := office(t)
	grant := func(work, kind, scope, to, points, day string) []string {
		return []string{"ResourceId", work, "ResourceType", kind, "AuthorizeScope", scope, "AuthorizedId", to, "AuthPoints", points, "ExpireDay", day}
	}
	id := must[string](t, e, "AddWorksAuthorization", grant("sales", "dashboard", "0", "eva", "1", "2026-05-05")...)
	if again := must[string](t, e, "AddWorksAuthorization", grant("sales", "dashboard", "0", "eva", "11", "")...); id == "" || again != id {
		t.Errorf("ids %q and %q", id, again)
	}
	must[string](t, e, "AddWorksAuthorization", grant("sales", "dashboard", "1", "sales", "3", "2026-05-05")...)
	must[string](t, e, "AddWorksAuthorization", grant("costs", "report", "3", "lab", "3", "2026-05-05")...)
	must[string](t, e, "AddWorksAuthorization", grant("costs", "report", "2", OrganizationID, "1", "2026-05-05")...)
	if got := sharedWith(t, e, "sales") + "; " + sharedWith(t, e, "costs"); got != "0:eva:11 1:sales:3; 3:lab:3 2:org:1" {
		t.Error(got)
	}
	rows := must[page[struct{ HasEditAuth bool }]](t, e, "ListSharedReports", "UserId", "eva").Data
	if len(rows) != 2 || !rows[0].HasEditAuth || rows[1].HasEditAuth {
		t.Errorf("%+v", rows)
	}
	e.SetSkew(36*time.Hour - time.Second) // the last second of the last day
	if !must[bool](t, e, "CheckReadable", "UserId", "eva", "WorksId", "costs") {
		t.Error("over too early")
	}
	e.SetSkew(36 * time.Hour)
	if must[bool](t, e, "CheckReadable", "UserId", "eva", "WorksId", "costs") {
		t.Error("not over")
	}
	e.SetSkew(0)

	for _, params := range [][]string{
		grant("nowhere", "dashboard", "0", "eva", "11", ""),
		grant("sales", "report", "0", "eva", "11", ""), // it is none
		grant("nowhere", "cube", "0", "eva", "11", ""),
		grant("nowhere", "datasource", "0", "eva", "11", ""),
	} {
		mustRefuse(t, e, "Work.Not.Exist", "AddWorksAuthorization", params...)
	}
	for _, params := range [][]string{
		grant("portal", "dataProduct", "0", "eva", "11", ""),
		grant("sales", "dashboard", "0", "nobody", "11", ""),
		grant("sales", "dashboard", "4", "eva", "11", ""),
		grant("sales", "dashboard", "0", "eva", "2", ""),
		grant("sales", "dashboard", "0", "eva", "1", ""),
		grant("sales", "dashboard", "0", "eva", "1", "2026-05-04"), // today
		grant("sales", "dashboard", "0", "eva", "1", "tomorrow"),
	} {
		mustRefuse(t, e, "Invalid.Parameter.Error", "AddWorksAuthorization", params...)
	}
}

func TestDeleteAuthorizationByUserID(t *testing.T) {
	t.Parallel()
	e := office(t)
	if err := e.Seed(Organization{Shares: []Share{
		{WorksID: "sales", ShareToID: "eva"}, {WorksID: "sales", ShareToID: "bob"}, {WorksID: "sales", ShareToType: 1, ShareToID: "north"},
		{WorksID: "costs", ShareToType: 3, ShareToID: "lab"},
	}}); err != nil {
		t.Fatal(err)
	}
	remove := func(user, work, kind string) []string {
		return []string{"QbiUserId", user, "ResourceId", work, "ResourceType", kind}
	}
	must[bool](t, e, "DeleteAuthorizationByUserId", remove("eva", "sales", "dashboard")...)
	must[bool](t, e, "DeleteAuthorizationByUserId", remove("eva", "sales", "dashboard")...) // nothing there any more
	if must[bool](t, e, "CheckReadable", "UserId", "eva", "WorksId", "sales") {
		t.Error("still readable")
	}
	for code, params := range map[string][]string{
		"DeletePermission.UserBelongsToUsergroup.Error": remove("bob", "sales", "dashboard"),
		"DeletePermission.ExistWorkspaceRecord.Error":   remove("dora", "costs", "report"),
		"Report.NotExist.Error":                         remove("eva", "costs", "dashboard"),
		"Cube.Not.Exist":                                remove("eva", "nowhere", "cube"),
		"Datasource.NotFound.Error":                     remove("eva", "nowhere", "datasource"),
		"Invalid.User.Organization":                     remove("nobody", "sales", "dashboard"),
		"Invalid.Parameter.Error":                       remove("eva", "sales", "x"),
	} {
		mustRefuse(t, e, code, "DeleteAuthorizationByUserId", params...)
	}
	if got := sharedWith(t, e, "sales"); got != "0:bob:1 1:north:1" {
		t.Error(got)
	}
}

func TestSeedShare(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Share{
		`there is no work, dataset or data source "x"`: {WorksID: "x", ShareToID: "ann"},
		`there is no receiver "x" of type 0`:           {WorksID: "sales", ShareToID: "x"},
		`there is no receiver "ann" of type 9`:         {WorksID: "sales", ShareToID: "ann", ShareToType: 9},
		`AuthPoint is none of 1, 3, 11`:                {WorksID: "sales", ShareToID: "ann", AuthPoints: 2},
	} {
		err := office(t).Seed(Organization{Shares: []Share{s}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestListAuthConfigByResource(t *testing.T) {
	t.Parallel()
	now := officeTime
	e := office(t, WithClock(func() time.Time { return now }))
	list := func(kind, id, to, has string, more ...string) string {
		t.Helper()
		var all []string
		for _, row := range must[[]struct {
			ResourceID, AuthorizedID, AuthorizedName, ExpireDate, GmtCreate, ResourceType string
			Scope                                                                         int
			Authorities                                                                   []string
		}](t, e, "ListAuthConfigByResource", append([]string{"WorksType", kind, "ResourceId", id, "ShareToType", to, "HasAuth", has}, more...)...) {
			all = append(all, strconv.Itoa(row.Scope)+":"+row.AuthorizedID+":"+strings.Join(row.Authorities, "+"))
			if row.ResourceType != kind || row.AuthorizedName == "" {
				t.Errorf("%+v", row)
			}
		}
		return strings.ReplaceAll(strings.Join(all, " "), OrganizationID, "org")
	}
	before := list("dashboard", "sales", "0", "true")
	must[bool](t, e, "AddShareReport", "WorksId", "sales", "ShareToType", "0", "ShareToId", "eva", "AuthPoint", "1", "ExpireDate", ms(time.Hour))
	must[bool](t, e, "AddShareReport", "WorksId", "sales", "ShareToType", "1", "ShareToId", "north", "AuthPoint", "3", "ExpireDate", ms(time.Hour))
	must[string](t, e, "AddWorksAuthorization", "ResourceId", "sales", "ResourceType", "dashboard", "AuthorizeScope", "2", "AuthorizedId", OrganizationID, "AuthPoints", "11")
	if got, want := list("dashboard", "sales", "0", "true"), strings.TrimSpace(before+" 0:eva:VIEW 2:org:VIEW+EXPORT+EDIT"); got != want {
		t.Errorf("users: %s, want %s", got, want)
	}
	if got := list("dashboard", "sales", "1", "true"); got != "1:north:VIEW+EXPORT" {
		t.Errorf("groups: %s", got)
	}
	if got := list("dashboard", "sales", "0", "true", "Keyword", "EVA"); got != "0:eva:VIEW" {
		t.Errorf("by keyword: %s", got)
	}
	if got := list("dashboard", "sales", "1", "false"); !strings.HasPrefix(got, "1:north:VIEW+EXPORT 1:") || !strings.HasSuffix(got, ":") {
		t.Errorf("groups, with or without rights: %s", got)
	}
	now = now.Add(2 * time.Hour)
	if got, want := list("dashboard", "sales", "0", "true"), strings.TrimSpace(before+" 2:org:VIEW+EXPORT+EDIT"); got != want {
		t.Errorf("after the share ended: %s, want %s", got, want)
	}

	must[bool](t, e, "UpdateAuthorizationAttributes", "ResourceId", "sales", "ResourceType", "dashboard", "EditPermissionType", "12")
	if got := must[struct{ SecurityLevel string }](t, e, "QueryWorks", "WorksId", "sales").SecurityLevel; got != "12" {
		t.Errorf("security level %s", got)
	}
	if got := list("dashboard", "sales", "0", "true"); got != "2:org:VIEW+EXPORT+EDIT" {
		t.Errorf("members named one by one: %s", got)
	}
	must[bool](t, e, "UpdateAuthorizationAttributes", "ResourceId", "sales", "ResourceType", "dashboard", "EditPermissionType", "11")
	if got := list("dashboard", "sales", "0", "true", "Keyword", "organization"); got != "2:org:VIEW+EXPORT+EDIT" || !strings.Contains(list("dashboard", "sales", "0", "true"), "3:") {
		t.Errorf("the workspace: %s", list("dashboard", "sales", "0", "true"))
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateAuthorizationAttributes", "ResourceId", "sales", "ResourceType", "dashboard", "UsePermissionType", "1")
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateAuthorizationAttributes", "ResourceId", "sales", "ResourceType", "dashboard", "EditPermissionType", "5")
	mustRefuse(t, e, "Work.Not.Exist", "UpdateAuthorizationAttributes", "ResourceId", "sales", "ResourceType", "screen", "EditPermissionType", "0")
	mustRefuse(t, e, "Work.Not.Exist", "ListAuthConfigByResource", "ResourceId", "nowhere", "WorksType", "dashboard", "ShareToType", "0", "HasAuth", "true")
	mustRefuse(t, e, "Cube.Not.Exist", "ListAuthConfigByResource", "ResourceId", "nowhere", "WorksType", "cube", "ShareToType", "0", "HasAuth", "true")
	mustRefuse(t, e, "Datasource.NotFound.Error", "UpdateAuthorizationAttributes", "ResourceId", "nowhere", "ResourceType", "datasource", "UsePermissionType", "1")
	mustRefuse(t, e, "Invalid.Parameter.Error", "ListAuthConfigByResource", "ResourceId", "sales", "WorksType", "dataProduct", "ShareToType", "0", "HasAuth", "true")
}

func TestAttributesOfData(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	rights := func(kind, id string) string {
		t.Helper()
		var all []string
		for _, row := range must[[]struct {
			AuthorizedID string `json:"AuthorizedId"`
			Scope        int
			Authorities  []string
		}](t, e, "ListAuthConfigByResource", "WorksType", kind, "ResourceId", id, "ShareToType", "0", "HasAuth", "true") {
			all = append(all, strconv.Itoa(row.Scope)+":"+row.AuthorizedID+":"+strings.Join(row.Authorities, "+"))
		}
		return strings.Join(all, " ")
	}
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "orders", "RuleType", "ROW_LEVEL", "IsOpen", "1")
	must[bool](t, e, "AddDataLevelPermissionWhiteList", "CubeId", "orders", "RuleType", "ROW_LEVEL", "OperateType", "ADD", "TargetType", "1", "TargetIds", "ann")
	must[bool](t, e, "UpdateAuthorizationAttributes", "ResourceId", "orders", "ResourceType", "cube", "UsePermissionType", "1")
	if got := rights("cube", "orders"); got != "3:lab:USE 0:ann:ROW_LEVEL_WHITE_LIST" {
		t.Errorf("dataset: %s", got)
	}
	must[bool](t, e, "UpdateAuthorizationAttributes", "ResourceId", "db", "ResourceType", "datasource", "EditPermissionType", "11", "UsePermissionType", "2")
	if got := rights("datasource", "db"); got != "3:lab:VIEW+EXPORT+EDIT" {
		t.Errorf("data source: %s", got)
	}
	if got := must[struct{ AuthLevel string }](t, e, "GetDataSourceConnectionInfo", "DsId", "db").AuthLevel; got != "11" {
		t.Errorf("level %s", got)
	}

	must[bool](t, e, "UpdateDataSourceProperties", "DsId", "db", "ShowName", "Shop", "QuickBIOwnerId", "dora", "Description", "all of it")
	row := must[[]struct {
		ShowName    string
		CreatorID   string `json:"CreatorId"`
		CreatorName string
	}](t, e, "ListDataSource", "WorkspaceId", "lab")[0]
	if row.ShowName != "Shop" || row.CreatorID != "dora" || row.CreatorName != "Dora" {
		t.Errorf("%+v", row)
	}
	mustRefuse(t, e, "User.Not.In.Organization", "UpdateDataSourceProperties", "DsId", "db", "QuickBIOwnerId", "nobody")
	mustRefuse(t, e, "Datasource.NotFound.Error", "UpdateDataSourceProperties", "DsId", "nowhere", "ShowName", "x")
	second := NewEmulator()
	if err := second.Seed(e.Snapshot()); err != nil {
		t.Fatal(err)
	}
	if got := must[[]struct{ ShowName string }](t, second, "ListDataSource", "WorkspaceId", "lab")[0].ShowName; got != "Shop" {
		t.Errorf("in a second emulator: %s", got)
	}
}
