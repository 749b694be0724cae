package dirsync_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// A plan that was saved does what it would have done at once.
func TestSavedPlan(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	plan := mustPlan(t, everything(o), changed)
	text := encode(t, plan)
	saved, err := everything(o).Decode(t.Context(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(t, saved); again != text {
		t.Errorf("(-first +again):\n%s", cmp.Diff(text, again))
	}
	if diff := cmp.Diff(show(t, plan), show(t, saved)); diff != "" {
		t.Errorf("(-planned +saved):\n%s", diff)
	}
	report, err := saved.Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustBe(t, "groups", after, o.groups(t))
	if want := (dirsync.Counts{CreateGroup: 2, AddMember: 2, Join: 5, Move: 1, DeleteMember: 2}); report.Done != want {
		t.Errorf("report: %+v", report)
	}
	var doc struct {
		Format, ID, Source, Organization string
		Version                          int
		Created, Expires                 time.Time
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != 1 || doc.ID != report.Plan || !strings.HasPrefix(doc.Source, "sha256:") || doc.Expires.Sub(doc.Created) != 24*time.Hour {
		t.Errorf("%+v", doc)
	}
	other := mustPlan(t, everything(newOrg(t, staff())), changed)
	if hash := regexp.MustCompile(`"source": "[^"]+"`).FindString(encode(t, other)); !strings.Contains(text, hash) {
		t.Errorf("one source has two hashes: %s", hash)
	}
	other = mustPlan(t, everything(newOrg(t, staff())), strings.Replace(changed, "Eve", "Eva", 1))
	if hash := regexp.MustCompile(`"source": "[^"]+"`).FindString(encode(t, other)); strings.Contains(text, hash) {
		t.Error("two sources have one hash")
	}
}

// Guards and what is to be kept hold for a plan that was saved, too.
func TestSavedPlanIsGuarded(t *testing.T) {
	t.Parallel()
	seed, lines := people()
	o := newOrg(t, seed)
	loose := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true})
	plan := planOf(t, loose, strings.Join(slices.Delete(slices.Clone(lines), 3, 13), "\n"))
	strict := dirsync.Syncer{Client: o.client, MaxRemove: 1, MaxDelete: 1, MaxDeleteCount: 9}
	saved, err := strict.Decode(t.Context(), strings.NewReader(encode(t, plan)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := saved.Apply(t.Context()); !errors.Is(err, dirsync.ErrGuard) || !strings.Contains(err.Error(), "10 of 21 members would be deleted or deactivated, and at most 9 may") {
		t.Errorf("%v", err)
	}
	strict.MaxDeleteCount = 10
	strict.Keep = func(u quickbi.User) bool { return u.UserID == "u4" }
	if saved, err = strict.Decode(t.Context(), strings.NewReader(encode(t, plan))); err != nil {
		t.Fatal(err)
	}
	if report, err := saved.Apply(t.Context()); !errors.Is(err, dirsync.ErrChanged) || report.Done.DeleteMember != 9 {
		t.Errorf("%v, %+v", err, report)
	}
}

// A reviewer can take changes out, but what is left has to make sense.
func TestEditedPlan(t *testing.T) {
	t.Parallel()
	edit := func(t *testing.T, keep func(c map[string]any) bool) (*dirsync.Plan, *org, error) {
		o := newOrg(t, staff())
		var doc map[string]any
		if err := json.Unmarshal([]byte(encode(t, mustPlan(t, everything(o), changed))), &doc); err != nil {
			t.Fatal(err)
		}
		doc["changes"] = slices.DeleteFunc(doc["changes"].([]any), func(c any) bool { return !keep(c.(map[string]any)) })
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := everything(o).Decode(t.Context(), bytes.NewReader(text))
		return plan, o, err
	}
	plan, o, err := edit(t, func(c map[string]any) bool { return c["kind"] != "delete-member" && c["account"] != "fay@example.com" })
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, plan)
	if n := len(o.Snapshot().Users); n != 7 {
		t.Errorf("%d members", n)
	}
	for name, keep := range map[string]func(c map[string]any) bool{
		"does not add the member":     func(c map[string]any) bool { return c["kind"] != "add-member" },
		"does not create the group":   func(c map[string]any) bool { return c["group"] != "Legal" || c["kind"] != "create-group" },
		"no nickname or no user type": func(c map[string]any) bool { delete(c, "nickname"); return true },
		"it names no member": func(c map[string]any) bool {
			delete(c, "account")
			delete(c, "userId")
			delete(c, "accountId")
			return true
		},
		"it has no id of the group":          func(c map[string]any) bool { delete(c, "fromId"); return true },
		"unknown field":                      func(c map[string]any) bool { c["colour"] = "red"; return true },
		`no kind of change called "explode"`: func(c map[string]any) bool { c["kind"] = "explode"; return true },
	} {
		if _, _, err := edit(t, keep); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
}

// A plan for one organization is not applied to another, nor one that is too old,
// nor twice by two processes.
func TestRefusedPlans(t *testing.T) {
	t.Parallel()
	seed, lines := people()
	o := newOrg(t, seed)
	source := csv(strings.Join(append(lines, "3000000000000000,new,New,All"), "\n"))
	plan, err := dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer}.Plan(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	text := encode(t, plan)
	if _, err := (dirsync.Syncer{Client: newOrg(t, staff()).client}).Decode(t.Context(), strings.NewReader(text)); !errors.Is(err, dirsync.ErrOtherOrganization) {
		t.Errorf("without workspaces: %v", err)
	}
	other := staff()
	other.Workspaces = []quickbitest.Workspace{{WorkspaceID: "w", WorkspaceName: "W"}}
	if _, err := (dirsync.Syncer{Client: newOrg(t, other).client}).Decode(t.Context(), strings.NewReader(text)); !errors.Is(err, dirsync.ErrOtherOrganization) {
		t.Errorf("with workspaces: %v", err)
	}
	for name, text := range map[string]string{
		"this is no quickbi directory plan":       "{}",
		"has version 9":                           strings.Replace(text, `"version": 1`, `"version": 9`, 1),
		"reading the quickbi directory plan":      strings.Replace(text, `"records"`, `"recordings"`, 1),
		"which no plan has":                       strings.Replace(text, `"id": "`, `"id": "../`, 1),
		"this is no quickbi directory plan: unex": text[:len(text)/2],
	} {
		if _, err := (dirsync.Syncer{Client: o.client}).Decode(t.Context(), strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
	dir := t.TempDir()
	refused := 0
	for range 2 { // two processes
		saved, err := dirsync.Syncer{Client: o.client, Reports: dir}.Decode(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := saved.Apply(t.Context()); errors.Is(err, dirsync.ErrApplied) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if calls := actions(o.sent()); refused != 1 || !cmp.Equal(calls, []string{"AddUser", "AddUserGroupMember"}) {
		t.Errorf("%d refused, sent %v", refused, calls)
	}
}

func TestSavedPlanExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(t, staff())
		s := everything(o)
		s.MaxAge = time.Hour
		text := encode(t, mustPlan(t, s, changed))
		time.Sleep(59 * time.Minute)
		saved, err := s.Decode(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if _, err := saved.Apply(t.Context()); !errors.Is(err, dirsync.ErrTooOld) {
			t.Errorf("applied: %v", err)
		}
		if _, err := s.Decode(t.Context(), strings.NewReader(text)); !errors.Is(err, dirsync.ErrTooOld) {
			t.Errorf("read: %v", err)
		}
	})
}

// A report that cannot be written is found out before the first change; one that
// cannot be written any more ends the work.
func TestReportCannotBeWritten(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := everything(o)
	s.Reports = file
	if report, err := mustPlan(t, s, changed).Apply(t.Context()); err == nil || report != nil || !strings.Contains(err.Error(), "the report cannot be written") {
		t.Errorf("%v", err)
	}
	if calls := actions(o.sent()); len(calls) > 0 {
		t.Errorf("sent %v", calls)
	}
}

// The report has what was done, and Undo takes it back.
func TestUndo(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	before := o.groups(t)
	s := unlimited(dirsync.Syncer{Client: o.client, Within: []string{"Sales", "Finance", "Legal"}, Reports: t.TempDir()})
	text := strings.NewReplacer("102,main:bob,Sales/North", "102,main:bob,Sales/South;Finance", "\n,carl,Sales/South", "\n,carl,", "105,dora@example.com,Finance", "105,dora@example.com,Finance;Legal").Replace(staffCSV)
	report, err := mustPlan(t, s, text).Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (dirsync.Counts{CreateGroup: 1, Join: 2, Move: 1, Leave: 1}); report.Done != want {
		t.Fatalf("done: %v", report.Done)
	}
	grown := lastReport(t, s.Reports)
	if file, err := os.ReadFile(report.File); err != nil || string(file) != grown {
		t.Errorf("the report is not in %q: %v", report.File, err)
	}
	back, err := s.Undo(t.Context(), strings.NewReader(grown))
	if err != nil {
		t.Fatal(err)
	}
	// Reports were without what is begun.
	old := strings.Join(slices.DeleteFunc(slices.Collect(strings.Lines(grown)), func(line string) bool { return strings.Contains(line, `"outcome":"begun"`) }), "")
	if again, err := s.Undo(t.Context(), strings.NewReader(old)); err != nil || old == grown || show(t, again) != show(t, back) {
		t.Errorf("an old report: %v", err)
	}
	s.Reports = t.TempDir()
	if want := (dirsync.Counts{Join: 1, Move: 1, Leave: 2}); back.Counts() != want {
		t.Errorf("%s", show(t, back))
	}
	if len(back.Problems) != 1 || !strings.Contains(back.Problems[0].Text, "+ group Legal: cannot be undone") {
		t.Errorf("problems: %v", back.Problems)
	}
	if _, err = back.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	before["Legal"] = []string{}
	mustBe(t, "groups", before, o.groups(t))
	// Once more, there is nothing left; and what somebody has changed since stays.
	if back, err = s.Undo(t.Context(), strings.NewReader(grown)); err != nil || !back.Empty() {
		t.Errorf("again: %v, %v", err, back.Counts())
	}
	if _, err := s.Undo(t.Context(), strings.NewReader("{}")); err == nil {
		t.Error("anything is a report")
	}
	other := staff()
	other.Workspaces = []quickbitest.Workspace{{WorkspaceID: "w", WorkspaceName: "W"}}
	if _, err := (dirsync.Syncer{Client: newOrg(t, other).client}).Undo(t.Context(), strings.NewReader(grown)); !errors.Is(err, dirsync.ErrOtherOrganization) {
		t.Errorf("another organization: %v", err)
	}
}

// However Apply is stopped, its report tells what was done: Undo leads back.
func TestUndoWhatWasStopped(t *testing.T) {
	t.Parallel()
	for stopAt := int64(1); stopAt < 16; stopAt += 2 {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprint(stopAt, lost), func(t *testing.T) {
				t.Parallel()
				o := newOrg(t, staff())
				before := o.groups(t)
				s := unlimited(dirsync.Syncer{Client: o.client, Reports: t.TempDir(), MaxIDs: 1, Workers: 1 + int(stopAt)%3})
				plan := mustPlan(t, s, strings.NewReplacer("Sales/North", "Sales/South", "Finance", "Sales/North").Replace(staffCSV))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				o.transport.sent.Store(0)
				o.transport.onSend = func(_ string, n int64) {
					if n >= stopAt {
						cancel()
					}
				}
				if lost {
					for _, action := range []string{"AddUserGroupMember", "AddUserGroupMembers", "DeleteUserGroupMembers"} {
						o.Fail(action, quickbitest.DropAfter(), -1)
					}
				}
				_, err := plan.Apply(ctx)
				o.transport.onSend = nil
				o.ClearFaults()
				if err == nil && stopAt < 8 {
					t.Error("was not stopped")
				}
				grown := lastReport(t, s.Reports)
				// A process that is killed leaves half a line.
				if i := strings.LastIndex(grown, `{"time"`); strings.Contains(grown[i:], "finished") {
					grown = grown[:i+20]
				}
				s.Reports = ""
				back, err := s.Undo(t.Context(), strings.NewReader(grown))
				if err != nil {
					t.Fatal(err)
				}
				mustApply(t, back)
				if diff := cmp.Diff(before, o.groups(t)); diff != "" {
					t.Errorf("groups (-want +got):\n%s\n%s", diff, grown)
				}
			})
		}
	}
}

// A deletion is in the report before it is made.
func TestDeletionIsNoted(t *testing.T) {
	t.Parallel()
	seed, lines := people()
	o := newOrg(t, seed)
	s := dirsync.Syncer{Client: o.client, DeleteMembers: true, Reports: t.TempDir()}
	plan := planOf(t, s, strings.Join(slices.Delete(lines, 4, 5), "\n"))
	noted := ""
	o.transport.onSend = func(action string, _ int64) {
		if action == "DeleteUser" {
			noted = lastReport(t, s.Reports)
		}
	}
	mustApply(t, plan)
	if !strings.Contains(noted, `"outcome":"begun"`) || !strings.Contains(noted, `"userId":"u3"`) || strings.Contains(noted, `"done"`) {
		t.Errorf("noted before: %s", noted)
	}
	back, err := s.Undo(t.Context(), strings.NewReader(lastReport(t, s.Reports)))
	if err != nil || !back.Empty() || len(back.Problems) != 1 || !strings.Contains(back.Problems[0].String(), "acme:user3") {
		t.Errorf("%v, %v", err, back.Problems)
	}
}
