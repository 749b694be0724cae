package quickbi

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// vector is a signature made by an independent implementation: published by
// Alibaba Cloud, or captured from its official clients.
type vector struct {
	Name            string            `json:"name"`
	Scheme          string            `json:"scheme"`
	Method          string            `json:"method"`
	Host            string            `json:"host"`
	Params          map[string]string `json:"params"` // V1: all that is signed
	ParamsInBody    []string          `json:"params_in_body"`
	Query           map[string]string `json:"query"` // V3
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	HashedPayload   string            `json:"hashed_payload"`
	AccessKeyID     string            `json:"access_key_id"`
	AccessKeySecret string            `json:"access_key_secret"`
	SecurityToken   string            `json:"security_token"`
	Expected        struct {
		CanonicalizedQueryString string `json:"canonicalized_query_string"`
		StringToSign             string `json:"string_to_sign"`
		Signature                string `json:"signature"`
		CanonicalRequest         string `json:"canonical_request"`
		Authorization            string `json:"authorization"`
	} `json:"expected"`
}

func (v *vector) credential() Credential {
	cred := Credential{AccessKeyID: v.AccessKeyID, AccessKeySecret: NewSecret(v.AccessKeySecret)}
	if v.SecurityToken != "" {
		cred.SecurityToken = NewSecret(v.SecurityToken)
	}
	return cred
}

func loadVectors(t testing.TB) []vector {
	text, err := os.ReadFile("testdata/signing/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

func urlValues(m map[string]string) url.Values {
	v := make(url.Values, len(m))
	for name, value := range m {
		v.Set(name, value)
	}
	return v
}

// TestVectors signs each vector's inputs with the functions that the signers are made of.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors := loadVectors(t)
	if len(vectors) != 75 {
		t.Fatalf("%d vectors, want 75", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			if v.Scheme == "V1" {
				query := appendCanonical(nil, urlValues(v.Params))
				equal(t, "canonical query", string(query), v.Expected.CanonicalizedQueryString)
				toSign := stringToSignV1(v.Method, query)
				equal(t, "string to sign", string(toSign), v.Expected.StringToSign)
				secret := v.credential()
				if v.Params["SignatureType"] == "BEARERTOKEN" {
					secret.AccessKeySecret = NewSecret("") // the legacy client signs with an empty secret
				}
				equal(t, "signature", signV1(secret, toSign), v.Expected.Signature)
				return
			}
			var headers []header
			for name, value := range v.Headers {
				headers = append(headers, header{strings.ToLower(name), strings.TrimSpace(value)})
			}
			slices.SortFunc(headers, func(a, b header) int { return cmp.Compare(a.name, b.name) })
			hash := v.HashedPayload
			if hash == "" {
				sum := sha256.Sum256([]byte(v.Body))
				hash = hex.EncodeToString(sum[:])
			}
			query := appendCanonical(nil, urlValues(v.Query))
			request := appendCanonicalRequest(nil, v.Method, string(query), headers, hash)
			equal(t, "canonical request", string(request), v.Expected.CanonicalRequest)
			equal(t, "authorization", (&scratch{text: request}).authorizationV3(v.credential(), headers), v.Expected.Authorization)
		})
	}
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// TestSignerV1Vectors makes whole requests out of the vectors that a client
// like ours can have sent: JSON asked for as "JSON", a 2022 version.
func TestSignerV1Vectors(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, v := range loadVectors(t) {
		if v.Scheme != "V1" || v.Params["Format"] != "JSON" || v.Params["SignatureType"] == "BEARERTOKEN" {
			continue
		}
		at, err := time.Parse(time.RFC3339, v.Params["Timestamp"])
		if err != nil {
			continue // a unit test's made-up date
		}
		ran++
		in := SigningRequest{
			Method: v.Method, Host: v.Host, Action: v.Params["Action"], Version: v.Params["Version"],
			Query: url.Values{}, Credential: v.credential(), Time: at, Nonce: v.Params["SignatureNonce"],
		}
		for name, value := range v.Params {
			switch name {
			case "Action", "Version", "Format", "Timestamp", "SignatureNonce", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SecurityToken":
				continue
			}
			// Where a parameter travels does not matter to V1; pop-core sends all of them in the body.
			if slices.Contains(v.ParamsInBody, name) {
				if in.Form == nil {
					in.Form = url.Values{}
				}
				in.Form.Set(name, value)
			} else {
				in.Query.Set(name, value)
			}
		}
		out, err := (SignerV1{}).Sign(in)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		wire, err := url.ParseQuery(out.RawQuery)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		form, err := url.ParseQuery(string(out.Body))
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		if got := wire.Get("Signature"); got != v.Expected.Signature {
			t.Errorf("%s: signature %s, want %s", v.Name, got, v.Expected.Signature)
		}
		for name, value := range v.Params {
			if wire.Get(name) != value && form.Get(name) != value {
				t.Errorf("%s: %s is not on the wire", v.Name, name)
			}
		}
	}
	if ran < 30 {
		t.Errorf("only %d vectors apply", ran)
	}
}

// TestClientParameters compares the list of parameters that the client sets with those
// that the signers send, and with those of the operations.
func TestClientParameters(t *testing.T) {
	t.Parallel()
	sent := map[string]bool{}
	for _, signer := range []Signer{SignerV1{}, SignerV3{}} {
		for _, credential := range []Credential{
			{AccessKeyID: testKeyID, AccessKeySecret: NewSecret(testSecret), SecurityToken: NewSecret("sts")}, {BearerToken: NewSecret("bearer")},
		} {
			out, err := signer.Sign(SigningRequest{Method: "POST", Host: "h", Action: "A", Version: "1", Credential: credential, Nonce: "n"})
			if err != nil {
				t.Fatal(err)
			}
			query, err := url.ParseQuery(out.RawQuery)
			if err != nil {
				t.Fatal(err)
			}
			for name := range query {
				sent[name] = true
			}
		}
	}
	if !maps.Equal(sent, clientParameters) {
		t.Errorf("the signers send %v, and the list has %v", sent, clientParameters)
	}
	requests := 0
	for method := range reflect.TypeFor[*Client]().Methods() {
		if method.Type.NumIn() < 3 || method.Type.In(2).Kind() != reflect.Pointer || method.Type.In(2).Elem().Kind() != reflect.Struct {
			continue
		}
		requests++
		for _, f := range requestTypeOf(method.Type.In(2).Elem()).fields {
			if clientParameters[f.wire] {
				t.Errorf("%s has the parameter %s", method.Name, f.wire)
			}
		}
	}
	if requests < 100 {
		t.Errorf("only %d methods with a request", requests)
	}
}

func TestSignerV3Published(t *testing.T) {
	t.Parallel()
	for _, v := range loadVectors(t) {
		if v.Name != "published/v3/ecs-RunInstances" {
			continue
		}
		at, _ := time.Parse(time.RFC3339, v.Headers["x-acs-date"])
		out, err := (SignerV3{}).Sign(SigningRequest{
			Method: v.Method, Host: v.Host, Action: v.Headers["x-acs-action"], Version: v.Headers["x-acs-version"],
			Query: urlValues(v.Query), Credential: v.credential(), Time: at, Nonce: v.Headers["x-acs-signature-nonce"],
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "authorization", out.Header.Get("Authorization"), v.Expected.Authorization)
		for name, value := range v.Headers {
			if name != "host" {
				equal(t, name, out.Header.Get(name), value)
			}
		}
		return
	}
	t.Error("the vector is missing")
}

// TestSignedHeaders checks that V3 signs what it must, in order.
func TestSignedHeaders(t *testing.T) {
	t.Parallel()
	in := SigningRequest{
		Method: "POST", Host: "h:8080", Action: "AddUser", Version: apiVersion,
		Query: url.Values{"A": {"1"}}, Form: url.Values{"RoleIds": {"1,2"}},
		Credential: Credential{AccessKeyID: "id", AccessKeySecret: NewSecret("s"), SecurityToken: NewSecret("tok+/=")},
		Time:       time.Unix(0, 0), Nonce: "n",
	}
	out, err := (SignerV3{}).Sign(in)
	if err != nil {
		t.Fatal(err)
	}
	want := "SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;" +
		"x-acs-security-token;x-acs-signature-nonce;x-acs-version,"
	if auth := out.Header.Get("Authorization"); !strings.Contains(auth, want) {
		t.Errorf("%s does not have %s", auth, want)
	}
	equal(t, "token", out.Header.Get("X-Acs-Security-Token"), "tok+/=")
	equal(t, "body", string(out.Body), "RoleIds=1%2C2")
	equal(t, "query", out.RawQuery, "A=1")
	if strings.Contains(out.RawQuery, "tok") {
		t.Error("the token is in the URL")
	}
}

func TestBearerToken(t *testing.T) {
	t.Parallel()
	in := SigningRequest{
		Method: "POST", Host: "h", Action: "X", Version: apiVersion, Query: url.Values{"A": {"1"}},
		Credential: Credential{BearerToken: NewSecret("bearer-1")}, Time: time.Unix(0, 0), Nonce: "n",
	}
	v3, err := (SignerV3{}).Sign(in)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "V3 header", v3.Header.Get("X-Acs-Bearer-Token"), "bearer-1")
	equal(t, "V3 query", v3.RawQuery, "A=1&SignatureType=BEARERTOKEN")
	if v3.Header["Authorization"] != nil {
		t.Error("V3: signed as well")
	}
	v1, err := (SignerV1{}).Sign(in)
	if err != nil {
		t.Fatal(err)
	}
	query, _ := url.ParseQuery(v1.RawQuery)
	equal(t, "V1 token", query.Get("BearerToken"), "bearer-1")
	equal(t, "V1 type", query.Get("SignatureType"), "BEARERTOKEN")
	if query.Has("Signature") || query.Has("AccessKeyId") {
		t.Error("V1: signed as well")
	}
	if len(in.Query) != 1 {
		t.Error("the caller's parameters were changed")
	}
	for _, s := range []Signer{SignerV3{}, SignerV1{}} {
		in.Credential = Credential{}
		if _, err := s.Sign(in); err == nil {
			t.Errorf("%T signs without a credential", s)
		}
	}
}

// FuzzCanonical checks that what is signed decodes to what was given, and that
// it is written the one way that the service computes.
func FuzzCanonical(f *testing.F) {
	for _, s := range [][4]string{
		{"UserId", "a b+c*~", "Z", "中文📊"}, {"a", "", "b", "%7E &=%"}, {"k y*", "\x00\n", "z", "!'()"}, {"a", "1", "a", "2"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string) {
		values := url.Values{}
		values.Add(k1, v1)
		values.Add(k2, v2)
		text := string(appendCanonical(nil, values))
		back, err := url.ParseQuery(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(values) != len(back) {
			t.Fatalf("%q decodes to %v, want %v", text, back, values)
		}
		for k := range values {
			if !slices.Equal(values[k], back[k]) {
				t.Fatalf("%q decodes to %v, want %v", text, back, values)
			}
		}
		for _, s := range []string{k1, v1} {
			want := strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
			if got := string(appendEscaped(nil, s)); got != want {
				t.Fatalf("%q is escaped as %s, want %s", s, got, want)
			}
		}
	})
}

func TestHeaderKeysAreCanonical(t *testing.T) {
	t.Parallel()
	cred := Credential{AccessKeyID: "id", AccessKeySecret: NewSecret("s"), SecurityToken: NewSecret("t")}
	for _, s := range []Signer{SignerV3{}, SignerV1{}} {
		out, err := s.Sign(SigningRequest{Method: "POST", Form: url.Values{"a": {"b"}}, Credential: cred})
		if err != nil {
			t.Fatal(err)
		}
		for key := range out.Header {
			if http.CanonicalHeaderKey(key) != key {
				t.Errorf("%T: %s", s, key)
			}
		}
	}
}
