package auditing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// busyDay starts an emulator in which a log has n lines on 2026-03-30, one a
// second, each of another target.
func busyDay(t *testing.T, table Table, n int, line func(i int, e *quickbitest.AuditLogEntry)) (*quickbitest.Server, Exporter) {
	t.Helper()
	server, e := newOffice(t)
	var o quickbitest.Organization
	for i := range n {
		entry := quickbitest.AuditLogEntry{
			LogType: string(logTypes[table]), OperatorID: "ann", OperatorType: "VIEW", TargetType: "PAGE", TargetID: fmt.Sprint("t", i),
			CreatedTime: fmt.Sprintf("2026-03-30 %02d:%02d:%02d", i/3600, i/60%60, i%60),
		}
		if table == AccessLog {
			entry.AccessDevice, entry.AccessSource, entry.WorkspaceID = "PC", "COMMON", "lab"
		}
		line(i, &entry)
		o.AuditLog = append(o.AuditLog, entry)
	}
	if err := server.Seed(o); err != nil {
		t.Fatal(err)
	}
	e.From = e.To
	return server, e
}

// targets returns the targets of the lines that begin with t, and fails if one is
// there twice or out of order.
func targets(t *testing.T, text string) (n int) {
	t.Helper()
	seen, last := make(map[string]bool), ""
	for line := range strings.Lines(text) {
		var row struct{ TargetID, Time string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if row.Time < last {
			t.Fatalf("%s comes after %s", row.Time, last)
		}
		last = row.Time
		if !strings.HasPrefix(row.TargetID, "t") {
			continue
		}
		if seen[row.TargetID] {
			t.Fatalf("%s is there twice", row.TargetID)
		}
		seen[row.TargetID] = true
	}
	return len(seen)
}

// TestBusyDays divides days that the service does not show at once.
func TestBusyDays(t *testing.T) {
	t.Parallel()
	choose := func(field *string, i int, values ...string) { *field = values[i%len(values)] }
	const many = atOnce + 1
	for name, test := range map[string]struct {
		table Table
		n     int
		line  func(i int, e *quickbitest.AuditLogEntry)
		lost  int
		gaps  []string // parts of their texts, in order
	}{
		"few lines": {AccessLog, 100, func(int, *quickbitest.AuditLogEntry) {}, 0, nil},
		"devices": {AccessLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.AccessDevice, i, "PC", "MOBILE")
		}, 0, nil},
		"just as many as are shown": {AccessLog, atOnce, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.AccessDevice, i, "PC", "MOBILE")
		}, 0, nil},
		"sources": {AccessLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.AccessSource, i, "COMMON", "IMBEDDED", "IMBEDDED_COMPONENT", "PUBLIC")
		}, 0, nil},
		"workspaces": {AccessLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.WorkspaceID, i, "lab", "reports")
		}, 0, []string{"(device=PC, source=COMMON): there are more lines than the service shows at once, and so they were read workspace by workspace: lines of workspaces that have been deleted since"}},
		"a workspace that is gone": {AccessLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.WorkspaceID, i/100, "lab", "reports", "gone")
		}, 3300, []string{"workspace by workspace"}},
		"readers": {AccessLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.OperatorID, i, "ann", "eve")
		}, 0, []string{"workspace by workspace", "(device=PC, source=COMMON, workspace=lab): there are more lines than the service shows at once, and so they were read operator by operator"}},
		"one reader": {AccessLog, many + 10, func(i int, e *quickbitest.AuditLogEntry) {
			if i < 10 {
				e.AccessDevice = "MOBILE"
			}
		}, many, []string{"workspace by workspace", "operator by operator", "operator=ann): there are more lines than the service shows at once, and nothing left to divide them by: quickbi: QueryAuditLog"}},
		"operators without a workspace": {OperationLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.OperatorID, i, "ann", "eve")
		}, 0, []string{"operator by operator: lines of members who have left since are missing, if there are any"}},
		"an operator in two workspaces": {PermissionLog, many, func(i int, e *quickbitest.AuditLogEntry) {
			choose(&e.WorkspaceID, i, "lab", "reports")
		}, 0, []string{"operator by operator", "(operator=ann): there are more lines than the service shows at once, and so they were read workspace by workspace"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, e := busyDay(t, test.table, test.n, test.line)
			var text bytes.Buffer
			summary, err := e.Write(t.Context(), &text, test.table, JSONLines)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := targets(t, text.String()), test.n-test.lost; got != want {
				t.Errorf("%d lines, want %d", got, want)
			}
			if len(summary.Gaps) != len(test.gaps) {
				t.Fatalf("gaps: %v", summary.Gaps)
			}
			for i, want := range test.gaps {
				if got := summary.Gaps[i].String(); !strings.Contains(got, want) || !strings.HasPrefix(got, string(test.table)+" of 2026-03-30") {
					t.Errorf("gap: %s, want %s", got, want)
				}
			}
			if first, last := summary.First.Format("15:04:05"), summary.Last; test.table == AccessLog && test.lost == 0 && (first != "16:00:00" || last.Before(summary.First)) {
				t.Errorf("from %v to %v", summary.First, last)
			}
		})
	}
}

// TestAnswerThatIsCut takes an answer with as many lines as are shown for one that may be cut.
func TestAnswerThatIsCut(t *testing.T) {
	t.Parallel()
	_, e := busyDay(t, AccessLog, atOnce, func(int, *quickbitest.AuditLogEntry) {})
	var text bytes.Buffer
	summary, err := e.Write(t.Context(), &text, AccessLog, JSONLines)
	if err != nil || targets(t, text.String()) != atOnce {
		t.Fatalf("%d rows, %v", summary.Rows, err)
	}
	if n := len(summary.Gaps); n != 3 || !strings.Contains(summary.Gaps[n-1].Reason, "showed 10000 lines, and there may be more") {
		t.Errorf("gaps: %v", summary.Gaps)
	}
}

// TestOutageIsNoGap does not take a service that is out of order for a busy day.
func TestOutageIsNoGap(t *testing.T) {
	t.Parallel()
	server, e := newOffice(t)
	server.Fail("QueryAuditLog", quickbitest.Refuse("ServiceUnavailable"), -1)
	server.ResetCalls()
	summary, err := e.Write(t.Context(), io.Discard, AccessLog, CSV)
	if !errors.Is(err, quickbi.ErrServiceUnavailable) || len(summary.Gaps) > 0 {
		t.Errorf("%v, %v", summary.Gaps, err)
	}
	if n := len(server.Calls()); n > 3 {
		t.Errorf("%d calls to a service that is out of order", n)
	}
}

// TestFiltersThatCannotBeListed fails, and does not leave out what it cannot divide.
func TestFiltersThatCannotBeListed(t *testing.T) {
	t.Parallel()
	server, e := busyDay(t, OperationLog, atOnce+1, func(int, *quickbitest.AuditLogEntry) {})
	server.Fail("QueryUserList", quickbitest.Refuse("Access.Forbidden"), -1)
	if _, err := e.Write(t.Context(), io.Discard, OperationLog, CSV); !errors.Is(err, quickbi.ErrPermission) || !strings.Contains(err.Error(), "dividing it by operator") {
		t.Errorf("%v", err)
	}
}
