package quickbi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// homeList answers like a server with total entries that returns at most most of them,
// with or without the total.
func homeList(total, most int, telling bool) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) {
		size, _ := strconv.Atoi(req.URL.Query().Get("PageSize"))
		n := min(size, total, most)
		entries := strings.TrimSuffix(strings.Repeat(`{"TreeId":"w"},`, n), ",")
		told := ""
		if telling {
			told = fmt.Sprintf(`,"TotalNum":%d,"TotalPages":%d`, total, (total+size-1)/size)
		}
		return newAnswer(req, http.StatusOK, `{"RequestId":"R-1","Success":true,"Result":{"Data":[`+entries+`]`+told+`}}`), nil
	}
}

func TestHomeListsAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size        int // asked for by the caller
		total, most int
		telling     bool
		asked       []string // page sizes that arrive
		entries     int
		truncated   bool
	}{
		"all at once":            {0, 12, 9999, true, []string{"9999"}, 12, false},
		"none":                   {0, 0, 9999, true, []string{"9999"}, 0, false},
		"none, total unknown":    {0, 0, 9999, false, []string{"9999"}, 0, false},
		"asked again":            {5, 12, 9999, true, []string{"5", "12"}, 12, false},
		"exactly one page":       {12, 12, 9999, true, []string{"12"}, 12, false},
		"more than the maximum":  {5, 10001, 9999, true, []string{"5", "9999"}, 9999, true},
		"capped by the service":  {0, 12, 10, true, []string{"9999"}, 10, true},
		"capped the second time": {5, 12, 10, true, []string{"5", "12"}, 10, true},
		"total unknown":          {5, 12, 9999, false, []string{"5", "9999"}, 12, false},
		"total unknown and full": {0, 9999, 9999, false, []string{"9999"}, 9999, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := newRecorder(t, homeList(test.total, test.most, test.telling))
			seq := newTestClient(t, wire).ListRecentViewReportsAll(t.Context(), &ListRecentViewReportsRequest{UserID: "u", PageSize: test.size})
			for round := 1; round <= 2; round++ { // every range starts over
				entries, truncated := 0, false
				for _, err := range seq {
					if err == nil {
						entries++
						continue
					}
					var apiErr *Error
					if truncated = true; !errors.As(err, &apiErr) || apiErr.Action != "ListRecentViewReports" || apiErr.RequestID != "R-1" || !errors.Is(err, ErrInvalidResponse) {
						t.Errorf("%v is not the error of a truncated list", err)
					}
				}
				if entries != test.entries || truncated != test.truncated {
					t.Errorf("round %d: %d entries, truncated: %v", round, entries, truncated)
				}
			}
			var asked []string
			for _, s := range wire.requests() {
				asked = append(asked, s.query.Get("PageSize"))
			}
			if want := slices.Concat(test.asked, test.asked); !slices.Equal(asked, want) {
				t.Errorf("asked for pages of %v, want %v", asked, want)
			}
		})
	}
}

func TestHomeListsEndEarly(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, newRecorder(t, homeList(12, 10, true)))
	in := &ListSharedReportsRequest{UserID: "u"}
	for range c.ListSharedReportsAll(t.Context(), in) {
		break
	}
	if in.PageSize != 0 {
		t.Error("the caller's request was changed")
	}
	failed := 0
	for _, err := range c.ListFavoriteReportsAll(t.Context(), nil) {
		if failed++; !errors.Is(err, ErrInvalidRequest) {
			t.Error(err)
		}
	}
	if failed != 1 {
		t.Errorf("%d errors, want 1", failed)
	}
}
