package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/emulatorcmd"
)

const seedFile = "../../quickbitest/testdata/seed.json"

// command is the built command, which the tests share.
var command string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "quickbi-emulator")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	command = filepath.Join(dir, "quickbi-emulator")
	if runtime.GOOS == "windows" {
		command += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

// A process is the running command.
type process struct {
	*exec.Cmd
	url    string
	stdout *bufio.Reader
	stderr lockedBuffer
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

// start runs the command until the test ends, at the latest.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), command, append([]string{"-listen", "127.0.0.1:0"}, args...)...)}
	p.Cmd.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Wait() }) // the context of the test has killed it by now
	p.stdout = bufio.NewReader(out)
	line, err := p.stdout.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "listening on ")
	if err != nil || !ok || !strings.HasPrefix(url, "http://127.0.0.1:") || strings.HasSuffix(url, ":0") {
		t.Fatalf("%q, %v; %s", line, err, p.stderr.String())
	}
	p.url = url
	return p
}

func (p *process) client(t *testing.T, id, secret string) *quickbi.Client {
	t.Helper()
	c, err := quickbi.NewClient(quickbi.WithEndpoint(p.url), quickbi.WithAccessKey(id, secret), quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get fetches an address of the process.
func (p *process) get(t *testing.T, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServes(t *testing.T) {
	t.Parallel()
	p := start(t, "-access-key-id", "my-id", "-access-key-secret", "my-secret", "-seed", seedFile)
	c := p.client(t, "my-id", "my-secret")
	user, err := c.QueryUserInfoByAccount(t.Context(), &quickbi.QueryUserInfoByAccountRequest{Account: "ann@example.com"})
	if err != nil || user.Result.NickName != "Ann" {
		t.Errorf("%+v, %v", user, err)
	}
	ticket, err := c.CreateTicket(t.Context(), &quickbi.CreateTicketRequest{WorksID: "sales-dashboard", UserID: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	page := "/token3rd/dashboard/view/pc.htm?pageId=sales-dashboard&accessTicket=" + ticket.Result.Reveal()
	if status, body := p.get(t, page); status != http.StatusOK || !strings.Contains(body, "<h1>Sales</h1>") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := p.get(t, page); status != http.StatusBadRequest || !strings.Contains(body, "Authorize3rdTicket.Num.HasNoLeft") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := p.get(t, "/_emulator/calls"); status != http.StatusOK || !strings.Contains(body, `"Action": "CreateTicket"`) {
		t.Errorf("%d %s", status, body)
	}
	_, err = p.client(t, "my-id", "another").QueryUserInfoByAccount(t.Context(), &quickbi.QueryUserInfoByAccountRequest{Account: "x"})
	if !errors.Is(err, quickbi.ErrorCode("SignatureDoesNotMatch")) {
		t.Error(err)
	}
	if out := p.stderr.String(); out != "" {
		t.Errorf("without -log it says %s", out)
	}
}

func TestStops(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(p.stdout)
			if err := errors.Join(err, p.Wait()); err != nil || len(rest) > 0 {
				t.Errorf("%v, %s%s", err, rest, p.stderr.String())
			}
			if conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://")); err == nil {
				conn.Close()
				t.Error("somebody still listens")
			}
		})
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	throttled := func(p *process) (n int) {
		c := p.client(t, "emulator-id", "emulator-secret")
		for range 5 {
			if _, err := c.CheckOrganizationMember(t.Context(), &quickbi.CheckOrganizationMemberRequest{UserID: "ann"}); errors.Is(err, quickbi.ErrThrottled) {
				n++
			} else if err != nil {
				t.Error(err)
			}
		}
		return n
	}
	if n := throttled(start(t, "-rate", "1")); n == 0 { // unless the five take five seconds
		t.Error("nothing was throttled")
	}
	if n := throttled(start(t, "-rate", "0")); n != 0 {
		t.Errorf("%d were throttled", n)
	}
	// By default, the documented figure of one a second is in force.
	c := start(t, "-seed", seedFile).client(t, "emulator-id", "emulator-secret")
	var err error
	for range 5 {
		_, e := c.GetMailTaskStatus(t.Context(), &quickbi.GetMailTaskStatusRequest{MailID: "weekly"})
		err = errors.Join(err, e)
	}
	var refused *quickbi.Error
	if !errors.As(err, &refused) || !errors.Is(err, quickbi.ErrThrottled) || refused.RetryAfter <= 0 || refused.RetryAfter > time.Second {
		t.Errorf("%+v", err)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	p := start(t, "-log")
	_, err := p.client(t, "emulator-id", "emulator-secret").CheckOrganizationMember(t.Context(), &quickbi.CheckOrganizationMemberRequest{UserID: "private"})
	if err != nil {
		t.Fatal(err)
	}
	// The line takes its time through the pipe.
	for deadline := time.Now().Add(time.Minute); !strings.Contains(p.stderr.String(), "action=CheckOrganizationMember"); {
		if time.Now().After(deadline) {
			t.Fatal(p.stderr.String())
		}
		time.Sleep(time.Millisecond)
	}
	if out := p.stderr.String(); strings.Contains(out, "private") {
		t.Error(out)
	}
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	bad := func(content string) string {
		file := filepath.Join(t.TempDir(), "seed.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, tt := range []struct {
		want string
		code int
		args []string
	}{
		{"-allow-remote", 1, []string{"-listen", "0.0.0.0:0"}},
		{"-allow-remote", 1, []string{"-listen", ":0"}},
		{"-allow-remote", 1, []string{"-listen", "[::]:0"}},
		{"-listen nowhere", 1, []string{"-listen", "nowhere"}},
		{"no such file", 1, []string{"-seed", "nothing.json"}},
		{`"Members"`, 1, []string{"-seed", bad(`{"Members": []}`)}},
		{"after the document", 1, []string{"-seed", bad(`{} {}`)}},
		{"line 2, column 1: user 0, \"\": there is no nickname", 1, []string{"-seed", bad("{\"Users\": [\n{}]}")}},
		{"byte order mark", 1, []string{"-seed", bad("\ufeff{}")}},
		{"line 1, column 10: the document cannot be read", 1, []string{"-seed", bad(`{"Users":}`)}},
		{"must not be empty", 2, []string{"-access-key-id", ""}},
		{"must not be empty", 2, []string{"-access-key-secret", ""}},
		{"must not be negative", 2, []string{"-rate", "-1"}},
		{"want MEDIAN,P99", 2, []string{"-latency", "1s,10ms"}},
		{"want MEDIAN,P99", 2, []string{"-latency", "fast"}},
		{"want MEDIAN,P99", 2, []string{"-latency", "-1s"}},
		{"-access-key-id", 2, []string{"-colour", "blue"}},
		{`unexpected argument "seed.json"`, 2, []string{"seed.json"}},
		{"Usage: quickbi-emulator", 0, []string{"-h"}},
		{`endpoint="127.0.0.1:8080", protocol="HTTP"`, 0, []string{"-h"}},
	} {
		// They end by themselves; the time is for those that do not.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, command, tt.args...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		cancel()
		var exit *exec.ExitError
		code := 0
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		}
		if code != tt.code || len(out) > 0 || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%v: %v %s%s, want %d %s", tt.args, err, out, stderr.String(), tt.code, tt.want)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(command, "-version").Output()
	if name, version, _ := strings.Cut(strings.TrimSpace(string(out)), " "); err != nil || name != "quickbi-emulator" || version == "" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	const wait = 50 * time.Millisecond
	c := start(t, "-latency", wait.String()).client(t, "emulator-id", "emulator-secret")
	began := time.Now()
	if _, err := c.CheckOrganizationMember(t.Context(), &quickbi.CheckOrganizationMemberRequest{UserID: "ann"}); err != nil || time.Since(began) < wait {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// TestStrict calls by GET what is documented as POST.
func TestStrict(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		p := start(t, fmt.Sprintf("-strict=%t", strict), "-seed", seedFile)
		c, err := quickbi.NewClient(quickbi.WithEndpoint(p.url), quickbi.WithAccessKey("emulator-id", "emulator-secret"), quickbi.WithSigner(quickbi.SignerV1{}))
		if err != nil {
			t.Fatal(err)
		}
		err = c.Do(t.Context(), "DeleteUser", url.Values{"UserId": {"nobody"}}, nil, quickbi.AsGet())
		if want := map[bool]error{false: quickbi.ErrUserNotInOrganization, true: quickbi.ErrorCode("UnsupportedHTTPMethod")}[strict]; !errors.Is(err, want) {
			t.Errorf("strict %t: %v", strict, err)
		}
	}
}

func TestAllowRemote(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	lines, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- emulatorcmd.Run(ctx, "quickbi-emulator", []string{"-listen", "0.0.0.0:0", "-allow-remote"}, w, io.Discard)
	}()
	line, err := bufio.NewReader(lines).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "listening on http://") {
		t.Errorf("%q, %v", line, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
