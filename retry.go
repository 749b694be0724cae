package quickbi

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryPolicy says how often, and after which waits, a failed call is tried again.
// The zero value of a field means its default.
//
// It does not say what is retried. A failure that proves that nothing was executed
// (throttling, no connection) is retried for every operation. A failure with an
// unknown outcome (a lost answer, a timeout, a 5xx status) is retried for reads, and
// for writes only with [WithRetryWrites]; never for a read that calls a language
// model.
type RetryPolicy struct {
	MaxAttempts int           // the first one included; default 3, 1 for no retries
	BaseDelay   time.Duration // upper limit of the first wait, doubled for each further one; default 200 ms
	MaxDelay    time.Duration // upper limit of every wait; default 20 s. If the service asks for a longer wait, the call fails
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 3
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = 200 * time.Millisecond
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = 20 * time.Second
	}
	return p
}

func (p RetryPolicy) validate() error {
	if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 {
		return errors.New("a field of RetryPolicy is negative")
	}
	return nil
}

// delay returns the wait after an attempt (1, 2, …) that failed with e, and whether
// to try again at all.
func (p RetryPolicy) delay(attempt int, e *Error) (time.Duration, bool) {
	if attempt >= p.MaxAttempts || e.RetryAfter > p.MaxDelay || e.RetryAfter == math.MaxInt64 {
		return 0, false
	}
	// Exponential with full jitter: it relieves a congested service soonest.
	ceiling := p.MaxDelay
	if shift := attempt - 1; p.BaseDelay <= p.MaxDelay>>shift {
		ceiling = p.BaseDelay << shift
	}
	return max(rand.N(max(1, ceiling)), e.RetryAfter), true
}

// repeat runs attempts until the last one.
func (a *attempt) repeat(ctx context.Context) *Error {
	lost := false // an earlier attempt may have been executed
	for a.number = 1; ; a.number++ {
		err := a.observed(ctx, a.number, (*attempt).run)
		if err == nil {
			return nil
		}
		err.Attempts, err.hintLanguage = a.number, a.client.hintLanguage
		if lost = lost || err.effect == unclear; lost && err.effect == refused {
			err.effect = unclear
		}
		a.out.reset() // drops what this attempt decoded
		if a.repair(ctx, err) {
			continue
		}
		if !a.retryable(err) {
			return err
		}
		delay, again := a.retry.delay(a.number, err)
		if !again {
			return err
		}
		if werr := wait(ctx, delay); werr != nil {
			if err.cause != nil {
				werr = joined{err.cause, werr}
			}
			err.cause = werr
			return err
		}
	}
}

// retryable reports whether sending the call again is safe and can help.
func (cfg *callConfig) retryable(e *Error) bool {
	switch {
	case !e.transient:
		return false
	case e.effect == refused, cfg.access == readAccess:
		return true
	}
	return cfg.access == writeAccess && cfg.retryWrites
}

// wait sleeps for d. It does not begin to if ctx ends earlier.
func wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return contextError(ctx)
	case <-timer.C:
		return nil
	}
}

// classify sets what follows from a refusal. A known code counts more than the
// status, because the service answers the same code with different statuses.
func (e *Error) classify(header http.Header) {
	info := e.info()
	e.effect = info.effect
	e.RetryAfter = retryAfter(header)
	switch e.Code.canonical() {
	case ErrGatewayInternal, ErrServiceUnavailable, ErrNonceUsed:
		e.transient = true
	case ErrInternalSystem:
		// With status 400 it also means bad parameters: trying again does not help.
		e.transient = e.StatusCode >= 500
	case ErrMailTaskTooFrequent:
		// It asks for a wait of minutes, which is up to the caller.
		e.RetryAfter = minutesIn(e.Message)
	default:
		switch {
		case info.class == ErrThrottled:
			e.transient = true
		case info.class != "":
			// A known refusal: the service would refuse the same request again.
		case e.StatusCode == http.StatusTooManyRequests:
			e.class, e.effect, e.transient = ErrThrottled, refused, true
		case e.StatusCode == http.StatusRequestEntityTooLarge, e.StatusCode == http.StatusRequestURITooLong,
			e.StatusCode == http.StatusRequestHeaderFieldsTooLarge:
			e.class, e.effect = ErrRequestTooLong, refused
		case e.StatusCode == http.StatusProxyAuthRequired: // of a proxy that reads plain HTTP
			e.effect, e.cause = refused, errProxy
		case e.StatusCode == http.StatusRequestTimeout, e.StatusCode >= 500 && e.StatusCode != http.StatusNotImplemented:
			if e.class == "" {
				e.class = ErrUnavailable
			}
			e.transient = true
		}
	}
}

// canonical returns the code as this package spells it.
func (c ErrorCode) canonical() ErrorCode { return c.info().code }

// retryAfter returns the wait that an answer asks for: Retry-After, in seconds or as
// a date, or TimeLeft, in milliseconds, in the gateway's own headers. The longest
// one counts.
func retryAfter(header http.Header) time.Duration {
	var longest time.Duration
	if s := headerValue(header, "Retry-After"); s != "" {
		if d, ok := durationIn(s, time.Second); ok {
			longest = d
		} else if at, err := http.ParseTime(s); err == nil {
			now := time.Now()
			if date, err := http.ParseTime(headerValue(header, "Date")); err == nil {
				now = date // by the clock that set it
			}
			longest = max(0, at.Sub(now))
		}
	}
	for _, name := range [...]string{"X-Ratelimit-User", "X-Ratelimit-User-Api"} {
		for pair := range strings.SplitSeq(headerValue(header, name), ",") {
			key, value, _ := strings.Cut(pair, ":")
			if strings.TrimSpace(key) != "TimeLeft" {
				continue
			}
			if d, ok := durationIn(value, time.Millisecond); ok {
				longest = max(longest, d)
			}
		}
	}
	return longest
}

// durationIn reads a decimal number of units, rounded up. A number that is too large
// for a Duration is the longest one; no policy tries again after it.
func durationIn(s string, unit time.Duration) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789.") != "" { // neither signs nor exponents
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case math.IsInf(n, 1), err == nil && math.Ceil(n) >= float64(math.MaxInt64/int64(unit)):
		return math.MaxInt64, true
	case err != nil:
		return 0, false
	}
	return time.Duration(math.Ceil(n)) * unit, true
}

// minutesIn returns the first number of a message, as minutes.
func minutesIn(message string) time.Duration {
	for digits := range strings.FieldsFuncSeq(message, func(r rune) bool { return r < '0' || r > '9' }) {
		if minutes, err := strconv.ParseUint(digits, 10, 16); err == nil {
			return time.Duration(minutes) * time.Minute
		}
	}
	return 0
}
