package quickbi

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// A Signer authenticates requests. The client calls it once for every attempt, with a
// new nonce and the current time. [SignerV3] is the default.
//
// A Signer must be safe for concurrent use. It may return nil headers. The client does
// not change the headers that it returns.
type Signer interface {
	Sign(in SigningRequest) (SignedRequest, error)
}

// SigningRequest is one attempt of a call, for a [Signer]. The maps belong to the
// client: a Signer must not change them.
type SigningRequest struct {
	Method     string     // GET or POST; the path is always "/"
	Host       string     // as sent in the Host header, port included
	Action     string     // name of the operation
	Version    string     // version of the API
	Query      url.Values // parameters that travel in the query
	Form       url.Values // parameters that travel in the body
	Credential Credential
	Time       time.Time // by the service's clock, as far as it is known
	Nonce      string    // unique to this attempt
}

// Format prints the request without its parameters, for every verb and flag: they may
// hold passwords and tickets.
func (r SigningRequest) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "SigningRequest{%s %s %s, %d parameters}", r.Method, r.Host, r.Action, len(r.Query)+len(r.Form))
}

// SignedRequest is a request as it is sent.
type SignedRequest struct {
	RawQuery string
	Header   http.Header // canonical keys; Content-Type with a body
	Body     []byte      // nil if no parameter travels in the body
}

// Format prints only the sizes of the parts, for every verb and flag: the URL and the
// headers hold the signature and the token.
func (r SignedRequest) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "SignedRequest{query of %d bytes, %d headers, body of %d bytes}", len(r.RawQuery), len(r.Header), len(r.Body))
}

const (
	formContentType = "application/x-www-form-urlencoded"
	emptySHA256     = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// clientParameters are the parameters that the signers set in the query, and those that
// SignerV3 sends in headers instead. No documented operation has a parameter of such a
// name.
var clientParameters = map[string]bool{
	"Action": true, "Version": true, "Format": true, "Timestamp": true, "AccessKeyId": true, "SecurityToken": true, "BearerToken": true,
	"Signature": true, "SignatureMethod": true, "SignatureNonce": true, "SignatureType": true, "SignatureVersion": true,
}

// SignerV3 signs with ACS3-HMAC-SHA256, the current scheme of Alibaba Cloud.
// Signature and STS token travel in headers, never in the URL.
type SignerV3 struct{}

// header is one signed header, with its name in lower case and its value trimmed.
type header struct{ name, value string }

// scratch is reused memory for texts that are only hashed or copied. With a
// hash.Hash, they would be allocated.
type scratch struct {
	text []byte
	sum  [sha256.Size]byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) release() {
	const keep = 256 << 10 // a huge request must not stay in memory
	if cap(s.text) <= keep {
		scratches.Put(s)
	}
}

// Sign implements [Signer].
func (SignerV3) Sign(in SigningRequest) (SignedRequest, error) {
	cred := in.Credential
	date := in.Time.UTC().Format(time.RFC3339)
	out := SignedRequest{}
	payloadHash := emptySHA256
	if len(in.Form) > 0 {
		out.Body = appendCanonical(nil, in.Form)
		sum := sha256.Sum256(out.Body)
		payloadHash = hex.EncodeToString(sum[:])
	}
	// One array for the values of all headers: a call sets about ten.
	values := make([]string, 0, 12)
	out.Header = make(http.Header, 8) // enough for most calls, and one group of a map
	set := func(key, value string) {
		values = append(values, value)
		out.Header[key] = values[len(values)-1 : len(values) : len(values)]
	}
	set("X-Acs-Action", in.Action)
	set("X-Acs-Version", in.Version)
	set("X-Acs-Date", date)
	set("X-Acs-Signature-Nonce", in.Nonce)
	set("X-Acs-Content-Sha256", payloadHash)
	if out.Body != nil {
		set("Content-Type", formContentType)
	}
	if bearer := cred.BearerToken.Reveal(); bearer != "" {
		// A bearer token replaces the signature.
		query := url.Values{"SignatureType": {"BEARERTOKEN"}}
		for name, v := range in.Query {
			query[name] = v
		}
		out.RawQuery = string(appendCanonical(nil, query))
		set("X-Acs-Bearer-Token", bearer)
		return out, nil
	}
	if cred.AccessKeyID == "" || cred.AccessKeySecret.Reveal() == "" {
		return SignedRequest{}, cred.check()
	}

	s := scratches.Get().(*scratch)
	defer s.release()
	s.text = appendCanonical(s.text[:0], in.Query)
	out.RawQuery = string(s.text)
	signed := make([]header, 0, 9) // sorted by name
	if out.Body != nil {
		signed = append(signed, header{"content-type", formContentType})
	}
	signed = append(signed, header{"host", in.Host})
	token := cred.SecurityToken.Reveal()
	if token != "" {
		set("X-Acs-Accesskey-Id", cred.AccessKeyID)
		signed = append(signed, header{"x-acs-accesskey-id", cred.AccessKeyID})
	}
	signed = append(signed,
		header{"x-acs-action", in.Action},
		header{"x-acs-content-sha256", payloadHash},
		header{"x-acs-date", date})
	if token != "" {
		set("X-Acs-Security-Token", token)
		signed = append(signed, header{"x-acs-security-token", token})
	}
	signed = append(signed,
		header{"x-acs-signature-nonce", in.Nonce},
		header{"x-acs-version", in.Version})
	s.text = appendCanonicalRequest(s.text[:0], in.Method, out.RawQuery, signed, payloadHash)
	set("Authorization", s.authorizationV3(cred, signed))
	return out, nil
}

// appendCanonicalRequest appends the text that V3 hashes. The headers are sorted by name.
func appendCanonicalRequest(dst []byte, method, query string, headers []header, payloadHash string) []byte {
	dst = append(dst, method...)
	dst = append(dst, "\n/\n"...)
	dst = append(dst, query...)
	dst = append(dst, '\n')
	for _, h := range headers {
		dst = append(dst, h.name...)
		dst = append(dst, ':')
		dst = append(dst, h.value...)
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	dst = appendNames(dst, headers)
	dst = append(dst, '\n')
	return append(dst, payloadHash...)
}

func appendNames(dst []byte, headers []header) []byte {
	for i, h := range headers {
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, h.name...)
	}
	return dst
}

// authorizationV3 signs the canonical request, which s.text holds.
func (s *scratch) authorizationV3(cred Credential, headers []header) string {
	const algorithm = "ACS3-HMAC-SHA256"
	s.sum = sha256.Sum256(s.text)
	s.text = hex.AppendEncode(append(s.text[:0], algorithm+"\n"...), s.sum[:])
	signature := cred.AccessKeySecret.hmacSHA256(s.sum[:0], s.text)

	s.text = append(s.text[:0], algorithm+" Credential="...)
	s.text = append(s.text, cred.AccessKeyID...)
	s.text = append(s.text, ",SignedHeaders="...)
	s.text = appendNames(s.text, headers)
	s.text = append(s.text, ",Signature="...)
	s.text = hex.AppendEncode(s.text, signature)
	return string(s.text)
}

// SignerV1 signs with HMAC-SHA1, the older RPC scheme (SignatureVersion 1.0).
// Signature and STS token are parameters of the URL: prefer [SignerV3].
type SignerV1 struct{}

// Sign implements [Signer].
func (SignerV1) Sign(in SigningRequest) (SignedRequest, error) {
	cred := in.Credential
	query := make(url.Values, len(in.Query)+10)
	for name, v := range in.Query {
		query[name] = v
	}
	query.Set("Action", in.Action)
	query.Set("Version", in.Version)
	query.Set("Format", "JSON")
	query.Set("Timestamp", in.Time.UTC().Format(time.RFC3339))
	query.Set("SignatureNonce", in.Nonce)

	out := SignedRequest{Header: http.Header{
		"X-Acs-Action":  {in.Action},
		"X-Acs-Version": {in.Version},
	}}
	if len(in.Form) > 0 {
		out.Body = appendCanonical(nil, in.Form)
		out.Header["Content-Type"] = []string{formContentType}
	}
	if bearer := cred.BearerToken.Reveal(); bearer != "" {
		// A bearer token replaces the signature.
		query.Set("BearerToken", bearer)
		query.Set("SignatureType", "BEARERTOKEN")
		out.RawQuery = string(appendCanonical(nil, query))
		return out, nil
	}
	if cred.AccessKeyID == "" || cred.AccessKeySecret.Reveal() == "" {
		return SignedRequest{}, cred.check()
	}
	query.Set("AccessKeyId", cred.AccessKeyID)
	query.Set("SignatureMethod", "HMAC-SHA1")
	query.Set("SignatureVersion", "1.0")
	if token := cred.SecurityToken.Reveal(); token != "" {
		query.Set("SecurityToken", token)
	}
	all := query
	if len(in.Form) > 0 { // all parameters are signed together
		all = make(url.Values, len(query)+len(in.Form))
		for _, values := range []url.Values{query, in.Form} {
			for name, v := range values {
				all[name] = v
			}
		}
	}
	signature := signV1(cred, stringToSignV1(in.Method, appendCanonical(nil, all)))
	query.Set("Signature", signature)
	out.RawQuery = string(appendCanonical(nil, query))
	return out, nil
}

// stringToSignV1 escapes the canonical query once more; its values are already escaped.
func stringToSignV1(method string, canonicalQuery []byte) []byte {
	dst := make([]byte, 0, len(method)+5+len(canonicalQuery)*2)
	dst = append(dst, method...)
	dst = append(dst, "&%2F&"...)
	return appendEscaped(dst, string(canonicalQuery))
}

func signV1(cred Credential, stringToSign []byte) string {
	mac := hmac.New(sha1.New, []byte(cred.AccessKeySecret.Reveal()+"&"))
	mac.Write(stringToSign)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// appendCanonical appends pairs name=value, sorted by name, escaped and joined by "&".
// The same text is signed and sent, so the two cannot differ.
func appendCanonical(dst []byte, values url.Values) []byte {
	var few [16]string // enough for most calls: names stays on the stack
	names := few[:0]
	size := 0
	for name, vs := range values {
		names = append(names, name)
		for _, v := range vs {
			size += len(name) + len(v) + 2
		}
	}
	slices.Sort(names)
	dst = slices.Grow(dst, size+size/4)
	start := len(dst)
	for _, name := range names {
		for _, v := range values[name] {
			if len(dst) > start {
				dst = append(dst, '&')
			}
			dst = appendEscaped(dst, name)
			dst = append(dst, '=')
			dst = appendEscaped(dst, v)
		}
	}
	return dst
}

// appendEscaped percent-encodes every byte but A-Z a-z 0-9 - _ . ~ (RFC 3986).
func appendEscaped(dst []byte, s string) []byte {
	const hexDigits = "0123456789ABCDEF"
	from := 0 // s[from:i] is copied in one piece
	for i := 0; i < len(s); i++ {
		// Most texts are identifiers: four bytes at a time take half as long.
		for i+4 <= len(s) && unreserved[s[i]]&unreserved[s[i+1]]&unreserved[s[i+2]]&unreserved[s[i+3]] == 1 {
			i += 4
		}
		if i < len(s) && unreserved[s[i]] == 0 {
			dst = append(dst, s[from:i]...)
			dst = append(dst, '%', hexDigits[s[i]>>4], hexDigits[s[i]&15])
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

var unreserved = func() (set [256]byte) { // 1: sent as it is
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~") {
		set[b] = 1
	}
	return set
}()
