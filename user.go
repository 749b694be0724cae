package quickbi

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
)

// UserType is the kind of licence a member of the organization has.
type UserType int

// The user types.
const (
	UserTypeDeveloper UserType = 1
	UserTypeViewer    UserType = 2
	UserTypeAnalyst   UserType = 3
)

// CopilotModule is a module of Smart Q that a member may use.
type CopilotModule string

// The modules of Smart Q.
const (
	CopilotModuleReport  CopilotModule = "qreport"      // writes reports
	CopilotModuleExplore CopilotModule = "qExploreNum"  // explores data
	CopilotModuleAsk     CopilotModule = "smartQAskNum" // answers questions
	CopilotModuleBuild   CopilotModule = "smartQDevNum" // helps to build dashboards
)

// CopilotSwitches says which modules of Smart Q to switch on (true) and off (false).
type CopilotSwitches map[CopilotModule]bool

// EncodeValues writes the switches as the JSON document that the service takes.
func (s CopilotSwitches) EncodeValues(key string, v *url.Values) error {
	type setting struct {
		ModuleType CopilotModule `json:"moduleType"`
		Status     int           `json:"status"`
	}
	settings := make([]setting, 0, len(s))
	for _, module := range slices.Sorted(maps.Keys(s)) {
		status := 0
		if s[module] {
			status = 1
		}
		settings = append(settings, setting{module, status})
	}
	return encodeJSON(key, settings, v)
}

// FeishuUsers are accounts of Feishu (Lark): names by the user ids of Feishu.
type FeishuUsers map[string]string

// EncodeValues writes the users as the JSON document that the service takes.
func (u FeishuUsers) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, map[string]string(u), v)
}

// FeishuUsersResult says how many users [Client.BatchAddFeishuUsers] added, and what became of the others.
type FeishuUsersResult struct {
	OKCount     int                 `json:"OkCount"`
	FailCount   int                 `json:"FailCount"`
	FailResults []FeishuUserFailure `json:"FailResults"`
}

// FeishuUserFailure is why a Feishu user was not added.
type FeishuUserFailure struct {
	FailInfos []FeishuUserFailInfo `json:"FailInfos"`
}

// FeishuUserFailInfo is one reason of a [FeishuUserFailure].
type FeishuUserFailInfo struct {
	Code     ErrorCode `json:"Code"` // such as "ACCOUNT_EXIST"
	CodeDesc string    `json:"CodeDesc"`
	Input    string    `json:"Input"` // what was wrong
}

// failed returns every reason that the service gives. Failures that it counts
// and does not explain are one more entry.
func (in *BatchAddFeishuUsersRequest) failed(r *FeishuUsersResult) (entries []FailedEntry, some bool) {
	for _, user := range r.FailResults {
		for _, info := range user.FailInfos {
			entries = append(entries, FailedEntry{ID: info.Input, Code: info.Code, Message: info.CodeDesc})
		}
	}
	failures := max(r.FailCount, len(r.FailResults), len(in.FeishuUsers)-r.OKCount)
	switch {
	case failures == 0:
		return nil, true // what the documented answer shows then is a placeholder
	case len(entries) == 0:
		entries = append(entries, unnamed(failures))
	}
	return entries, r.OKCount > 0
}

// MobileType is a platform whose accounts can be bound to members.
type MobileType string

// The platforms.
const (
	MobileTypeDingTalk MobileType = "ding"
	MobileTypeWeCom    MobileType = "corp_weixin"
	MobileTypeFeishu   MobileType = "feishu" // Lark
)

// MobileAccount is a member's account on another platform.
type MobileAccount struct {
	UserID      string `json:"BoundUserId"`      // the member's id in Quick BI
	AccountName string `json:"ThirdAccountName"` // on the other platform
}

// The organization roles that every organization has.
const (
	OrganizationRoleAdmin           int64 = 111111111
	OrganizationRolePermissionAdmin int64 = 111111112
	OrganizationRoleUser            int64 = 111111113
)

// User is a member of the organization.
type User struct {
	UserID         string          `json:"UserId"`      // Quick BI's own id, not the UID of the cloud account
	AccountID      string          `json:"AccountId"`   // UID of the cloud account; known after the first login at the latest
	AccountName    string          `json:"AccountName"` // name of the cloud account; of a RAM user without its "@" and domain
	NickName       string          `json:"NickName"`
	Email          string          `json:"Email"` // this and Phone: only where one member is asked for
	Phone          string          `json:"Phone"`
	UserType       UserType        `json:"UserType"`
	RoleIDs        []int64         `json:"RoleIdList"`     // organization roles
	CopilotModules []CopilotModule `json:"CopilotModules"` // modules of Smart Q that the member may use
	JoinedDate     UnixMilli       `json:"JoinedDate"`
	LastLoginTime  UnixMilli       `json:"LastLoginTime"` // zero: never
	// IsDeleted says that the member is deactivated: it keeps its works but cannot
	// log in. It is not known where the service does not tell: versions before October
	// 2026 do not for a single member.
	IsDeleted OptionalBool `json:"IsDeleted,omitzero"`

	// Deprecated: see RoleIDs, which holds OrganizationRoleAdmin.
	AdminUser bool `json:"AdminUser"`
	// Deprecated: see RoleIDs, which holds OrganizationRolePermissionAdmin.
	AuthAdminUser bool `json:"AuthAdminUser"`
}

// AddUserRequest are the parameters of [Client.AddUser].
type AddUserRequest struct {
	// AccountID is the UID of the cloud account. The service announced to
	// require it in releases after 2024.
	AccountID string `url:"AccountId,omitempty"`
	// AccountName is the name of the cloud account, "main:sub" for a RAM user; 50 characters at most.
	//
	// Deprecated: give AccountID.
	AccountName string `url:"AccountName,omitempty" quickbi:"max=50"`
	// NickName is how Quick BI shows the member: 50 characters at most, of Chinese
	// characters, letters, digits and _ \ / | ( ) [ ].
	NickName string   `url:"NickName" quickbi:"required,max=50"`
	UserType UserType `url:"UserType" quickbi:"required,min=1,max=10,oneof=1 2 3"`
	// RoleIDs are up to three organization roles; left out, the member is a regular user.
	RoleIDs        []int64         `url:"RoleIds,comma,omitempty" quickbi:"body,max=3"`
	CopilotModules []CopilotModule `url:"CopilotModules,comma,omitempty" quickbi:"oneof=qreport qExploreNum smartQAskNum smartQDevNum"`

	// Deprecated: put OrganizationRoleAdmin into RoleIDs, beside which this is ignored.
	AdminUser *bool `url:"AdminUser,omitempty"`
	// Deprecated: put OrganizationRolePermissionAdmin into RoleIDs, beside which this is ignored.
	AuthAdminUser *bool `url:"AuthAdminUser,omitempty"`
}

func (in *AddUserRequest) check(problem func(parameter, text string)) {
	if in.AccountID == "" && in.AccountName == "" {
		problem("AccountId", "is required unless AccountName is given")
	}
}

// AddUser makes a cloud account a member of the organization. The result is the
// new member, with the UserID that the other operations ask for.
//
// Expect [ErrUserAlreadyInOrganization], [ErrNicknameTaken] and, when licences
// have run out, errors of class [ErrQuota].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-adduser
func (c *Client) AddUser(ctx context.Context, in *AddUserRequest, opts ...CallOption) (*Response[User], error) {
	return call[User](ctx, c, write("AddUser"), in, opts)
}

// BatchAddFeishuUsersRequest are the parameters of [Client.BatchAddFeishuUsers].
type BatchAddFeishuUsersRequest struct {
	FeishuUsers  FeishuUsers `url:"FeishuUsers,omitempty"`
	UserType     UserType    `url:"UserType,omitempty" quickbi:"oneof=1 2 3"`
	UserGroupIDs []string    `url:"UserGroupIds,comma,omitempty"` // groups that all of them join
	IsAdmin      bool        `url:"IsAdmin,omitempty"`            // makes them administrators of the organization
	IsAuthAdmin  bool        `url:"IsAuthAdmin,omitempty"`        // makes them permission administrators
}

func (in *BatchAddFeishuUsersRequest) check(problem func(parameter, text string)) {
	if len(in.FeishuUsers) == 0 {
		problem("FeishuUsers", "is empty: nobody is added")
	}
}

// BatchAddFeishuUsers makes accounts of Feishu members of the organization. If some
// or all could not be added, it returns a [*PartialError] together with the result.
//
// Expect [ErrFeishuNotConfigured], [ErrFeishuContactSyncNeeded],
// [ErrFeishuUserDuplicate], [ErrFeishuUserGroupKind] and [ErrLicenseLimit].
//
// Deprecated: the service gives it up and names no successor.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-batchaddfeishuusers
func (c *Client) BatchAddFeishuUsers(ctx context.Context, in *BatchAddFeishuUsersRequest, opts ...CallOption) (*Response[FeishuUsersResult], error) {
	return call[FeishuUsersResult](ctx, c, write("BatchAddFeishuUsers"), in, opts)
}

// CheckOrganizationMemberRequest are the parameters of [Client.CheckOrganizationMember].
type CheckOrganizationMemberRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// CheckOrganizationMember reports whether a user is a member of the organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-checkorganizationmember
func (c *Client) CheckOrganizationMember(ctx context.Context, in *CheckOrganizationMemberRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, read("CheckOrganizationMember"), in, opts)
}

// DeleteUserRequest are the parameters of [Client.DeleteUser].
type DeleteUserRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
	// TransferUserID is the member who gets the works that the deleted one owns
	// in workspaces: no viewer, and with at least the same role there; one who is
	// not in a workspace yet is added to it. Left out, the owner of each
	// workspace gets them.
	TransferUserID string `url:"TransferUserId,omitempty"`
}

// DeleteUser removes a member from the organization and from all user groups.
// It cannot be undone.
//
// Expect [ErrUserNotInOrganization] for one who is gone already,
// [ErrMemberStillInWorkspace] for one who has to leave a workspace first,
// [ErrOrganizationOwnerNotRemovable] and [ErrWorkspaceOwnerNotRemovable] for owners, and
// [ErrTransferTargetNotFound] for an unknown TransferUserID.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteuser
func (c *Client) DeleteUser(ctx context.Context, in *DeleteUserRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteUser"), in, opts)
}

// QueryUserByMobileAccountRequest are the parameters of [Client.QueryUserByMobileAccount].
type QueryUserByMobileAccountRequest struct {
	MobileType MobileType `url:"MobileType" quickbi:"required,oneof=ding corp_weixin feishu"`
	// MobileUserID is the unionId of a DingTalk account, or the userId of a WeCom
	// or Feishu account; the API of that platform tells it.
	MobileUserID string `url:"MobileUserId" quickbi:"required"`
}

// QueryUserByMobileAccount finds the member to whom an account of DingTalk,
// WeCom or Feishu is bound.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryuserbymobileaccount
func (c *Client) QueryUserByMobileAccount(
	ctx context.Context, in *QueryUserByMobileAccountRequest, opts ...CallOption,
) (*Response[MobileAccount], error) {
	return call[MobileAccount](ctx, c, read("QueryUserByMobileAccount"), in, opts)
}

// QueryUserInfoByAccountRequest are the parameters of [Client.QueryUserInfoByAccount].
type QueryUserInfoByAccountRequest struct {
	// Account is the UID of the cloud account, or its name; of a RAM user the part before the "@".
	Account string `url:"Account" quickbi:"required"`
	// ParentAccountName is the main account of the RAM user, for names that
	// several main accounts have.
	ParentAccountName string `url:"ParentAccountName,omitempty"`
}

// QueryUserInfoByAccount returns the member with the cloud account named.
//
// Expect [ErrUserNotInOrganization], and [ErrAccountNameAmbiguous] when
// ParentAccountName is needed.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryuserinfobyaccount
func (c *Client) QueryUserInfoByAccount(ctx context.Context, in *QueryUserInfoByAccountRequest, opts ...CallOption) (*Response[User], error) {
	return call[User](ctx, c, read("QueryUserInfoByAccount"), in, opts)
}

// QueryUserInfoByUserIdRequest are the parameters of [Client.QueryUserInfoByUserId].
type QueryUserInfoByUserIdRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// QueryUserInfoByUserId returns a member.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryuserinfobyuserid
func (c *Client) QueryUserInfoByUserId(ctx context.Context, in *QueryUserInfoByUserIdRequest, opts ...CallOption) (*Response[User], error) {
	return call[User](ctx, c, read("QueryUserInfoByUserId"), in, opts)
}

// QueryUserListRequest are the parameters of [Client.QueryUserList].
type QueryUserListRequest struct {
	Keyword  string `url:"Keyword,omitempty"`                              // part of a user name or nickname
	PageNum  int    `url:"PageNum,omitempty" quickbi:"min=1,max=99999999"` // default 1
	PageSize int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"`    // default 10
}

// QueryUserList returns a page of the members of the organization.
// [Client.QueryUserListAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryuserlist
func (c *Client) QueryUserList(ctx context.Context, in *QueryUserListRequest, opts ...CallOption) (*Response[Page[User]], error) {
	return call[Page[User]](ctx, c, read("QueryUserList").get(), in, opts)
}

// QueryUserListAll returns the members of all pages of [Client.QueryUserList],
// 1000 a page unless in says otherwise. To delete them, [Collect] them first:
// each one that leaves the list moves those behind it.
func (c *Client) QueryUserListAll(ctx context.Context, in *QueryUserListRequest, opts ...CallOption) iter.Seq2[User, error] {
	return all[User](ctx, in, c.QueryUserList, opts)
}

// UpdateUserRequest are the parameters of [Client.UpdateUser].
type UpdateUserRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
	// NickName has 50 characters at most: Chinese characters, letters, digits and _ \ / | ( ) [ ].
	NickName string   `url:"NickName,omitempty" quickbi:"max=50"`
	UserType UserType `url:"UserType,omitempty" quickbi:"min=1,max=10,oneof=1 2 3"`
	// RoleIDs are up to three organization roles.
	RoleIDs        []int64         `url:"RoleIds,comma,omitempty" quickbi:"max=3"`
	CopilotModules CopilotSwitches `url:"CopilotModules,omitempty"`
	IsDeleted      *bool           `url:"IsDeleted,omitempty"` // true deactivates the member, false brings it back

	// Deprecated: put OrganizationRoleAdmin into RoleIDs, beside which this is ignored.
	AdminUser *bool `url:"AdminUser,omitempty"`
	// Deprecated: put OrganizationRolePermissionAdmin into RoleIDs, beside which this is ignored.
	AuthAdminUser *bool `url:"AuthAdminUser,omitempty"`
}

func (in *UpdateUserRequest) check(problem func(parameter, text string)) {
	if in.UserID != "" && in.NickName == "" && in.UserType == 0 && len(in.RoleIDs) == 0 && len(in.CopilotModules) == 0 &&
		in.IsDeleted == nil && in.AdminUser == nil && in.AuthAdminUser == nil {
		problem("NickName", "or another parameter is required: there is nothing to change")
	}
}

// UpdateUser changes what in gives of a member.
//
// Expect [ErrInvalidUserOrganization], [ErrNicknameTaken], [ErrBoundRoleNotFound],
// errors of class [ErrConflict] where a member cannot get that user type or
// lose that role, such as [ErrWorkspaceMemberCannotBecomeViewer], and of class
// [ErrQuota] when licences have run out.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateuser
func (c *Client) UpdateUser(ctx context.Context, in *UpdateUserRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateUser"), in, opts)
}
