package auditing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// newArchive is newOffice with a log that has a line every hour of the last 90
// days, and an exporter for which it is the time that the function sets.
func newArchive(t *testing.T) (*quickbitest.Server, Exporter, func(time.Time)) {
	t.Helper()
	server, e := newOffice(t)
	var o quickbitest.Organization
	for at := now.AddDate(0, 0, -90).Truncate(24 * time.Hour); at.Before(now); at = at.Add(time.Hour) {
		o.AuditLog = append(o.AuditLog, quickbitest.AuditLogEntry{
			LogType: "function", CreatedTime: at.In(chinaStandardTime).Format(time.DateTime),
			OperatorID: "ann", OperatorType: "RUN", TargetType: "MAIL", TargetID: at.Format("t2006010215"),
		})
	}
	if err := server.Seed(o); err != nil {
		t.Fatal(err)
	}
	clock := now
	e.From, e.To, e.now = now.AddDate(0, 0, -4), time.Time{}, func() time.Time { return clock }
	return server, e, func(at time.Time) { clock = at }
}

// files returns the names of the files in a directory, but for the lock.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Name() != lockName {
			names = append(names, entry.Name())
		}
	}
	return names
}

// operations returns the targets of all lines of the operation log in a directory.
func operations(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	for _, name := range files(t, dir) {
		if !strings.HasPrefix(name, "operation-log-") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var row struct{ TargetID string }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if strings.HasPrefix(row.TargetID, "t") {
				all = append(all, row.TargetID)
			}
		}
	}
	return all
}

// hours returns the targets of the lines of days, in the zone of the service.
func hours(from, to string) []string {
	var all []string
	at, _ := time.ParseInLocation(time.DateOnly, from, chinaStandardTime)
	end, _ := time.ParseInLocation(time.DateOnly, to, chinaStandardTime)
	for ; at.Before(end.AddDate(0, 0, 1)); at = at.Add(time.Hour) {
		all = append(all, at.UTC().Format("t2006010215"))
	}
	return all
}

func TestExport(t *testing.T) {
	t.Parallel()
	server, e, setClock := newArchive(t)
	dir := filepath.Join(t.TempDir(), "audit")
	var progress []string
	e.Progress = func(f File) { progress = append(progress, f.Name) }
	m, err := e.Export(t.Context(), dir, JSONLines)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, table := range Tables() {
		if !table.IsLog() {
			want = append(want, string(table)+"-2026-03-31.jsonl")
			continue
		}
		for day := 27; day <= 30; day++ { // the last one is not over
			want = append(want, fmt.Sprintf("%s-2026-03-%d.jsonl", table, day))
		}
		if m.Through[table] != "2026-03-30" {
			t.Errorf("%s through %q", table, m.Through[table])
		}
	}
	if !slices.Equal(progress, want) {
		t.Errorf("written: %v", progress)
	}
	if got := files(t, dir); !slices.Equal(got, slices.Sorted(slices.Values(append(want, ManifestName)))) {
		t.Errorf("files: %v", got)
	}
	if got := operations(t, dir); !slices.Equal(got, hours("2026-03-27", "2026-03-30")) {
		t.Errorf("lines: %v", got)
	}
	read, err := ReadManifest(dir)
	if err != nil || read.Organization != quickbitest.OrganizationID || read.Finished.IsZero() || len(read.Files) != len(want) || len(read.Gaps) > 0 || !maps.Equal(read.Through, m.Through) {
		t.Errorf("manifest: %+v, %v", read, err)
	}
	if err := read.Verify(dir); err != nil {
		t.Error(err)
	}
	i := slices.IndexFunc(read.Files, func(f File) bool { return f.Name == "operation-log-2026-03-28.jsonl" })
	if f := read.Files[i]; f.Rows != 24 || !f.First.Equal(time.Date(2026, 3, 27, 16, 0, 0, 0, time.UTC)) || !f.Last.Equal(time.Date(2026, 3, 28, 15, 0, 0, 0, time.UTC)) || f.Day != "2026-03-28" || f.Size < 1000 || len(f.SHA256) != 64 {
		t.Errorf("file: %+v", f)
	}

	// On the same day, nothing of the logs is new. What a killed run left goes.
	for _, name := range []string{".members-2026-03-31.jsonl-1.tmp", ".manifest.json-2.tmp", ".other-3.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	progress = nil
	server.ResetCalls()
	if _, err := e.Export(t.Context(), dir, JSONLines, Workspaces, OperationLog); err != nil || !slices.Equal(progress, []string{"workspaces-2026-03-31.jsonl"}) {
		t.Errorf("once more: %v, %v", progress, err)
	}
	if got := files(t, dir); got[0] != ".other-3.tmp" || got[1] == ".members-2026-03-31.jsonl-1.tmp" || strings.HasPrefix(got[1], ".") {
		t.Errorf("files: %v", got)
	}
	for _, call := range server.Calls() {
		if call.Action == "QueryAuditLog" {
			t.Error("read the log again")
		}
	}

	// A day counts as complete only some time after its end.
	setClock(time.Date(2026, 3, 31, 16, 30, 0, 0, time.UTC))
	if m, err = e.Export(t.Context(), dir, JSONLines, OperationLog); err != nil || m.Through[OperationLog] != "2026-03-30" {
		t.Errorf("half an hour after the day: through %s, %v", m.Through[OperationLog], err)
	}
	setClock(time.Date(2026, 3, 31, 17, 0, 0, 0, time.UTC))
	if m, err = e.Export(t.Context(), dir, JSONLines, OperationLog); err != nil || m.Through[OperationLog] != "2026-03-31" || m.Through[AccessLog] != "2026-03-30" {
		t.Errorf("an hour after the day: through %v, %v", m.Through, err)
	}

	// A file that is changed, or missing, does not go unnoticed.
	if err := os.WriteFile(filepath.Join(dir, "members-2026-03-31.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "groups-2026-03-31.jsonl")); err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(dir); err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "members-2026-03-31.jsonl is not as it was written") {
		t.Errorf("Verify: %v", err)
	}
}

// TestInterruptedExport ends an export at each of its calls. What comes next must
// have everything once, and no file under its name that is not complete.
func TestInterruptedExport(t *testing.T) {
	t.Parallel()
	server, e, _ := newArchive(t)
	want := hours("2026-03-27", "2026-03-30")
	for calls := 0; ; calls++ {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		var done atomic.Int64
		interrupted := e
		interrupted.Client = server.Client(quickbi.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if int(done.Add(1)) > calls {
				cancel()
			}
			return http.DefaultTransport.RoundTrip(r)
		})}))
		first, err := interrupted.Export(ctx, dir, JSONLines, Members, Workspaces, OperationLog, PermissionLog)
		cancel()
		if err == nil {
			if calls < 8 {
				t.Fatalf("no more than %d calls", calls)
			}
			return
		}
		for _, name := range files(t, dir) {
			known := first != nil && slices.ContainsFunc(first.Files, func(f File) bool { return f.Name == name })
			if name != ManifestName && !known {
				t.Errorf("after %d calls, there is %s", calls, name)
			}
		}
		var again []string
		e.Progress = func(f File) { again = append(again, f.Name) }
		second, err := e.Export(t.Context(), dir, JSONLines, Members, Workspaces, OperationLog, PermissionLog)
		if err != nil {
			t.Fatalf("after %d calls: %v", calls, err)
		}
		if err := second.Verify(dir); err != nil {
			t.Errorf("after %d calls: %v", calls, err)
		}
		if got := operations(t, dir); !slices.Equal(got, want) {
			t.Errorf("after %d calls: %d lines, want %d", calls, len(got), len(want))
		}
		if first != nil {
			for _, f := range first.Files {
				if slices.Contains(again, f.Name) {
					t.Errorf("after %d calls, %s was written again", calls, f.Name)
				}
			}
		}
	}
}

// TestDaysAreLost tells which days the service had dropped before they were exported.
func TestDaysAreLost(t *testing.T) {
	t.Parallel()
	_, e, setClock := newArchive(t)
	dir := t.TempDir()
	setClock(now.AddDate(0, 0, -60))
	e.From = time.Time{}
	e.From = now.AddDate(0, 0, -62)
	if _, err := e.Export(t.Context(), dir, JSONLines, OperationLog); err != nil {
		t.Fatal(err)
	}
	setClock(now.AddDate(0, 0, 60))
	e.From = time.Time{}
	for range 2 {
		m, err := e.Export(t.Context(), dir, JSONLines, OperationLog)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Gaps) != 1 || !strings.Contains(m.Gaps[0].String(), "operation-log of 2026-01-30: the days before 2026-03-01 are lost: the service keeps its logs 90 days") {
			t.Errorf("gaps: %v", m.Gaps)
		}
	}
}

// TestRefusedTable exports the rest, and the table as soon as the service lets it.
func TestRefusedTable(t *testing.T) {
	t.Parallel()
	server, e, _ := newArchive(t)
	dir := t.TempDir()
	server.Fail("QueryAuditLog", quickbitest.Refuse("Access.Forbidden"), 1)
	server.Fail("QueryUserList", quickbitest.Refuse("Access.Forbidden"), 1)
	m, err := e.Export(t.Context(), dir, Excel, Members, Groups, AccessLog, OperationLog)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Gaps) != 2 || m.Gaps[0].Table != Members || m.Gaps[1].Table != AccessLog || !errors.Is(m.Gaps[1].Err, quickbi.ErrPermission) {
		t.Errorf("gaps: %v", m.Gaps)
	}
	if m.Through[AccessLog] != "" || m.Through[OperationLog] != "2026-03-30" || m.has(Members, "2026-03-31") || !m.has(Groups, "2026-03-31") {
		t.Errorf("manifest: %+v", m)
	}
	if m, err = e.Export(t.Context(), dir, Excel, Members, Groups, AccessLog, OperationLog); err != nil || len(m.Gaps) > 0 || m.Through[AccessLog] != "2026-03-30" || !m.has(Members, "2026-03-31") {
		t.Errorf("once more: %+v, %v", m, err)
	}
}

// TestGapInTheManifest keeps the gap of a day.
func TestGapInTheManifest(t *testing.T) {
	t.Parallel()
	_, e := busyDay(t, AccessLog, atOnce+1, func(int, *quickbitest.AuditLogEntry) {})
	dir := t.TempDir()
	for range 2 {
		m, err := e.Export(t.Context(), dir, CSV, AccessLog)
		if err != nil || len(m.Gaps) != 3 || m.Gaps[0].Day != "2026-03-30" {
			t.Errorf("gaps: %v, %v", m.Gaps, err)
		}
	}
}

// TestGapsOfDays keeps the gaps of a day with its file, whatever later days have, and
// replaces them when the file of the day is written again.
func TestGapsOfDays(t *testing.T) {
	t.Parallel()
	server, e, setClock := newArchive(t)
	dir := t.TempDir()
	found := 0 // gaps of the last run
	export := func(what string, want ...string) {
		t.Helper()
		m, err := e.Export(t.Context(), dir, CSV, Workspaces, WorkspaceMembers, Shares)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ReadManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, gaps := range [][]Gap{m.Gaps, read.Gaps} {
			var got []string
			found = 0
			for _, g := range gaps {
				if g.Found.Equal(read.Started) {
					found++
				}
				got = append(got, fmt.Sprintf("%s %s %s", g.Table, g.Day, g.Of))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
	}
	refused := quickbitest.Refuse("Access.Forbidden")
	server.Fail("QueryShareList", refused, 1)
	m, err := e.Export(t.Context(), dir, CSV, Shares)
	if err != nil || len(m.Gaps) != 1 || m.Gaps[0].Day != "2026-03-31" || !strings.HasPrefix(m.Gaps[0].Of, "work ") || !errors.Is(m.Gaps[0].Err, quickbi.ErrPermission) {
		t.Fatalf("the first day: %v, %v", m.Gaps, err)
	}
	first := "shares 2026-03-31 " + m.Gaps[0].Of

	setClock(now.AddDate(0, 0, 1))
	export("a whole day", first)
	if found != 0 {
		t.Errorf("%d gaps are new on a whole day", found)
	}
	server.Fail("QueryWorksByOrganization", refused, 1)
	export("refused, with a whole file of the day", first, "shares 2026-04-01 ")
	if found != 1 {
		t.Errorf("%d gaps are new after a refusal", found)
	}
	export("the day again", first)

	setClock(now.AddDate(0, 0, 2))
	server.Fail("QueryWorksByOrganization", refused, 1)
	export("a day without the table", first, "shares 2026-04-02 ")
	setClock(now.AddDate(0, 0, 3))
	export("a whole day after it", first, "shares 2026-04-02 ")

	// A list that shifts is a gap in the file that is made of it.
	setClock(now.AddDate(0, 0, 4))
	answer := quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Result":{"Data":[{"WorkspaceId":"lab","OrganizationId":"`+quickbitest.OrganizationID+`"}],"PageNum":1,"PageSize":1000,"TotalNum":2,"TotalPages":1}}`)
	server.Fail("QueryOrganizationWorkspaceList", quickbitest.Delay(0), 2) // the organization, and workspaces
	server.Fail("QueryOrganizationWorkspaceList", answer, 1)
	export("a list that shifts", first, "shares 2026-04-02 ", "workspace-members 2026-04-04 ")
	export("the day again", first, "shares 2026-04-02 ")

	// A refusal does not hide what is missing in the file of the day.
	setClock(time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC))
	server.Fail("QueryWorksByOrganization", refused, 1)
	export("refused, with an incomplete file of the day", first, "shares 2026-04-02 ", "shares 2026-03-31 ")
	export("the first day again", "shares 2026-04-02 ")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCannotExport(t *testing.T) {
	t.Parallel()
	server, e, _ := newArchive(t)
	full := t.TempDir()
	if _, err := e.Export(t.Context(), full, CSV, Workspaces); err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, ManifestName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, ManifestName), []byte(`{"kind":"quickbi audit manifest","version":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(broken, ManifestName)
	future := e
	future.To = now.AddDate(9000, 0, 0)
	for name, test := range map[string]struct {
		e      Exporter
		dir    string
		format Format
		table  Table
		want   string
	}{
		"no client":      {Exporter{}, full, CSV, Members, "Client is missing"},
		"no directory":   {e, "", CSV, Members, "the directory is missing"},
		"no table":       {e, full, CSV, "passwords", `no table "passwords"`},
		"no format":      {e, full, "xls", Members, `no format "xls"`},
		"other format":   {e, full, JSONLines, Members, "has tables as csv, not jsonl"},
		"years to come":  {future, full, CSV, AccessLog, "and today is 2026-03-31"},
		"no manifest":    {e, broken, CSV, Members, "reading manifest.json"},
		"newer manifest": {e, other, CSV, Members, "of version 2, and this program knows"},
		"a file":         {e, file, CSV, Members, "manifest.json"},
	} {
		if m, err := test.e.Export(t.Context(), test.dir, test.format, test.table); m != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	// Another organization answers.
	server.Fail("QueryOrganizationWorkspaceList", quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Result":{"Data":[{"OrganizationId":"other"}]}}`), 1)
	if _, err := e.Export(t.Context(), full, CSV, Members); err == nil || !strings.Contains(err.Error(), "another organization") {
		t.Errorf("another organization: %v", err)
	}
	if got := files(t, full); len(got) != 2 {
		t.Errorf("files: %v", got)
	}
}
