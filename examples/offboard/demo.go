package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/offboarding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// organization is what the demonstration begins with.
var organization = quickbitest.Organization{
	Users: []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}, {UserID: "eve", NickName: "Eve"}},
	UserGroups: []quickbitest.UserGroup{
		{UserGroupName: "Sales", UserIDs: []string{"ann", "ben", "eve"}},
		{UserGroupName: "Finance", UserIDs: []string{"ann", "ben", "eve"}},
	},
	Workspaces: []quickbitest.Workspace{
		{WorkspaceID: "reports", WorkspaceName: "Reports", Users: []quickbitest.WorkspaceUser{
			{UserID: "ann", RoleIDs: []int64{quickbi.WorkspaceRoleAdmin}},
			{UserID: "ben", RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}},
		}},
		{WorkspaceID: "playground", WorkspaceName: "Playground", Users: []quickbitest.WorkspaceUser{{UserID: "ben"}, {UserID: "eve"}}},
	},
	Works: []quickbitest.Works{
		{WorksName: "Prices", WorksType: "REPORT", WorkspaceID: "reports", OwnerID: "ann"},
		{WorksName: "Revenue", WorksType: "PAGE", WorkspaceID: "reports", OwnerID: "ben"},
	},
}

// demo fills an emulated organization and takes two members out of it.
func demo(ctx context.Context, out io.Writer) error {
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.Seed(organization); err != nil {
		return err
	}
	client := server.Client()

	fmt.Fprintln(out, "Before:")
	if err := show(ctx, client, out); err != nil {
		return err
	}
	offboarder := offboarding.Offboarder{Client: client, Successor: "ann"}
	fmt.Fprintln(out, "\nBen leaves, and Ann gets his works.")
	if err := offboard(ctx, offboarder, []string{"ben"}, nil, out); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nEve leaves. The service wants her to leave her workspaces first, and its last answer gets lost.")
	server.Fail("DeleteUser", quickbitest.Refuse(string(quickbi.ErrMemberStillInWorkspace)), 1)
	server.Fail("DeleteUser", quickbitest.DropAfter(), 1)
	if err := offboard(ctx, offboarder, []string{"eve"}, nil, out); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nOnce more:", offboard(ctx, offboarder, []string{"eve"}, nil, out))
	fmt.Fprintln(out, "\nAfter:")
	if err := show(ctx, client, out); err != nil {
		return err
	}

	_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "ben"})
	fmt.Fprintln(out, "\nDeleting Ben once more, without a plan:", err)
	fmt.Fprintln(out, "errors.Is(err, quickbi.ErrUserNotInOrganization):", errors.Is(err, quickbi.ErrUserNotInOrganization))
	fmt.Fprintln(out, "errors.Is(err, quickbi.ErrNotFound):", errors.Is(err, quickbi.ErrNotFound))
	return nil
}

// show prints every member with the groups and workspaces they are in, and with their works.
func show(ctx context.Context, client *quickbi.Client, out io.Writer) error {
	works := make(map[string][]string) // by owner
	for w, err := range client.QueryWorksByOrganizationAll(ctx, nil) {
		if err != nil {
			return err
		}
		works[w.OwnerID] = append(works[w.OwnerID], w.WorksName)
	}
	for user, err := range client.QueryUserListAll(ctx, nil) {
		if err != nil {
			return err
		}
		var groups, workspaces []string
		in, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: user.UserID})
		if err != nil {
			return err
		}
		for _, g := range in.Result {
			groups = append(groups, g.UserGroupName)
		}
		roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: user.UserID})
		if err != nil {
			return err
		}
		for _, r := range roles.Result {
			workspaces = append(workspaces, r.WorkspaceName)
		}
		fmt.Fprintf(out, "  %-6s groups: %s; workspaces: %s; works: %s\n", user.NickName,
			names(groups), names(slices.Compact(workspaces)), names(works[user.UserID]))
	}
	return nil
}

func names(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
