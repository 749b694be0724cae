package quickbi

import "context"

// ShareTargetType is the kind of receiver of a share or a right.
type ShareTargetType int

// The kinds of receivers. Not every operation takes every kind.
const (
	ShareTargetUser         ShareTargetType = 0
	ShareTargetUserGroup    ShareTargetType = 1
	ShareTargetOrganization ShareTargetType = 2 // all members of the organization
	ShareTargetWorkspace    ShareTargetType = 3 // all members of a workspace
)

// AuthPoints is a right on a work or a menu.
type AuthPoints int

// The rights. Not every operation takes every right.
const (
	AuthPointsView       AuthPoints = 1
	AuthPointsExport     AuthPoints = 3  // and view
	AuthPointsManageForm AuthPoints = 10 // manage the entries of a data form
	AuthPointsEdit       AuthPoints = 11 // and view and export
)

// Share is the sharing of a work with one receiver.
type Share struct {
	ShareID     string          `json:"ShareId"`
	WorksID     string          `json:"ReportId"`
	WorksType   WorksType       `json:"ShareType"`
	ShareToType ShareTargetType `json:"ShareToType"`
	ShareToID   string          `json:"ShareToId"` // UserID, UserGroupID, or id of the organization or workspace
	ShareToName string          `json:"ShareToName"`
	AuthPoints  AuthPoints      `json:"AuthPoint"` // AuthPointsView or AuthPointsExport
	ExpireDate  UnixMilli       `json:"ExpireDate"`
}

// ResourceAuthorization are the rights of one receiver on a work, dataset or data source.
type ResourceAuthorization struct {
	ResourceID     string          `json:"ResourceId"`
	ResourceType   WorksType       `json:"ResourceType"`
	Scope          ShareTargetType `json:"Scope"`
	AuthorizedID   string          `json:"AuthorizedId"` // of the receiver: a UserID, UserGroupID, …, as Scope says
	AuthorizedName string          `json:"AuthorizedName"`
	Authorities    []string        `json:"Authorities"` // the rights; their texts are not documented
	ExpireDate     UnixMilli       `json:"ExpireDate,string"`
	CreatedTime    string          `json:"GmtCreate"` // such as "2026-10-14 09:31:27", in a zone that is not documented
}

// EditPermission says who in the workspace may edit a work, dataset or data source.
type EditPermission int

// The permissions to edit. For data forms, datasets and data sources, members are
// developers of the workspace.
const (
	EditPermissionPrivate   EditPermission = 0
	EditPermissionWorkspace EditPermission = 11 // all members but viewers
	EditPermissionMembers   EditPermission = 12 // chosen members
)

// UsePermission says who in the workspace may use a dataset or data source.
type UsePermission int

// The permissions to use.
const (
	UsePermissionWorkspace UsePermission = 1 // all members but viewers
	UsePermissionMembers   UsePermission = 2 // chosen members
)

// AddShareReportRequest are the parameters of [Client.AddShareReport].
type AddShareReportRequest struct {
	// WorksID is a portal, dashboard, spreadsheet or self-service retrieval.
	WorksID     string           `url:"WorksId" quickbi:"required"`
	AuthPoints  AuthPoints       `url:"AuthPoint" quickbi:"required,min=1,max=3,oneof=1 3"`
	ShareToType *ShareTargetType `url:"ShareToType" quickbi:"required,min=0,max=2,oneof=0 1 2"` // not ShareTargetWorkspace
	// ShareToID is a UserID, a UserGroupID or the id of the organization, as
	// ShareToType says. It is required for users and user groups.
	ShareToID  string    `url:"ShareToId,omitempty"`
	ExpireDate UnixMilli `url:"ExpireDate" quickbi:"required"` // when the share ends
}

func (r *AddShareReportRequest) check(problem func(parameter, text string)) {
	if t := r.ShareToType; t != nil && (*t == ShareTargetUser || *t == ShareTargetUserGroup) && r.ShareToID == "" {
		problem("ShareToId", "is required to share with a user or user group")
	}
}

// AddShareReport shares a work with a user, a user group or the organization,
// until ExpireDate.
//
// Expect [ErrReportNotFound], [ErrInvalidShareExpiry],
// [ErrUserNotInOrganization], [ErrUserGroupNotFound], and [ErrShareForbidden] if the
// workspace does not allow sharing.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addsharereport
func (c *Client) AddShareReport(ctx context.Context, in *AddShareReportRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AddShareReport"), in, opts)
}

// AddWorksAuthorizationRequest are the parameters of [Client.AddWorksAuthorization].
type AddWorksAuthorizationRequest struct {
	ResourceID     string           `url:"ResourceId" quickbi:"required"`
	ResourceType   WorksType        `url:"ResourceType" quickbi:"required,kinds=dashboard report dashboardOfflineQuery cube datasource screen ANALYSIS dataForm"`
	AuthorizeScope *ShareTargetType `url:"AuthorizeScope" quickbi:"required,oneof=0 1 2 3"`
	// AuthorizedID is a UserID, or the id of a user group, of the organization or
	// of a workspace, as AuthorizeScope says.
	AuthorizedID string     `url:"AuthorizedId" quickbi:"required"`
	AuthPoints   AuthPoints `url:"AuthPoints" quickbi:"required,oneof=1 3 11"` // AuthPointsView, AuthPointsExport or AuthPointsEdit
	// ExpireDay is the day on which the rights expire, such as "2099-12-31", tomorrow
	// at the earliest. It is required except for AuthPointsEdit, which is granted
	// permanently, whatever ExpireDay is.
	ExpireDay Day `url:"ExpireDay,omitempty"`
}

func (r *AddWorksAuthorizationRequest) check(problem func(parameter, text string)) {
	if r.ExpireDay == "" && r.AuthPoints != 0 && r.AuthPoints != AuthPointsEdit {
		problem("ExpireDay", "is required unless AuthPoints is 11")
	}
}

// AddWorksAuthorization grants rights on a work, dataset or data source to a
// user, a user group, the organization or a workspace. The result is the id of
// the authorization.
//
// Expect [ErrWorkNotFound] and [ErrInvalidParameterValue].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addworksauthorization
func (c *Client) AddWorksAuthorization(ctx context.Context, in *AddWorksAuthorizationRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("AddWorksAuthorization"), in, opts)
}

// CancelReportShareRequest are the parameters of [Client.CancelReportShare].
type CancelReportShareRequest struct {
	// WorksID is a portal, dashboard, spreadsheet or self-service retrieval.
	WorksID     string           `url:"ReportId" quickbi:"required"`
	ShareToType *ShareTargetType `url:"ShareToType" quickbi:"required,oneof=0 1 2"` // not ShareTargetWorkspace
	// ShareToID is a UserID, a UserGroupID or the id of the organization, as
	// ShareToType says. The documentation speaks of one id, although the wire name is
	// in the plural.
	ShareToID string `url:"ShareToIds" quickbi:"required"`
}

// CancelReportShare ends the sharing of a work with a user, a user group or the
// organization. Users who have other rights on the work keep them.
//
// Expect [ErrReportNotFound], [ErrResourceOfOtherOrganization],
// [ErrUserOfOtherOrganization] and [ErrUserGroupOfOtherOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-cancelreportshare
func (c *Client) CancelReportShare(ctx context.Context, in *CancelReportShareRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("CancelReportShare"), in, opts)
}

// DeleteAuthorizationByUserIdRequest are the parameters of [Client.DeleteAuthorizationByUserId].
type DeleteAuthorizationByUserIdRequest struct {
	UserID       string    `url:"QbiUserId" quickbi:"required"` // Quick BI's own id, not the UID of the cloud account
	ResourceID   string    `url:"ResourceId" quickbi:"required"`
	ResourceType WorksType `url:"ResourceType" quickbi:"required,kinds=dashboard report dashboardOfflineQuery cube datasource screen ANALYSIS dataForm"`
}

// DeleteAuthorizationByUserId revokes the rights on a work, dataset or data source
// that were granted to one user directly.
//
// Expect [ErrPermissionFromUserGroup] and [ErrPermissionFromWorkspace] if the
// user has them as a member of a user group or workspace,
// [ErrInvalidUserOrganization], and [ErrReportNotFound], [ErrDatasetNotFound] or
// [ErrDataSourceNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteauthorizationbyuserid
func (c *Client) DeleteAuthorizationByUserId(ctx context.Context, in *DeleteAuthorizationByUserIdRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteAuthorizationByUserId"), in, opts)
}

// ListAuthConfigByResourceRequest are the parameters of [Client.ListAuthConfigByResource].
type ListAuthConfigByResourceRequest struct {
	ResourceID string    `url:"ResourceId" quickbi:"required"`
	WorksType  WorksType `url:"WorksType" quickbi:"required,kinds=dashboard report dashboardOfflineQuery cube datasource screen ANALYSIS dataForm"`
	// ShareToType is ShareTargetUser or ShareTargetUserGroup. Rights of the
	// organization and of workspaces are listed with those of users. Rights on
	// datasets and data sources belong to users only.
	ShareToType *ShareTargetType `url:"ShareToType" quickbi:"required,oneof=0 1"`
	HasAuth     *bool            `url:"HasAuth" quickbi:"required"` // true: only receivers that have rights
	Keyword     string           `url:"Keyword,omitempty"`          // part of a receiver's name
}

// ListAuthConfigByResource returns who has rights on a work, dataset or data source.
// From which kinds of grants (shares, authorizations, collaboration) is not
// documented.
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listauthconfigbyresource
func (c *Client) ListAuthConfigByResource(ctx context.Context, in *ListAuthConfigByResourceRequest, opts ...CallOption) (*Response[[]ResourceAuthorization], error) {
	return call[[]ResourceAuthorization](ctx, c, read("ListAuthConfigByResource"), in, opts)
}

// QueryShareListRequest are the parameters of [Client.QueryShareList].
type QueryShareListRequest struct {
	WorksID string `url:"ReportId" quickbi:"required"` // of any kind of work
}

// QueryShareList returns the shares of a work that have not expired.
//
// Expect [ErrReportNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querysharelist
func (c *Client) QueryShareList(ctx context.Context, in *QueryShareListRequest, opts ...CallOption) (*Response[[]Share], error) {
	return call[[]Share](ctx, c, read("QueryShareList"), in, opts)
}

// QuerySharesToUserListRequest are the parameters of [Client.QuerySharesToUserList].
type QuerySharesToUserListRequest struct {
	UserID string `url:"UserId" quickbi:"required"` // Quick BI's own id, not the UID of the cloud account
}

// QuerySharesToUserList returns the works that are shared with a user.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querysharestouserlist
func (c *Client) QuerySharesToUserList(ctx context.Context, in *QuerySharesToUserListRequest, opts ...CallOption) (*Response[[]Works], error) {
	return call[[]Works](ctx, c, read("QuerySharesToUserList"), in, opts)
}

// UpdateAuthorizationAttributesRequest are the parameters of
// [Client.UpdateAuthorizationAttributes]. Fields that are left out stay as they are.
type UpdateAuthorizationAttributesRequest struct {
	ResourceID   string    `url:"ResourceId" quickbi:"required"`
	ResourceType WorksType `url:"ResourceType" quickbi:"required,kinds=dashboard report dashboardOfflineQuery cube datasource screen ANALYSIS dataForm"`
	// EditPermission says who may edit; new(quickbi.EditPermissionPrivate) makes it private.
	EditPermission *EditPermission `url:"EditPermissionType,omitempty" quickbi:"oneof=0 11 12"`
	UsePermission  UsePermission   `url:"UsePermissionType,omitempty" quickbi:"oneof=1 2"` // of a dataset or data source only
}

func (in *UpdateAuthorizationAttributesRequest) check(problem func(parameter, text string)) {
	switch {
	case in.EditPermission == nil && in.UsePermission == 0:
		if in.ResourceID != "" && in.ResourceType != "" {
			problem("EditPermissionType", "or UsePermissionType is required: there is nothing to change")
		}
	case in.UsePermission != 0 && in.ResourceType != "" && !in.ResourceType.Is(WorksTypeDataset) && !in.ResourceType.Is(WorksTypeDataSource):
		problem("UsePermissionType", "is for datasets and data sources only")
	}
}

// UpdateAuthorizationAttributes sets who in the workspace may edit a work, dataset
// or data source, and who may use a dataset or data source. Errors are not
// documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateauthorizationattributes
func (c *Client) UpdateAuthorizationAttributes(ctx context.Context, in *UpdateAuthorizationAttributesRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateAuthorizationAttributes"), in, opts)
}
