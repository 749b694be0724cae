package quickbi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// Version is the version of this package. It is part of the User-Agent.
	Version = "0.1.0"

	apiVersion           = "2022-01-01"
	defaultRegion        = "cn-hangzhou"
	defaultTimeout       = 10 * time.Second
	longTimeout          = time.Minute
	defaultResponseBytes = 64 << 20
)

// Client calls Quick BI. Make one with [NewClient] and share it: it is safe for
// concurrent use and keeps its connections.
type Client struct {
	scheme, host     string
	httpClient       *http.Client
	credentials      credentialSource
	signer           Signer
	retry            RetryPolicy
	retryWrites      bool
	timeout          time.Duration // of operations that document none
	maxResponseBytes int64
	limiter          Limiter // nil: no limit
	hook             Hook    // nil: none
	userAgent        []string
	hintLanguage     HintLanguage

	// clockOffset is the offset of the service's clock from the local one, in
	// nanoseconds. A refused timestamp tells it.
	clockOffset atomic.Int64
}

// String shows nothing of the client's contents.
func (c *Client) String() string { return "quickbi.Client" }

// GoString shows nothing of the client's contents.
func (c *Client) GoString() string { return c.String() }

// Endpoint returns the URL that the client calls: a scheme and a host.
func (c *Client) Endpoint() *url.URL { return &url.URL{Scheme: c.scheme, Host: c.host} }

// CloseIdleConnections closes connections that no call uses at the moment. Clients
// without an http.Client of their own share their connections.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.httpClient != nil { // made with NewClient
		c.httpClient.CloseIdleConnections()
	}
}

// NewClient returns a client. It needs an option for its credentials: [WithAccessKey],
// [WithSTSToken], [WithCredential] or [WithDefaultCredentials]; of several, the last one
// counts. Without further options it calls the endpoint of cn-hangzhou.
//
// All problems of the options are reported at once.
func NewClient(opts ...Option) (*Client, error) {
	cfg := config{
		client: Client{
			signer:           SignerV3{},
			timeout:          defaultTimeout,
			maxResponseBytes: defaultResponseBytes,
			userAgent:        []string{"quickbi-go/" + Version + " (" + runtime.GOOS + "; " + runtime.Version() + ")"},
		},
		region: defaultRegion,
	}
	var problems []error
	for _, opt := range opts {
		if opt == nil {
			problems = append(problems, errors.New("quickbi: an option is nil"))
		} else if err := opt(&cfg); err != nil {
			problems = append(problems, err)
		}
	}
	c := &cfg.client
	if err := cfg.resolveEndpoint(); err != nil {
		problems = append(problems, err)
	}
	if !cfg.credentials {
		problems = append(problems, errors.New("quickbi: no credentials: give a key with WithAccessKey, "+
			"or let WithDefaultCredentials look for one in environment, files and roles of this machine"))
	}
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	c.retry = c.retry.withDefaults()
	if c.httpClient == nil {
		c.httpClient = &http.Client{Transport: sharedTransport()}
	}
	// A copy, so that the caller's client does not change. A redirect would carry the
	// signature and the parameters to another place.
	own := *c.httpClient
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.httpClient = &own
	return c, nil
}

// access is the effect of an operation. It decides which failures may be retried;
// the HTTP method does not: nearly every read is a POST.
type access uint8

const (
	readAccess   access = iota // changes nothing
	costlyAccess               // changes nothing, but each execution costs something
	writeAccess
)

// operation describes an operation to the client.
type operation struct {
	action            string
	method            string
	access            access
	documentedTimeout time.Duration // 0: the usual one
}

func read(action string) operation { return operation{action: action, method: http.MethodPost} }

func write(action string) operation {
	op := read(action)
	op.access = writeAccess
	return op
}

// costlyRead is a read that takes long and costs something, such as a question to a
// language model. It is sent again only if it was certainly not executed.
func costlyRead(action string) operation {
	op := read(action).within(longTimeout)
	op.access = costlyAccess
	return op
}

// get marks one of the few operations that are documented as GET.
func (op operation) get() operation {
	op.method = http.MethodGet
	return op
}

// within sets a documented timeout that is longer than the usual one.
func (op operation) within(d time.Duration) operation {
	op.documentedTimeout = d
	return op
}

// failed makes the error of an attempt.
func (op operation) failed(status int, header http.Header) *Error {
	return &Error{
		Action:     op.action,
		StatusCode: status,
		RequestID:  headerValue(header, "X-Acs-Request-Id"),
		write:      op.access == writeAccess,
	}
}

// call performs an operation. Every method of Client is one call of call.
func call[R any](ctx context.Context, c *Client, op operation, in any, opts []CallOption) (*Response[R], error) {
	cfg, err := configure(c, op, params{}, opts)
	if err != nil {
		return nil, c.inLanguage(err)
	}
	if cfg.params, err = encode(op.action, in, cfg.undocumented); err != nil {
		return nil, c.inLanguage(err)
	}
	if err := c.checkAt(cfg, in); err != nil {
		return nil, c.inLanguage(err)
	}
	out := new(envelope[R])
	if err := c.do(ctx, cfg, out); err != nil {
		return nil, err
	}
	if b, ok := in.(batch[R]); ok {
		return &out.Response, partialError(op, b, &out.Response, c.hintLanguage)
	}
	return &out.Response, nil
}

// checkAt checks what depends on the time at which the request is sent, unless
// the call is told to send what is not documented.
func (c *Client) checkAt(cfg callConfig, in any) error {
	checker, ok := in.(interface {
		checkAt(now time.Time, problem func(parameter, text string))
	})
	if !ok || cfg.undocumented {
		return nil
	}
	found := problems{action: cfg.action}
	if checker.checkAt(c.now(), found.add); len(found.list) == 0 {
		return nil
	}
	return invalidRequest(cfg.action, found.list...)
}

// now is the time by the service's clock, as far as it is known.
func (c *Client) now() time.Time { return time.Now().Add(time.Duration(c.clockOffset.Load())) }

// do sends a call until it succeeds, or must not be sent again.
func (c *Client) do(ctx context.Context, cfg callConfig, out answer) error {
	if ctx == nil {
		return c.inLanguage(invalidRequest(cfg.action, errors.New("the context is nil")))
	}
	a := attempt{client: c, callConfig: cfg, out: out}
	if err := a.observed(ctx, 0, (*attempt).repeat); err != nil {
		return err
	}
	return nil
}
