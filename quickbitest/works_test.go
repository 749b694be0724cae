package quickbitest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
)

func TestQueryWorks(t *testing.T) {
	t.Parallel()
	e := office(t)
	want := workRow{
		workResult: workResult{
			WorksID: "sales", WorkName: "Sales", WorkType: "PAGE", inWorkspace: inWorkspace{"lab", "Lab"}, Description: "by region",
			Directory: quickbi.Directory{ID: "d1", Name: "Reports", PathID: "d1", PathName: "Reports"},
			OwnerID:   "ann", OwnerName: "ann@example.com", ModifyName: "ann@example.com", SecurityLevel: "0", Status: 1,
		},
		GmtCreate: "1000", GmtModify: "2000", PublicFlag: true, PublicInvalidTime: 5000,
	}
	opt := cmp.AllowUnexported(workRow{}, workResult{})
	if diff := cmp.Diff(want, must[workRow](t, e, "QueryWorks", "WorksId", "sales"), opt); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, must[page[workRow]](t, e, "QueryWorksByOrganization").Data[0], opt); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want.OwnerName, want.ModifyName = "Ann", "Ann"
	if diff := cmp.Diff(want, must[page[workRow]](t, e, "QueryWorksByWorkspace", "WorkspaceId", "lab").Data[0], opt); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := must[workRow](t, e, "QueryWorks", "WorksId", "gold"); got.SecurityLevel != "11" || got.Status != 1 || got.GmtCreate != got.GmtModify {
		t.Errorf("defaults: %+v", got)
	}
	mustRefuse(t, e, "Invalid.Works.Empty", "QueryWorks", "WorksId", "nowhere")
	mustRefuse(t, e, "Application.Object.NotExist", "QueryWorksByWorkspace", "WorkspaceId", "nowhere")
}

func TestWorksLists(t *testing.T) {
	t.Parallel()
	e := office(t)
	for _, tt := range []struct{ want, params string }{
		{"sales costs portal gold other", ""},
		{"sales", "WorksType PAGE"},
		{"gold", "WorksType dashboardOfflineQuery"},
		{"portal other", "WorksType dataproduct"},
		{"", "WorksType FULLPAGE"},
		{"costs", "Status 0"},
		{"costs", "ThirdPartAuthFlag 1"},
		{"sales portal gold other", "ThirdPartAuthFlag 0"},
		{"sales portal", "Status 1 WorkspaceId lab"},
		{"portal", "WorksType DATAPRODUCT WorkspaceId lab"},
		{"other", "WorkspaceId vault PageSize 1 PageNum 2"},
	} {
		action := "QueryWorksByOrganization"
		if strings.Contains(tt.params, "WorkspaceId") {
			action = "QueryWorksByWorkspace"
		}
		var got []string
		for _, row := range must[page[workRow]](t, e, action, strings.Fields(tt.params)...).Data {
			got = append(got, row.WorksID)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %s, want %s", tt.params, got, tt.want)
		}
	}
}

func TestReadable(t *testing.T) {
	t.Parallel()
	e := office(t)
	for user, want := range map[string]string{
		OwnerUserID: "sales costs portal", // administrator of the lab
		"ann":       "sales costs portal gold other",
		"cem":       "costs gold other", // owns one, and the vault is for all in it
		"dora":      "",
		"eva":       "",
	} {
		if got := worksOf(t, e, "QueryReadableResourcesListByUserId", "UserId", user); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
		if got := worksOf(t, e, "QueryReadableResourcesListByUserIdV2", "UserId", user); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
		for _, work := range strings.Fields("sales costs portal gold other") {
			if got := must[bool](t, e, "CheckReadable", "UserId", user, "WorksId", work); got != strings.Contains(want, work) {
				t.Errorf("%s reads %s: %t", user, work, got)
			}
		}
	}
	if got := worksOf(t, e, "QueryReadableResourcesListByUserIdV2", "UserId", "ann", "WorkType", "DATAPRODUCT"); got != "portal other" {
		t.Errorf("portals: %s", got)
	}
	if got := worksOf(t, e, "QueryReadableResourcesListByUserIdV2", "UserId", "ann", "WorkspaceId", "lab"); got != "sales costs portal" {
		t.Errorf("in the lab: %s", got)
	}

	// A developer of the vault does not see what is not shared there: it has no collaboration.
	must[bool](t, e, "AddUserToWorkspace", "WorkspaceId", "vault", "UserId", "eva", "RoleId", "26")
	if err := e.Seed(Organization{Works: []Works{{WorksID: "secret", WorksName: "Secret", WorkspaceID: "vault", SecurityLevel: "0"}}}); err != nil {
		t.Fatal(err)
	}
	if got := worksOf(t, e, "QueryReadableResourcesListByUserId", "UserId", "eva"); got != "gold other" {
		t.Errorf("Eva: %s", got)
	}
	// What is lost with the place in the workspace.
	must[bool](t, e, "DeleteUserFromWorkspace", "WorkspaceId", "vault", "UserId", "eva")
	if got := worksOf(t, e, "QueryReadableResourcesListByUserId", "UserId", "eva"); got != "" {
		t.Errorf("Eva: %s", got)
	}

	mustRefuse(t, e, "User.Not.In.Organization", "CheckReadable", "UserId", "nobody", "WorksId", "sales")
	mustRefuse(t, e, "Report.NotExist.Error", "CheckReadable", "UserId", "ann", "WorksId", "nowhere")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryReadableResourcesListByUserId", "UserId", "nobody")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryReadableResourcesListByUserIdV2", "UserId", "nobody")
}

func TestEmbedding(t *testing.T) {
	t.Parallel()
	now := officeTime
	e := office(t, WithClock(func() time.Time { return now }))
	type embedded struct {
		TotalNum, PageNo int
		Data             []struct{ WorksID, WorksType, EmbedTime string }
	}
	list := func(pairs ...string) string {
		var got []string
		for _, row := range must[embedded](t, e, "GetWorksEmbedList", pairs...).Data {
			got = append(got, row.WorksID+" "+row.WorksType+" "+row.EmbedTime)
		}
		return strings.Join(got, ", ")
	}
	if got := list(); got != "costs report 2020-09-13 20:26:40" {
		t.Error(got)
	}
	if got := must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "sales,costs,gold,sales", "ThirdPartAuthFlag", "true"); got != 3 {
		t.Errorf("opened %d", got)
	}
	if got := list(); got != "costs report 2020-09-13 20:26:40, sales page 2026-05-04 12:00:00, gold dashboardOfflineQuery 2026-05-04 12:00:00" {
		t.Error(got)
	}
	for params, want := range map[string]string{
		"Keyword SAL":            "sales page 2026-05-04 12:00:00",
		"WorksType page":         "sales page 2026-05-04 12:00:00",
		"WsId vault":             "gold dashboardOfflineQuery 2026-05-04 12:00:00",
		"PageSize 1 PageNo 2":    "sales page 2026-05-04 12:00:00",
		"WorksType screen":       "",
		"WsId lab Keyword costs": "costs report 2020-09-13 20:26:40",
	} {
		if got := list(strings.Fields(params)...); got != want {
			t.Errorf("%s: %s", params, got)
		}
	}
	if !must[bool](t, e, "QueryEmbeddedStatus", "WorksId", "sales") || must[workRow](t, e, "QueryWorks", "WorksId", "sales").Auth3rdFlag != 1 {
		t.Error("not open")
	}
	type info struct {
		MaxCount, EmbeddedCount int
		Detail                  struct{ Page, Report, DashboardOfflineQuery int }
	}
	want := info{MaxCount: math.MaxInt32, EmbeddedCount: 3}
	want.Detail.Page, want.Detail.Report, want.Detail.DashboardOfflineQuery = 1, 1, 1
	if got := must[info](t, e, "QueryEmbeddedInfo"); got != want {
		t.Errorf("%+v", got)
	}

	if err := e.Seed(Organization{Limits: Limits{EmbeddedWorks: 3}}); err != nil {
		t.Fatal(err)
	}
	must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "sales", "ThirdPartAuthFlag", "true") // open already
	mustRefuse(t, e, "Auth3Rd.Over.MaxQuota", "UpdateEmbeddedStatus", "WorksId", "portal", "ThirdPartAuthFlag", "true")
	mustRefuse(t, e, "Resource.NotBelongTo.CurrentOrganization", "UpdateEmbeddedStatus", "WorksId", "gold,nowhere", "ThirdPartAuthFlag", "false")
	must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "gold", "ThirdPartAuthFlag", "false")
	must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "portal", "ThirdPartAuthFlag", "true")
	if must[bool](t, e, "QueryEmbeddedStatus", "WorksId", "gold") {
		t.Error("still open")
	}
	if got := must[info](t, e, "QueryEmbeddedInfo"); got.MaxCount != 3 || got.EmbeddedCount != 3 || got.Detail.DashboardOfflineQuery != 0 {
		t.Errorf("%+v", got)
	}
	mustRefuse(t, e, "Report.NotExist.Error", "QueryEmbeddedStatus", "WorksId", "nowhere")
}

func TestBloodRelationship(t *testing.T) {
	t.Parallel()
	e := office(t)
	got := must[[]struct {
		ComponentID         string `json:"ComponentId"`
		ComponentType       int
		ComponentTypeCnName string
		DatasetID           string `json:"DatasetId"`
		QueryParams         []quickbi.WorksComponentItem
	}](t, e, "QueryWorksBloodRelationship", "WorksId", "sales")
	if len(got) != 1 || got[0].ComponentID != "c1" || got[0].ComponentType != 3 || got[0].DatasetID != "cube1" || got[0].QueryParams[0].UID != "u1" || !got[0].QueryParams[0].IsMeasure {
		t.Errorf("%+v", got)
	}
	if got := must[[]any](t, e, "QueryWorksBloodRelationship", "WorksId", "gold"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	mustRefuse(t, e, "Invalid.Works.Empty", "QueryWorksBloodRelationship", "WorksId", "nowhere")
	mustRefuse(t, e, "Invalid.WorksId.Not.Publish", "QueryWorksBloodRelationship", "WorksId", "costs")
}

func TestPerformance(t *testing.T) {
	t.Parallel()
	e := office(t)
	type row struct {
		ReportID, WorkspaceName, ReportType, ComponentID string
		QueryCount, ComponentQueryCount                  int
	}
	for _, tt := range []struct {
		want   int // QueryCount of the only row; 0: no row
		params string
	}{
		{9, "WorkspaceId lab QueryType lastDay"},
		{90, "WorkspaceId lab QueryType sevenDays ReportId sales ResourceType report CostTimeAvgMin 1"},
		{0, "WorkspaceId lab QueryType lastDay CostTimeAvgMin 1"},
		{0, "WorkspaceId lab QueryType lastDay ReportId costs"},
		{0, "WorkspaceId lab QueryType lastDay PageNum 2"},
		{0, "WorkspaceId lab QueryType thirtyDays"},
		{0, "WorkspaceId vault QueryType lastDay"},
	} {
		params := strings.Fields(strings.ReplaceAll(tt.params, "ResourceType report", "ResourceType dashboard"))
		got := must[[]row](t, e, "QueryReportPerformance", params...)
		if len(got) == 0 && tt.want == 0 {
			continue
		}
		if len(got) != 1 || got[0].QueryCount != tt.want || got[0].ReportID != "sales" || got[0].ReportType != "dashboard" || got[0].WorkspaceName != "Lab" {
			t.Errorf("%s: %+v", tt.params, got)
		}
	}
	got := must[[]row](t, e, "QueryComponentPerformance", "WorkspaceId", "lab", "QueryType", "lastDay", "CostTimeAvgMin", "2")
	if len(got) != 1 || got[0].ComponentID != "c1" || got[0].QueryCount != 5 {
		t.Errorf("%+v", got)
	}
	for _, action := range []string{"QueryReportPerformance", "QueryComponentPerformance"} {
		mustRefuse(t, e, "Invalid.Parameter.Error", action, "WorkspaceId", "lab", "QueryType", "always")
		mustRefuse(t, e, "Application.Object.NotExist", action, "WorkspaceId", "nowhere", "QueryType", "lastDay")
	}
}

func TestSeedWork(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]Works{
		`there is no name`:                        {WorkspaceID: "lab"},
		`there is a work "sales" already`:         {WorksID: "sales", WorksName: "N", WorkspaceID: "lab"},
		`there is no type "x" of works`:           {WorksName: "N", WorksType: "x", WorkspaceID: "lab"},
		`there is no workspace "x"`:               {WorksName: "N", WorkspaceID: "x"},
		`there is no status 4`:                    {WorksName: "N", WorkspaceID: "lab", Status: 4},
		`there is no security level "2"`:          {WorksName: "N", WorkspaceID: "lab", SecurityLevel: "2"},
		`the owner "eva" is not in the workspace`: {WorksName: "N", WorkspaceID: "lab", OwnerID: "eva"},
		`a work of type PAGE has no menus`:        {WorksName: "N", WorkspaceID: "lab", Menus: []PortalMenu{{MenuID: "a"}}},
		`there is a menu "m1" already`:            {WorksName: "N", WorksType: "dataProduct", WorkspaceID: "lab", Menus: []PortalMenu{{MenuID: "m1"}}},
		`but is no folder`:                        {WorksName: "N", WorksType: "dataProduct", WorkspaceID: "lab", Menus: []PortalMenu{{MenuID: "a", Children: []PortalMenu{{MenuID: "b"}}}}},
		`nobody can be authorized for the folder`: {WorksName: "N", WorksType: "dataProduct", WorkspaceID: "lab", Menus: []PortalMenu{{MenuID: "a", MenuType: menuFolder, Receivers: []quickbi.PortalMenuReceiver{{ReceiverID: "ann"}}}}},
		`there is a menu "m2" already`:            {WorksName: "N", WorksType: "dataProduct", WorkspaceID: "lab", Menus: []PortalMenu{{MenuID: "a", MenuType: menuFolder, Children: []PortalMenu{{MenuID: "m2"}}}}},
		`there is no receiver "x" of type 2`:      {WorksName: "N", WorksType: "dataProduct", WorkspaceID: "lab", Menus: []PortalMenu{{Receivers: []quickbi.PortalMenuReceiver{{ReceiverID: "x", ReceiverType: 2}}}}},
		`there is no receiver "x" of type 1`:      {WorksName: "N", WorksType: "dataProduct", WorkspaceID: "lab", WhiteList: []quickbi.PortalMenuReceiver{{ReceiverID: "x", ReceiverType: 1}}},
	} {
		err := office(t).Seed(Organization{Works: []Works{w}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
