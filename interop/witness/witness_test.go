package witness

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// A language has official clients, and programs that install and run them.
type language struct {
	programs []string // that have to be there
	pins     []string // files that say what is installed
	install  [][]string
	env      func(installed string) []string
	run      func(installed, client string) []string
}

// {dir} stands for the folder in which the language is installed.
var languages = map[string]*language{
	"Python": {
		programs: []string{"python3"}, pins: []string{"python/requirements.txt"},
		install: [][]string{
			{"python3", "-m", "venv", "{dir}/venv"},
			{"{dir}/venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "{dir}/requirements.txt"},
		},
		run: func(dir, client string) []string {
			return []string{dir + "/venv/bin/python", "python/witness.py", client}
		},
	},
	"Java": {
		programs: []string{"java", "mvn"}, pins: []string{"java/pom.xml"},
		install: [][]string{{"mvn", "--batch-mode", "--quiet", "--file", "{dir}/pom.xml", "dependency:copy-dependencies", "-DoutputDirectory=lib"}},
		run: func(dir, client string) []string {
			return []string{"java", "-cp", dir + "/lib/*", "java/Witness.java", client}
		},
	},
	"Node": {
		programs: []string{"node", "npm"}, pins: []string{"node/package.json", "node/package-lock.json", "node/.npmrc"},
		install: [][]string{{"npm", "--prefix", "{dir}", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"}},
		env:     func(dir string) []string { return []string{"NODE_PATH=" + dir + "/node_modules"} },
		run:     func(_, client string) []string { return []string{"node", "node/witness.js", client} },
	},
}

// A witness is an official client that tells the story.
type witness struct {
	client    string // as its registry calls it
	language  string
	argument  string // by which the program in the language knows it
	signature string // as the emulator calls it

	// What the client calls the refusal of a wrong secret, if not by its code. These
	// clients compare what they have signed with what the service says was to be
	// signed, and blame the secret only if both are the same.
	wrongSecret string
}

const wrongSecret = "SignatureDoesNotMatch"

var witnesses = []witness{
	{"alibabacloud-quickbi-public20220101", "Python", "typed", quickbitest.SignatureV3, ""},
	{"aliyun-python-sdk-quickbi-public", "Python", "legacy", quickbitest.SignatureV1, "InvalidAccessKeySecret"},
	{"com.aliyun:tea-openapi", "Java", "tea-openapi", quickbitest.SignatureV3, ""},
	{"com.aliyun:aliyun-java-sdk-core", "Java", "sdk-core", quickbitest.SignatureV1, ""},
	{"@alicloud/openapi-core", "Node", "core-v3", quickbitest.SignatureV3, ""},
	{"@alicloud/openapi-core", "Node", "core-v1", quickbitest.SignatureV1, ""},
	{"@alicloud/pop-core", "Node", "pop-core", quickbitest.SignatureV1, ""},
}

// TestWitnesses lets each official client tell the story to an emulator of its
// own, side by side. A language that is not installed here is left out, except in
// CI. What they did is the table in docs/emulator.md.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	emulator := filepath.Join(t.TempDir(), "quickbi-emulator")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", emulator, "github.com/quickbi-go/quickbi/cmd/quickbi-emulator").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	installed := map[string]func() (string, error){}
	for name, l := range languages {
		installed[name] = sync.OnceValues(func() (string, error) { return l.installed(t.Context(), name) })
		if l.missing() == nil {
			go installed[name]() // side by side, however many tests may run at a time
		}
	}
	rows := make([]string, len(witnesses)) // empty: has not been run
	t.Run("story", func(t *testing.T) {
		for i, w := range witnesses {
			t.Run(strings.ReplaceAll(w.client, "/", " ")+" "+w.argument, func(t *testing.T) {
				t.Parallel()
				l := languages[w.language]
				if err := l.missing(); err != nil && os.Getenv("CI") != "" {
					t.Fatal(err)
				} else if err != nil {
					t.Skip(err)
				}
				dir, err := installed[w.language]()
				if err != nil {
					t.Fatal(err)
				}
				rows[i] = w.testify(t, startEmulator(t, emulator), startHand(t, l, dir, w.argument))
			})
		}
	})
	checkTable(t, rows)
}

// missing tells which program of the language is not installed.
func (l *language) missing() error {
	for _, program := range l.programs {
		if _, err := exec.LookPath(program); err != nil {
			return err
		}
	}
	return nil
}

// installed returns the folder in which the language's clients are, and installs
// them if they are not. The folder is named after what is pinned: a change of the
// pins makes another one.
func (l *language) installed(ctx context.Context, name string) (string, error) {
	pins := sha256.New()
	for _, file := range l.pins {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		pins.Write(text)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "quickbi-witness", fmt.Sprintf("%s-%x", name, pins.Sum(nil)[:8]))
	const complete = "complete" // is written last
	if _, err := os.Stat(filepath.Join(dir, complete)); err == nil {
		return dir, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return "", err
	}
	for _, file := range l.pins {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o644); err != nil {
			return "", err
		}
	}
	for _, command := range l.install {
		args := strings.Split(strings.ReplaceAll(strings.Join(command, "\n"), "{dir}", dir), "\n")
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir, os.WriteFile(filepath.Join(dir, complete), nil, 0o644)
}

// An emulator is a running quickbi-emulator.
type emulator struct{ host string }

func startEmulator(t *testing.T, program string) *emulator {
	t.Helper()
	cmd := exec.Command(program, "-listen", "127.0.0.1:0", "-seed", "seed.json", "-rate", "0")
	out := start(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	host, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
	if !ok {
		t.Fatalf("the emulator says %q, %v", line, err)
	}
	return &emulator{host}
}

// calls returns what has reached the emulator.
func (e *emulator) calls(t *testing.T) (calls []quickbitest.Call) {
	t.Helper()
	resp, err := http.Get("http://" + e.host + "/_emulator/calls")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &calls); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return calls
}

// start starts the process, which is ended with the test, and returns its output.
func start(t *testing.T, cmd *exec.Cmd) io.Reader {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		err := cmd.Wait()
		if t.Failed() && complaints.Len() > 0 {
			t.Logf("%s: %v\n%s", cmd.Args[0], err, complaints.Bytes())
		}
	})
	return out
}

// A hand is a process that calls with an official client what it is told to. Orders
// and replies are lines of JSON:
//
//	{"endpoint": "127.0.0.1:8080", "id": "…", "secret": "…"}            make a client
//	{"version": "1.19.0", "operations": {"AddUser": ["AccountId", …]}}  of the client; what it can call, if that is not just anything
//	{"action": "AddUser", "method": "POST", "query": {…}, "body": {…}}  call
//	{"answer": {"Success": true, …}}                                    as the client has read it
//	{"code": "…", "message": "…"}                                       or the refusal, as the client has read it
//	{"failure": "…"}                                                    or what else went wrong
type hand struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

type key struct {
	Endpoint string `json:"endpoint"`
	ID       string `json:"id"`
	Secret   string `json:"secret"`
}

type order struct {
	Action string            `json:"action"`
	Method string            `json:"method"`
	Query  map[string]string `json:"query"`
	Body   map[string]string `json:"body"`
}

type reply struct {
	Version    string
	Operations map[string][]string // with their parameters

	Answer  json.RawMessage
	Code    string
	Message string
	Failure string
}

func startHand(t *testing.T, l *language, dir, client string) *hand {
	t.Helper()
	args := l.run(dir, client)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = os.Environ()
	if l.env != nil {
		cmd.Env = append(cmd.Env, l.env(dir)...)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewScanner(start(t, cmd))
	out.Buffer(nil, 16<<20)
	return &hand{t, in, out}
}

// do gives an order and waits for the reply.
func (h *hand) do(order any) (r reply) {
	h.t.Helper()
	line, err := json.Marshal(order)
	if err != nil {
		h.t.Fatal(err)
	}
	replied := make(chan bool, 1)
	go func() {
		_, err := h.in.Write(append(line, '\n'))
		replied <- err == nil && h.out.Scan()
	}()
	select {
	case ok := <-replied:
		if !ok {
			h.t.Fatalf("the client's process has ended at %s: %v", line, h.out.Err())
		}
	case <-time.After(2 * time.Minute):
		h.t.Fatalf("no reply to %s", line)
	}
	if err := json.Unmarshal(h.out.Bytes(), &r); err != nil {
		h.t.Fatalf("%v in %s", err, h.out.Bytes())
	}
	return r
}

// testify lets the client tell the story, checks what reached the emulator, and
// returns the client's row of the table.
func (w witness) testify(t *testing.T, e *emulator, h *hand) string {
	client := h.do(key{e.host, quickbitest.AccessKeyID, quickbitest.AccessKeySecret})
	if client.Version == "" {
		t.Fatalf("no client: %+v", client)
	}
	known := catalog.Load().Operations
	has := slices.Sorted(maps.Keys(known)) // anything, unless it says what
	if client.Operations != nil {
		has = slices.DeleteFunc(has, func(action string) bool { return client.Operations[action] == nil })
	}
	s := &story{t: t, hand: h, can: client.Operations}
	tell(s)
	if len(has) == len(known) && len(s.lacking) > 0 {
		t.Errorf("the client is not older than the catalogue, and lacks %q", s.lacking)
	}

	called, accepted := map[string]bool{}, map[string]bool{}
	for _, c := range e.calls(t) {
		if c.Signature != w.signature {
			t.Errorf("%s is signed with %q", c.Action, c.Signature)
		}
		called[c.Action] = true
		if c.Executed && c.Code == "" {
			accepted[c.Action] = true
		}
	}
	for _, action := range has {
		if !called[action] || !accepted[action] {
			t.Errorf("%s: called: %t, accepted: %t", action, called[action], accepted[action])
		}
	}

	seen := len(e.calls(t))
	h.do(key{e.host, quickbitest.AccessKeyID, "not the secret"})
	for _, o := range []order{
		newOrder(t, "QueryUserList", p{"Keyword": odd}),
		newOrder(t, "AddUser", p{"AccountId": "4001", "NickName": odd, "UserType": "1", "RoleIds": "111111113"}),
		newOrder(t, "DeleteUser", p{"UserId": "bob"}),
	} {
		if r := h.do(o); r.Code != cmp.Or(w.wrongSecret, wrongSecret) {
			t.Errorf("%s with a wrong secret: %q, %s%s", o.Action, r.Code, r.Answer, r.Failure)
		}
	}
	for _, c := range e.calls(t)[seen:] {
		if c.Executed || c.Code != wrongSecret {
			t.Errorf("%s with a wrong secret: executed: %t, refused with %q", c.Action, c.Executed, c.Code)
		}
	}

	signature := map[string]string{quickbitest.SignatureV1: "V1", quickbitest.SignatureV3: "V3"}[w.signature]
	operations := fmt.Sprintf("%d of %d", len(called), len(known))
	if len(has) < len(known) {
		operations += ", all that it has"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %d |\n", w.client, w.language, client.Version, signature, operations, len(accepted))
}

// newOrder puts the parameters into the places that the catalogue has for them.
func newOrder(t *testing.T, action string, params p) order {
	t.Helper()
	op := catalog.Load().Operations[action]
	if op == nil {
		t.Fatalf("there is no operation %s", action)
	}
	o := order{action, op.Method, p{}, p{}}
	for name, value := range params {
		i := slices.IndexFunc(op.Params, func(param catalog.Param) bool { return param.Name == name })
		switch {
		case i < 0:
			t.Fatalf("%s has no parameter %s", action, name)
		case op.Params[i].In == "body":
			o.Body[name] = value
		default:
			o.Query[name] = value
		}
	}
	return o
}
