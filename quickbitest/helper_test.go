package quickbitest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const testVersion = "2022-01-01"

// values makes parameters of name, value pairs.
func values(pairs ...string) url.Values {
	v := make(url.Values)
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// methodOf returns the documented method, POST for actions without one.
func methodOf(action string) string {
	if op, ok := catalog.Load().Operations[action]; ok {
		return op.Method
	}
	return http.MethodPost
}

// A v3 is a V3 request in the making. Its fields can be spoilt before it is signed.
type v3 struct {
	method, target string
	id, secret     string
	header         http.Header
	query, form    url.Values
	signed         []string // nil: all that must be
}

func newV3(now time.Time, action string, query url.Values) *v3 {
	return &v3{
		method: methodOf(action), target: "http://quickbi.test", id: AccessKeyID, secret: AccessKeySecret, query: query,
		header: http.Header{
			"X-Acs-Action":          {action},
			"X-Acs-Version":         {testVersion},
			"X-Acs-Date":            {now.UTC().Format(gateway.TimeLayout)},
			"X-Acs-Signature-Nonce": {gateway.NewUUID()},
		},
	}
}

func (s *v3) request(t testing.TB) *http.Request {
	t.Helper()
	body := s.form.Encode()
	r, err := http.NewRequestWithContext(t.Context(), s.method, s.target+"/?"+s.query.Encode(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = s.header
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	sum := sha256.Sum256([]byte(body))
	payload := hex.EncodeToString(sum[:])
	r.Header.Set("X-Acs-Content-Sha256", payload)

	req := &gateway.Request{Host: r.Host, Header: r.Header, Body: []byte(body)}
	signed := s.signed
	if signed == nil {
		signed = req.MustSign()
		slices.Sort(signed)
	}
	canonical := gateway.CanonicalRequestV3(s.method, s.query, signed, req.HeaderValue, payload)
	r.Header.Set("Authorization", gateway.AlgorithmV3+" Credential="+s.id+",SignedHeaders="+strings.Join(signed, ";")+
		",Signature="+gateway.SignV3(s.secret, gateway.StringToSignV3(canonical)))
	return r
}

// newV1 returns the parameters of a V1 call, unsigned.
func newV1(now time.Time, action string, params url.Values) url.Values {
	v := maps.Clone(params)
	if v == nil {
		v = make(url.Values)
	}
	for name, value := range map[string]string{
		"Action": action, "Version": testVersion, "Format": "JSON", "AccessKeyId": AccessKeyID,
		"SignatureMethod": gateway.AlgorithmV1, "SignatureVersion": "1.0", "SignatureNonce": gateway.NewUUID(),
		"Timestamp": now.UTC().Format(gateway.TimeLayout),
	} {
		v.Set(name, value)
	}
	return v
}

// requestV1 signs the parameters and sends the named ones in the body.
func requestV1(t testing.TB, method, secret string, params url.Values, inBody ...string) *http.Request {
	t.Helper()
	if !params.Has("Signature") {
		params.Set("Signature", gateway.SignV1(secret, gateway.StringToSignV1(method, params)))
	}
	query, form := maps.Clone(params), make(url.Values)
	for _, name := range inBody {
		form[name] = query[name]
		delete(query, name)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://quickbi.test/?"+query.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// A got is an answer, decoded.
type got struct {
	Status                   int `json:"-"`
	Header                   http.Header
	Body                     string
	RequestID                string `json:"RequestId"`
	HostID                   string `json:"HostId"`
	Code, Message, Recommend string
	Success                  bool
	Result                   json.RawMessage
}

// serve lets the handler answer, without a network.
func serve(t testing.TB, h http.Handler, r *http.Request) got {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	g := got{}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &g); err != nil {
			t.Fatalf("answer is no JSON: %v\n%s", err, w.Body)
		}
	}
	g.Status, g.Header, g.Body = w.Code, w.Header(), w.Body.String()
	return g
}

// do makes a signed call; parameters go where they are documented to go. A
// result must have the documented form.
func do(t testing.TB, e *Emulator, action string, pairs ...string) got {
	t.Helper()
	s := newV3(e.Now(), action, values(pairs...))
	s.form = make(url.Values)
	op := catalog.Load().Operations[action]
	for _, p := range op.Params {
		if p.In == "body" && s.query.Has(p.Name) {
			s.form[p.Name] = s.query[p.Name]
			s.query.Del(p.Name)
		}
	}
	g := serve(t, e, s.request(t))
	if g.Status == http.StatusOK {
		var v any
		if err := json.Unmarshal(g.Result, &v); err != nil {
			t.Fatal(err)
		}
		conforms(t, action, op.Result, v)
	}
	return g
}

// must returns the result of a call that must succeed.
func must[T any](t testing.TB, e *Emulator, action string, pairs ...string) T {
	t.Helper()
	g := do(t, e, action, pairs...)
	var v T
	if g.Status != http.StatusOK || !g.Success {
		t.Fatalf("%s(%v) = %d %s: %s", action, pairs, g.Status, g.Code, g.Message)
	}
	if err := json.Unmarshal(g.Result, &v); err != nil {
		t.Fatalf("%s: %v in %s", action, err, g.Result)
	}
	return v
}

// mustRefuse makes a call that must be refused with the code.
func mustRefuse(t testing.TB, e *Emulator, code, action string, pairs ...string) {
	t.Helper()
	g := do(t, e, action, pairs...)
	if g.Code != code {
		t.Errorf("%s(%v) = %d %q %s, want %s", action, pairs, g.Status, g.Code, g.Body, code)
	}
	if want := gateway.StatusOf(code); g.Status != want {
		t.Errorf("%s(%v): status %d, want %d", action, pairs, g.Status, want)
	}
	if op := catalog.Load().Operations[action]; len(op.Errors) > 0 && !slices.Contains(op.Errors, code) && !undocumented[action+" "+code] {
		t.Errorf("%s does not document %s", action, code)
	}
}

// undocumented lists the refusals for which an operation documents no code.
var undocumented = map[string]bool{
	"TransferUsergroup UserGroup.Layer.Limited": true,
	"QueryAuditLog Invalid.Parameter.Error":     true,
}

// seeded returns an emulator with some users and groups:
//
//	north
//	  sales (ann, bob)
//	south
func seeded(t testing.TB, opts ...Option) *Emulator {
	t.Helper()
	e := NewEmulator(opts...)
	err := e.Seed(Organization{
		Users: []User{
			{UserID: "ann", AccountID: "2001", AccountName: "ann@example.com", NickName: "Ann", Email: "ann@example.com"},
			{UserID: "bob", AccountID: "2002", AccountName: "main:bob", NickName: "Bob", UserType: 2},
			{UserID: "bob2", AccountName: "bob@other.onaliyun.com", NickName: "Other Bob", UserType: 3, RoleIDs: []int64{456}},
		},
		Roles: []Role{{RoleID: 456, RoleName: "Auditor"}, {RoleID: 457}},
		UserGroups: []UserGroup{
			{UserGroupID: "north", UserGroupName: "North"},
			{UserGroupID: "sales", ParentUserGroupID: "north", UserGroupName: "Sales", UserIDs: []string{"ann", "bob"}},
			{UserGroupID: "south", UserGroupName: "South", Description: "warm"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
