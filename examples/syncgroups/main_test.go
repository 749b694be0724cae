package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	reports := t.TempDir()
	var out bytes.Buffer
	err := run(t.Context(), []string{"-add", "viewer", "-delete", "-successor", "ann@example.com", "-reports", reports}, nil, &out)
	if err != nil {
		t.Fatal(err, out.String())
	}
	for _, want := range []string{
		"+ group Finance/Audit\n", "+ member zoe@example.com as viewer\n", "> ben@example.com: Sales/South -> Sales/North\n",
		"+ zoe@example.com: Sales/North\n", "- member otto@example.com, works to ann@example.com\n",
		"  100% (8 of 8 calls)\n", ": 1 create-group, 1 add-member, 3 join, 1 move, 1 delete-member\n", "Report: " + reports,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-dry-run", "-within", "Finance"}, nil, &out); exitCode(err) != 4 {
		t.Errorf("one of four may not leave without -max-remove: %v", err)
	}
	if err := run(t.Context(), []string{"-dry-run", "-within", "Finance", "-max-remove", "0.3"}, nil, &out); exitCode(err) != 2 {
		t.Error(err)
	}
	if strings.Contains(out.String(), "done in") || !strings.Contains(out.String(), "- otto@example.com: Finance\n") || strings.Contains(out.String(), "ben@example.com:") {
		t.Error(out.String())
	}
}

// Where nobody reads the plan any more, nothing is done.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), []string{"-add", "viewer"}, nil, closed{}); !errors.Is(err, os.ErrClosed) || exitCode(err) != 1 {
		t.Errorf("%v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestOwnFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "hr.csv")
	yesterday := strings.NewReplacer("Finance;Finance/Audit", "Finance", "Sales/North\n5003", "Sales/South\n5003").Replace(staff) + "5099,otto@example.com,,,Everybody;Finance\n"
	if err := os.WriteFile(file, []byte(yesterday), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-csv", file}, nil, &out); err != nil || !strings.Contains(out.String(), "memberships: no changes") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := os.WriteFile(file, []byte("name;groups\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-csv", file}, nil, &out); err == nil || !strings.Contains(err.Error(), "account_id") {
		t.Errorf("no file of the kind: %v", err)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-members", "1000", "-rate", "0"}, nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12 create-group, 2000 join, 0 problems; -dry-run lists them\n", "  50% (", ": 12 create-group, 2000 join\n", "MB\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-live":                        "-csv",
		"-live -csv x -region mars-1":  "mars-1",
		"-csv no-such-file":            "no-such-file",
		"-members 5 -csv x":            "-members",
		"-add boss":                    "boss",
		"-successor ann@example.com":   "DeleteMembers",
		"-delete -successor nobody":    "nobody",
		"-rate -1":                     "rate",
		"staff.csv":                    "no flag",
		"-max-remove 0":                "at most 0 may",
		"-max-remove 0.01":             "changes too much",
		"-reports /dev/null/x -rate 0": "the report cannot be written",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), strings.NewReader(""), &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-within path") {
		t.Errorf("-h: %v, %s", err, out.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, nil, &out); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
