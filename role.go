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

// RoleAuthKey is an area that a role opens to those who have it.
type RoleAuthKey string

// What an organization role can open.
const (
	RoleAuthMonitoring         RoleAuthKey = "quick_monitor"    // monitoring of metrics
	RoleAuthSubscription       RoleAuthKey = "subscription"     // management of subscriptions
	RoleAuthSelfService        RoleAuthKey = "offline_download" // self-service data retrieval; in workspace roles, too
	RoleAuthResourcePackage    RoleAuthKey = "resource_package"
	RoleAuthOrganizationKey    RoleAuthKey = "organization_ask" // the organization's own access key
	RoleAuthOpenAPI            RoleAuthKey = "developer_openapi"
	RoleAuthDataService        RoleAuthKey = "data_service"
	RoleAuthEmbedding          RoleAuthKey = "admin_authorize3rd"
	RoleAuthCustomComponent    RoleAuthKey = "component_manage"
	RoleAuthCustomTemplate     RoleAuthKey = "template_open"
	RoleAuthCustomDriver       RoleAuthKey = "custom_driver"               // of private deployments
	RoleAuthCustomPlugin       RoleAuthKey = "open_platform_custom_plugin" // of private deployments
	RoleAuthEnterpriseSecurity RoleAuthKey = "enterprise_safety"
)

// What a workspace role can open.
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

// Role is a role of the organization or of a workspace, with what it allows.
type Role struct {
	RoleID       int64            `json:"RoleId"`
	RoleName     string           `json:"RoleName"`
	IsSystemRole bool             `json:"IsSystemRole"` // predefined, not made by the organization
	AuthConfigs  []RoleAuthConfig `json:"AuthConfigList"`
}

// RoleAuthConfig is one of the areas that a role opens.
type RoleAuthConfig struct {
	AuthKey RoleAuthKey `json:"AuthKey"`
	// ActionAuthKeys says what may be done there, such as "edit"; of workspace roles only.
	ActionAuthKeys []string `json:"ActionAuthKeys,omitempty"`
}

// RoleUser is a member who has a role.
type RoleUser struct {
	UserID        string `json:"UserId"`
	NickName      string `json:"NickName"`
	WorkspaceID   string `json:"WorkspaceId,omitempty"` // "" for an organization role
	WorkspaceName string `json:"WorkspaceName,omitempty"`
}

// UserWorkspaceRole is a workspace that a member belongs to, and the role there.
type UserWorkspaceRole struct {
	WorkspaceID   string        `json:"WorkspaceId"`
	WorkspaceName string        `json:"WorkspaceName"`
	Role          WorkspaceRole `json:"RoleModel"`
}

// MarshalJSON writes the role's id as a text, as [Client.ListWorkspaceUserRolesByUserId]
// answers it. Other operations write a number.
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
	RoleID   int64  `url:"RoleId" quickbi:"required"`                     // such as OrganizationRoleAdmin, or a role of your own
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
// [Client.ListOrganizationRoleUsers], 10 a page unless in says otherwise. To take
// the role away from them, [Collect] them first: each one that leaves the list
// moves those behind it.
func (c *Client) ListOrganizationRoleUsersAll(ctx context.Context, in *ListOrganizationRoleUsersRequest, opts ...CallOption) iter.Seq2[RoleUser, error] {
	return all[RoleUser](ctx, in, c.ListOrganizationRoleUsers, opts)
}

// ListOrganizationRolesRequest are the parameters of [Client.ListOrganizationRoles]: none.
type ListOrganizationRolesRequest struct{}

// ListOrganizationRoles returns the roles of the organization, predefined and
// own ones, with what they allow.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listorganizationroles
func (c *Client) ListOrganizationRoles(ctx context.Context, in *ListOrganizationRolesRequest, opts ...CallOption) (*Response[[]Role], error) {
	return call[[]Role](ctx, c, read("ListOrganizationRoles"), in, opts)
}

// ListWorkspaceRoleUsersRequest are the parameters of [Client.ListWorkspaceRoleUsers].
type ListWorkspaceRoleUsersRequest struct {
	RoleID      int64  `url:"RoleId" quickbi:"required"`                   // such as WorkspaceRoleAdmin, or a role of your own
	WorkspaceID string `url:"WorkspaceId,omitempty"`                       // left out: all workspaces
	Keyword     string `url:"Keyword,omitempty"`                           // part of a nickname
	PageNum     int    `url:"PageNum,omitempty" quickbi:"min=1"`           // default 1
	PageSize    int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// ListWorkspaceRoleUsers returns a page of the members who have a workspace
// role, in one workspace or in any. [Client.ListWorkspaceRoleUsersAll] walks
// through all pages.
//
// Expect [ErrUserRoleNotFound] and, for an unknown workspace, [ErrInvalidWorkspace].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listworkspaceroleusers
func (c *Client) ListWorkspaceRoleUsers(ctx context.Context, in *ListWorkspaceRoleUsersRequest, opts ...CallOption) (*Response[Page[RoleUser]], error) {
	return call[Page[RoleUser]](ctx, c, read("ListWorkspaceRoleUsers"), in, opts)
}

// ListWorkspaceRoleUsersAll returns the members of all pages of
// [Client.ListWorkspaceRoleUsers], 1000 a page unless in says otherwise. To take
// the role away from them, [Collect] them first: each one that leaves the list
// moves those behind it.
func (c *Client) ListWorkspaceRoleUsersAll(ctx context.Context, in *ListWorkspaceRoleUsersRequest, opts ...CallOption) iter.Seq2[RoleUser, error] {
	return all[RoleUser](ctx, in, c.ListWorkspaceRoleUsers, opts)
}

// ListWorkspaceRolesRequest are the parameters of [Client.ListWorkspaceRoles].
type ListWorkspaceRolesRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
}

// ListWorkspaceRoles returns the roles of a workspace, predefined and own ones,
// with what they allow.
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

// ListWorkspaceUserRolesByUserId returns the roles that a member has in all workspaces.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listworkspaceuserrolesbyuserid
func (c *Client) ListWorkspaceUserRolesByUserId(ctx context.Context, in *ListWorkspaceUserRolesByUserIdRequest, opts ...CallOption) (*Response[[]UserWorkspaceRole], error) {
	return call[[]UserWorkspaceRole](ctx, c, read("ListWorkspaceUserRolesByUserId"), in, opts)
}

// QueryOrganizationRoleConfigRequest are the parameters of [Client.QueryOrganizationRoleConfig].
type QueryOrganizationRoleConfigRequest struct {
	RoleID int64 `url:"RoleId" quickbi:"required"` // such as OrganizationRoleAdmin, or a role of your own
}

// QueryOrganizationRoleConfig returns an organization role, with what it allows.
//
// Expect [ErrUserRoleNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryorganizationroleconfig
func (c *Client) QueryOrganizationRoleConfig(ctx context.Context, in *QueryOrganizationRoleConfigRequest, opts ...CallOption) (*Response[Role], error) {
	return call[Role](ctx, c, read("QueryOrganizationRoleConfig"), in, opts)
}

// QueryWorkspaceRoleConfigRequest are the parameters of [Client.QueryWorkspaceRoleConfig].
type QueryWorkspaceRoleConfigRequest struct {
	RoleID int64 `url:"RoleId" quickbi:"required"` // such as WorkspaceRoleAdmin, or a role of your own
}

// QueryWorkspaceRoleConfig returns a workspace role, with what it allows.
//
// Expect [ErrUserRoleNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworkspaceroleconfig
func (c *Client) QueryWorkspaceRoleConfig(ctx context.Context, in *QueryWorkspaceRoleConfigRequest, opts ...CallOption) (*Response[Role], error) {
	return call[Role](ctx, c, read("QueryWorkspaceRoleConfig"), in, opts)
}
