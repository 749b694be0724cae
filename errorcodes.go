package quickbi

// The codes of refusals by Quick BI and by the API gateway before it. They match in
// any letter case. The strings are the service's own, spelling mistakes included.
const (
	// The caller: its instance, edition and rights.

	ErrAccessForbidden       = ErrorCode("Access.Forbidden")               // the edition or the caller may not call this operation
	ErrAPIUserNotFound       = ErrorCode("ApiUser.Not.Exists")             // the user is unknown; by the name of the code the caller, not a target
	ErrInstanceExpired       = ErrorCode("Instance.Expired")               // the Quick BI instance has run out
	ErrInstanceNotFound      = ErrorCode("Instance.Not.Exist")             // the account has no Quick BI instance here; check the region
	ErrInvalidOrganization   = ErrorCode("Invalid.Organization")           // the organization is unknown; usually the caller's own
	ErrNoPermissionOnObject  = ErrorCode("NoPermissionTo.Operate.Object")  // the caller may not touch the object named
	ErrNotAPICallUser        = ErrorCode("Not.ApiCall.AuthUser")           // the caller is neither an administrator nor allowed to use the API
	ErrNotOrganizationAdmin  = ErrorCode("Invalid.User.Admin")             // the caller does not administer the organization
	ErrNotRoleAdmin          = ErrorCode("Not.Organization.AuthAdmin")     // the caller is not a role (permission) administrator
	ErrNotWorkspaceAdmin     = ErrorCode("User.Not.WorkspaceAdmin")        // only an administrator of the workspace may do this
	ErrOperationNotPermitted = ErrorCode("User.OperationPermission.Error") // the caller has no right to operate this object

	// Parameters that the service itself checks.

	ErrInvalidArgument       = ErrorCode("Invalid.Param.Error")     // a parameter is wrong; the service does not say which
	ErrInvalidInput          = ErrorCode("Parameter.Error")         // wrong input to the IP white list or a Q&A switch
	ErrInvalidParameter      = ErrorCode("Invalid.Parameter")       // a parameter is missing, too long or fails its check
	ErrInvalidParameterValue = ErrorCode("Invalid.Parameter.Error") // a parameter is wrong; the message says which
	ErrInvalidUserInfo       = ErrorCode("UserInfo.Error")          // personal data are invalid; whose, the service does not say
	ErrParameterEmpty        = ErrorCode("System.Param.Empty")      // a required parameter is empty; also spelt System.Param.empty
	ErrParameterTooLong      = ErrorCode("Parameter.Length.Exceed") // a parameter is longer than the service takes

	// Members of the organization.

	ErrAccountNameAmbiguous                 = ErrorCode("AE0579100001")                                         // several users have this account name
	ErrAdminCannotBecomeViewer              = ErrorCode("OrgAdminOrPermissionAdmin.CannotChangeTo.Viewer")      // remove the administrator roles first
	ErrAnalystLimit                         = ErrorCode("Organization.Analysts.ReachedTheUpperLimit")           // no analyst seat is left in the organization
	ErrDeveloperCannotBecomeAnalystOrViewer = ErrorCode("OrganizationDeveloper.CanNotChangeTo.AnalystOrViewer") // a developer keeps that user type
	ErrDeveloperLimit                       = ErrorCode("Organization.Developers.ReachedTheUpperLimit")         // no developer seat is left in the organization
	ErrInvalidEmailOrPhone                  = ErrorCode("Mail.Invalid")                                         // the e-mail address or telephone number is malformed
	ErrInvalidUserOrganization              = ErrorCode("Invalid.User.Organization")                            // the user named is outside the caller's organization
	ErrLicenseLimit                         = ErrorCode("Instance.Over.MaxLicense")                             // every user licence of the instance is taken
	ErrMemberStillInWorkspace               = ErrorCode("Member.ExistInWorkspace.Error")                        // remove the user from the workspaces first
	ErrNicknameTaken                        = ErrorCode("NickName.AlreadyIn.Organization")                      // another member has this nickname
	ErrOrganizationOwnerNeedsAdminRole      = ErrorCode("Fobbiden.Action")                                      // the organization's owner must stay administrator
	ErrOrganizationOwnerNotRemovable        = ErrorCode("CannotRemove.OrganizationOwner")                       // the organization's owner cannot be deleted
	ErrTransferTargetNotFound               = ErrorCode("Transfer.TargetUser.NotExist")                         // the new owner is unknown or has never logged in
	ErrUserAlreadyInOrganization            = ErrorCode("User.AlreadyIn.Organization")                          // the user is a member already
	ErrUserNotInOrganization                = ErrorCode("User.Not.In.Organization")                             // the user is not a member of the organization
	ErrUserOfOtherOrganization              = ErrorCode("User.NotBelongTo.CurrentOrganization")                 // the user is a member elsewhere; the message names it
	ErrViewerLimit                          = ErrorCode("Organization.Viewers.ReachedTheUpperLimit")            // no viewer seat is left in the organization
	ErrWorkspaceMemberCannotBecomeViewer    = ErrorCode("ChangeTo.Viewer.Error")                                // remove the user from the workspaces first
	ErrWorkTransfer                         = ErrorCode("Works.Transfer.Error")                                 // the transfer of a removed user's works failed; the outcome is unknown

	// Roles.

	ErrAnalystCannotBeAdminOrDeveloper = ErrorCode("AnalystUser.NotSupport.AdminOrDevRole") // analysts cannot have these workspace roles
	ErrAnalystRoleUnsupported          = ErrorCode("UserAnalyst.NotSupport.ThisRole")       // the role holds rights that an analyst cannot have
	ErrBoundRoleNotFound               = ErrorCode("BindRole.NotExist.Error")               // a role to bind to the user does not exist
	ErrInvalidRoleID                   = ErrorCode("User.RoleType.Valid")                   // the role ID is wrong, though the code says valid
	ErrPresetWorkspaceRoleNotFound     = ErrorCode("User.PresetWorkspaceRole.NotExist")     // the user has no predefined role in the workspace
	ErrRoleLacksFunction               = ErrorCode("UserRoleConfig.NotContain.Function")    // the user's role does not include this feature
	ErrTooManyRoles                    = ErrorCode("RoleCount.ExceedsLimit.Error")          // a user can have three roles at most
	ErrUserAlreadyInRole               = ErrorCode("User.AlreadyIn.Role")                   // the user has the role already
	ErrUserNeedsOrganizationRole       = ErrorCode("User.OrganizationRole.NotExist")        // a user needs at least one role in the organization
	ErrUserRoleNotFound                = ErrorCode("User.Role.NotExist")                    // no role has this ID
	ErrViewerCannotHaveCustomRole      = ErrorCode("Viewer.CannotHave.CustomRole")          // viewers cannot have custom roles

	// User groups.

	ErrDuplicateName                = ErrorCode("Duplicate.Name.Error")                      // the name of the user group is in use
	ErrDuplicateUserGroupID         = ErrorCode("Duplicate.UserGroup.Id")                    // another user group has this ID
	ErrDuplicateUserGroupName       = ErrorCode("Duplicate.UserGroupName.Error")             // a user group has this name; the message repeats it
	ErrGroupUserNotFound            = ErrorCode("Invalid.User")                              // the user to add to the group does not exist
	ErrParentUserGroupNotFound      = ErrorCode("UserGroup.Parent.NotFound")                 // the parent user group does not exist
	ErrRootUserGroupNotRemovable    = ErrorCode("UserGroup.Remove.RootNode")                 // the root user group cannot be deleted
	ErrRootUserGroupSynchronized    = ErrorCode("RootUserGroup.Create.Error")                // another directory owns the root: groups cannot be created below it
	ErrUserGroupHasChildren         = ErrorCode("UserGroup.Remove.WithChildren")             // delete the child groups first
	ErrUserGroupNotFound            = ErrorCode("Usergroup.Not.Exist")                       // no user group has this ID
	ErrUserGroupNotInOrganization   = ErrorCode("UserGroup.NotIn.Organization")              // the caller's organization has no such user group
	ErrUserGroupOfOtherOrganization = ErrorCode("Usergroup.NotBelongTo.CurrentOrganization") // the group is in another organization; the message names it
	ErrUserGroupSynchronized        = ErrorCode("UserGroup.Already.Synchronized")            // another directory owns the group: its members cannot be changed here
	ErrUserGroupTooDeep             = ErrorCode("UserGroup.Layer.Limited")                   // the tree has ten layers at most
	ErrUserNeedsBIUserGroup         = ErrorCode("User.CanOnlyAddTo.BIUserGroup")             // only groups made in Quick BI are possible, not synchronized ones

	// User tags.

	ErrDuplicateTagName         = ErrorCode("TagName.Repeat")                    // another tag has this name
	ErrInvalidNameFormat        = ErrorCode("Name.RegularExpression.Error")      // the tag name holds characters that are not allowed
	ErrNameTooLong              = ErrorCode("Name.Length.Exceeded")              // the tag name is too long
	ErrTagNotFound              = ErrorCode("Tag.Not.Exist")                     // the tag whose cache is to be cleared does not exist
	ErrUserTagNotInOrganization = ErrorCode("UserTag.NotIn.CurrentOrganization") // the caller's organization has no such tag

	// Feishu (Lark).

	ErrFeishuContactSyncNeeded = ErrorCode("Feishu.User.Need.Sync.Contact")         // synchronize the Feishu contacts first
	ErrFeishuNotConfigured     = ErrorCode("Feishhu.Config.Not.Exit")               // the organization has no Feishu configuration
	ErrFeishuParameter         = ErrorCode("Feishu.Parameter.Error")                // the Feishu settings are wrong; the message says what
	ErrFeishuUserDuplicate     = ErrorCode("Feishu.User.Duplicated")                // the Feishu account is already known or bound
	ErrFeishuUserGroupKind     = ErrorCode("FeishuUser.UserGroup.AssociationError") // a Feishu user can join only Feishu and Quick BI groups

	// Workspaces.

	ErrInvalidWorkspace              = ErrorCode("Invalid.Workspace")                        // the organization does not own the workspace (listing calls)
	ErrInvalidWorkspaceType          = ErrorCode("Workspace.Type.Error")                     // wrong kind of workspace, perhaps a personal one
	ErrPersonalWorkspaceTransfer     = ErrorCode("PersonalWorkspace.NotSupport.AllTransfer") // a personal workspace cannot be handed over
	ErrTransferToCurrentOwner        = ErrorCode("Cannot.TransferTo.Owner")                  // the new owner is already the owner
	ErrUserAlreadyInWorkspace        = ErrorCode("User.AlreadyIn.Workspace")                 // the user is in the workspace already
	ErrUserNotInWorkspace            = ErrorCode("User.NotIn.Workspace")                     // the user is not a member of the workspace
	ErrViewerCannotJoinWorkspace     = ErrorCode("Viewer.AddInTo.Workspace")                 // viewers of the organization cannot join a workspace
	ErrWorkspaceDisabled             = ErrorCode("Workspace.Status.Error")                   // the workspace is switched off or deleted
	ErrWorkspaceLimit                = ErrorCode("CreateWorkspace.Exceeds.Limits")           // no more workspaces can be created
	ErrWorkspaceNotFound             = ErrorCode("Workspace.Not.Exist")                      // no workspace has this ID
	ErrWorkspaceNotInOrganization    = ErrorCode("Workspace.NotIn.Organization")             // the caller's organization has no such workspace
	ErrWorkspaceOrganizationMismatch = ErrorCode("Organization.Workspace.Inconformity")      // the ticket's workspace is in another organization
	ErrWorkspaceOwnerNeedsAdminRole  = ErrorCode("Remove.AdminRoleOf.WorkspaceOwner")        // the workspace's owner must stay administrator
	ErrWorkspaceOwnerNotRemovable    = ErrorCode("CanNot.Remove.WorkspaceOwner")             // the workspace's owner cannot be removed

	// Works: dashboards, reports, screens; menus of data portals; sharing.

	ErrDashboardNotFound           = ErrorCode("Report.NotExist")                               // the dashboard to make a ticket for does not exist
	ErrFavoriteNotFound            = ErrorCode("Favorite.NotCancel.Permission")                 // the work is not a favorite; not a matter of rights
	ErrFolderMenuNotAuthorizable   = ErrorCode("FolderMenu.CanNot.Authorize")                   // rights on a folder cannot be granted
	ErrInvalidShareExpiry          = ErrorCode("Share.ExpireDate.Error")                        // the date on which the share ends is wrong
	ErrMenuOfOtherPortal           = ErrorCode("Menu.NotBelongTo.CurrentDataportal")            // the portal has no such menu; the message names both
	ErrMenuPortalMismatch          = ErrorCode("AccessMenu.NotMatch.Portal")                    // menu and portal do not go together
	ErrOutsideShareForbidden       = ErrorCode("Workspace.OutsideShare.Forbidden")              // the workspace does not share with other organizations
	ErrPermissionFromUserGroup     = ErrorCode("DeletePermission.UserBelongsToUsergroup.Error") // the right comes from a user group and cannot be revoked alone
	ErrPermissionFromWorkspace     = ErrorCode("DeletePermission.ExistWorkspaceRecord.Error")   // the right comes from a workspace and cannot be revoked alone
	ErrReportNotFound              = ErrorCode("Report.NotExist.Error")                         // no work has this ID; perhaps it was deleted
	ErrResourceOfOtherOrganization = ErrorCode("Resource.NotBelongTo.CurrentOrganization")      // the caller's organization has no such resource
	ErrShareForbidden              = ErrorCode("Workspace.Share.Forbidden")                     // the workspace does not allow sharing
	ErrWorkDeleted                 = ErrorCode("Invalid.Works.Empty")                           // the work does not exist; perhaps it was deleted
	ErrWorkNotFound                = ErrorCode("Work.Not.Exist")                                // the work to grant rights on does not exist
	ErrWorkNotPublished            = ErrorCode("Invalid.WorksId.Not.Publish")                   // publish the work first

	// Embedding and tickets.

	ErrCopilotEmbedNotFound       = ErrorCode("CopilotEmbed.Config.NotFind")                  // no embedding configuration has this copilot ID
	ErrEmbeddedReportLimit        = ErrorCode("Auth3Rd.Over.MaxQuota")                        // embedding cannot be switched on for more reports
	ErrGlobalParamRestricted      = ErrorCode("GlobalParam.Restricted.Use")                   // the edition has no global parameters
	ErrReportNotEmbeddable        = ErrorCode("Authorize3Rd.Report.Unauthorized")             // embedding is not switched on for the report
	ErrScreenWatermarkUnsupported = ErrorCode("Authorize3rdTicket.Unsupport.ScreenWatermark") // a data screen takes no watermark
	ErrTicketCountInvalid         = ErrorCode("Authorize3rdTicket.Num.Exceed")                // the ticket cannot be valid for that many uses
	ErrTicketExpired              = ErrorCode("Authorize3rdTicket.Expired")                   // the ticket has expired
	ErrTicketNotFound             = ErrorCode("Authorize3rdTicket.NotExist")                  // no such ticket
	ErrTicketTokenMissing         = ErrorCode("Authorize3rdTicket.HasNo.LoginToken")          // no login token; unrelated to the request signature
	ErrTicketUsedUp               = ErrorCode("Authorize3rdTicket.Num.HasNoLeft")             // the ticket has no uses left; make a new one
	ErrTicketWorkMismatch         = ErrorCode("Authorize3rdTicket.BindedWorks.Mismatch")      // the ticket was made for another work

	// Datasets (the service also says cube) and smart Q&A.

	ErrAccelerationJobFailed      = ErrorCode("Last.Job.Failed")                      // the last acceleration run failed; look at it first
	ErrAccelerationJobNotFound    = ErrorCode("Quick.Job.NotExist")                   // no acceleration is set up for the dataset
	ErrAccelerationJobRunning     = ErrorCode("Repeat.Running.Job")                   // the acceleration is already running
	ErrDatasetDecryption          = ErrorCode("Decryption.Error")                     // the service could not decrypt its own data
	ErrDatasetMetaToXML           = ErrorCode("CubeMeta.ToXml.Error")                 // the service could not turn its dataset metadata into XML
	ErrDatasetNotFound            = ErrorCode("Cube.Not.Exist")                       // no dataset has this ID
	ErrDatasetNotInWorkspace      = ErrorCode("Not.WorkspaceCube.Error")              // the dataset is in another workspace
	ErrDatasetOfOtherOrganization = ErrorCode("Cube.NotBelongTo.CurrentOrganization") // the caller's organization has no such dataset
	ErrDatasetSchemaNotFound      = ErrorCode("CubeSchema.Not.Exist")                 // the dataset's schema is missing
	ErrDatasetToXML               = ErrorCode("Cube.ParseToXml.Error")                // the service could not write the dataset as XML
	ErrNL2SQLNotPurchased         = ErrorCode("RobotNl2sql.Moudle.NotPurchase")       // the natural-language query module is not purchased
	ErrQueryNotPermitted          = ErrorCode("Query.Auth.Error")                     // the user may not query this

	// Row and column permissions.

	ErrColumnFieldDuplicate       = ErrorCode("CubePermission.ColumnlevelField.Repeat")  // a field is configured twice
	ErrDataLevelPermissionVersion = ErrorCode("CubePermission.Columnlevel.VersionError") // the instance may not use the new permission calls
	ErrRowLevelForbidden          = ErrorCode("Rowlevel.Permission.Forbbiden")           // a row-level rule denies the data
	ErrRowLevelOff                = ErrorCode("RowLevelPermission.SwitchClose.Error")    // switch row-level permission on for the dataset first
	ErrRowLevelRuleNotFound       = ErrorCode("RowLevelPermission.Rule.NotExsist")       // no rule has this ID
	ErrRowLevelRuleOfOtherDataset = ErrorCode("RowLevelPermission.Rule.NotBelongToCube") // the rule belongs to another dataset

	// Data sources.

	ErrAPIDataSourceNotFound       = ErrorCode("ApiDatasource.Not.Exist")         // no API data source has this ID
	ErrAPIDataSourceNotInWorkspace = ErrorCode("ApiDataSource.NotIn.Workspace")   // the API data source is in another workspace
	ErrAPIDataSourceParamsMissing  = ErrorCode("ApiDatasource.Param.IsNull")      // the parameters to change are missing
	ErrAPIDataSourceTooManyParams  = ErrorCode("ApiDatasource.Param.Oversize")    // more parameters than an API data source can have
	ErrDataSourceIDMissing         = ErrorCode("DatasourceId.IsNull.Error")       // the table has no data source
	ErrDataSourceNotFound          = ErrorCode("Datasource.NotFound.Error")       // no data source has this ID
	ErrDataSourceNotPermitted      = ErrorCode("Datasource.UserPermission.Error") // the caller may not use the data source
	ErrDataSourceSQL               = ErrorCode("Datasource.Sql.ExecuteFailed")    // the database failed on the SQL, which may have begun to run

	// Data services.

	ErrDataServiceNotFound     = ErrorCode("API.Not.Exist")                  // no data service has this ID; not the OpenAPI action
	ErrDataServiceNotPermitted = ErrorCode("API.No.Permission")              // the caller may not use the data service
	ErrFieldNotInDataset       = ErrorCode("Missing.Dimension.Measure")      // the dataset has lost a dimension or measure that is used
	ErrInvalidConditions       = ErrorCode("Invalid.Parameter.Conditions")   // a condition names a field that is not defined
	ErrInvalidReturnFields     = ErrorCode("Invalid.Parameter.ReturnFields") // a requested field is not defined
	ErrMissingConditions       = ErrorCode("Missing.Conditions")             // a required condition is missing

	// Mail subscriptions.

	ErrMailIDMissing       = ErrorCode("MailId.Is.Null")               // the subscription's ID is missing
	ErrMailTaskForbidden   = ErrorCode("Mail.Forbidden.Access")        // the caller may not run the subscription
	ErrMailTaskNotFound    = ErrorCode("Mail.Not.Found")               // no mail subscription has this ID
	ErrMailTaskRunning     = ErrorCode("MailTask.Already.Running")     // the subscription is already being sent
	ErrMailTaskSchedule    = ErrorCode("Timer.Schedule.Task")          // the scheduler failed; the mail may still be sent
	ErrMailTaskTooFrequent = ErrorCode("MailApi.Beyond.ScheduleLimit") // too many runs; the message says how many minutes to wait

	// Applications for rights.

	ErrApplicationClosed         = ErrorCode("Application.RecordClosed")    // the application is already decided or closed
	ErrApplicationNotFound       = ErrorCode("Application.NotExist")        // no application has this ID
	ErrApplicationObjectNotFound = ErrorCode("Application.Object.NotExist") // the object is gone; can come from any operation

	// IP white list.

	ErrInvalidLoginIP = ErrorCode("LoginIp.Format.Error")  // neither a public IPv4 address nor a CIDR block
	ErrPrivateLoginIP = ErrorCode("LoginIp.Private.Error") // private addresses are not allowed

	// Failures of the service.

	ErrGatewayInternal    = ErrorCode("InternalError")         // the gateway, or the service behind it, failed
	ErrInternalSystem     = ErrorCode("Internal.System.Error") // Quick BI failed; invalid parameters can be the cause
	ErrServiceUnavailable = ErrorCode("ServiceUnavailable")    // temporarily out of service; retry later

	// Gateway: rate limits.

	ErrThrottling        = ErrorCode("Throttling")      // too many requests; wait longer between them
	ErrThrottlingPerAPI  = ErrorCode("Throttling.Api")  // too many requests to this operation
	ErrThrottlingPerUser = ErrorCode("Throttling.User") // too many requests by this account

	// Gateway: signature, keys, time.

	ErrAccessKeyInactive      = ErrorCode("InvalidAccessKeyId.Inactive")                // the access key is disabled
	ErrAccessKeyNotFound      = ErrorCode("InvalidAccessKeyId.NotFound")                // the access key does not exist; also for expired STS credentials
	ErrIncompleteSignature    = ErrorCode("IncompleteSignature")                        // a part of the signature is missing
	ErrInvalidSignatureMethod = ErrorCode("InvalidSignatureMethod")                     // the gateway does not know the signature algorithm
	ErrNonceUsed              = ErrorCode("SignatureNonceUsed")                         // the same nonce arrived twice; the first request may have been executed
	ErrSecurityTokenExpired   = ErrorCode("InvalidSecurityToken.Expired")               // the STS token has expired; get new credentials
	ErrSecurityTokenMalformed = ErrorCode("InvalidSecurityToken.Malformed")             // the STS token is damaged
	ErrSecurityTokenMismatch  = ErrorCode("InvalidSecurityToken.MismatchWithAccessKey") // STS token and access key do not belong together
	ErrSecurityTokenMissing   = ErrorCode("MissingSecurityToken")                       // a temporary access key was used without its STS token
	ErrSignatureMismatch      = ErrorCode("SignatureDoesNotMatch")                      // wrong secret, or the request was changed on its way
	ErrTimestampExpired       = ErrorCode("InvalidTimeStamp.Expired")                   // the local clock is off by more than 15 minutes
	ErrTimestampFormat        = ErrorCode("InvalidTimeStamp.Format")                    // the timestamp is not in the form 2006-01-02T15:04:05Z
	ErrTimestampMissing       = ErrorCode("IllegalTimestamp")                           // the request has no timestamp

	// Gateway: rights of the account.

	ErrForbiddenByRAM         = ErrorCode("Forbidden.RAM")              // no RAM policy allows the call
	ErrForbiddenByRiskControl = ErrorCode("Forbidden.RiskControl")      // Alibaba Cloud's risk control stopped the account
	ErrForbidden              = ErrorCode("Forbidden")                  // the gateway refuses the account
	ErrForbiddenUnverified    = ErrorCode("Forbidden.UserVerification") // the account has not verified its identity
	ErrGatewayNoPermission    = ErrorCode("NoPermission")               // the RAM user or role lacks a permission

	// Gateway: form of the request. A wrong endpoint or action is not a missing object.

	ErrActionNotFound          = ErrorCode("InvalidAction.NotFound")  // the product and version have no such action
	ErrGatewayInvalidParameter = ErrorCode("InvalidParameter")        // the gateway rejects a parameter
	ErrGatewayMissingParameter = ErrorCode("MissingParameter")        // a parameter is missing
	ErrGatewayParameterFormat  = ErrorCode("InvalidParameter.Format") // a parameter is malformed
	ErrHTTPMethodUnsupported   = ErrorCode("UnsupportedHTTPMethod")   // GET instead of POST, or POST instead of GET
	ErrHTTPSRequired           = ErrorCode("InvalidProtocol.NeedSsl") // the action takes HTTPS only
	ErrInvalidVersion          = ErrorCode("InvalidVersion")          // the endpoint does not serve this API version
	ErrNoSuchVersion           = ErrorCode("NoSuchVersion")           // the API version does not exist
	ErrOpenAPINotFound         = ErrorCode("InvalidApi.NotFound")     // the endpoint has no such API; often a wrong endpoint or version
	ErrProductNotFound         = ErrorCode("InvalidProduct.NotFound") // the endpoint belongs to another product
	ErrUnsupportedOperation    = ErrorCode("UnsupportedOperation")    // the operation is not possible here
	ErrUnsupportedParameter    = ErrorCode("UnsupportedParameter")    // the action does not take a parameter
)

// codesOf lists the codes of each class, in the order of the constants. A listed
// code proves that the operation was not executed, except those of [ErrInternal]
// and [ErrUnavailable], and unclearCodes.
//
// ErrNotFound is for objects that a request names. A missing instance, caller,
// endpoint, action or access key has another class: nobody must mistake it for an
// object that is already gone.
var codesOf = map[ErrorClass][]ErrorCode{
	ErrNotFound: {
		ErrInvalidUserOrganization, ErrTransferTargetNotFound, ErrUserNotInOrganization, ErrUserOfOtherOrganization,
		ErrBoundRoleNotFound, ErrPresetWorkspaceRoleNotFound, ErrUserRoleNotFound, ErrGroupUserNotFound,
		ErrParentUserGroupNotFound, ErrUserGroupNotFound, ErrUserGroupNotInOrganization,
		ErrUserGroupOfOtherOrganization, ErrTagNotFound, ErrUserTagNotInOrganization, ErrInvalidWorkspace,
		ErrUserNotInWorkspace, ErrWorkspaceNotFound, ErrWorkspaceNotInOrganization, ErrWorkspaceOrganizationMismatch,
		ErrDashboardNotFound, ErrFavoriteNotFound, ErrMenuOfOtherPortal, ErrMenuPortalMismatch, ErrReportNotFound,
		ErrResourceOfOtherOrganization, ErrWorkDeleted, ErrWorkNotFound, ErrCopilotEmbedNotFound, ErrTicketNotFound,
		ErrAccelerationJobNotFound, ErrDatasetNotFound, ErrDatasetNotInWorkspace, ErrDatasetOfOtherOrganization,
		ErrDatasetSchemaNotFound, ErrRowLevelRuleNotFound, ErrRowLevelRuleOfOtherDataset, ErrAPIDataSourceNotFound,
		ErrAPIDataSourceNotInWorkspace, ErrDataSourceNotFound, ErrDataServiceNotFound, ErrFieldNotInDataset,
		ErrMailTaskNotFound, ErrApplicationNotFound, ErrApplicationObjectNotFound,
	},
	ErrAlreadyExists: {
		ErrNicknameTaken, ErrUserAlreadyInOrganization, ErrUserAlreadyInRole, ErrDuplicateName,
		ErrDuplicateUserGroupID, ErrDuplicateUserGroupName, ErrDuplicateTagName, ErrFeishuUserDuplicate,
		ErrUserAlreadyInWorkspace,
	},
	ErrPermission: {
		ErrAccessForbidden, ErrAPIUserNotFound, ErrInstanceExpired, ErrInstanceNotFound, ErrInvalidOrganization,
		ErrNoPermissionOnObject, ErrNotAPICallUser, ErrNotOrganizationAdmin, ErrNotRoleAdmin, ErrNotWorkspaceAdmin,
		ErrOperationNotPermitted, ErrWorkTransfer, ErrRoleLacksFunction, ErrOutsideShareForbidden, ErrShareForbidden,
		ErrGlobalParamRestricted, ErrNL2SQLNotPurchased, ErrQueryNotPermitted, ErrDataLevelPermissionVersion,
		ErrRowLevelForbidden, ErrDataSourceNotPermitted, ErrDataServiceNotPermitted, ErrMailTaskForbidden,
		ErrForbiddenByRAM, ErrForbiddenByRiskControl, ErrForbidden, ErrForbiddenUnverified, ErrGatewayNoPermission,
	},
	ErrInvalidRequest: {
		ErrInvalidArgument, ErrInvalidInput, ErrInvalidParameter, ErrInvalidParameterValue, ErrInvalidUserInfo,
		ErrParameterEmpty, ErrParameterTooLong, ErrInvalidEmailOrPhone, ErrInvalidRoleID,
		ErrUserNeedsOrganizationRole, ErrInvalidNameFormat, ErrNameTooLong, ErrFeishuParameter,
		ErrInvalidWorkspaceType, ErrFolderMenuNotAuthorizable, ErrInvalidShareExpiry, ErrScreenWatermarkUnsupported,
		ErrTicketCountInvalid, ErrTicketTokenMissing, ErrTicketWorkMismatch, ErrColumnFieldDuplicate,
		ErrAPIDataSourceParamsMissing, ErrDataSourceIDMissing, ErrInvalidConditions, ErrInvalidReturnFields,
		ErrMissingConditions, ErrMailIDMissing, ErrInvalidLoginIP, ErrPrivateLoginIP, ErrActionNotFound,
		ErrGatewayInvalidParameter, ErrGatewayMissingParameter, ErrGatewayParameterFormat, ErrHTTPMethodUnsupported,
		ErrHTTPSRequired, ErrInvalidVersion, ErrNoSuchVersion, ErrOpenAPINotFound, ErrProductNotFound,
		ErrUnsupportedOperation, ErrUnsupportedParameter,
	},
	ErrQuota: {
		ErrAnalystLimit, ErrDeveloperLimit, ErrLicenseLimit, ErrViewerLimit, ErrTooManyRoles, ErrUserGroupTooDeep,
		ErrWorkspaceLimit, ErrEmbeddedReportLimit, ErrAPIDataSourceTooManyParams,
	},
	ErrThrottled: {
		ErrMailTaskTooFrequent, ErrThrottling, ErrThrottlingPerAPI, ErrThrottlingPerUser,
	},
	ErrAuthentication: {
		ErrAccessKeyInactive, ErrAccessKeyNotFound, ErrIncompleteSignature, ErrInvalidSignatureMethod, ErrNonceUsed,
		ErrSecurityTokenExpired, ErrSecurityTokenMalformed, ErrSecurityTokenMismatch, ErrSecurityTokenMissing,
		ErrSignatureMismatch, ErrTimestampExpired, ErrTimestampFormat, ErrTimestampMissing,
	},
	ErrConflict: {
		ErrAccountNameAmbiguous, ErrAdminCannotBecomeViewer, ErrDeveloperCannotBecomeAnalystOrViewer,
		ErrMemberStillInWorkspace, ErrOrganizationOwnerNeedsAdminRole, ErrOrganizationOwnerNotRemovable,
		ErrWorkspaceMemberCannotBecomeViewer, ErrAnalystCannotBeAdminOrDeveloper, ErrAnalystRoleUnsupported,
		ErrViewerCannotHaveCustomRole, ErrRootUserGroupNotRemovable, ErrRootUserGroupSynchronized,
		ErrUserGroupHasChildren, ErrUserGroupSynchronized, ErrUserNeedsBIUserGroup, ErrFeishuContactSyncNeeded,
		ErrFeishuNotConfigured, ErrFeishuUserGroupKind, ErrPersonalWorkspaceTransfer, ErrTransferToCurrentOwner,
		ErrViewerCannotJoinWorkspace, ErrWorkspaceDisabled, ErrWorkspaceOwnerNeedsAdminRole,
		ErrWorkspaceOwnerNotRemovable, ErrPermissionFromUserGroup, ErrPermissionFromWorkspace, ErrWorkNotPublished,
		ErrReportNotEmbeddable, ErrTicketExpired, ErrTicketUsedUp, ErrAccelerationJobFailed,
		ErrAccelerationJobRunning, ErrRowLevelOff, ErrMailTaskRunning, ErrApplicationClosed,
	},
	ErrUnavailable: {
		ErrGatewayInternal, ErrServiceUnavailable,
	},
	ErrInternal: {
		ErrDatasetDecryption, ErrDatasetMetaToXML, ErrDatasetToXML, ErrDataSourceSQL, ErrMailTaskSchedule,
		ErrInternalSystem,
	},
}

// unclearCodes belong to classes of refusals, although the operation may have been
// executed, wholly or in part.
var unclearCodes = []ErrorCode{ErrWorkTransfer, ErrAccelerationJobFailed, ErrNonceUsed}
