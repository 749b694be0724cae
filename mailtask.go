package quickbi

import (
	"context"
	"iter"
)

// MailTask is a subscription that sends works by mail.
type MailTask struct {
	MailID    string `json:"MailId"`
	Name      string `json:"SubscribeName"`
	OwnerID   string `json:"BizOwnerUserId"` // UserID
	OwnerName string `json:"BizOwnerName"`   // nickname
	Paused    bool   `json:"Paused"`
}

// MailTaskPage is one page of subscriptions.
type MailTaskPage struct {
	Page[MailTask]
	Next     int `json:"Next"` // number of the next page; 0: there is none
	Previous int `json:"Pre"`  // number of the page before; 0: there is none
}

// MailTaskStatus is the status of a mail.
type MailTaskStatus string

// The statuses of a mail.
const (
	MailTaskSent       MailTaskStatus = "SENT"
	MailTaskFailed     MailTaskStatus = "FAILED"
	MailTaskProcessing MailTaskStatus = "PROCESSING"
)

// MailTaskRun is one run of a subscription.
type MailTaskRun struct {
	MailID   string         `json:"mailId"`
	TaskID   int64          `json:"taskId"`
	Status   MailTaskStatus `json:"status"`
	ExecTime TimeText       `json:"execTime"` // such as "2024-10-09 17:34:11"
}

// GetMailTaskListRequest are the parameters of [Client.GetMailTaskList].
type GetMailTaskListRequest struct {
	NickName string `url:"UserNick,omitempty"`                            // nickname of the owner; left out, those of all owners
	Paused   *bool  `url:"Paused,omitempty"`                              // left out, paused and active ones
	PageNum  int    `url:"PageNum,omitempty" quickbi:"min=1"`             // default 1
	PageSize int    `url:"PageSize,omitempty" quickbi:"min=1,default=25"` // default 25
}

// GetMailTaskList returns a page of the mail subscriptions. A caller without the
// permission to see those of others gets only its own, without an error.
// [Client.GetMailTaskListAll] walks through all pages.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-getmailtasklist
func (c *Client) GetMailTaskList(ctx context.Context, in *GetMailTaskListRequest, opts ...CallOption) (*Response[MailTaskPage], error) {
	return call[MailTaskPage](ctx, c, read("GetMailTaskList"), in, opts)
}

// GetMailTaskListAll returns the subscriptions of all pages of
// [Client.GetMailTaskList], 25 a page by default.
func (c *Client) GetMailTaskListAll(ctx context.Context, in *GetMailTaskListRequest, opts ...CallOption) iter.Seq2[MailTask, error] {
	return all[MailTask](ctx, c, in, c.GetMailTaskList, opts)
}

// GetMailTaskStatusRequest are the parameters of [Client.GetMailTaskStatus].
type GetMailTaskStatusRequest struct {
	MailID string `url:"MailId" quickbi:"required"`
	TaskID int64  `url:"TaskId,omitempty"` // of one run; left out, the latest run
}

// GetMailTaskStatus returns the status of a run of a mail subscription: the latest,
// or that with TaskID. The service takes one such call a second.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-getmailtaskstatus
func (c *Client) GetMailTaskStatus(ctx context.Context, in *GetMailTaskStatusRequest, opts ...CallOption) (*Response[[]MailTaskRun], error) {
	return call[[]MailTaskRun](ctx, c, read("GetMailTaskStatus"), in, opts)
}

// ManualRunMailTaskRequest are the parameters of [Client.ManualRunMailTask].
type ManualRunMailTaskRequest struct {
	MailID string `url:"MailId" quickbi:"required"`
}

// ManualRunMailTask sends a mail subscription now. Sent mails cannot be called back.
// [Client.GetMailTaskStatus] returns the status.
//
// The service takes one such call a second, and the same subscription only every
// few minutes: [ErrMailTaskTooFrequent] says in [Error].RetryAfter how long to
// wait. The client does not send it again by itself.
//
// Expect also [ErrMailTaskNotFound], [ErrMailTaskForbidden],
// [ErrMailTaskRunning] and [ErrMailTaskSchedule]; after the last, the mail may be
// sent all the same.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-manualrunmailtask
func (c *Client) ManualRunMailTask(ctx context.Context, in *ManualRunMailTaskRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("ManualRunMailTask"), in, opts)
}
