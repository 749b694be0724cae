package auditing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/grouppath"
	"github.com/quickbi-go/quickbi/internal/listing"
)

type member struct {
	UserID      string               `json:"userId"`
	AccountID   string               `json:"accountId"`
	AccountName string               `json:"accountName"`
	NickName    string               `json:"nickName"`
	UserType    string               `json:"userType"`
	RoleIDs     []int64              `json:"roleIds"` // of the organization
	Deactivated quickbi.OptionalBool `json:"deactivated"`
	Joined      string               `json:"joined"`
	LastLogin   string               `json:"lastLogin"` // "": never
}

func members(ctx context.Context, x *export) iter.Seq2[member, error] {
	return rows(list(ctx, x, Members, "", x.users, userID), func(u quickbi.User) member {
		return member{
			u.UserID, u.AccountID, u.AccountName, u.NickName, word(userTypes, u.UserType),
			append([]int64{}, u.RoleIDs...), u.IsDeleted, x.moment(u.JoinedDate.Time()), x.moment(u.LastLoginTime.Time()),
		}
	})
}

type group struct {
	GroupID     string `json:"groupId"`
	Name        string `json:"name"`
	Path        string `json:"path"` // as dirsync has it
	ParentID    string `json:"parentId"`
	Description string `json:"description"`
	Created     string `json:"created"`
	Modified    string `json:"modified"`
}

// maxLayers is how deep user groups are at most.
const maxLayers = 10

// groups walks down the tree. It keeps the groups of one parent, and those beside
// the ones above it.
func groups(ctx context.Context, x *export) iter.Seq2[group, error] {
	return func(yield func(group, error) bool) {
		groupsBelow(ctx, x, group{GroupID: quickbi.RootUserGroupID}, 0, yield)
	}
}

// groupsBelow reports whether more is wanted.
func groupsBelow(ctx context.Context, x *export, parent group, layer int, yield func(group, error) bool) bool {
	resp, err := x.Client.QueryUserGroupListByParentId(ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: parent.GroupID})
	switch {
	case errors.Is(err, quickbi.ErrUserGroupNotFound) && layer > 0:
		return true // deleted since it was listed
	case err != nil:
		yield(group{}, fmt.Errorf("groups below %s: %w", parent.GroupID, err))
		return false
	case layer == maxLayers && len(resp.Result) > 0:
		yield(group{}, fmt.Errorf("groups below %s: there should be no more than %d layers", parent.GroupID, maxLayers))
		return false
	}
	for _, child := range resp.Result {
		g := group{
			child.UserGroupID, child.UserGroupName, grouppath.Join(child.UserGroupName), parent.GroupID,
			child.Description, x.text(child.CreatedTime), x.text(child.ModifiedTime),
		}
		if layer > 0 {
			g.Path = parent.Path + "/" + g.Path
		}
		if !yield(g, nil) || !groupsBelow(ctx, x, g, layer+1, yield) {
			return false
		}
	}
	return true
}

type groupMember struct {
	GroupID  string `json:"groupId"`
	Group    string `json:"group"` // path
	UserID   string `json:"userId"`
	NickName string `json:"nickName"`
}

func groupMembers(ctx context.Context, x *export) iter.Seq2[groupMember, error] {
	return eachOf(ctx, x, GroupMembers, groups(ctx, x), kind[group]{"group", func(g group) string { return g.GroupID }, quickbi.ErrUserGroupNotFound},
		func(ctx context.Context, g group) ([]groupMember, error) {
			resp, err := x.Client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: g.GroupID})
			if err != nil {
				return nil, err
			}
			var list []groupMember
			for _, m := range resp.Result {
				if !m.IsUserGroup {
					list = append(list, groupMember{g.GroupID, g.Path, m.ID, m.Name})
				}
			}
			return list, nil
		})
}

// An account is a member as dirsync.CSV reads it.
type account struct {
	AccountID   string   `json:"account_id"`
	AccountName string   `json:"account_name"`
	NickName    string   `json:"nickname"`
	UserType    string   `json:"user_type"`
	Groups      []string `json:"groups"` // paths
}

// directory keeps the members, the paths of all groups, and who is in which.
// A gap would look as if somebody were in no group: there must be none.
func directory(ctx context.Context, x *export) iter.Seq2[account, error] {
	return func(yield func(account, error) bool) {
		groupsOf := make(map[string][]string)
		for m, err := range groupMembers(ctx, x) {
			if err != nil {
				yield(account{}, err)
				return
			}
			groupsOf[m.UserID] = append(groupsOf[m.UserID], m.Group)
		}
		if gaps := x.summary.Gaps; len(gaps) > 0 {
			yield(account{}, fmt.Errorf("the %s cannot be read: %w", gaps[0].Of, gaps[0].Err))
			return
		}
		users, err := listing.Whole(ctx, x.users, userID)
		if err != nil {
			yield(account{}, err)
			return
		}
		for _, u := range users {
			row := account{u.AccountID, u.AccountName, u.NickName, word(userTypes, u.UserType), append([]string{}, groupsOf[u.UserID]...)}
			if !yield(row, nil) {
				return
			}
		}
	}
}

type workspace struct {
	WorkspaceID  string `json:"workspaceId"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	OwnerID      string `json:"ownerId"`
	OwnerAccount string `json:"ownerAccount"`
	MayShare     bool   `json:"mayShare"`   // works may be shared
	MayPublish   bool   `json:"mayPublish"` // works may be made public
	Created      string `json:"created"`
	Modified     string `json:"modified"`
}

func workspaces(ctx context.Context, x *export) iter.Seq2[workspace, error] {
	return rows(list(ctx, x, Workspaces, "", x.workspaces, workspaceID), func(w quickbi.Workspace) workspace {
		return workspace{
			w.WorkspaceID, w.WorkspaceName, w.Description, w.OwnerID, w.OwnerAccountName,
			w.AllowShare, w.AllowPublish, x.text(w.CreatedTime), x.text(w.ModifiedTime),
		}
	})
}

type workspaceMember struct {
	WorkspaceID string `json:"workspaceId"`
	Workspace   string `json:"workspace"`
	UserID      string `json:"userId"`
	AccountName string `json:"accountName"`
	NickName    string `json:"nickName"`
	RoleID      int64  `json:"roleId"` // 0 for roles of the organization's own making
	Role        string `json:"role"`
}

func workspaceMembers(ctx context.Context, x *export) iter.Seq2[workspaceMember, error] {
	return eachOf(ctx, x, WorkspaceMembers, workspaces(ctx, x), kind[workspace]{"workspace", func(w workspace) string { return w.WorkspaceID }, quickbi.ErrWorkspaceNotFound},
		func(ctx context.Context, w workspace) (members []workspaceMember, err error) {
			fetch := func(ctx context.Context, n int) (quickbi.Page[quickbi.WorkspaceUser], error) {
				return listing.Page(x.Client.QueryWorkspaceUserList(ctx, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: w.WorkspaceID, PageNum: n, PageSize: listing.PerPage}))
			}
			for u, err := range list(ctx, x, WorkspaceMembers, "workspace "+w.WorkspaceID, fetch, func(u quickbi.WorkspaceUser) string { return u.UserID }) {
				if err != nil {
					return nil, err
				}
				members = append(members, workspaceMember{w.WorkspaceID, w.Name, u.UserID, u.AccountName, u.NickName, u.Role.RoleID, u.Role.RoleName})
			}
			return members, nil
		})
}

type share struct {
	WorksID   string `json:"worksId"`
	Works     string `json:"works"`
	WorksType string `json:"worksType"`
	Workspace string `json:"workspace"`
	OwnerID   string `json:"ownerId"`
	ToType    string `json:"toType"` // user, group, organization, workspace; everybody for public works
	ToID      string `json:"toId"`
	To        string `json:"to"`
	Right     string `json:"right"`
	Expires   string `json:"expires"` // "": never
}

func shares(ctx context.Context, x *export) iter.Seq2[share, error] {
	return eachOf(ctx, x, Shares, list(ctx, x, Shares, "", x.works, worksID), kind[quickbi.WorksInfo]{"work", func(w quickbi.WorksInfo) string { return w.WorksID }, quickbi.ErrReportNotFound},
		func(ctx context.Context, w quickbi.WorksInfo) ([]share, error) {
			resp, err := x.Client.QueryShareList(ctx, &quickbi.QueryShareListRequest{WorksID: w.WorksID})
			if err != nil {
				return nil, err
			}
			row := share{WorksID: w.WorksID, Works: w.WorksName, WorksType: string(w.WorksType), Workspace: w.WorkspaceName, OwnerID: w.OwnerID}
			var list []share
			if w.IsPublic {
				row.ToType, row.Right, row.Expires = "everybody", rights[quickbi.AuthPointsView], x.moment(w.PublicUntil.Time())
				list = append(list, row)
			}
			for _, s := range resp.Result {
				row.ToType, row.ToID, row.To = word(receivers, s.ShareToType), s.ShareToID, s.ShareToName
				row.Right, row.Expires = word(rights, s.AuthPoints), x.moment(s.ExpireDate.Time())
				list = append(list, row)
			}
			return list, nil
		})
}

var userTypes = map[quickbi.UserType]string{
	quickbi.UserTypeDeveloper: "developer", quickbi.UserTypeViewer: "viewer", quickbi.UserTypeAnalyst: "analyst",
}

var receivers = map[quickbi.ShareTargetType]string{
	quickbi.ShareTargetUser: "user", quickbi.ShareTargetUserGroup: "group",
	quickbi.ShareTargetOrganization: "organization", quickbi.ShareTargetWorkspace: "workspace",
}

var rights = map[quickbi.AuthPoints]string{
	quickbi.AuthPointsView: "view", quickbi.AuthPointsExport: "export",
	quickbi.AuthPointsManageForm: "manage-form", quickbi.AuthPointsEdit: "edit",
}

// word returns the word for a number, or the number if there is none.
func word[N ~int](words map[N]string, n N) string {
	if w, ok := words[n]; ok {
		return w
	}
	return strconv.Itoa(int(n))
}

func userID(u quickbi.User) string           { return u.UserID }
func workspaceID(w quickbi.Workspace) string { return w.WorkspaceID }
func worksID(w quickbi.WorksInfo) string     { return w.WorksID }

func (x *export) users(ctx context.Context, n int) (quickbi.Page[quickbi.User], error) {
	return listing.Page(x.Client.QueryUserList(ctx, &quickbi.QueryUserListRequest{PageNum: n, PageSize: listing.PerPage}))
}

func (x *export) workspaces(ctx context.Context, n int) (quickbi.Page[quickbi.Workspace], error) {
	return listing.Page(x.Client.QueryOrganizationWorkspaceList(ctx, &quickbi.QueryOrganizationWorkspaceListRequest{PageNum: n, PageSize: listing.PerPage}))
}

func (x *export) works(ctx context.Context, n int) (quickbi.Page[quickbi.WorksInfo], error) {
	return listing.Page(x.Client.QueryWorksByOrganization(ctx, &quickbi.QueryWorksByOrganizationRequest{PageNum: n, PageSize: listing.PerPage}))
}

// list returns the entries of a list. If it changes while it is read, that is a gap:
// entries can be missing.
func list[T any](ctx context.Context, x *export, table Table, of string, fetch listing.Fetch[T], id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var shift listing.Shift
		for v, err := range listing.Read(ctx, fetch, id, &shift) {
			if !yield(v, err) {
				return
			}
		}
		if shift != (listing.Shift{}) {
			x.gap(Gap{Table: table, Of: of, Reason: shift.String()})
		}
	}
}

// A kind says what things are called, and with what the service answers after one
// was deleted.
type kind[T any] struct {
	name string
	id   func(T) string
	gone quickbi.ErrorCode
}

// eachOf is each for things of which some may not be readable: those that were
// deleted since they were listed have no rows, and those that the service refuses
// are gaps. If it refuses all of them, that is an error: then it is not about them.
func eachOf[T, R any](ctx context.Context, x *export, table Table, all iter.Seq2[T, error], of kind[T], fetch func(context.Context, T) ([]R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var mu sync.Mutex // guards what follows
		var read, refused int
		var first error
		for row, err := range each(ctx, all, func(ctx context.Context, v T) ([]R, error) {
			list, err := fetch(ctx, v)
			mu.Lock()
			defer mu.Unlock()
			switch what := of.name + " " + of.id(v); {
			case err == nil || errors.Is(err, of.gone):
				read++
			case isRefusal(err):
				refused++
				first = cmp.Or(first, fmt.Errorf("%s: %w", what, err))
				x.gap(Gap{Table: table, Of: what, Reason: err.Error(), Err: err})
			default:
				return nil, fmt.Errorf("%s: %w", what, err)
			}
			return list, nil
		}) {
			if !yield(row, err) || err != nil {
				return
			}
		}
		if refused > 0 && read == 0 {
			var none R
			yield(none, fmt.Errorf("none of %d could be read, such as %w", refused, first))
		}
	}
}

// isRefusal reports whether the service refuses something because of what it is,
// so that other things can still be read.
func isRefusal(err error) bool {
	e, answered := errors.AsType[*quickbi.Error](err)
	if !answered || e.Code == "" {
		return false
	}
	for _, class := range []quickbi.ErrorClass{quickbi.ErrPermission, quickbi.ErrNotFound, quickbi.ErrInvalidRequest, quickbi.ErrConflict} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}
