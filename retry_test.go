package quickbi

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// refusing answers with code until request n, and then with success.
func refusing(until, status int, code string, header http.Header) func(int, *http.Request) (*http.Response, error) {
	return func(n int, req *http.Request) (*http.Response, error) {
		if n >= until {
			return newAnswer(req, 200, `{"RequestId":"R-1","Success":true,"Result":true}`), nil
		}
		resp := newAnswer(req, status, `{"RequestId":"R-1","Code":"`+code+`","Message":"m"}`)
		for name, v := range header {
			resp.Header[name] = v
		}
		return resp, nil
	}
}

// TestWhatIsRetried asks a write and a read (CheckReadable's kind of question,
// as an operation of our own) for each refusal.
func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code        string
		status      int
		read, write bool // sent again
	}{
		{"Throttling", 400, true, true},
		{"Throttling.User", 400, true, true},
		{"Throttling.Api", 503, true, true},
		{"Throttling.Brandnew", 400, true, true},
		{"ServiceUnavailable", 503, true, false},
		{"InternalError", 500, true, false},
		{"Internal.System.Error", 500, true, false},
		{"Internal.System.Error", 400, false, false},
		{"SignatureNonceUsed", 400, true, false},
		{"Brand.New.Code", 500, true, false},
		{"Brand.New.Code", 400, false, false},
		{"", 429, true, true},
		{"", 408, true, false},
		{"", 500, true, false},
		{"", 502, true, false},
		{"", 504, true, false},
		{"", 501, false, false},
		{"", 404, false, false},
		{"User.Not.In.Organization", 400, false, false},
		{"User.Not.In.Organization", 500, false, false},
		{"Access.Forbidden", 500, false, false},
		{"MailApi.Beyond.ScheduleLimit", 400, false, false},
		{"InvalidAccessKeyId.NotFound", 404, false, false},
		{"SignatureDoesNotMatch", 400, false, false},
	} {
		t.Run(test.code+http.StatusText(test.status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for kind, again := range map[string]bool{"read": test.read, "write": test.write} {
					wire := newRecorder(t, refusing(3, test.status, test.code, nil))
					c := newTestClient(t, wire)
					var opts []DoOption
					if kind == "read" {
						opts = append(opts, AsRead())
					}
					err := c.Do(t.Context(), "X", nil, nil, opts...)
					n := len(wire.requests())
					if again && (err != nil || n != 3) || !again && (err == nil || n != 1) {
						t.Errorf("%s: sent %d times, %v", kind, n, err)
					}
					seen := map[string]bool{}
					for _, s := range wire.requests() {
						if seen[s.nonce] {
							t.Errorf("%s: nonce used twice", kind)
						}
						seen[s.nonce] = true
					}
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"nothing":           {nil, 0},
		"seconds":           {http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		"date":              {http.Header{"Retry-After": {date.Add(9 * time.Second).Format(http.TimeFormat)}, "Date": {date.Format(http.TimeFormat)}}, 9 * time.Second},
		"date gone by":      {http.Header{"Retry-After": {date.Add(-time.Hour).Format(http.TimeFormat)}, "Date": {date.Format(http.TimeFormat)}}, 0},
		"negative":          {http.Header{"Retry-After": {"-7"}}, 0},
		"not a number":      {http.Header{"Retry-After": {"NaN"}}, 0},
		"user, millisecond": {http.Header{"X-Ratelimit-User": {"Limit:1,Remain:0,TimeLeft:2000,Reset:1234"}}, 2 * time.Second},
		"the longer":        {http.Header{"X-Ratelimit-User": {"TimeLeft:2000"}, "X-Ratelimit-User-Api": {"Limit:1, TimeLeft: 2500"}}, 2500 * time.Millisecond},
		"broken":            {http.Header{"X-Ratelimit-User": {"TimeLeft:soon,:,"}}, 0},
	} {
		if got := retryAfter(test.header); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestHintIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newRecorder(t, refusing(2, 400, "Throttling.User", http.Header{"X-Ratelimit-User": {"Limit:1,Remain:0,TimeLeft:2000,Reset:1"}}))
		start := time.Now()
		if err := deleteUser(t.Context(), newTestClient(t, wire)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("waited %v, want 2s", d)
		}
		// Longer than MaxDelay: the caller decides.
		wire = newRecorder(t, refusing(2, 400, "Throttling.User", http.Header{"Retry-After": {"3600"}}))
		start = time.Now()
		err := deleteUser(t.Context(), newTestClient(t, wire))
		var apiErr *Error
		if !errors.Is(err, ErrThrottled) || !errors.As(err, &apiErr) || apiErr.RetryAfter != time.Hour || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestMailScheduleLimit(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(400, `{"Code":"MailApi.Beyond.ScheduleLimit","Message":"Please Try Again In 12 Minutes."}`))
	err := deleteUser(t.Context(), newTestClient(t, wire))
	var apiErr *Error
	if !errors.Is(err, ErrThrottled) || !errors.As(err, &apiErr) || apiErr.RetryAfter != 12*time.Minute || len(wire.requests()) != 1 {
		t.Errorf("%v, sent %d times", err, len(wire.requests()))
	}
}

// TestBackoff checks the bounds of the waits, and that none follows the last attempt.
func TestBackoff(t *testing.T) {
	t.Parallel()
	p := RetryPolicy{MaxAttempts: 100, BaseDelay: 100 * time.Millisecond, MaxDelay: time.Second}.withDefaults()
	for attempt, most := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 4: 800 * time.Millisecond, 5: time.Second, 40: time.Second, 99: time.Second} {
		var longest time.Duration
		for range 2000 {
			d, again := p.delay(attempt, &Error{})
			if !again || d < 0 || d > most {
				t.Fatalf("attempt %d: %v, %v", attempt, d, again)
			}
			longest = max(longest, d)
		}
		if longest < most*9/10 {
			t.Errorf("attempt %d: never waited longer than %v of %v", attempt, longest, most)
		}
	}
	if _, again := p.delay(100, &Error{}); again {
		t.Error("more attempts than MaxAttempts")
	}
	synctest.Test(t, func(t *testing.T) {
		wire := newRecorder(t, answering(503, ""))
		c := newTestClient(t, wire, WithRetryPolicy(RetryPolicy{MaxAttempts: 1, BaseDelay: time.Hour, MaxDelay: time.Hour}))
		start := time.Now()
		if _, err := c.QueryUserList(t.Context(), nil); err == nil || len(wire.requests()) != 1 || time.Since(start) != 0 {
			t.Errorf("%v, %d requests, %v", err, len(wire.requests()), time.Since(start))
		}
	})
}

func TestBackoffObeysContext(t *testing.T) {
	t.Parallel()
	policy := WithRetryPolicy(RetryPolicy{BaseDelay: time.Minute, MaxDelay: time.Hour})
	hint := http.Header{"Retry-After": {"600"}}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		wire := newRecorder(t, refusing(9, 400, "Throttling", hint))
		start := time.Now()
		err := deleteUser(ctx, newTestClient(t, wire, policy))
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrThrottling) || time.Since(start) != 5*time.Second {
			t.Errorf("cancelled: %v after %v", err, time.Since(start))
		}
		// A wait that the deadline would cut short is not begun.
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		err = deleteUser(ctx, newTestClient(t, wire, policy))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrThrottled) || time.Since(start) != 0 {
			t.Errorf("deadline: %v after %v", err, time.Since(start))
		}
	})
}

// TestClockSkew refuses timestamps that are off, as the service does.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const skew = -45 * time.Minute // of the service against ours
		wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
			now := time.Now().Add(skew)
			at, err := time.Parse(time.RFC3339, req.Header.Get("X-Acs-Date"))
			if err != nil {
				return nil, err
			}
			resp := newAnswer(req, 200, done)
			if d := at.Sub(now); d > 15*time.Minute || d < -15*time.Minute {
				resp = newAnswer(req, 400, `{"Code":"InvalidTimeStamp.Expired"}`)
			}
			resp.Header.Set("Date", now.UTC().Format(http.TimeFormat))
			return resp, nil
		})
		c := newTestClient(t, wire, WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
		for range 3 {
			if err := deleteUser(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(wire.requests()); n != 4 {
			t.Errorf("sent %d times, want 4: the clock is set once", n)
		}
		// A service that refuses every timestamp is asked twice, not for ever.
		wire = newRecorder(t, refusing(99, 400, "InvalidTimeStamp.Expired", http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}))
		if err := deleteUser(t.Context(), newTestClient(t, wire)); !errors.Is(err, ErrTimestampExpired) || len(wire.requests()) != 2 {
			t.Errorf("%v, sent %d times", err, len(wire.requests()))
		}
		wire = newRecorder(t, refusing(99, 400, "InvalidTimeStamp.Expired", nil))
		if err := deleteUser(t.Context(), newTestClient(t, wire)); !errors.Is(err, ErrTimestampExpired) || len(wire.requests()) != 1 {
			t.Errorf("no Date: %v, sent %d times", err, len(wire.requests()))
		}
	})
}
