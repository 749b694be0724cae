package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// files returns the names of what is in a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestCSV(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "export")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-out", dir}, &out); err != nil {
		t.Fatal(err)
	}
	want := []string{"group-members.csv", "groups.csv", "log.csv", "members.csv", "shares.csv", "workspace-members.csv", "workspaces.csv"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]struct {
		rows int
		has  []string
	}{
		"members.csv":           {5, []string{"eve", "", "acme:eve", `'=HYPERLINK("https://evil.example","Bonus")`, "viewer", "111111113", "false"}},
		"groups.csv":            {3, []string{"north", "North", "Sales/North", "sales"}},
		"group-members.csv":     {5, []string{"north", "Sales/North", "ben", "Ben, of Sales"}},
		"workspaces.csv":        {1, []string{"reports", "Reports", "", "ann", "acme:ann", "true", "true"}},
		"workspace-members.csv": {3, []string{"reports", "Reports", "ben", "acme:ben", "Ben, of Sales", "27"}},
		"shares.csv":            {3, []string{"revenue", "Revenue", "PAGE", "Reports", "li", "group", "sales", "Sales", "export", ""}},
		"log.csv":               {4, []string{"permission"}},
	} {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if info, err := file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		records, err := csv.NewReader(file).ReadAll()
		if err != nil || len(records) != 1+want.rows {
			t.Errorf("%s has %d lines, %v", name, len(records), err)
		}
		found := false
		for _, record := range records {
			found = found || cmp.Equal(record[:min(len(record), len(want.has))], want.has)
		}
		if !found {
			t.Errorf("%s has no line %q: %q", name, want.has, records)
		}
	}
	if !strings.Contains(out.String(), dir) || !strings.Contains(out.String(), "5 rows") {
		t.Errorf("printed:\n%s", out.String())
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run(t.Context(), []string{"-out", dir, "-format", "jsonl", "-what", "shares,members"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"members.jsonl", "shares.jsonl"}, files(t, dir)); diff != "" {
		t.Error(diff)
	}
	text, err := os.ReadFile(filepath.Join(dir, "members.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	nicks := map[string]string{}
	for line := range strings.Lines(string(text)) {
		var row struct{ UserID, NickName string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		nicks[row.UserID] = row.NickName
	}
	want := map[string]string{
		"ann": "Ann", "ben": "Ben, of Sales", "eve": `=HYPERLINK("https://evil.example","Bonus")`, "li": "李小红", quickbitest.OwnerUserID: "Owner",
	}
	if diff := cmp.Diff(want, nicks); diff != "" {
		t.Error(diff)
	}
}

func TestNewDirectory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-what", "groups"}, &out); err != nil {
		t.Fatal(err)
	}
	dir, _, _ := strings.Cut(strings.TrimPrefix(out.String(), "Writing to "), "\n")
	if diff := cmp.Diff([]string{"groups.csv"}, files(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestFailure leaves what an earlier export wrote as it was, and nothing half done.
func TestFailure(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	dir := t.TempDir()
	e := auditing.Exporter{Client: server.Client()}
	tables := []auditing.Table{auditing.Members, auditing.Workspaces}
	if err := export(t.Context(), e, tables, dir, auditing.CSV, io.Discard); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "workspaces.csv"))
	if err != nil {
		t.Fatal(err)
	}
	server.Fail("QueryOrganizationWorkspaceList", quickbitest.Refuse("Access.Forbidden"), 1)
	if err := export(t.Context(), e, tables, dir, auditing.CSV, io.Discard); !errors.Is(err, quickbi.ErrPermission) || !strings.Contains(err.Error(), "workspaces, after 0 rows") {
		t.Errorf("export: %v", err)
	}
	if diff := cmp.Diff([]string{"members.csv", "workspaces.csv"}, files(t, dir)); diff != "" {
		t.Error(diff)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "workspaces.csv")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%s, %v; before: %s", after, err, before)
	}

	if err := export(t.Context(), e, tables, filepath.Join(dir, "members.csv"), auditing.CSV, io.Discard); err == nil {
		t.Error("wrote into a file as if it were a directory")
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-format") {
		t.Errorf("-h: %v, %s", err, out.String())
	}
	for args, want := range map[string]string{
		"-format xml":                    `-format is "xml"`,
		"-out=":                          "-out is empty",
		"-what members,passwords":        `-what has "passwords", which is none of members,groups`,
		"-what=":                         `-what has ""`,
		"-from tomorrow":                 `-from is "tomorrow", not a day such as`,
		"-to 2026-02-30":                 `-to is "2026-02-30", not a day such as`,
		"-to 2999-01-01":                 "today is",
		"-from 2020-01-01":               "goes back 90 days only",
		"-to 2020-01-01":                 "before the first day",
		"-what members -from 2026-01-01": "leaves the log out",
		"-region cn-hangzhou":            "without -live",
		"-live -region mars-1":           "mars-1",
		"members":                        `"members" is no flag`,
		"-nonsense":                      "nonsense",
	} {
		dir := filepath.Join(t.TempDir(), "out")
		if !strings.HasPrefix(args, "-out") {
			args = "-out " + dir + " " + args
		}
		if err := run(t.Context(), strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: made a directory", args)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-out", t.TempDir()}, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 20, 0, 0, 0, time.UTC) // the first of April in China
	for _, test := range []struct{ from, to, first, last string }{
		{"", "", "2026-03-26", "2026-04-01"},
		{"2026-03-31", "", "2026-03-31", "2026-04-01"},
		{"", "2026-03-31", "2026-03-25", "2026-03-31"},
		{"2026-03-31", "2026-03-31", "2026-03-31", "2026-03-31"},
		{"2026-01-01", "", "2026-01-01", "2026-04-01"},
		{"", "2026-01-02", "2026-01-01", "2026-01-02"}, // no further back than there is
	} {
		first, last, err := days(test.from, test.to, now)
		if err != nil || first.Format(time.DateOnly) != test.first || last.Format(time.DateOnly) != test.last {
			t.Errorf("%q to %q: %v, %v, %v", test.from, test.to, first, last, err)
		}
	}
	for _, test := range [][2]string{{"2025-12-31", ""}, {"", "2026-04-02"}, {"2026-03-31", "2026-03-30"}} {
		if _, _, err := days(test[0], test[1], now); err == nil {
			t.Errorf("%q passed", test)
		}
	}
}
