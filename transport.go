package quickbi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// stage is how far an attempt got on the way to the service.
type stage uint32

const (
	untold      stage = iota // the transport does not say, or did not begin
	connecting               // none of the following stages has begun
	resolving                // the name of the host, or of the proxy
	dialling                 // TCP
	tunnelling               // connected, perhaps to a proxy
	handshaking              // TLS
	connected                // the request may have been sent
	reused                   // the same, on a connection that was idle
)

// progress records the stage of an attempt. Nothing is sent without a connection, and
// net/http reports one on the goroutine that sends: an attempt that did not get so far
// was certainly not executed.
type progress struct {
	stage atomic.Uint32
	base  context.Context // holds the trace that records the stage
}

func newProgress() *progress {
	p := new(progress)
	p.base = httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn: func(string) { p.stage.Store(uint32(connecting)) },
		GotConn: func(info httptrace.GotConnInfo) {
			if info.WasIdle {
				p.stage.Store(uint32(reused))
			} else {
				p.stage.Store(uint32(connected))
			}
		},
		// net/http connects in the background, and may go on after the attempt has got
		// another connection.
		DNSStart:          func(httptrace.DNSStartInfo) { p.connecting(resolving) },
		ConnectStart:      func(string, string) { p.connecting(dialling) },
		ConnectDone:       func(_, _ string, err error) { p.connectingIf(err == nil, tunnelling) },
		TLSHandshakeStart: func() { p.connecting(handshaking) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { p.connectingIf(err == nil, tunnelling) },
	})
	return p
}

func (p *progress) connecting(to stage) {
	for {
		now := p.stage.Load()
		if now >= uint32(connected) || p.stage.CompareAndSwap(now, uint32(to)) {
			return
		}
	}
}

func (p *progress) connectingIf(ok bool, to stage) {
	if ok {
		p.connecting(to)
	}
}

// progresses are reused: a new one takes a dozen allocations, a used one takes one.
var progresses = sync.Pool{New: func() any { return newProgress() }}

// startProgress returns a context that records the progress of one attempt.
func startProgress(ctx context.Context) (context.Context, *progress) {
	if trace := httptrace.ContextClientTrace(ctx); trace != nil { // of the caller
		p := newProgress()
		own := *httptrace.ContextClientTrace(p.base)
		return httptrace.WithClientTrace(ctx, &own), p
	}
	p := progresses.Get().(*progress)
	return &tracedContext{ctx, p.base}, p
}

// end returns the stage and releases p, unless a connection may still report to it.
func (p *progress) end() stage {
	s := stage(p.stage.Load())
	if s == untold || s == reused {
		p.stage.Store(uint32(untold))
		progresses.Put(p)
	}
	return s
}

// tracedContext is a context that looks for values in another one first.
type tracedContext struct {
	context.Context
	trace context.Context
}

func (c *tracedContext) Value(key any) any {
	if v := c.trace.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// contextError is the reason why ctx ended, with its cause if it has one.
func contextError(ctx context.Context) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return joined{err, cause}
	}
	return err
}

// transportError is the failure of an attempt without a complete answer. attemptCtx is
// ctx with the limit of the attempt.
func (a *attempt) transportError(ctx, attemptCtx context.Context, req *http.Request, err error, s stage) *Error {
	e := a.failed(0, nil)
	e.transient, e.effect = true, unclear
	err = stripURL(err)
	met := a.obstacle(req, err, s)
	switch text := err.Error(); {
	case ctx.Err() != nil: // the caller's context, not the attempt's
		e.transient = false
		err = contextError(ctx)
	case attemptCtx.Err() != nil:
		err = fmt.Errorf("no answer within %v, the limit of an attempt: %w", a.timeout, context.DeadlineExceeded)
	case a.client.httpClient.Timeout > 0 && strings.Contains(text, "Client.Timeout"):
		err = fmt.Errorf("no answer within %v, the Timeout of the http.Client: %w", a.client.httpClient.Timeout, context.DeadlineExceeded)
	case isTimeout(err) && strings.Contains(text, "awaiting response headers"):
		limit := "the ResponseHeaderTimeout of the transport"
		if t, ok := a.client.httpClient.Transport.(*http.Transport); ok {
			limit = fmt.Sprintf("%v, %s", t.ResponseHeaderTimeout, limit)
		}
		err = fmt.Errorf("no answer within %s: %w", limit, context.DeadlineExceeded)
	}
	if met.what != "" {
		e.effect = refused
		e.transient = e.transient && met.passing
		if err = fmt.Errorf("not sent: %s: %w", met.what, err); met.kind != nil {
			err = &marked{err, met.kind}
		}
	}
	e.cause = err
	return e
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// An obstacle is the reason why an attempt was certainly not sent.
type obstacle struct {
	what    string // "" if something may have been sent
	passing bool   // the next attempt may succeed
	kind    error  // a mark for [Error.Hint], or nil
}

// Marks of errors that [Error.Hint] knows.
var (
	errProxy  = errors.New("a proxy is in the way")
	errLookup = errors.New("the name of the host is not found")
	errTLS    = errors.New("the TLS handshake failed")
)

// obstacle finds the obstacle of an attempt.
func (a *attempt) obstacle(req *http.Request, err error, s stage) obstacle {
	host := req.URL.Host
	if s >= connected {
		return obstacle{}
	}
	var (
		op      *net.OpError
		dns     *net.DNSError
		refusal *proxyRefusal
	)
	errors.As(err, &op)
	switch {
	case errors.As(err, &refusal):
		return obstacle{fmt.Sprintf("the proxy %s refused to connect to %s", a.proxy(req), host), refusal.passing(), errProxy}
	case s == untold && !sendable(req.Header):
		return obstacle{"net/http refuses a header", false, nil}
	case errors.As(err, &dns):
		return obstacle{"looking up " + dns.Name, !dns.IsNotFound, errLookup}
	case op != nil && op.Op == "proxyconnect":
		return obstacle{"connecting to the proxy " + a.proxy(req), true, errProxy}
	case untrusted(err):
		return obstacle{"TLS handshake with " + host, false, errTLS}
	case s == untold && (op == nil || op.Op != "dial"):
		return obstacle{}
	case s == resolving:
		return obstacle{"looking up " + host, true, errLookup}
	case s == handshaking:
		// An alert gives a reason; a cut connection does not.
		alert := op != nil && (op.Op == "remote error" || op.Op == "local error")
		return obstacle{"TLS handshake with " + host, !alert, errTLS}
	case s == tunnelling && req.URL.Scheme == "https" && a.proxy(req) != "":
		refusal := proxyRefusal{text: err.Error()} // of a transport of the caller
		return obstacle{fmt.Sprintf("the proxy %s did not connect to %s", a.proxy(req), host), refusal.passing(), errProxy}
	}
	return obstacle{"connecting to " + host, true, nil}
}

// sendable reports whether net/http sends the header.
func sendable(header http.Header) bool {
	for name, values := range header {
		if !isHeaderName(name) {
			return false
		}
		for _, v := range values {
			if !isHeaderValue(v) {
				return false
			}
		}
	}
	return true
}

// proxy returns the host of the proxy that the transport uses for req, if it is known.
func (a *attempt) proxy(req *http.Request) string {
	t, ok := a.client.httpClient.Transport.(*http.Transport)
	if a.client.httpClient.Transport == nil {
		t, ok = http.DefaultTransport.(*http.Transport)
	}
	if !ok || t.Proxy == nil {
		return ""
	}
	if u, err := t.Proxy(req); err == nil && u != nil {
		return u.Host
	}
	return ""
}

// proxyRefusal is the answer of a proxy that does not connect.
type proxyRefusal struct {
	status int // 0: not known
	text   string
}

func (e *proxyRefusal) Error() string { return e.text }

// passing reports whether the proxy may connect the next time.
func (e *proxyRefusal) passing() bool {
	if e.status == 0 { // net/http keeps only the text of the status
		for status := 400; status < 500; status++ {
			if e.text == http.StatusText(status) {
				e.status = status
			}
		}
	}
	switch {
	case e.status == http.StatusRequestTimeout, e.status == http.StatusTooManyRequests:
		return true
	}
	return e.status/100 != 4
}

// onProxyConnect keeps the status of a proxy's answer, which net/http drops.
func onProxyConnect(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{answer.StatusCode, answer.Status}
}

// untrusted reports whether the TLS handshake failed on the client's side: nothing was
// sent, and another attempt does not help.
func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &verification) || errors.As(err, &notTLS) || errors.As(err, &authority) ||
		errors.Is(err, http.ErrSchemeMismatch) // plain HTTP answered
}
