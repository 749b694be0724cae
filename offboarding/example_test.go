package offboarding_test

import (
	"bytes"
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

// A plan is saved, reviewed and applied by another process. One who could not be
// deleted is put back into the groups.
func ExampleOffboarder_Decode() {
	server := quickbitest.NewServer()
	defer server.Close()
	err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}, {UserID: "eve", NickName: "Eve"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupName: "Sales", UserIDs: []string{"ann", "ben", "eve"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	offboarder := offboarding.Offboarder{Client: server.Client(), Successor: "ann"}

	var document bytes.Buffer // a file
	plan, err := offboarder.Plan(context.Background(), "ben", "eve")
	if err != nil {
		log.Fatal(err)
	}
	if err := plan.Encode(&document); err != nil {
		log.Fatal(err)
	}

	plan, err = offboarder.Decode(&document)
	if err != nil {
		log.Fatal(err)
	}
	server.Fail("DeleteUser", quickbitest.Refuse(string(quickbi.ErrWorkTransfer)), 1)
	report, err := plan.Apply(context.Background())
	fmt.Println("Works cannot be handed on:", errors.Is(err, quickbi.ErrWorkTransfer))
	for _, result := range report.Results {
		fmt.Println(result.NickName, "is deleted:", result.Deleted)
	}
	fmt.Println("Restored:", offboarder.Restore(context.Background(), report) == nil)
	// Output:
	// Works cannot be handed on: true
	// Ben is deleted: false
	// Eve is deleted: true
	// Restored: true
}
