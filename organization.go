package quickbi

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
)

// IPWhiteListOperation is what [Client.IpWhiteListConfig] does.
type IPWhiteListOperation string

// The operations on the IP white list.
const (
	IPWhiteListAdd    IPWhiteListOperation = "ADD"
	IPWhiteListDelete IPWhiteListOperation = "DELETE"
	IPWhiteListQuery  IPWhiteListOperation = "QUERY" // changes nothing
)

// IPWhiteList is the organization's list of IP addresses that may log in.
type IPWhiteList struct {
	Addresses []string `json:"IpWhiteList"`
}

// AuditLogType is a kind of audit log.
type AuditLogType string

// The audit logs.
const (
	AuditLogAccess     AuditLogType = "dataView"
	AuditLogOperation  AuditLogType = "function"
	AuditLogPermission AuditLogType = "permission"
)

// AuditAccessSource is how a work was opened.
type AuditAccessSource string

// The ways to open a work.
const (
	AuditAccessCommon            AuditAccessSource = "COMMON"             // in Quick BI
	AuditAccessEmbedded          AuditAccessSource = "IMBEDDED"           // embedded report
	AuditAccessEmbeddedComponent AuditAccessSource = "IMBEDDED_COMPONENT" // embedded card of a report
	AuditAccessPublic            AuditAccessSource = "PUBLIC"             // public report
)

// AuditDevice is the kind of device on which a work was opened.
type AuditDevice string

// The devices.
const (
	AuditDeviceMobile AuditDevice = "MOBILE"
	AuditDevicePC     AuditDevice = "PC"
)

// AuditLogEntry is a line of an audit log.
type AuditLogEntry struct {
	CreatedTime         TimeText `json:"GmtCreate"` // such as "2024-04-16 13:17:39", in a zone that is not documented
	OperatorAccountName string   `json:"OperatorAccountName"`
	OperatorName        string   `json:"OperatorName"` // nickname
	OperatorType        string   `json:"OperatorType"` // the operation, such as "CREATE"
	TargetID            string   `json:"TargetId"`     // the object of the operation
	TargetName          string   `json:"TargetName"`
	TargetType          string   `json:"TargetType"` // such as "USER"
	WorkspaceID         string   `json:"WorkspaceId"`
}

// IpWhiteListConfigRequest are the parameters of [Client.IpWhiteListConfig].
type IpWhiteListConfigRequest struct {
	Operation IPWhiteListOperation `url:"Operation" quickbi:"required,oneof=ADD DELETE QUERY"`
	// Addresses are public IPv4 addresses or CIDR blocks, required to add and to delete.
	Addresses []string `url:"IpWhiteList,comma,omitempty"`
}

func (in *IpWhiteListConfigRequest) check(problem func(parameter, text string)) {
	switch {
	case in.Operation.is(IPWhiteListQuery):
		if len(in.Addresses) > 0 {
			problem("IpWhiteList", "must be left out to QUERY, which changes nothing")
		}
	case len(in.Addresses) == 0 && (in.Operation.is(IPWhiteListAdd) || in.Operation.is(IPWhiteListDelete)):
		problem("IpWhiteList", "is required to "+strings.ToUpper(string(in.Operation)))
	}
}

// is ignores letter case: the documentation shows both.
func (o IPWhiteListOperation) is(other IPWhiteListOperation) bool {
	return strings.EqualFold(string(o), string(other))
}

// IpWhiteListConfig adds addresses to the IP white list of the organization or
// deletes some, and returns the list. Take care not to lock yourself out.
// With IPWhiteListQuery it changes nothing and counts as a read.
//
// Expect [ErrInvalidLoginIP], [ErrPrivateLoginIP] and [ErrInvalidInput].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-ipwhitelistconfig
func (c *Client) IpWhiteListConfig(ctx context.Context, in *IpWhiteListConfigRequest, opts ...CallOption) (*Response[IPWhiteList], error) {
	op := write("IpWhiteListConfig")
	if in != nil && in.Operation.is(IPWhiteListQuery) {
		op = read(op.action)
	}
	return call[IPWhiteList](ctx, c, op, in, opts)
}

// auditLogDays is how many days an audit log goes back.
const auditLogDays = 90

// QueryAuditLogRequest are the parameters of [Client.QueryAuditLog].
type QueryAuditLogRequest struct {
	LogType AuditLogType `url:"LogType" quickbi:"required,oneof=dataView function permission"`
	// StartDate is the first day, at most 90 days ago. The zone of days is not
	// documented: the limit is checked in UTC+8, by the clock that signs requests,
	// unless [CallUndocumented] is given. [DayOf] returns the day of a time.
	StartDate Day `url:"StartDate" quickbi:"required,compact"`
	// EndDate is the last day. It may be the same as StartDate.
	EndDate Day `url:"EndDate" quickbi:"required,compact"`
	// OperatorTypes are operations, such as "MODIFY"; left out, all.
	OperatorTypes []string `url:"OperatorTypes,comma,omitempty"`
	OperatorID    string   `url:"OperatorId,omitempty"` // UserID
	WorkspaceID   string   `url:"WorkspaceId,omitempty"`
	// ResourceType is the kind of the object. Its only documented spelling is "cube";
	// kinds other than those of WorksType are sent as they are.
	ResourceType WorksType `url:"ResourceType,omitempty" quickbi:"kinds=dashboard report dashboardOfflineQuery cube datasource screen ANALYSIS dataForm,open"`

	AccessSource AuditAccessSource `url:"AccessSourceFlag,omitempty" quickbi:"oneof=COMMON IMBEDDED PUBLIC IMBEDDED_COMPONENT"`
	AccessDevice AuditDevice       `url:"UserAccessDevice,omitempty" quickbi:"oneof=MOBILE PC"`
}

func (in *QueryAuditLogRequest) check(problem func(parameter, text string)) {
	start, startErr := in.StartDate.In(nil)
	end, endErr := in.EndDate.In(nil)
	if startErr != nil || endErr != nil {
		return // missing or no day, which is reported already
	}
	if end.Before(start) {
		problem("EndDate", "is before StartDate")
	}
}

// checkAt reports a first day that the log does not hold any more.
func (in *QueryAuditLogRequest) checkAt(now time.Time, problem func(parameter, text string)) {
	first, err := in.StartDate.In(time.UTC)
	if err != nil {
		return // reported already
	}
	today := DayOf(now.In(ChinaTime))
	last, _ := today.In(time.UTC)
	if days := int(last.Sub(first) / (24 * time.Hour)); days > auditLogDays {
		problem("StartDate", fmt.Sprintf("is %d days before today, %s in UTC+8, and the log goes back %d days", days, today, auditLogDays))
	}
}

// QueryAuditLog returns the entries of an audit log from whole days, at most 90
// days back. It has no pages: a wide range fails with [ErrServiceUnavailable].
// [Client.QueryAuditLogAll] reads one day after the other.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryauditlog
func (c *Client) QueryAuditLog(ctx context.Context, in *QueryAuditLogRequest, opts ...CallOption) (*Response[[]AuditLogEntry], error) {
	return call[[]AuditLogEntry](ctx, c, read("QueryAuditLog"), in, opts)
}

// QueryAuditLogAll returns the entries of [Client.QueryAuditLog] for each day from
// StartDate to EndDate, both included, with one call a day. An error of a day is a
// [*DayError] that names it; the entries of the days before it have been returned.
func (c *Client) QueryAuditLogAll(ctx context.Context, in *QueryAuditLogRequest, opts ...CallOption) iter.Seq2[AuditLogEntry, error] {
	return func(yield func(AuditLogEntry, error) bool) {
		var q QueryAuditLogRequest // a copy for every range over the sequence
		if in != nil {
			q = *in
		}
		if _, err := encode("QueryAuditLog", &q, true); err != nil {
			yield(AuditLogEntry{}, err)
			return
		}
		day, _ := q.StartDate.In(nil) // encode has checked both
		last, _ := q.EndDate.In(nil)
		for ; !day.After(last); day = day.AddDate(0, 0, 1) {
			q.StartDate, q.EndDate = DayOf(day), DayOf(day)
			resp, err := c.QueryAuditLog(ctx, &q, opts...)
			if err != nil {
				yield(AuditLogEntry{}, &DayError{q.StartDate, err})
				return
			}
			for _, entry := range resp.Result {
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}

// DayError is the failure to read one day of several.
type DayError struct {
	Day Day
	Err error
}

// Error names the day.
func (e *DayError) Error() string { return e.Err.Error() + " (the day " + e.Day.String() + ")" }

// Unwrap returns the failure.
func (e *DayError) Unwrap() error { return e.Err }
