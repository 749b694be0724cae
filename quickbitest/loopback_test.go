package quickbitest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestScale makes the usual calls to an organization of 100,000 members and
// 10,000 groups, over loopback. A call is to stay under 5 ms. The test is much
// more patient, because machines that run tests are busy, and the race detector slow.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const members, groups = 100_000, 10_000
	srv := quickbitest.NewServer()
	defer srv.Close()
	var o quickbitest.Organization
	for i := range members {
		o.Users = append(o.Users, quickbitest.User{UserID: fmt.Sprintf("u-%d", i), AccountName: fmt.Sprintf("user%d", i), NickName: fmt.Sprintf("User %d", i)})
	}
	for i := range groups {
		g := quickbitest.UserGroup{ID: fmt.Sprintf("g-%d", i), Name: fmt.Sprintf("Group %d", i)}
		for j := range 10 {
			g.UserIDs = append(g.UserIDs, fmt.Sprintf("u-%d", i*10+j))
		}
		o.UserGroups = append(o.UserGroups, g)
	}
	if err := srv.Seed(o); err != nil {
		t.Fatal(err)
	}
	c := srv.Client()
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("u-%d", 50_000+i)
	}
	next := 0
	for _, call := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"the first 1000 members", func(ctx context.Context) error {
			_, err := c.QueryUserList(ctx, &quickbi.QueryUserListRequest{PageSize: 1000})
			return err
		}},
		{"the last 1000 members", func(ctx context.Context) error {
			_, err := c.QueryUserList(ctx, &quickbi.QueryUserListRequest{PageNum: members / 1000, PageSize: 1000})
			return err
		}},
		{"members by keyword", func(ctx context.Context) error {
			_, err := c.QueryUserList(ctx, &quickbi.QueryUserListRequest{Keyword: "user 9999"})
			return err
		}},
		{"groups of a member", func(ctx context.Context) error {
			_, err := c.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: "u-70000"})
			return err
		}},
		{"members of a group", func(ctx context.Context) error {
			_, err := c.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: "g-7000"})
			return err
		}},
		{"1000 members into a group", func(ctx context.Context) error {
			next++
			_, err := c.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: fmt.Sprint("g-", next), UserIDs: ids})
			return err
		}},
		{"a member out of all groups", func(ctx context.Context) error {
			next++
			_, err := c.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: ids[next]})
			return err
		}},
		{"a member deleted", func(ctx context.Context) error {
			next++
			_, err := c.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: fmt.Sprint("u-", next)})
			return err
		}},
	} {
		took := make([]time.Duration, 15)
		for i := range took {
			start := time.Now()
			if err := call.do(t.Context()); err != nil {
				t.Fatalf("%s: %v", call.name, err)
			}
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		median := took[len(took)/2]
		t.Logf("%-26s %v", call.name, median)
		if median > 250*time.Millisecond {
			t.Errorf("%s: the median is %v", call.name, median)
		}
	}
}
