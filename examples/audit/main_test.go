package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// read returns the text of a table in a directory: of a log, of all its days.
func read(t *testing.T, dir, table string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, table+"-2*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", table, names, err)
	}
	var text strings.Builder
	for _, name := range names {
		part, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(part)
	}
	return text.String()
}

func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "export")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-out", dir}, nil, &out); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{
		"members":           `eve,,acme:eve,"'=HYPERLINK(""https://evil.example"",""Bonus"")",viewer,111111113,false`,
		"directory":         `,acme:ben,"Ben, of Sales",analyst,Sales;Sales/North`,
		"groups":            "north,North,Sales/North,sales",
		"group-members":     `north,Sales/North,ben,"Ben, of Sales"`,
		"workspaces":        "reports,Reports,,ann,acme:ann,true,true",
		"workspace-members": `reports,Reports,ben,acme:ben,"Ben, of Sales",27`,
		"shares":            "prices,Prices,REPORT,Reports,",
		"operation-log":     "acme:ann,Ann,CREATE,USERGROUP,north,North,",
		"permission-log":    "acme:ann,Ann,SHARE,REPORT,prices,Prices,reports",
	} {
		if text := read(t, dir, table); !strings.Contains(text, want) {
			t.Errorf("%s has no %s:\n%s", table, want, text)
		}
	}
	if !strings.Contains(out.String(), "Exporting to "+dir+"\n") || !strings.Contains(out.String(), "4 rows") {
		t.Errorf("printed:\n%s", out.String())
	}
	m, err := auditing.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(dir); err != nil {
		t.Error(err)
	}
}

func TestFormatsAndZones(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run(t.Context(), []string{"-out", dir, "-format", "jsonl", "-zone", "Asia/Shanghai"}, nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	if text := read(t, dir, "members"); !strings.Contains(text, `"nickName":"Ben, of Sales"`) || !strings.Contains(text, `+08:00"`) {
		t.Errorf("members:\n%s", text)
	}
	dir = t.TempDir()
	if err := run(t.Context(), []string{"-out", dir, "-format", "excel"}, nil, io.Discard); err != nil || !strings.HasPrefix(read(t, dir, "groups"), "\ufeffgroupId,") {
		t.Errorf("excel: %v", err)
	}
}

func TestNewDirectory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	if err := run(t.Context(), nil, nil, &out); err != nil {
		t.Fatal(err)
	}
	dir, _, _ := strings.Cut(strings.TrimPrefix(out.String(), "Exporting to "), "\n")
	if text := read(t, dir, "groups"); !strings.Contains(text, "north") {
		t.Errorf("groups: %s", text)
	}
}

// TestGaps reports what could not be read.
func TestGaps(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	e := auditing.Exporter{Client: server.Client(), From: time.Now().AddDate(0, 0, -2)}
	server.Fail("QueryUserList", quickbitest.Refuse("Access.Forbidden"), 1)
	var out strings.Builder
	err := export(t.Context(), e, t.TempDir(), auditing.CSV, &out)
	if !errors.Is(err, errGaps) || !strings.Contains(out.String(), "not read: members of ") || !strings.Contains(out.String(), "workspaces-") {
		t.Errorf("%v\n%s", err, out.String())
	}
	server.Fail("QueryUserList", quickbitest.Refuse("InvalidAccessKeyId.NotFound"), 1)
	if err := export(t.Context(), e, t.TempDir(), auditing.CSV, io.Discard); !errors.Is(err, quickbi.ErrAuthentication) {
		t.Errorf("a wrong key: %v", err)
	}
	// Nobody sees that nothing is printed, but for the error.
	if err := export(t.Context(), e, t.TempDir(), auditing.CSV, closed{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("printing: %v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Each command that -h shows exports.
func TestUsage(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, &help); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(help.String(), usage) || !strings.Contains(help.String(), "-zone") {
		t.Errorf("-h: %v, %s", err, help.String())
	}
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	connect := func(string) (*quickbi.Client, error) { return server.Client(), nil }
	commands := regexp.MustCompile(`(?m)^\tgo run ./examples/audit(.*)$`).FindAllStringSubmatch(usage, -1)
	if len(commands) != 2 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, command := range commands {
		var out bytes.Buffer
		args := strings.Fields(strings.ReplaceAll(command[1], "/srv/audit", t.TempDir()))
		if args == nil {
			args = []string{"-out", t.TempDir()}
		}
		if err := run(t.Context(), args, connect, &out); err != nil || !strings.Contains(out.String(), "  members-") {
			t.Errorf("%s: %v\n%s", command[0], err, out.String())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	connect := func(region string) (*quickbi.Client, error) {
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region))
	}
	for args, want := range map[string]string{
		"-format xml":          `no format "xml"`,
		"-zone Mars/Olympus":   "-zone: ",
		"-live -region mars-1": "mars-1",
		"members":              `"members" is no flag`,
		"-nonsense":            "nonsense",
	} {
		dir := filepath.Join(t.TempDir(), "out")
		if err := run(t.Context(), append([]string{"-out", dir}, strings.Fields(args)...), connect, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: made a directory", args)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-out", t.TempDir()}, nil, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
