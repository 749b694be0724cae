package quickbi

import (
	"context"
	"iter"
)

// ApplicationFilter selects the applications that [Client.QueryApprovalInfo] returns.
type ApplicationFilter int

// The filters.
const (
	ApplicationsPending   ApplicationFilter = 0
	ApplicationsProcessed ApplicationFilter = 1 // approved or rejected
)

// ApplicationStatus is the status of an application.
type ApplicationStatus int

// The statuses of an application.
const (
	ApplicationUnderReview ApplicationStatus = 0
	ApplicationApproved    ApplicationStatus = 1
	ApplicationRejected    ApplicationStatus = 2
)

// Application is a member's request for rights on a resource. An approver decides it.
type Application struct {
	ApplicationID   string            `json:"ApplicationId"`
	ApplicantID     string            `json:"ApplicantId"`   // UserID
	ApplicantName   string            `json:"ApplicantName"` // nickname
	ApplyReason     string            `json:"ApplyReason"`
	ApproverID      string            `json:"ApproverId"`   // UserID
	ApproverName    string            `json:"ApproverName"` // nickname
	HandleReason    string            `json:"HandleReason"` // reason of the decision
	Status          ApplicationStatus `json:"FlagStatus"`
	ResourceID      string            `json:"ResourceId"`
	ResourceName    string            `json:"ResourceName"`
	ResourceType    WorksType         `json:"ResourceType"` // such as "DASHBOARD"
	ResourceDeleted bool              `json:"DeleteFlag"`
	WorkspaceName   string            `json:"WorkspaceName"`
	ExpireDate      UnixMilli         `json:"ExpireDate"` // end of the rights
	CreatedTime     UnixMilli         `json:"GmtCreate"`  // documented with an example in seconds, which are understood
	ModifiedTime    UnixMilli         `json:"GmtModified"`
}

// ApplicationPage is one page of a list of applications.
type ApplicationPage struct {
	Data       []Application `json:"Data"`
	PageNum    int           `json:"Page"`     // counted from 1
	PageSize   int           `json:"PageSize"` // entries in a full page
	Start      int           `json:"Start"`    // entries before the page
	TotalNum   int           `json:"Total"`    // entries of all pages
	TotalPages int           `json:"TotalPages"`
}

func (p *ApplicationPage) entries() []Application     { return p.Data }
func (p *ApplicationPage) extent() (pages, total int) { return p.TotalPages, p.TotalNum }

// QueryApprovalInfoRequest are the parameters of [Client.QueryApprovalInfo].
type QueryApprovalInfoRequest struct {
	UserID   string             `url:"UserId" quickbi:"required"` // of the approver
	Status   *ApplicationFilter `url:"Status" quickbi:"required,oneof=0 1"`
	PageNum  int                `url:"Page,omitempty"`                                  // default 1
	PageSize int                `url:"PageSize,omitempty" quickbi:"min=1,default=1000"` // default 1000
}

// QueryApprovalInfo returns a page of the pending or the processed applications of
// one approver. [Client.QueryApprovalInfoAll] walks through all pages.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryapprovalinfo
func (c *Client) QueryApprovalInfo(ctx context.Context, in *QueryApprovalInfoRequest, opts ...CallOption) (*Response[ApplicationPage], error) {
	return call[ApplicationPage](ctx, c, read("QueryApprovalInfo"), in, opts)
}

// QueryApprovalInfoAll returns the applications of all pages of
// [Client.QueryApprovalInfo], 1000 a page by default. To decide them, [Collect] them
// first: each one that leaves the list moves those behind it.
func (c *Client) QueryApprovalInfoAll(ctx context.Context, in *QueryApprovalInfoRequest, opts ...CallOption) iter.Seq2[Application, error] {
	return all[Application](ctx, c, in, c.QueryApprovalInfo, opts)
}

// ResultCallbackRequest are the parameters of [Client.ResultCallback].
type ResultCallbackRequest struct {
	ApplicationID string            `url:"ApplicationId" quickbi:"required"`
	Status        ApplicationStatus `url:"Status" quickbi:"required,oneof=1 2"` // ApplicationApproved or ApplicationRejected
	HandleReason  string            `url:"HandleReason" quickbi:"required"`
}

// ResultCallback approves or rejects an application, with the result of an approval
// process of your own. A decision cannot be changed.
//
// Expect [ErrApplicationNotFound], [ErrApplicationClosed] for an application that is
// already decided, and [ErrApplicationObjectNotFound] if the resource is gone.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-resultcallback
func (c *Client) ResultCallback(ctx context.Context, in *ResultCallbackRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("ResultCallback"), in, opts)
}
