package main

import (
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// china is the zone in which the service writes times, as far as is known.
var china = time.FixedZone("UTC+8", 8*60*60)

// demo starts an emulator with a small organization, in which somebody has
// chosen a nickname that a spreadsheet program would execute.
func demo(now time.Time) (*quickbitest.Server, error) {
	ago := func(hours int) string {
		return now.Add(-time.Duration(hours) * time.Hour).In(china).Format(time.DateTime)
	}
	server := quickbitest.NewServer()
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "ann", NickName: "Ann", AccountName: "acme:ann", RoleIDs: []int64{quickbi.OrganizationRoleAdmin, quickbi.OrganizationRoleUser}},
			{UserID: "ben", NickName: "Ben, of Sales", AccountName: "acme:ben", UserType: int(quickbi.UserTypeAnalyst)},
			{UserID: "eve", NickName: `=HYPERLINK("https://evil.example","Bonus")`, AccountName: "acme:eve", UserType: int(quickbi.UserTypeViewer)},
			{UserID: "li", NickName: "李小红", AccountName: "acme:li", Inactive: true},
		},
		UserGroups: []quickbitest.UserGroup{
			{ID: "sales", Name: "Sales", UserIDs: []string{"ann", "ben"}},
			{ID: "north", ParentID: "sales", Name: "North", UserIDs: []string{"ben", "eve"}},
			{ID: "finance", Name: "Finance", UserIDs: []string{"li"}},
		},
		Workspaces: []quickbitest.Workspace{
			{ID: "reports", Name: "Reports", OwnerID: "ann", Users: []quickbitest.WorkspaceUser{
				{UserID: "ben", RoleIDs: []int64{quickbi.WorkspaceRoleAnalyst}}, {UserID: "li", RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}},
			}},
		},
		Works: []quickbitest.Work{
			{ID: "revenue", Name: "Revenue", Type: "PAGE", WorkspaceID: "reports", OwnerID: "li", Status: 1, Public: true},
			{ID: "prices", Name: "Prices", Type: "REPORT", WorkspaceID: "reports", Status: 1},
			{ID: "draft", Name: "Draft", Type: "PAGE", WorkspaceID: "reports"},
		},
		Shares: []quickbitest.Share{
			{ResourceID: "revenue", ShareToType: int(quickbi.ShareTargetUserGroup), ShareToID: "sales", AuthPoint: int(quickbi.AuthPointsExport)},
			{ResourceID: "prices", ShareToType: int(quickbi.ShareTargetUser), ShareToID: "eve", ExpireDate: now.AddDate(1, 0, 0).UnixMilli()},
		},
		AuditLog: []quickbitest.AuditEntry{
			{LogType: "function", GmtCreate: ago(50), OperatorID: "ann", OperatorType: "CREATE", TargetType: "USERGROUP", TargetID: "north", TargetName: "North"},
			{LogType: "permission", GmtCreate: ago(49), OperatorID: "ann", OperatorType: "SHARE", TargetType: "REPORT", TargetID: "prices", TargetName: "Prices", WorkspaceID: "reports"},
			{LogType: "dataView", GmtCreate: ago(30), OperatorID: "eve", OperatorType: "VIEW", TargetType: "REPORT", TargetID: "prices", TargetName: "Prices", WorkspaceID: "reports", AccessDevice: "PC"},
			{LogType: "dataView", GmtCreate: ago(1), OperatorID: "ben", OperatorType: "VIEW", TargetType: "DASHBOARD", TargetID: "revenue", TargetName: "Revenue", WorkspaceID: "reports", AccessDevice: "MOBILE"},
		},
	})
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}
