package quickbi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// organization starts an emulator with two groups and three members besides the owner.
func organization() (*quickbitest.Server, *quickbi.Client) {
	server := quickbitest.NewServer()
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "ann", AccountName: "ann@example.com", NickName: "Ann", UserType: 1},
			{UserID: "ben", AccountName: "ben@example.com", NickName: "Ben", UserType: 3},
			{UserID: "eve", AccountName: "eve@example.com", NickName: "Eve", UserType: 2},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "sales", UserGroupName: "Sales", UserIDs: []string{"ann", "ben"}},
			{UserGroupID: "finance", UserGroupName: "Finance", UserIDs: []string{"ben"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	return server, server.Client()
}

func ExampleNewClient() {
	client, err := quickbi.NewClient(
		quickbi.WithDefaultCredentials(), // looks for them at the first call
		quickbi.WithRegion("ap-southeast-1"),
		quickbi.WithTimeout(5*time.Second),
		quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 5}),
		quickbi.WithRateLimit(50, 10),
		quickbi.WithUserAgent("hrsync/2.1"),
	)
	fmt.Println(client, err)

	_, err = quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion("mars-1"), quickbi.WithTimeout(-1))
	fmt.Println(err)
	// Output:
	// quickbi.Client <nil>
	// quickbi: WithRegion: no public endpoint in "mars-1"; there is one in ap-northeast-1, ap-southeast-1, ap-southeast-3, ap-southeast-5, cn-hangzhou, cn-hongkong, cn-shanghai-finance-1, eu-central-1, me-central-1, us-east-1 (for another host, use WithEndpoint); quickbi: WithTimeout: not a positive duration
}

func ExampleClient_AddUser() {
	server, client := organization()
	defer server.Close()

	added, err := client.AddUser(context.Background(), &quickbi.AddUserRequest{
		AccountName: "zoe@example.com",
		NickName:    "Zoe",
		UserType:    quickbi.UserTypeAnalyst,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(added.Result.NickName, added.Result.UserID != "")

	_, err = client.AddUser(context.Background(), &quickbi.AddUserRequest{})
	fmt.Println(err)
	// Output:
	// Zoe true
	// quickbi: AddUser: invalid request: parameter NickName is required; parameter UserType is required; parameter AccountId is required unless AccountName is given
}

func ExampleClient_DeleteUser() {
	server, client := organization()
	defer server.Close()
	ctx := context.Background()

	leave := &quickbi.DeleteUserRequest{UserID: "ben", TransferUserID: "ann"}
	for range 2 {
		_, err := client.DeleteUser(ctx, leave)
		switch {
		case errors.Is(err, quickbi.ErrUserNotInOrganization):
			fmt.Println("gone already")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("deleted")
		}
	}
	// Output:
	// deleted
	// gone already
}

func ExampleClient_QueryUserListAll() {
	server, client := organization()
	defer server.Close()

	for user, err := range client.QueryUserListAll(context.Background(), &quickbi.QueryUserListRequest{Keyword: "example.com"}) {
		if err != nil {
			log.Fatal(err) // the last iteration
		}
		fmt.Println(user.NickName, user.UserType == quickbi.UserTypeAnalyst)
	}
	// Output:
	// Ann false
	// Ben true
	// Eve false
}

func ExampleClient_QueryUserInfoByAccount() {
	server, client := organization()
	defer server.Close()

	// Quick BI's user ids are not those of cloud accounts.
	user, err := client.QueryUserInfoByAccount(context.Background(), &quickbi.QueryUserInfoByAccountRequest{Account: "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Result.UserID)
	// Output: ann
}

func ExampleClient_AddUserGroupMember() {
	server, client := organization()
	defer server.Close()
	ctx := context.Background()

	north, err := client.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: "sales", UserGroupName: "North"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: north.Result, UserIDs: []string{"ann", "eve"}})
	if err != nil {
		log.Fatal(err)
	}
	members, err := client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: north.Result})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range members.Result {
		fmt.Println(m.Name, "in", m.ParentUserGroupName)
	}
	// Output:
	// Ann in North
	// Eve in North
}

func ExampleClient_WithdrawAllUserGroups() {
	server, client := organization()
	defer server.Close()
	ctx := context.Background()

	// It cannot be undone: read the memberships first.
	before, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: "ben"})
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range before.Result {
		fmt.Println("was in", g.UserGroupName)
	}
	if _, err := client.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: "ben"}); err != nil {
		log.Fatal(err)
	}
	after, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: "ben"})
	fmt.Println("now in", len(after.Result), err)
	// Output:
	// was in Sales
	// was in Finance
	// now in 0 <nil>
}

// A write is not sent again after a lost answer. The caller finds out whether it was
// executed.
func ExampleError_outcomeUnknown() {
	server, client := organization()
	defer server.Close()
	ctx := context.Background()

	server.Fail("DeleteUser", quickbitest.DropAfter(), 1)
	_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "eve"})
	if errors.Is(err, quickbi.ErrOutcomeUnknown) {
		member, err := client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: "eve"})
		fmt.Println("still a member:", member.Result, err)
	}
	// Output: still a member: false <nil>
}

func ExampleError() {
	server, client := organization()
	defer server.Close()

	_, err := client.ListUserGroupsByUserId(context.Background(), &quickbi.ListUserGroupsByUserIdRequest{UserID: "nobody"})
	var apiErr *quickbi.Error
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.Action, apiErr.Code, apiErr.StatusCode, apiErr.Code.Class() == quickbi.ErrNotFound)
	}
	fmt.Println(errors.Is(err, quickbi.ErrUserNotInOrganization), errors.Is(err, quickbi.ErrNotFound))
	// Output:
	// ListUserGroupsByUserId User.Not.In.Organization 400 true
	// true true
}

// Do calls an operation without a method by its name.
func ExampleClient_Do() {
	server, client := organization()
	defer server.Close()

	var user struct{ NickName string }
	err := client.Do(context.Background(), "QueryUserInfoByUserId", url.Values{"UserId": {"ann"}}, &user, quickbi.AsRead())
	fmt.Println(user.NickName, err)
	// Output: Ann <nil>
}

func ExampleClient_CheckOrganizationMember() {
	server, client := organization()
	defer server.Close()

	// The answer false to a question is not an error.
	member, err := client.CheckOrganizationMember(context.Background(), &quickbi.CheckOrganizationMemberRequest{UserID: "nobody"})
	fmt.Println(member.Result, err)
	// Output: false <nil>
}
