package quickbitest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestApplications(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	err := e.Seed(Organization{Applications: []Application{
		{
			ApplicationID: "a1", ApplicantID: "ann", ApproverID: "bob", ApplyReason: "for work", ResourceID: "r1", ResourceName: "Sales",
			ResourceType: "DASHBOARD", WorkspaceName: "Lab", ExpireDate: 5000, CreatedTime: 1000,
		},
		{ApplicationID: "a2", ApplicantID: "bob2", ApproverID: "bob", ResourceDeleted: true},
		{ApplicationID: "a3", ApplicantID: "ann", ApproverID: "bob", Status: 2, HandleReason: "no"},
		{ApplicationID: "a4", ApplicantID: "ann"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	type list struct {
		Data                                     []applicationResult
		Page, PageSize, Start, Total, TotalPages int
	}
	ids := func(pairs ...string) string {
		t.Helper()
		var ids []string
		for _, a := range must[list](t, e, "QueryApprovalInfo", pairs...).Data {
			ids = append(ids, a.ApplicationID)
		}
		return strings.Join(ids, " ")
	}
	want := list{
		Data: []applicationResult{{
			Application: Application{
				ApplicationID: "a1", ApplicantID: "ann", ApproverID: "bob", ApplyReason: "for work", ResourceID: "r1", ResourceName: "Sales",
				ResourceType: "DASHBOARD", WorkspaceName: "Lab", ExpireDate: 5000, CreatedTime: 1000, ModifiedTime: 1000,
			},
			ApplicantName: "Ann", ApproverName: "Bob",
		}},
		Page: 1, PageSize: 1, Total: 2, TotalPages: 2,
	}
	got := must[list](t, e, "QueryApprovalInfo", "UserId", "bob", "Status", "0", "PageSize", "1")
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(applicationResult{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := must[list](t, e, "QueryApprovalInfo", "UserId", "bob", "Status", "0", "PageSize", "1", "Page", "2"); p.Start != 1 || p.Page != 2 {
		t.Errorf("%+v", p)
	}
	if p := must[list](t, e, "QueryApprovalInfo", "UserId", "ann", "Status", "0"); p.PageSize != 1000 || p.Total != 0 {
		t.Errorf("%+v", p)
	}

	decide := func(id, status string) []string {
		return []string{"ApplicationId", id, "Status", status, "HandleReason", "so be it"}
	}
	mustRefuse(t, e, "Application.NotExist", "ResultCallback", decide("a9", "1")...)
	mustRefuse(t, e, "Application.RecordClosed", "ResultCallback", decide("a3", "1")...)
	mustRefuse(t, e, "Application.Object.NotExist", "ResultCallback", decide("a2", "1")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "ResultCallback", decide("a1", "0")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "QueryApprovalInfo", "UserId", "bob", "Status", "2")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryApprovalInfo", "UserId", "nobody", "Status", "0")
	must[bool](t, e, "ResultCallback", decide("a1", "1")...)
	mustRefuse(t, e, "Application.RecordClosed", "ResultCallback", decide("a1", "2")...)
	if got := ids("UserId", "bob", "Status", "0") + "; " + ids("UserId", "bob", "Status", "1"); got != "a2; a3 a1" {
		t.Error(got)
	}
	a1 := must[list](t, e, "QueryApprovalInfo", "UserId", "bob", "Status", "1").Data[1]
	if a1.Status != approved || a1.HandleReason != "so be it" || a1.ModifiedTime != now.UnixMilli() {
		t.Errorf("%+v", a1)
	}

	must[bool](t, e, "DeleteUser", "UserId", "bob") // decided, and was to decide
	if got := ids("UserId", OwnerUserID, "Status", "0") + "; " + ids("UserId", OwnerUserID, "Status", "1"); got != "a4 a2; a3 a1" {
		t.Error(got)
	}
	must[bool](t, e, "DeleteUser", "UserId", "ann") // had applied
	if got := ids("UserId", OwnerUserID, "Status", "0") + "; " + ids("UserId", OwnerUserID, "Status", "1"); got != "a2; " {
		t.Error(got)
	}
	mustRefuse(t, e, "Application.NotExist", "ResultCallback", decide("a4", "1")...)

	for want, s := range map[string]Application{
		`there is no user "ann"`:      {ApplicantID: "ann"},
		`there is no user "bob"`:      {ApplicantID: "bob2", ApproverID: "bob"},
		`an application "a2" already`: {ApplicantID: "bob2", ApplicationID: "a2"},
		"there is no status 3":        {ApplicantID: "bob2", Status: 3},
	} {
		if err := e.Seed(Organization{Applications: []Application{s}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", s, err, want)
		}
	}
}
