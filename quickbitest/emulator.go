package quickbitest

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// The access key that an emulator accepts unless [WithAccessKey] names another.
const (
	AccessKeyID     = "emulator-id"
	AccessKeySecret = "emulator-secret"
)

// The two signatures that an emulator checks, as [Call.Signature] names them.
const (
	SignatureV1 = gateway.V1 // HMAC-SHA1, everything in parameters
	SignatureV3 = gateway.V3 // ACS3-HMAC-SHA256, in headers
)

// An Emulator is the [http.Handler] that plays Quick BI. It is safe for use by
// several goroutines at once.
//
// A fault that cuts a connection panics with [http.ErrAbortHandler], as handlers
// do; callers of ServeHTTP without an [http.Server] must expect it.
type Emulator struct {
	log   *slog.Logger
	clock func() time.Time
	skew  atomic.Int64 // nanoseconds

	key     gateway.Key // the first permanent one
	gateway *gateway.Gateway
	latency latency
	faults  faults
	journal journal

	// mu guards org and is held while an operation runs: the organization is one
	// thing, and an operation sees and leaves it whole.
	mu  sync.Mutex
	org *organization
}

// An Option changes how an emulator is set up.
type Option func(*settings)

type settings struct {
	gateway gateway.Config
	latency latency
	clock   func() time.Time
	log     *slog.Logger
}

// WithAccessKey makes the emulator accept the key, instead of the one it accepts
// by itself. The option may be given several times. It panics if something is empty.
func WithAccessKey(id, secret string) Option {
	if id == "" || secret == "" {
		panic("quickbitest: WithAccessKey: the id or the secret is empty")
	}
	return func(s *settings) { s.gateway.Keys = append(s.gateway.Keys, gateway.Key{ID: id, Secret: secret}) }
}

// WithSTSToken makes the emulator accept temporary credentials, besides the
// permanent ones. The option may be given several times. It panics if something is empty.
func WithSTSToken(id, secret, token string) Option {
	if id == "" || secret == "" || token == "" {
		panic("quickbitest: WithSTSToken: the id, the secret or the token is empty")
	}
	return func(s *settings) {
		s.gateway.Keys = append(s.gateway.Keys, gateway.Key{ID: id, Secret: secret, Token: token})
	}
}

// WithStrictMethods makes the emulator refuse GET for operations that are documented as
// POST, whatever the signature. Without it, callers who sign by V1 may use either: older
// pages of the documentation show URLs, and some clients send GET by default. Callers who
// sign by V3 always need the documented method.
func WithStrictMethods() Option {
	return func(s *settings) { s.gateway.StrictMethods = true }
}

// WithClock sets the emulator's clock; the default is [time.Now]. The function must be
// safe for concurrent use. A client does not know that clock before its first call:
// with one that is months away, give [quickbi.CallUndocumented] to QueryAuditLog, or
// make another call first.
func WithClock(now func() time.Time) Option {
	return func(s *settings) { s.clock = now }
}

// WithLogger sets where calls are logged, at debug level and without parameters.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) { s.log = l }
}

// DefaultRate is how many calls of one operation the service is documented to
// take from a user in a second, unless it says otherwise.
const DefaultRate = 50

// WithRateLimit makes the emulator take perSecond calls of the action in a second
// from one access key, and refuse the others with Throttling.User. An empty action
// means all operations without a limit of their own; of those that are documented
// to bear less, less is taken. Zero means no limit, as there is without the option.
//
// Seconds pass by the emulator's clock: if that stands still, the first one never ends.
// WithRateLimit panics if the rate is negative or there is no such operation.
func WithRateLimit(action string, perSecond int) Option {
	switch {
	case perSecond < 0:
		panic("quickbitest: WithRateLimit: the rate is negative")
	case action != "" && catalog.Load().Operations[action] == nil:
		panic("quickbitest: WithRateLimit: there is no operation " + action)
	}
	return func(s *settings) { s.gateway.Limits[action] = perSecond }
}

// bodyTimeout is how long the body of a request may take to arrive.
const bodyTimeout = 30 * time.Second

// NewEmulator returns an emulator without a listener.
func NewEmulator(opts ...Option) *Emulator {
	s := settings{clock: time.Now, log: slog.New(slog.DiscardHandler), gateway: gateway.Config{BodyTimeout: bodyTimeout, Limits: make(map[string]int)}}
	for _, opt := range opts {
		opt(&s)
	}
	permanent := func(k gateway.Key) bool { return k.Token == "" }
	if !slices.ContainsFunc(s.gateway.Keys, permanent) {
		s.gateway.Keys = append(s.gateway.Keys, gateway.Key{ID: AccessKeyID, Secret: AccessKeySecret})
	}
	e := &Emulator{log: s.log, clock: s.clock, latency: s.latency, gateway: gateway.New(s.gateway)}
	e.key = s.gateway.Keys[slices.IndexFunc(s.gateway.Keys, permanent)]
	e.org = newOrganization(e.Now())
	return e
}

// AccessKey returns the permanent key that the emulator accepts, the first of several.
func (e *Emulator) AccessKey() (id, secret string) {
	return e.key.ID, e.key.Secret
}

// Now returns the emulator's time: its clock's, moved by [Emulator.SetSkew].
func (e *Emulator) Now() time.Time {
	return e.clock().Add(time.Duration(e.skew.Load()))
}

// SetSkew makes the emulator's clock run ahead of its source, or behind it if d
// is negative. To a client this looks as if its own clock were wrong the other way.
func (e *Emulator) SetSkew(d time.Duration) {
	e.skew.Store(int64(d))
}

// ExpireToken ends the life of a token given by [WithSTSToken].
func (e *Emulator) ExpireToken(token string) {
	e.gateway.Expire(token)
}

// Reset makes the organization what it was before anything was seeded: the owner
// is alone in it. Faults, the clock and the journal of calls stay.
func (e *Emulator) Reset() {
	o := newOrganization(e.Now())
	e.mu.Lock()
	defer e.mu.Unlock()
	e.org = o
}

// ServeHTTP answers one call, a browser that wants an embedded page, or a program on
// the same machine that manages the emulator.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, pagesPath):
		e.servePage(w, r)
	case strings.HasPrefix(r.URL.Path, adminPath):
		e.serveAdmin(w, r)
	default:
		e.serveCall(w, r)
	}
}

// serveCall answers one call.
//
// The order is the gateway's as far as it is known: the request is read and its
// sender established, then the action is looked up and its parameters checked, and
// only then does the operation see the call. Faults come after the signature and
// the rate limit, so that no fault hides a request which the service would not
// have accepted.
func (e *Emulator) serveCall(w http.ResponseWriter, r *http.Request) {
	now := e.Now()
	var (
		fault    Fault
		result   any
		executed bool
	)
	req, err := e.gateway.Read(w, r)
	if err == nil {
		err = e.gateway.Admit(req, now, w.Header())
	}
	if err == nil {
		fault = e.faults.next(req.Action)
		if !fault.skip {
			result, err = e.execute(req, now)
			executed = err == nil
		}
	}
	reply := fault.reply(req, result, err)

	// The journal has the call before the caller has the answer.
	note := Call{
		Time: now, Method: req.Method, Signature: req.Scheme,
		RequestID: req.ID, Status: reply.Status, Code: reply.Code, Executed: executed,
	}
	if req.Signed || catalog.Load().Operations[req.Action] != nil {
		note.Action = req.Action
	}
	if req.Signed {
		note.Version, note.AccessKeyID, note.Nonce = req.Version, req.AccessKeyID, req.Nonce
		note.Query, note.Form = gateway.WithoutProtocol(req.Query), gateway.WithoutProtocol(req.Form)
	}
	e.journal.add(note)
	e.log.DebugContext(r.Context(), "call", "action", note.Action, "method", req.Method, "signature", req.Scheme,
		"requestID", req.ID, "status", reply.Status, "code", reply.Code, "executed", executed)

	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	fault.After(fault.delay+e.latency.sample()).send(w, r, reply)
}

// execute carries out the operation that an admitted request asks for.
func (e *Emulator) execute(req *gateway.Request, now time.Time) (any, error) {
	op, params, err := e.gateway.Bind(req)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return (&call{organization: e.org, now: now, action: req.Action, op: op, params: params}).play()
}
