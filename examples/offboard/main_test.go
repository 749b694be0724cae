package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), nil, strings.NewReader(""), &out); err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(out.String(), "After:")
	for _, want := range []string{"Ben      in Sales, Finance", "Eve      in Sales, Finance"} {
		if !strings.Contains(before, want) || strings.Contains(after, want) {
			t.Errorf("%q is not what changed:\n%s", want, out.String())
		}
	}
	if !strings.Contains(after, "Ann      in Sales, Finance") || !strings.Contains(after, "ErrUserNotInOrganization): true") {
		t.Errorf("after:\n%s", after)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-transfer") {
		t.Errorf("-h: %v, %s", err, out.String())
	}
	if err := run(t.Context(), []string{"-live"}, nil, &out); err == nil || !strings.Contains(err.Error(), "-user") {
		t.Errorf("-live alone: %v", err)
	}
	if err := run(t.Context(), []string{"-live", "-user", "a", "-transfer", "b", "-region", "mars-1"}, nil, &out); err == nil || !strings.Contains(err.Error(), "mars-1") {
		t.Errorf("unknown region: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, nil, &out); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
