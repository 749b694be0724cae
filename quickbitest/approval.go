package quickbitest

import (
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

const approvalPageSize = 1000 // documented for this list only

// An Application is a member's request for rights on a resource. What it is about
// is shown as it was seeded; to approve it does not grant anything.
type Application struct {
	ApplicationID string `json:"ApplicationId,omitempty"` // empty: made up
	ApplicantID   string `json:"ApplicantId"`
	ApproverID    string `json:"ApproverId,omitempty"` // empty: the organization's owner
	ApplyReason   string `json:"ApplyReason,omitempty"`
	HandleReason  string `json:"HandleReason,omitempty"`
	FlagStatus    int    `json:"FlagStatus,omitempty"` // 0 under review, 1 approved, 2 rejected
	ResourceID    string `json:"ResourceId,omitempty"`
	ResourceName  string `json:"ResourceName,omitempty"`
	ResourceType  string `json:"ResourceType,omitempty"` // such as "DASHBOARD"
	WorkspaceName string `json:"WorkspaceName,omitempty"`
	DeleteFlag    bool   `json:"DeleteFlag,omitempty"`  // the resource is gone
	ExpireDate    int64  `json:"ExpireDate,omitempty"`  // milliseconds since 1970
	GmtCreate     int64  `json:"GmtCreate,omitempty"`   // milliseconds since 1970; 0: now
	GmtModified   int64  `json:"GmtModified,omitempty"` // milliseconds since 1970; 0: GmtCreate
}

// applications is what the organization knows of the section.
type applications struct {
	all         table[*application]
	byApplicant index[string, *application]
	byApprover  map[string]*inbox
}

// An inbox is the applications of one approver.
type inbox struct{ pending, processed table[*application] }

type application struct {
	Application
	applicant, approver *member
}

type applicationResult struct {
	applicationFields
	ApplicantName string
	ApproverName  string
}

// applicationFields is an [Application] with all of its members written out.
type applicationFields struct {
	ApplicationID string `json:"ApplicationId"`
	ApplicantID   string `json:"ApplicantId"`
	ApproverID    string `json:"ApproverId"`
	ApplyReason   string
	HandleReason  string
	FlagStatus    int
	ResourceID    string `json:"ResourceId"`
	ResourceName  string
	ResourceType  string
	WorkspaceName string
	DeleteFlag    bool
	ExpireDate    int64
	GmtCreate     int64
	GmtModified   int64
}

func (a *application) result() applicationResult {
	return applicationResult{applicationFields(a.Application), a.applicant.NickName, a.approver.NickName}
}

// queryApprovalInfo lists what an approver has to decide, or has decided.
func queryApprovalInfo(c *call, approver *member) (any, error) {
	type applicationPage struct {
		Data       []applicationResult
		Page       int
		PageSize   int
		Start      int
		Total      int
		TotalPages int
	}
	in := c.applications.inbox(approver)
	list := &in.pending
	switch c.int("Status") {
	case 0:
	case 1:
		list = &in.processed
	default:
		return nil, gateway.Invalid("Status", "is neither 0 nor 1")
	}
	size := c.int("PageSize")
	if size < 1 {
		size = approvalPageSize
	}
	p := cut(list.all(), c.int("Page"), size, (*application).result)
	return applicationPage{
		Data: p.Data, Page: p.PageNum, PageSize: p.PageSize, Start: (p.PageNum - 1) * p.PageSize,
		Total: p.TotalNum, TotalPages: p.TotalPages,
	}, nil
}

// findApplication returns the application with the id, or the refusal with the code.
func (o *organization) findApplication(id, code string) (*application, error) {
	return o.applications.all.find(id, code, "application")
}

// resultCallback decides an application.
func resultCallback(c *call, a *application) (any, error) {
	status := c.int("Status")
	if status != approved && status != rejected {
		return nil, gateway.Invalid("Status", "is neither 1 nor 2")
	}
	switch {
	case a.FlagStatus != underReview:
		return nil, gateway.Refuse("Application.RecordClosed", "The application has been decided.")
	case a.DeleteFlag:
		return nil, gateway.Refuse("Application.Object.NotExist", "What the application is about does not exist any more.")
	}
	a.FlagStatus, a.HandleReason, a.GmtModified = status, c.string("HandleReason"), c.now.UnixMilli()
	in := c.applications.inbox(a.approver)
	in.pending.remove(a.ApplicationID)
	in.processed.put(a.ApplicationID, a)
	return true, nil
}

// inbox returns that of the member, an empty one if nothing was ever in it.
func (s *applications) inbox(approver *member) *inbox {
	if in := s.byApprover[approver.UserID]; in != nil {
		return in
	}
	return new(inbox)
}

// hand gives the application to its approver.
func (s *applications) hand(a *application) {
	if s.byApprover == nil {
		s.byApprover = make(map[string]*inbox)
	}
	in := s.inbox(a.approver)
	if a.FlagStatus == underReview {
		in.pending.put(a.ApplicationID, a)
	} else {
		in.processed.put(a.ApplicationID, a)
	}
	s.byApprover[a.approver.UserID] = in
}

func (s *applications) add(a *application) {
	s.all.put(a.ApplicationID, a)
	s.byApplicant.put(a.ApplicantID, a.ApplicationID, a)
	s.hand(a)
}

// forgetApplications drops what a member who leaves has applied for. What the
// member was to decide, or decided, goes to the organization's owner.
func (o *organization) forgetApplications(m *member) {
	s := &o.applications
	for a := range s.byApplicant.all(m.UserID) {
		in := s.inbox(a.approver)
		in.pending.remove(a.ApplicationID)
		in.processed.remove(a.ApplicationID)
		s.all.remove(a.ApplicationID)
	}
	delete(s.byApplicant, m.UserID)
	in := s.inbox(m)
	delete(s.byApprover, m.UserID)
	owner := o.owner()
	for _, list := range []*table[*application]{&in.pending, &in.processed} {
		for a := range list.all() {
			a.approver, a.ApproverID = owner, OwnerUserID
			s.hand(a)
		}
	}
}

func (o *organization) seedApplication(s Application, now time.Time) error {
	if s.ApplicationID == "" {
		s.ApplicationID = gateway.NewUUID()
	}
	if s.ApproverID == "" {
		s.ApproverID = OwnerUserID
	}
	if s.GmtCreate == 0 {
		s.GmtCreate = now.UnixMilli()
	}
	if s.GmtModified == 0 {
		s.GmtModified = s.GmtCreate
	}
	applicant, ok := o.members.get(s.ApplicantID)
	if !ok {
		return fmt.Errorf("there is no user %q", s.ApplicantID)
	}
	approver, err := o.seedMember(s.ApproverID, nil)
	switch {
	case err != nil:
		return err
	case o.applications.all.has(s.ApplicationID):
		return fmt.Errorf("there is an application %q already", s.ApplicationID)
	case s.FlagStatus < underReview || s.FlagStatus > rejected:
		return fmt.Errorf("there is no status %d", s.FlagStatus)
	}
	o.applications.add(&application{Application: s, applicant: applicant, approver: approver})
	return nil
}
