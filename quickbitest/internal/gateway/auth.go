package gateway

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The names of the two signatures on the wire, and the form of their times.
const (
	AlgorithmV1 = "HMAC-SHA1"
	AlgorithmV3 = "ACS3-HMAC-SHA256"
	TimeLayout  = "2006-01-02T15:04:05Z"
)

// timeWindow is how far the time of a request may be from the emulator's, either way.
const timeWindow = 15 * time.Minute

// A Key is an access key that the gateway accepts.
type Key struct {
	ID, Secret string
	Token      string // of temporary credentials
}

// A Config says whom and what a gateway admits.
type Config struct {
	Keys          []Key
	Limits        map[string]int // calls a second by action, "" for all others; zero means no limit
	StrictMethods bool           // by no other method than the documented one
	BodyTimeout   time.Duration  // for the body of a request to arrive; zero means no limit
}

// A Gateway admits requests that are signed, new, and not too many.
type Gateway struct {
	config   Config
	keys     map[string]Key // by id
	throttle throttle

	mu      sync.Mutex
	expired map[string]bool // tokens
	nonces  nonces
}

// New returns a gateway.
func New(c Config) *Gateway {
	g := &Gateway{config: c, keys: make(map[string]Key), expired: make(map[string]bool), throttle: throttle{limits: c.Limits}}
	for _, key := range c.Keys {
		g.keys[key.ID] = key
	}
	return g
}

// Expire ends the life of a token.
func (g *Gateway) Expire(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expired[token] = true
}

// Admit checks who sent the request, that it was not sent before, and that the
// sender does not call too often. The header is that of the answer.
func (g *Gateway) Admit(req *Request, now time.Time, header http.Header) error {
	if err := g.authenticate(req, now); err != nil {
		return err
	}
	return g.throttle.admit(req, now, header)
}

// A claim is what a request says about its sender, and what the sender must have signed.
type claim struct {
	accessKeyID  string
	token        string
	timestamp    string
	nonce        string
	signature    string
	stringToSign string
	canonical    string // what stringToSign is the digest of, if it is one
	sign         func(secret, stringToSign string) string
}

// authenticate checks who sent the request, and that it was not sent before.
func (g *Gateway) authenticate(req *Request, now time.Time) error {
	claim, err := req.claim()
	if err != nil {
		return err
	}
	key, ok := g.keys[claim.accessKeyID]
	req.AccessKeyID = claim.accessKeyID
	req.Signed = ok && hmac.Equal([]byte(claim.sign(key.Secret, claim.stringToSign)), []byte(claim.signature))

	if claim.nonce == "" {
		return missing("SignatureNonce")
	}
	if err := checkTime(claim.timestamp, now); err != nil {
		return err
	}
	if !ok {
		return Refuse("InvalidAccessKeyId.NotFound", "There is no access key %q.", claim.accessKeyID)
	}

	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case key.Token != "" && claim.token == "":
		return Refuse("MissingSecurityToken", "The access key is temporary; its token is missing.")
	case key.Token != claim.token:
		return Refuse("InvalidSecurityToken.MismatchWithAccessKey", "The security token is not that of the access key.")
	case g.expired[claim.token]:
		return Refuse("InvalidSecurityToken.Expired", "The security token has expired.")
	case !req.Signed:
		return mismatch(claim)
	case !g.nonces.use(claim.nonce, now):
		// Only now: nobody without the key may use up nonces.
		return Refuse("SignatureNonceUsed", "A request with this nonce came before.")
	}
	return nil
}

// mismatch tells, as the service does, what should have been signed. That contains the
// access key id, the token and all parameters; clients must not pass it on.
func mismatch(c claim) error {
	if c.canonical == "" {
		return Refuse("SignatureDoesNotMatch",
			"The signature is not the one the server computes. server string to sign is:%s", c.stringToSign)
	}
	return Refuse("SignatureDoesNotMatch",
		"The signature is not the one the server computes. server string to sign is:%s server canonical request is:%s",
		c.stringToSign, c.canonical)
}

func checkTime(timestamp string, now time.Time) error {
	if timestamp == "" {
		return Refuse("IllegalTimestamp", "The call does not say when it was made.")
	}
	t, err := time.Parse(TimeLayout, timestamp)
	if err != nil || t.Format(TimeLayout) != timestamp { // Parse puts up with fractions of a second
		return Refuse("InvalidTimeStamp.Format", "The time %q is not of the form %s.", timestamp, TimeLayout)
	}
	if d := now.Sub(t); d > timeWindow || d < -timeWindow {
		return Refuse("InvalidTimeStamp.Expired", "The call was made at %s, and it is %s.", timestamp, now.UTC().Format(TimeLayout))
	}
	return nil
}

func (r *Request) claim() (claim, error) {
	if r.Scheme == V3 {
		return r.claimV3()
	}
	return r.claimV1()
}

// claimV1 reads the claim from the parameters, wherever they are.
func (r *Request) claimV1() (claim, error) {
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion"} {
		if r.common(name) == "" {
			return claim{}, missing(name)
		}
	}
	if method := r.common("SignatureMethod"); method != AlgorithmV1 {
		return claim{}, Refuse("InvalidSignatureMethod", "The signature method is %s, not %q.", AlgorithmV1, method)
	}
	if version := r.common("SignatureVersion"); version != "1.0" {
		return claim{}, Refuse("InvalidSignatureVersion", "The signature version is 1.0, not %q.", version)
	}

	params := maps.Clone(r.Query)
	for name, values := range r.Form {
		params[name] = slices.Concat(params[name], values)
	}
	delete(params, "Signature")

	return claim{
		accessKeyID:  r.common("AccessKeyId"),
		token:        r.common("SecurityToken"),
		timestamp:    r.common("Timestamp"),
		nonce:        r.Nonce,
		signature:    r.common("Signature"),
		stringToSign: StringToSignV1(r.Method, params),
		sign:         SignV1,
	}, nil
}

// StringToSignV1 lays out what a V1 signature covers.
func StringToSignV1(method string, params url.Values) string {
	return method + "&%2F&" + percentEncode(canonicalQuery(params))
}

// SignV1 computes a V1 signature.
func SignV1(secret, stringToSign string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// claimV3 reads the claim from the headers.
func (r *Request) claimV3() (claim, error) {
	algorithm, fields, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch algorithm {
	case "":
		return claim{}, Refuse("IncompleteSignature", "There is no Authorization header.")
	case AlgorithmV3:
	default:
		return claim{}, Refuse("InvalidSignatureMethod", "The signature algorithm is %s, not %q.", AlgorithmV3, algorithm)
	}

	c := claim{
		token:     r.Header.Get("X-Acs-Security-Token"),
		timestamp: r.Header.Get("X-Acs-Date"),
		nonce:     r.Nonce,
		sign:      SignV3,
	}
	var signed []string
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			c.accessKeyID = value
		case "SignedHeaders":
			signed = strings.Split(value, ";")
		case "Signature":
			c.signature = value
		}
	}
	if c.accessKeyID == "" || c.signature == "" || len(signed) == 0 {
		return claim{}, Refuse("IncompleteSignature", "The Authorization header lacks Credential, SignedHeaders or Signature.")
	}
	slices.Sort(signed)
	for _, name := range r.MustSign() {
		if _, ok := slices.BinarySearch(signed, name); !ok {
			return claim{}, Refuse("IncompleteSignature", "The header %s is not signed.", name)
		}
	}

	sum := sha256.Sum256(r.Body)
	payload := hex.EncodeToString(sum[:])
	switch r.Header.Get("X-Acs-Content-Sha256") {
	case payload:
	case "":
		return claim{}, Refuse("IncompleteSignature", "There is no x-acs-content-sha256 header.")
	default:
		return claim{}, Refuse("SignatureDoesNotMatch", "The body is not the one that x-acs-content-sha256 belongs to.")
	}
	c.canonical = CanonicalRequestV3(r.Method, r.Query, signed, r.HeaderValue, payload)
	c.stringToSign = StringToSignV3(c.canonical)
	return c, nil
}

// MustSign names the headers that a V3 signature has to cover.
func (r *Request) MustSign() []string {
	names := []string{"host"}
	if len(r.Body) > 0 {
		names = append(names, "content-type")
	}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
		}
	}
	return names
}

// HeaderValue returns a header as it is signed. Go keeps Host apart from the others.
func (r *Request) HeaderValue(name string) string {
	if name == "host" {
		return r.Host
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	return strings.Join(values, ",")
}

// CanonicalRequestV3 lays out what a V3 signature covers. The names in signed are
// sorted and in lower case.
func CanonicalRequestV3(method string, query url.Values, signed []string, header func(string) string, payload string) string {
	var b strings.Builder
	b.WriteString(method + "\n/\n" + canonicalQuery(query) + "\n")
	for _, name := range signed {
		b.WriteString(name + ":" + header(name) + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + payload)
	return b.String()
}

// StringToSignV3 returns what a V3 signature is computed of.
func StringToSignV3(canonicalRequest string) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	return AlgorithmV3 + "\n" + hex.EncodeToString(sum[:])
}

// SignV3 computes a V3 signature.
func SignV3(secret, stringToSign string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stringToSign))
	return hex.EncodeToString(mac.Sum(nil))
}

// canonicalQuery writes the parameters in the order of their unencoded names.
func canonicalQuery(params url.Values) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		for _, value := range params[name] {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(percentEncode(name) + "=" + percentEncode(value))
		}
	}
	return b.String()
}

// percentEncode leaves the unreserved characters of RFC 3986 and encodes all other bytes.
func percentEncode(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

const (
	// nonceLife covers the time in which a request can come again: stamped as far
	// ahead as the window allows, it stays acceptable for twice the window.
	nonceLife = 2 * timeWindow

	// maxNonces bounds a generation, for those who call faster than time passes.
	maxNonces = 1 << 20
)

// nonces remembers the nonces of at least the last nonceLife in two generations: when
// the young one is nonceLife old it becomes the old one, and the old one is forgotten.
// The zero value is empty.
type nonces struct {
	born       time.Time // of the young generation
	young, old map[string]struct{}
}

// use notes the nonce and says whether it is new.
func (n *nonces) use(nonce string, now time.Time) bool {
	if age := now.Sub(n.born); n.young == nil || age >= nonceLife || len(n.young) >= maxNonces {
		n.old, n.young, n.born = n.young, make(map[string]struct{}), now
		if age >= 2*nonceLife {
			n.old = nil
		}
	}
	_, young := n.young[nonce]
	_, old := n.old[nonce]
	if young || old {
		return false
	}
	n.young[nonce] = struct{}{}
	return true
}
