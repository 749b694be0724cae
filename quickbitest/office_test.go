package quickbitest

import (
	"slices"
	"strings"
	"testing"
	"time"
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
			{RoleID: 901, RoleName: "Modeller", Config: []AuthConfig{{AuthKey: "cube", ActionAuthKeys: []string{"edit"}}}},
		},
		Workspaces: []Workspace{
			{ID: "lab", Name: "Lab", Description: "for trials", CreateTime: 1_600_000_000_000, Users: []WorkspaceUser{
				{UserID: "ann", RoleIDs: []int64{26}}, {UserID: "cem", RoleIDs: []int64{27}}, {UserID: "dora", RoleIDs: []int64{900}},
			}},
			{ID: "vault", Name: "Vault", OwnerID: "ann", AllowShare: new(false), AllowViewAll: new(false), DefaultShareToAll: true, Users: []WorkspaceUser{{UserID: "cem"}}},
		},
		Works: []Work{
			{
				ID: "sales", Name: "Sales", WorkspaceID: "lab", OwnerID: "ann", Status: 1, Created: 1000, Modified: 2000,
				Directory: Folder{ID: "d1", Name: "Reports"}, Public: true, PublicUntil: 5000, Description: "by region",
				Components: []Component{{
					ID: "c1", Name: "Lines", Type: 3, TypeName: "LINE", TypeCnName: "线图", DatasetID: "cube1",
					Params:      []ComponentParam{{UID: "u1", PathID: "p1", AreaID: "area_row", AreaName: "Row", Caption: "order_number", DataType: "number", IsMeasure: true}},
					Performance: []ComponentPerformance{{QueryType: "lastDay", Performance: Performance{QueryCount: 5, CostTimeAvg: 2}}},
				}},
				Performance: []ReportPerformance{
					{QueryType: "lastDay", ComponentQueryCount: 7, Performance: Performance{QueryCount: 9, CostTimeAvg: 0.5}},
					{QueryType: "sevenDays", ComponentQueryCount: 70, Performance: Performance{QueryCount: 90, CostTimeAvg: 1.5}},
				},
			},
			{ID: "costs", Name: "Costs", Type: "REPORT", WorkspaceID: "lab", OwnerID: "cem", Embedded: true, EmbedTime: 1_600_000_000_000},
			{
				ID: "portal", Name: "Portal", Type: "DATAPRODUCT", WorkspaceID: "lab",
				Menus: []Menu{
					{ID: "top", Name: "Top", Type: menuFolder, DependentPermission: true, Children: []Menu{
						{ID: "m1", Name: "Sales", URI: "sales"},
						{ID: "m2", Name: "Costs", Type: 2, URI: "costs", ShowOnlyWithAccess: true, Receivers: []MenuReceiver{{ReceiverID: "cem", AuthPointsValue: 1}}},
					}},
					{ID: "empty", Name: "Empty", Type: menuFolder},
				},
				WhiteList: []MenuReceiver{{ReceiverID: "eva"}, {ReceiverID: OrganizationID, ReceiverType: receiverOrganization, AuthPointsValue: 1}},
			},
			{ID: "gold", Name: "Gold", Type: "dashboardOfflineQuery", WorkspaceID: "vault"},
			{ID: "other", Name: "Other portal", Type: "DATAPRODUCT", WorkspaceID: "vault", Menus: []Menu{{ID: "x1", Name: "X"}}},
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
