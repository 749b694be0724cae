package quickbi_test

import (
	"fmt"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestDecideWhatIsPending decides every pending application. Each decision removes an
// entry from the list.
func TestDecideWhatIsPending(t *testing.T) {
	t.Parallel()
	const pending = 250
	server := quickbitest.NewServer()
	defer server.Close()
	seed := quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "boss", AccountName: "boss@example.com", NickName: "Boss", UserType: 1},
		{UserID: "ann", AccountName: "ann@example.com", NickName: "Ann", UserType: 1},
	}}
	for i := range pending {
		seed.Applications = append(seed.Applications, quickbitest.Application{
			ApplicationID: fmt.Sprint("a-", i), ApplicantID: "ann", ApproverID: "boss", ApplyReason: "work",
			ResourceID: "r-1", ResourceName: "Sales", ResourceType: "DASHBOARD", WorkspaceName: "Lab",
		})
	}
	if err := server.Seed(seed); err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	in := &quickbi.QueryApprovalInfoRequest{UserID: "boss", Status: new(quickbi.ApplicationsPending), PageSize: 100}
	applications, err := quickbi.Collect(client.QueryApprovalInfoAll(t.Context(), in), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, application := range applications {
		_, err := client.ResultCallback(t.Context(), &quickbi.ResultCallbackRequest{
			ApplicationID: application.ApplicationID, Status: quickbi.ApplicationApproved, HandleReason: "fine",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	left, err := quickbi.Collect(client.QueryApprovalInfoAll(t.Context(), in), 1000)
	if len(applications) != pending || len(left) != 0 || err != nil {
		t.Errorf("%d decided, %d left, %v", len(applications), len(left), err)
	}
}
