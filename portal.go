package quickbi

import "context"

// PortalMenuType is the kind of content of a portal menu.
type PortalMenuType int

// The kinds of menus.
const (
	PortalMenuDashboard   PortalMenuType = 0
	PortalMenuLink        PortalMenuType = 1 // a page outside Quick BI
	PortalMenuSpreadsheet PortalMenuType = 2
	PortalMenuFolder      PortalMenuType = 4 // holds other menus; rights on it cannot be granted
	PortalMenuDataForm    PortalMenuType = 5
	PortalMenuSelfService PortalMenuType = 6 // self-service data retrieval
)

// PortalMenu is a menu of a portal, with the menus below it.
type PortalMenu struct {
	MenuID             string         `json:"menuId"`
	MenuName           string         `json:"menuName"`
	MenuType           PortalMenuType `json:"menuType"`
	URI                string         `json:"uri,omitempty"`      // id of the work, or address of the page
	ShowOnlyWithAccess bool           `json:"showOnlyWithAccess"` // hidden from users without rights on it
	// DependentPermission says whether there is a permission for the work that the
	// menu shows. Whose permission is not documented.
	DependentPermission bool         `json:"dependentPermisson"`
	Children            []PortalMenu `json:"children,omitempty"`
}

// PortalMenus are the top menus of a portal. On the wire they are a JSON
// document in a string.
type PortalMenus []PortalMenu

// UnmarshalJSON reads the document, in a string or not.
func (m *PortalMenus) UnmarshalJSON(text []byte) error {
	return decodeQuoted(text, (*[]PortalMenu)(m))
}

// PortalMenuAuthorization says who has rights on a menu that is not a folder.
type PortalMenuAuthorization struct {
	MenuID             string               `json:"MenuId"`
	ShowOnlyWithAccess bool                 `json:"ShowOnlyWithAccess"` // hidden from users without rights on it
	Receivers          []PortalMenuReceiver `json:"Receivers"`
}

// PortalMenuReceiver has rights on menus of a portal.
type PortalMenuReceiver struct {
	ReceiverID   string          `json:"ReceiverId"` // UserID, UserGroupID, or id of the organization or workspace
	ReceiverType ShareTargetType `json:"ReceiverType"`
	AuthPoints   AuthPoints      `json:"AuthPointsValue"`
}

// AuthorizeMenuRequest are the parameters of [Client.AuthorizeMenu]. UserIDs and
// UserGroupIDs must not both be empty.
type AuthorizeMenuRequest struct {
	DataPortalID string     `url:"DataPortalId" quickbi:"required"`
	MenuIDs      []string   `url:"MenuIds,comma" quickbi:"required,max=100"`       // 100 at most, no folders
	UserIDs      []string   `url:"UserIds,comma,omitempty" quickbi:"max=200"`      // 200 at most
	UserGroupIDs []string   `url:"UserGroupIds,comma,omitempty" quickbi:"max=200"` // 200 at most
	AuthPoints   AuthPoints `url:"AuthPointsValue,omitempty" quickbi:"oneof=1 3"`  // View or Export; default Export
}

func (in *AuthorizeMenuRequest) failed(n *int) ([]FailedEntry, bool) { return fewer(*n, in.MenuIDs) }

func (r *AuthorizeMenuRequest) check(problem func(parameter, text string)) {
	checkMenuReceivers(r.UserIDs, r.UserGroupIDs, problem)
}

// checkMenuReceivers reports a request with neither users nor groups.
func checkMenuReceivers(users, groups []string, problem func(parameter, text string)) {
	if len(users) == 0 && len(groups) == 0 {
		problem("UserIds", "is required unless UserGroupIds is given")
	}
}

// AuthorizeMenu grants all users and user groups of the request rights on all its
// menus. It skips rights that exist. The result is the number of authorized menus.
// If it is smaller than the number of menus given, it comes with a [*PartialError].
// Whether menus with all of the rights before count is not documented.
//
// Expect [ErrMenuOfOtherPortal], [ErrFolderMenuNotAuthorizable],
// [ErrReportNotFound] for an unknown portal, [ErrUserOfOtherOrganization] and
// [ErrUserGroupOfOtherOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-authorizemenu
func (c *Client) AuthorizeMenu(ctx context.Context, in *AuthorizeMenuRequest, opts ...CallOption) (*Response[int], error) {
	return call[int](ctx, c, write("AuthorizeMenu"), in, opts)
}

// CancelAuthorizationMenuRequest are the parameters of
// [Client.CancelAuthorizationMenu]. UserIDs and UserGroupIDs must not both be empty.
type CancelAuthorizationMenuRequest struct {
	DataPortalID string   `url:"DataPortalId" quickbi:"required"`
	MenuIDs      []string `url:"MenuIds,comma" quickbi:"required,max=100"`       // 100 at most, no folders
	UserIDs      []string `url:"UserIds,comma,omitempty" quickbi:"max=200"`      // 200 at most
	UserGroupIDs []string `url:"UserGroupIds,comma,omitempty" quickbi:"max=200"` // 200 at most
}

func (in *CancelAuthorizationMenuRequest) failed(n *int) ([]FailedEntry, bool) {
	return fewer(*n, in.MenuIDs)
}

func (r *CancelAuthorizationMenuRequest) check(problem func(parameter, text string)) {
	checkMenuReceivers(r.UserIDs, r.UserGroupIDs, problem)
}

// CancelAuthorizationMenu revokes the rights of all users and user groups of the
// request on all its menus. The result is the number of menus with rights revoked.
// If it is smaller than the number of menus given, it comes with a [*PartialError].
// Whether menus without any of the rights before count is not documented.
//
// Expect [ErrMenuOfOtherPortal], [ErrFolderMenuNotAuthorizable],
// [ErrReportNotFound] for an unknown portal, [ErrUserOfOtherOrganization] and
// [ErrUserGroupOfOtherOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-cancelauthorizationmenu
func (c *Client) CancelAuthorizationMenu(ctx context.Context, in *CancelAuthorizationMenuRequest, opts ...CallOption) (*Response[int], error) {
	return call[int](ctx, c, write("CancelAuthorizationMenu"), in, opts)
}

// ChangeVisibilityModelRequest are the parameters of [Client.ChangeVisibilityModel].
type ChangeVisibilityModelRequest struct {
	DataPortalID string   `url:"DataPortalId" quickbi:"required"`
	MenuIDs      []string `url:"MenuIds,comma" quickbi:"required,max=100"` // 100 at most, no folders
	// ShowOnlyWithAccess hides the menus from users without rights on them;
	// new(false) shows them to everybody.
	ShowOnlyWithAccess *bool `url:"ShowOnlyWithAccess" quickbi:"required"`
}

func (in *ChangeVisibilityModelRequest) failed(n *int) ([]FailedEntry, bool) {
	return fewer(*n, in.MenuIDs)
}

// ChangeVisibilityModel hides menus of a portal from users without rights on
// them, or shows them to everybody. The result is the number of menus changed. If it
// is smaller than the number of menus given, it comes with a [*PartialError].
// Whether menus that do not change count is not documented.
//
// Expect [ErrMenuOfOtherPortal], [ErrFolderMenuNotAuthorizable] and
// [ErrReportNotFound] for an unknown portal.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-changevisibilitymodel
func (c *Client) ChangeVisibilityModel(ctx context.Context, in *ChangeVisibilityModelRequest, opts ...CallOption) (*Response[int], error) {
	return call[int](ctx, c, write("ChangeVisibilityModel"), in, opts)
}

// ListPortalMenuAuthorizationRequest are the parameters of [Client.ListPortalMenuAuthorization].
type ListPortalMenuAuthorizationRequest struct {
	DataPortalID string `url:"DataPortalId" quickbi:"required"`
}

// ListPortalMenuAuthorization returns who has rights on the menus of a portal.
//
// Expect [ErrWorkspaceNotInOrganization] for a portal of another organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listportalmenuauthorization
func (c *Client) ListPortalMenuAuthorization(ctx context.Context, in *ListPortalMenuAuthorizationRequest, opts ...CallOption) (*Response[[]PortalMenuAuthorization], error) {
	return call[[]PortalMenuAuthorization](ctx, c, read("ListPortalMenuAuthorization"), in, opts)
}

// ListPortalMenusRequest are the parameters of [Client.ListPortalMenus].
type ListPortalMenusRequest struct {
	DataPortalID string `url:"DataPortalId" quickbi:"required"`
	UserID       string `url:"UserId,omitempty"` // only menus that this user has rights on; left out, all
}

// ListPortalMenus returns the menus of a portal as a tree.
//
// Expect [ErrUserNotInOrganization] for an unknown UserID.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listportalmenus
func (c *Client) ListPortalMenus(ctx context.Context, in *ListPortalMenusRequest, opts ...CallOption) (*Response[Document[PortalMenus]], error) {
	return call[Document[PortalMenus]](ctx, c, read("ListPortalMenus"), in, opts)
}

// ListWhitePortalMenuRequest are the parameters of [Client.ListWhitePortalMenu].
type ListWhitePortalMenuRequest struct {
	DataPortalID string `url:"DataportalId" quickbi:"required"`
}

// ListWhitePortalMenu returns the white list for the menus of a portal. In it,
// ShareTargetWorkspace stands for the organization, too.
//
// Expect [ErrNoPermissionOnObject], [ErrInvalidWorkspace] and [ErrWorkspaceNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listwhiteportalmenu
func (c *Client) ListWhitePortalMenu(ctx context.Context, in *ListWhitePortalMenuRequest, opts ...CallOption) (*Response[[]PortalMenuReceiver], error) {
	return call[[]PortalMenuReceiver](ctx, c, read("ListWhitePortalMenu"), in, opts)
}
