package dirsync_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func Example() {
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "1", AccountName: "ann@example.com", NickName: "Ann"},
			{UserID: "2", AccountName: "acme:ben", NickName: "Ben", UserType: 2},
		},
		UserGroups: []quickbitest.UserGroup{{UserGroupName: "Sales", UserIDs: []string{"1", "2"}}},
	}); err != nil {
		panic(err)
	}

	syncer := dirsync.Syncer{
		Client:       server.Client(quickbi.WithRateLimit(50, 1)),
		AddMembersAs: quickbi.UserTypeViewer,
		MaxRemove:    0.5, // a file of three is not expected to be steady
	}
	source := `account_name,nickname,groups
ann@example.com,Ann,Sales
acme:ben,Ben,Sales/North
zoe@example.com,Zoe,Sales/North
`
	plan, err := syncer.Plan(context.Background(), dirsync.CSV(strings.NewReader(source)))
	if err != nil {
		panic(err)
	}
	if err := plan.Print(os.Stdout); err != nil {
		panic(err)
	}
	report, err := plan.Apply(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println("Done:", report.Done)
	// Output:
	// + group Sales/North
	// + member zoe@example.com as viewer
	// > acme:ben: Sales -> Sales/North
	// + zoe@example.com: Sales/North
	// 3 records, 3 members, 2 memberships: 1 create-group, 1 add-member, 1 join, 1 move
	// Done: 1 create-group, 1 add-member, 1 join, 1 move
}
