package offboarding_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/offboarding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func ExampleOffboarder_Plan() {
	server := quickbitest.NewServer()
	defer server.Close()
	err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupName: "Sales", UserIDs: []string{"ann", "ben"}}},
	})
	if err != nil {
		log.Fatal(err)
	}

	offboarder := offboarding.Offboarder{Client: server.Client(), Successor: "ann"}
	plan, err := offboarder.Plan(context.Background(), "ben")
	if err != nil {
		log.Fatal(err)
	}
	if err := plan.Print(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Now somebody should have a look. Then:
	if _, err := plan.Apply(context.Background()); err != nil {
		log.Fatal(err)
	}

	_, err = offboarder.Plan(context.Background(), "ben")
	fmt.Println("Ben is gone:", errors.Is(err, quickbi.ErrUserNotInOrganization))
	// Output:
	// "Ben" (ben) leaves, works go to "Ann" (ann)
	//   is in user groups (1): "Sales"
	//   1. take out of all user groups
	//   2. delete from the organization
	// Ben is gone: true
}
