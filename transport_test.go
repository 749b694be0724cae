package quickbi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// newWireClient returns a client for an endpoint whose transport is a real one.
func newWireClient(t *testing.T, endpoint string, transport *http.Transport, opts ...Option) *Client {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return newTestClient(t, transport, append([]Option{
		WithEndpoint(endpoint), WithRetryPolicy(RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: 10 * time.Millisecond}),
	}, opts...)...)
}

// TestNotSent checks what an error says of a call that never got a connection:
// what was in the way, and that it was not executed.
func TestNotSent(t *testing.T) {
	t.Parallel()
	blackHole := func(t *testing.T) string { // accepts, and says nothing
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		return listener.Addr().String()
	}
	proxyOf := func(t *testing.T, status int) *http.Transport {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(proxy.Close)
		u, err := url.Parse(strings.Replace(proxy.URL, "http://", "http://someone:password@", 1))
		if err != nil {
			t.Fatal(err)
		}
		return &http.Transport{Proxy: http.ProxyURL(u)}
	}
	waiting := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	for name, test := range map[string]struct {
		endpoint  string
		transport *http.Transport
		opts      []Option
		within    time.Duration // deadline of the call
		want      []string      // of the text
		attempts  int
		hint      string // a part; "" for none
	}{
		"proxy, 407": {"https://quickbi.example", proxyOf(t, 407), nil, 0, []string{"not sent: the proxy 127.0.0.1:", "quickbi.example", "Proxy Authentication Required"}, 1, "HTTPS_PROXY"},
		"proxy, 403": {"https://quickbi.example", proxyOf(t, 403), nil, 0, []string{"not sent: the proxy 127.0.0.1:", "Forbidden"}, 1, "HTTPS_PROXY"},
		"proxy, 502": {"https://quickbi.example", proxyOf(t, 502), nil, 0, []string{"not sent: the proxy 127.0.0.1:", "Bad Gateway"}, 3, "HTTPS_PROXY"},
		"proxy, 503, its status kept": {"https://quickbi.example", func() *http.Transport {
			transport := proxyOf(t, 503)
			transport.OnProxyConnectResponse = onProxyConnect
			return transport
		}(), nil, 0, []string{"not sent: the proxy 127.0.0.1:", "503 Service Unavailable"}, 3, "HTTPS_PROXY"},
		"proxy, 407, its status kept": {"https://quickbi.example", func() *http.Transport {
			transport := proxyOf(t, 407)
			transport.OnProxyConnectResponse = onProxyConnect
			return transport
		}(), nil, 0, []string{"407"}, 1, "HTTPS_PROXY"},
		"no such proxy": {"https://quickbi.example", &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse("http://127.0.0.1:1") }},
			nil, 0, []string{"not sent: connecting to the proxy 127.0.0.1:1"}, 3, "HTTPS_PROXY"},
		"no such name": {"https://quickbi.invalid", &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "quickbi.invalid", IsNotFound: true}}
		}}, nil, 0, []string{"not sent: looking up quickbi.invalid"}, 1, "WithRegion"},
		"refused": {"http://127.0.0.1:1", &http.Transport{}, nil, 0, []string{"not sent: connecting to 127.0.0.1:1", "refused"}, 3, ""},
		"deadline while dialling": {"http://127.0.0.1:1", waiting, nil, 50 * time.Millisecond,
			[]string{"not sent: connecting to 127.0.0.1:1", "context deadline exceeded"}, 1, ""},
		"attempt's limit while dialling": {"http://127.0.0.1:1", waiting, []Option{WithTimeout(20 * time.Millisecond)}, 0,
			[]string{"not sent: connecting to 127.0.0.1:1", "20ms, the limit of an attempt"}, 3, ""},
		"deadline in the TLS handshake": {"https://" + blackHole(t), &http.Transport{}, nil, 50 * time.Millisecond,
			[]string{"not sent: TLS handshake with 127.0.0.1:", "context deadline exceeded"}, 1, "SSL_CERT_FILE"},
		"TLS handshake timed out": {"https://" + blackHole(t), &http.Transport{TLSHandshakeTimeout: 20 * time.Millisecond}, nil, 0,
			[]string{"not sent: TLS handshake with 127.0.0.1:", "timeout"}, 3, "SSL_CERT_FILE"},
		"a header that cannot be": {"http://127.0.0.1:1", &http.Transport{}, []Option{WithSigner(signerFunc(func(SigningRequest) (SignedRequest, error) {
			return SignedRequest{Header: http.Header{"X-Bad": {"a\nb"}}}, nil
		}))}, 0, []string{"not sent: net/http refuses a header"}, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.within > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.within)
				defer cancel()
			}
			err := deleteUser(ctx, newWireClient(t, test.endpoint, test.transport, test.opts...))
			apiErr, _ := errors.AsType[*Error](err)
			if apiErr == nil || errors.Is(err, ErrOutcomeUnknown) {
				t.Fatalf("nothing was sent: %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
			if apiErr.Attempts != test.attempts || strings.Contains(err.Error(), "password") {
				t.Errorf("%d attempts, want %d: %v", apiErr.Attempts, test.attempts, err)
			}
			if hint := apiErr.Hint(); !strings.Contains(hint, test.hint) || test.hint == "" && hint != "" {
				t.Errorf("hint %q, want %q", hint, test.hint)
			}
		})
	}
}

// TestPlainProxyWantsPassword goes through a proxy that reads plain HTTP and passes
// nothing on without a password.
func TestPlainProxyWantsPassword(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", "Basic")
		w.WriteHeader(http.StatusProxyAuthRequired)
		_, _ = io.WriteString(w, "<html>proxy login</html>")
	}))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	err = deleteUser(t.Context(), newWireClient(t, "http://quickbi.example", &http.Transport{Proxy: http.ProxyURL(u)}, WithInsecureHTTP()))
	apiErr, ok := errors.AsType[*Error](err)
	if !ok || errors.Is(err, ErrOutcomeUnknown) || apiErr.StatusCode != 407 || apiErr.Attempts != 1 || !strings.Contains(apiErr.Hint(), "HTTPS_PROXY") {
		t.Errorf("%v (%+v)", err, apiErr)
	}
}

// TestHeaderFlood answers with more headers than the service has: what reads them
// stops early, and the write may have been executed.
func TestHeaderFlood(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = buf.WriteString("HTTP/1.1 200 OK\r\n")
		for range 200_000 {
			if _, err := buf.WriteString("X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(WithEndpoint(server.URL), WithAccessKey(testKeyID, testSecret))
	if err != nil {
		t.Fatal(err)
	}
	err = deleteUser(t.Context(), c)
	if !errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), "exceeded 262144 bytes") {
		t.Error(err)
	}
}

type signerFunc func(SigningRequest) (SignedRequest, error)

func (f signerFunc) Sign(in SigningRequest) (SignedRequest, error) { return f(in) }

// TestWhichLimitStruck lets each of four limits end a call that the service does
// not answer, and checks that the error names it.
func TestWhichLimitStruck(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("X-Half") != "" {
			_, _ = io.WriteString(w, `{"Success":`)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	for name, test := range map[string]struct {
		hc     http.Client
		opts   []Option
		within time.Duration
		want   string
	}{
		"attempt":               {http.Client{}, []Option{WithTimeout(50 * time.Millisecond)}, 0, "no answer within 50ms, the limit of an attempt"},
		"http.Client":           {http.Client{Timeout: 50 * time.Millisecond}, nil, 0, "no answer within 50ms, the Timeout of the http.Client"},
		"ResponseHeaderTimeout": {http.Client{Transport: &http.Transport{ResponseHeaderTimeout: 50 * time.Millisecond}}, nil, 0, "no answer within 50ms, the ResponseHeaderTimeout of the transport"},
		"context":               {http.Client{}, nil, 50 * time.Millisecond, "DeleteUser: context deadline exceeded"},
	} {
		for _, half := range []bool{false, true} {
			if half && name == "ResponseHeaderTimeout" {
				continue // there are headers
			}
			t.Run(fmt.Sprintf("%s, half an answer %v", name, half), func(t *testing.T) {
				t.Parallel()
				c := newTestClient(t, nil, append([]Option{WithEndpoint(server.URL), WithHTTPClient(&test.hc)}, test.opts...)...)
				within := test.within
				if within == 0 {
					within = 10 * time.Second // of which nothing should come near
				}
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				var opts []CallOption
				if half {
					opts = []CallOption{CallHeader("X-Half", "1")}
				}
				start := time.Now()
				_, err := c.DeleteUser(ctx, &DeleteUserRequest{UserID: "u"}, opts...)
				if !strings.Contains(fmt.Sprint(err), test.want) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
	}
}

// TestCauseIsKept cancels calls while they dial, wait for the answer, for a
// retry, for the rate limit and for a credential.
func TestCauseIsKept(t *testing.T) {
	t.Parallel()
	why := errors.New("the program ends")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	throttled := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(429)
		_, _ = io.WriteString(w, `{"RequestId":"REQ-77","Code":"Throttling.User","Message":"slow down"}`)
	}))
	t.Cleanup(throttled.Close)
	limited := newTestClient(t, http.DefaultTransport, WithEndpoint(server.URL), WithRateLimit(0.001, 1))
	limited.limiter.Wait(t.Context())
	var cancelRetry context.CancelCauseFunc
	for name, c := range map[string]*Client{
		"dialling": newTestClient(t, &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}),
		"answer": newTestClient(t, http.DefaultTransport, WithEndpoint(server.URL)),
		"retry": newTestClient(t, http.DefaultTransport, WithEndpoint(throttled.URL), WithHook(func(ctx context.Context, step Step) (context.Context, func(Outcome)) {
			return ctx, func(Outcome) {
				if step.Attempt == 1 { // the wait begins
					time.AfterFunc(50*time.Millisecond, func() { cancelRetry(why) })
				}
			}
		})),
		"rate limit": limited,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			if name == "retry" {
				cancelRetry = cancel // only this subtest's client asks for it
			} else {
				time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
			}
			err := deleteUser(ctx, c)
			if !errors.Is(err, context.Canceled) || !errors.Is(err, why) || !strings.Contains(err.Error(), "the program ends") {
				t.Errorf("%v", err)
			}
			apiErr, _ := errors.AsType[*Error](err)
			if name == "retry" && (apiErr.Code != "Throttling.User" || apiErr.RequestID != "REQ-77" || apiErr.StatusCode != 429 || apiErr.RetryAfter != 5*time.Second) {
				t.Errorf("what the service said is lost: %#v", apiErr)
			}
		})
	}
}

// TestProgressOfReusedConnections makes many calls with and without a trace of
// the caller's own, which must go on to work.
func TestProgressOfReusedConnections(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		_, _ = io.WriteString(w, done)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	c := newWireClient(t, server.URL, transport)
	for i := range 20 {
		ctx, got := t.Context(), 0
		if i%2 == 1 {
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got++ }})
		}
		if err := deleteUser(ctx, c); err != nil {
			t.Fatal(err)
		}
		if got != i%2 {
			t.Errorf("call %d: the caller's trace was called %d times", i, got)
		}
	}
	server.Close()
	transport.CloseIdleConnections()
	if err := deleteUser(t.Context(), c); err == nil || !strings.Contains(err.Error(), "not sent: connecting to") || errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("after the server has gone: %v", err)
	}
	if n.Load() != 20 {
		t.Errorf("%d requests", n.Load())
	}
}

// TestHeaderOfSigner takes signed requests without a map of headers, and with one
// that all requests share.
func TestHeaderOfSigner(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(200, done))
	bare := newTestClient(t, wire, WithSigner(signerFunc(func(in SigningRequest) (SignedRequest, error) {
		return SignedRequest{RawQuery: "Action=" + in.Action}, nil
	})))
	if err := deleteUser(t.Context(), bare); err != nil {
		t.Error(err)
	}
	shared := http.Header{"X-Own": {"1"}}
	sharing := newTestClient(t, wire, WithSigner(signerFunc(func(in SigningRequest) (SignedRequest, error) {
		return SignedRequest{RawQuery: "Action=" + in.Action, Header: shared}, nil
	})))
	if err := deleteUser(t.Context(), sharing); err != nil {
		t.Error(err)
	}
	if sent := wire.requests()[1].req.Header; sent.Get("X-Own") != "1" || sent.Get("User-Agent") == "" || len(shared) != 1 {
		t.Errorf("sent %v, and the signer's own is %v", sent, shared)
	}
}
