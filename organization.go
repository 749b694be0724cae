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

// AuditAccessSource is the way in which a work was opened.
type AuditAccessSource string

// The ways in which a work is opened.
const (
	AuditAccessCommon            AuditAccessSource = "COMMON"             // in Quick BI
	AuditAccessEmbedded          AuditAccessSource = "IMBEDDED"           // embedded report
	AuditAccessEmbeddedComponent AuditAccessSource = "IMBEDDED_COMPONENT" // embedded card of a report
	AuditAccessPublic            AuditAccessSource = "PUBLIC"             // report that is open to everyone
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
	CreatedTime         TimeText `json:"GmtCreate"` // such as "2024-04-16 13:17:39"
	OperatorAccountName string   `json:"OperatorAccountName"`
	OperatorName        string   `json:"OperatorName"` // nickname
	OperatorType        string   `json:"OperatorType"` // what was done, such as "CREATE"
	TargetID            string   `json:"TargetId"`     // what it was done to
	TargetName          string   `json:"TargetName"`
	TargetType          string   `json:"TargetType"` // such as "USER"
	WorkspaceID         string   `json:"WorkspaceId"`
}

// IpWhiteListConfigRequest are the parameters of [Client.IpWhiteListConfig].
type IpWhiteListConfigRequest struct {
	Operation IPWhiteListOperation `url:"Operation" quickbi:"required,oneof=ADD DELETE QUERY"`
	// Addresses are public IPv4 addresses or CIDR blocks. They are needed to add and to delete.
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

// is compares in any letter case: the documentation shows two.
func (o IPWhiteListOperation) is(other IPWhiteListOperation) bool {
	return strings.EqualFold(string(o), string(other))
}

// IpWhiteListConfig adds entries to the IP white list of the organization,
// deletes some, or just returns the list. Take care not to lock yourself out.
// IPWhiteListQuery counts as a read.
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
	// StartDate is the first day, at most 90 days ago, and EndDate the last, which may
	// be the first. In which zone a day begins is not documented. [DayOf] makes one
	// of a time.
	StartDate Day `url:"StartDate" quickbi:"required,compact"`
	EndDate   Day `url:"EndDate" quickbi:"required,compact"`
	// OperatorTypes are what was done, such as "MODIFY"; left out, everything.
	OperatorTypes []string `url:"OperatorTypes,comma,omitempty"`
	OperatorID    string   `url:"OperatorId,omitempty"` // UserID
	WorkspaceID   string   `url:"WorkspaceId,omitempty"`
	// ResourceType is the kind of what it was done to. The spelling of the kinds is
	// documented by the example "cube" only. Others than those of WorksType are sent
	// as they are.
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
	if days := int(end.Sub(start)/(24*time.Hour)) + 1; days > auditLogDays+1 {
		problem("StartDate", fmt.Sprintf("is %d days before EndDate, and the log goes back %d", days-1, auditLogDays))
	}
}

// QueryAuditLog returns what an audit log holds of some days. It knows whole
// days only, goes back 90 days at most, and has no pages: a wide range fails
// with [ErrServiceUnavailable]. [Client.QueryAuditLogAll] asks for one day after
// the other.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryauditlog
func (c *Client) QueryAuditLog(ctx context.Context, in *QueryAuditLogRequest, opts ...CallOption) (*Response[[]AuditLogEntry], error) {
	return call[[]AuditLogEntry](ctx, c, read("QueryAuditLog"), in, opts)
}

// QueryAuditLogAll returns what [Client.QueryAuditLog] returns for each day from
// StartDate to EndDate, both included, with one call a day. An error is a
// [*DayError] that names the day; the entries of the days before it have been
// returned.
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

// DayError is a failure to read one day of several.
type DayError struct {
	Day Day
	Err error
}

// Error names the day.
func (e *DayError) Error() string { return e.Err.Error() + " (the day " + e.Day.String() + ")" }

// Unwrap returns the failure.
func (e *DayError) Unwrap() error { return e.Err }
