package quickbitest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
)

// officeTime is the time of an office, noon in Beijing.
var officeTime = time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC)

// office returns a seeded emulator with workspaces and works besides:
//
//	lab   (of the owner): ann developer, cem analyst, dora with the role of auditors; share, collaboration
//	vault (of ann): cem viewer; neither share nor collaboration
func office(t testing.TB, opts ...Option) *Emulator {
	t.Helper()
	e := seeded(t, append([]Option{WithClock(func() time.Time { return officeTime })}, opts...)...)
	err := e.Seed(Organization{
		Users: []User{
			{UserID: "cem", AccountName: "cem", NickName: "Cem", UserType: analyst},
			{UserID: "dora", AccountName: "dora", NickName: "Dora"},
			{UserID: "eva", AccountName: "eva", NickName: "Eva"},
		},
		WorkspaceRoles: []Role{
			{RoleID: 900, RoleName: "Auditor"},
			{RoleID: 901, RoleName: "Modeller", AuthConfigs: []quickbi.RoleAuthConfig{{AuthKey: "cube", ActionAuthKeys: []string{"edit"}}}},
		},
		Workspaces: []Workspace{
			{WorkspaceID: "lab", WorkspaceName: "Lab", Description: "for trials", CreatedTime: 1_600_000_000_000, Users: []WorkspaceUser{
				{UserID: "ann", RoleIDs: []int64{26}}, {UserID: "cem", RoleIDs: []int64{27}}, {UserID: "dora", RoleIDs: []int64{900}},
			}},
			{WorkspaceID: "vault", WorkspaceName: "Vault", OwnerID: "ann", AllowShare: new(false), AllowViewAll: new(false), DefaultShareToAll: true, Users: []WorkspaceUser{{UserID: "cem"}}},
		},
		Works: []Works{
			{
				WorksID: "sales", WorksName: "Sales", WorkspaceID: "lab", OwnerID: "ann", Status: 1, CreatedTime: 1000, ModifiedTime: 2000,
				Directory: quickbi.Directory{ID: "d1", Name: "Reports"}, IsPublic: true, PublicUntil: 5000, Description: "by region",
				Components: []WorksComponent{{
					ComponentID: "c1", ComponentName: "Lines", ComponentType: 3, ComponentTypeName: "LINE", ComponentTypeCnName: "线图", DatasetID: "cube1",
					QueryParams: []quickbi.WorksComponentItem{{UID: "u1", PathID: "p1", AreaID: "area_row", AreaName: "Row", Caption: "order_number", DataType: "number", IsMeasure: true}},
					Performance: []ComponentPerformance{{QueryType: "lastDay", PerformanceFigures: PerformanceFigures{QueryCount: 5, CostTimeAvg: 2}}},
				}},
				Performance: []WorksPerformance{
					{QueryType: "lastDay", ComponentQueryCount: 7, PerformanceFigures: PerformanceFigures{QueryCount: 9, CostTimeAvg: 0.5}},
					{QueryType: "sevenDays", ComponentQueryCount: 70, PerformanceFigures: PerformanceFigures{QueryCount: 90, CostTimeAvg: 1.5}},
				},
			},
			{WorksID: "costs", WorksName: "Costs", WorksType: "REPORT", WorkspaceID: "lab", OwnerID: "cem", ThirdPartAuthFlag: true, EmbedTime: 1_600_000_000_000},
			{
				WorksID: "portal", WorksName: "Portal", WorksType: "DATAPRODUCT", WorkspaceID: "lab",
				Menus: []PortalMenu{
					{MenuID: "top", MenuName: "Top", MenuType: menuFolder, DependentPermission: true, Children: []PortalMenu{
						{MenuID: "m1", MenuName: "Sales", URI: "sales"},
						{MenuID: "m2", MenuName: "Costs", MenuType: 2, URI: "costs", ShowOnlyWithAccess: true, Receivers: []quickbi.PortalMenuReceiver{{ReceiverID: "cem", AuthPoints: 1}}},
					}},
					{MenuID: "empty", MenuName: "Empty", MenuType: menuFolder},
				},
				WhiteList: []quickbi.PortalMenuReceiver{{ReceiverID: "eva"}, {ReceiverID: OrganizationID, ReceiverType: receiverOrganization, AuthPoints: 1}},
			},
			{WorksID: "gold", WorksName: "Gold", WorksType: "dashboardOfflineQuery", WorkspaceID: "vault"},
			{WorksID: "other", WorksName: "Other portal", WorksType: "DATAPRODUCT", WorkspaceID: "vault", Menus: []PortalMenu{{MenuID: "x1", MenuName: "X"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// worksOf lists the ids of works that an operation lists.
func worksOf(t testing.TB, e *Emulator, action string, pairs ...string) string {
	t.Helper()
	var ids []string
	for _, row := range must[[]map[string]any](t, e, action, pairs...) {
		ids = append(ids, row["WorksId"].(string))
	}
	return strings.Join(ids, " ")
}

// owned lists the ids of the works of a user, of all works that there are.
func owned(t testing.TB, e *Emulator, user string) string {
	t.Helper()
	var ids []string
	for _, row := range must[page[workRow]](t, e, "QueryWorksByOrganization").Data {
		if row.OwnerID == user {
			ids = append(ids, row.WorksID)
		}
	}
	return strings.Join(ids, " ")
}

// seats lists the users of a workspace.
func seats(t testing.TB, e *Emulator, ws string) string {
	t.Helper()
	var ids []string
	for _, row := range must[page[map[string]any]](t, e, "QueryWorkspaceUserList", "WorkspaceId", ws).Data {
		ids = append(ids, row["UserId"].(string))
	}
	return strings.ReplaceAll(strings.Join(ids, " "), OwnerUserID, "owner")
}

// roles lists the roles of a user as "workspace:role".
func workspaceRolesOf(t testing.TB, e *Emulator, user string) string {
	t.Helper()
	var all []string
	for _, row := range must[[]struct {
		WorkspaceID string `json:"WorkspaceId"`
		RoleModel   struct {
			RoleID string `json:"RoleId"`
		}
	}](t, e, "ListWorkspaceUserRolesByUserId", "UserId", user) {
		all = append(all, row.WorkspaceID+":"+row.RoleModel.RoleID)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
