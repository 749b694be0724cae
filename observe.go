package quickbi

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// A Hook observes calls and their attempts, for traces, metrics and logs, see
// [WithHook]. It is called when a call begins, with Step.Attempt 0, and when each of
// its attempts begins, with 1, 2, …
//
// The context that it returns is that of the call or attempt: the limiter, the
// credentials provider and the http.Client get it. It must be derived from the
// context of the Hook. The function that it returns is called once, at the end. Both
// results may be nil.
//
// A Hook is called concurrently. It does not see calls that are refused before the
// first attempt, because of a wrong parameter.
type Hook func(ctx context.Context, step Step) (context.Context, func(Outcome))

// A Step is a call, or one attempt of it.
type Step struct {
	Action  string // the operation, such as "QueryUserList"
	Write   bool   // whether the operation changes something
	Method  string // GET or POST
	Scheme  string // https or http
	Host    string // with the port, if the endpoint has one
	Attempt int    // 1 for the first attempt; 0 for the call as a whole
}

// An Outcome is the end of a call, or of one attempt. It holds no secrets, parameters
// or results.
type Outcome struct {
	Duration   time.Duration // with the waits for the limiter and for credentials; of a call, also between attempts
	Attempts   int           // number of attempts so far
	StatusCode int           // HTTP status; 0 without an answer
	Code       ErrorCode     // as answered; "" after a success, and if there is none
	RequestID  string        // of the answer; "" without one
	Verdict    Verdict
	Err        error // nil after a success; an [*Error]
}

// Verdict says whether the operation was executed.
type Verdict string

// The verdicts.
const (
	VerdictSucceeded   = Verdict("succeeded")
	VerdictNotExecuted = Verdict("not executed") // it failed and certainly changed nothing
	VerdictExecuted    = Verdict("executed")     // it was executed, but its result cannot be read: [ErrResultUnreadable]
	VerdictUnknown     = Verdict("unknown")      // it failed and may have been executed; for a write, [ErrOutcomeUnknown]
)

// WithHook adds a hook. The first one is the outermost. Package otelquickbi has a
// hook for OpenTelemetry.
func WithHook(hook Hook) Option {
	return func(cfg *config) error {
		if hook == nil {
			return errors.New("quickbi: WithHook: the hook is nil")
		}
		cfg.client.hook = within(cfg.client.hook, hook)
		return nil
	}
}

// within calls one hook inside another.
func within(outer, inner Hook) Hook {
	if outer == nil {
		return inner
	}
	return func(ctx context.Context, step Step) (context.Context, func(Outcome)) {
		ctx, endOuter := outer.begin(ctx, step)
		ctx, endInner := inner.begin(ctx, step)
		return ctx, func(o Outcome) {
			endInner(o)
			endOuter(o)
		}
	}
}

// begin calls the hook and replaces results that are nil.
func (h Hook) begin(ctx context.Context, step Step) (context.Context, func(Outcome)) {
	inside, end := h(ctx, step)
	if inside == nil {
		inside = ctx
	}
	if end == nil {
		end = func(Outcome) {}
	}
	return inside, end
}

// observed does a step and shows it to the client's hook. The number of the attempt
// is 0 for the whole call.
func (a *attempt) observed(ctx context.Context, number int, do func(*attempt, context.Context) *Error) *Error {
	c := a.client
	if c.hook == nil {
		return do(a, ctx)
	}
	started := time.Now()
	ctx, end := c.hook.begin(ctx, Step{
		Action:  a.action,
		Write:   a.access == writeAccess,
		Method:  a.method,
		Scheme:  c.scheme,
		Host:    c.host,
		Attempt: number,
	})
	e := do(a, ctx)
	o := Outcome{Duration: time.Since(started), Attempts: a.number, Verdict: VerdictSucceeded, StatusCode: a.status}
	if e == nil {
		o.RequestID, _, _, _ = a.out.parts()
	} else {
		o.StatusCode, o.Code, o.RequestID, o.Err = e.StatusCode, e.Code, e.RequestID, e
		switch e.effect {
		case refused:
			o.Verdict = VerdictNotExecuted
		case executed:
			o.Verdict = VerdictExecuted
		default:
			o.Verdict = VerdictUnknown
		}
	}
	end(o)
	return e
}

// logHook logs every attempt.
func logHook(logger *slog.Logger) Hook {
	return func(ctx context.Context, step Step) (context.Context, func(Outcome)) {
		if step.Attempt == 0 {
			return ctx, nil
		}
		return ctx, func(o Outcome) {
			attrs := []slog.Attr{slog.String("action", step.Action), slog.Int("attempt", step.Attempt), slog.Duration("duration", o.Duration)}
			if o.Err == nil {
				logger.LogAttrs(ctx, slog.LevelDebug, "quickbi call", append(attrs, slog.String("request", o.RequestID))...)
				return
			}
			logger.LogAttrs(ctx, slog.LevelWarn, "quickbi call failed", append(attrs, slog.Int("status", o.StatusCode),
				slog.String("code", string(o.Code)), slog.String("request", o.RequestID), slog.String("verdict", string(o.Verdict)))...)
		}
	}
}
