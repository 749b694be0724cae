// Package auditing exports who is in an organization, who is in which group and
// workspace, what is shared with whom, and the audit logs, as CSV or JSON Lines.
//
//	exporter := auditing.Exporter{Client: client}
//	summary, err := exporter.Write(ctx, file, auditing.Shares, auditing.CSV)
//
// It only reads. [Exporter.Write] writes one table. [Exporter.Export] keeps a
// directory of tables up to date: each run adds the days of the logs that have
// ended since the run before.
//
// Of a log, a day is in memory at a time, of other tables a page, or the answers
// to the few calls that are under way at a time. What is deleted meanwhile is left
// out. What cannot be read is a [Gap], and so is a list that changes while its pages
// are read; the rest is exported.
//
// The columns of a table are the same in all formats. Times are RFC 3339, in the
// zone of [Exporter.Zone]. Group paths are written as package dirsync reads them,
// and its CSV reader undoes what these formats do to cells, so that an exported
// account is read back as the same account.
package auditing

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi"
)

// A Table is one of the things that can be exported.
type Table string

// The tables.
const (
	Members          Table = "members"
	Directory        Table = "directory"     // accounts with the paths of all their groups, with the columns that dirsync.CSV reads
	Groups           Table = "groups"        // user groups, from the top down
	GroupMembers     Table = "group-members" // who is in which group; not those who are only in a group below it
	Workspaces       Table = "workspaces"
	WorkspaceMembers Table = "workspace-members" // who is in which workspace, with the predefined role there
	Shares           Table = "shares"            // which work is shared with whom, or open to everybody; one call for each work
	AccessLog        Table = "access-log"        // who opened which work
	OperationLog     Table = "operation-log"     // who did what
	PermissionLog    Table = "permission-log"    // who gave or took which right
)

// Tables returns all tables.
func Tables() []Table {
	all := make([]Table, len(tables))
	for i, t := range tables {
		all[i] = t.name
	}
	return all
}

// IsLog reports whether the table has lines of days, and not what is the case now.
func (t Table) IsLog() bool {
	_, ok := logTypes[t]
	return ok
}

// A Format is a way to write a table.
type Format string

// The formats.
const (
	// CSV begins with a line of names. Wherever a spreadsheet program could take a
	// text for a formula, a quote (') stands before it: nicknames and names of works
	// are for everybody to choose, and such programs execute them.
	CSV Format = "csv"
	// Excel is CSV that Excel opens correctly: it begins with a byte order mark, has
	// Windows line ends, and writes a text that Excel would change as if it were a
	// number or a date, such as a long id, as ="text".
	Excel Format = "excel"
	// JSONLines has an object in each line. Nothing is put before texts.
	JSONLines Format = "jsonl"
)

// extension returns how names of files in the format end.
func (f Format) extension() string {
	if f == JSONLines {
		return ".jsonl"
	}
	return ".csv"
}

// An Exporter says what to export from. Only Client is required.
type Exporter struct {
	Client *quickbi.Client

	// From and To are the first and the last day of the logs, as their own zones
	// have it. The service goes back 90 days. [Exporter.Write] needs both.
	// [Exporter.Export] begins 90 days ago and ends with the last day that is
	// complete if they are zero.
	From, To time.Time

	// Zone is the zone of all times that are written. Nil is UTC.
	Zone *time.Location

	// ServiceZone is the zone of the times that the service writes as text, and of
	// the days of its logs. The service does not document it. Nil is UTC+8.
	ServiceZone *time.Location

	// Lag is how long after its end [Exporter.Export] leaves a day of a log alone,
	// because lines may come late. Zero means an hour; the service documents nothing.
	Lag time.Duration

	// Progress is called by [Exporter.Export] after each file.
	Progress func(File)

	now func() time.Time // nil: time.Now
}

// A Summary says what was written of a table.
type Summary struct {
	Rows int `json:"rows"`
	// First and Last are the times of the first and the last line of a log.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Gaps are what could not be read. The rest was written. A manifest has those of
	// all files in [Manifest.Gaps].
	Gaps []Gap `json:"-"`
}

// A Gap is something that could not be read, or of which that is not certain.
type Gap struct {
	Table  Table  `json:"table"`
	Day    string `json:"day,omitempty"` // of a log; in a manifest, of the file, and "" of a log that is refused
	Of     string `json:"of,omitempty"`  // such as "device=PC, operator=…" or "work …"; empty: the whole day, or table
	Reason string `json:"reason"`
	// Found is when the run began that met the gap, in a manifest: that of the last
	// run is [Manifest.Started].
	Found time.Time `json:"found,omitzero"`
	Err   error     `json:"-"` // of the call; nil if none failed
}

func (g Gap) String() string {
	text := string(g.Table)
	if g.Day != "" {
		text += " of " + g.Day
	}
	if g.Of != "" {
		text += " (" + g.Of + ")"
	}
	return text + ": " + g.Reason
}

// chinaStandardTime is the zone that the service seems to use.
var chinaStandardTime = time.FixedZone("UTC+8", 8*60*60)

// logDays is how many days back the logs go.
const logDays = 90

func (e Exporter) withDefaults() (Exporter, error) {
	if e.Client == nil {
		return e, errors.New("auditing: Client is missing")
	}
	if e.Lag < 0 {
		return e, errors.New("auditing: Lag cannot be negative")
	}
	e.Zone = cmp.Or(e.Zone, time.UTC)
	e.ServiceZone = cmp.Or(e.ServiceZone, chinaStandardTime)
	e.Lag = cmp.Or(e.Lag, time.Hour)
	if e.now == nil {
		e.now = time.Now
	}
	return e, nil
}

// A day is a day of a log, at midnight UTC, so that days can be counted.
type day = time.Time

func dayOf(t time.Time) day {
	year, month, date := t.Date()
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}

// today returns the day it is where the service is.
func (e Exporter) today() day { return dayOf(e.now().In(e.ServiceZone)) }

// checkDays refuses days that no log has.
func (e Exporter) checkDays(from, to day) error {
	today := e.today()
	oldest := today.AddDate(0, 0, -logDays)
	switch {
	case to.Before(from):
		return fmt.Errorf("auditing: To is %s, before From, %s", to.Format(time.DateOnly), from.Format(time.DateOnly))
	case to.After(today):
		return fmt.Errorf("auditing: To is %s, and today is %s", to.Format(time.DateOnly), today.Format(time.DateOnly))
	case from.Before(oldest):
		return fmt.Errorf("auditing: From is %s, but the logs go back %d days only, to %s", from.Format(time.DateOnly), logDays, oldest.Format(time.DateOnly))
	}
	return nil
}

// Write writes a table. After an error, what was written is not all of it. What
// could not be read is no error: see [Summary.Gaps].
func (e Exporter) Write(ctx context.Context, w io.Writer, table Table, format Format) (Summary, error) {
	e, err := e.withDefaults()
	if err != nil {
		return Summary{}, err
	}
	if err := check(table, format); err != nil {
		return Summary{}, err
	}
	if table.IsLog() {
		if e.From.IsZero() || e.To.IsZero() {
			return Summary{}, errors.New("auditing: a log needs From and To")
		}
		if err := e.checkDays(dayOf(e.From), dayOf(e.To)); err != nil {
			return Summary{}, err
		}
	}
	return newExport(e).write(ctx, w, table, format)
}

func check(table Table, format Format) error {
	switch {
	case !slices.Contains(Tables(), table):
		return fmt.Errorf("auditing: there is no table %q", string(table))
	case format != CSV && format != Excel && format != JSONLines:
		return fmt.Errorf("auditing: there is no format %q", string(format))
	}
	return nil
}

// An export is one use of an Exporter.
type export struct {
	Exporter
	format Format

	values map[string][]string // see valuesOf
	calls  chan struct{}       // has room for the calls to a log that may be under way

	mu      sync.Mutex // guards values and summary
	summary Summary
}

func newExport(e Exporter) *export {
	return &export{Exporter: e, values: make(map[string][]string), calls: make(chan struct{}, ahead)}
}

// write writes a table, the days from From to To of a log.
func (x *export) write(ctx context.Context, w io.Writer, table Table, format Format) (Summary, error) {
	x.format, x.summary = format, Summary{}
	buffer := bufio.NewWriter(w)
	definition := tables[slices.IndexFunc(tables, func(t definition) bool { return t.name == table })]
	err := definition.write(ctx, x, buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil {
		err = fmt.Errorf("auditing: %s, after %d rows: %w", table, x.summary.Rows, err)
	}
	slices.SortStableFunc(x.summary.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Of, b.Of))
	})
	return x.summary, err
}

func (x *export) gap(g Gap) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.summary.Gaps = append(x.summary.Gaps, g)
}

// moment writes a time. The zero time is "".
func (x *export) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.Zone).Format("2006-01-02T15:04:05.999Z07:00")
}

// parse reads a time that the service wrote as text.
func (x *export) parse(text quickbi.TimeText) (time.Time, bool) {
	t, err := text.In(x.ServiceZone)
	return t, err == nil && !t.IsZero()
}

// text writes a time that the service wrote as text. What is no time stays as it is.
func (x *export) text(text quickbi.TimeText) string {
	if t, ok := x.parse(text); ok {
		return x.moment(t)
	}
	return text.String()
}

// A definition says how a table is written.
type definition struct {
	name  Table
	write func(context.Context, *export, io.Writer) error
}

var tables = []definition{
	define(Members, members),
	define(Directory, directory),
	define(Groups, groups),
	define(GroupMembers, groupMembers),
	define(Workspaces, workspaces),
	define(WorkspaceMembers, workspaceMembers),
	define(Shares, shares),
	define(AccessLog, logOf(AccessLog)),
	define(OperationLog, logOf(OperationLog)),
	define(PermissionLog, logOf(PermissionLog)),
}

// define defines a table of rows of type T, a struct whose json tags name the columns.
func define[T any](name Table, rows func(context.Context, *export) iter.Seq2[T, error]) definition {
	return definition{name, func(ctx context.Context, x *export, w io.Writer) error {
		encode, flush := encoder[T](x.format, w)
		for row, err := range rows(ctx, x) {
			if err == nil {
				err = encode(row)
			}
			if err != nil {
				return err
			}
			x.summary.Rows++
		}
		return flush()
	}}
}
