package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/offboarding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), nil, strings.NewReader(""), &out); err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(out.String(), "\n\n")
	leaving, after, _ := strings.Cut(rest, "After:")
	for _, want := range []string{
		"Ann    groups: Sales, Finance; workspaces: Reports; works: Prices\n",
		"Ben    groups: Sales, Finance; workspaces: Reports, Playground; works: Revenue\n",
		"Eve    groups: Sales, Finance; workspaces: Playground; works: none",
	} {
		if !strings.Contains(before, want) || strings.Contains(after, want) {
			t.Errorf("%q is not what changed:\n%s", want, out.String())
		}
	}
	for _, want := range []string{
		`owns works (1): "Revenue" in Reports`,
		`"Ben" (ben): done: take out of all user groups`,
		`"Ben" (ben): done: delete from the organization`,
		`"Eve" (eve): done: take out of the workspace "Playground" (playground)` + "\n",
		"no member of the organization has the id or the account eve",
	} {
		if !strings.Contains(leaving, want) {
			t.Errorf("there is no %q:\n%s", want, leaving)
		}
	}
	for _, want := range []string{
		"Ann    groups: Sales, Finance; workspaces: Reports; works: Prices, Revenue\n",
		"quickbi.ErrUserNotInOrganization): true", "quickbi.ErrNotFound): true",
	} {
		if !strings.Contains(after, want) {
			t.Errorf("there is no %q:\n%s", want, after)
		}
	}
	if strings.Contains(after, "Ben    ") || strings.Contains(after, "Eve    ") {
		t.Errorf("not all have left:\n%s", after)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-transfer") {
		t.Errorf("-h: %v, %s", err, out.String())
	}
	for args, want := range map[string]string{
		"-live":                              "-live needs members and -transfer",
		"-live a":                            "-live needs members and -transfer",
		"-transfer b a":                      "without -live",
		"-live -transfer b -region mars-1 a": "mars-1",
		"-nonsense":                          "nonsense",
	} {
		err := run(t.Context(), strings.Fields(args), nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != 1 {
			t.Errorf("%s: %v, exit code %d", args, err, exitCode(err))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, nil, &out); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func newOffice(t *testing.T) (*quickbitest.Server, offboarding.Offboarder) {
	t.Helper()
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	if err := server.Seed(organization); err != nil {
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
		"-yes":           {t.Context(), nil, "ben", "ann", true, "", "done: delete", 0},
		"no":             {t.Context(), strings.NewReader("no\n"), "ben", "ann", false, "nothing was done", "1. take out of all user groups", 1},
		"end of input":   {t.Context(), strings.NewReader(""), "ben", "ann", false, "nothing was done", "cannot be undone", 1},
		"interrupted":    {interrupted, &interrupting{interrupt, t.Context().Done()}, "ben", "ann", false, "nothing was done", "cannot be undone", 1},
		"obstacle":       {t.Context(), strings.NewReader("yes\n"), "ben", "zoe", false, "zoe is no member", "impossible", 3},
		"nobody":         {t.Context(), strings.NewReader(""), "zoe", "ann", false, "no member of the organization", "", 3},
		"the owner":      {t.Context(), nil, quickbitest.OwnerUserID, "ann", false, "owns the workspace", "", 3},
		"not a transfer": {t.Context(), nil, "ben", "ben", false, "cannot leave and be the successor", "", 1},
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
	if err := offboard(t.Context(), o, []string{"ben", "eve"}, nil, io.Discard); exitCode(err) != 3 || !isMember(server, "ben") || isMember(server, "eve") {
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
