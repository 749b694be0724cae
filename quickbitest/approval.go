package quickbitest

import (
	"cmp"
	"fmt"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// The states of an application, as FlagStatus has them.
const (
	underReview = 0
	approved    = 1
	rejected    = 2
)

// An Application is a member's request for rights on a resource. Its details stay as
// seeded, and approving it grants nothing.
type Application struct {
	ApplicationID   string `json:"ApplicationId"` // empty: generated
	ApplicantID     string `json:"ApplicantId"`
	ApproverID      string `json:"ApproverId"` // empty: the organization's owner
	ApplyReason     string
	HandleReason    string
	Status          int    `json:"FlagStatus"` // 0 under review, 1 approved, 2 rejected
	ResourceID      string `json:"ResourceId"`
	ResourceName    string
	ResourceType    string // such as "DASHBOARD"
	WorkspaceName   string
	ResourceDeleted bool  `json:"DeleteFlag"` // the resource is gone
	ExpireDate      int64 // milliseconds since 1970
	CreatedTime     int64 `json:"GmtCreate"`   // milliseconds since 1970; 0: now
	ModifiedTime    int64 `json:"GmtModified"` // milliseconds since 1970; 0: GmtCreate
}

// The approvalState is what the organization knows of applications.
type approvalState struct {
	applications   table[*application]
	applicationsOf index[string, *application] // by the applicant's id
	inboxes        map[string]*inbox           // by the approver's id
}

func newApprovalState() approvalState {
	return approvalState{inboxes: make(map[string]*inbox)}
}

// An inbox is the applications of one approver.
type inbox struct{ pending, processed table[*application] }

type application struct {
	Application
	applicant, approver *member
}

type applicationResult struct {
	Application
	ApplicantName string
	ApproverName  string
}

func (a *application) result() applicationResult {
	return applicationResult{a.Application, a.applicant.NickName, a.approver.NickName}
}

// queryApprovalInfo lists the pending or the processed applications of an approver.
func queryApprovalInfo(c *call, approver *member) (any, error) {
	type applicationPage struct {
		Page, PageSize, Start, Total, TotalPages int
		Data                                     []applicationResult
	}
	in := c.inbox(approver)
	list := &in.pending
	if c.int("Status") == 1 {
		list = &in.processed
	}
	p := paginate(c, list.all(), (*application).result)
	return applicationPage{p.PageNum, p.PageSize, (p.PageNum - 1) * p.PageSize, p.TotalNum, p.TotalPages, p.Data}, nil
}

// resultCallback decides an application.
func resultCallback(c *call, a *application) (any, error) {
	switch {
	case a.Status != underReview:
		return nil, gateway.Refuse("Application.RecordClosed", "The application is closed.")
	case a.ResourceDeleted:
		return nil, gateway.Refuse("Application.Object.NotExist", "The resource of the application does not exist any more.")
	}
	a.Status, a.HandleReason, a.ModifiedTime = c.int("Status"), c.string("HandleReason"), c.now.UnixMilli()
	in := c.inbox(a.approver)
	in.pending.remove(a.ApplicationID)
	in.processed.put(a.ApplicationID, a)
	return true, nil
}

// inbox returns the member's inbox, an empty one if there is none.
func (o *organization) inbox(approver *member) *inbox {
	if in := o.inboxes[approver.UserID]; in != nil {
		return in
	}
	return new(inbox)
}

// hand gives the application to its approver.
func (o *organization) hand(a *application) {
	in := o.inbox(a.approver)
	if a.Status == underReview {
		in.pending.put(a.ApplicationID, a)
	} else {
		in.processed.put(a.ApplicationID, a)
	}
	o.inboxes[a.approver.UserID] = in
}

// dropApplications drops what a member who leaves has applied for. The owner of the
// organization gets what the member was to decide, or decided.
func (o *organization) dropApplications(m *member) {
	for a := range o.applicationsOf.all(m.UserID) {
		in := o.inbox(a.approver)
		in.pending.remove(a.ApplicationID)
		in.processed.remove(a.ApplicationID)
		o.applications.remove(a.ApplicationID)
	}
	delete(o.applicationsOf, m.UserID)
	in := o.inbox(m)
	delete(o.inboxes, m.UserID)
	for _, list := range []*table[*application]{&in.pending, &in.processed} {
		for a := range list.all() {
			a.approver, a.ApproverID = o.owner(), OwnerUserID
			o.hand(a)
		}
	}
}

func (o *organization) seedApplication(s Application, now time.Time) error {
	s.ApplicationID = cmp.Or(s.ApplicationID, gateway.NewUUID())
	s.ApproverID = cmp.Or(s.ApproverID, OwnerUserID)
	s.CreatedTime = cmp.Or(s.CreatedTime, now.UnixMilli())
	s.ModifiedTime = cmp.Or(s.ModifiedTime, s.CreatedTime)
	applicant, ok := o.members.get(s.ApplicantID)
	if !ok {
		return fmt.Errorf("there is no user %q", s.ApplicantID)
	}
	approver, err := o.seedMember(s.ApproverID, nil)
	switch {
	case err != nil:
		return err
	case o.applications.has(s.ApplicationID):
		return fmt.Errorf("there is an application %q already", s.ApplicationID)
	case s.Status < underReview || s.Status > rejected:
		return fmt.Errorf("there is no status %d", s.Status)
	}
	a := &application{Application: s, applicant: applicant, approver: approver}
	o.applications.put(a.ApplicationID, a)
	o.applicationsOf.put(a.ApplicantID, a.ApplicationID, a)
	o.hand(a)
	return nil
}

func (a *application) seed() Application { return a.Application }
