package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/offboarding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestMain is the command itself in the processes that these tests start.
func TestMain(m *testing.M) {
	if os.Getenv("QUICKBI_TEST_PROCESS") != "" {
		main()
	}
	os.Exit(m.Run())
}

// company starts an emulator with so many members, each in the group Staff, and
// returns it and the flags that lead to it. Works take a while: 40 calls a second.
func company(t *testing.T, members int) (*quickbitest.Server, []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals on Windows")
	}
	server := quickbitest.NewServer(quickbitest.WithRateLimit("", 0))
	t.Cleanup(server.Close)
	group := quickbitest.UserGroup{UserGroupID: "staff", UserGroupName: "Staff"}
	organization := quickbitest.Organization{Workspaces: []quickbitest.Workspace{{WorkspaceID: "w", WorkspaceName: "W"}}}
	for i := range members {
		id := fmt.Sprintf("u%03d", i)
		organization.Users = append(organization.Users, quickbitest.User{UserID: id, AccountID: fmt.Sprint(2000 + i), AccountName: id + "@example.com", NickName: "User " + id})
		group.UserIDs = append(group.UserIDs, id)
	}
	organization.UserGroups = []quickbitest.UserGroup{group}
	if err := server.Seed(organization); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", quickbitest.AccessKeyID)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", quickbitest.AccessKeySecret)
	t.Setenv("LANG", "C")
	t.Setenv("LC_ALL", "C")
	t.Setenv("NO_COLOR", "1")
	t.Chdir(t.TempDir())
	return server, []string{"-endpoint=" + server.URL, "-rate=40"}
}

// A process is a run of the command in a process of its own.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	out lockedBuffer // both outputs
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	p := &process{t: t, cmd: exec.CommandContext(ctx, executable, args...)}
	p.cmd.Env = append(os.Environ(), "QUICKBI_TEST_PROCESS=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	return p
}

func (p *process) start() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// when waits until the emulator has answered so many calls of an operation.
func (p *process) when(server *quickbitest.Server, action string, n int) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		calls := 0
		for _, c := range server.Calls() {
			if c.Action == action {
				calls++
			}
		}
		if calls >= n {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%d calls of %s, want %d\n%s", calls, action, n, p.out.String())
		}
	}
}

// wait returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			p.t.Fatal(err)
		}
	}
	return p.cmd.ProcessState.ExitCode()
}

var signals = map[string]syscall.Signal{"interrupt": syscall.SIGINT, "terminated": syscall.SIGTERM}

// ending checks what is said at the end of a run that was cut short: it is plain, in
// at most ten lines, and has what the test wants.
func ending(t *testing.T, text string, wants ...string) {
	t.Helper()
	if n := strings.Count(text, "\n"); n > 10 {
		t.Errorf("%d lines", n)
	}
	if strings.ContainsAny(text, "\x1b\r") {
		t.Error("not plain")
	}
	for _, want := range wants {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// number returns what a group in an expression has found.
func number(t *testing.T, text, expression string) int {
	t.Helper()
	found := regexp.MustCompile(expression).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in\n%s", expression, text)
	}
	var n int
	if _, err := fmt.Sscan(found[1], &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// plannedCompany is a company of 60 members and a plan that puts each of them into two
// groups, in plan.json.
func plannedCompany(t *testing.T) (*quickbitest.Server, []string) {
	t.Helper()
	server, flags := company(t, 60)
	var source strings.Builder
	source.WriteString("account_id,account_name,groups\n1000000000000001,owner,\n")
	for i := range 60 {
		fmt.Fprintf(&source, "%d,u%03d@example.com,Staff;Team %d\n", 2000+i, i, i)
	}
	if err := os.WriteFile("staff.csv", []byte(source.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := runCommand(t, append([]string{"sync", "plan", "staff.csv", "-out", "plan.json"}, flags...)...); got.code != exitPending {
		t.Fatalf("plan: %d\n%s%s", got.code, got.out, got.err)
	}
	server.ResetCalls()
	return server, flags
}

// A sync that is interrupted says what was done and what was not; its report has all
// that was done, and a new plan does the rest.
func TestInterruptedSync(t *testing.T) {
	for name, signal := range signals {
		t.Run(name, func(t *testing.T) {
			server, flags := plannedCompany(t)
			p := newProcess(t, append([]string{"sync", "apply", "plan.json", "-yes", "-reports", "reports"}, flags...)...)
			p.start()
			p.when(server, "CreateUserGroup", 15)
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(); code != exitFailure {
				t.Errorf("exit code %d", code)
			}
			text := p.out.String()
			ending(t, text, `^Done: \d+ create-group`, `\nNot tried: \d+ changes\n`, `\nReport: reports/`, `\nTo go on, make a new plan`, `\nquickbi: interrupted: `+name+` signal received\n$`)
			done := number(t, text, `Done: (\d+) create-group`)
			if got := len(server.Snapshot().UserGroups) - 1; got != done {
				t.Errorf("%d groups are there, and %d are said to be", got, done)
			}
			// The report is whole, and has each change that was made.
			reports, _ := filepath.Glob("reports/*.jsonl")
			if len(reports) != 1 {
				t.Fatalf("reports: %q", reports)
			}
			report, err := os.ReadFile(reports[0])
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(report), `"kind":"create-group"`); n < done {
				t.Errorf("the report has %d groups, and %d are there", n, done)
			}
			lines := strings.Split(strings.TrimSuffix(string(report), "\n"), "\n")
			for _, line := range lines {
				if !json.Valid([]byte(line)) {
					t.Errorf("the report has the line %s", line)
				}
			}
			if !strings.Contains(lines[len(lines)-1], `"finished":true`) {
				t.Errorf("the report ends with %s", lines[len(lines)-1])
			}
			// The rest is done by a new plan, and nothing twice.
			if got := runCommand(t, append([]string{"sync", "plan", "staff.csv", "-out", "rest.json"}, flags...)...); got.code != exitPending {
				t.Fatalf("plan again: %d\n%s%s", got.code, got.out, got.err)
			}
			if got := runCommand(t, "sync", "apply", "rest.json", "-yes", flags[0], "-rate=1000"); got.code != exitDone {
				t.Errorf("go on: %d\n%s%s", got.code, got.out, got.err)
			}
			if got := len(server.Snapshot().UserGroups); got != 61 {
				t.Errorf("%d groups", got)
			}
			if got := runCommand(t, append([]string{"sync", "plan", "staff.csv"}, flags...)...); got.code != exitDone {
				t.Errorf("something is left: %d\n%s%s", got.code, got.out, got.err)
			}
		})
	}
}

func TestInterruptedOffboarding(t *testing.T) {
	for name, signal := range signals {
		t.Run(name, func(t *testing.T) {
			server, flags := company(t, 25)
			var leavers strings.Builder
			for i := range 24 {
				fmt.Fprintf(&leavers, "u%03d\n", i+1)
			}
			if err := os.WriteFile("leavers.txt", []byte(leavers.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			server.ResetCalls()
			p := newProcess(t, append([]string{"offboard", "-list", "leavers.txt", "-to", "u000", "-yes", "-reports", "reports"}, flags...)...)
			p.start()
			p.when(server, "DeleteUser", 6)
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(); code != exitFailure {
				t.Errorf("exit code %d", code)
			}
			_, summary, _ := strings.Cut(p.out.String(), "\nDone: ")
			ending(t, "Done: "+summary, `^Done: \d+ of 24 members have left\n`, `\nNot done: "User u\d+" \(u\d+\): `, `\n… and \d+ more; -v shows them\n`, `\nReport: reports/`,
				`\nTo go on, run quickbi offboard for those who are left\.\n`, `\nquickbi: interrupted: `+name+` signal received\n$`)
			left := number(t, "Done: "+summary, `Done: (\d+) of`)
			if got := 26 - len(server.Snapshot().Users); got != left || left < 6 || left > 23 {
				t.Errorf("%d have left, and %d are said to have", got, left)
			}
			reports, _ := filepath.Glob("reports/*.jsonl")
			if len(reports) != 1 {
				t.Fatalf("reports: %q", reports)
			}
			f, err := os.Open(reports[0])
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			report, err := offboarding.ReadReport(f)
			if err != nil {
				t.Fatal(err)
			}
			deleted := 0
			for _, r := range report.Results {
				if r.Deleted {
					deleted++
				}
			}
			if deleted != left {
				t.Errorf("the report has %d who left", deleted)
			}
			if got := runCommand(t, "offboard", "-restore", reports[0], flags[0]); got.code != exitDone || !strings.Contains(got.out, "members are back in their user groups") {
				t.Errorf("restore: %d\n%s%s", got.code, got.out, got.err)
			}
			members := map[string]bool{}
			for _, u := range server.Snapshot().Users {
				members[u.UserID] = true
			}
			rest := []string{"offboard", "-to", "u000", "-yes", flags[0], "-rate=1000"}
			for i := range 24 {
				if id := fmt.Sprintf("u%03d", i+1); members[id] {
					rest = append(rest, id)
				}
			}
			if got := runCommand(t, rest...); got.code != exitDone || len(server.Snapshot().Users) != 2 {
				t.Errorf("go on: %d\n%s%s", got.code, got.out, got.err)
			}
		})
	}
}

func TestInterruptedAudit(t *testing.T) {
	for name, signal := range signals {
		t.Run(name, func(t *testing.T) {
			server, flags := company(t, 1)
			server.ResetCalls()
			p := newProcess(t, append([]string{"audit", "export", "access-log"}, flags...)...)
			p.start()
			p.when(server, "QueryAuditLog", 30)
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(); code != exitFailure {
				t.Errorf("exit code %d", code)
			}
			text := p.out.String()
			ending(t, text, `\n\d+ files are written and whole; run the same command again to go on\n`)
			written := number(t, text, `(\d+) files are written`)
			if files, _ := filepath.Glob("export/access-log-*.csv"); len(files) != written || written < 20 {
				t.Errorf("%d files, and %d are said to be written", len(files), written)
			}
			server.ResetCalls()
			if got := runCommand(t, "audit", "export", "access-log", flags[0], "-rate=1000"); got.code != exitDone {
				t.Errorf("go on: %d\n%s%s", got.code, got.out, got.err)
			}
			if n := len(server.Calls()); n > 95-written {
				t.Errorf("%d calls to go on after %d files", n, written)
			}
			manifest, err := auditing.ReadManifest("export")
			if err != nil {
				t.Fatal(err)
			}
			if err := manifest.Verify("export"); err != nil || len(manifest.Files) < 89 || len(manifest.Gaps) > 0 {
				t.Errorf("%d files, %d gaps, %v", len(manifest.Files), len(manifest.Gaps), err)
			}
		})
	}
}

func TestInterruptedList(t *testing.T) {
	for name, signal := range signals {
		t.Run(name, func(t *testing.T) {
			server, flags := company(t, 80)
			p := newProcess(t, append([]string{"call", "QueryUserList", "PageSize=1", "-all", "-format=jsonl"}, flags...)...)
			var out bytes.Buffer
			p.cmd.Stdout = &out
			p.start()
			p.when(server, "QueryUserList", 20)
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(); code != exitFailure {
				t.Errorf("exit code %d", code)
			}
			ending(t, p.out.String(), `^quickbi: `, `\nthe list is not complete: \d+ entries came before this; to go on, call it again\n`)
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if n := number(t, p.out.String(), `complete: (\d+) entries`); n != len(lines) || n < 15 {
				t.Errorf("%d lines, and %d entries are said to have come", len(lines), n)
			}
			for _, line := range lines {
				if !json.Valid([]byte(line)) {
					t.Errorf("a line that is cut: %s", line)
				}
			}
		})
	}
}

// A reader that goes away does not end a job that has begun.
func TestClosedPipe(t *testing.T) {
	// begin starts a process whose output has no reader after its first bytes.
	begin := func(t *testing.T, bytes int64, args ...string) *process {
		t.Helper()
		p := newProcess(t, args...)
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p.cmd.Stdout = writer
		p.start()
		_ = writer.Close()
		if _, err := io.CopyN(io.Discard, reader, bytes); err != nil {
			t.Fatal(err, p.out.String())
		}
		_ = reader.Close()
		return p
	}
	t.Run("sync", func(t *testing.T) {
		server, flags := company(t, 3)
		if err := os.WriteFile("staff.csv", []byte("account_id,account_name,groups\n1000000000000001,owner,\n2000,u000@example.com,Staff;A\n2001,u001@example.com,Staff;B\n2002,u002@example.com,Staff;C\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := runCommand(t, append([]string{"sync", "plan", "staff.csv", "-out", "plan.json"}, flags...)...); got.code != exitPending {
			t.Fatalf("plan: %d\n%s%s", got.code, got.out, got.err)
		}
		p := begin(t, 0, append([]string{"sync", "apply", "plan.json", "-yes", "-reports", "reports"}, flags...)...)
		code := p.wait()
		ending(t, p.out.String())
		reports, _ := filepath.Glob("reports/*.jsonl")
		if code != exitDone || len(server.Snapshot().UserGroups) != 4 || len(reports) != 1 {
			t.Fatalf("exit code %d, %d groups, reports %q\n%s", code, len(server.Snapshot().UserGroups), reports, p.out.String())
		}
		if report, err := os.ReadFile(reports[0]); err != nil || !strings.Contains(string(report), `"finished":true`) {
			t.Errorf("report: %v\n%s", err, report)
		}
	})
	t.Run("a plan that nobody sees", func(t *testing.T) {
		server, flags := company(t, 3)
		p := begin(t, 0, append([]string{"offboard", "u001", "-to", "u000", "-yes"}, flags...)...)
		if code := p.wait(); code != exitFailure || len(server.Snapshot().Users) != 4 {
			t.Errorf("exit code %d, %d members", code, len(server.Snapshot().Users))
		}
		ending(t, p.out.String(), `^quickbi: write .*broken pipe\n$`)
	})
	t.Run("offboard", func(t *testing.T) {
		server, flags := company(t, 6)
		p := begin(t, 40, append([]string{"offboard", "u001", "u002", "u003", "u004", "u005", "-to", "u000", "-yes", "-reports", "reports"}, flags...)...)
		code := p.wait()
		ending(t, p.out.String())
		if n := len(server.Snapshot().Users); code != exitDone || n != 2 {
			t.Errorf("exit code %d, %d members\n%s", code, n, p.out.String())
		}
	})
	t.Run("audit", func(t *testing.T) {
		_, flags := company(t, 1)
		p := begin(t, 0, append([]string{"audit", "export", "members", "groups"}, flags...)...)
		if code := p.wait(); code != exitDone {
			t.Errorf("exit code %d\n%s", code, p.out.String())
		}
		if manifest, err := auditing.ReadManifest("export"); err != nil || len(manifest.Files) != 2 {
			t.Errorf("%+v, %v", manifest, err)
		}
	})
	t.Run("a list", func(t *testing.T) {
		_, flags := company(t, 100)
		p := begin(t, 100, "call", "QueryUserList", "PageSize=1", "-all", "-format=jsonl", flags[0], "-rate=200")
		if code := p.wait(); code != exitFailure {
			t.Errorf("exit code %d", code)
		}
		ending(t, p.out.String(), `broken pipe\nthe list is not complete: \d+ entries came before this; to go on, call it again\n$`)
	})
	t.Run("a change", func(t *testing.T) {
		server, flags := company(t, 3)
		p := begin(t, 0, append([]string{"call", "DeleteUser", "UserId=u001", "-yes"}, flags...)...)
		if code := p.wait(); code != exitFailure || len(server.Snapshot().Users) != 3 {
			t.Errorf("exit code %d, %d members", code, len(server.Snapshot().Users))
		}
		ending(t, p.out.String(), `^quickbi: DeleteUser was done, but its result could not be written: .*broken pipe\n$`)
	})
}

// The doctor goes the way of calls: through the proxy, whose password it does not show.
func TestDoctorBehindProxy(t *testing.T) {
	_, _ = company(t, 1)
	p := newProcess(t, "doctor", "-endpoint=https://quickbi.example")
	p.cmd.Env = append(p.cmd.Env, "HTTPS_PROXY=http://me:hunter2@127.0.0.1:1", "NO_PROXY=")
	p.start()
	if code := p.wait(); code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	ending(t, p.out.String(), `\nok    proxy         http://me:xxxxx@127\.0\.0\.1:1\n`, `\nok    name          127\.0\.0\.1 is 127\.0\.0\.1\n`, `\nFAIL  connection    .*connection refused\n      Let the firewall allow`)
	if strings.Contains(p.out.String(), "hunter2") {
		t.Error("it shows the password")
	}
}

// A terminal is what a process shows on a terminal of 80 columns.
type terminalOf struct {
	*process
	file *os.File
}

func onTerminal(t *testing.T, env []string, args ...string) *terminalOf {
	t.Helper()
	p := newProcess(t, args...)
	p.cmd.Stdout, p.cmd.Stderr = nil, nil
	p.cmd.Env = append(append(p.cmd.Env, "TERM=xterm"), env...)
	file, err := pty.StartWithSize(p.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&p.out, file) // ends with an error when the process has gone
	}()
	t.Cleanup(func() { _ = file.Close(); <-done })
	return &terminalOf{p, file}
}

// shows waits for a text.
func (p *terminalOf) shows(text string) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(p.out.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("it does not show %q:\n%q", text, p.out.String())
		}
	}
}

// On a terminal a change asks first. Ctrl-C is an answer, too.
func TestAsksOnTerminals(t *testing.T) {
	for answer, test := range map[string]struct {
		code int
		said string
	}{
		"y\n":   {exitDone, "true"},
		"YES\n": {exitDone, "true"},
		"n\n":   {exitFailure, "nothing was done: the answer was not yes"},
		"\n":    {exitFailure, "nothing was done: the answer was not yes"},
		"\x03":  {exitFailure, "nothing was done: interrupt signal received"},
	} {
		t.Run(fmt.Sprintf("%q", answer), func(t *testing.T) {
			server, flags := company(t, 3)
			p := onTerminal(t, nil, append([]string{"call", "DeleteUser", "UserId=u001"}, flags...)...)
			p.shows("DeleteUser changes the organization. Go on? [y/N] ")
			if len(server.Snapshot().Users) != 4 {
				t.Fatal("it did not wait")
			}
			if _, err := io.WriteString(p.file, answer); err != nil {
				t.Fatal(err)
			}
			p.shows(test.said)
			if code := p.wait(); code != test.code {
				t.Errorf("exit code %d, want %d\n%q", code, test.code, p.out.String())
			}
			if gone := len(server.Snapshot().Users) == 3; gone != (test.code == exitDone) {
				t.Errorf("gone: %t", gone)
			}
		})
	}
}

// drawn finds what was drawn over and over.
var drawn = regexp.MustCompile(`\x1b\[J([^\r\n]*)\r`)

// TestListOnTerminals walks through a list of known length into a file.
func TestListOnTerminals(t *testing.T) {
	_, flags := company(t, 60)
	p := newProcess(t, append([]string{"call", "QueryUserList", "PageSize=1", "-all", "-format=jsonl"}, flags...)...)
	out, err := os.Create("users.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	terminal, program, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = out, program
	p.cmd.Env = append(p.cmd.Env, "TERM=xterm")
	p.start()
	_ = program.Close()
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(terminal) // ends with an error when the process has gone
		shown <- string(text)
	}()
	if code := p.wait(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	lines := drawn.FindAllStringSubmatch(<-shown, -1)
	if len(lines) < 3 {
		t.Fatalf("drawn %d times", len(lines))
	}
	for _, line := range lines {
		n := number(t, line[1], `(\d+) of 61 entries$`) // the owner is one, too
		want := "[" + strings.Repeat("#", n*20/61) + strings.Repeat("-", 20-n*20/61) + "] "
		if !strings.HasPrefix(line[1], want) {
			t.Errorf("it shows %q, want %q", line[1], want)
		}
	}
	text, err := os.ReadFile("users.jsonl")
	if err != nil || strings.Count(string(text), "\n") != 61 {
		t.Errorf("%d entries, %v", strings.Count(string(text), "\n"), err)
	}
}

// The progress of a job is calls done of calls planned, in one line, which no
// change of the terminal's width breaks.
func TestProgressOnTerminals(t *testing.T) {
	server, flags := plannedCompany(t)
	p := onTerminal(t, nil, append([]string{"sync", "apply", "plan.json", "-yes"}, flags...)...)
	p.when(server, "CreateUserGroup", 30)
	if err := pty.Setsize(p.file, &pty.Winsize{Rows: 24, Cols: 30}); err != nil {
		t.Fatal(err)
	}
	before := len(drawn.FindAllString(p.out.String(), -1))
	p.shows("Done: ")
	if code := p.wait(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	text := strings.ReplaceAll(p.out.String(), "\r\n", "\n") // the terminal has put the \r there
	lines := drawn.FindAllStringSubmatch(text, -1)
	if before < 2 || len(lines) < before+2 {
		t.Fatalf("drawn %d times, %d of them before the terminal became narrow:\n%q", len(lines), before, text)
	}
	first := regexp.MustCompile(`^\[#*-*\] (\d+) of 120 calls, at least (\d+)s left$`)
	for i, line := range lines {
		switch found := first.FindStringSubmatch(line[1]); {
		case i < before && found == nil:
			t.Errorf("it shows %q", line[1])
		case i < before:
			done, left := number(t, line[1], `(\d+) of`), number(t, line[1], `least (\d+)s`)
			if want := (120 - done + 39) / 40; left != want {
				t.Errorf("%q: at 40 calls a second it is %d s", line[1], want)
			}
		case i > before && len(line[1]) > 29: // one may have been drawn meanwhile
			t.Errorf("%q is too long for 30 columns", line[1])
		}
	}
	// What is left when it is done is what would be there without a terminal.
	rest, report, _ := strings.Cut(drawn.ReplaceAllString(text, ""), "Report: ")
	if rest != "\x1b[JDone: 60 create-group, 60 join\n" || strings.Count(report, "\n") != 1 {
		t.Errorf("it leaves %q", rest)
	}
}

// A terminal that cannot draw over a line is not drawn on, and nothing is coloured.
func TestPlainTerminals(t *testing.T) {
	_, flags := company(t, 60)
	p := onTerminal(t, []string{"TERM=dumb"}, append([]string{"call", "QueryUserList", "PageSize=10", "-all", "-format=csv"}, flags...)...)
	p.shows("u059")
	if code := p.wait(); code != exitDone || strings.Contains(p.out.String(), "\x1b") {
		t.Errorf("exit code %d\n%q", code, p.out.String())
	}
	p = onTerminal(t, nil, append([]string{"doctor"}, flags...)...)
	if code := p.wait(); code != exitDone || strings.Contains(p.out.String(), "\x1b") {
		t.Errorf("exit code %d\n%q", code, p.out.String())
	}
}
