// Package quickbi is a client of Alibaba Cloud Quick BI (product quickbi-public,
// version 2022-01-01): it administers an organization's members, user groups,
// roles, workspaces, sharing, row-level permissions and datasets, and makes the
// tickets with which reports are embedded in other pages.
//
//	client, err := quickbi.NewClient(quickbi.WithRegion("cn-hangzhou"))
//	if err != nil { … }
//	groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: id})
//
// Every documented operation is a method of [Client] of the same name, with a
// request type of its own and a typed [Response]. A new operation is reached
// with [Client.Do].
//
// # Operations
//
// Each section of the documentation is a file of this package.
//
//   - Organization members: [Client.AddUser], [Client.BatchAddFeishuUsers],
//     [Client.CheckOrganizationMember], [Client.DeleteUser], [Client.QueryUserByMobileAccount],
//     [Client.QueryUserInfoByAccount], [Client.QueryUserInfoByUserId], [Client.QueryUserList],
//     [Client.QueryUserListAll], [Client.UpdateUser]
//   - User tags: [Client.AddUserTagMeta], [Client.ClearDynamicTagCache],
//     [Client.DeleteUserTagMeta], [Client.ListDynamicTag], [Client.QueryUserTagMetaList],
//     [Client.QueryUserTagValueList], [Client.UpdateUserTagMeta], [Client.UpdateUserTagValue]
//   - User groups: [Client.AddUserGroupMember], [Client.AddUserGroupMembers],
//     [Client.CreateUserGroup], [Client.DeleteUserGroup], [Client.DeleteUserGroupMember],
//     [Client.DeleteUserGroupMembers], [Client.GetUserGroupInfo], [Client.ListByUserGroupId],
//     [Client.ListUserGroupsByUserId], [Client.QueryUserGroupListByParentId],
//     [Client.QueryUserGroupMember], [Client.TransferUsergroup], [Client.UpdateUserGroup],
//     [Client.WithdrawAllUserGroups]
//   - Roles: [Client.ListOrganizationRoleUsers], [Client.ListOrganizationRoleUsersAll],
//     [Client.ListOrganizationRoles], [Client.ListWorkspaceRoleUsers],
//     [Client.ListWorkspaceRoleUsersAll], [Client.ListWorkspaceRoles],
//     [Client.ListWorkspaceUserRolesByUserId], [Client.QueryOrganizationRoleConfig],
//     [Client.QueryWorkspaceRoleConfig]
//   - Sharing and authorization of works: [Client.AddShareReport], [Client.AddWorksAuthorization],
//     [Client.CancelReportShare], [Client.DeleteAuthorizationByUserId],
//     [Client.ListAuthConfigByResource], [Client.QueryShareList], [Client.QuerySharesToUserList],
//     [Client.UpdateAuthorizationAttributes]
//   - BI portal menu authorization: [Client.AuthorizeMenu], [Client.CancelAuthorizationMenu],
//     [Client.ChangeVisibilityModel], [Client.ListPortalMenuAuthorization],
//     [Client.ListPortalMenus], [Client.ListWhitePortalMenu]
//   - Row- and column-level permissions: [Client.AddDataLevelPermissionRuleUsers],
//     [Client.AddDataLevelPermissionWhiteList], [Client.DeleteDataLevelPermissionRuleUsers],
//     [Client.DeleteDataLevelRuleConfig], [Client.ListCubeDataLevelPermissionConfig],
//     [Client.ListDataLevelPermissionWhiteList], [Client.QueryDatasetSwitchInfo],
//     [Client.SetDataLevelPermissionExtraConfig], [Client.SetDataLevelPermissionRuleConfig],
//     [Client.SetDataLevelPermissionWhiteList], [Client.UpdateDataLevelPermissionStatus]
//   - Workspaces: [Client.AddUserToWorkspace], [Client.AddWorkspaceUsers],
//     [Client.CreateWorkspace], [Client.DeleteUserFromWorkspace],
//     [Client.QueryOrganizationWorkspaceList], [Client.QueryOrganizationWorkspaceListAll],
//     [Client.QueryUserRoleInfoInWorkspace], [Client.QueryWorkspaceUserList],
//     [Client.QueryWorkspaceUserListAll], [Client.UpdateWorkspaceUserRole],
//     [Client.UpdateWorkspaceUsersRole]
//   - Works (dashboards, spreadsheets, screens, portals): [Client.CheckReadable],
//     [Client.GetWorksEmbedList], [Client.GetWorksEmbedListAll],
//     [Client.QueryComponentPerformance], [Client.QueryComponentPerformanceAll],
//     [Client.QueryEmbeddedInfo], [Client.QueryEmbeddedStatus],
//     [Client.QueryReadableResourcesListByUserId], [Client.QueryReadableResourcesListByUserIdV2],
//     [Client.QueryReportPerformance], [Client.QueryReportPerformanceAll], [Client.QueryWorks],
//     [Client.QueryWorksBloodRelationship], [Client.QueryWorksByOrganization],
//     [Client.QueryWorksByOrganizationAll], [Client.QueryWorksByWorkspace],
//     [Client.QueryWorksByWorkspaceAll], [Client.UpdateEmbeddedStatus]
//   - Datasets (cubes): [Client.AllotDatasetAccelerationTask], [Client.CheckDatasetExisted],
//     [Client.CreateCubeBySql], [Client.CreateDataset], [Client.DataSetBlood],
//     [Client.ListAccelerationOfWorkspace], [Client.ListAccelerationOfWorkspaceAll],
//     [Client.QueryAccelerationLogByCubeId], [Client.QueryAccelerationLogByCubeIdAll],
//     [Client.QueryCubeOptimization], [Client.QueryCubePerformance],
//     [Client.QueryCubePerformanceAll], [Client.QueryDatasetDetailInfo], [Client.QueryDatasetInfo],
//     [Client.QueryDatasetList], [Client.QueryDatasetListAll],
//     [Client.QueryLastAccelerationEngineJob], [Client.UpdateCubeBySql]
//   - Data sources: [Client.AddDataSource], [Client.DataSourceBlood],
//     [Client.GetDataSourceConnectionInfo], [Client.ListApiDatasource],
//     [Client.ListApiDatasourceAll], [Client.ListDataSource],
//     [Client.ModifyApiDatasourceParameters], [Client.UpdateDataSource],
//     [Client.UpdateDataSourceProperties]
//   - Favorites: [Client.CancelCollection], [Client.ListCollections], [Client.SaveFavorites]
//   - Home page lists: [Client.ListFavoriteReports], [Client.ListFavoriteReportsAll],
//     [Client.ListRecentViewReports], [Client.ListRecentViewReportsAll],
//     [Client.ListSharedReports], [Client.ListSharedReportsAll]
//   - Data service: [Client.QueryData], [Client.QueryDataService], [Client.QueryDataServiceList],
//     [Client.QueryDataServiceListAll]
//   - Embedded analytics (tickets): [Client.CreateTicket], [Client.CreateTicket4AiPro],
//     [Client.CreateTicket4Copilot], [Client.DelayTicketExpireTime], [Client.DeleteTicket],
//     [Client.ModifyAiproEmbedConfig], [Client.ModifyCopilotEmbedConfig],
//     [Client.QueryAiproEmbedConfig], [Client.QueryCopilotEmbedConfig], [Client.QueryDataRange],
//     [Client.QueryTicketInfo], [Client.UpdateTicketNum]
//   - Open approval: [Client.QueryApprovalInfo], [Client.QueryApprovalInfoAll],
//     [Client.ResultCallback]
//   - Smart Q: [Client.DataInterpretation], [Client.ModifyDashboardNl2sqlStatus],
//     [Client.QueryDashboardNl2sql], [Client.QueryDatasetSmartqStatus],
//     [Client.QueryLlmCubeWithThemeListByUserId], [Client.QuerySmartqPermissionByCubeId],
//     [Client.SmartqAuthTransfer], [Client.SmartqAuthorize], [Client.SmartqQueryAbility]
//   - Mail tasks: [Client.GetMailTaskList], [Client.GetMailTaskListAll],
//     [Client.GetMailTaskStatus], [Client.ManualRunMailTask]
//   - Organization administration: [Client.IpWhiteListConfig], [Client.QueryAuditLog],
//     [Client.QueryAuditLogAll]
//
// # Credentials
//
// Without an option, the default chain of credentials-go is used: environment
// variables, OIDC role, configuration files, RAM role of the machine. A key can
// be given with [WithAccessKey] and [WithSTSToken], any other provider with
// [WithCredential]. The key must be one of the Alibaba Cloud account, and its
// user must be an administrator of the Quick BI organization, or be allowed to
// call its API, and have logged in to Quick BI once.
//
// User ids are Quick BI's own, not the UIDs of cloud accounts:
// [Client.QueryUserInfoByAccount] finds one by the other.
//
// # Requests
//
// Parameters whose zero value cannot be meant are plain fields, left out when
// zero; where false, 0 or "" means something, the field is a pointer, written
// new(false). A request that lacks a required parameter or breaks a documented
// limit is refused before it is sent, with all its problems in one error of
// class [ErrInvalidRequest].
//
// # Errors
//
// Every failure is an [*Error]. It matches the service's code, the class of the
// code, and what else led to it:
//
//	switch {
//	case errors.Is(err, quickbi.ErrUserNotInOrganization): // this code
//	case errors.Is(err, quickbi.ErrNotFound):              // any code of this class
//	case errors.Is(err, context.DeadlineExceeded):
//	case errors.Is(err, quickbi.ErrOutcomeUnknown):        // a write that may have been executed
//	}
//
// HTTP 200 with Success: false is an error, and so is a command that was
// answered with false ([ErrNotPerformed]). A batch of which parts failed returns
// its result and a [*PartialError] that lists them.
//
// # Retries
//
// A call is tried again, twice by default, when that is safe and can help. A
// refusal that proves that nothing was executed, such as throttling, is retried
// for every operation. A failure that leaves it open, such as a lost answer, is
// retried for reads only: many writes cannot be undone. See [RetryPolicy] and
// [WithRetryWrites].
//
// # Lists
//
// Paged operations return a [Page], and have an iterator beside them that
// fetches pages as they are ranged over:
//
//	for user, err := range client.QueryUserListAll(ctx, nil) {
//		if err != nil { … } // the last iteration
//	}
//
// Ranging again starts anew. Entries that are added or removed meanwhile may be
// missed or seen twice: the service pages by number.
//
// # Concurrency
//
// A [Client] is safe for concurrent use and is meant to be shared. Requests are
// not changed by calls, results belong to the caller.
//
// # Testing
//
// Package quickbitest has an emulator to test against:
//
//	server := quickbitest.NewServer()
//	defer server.Close()
//	client := server.Client()
package quickbi
