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
			{UserID: "li", NickName: "李小红", AccountName: "acme:li", IsDeleted: true},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "sales", UserGroupName: "Sales", UserIDs: []string{"ann", "ben"}},
			{UserGroupID: "north", ParentUserGroupID: "sales", UserGroupName: "North", UserIDs: []string{"ben", "eve"}},
			{UserGroupID: "finance", UserGroupName: "Finance", UserIDs: []string{"li"}},
		},
		Workspaces: []quickbitest.Workspace{
			{WorkspaceID: "reports", WorkspaceName: "Reports", OwnerID: "ann", Users: []quickbitest.WorkspaceUser{
				{UserID: "ben", RoleIDs: []int64{quickbi.WorkspaceRoleAnalyst}}, {UserID: "li", RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}},
			}},
		},
		Works: []quickbitest.Works{
			{WorksID: "revenue", WorksName: "Revenue", WorksType: "PAGE", WorkspaceID: "reports", OwnerID: "li", Status: 1, IsPublic: true},
			{WorksID: "prices", WorksName: "Prices", WorksType: "REPORT", WorkspaceID: "reports", Status: 1},
			{WorksID: "draft", WorksName: "Draft", WorksType: "PAGE", WorkspaceID: "reports"},
		},
		Shares: []quickbitest.Share{
			{WorksID: "revenue", ShareToType: int(quickbi.ShareTargetUserGroup), ShareToID: "sales", AuthPoints: int(quickbi.AuthPointsExport)},
			{WorksID: "prices", ShareToType: int(quickbi.ShareTargetUser), ShareToID: "eve", ExpireDate: now.AddDate(1, 0, 0).UnixMilli()},
		},
		AuditLog: []quickbitest.AuditLogEntry{
			{LogType: "function", CreatedTime: ago(50), OperatorID: "ann", OperatorType: "CREATE", TargetType: "USERGROUP", TargetID: "north", TargetName: "North"},
			{LogType: "permission", CreatedTime: ago(49), OperatorID: "ann", OperatorType: "SHARE", TargetType: "REPORT", TargetID: "prices", TargetName: "Prices", WorkspaceID: "reports"},
			{LogType: "dataView", CreatedTime: ago(30), OperatorID: "eve", OperatorType: "VIEW", TargetType: "REPORT", TargetID: "prices", TargetName: "Prices", WorkspaceID: "reports", AccessDevice: "PC"},
			{LogType: "dataView", CreatedTime: ago(1), OperatorID: "ben", OperatorType: "VIEW", TargetType: "DASHBOARD", TargetID: "revenue", TargetName: "Revenue", WorkspaceID: "reports", AccessDevice: "MOBILE"},
		},
	})
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}
