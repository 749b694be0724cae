package quickbi

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
)

// UserType is the kind of licence that a member of the organization has.
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

func (CopilotModule) documented() []string {
	return []string{string(CopilotModuleReport), string(CopilotModuleExplore), string(CopilotModuleAsk), string(CopilotModuleBuild)}
}

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

// FeishuUsersResult counts the users that [Client.BatchAddFeishuUsers] added, and
// says why others were not added.
type FeishuUsersResult struct {
	OKCount     int                 `json:"OkCount"`   // added
	FailCount   int                 `json:"FailCount"` // refused
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

// failed returns every reason that the service gives. One more entry stands for
// the failures that it only counts.
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
	UserID string `json:"UserId"` // Quick BI's own id, not the UID of the cloud account
	// AccountID is the UID of the cloud account. For some members it is known only
	// after their first login. Not filled by AddUser.
	AccountID   string `json:"AccountId"`
	AccountName string `json:"AccountName"` // of the cloud account; of a RAM user without "@" and domain
	NickName    string `json:"NickName"`
	// Email is the mail address. Filled by QueryUserInfoByAccount and QueryUserInfoByUserId only.
	Email string `json:"Email"`
	// Phone is the phone number. Filled by QueryUserInfoByAccount and QueryUserInfoByUserId only.
	Phone          string          `json:"Phone"`
	UserType       UserType        `json:"UserType"`
	RoleIDs        []int64         `json:"RoleIdList"`     // organization roles
	CopilotModules []CopilotModule `json:"CopilotModules"` // modules of Smart Q that the member may use
	JoinedDate     UnixMilli       `json:"JoinedDate"`     // Filled by QueryUserList only.
	// LastLoginTime is zero for a member who has never logged in. Filled by QueryUserList only.
	LastLoginTime UnixMilli `json:"LastLoginTime"`
	// IsDeleted says whether the member is deactivated. It is not known where the
	// service does not tell: for a single member, it does since October 2026.
	// Not filled by AddUser.
	IsDeleted OptionalBool `json:"IsDeleted,omitzero"`

	// Deprecated: look for OrganizationRoleAdmin in RoleIDs.
	AdminUser bool `json:"AdminUser"`
	// Deprecated: look for OrganizationRolePermissionAdmin in RoleIDs.
	AuthAdminUser bool `json:"AuthAdminUser"`
}

// AddUserRequest are the parameters of [Client.AddUser].
type AddUserRequest struct {
	// AccountID is the UID of the cloud account. Releases of Quick BI after 2024
	// are documented to require it.
	AccountID string `url:"AccountId,omitempty"`
	// AccountName is the name of the cloud account, "main:sub" for a RAM user; 50 characters at most.
	//
	// Deprecated: give AccountID.
	AccountName string `url:"AccountName,omitempty" quickbi:"max=50"`
	// NickName is the name that Quick BI shows: 50 characters at most, of Chinese
	// characters, letters, digits and _ \ / | ( ) [ ].
	NickName string   `url:"NickName" quickbi:"required,max=50"`
	UserType UserType `url:"UserType" quickbi:"required,min=1,max=10,oneof=1 2 3"`
	// RoleIDs are up to three organization roles, predefined or the organization's
	// own. The role of a member without any is not documented.
	RoleIDs []int64 `url:"RoleIds,comma,omitempty" quickbi:"body,max=3"`
	// CopilotModules are the modules of Smart Q that the member may use.
	CopilotModules []CopilotModule `url:"CopilotModules,comma,omitempty" quickbi:"oneof=qreport qExploreNum smartQAskNum smartQDevNum"`
	// Deprecated: put OrganizationRoleAdmin into RoleIDs. With RoleIDs, this is ignored.
	AdminUser *bool `url:"AdminUser,omitempty"`
	// Deprecated: put OrganizationRolePermissionAdmin into RoleIDs. With RoleIDs, this is ignored.
	AuthAdminUser *bool `url:"AuthAdminUser,omitempty"`
}

func (in *AddUserRequest) check(problem func(parameter, text string)) {
	if in.AccountID == "" && in.AccountName == "" {
		problem("AccountId", "is required unless AccountName is given")
	}
}

// AddUser makes a cloud account a member of the organization. The result is the
// new member, with the UserID that other operations need.
//
// Expect [ErrUserAlreadyInOrganization], [ErrNicknameTaken] and, if no licences
// are left, errors of class [ErrQuota].
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
	IsAdmin      bool        `url:"IsAdmin,omitempty"`            // makes all of them administrators of the organization
	IsAuthAdmin  bool        `url:"IsAuthAdmin,omitempty"`        // makes all of them permission administrators
}

func (in *BatchAddFeishuUsersRequest) check(problem func(parameter, text string)) {
	if len(in.FeishuUsers) == 0 {
		problem("FeishuUsers", "is empty: nobody is added")
	}
}

// BatchAddFeishuUsers makes Feishu accounts members of the organization. If some
// or all of them are not added, it returns a [*PartialError] together with the
// result.
//
// Expect [ErrFeishuNotConfigured], [ErrFeishuContactSyncNeeded],
// [ErrFeishuUserDuplicate], [ErrFeishuUserGroupKind] and [ErrLicenseLimit].
//
// Deprecated: the service has deprecated it and names no successor.
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
	// TransferUserID is the member who receives the works that the deleted member
	// owns in workspaces. That member must not be a viewer and needs at least the
	// same role in each workspace, and is added to workspaces where it is missing.
	// Left out, the owner of each workspace receives them.
	TransferUserID string `url:"TransferUserId,omitempty"`
}

// DeleteUser removes a member from the organization. It cannot be undone. What
// becomes of the member's user groups, shares and rules is not documented.
//
// Expect [ErrUserNotInOrganization] if the member is already gone,
// [ErrMemberStillInWorkspace] if the member must leave a workspace first,
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
	// or Feishu account. The API of that platform returns it.
	MobileUserID string `url:"MobileUserId" quickbi:"required"`
}

// QueryUserByMobileAccount finds the member that a DingTalk, WeCom or Feishu
// account is bound to.
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
	// ParentAccountName is the main account of the RAM user. It is needed if RAM
	// users of several main accounts have the same name.
	ParentAccountName string `url:"ParentAccountName,omitempty"`
}

// QueryUserInfoByAccount finds a member by the UID or the name of its cloud account.
//
// Expect [ErrUserNotInOrganization], and [ErrAccountNameAmbiguous] if
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

// QueryUserInfoByUserId returns one member.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryuserinfobyuserid
func (c *Client) QueryUserInfoByUserId(ctx context.Context, in *QueryUserInfoByUserIdRequest, opts ...CallOption) (*Response[User], error) {
	return call[User](ctx, c, read("QueryUserInfoByUserId"), in, opts)
}

// QueryUserListRequest are the parameters of [Client.QueryUserList].
type QueryUserListRequest struct {
	Keyword  string `url:"Keyword,omitempty"`                              // part of an account name or nickname
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
// 1000 a page by default. To delete them, [Collect] them first: each one that
// leaves the list moves those behind it.
func (c *Client) QueryUserListAll(ctx context.Context, in *QueryUserListRequest, opts ...CallOption) iter.Seq2[User, error] {
	return all[User](ctx, c, in, c.QueryUserList, opts)
}

// UpdateUserRequest are the parameters of [Client.UpdateUser].
type UpdateUserRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
	// NickName has 50 characters at most: Chinese characters, letters, digits and _ \ / | ( ) [ ].
	NickName string   `url:"NickName,omitempty" quickbi:"max=50"`
	UserType UserType `url:"UserType,omitempty" quickbi:"min=1,max=10,oneof=1 2 3"`
	// RoleIDs are up to three organization roles, predefined or the organization's
	// own. Whether they replace the present ones is not documented.
	RoleIDs        []int64         `url:"RoleIds,comma,omitempty" quickbi:"max=3"`
	CopilotModules CopilotSwitches `url:"CopilotModules,omitempty"` // those to switch on or off
	IsDeleted      *bool           `url:"IsDeleted,omitempty"`      // true deactivates the member, false activates it again

	// Deprecated: put OrganizationRoleAdmin into RoleIDs. With RoleIDs, this is ignored.
	AdminUser *bool `url:"AdminUser,omitempty"`
	// Deprecated: put OrganizationRolePermissionAdmin into RoleIDs. With RoleIDs, this is ignored.
	AuthAdminUser *bool `url:"AuthAdminUser,omitempty"`
}

func (in *UpdateUserRequest) check(problem func(parameter, text string)) {
	if in.UserID != "" && in.NickName == "" && in.UserType == 0 && len(in.RoleIDs) == 0 && len(in.CopilotModules) == 0 &&
		in.IsDeleted == nil && in.AdminUser == nil && in.AuthAdminUser == nil {
		problem("NickName", "or another parameter is required: there is nothing to change")
	}
}

// UpdateUser changes a member. Fields of the request that are left out stay as
// they are; at least one is required.
//
// Expect [ErrInvalidUserOrganization], [ErrNicknameTaken], [ErrBoundRoleNotFound],
// errors of class [ErrConflict] if the member cannot get that user type or lose
// that role, such as [ErrWorkspaceMemberCannotBecomeViewer], and of class
// [ErrQuota] if no licences are left.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateuser
func (c *Client) UpdateUser(ctx context.Context, in *UpdateUserRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateUser"), in, opts)
}
