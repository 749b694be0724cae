// Package quickbi is a client of Alibaba Cloud Quick BI (product quickbi-public,
// version 2022-01-01). It administers members, user groups, roles, workspaces,
// sharing, row-level permissions and datasets of an organization, and makes the
// tickets for reports that are embedded in other pages.
//
//	client, err := quickbi.NewClient(quickbi.WithDefaultCredentials())
//	if err != nil { … }
//	groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: id})
//
// Every documented operation is a method of [Client] with the same name, a request
// type of its own and a typed [Response]. [Client.Do] calls operations that are newer
// than this package.
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
// Without an option, the client looks for credentials in the places of the default
// chain of credentials-go: environment variables, OIDC role, configuration files, RAM
// role of the machine. [WithAccessKey] and [WithSTSToken] give a key, [WithCredential]
// any other provider. The key must belong to the Alibaba Cloud account or to a RAM
// user. Its user must be an administrator of the Quick BI organization, or be allowed
// to call its API, and must have logged in to Quick BI once.
//
// User ids are Quick BI's own, not the UIDs of cloud accounts:
// [Client.QueryUserInfoByAccount] finds the one by the other.
//
// # Requests
//
// A field with its zero value is left out of the request. Where false, 0 or "" has a
// meaning, the field is a pointer: new(false). A request without a required
// parameter, or beyond a documented limit, is refused before it is sent, with all
// problems in one error of class [ErrInvalidRequest].
//
// # Errors
//
// Every failure is an [*Error]. It matches the service's code, the class of the code,
// and its cause:
//
//	switch {
//	case errors.Is(err, quickbi.ErrUserNotInOrganization): // this code
//	case errors.Is(err, quickbi.ErrNotFound):              // any code of this class
//	case errors.Is(err, context.DeadlineExceeded):
//	case errors.Is(err, quickbi.ErrOutcomeUnknown):        // a write that may have been executed
//	}
//
// HTTP 200 with Success: false is an error, and so is a command with the result false
// ([ErrNotPerformed]). A batch with failed parts returns its result and a
// [*PartialError] that lists them.
//
// # Retries
//
// A failed call is tried again, twice by default, if that is safe and can help. A
// failure that proves that nothing was executed, such as throttling, is retried for
// every operation. A failure with an unknown outcome, such as a lost answer, is
// retried for reads only: many writes cannot be undone. See [RetryPolicy] and
// [WithRetryWrites].
//
// # Lists
//
// Paged operations return a [Page]. Beside each stands an iterator over all pages,
// which it fetches one after the other:
//
//	for user, err := range client.QueryUserListAll(ctx, nil) {
//		if err != nil { … } // the last iteration
//	}
//
// Ranging again starts from the beginning. The service pages by number: while entries
// are added or removed, an iterator may miss some or return some twice. [Collect]
// reads the whole list first.
//
// # Concurrency
//
// A [Client] is safe for concurrent use; share one. Calls do not change requests.
// Results belong to the caller.
//
// # Testing
//
// Package quickbitest has an emulator for tests:
//
//	server := quickbitest.NewServer()
//	defer server.Close()
//	client := server.Client()
package quickbi
