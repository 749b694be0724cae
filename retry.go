package quickbi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryPolicy says how often and how long after a failure a call is tried
// again. The zero value of a field means its default.
//
// What is retried does not depend on it: a refusal that proves that nothing was
// executed (throttling, a connection that never came about) for every operation;
// a failure that leaves it open (a lost answer, a timeout, a 5xx status) for
// reads, and for writes only with [WithRetryWrites]. A read that calls a language
// model is never retried in the latter case.
type RetryPolicy struct {
	MaxAttempts int           // in all; default 3, 1 for no retries
	BaseDelay   time.Duration // upper bound of the first wait, doubled for each further one; default 200 ms
	MaxDelay    time.Duration // upper bound of every wait; default 20 s. A service that asks for a longer one is not retried
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

// delay returns how long to wait after the given attempt (1, 2, …) failed with
// e, and whether to try again at all.
func (p RetryPolicy) delay(attempt int, e *Error) (time.Duration, bool) {
	if attempt >= p.MaxAttempts || e.RetryAfter > p.MaxDelay {
		return 0, false
	}
	// Exponential with full jitter: spreading callers over the whole interval
	// empties a congested service soonest.
	ceiling := p.MaxDelay
	if shift := attempt - 1; shift < 32 && p.BaseDelay<<shift > 0 {
		ceiling = min(ceiling, p.BaseDelay<<shift)
	}
	return max(rand.N(ceiling+1), e.RetryAfter), true
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

// wait sleeps, unless ctx ends first or would: then there is no use in sleeping.
func wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// classify fills in what follows from a refusal: by its code as far as that is
// known, whatever the status, because the service answers the same codes with
// different ones.
func (e *Error) classify(header http.Header) {
	info := e.Code.info()
	e.effect = info.effect
	e.RetryAfter = retryAfter(header)
	switch e.Code.canonical() {
	case ErrGatewayInternal, ErrServiceUnavailable, ErrNonceUsed:
		e.transient = true
	case ErrInternalSystem:
		// Under 400 it answers bad parameters, too; trying again would not help.
		e.transient = e.StatusCode >= 500
	case ErrMailTaskTooFrequent:
		// It asks for minutes: the caller's to wait, not ours.
		e.RetryAfter = minutesIn(e.Message)
	default:
		switch {
		case info.class == ErrThrottled:
			e.transient = true
		case info.class != "":
			// A known refusal: the same request would be refused again.
		case e.StatusCode == http.StatusTooManyRequests:
			e.class, e.effect, e.transient = ErrThrottled, refused, true
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

// retryAfter returns the wait that an answer asks for: Retry-After, in seconds
// or as a date, or the TimeLeft of the gateway's own headers, which is in
// milliseconds. The longest of them counts.
func retryAfter(header http.Header) time.Duration {
	var longest time.Duration
	if s := headerValue(header, "Retry-After"); s != "" {
		if seconds, err := strconv.ParseUint(s, 10, 32); err == nil {
			longest = time.Duration(seconds) * time.Second
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
			if ms, err := strconv.ParseUint(strings.TrimSpace(value), 10, 32); err == nil {
				longest = max(longest, time.Duration(ms)*time.Millisecond)
			}
		}
	}
	return longest
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

// transportError is the failure of an attempt that got no answer, or no whole one.
func (op operation) transportError(ctx context.Context, err error, timeout time.Duration) *Error {
	e := op.failed(0, nil)
	e.cause, e.effect, e.transient = err, unclear, true
	switch {
	case ctx.Err() != nil: // the caller's context, not the attempt's
		e.transient = false
		e.cause = ctx.Err()
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, e.cause) {
			e.cause = joined{e.cause, cause}
		}
	case neverConnected(err): // also for want of time: a dialer's timeout matches DeadlineExceeded
		e.effect = refused
	case errors.Is(err, context.DeadlineExceeded):
		e.cause = fmt.Errorf("no answer within %v: %w", timeout, context.DeadlineExceeded)
	case untrusted(err):
		e.effect, e.transient = refused, false
	}
	return e
}

// neverConnected reports whether err proves that no connection came about, and
// so that nothing was sent.
func neverConnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// untrusted reports whether the TLS handshake failed on our side: nothing was
// sent, and nothing will change by trying again.
func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &verification) || errors.As(err, &notTLS) || errors.As(err, &authority) ||
		errors.Is(err, http.ErrSchemeMismatch) // plain HTTP answered
}
