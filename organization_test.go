package quickbi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// auditLog answers with two entries a day, and refuses the day failOn and anything longer than one day.
func auditLog(failOn string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) {
		start, end := req.URL.Query().Get("StartDate"), req.URL.Query().Get("EndDate")
		if start != end || start == failOn {
			return newAnswer(req, http.StatusBadRequest, `{"RequestId":"R","Code":"Invalid.Parameter","Message":"no"}`), nil
		}
		return newAnswer(req, http.StatusOK,
			fmt.Sprintf(`{"RequestId":"R","Success":true,"Result":[{"TargetId":"%s-1"},{"TargetId":"%[1]s-2"}]}`, start)), nil
	}
}

func TestQueryAuditLogAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start, end Day
		failOn     string
		take       int // entries after which the caller stops
		want       []string
		calls      int
		err        error
	}{
		"one day":       {start: "20250301", end: "20250301", want: []string{"20250301-1", "20250301-2"}, calls: 1},
		"a leap day":    {start: "20240228", end: "20240301", want: []string{"20240228-1", "20240228-2", "20240229-1", "20240229-2", "20240301-1", "20240301-2"}, calls: 3},
		"a new year":    {start: "20241231", end: "20250101", want: []string{"20241231-1", "20241231-2", "20250101-1", "20250101-2"}, calls: 2},
		"a failure":     {start: "20250301", end: "20250303", failOn: "20250302", want: []string{"20250301-1", "20250301-2"}, calls: 2, err: ErrInvalidParameter},
		"stopped early": {start: "20250301", end: "20250303", take: 1, want: []string{"20250301-1"}, calls: 1},
		"backwards":     {start: "20250302", end: "20250301", err: ErrInvalidRequest},
		"two spellings": {start: "2025-03-01", end: "20250301", want: []string{"20250301-1", "20250301-2"}, calls: 1},
		"no date":       {start: "1 March", end: "20250301", err: ErrInvalidRequest},
		"91 days":       {start: "2025-01-01", end: "2025-04-02", err: ErrInvalidRequest},
		"no such day":   {start: "20250201", end: "20250229", err: ErrInvalidRequest},
		"nothing given": {err: ErrInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := newRecorder(t, auditLog(test.failOn))
			in := &QueryAuditLogRequest{LogType: AuditLogAccess, StartDate: test.start, EndDate: test.end}
			seq := newTestClient(t, wire).QueryAuditLogAll(t.Context(), in)
			for range 2 { // ranging again starts over
				var got []string
				var errs []error
				for entry, err := range seq {
					if err != nil {
						errs = append(errs, err)
						continue
					}
					if got = append(got, entry.TargetID); len(got) == test.take {
						break
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("entries (-want +got):\n%s", diff)
				}
				if test.err == nil && len(errs) != 0 || test.err != nil && (len(errs) != 1 || !errors.Is(errs[0], test.err)) {
					t.Errorf("errors %v, want %v once", errs, test.err)
				}
				var day *DayError
				if test.failOn != "" && (!errors.As(errs[0], &day) || day.Day != "2025-03-02" || !strings.Contains(errs[0].Error(), "2025-03-02")) {
					t.Errorf("%v does not name the day", errs[0])
				}
			}
			if n := len(wire.requests()); n != 2*test.calls {
				t.Errorf("%d calls in two rounds, want %d a round", n, test.calls)
			}
			if in.StartDate != test.start || in.EndDate != test.end {
				t.Errorf("the request was changed to %s..%s", in.StartDate, in.EndDate)
			}
		})
	}
}

func TestQueryAuditLogAllNil(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, auditLog(""))
	for _, err := range newTestClient(t, wire).QueryAuditLogAll(t.Context(), nil) {
		if !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), "LogType") {
			t.Errorf("%v, want ErrInvalidRequest that names LogType", err)
		}
	}
	if n := len(wire.requests()); n != 0 {
		t.Errorf("%d requests sent", n)
	}
}

// TestIpWhiteListQueryIsRead answers each operation on the list with a failure
// that leaves it open whether it was executed.
func TestIpWhiteListQueryIsRead(t *testing.T) {
	t.Parallel()
	for operation, want := range map[IPWhiteListOperation]int{IPWhiteListQuery: 3, "query": 3, IPWhiteListAdd: 1, IPWhiteListDelete: 1} {
		t.Run(string(operation), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := newRecorder(t, answering(http.StatusServiceUnavailable, "<html>upstream</html>"))
				in := &IpWhiteListConfigRequest{Operation: operation}
				if want == 1 {
					in.Addresses = []string{"8.8.8.8"}
				}
				_, err := newTestClient(t, wire).IpWhiteListConfig(t.Context(), in)
				if n := len(wire.requests()); n != want || errors.Is(err, ErrOutcomeUnknown) != (want == 1) {
					t.Errorf("sent %d times, want %d: %v", n, want, err)
				}
			})
		})
	}
}
