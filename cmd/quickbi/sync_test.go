package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/quickbitest"
)

// Groups with keys are renamed, and members join workspaces.
func TestSyncGroupsAndWorkspaces(t *testing.T) {
	server, endpoint := live(t)
	if err := server.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "u-1", AccountID: "7001", AccountName: "acme:yan", NickName: "Yan"}},
		UserGroups: []quickbitest.UserGroup{{UserGroupID: "D-1", UserGroupName: "Dept One", UserIDs: []string{"u-1"}}},
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "w-1", WorkspaceName: "Room One"}},
	}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	staff := write("staff.csv", "account_id,groups,workspaces\n7001,Dept 1,Room One=analyst\n")
	plan := filepath.Join(dir, "plan.json")
	got := runCommand(t, "sync", "plan", staff, "-groups", write("groups.csv", "key,path\nD-1,Dept 1\n"), "-within", "Dept One", "-within", "Dept 1", "-update-workspaces", "-out", plan, endpoint)
	if want := "> group Dept One -> Dept 1\n+ acme:yan: workspace Room One as analyst\n"; got.code != exitPending || !strings.HasPrefix(got.out, want) {
		t.Fatalf("%d, %s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "sync", "apply", plan, "-yes", endpoint); got.code != 0 || !strings.Contains(got.out, "Done: 1 rename-group, 1 join-workspace\n") {
		t.Errorf("%d, %s%s", got.code, got.out, got.err)
	}
	got = runCommand(t, "sync", "plan", staff, "-groups", write("groups.jsonl", `{"key":"D-1","path":"Dept 1"}`), "-within", "Dept 1", "-update-workspaces", "-leave-workspace", "Nowhere", endpoint)
	if got.code != 1 || !strings.Contains(got.err, "no workspace Nowhere") {
		t.Errorf("%d, %s%s", got.code, got.out, got.err)
	}
	got = runCommand(t, "sync", "plan", staff, "-groups", filepath.Join(dir, "groups.jsonl"), "-within", "Dept 1", "-update-workspaces", "-leave-workspace", "w-1", endpoint)
	if got.code != 0 || !strings.Contains(got.out, ": no changes\n") {
		t.Errorf("%d, %s%s", got.code, got.out, got.err)
	}
	got = runCommand(t, "sync", "plan", staff, "-groups", write("bad.csv", "key\n1\n"), endpoint)
	if got.code != 1 || !strings.Contains(got.err, "bad.csv: the CSV file of groups has no column path") {
		t.Errorf("%d, %s%s", got.code, got.out, got.err)
	}
}

// Every command of docs/directory.md prints what the page shows.
func TestDirectoryPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/directory.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	between := func(begin, end string) string {
		t.Helper()
		_, rest, found := strings.Cut(page, begin)
		inside, _, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("the page has no %q", begin)
		}
		return inside
	}
	server := quickbitest.NewServer()
	defer server.Close()
	if err := server.SeedJSON(strings.NewReader(between("cat > seed.json <<'EOF'\n", "EOF\n"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"} {
		t.Setenv(name, regexp.MustCompile(name + `=(\S+)`).FindStringSubmatch(page)[1])
	}
	rules := between("rules='", "'")
	staff := between("```csv\n", "```")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("staff.csv", []byte(staff), 0o600); err != nil {
		t.Fatal(err)
	}
	report := regexp.MustCompile(`reports/\S+\.jsonl`)
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(page, -1) {
		for _, command := range strings.Split(block[1], "$ ./quickbi ")[1:] {
			line, want, _ := strings.Cut(command, "\n")
			line = strings.NewReplacer("$rules", rules, "$here", "-endpoint "+server.URL).Replace(line)
			if found, _ := filepath.Glob("reports/*.jsonl"); len(found) > 0 {
				line = report.ReplaceAllLiteralString(line, filepath.ToSlash(found[0]))
			}
			args := strings.Fields(line)
			if args[1] == "apply" {
				args = append(args, "-yes") // in place of the answer
			}
			got := runCommand(t, args...)
			ran++
			printed := report.ReplaceAllLiteralString(got.out+got.err, "reports/ID.jsonl")
			for wanted := range strings.Lines(report.ReplaceAllLiteralString(want, "reports/ID.jsonl")) {
				if wanted == "…\n" || strings.Contains(wanted, "Go on?") {
					continue
				}
				_, rest, found := strings.Cut(printed, wanted)
				if !found {
					t.Fatalf("quickbi %s: %q is missing, or not where it should be, in\n%s%s", line, wanted, got.out, got.err)
				}
				printed = rest
			}
		}
	}
	if ran < 6 {
		t.Errorf("the page has %d commands", ran)
	}
}
