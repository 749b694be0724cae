package quickbitest

import (
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// An operation is a row of the table: what the emulator does when the operation is
// called, and the lines that it leaves in the audit log.
type operation struct {
	do  handler
	log logRule // of an operation that writes
}

// A handler carries out one operation. The organization is locked while it runs.
//
// What it returns becomes the Result of the answer after the lock is gone, so it
// must not share anything with the organization that is ever changed in place:
// slices and maps kept there are replaced as a whole.
type handler func(*call) (any, error)

// operations is the table of everything that the emulator plays.
//
// To add an operation, write its handler and add a row. The handler is named after the
// operation and is in the file of its section, as its method is in the client: that of
// DeleteUser is deleteUser in user.go. In the row it is wrapped in the look-ups that it
// begins with; each names its parameter, and the code of the refusal if there is no
// such thing. They run in that order, and the handler gets what they find:
//
//	with(memberBy("UserId", "User.Not.In.Organization"), deleteUser)
//	func deleteUser(c *call, m *member) (any, error)
//
// A handler that needs none takes the call alone. The log of a row has one line for
// each thing that the parameter names; without a parameter, that is the result.
// [gateway.Refuse] and [gateway.Invalid] make refusals.
//
// An operation of the catalogue that has no row is refused with UnsupportedOperation.
var operations = map[string]operation{
	// user.go
	"AddUser":                  {do: addUser, log: operationLog.line("CREATE", "USER", "")},
	"BatchAddFeishuUsers":      {do: batchAddFeishuUsers, log: operationLog.line("CREATE", "USER", "")},
	"CheckOrganizationMember":  {do: checkOrganizationMember},
	"DeleteUser":               {do: with(memberBy("UserId", "User.Not.In.Organization"), deleteUser), log: operationLog.line("DELETE", "USER", "UserId")},
	"QueryUserByMobileAccount": {do: queryUserByMobileAccount},
	"QueryUserInfoByAccount":   {do: queryUserInfoByAccount},
	"QueryUserInfoByUserId":    {do: with(memberBy("UserId", "User.Not.In.Organization"), queryUserInfoByUserId)},
	"QueryUserList":            {do: queryUserList},
	"UpdateUser":               {do: with(memberBy("UserId", "Invalid.User.Organization"), updateUser), log: operationLog.line("MODIFY", "USER", "UserId")},

	// usertag.go
	"AddUserTagMeta":        {do: addUserTagMeta, log: operationLog.line("CREATE", "USERTAG", "")},
	"ClearDynamicTagCache":  {do: with(dynamicTagBy("ConfigId", "Tag.Not.Exist"), clearDynamicTagCache), log: operationLog.line("CLEAR", "USERTAG", "ConfigId")},
	"DeleteUserTagMeta":     {do: with(tagBy("TagId", "UserTag.NotIn.CurrentOrganization"), deleteUserTagMeta), log: operationLog.line("DELETE", "USERTAG", "TagId")},
	"ListDynamicTag":        {do: listDynamicTag},
	"QueryUserTagMetaList":  {do: queryUserTagMetaList},
	"QueryUserTagValueList": {do: with(memberBy("UserId", "Invalid.User.Organization"), queryUserTagValueList)},
	"UpdateUserTagMeta":     {do: with(tagBy("TagId", "UserTag.NotIn.CurrentOrganization"), updateUserTagMeta), log: operationLog.line("MODIFY", "USERTAG", "TagId")},
	"UpdateUserTagValue": {
		do:  with2(memberBy("UserId", "User.Not.In.Organization"), tagBy("TagId", "UserTag.NotIn.CurrentOrganization"), updateUserTagValue),
		log: operationLog.line("MODIFY", "USER", "UserId"),
	},

	// usergroup.go
	"AddUserGroupMember": {
		do:  with(groupBy("UserGroupId", "Usergroup.Not.Exist"), addUserGroupMember),
		log: operationLog.line("ADD_MEMBER", "USERGROUP", "UserGroupId"),
	},
	"AddUserGroupMembers": {do: with2(memberBy("UserId", "Invalid.User"), groupsBy("UserGroupIds", "Usergroup.Not.Exist"), addUserGroupMembers), log: operationLog.line("ADD_MEMBER", "USERGROUP", "UserGroupIds")},
	"CreateUserGroup":     {do: createUserGroup, log: operationLog.line("CREATE", "USERGROUP", "")},
	"DeleteUserGroup": {
		do:  with(changeableGroupBy("UserGroupId", "Usergroup.Not.Exist"), deleteUserGroup),
		log: operationLog.line("DELETE", "USERGROUP", "UserGroupId"),
	},
	"DeleteUserGroupMember": {
		do:  with2(groupBy("UserGroupId", "Usergroup.Not.Exist"), memberBy("UserId", "User.Not.In.Organization"), deleteUserGroupMember),
		log: operationLog.line("DELETE_MEMBER", "USERGROUP", "UserGroupId"),
	},
	"DeleteUserGroupMembers": {
		do:  with2(memberBy("UserId", "User.Not.In.Organization"), groupsBy("UserGroupIds", "Usergroup.NotBelongTo.CurrentOrganization"), deleteUserGroupMembers),
		log: operationLog.line("DELETE_MEMBER", "USERGROUP", "UserGroupIds"),
	},
	"GetUserGroupInfo":             {do: getUserGroupInfo},
	"ListByUserGroupId":            {do: listByUserGroupId},
	"ListUserGroupsByUserId":       {do: with(memberBy("UserId", "User.Not.In.Organization"), listUserGroupsByUserId)},
	"QueryUserGroupListByParentId": {do: with(parentGroupBy("ParentUserGroupId", "Usergroup.Not.Exist"), queryUserGroupListByParentId)},
	"QueryUserGroupMember":         {do: with(parentGroupBy("UserGroupId", "Usergroup.Not.Exist"), queryUserGroupMember)},
	"TransferUsergroup":            {do: with2(groupBy("UserGroupId", "Usergroup.Not.Exist"), parentGroupBy("ParentUserGroupId", "UserGroup.Parent.NotFound"), transferUsergroup), log: operationLog.line("MODIFY", "USERGROUP", "UserGroupId")},
	"UpdateUserGroup": {
		do:  with(changeableGroupBy("UserGroupId", "Usergroup.Not.Exist"), updateUserGroup),
		log: operationLog.line("MODIFY", "USERGROUP", "UserGroupId"),
	},
	"WithdrawAllUserGroups": {do: with(memberBy("UserId", "User.Not.In.Organization"), withdrawAllUserGroups), log: operationLog.line("DELETE_MEMBER", "USER", "UserId")},

	// role.go
	"ListOrganizationRoleUsers":      {do: with(roleBy("RoleId", "User.Role.NotExist"), listOrganizationRoleUsers)},
	"ListOrganizationRoles":          {do: listOrganizationRoles},
	"ListWorkspaceRoleUsers":         {do: with2(workspaceRoleBy("RoleId", "User.Role.NotExist"), workspaceIfBy("WorkspaceId", "Invalid.Workspace"), listWorkspaceRoleUsers)},
	"ListWorkspaceRoles":             {do: with(workspaceBy("WorkspaceId", "Invalid.Workspace"), listWorkspaceRoles)},
	"ListWorkspaceUserRolesByUserId": {do: with(memberBy("UserId", "User.Not.In.Organization"), listWorkspaceUserRolesByUserId)},
	"QueryOrganizationRoleConfig":    {do: with(roleBy("RoleId", "User.Role.NotExist"), queryOrganizationRoleConfig)},
	"QueryWorkspaceRoleConfig":       {do: with(workspaceRoleBy("RoleId", "User.Role.NotExist"), queryWorkspaceRoleConfig)},

	// share.go
	"AddShareReport":        {do: with(workBy("WorksId", "Report.NotExist.Error"), addShareReport), log: permissionLog.line("SHARE", worksTarget, "WorksId")},
	"AddWorksAuthorization": {do: with(resourceBy("ResourceType", "Work.Not.Exist", "Work.Not.Exist", "Work.Not.Exist"), addWorksAuthorization), log: permissionLog.line("AUTHORIZE", worksTarget, "ResourceId")},
	"CancelReportShare":     {do: with(workBy("ReportId", "Report.NotExist.Error"), cancelReportShare), log: permissionLog.line("CANCEL", worksTarget, "ReportId")},
	"DeleteAuthorizationByUserId": {
		do:  with2(resourceBy("ResourceType", "Report.NotExist.Error", "Cube.Not.Exist", "Datasource.NotFound.Error"), memberBy("QbiUserId", "Invalid.User.Organization"), deleteAuthorizationByUserId),
		log: permissionLog.line("CANCEL", worksTarget, "ResourceId"),
	},
	"ListAuthConfigByResource":      {do: with(resourceBy("WorksType", "Work.Not.Exist", "Cube.Not.Exist", "Datasource.NotFound.Error"), listAuthConfigByResource)},
	"QueryShareList":                {do: with(workBy("ReportId", "Report.NotExist.Error"), queryShareList)},
	"QuerySharesToUserList":         {do: with(memberBy("UserId", "User.Not.In.Organization"), querySharesToUserList)},
	"UpdateAuthorizationAttributes": {do: with(resourceBy("ResourceType", "Work.Not.Exist", "Cube.Not.Exist", "Datasource.NotFound.Error"), updateAuthorizationAttributes), log: permissionLog.line("MODIFY", worksTarget, "ResourceId")},

	// portal.go
	"AuthorizeMenu": {do: with2((*call).wantedMenus, (*call).wantedReceivers, authorizeMenu), log: permissionLog.line("AUTHORIZE", worksTarget, "DataPortalId")},
	"CancelAuthorizationMenu": {
		do:  with2((*call).wantedMenus, (*call).wantedReceivers, cancelAuthorizationMenu),
		log: permissionLog.line("CANCEL", worksTarget, "DataPortalId"),
	},
	"ChangeVisibilityModel":       {do: with((*call).wantedMenus, changeVisibilityModel), log: permissionLog.line("MODIFY", worksTarget, "DataPortalId")},
	"ListPortalMenuAuthorization": {do: with(portalBy("DataPortalId", "Application.Object.NotExist"), listPortalMenuAuthorization)},
	"ListPortalMenus":             {do: with2(portalBy("DataPortalId", "Application.Object.NotExist"), memberIfBy("UserId", "User.Not.In.Organization"), listPortalMenus)},
	"ListWhitePortalMenu":         {do: with(portalBy("DataportalId", "Application.Object.NotExist"), listWhitePortalMenu)},

	// datalevel.go
	"AddDataLevelPermissionRuleUsers":    {do: needs((*organization).hasDataLevels, addDataLevelPermissionRuleUsers), log: permissionLog.line("MODIFY", "CUBE", "AddUserModel.cubeId")},
	"AddDataLevelPermissionWhiteList":    {do: needs((*organization).hasDataLevels, with((*call).dataLevel, addDataLevelPermissionWhiteList)), log: permissionLog.line("MODIFY", "CUBE", "CubeId")},
	"DeleteDataLevelPermissionRuleUsers": {do: needs((*organization).hasDataLevels, deleteDataLevelPermissionRuleUsers), log: permissionLog.line("MODIFY", "CUBE", "DeleteUserModel.cubeId")},
	"DeleteDataLevelRuleConfig": {
		do:  needs((*organization).hasDataLevels, with(datasetBy("CubeId", "Cube.Not.Exist"), deleteDataLevelRuleConfig)),
		log: permissionLog.line("DELETE", "CUBE", "CubeId"),
	},
	"ListCubeDataLevelPermissionConfig": {do: needs((*organization).hasDataLevels, with((*call).dataLevel, listCubeDataLevelPermissionConfig))},
	"ListDataLevelPermissionWhiteList":  {do: needs((*organization).hasDataLevels, with((*call).dataLevel, listDataLevelPermissionWhiteList))},
	"QueryDatasetSwitchInfo":            {do: needs((*organization).hasDataLevels, with(datasetBy("CubeId", "Cube.Not.Exist"), queryDatasetSwitchInfo))},
	"SetDataLevelPermissionExtraConfig": {do: needs((*organization).hasDataLevels, with((*call).dataLevel, setDataLevelPermissionExtraConfig)), log: permissionLog.line("MODIFY", "CUBE", "CubeId")},
	"SetDataLevelPermissionRuleConfig":  {do: needs((*organization).hasDataLevels, setDataLevelPermissionRuleConfig), log: permissionLog.line("MODIFY", "CUBE", "RuleModel.cubeId")},
	"SetDataLevelPermissionWhiteList":   {do: needs((*organization).hasDataLevels, setDataLevelPermissionWhiteList), log: permissionLog.line("MODIFY", "CUBE", "WhiteListModel.cubeId")},
	"UpdateDataLevelPermissionStatus":   {do: needs((*organization).hasDataLevels, with((*call).dataLevel, updateDataLevelPermissionStatus)), log: permissionLog.line("MODIFY", "CUBE", "CubeId")},

	// workspace.go
	"AddUserToWorkspace": {
		do:  with2(workspaceBy("WorkspaceId", "Workspace.Not.Exist"), memberBy("UserId", "Invalid.User.Organization"), addUserToWorkspace),
		log: permissionLog.line("ADD_MEMBER", "WORKSPACE", "WorkspaceId"),
	},
	"AddWorkspaceUsers": {
		do:  with(workspaceBy("WorkspaceId", "Workspace.Not.Exist"), addWorkspaceUsers),
		log: permissionLog.line("ADD_MEMBER", "WORKSPACE", "WorkspaceId"),
	},
	"CreateWorkspace":                {do: createWorkspace, log: operationLog.line("CREATE", "WORKSPACE", "")},
	"DeleteUserFromWorkspace":        {do: with((*call).seat, deleteUserFromWorkspace), log: permissionLog.line("DELETE_MEMBER", "WORKSPACE", "WorkspaceId")},
	"QueryOrganizationWorkspaceList": {do: with(memberIfBy("UserId", "User.Not.In.Organization"), queryOrganizationWorkspaceList)},
	"QueryUserRoleInfoInWorkspace":   {do: with((*call).seat, queryUserRoleInfoInWorkspace)},
	"QueryWorkspaceUserList":         {do: with(workspaceBy("WorkspaceId", "Workspace.Not.Exist"), queryWorkspaceUserList)},
	"UpdateWorkspaceUserRole":        {do: with((*call).seat, updateWorkspaceUserRole), log: permissionLog.line("MODIFY", "WORKSPACE", "WorkspaceId")},
	"UpdateWorkspaceUsersRole": {
		do:  with(workspaceBy("WorkspaceId", "Workspace.Not.Exist"), updateWorkspaceUsersRole),
		log: permissionLog.line("MODIFY", "WORKSPACE", "WorkspaceId"),
	},

	// works.go
	"CheckReadable":                        {do: with2(memberBy("UserId", "User.Not.In.Organization"), workBy("WorksId", "Report.NotExist.Error"), checkReadable)},
	"GetWorksEmbedList":                    {do: getWorksEmbedList},
	"QueryComponentPerformance":            {do: with(workspaceBy("WorkspaceId", "Application.Object.NotExist"), queryComponentPerformance)},
	"QueryEmbeddedInfo":                    {do: queryEmbeddedInfo},
	"QueryEmbeddedStatus":                  {do: with(workBy("WorksId", "Report.NotExist.Error"), queryEmbeddedStatus)},
	"QueryReadableResourcesListByUserId":   {do: with(memberBy("UserId", "User.Not.In.Organization"), queryReadableResourcesListByUserId)},
	"QueryReadableResourcesListByUserIdV2": {do: with(memberBy("UserId", "User.Not.In.Organization"), queryReadableResourcesListByUserIdV2)},
	"QueryReportPerformance":               {do: with(workspaceBy("WorkspaceId", "Application.Object.NotExist"), queryReportPerformance)},
	"QueryWorks":                           {do: with(workBy("WorksId", "Invalid.Works.Empty"), queryWorks)},
	"QueryWorksBloodRelationship":          {do: with(workBy("WorksId", "Invalid.Works.Empty"), queryWorksBloodRelationship)},
	"QueryWorksByOrganization":             {do: queryWorksByOrganization},
	"QueryWorksByWorkspace":                {do: with(workspaceBy("WorkspaceId", "Application.Object.NotExist"), queryWorksByWorkspace)},
	"UpdateEmbeddedStatus":                 {do: with(worksBy("WorksId", "Resource.NotBelongTo.CurrentOrganization"), updateEmbeddedStatus), log: operationLog.line("MODIFY", worksTarget, "WorksId")},

	// dataset.go
	"AllotDatasetAccelerationTask":   {do: with(datasetBy("CubeId", "Cube.Not.Exist"), allotDatasetAccelerationTask), log: operationLog.line("RUN", "CUBE", "CubeId")},
	"CheckDatasetExisted":            {do: checkDatasetExisted},
	"CreateCubeBySql":                {do: with(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), createCubeBySql), log: operationLog.line("CREATE", "CUBE", "")},
	"CreateDataset":                  {do: with(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), createDataset), log: operationLog.line("CREATE", "CUBE", "")},
	"DataSetBlood":                   {do: with(datasetsBy("DataSetIds", "Cube.Not.Exist"), dataSetBlood)},
	"ListAccelerationOfWorkspace":    {do: with(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), listAccelerationOfWorkspace)},
	"QueryAccelerationLogByCubeId":   {do: with(datasetBy("CubeId", "Cube.Not.Exist"), queryAccelerationLogByCubeId)},
	"QueryCubeOptimization":          {do: with(workspaceBy("WorkspaceId", "Application.Object.NotExist"), queryCubeOptimization)},
	"QueryCubePerformance":           {do: with(workspaceBy("WorkspaceId", "Application.Object.NotExist"), queryCubePerformance)},
	"QueryDatasetDetailInfo":         {do: with((*call).visibleDataset, queryDatasetDetailInfo)},
	"QueryDatasetInfo":               {do: with((*call).visibleDataset, queryDatasetInfo)},
	"QueryDatasetList":               {do: with(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), queryDatasetList)},
	"QueryLastAccelerationEngineJob": {do: with(datasetBy("CubeId", "Cube.Not.Exist"), queryLastAccelerationEngineJob)},
	"UpdateCubeBySql":                {do: with2(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), datasetBy("CubeId", "Cube.Not.Exist"), updateCubeBySql), log: operationLog.line("MODIFY", "CUBE", "CubeId")},

	// datasource.go
	"AddDataSource":               {do: addDataSource, log: operationLog.line("CREATE", "DATASOURCE", "")},
	"DataSourceBlood":             {do: with(datasourceBy("DataSourceId", "Datasource.NotFound.Error"), dataSourceBlood)},
	"GetDataSourceConnectionInfo": {do: with(connectionBy("DsId", "Invalid.Parameter"), getDataSourceConnectionInfo)},
	"ListApiDatasource":           {do: with(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), listApiDatasource)},
	"ListDataSource":              {do: with(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), listDataSource)},
	"ModifyApiDatasourceParameters": {
		do:  with2(workspaceBy("WorkspaceId", "Workspace.NotIn.Organization"), apiSourceBy("ApiId", "ApiDatasource.Not.Exist"), modifyApiDatasourceParameters),
		log: operationLog.line("MODIFY", "API_DATASOURCE", "ApiId"),
	},
	"UpdateDataSource": {do: updateDataSource, log: operationLog.line("MODIFY", "DATASOURCE", "UpdateModel.dsId")},
	"UpdateDataSourceProperties": {
		do:  with2(datasourceBy("DsId", "Datasource.NotFound.Error"), memberIfBy("QuickBIOwnerId", "User.Not.In.Organization"), updateDataSourceProperties),
		log: operationLog.line("MODIFY", "DATASOURCE", "DsId"),
	},

	// favorite.go
	"CancelCollection": {
		do:  with2(memberBy("UserId", "User.Not.In.Organization"), workBy("WorksId", "Report.NotExist.Error"), cancelCollection),
		log: operationLog.line("CANCEL_FAVORITE", worksTarget, "WorksId"),
	},
	"ListCollections": {do: with(memberBy("UserId", "User.Not.In.Organization"), listCollections)},
	"SaveFavorites": {
		do:  with2(memberBy("UserId", "User.Not.In.Organization"), workBy("WorksId", "Report.NotExist.Error"), saveFavorites),
		log: operationLog.line("FAVORITE", worksTarget, "WorksId"),
	},

	// home.go
	"ListFavoriteReports":   {do: with(memberBy("UserId", "Invalid.User.Organization"), listFavoriteReports)},
	"ListRecentViewReports": {do: with(memberBy("UserId", "Invalid.User.Organization"), listRecentViewReports)},
	"ListSharedReports":     {do: with(memberBy("UserId", "Invalid.User.Organization"), listSharedReports)},

	// dataservice.go
	"QueryData":            {do: with2(serviceBy("ApiId", "API.Not.Exist"), callerBy("UserId", "User.Not.In.Organization"), queryData)},
	"QueryDataService":     {do: with(serviceBy("ApiId", "API.Not.Exist"), queryDataService)},
	"QueryDataServiceList": {do: queryDataServiceList},

	// embed.go
	"CreateTicket": {
		do:  with2(embeddedWorkBy("WorksId", "Report.NotExist"), viewerBy("UserId", "ApiUser.Not.Exists", "Invalid.User.Organization"), createTicket),
		log: operationLog.line("CREATE_TICKET", worksTarget, "WorksId"),
	},
	"CreateTicket4AiPro": {
		do:  with2(aiProBy("AiProId", "CopilotEmbed.Config.NotFind"), viewerBy("QuickBIUserId", "User.Not.In.Organization", "User.Not.In.Organization"), createTicket4AiPro),
		log: operationLog.line("CREATE_TICKET", "AIPRO", "AiProId"),
	},
	"CreateTicket4Copilot": {
		do:  with2(copilotBy("CopilotId", "CopilotEmbed.Config.NotFind"), viewerBy("UserId", "User.Not.In.Organization", "User.Not.In.Organization"), createTicket4Copilot),
		log: operationLog.line("CREATE_TICKET", "COPILOT", "CopilotId"),
	},
	"DelayTicketExpireTime":    {do: with((*call).ticket, delayTicketExpireTime), log: operationLog.line("MODIFY_TICKET", "TICKET", "Ticket")},
	"DeleteTicket":             {do: with((*call).ticket, deleteTicket), log: operationLog.line("DELETE_TICKET", "TICKET", "Ticket")},
	"ModifyAiproEmbedConfig":   {do: with(aiProBy("AiProId", "CopilotEmbed.Config.NotFind"), modifyAiproEmbedConfig), log: operationLog.line("MODIFY", "AIPRO", "AiProId")},
	"ModifyCopilotEmbedConfig": {do: with(copilotBy("CopilotId", "CopilotEmbed.Config.NotFind"), modifyCopilotEmbedConfig), log: operationLog.line("MODIFY", "COPILOT", "CopilotId")},
	"QueryAiproEmbedConfig":    {do: queryAiproEmbedConfig},
	"QueryCopilotEmbedConfig":  {do: queryCopilotEmbedConfig},
	"QueryDataRange":           {do: queryDataRange},
	"QueryTicketInfo":          {do: with((*call).ticket, queryTicketInfo)},
	"UpdateTicketNum":          {do: with((*call).ticket, updateTicketNum), log: operationLog.line("MODIFY_TICKET", "TICKET", "Ticket")},

	// approval.go
	"QueryApprovalInfo": {do: with(memberBy("UserId", "User.Not.In.Organization"), queryApprovalInfo)},
	"ResultCallback":    {do: with(applicationBy("ApplicationId", "Application.NotExist"), resultCallback), log: permissionLog.line("APPROVE", "APPLICATION", "ApplicationId")},

	// smartq.go
	"DataInterpretation":                {do: dataInterpretation},
	"ModifyDashboardNl2sqlStatus":       {do: needs((*organization).bought, modifyDashboardNl2sqlStatus), log: operationLog.line("MODIFY", worksTarget, "DashboardIds")},
	"QueryDashboardNl2sql":              {do: with2(memberBy("UserId", "User.Not.In.Organization"), workspaceBy("WorkspaceId", "Workspace.Not.Exist"), queryDashboardNl2sql)},
	"QueryDatasetSmartqStatus":          {do: needs((*organization).bought, with(datasetBy("CubeId", "Cube.Not.Exist"), queryDatasetSmartqStatus))},
	"QueryLlmCubeWithThemeListByUserId": {do: with(memberBy("UserId", "User.Not.In.Organization"), queryLlmCubeWithThemeListByUserId)},
	"QuerySmartqPermissionByCubeId":     {do: needs((*organization).bought, with2(memberBy("UserId", "User.Not.In.Organization"), datasetBy("CubeId", "Cube.Not.Exist"), querySmartqPermissionByCubeId))},
	"SmartqAuthTransfer": {
		do:  needs((*organization).bought, with(memberBy("OriginUserId", "User.Not.In.Organization"), smartqAuthTransfer)),
		log: permissionLog.line("AUTHORIZE", "USER", "TargetUserIds"),
	},
	"SmartqAuthorize":    {do: smartqAuthorize, log: logRule{log: permissionLog, target: "USER", things: "UserIds", choose: auditSmartQ}},
	"SmartqQueryAbility": {do: with(callerBy("UserId", "User.Not.In.Organization"), smartqQueryAbility)},

	// mailtask.go
	"GetMailTaskList":   {do: getMailTaskList},
	"GetMailTaskStatus": {do: with(mailTaskBy("MailId", "Mail.Not.Found"), getMailTaskStatus)},
	"ManualRunMailTask": {do: with(mailTaskBy("MailId", "Mail.Not.Found"), manualRunMailTask), log: operationLog.line("RUN", "MAIL", "MailId")},

	// organization.go
	"IpWhiteListConfig": {do: ipWhiteListConfig, log: logRule{log: operationLog, target: "IP_WHITE_LIST", things: "IpWhiteList", choose: auditIPWhiteList}},
	"QueryAuditLog":     {do: queryAuditLog}}

// play carries out the operation that is called, and enters what it did into the audit log.
func (c *call) play() (any, error) {
	op, ok := operations[c.action]
	if !ok {
		return nil, gateway.Refuse("UnsupportedOperation", "The emulator does not play %s.", c.action)
	}
	if op.log.log == "" {
		return op.do(c)
	}
	return c.logged(op)
}
