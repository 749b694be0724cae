package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// output is what a run of the command wrote, and its exit code.
type output struct {
	out, err string
	code     int
}

// quickbi runs the command without a terminal and with an empty environment.
func runCommand(t *testing.T, args ...string) output {
	t.Helper()
	return runWith(t, "", nil, args...)
}

func runWith(t *testing.T, in string, env map[string]string, args ...string) output {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(t.Context(), args, console{in: strings.NewReader(in), out: &out, err: &errOut, env: func(name string) string { return env[name] }})
	return output{out.String(), errOut.String(), code}
}

// live starts an emulator that outlives a command, and sets the environment's
// credentials to its own.
func live(t *testing.T) (*quickbitest.Server, string) {
	t.Helper()
	server, err := new(app).startEmulator()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", quickbitest.AccessKeyID)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", quickbitest.AccessKeySecret)
	return server, "-endpoint=" + server.URL
}

func TestCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args      []string
		in        string
		code      int
		out, fail []string // what is among the output, and among the errors
	}{
		"a table":        {args: []string{"call", "ListOrganizationRoles"}, out: []string{"RoleId", "111111111"}},
		"letter case":    {args: []string{"call", "listorganizationroles"}, out: []string{"111111111"}},
		"JSON":           {args: []string{"call", "QueryUserInfoByUserId", "UserId=ann", "-format", "json"}, out: []string{`"NickName": "Ann"`, `"UserId": "ann"`}},
		"JSON Lines":     {args: []string{"call", "QueryUserList", "-all", "-format", "jsonl"}, out: []string{"{\"UserId\":\"ann\"", "\n{\"UserId\":\"ben\""}},
		"CSV":            {args: []string{"call", "QueryUserList", "PageSize=2", "-all", "--format=csv"}, out: []string{"UserId,AccountId,", "\nann,2001,ann@example.com,Ann,", "\neve,"}},
		"all as JSON":    {args: []string{"call", "QueryUserList", "-all", "-format=json"}, out: []string{"[\n  {\n    \"UserId\"", `"eve"`}},
		"parameters":     {args: []string{"call", "QueryUserInfoByUserId", "-json", "-", "-format", "json"}, in: `{"UserId": "ben"}`, out: []string{`"Ben"`}},
		"a yes or no":    {args: []string{"call", "CheckOrganizationMember", "UserId=ann"}, out: []string{"true\n"}},
		"a refusal":      {args: []string{"call", "QueryUserInfoByUserId", "UserId=nobody"}, code: exitFailure, fail: []string{"User.Not.In.Organization"}},
		"no operation":   {args: []string{"call", "DeleteUsers"}, code: exitFailure, fail: []string{`no operation "DeleteUsers"`}},
		"no pages":       {args: []string{"call", "ListOrganizationRoles", "-all"}, code: exitFailure, fail: []string{"has no pages"}},
		"a bad format":   {args: []string{"call", "ListOrganizationRoles", "-format", "xml"}, code: exitFailure, fail: []string{`-format "xml"`}},
		"no value":       {args: []string{"call", "QueryUserList", "Keyword"}, code: exitFailure, fail: []string{`"Keyword" is not Name=Value`}},
		"twice":          {args: []string{"call", "QueryUserList", "Keyword=a", "Keyword=b"}, code: exitFailure, fail: []string{"Keyword is given twice"}},
		"twice in JSON":  {args: []string{"call", "DeleteUser", "-yes", "-json", "-"}, in: `{"UserId":"ben","UserId":"eve"}`, code: exitFailure, fail: []string{"is not JSON", "duplicate"}},
		"null as JSON":   {args: []string{"call", "DeleteUser", "-yes", "-json", "-", "UserId=eve"}, in: "null", code: exitFailure, fail: []string{"is not a JSON object"}},
		"null":           {args: []string{"call", "DeleteUser", "-yes", "-json", "-"}, in: `{"UserId":null}`, code: exitFailure, fail: []string{"UserId is required"}},
		"null in a list": {args: []string{"call", "AddUserGroupMember", "-yes", "-json", "-"}, in: `{"UserGroupId":"g","UserIdList":["a",null]}`, code: exitFailure, fail: []string{"cannot be a JSON null"}},
		"an object":      {args: []string{"call", "DeleteUser", "-yes", "-json", "-"}, in: `{"UserId":{"a":1}}`, code: exitFailure, fail: []string{"UserId cannot be a JSON object"}},
		"a list":         {args: []string{"call", "DeleteUser", "-yes", "-json", "-"}, in: `{"UserId":["eve"]}`, code: exitFailure, fail: []string{"UserId cannot be a JSON list"}},
		"a boolean":      {args: []string{"call", "DeleteUser", "-yes", "-json", "-"}, in: `{"UserId":true}`, code: exitFailure, fail: []string{"UserId cannot be a JSON boolean"}},
		"a number":       {args: []string{"call", "QueryUserInfoByAccount", "-format", "json", "-json", "-"}, in: `{"Account":12345678901234567890}`, code: exitFailure, fail: []string{"User.Not"}},
		"no successor":   {args: []string{"call", "DeleteUser", "-yes", "UserId=ben", "TransferUserId="}, code: exitFailure, fail: []string{"TransferUserId is empty"}},
		"an empty list":  {args: []string{"call", "AddUserGroupMember", "-yes", "UserGroupId=g", "UserIdList="}, code: exitFailure, fail: []string{"UserIdList is empty"}},
		"no endpoint":    {args: []string{"call", "QueryUserList", "-endpoint="}, code: exitFailure, fail: []string{"-endpoint", "it is empty"}},
		"no leavers":     {args: []string{"offboard", "ben", "-to", "ann", "-max", "0"}, code: exitFailure, fail: []string{"-max", "more than zero"}},
		"no use":         {args: []string{"ticket", "revenue", "-uses=0"}, code: exitFailure, fail: []string{"-uses", "more than zero"}},
		"no age":         {args: []string{"sync", "apply", "plan.json", "-max-age=0s"}, code: exitFailure, fail: []string{"-max-age", "more than zero"}},
		"all problems":   {args: []string{"call", "QueryUserList", "PageSize=many", "PageNum=-1", "Word=a"}, code: exitFailure, fail: []string{"PageSize is \"many\"", "PageNum is -1", "Word is not known"}},
		"what is needed": {args: []string{"call", "AddUserGroupMember"}, code: exitFailure, fail: []string{"UserGroupId is required", "UserIdList is required"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runWith(t, test.in, nil, append(test.args, "-emulator")...)
			if got.code != test.code {
				t.Errorf("exit code %d, want %d", got.code, test.code)
			}
			for _, want := range test.out {
				if !strings.Contains(got.out, want) {
					t.Errorf("the output lacks %q:\n%s", want, got.out)
				}
			}
			for _, want := range test.fail {
				if !strings.Contains(got.err, want) {
					t.Errorf("the errors lack %q:\n%s", want, got.err)
				}
			}
		})
	}
}

// A ticket that a call makes is shown: nobody else can use it, or delete it.
func TestCallShowsTicket(t *testing.T) {
	server, endpoint := live(t)
	known := func(ticket string) bool {
		return slices.ContainsFunc(server.Snapshot().Tickets, func(t quickbitest.TicketInfo) bool { return t.AccessTicket == ticket })
	}
	for _, format := range formats {
		got := runCommand(t, "call", "CreateTicket", "WorksId=revenue", "UserId=ann", "-yes", "-format", format, endpoint)
		lines := strings.Fields(got.out) // CSV has a header
		if got.code != exitDone || len(lines) == 0 || !known(strings.Trim(lines[len(lines)-1], `"`)) {
			t.Errorf("%s: %d %q %s", format, got.code, got.out, got.err)
		}
	}
}

// A change is made once somebody has said yes.
func TestWritesAreConfirmed(t *testing.T) {
	server, endpoint := live(t)
	members := func() int { return len(server.Snapshot().Users) }
	before := members()
	got := runCommand(t, "call", "DeleteUser", "UserId=eve", endpoint)
	if got.code != exitFailure || !strings.Contains(got.err, "-yes") || members() != before {
		t.Errorf("without a terminal: %d, %s", got.code, got.err)
	}
	if got := runCommand(t, "call", "IpWhiteListConfig", "Operation=query", endpoint); got.code != exitDone {
		t.Errorf("a question: %d, %s", got.code, got.err)
	}
	if got := runCommand(t, "call", "IpWhiteListConfig", "Operation=ADD", "IpWhiteList=203.0.113.7", endpoint); got.code != exitFailure || !strings.Contains(got.err, "-yes") {
		t.Errorf("an address more: %d, %s", got.code, got.err)
	}
	if got := runCommand(t, "call", "DeleteUser", "UserId=eve", "-yes", endpoint); got.code != exitDone || members() != before-1 {
		t.Errorf("with -yes: %d, %s", got.code, got.err)
	}
}

func TestDoctor(t *testing.T) {
	server, endpoint := live(t)
	if got := runCommand(t, "doctor", endpoint); got.code != exitDone || strings.Count(got.out, "ok    ") != 9 || !strings.Contains(got.out, "from default/env") {
		t.Errorf("%d\n%s%s", got.code, got.out, got.err)
	}
	server.SetSkew(-20 * 60e9)
	if got := runCommand(t, "doctor", endpoint); got.code != exitFailure || !strings.Contains(got.out, "FAIL  clock") || !strings.Contains(got.out, "NTP") {
		t.Errorf("a wrong clock: %d\n%s%s", got.code, got.out, got.err)
	}
	server.SetSkew(0)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong")
	got := runWith(t, "", map[string]string{"LANG": "zh_CN.UTF-8"}, "doctor", endpoint)
	if got.code != exitFailure || !strings.Contains(got.out, "失败  调用") || !strings.Contains(got.out, "AccessKey Secret") || strings.Contains(got.out+got.err, "wrong") {
		t.Errorf("a wrong secret, in Chinese: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "doctor", "-region", "mars-1"); got.code != exitFailure || !strings.Contains(got.out, "FAIL  endpoint") || !strings.Contains(got.out, "\n      Give -region one of the documented regions") {
		t.Errorf("an unknown region: %d\n%s%s", got.code, got.out, got.err)
	}
	// Something on the way answers with a certificate of an authority that nobody knows.
	other := httptest.NewUnstartedServer(http.NotFoundHandler())
	other.Config.ErrorLog = log.New(io.Discard, "", 0)
	other.StartTLS()
	t.Cleanup(other.Close)
	if got := runCommand(t, "doctor", "-endpoint="+other.URL); got.code != exitFailure || !strings.Contains(got.out, "FAIL  TLS") || !strings.Contains(got.out, "\n      Something on the way answers in the service's place") || strings.Contains(got.out, "credential") {
		t.Errorf("a certificate of somebody else: %d\n%s%s", got.code, got.out, got.err)
	}
	closed, closedEndpoint := live(t)
	closed.Close()
	if got := runCommand(t, "doctor", closedEndpoint); got.code != exitFailure || !strings.Contains(got.out, "FAIL  connection") {
		t.Errorf("nobody listens: %d\n%s%s", got.code, got.out, got.err)
	}
}

func TestAPI(t *testing.T) {
	t.Parallel()
	list := runCommand(t, "api")
	for action := range catalog.Load().Operations {
		if !strings.Contains(list.out, "  "+action+" ") {
			t.Errorf("%s is not in the list", action)
		}
		if summary(action) == "" {
			t.Errorf("%s has no summary", action)
		}
	}
	if got := runCommand(t, "api", "withdraw", "GROUP"); strings.Count(got.out, "\n") != 2 || !strings.Contains(got.out, "WithdrawAllUserGroups") {
		t.Errorf("a search finds\n%s", got.out)
	}
	if got := runCommand(t, "api", "zeppelin"); got.code != exitFailure || !strings.Contains(got.err, `"zeppelin"`) {
		t.Errorf("a search for nothing: %d %s", got.code, got.err)
	}
	got := runCommand(t, "api", "adduser")
	for _, want := range []string{"UserType, int32, required, one of 1 2 3", "AlreadyIn.Organization", "write by POST", "-adduser"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, got.out)
		}
	}
}

// What cannot be understood fails, and says what is there.
func TestUnknownCommands(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"nonsense":                   `there is no command "nonsense"; quickbi -h lists them`,
		"doctr":                      `there is no command "doctr"; do you mean doctor?`,
		"sync aply plan.json":        `there is no command "aply"; do you mean apply?`,
		"help nonsense":              `there is no command "nonsense"`,
		"completion tcsh":            `no completion for "tcsh"`,
		"doctor -nonsense":           "unknown flag: -nonsense\nquickbi doctor -h lists the flags",
		"doctor stray":               `unexpected argument "stray"`,
		"sync plan a.csv b.csv":      `unexpected argument "b.csv"`,
		"sync apply":                 "an argument is missing: the file with the plan",
		"doctor -rate 0":             "-rate 0 is not a positive number",
		"audit":                      "an argument is missing: the directory to export to",
		"emulator -seed no.json":     "no.json",
		"emulator -listen 1.1.1.1:1": "-allow-remote",
	} {
		if got := runCommand(t, strings.Fields(args)...); got.code != exitFailure || !strings.Contains(got.err, want) {
			t.Errorf("%s: %d, want %s\n%s%s", args, got.code, want, got.out, got.err)
		}
	}
	for _, args := range []string{"", "sync", "help", "help sync plan", "-h", "sync apply -h", "-version"} {
		if got := runCommand(t, strings.Fields(args)...); got.code != exitDone || got.err != "" || !strings.HasPrefix(strings.Join(append(strings.Fields(got.out), "", "", "", ""), " "), map[bool]string{true: "quickbi " + quickbi.Version}[args == "-version"]) {
			t.Errorf("%q: %d\n%s%s", args, got.code, got.out, got.err)
		}
	}
}

func TestTicket(t *testing.T) {
	t.Parallel()
	got := runCommand(t, "ticket", "revenue", "-user", "ann", "-emulator")
	if got.code != exitDone || !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/token3rd/dashboard/view/pc\.htm\?pageId=revenue&accessTicket=\S+\n$`).MatchString(got.out) {
		t.Errorf("%d %s%s", got.code, got.out, got.err)
	}
	for want, args := range map[string][]string{
		"-user":           {"ticket", "revenue"},
		"-as-owner":       {"ticket", "revenue", "-user", "ann", "-as-owner"},
		"-uses is -1":     {"ticket", "revenue", "-user", "ann", "-uses", "-1"},
		"-lifetime is 5h": {"ticket", "revenue", "-user", "ann", "-lifetime", "5h"},
		"id of the work":  {"ticket"},
	} {
		if got := runCommand(t, append(args, "-emulator")...); got.code != exitFailure || !strings.Contains(got.err, want) {
			t.Errorf("%q: %d %s", args, got.code, got.err)
		}
	}
}

// The emulator is the same as that of quickbi-emulator, with its flags.
func TestEmulator(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"emulator", "-listen", "127.0.0.1:0", "-access-key-secret", "other"}, console{out: write, err: io.Discard, env: os.Getenv})
	}()
	var url string
	if _, err := fmt.Fscanf(read, "listening on %s\n", &url); err != nil {
		t.Fatal(err)
	}
	client, err := quickbi.NewClient(quickbi.WithEndpoint(url), quickbi.WithAccessKey(quickbitest.AccessKeyID, "other"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ListOrganizationRoles(t.Context(), nil); err != nil {
		t.Error(err)
	}
	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("exit code %d", got)
	}
	if got := runCommand(t, "emulator", "-latency", "never"); got.code != exitFailure || !strings.Contains(got.err, "-latency") {
		t.Errorf("a bad flag: %d %s", got.code, got.err)
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for shell, check := range map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "-n"}, "powershell": nil} {
		got := runCommand(t, "completion", shell)
		if got.code != exitDone || !strings.Contains(got.out, "__complete") {
			t.Errorf("%s: %d %s", shell, got.code, got.err)
		}
		if check == nil {
			continue
		}
		program, err := exec.LookPath(check[0])
		if err != nil {
			t.Logf("%s is not installed: its script is not read by it", shell)
			continue
		}
		cmd := exec.CommandContext(t.Context(), program, check[1:]...)
		cmd.Stdin = strings.NewReader(got.out)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s does not read its script: %v\n%s", shell, err, text)
		}
	}
	if got := runCommand(t, "__complete", "call", "withdraw"); !strings.Contains(got.out, "WithdrawAllUserGroups\t") {
		t.Errorf("operations: %s", got.out)
	}
	if got := runWith(t, "", map[string]string{"LANG": "zh_CN"}, "__complete", "call", "withdraw"); !strings.Contains(got.out, "WithdrawAllUserGroups\t将成员移出全部用户组") {
		t.Errorf("operations in Chinese: %s", got.out)
	}
	for _, test := range []struct{ typed, want, not string }{
		{"-em", "-emulator\t", "--"},
		{"-", "-emulator\t", "--"},
		{"-v", "-verbose\t", "--"},
		{"--em", "--emulator\t", "\n-emulator"},
	} {
		if got := runCommand(t, "__complete", "doctor", test.typed); !strings.Contains("\n"+got.out, "\n"+test.want) || strings.Contains(got.out, "\n"+test.not) {
			t.Errorf("flags that begin with %s: %s", test.typed, got.out)
		}
	}
	if got := runCommand(t, "__complete", "call", "QueryUserList", "-format", "j"); !strings.Contains(got.out, "jsonl") {
		t.Errorf("values of a flag with one dash: %s", got.out)
	}
	if got := runCommand(t, "completion", "-h"); !strings.Contains(got.out, "bash-completion") {
		t.Errorf("help: %s", got.out)
	}
	if got := runCommand(t, "__complete", "completion", ""); !strings.Contains(got.out, "powershell") {
		t.Errorf("shells: %s", got.out)
	}
	if got := runCommand(t, "__complete", "help", "sync", ""); !strings.Contains(got.out, "undo\t") {
		t.Errorf("help: %s", got.out)
	}
	if got := runCommand(t, "__complete", "call", "AddUser", "NickName=x", ""); !strings.Contains(got.out, "UserType=\t") || strings.Contains(got.out, "NickName=") {
		t.Errorf("parameters: %s", got.out)
	}
}

// Every example of -h runs as it stands.
func TestExamples(t *testing.T) {
	dir := t.TempDir()
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	type example struct{ command, line string }
	var examples []example
	var collect func(*cobra.Command)
	collect = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			return
		}
		if cmd.Runnable() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			examples = append(examples, example{cmd.CommandPath(), strings.TrimSpace(line)})
		}
		for _, below := range cmd.Commands() {
			collect(below)
		}
	}
	collect((&app{}).command())
	// Those that make files come before those that read them.
	stage := func(e example) int {
		return slices.IndexFunc([]string{"-out plan.json", "sync apply", ""}, func(part string) bool { return strings.Contains(e.line, part) })
	}
	slices.SortStableFunc(examples, func(a, b example) int { return stage(a) - stage(b) })
	for _, e := range examples {
		t.Run(e.line, func(t *testing.T) {
			help := runCommand(t, append([]string{"help"}, strings.Fields(e.command)[1:]...)...)
			if !strings.HasPrefix(e.line, "quickbi ") || !strings.Contains(help.out, e.line) {
				t.Errorf("-h does not show it:\n%s", help.out)
			}
			if strings.Contains(e.line, "report.jsonl") { // has the plan's id for a name
				reports, err := filepath.Glob("reports/*.jsonl")
				if err != nil || len(reports) != 1 {
					t.Fatalf("reports: %q, %v", reports, err)
				}
				if err := os.Rename(reports[0], "report.jsonl"); err != nil {
					t.Fatal(err)
				}
			}
			if got := runCommand(t, strings.Fields(e.line)[1:]...); got.code != exitDone && got.code != exitPending {
				t.Errorf("exit code %d\n%s%s", got.code, got.out, got.err)
			}
		})
	}
}

// A plan is saved, applied once, and taken back.
func TestSync(t *testing.T) {
	server, endpoint := live(t)
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	groupsOf := func(user string) (groups []string) {
		for _, g := range server.Snapshot().UserGroups {
			if slices.Contains(g.UserIDs, user) {
				groups = append(groups, g.UserGroupID)
			}
		}
		return groups
	}
	const everybody = "2001,ann@example.com,Finance\n2003,eve@example.com,Sales\n1000000000000001,owner,\n"
	write("staff.csv", "account_id,account_name,groups\n2002,ben@example.com,Sales;Finance\n"+everybody)
	got := runCommand(t, "sync", "plan", "staff.csv", "-out", "plan.json", endpoint)
	if got.code != exitPending || !strings.Contains(got.out, "+ ben@example.com: Finance") || len(groupsOf("ben")) != 1 {
		t.Fatalf("plan: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "sync", "apply", "plan.json", "-reports", "reports", endpoint); got.code != exitFailure || !strings.Contains(got.err, "-yes") {
		t.Errorf("nobody was asked: %d %s", got.code, got.err)
	}
	got = runCommand(t, "sync", "apply", "plan.json", "-reports", "reports", "-yes", endpoint)
	if got.code != exitDone || !strings.Contains(got.out, "Done: 1 join") || len(groupsOf("ben")) != 2 {
		t.Errorf("apply: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "sync", "apply", "plan.json", "-reports", "reports", "-yes", endpoint); got.code != exitFailure || !strings.Contains(got.err, "has been applied") {
		t.Errorf("apply once more: %d\n%s%s", got.code, got.out, got.err)
	}
	reports, _ := filepath.Glob("reports/*.jsonl")
	if len(reports) != 1 {
		t.Fatalf("reports: %q", reports)
	}
	got = runCommand(t, "sync", "undo", reports[0], "-out", "back.json", "-max-remove", "1", "-max-remove-per-group", "1", endpoint)
	if got.code != exitPending || !strings.Contains(got.out, "- ben@example.com: Finance") {
		t.Errorf("undo: %d\n%s%s", got.code, got.out, got.err)
	}
	got = runCommand(t, "sync", "apply", "back.json", "-yes", "-max-remove", "1", "-max-remove-per-group", "1", endpoint)
	if got.code != exitDone || len(groupsOf("ben")) != 1 {
		t.Errorf("apply undo: %d\n%s%s", got.code, got.out, got.err)
	}
	// Its report is beside it.
	got = runCommand(t, "sync", "apply", "back.json", "-yes", "-max-remove", "1", "-max-remove-per-group", "1", endpoint)
	if got.code != exitFailure || !strings.Contains(got.err, "has been applied") {
		t.Errorf("apply undo once more: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "sync", "plan", "staff.csv", endpoint, "-within", "Finance", "-within", "Sales"); got.code != exitPending {
		t.Errorf("plan anew: %d\n%s%s", got.code, got.out, got.err)
	}
	write("empty.csv", "account_id,account_name,groups\n2001,ann@example.com,\n1000000000000001,owner,\n2003,eve@example.com,\n2002,ben@example.com,\n")
	if got := runCommand(t, "sync", "plan", "empty.csv", endpoint); got.code != exitGuard || !strings.Contains(got.err, "-max-remove") {
		t.Errorf("a plan that takes everything away: %d\n%s%s", got.code, got.out, got.err)
	}
	write("odd.csv", "account_id,account_name,groups\n#REF!,#REF!,Sales\n2002,ben@example.com,Sales\n"+everybody)
	if got := runCommand(t, "sync", "plan", "odd.csv", endpoint); got.code != exitProblems {
		t.Errorf("a source with problems: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "sync", "plan", endpoint); got.code != exitFailure || !strings.Contains(got.err, "name the source") {
		t.Errorf("no source: %d %s", got.code, got.err)
	}
}

func TestOffboard(t *testing.T) {
	server, endpoint := live(t)
	t.Chdir(t.TempDir())
	members := func() int { return len(server.Snapshot().Users) }
	before := members()
	if got := runCommand(t, "offboard", "eve@example.com", "-to", "ann", "-out", "plan.json", endpoint); got.code != exitPending || members() != before || !strings.Contains(got.out, "Leads") {
		t.Errorf("plan: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "offboard", "-apply", "plan.json", endpoint); got.code != exitFailure || members() != before {
		t.Errorf("nobody was asked: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "offboard", "-apply", "plan.json", "-yes", endpoint); got.code != exitDone || members() != before-1 {
		t.Errorf("apply: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "offboard", "eve", "-to", "ann", "-yes", endpoint); got.code != exitProblems || !strings.Contains(got.err, "eve") {
		t.Errorf("one who is gone: %d\n%s%s", got.code, got.out, got.err)
	}
	if got := runCommand(t, "offboard", "ben", "ann", "-to", "owner", "-max", "1", "-yes", endpoint); got.code != exitGuard || members() != before-1 {
		t.Errorf("too many: %d\n%s%s", got.code, got.out, got.err)
	}
	for want, args := range map[string][]string{
		"who gets the works": {"eve"}, "who leaves": {"-to", "ann"}, "exclude each other": {"-apply", "a", "-restore", "b"}, "everything from the file": {"eve", "-apply", "a"},
	} {
		if got := runCommand(t, append(append([]string{"offboard"}, args...), endpoint)...); got.code != exitFailure || !strings.Contains(got.err, want) {
			t.Errorf("%q: %d %s", args, got.code, got.err)
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	help := strings.Join(strings.Fields(runCommand(t, "audit", "-h").out), " ")
	if want := "up to date: " + strings.Join(tableNames(), ", ") + "."; !strings.Contains(help, want) {
		t.Errorf("the help lacks %q: %s", want, help)
	}
	dir := filepath.Join(t.TempDir(), "export")
	got := runCommand(t, "audit", dir, "members", "group-members", "-format", "jsonl", "-emulator")
	if got.code != exitDone || !strings.HasPrefix(got.out, "2 files in ") {
		t.Errorf("%d\n%s%s", got.code, got.out, got.err)
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil {
		t.Error(err)
	}
	for want, args := range map[string][]string{
		`no table "users"`: {"users"}, `-zone "Mars"`: {"-zone", "Mars"}, `-from "today"`: {"-from", "today"}, "format": {"-format", "xls"},
		"2020-01-01": {"-from", "2020-01-02", "-to", "2020-01-01"},
	} {
		// To run the same command again does not help where nothing was begun.
		if got := runCommand(t, append([]string{"audit", dir, "-emulator"}, args...)...); got.code != exitFailure || !strings.Contains(got.err, want) || strings.Contains(got.err, "again") {
			t.Errorf("%q: %d %s", args, got.code, got.err)
		}
	}
}
