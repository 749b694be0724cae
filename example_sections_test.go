package quickbi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// office starts an emulator with the workspace lab, in which Ann has a dataset
// orders, a data service, a dashboard that may be embedded, and more.
func office() (*quickbitest.Server, *quickbi.Client) {
	text, err := os.ReadFile("quickbitest/testdata/seed.json")
	if err != nil {
		log.Fatal(err)
	}
	var seed quickbitest.Organization
	if err := json.Unmarshal(text, &seed); err != nil {
		log.Fatal(err)
	}
	server := quickbitest.NewServer()
	if err := server.Seed(seed); err != nil {
		log.Fatal(err)
	}
	return server, server.Client()
}

// A ticket shows one report, with the rights of one member.
func ExampleClient_CreateTicket() {
	server, client := office()
	defer server.Close()
	ctx := context.Background()

	ticket, err := client.CreateTicket(ctx, &quickbi.CreateTicketRequest{
		WorksID:    "sales-dashboard",
		UserID:     "bob", // without it, the report is shown with the rights of its owner
		ExpireTime: 30,    // minutes
	})
	if err != nil {
		log.Fatal(err)
	}
	info, err := client.QueryTicketInfo(ctx, &quickbi.QueryTicketInfoRequest{Ticket: ticket.Result})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Result.WorksID, "for", info.Result.UserID, info.Result.MaxTicketNum, "time")
	// Output: sales-dashboard for bob 1 time
}

// Rows of a data service are decoded into a struct of your own.
func ExampleClient_QueryData() {
	server, client := office()
	defer server.Close()

	resp, err := client.QueryData(context.Background(), &quickbi.QueryDataRequest{
		APIID:        "orders-by-area",
		UserID:       "ann", // with whose rights the rows are read
		ReturnFields: quickbi.DataFields{"area", "amount"},
	})
	if err != nil {
		log.Fatal(err)
	}
	type sale struct {
		Area   string   `json:"area"`
		Amount *float64 `json:"amount"` // nil for a null
	}
	sales, err := quickbi.Decode[sale](resp.Result.Values)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range sales {
		fmt.Println(s.Area, *s.Amount)
	}
	// Output:
	// north 12
	// south 7.5
}

// A rule for "area in (east)" cannot be written from the documentation: it has one
// operator only, not-null. Make the rule in the console once. Then read it, change its
// values and its members, and save it. What the console put into it besides is sent as
// it came.
func ExampleClient_SetDataLevelPermissionRuleConfig() {
	server, client := office()
	defer server.Close()
	ctx := context.Background()
	made := quickbitest.DataLevelRule{ // as in the console
		RuleID: "r-1", RuleName: "Areas", TargetScope: "OTHERS", Audience: quickbi.DataLevelAudience{UserIDs: []string{"ann"}},
		Content: quickbitest.DataLevelRuleContent{Type: "ROW_FIELD", JSON: `{"conditionNode": {"caption": "area", "isMeasure": false, "pathId": "d1",
			"relationOperator": "in", "name": "d1", "value": {"value": ["east"], "valueType": "ENUM", "exact": true}}}`},
	}
	if err := server.Seed(quickbitest.Organization{Datasets: []quickbitest.Dataset{{
		DatasetID: "sales", DatasetName: "Sales", WorkspaceID: "lab", DataSourceID: "db",
		Dimensions: []quickbi.DatasetDimension{{UID: "d1", Caption: "area", DataType: "string", FactColumn: "area"}},
		RowLevel:   quickbitest.DataLevel{Rules: []quickbitest.DataLevelRule{made}},
	}}}); err != nil {
		log.Fatal(err)
	}

	// While the permission is switched off, rules restrict nobody and cannot be saved.
	_, err := client.UpdateDataLevelPermissionStatus(ctx, &quickbi.UpdateDataLevelPermissionStatusRequest{
		DatasetID: "sales", RuleType: quickbi.DataLevelRow, IsOpen: new(quickbi.DataLevelOn),
	})
	if err != nil {
		log.Fatal(err)
	}
	read := func() quickbi.DataLevelRule {
		resp, err := client.ListCubeDataLevelPermissionConfig(ctx, &quickbi.ListCubeDataLevelPermissionConfigRequest{
			DatasetID: "sales", RuleType: quickbi.DataLevelRow,
		})
		if err != nil {
			log.Fatal(err)
		}
		config, err := resp.Result.Value()
		if err != nil {
			log.Fatal(err)
		}
		return config.Rules[0]
	}
	rule := read()
	rule.Content.Condition.Value.Values = []string{"east", "north"}
	rule.Audience.UserIDs = append(rule.Audience.UserIDs, "bob")
	if _, err := client.SetDataLevelPermissionRuleConfig(ctx, &quickbi.SetDataLevelPermissionRuleConfigRequest{RuleModel: rule}); err != nil {
		log.Fatal(err)
	}
	saved := read()
	fmt.Println(saved.RuleID, saved.Content.Condition.Operator, saved.Content.Condition.Value.Values, "for", saved.Audience.UserIDs)
	all, err := json.Marshal(saved.Content.Condition.Value)
	fmt.Println(string(all), err)
	// Output:
	// r-1 in [east north] for [ann bob]
	// {"value":["east","north"],"valueType":"ENUM","exact":true} <nil>
}

// The audit log is read day by day. It goes back 90 days.
func ExampleClient_QueryAuditLogAll() {
	server, client := office()
	defer server.Close()
	ctx := context.Background()

	if _, err := client.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: quickbi.RootUserGroupID, UserGroupName: "South"}); err != nil {
		log.Fatal(err)
	}
	now := time.Now()
	for line, err := range client.QueryAuditLogAll(ctx, &quickbi.QueryAuditLogRequest{
		LogType:   quickbi.AuditLogOperation,
		StartDate: quickbi.DayOf(now.AddDate(0, 0, -1)),
		EndDate:   quickbi.DayOf(now.AddDate(0, 0, 1)),
	}) {
		if err != nil {
			log.Fatal(err) // a *DayError: the days before it have been read
		}
		fmt.Println(line.OperatorType, line.TargetName)
	}
	// Output: CREATE South
}

func ExampleClient_QueryOrganizationWorkspaceListAll() {
	server, client := office()
	defer server.Close()
	ctx := context.Background()

	for workspace, err := range client.QueryOrganizationWorkspaceListAll(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(workspace.WorkspaceName, "of", workspace.OwnerID)
		for member, err := range client.QueryWorkspaceUserListAll(ctx, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: workspace.WorkspaceID}) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("-", member.NickName, member.Role.RoleID == quickbi.WorkspaceRoleAdmin)
		}
	}
	// Output:
	// Lab of ann
	// - Ann true
	// - Cem false
}

func ExampleClient_QueryDatasetListAll() {
	server, client := office()
	defer server.Close()
	ctx := context.Background()

	for dataset, err := range client.QueryDatasetListAll(ctx, &quickbi.QueryDatasetListRequest{WorkspaceID: "lab"}) {
		if err != nil {
			log.Fatal(err)
		}
		info, err := client.QueryDatasetInfo(ctx, &quickbi.QueryDatasetInfoRequest{DatasetID: dataset.DatasetID})
		if err != nil {
			log.Fatal(err)
		}
		for _, d := range info.Result.Dimensions {
			fmt.Println(dataset.DatasetName, d.Caption, d.DataType.Is(quickbi.DataTypeString))
		}
	}
	// Output: Orders area true
}

// A tag is a property of members. Row-level permissions can refer to it.
func ExampleClient_UpdateUserTagValue() {
	server, client := office()
	defer server.Close()
	ctx := context.Background()

	_, err := client.UpdateUserTagValue(ctx, &quickbi.UpdateUserTagValueRequest{UserID: "bob", TagID: "area", TagValues: []string{"north", "south"}})
	if err != nil {
		log.Fatal(err)
	}
	values, err := client.QueryUserTagValueList(ctx, &quickbi.QueryUserTagValueListRequest{UserID: "bob"})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range values.Result {
		fmt.Println(v.TagName, len(v.TagValues), v.TagValues)
	}
	// Output: Area 2 [north south]
}

// An operation that takes up to 1000 members at a time is called once for each chunk.
func ExampleInChunks() {
	server := quickbitest.NewServer()
	defer server.Close()
	seed := quickbitest.Organization{UserGroups: []quickbitest.UserGroup{{UserGroupID: "all", UserGroupName: "All"}}}
	var userIDs []string
	for i := range 2500 {
		userIDs = append(userIDs, fmt.Sprint("user-", i))
		seed.Users = append(seed.Users, quickbitest.User{UserID: userIDs[i], AccountName: userIDs[i], NickName: userIDs[i], UserType: 2})
	}
	if err := server.Seed(seed); err != nil {
		log.Fatal(err)
	}
	client := server.Client()

	done, err := quickbi.InChunks(userIDs, 1000, func(chunk []string) error {
		_, err := client.AddUserGroupMember(context.Background(), &quickbi.AddUserGroupMemberRequest{UserGroupID: "all", UserIDs: chunk})
		return err
	})
	fmt.Println(done, err) // after an error, userIDs[done:] are left
	// Output: 2500 <nil>
}

// A fake tests code that takes an interface of its own.
func Example_fake() {
	type members interface {
		CheckOrganizationMember(context.Context, *quickbi.CheckOrganizationMemberRequest, ...quickbi.CallOption) (*quickbi.Response[bool], error)
	}
	greet := func(m members, userID string) string {
		resp, err := m.CheckOrganizationMember(context.Background(), &quickbi.CheckOrganizationMemberRequest{UserID: userID})
		switch {
		case err != nil:
			return "try again later"
		case resp.Result:
			return "hello"
		}
		return "who are you?"
	}
	fmt.Println(greet(fakeMembers{"ann": true}, "ann"), greet(fakeMembers{}, "ann"))
	// Output: hello who are you?
}

// fakeMembers knows who is a member.
type fakeMembers map[string]bool

func (f fakeMembers) CheckOrganizationMember(_ context.Context, in *quickbi.CheckOrganizationMemberRequest, _ ...quickbi.CallOption) (*quickbi.Response[bool], error) {
	return &quickbi.Response[bool]{Success: true, Result: f[in.UserID]}, nil
}

// The emulator tests code that takes a *Client.
func Example_emulator() {
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.Seed(quickbitest.Organization{Users: []quickbitest.User{{UserID: "ann", AccountName: "ann", NickName: "Ann", UserType: 1}}}); err != nil {
		log.Fatal(err)
	}
	client := server.Client()
	server.Fail("CheckOrganizationMember", quickbitest.DropAfter(), 1) // the answer is lost once, and asked for again
	resp, err := client.CheckOrganizationMember(context.Background(), &quickbi.CheckOrganizationMemberRequest{UserID: "ann"})
	fmt.Println(resp.Result, err)
	// Output: true <nil>
}
