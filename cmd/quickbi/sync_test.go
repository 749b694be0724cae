package main

import (
	"os"
	"path/filepath"
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
