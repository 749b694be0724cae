package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/offboarding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), nil, nil, nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`owns works (1): "Revenue" in Reports`,
		"This cannot be undone. Type yes to go on.\n",
		`"Ben" (ben): done: take out of all user groups`,
		`"Ben" (ben): done: delete from the organization`,
		`"Eve" (eve): done: delete from the organization`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q:\n%s", want, out.String())
		}
	}
}

// Each command that -h shows does what it says.
func TestUsage(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, nil, &help); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(help.String(), usage) || !strings.Contains(help.String(), "-transfer") {
		t.Errorf("-h: %v, %s", err, help.String())
	}
	commands := regexp.MustCompile(`(?m)^\tgo run ./examples/offboard(.*)$`).FindAllStringSubmatch(usage, -1)
	if len(commands) != 2 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, command := range commands {
		server, _ := newOffice(t)
		connect := func(region string) (*quickbi.Client, error) {
			if region != "cn-hangzhou" {
				t.Errorf("region %s", region)
			}
			return server.Client(), nil
		}
		if err := run(t.Context(), strings.Fields(command[1]), connect, strings.NewReader("yes\n"), io.Discard); err != nil {
			t.Errorf("%s: %v", command[0], err)
		}
		if live := strings.Contains(command[1], "-live"); isMember(server, "ben") == live {
			t.Errorf("%s: Ben is a member: %t", command[0], !live)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	connect := func(region string) (*quickbi.Client, error) {
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region))
	}
	for args, want := range map[string]string{
		"-live":                              "-live needs members and -transfer",
		"-live a":                            "-live needs members and -transfer",
		"-transfer b a":                      "without -live",
		"-live -transfer b -region mars-1 a": "mars-1",
		"-nonsense":                          "nonsense",
	} {
		err := run(t.Context(), strings.Fields(args), connect, nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != 1 {
			t.Errorf("%s: %v, exit code %d", args, err, exitCode(err))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, nil, nil, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func newOffice(t *testing.T) (*quickbitest.Server, offboarding.Offboarder) {
	t.Helper()
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	if err := server.SeedJSON(strings.NewReader(demo)); err != nil {
		t.Fatal(err)
	}
	return server, offboarding.Offboarder{Client: server.Client(), Successor: "ann"}
}

func isMember(server *quickbitest.Server, id string) bool {
	return slices.ContainsFunc(server.Snapshot().Users, func(u quickbitest.User) bool { return u.UserID == id })
}

// TestAsking does what -live does after it has a client.
func TestAsking(t *testing.T) {
	t.Parallel()
	interrupted, interrupt := context.WithCancel(t.Context())
	for name, test := range map[string]struct {
		ctx          context.Context
		in           io.Reader
		user, heir   string
		leaves       bool
		fails, shows string
		code         int
	}{
		"yes":            {t.Context(), strings.NewReader("yes\n"), "ben", "ann", true, "", "Type yes to go on", 0},
		"yes, spaced":    {t.Context(), strings.NewReader(" yes \r\n"), "ben", "ann", true, "", "done: delete", 0},
		"no":             {t.Context(), strings.NewReader("no\n"), "ben", "ann", false, "nothing was done", "1. take out of all user groups", 1},
		"end of input":   {t.Context(), strings.NewReader(""), "ben", "ann", false, "nothing was done", "cannot be undone", 1},
		"interrupted":    {interrupted, &interrupting{interrupt, t.Context().Done()}, "ben", "ann", false, "nothing was done", "cannot be undone", 1},
		"obstacle":       {t.Context(), strings.NewReader("yes\n"), "ben", "zoe", false, "zoe is no member", "impossible", 3},
		"nobody":         {t.Context(), strings.NewReader(""), "zoe", "ann", false, "no member of the organization", "", 3},
		"the owner":      {t.Context(), strings.NewReader("yes\n"), quickbitest.OwnerUserID, "ann", false, "owns the workspace", "", 3},
		"not a transfer": {t.Context(), strings.NewReader("yes\n"), "ben", "ben", false, "cannot leave and be the successor", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, o := newOffice(t)
			o.Successor = test.heir
			var out bytes.Buffer
			err := offboard(test.ctx, o, []string{test.user}, test.in, &out)
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) || exitCode(err) != test.code {
				t.Errorf("failed with %v, want %q; exit code %d", err, test.fails, exitCode(err))
			}
			if !strings.Contains(out.String(), test.shows) {
				t.Errorf("there is no %q:\n%s", test.shows, out.String())
			}
			if isMember(server, "ben") == test.leaves {
				t.Error("Ben has not done what was wanted")
			}
		})
	}
}

// TestMain is the program if it runs in a process of TestClosedPipe.
func TestMain(m *testing.M) {
	if os.Getenv("OFFBOARD_DEMO") != "" {
		os.Args = os.Args[:1]
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestClosedPipe writes to a pipe that nobody reads: the program fails, and is not killed.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	cmd := exec.CommandContext(t.Context(), executable)
	cmd.Env, cmd.Stdout = append(os.Environ(), "OFFBOARD_DEMO=1"), writer
	var text strings.Builder
	cmd.Stderr = &text
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(text.String(), "broken pipe") {
		t.Errorf("%v: %s", err, text.String())
	}
}

// TestRestores puts one who could not be deleted back into the groups.
func TestRestores(t *testing.T) {
	t.Parallel()
	server, o := newOffice(t)
	server.Fail("DeleteUser", quickbitest.Refuse("Works.Transfer.Error"), 1)
	if err := offboard(t.Context(), o, []string{"ben", "eve"}, strings.NewReader("yes\n"), io.Discard); exitCode(err) != 3 || !isMember(server, "ben") || isMember(server, "eve") {
		t.Errorf("offboard: %v", err)
	}
	for _, g := range server.Snapshot().UserGroups {
		if !slices.Contains(g.UserIDs, "ben") {
			t.Errorf("Ben is not back in %s", g.UserGroupName)
		}
	}
}

// interrupting is a terminal at which somebody presses Ctrl-C instead of answering.
type interrupting struct {
	interrupt context.CancelFunc
	end       <-chan struct{}
}

func (r *interrupting) Read([]byte) (int, error) {
	r.interrupt()
	<-r.end
	return 0, io.EOF
}
