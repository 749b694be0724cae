package auditing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/listing"
)

var logTypes = map[Table]quickbi.AuditLogType{
	AccessLog: quickbi.AuditLogAccess, OperationLog: quickbi.AuditLogOperation, PermissionLog: quickbi.AuditLogPermission,
}

type logEntry struct {
	Time            string `json:"time"`
	OperatorAccount string `json:"operatorAccount"`
	Operator        string `json:"operator"`
	Operation       string `json:"operation"`
	TargetType      string `json:"targetType"`
	TargetID        string `json:"targetId"`
	Target          string `json:"target"`
	WorkspaceID     string `json:"workspaceId"`
}

// logOf returns the rows of a log, those of each day in the order of their times.
func logOf(table Table) func(context.Context, *export) iter.Seq2[logEntry, error] {
	return func(ctx context.Context, x *export) iter.Seq2[logEntry, error] {
		return func(yield func(logEntry, error) bool) {
			for day := dayOf(x.From); !day.After(dayOf(x.To)); day = day.AddDate(0, 0, 1) {
				lines, err := x.readDay(ctx, table, day)
				if err != nil {
					yield(logEntry{}, err)
					return
				}
				for _, line := range lines {
					if t, ok := x.parse(line.CreatedTime); ok {
						t = t.In(x.Zone)
						if x.summary.First.IsZero() {
							x.summary.First = t
						}
						x.summary.Last = t
					}
					row := logEntry{
						x.text(line.CreatedTime), line.OperatorAccountName, line.OperatorName, line.OperatorType,
						line.TargetType, line.TargetID, line.TargetName, line.WorkspaceID,
					}
					if !yield(row, nil) {
						return
					}
				}
			}
		}
	}
}

// atOnce is how many lines the service shows at once, as its own page does. An
// answer with that many may be cut off.
const atOnce = 10_000

// A filter divides the lines of a day by one of their properties.
type filter struct {
	name   string
	set    func(*quickbi.QueryAuditLogRequest, string)
	list   func(context.Context, *export) ([]string, error)
	misses string // lines that no value selects; "": there are none
}

var (
	byDevice = filter{
		"device", func(q *quickbi.QueryAuditLogRequest, v string) { q.AccessDevice = quickbi.AuditDevice(v) },
		listed(quickbi.AuditDeviceMobile, quickbi.AuditDevicePC), "",
	}
	bySource = filter{
		"source", func(q *quickbi.QueryAuditLogRequest, v string) { q.AccessSource = quickbi.AuditAccessSource(v) },
		listed(quickbi.AuditAccessCommon, quickbi.AuditAccessEmbedded, quickbi.AuditAccessEmbeddedComponent, quickbi.AuditAccessPublic), "",
	}
	byWorkspace = filter{
		"workspace", func(q *quickbi.QueryAuditLogRequest, v string) { q.WorkspaceID = v },
		func(ctx context.Context, x *export) ([]string, error) {
			return idsOf(ctx, x.workspaces, workspaceID)
		},
		"workspaces that have been deleted since, and of no workspace",
	}
	byOperator = filter{
		"operator", func(q *quickbi.QueryAuditLogRequest, v string) { q.OperatorID = v },
		func(ctx context.Context, x *export) ([]string, error) {
			return idsOf(ctx, x.users, userID)
		},
		"members who have left since",
	}
)

// filtersOf has the filters of a log, in the order in which a day is divided by
// them. Only the access log knows devices and sources, and each of its lines has a
// workspace. Many lines of the others have none, but all have an operator.
var filtersOf = map[Table][]filter{
	AccessLog:     {byDevice, bySource, byWorkspace, byOperator},
	OperationLog:  {byOperator, byWorkspace},
	PermissionLog: {byOperator, byWorkspace},
}

func listed[T ~string](values ...T) func(context.Context, *export) ([]string, error) {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return func(context.Context, *export) ([]string, error) { return all, nil }
}

func idsOf[T any](ctx context.Context, fetch listing.Fetch[T], id func(T) string) ([]string, error) {
	all, err := listing.Whole(ctx, fetch, id)
	ids := make([]string, len(all))
	for i, v := range all {
		ids[i] = id(v)
	}
	return ids, err
}

// readDay returns the lines of a day, in the order of their times.
func (x *export) readDay(ctx context.Context, table Table, day day) ([]quickbi.AuditLogEntry, error) {
	date := quickbi.DayOf(day)
	part := part{x, table, day, quickbi.QueryAuditLogRequest{LogType: logTypes[table], StartDate: date, EndDate: date}, nil, filtersOf[table]}
	lines, err := part.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("the day %s: %w", day.Format(time.DateOnly), err)
	}
	slices.SortStableFunc(lines, func(a, b quickbi.AuditLogEntry) int {
		return strings.Compare(string(a.CreatedTime), string(b.CreatedTime))
	})
	return lines, nil
}

// A part is the lines of a day that some filters select.
type part struct {
	x       *export
	table   Table
	day     day
	query   quickbi.QueryAuditLogRequest
	of      []string // the filters that select it, such as "device=PC"
	filters []filter // those by which it can be divided
}

func (p part) gap(reason string, err error) {
	p.x.gap(Gap{Table: p.table, Day: p.day.Format(time.DateOnly), Of: strings.Join(p.of, ", "), Reason: reason, Err: err})
}

// query makes one of a few calls at a time, however a day is divided.
func (x *export) query(ctx context.Context, q *quickbi.QueryAuditLogRequest) (*quickbi.Response[[]quickbi.AuditLogEntry], error) {
	x.calls <- struct{}{}
	defer func() { <-x.calls }()
	// The range has been checked against this exporter's clock and zone.
	return x.Client.QueryAuditLog(ctx, q, quickbi.CallUndocumented())
}

// read returns the lines of the part. If there are more than the service shows at
// once, it divides the part.
func (p part) read(ctx context.Context) ([]quickbi.AuditLogEntry, error) {
	resp, err := p.x.query(ctx, &p.query)
	switch {
	case err == nil && len(resp.Result) < atOnce:
		return resp.Result, nil
	case err == nil, errors.Is(err, quickbi.ErrResponseTooLarge):
	case !errors.Is(err, quickbi.ErrServiceUnavailable):
		return nil, err
	case !p.x.answers(ctx, p.query):
		return nil, err // the service itself is the reason, and not how many lines there are
	}
	if len(p.filters) == 0 {
		if err != nil {
			p.gap("there are more lines than the service shows at once, and nothing left to divide them by: "+err.Error(), err)
			return nil, nil
		}
		p.gap(fmt.Sprintf("the service showed %d lines, and there may be more", len(resp.Result)), nil)
		return resp.Result, nil
	}

	by := p.filters[0]
	values, err := p.x.valuesOf(ctx, by)
	if err != nil {
		return nil, fmt.Errorf("dividing it by %s: %w", by.name, err)
	}
	if by.misses != "" {
		p.gap(fmt.Sprintf("there are more lines than the service shows at once, and so they were read %s by %s: lines of %s are missing, if there are any", by.name, by.name, by.misses), nil)
	}
	var lines []quickbi.AuditLogEntry
	all := func(yield func(string, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
	for line, err := range each(ctx, all, func(ctx context.Context, value string) ([]quickbi.AuditLogEntry, error) {
		q := p
		by.set(&q.query, value)
		q.of, q.filters = append(slices.Clone(p.of), by.name+"="+value), p.filters[1:]
		return q.read(ctx)
	}) {
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// nobody is an operator whom no log names, so that asking for their lines takes
// the service no effort.
const nobody = "-"

// answers reports whether the service answers a query with few lines, just after it
// was unavailable for one that may have many. A refusal is an answer, too.
func (x *export) answers(ctx context.Context, query quickbi.QueryAuditLogRequest) bool {
	query.OperatorID = nobody
	_, err := x.query(ctx, &query)
	return err == nil || isRefusal(err)
}

// valuesOf returns the values of a filter, which are read once in an export.
func (x *export) valuesOf(ctx context.Context, by filter) ([]string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if values, ok := x.values[by.name]; ok {
		return values, nil
	}
	values, err := by.list(ctx, x)
	if err != nil {
		return nil, err
	}
	x.values[by.name] = values
	return values, nil
}
