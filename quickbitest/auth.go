package quickbitest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The signatures are checked by code written from the description of the schemes
// for this purpose only. It must not be shared with a signer: two ends that share
// a mistake agree with each other.

const (
	algorithmV1 = "HMAC-SHA1"
	algorithmV3 = "ACS3-HMAC-SHA256"

	// timeWindow is how far the time of a request may be from the emulator's, either way.
	timeWindow = 15 * time.Minute

	timeLayout = "2006-01-02T15:04:05Z"
)

type accessKey struct {
	id, secret string
	token      string // of temporary credentials
}

// A gate lets those requests in that their senders signed.
type gate struct {
	keys map[string]accessKey // by id
	main accessKey            // the first permanent one

	mu      sync.Mutex
	expired map[string]bool // tokens
	nonces  nonces
}

func newGate(keys []accessKey) *gate {
	g := &gate{keys: make(map[string]accessKey), expired: make(map[string]bool)}
	if i := slices.IndexFunc(keys, func(k accessKey) bool { return k.token == "" }); i >= 0 {
		g.main = keys[i]
	} else {
		g.main = accessKey{id: AccessKeyID, secret: AccessKeySecret}
	}
	g.keys[g.main.id] = g.main
	for _, key := range keys {
		g.keys[key.id] = key
	}
	return g
}

func (g *gate) expire(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expired[token] = true
}

// A claim is what a request says about its sender, and what that says must have been signed.
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

// admit checks who sent the request, and that it was not sent before.
func (g *gate) admit(req *request, now time.Time) error {
	claim, err := req.claim()
	if err != nil {
		return err
	}
	req.accessKeyID = claim.accessKeyID

	if claim.nonce == "" {
		return missing("SignatureNonce")
	}
	if err := checkTime(claim.timestamp, now); err != nil {
		return err
	}
	key, ok := g.keys[claim.accessKeyID]
	if !ok {
		return refuse("InvalidAccessKeyId.NotFound", "There is no access key %q.", claim.accessKeyID)
	}

	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case key.token != "" && claim.token == "":
		return refuse("MissingSecurityToken", "The access key is temporary; its token is missing.")
	case key.token != claim.token:
		return refuse("InvalidSecurityToken.MismatchWithAccessKey", "The security token is not that of the access key.")
	case g.expired[claim.token]:
		return refuse("InvalidSecurityToken.Expired", "The security token has expired.")
	case !hmac.Equal([]byte(claim.sign(key.secret, claim.stringToSign)), []byte(claim.signature)):
		return mismatch(claim)
	case !g.nonces.use(claim.nonce, now):
		// Only now: whoever cannot sign must not be able to use up nonces.
		return refuse("SignatureNonceUsed", "A request with this nonce came before.")
	}
	return nil
}

// mismatch tells, as the service does, what should have been signed: the access
// key id, the token and all parameters. Clients must not let that out.
func mismatch(c claim) error {
	if c.canonical == "" {
		return refuse("SignatureDoesNotMatch",
			"The signature is not the one the server computes. server string to sign is:%s", c.stringToSign)
	}
	return refuse("SignatureDoesNotMatch",
		"The signature is not the one the server computes. server string to sign is:%s server canonical request is:%s",
		c.stringToSign, c.canonical)
}

func checkTime(timestamp string, now time.Time) error {
	if timestamp == "" {
		return refuse("IllegalTimestamp", "The call does not say when it was made.")
	}
	t, err := time.Parse(timeLayout, timestamp)
	if err != nil || t.Format(timeLayout) != timestamp { // Parse puts up with fractions of a second
		return refuse("InvalidTimeStamp.Format", "The time %q is not of the form %s.", timestamp, timeLayout)
	}
	if d := now.Sub(t); d > timeWindow || d < -timeWindow {
		return refuse("InvalidTimeStamp.Expired", "The call was made at %s, and it is %s.", timestamp, now.UTC().Format(timeLayout))
	}
	return nil
}

func (r *request) claim() (claim, error) {
	if r.scheme == SignatureV3 {
		return r.claimV3()
	}
	return r.claimV1()
}

// claimV1 reads the claim from the parameters, wherever they are.
func (r *request) claimV1() (claim, error) {
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion"} {
		if r.common(name) == "" {
			return claim{}, missing(name)
		}
	}
	if method := r.common("SignatureMethod"); method != algorithmV1 {
		return claim{}, refuse("InvalidSignatureMethod", "The signature method is %s, not %q.", algorithmV1, method)
	}
	if version := r.common("SignatureVersion"); version != "1.0" {
		return claim{}, refuse("InvalidSignatureVersion", "The signature version is 1.0, not %q.", version)
	}

	params := maps.Clone(r.query)
	for name, values := range r.form {
		params[name] = slices.Concat(params[name], values)
	}
	delete(params, "Signature")

	return claim{
		accessKeyID:  r.common("AccessKeyId"),
		token:        r.common("SecurityToken"),
		timestamp:    r.common("Timestamp"),
		nonce:        r.nonce,
		signature:    r.common("Signature"),
		stringToSign: stringToSignV1(r.method, params),
		sign:         signV1,
	}, nil
}

func stringToSignV1(method string, params url.Values) string {
	return method + "&%2F&" + percentEncode(canonicalQuery(params))
}

func signV1(secret, stringToSign string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// claimV3 reads the claim from the headers.
func (r *request) claimV3() (claim, error) {
	algorithm, fields, _ := strings.Cut(r.header.Get("Authorization"), " ")
	switch algorithm {
	case "":
		return claim{}, refuse("IncompleteSignature", "There is no Authorization header.")
	case algorithmV3:
	default:
		return claim{}, refuse("InvalidSignatureMethod", "The signature algorithm is %s, not %q.", algorithmV3, algorithm)
	}

	c := claim{
		token:     r.header.Get("X-Acs-Security-Token"),
		timestamp: r.header.Get("X-Acs-Date"),
		nonce:     r.nonce,
		sign:      signV3,
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
		return claim{}, refuse("IncompleteSignature", "The Authorization header lacks Credential, SignedHeaders or Signature.")
	}
	slices.Sort(signed)
	for _, name := range r.mustSign() {
		if _, ok := slices.BinarySearch(signed, name); !ok {
			return claim{}, refuse("IncompleteSignature", "The header %s is not signed.", name)
		}
	}

	sum := sha256.Sum256(r.body)
	payload := hex.EncodeToString(sum[:])
	switch r.header.Get("X-Acs-Content-Sha256") {
	case payload:
	case "":
		return claim{}, refuse("IncompleteSignature", "There is no x-acs-content-sha256 header.")
	default:
		return claim{}, refuse("SignatureDoesNotMatch", "The body is not the one that x-acs-content-sha256 belongs to.")
	}
	c.canonical = canonicalRequestV3(r.method, r.query, signed, r.headerValue, payload)
	c.stringToSign = stringToSignV3(c.canonical)
	return c, nil
}

// mustSign names the headers that a V3 signature has to cover.
func (r *request) mustSign() []string {
	names := []string{"host"}
	if len(r.body) > 0 {
		names = append(names, "content-type")
	}
	for name := range r.header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
		}
	}
	return names
}

// headerValue returns a header as it is signed. Go keeps Host apart from the others.
func (r *request) headerValue(name string) string {
	if name == "host" {
		return r.host
	}
	values := slices.Clone(r.header.Values(name))
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	return strings.Join(values, ",")
}

// canonicalRequestV3 lays out what a V3 signature covers. The names in signed are
// sorted and in lower case.
func canonicalRequestV3(method string, query url.Values, signed []string, header func(string) string, payload string) string {
	var b strings.Builder
	b.WriteString(method + "\n/\n" + canonicalQuery(query) + "\n")
	for _, name := range signed {
		b.WriteString(name + ":" + header(name) + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + payload)
	return b.String()
}

func stringToSignV3(canonicalRequest string) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	return algorithmV3 + "\n" + hex.EncodeToString(sum[:])
}

func signV3(secret, stringToSign string) string {
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

// nonces remembers the nonces of at least the last nonceLife in two generations:
// when the young one has come of age it becomes the old one, and the old one is
// forgotten as a whole. The zero value is empty.
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
