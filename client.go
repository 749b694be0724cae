package quickbi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aliyun/credentials-go/credentials"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/time/rate"
)

const (
	// Version is the version of this package. It is part of the User-Agent.
	Version = "0.1.0"

	apiVersion           = "2022-01-01"
	defaultRegion        = "cn-hangzhou"
	defaultTimeout       = 10 * time.Second
	defaultResponseBytes = 64 << 20
)

// regions are those with a public endpoint, quickbi-public.<region>.aliyuncs.com.
var regions = []string{
	"ap-northeast-1", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "cn-hangzhou", "cn-hongkong",
	"cn-shanghai-finance-1", "eu-central-1", "me-central-1", "us-east-1",
}

// Client calls Quick BI. Make one with [NewClient] and share it: it is safe for
// concurrent use and keeps its connections.
type Client struct {
	scheme, host     string
	httpClient       *http.Client
	credentials      credentialSource
	signer           Signer
	retry            RetryPolicy
	retryWrites      bool
	timeout          time.Duration // 0: per operation
	maxResponseBytes int64
	limiter          *rate.Limiter // nil: no limit
	logger           *slog.Logger  // nil: no log
	userAgent        []string
	hintLanguage     HintLanguage

	// clockOffset is what to add to the local clock to get the service's, in
	// nanoseconds. It is learnt from a refused timestamp.
	clockOffset atomic.Int64
}

// String does not show what the client holds.
func (c *Client) String() string { return "quickbi.Client" }

// GoString does not show what the client holds.
func (c *Client) GoString() string { return c.String() }

// NewClient returns a client. Without options it takes its credentials from the
// default chain of credentials-go (environment, OIDC role, configuration files,
// RAM role of the machine) and calls the endpoint of cn-hangzhou.
//
// All problems of the options are reported at once.
func NewClient(opts ...Option) (*Client, error) {
	cfg := config{
		client: Client{
			signer:           SignerV3{},
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
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	if c.credentials == nil {
		c.credentials = defaultSource()
	}
	c.retry = c.retry.withDefaults()
	if c.httpClient == nil {
		c.httpClient = &http.Client{Transport: newTransport()}
	}
	// A copy of its own: the caller's stays as it is. A redirect would carry the
	// signature, and the parameters, to another place.
	own := *c.httpClient
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.httpClient = &own
	return c, nil
}

// newTransport is http.DefaultTransport for one host and many goroutines. All
// other things, such as the proxy of the environment and HTTP/2, stay as usual.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// Shorter than the timeout of an attempt: a connection that never comes
		// about is then known as such, and the call can be sent again.
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// An Option configures a [Client].
type Option func(*config) error

type config struct {
	client       Client
	region       string
	endpoint     string
	insecureHTTP bool
}

func (cfg *config) resolveEndpoint() error {
	if cfg.endpoint == "" {
		cfg.client.scheme, cfg.client.host = "https", "quickbi-public."+cfg.region+".aliyuncs.com"
		return nil
	}
	text := cfg.endpoint
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // its text repeats the URL, which may hold a password
		return errors.New("quickbi: WithEndpoint: not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("quickbi: WithEndpoint: scheme %q is neither https nor http", u.Scheme)
	case u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("quickbi: WithEndpoint: wants a scheme, a host and a port, nothing else")
	case u.Scheme == "http" && !cfg.insecureHTTP && !isLoopback(u.Hostname()):
		return fmt.Errorf("quickbi: WithEndpoint: plain http to %s would show parameters and tokens to anyone on the way; use https, or allow it with WithInsecureHTTP", u.Hostname())
	}
	cfg.client.scheme, cfg.client.host = u.Scheme, u.Host
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// WithAccessKey calls with the key of an Alibaba Cloud account or RAM user. The
// user must be an administrator of the Quick BI organization, or be allowed to
// call its API, and have logged in to Quick BI once. A key made on Quick BI's
// own organization page does not work.
func WithAccessKey(id, secret string) Option { return withKey("WithAccessKey", id, secret, nil) }

// WithSTSToken calls with a temporary key of the Security Token Service.
func WithSTSToken(id, secret, token string) Option {
	return withKey("WithSTSToken", id, secret, &token)
}

func withKey(option, id, secret string, token *string) Option {
	return func(cfg *config) error {
		if id == "" || secret == "" || token != nil && *token == "" {
			return fmt.Errorf("quickbi: %s: a part is empty", option)
		}
		for _, s := range []string{id, secret, deref(token)} {
			if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
				return fmt.Errorf("quickbi: %s: a part holds a blank or a control character", option)
			}
		}
		cred := &fixedSource{AccessKeyID: id, AccessKeySecret: NewSecret(secret)}
		if token != nil {
			cred.SecurityToken = NewSecret(*token)
		}
		cfg.client.credentials = cred
		return nil
	}
}

// WithCredential calls with what a credentials-go provider yields: a RAM role,
// an OIDC role, a bearer token, … The provider is asked once for each attempt,
// by one goroutine at a time, and must not be used elsewhere meanwhile:
// credentials-go is not safe for concurrent use.
func WithCredential(provider credentials.Credential) Option {
	return func(cfg *config) error {
		if provider == nil {
			return errors.New("quickbi: WithCredential: the provider is nil")
		}
		cfg.client.credentials = &providerSource{cred: provider}
		return nil
	}
}

// WithRegion calls the public endpoint of a region; the default is cn-hangzhou.
func WithRegion(region string) Option {
	return func(cfg *config) error {
		if !slices.Contains(regions, region) {
			return fmt.Errorf("quickbi: WithRegion: no public endpoint in %q; there is one in %s (for another host, use WithEndpoint)",
				region, strings.Join(regions, ", "))
		}
		cfg.region = region
		return nil
	}
}

// WithEndpoint calls another host than the region's public one: a VPC endpoint
// such as quickbi-public-vpc.cn-hangzhou.aliyuncs.com, or an emulator. Without a
// scheme it means https. Plain http is refused except on this machine, see
// [WithInsecureHTTP].
func WithEndpoint(url string) Option {
	return func(cfg *config) error {
		if url == "" {
			return errors.New("quickbi: WithEndpoint: the URL is empty")
		}
		cfg.endpoint = url
		return nil
	}
}

// WithInsecureHTTP allows an endpoint with plain http on another machine.
// Everybody on the way can then read parameters, results and tokens.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecureHTTP = true
		return nil
	}
}

// WithHTTPClient sends through hc: its transport (proxy, TLS, tracing), its
// cookies and its timeout are kept, only redirects are never followed. hc itself
// is not changed.
func WithHTTPClient(hc *http.Client) Option {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("quickbi: WithHTTPClient: the client is nil")
		}
		cfg.client.httpClient = hc
		return nil
	}
}

// WithSigner signs with s; the default is [SignerV3].
func WithSigner(s Signer) Option {
	return func(cfg *config) error {
		if s == nil {
			return errors.New("quickbi: WithSigner: the signer is nil")
		}
		cfg.client.signer = s
		return nil
	}
}

// WithRetryPolicy sets how often and how long after a failure a call is tried again.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(cfg *config) error {
		cfg.client.retry = p
		return p.validate()
	}
}

// WithRetryWrites tries writes again, too, after a failure that leaves open
// whether they were executed. A write may then be executed twice. That is
// harmless where the second execution changes nothing; it is not for AddUser,
// CreateTicket and others, whose second execution makes another object or fails
// although the first succeeded; such a failure matches [ErrOutcomeUnknown].
func WithRetryWrites() Option {
	return func(cfg *config) error {
		cfg.client.retryWrites = true
		return nil
	}
}

// WithTimeout bounds each attempt of a call, from connecting to the last byte
// of the answer; the context bounds the call as a whole, with its waits. The
// default is 10 seconds, and 60 for QueryData and QueryDataService, as documented.
func WithTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		if d <= 0 {
			return errors.New("quickbi: WithTimeout: not a positive duration")
		}
		cfg.client.timeout = d
		return nil
	}
}

// WithMaxResponseBytes bounds the answers, unpacked; the default is 64 MiB. A
// longer one is [ErrResponseTooLarge].
func WithMaxResponseBytes(n int64) Option {
	return func(cfg *config) error {
		if n <= 0 {
			return errors.New("quickbi: WithMaxResponseBytes: not a positive number")
		}
		cfg.client.maxResponseBytes = n
		return nil
	}
}

// WithRateLimit sends no more than so many requests a second, in bursts of no
// more than burst; calls wait for their turn. The service documents 50 a second
// for each operation. The default is not to limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return errors.New("quickbi: WithRateLimit: wants a positive rate and a burst of at least 1")
		}
		cfg.client.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithLogger logs every attempt: its operation, number, HTTP status, code,
// request id and duration, never a parameter, header or result. Successes are
// logged at level Debug, failures at Warn.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		if logger == nil {
			return errors.New("quickbi: WithLogger: the logger is nil")
		}
		cfg.client.logger = logger
		return nil
	}
}

// WithUserAgent appends the name of the program, such as "hrsync/2.1", to the User-Agent.
func WithUserAgent(product string) Option {
	return func(cfg *config) error {
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("quickbi: WithUserAgent: wants printable ASCII")
		}
		cfg.client.userAgent = []string{cfg.client.userAgent[0] + " " + product}
		return nil
	}
}

// operation is all that the client must know of an operation to call it. Which
// failures may be retried depends on write, never on the HTTP method: nearly
// every read is a POST here.
type operation struct {
	action  string
	method  string
	write   bool
	timeout time.Duration
}

func read(action string) operation {
	return operation{action: action, method: http.MethodPost, timeout: defaultTimeout}
}

func write(action string) operation {
	op := read(action)
	op.write = true
	return op
}

// get marks one of the few operations that are documented as GET.
func (op operation) get() operation {
	op.method = http.MethodGet
	return op
}

// within sets the documented timeout.
func (op operation) within(d time.Duration) operation {
	op.timeout = d
	return op
}

// failed starts the error of an attempt.
func (op operation) failed(status int, header http.Header) *Error {
	return &Error{
		Action:     op.action,
		StatusCode: status,
		RequestID:  headerValue(header, "X-Acs-Request-Id"),
		write:      op.write,
	}
}

// call performs an operation. Every method of Client is one call of call.
func call[R any](ctx context.Context, c *Client, op operation, in any) (*Response[R], error) {
	p, err := encode(op.action, in)
	if err != nil {
		return nil, err
	}
	out := new(envelope[R])
	if err := c.do(ctx, op, p, out); err != nil {
		return nil, err
	}
	return &out.Response, nil
}

// A DoOption says of an operation called with [Client.Do] what its documentation says.
type DoOption func(*operation, *params)

// AsRead says that the operation changes nothing, so that it may be tried again
// after any passing failure.
func AsRead() DoOption { return func(op *operation, _ *params) { op.write = false } }

// AsGet sends the operation with GET instead of POST.
func AsGet() DoOption { return func(op *operation, _ *params) { op.method = http.MethodGet } }

// InBody says which parameters travel in the body instead of the query.
func InBody(names ...string) DoOption {
	return func(_ *operation, p *params) {
		for _, name := range names {
			if v, ok := p.query[name]; ok {
				if p.form == nil {
					p.form = url.Values{}
				}
				p.form[name] = v
				delete(p.query, name)
			}
		}
	}
}

// Do calls an operation that this package has no method for, yet. It is signed,
// limited, retried and checked like any other; without [AsRead] it counts as a
// write. The Result of the answer is decoded into out, a pointer, unless out is nil.
func (c *Client) Do(ctx context.Context, action string, parameters url.Values, out any, opts ...DoOption) error {
	if action == "" {
		return invalidRequest("Do", errors.New("the action is empty"))
	}
	op := write(action)
	p := params{query: make(url.Values, len(parameters))}
	for name, v := range parameters {
		p.query[name] = v
	}
	for _, opt := range opts {
		if opt != nil {
			opt(&op, &p)
		}
	}
	var answer envelope[jsontext.Value]
	if err := c.do(ctx, op, p, &answer); err != nil {
		return err
	}
	if out == nil || len(answer.Result) == 0 {
		return nil
	}
	if json.Unmarshal(answer.Result, out, decodeOptions) == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, out, tolerantOptions()); err != nil {
		e := op.failed(http.StatusOK, nil)
		// The operation was performed: only its result cannot be shown.
		e.class, e.RequestID, e.Message = ErrInvalidResponse, answer.RequestID, describe(err)
		e.hintLanguage = c.hintLanguage
		return e
	}
	return nil
}

// do sends the operation until it succeeds, or may not or need not be sent again.
func (c *Client) do(ctx context.Context, op operation, p params, out answer) error {
	if c == nil || c.httpClient == nil {
		return invalidRequest(op.action, errors.New("the client was not made with NewClient"))
	}
	if ctx == nil {
		return invalidRequest(op.action, errors.New("the context is nil"))
	}
	timeout := op.timeout
	if c.timeout > 0 {
		timeout = c.timeout
	}
	a := attempt{client: c, op: op, params: p, out: out, timeout: timeout}
	lost := false // an attempt may have been executed, whatever is known of the later ones
	for n := 1; ; n++ {
		started := time.Now()
		err := a.run(ctx)
		if c.logger != nil {
			c.log(ctx, op, n, time.Since(started), out, err)
		}
		if err == nil {
			return nil
		}
		err.Attempts, err.hintLanguage = n, c.hintLanguage
		if lost = lost || err.effect == unclear; lost {
			err.effect = unclear
		}
		out.reset() // of what this attempt decoded
		if a.repair(ctx, err) {
			continue
		}
		if !c.retryable(op, err) {
			return err
		}
		delay, again := c.retry.delay(n, err)
		if !again {
			return err
		}
		if werr := wait(ctx, delay); werr != nil {
			return &Error{Action: op.action, Attempts: n, write: op.write, effect: err.effect, cause: joined{werr, err}}
		}
	}
}

// attempt sends one operation, once for every run.
type attempt struct {
	client  *Client
	op      operation
	params  params
	out     answer
	timeout time.Duration

	cred     Credential // of the last run
	renewed  bool       // the credential has been renewed once
	adjusted bool       // the clock has been set once
	date     string     // the Date header of the last answer
}

func (a *attempt) run(ctx context.Context) *Error {
	c, op := a.client, a.op
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
	e := a.op.failed(0, nil)
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
	c, op := a.client, a.op
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
	req := &http.Request{
		Method:     a.op.method,
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
		if a.op.method == http.MethodPost {
			// net/http sends a POST again only if nothing of it had been written.
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(signed.Body)), nil }
		}
	case a.op.method == http.MethodGet:
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

func (c *Client) log(ctx context.Context, op operation, n int, took time.Duration, out answer, e *Error) {
	attrs := []slog.Attr{slog.String("action", op.action), slog.Int("attempt", n), slog.Duration("duration", took)}
	if e == nil {
		requestID, _, _, _ := out.parts()
		c.logger.LogAttrs(ctx, slog.LevelDebug, "quickbi call", append(attrs, slog.String("request", requestID))...)
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "quickbi call failed", append(attrs, slog.Int("status", e.StatusCode),
		slog.String("code", string(e.Code)), slog.String("request", e.RequestID), slog.Bool("transient", e.transient))...)
}
