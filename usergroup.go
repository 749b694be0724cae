package quickbi

import "context"

// RootUserGroupID stands for the root of the tree where a parent group is required.
const RootUserGroupID = "-1"

// UserGroup is a node in the tree of user groups.
type UserGroup struct {
	UserGroupID       string `json:"UsergroupId"`
	UserGroupName     string `json:"UsergroupName"`
	Description       string `json:"UsergroupDesc"`
	ParentUserGroupID string `json:"ParentUsergroupId"`
	// IdentifiedPath holds the ids from the top of the tree down to the group, joined
	// by "/". The first is documented, by an example, to be that of the organization.
	IdentifiedPath string   `json:"IdentifiedPath"`
	CreatorID      string   `json:"CreateUser"` // UserID
	CreatedTime    TimeText `json:"CreateTime"` // such as "2021-03-15 17:13:55"
	ModifierID     string   `json:"ModifyUser"` // UserID
	ModifiedTime   TimeText `json:"ModifiedTime"`
}

// ChildUserGroup is a [UserGroup] with other wire names. UserGroup(child) converts it.
type ChildUserGroup struct {
	UserGroupID       string   `json:"UserGroupId"`
	UserGroupName     string   `json:"UserGroupName"`
	Description       string   `json:"UserGroupDescription"`
	ParentUserGroupID string   `json:"ParentUserGroupId"`
	IdentifiedPath    string   `json:"IdentifiedPath"`
	CreatorID         string   `json:"CreateUser"`
	CreatedTime       TimeText `json:"CreateTime"`
	ModifierID        string   `json:"ModifyUser"`
	ModifiedTime      TimeText `json:"ModifiedTime"`
}

// UserGroupLookup is the result of [Client.ListByUserGroupId].
type UserGroupLookup struct {
	UserGroups         []UserGroup `json:"UserGroupModels"`
	FailedUserGroupIDs []string    `json:"FailedUserGroupIds"` // ids without an entry in UserGroups
}

// UserGroupMember is what a user group holds: a member of the organization, or another group.
type UserGroupMember struct {
	ID                  string `json:"Id"`   // UserID or UserGroupID
	Name                string `json:"Name"` // of a member, the account name or nickname
	IsUserGroup         bool   `json:"IsUserGroup"`
	ParentUserGroupID   string `json:"ParentUserGroupId"`
	ParentUserGroupName string `json:"ParentUserGroupName"`
}

// AddUserGroupMemberRequest are the parameters of [Client.AddUserGroupMember].
type AddUserGroupMemberRequest struct {
	UserGroupID string   `url:"UserGroupId" quickbi:"required"`
	UserIDs     []string `url:"UserIdList,comma" quickbi:"required,max=1000"` // 1000 at most
}

// AddUserGroupMember adds up to 1000 members of the organization to one user
// group; [InChunks] splits longer lists. [Client.AddUserGroupMembers] adds one
// member to several groups.
//
// Expect [ErrUserGroupNotFound], [ErrGroupUserNotFound] for a user who is not a member of
// the organization, and [ErrUserGroupSynchronized] if groups are synchronized from another
// directory.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addusergroupmember
func (c *Client) AddUserGroupMember(ctx context.Context, in *AddUserGroupMemberRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AddUserGroupMember"), in, opts)
}

// AddUserGroupMembersRequest are the parameters of [Client.AddUserGroupMembers].
type AddUserGroupMembersRequest struct {
	UserID       string   `url:"UserId" quickbi:"required"`
	UserGroupIDs []string `url:"UserGroupIds,comma" quickbi:"required"`
}

// AddUserGroupMembers adds one member of the organization to several user groups.
// [Client.AddUserGroupMember] adds several members to one group.
//
// Expect [ErrUserGroupNotFound], [ErrGroupUserNotFound] for a user who is not a member of
// the organization, and [ErrUserGroupSynchronized] if groups are synchronized from another
// directory.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addusergroupmembers
func (c *Client) AddUserGroupMembers(ctx context.Context, in *AddUserGroupMembersRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AddUserGroupMembers"), in, opts)
}

// CreateUserGroupRequest are the parameters of [Client.CreateUserGroup].
type CreateUserGroupRequest struct {
	ParentUserGroupID string `url:"ParentUserGroupId" quickbi:"required"` // or RootUserGroupID
	// UserGroupName has 255 characters at most: Chinese characters, letters, digits and _ \ / | ( ) [ ].
	UserGroupName string `url:"UserGroupName" quickbi:"required,max=255"`
	Description   string `url:"UserGroupDescription,omitempty" quickbi:"max=255"` // 255 of the same characters at most
	// UserGroupID is an id of your own: unique in the organization, 64 characters at
	// most, not RootUserGroupID. Left out, the service makes one.
	UserGroupID string `url:"UserGroupId,omitempty" quickbi:"max=64"`
}

func (in *CreateUserGroupRequest) check(problem func(parameter, text string)) {
	if in.UserGroupID == RootUserGroupID {
		problem("UserGroupId", "is "+RootUserGroupID+", which stands for the root")
	}
}

// CreateUserGroup creates a user group below another. The result is its id. The tree
// has ten layers at most. An empty id is documented to mean that the group was not
// created; it is [ErrOutcomeUnknown], because an id that got lost looks the same.
//
// Expect [ErrDuplicateUserGroupID], [ErrDuplicateUserGroupName],
// [ErrParentUserGroupNotFound], [ErrUserGroupTooDeep] and
// [ErrUserGroupSynchronized].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createusergroup
func (c *Client) CreateUserGroup(ctx context.Context, in *CreateUserGroupRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("CreateUserGroup"), in, opts)
}

// DeleteUserGroupRequest are the parameters of [Client.DeleteUserGroup].
type DeleteUserGroupRequest struct {
	UserGroupID string `url:"UserGroupId" quickbi:"required"`
}

// DeleteUserGroup deletes a user group without groups below it. It cannot be undone.
//
// Expect [ErrUserGroupNotFound] if the group is already gone,
// [ErrUserGroupHasChildren] and [ErrRootUserGroupNotRemovable].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteusergroup
func (c *Client) DeleteUserGroup(ctx context.Context, in *DeleteUserGroupRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteUserGroup"), in, opts)
}

// DeleteUserGroupMemberRequest are the parameters of [Client.DeleteUserGroupMember].
type DeleteUserGroupMemberRequest struct {
	UserGroupID string `url:"UserGroupId" quickbi:"required"`
	UserID      string `url:"UserId" quickbi:"required"`
}

// DeleteUserGroupMember removes one member from one user group.
//
// Expect [ErrUserGroupNotFound] and [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteusergroupmember
func (c *Client) DeleteUserGroupMember(ctx context.Context, in *DeleteUserGroupMemberRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteUserGroupMember"), in, opts)
}

// DeleteUserGroupMembersRequest are the parameters of [Client.DeleteUserGroupMembers].
type DeleteUserGroupMembersRequest struct {
	UserID       string   `url:"UserId" quickbi:"required"`
	UserGroupIDs []string `url:"UserGroupIds,comma" quickbi:"required"`
}

// DeleteUserGroupMembers removes one member from several user groups.
//
// Expect [ErrUserGroupOfOtherOrganization] for an unknown group and
// [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteusergroupmembers
func (c *Client) DeleteUserGroupMembers(ctx context.Context, in *DeleteUserGroupMembersRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteUserGroupMembers"), in, opts)
}

// GetUserGroupInfoRequest are the parameters of [Client.GetUserGroupInfo].
type GetUserGroupInfoRequest struct {
	Keyword string `url:"Keyword" quickbi:"required"` // part of a group's name
}

// GetUserGroupInfo finds user groups by a keyword in their names.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-getusergroupinfo
func (c *Client) GetUserGroupInfo(ctx context.Context, in *GetUserGroupInfoRequest, opts ...CallOption) (*Response[[]UserGroup], error) {
	return call[[]UserGroup](ctx, c, read("GetUserGroupInfo"), in, opts)
}

// ListByUserGroupIdRequest are the parameters of [Client.ListByUserGroupId].
type ListByUserGroupIdRequest struct {
	UserGroupIDs []string `url:"UserGroupIds,comma" quickbi:"required"`
}

func (in *ListByUserGroupIdRequest) failed(r *UserGroupLookup) (entries []FailedEntry, some bool) {
	return failedIDs(r.FailedUserGroupIDs), len(r.UserGroups) > 0
}

// ListByUserGroupId returns user groups by their ids. If it does not find some of
// them, it returns the others together with a [*PartialError] that names the
// missing ones.
//
// Expect [ErrUserGroupNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listbyusergroupid
func (c *Client) ListByUserGroupId(ctx context.Context, in *ListByUserGroupIdRequest, opts ...CallOption) (*Response[UserGroupLookup], error) {
	return call[UserGroupLookup](ctx, c, read("ListByUserGroupId"), in, opts)
}

// ListUserGroupsByUserIdRequest are the parameters of [Client.ListUserGroupsByUserId].
type ListUserGroupsByUserIdRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// ListUserGroupsByUserId returns the user groups of a member.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listusergroupsbyuserid
func (c *Client) ListUserGroupsByUserId(ctx context.Context, in *ListUserGroupsByUserIdRequest, opts ...CallOption) (*Response[[]UserGroup], error) {
	return call[[]UserGroup](ctx, c, read("ListUserGroupsByUserId"), in, opts)
}

// QueryUserGroupListByParentIdRequest are the parameters of [Client.QueryUserGroupListByParentId].
type QueryUserGroupListByParentIdRequest struct {
	ParentUserGroupID string `url:"ParentUserGroupId" quickbi:"required"` // or RootUserGroupID
}

// QueryUserGroupListByParentId returns the user groups below another. Whether it
// returns only the next level is not documented.
//
// Expect [ErrUserGroupNotFound] and [ErrUserGroupNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryusergrouplistbyparentid
func (c *Client) QueryUserGroupListByParentId(
	ctx context.Context, in *QueryUserGroupListByParentIdRequest, opts ...CallOption,
) (*Response[[]ChildUserGroup], error) {
	return call[[]ChildUserGroup](ctx, c, read("QueryUserGroupListByParentId"), in, opts)
}

// QueryUserGroupMemberRequest are the parameters of [Client.QueryUserGroupMember].
type QueryUserGroupMemberRequest struct {
	UserGroupID string `url:"UserGroupId" quickbi:"required"`
	Keyword     string `url:"Keyword,omitempty"` // part of an account name or nickname
}

// QueryUserGroupMember returns what a user group holds: members, and groups below
// it. Whether it returns only the next level is not documented.
//
// Expect [ErrUserGroupNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryusergroupmember
func (c *Client) QueryUserGroupMember(ctx context.Context, in *QueryUserGroupMemberRequest, opts ...CallOption) (*Response[[]UserGroupMember], error) {
	return call[[]UserGroupMember](ctx, c, read("QueryUserGroupMember"), in, opts)
}

// TransferUsergroupRequest are the parameters of [Client.TransferUsergroup].
type TransferUsergroupRequest struct {
	UserGroupID       string `url:"UserGroupId" quickbi:"required"`
	ParentUserGroupID string `url:"ParentUserGroupId" quickbi:"required"` // the new parent; whether it can be RootUserGroupID is not documented
}

// TransferUsergroup moves a user group below another parent.
//
// Expect [ErrUserGroupNotFound], [ErrParentUserGroupNotFound], [ErrDuplicateUserGroupName], and
// [ErrRootUserGroupSynchronized] or [ErrUserNeedsBIUserGroup] if groups are synchronized from
// another directory.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-transferusergroup
func (c *Client) TransferUsergroup(ctx context.Context, in *TransferUsergroupRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("TransferUsergroup"), in, opts)
}

// UpdateUserGroupRequest are the parameters of [Client.UpdateUserGroup].
type UpdateUserGroupRequest struct {
	UserGroupID string `url:"UserGroupId" quickbi:"required"`
	// UserGroupName and Description have 255 characters at most: Chinese
	// characters, letters, digits and _ \ / | ( ) [ ].
	UserGroupName string  `url:"UserGroupName,omitempty" quickbi:"max=255"`
	Description   *string `url:"UserGroupDescription,omitempty" quickbi:"max=255"` // new("") removes it
}

func (in *UpdateUserGroupRequest) check(problem func(parameter, text string)) {
	if in.UserGroupID != "" && in.UserGroupName == "" && in.Description == nil {
		problem("UserGroupName", "or UserGroupDescription is required: there is nothing to change")
	}
}

// UpdateUserGroup changes the name or the description of a user group, or both.
//
// Expect [ErrUserGroupNotFound], and [ErrDuplicateUserGroupName] or
// [ErrDuplicateName] for a name that is taken.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateusergroup
func (c *Client) UpdateUserGroup(ctx context.Context, in *UpdateUserGroupRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateUserGroup"), in, opts)
}

// WithdrawAllUserGroupsRequest are the parameters of [Client.WithdrawAllUserGroups].
type WithdrawAllUserGroupsRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// WithdrawAllUserGroups removes a member from all user groups. It cannot be
// undone: to restore the memberships later, read them with
// [Client.ListUserGroupsByUserId] first.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-withdrawallusergroups
func (c *Client) WithdrawAllUserGroups(ctx context.Context, in *WithdrawAllUserGroupsRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("WithdrawAllUserGroups"), in, opts)
}
