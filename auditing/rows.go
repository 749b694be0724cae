package auditing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/quickbi-go/quickbi"
)

type member struct {
	UserID      string  `json:"userId"`
	AccountID   string  `json:"accountId"`
	AccountName string  `json:"accountName"`
	NickName    string  `json:"nickName"`
	UserType    string  `json:"userType"`
	RoleIDs     []int64 `json:"roleIds"` // of the organization
	Deactivated bool    `json:"deactivated"`
	Joined      string  `json:"joined"`
	LastLogin   string  `json:"lastLogin"` // "": never
}

func members(ctx context.Context, e Exporter) iter.Seq2[member, error] {
	return rows(e.Client.QueryUserListAll(ctx, nil), func(u quickbi.User) member {
		return member{
			u.UserID, u.AccountID, u.AccountName, u.NickName, word(userTypes, u.UserType),
			u.RoleIDs, u.IsDeleted != nil && *u.IsDeleted, u.JoinedDate.String(), u.LastLoginTime.String(),
		}
	})
}

type group struct {
	GroupID     string `json:"groupId"`
	Name        string `json:"name"`
	Path        string `json:"path"` // of names, from the top
	ParentID    string `json:"parentId"`
	Description string `json:"description"`
	Created     string `json:"created"`
	Modified    string `json:"modified"`
}

// maxLayers is how deep user groups are at most.
const maxLayers = 10

// groups walks down the tree. It keeps the groups of one parent, and those beside
// the ones above it.
func groups(ctx context.Context, e Exporter) iter.Seq2[group, error] {
	return func(yield func(group, error) bool) {
		groupsBelow(ctx, e, group{GroupID: quickbi.RootUserGroupID}, 0, yield)
	}
}

// groupsBelow reports whether more is wanted.
func groupsBelow(ctx context.Context, e Exporter, parent group, layer int, yield func(group, error) bool) bool {
	resp, err := e.Client.QueryUserGroupListByParentId(ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: parent.GroupID})
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
			child.UserGroupID, child.UserGroupName, parent.Path + child.UserGroupName, parent.GroupID,
			child.Description, child.CreateTime, child.ModifiedTime,
		}
		if layer > 0 {
			g.Path = parent.Path + "/" + child.UserGroupName
		}
		if !yield(g, nil) || !groupsBelow(ctx, e, g, layer+1, yield) {
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

func groupMembers(ctx context.Context, e Exporter) iter.Seq2[groupMember, error] {
	return each(ctx, groups(ctx, e), func(ctx context.Context, g group) ([]groupMember, error) {
		resp, err := e.Client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: g.GroupID})
		if err != nil {
			return nil, unless(quickbi.ErrUserGroupNotFound, err, "group", g.GroupID)
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

func workspaces(ctx context.Context, e Exporter) iter.Seq2[workspace, error] {
	return rows(e.Client.QueryOrganizationWorkspaceListAll(ctx, nil), func(w quickbi.Workspace) workspace {
		return workspace{
			w.WorkspaceID, w.WorkspaceName, w.Description, w.Owner, w.OwnerAccountName,
			w.AllowShareOperation, w.AllowPublishOperation, w.CreateTime, w.ModifiedTime,
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

func workspaceMembers(ctx context.Context, e Exporter) iter.Seq2[workspaceMember, error] {
	return func(yield func(workspaceMember, error) bool) {
		for w, err := range workspaces(ctx, e) {
			if err != nil {
				yield(workspaceMember{}, err)
				return
			}
			for u, err := range e.Client.QueryWorkspaceUserListAll(ctx, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: w.WorkspaceID}) {
				if errors.Is(err, quickbi.ErrWorkspaceNotFound) {
					break // deleted since it was listed
				}
				if err != nil {
					yield(workspaceMember{}, fmt.Errorf("workspace %s: %w", w.WorkspaceID, err))
					return
				}
				if !yield(workspaceMember{w.WorkspaceID, w.Name, u.UserID, u.AccountName, u.NickName, u.Role.RoleID, u.Role.RoleName}, nil) {
					return
				}
			}
		}
	}
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

func shares(ctx context.Context, e Exporter) iter.Seq2[share, error] {
	return each(ctx, e.Client.QueryWorksByOrganizationAll(ctx, nil), func(ctx context.Context, w quickbi.WorksInfo) ([]share, error) {
		row := share{WorksID: w.WorksID, Works: w.WorkName, WorksType: string(w.WorkType), Workspace: w.WorkspaceName, OwnerID: w.OwnerID}
		var list []share
		if w.IsPublic {
			row.ToType, row.Right, row.Expires = "everybody", rights[quickbi.AuthPointsView], w.PublicUntil.String()
			list = append(list, row)
		}
		resp, err := e.Client.QueryShareList(ctx, &quickbi.QueryShareListRequest{ReportID: w.WorksID})
		if err != nil {
			return nil, unless(quickbi.ErrReportNotFound, err, "work", w.WorksID)
		}
		for _, s := range resp.Result {
			row.ToType, row.ToID, row.To = word(receivers, s.ShareToType), s.ShareToID, s.ShareToName
			row.Right, row.Expires = word(rights, s.AuthPoint), s.ExpireDate.String()
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

type logEntry struct {
	Log             string `json:"log"` // access, operation, permission
	Time            string `json:"time"`
	OperatorAccount string `json:"operatorAccount"`
	Operator        string `json:"operator"`
	Operation       string `json:"operation"`
	TargetType      string `json:"targetType"`
	TargetID        string `json:"targetId"`
	Target          string `json:"target"`
	WorkspaceID     string `json:"workspaceId"`
}

func auditLog(ctx context.Context, e Exporter) iter.Seq2[logEntry, error] {
	return func(yield func(logEntry, error) bool) {
		for _, log := range []struct {
			name string
			kind quickbi.AuditLogType
		}{{"access", quickbi.AuditLogAccess}, {"operation", quickbi.AuditLogOperation}, {"permission", quickbi.AuditLogPermission}} {
			query := quickbi.QueryAuditLogRequest{LogType: log.kind, StartDate: e.From.Format(quickbi.AuditDateLayout), EndDate: e.To.Format(quickbi.AuditDateLayout)}
			for entry, err := range e.Client.QueryAuditLogAll(ctx, &query) {
				if err != nil {
					yield(logEntry{}, fmt.Errorf("the %s log: %w", log.name, err))
					return
				}
				row := logEntry{
					log.name, entry.CreateTime, entry.OperatorAccountName, entry.OperatorName, entry.OperatorType,
					entry.TargetType, entry.TargetID, entry.TargetName, entry.WorkspaceID,
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// unless says what an error is about. If the thing is gone, it is no error: the
// thing was deleted since it was listed.
func unless(gone quickbi.ErrorCode, err error, what, id string) error {
	if errors.Is(err, gone) {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, id, err)
}
