package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest"
)

const (
	format  = "quickbi test plan"
	version = 2
)

type document struct {
	Header
	Steps []string `json:"steps"`
}

func TestDocument(t *testing.T) {
	t.Parallel()
	doc := document{NewHeader(format, version, "org", 0), []string{"<a> & b"}}
	if age := doc.Expires.Sub(doc.Created); age != DefaultMaxAge {
		t.Errorf("can be applied for %v", age)
	}
	var text bytes.Buffer
	if err := Encode(&text, doc); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), `"<a> & b"`) || !strings.Contains(text.String(), "\n  \"organization\": \"org\",\n") {
		t.Errorf("a person cannot read\n%s", text.String())
	}
	back, err := Decode[document](strings.NewReader(text.String()), format, version)
	if err != nil || back.Header != doc.Header || back.Steps[0] != doc.Steps[0] {
		t.Errorf("read back: %+v, %v", back, err)
	}

	for name, test := range map[string]struct{ old, new, want string }{
		"no JSON":        {text.String(), "hello", "this is no quickbi test plan"},
		"nothing":        {text.String(), "", "this is no quickbi test plan"},
		"half":           {"]\n}\n", "", "this is no quickbi test plan"},
		"two":            {"]\n}\n", "]\n}\n{}", "this is no quickbi test plan"},
		"other format":   {format, "quickbi other plan", `its format is "quickbi other plan"`},
		"other version":  {`"version": 2`, `"version": 3`, "has version 3, and this program knows version 2"},
		"unknown field":  {`"steps"`, `"stages"`, `unknown field "stages"`},
		"an id of files": {doc.ID, "../../x", `the id "../../x"`},
		"no id":          {doc.ID, "", `the id ""`},
	} {
		changed := strings.Replace(text.String(), test.old, test.new, 1)
		if back, err := Decode[document](strings.NewReader(changed), format, version); back != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, %v", name, back, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	fresh := NewHeader(format, version, "org", time.Minute)
	old := NewHeader(format, version, "org", time.Minute)
	old.Created, old.Expires = old.Created.Add(-time.Hour), old.Expires.Add(-time.Hour)
	future := fresh
	future.Created, future.Expires = fresh.Created.Add(48*time.Hour), fresh.Expires.Add(48*time.Hour)
	if err := fresh.Check("org"); err != nil {
		t.Error(err)
	}
	if err := fresh.Check("other"); !errors.Is(err, ErrOtherOrganization) {
		t.Errorf("another organization: %v", err)
	}
	if err := old.Check("org"); !errors.Is(err, ErrExpired) {
		t.Errorf("too old: %v", err)
	}
	if err := future.Check("org"); err == nil || !strings.Contains(err.Error(), "yet to come") {
		t.Errorf("of tomorrow: %v", err)
	}
	if other := NewHeader(format, version, "org", 0); other.ID == fresh.ID {
		t.Error("two plans have one id")
	}
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	if id, err := Organization(t.Context(), server.Client()); id != "" || err != nil {
		t.Errorf("without workspaces: %q, %v", id, err)
	}
	if err := server.Seed(quickbitest.Organization{Workspaces: []quickbitest.Workspace{{WorkspaceName: "Reports"}}}); err != nil {
		t.Fatal(err)
	}
	if id, err := Organization(t.Context(), server.Client()); id != quickbitest.OrganizationID || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	server.Fail("QueryOrganizationWorkspaceList", quickbitest.Refuse("Access.Forbidden"), 1)
	if _, err := Organization(t.Context(), server.Client()); err == nil {
		t.Error("a refusal is no organization")
	}
}

type entry struct {
	Step string `json:"step"`
}

func TestJournal(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "reports")
	head := NewHeader(format, version, "org", 0)
	j, err := Begin(dir, head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, head); !errors.Is(err, ErrApplied) || !strings.Contains(err.Error(), head.ID) {
		t.Errorf("a second time: %v", err)
	}
	read := func() (steps []string) {
		t.Helper()
		text, err := os.ReadFile(JournalPath(dir, head.ID))
		if err != nil {
			t.Fatal(err)
		}
		back, entries, err := ReadJournal[entry](bytes.NewReader(text), format, version)
		if err != nil || back != head {
			t.Fatalf("%+v, %v", back, err)
		}
		for e, err := range entries {
			if err != nil {
				t.Fatal(err)
			}
			steps = append(steps, e.Step)
		}
		return steps
	}
	if steps := read(); len(steps) > 0 {
		t.Errorf("nothing was done, but %v", steps)
	}
	// What is appended can be read at once, not only after Close.
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			text := fmt.Sprint(i, strings.Repeat("x", 500))
			if err := j.Append(entry{text}, entry{"after " + text}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	steps := read()
	if len(steps) != 100 {
		t.Errorf("%d steps", len(steps))
	}
	for i := 0; i+1 < len(steps); i += 2 {
		if steps[i+1] != "after "+steps[i] {
			t.Errorf("%.20q is followed by %.20q", steps[i], steps[i+1])
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	// A crash leaves half a line.
	path := JournalPath(dir, head.ID)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	if steps := read(); len(steps) != 99 {
		t.Errorf("%d steps after a crash", len(steps))
	}
	if _, _, err := ReadJournal[entry](bytes.NewReader(text), "quickbi other plan", version); err == nil {
		t.Error("a report of another plan was read")
	}
	_, entries, err := ReadJournal[entry](strings.NewReader(strings.Replace(string(text), `{"step":`, `{"step":7,"x":`, 1)), format, version)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range entries {
		if err == nil {
			t.Error("a number is no step")
		}
	}
}

func TestJournalThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	head := NewHeader(format, version, "org", 0)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(file, head); err == nil || !strings.Contains(err.Error(), "the report cannot be written") {
		t.Errorf("a file for a directory: %v", err)
	}

	j, err := Begin(t.TempDir(), head)
	if err != nil {
		t.Fatal(err)
	}
	_ = j.file.Close() // as if the disk were full
	for range 2 {
		if err := j.Append(entry{"x"}); !errors.Is(err, os.ErrClosed) || strings.Count(err.Error(), "writing the report") != 1 {
			t.Errorf("Append: %v", err)
		}
	}
	if err := j.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Close: %v", err)
	}

	none, err := Begin("", head)
	if err := errors.Join(err, none.Append(entry{"x"}), none.Close()); none != nil || err != nil {
		t.Errorf("without a directory: %v, %v", none, err)
	}
}

// What is no report is called by the name of a report, once.
func TestNoReport(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"a report": "this is no a report: ", "a plan": "this is no report of a a plan: "} {
		if _, _, err := ReadJournal[int](strings.NewReader("account_id"), format, 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
