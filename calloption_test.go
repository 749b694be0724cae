package quickbi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// timeLeft records how long each attempt may take, and loses its answer.
func timeLeft(limits *[]time.Duration) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) {
		deadline, _ := req.Context().Deadline()
		*limits = append(*limits, time.Until(deadline))
		return nil, errors.New("the connection broke")
	}
}

// TestTimeouts compares what options of the client and of the call make of the
// timeout of usual, long and costly operations.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	ask := &SmartqQueryAbilityRequest{UserQuestion: "how many?", DatasetID: "c"}
	data := &QueryDataRequest{APIID: "a"}
	for name, test := range map[string]struct {
		client            []Option
		call              []CallOption
		usual, long, cost time.Duration
	}{
		"defaults":           {nil, nil, 10 * time.Second, time.Minute, time.Minute},
		"a shorter client":   {[]Option{WithTimeout(time.Second)}, nil, time.Second, time.Minute, time.Minute},
		"a longer client":    {[]Option{WithTimeout(time.Hour)}, nil, time.Hour, time.Hour, time.Hour},
		"a shorter call":     {nil, []CallOption{CallTimeout(time.Second)}, time.Second, time.Second, time.Second},
		"a call of a client": {[]Option{WithTimeout(time.Hour)}, []CallOption{CallTimeout(2 * time.Minute)}, 2 * time.Minute, 2 * time.Minute, 2 * time.Minute},
		"another option":     {nil, []CallOption{CallHeader("X-Request-Id", "r")}, 10 * time.Second, time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var limits []time.Duration
				c := newTestClient(t, newRecorder(t, timeLeft(&limits)), append(test.client, WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))...)
				_, err := c.QueryUserInfoByUserId(t.Context(), &QueryUserInfoByUserIdRequest{UserID: "u"}, test.call...)
				_, err2 := c.QueryData(t.Context(), data, test.call...)
				_, err3 := c.SmartqQueryAbility(t.Context(), ask, test.call...)
				if err == nil || err2 == nil || err3 == nil {
					t.Fatalf("%v, %v, %v", err, err2, err3)
				}
				if len(limits) != 3 || limits[0] != test.usual || limits[1] != test.long || limits[2] != test.cost {
					t.Errorf("%v; %v %v %v", limits, err, err2, err3)
				}
			})
		})
	}
}

// TestCostlyRead checks that no answer of a language model is paid for twice: only a
// call that was certainly not executed is sent again.
func TestCostlyRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := map[string]func(context.Context, *Client) error{
			"SmartqQueryAbility": func(ctx context.Context, c *Client) error {
				_, err := c.SmartqQueryAbility(ctx, &SmartqQueryAbilityRequest{UserQuestion: "how many?", DatasetID: "c"})
				return err
			},
			"DataInterpretation": func(ctx context.Context, c *Client) error {
				_, err := c.DataInterpretation(ctx, &DataInterpretationRequest{Data: "d"}, CallRetryWrites())
				return err
			},
			"Do": func(ctx context.Context, c *Client) error {
				return c.Do(ctx, "AskTheModel", nil, nil, AsCostlyRead())
			},
		}
		silent := func(_ int, req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		for name, call := range calls {
			for fault, test := range map[string]struct {
				respond func(int, *http.Request) (*http.Response, error)
				want    int
			}{
				"a timeout":       {silent, 1},
				"a gateway error": {answering(502, "<html>"), 1},
				"broken JSON":     {answering(200, `{"Success":tr`), 1},
				"throttling":      {answering(400, `{"Code":"Throttling.User"}`), 3},
			} {
				wire := newRecorder(t, test.respond)
				err := call(t.Context(), newTestClient(t, wire, WithRetryWrites()))
				if n := len(wire.requests()); err == nil || n != test.want || errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%s, %s: sent %d times, want %d; %v", name, fault, n, test.want, err)
				}
				if fault == "a timeout" && !strings.Contains(err.Error(), "1m0s") {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}

func TestCallRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once, five := RetryPolicy{MaxAttempts: 1}, RetryPolicy{MaxAttempts: 5, BaseDelay: time.Millisecond}
		for _, test := range []struct {
			opts []CallOption
			want int
		}{
			{nil, 1}, // a write
			{[]CallOption{CallRetryWrites()}, 3},
			{[]CallOption{CallRetryWrites(), CallRetry(five)}, 5},
			{[]CallOption{CallRetryWrites(), CallRetry(five), CallRetry(once)}, 1},
		} {
			wire := newRecorder(t, answering(503, "busy"))
			c := newTestClient(t, wire)
			_, err := c.DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u", TransferUserID: "v"}, test.opts...)
			if n := len(wire.requests()); n != test.want || !errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("sent %d times, want %d; %v", n, test.want, err)
			}
			if err := deleteUser(t.Context(), c); err == nil || len(wire.requests()) != test.want+1 {
				t.Errorf("the options of one call changed the client: %v", err)
			}
		}
	})
}

func TestCallHeader(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, refusing(2, 400, "Throttling.User", nil))
	c := newTestClient(t, wire, WithRetryPolicy(RetryPolicy{BaseDelay: time.Millisecond}))
	_, err := c.DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u", TransferUserID: "v"},
		CallHeader("x-request-id", "first"), CallHeader("X-Request-Id", "r-7"), CallHeader("traceparent", "00-1-2-01"))
	if err != nil {
		t.Fatal(err)
	}
	for n, s := range wire.requests() {
		if h := s.req.Header; h.Get("X-Request-Id") != "r-7" || len(h["X-Request-Id"]) != 1 || h.Get("Traceparent") != "00-1-2-01" {
			t.Errorf("request %d: %v", n, h)
		}
		if strings.Contains(s.req.Header.Get("Authorization"), "x-request-id") {
			t.Error("signed")
		}
	}
	for i := range 2 { // every page's call
		var n int
		wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
			n++
			if req.Header.Get("X-Request-Id") != "r-8" {
				t.Errorf("page %d lacks the header", n)
			}
			return newAnswer(req, 200, `{"Success":true,"Result":{"Data":[{"UserId":"u`+string(rune('0'+n))+`"}],"TotalPages":2,"TotalNum":2}}`), nil
		})
		for _, err := range newTestClient(t, wire).QueryUserListAll(t.Context(), nil, CallHeader("X-Request-Id", "r-8")) {
			if err != nil {
				t.Error(i, err)
			}
		}
		if n != 2 {
			t.Errorf("%d pages", n)
		}
	}
}

// TestBadCallOptions gives impossible options: all are reported at once, and nothing is sent.
func TestBadCallOptions(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(200, done))
	c := newTestClient(t, wire)
	for want, opt := range map[string]CallOption{
		"option is nil":             nil,
		"CallTimeout":               CallTimeout(0),
		"CallRetry":                 CallRetry(RetryPolicy{MaxAttempts: -1}),
		`"" is not the name`:        CallHeader("", "x"),
		`"a b" is not the name`:     CallHeader("a b", "x"),
		`"a\nb" is not the name`:    CallHeader("a\nb", "x"),
		"control character":         CallHeader("X-Request-Id", "a\r\nHost: b"),
		"itself sets X-Acs-Date":    CallHeader("x-acs-date", "x"),
		"itself sets Authorization": CallHeader("authorization", "x"),
		"itself sets Host":          CallHeader("HOST", "x"),
	} {
		_, err := c.DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u", TransferUserID: "v"}, CallTimeout(-1), opt)
		if !errors.Is(err, ErrInvalidRequest) || errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "CallTimeout") || !strings.Contains(err.Error(), "DeleteUser") {
			t.Errorf("%s: %v", want, err)
		}
		if err := c.Do(t.Context(), "DeleteUser", nil, nil, opt); !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, of Do: %v", want, err)
		}
	}
	if err := c.Do(t.Context(), "DeleteUser", nil, nil, nil); !errors.Is(err, ErrInvalidRequest) {
		t.Errorf("a nil option: %v", err)
	}
	if n := len(wire.requests()); n != 0 {
		t.Errorf("sent %d times", n)
	}
}
