package embedding_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func ExampleEmbedder_NewTicket() {
	server := quickbitest.NewServer()
	defer server.Close()
	err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "46e5", NickName: "Ann"}},
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "sales", WorkspaceName: "Sales"}},
		Works:      []quickbitest.Works{{WorksID: "a206", WorksName: "Revenue", WorkspaceID: "sales", Status: 1, ThirdPartAuthFlag: true}},
	})
	if err != nil {
		log.Fatal(err)
	}

	embedder := embedding.Embedder{Client: server.Client(), Region: "ap-southeast-1"}
	ticket, err := embedder.NewTicket(context.Background(), embedding.Page{
		WorksID:  "a206",
		Kind:     quickbi.WorksTypeDashboard,
		Viewer:   embedding.AsUser("46e5"),
		Lifetime: 10 * time.Minute,
		GlobalParams: quickbi.GlobalParams{
			quickbi.GlobalParamOf("area", quickbi.GlobalIn, "east", "west"),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	src, err := ticket.URL()
	if err != nil {
		log.Fatal(err)
	}
	place, err := url.Parse(src) // src itself is for the browser only
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(place.Host + place.Path)
	_, err = ticket.URL()
	fmt.Println(err)
	// Output:
	// bi-ap-southeast-1.data.aliyun.com/token3rd/dashboard/view/pc.htm
	// embedding: the ticket is in a URL already; make one for every URL
}
