package quickbi

import (
	"context"
	"iter"

	"github.com/quickbi-go/quickbi/internal/json"
)

// The workspace roles that every workspace has.
const (
	WorkspaceRoleAdmin     int64 = 25
	WorkspaceRoleDeveloper int64 = 26
	WorkspaceRoleAnalyst   int64 = 27
	WorkspaceRoleViewer    int64 = 30
)

// RoleAuthKey is an area of Quick BI that a role gives access to.
type RoleAuthKey string

// The areas of organization roles.
const (
	RoleAuthMonitoring         RoleAuthKey = "quick_monitor"    // monitoring of metrics
	RoleAuthSubscription       RoleAuthKey = "subscription"     // management of subscriptions
	RoleAuthSelfService        RoleAuthKey = "offline_download" // self-service data retrieval; also of workspace roles
	RoleAuthResourcePackage    RoleAuthKey = "resource_package"
	RoleAuthOrganizationKey    RoleAuthKey = "organization_ask" // the organization's own access key
	RoleAuthOpenAPI            RoleAuthKey = "developer_openapi"
	RoleAuthDataService        RoleAuthKey = "data_service"
	RoleAuthEmbedding          RoleAuthKey = "admin_authorize3rd"
	RoleAuthCustomComponent    RoleAuthKey = "component_manage"
	RoleAuthCustomTemplate     RoleAuthKey = "template_open"
	RoleAuthCustomDriver       RoleAuthKey = "custom_driver"               // standalone deployments only
	RoleAuthCustomPlugin       RoleAuthKey = "open_platform_custom_plugin" // standalone deployments only
	RoleAuthEnterpriseSecurity RoleAuthKey = "enterprise_safety"
)

// The areas of workspace roles.
const (
	RoleAuthPortal          RoleAuthKey = "portal_create"
	RoleAuthDashboard       RoleAuthKey = "dashboard_create"
	RoleAuthSpreadsheet     RoleAuthKey = "report_create"
	RoleAuthScreen          RoleAuthKey = "screen_create"
	RoleAuthAnalysis        RoleAuthKey = "analysis" // ad hoc analysis
	RoleAuthDataForm        RoleAuthKey = "data_form"
	RoleAuthDataPreparation RoleAuthKey = "quick_etl"
	RoleAuthDataset         RoleAuthKey = "cube"
	RoleAuthDataSource      RoleAuthKey = "datasource"
)

// Role is a role of the organization or of a workspace, with its permissions.
type Role struct {
	RoleID       int64            `json:"RoleId"`
	RoleName     string           `json:"RoleName"`
	IsSystemRole bool             `json:"IsSystemRole"` // predefined, not custom
	AuthConfigs  []RoleAuthConfig `json:"AuthConfigList"`
}

// RoleAuthConfig is one area that a role gives access to.
type RoleAuthConfig struct {
	AuthKey RoleAuthKey `json:"AuthKey"`
	// ActionAuthKeys are the permitted actions. Their values are not documented.
	// Filled by ListWorkspaceRoles and QueryWorkspaceRoleConfig only.
	ActionAuthKeys []string `json:"ActionAuthKeys,omitempty"`
}

// RoleUser is a member who has a role.
type RoleUser struct {
	UserID        string `json:"UserId"`
	NickName      string `json:"NickName"`
	WorkspaceID   string `json:"WorkspaceId,omitempty"`   // Filled by ListWorkspaceRoleUsers only.
	WorkspaceName string `json:"WorkspaceName,omitempty"` // Filled by ListWorkspaceRoleUsers only.
}

// UserWorkspaceRole is a workspace of a member, and a role of the member there.
type UserWorkspaceRole struct {
	WorkspaceID   string        `json:"WorkspaceId"`
	WorkspaceName string        `json:"WorkspaceName"`
	Role          WorkspaceRole `json:"RoleModel"`
}

// MarshalJSON writes the role's id as a text, as the answer of
// [Client.ListWorkspaceUserRolesByUserId] has it. Other operations use a number.
func (r UserWorkspaceRole) MarshalJSON() ([]byte, error) {
	type role struct {
		RoleID   int64  `json:"RoleId,string"`
		RoleName string `json:"RoleName"`
		RoleCode string `json:"RoleCode"`
	}
	return json.Marshal(struct {
		WorkspaceID   string `json:"WorkspaceId"`
		WorkspaceName string `json:"WorkspaceName"`
		Role          role   `json:"RoleModel"`
	}{r.WorkspaceID, r.WorkspaceName, role(r.Role)})
}

// ListOrganizationRoleUsersRequest are the parameters of [Client.ListOrganizationRoleUsers].
type ListOrganizationRoleUsersRequest struct {
	RoleID   int64  `url:"RoleId" quickbi:"required"`                     // such as OrganizationRoleAdmin, or a custom role
	Keyword  string `url:"Keyword,omitempty"`                             // part of a nickname
	PageNum  int    `url:"PageNum,omitempty" quickbi:"min=1"`             // default 1
	PageSize int    `url:"PageSize,omitempty" quickbi:"min=1,default=10"` // default 10; a maximum is not documented
}

// ListOrganizationRoleUsers returns a page of the members who have an
// organization role. [Client.ListOrganizationRoleUsersAll] walks through all pages.
//
// Expect [ErrUserRoleNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listorganizationroleusers
func (c *Client) ListOrganizationRoleUsers(ctx context.Context, in *ListOrganizationRoleUsersRequest, opts ...CallOption) (*Response[Page[RoleUser]], error) {
	return call[Page[RoleUser]](ctx, c, read("ListOrganizationRoleUsers"), in, opts)
}

// ListOrganizationRoleUsersAll returns the members of all pages of
// [Client.ListOrganizationRoleUsers], 10 a page by default. To take the role away
// from them, [Collect] them first: each one that leaves the list moves those behind
// it.
func (c *Client) ListOrganizationRoleUsersAll(ctx context.Context, in *ListOrganizationRoleUsersRequest, opts ...CallOption) iter.Seq2[RoleUser, error] {
	return all[RoleUser](ctx, c, in, c.ListOrganizationRoleUsers, opts)
}

// ListOrganizationRolesRequest are the parameters of [Client.ListOrganizationRoles]: none.
type ListOrganizationRolesRequest struct{}

// ListOrganizationRoles returns the predefined and custom roles of the organization,
// with their permissions.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listorganizationroles
func (c *Client) ListOrganizationRoles(ctx context.Context, in *ListOrganizationRolesRequest, opts ...CallOption) (*Response[[]Role], error) {
	return call[[]Role](ctx, c, read("ListOrganizationRoles"), in, opts)
}

// ListWorkspaceRoleUsersRequest are the parameters of [Client.ListWorkspaceRoleUsers].
type ListWorkspaceRoleUsersRequest struct {
	RoleID      int64  `url:"RoleId" quickbi:"required"`                   // such as WorkspaceRoleAdmin, or a custom role
	WorkspaceID string `url:"WorkspaceId,omitempty"`                       // left out: all workspaces
	Keyword     string `url:"Keyword,omitempty"`                           // part of a nickname
	PageNum     int    `url:"PageNum,omitempty" quickbi:"min=1"`           // default 1
	PageSize    int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// ListWorkspaceRoleUsers returns a page of the members who have a workspace role,
// in one workspace or in all. [Client.ListWorkspaceRoleUsersAll] walks through all
// pages.
//
// Expect [ErrUserRoleNotFound] and, for an unknown workspace, [ErrInvalidWorkspace].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listworkspaceroleusers
func (c *Client) ListWorkspaceRoleUsers(ctx context.Context, in *ListWorkspaceRoleUsersRequest, opts ...CallOption) (*Response[Page[RoleUser]], error) {
	return call[Page[RoleUser]](ctx, c, read("ListWorkspaceRoleUsers"), in, opts)
}

// ListWorkspaceRoleUsersAll returns the members of all pages of
// [Client.ListWorkspaceRoleUsers], 1000 a page by default. To take the role away
// from them, [Collect] them first: each one that leaves the list moves those behind
// it.
func (c *Client) ListWorkspaceRoleUsersAll(ctx context.Context, in *ListWorkspaceRoleUsersRequest, opts ...CallOption) iter.Seq2[RoleUser, error] {
	return all[RoleUser](ctx, c, in, c.ListWorkspaceRoleUsers, opts)
}

// ListWorkspaceRolesRequest are the parameters of [Client.ListWorkspaceRoles].
type ListWorkspaceRolesRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
}

// ListWorkspaceRoles returns the predefined and custom roles of a workspace, with
// their permissions.
//
// Expect [ErrInvalidWorkspace].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listworkspaceroles
func (c *Client) ListWorkspaceRoles(ctx context.Context, in *ListWorkspaceRolesRequest, opts ...CallOption) (*Response[[]Role], error) {
	return call[[]Role](ctx, c, read("ListWorkspaceRoles"), in, opts)
}

// ListWorkspaceUserRolesByUserIdRequest are the parameters of [Client.ListWorkspaceUserRolesByUserId].
type ListWorkspaceUserRolesByUserIdRequest struct {
	UserID string `url:"UserId" quickbi:"required"` // Quick BI's own id, not the UID of the cloud account
}

// ListWorkspaceUserRolesByUserId returns the roles of a member in all workspaces.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listworkspaceuserrolesbyuserid
func (c *Client) ListWorkspaceUserRolesByUserId(ctx context.Context, in *ListWorkspaceUserRolesByUserIdRequest, opts ...CallOption) (*Response[[]UserWorkspaceRole], error) {
	return call[[]UserWorkspaceRole](ctx, c, read("ListWorkspaceUserRolesByUserId"), in, opts)
}

// QueryOrganizationRoleConfigRequest are the parameters of [Client.QueryOrganizationRoleConfig].
type QueryOrganizationRoleConfigRequest struct {
	RoleID int64 `url:"RoleId" quickbi:"required"` // such as OrganizationRoleAdmin, or a custom role
}

// QueryOrganizationRoleConfig returns an organization role, with its permissions.
//
// Expect [ErrUserRoleNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryorganizationroleconfig
func (c *Client) QueryOrganizationRoleConfig(ctx context.Context, in *QueryOrganizationRoleConfigRequest, opts ...CallOption) (*Response[Role], error) {
	return call[Role](ctx, c, read("QueryOrganizationRoleConfig"), in, opts)
}

// QueryWorkspaceRoleConfigRequest are the parameters of [Client.QueryWorkspaceRoleConfig].
type QueryWorkspaceRoleConfigRequest struct {
	RoleID int64 `url:"RoleId" quickbi:"required"` // such as WorkspaceRoleAdmin, or a custom role
}

// QueryWorkspaceRoleConfig returns a workspace role, with its permissions.
//
// Expect [ErrUserRoleNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworkspaceroleconfig
func (c *Client) QueryWorkspaceRoleConfig(ctx context.Context, in *QueryWorkspaceRoleConfigRequest, opts ...CallOption) (*Response[Role], error) {
	return call[Role](ctx, c, read("QueryWorkspaceRoleConfig"), in, opts)
}
