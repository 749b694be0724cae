package quickbi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// What the tests with faults need: an emulator, a way to it that can be
// disturbed, and the disturbances.

// A site is an emulator and the way to it.
type site struct {
	t            *testing.T
	server       *quickbitest.Server
	endpoint     string
	transport    *http.Transport
	certificates []tls.Certificate // of the server, after overTLS
	options      []quickbi.Option  // that the fault needs
	warmedUp     func()            // called when the client has a connection to keep, if that is needed
	elsewhere    atomic.Int32      // requests that went to a host nobody named
}

// The temporary keys that the emulator of a site accepts. Secrets and tokens have
// marks, by which the tests of secrets find them wherever they show.
const (
	firstKey, firstToken   = "STS.first", "TOKEN-mark/+=-of-the-first"
	secondKey, secondToken = "STS.second", "TOKEN-mark/+=-of-the-second"
	temporarySecret        = "SECRET-mark/+=-of-both"
)

func newSite(t *testing.T) *site {
	server := quickbitest.NewServer(
		quickbitest.WithSTSToken(firstKey, temporarySecret, firstToken),
		quickbitest.WithSTSToken(secondKey, temporarySecret, secondToken))
	s := &site{t: t, server: server, endpoint: server.URL, transport: &http.Transport{}}
	t.Cleanup(server.Close)
	t.Cleanup(s.transport.CloseIdleConnections)
	return s
}

// client returns a client for the way that the fault has left.
func (s *site) client(opts ...quickbi.Option) *quickbi.Client {
	return s.server.Client(append([]quickbi.Option{
		quickbi.WithEndpoint(s.endpoint),
		quickbi.WithHTTPClient(&http.Client{Transport: s.transport}),
		quickbi.WithRetryPolicy(quickbi.RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: 50 * time.Millisecond}),
		quickbi.WithMaxResponseBytes(1 << 20),
	}, append(opts, s.options...)...)...)
}

// A fault is a way for calls to go wrong.
type fault struct {
	name string
	// set makes the next calls, as many as times says, go wrong, or all if times is negative.
	set    func(s *site, times int)
	once   bool // it does not last by its nature
	unsent bool // nothing can have been sent, which the error must say
}

// faults are all of them, in the order of a call's way.
var faults = []fault{
	{name: "the limiter fails", unsent: true, set: func(s *site, times int) {
		s.options = append(s.options, quickbi.WithLimiter(&failingLimiter{times}))
	}},
	{name: "the credentials provider fails", unsent: true, set: func(s *site, times int) {
		s.options = append(s.options, quickbi.WithCredential(&failingProvider{times: times}))
	}},
	{name: "the credential ends with a line break", unsent: true, set: func(s *site, _ int) {
		s.options = append(s.options, quickbi.WithCredential(&failingProvider{ending: "\n"}))
	}},
	{name: "the name is not resolved", unsent: true, set: func(s *site, times int) { s.dial(times, unresolvedDial) }},
	{name: "connection refused", unsent: true, set: func(s *site, times int) { s.dial(times, refusedDial) }},
	{name: "connecting takes too long", unsent: true, set: func(s *site, times int) { s.dial(times, lateDial) }},
	{name: "connecting takes longer than the attempt may", unsent: true, set: func(s *site, times int) {
		s.options = append(s.options, quickbi.WithTimeout(time.Second))
		s.dial(times, endlessDial)
	}},
	{name: "the proxy cannot be reached", unsent: true, set: func(s *site, _ int) { s.behindProxy(0, -1) }},
	{name: "the proxy refuses, 403", unsent: true, set: func(s *site, times int) { s.behindProxy(http.StatusForbidden, times) }},
	{name: "the proxy refuses, 407", unsent: true, set: func(s *site, times int) { s.behindProxy(http.StatusProxyAuthRequired, times) }},
	{name: "the proxy refuses, 502", unsent: true, set: func(s *site, times int) { s.behindProxy(http.StatusBadGateway, times) }},
	{name: "the proxy refuses, 503", unsent: true, set: func(s *site, times int) { s.behindProxy(http.StatusServiceUnavailable, times) }},
	{name: "TLS: the certificate is not trusted", unsent: true, set: func(s *site, _ int) { s.overTLS().RootCAs = x509.NewCertPool() }},
	{name: "TLS: the server does not speak it", unsent: true, set: func(s *site, _ int) { s.endpoint = strings.Replace(s.server.URL, "http:", "https:", 1) }},
	{name: "TLS: the handshake is cut off", unsent: true, set: func(s *site, times int) { s.overTLS(); s.through(times, hangUp) }},
	{name: "TLS: the handshake is refused", unsent: true, set: func(s *site, times int) { s.overTLS(); s.through(times, alert) }},
	{name: "TLS: the handshake takes too long", unsent: true, set: func(s *site, times int) {
		s.overTLS()
		s.transport.TLSHandshakeTimeout = 2 * time.Second
		s.through(times, silence)
	}},
	{name: "dropped before the request", set: func(s *site, times int) { s.through(times, hangUp) }},
	{name: "dropped during the request", set: func(s *site, times int) { s.through(times, hangUpDuringRequest) }},
	{name: "a kept connection is dropped before the request", once: true, set: func(s *site, _ int) {
		s.through(1, hangUpOnSecondRequest)
		s.warmedUp = func() {}
	}},
	{name: "a kept connection is dropped after the request, executed", set: func(s *site, times int) {
		s.warmedUp = func() { s.server.Fail("", quickbitest.DropAfter(), times) }
	}},
	{name: "dropped after the request, not executed", set: planted(quickbitest.DropBefore())},
	{name: "dropped after the request, executed", set: planted(quickbitest.DropAfter())},
	{name: "dropped after half the answer", set: planted(quickbitest.Truncate())},
	{name: "HTTP/2: the server goes away, not executed", once: true, set: func(s *site, times int) { s.overHTTP2(times, goAwayBefore) }},
	{name: "HTTP/2: the server goes away, executed", set: func(s *site, times int) { s.overHTTP2(times, insteadOfAnswer(goAway)) }},
	{name: "HTTP/2: the stream is reset, executed", set: func(s *site, times int) { s.overHTTP2(times, insteadOfAnswer(resetStream)) }},
	{name: "no answer before the timeout", set: func(s *site, times int) {
		s.options = append(s.options, quickbi.WithTimeout(time.Second))
		s.server.Fail("", quickbitest.Delay(time.Hour), times) // the emulator stops when the client has gone
	}},
	{name: "the request is delivered twice", once: true, set: func(s *site, times int) { s.through(times, deliverTwice) }},
	{name: "429", set: planted(quickbitest.Raw(429, "text/plain", "slow down"))},
	{name: "407 of a proxy that reads plain HTTP", set: planted(quickbitest.Raw(407, "text/html", "<html>proxy login"))},
	{name: "413, too long", set: planted(quickbitest.Raw(413, "text/html", "<html>Request Entity Too Large"))},
	{name: "414, too long", set: planted(quickbitest.Raw(414, "text/html", "<html>Request-URI Too Large"))},
	{name: "431, too long", set: planted(quickbitest.Raw(431, "text/plain", ""))},
	{name: "throttled, no hint", set: planted(quickbitest.Refuse("Throttling.User"))},
	{name: "throttled, with a hint", set: planted(quickbitest.Refuse("Throttling.Api").WithHeader("X-Ratelimit-User-Api", "Limit:1,Remain:0,TimeLeft:5,Reset:1"))},
	{name: "throttled, for longer than the policy waits", set: planted(quickbitest.Refuse("Throttling").WithStatus(429).WithHeader("Retry-After", "3600"))},
	{name: "500, not executed", set: planted(quickbitest.Raw(500, "text/plain", ""))},
	{name: "500, executed", set: planted(quickbitest.Refuse("InternalError").Executed())},
	{name: "502 with HTML, not executed", set: planted(quickbitest.Raw(502, "text/html", "<html><h1>Bad Gateway"))},
	{name: "502 with HTML, executed", set: planted(quickbitest.Raw(502, "text/html", "<html><h1>Bad Gateway").Executed())},
	{name: "502 with a code that begins with Invalid, executed", set: planted(quickbitest.Refuse("InvalidBackendReply").WithStatus(502).Executed())},
	{name: "503, not executed", set: planted(quickbitest.Refuse("ServiceUnavailable"))},
	{name: "503, executed", set: planted(quickbitest.Refuse("ServiceUnavailable").Executed())},
	{name: "`Success: false` without a code", set: planted(quickbitest.Unsuccessful())},
	{name: "the clock is an hour slow", set: func(s *site, _ int) { s.server.SetSkew(time.Hour) }},
	{name: "the clock is an hour fast", set: func(s *site, _ int) { s.server.SetSkew(-time.Hour) }},
	{name: "every timestamp is refused", set: planted(quickbitest.Refuse("InvalidTimeStamp.Expired"))},
	{name: "the token has expired", set: func(s *site, times int) {
		s.options = append(s.options, quickbi.WithCredential(new(renewingProvider)))
		s.server.ExpireToken(firstToken)
		if times < 0 {
			s.server.ExpireToken(secondToken)
		}
	}},
	{name: "the nonce was used", set: planted(quickbitest.Refuse("SignatureNonceUsed"))},
	{name: "the JSON ends early", set: planted(quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Res`).Executed())},
	{name: "an empty answer", set: planted(quickbitest.Raw(200, "application/json", "").Executed())},
	{name: "`Success: true` without a Result", set: planted(quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true}`).Executed())},
	{name: "`Success: true` with a null Result", set: planted(quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Result":null}`).Executed())},
	{name: "`Success: true` with a Result of another type", set: planted(quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true,"Result":[[1]]}`).Executed())},
	{name: "a refusal behind a byte order mark", set: planted(quickbitest.Raw(400, "application/json", "\ufeff"+`{"RequestId":"R","Code":"Throttling.User","Message":"m"}`))},
	{name: "a refusal of a megabyte", set: planted(quickbitest.Raw(400, "application/json", `{"RequestId":"R","Code":"Brand.New","Message":"`+strings.Repeat("token ", 200_000)+`"}`))},
	{name: "an endless answer", set: planted(quickbitest.Endless().Executed())},
	{name: "a gzip bomb", set: planted(quickbitest.Raw(200, "application/json", bomb()).WithHeader("Content-Encoding", "gzip").Executed())},
	{name: "another charset: UTF-16", set: planted(quickbitest.Raw(200, "application/json;charset=utf-16", inUTF16(greeting)).Executed())},
	{name: "another charset: GBK", set: planted(quickbitest.Raw(200, "application/json;charset=gbk", "{\"Success\":true,\"Result\":{\"NickName\":\"\xd5\xc5\"}}").Executed())},
	{name: "redirect, 302", set: func(s *site, times int) { s.redirect(http.StatusFound, times) }},
	{name: "redirect, 307", set: func(s *site, times int) { s.redirect(http.StatusTemporaryRedirect, times) }},
}

// planted makes a fault of one that the emulator knows.
func planted(f quickbitest.Fault) func(*site, int) {
	return func(s *site, times int) { s.server.Fail("", f, times) }
}

// greeting would be a good answer to what the tests ask, in UTF-8.
const greeting = `{"RequestId":"R","Success":true,"Result":{"UserId":"u","NickName":"你好"}}`

// inUTF16 encodes in UTF-16, little endian, with a mark of its order.
func inUTF16(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// bomb is an answer of a few kilobytes that unpacks to many times the limit of the tests.
func bomb() string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, `{"RequestId":"R","Success":true,"Result":"`)
	_, _ = w.Write(bytes.Repeat([]byte("a"), 4<<20))
	_, _ = io.WriteString(w, `"}`)
	_ = w.Close()
	return b.String()
}

// errLimiter is the error of a limiter that cannot count: its server is gone, say.
var errLimiter = errors.New("the limiter cannot count")

// A failingLimiter fails some times, or for good if times is negative.
type failingLimiter struct{ times int }

func (l *failingLimiter) Wait(context.Context) error {
	if l.times != 0 {
		l.times--
		return errLimiter
	}
	return nil
}

// A failingProvider fails some times, or for good if times is negative, and then has
// a credential with that ending.
type failingProvider struct {
	times  int
	ending string
}

func (p *failingProvider) Credential(context.Context) (quickbi.Credential, error) {
	if p.times != 0 {
		p.times--
		return quickbi.Credential{}, errors.New("the metadata server answers with status 503")
	}
	return quickbi.Credential{
		AccessKeyID:     firstKey,
		AccessKeySecret: quickbi.NewSecret(temporarySecret + p.ending),
		SecurityToken:   quickbi.NewSecret(firstToken),
	}, nil
}

// A renewingProvider has an older token at first, and then a newer one.
type renewingProvider struct{ asked atomic.Int32 }

func (p *renewingProvider) Credential(context.Context) (quickbi.Credential, error) {
	id, token := firstKey, firstToken
	if p.asked.Add(1) > 1 {
		id, token = secondKey, secondToken
	}
	return quickbi.Credential{AccessKeyID: id, AccessKeySecret: quickbi.NewSecret(temporarySecret), SecurityToken: quickbi.NewSecret(token)}, nil
}

// overTLS puts TLS before the emulator, which the client trusts unless the
// configuration returned is changed.
func (s *site) overTLS() *tls.Config {
	server := httptest.NewUnstartedServer(s.server.Emulator)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of failed handshakes
	server.StartTLS()
	s.t.Cleanup(server.Close)
	s.endpoint = server.URL
	s.certificates = server.TLS.Certificates
	s.transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	s.transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	return s.transport.TLSClientConfig
}

// redirect sends callers to another host, where nobody may come.
func (s *site) redirect(status, times int) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { s.elsewhere.Add(1) }))
	s.t.Cleanup(other.Close)
	s.server.Fail("", quickbitest.Raw(status, "text/html", "moved").WithHeader("Location", other.URL+"/"), times)
}

// dial makes connecting fail.
func (s *site) dial(times int, fail func(ctx context.Context) (net.Conn, error)) {
	var n atomic.Int32
	s.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dialled := int(n.Add(1)); times < 0 || dialled <= times {
			return fail(ctx)
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
}

// nobody is an address on which nobody listens, and that no listener gets by chance.
const nobody = "127.0.0.1:1"

// refusedDial connects to nobody.
func refusedDial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", nobody)
}

// unresolvedDial asks a name server that does not answer.
func unresolvedDial(ctx context.Context) (net.Conn, error) {
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) { return refusedDial(ctx) }}
	return (&net.Dialer{Resolver: resolver}).DialContext(ctx, "tcp", "quickbi.invalid:443")
}

// endlessDial waits for as long as it may.
func endlessDial(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// lateDial gives up before there can be a connection.
func lateDial(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{Timeout: 1}).DialContext(ctx, "tcp", "127.0.0.1:1")
}

// behindProxy puts TLS before the emulator, and before that a proxy that answers
// the first requests to connect, as many as times says, or all if times is
// negative, with status. Status 0 is a proxy that is not there.
func (s *site) behindProxy(status, times int) {
	s.overTLS()
	var n atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := int(n.Add(1)); times < 0 || asked <= times {
			w.Header().Set("Proxy-Authenticate", "Basic")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>blocked by policy</html>")
			return
		}
		w.WriteHeader(http.StatusOK)
		client, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			pass(client, r.Host)
		}
	}))
	s.t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	if err != nil {
		s.t.Error(err)
	}
	if status == 0 {
		address.Host = nobody
	}
	s.transport.Proxy = http.ProxyURL(address)
}

// proxy returns the address of a proxy for target, which hands connection n to
// handle(n), and a function that ends it.
func proxy(target string, handle func(n int) func(client net.Conn, target string)) (addr string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // not always on the goroutine of the test
	}
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		open    = map[net.Conn]bool{}
		stopped bool
	)
	wg.Go(func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			if open[conn] = true; stopped {
				_ = conn.Close()
			}
			mu.Unlock()
			wg.Go(func() {
				handle(n)(conn, target)
				_ = conn.Close()
				mu.Lock()
				delete(open, conn)
				mu.Unlock()
			})
		}
	})
	return listener.Addr().String(), func() {
		_ = listener.Close()
		mu.Lock()
		stopped = true
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	}
}

// through puts a proxy in the way that hands the first connections, as many as
// times says, or all if times is negative, to bad.
func (s *site) through(times int, bad func(client net.Conn, target string)) {
	scheme, target, _ := strings.Cut(s.endpoint, "://")
	addr, stop := proxy(target, func(n int) func(net.Conn, string) {
		if times < 0 || n <= times {
			return bad
		}
		return pass
	})
	s.t.Cleanup(stop)
	s.endpoint = scheme + "://" + addr
}

// pass copies in both directions until either side has had enough.
func pass(client net.Conn, target string) {
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	join(client, server)
}

func join(client, server net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	_, _ = io.Copy(client, server)
	_ = client.Close()
	wg.Wait()
}

// hangUp resets the connection as soon as a request begins. Earlier, the client
// might not have noticed yet that it is connected.
func hangUp(client net.Conn, _ string) {
	_, _ = client.Read(make([]byte, 1))
	_ = client.(*net.TCPConn).SetLinger(0)
}

// alert refuses the TLS handshake.
func alert(client net.Conn, _ string) {
	_, _ = client.Read(make([]byte, 4096))
	const handshakeFailure = 40
	_, _ = client.Write([]byte{21, 3, 3, 0, 2, 2, handshakeFailure})
	_, _ = io.Copy(io.Discard, client)
}

// silence reads and never answers.
func silence(client net.Conn, _ string) { _, _ = io.Copy(io.Discard, client) }

// hangUpDuringRequest lets the beginning of a request through.
func hangUpDuringRequest(client net.Conn, target string) {
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	_, _ = io.CopyN(server, client, 64)
	_ = client.(*net.TCPConn).SetLinger(0)
}

// hangUpOnSecondRequest passes one request on and closes when another arrives.
func hangUpOnSecondRequest(client net.Conn, target string) {
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	var answering sync.WaitGroup
	answering.Go(func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
	if request, err := rawRequest(client); err == nil {
		_, _ = server.Write(request)
		_, _ = client.Read(make([]byte, 1))
	}
	_ = client.Close()
	_ = server.Close()
	answering.Wait()
}

// deliverTwice sends the first request twice, and the second answer back.
func deliverTwice(client net.Conn, target string) {
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	request, err := rawRequest(client)
	if err != nil {
		return
	}
	_, _ = server.Write(request)
	resp, err := http.ReadResponse(bufio.NewReader(server), nil)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_, _ = server.Write(request)
	join(client, server)
}

// overHTTP2 puts HTTP/2 before the emulator, on which the first connections, as many
// as times says, or all if times is negative, are struck.
func (s *site) overHTTP2(times int, strike func(front, back net.Conn)) {
	backend := httptest.NewUnstartedServer(s.server.Emulator)
	backend.Config.Protocols = new(http.Protocols)
	backend.Config.Protocols.SetUnencryptedHTTP2(true)
	backend.Start()
	s.t.Cleanup(backend.Close)
	s.overTLS()
	certificates := s.certificates
	s.transport.ForceAttemptHTTP2 = true
	addr, stop := proxy(backend.Listener.Addr().String(), func(n int) func(net.Conn, string) {
		return func(client net.Conn, target string) {
			front := tls.Server(client, &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
			back, err := net.Dial("tcp", target)
			if err != nil {
				return
			}
			if times >= 0 && n > times {
				join(front, back)
				return
			}
			strike(front, back)
			_ = front.Close()
			_ = back.Close()
		}
	})
	s.t.Cleanup(stop)
	s.endpoint = "https://" + addr
}

const (
	http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	headersFrame  = 1
	resetFrame    = 3
	settingsFrame = 4
	goAwayFrame   = 7
)

// readFrame reads a frame of HTTP/2.
func readFrame(from io.Reader) (kind byte, stream uint32, raw []byte, err error) {
	raw = make([]byte, 9)
	if _, err := io.ReadFull(from, raw); err != nil {
		return 0, 0, nil, err
	}
	payload := make([]byte, int(raw[0])<<16|int(raw[1])<<8|int(raw[2]))
	_, err = io.ReadFull(from, payload)
	return raw[3], binary.BigEndian.Uint32(raw[5:]), append(raw, payload...), err
}

// newFrame makes a frame of HTTP/2 of numbers.
func newFrame(kind byte, stream uint32, numbers ...uint32) []byte {
	raw := []byte{0, 0, byte(4 * len(numbers)), kind, 0}
	for _, n := range append([]uint32{stream}, numbers...) {
		raw = binary.BigEndian.AppendUint32(raw, n)
	}
	return raw
}

// goAway says that no stream after this one was processed.
func goAway(stream uint32) []byte { return newFrame(goAwayFrame, 0, stream, 0) }

// resetStream says that there was an internal error.
func resetStream(stream uint32) []byte { return newFrame(resetFrame, stream, 2) }

// goAwayBefore passes no request on, and says so.
func goAwayBefore(front, _ net.Conn) {
	if _, err := io.ReadFull(front, make([]byte, len(http2Preface))); err != nil {
		return
	}
	_, _ = front.Write(newFrame(settingsFrame, 0))
	for {
		switch kind, _, _, err := readFrame(front); {
		case err != nil:
			return
		case kind == headersFrame:
			_, _ = front.Write(goAway(0))
			_, _ = io.Copy(io.Discard, front) // until the client has read it
			return
		}
	}
}

// insteadOfAnswer passes a request on, and sends a frame in the place of the answer.
func insteadOfAnswer(frame func(stream uint32) []byte) func(front, back net.Conn) {
	return func(front, back net.Conn) {
		go func() { _, _ = io.Copy(back, front) }()
		for {
			kind, stream, raw, err := readFrame(back)
			if err != nil {
				return
			}
			if kind == headersFrame {
				_, _ = front.Write(frame(stream))
				return
			}
			_, _ = front.Write(raw)
		}
	}
}

// rawRequest reads a request and returns it as it came.
func rawRequest(from io.Reader) ([]byte, error) {
	var raw bytes.Buffer
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(from, &raw)))
	if err == nil {
		_, err = io.Copy(io.Discard, req.Body)
	}
	return raw.Bytes(), err
}
