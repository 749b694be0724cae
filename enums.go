package quickbi

import "strconv"

// named returns the name of a number, or the number itself if it has none.
func named[T ~int](n T, names map[T]string) string {
	if name, ok := names[n]; ok {
		return name
	}
	return strconv.Itoa(int(n))
}

// The service's enumerations of numbers print as names. On the wire, and in JSON,
// they stay numbers. An unknown value prints as its number.

var userTypeNames = map[UserType]string{UserTypeDeveloper: "developer", UserTypeViewer: "viewer", UserTypeAnalyst: "analyst"}

// String returns "developer", "viewer" or "analyst".
func (t UserType) String() string { return named(t, userTypeNames) }

var dynamicTagAttributeNames = map[DynamicTagAttribute]string{
	DynamicTagAccountID: "account id", DynamicTagAccountName: "account name", DynamicTagNickName: "nickname",
}

// String returns "account id", "account name" or "nickname".
func (a DynamicTagAttribute) String() string { return named(a, dynamicTagAttributeNames) }

var shareTargetNames = map[ShareTargetType]string{
	ShareTargetUser: "user", ShareTargetUserGroup: "user group", ShareTargetOrganization: "organization", ShareTargetWorkspace: "workspace",
}

// String returns "user", "user group", "organization" or "workspace".
func (t ShareTargetType) String() string { return named(t, shareTargetNames) }

var authPointsNames = map[AuthPoints]string{
	AuthPointsView: "view", AuthPointsExport: "export", AuthPointsManageForm: "manage form", AuthPointsEdit: "edit",
}

// String returns "view", "export", "manage form" or "edit".
func (p AuthPoints) String() string { return named(p, authPointsNames) }

var worksStatusNames = map[WorksStatus]string{
	WorksStatusUnpublished: "unpublished", WorksStatusPublished: "published", WorksStatusModified: "modified", WorksStatusOffline: "offline",
}

// String returns "unpublished", "published", "modified" or "offline".
func (s WorksStatus) String() string { return named(s, worksStatusNames) }

var worksEmbeddingNames = map[WorksEmbedding]string{WorksEmbeddingOff: "off", WorksEmbeddingOn: "on"}

// String returns "off" or "on".
func (e WorksEmbedding) String() string { return named(e, worksEmbeddingNames) }

var portalMenuNames = map[PortalMenuType]string{
	PortalMenuDashboard: "dashboard", PortalMenuLink: "link", PortalMenuSpreadsheet: "spreadsheet", PortalMenuFolder: "folder",
	PortalMenuDataForm: "data form", PortalMenuSelfService: "self-service retrieval",
}

// String returns "dashboard", "link", "spreadsheet", "folder", "data form" or "self-service retrieval".
func (t PortalMenuType) String() string { return named(t, portalMenuNames) }

var dataLevelSwitchNames = map[DataLevelSwitch]string{DataLevelOff: "off", DataLevelOn: "on"}

// String returns "off" or "on".
func (s DataLevelSwitch) String() string { return named(s, dataLevelSwitchNames) }

var accelerationStatusNames = map[AccelerationStatus]string{
	AccelerationPending: "pending", AccelerationRunning: "running", AccelerationSucceeded: "succeeded", AccelerationFailed: "failed",
	AccelerationCanceled: "canceled", AccelerationWarning: "warning",
}

// String returns "pending", "running", "succeeded", "failed", "canceled" or "warning".
func (s AccelerationStatus) String() string { return named(s, accelerationStatusNames) }

var apiDataSourceStatusNames = map[APIDataSourceStatus]string{
	APIDataSourcePending: "pending", APIDataSourceRunning: "running", APIDataSourceSucceeded: "succeeded", APIDataSourceFailed: "failed",
}

// String returns "pending", "running", "succeeded" or "failed".
func (s APIDataSourceStatus) String() string { return named(s, apiDataSourceStatusNames) }

var ticketAccountNames = map[TicketAccountType]string{
	TicketAccountCloud: "Alibaba Cloud", TicketAccountQuickBI: "Quick BI", TicketAccountDingTalk: "DingTalk", TicketAccountRAM: "RAM",
	TicketAccountThirdParty: "third party", TicketAccountWeCom: "WeCom", TicketAccountFeishu: "Feishu",
}

// String returns "Alibaba Cloud", "Quick BI", "DingTalk", "RAM", "third party", "WeCom" or "Feishu".
func (t TicketAccountType) String() string { return named(t, ticketAccountNames) }

var applicationFilterNames = map[ApplicationFilter]string{ApplicationsPending: "pending", ApplicationsProcessed: "processed"}

// String returns "pending" or "processed".
func (f ApplicationFilter) String() string { return named(f, applicationFilterNames) }

var applicationStatusNames = map[ApplicationStatus]string{
	ApplicationUnderReview: "under review", ApplicationApproved: "approved", ApplicationRejected: "rejected",
}

// String returns "under review", "approved" or "rejected".
func (s ApplicationStatus) String() string { return named(s, applicationStatusNames) }

var smartqStatusNames = map[SmartqStatus]string{SmartqDisabled: "disabled", SmartqEnabled: "enabled"}

// String returns "disabled" or "enabled".
func (s SmartqStatus) String() string { return named(s, smartqStatusNames) }

var smartqOperationNames = map[SmartqOperation]string{SmartqGrant: "grant", SmartqRevoke: "revoke"}

// String returns "grant" or "revoke".
func (o SmartqOperation) String() string { return named(o, smartqOperationNames) }

var editPermissionNames = map[EditPermission]string{
	EditPermissionPrivate: "private", EditPermissionWorkspace: "workspace", EditPermissionMembers: "members",
}

// String returns "private", "workspace" or "members".
func (p EditPermission) String() string { return named(p, editPermissionNames) }

var usePermissionNames = map[UsePermission]string{UsePermissionWorkspace: "workspace", UsePermissionMembers: "members"}

// String returns "workspace" or "members".
func (p UsePermission) String() string { return named(p, usePermissionNames) }
