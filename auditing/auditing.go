// Package auditing exports who is in an organization, who is in which group and
// workspace, what is shared with whom, and the audit log, as CSV or JSON Lines.
//
//	exporter := auditing.Exporter{Client: client, From: monday, To: sunday}
//	rows, err := exporter.Write(ctx, file, auditing.Shares, auditing.CSV)
//
// It only reads, and keeps no more in memory than a page, or the answers to the
// few calls that are under way at a time. What changes meanwhile can be missed or
// seen twice: the service pages by number. What is deleted meanwhile is left out.
//
// The columns of a table are the same in both formats. Times are as RFC 3339
// writes them, in UTC, but for those that the service writes as text: it does not
// say in which zone.
package auditing

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
)

// A Table is one of the things that can be exported.
type Table string

// The tables.
const (
	Members          Table = "members"
	Groups           Table = "groups"        // user groups, from the top down
	GroupMembers     Table = "group-members" // who is in which group; not those who are only in a group below it
	Workspaces       Table = "workspaces"
	WorkspaceMembers Table = "workspace-members" // who is in which workspace, with the predefined role there
	Shares           Table = "shares"            // which work is shared with whom, or open to everybody; one call for each work
	Log              Table = "log"               // access, operations and permissions from From to To
)

// Tables returns all tables.
func Tables() []Table {
	all := make([]Table, len(tables))
	for i, t := range tables {
		all[i] = t.name
	}
	return all
}

// A Format is a way to write a table.
type Format string

// The formats.
const (
	// CSV begins with a line of names. A cell that a spreadsheet program would take
	// for a formula has a quote (') before it: nicknames and names of works are for
	// everybody to choose, and such programs execute them.
	CSV Format = "csv"
	// JSONLines has an object in each line. Nothing is put before texts.
	JSONLines Format = "jsonl"
)

// An Exporter says what to export from.
type Exporter struct {
	Client *quickbi.Client

	// From and To are the first day of the log and the last one, as their own zones
	// have it. The service goes back 90 days. It fails for a day with more lines
	// than it can show; the emulator, like the service's own page, shows 10,000.
	From, To time.Time
}

// Write writes a table and returns how many rows it has. After an error, what was
// written is not all of it.
func (e Exporter) Write(ctx context.Context, w io.Writer, table Table, format Format) (rows int, err error) {
	i := slices.IndexFunc(tables, func(t definition) bool { return t.name == table })
	switch {
	case e.Client == nil:
		return 0, errors.New("auditing: Client is missing")
	case i < 0:
		return 0, fmt.Errorf("auditing: there is no table %q", string(table))
	case format != CSV && format != JSONLines:
		return 0, fmt.Errorf("auditing: there is no format %q", string(format))
	case table == Log && (e.From.IsZero() || e.To.IsZero()):
		return 0, errors.New("auditing: the log needs From and To")
	}
	buffer := bufio.NewWriter(w)
	rows, err = tables[i].write(ctx, e, format, buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil {
		err = fmt.Errorf("auditing: %s, after %d rows: %w", table, rows, err)
	}
	return rows, err
}

// A definition says how a table is written.
type definition struct {
	name  Table
	write func(context.Context, Exporter, Format, io.Writer) (rows int, err error)
}

var tables = []definition{
	define(Members, members),
	define(Groups, groups),
	define(GroupMembers, groupMembers),
	define(Workspaces, workspaces),
	define(WorkspaceMembers, workspaceMembers),
	define(Shares, shares),
	define(Log, auditLog),
}

// define defines a table of rows of type T, a struct whose json tags name the columns.
func define[T any](name Table, rows func(context.Context, Exporter) iter.Seq2[T, error]) definition {
	return definition{name, func(ctx context.Context, e Exporter, format Format, w io.Writer) (n int, err error) {
		encode, flush := encoder[T](format, w)
		for row, err := range rows(ctx, e) {
			if err != nil {
				return n, err
			}
			if err := encode(row); err != nil {
				return n, err
			}
			n++
		}
		return n, flush()
	}}
}
