package settle_test

import (
	"context"
	"fmt"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
	"github.com/quickbi-go/quickbi/settle"
)

func ExampleDo() {
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.Seed(quickbitest.Organization{Users: []quickbitest.User{{UserID: "u-ben", NickName: "Ben"}}}); err != nil {
		panic(err)
	}
	client := server.Client()
	server.Fail("DeleteUser", quickbitest.DropAfter(), 1) // Ben is deleted, and the answer is lost.

	outcome, err := settle.Do(context.Background(), settle.Write{
		Send: func(ctx context.Context) error {
			_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "u-ben"})
			return err
		},
		Look: func(ctx context.Context) (bool, error) {
			member, err := client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: "u-ben"})
			if err != nil {
				return false, err
			}
			return !member.Result, nil
		},
		Already: []error{quickbi.ErrUserNotInOrganization},
	})
	fmt.Println(outcome, err)
	// Output: done <nil>
}
