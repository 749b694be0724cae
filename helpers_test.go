package quickbi

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"
)

// fieldsOnly compares documents by their fields, whatever they were read from.
var fieldsOnly = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[original]() }, cmp.Ignore())

const (
	testKeyID  = "LTAIexampleKeyOfTests"
	testSecret = "exampleSecretOfTests0123456789"
)

// sent is one request as it reached the transport.
type sent struct {
	method     string
	action     string
	query      url.Values
	body       url.Values
	nonce      string
	attemptCtx interface{ Err() error }
	req        *http.Request
}

// recorder is a private transport: it answers every request with respond and
// remembers it.
type recorder struct {
	*httpmock.MockTransport
	mu   sync.Mutex
	sent []sent
}

func newRecorder(t *testing.T, respond func(n int, req *http.Request) (*http.Response, error)) *recorder {
	t.Helper()
	r := &recorder{MockTransport: httpmock.NewMockTransport()}
	r.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		s := sent{method: req.Method, action: req.Header.Get("X-Acs-Action"), query: req.URL.Query(), nonce: req.Header.Get("X-Acs-Signature-Nonce"), attemptCtx: req.Context(), req: req}
		if req.Body != nil {
			text, err := io.ReadAll(req.Body)
			if err != nil {
				t.Error(err)
			}
			if s.body, err = url.ParseQuery(string(text)); err != nil {
				t.Error(err)
			}
		}
		r.mu.Lock()
		r.sent = append(r.sent, s)
		n := len(r.sent)
		r.mu.Unlock()
		return respond(n, req)
	})
	return r
}

func (r *recorder) requests() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// answering answers every request alike.
func answering(status int, body string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) { return newAnswer(req, status, body), nil }
}

func newAnswer(req *http.Request, status int, body string) *http.Response {
	resp := httpmock.NewStringResponse(status, body)
	resp.Header.Set("Content-Type", "application/json")
	resp.Request = req
	resp.ContentLength = int64(len(body))
	return resp
}

func newTestClient(t *testing.T, transport http.RoundTripper, opts ...Option) *Client {
	t.Helper()
	c, err := NewClient(slices.Concat([]Option{
		WithAccessKey(testKeyID, testSecret),
		WithHTTPClient(&http.Client{Transport: transport}),
	}, opts)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
