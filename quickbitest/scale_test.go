package quickbitest_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const (
	manyUsers  = 100_000
	manyGroups = 10_000

	scaleAim   = 5 * time.Millisecond  // what a call may take
	scaleLimit = 50 * time.Millisecond // what it may take on the slowest of machines
	scaleCalls = 15
)

// TestScale measures calls of a client on an organization of 100,000 members and
// 10,000 user groups. It is not parallel, so that nothing else takes the time.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	if raceDetected() {
		t.Skip("the race detector takes most of the time")
	}
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	if err := server.Seed(manyOf()); err != nil {
		t.Fatal(err)
	}
	runtime.GC() // what seeding has left behind is not to be collected during the first calls
	c, ctx := server.Client(), t.Context()
	thousand := make([]string, 1000)
	for i := range thousand {
		thousand[i] = userID(50_000 + i)
	}
	list := func(num int, keyword string, want int) func(int) error {
		return func(int) error {
			resp, err := c.QueryUserList(ctx, &quickbi.QueryUserListRequest{PageNum: num, PageSize: 1000, Keyword: keyword})
			if err == nil && len(resp.Result.Data) != want {
				err = fmt.Errorf("%d members on the page, want %d", len(resp.Result.Data), want)
			}
			return err
		}
	}

	for _, tt := range []struct {
		name string
		call func(i int) error
	}{
		{"members, first page of 1000", list(1, "", 1000)},
		{"members, last full page", list(manyUsers/1000, "", 1000)},
		{"members, by a rare keyword", list(1, "User 77777", 1)},
		{"members, by a common keyword", list(20, "user", 1000)},
		{"member, by id", func(i int) error {
			return failure(ctx, c.QueryUserInfoByUserId, &quickbi.QueryUserInfoByUserIdRequest{UserID: userID(99_000 + i)})
		}},
		{"member, by account", func(i int) error {
			return failure(ctx, c.QueryUserInfoByAccount, &quickbi.QueryUserInfoByAccountRequest{Account: "account" + userID(99_000+i)})
		}},
		{"add a member", func(i int) error {
			return failure(ctx, c.AddUser, &quickbi.AddUserRequest{AccountID: fmt.Sprint("77", i), NickName: fmt.Sprint("New ", i), UserType: quickbi.UserTypeViewer})
		}},
		{"change a member", func(i int) error {
			return failure(ctx, c.UpdateUser, &quickbi.UpdateUserRequest{UserID: userID(i), NickName: fmt.Sprint("Renamed ", i)})
		}},
		{"groups of a member", func(i int) error {
			return failure(ctx, c.ListUserGroupsByUserId, &quickbi.ListUserGroupsByUserIdRequest{UserID: userID(i)})
		}},
		{"1000 members into a group", func(i int) error {
			return failure(ctx, c.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: groupID(5000 + i), UserIDs: thousand})
		}},
		{"members of a group of 1000", func(i int) error {
			resp, err := c.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: groupID(5000 + i)})
			if err == nil && len(resp.Result) < 1000 {
				err = fmt.Errorf("%d members of the group", len(resp.Result))
			}
			return err
		}},
		{"out of 15 groups", func(i int) error {
			return failure(ctx, c.WithdrawAllUserGroups, &quickbi.WithdrawAllUserGroupsRequest{UserID: thousand[i]})
		}},
		{"groups at the top", func(int) error {
			return failure(ctx, c.QueryUserGroupListByParentId, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: quickbi.RootUserGroupID})
		}},
		{"groups, by a keyword", func(i int) error {
			return failure(ctx, c.GetUserGroupInfo, &quickbi.GetUserGroupInfoRequest{Keyword: fmt.Sprint("Group ", 8000+i)})
		}},
		{"add a group", func(i int) error {
			return failure(ctx, c.CreateUserGroup, &quickbi.CreateUserGroupRequest{ParentUserGroupID: groupID(7), UserGroupName: fmt.Sprint("New ", i)})
		}},
		{"move a group", func(i int) error {
			return failure(ctx, c.TransferUsergroup, &quickbi.TransferUsergroupRequest{UserGroupID: groupID(200 + i), ParentUserGroupID: groupID(99)})
		}},
		{"delete a group", func(i int) error {
			return failure(ctx, c.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: groupID(5000 + i)})
		}},
		{"delete a member", func(i int) error {
			return failure(ctx, c.DeleteUser, &quickbi.DeleteUserRequest{UserID: userID(50_000 + i)})
		}},
		{"workspace of 10,000, last page of 1000", func(int) error {
			resp, err := c.QueryWorkspaceUserList(ctx, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: "large", PageNum: 10, PageSize: 1000})
			if err == nil && len(resp.Result.Data) != 1000 {
				err = fmt.Errorf("%d members on the page", len(resp.Result.Data))
			}
			return err
		}},
		{"what a member may read", func(i int) error {
			return failure(ctx, c.QueryReadableResourcesListByUserIdV2, &quickbi.QueryReadableResourcesListByUserIdV2Request{UserID: userID(i)})
		}},
	} {
		var took []time.Duration
		for i := range scaleCalls {
			start := time.Now()
			err := tt.call(i)
			took = append(took, time.Since(start))
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		// The fastest says what the work costs; the others, how busy the machine is.
		fastest, note := slices.Min(took), ""
		if fastest > scaleAim {
			note = fmt.Sprintf(": more than %v", scaleAim)
		}
		t.Logf("%-40s %8v%s", tt.name, fastest.Round(10*time.Microsecond), note)
		if fastest > scaleLimit {
			t.Errorf("%s takes %v, more than %v", tt.name, fastest, scaleLimit)
		}
	}

	start, n := time.Now(), 0
	for _, err := range c.QueryUserListAll(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if want := 1 + manyUsers; n != want { // as many were added as were deleted
		t.Errorf("%d members, want %d", n, want)
	}
	t.Logf("all %d members, page by page: %v", n, time.Since(start).Round(time.Millisecond))
}

func userID(i int) string  { return fmt.Sprintf("user%06d", i) }
func groupID(i int) string { return fmt.Sprintf("group%05d", i) }

// manyOf returns the organization: groups in a tree of four layers with ten below each,
// everybody in one of them, and one workspace.
func manyOf() quickbitest.Organization {
	var o quickbitest.Organization
	for i := range manyUsers {
		id := userID(i)
		o.Users = append(o.Users, quickbitest.User{UserID: id, AccountName: "account" + id, NickName: fmt.Sprint("User ", i)})
	}
	for i := range manyGroups {
		g := quickbitest.UserGroup{UserGroupID: groupID(i), UserGroupName: fmt.Sprint("Group ", i)}
		if i >= 10 {
			g.ParentUserGroupID = groupID(i / 10)
		}
		for j := i; j < manyUsers; j += manyGroups {
			g.UserIDs = append(g.UserIDs, userID(j))
		}
		o.UserGroups = append(o.UserGroups, g)
	}
	large := quickbitest.Workspace{WorkspaceID: "large", WorkspaceName: "Large", DefaultShareToAll: true}
	for i := 1; i < 10_000; i++ {
		large.Users = append(large.Users, quickbitest.WorkspaceUser{UserID: userID(i)})
	}
	o.Workspaces = append(o.Workspaces, large)
	for i := range 100 {
		o.Works = append(o.Works, quickbitest.Works{WorksName: fmt.Sprint("Work ", i), WorkspaceID: large.WorkspaceID})
	}
	return o
}

// failure makes the call and returns only whether it failed.
func failure[Q, R any](ctx context.Context, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) error {
	_, err := call(ctx, in)
	return err
}

// raceDetected says whether the race detector is at work.
func raceDetected() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "-race" && s.Value == "true" })
}
