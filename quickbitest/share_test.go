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
