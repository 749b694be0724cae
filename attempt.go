package quickbi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// attempt sends one operation, once for every run.
type attempt struct {
	callConfig
	client *Client
	out    answer

	cred     Credential // of the last run
	renewed  bool       // the credential has been renewed once
	adjusted bool       // the clock has been set once
	date     string     // the Date header of the last answer
}

func (a *attempt) run(ctx context.Context) *Error {
	c, op := a.client, a.operation
	if err := ctx.Err(); err != nil { // nothing sent yet by this run
		e := op.transportError(ctx, err, a.timeout)
		e.effect = refused
		return e
	}
	if c.limiter != nil {
		if err := c.limiter.Wait(ctx); err != nil {
			return a.unsent(ctx, fmt.Errorf("waiting for the rate limit: %w", limitError(ctx, err)))
		}
	}
	cred := a.cred
	if !a.renewed {
		var err error
		if cred, err = c.credentials.credential(ctx); err != nil {
			return a.unsent(ctx, credentialError(err))
		}
		a.cred = cred
	}
	signed, err := c.signer.Sign(SigningRequest{
		Method:     op.method,
		Host:       c.host,
		Action:     op.action,
		Version:    apiVersion,
		Query:      a.params.query,
		Form:       a.params.form,
		Credential: cred,
		Time:       time.Now().Add(time.Duration(c.clockOffset.Load())),
		Nonce:      newNonce(),
	})
	if err != nil {
		return a.unsent(ctx, fmt.Errorf("signing: %w", redactorFor(cred, signed, a.params).causeOf(err)))
	}
	e := a.send(ctx, signed)
	if e != nil {
		// Only a failure shows texts from outside.
		redactorFor(cred, signed, a.params).cleanError(e)
	}
	return e
}

// unsent is the failure of an attempt before anything was sent.
func (a *attempt) unsent(ctx context.Context, err error) *Error {
	e := a.failed(0, nil)
	e.class, e.cause = ErrAuthentication, err
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		e.class = ""
	}
	return e
}

// limitError makes the limiter's refusal to wait past the deadline one that callers can match.
func limitError(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		if _, ok := ctx.Deadline(); ok {
			return context.DeadlineExceeded
		}
	}
	return err
}

// credentialError hides what the text of a provider's failure may hold.
func credentialError(err error) error {
	return fmt.Errorf("getting a credential: %w", new(redactor).causeOf(stripURL(err)))
}

// send performs the exchange and decodes the answer.
func (a *attempt) send(ctx context.Context, signed SignedRequest) *Error {
	c, op := a.client, a.operation
	attemptCtx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	resp, err := c.httpClient.Do(a.request(attemptCtx, signed))
	if err != nil {
		return op.transportError(ctx, stripURL(err), a.timeout)
	}
	defer resp.Body.Close()
	a.date = headerValue(resp.Header, "Date")
	body, err := readBody(resp, c.maxResponseBytes)
	if err != nil {
		e := op.transportError(ctx, stripURL(err), a.timeout)
		e.StatusCode, e.RequestID = resp.StatusCode, headerValue(resp.Header, "X-Acs-Request-Id")
		if errors.Is(err, ErrResponseTooLarge) {
			e.class, e.cause, e.transient = ErrResponseTooLarge, nil, false
			e.Message = fmt.Sprintf("more than %d bytes", c.maxResponseBytes)
		}
		return e
	}
	e := decode(op, resp.StatusCode, resp.Header, body.Bytes(), a.out)
	if e != nil && e.class != ErrNotPerformed {
		e.classify(resp.Header)
	}
	body.release()
	return e
}

// request builds what is sent.
func (a *attempt) request(ctx context.Context, signed SignedRequest) *http.Request {
	c := a.client
	signed.Header["Accept"] = acceptJSON
	signed.Header["User-Agent"] = c.userAgent
	maps.Copy(signed.Header, a.header)
	req := &http.Request{
		Method:     a.method,
		URL:        &url.URL{Scheme: c.scheme, Host: c.host, Path: "/", RawQuery: signed.RawQuery},
		Host:       c.host,
		Header:     signed.Header,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
	}
	switch {
	case len(signed.Body) > 0:
		req.ContentLength = int64(len(signed.Body))
		req.Body = io.NopCloser(bytes.NewReader(signed.Body))
		if a.method == http.MethodPost {
			// net/http sends a POST again only if nothing of it had been written.
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(signed.Body)), nil }
		}
	case a.method == http.MethodGet:
		// net/http sends a GET again by itself when a connection turns out to be
		// dead, with the same nonce, which the service then refuses. It cannot do
		// so with a body that it knows no way to rewind, even if it is empty.
		req.Body = io.NopCloser(strings.NewReader(""))
	}
	return req.WithContext(ctx)
}

var acceptJSON = []string{"application/json"}

// newNonce returns 128 random bits in hex.
func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// repair mends what made the service refuse the request unexecuted, once for
// each cause, and reports whether it makes sense to send it again at once.
func (a *attempt) repair(ctx context.Context, e *Error) bool {
	c := a.client
	switch e.Code.canonical() {
	case ErrTimestampExpired:
		date, err := http.ParseTime(a.date)
		if err != nil || a.adjusted {
			return false
		}
		a.adjusted = true
		c.clockOffset.Store(int64(time.Until(date)))
		return true
	case ErrSecurityTokenExpired, ErrSecurityTokenMalformed, ErrSecurityTokenMismatch, ErrAccessKeyNotFound, ErrAccessKeyInactive:
		if a.renewed {
			return false
		}
		newer, err := c.credentials.renew(ctx, a.cred)
		if err != nil || newer.equal(a.cred) {
			return false
		}
		a.cred, a.renewed = newer, true
		return true
	}
	return false
}
