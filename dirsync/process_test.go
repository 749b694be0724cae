package dirsync_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// The variables of a process that applies a saved plan.
const (
	applyURL     = "DIRSYNC_TEST_URL"
	applyPlan    = "DIRSYNC_TEST_PLAN"
	applyReports = "DIRSYNC_TEST_REPORTS"
)

// applySaved applies a saved plan as a program should, and returns its exit code.
func applySaved(url string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE)
	client, err := quickbi.NewClient(quickbi.WithEndpoint(url), quickbi.WithAccessKey(quickbitest.AccessKeyID, quickbitest.AccessKeySecret))
	if err != nil {
		return 2
	}
	file, err := os.Open(os.Getenv(applyPlan))
	if err != nil {
		return 2
	}
	defer file.Close()
	s := unlimited(dirsync.Syncer{Client: client, Reports: os.Getenv(applyReports), Workers: 1, Progress: func(p dirsync.Progress) { fmt.Println(p.Changes, "of", p.OfChanges) }})
	plan, err := s.Decode(ctx, file)
	if err != nil {
		return 2
	}
	if _, err := plan.Apply(ctx); err != nil {
		return 1
	}
	return 0
}

// Whatever ends a process, its report tells what it has done, and that can be taken
// back. A reader that goes away does not end it.
func TestProcessEnds(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals")
	}
	for name, tt := range map[string]struct {
		end      func(*testing.T, *exec.Cmd)
		code     int // of the process; -1 if it was killed
		finished bool
	}{
		"SIGTERM":     {func(_ *testing.T, cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }, 1, true},
		"SIGINT":      {func(_ *testing.T, cmd *exec.Cmd) { _ = cmd.Process.Signal(os.Interrupt) }, 1, true},
		"SIGKILL":     {func(_ *testing.T, cmd *exec.Cmd) { _ = cmd.Process.Kill() }, -1, false},
		"closed pipe": {func(*testing.T, *exec.Cmd) {}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const groups = 160
			server := quickbitest.NewServer(quickbitest.WithLatency(2*time.Millisecond, 3*time.Millisecond))
			defer server.Close()
			if err := server.Seed(staff()); err != nil {
				t.Fatal(err)
			}
			before := server.Snapshot()
			var text strings.Builder
			text.WriteString("account_name,groups\nann@example.com,Sales;Sales/North;Project X")
			for i := range groups {
				fmt.Fprintf(&text, ";G%03d", i)
			}
			text.WriteString("\nmain:bob,Sales/South\ncarl,Sales/South;Finance\nmain2:bob,\ndora@example.com,Finance;Sales\nowner,\n")
			s := unlimited(dirsync.Syncer{Client: server.Client(), Reports: t.TempDir()})
			plan := mustPlan(t, s, text.String())
			file := filepath.Join(t.TempDir(), "plan.json")
			if err := os.WriteFile(file, []byte(encode(t, plan)), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), applyURL+"="+server.URL, applyPlan+"="+file, applyReports+"="+s.Reports)
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			for n := 0; n < 20 && lines.Scan(); n++ { // it is in the middle
			}
			tt.end(t, cmd)
			_ = stdout.Close()
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("it ended with %d", code)
			}

			report := lastReport(t, s.Reports)
			done := map[string]bool{}
			for line := range strings.Lines(report) {
				var e struct {
					Outcome string
					Change  struct{ Kind, Group string }
				}
				if json.Unmarshal([]byte(line), &e) == nil && e.Outcome == "done" && e.Change.Kind == "create-group" {
					done[e.Change.Group] = true
				}
			}
			if finished := strings.Contains(report, `"finished":true`); finished != tt.finished {
				t.Errorf("the report is finished: %v", finished)
			}
			there := map[string]bool{}
			for _, g := range server.Snapshot().UserGroups {
				if strings.HasPrefix(g.UserGroupName, "G") {
					there[g.UserGroupName] = true
				}
			}
			if len(done) < 10 || (tt.code != 0) == (len(done) == groups) {
				t.Errorf("%d groups were created, says the report", len(done))
			}
			if tt.finished && !maps.Equal(done, there) {
				t.Errorf("the report has %v, and there are %v", done, there)
			}
			for name := range done {
				if !there[name] {
					t.Errorf("the report says that %s was created", name)
				}
			}
			back := undone(t, s)
			if tt.code == 0 && back.Counts().Leave < groups {
				t.Errorf("%v", back.Counts())
			}
			mustApply(t, back)
			after := server.Snapshot()
			after.UserGroups = after.UserGroups[:len(before.UserGroups)]
			mustBe(t, "groups that were there", before.UserGroups, after.UserGroups)
			s.Reports = t.TempDir()
			mustApply(t, mustPlan(t, s, text.String()))
			mustBeEmpty(t, s, text.String())
		})
	}
}
