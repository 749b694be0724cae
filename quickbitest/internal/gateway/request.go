// Package gateway is the part of the emulator that knows requests and signatures,
// and nothing of the organization that the operations work on.
//
// It reads a request, establishes its sender, counts the sender's calls, checks the
// parameters against the catalogue and writes the answer. It imports nothing of the
// client: two ends that share a mistake agree with each other.
package gateway

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// MaxBody is the size in bytes that the body of a call can have: more than any parameter
// of Quick BI needs.
const MaxBody = 16 << 20

// The two signatures of the RPC style.
const (
	V1 = "V1" // HMAC-SHA1, everything in parameters
	V3 = "V3" // ACS3-HMAC-SHA256, in headers
)

// A Request is a received call, parsed but not checked.
type Request struct {
	ID     string // the RequestId of the answer
	Method string
	Host   string
	Header http.Header
	Query  url.Values
	Form   url.Values // the body, if it is a form
	Body   []byte

	Scheme  string // V1 or V3
	Action  string
	Version string
	Nonce   string

	AccessKeyID string // as claimed
	Signed      bool   // the claim is true: the holder of the key has signed all of the request

	xml bool // the caller wants XML
}

// Read reads r. The request is never nil: a refusal needs its id and its format.
func (g *Gateway) Read(w http.ResponseWriter, r *http.Request) (*Request, error) {
	req := &Request{
		ID:     strings.ToUpper(NewUUID()),
		Method: r.Method,
		Host:   r.Host,
		Header: r.Header,
		Scheme: V1,
	}
	for _, name := range []string{"Authorization", "X-Acs-Date", "X-Acs-Signature-Nonce", "X-Acs-Content-Sha256"} {
		if r.Header.Get(name) != "" {
			req.Scheme = V3 // x-acs-action alone says nothing: V1 clients send it too
		}
	}

	var errs [3]error
	req.Query, errs[0] = url.ParseQuery(r.URL.RawQuery)
	req.Body, errs[1] = ReadBody(w, r, MaxBody, g.config.BodyTimeout)
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media == "application/x-www-form-urlencoded" {
		req.Form, errs[2] = url.ParseQuery(string(req.Body))
	}

	switch req.Scheme {
	case V3:
		req.Action = r.Header.Get("X-Acs-Action")
		req.Version = r.Header.Get("X-Acs-Version")
		req.Nonce = r.Header.Get("X-Acs-Signature-Nonce")
	case V1:
		req.Action = req.common("Action")
		req.Version = req.common("Version")
		req.Nonce = req.common("SignatureNonce")
		req.xml = !strings.EqualFold(req.common("Format"), "JSON")
	}

	switch {
	case errors.Join(errs[:]...) != nil:
		return req, Refuse("InvalidParameter", "The request cannot be read: %v.", errors.Join(errs[:]...))
	case r.URL.Path != "/" && r.URL.Path != "":
		return req, Refuse("InvalidApi.NotFound", "The path of an RPC call is /, not %q.", r.URL.Path)
	case req.Action == "":
		return req, missing("Action")
	case req.Version == "":
		return req, missing("Version")
	}
	return req, nil
}

// ReadBody reads a body that is neither too large nor too slow. Zero means no timeout.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64, timeout time.Duration) ([]byte, error) {
	if r.Body == nil { // the request never saw a server
		return nil, nil
	}
	connection := http.NewResponseController(w)
	if timeout > 0 {
		_ = connection.SetReadDeadline(time.Now().Add(timeout)) // fails if there is no connection
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if timeout > 0 && err == nil {
		// The server goes on reading, to learn when the caller has gone. After an error
		// it must not wait.
		_ = connection.SetReadDeadline(time.Time{})
	}
	return body, err
}

// common returns a V1 protocol parameter, which may be in the query or in the body.
func (r *Request) common(name string) string {
	if r.Query.Has(name) {
		return r.Query.Get(name)
	}
	return r.Form.Get(name)
}

// param returns a parameter of the operation. V1 leaves its place to the caller;
// in V3 a parameter in the wrong place is not there.
func (r *Request) param(p catalog.Param) (value string, sent bool) {
	place := r.Query
	if r.Scheme == V3 && p.In == "body" || r.Scheme == V1 && !r.Query.Has(p.Name) {
		place = r.Form
	}
	return place.Get(p.Name), place.Has(p.Name)
}

// protocol lists the parameters that say who calls what, and how. Most belong to V1.
var protocol = map[string]bool{
	"AccessKeyId": true, "Action": true, "BearerToken": true, "Format": true, "RegionId": true,
	"SecurityToken": true, "Signature": true, "SignatureMethod": true, "SignatureNonce": true,
	"SignatureType": true, "SignatureVersion": true, "Timestamp": true, "Version": true,
}

// WithoutProtocol keeps the parameters of the operation. It drops all secrets.
func WithoutProtocol(values url.Values) url.Values {
	kept := make(url.Values)
	for name, v := range values {
		if !protocol[name] {
			kept[name] = v
		}
	}
	return kept
}

// NewUUID returns a random UUID in lower case.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
