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
	"time"
)

// attempt sends one operation. Each run sends it once.
type attempt struct {
	callConfig
	client *Client
	out    answer

	number   int        // of the run, from 1
	status   int        // of the last answer
	cred     Credential // of the last run
	renewed  bool       // the credential has been renewed once
	adjusted bool       // the clock has been set once
	date     string     // the Date header of the last answer
}

func (a *attempt) run(ctx context.Context) *Error {
	c := a.client
	if ctx.Err() != nil {
		e := a.failed(0, nil)
		e.cause = contextError(ctx)
		return e
	}
	if c.limiter != nil {
		if err := c.limiter.Wait(withAction(ctx, a.action)); err != nil {
			return a.unsent(ctx, "waiting for the limiter", limitError(ctx, c.limiter, err))
		}
	}
	cred := a.cred
	if !a.renewed {
		var err error
		if cred, err = c.credentials.credential(ctx); err != nil {
			return a.withoutCredential(ctx, err)
		}
		a.cred = cred
	}
	signed, err := c.signer.Sign(SigningRequest{
		Method:     a.method,
		Host:       c.host,
		Action:     a.action,
		Version:    apiVersion,
		Query:      a.params.query,
		Form:       a.params.form,
		Credential: cred,
		Time:       c.now(),
		Nonce:      newNonce(),
	})
	if err != nil {
		e := a.unsent(ctx, "signing", redactorFor(cred, signed, a.params).causeOf(err))
		e.class = ErrAuthentication
		return e
	}
	switch c.signer.(type) {
	case SignerV3, SignerV1:
	default: // may return the same map twice, or nil
		if signed.Header = maps.Clone(signed.Header); signed.Header == nil {
			signed.Header = make(http.Header, 3)
		}
	}
	e := a.send(ctx, signed)
	if e != nil {
		// Only failures show texts from outside.
		redactorFor(cred, signed, a.params).cleanError(e)
	}
	return e
}

// unsent is the failure of an attempt before anything is sent.
func (a *attempt) unsent(ctx context.Context, doing string, err error) *Error {
	if ctx.Err() != nil {
		err = contextError(ctx)
	}
	e := a.failed(0, nil)
	e.cause = fmt.Errorf("%s: %w", doing, err)
	return e
}

// withoutCredential is the failure of an attempt without a credential. A provider may
// succeed the next time, unless it says otherwise or has used up its time.
func (a *attempt) withoutCredential(ctx context.Context, err error) *Error {
	final := errors.Is(err, ErrAuthentication)
	if text := providerText(err); text != err.Error() {
		err = &opaqueError{text, err}
	}
	e := a.unsent(ctx, "getting a credential", err)
	switch {
	case ctx.Err() != nil:
	case final:
		e.class = ErrAuthentication
	default:
		e.class, e.transient = ErrUnavailable, !errors.Is(err, context.DeadlineExceeded)
		e.cause = &marked{e.cause, errProvider}
	}
	return e
}

// send performs the exchange and decodes the answer.
func (a *attempt) send(ctx context.Context, signed SignedRequest) *Error {
	attemptCtx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	tracedCtx, progress := startProgress(attemptCtx)
	req := a.request(tracedCtx, signed)
	resp, err := a.client.roundTrip(req)
	stage := progress.end()
	if err != nil {
		return a.transportError(ctx, attemptCtx, req, err, stage)
	}
	defer resp.Body.Close()
	a.status = resp.StatusCode
	a.date = headerValue(resp.Header, "Date")
	body, err := readBody(resp, a.client.maxResponseBytes)
	if err == nil {
		err = attemptCtx.Err() // decoding a long answer takes time, too
	}
	if err != nil {
		e := a.transportError(ctx, attemptCtx, req, err, connected)
		e.StatusCode, e.RequestID = resp.StatusCode, headerValue(resp.Header, "X-Acs-Request-Id")
		if tooLarge, ok := errors.AsType[tooLargeError](err); ok {
			e.class, e.cause, e.transient = ErrResponseTooLarge, nil, false
			e.Message = fmt.Sprintf("more than %d bytes", int64(tooLarge))
			e.classify(resp.Header)
		}
		return e
	}
	e := decode(a.operation, resp.StatusCode, resp.Header, body.Bytes(), a.out)
	body.release()
	return e
}

// roundTrip sends req. Without cookies and a timeout, an http.Client does no more than
// its transport: redirects are not followed.
func (c *Client) roundTrip(req *http.Request) (*http.Response, error) {
	hc := c.httpClient
	if hc.Jar != nil || hc.Timeout > 0 {
		return hc.Do(req)
	}
	transport := hc.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(req)
	if err == nil && (resp == nil || resp.Body == nil) {
		return nil, errors.New("the RoundTripper returned no response")
	}
	return resp, err
}

// request builds the HTTP request.
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
			// net/http sends a POST again only if it has written nothing of it.
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(signed.Body)), nil }
		}
	case a.method == http.MethodGet:
		// net/http sends a GET again by itself if a connection turns out to be dead,
		// with the same nonce, which the service then refuses: a lasting fault would
		// arrive six times instead of three, and look like ErrNonceUsed. It does not
		// send a request again whose body it cannot rewind, even an empty one.
		req.Body = emptyBody{}
	}
	return req.WithContext(ctx)
}

// emptyBody is a body with nothing in it.
type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }

var acceptJSON = []string{"application/json"}

// newNonce returns 128 random bits in hex.
func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// repair removes the cause of a refusal, once for each kind of cause, and reports
// whether to send the request again at once.
func (a *attempt) repair(ctx context.Context, e *Error) bool {
	c := a.client
	switch e.Code.canonical() {
	case ErrTimestampExpired:
		date, err := http.ParseTime(a.date)
		if err != nil || a.adjusted || date.Year() < 1990 { // a clock that is not set shows 1970 or 1980
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
