package main

import "github.com/quickbi-go/quickbi/quickbitest"

// demo starts an emulator with an organization of a few works.
func demo() (*quickbitest.Server, error) {
	server := quickbitest.NewServer()
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}},
		Workspaces: []quickbitest.Workspace{
			{ID: "sales", Name: "Sales", DefaultShareToAll: true, Users: []quickbitest.WorkspaceUser{{UserID: "ann"}, {UserID: "ben"}}},
			{ID: "board", Name: "Board", DefaultShareToAll: true, Users: []quickbitest.WorkspaceUser{{UserID: "ann"}}},
		},
		Works: []quickbitest.Work{
			{ID: "revenue", Name: "Revenue by region", Type: "PAGE", WorkspaceID: "sales", Status: 1, Embedded: true},
			{ID: "prices", Name: "Price list", Type: "REPORT", WorkspaceID: "sales", Status: 1, Embedded: true},
			{ID: "wall", Name: "Sales today", Type: "SCREEN", WorkspaceID: "sales", Status: 1, Embedded: true},
			{ID: "orders", Name: "Orders to take away", Type: "dashboardOfflineQuery", WorkspaceID: "sales", Embedded: true},
			{ID: "returns", Name: "Why things come back", Type: "ANALYSIS", WorkspaceID: "sales", Embedded: true},
			{ID: "plans", Name: "Plans, not open for embedding", Type: "PAGE", WorkspaceID: "sales", Status: 1},
			{ID: "draft", Name: "Draft, not published", Type: "PAGE", WorkspaceID: "sales", Status: 3, Embedded: true},
			{ID: "salaries", Name: "Salaries", Type: "PAGE", WorkspaceID: "board", Status: 1, Embedded: true},
		},
	})
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}
