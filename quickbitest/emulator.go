package quickbitest

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
// do; whoever calls ServeHTTP without an [http.Server] must expect it.
type Emulator struct {
	log   *slog.Logger
	clock func() time.Time
	skew  atomic.Int64 // nanoseconds

	key     gateway.Key // the first permanent one
	gateway *gateway.Gateway
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
	keys   []gateway.Key
	limits map[string]int // calls a second, by action
	clock  func() time.Time
	log    *slog.Logger
}

// WithAccessKey makes the emulator accept the key, instead of the one it accepts
// by itself. The option may be given several times.
func WithAccessKey(id, secret string) Option {
	return func(s *settings) { s.keys = append(s.keys, gateway.Key{ID: id, Secret: secret}) }
}

// WithSTSToken makes the emulator accept temporary credentials, besides the
// permanent ones. The option may be given several times.
func WithSTSToken(id, secret, token string) Option {
	return func(s *settings) { s.keys = append(s.keys, gateway.Key{ID: id, Secret: secret, Token: token}) }
}

// WithClock sets the clock the emulator judges and stamps by; without it the
// clock is [time.Now]. The function must be safe for concurrent use.
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
func WithRateLimit(action string, perSecond int) Option {
	return func(s *settings) {
		if s.limits == nil {
			s.limits = make(map[string]int)
		}
		s.limits[action] = perSecond
	}
}

// NewEmulator returns an emulator without a listener.
func NewEmulator(opts ...Option) *Emulator {
	s := settings{clock: time.Now, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&s)
	}
	permanent := func(k gateway.Key) bool { return k.Token == "" }
	if !slices.ContainsFunc(s.keys, permanent) {
		s.keys = append(s.keys, gateway.Key{ID: AccessKeyID, Secret: AccessKeySecret})
	}
	e := &Emulator{log: s.log, clock: s.clock, gateway: gateway.New(s.keys, s.limits)}
	e.key = s.keys[slices.IndexFunc(s.keys, permanent)]
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

// ServeHTTP answers one call, a browser that wants an embedded page, or a program
// on the same machine that looks after the emulator itself.
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
	req, err := gateway.Read(w, r)
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

	// Noted before it is sent: whoever has the answer finds the call in the journal.
	e.journal.add(Call{
		Time:        now,
		Action:      req.Action,
		Version:     req.Version,
		Method:      req.Method,
		Signature:   req.Scheme,
		AccessKeyID: req.AccessKeyID,
		Nonce:       req.Nonce,
		Query:       gateway.WithoutProtocol(req.Query),
		Form:        gateway.WithoutProtocol(req.Form),
		RequestID:   req.ID,
		Status:      reply.Status,
		Code:        reply.Code,
		Executed:    executed,
	})
	e.log.DebugContext(r.Context(), "call", "action", req.Action, "method", req.Method, "signature", req.Scheme,
		"requestID", req.ID, "status", reply.Status, "code", reply.Code, "executed", executed)

	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	fault.send(w, r, reply)
}

// execute carries out the operation that an admitted request asks for.
func (e *Emulator) execute(req *gateway.Request, now time.Time) (any, error) {
	op, params, err := req.Bind()
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return (&call{organization: e.org, now: now, action: req.Action, op: op, params: params}).play()
}
