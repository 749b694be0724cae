package quickbi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
		"one day":       {start: "20000301", end: "20000301", want: []string{"20000301-1", "20000301-2"}, calls: 1},
		"a leap day":    {start: "20000228", end: "20000301", want: []string{"20000228-1", "20000228-2", "20000229-1", "20000229-2", "20000301-1", "20000301-2"}, calls: 3},
		"a new year":    {start: "19991231", end: "20000101", want: []string{"19991231-1", "19991231-2", "20000101-1", "20000101-2"}, calls: 2},
		"a failure":     {start: "20000301", end: "20000303", failOn: "20000302", want: []string{"20000301-1", "20000301-2"}, calls: 2, err: ErrInvalidParameter},
		"stopped early": {start: "20000301", end: "20000303", take: 1, want: []string{"20000301-1"}, calls: 1},
		"backwards":     {start: "20000302", end: "20000301", err: ErrInvalidRequest},
		"two spellings": {start: "2000-03-01", end: "20000301", want: []string{"20000301-1", "20000301-2"}, calls: 1},
		"no date":       {start: "1 March", end: "20000301", err: ErrInvalidRequest},
		"91 days ago":   {start: "1999-10-02", end: "1999-10-04", err: ErrInvalidRequest},
		"no such day":   {start: "20010201", end: "20010229", err: ErrInvalidRequest},
		"nothing given": {err: ErrInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // it is 2000-01-01
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
					if test.failOn != "" && (!errors.As(errs[0], &day) || day.Day != "2000-03-02" || !strings.Contains(errs[0].Error(), "2000-03-02")) {
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
		})
	}
}

// TestAuditLogDays asks for days around the limit. Today is the one of the service's
// clock, in UTC+8.
func TestAuditLogDays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start  Day
		later  time.Duration // than 2000-01-01 08:00 in UTC+8
		offset time.Duration // of the service's clock from the local one
		opts   []CallOption
		want   string // of the problem; "": it is sent
	}{
		"90 days ago":               {start: "1999-10-03"},
		"91 days ago":               {start: "1999-10-02", want: "StartDate is 91 days before today, 2000-01-01 in UTC+8, and the log goes back 90 days"},
		"a year ago, in digits":     {start: "19990101", want: "StartDate is 365 days before today"},
		"before midnight in China":  {start: "1999-10-03", later: 16*time.Hour - time.Second},
		"after midnight in China":   {start: "1999-10-03", later: 16 * time.Hour, want: "StartDate is 91 days before today, 2000-01-02 in UTC+8"},
		"the service is a day back": {start: "1999-10-02", offset: -24 * time.Hour},
		"the service is ahead":      {start: "1999-10-03", offset: 24 * time.Hour, want: "StartDate is 91 days before today, 2000-01-02 in UTC+8"},
		"on purpose":                {start: "1999-10-02", opts: []CallOption{CallUndocumented()}},
		"a day to come":             {start: "2000-12-31"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(test.later)
				wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":[]}`))
				c := newTestClient(t, wire)
				c.clockOffset.Store(int64(test.offset))
				in := &QueryAuditLogRequest{LogType: AuditLogAccess, StartDate: test.start, EndDate: test.start}
				_, err := c.QueryAuditLog(t.Context(), in, test.opts...)
				var problem *ParameterError
				switch sent := len(wire.requests()); {
				case test.want == "" && (err != nil || sent != 1):
					t.Errorf("sent %d times: %v", sent, err)
				case test.want != "" && (!errors.Is(err, ErrInvalidRequest) || !errors.As(err, &problem) || problem.Action != "QueryAuditLog" || sent != 0 || !strings.Contains(err.Error(), test.want)):
					t.Errorf("sent %d times: %v, want %q", sent, err, test.want)
				}
				first, _ := in.StartDate.In(nil)
				var day *DayError
				for _, err := range c.QueryAuditLogAll(t.Context(), in, test.opts...) {
					if !errors.As(err, &day) || day.Day != DayOf(first) || !strings.Contains(err.Error(), test.want) {
						t.Errorf("%v does not name the day", err)
					}
				}
				if (day != nil) != (test.want != "") {
					t.Errorf("day by day: %v, want %q", day, test.want)
				}
			})
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

// TestIpWhiteListQueryIsRead answers each operation on the list with a failure of
// unknown outcome.
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
