package quickbi

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Workspace is a place where members of the organization work together.
type Workspace struct {
	WorkspaceID          string   `json:"WorkspaceId"`
	WorkspaceName        string   `json:"WorkspaceName"`
	Description          string   `json:"WorkspaceDescription"`
	OrganizationID       string   `json:"OrganizationId"`
	OwnerID              string   `json:"Owner"`                 // UserID
	OwnerAccountName     string   `json:"OwnerAccountName"`      // of the owner's cloud account
	RealOwnerAccountName string   `json:"RealOwnerAccountName"`  // name of the owner's account in Quick BI
	AllowPublish         bool     `json:"AllowPublishOperation"` // works may be made public
	AllowShare           bool     `json:"AllowShareOperation"`   // works may be shared
	CreatorID            string   `json:"CreateUser"`            // UserID
	CreatorAccountName   string   `json:"CreateUserAccountName"`
	CreatedTime          TimeText `json:"CreateTime"` // such as "2020-11-10 17:51:07"
	ModifierID           string   `json:"ModifyUser"` // UserID
	ModifierAccountName  string   `json:"ModifyUserAccountName"`
	ModifiedTime         TimeText `json:"ModifiedTime"`
	// ExportConfig is nil where the service does not tell: it does since October 2026.
	ExportConfig *WorkspaceExportConfig `json:"WorkspaceExportConfig,omitempty"`
}

// WorkspaceExportConfig says what may be exported from the works of a workspace.
type WorkspaceExportConfig struct {
	ExportMainSwitch  bool `json:"ExportMainSwitch"`   // false: nothing, whatever the other fields say
	ExportToLocal     bool `json:"ExportToLocal"`      // to the user's computer
	ExportToServer    bool `json:"ExportToServer"`     // to the server
	ExportPublicWorks bool `json:"ExportToPublicWork"` // from public links of works
	DataExport        bool `json:"DataExport"`         // to Excel
	ImageExport       bool `json:"ImageExport"`
	PDFExport         bool `json:"PdfExport"`
	FormattedDefault  bool `json:"DefaultExportType"` // exports have formats by default
	// ImagesInExcel lets users choose to convert image fields to images in formatted
	// Excel files. It takes effect only if the organization has switched it on.
	ImagesInExcel bool `json:"AllowExcelImageFile"`
}

// WorkspaceRole is a role of a member in a workspace.
type WorkspaceRole struct {
	RoleID   int64  `json:"RoleId"` // such as WorkspaceRoleAdmin, or a custom role
	RoleName string `json:"RoleName"`
	RoleCode string `json:"RoleCode"` // such as "role_workspace_admin"; "" for a custom role
}

// WorkspaceUser is a member of a workspace.
type WorkspaceUser struct {
	UserID      string        `json:"UserId"`
	AccountID   string        `json:"AccountId"` // UID of the cloud account
	AccountName string        `json:"AccountName"`
	NickName    string        `json:"NickName"`
	Role        WorkspaceRole `json:"Role"` // the predefined role
}

// WorkspaceUsersResult counts the successes and failures of a batch of members.
type WorkspaceUsersResult struct {
	Total   int `json:"Total"`
	Success int `json:"Success"`
	Failure int `json:"Failure"`
	// FailureDetail holds the reasons by UserID, such as "AE0150010001: This user
	// already exists." Its content is a placeholder where Failure is 0.
	FailureDetail map[string]any `json:"FailureDetail"`
}

// failed returns the failures of the batch, in the order of the members' ids.
func (r *WorkspaceUsersResult) failed(asked []string) (entries []FailedEntry, some bool) {
	failures := max(r.Failure, r.Total-r.Success, distinct(asked)-r.Success)
	if failures == 0 {
		return nil, true // FailureDetail is a placeholder then, as in the documented answer
	}
	if r.Failure > 0 {
		for _, id := range slices.Sorted(maps.Keys(r.FailureDetail)) {
			entry := FailedEntry{ID: id, Message: fmt.Sprint(r.FailureDetail[id])}
			if code, message, ok := strings.Cut(entry.Message, ": "); ok && !strings.Contains(code, " ") {
				entry.Code, entry.Message = ErrorCode(code), message
			}
			entries = append(entries, entry)
		}
	}
	if missing := failures - len(entries); missing > 0 {
		entries = append(entries, unnamed(missing))
	}
	return entries, r.Success > 0
}

// AddUserToWorkspaceRequest are the parameters of [Client.AddUserToWorkspace].
type AddUserToWorkspaceRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	UserID      string `url:"UserId" quickbi:"required"`
	// RoleID is a predefined workspace role, such as WorkspaceRoleAnalyst, or, since
	// Quick BI 6.0.3, a custom role.
	RoleID int64 `url:"RoleId" quickbi:"required"`
}

// AddUserToWorkspace adds a member of the organization to a workspace.
//
// Expect [ErrUserAlreadyInWorkspace], [ErrInvalidUserOrganization] for a user who is
// not a member of the organization, [ErrWorkspaceNotFound],
// [ErrViewerCannotJoinWorkspace], and [ErrAnalystCannotBeAdminOrDeveloper] for a role
// that the user type does not allow.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addusertoworkspace
func (c *Client) AddUserToWorkspace(ctx context.Context, in *AddUserToWorkspaceRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AddUserToWorkspace"), in, opts)
}

// AddWorkspaceUsersRequest are the parameters of [Client.AddWorkspaceUsers].
type AddWorkspaceUsersRequest struct {
	WorkspaceID string   `url:"WorkspaceId" quickbi:"required"`
	UserIDs     []string `url:"UserIds,comma" quickbi:"required"`
	RoleID      int64    `url:"RoleId" quickbi:"required,min=25,max=30,oneof=25 26 27 30"` // a predefined one, such as WorkspaceRoleAnalyst
}

func (in *AddWorkspaceUsersRequest) failed(r *WorkspaceUsersResult) ([]FailedEntry, bool) {
	return r.failed(in.UserIDs)
}

// AddWorkspaceUsers adds several members of the organization to a workspace,
// all with the same role. If some or all of them are not added, it returns a
// [*PartialError] together with the result.
//
// Expect [ErrWorkspaceNotFound], [ErrWorkspaceNotInOrganization] and [ErrInvalidRoleID].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addworkspaceusers
func (c *Client) AddWorkspaceUsers(ctx context.Context, in *AddWorkspaceUsersRequest, opts ...CallOption) (*Response[WorkspaceUsersResult], error) {
	return call[WorkspaceUsersResult](ctx, c, write("AddWorkspaceUsers"), in, opts)
}

// CreateWorkspaceRequest are the parameters of [Client.CreateWorkspace].
type CreateWorkspaceRequest struct {
	WorkspaceName             string `url:"WorkspaceName" quickbi:"required"`
	Description               string `url:"WorkspaceDescription,omitempty"`
	AllowPublish              *bool  `url:"AllowPublish,omitempty"`              // works may be made public; default true
	AllowShare                *bool  `url:"AllowShare,omitempty"`                // works may be shared; default true
	AllowViewAll              *bool  `url:"AllowViewAll,omitempty"`              // collaboration mode; default true
	DefaultShareToAll         *bool  `url:"DefaultShareToAll,omitempty"`         // all members may view new works; default false
	OnlyAdminCreateDataSource *bool  `url:"OnlyAdminCreateDatasource,omitempty"` // only administrators may create data sources; default false
	UseComment                *bool  `url:"UseComment,omitempty"`                // new datasets use the comments of their tables; default true
}

// CreateWorkspace creates a workspace. The result is its id. The API has no
// operation that deletes it.
//
// Expect [ErrWorkspaceLimit].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createworkspace
func (c *Client) CreateWorkspace(ctx context.Context, in *CreateWorkspaceRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("CreateWorkspace"), in, opts)
}

// DeleteUserFromWorkspaceRequest are the parameters of [Client.DeleteUserFromWorkspace].
type DeleteUserFromWorkspaceRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	UserID      string `url:"UserId" quickbi:"required"`
}

// DeleteUserFromWorkspace removes a member from a workspace. The member's works
// there get another owner; which one is not documented. Adding the member again
// does not give them back.
//
// Expect [ErrUserNotInWorkspace] if the member is already gone,
// [ErrWorkspaceOwnerNotRemovable], [ErrWorkspaceNotFound], and [ErrWorkTransfer],
// after which the outcome is unknown.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteuserfromworkspace
func (c *Client) DeleteUserFromWorkspace(ctx context.Context, in *DeleteUserFromWorkspaceRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteUserFromWorkspace"), in, opts)
}

// QueryOrganizationWorkspaceListRequest are the parameters of [Client.QueryOrganizationWorkspaceList].
type QueryOrganizationWorkspaceListRequest struct {
	Keyword  string `url:"Keyword,omitempty"`                             // part of a workspace's name
	UserID   string `url:"UserId,omitempty"`                              // only the workspaces of this member
	PageNum  int    `url:"PageNum,omitempty" quickbi:"min=1,max=1000000"` // default 1
	PageSize int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"`   // default 10
}

// QueryOrganizationWorkspaceList returns a page of the workspaces of the
// organization. [Client.QueryOrganizationWorkspaceListAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryorganizationworkspacelist
func (c *Client) QueryOrganizationWorkspaceList(ctx context.Context, in *QueryOrganizationWorkspaceListRequest, opts ...CallOption) (*Response[Page[Workspace]], error) {
	return call[Page[Workspace]](ctx, c, read("QueryOrganizationWorkspaceList"), in, opts)
}

// QueryOrganizationWorkspaceListAll returns the workspaces of all pages of
// [Client.QueryOrganizationWorkspaceList], 1000 a page by default.
func (c *Client) QueryOrganizationWorkspaceListAll(ctx context.Context, in *QueryOrganizationWorkspaceListRequest, opts ...CallOption) iter.Seq2[Workspace, error] {
	return all[Workspace](ctx, c, in, c.QueryOrganizationWorkspaceList, opts)
}

// QueryUserRoleInfoInWorkspaceRequest are the parameters of [Client.QueryUserRoleInfoInWorkspace].
type QueryUserRoleInfoInWorkspaceRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	UserID      string `url:"UserId" quickbi:"required"`
}

// QueryUserRoleInfoInWorkspace returns the predefined role of a member in a
// workspace. [Client.ListWorkspaceUserRolesByUserId] returns custom roles, too.
//
// Expect [ErrPresetWorkspaceRoleNotFound] for a member without a predefined role,
// [ErrUserNotInWorkspace] and [ErrWorkspaceNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryuserroleinfoinworkspace
func (c *Client) QueryUserRoleInfoInWorkspace(ctx context.Context, in *QueryUserRoleInfoInWorkspaceRequest, opts ...CallOption) (*Response[WorkspaceRole], error) {
	return call[WorkspaceRole](ctx, c, read("QueryUserRoleInfoInWorkspace"), in, opts)
}

// QueryWorkspaceUserListRequest are the parameters of [Client.QueryWorkspaceUserList].
type QueryWorkspaceUserListRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	Keyword     string `url:"Keyword,omitempty"`                             // part of an account name
	PageNum     int    `url:"PageNum,omitempty" quickbi:"min=1,max=1000000"` // default 1
	PageSize    int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"`   // default 10
}

// QueryWorkspaceUserList returns a page of the members of a workspace.
// [Client.QueryWorkspaceUserListAll] walks through all pages.
//
// Expect [ErrWorkspaceNotFound] and [ErrWorkspaceNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworkspaceuserlist
func (c *Client) QueryWorkspaceUserList(ctx context.Context, in *QueryWorkspaceUserListRequest, opts ...CallOption) (*Response[Page[WorkspaceUser]], error) {
	return call[Page[WorkspaceUser]](ctx, c, read("QueryWorkspaceUserList"), in, opts)
}

// QueryWorkspaceUserListAll returns the members of all pages of
// [Client.QueryWorkspaceUserList], 1000 a page by default. To
// remove them from the workspace, [Collect] them first: each one that leaves the
// list moves those behind it.
func (c *Client) QueryWorkspaceUserListAll(ctx context.Context, in *QueryWorkspaceUserListRequest, opts ...CallOption) iter.Seq2[WorkspaceUser, error] {
	return all[WorkspaceUser](ctx, c, in, c.QueryWorkspaceUserList, opts)
}

// UpdateWorkspaceUserRoleRequest are the parameters of [Client.UpdateWorkspaceUserRole].
type UpdateWorkspaceUserRoleRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	UserID      string `url:"UserId" quickbi:"required"`
	// RoleIDs are the new roles of the member, predefined or custom. Required.
	RoleIDs []int64 `url:"RoleIds,comma,omitempty"`
	// Deprecated: give RoleIDs. With RoleIDs, this is ignored.
	RoleID int64 `url:"RoleId,omitempty" quickbi:"min=25,max=30"`
}

func (r *UpdateWorkspaceUserRoleRequest) check(problem func(parameter, text string)) {
	if len(r.RoleIDs) == 0 && r.RoleID == 0 {
		problem("RoleIds", "is required")
	}
}

// UpdateWorkspaceUserRole replaces the roles of a member of a workspace. Present
// roles that the request does not name are lost.
//
// Expect [ErrUserNotInWorkspace], [ErrInvalidRoleID],
// [ErrWorkspaceOwnerNeedsAdminRole], and [ErrAnalystCannotBeAdminOrDeveloper] or
// [ErrViewerCannotHaveCustomRole] for a role that the user type does not allow.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateworkspaceuserrole
func (c *Client) UpdateWorkspaceUserRole(ctx context.Context, in *UpdateWorkspaceUserRoleRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateWorkspaceUserRole"), in, opts)
}

// UpdateWorkspaceUsersRoleRequest are the parameters of [Client.UpdateWorkspaceUsersRole].
type UpdateWorkspaceUsersRoleRequest struct {
	WorkspaceID string   `url:"WorkspaceId" quickbi:"required"`
	UserIDs     []string `url:"UserIds,comma" quickbi:"required"`
	RoleID      int64    `url:"RoleId" quickbi:"required,min=25,max=30,oneof=25 26 27 30"` // a predefined one, such as WorkspaceRoleAnalyst
}

func (in *UpdateWorkspaceUsersRoleRequest) failed(r *WorkspaceUsersResult) ([]FailedEntry, bool) {
	return r.failed(in.UserIDs)
}

// UpdateWorkspaceUsersRole gives several members of a workspace the same role. It
// replaces their present roles. If it fails for some or all of them, it returns a
// [*PartialError] together with the result.
//
// Expect [ErrWorkspaceNotFound], [ErrWorkspaceNotInOrganization],
// [ErrInvalidRoleID] and [ErrWorkspaceOwnerNeedsAdminRole].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateworkspaceusersrole
func (c *Client) UpdateWorkspaceUsersRole(ctx context.Context, in *UpdateWorkspaceUsersRoleRequest, opts ...CallOption) (*Response[WorkspaceUsersResult], error) {
	return call[WorkspaceUsersResult](ctx, c, write("UpdateWorkspaceUsersRole"), in, opts)
}
