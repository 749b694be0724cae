package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	reports := t.TempDir()
	var out bytes.Buffer
	err := run(t.Context(), []string{"-add", "viewer", "-delete", "-successor", "ann@example.com", "-reports", reports}, nil, nil, &out)
	if err != nil {
		t.Fatal(err, out.String())
	}
	for _, want := range []string{
		"+ group Finance/Audit\n", "+ member zoe@example.com as viewer\n", "> ben@example.com: Sales/South -> Sales/North\n",
		"+ zoe@example.com: Sales/North\n", "- member otto@example.com, works to ann@example.com\n",
		"Done: 1 create-group, 1 add-member, 3 join, 1 move, 1 delete-member\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if found, _ := filepath.Glob(filepath.Join(reports, "*.jsonl")); len(found) != 1 {
		t.Errorf("reports: %q", found)
	}
}

// Each command that -h shows does what it says.
func TestUsage(t *testing.T) {
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, nil, &help); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(help.String(), usage) || !strings.Contains(help.String(), "-add type") {
		t.Errorf("-h: %v, %s", err, help.String())
	}
	t.Chdir("../..")
	commands := regexp.MustCompile(`(?m)^\tgo run ./examples/syncgroups(.*)$`).FindAllStringSubmatch(usage, -1)
	if len(commands) != 3 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, command := range commands {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(command[1]), emulated(t), strings.NewReader("yes\n"), &out); err != nil || !strings.Contains(out.String(), "\nDone: ") {
			t.Errorf("%s: %v\n%s", command[0], err, out.String())
		}
	}
}

// emulated stands for a real organization.
func emulated(t *testing.T) func(string) (*quickbi.Client, error) {
	t.Helper()
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	if err := server.SeedJSON(strings.NewReader(demo)); err != nil {
		t.Fatal(err)
	}
	return func(string) (*quickbi.Client, error) { return server.Client(), nil }
}

func TestAsking(t *testing.T) {
	t.Parallel()
	for answer, done := range map[string]bool{"yes\n": true, "no\n": false, "": false} {
		var out bytes.Buffer
		err := run(t.Context(), []string{"-live", "-csv", "staff.csv"}, emulated(t), strings.NewReader(answer), &out)
		if done != (err == nil) || done != strings.Contains(out.String(), "\nDone: ") {
			t.Errorf("%q: %v\n%s", answer, err, out.String())
		}
	}
}

// Where nobody reads the plan any more, nothing is done.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), []string{"-add", "viewer"}, nil, nil, closed{}); !errors.Is(err, os.ErrClosed) || exitCode(err) != 1 {
		t.Errorf("%v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestOwnFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "hr.csv")
	yesterday := strings.NewReplacer("Finance;Finance/Audit", "Finance", "Sales/North\n5003", "Sales/South\n5003").Replace(staff) + "5099,otto@example.com,,,Everybody;Finance\n"
	for text, code := range map[string]int{
		yesterday:                      0,
		"account_id,groups\n5001,\n":   4, // nearly everybody would leave
		staff + "5001,#REF!,,,Sales\n": 3,
		"name;groups\n":                1,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-csv", file}, nil, nil, &out); exitCode(err) != code || code == 0 && !strings.Contains(out.String(), "memberships: no changes") {
			t.Errorf("%.30q: %v\n%s", text, err, out.String())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	connect := func(region string) (*quickbi.Client, error) {
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region))
	}
	for args, want := range map[string]string{
		"-live":                               "-csv",
		"-live -csv staff.csv -region mars-1": "mars-1",
		"-csv no-such-file":                   "no-such-file",
		"-add boss":                           "boss",
		"-successor ann@example.com":          "DeleteMembers",
		"-delete -successor nobody":           "nobody",
		"staff.csv":                           "no flag",
		"-reports /dev/null/x":                "the report cannot be written",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), connect, nil, &out); err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != 1 {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, nil, nil, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
