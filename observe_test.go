package quickbi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// nesting is the key of how deep inside hooks a context is.
type nesting struct{}

// journal records the calls of a hook.
type journal struct {
	lines    []string
	outcomes []Outcome
}

func (j *journal) hook(name string) Hook {
	return func(ctx context.Context, step Step) (context.Context, func(Outcome)) {
		outside, _ := ctx.Value(nesting{}).(string)
		j.lines = append(j.lines, fmt.Sprintf("%s begins %s %d in %q, write %v, %s %s://%s", name, step.Action, step.Attempt, outside, step.Write, step.Method, step.Scheme, step.Host))
		return context.WithValue(ctx, nesting{}, outside+name+fmt.Sprint(step.Attempt)), func(o Outcome) {
			j.lines = append(j.lines, fmt.Sprintf("%s ends %d: %s %d %s %s, %d attempts, %v, error %v", name, step.Attempt, o.Verdict, o.StatusCode, o.Code, o.RequestID, o.Attempts, o.Duration, o.Err != nil))
			j.outcomes = append(j.outcomes, o)
		}
	}
}

func TestHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			if n == 1 {
				return newAnswer(req, 503, `{"RequestId":"R-1","Code":"ServiceUnavailable","Message":"busy"}`), nil
			}
			return newAnswer(req, 200, `{"RequestId":"R-2","Success":true,"Result":{}}`), nil
		})
		var j journal
		c := newTestClient(t, wire, WithHook(j.hook("a")), WithHook(j.hook("b")), WithRetryPolicy(RetryPolicy{BaseDelay: 1, MaxDelay: 1}),
			WithLimiter(limiterFunc(func(ctx context.Context) error {
				j.lines = append(j.lines, fmt.Sprintf("waits in %q", ctx.Value(nesting{})))
				return nil
			})))
		if err := c.Do(t.Context(), "QueryUserList", nil, nil, AsRead(), AsGet()); err != nil {
			t.Fatal(err)
		}
		j.lines = slices.DeleteFunc(j.lines, func(line string) bool { return strings.HasPrefix(line, "b begins") })
		const where = "write false, GET https://quickbi-public.cn-hangzhou.aliyuncs.com"
		// The wait between the attempts is of 0 or 1 ns.
		for i, want := range []string{
			`a begins QueryUserList 0 in "", ` + where,
			`a begins QueryUserList 1 in "a0b0", ` + where,
			`waits in "a0b0a1b1"`,
			"b ends 1: unknown 503 ServiceUnavailable R-1, 1 attempts, 1s, error true",
			"a ends 1: unknown 503 ServiceUnavailable R-1, 1 attempts, 1s, error true",
			`a begins QueryUserList 2 in "a0b0", ` + where,
			`waits in "a0b0a2b2"`,
			"b ends 2: succeeded 200  R-2, 2 attempts, 1s, error false",
			"a ends 2: succeeded 200  R-2, 2 attempts, 1s, error false",
			"b ends 0: succeeded 200  R-2, 2 attempts, 2",
			"a ends 0: succeeded 200  R-2, 2 attempts, 2",
		} {
			if i >= len(j.lines) || !strings.HasPrefix(j.lines[i], want) {
				t.Fatalf("line %d, want %q, of\n%s", i, want, strings.Join(j.lines, "\n"))
			}
		}
		if got := wire.requests()[1].req.Context().Value(nesting{}); got != "a0b0a2b2" || len(j.lines) != 11 {
			t.Errorf("sent in %v, %d lines", got, len(j.lines))
		}
	})
}

// TestVerdicts checks that the outcome of a hook agrees with the error.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		respond func(int, *http.Request) (*http.Response, error)
		opts    []Option
		verdict Verdict
		status  int
		code    ErrorCode
	}{
		"success":         {answering(200, done), nil, VerdictSucceeded, 200, ""},
		"refusal":         {answering(400, `{"Code":"User.Not.In.Organization"}`), nil, VerdictNotExecuted, 400, "User.Not.In.Organization"},
		"not performed":   {answering(200, `{"Success":true,"Result":false}`), nil, VerdictNotExecuted, 200, ""},
		"page of a proxy": {answering(502, `<html>`), nil, VerdictUnknown, 502, ""},
		"unreadable":      {answering(200, `{"Success":true,"Result":[[]]}`), nil, VerdictExecuted, 200, ""},
		"connection lost": {func(int, *http.Request) (*http.Response, error) { return nil, errors.New("reset") }, nil, VerdictUnknown, 0, ""},
		"no credential": {answering(200, done), []Option{WithCredential(CredentialFunc(func(context.Context) (Credential, error) {
			return Credential{}, ErrAuthentication
		}))}, VerdictNotExecuted, 0, ""},
	} {
		var j journal
		c := newTestClient(t, newRecorder(t, test.respond), append(test.opts, WithHook(j.hook("a")))...)
		err := deleteUser(t.Context(), c)
		if len(j.outcomes) != 2 {
			t.Errorf("%s: %d outcomes", name, len(j.outcomes))
		}
		for i, o := range j.outcomes {
			if o.Verdict != test.verdict || o.StatusCode != test.status || o.Code != test.code || (o.Err == nil) != (err == nil) ||
				errors.Is(err, ErrOutcomeUnknown) != (o.Verdict == VerdictUnknown) || errors.Is(err, ErrResultUnreadable) != (o.Verdict == VerdictExecuted) {
				t.Errorf("%s, outcome %d: %+v, but %v", name, i, o, err)
			}
		}
	}
}

// TestHookWithoutAnything has a hook that returns neither a context nor a function.
func TestHookWithoutAnything(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, newRecorder(t, answering(200, done)), WithHook(func(context.Context, Step) (context.Context, func(Outcome)) { return nil, nil }))
	if err := deleteUser(t.Context(), c); err != nil {
		t.Error(err)
	}
	if _, err := NewClient(WithHook(nil)); err == nil || !strings.Contains(err.Error(), "WithHook") {
		t.Errorf("no hook: %v", err)
	}
}

// TestNoHookCostsNothing compares the allocations of a call with and without code that would call one.
func TestNoHookCostsNothing(t *testing.T) {
	c := newTestClient(t, newRecorder(t, answering(200, done)))
	a := &attempt{client: c, callConfig: callConfig{operation: write("DeleteUser")}, number: 1}
	if n := testing.AllocsPerRun(100, func() {
		_ = a.observed(t.Context(), 1, func(*attempt, context.Context) *Error { return nil })
	}); n != 0 {
		t.Errorf("%v allocations without a hook", n)
	}
}
