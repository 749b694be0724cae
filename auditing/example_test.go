package auditing_test

import (
	"context"
	"log"
	"os"

	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func ExampleExporter_Write() {
	server := quickbitest.NewServer()
	defer server.Close()
	err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "eve", NickName: "=1+1"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupID: "sales", UserGroupName: "Sales", UserIDs: []string{"ann", "eve"}}},
	})
	if err != nil {
		log.Fatal(err)
	}

	exporter := auditing.Exporter{Client: server.Client()}
	if _, err := exporter.Write(context.Background(), os.Stdout, auditing.GroupMembers, auditing.CSV); err != nil {
		log.Fatal(err)
	}
	// Output:
	// groupId,group,userId,nickName
	// sales,Sales,ann,Ann
	// sales,Sales,eve,'=1+1
}
