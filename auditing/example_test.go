package auditing_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

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

// A nightly run continues where the run before it ended.
func ExampleExporter_Export() {
	server := quickbitest.NewServer()
	defer server.Close()
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	exporter := auditing.Exporter{Client: server.Client(), From: time.Now().AddDate(0, 0, -7)}
	for range 2 {
		manifest, err := exporter.Export(context.Background(), dir, auditing.JSONLines, auditing.Members, auditing.AccessLog)
		if err != nil {
			log.Fatal(err) // run it again
		}
		for _, gap := range manifest.Gaps {
			fmt.Println(gap)
		}
		for _, file := range manifest.Files {
			if file.Table == auditing.Members {
				fmt.Println(file.Table, file.Rows)
			}
		}
		if err := manifest.Verify(dir); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// members 1
	// members 1
}
