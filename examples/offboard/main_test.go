package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
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
		"done: take out of all user groups",
		"done: delete from the organization",
		`done: take out of the workspace "Playground" (playground)` + "\n",
		"eve is no member of the organization: there is nothing to do",
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
		"-live":                                "-live needs -user and -transfer",
		"-live -user a":                        "-live needs -user and -transfer",
		"-user a -transfer b":                  "without -live",
		"-live ben":                            `"ben" is no flag`,
		"-live -user a -transfer a":            "own successor",
		"-live -user a -transfer b -region x1": "x1",
		"-nonsense":                            "nonsense",
	} {
		if err := run(t.Context(), strings.Fields(args), nil, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, nil, &out); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
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
	}{
		"yes":            {t.Context(), strings.NewReader("yes\n"), "ben", "ann", true, "", "Type yes to go on"},
		"-yes":           {t.Context(), nil, "ben", "ann", true, "", "done: delete"},
		"no":             {t.Context(), strings.NewReader("no\n"), "ben", "ann", false, "nothing was done", "1. take out of all user groups"},
		"end of input":   {t.Context(), strings.NewReader(""), "ben", "ann", false, "nothing was done", "cannot be undone"},
		"interrupted":    {interrupted, &interrupting{interrupt, t.Context().Done()}, "ben", "ann", false, "nothing was done", "cannot be undone"},
		"obstacle":       {t.Context(), strings.NewReader("yes\n"), "ben", "zoe", false, "zoe is no member", "impossible"},
		"gone":           {t.Context(), strings.NewReader(""), "zoe", "ann", false, "", "nothing to do"},
		"the owner":      {t.Context(), nil, quickbitest.OwnerUserID, "ann", false, "owns the workspace", ""},
		"not a transfer": {t.Context(), nil, "ben", "ben", false, "own successor", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := quickbitest.NewServer()
			defer server.Close()
			if err := server.Seed(organization); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			client := server.Client()
			err := offboard(test.ctx, offboarding.Offboarder{Client: client, Successor: test.heir}, test.user, test.in, &out)
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
				t.Errorf("failed with %v, want %q", err, test.fails)
			}
			if !strings.Contains(out.String(), test.shows) {
				t.Errorf("there is no %q:\n%s", test.shows, out.String())
			}
			member, err := client.CheckOrganizationMember(t.Context(), &quickbi.CheckOrganizationMemberRequest{UserID: "ben"})
			if err != nil || member.Result == test.leaves {
				t.Errorf("member: %v, %v", member, err)
			}
		})
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
