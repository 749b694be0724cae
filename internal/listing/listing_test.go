package listing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
)

// A list has pages of two entries. Each read of a page takes the next state of the list.
type list struct {
	states []string // entries are letters
	reads  int
}

func (l *list) fetch(_ context.Context, n int) (quickbi.Page[string], error) {
	state := strings.Split(l.states[min(l.reads, len(l.states)-1)], "")
	l.reads++
	page := quickbi.Page[string]{PageNum: n, PageSize: 2, TotalNum: len(state), TotalPages: (len(state) + 1) / 2}
	if from := 2 * (n - 1); from < len(state) {
		page.Data = state[from:min(from+2, len(state))]
	}
	return page, nil
}

func itself(s string) string { return s }

func TestWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		states []string
		want   string
		reads  int
	}{
		"one page":    {[]string{"ab"}, "ab", 1},
		"three pages": {[]string{"abcde"}, "abcde", 3},
		"one goes":    {[]string{"abcde", "bcde"}, "bcde", 4},
		"one comes":   {[]string{"abcd", "abcde"}, "abcde", 6},
	} {
		l := list{states: test.states}
		got, err := Whole(t.Context(), l.fetch, itself)
		if err != nil || strings.Join(got, "") != test.want || l.reads != test.reads {
			t.Errorf("%s: %v after %d reads, %v", name, got, l.reads, err)
		}
	}
	restless := list{states: strings.Fields(strings.Repeat("abcdef bcdef ", 10))}
	if got, err := Whole(t.Context(), restless.fetch, itself); got != nil || err == nil || !strings.Contains(err.Error(), "changes while it is read") {
		t.Errorf("a list that never holds still: %v, %v", got, err)
	}
	broken := errors.New("broken")
	if _, err := Whole(t.Context(), func(context.Context, int) (quickbi.Page[string], error) { return quickbi.Page[string]{}, broken }, itself); !errors.Is(err, broken) {
		t.Errorf("a failing call: %v", err)
	}
	silent := func(_ context.Context, n int) (quickbi.Page[string], error) {
		return quickbi.Page[string]{Data: []string{"a", "b", "a"}, TotalPages: 1}, nil
	}
	if got, err := Whole(t.Context(), silent, itself); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("without a total: %v, %v", got, err)
	}
}
