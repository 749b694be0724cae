package dirsync_test

import (
	"bytes"
	"context"
	"errors"
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

// One process plans, somebody reviews, another process applies.
func ExampleSyncer_Decode() {
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "1", AccountName: "acme:ben", NickName: "Ben"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupName: "Sales"}},
	}); err != nil {
		panic(err)
	}
	reports, err := os.MkdirTemp("", "reports")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(reports)
	syncer := dirsync.Syncer{Client: server.Client(), Within: []string{"Sales"}, Reports: reports}

	var saved bytes.Buffer // a file, usually
	plan, err := syncer.Plan(context.Background(), dirsync.CSV(strings.NewReader("account_name,groups\nacme:ben,Sales\n")))
	if err != nil {
		panic(err)
	}
	if err := plan.Encode(&saved); err != nil {
		panic(err)
	}
	document := saved.String()
	for range 2 {
		plan, err := syncer.Decode(context.Background(), strings.NewReader(document))
		if err != nil {
			panic(err)
		}
		report, err := plan.Apply(context.Background())
		if errors.Is(err, dirsync.ErrApplied) {
			fmt.Println("applied already")
		} else if err != nil {
			panic(err)
		} else {
			fmt.Println("done:", report.Done)
		}
	}
	// Output:
	// done: 1 join
	// applied already
}

// A group with a key is renamed where the source renames it, and members get roles in
// workspaces.
func ExampleSyncer_groups() {
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "1", AccountName: "acme:ann", NickName: "Ann"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupID: "D-11", UserGroupName: "Sales", UserIDs: []string{"1"}}},
		Workspaces: []quickbitest.Workspace{{WorkspaceName: "Reports"}},
	}); err != nil {
		panic(err)
	}
	groups, err := dirsync.CSVFormat{}.Groups(strings.NewReader("key,path\nD-11,Sales and Service\n"))
	if err != nil {
		panic(err)
	}
	syncer := dirsync.Syncer{Client: server.Client(quickbi.WithRateLimit(50, 1)), Groups: groups, UpdateWorkspaces: true}
	plan, err := syncer.Plan(context.Background(), dirsync.CSV(strings.NewReader("account_name,groups,workspaces\nacme:ann,Sales and Service,Reports=analyst\n")))
	if err != nil {
		panic(err)
	}
	if err := plan.Print(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// > group Sales -> Sales and Service
	// + acme:ann: workspace Reports as analyst
	// 1 records, 2 members, 1 memberships, 1 of workspaces: 1 rename-group, 1 join-workspace
}
