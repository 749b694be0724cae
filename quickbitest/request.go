package quickbitest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// maxBody is more than any parameter of Quick BI can be.
const maxBody = 16 << 20

// The two signatures of the RPC style, as [Call.Signature] names them.
const (
	SignatureV1 = "V1" // HMAC-SHA1, everything in parameters
	SignatureV3 = "V3" // ACS3-HMAC-SHA256, in headers
)

// A request is a received call, taken apart but not judged.
type request struct {
	id     string // the RequestId of the answer
	method string
	host   string
	header http.Header
	query  url.Values
	form   url.Values // the body, if it is a form
	body   []byte

	scheme  string // SignatureV1 or SignatureV3
	xml     bool   // how the caller wants the answer
	action  string
	version string
	nonce   string

	accessKeyID string // claimed, until the gate has admitted the request
}

// readRequest reads r. The request is never nil: even a refusal is addressed to somebody.
func readRequest(w http.ResponseWriter, r *http.Request) (*request, error) {
	req := &request{
		id:     strings.ToUpper(newUUID()),
		method: r.Method,
		host:   r.Host,
		header: r.Header,
		scheme: SignatureV1,
	}
	for _, name := range []string{"Authorization", "X-Acs-Date", "X-Acs-Signature-Nonce", "X-Acs-Content-Sha256"} {
		if r.Header.Get(name) != "" {
			req.scheme = SignatureV3 // x-acs-action alone says nothing: V1 clients send it too
		}
	}

	var errs [3]error
	req.query, errs[0] = url.ParseQuery(r.URL.RawQuery)
	if r.Body != nil { // it is nil in requests that never saw a server
		req.body, errs[1] = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media == "application/x-www-form-urlencoded" {
		req.form, errs[2] = url.ParseQuery(string(req.body))
	}

	switch req.scheme {
	case SignatureV3:
		req.action = r.Header.Get("X-Acs-Action")
		req.version = r.Header.Get("X-Acs-Version")
		req.nonce = r.Header.Get("X-Acs-Signature-Nonce")
	case SignatureV1:
		req.action = req.common("Action")
		req.version = req.common("Version")
		req.nonce = req.common("SignatureNonce")
		req.xml = !strings.EqualFold(req.common("Format"), "JSON")
	}

	switch {
	case errors.Join(errs[:]...) != nil:
		return req, refuse("InvalidParameter", "The request cannot be read: %v.", errors.Join(errs[:]...))
	case r.URL.Path != "/" && r.URL.Path != "":
		return req, refuse("InvalidApi.NotFound", "The path of an RPC call is /, not %q.", r.URL.Path)
	case req.action == "":
		return req, missing("Action")
	case req.version == "":
		return req, missing("Version")
	}
	return req, nil
}

// common returns a V1 protocol parameter, which may be in the query or in the body.
func (r *request) common(name string) string {
	if r.query.Has(name) {
		return r.query.Get(name)
	}
	return r.form.Get(name)
}

// param returns a parameter of the operation. V1 leaves its place to the caller;
// in V3 a parameter in the wrong place is not there.
func (r *request) param(p catalog.Param) (value string, sent bool) {
	place := r.query
	if r.scheme == SignatureV3 && p.In == "body" || r.scheme == SignatureV1 && !r.query.Has(p.Name) {
		place = r.form
	}
	return place.Get(p.Name), place.Has(p.Name)
}

// protocol are the parameters that say who calls what, and how. Most belong to V1.
var protocol = map[string]bool{
	"AccessKeyId": true, "Action": true, "BearerToken": true, "Format": true, "RegionId": true,
	"SecurityToken": true, "Signature": true, "SignatureMethod": true, "SignatureNonce": true,
	"SignatureType": true, "SignatureVersion": true, "Timestamp": true, "Version": true,
}

// withoutProtocol leaves the parameters of the operation, and no secrets.
func withoutProtocol(values url.Values) url.Values {
	kept := make(url.Values)
	for name, v := range values {
		if !protocol[name] {
			kept[name] = v
		}
	}
	return kept
}

// newUUID returns a random UUID in lower case.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
