package quickbitest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

func TestGateV3(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	stamp := func(d time.Duration) func(*v3) {
		return func(s *v3) { s.header.Set("X-Acs-Date", now.Add(d).Format(gateway.TimeLayout)) }
	}
	sts := func(s *v3) {
		s.id, s.secret = "STS.one", "sts-secret"
		s.header.Set("X-Acs-Security-Token", "token-1")
	}
	tests := map[string]struct {
		spoil   func(*v3)           // before signing
		tamper  func(*http.Request) // after
		code    string
		status  int
		message string
	}{
		"signed":              {status: 200},
		"other key":           {spoil: func(s *v3) { s.id, s.secret = "second", "two" }, status: 200},
		"token":               {spoil: sts, status: 200},
		"extra header signed": {spoil: func(s *v3) { s.header.Set("X-Acs-Credentials-Provider", "static_ak") }, status: 200},
		"in time, late":       {spoil: stamp(-15 * time.Minute), status: 200},
		"in time, early":      {spoil: stamp(15 * time.Minute), status: 200},
		"too late":            {spoil: stamp(-15*time.Minute - time.Second), code: "InvalidTimeStamp.Expired", status: 400},
		"too early":           {spoil: stamp(15*time.Minute + time.Second), code: "InvalidTimeStamp.Expired", status: 400},
		"time with zone":      {spoil: func(s *v3) { s.header.Set("X-Acs-Date", "2026-03-01T12:00:00+08:00") }, code: "InvalidTimeStamp.Format", status: 400},
		"time with fraction":  {spoil: func(s *v3) { s.header.Set("X-Acs-Date", "2026-03-01T12:00:00.5Z") }, code: "InvalidTimeStamp.Format", status: 400},
		"no time":             {spoil: func(s *v3) { s.header.Del("X-Acs-Date") }, code: "IllegalTimestamp", status: 400},
		"no nonce":            {spoil: func(s *v3) { s.header.Del("X-Acs-Signature-Nonce") }, code: "MissingSignatureNonce", status: 400},
		"no action":           {spoil: func(s *v3) { s.header.Del("X-Acs-Action") }, code: "MissingAction", status: 400},
		"no version":          {spoil: func(s *v3) { s.header.Del("X-Acs-Version") }, code: "MissingVersion", status: 400},
		"unknown key":         {spoil: func(s *v3) { s.id = "stranger" }, code: "InvalidAccessKeyId.NotFound", status: 404},
		"default key":         {spoil: func(s *v3) { s.id, s.secret = AccessKeyID, AccessKeySecret }, code: "InvalidAccessKeyId.NotFound", status: 404},
		"wrong secret":        {spoil: func(s *v3) { s.secret = "guess" }, code: "SignatureDoesNotMatch", status: 400, message: "server string to sign is:ACS3-HMAC-SHA256\n"},
		"secret with &":       {spoil: func(s *v3) { s.secret += "&" }, code: "SignatureDoesNotMatch", status: 400},
		"header not signed": {
			spoil: func(s *v3) {
				s.signed = []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"}
			},
			code: "IncompleteSignature", status: 400, message: "x-acs-version",
		},
		"host not signed": {
			spoil: func(s *v3) {
				s.signed = []string{"x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
			},
			code: "IncompleteSignature", status: 400, message: "host",
		},
		"content type not signed": {
			spoil: func(s *v3) {
				s.form = values("RoleIds", "1")
				s.signed = []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
			},
			code: "IncompleteSignature", status: 400, message: "content-type",
		},
		"query changed":    {tamper: func(r *http.Request) { r.URL.RawQuery += "&Keyword=x" }, code: "SignatureDoesNotMatch", status: 400},
		"method changed":   {tamper: func(r *http.Request) { r.Method = http.MethodPost }, code: "SignatureDoesNotMatch", status: 400},
		"host changed":     {tamper: func(r *http.Request) { r.Host = "elsewhere.test" }, code: "SignatureDoesNotMatch", status: 400},
		"action changed":   {tamper: func(r *http.Request) { r.Header.Set("X-Acs-Action", "DeleteUser") }, code: "SignatureDoesNotMatch", status: 400},
		"header added":     {tamper: func(r *http.Request) { r.Header.Set("X-Acs-Extra", "1") }, code: "IncompleteSignature", status: 400},
		"body added":       {tamper: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x")); r.ContentLength = 1 }, code: "IncompleteSignature", status: 400},
		"path changed":     {tamper: func(r *http.Request) { r.URL.Path = "/api" }, code: "InvalidApi.NotFound", status: 404},
		"no authorization": {tamper: func(r *http.Request) { r.Header.Del("Authorization") }, code: "IncompleteSignature", status: 400},
		"other algorithm": {tamper: func(r *http.Request) {
			r.Header.Set("Authorization", "ACS3-HMAC-SM3 Credential=a,SignedHeaders=b,Signature=c")
		}, code: "InvalidSignatureMethod", status: 400},
		"half a header":   {tamper: func(r *http.Request) { r.Header.Set("Authorization", gateway.AlgorithmV3+" Credential=a") }, code: "IncompleteSignature", status: 400},
		"hash of no body": {tamper: func(r *http.Request) { r.Header.Del("X-Acs-Content-Sha256") }, code: "IncompleteSignature", status: 400},
		"hash of other body": {
			tamper: func(r *http.Request) { r.Header.Set("X-Acs-Content-Sha256", strings.Repeat("0", 64)) },
			code:   "SignatureDoesNotMatch", status: 400,
		},
		"malformed query": {tamper: func(r *http.Request) { r.URL.RawQuery += "&a=%zz" }, code: "InvalidParameter", status: 400},
		"no token":        {spoil: func(s *v3) { sts(s); s.header.Del("X-Acs-Security-Token") }, code: "MissingSecurityToken", status: 400},
		"wrong token":     {spoil: func(s *v3) { sts(s); s.header.Set("X-Acs-Security-Token", "token-2") }, code: "InvalidSecurityToken.MismatchWithAccessKey", status: 400},
		"needless token":  {spoil: func(s *v3) { s.header.Set("X-Acs-Security-Token", "token-1") }, code: "InvalidSecurityToken.MismatchWithAccessKey", status: 400},
		"expired token": {
			spoil: func(s *v3) {
				s.id, s.secret = "STS.old", "old-secret"
				s.header.Set("X-Acs-Security-Token", "token-old")
			},
			code: "InvalidSecurityToken.Expired", status: 400,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := NewEmulator(
				WithAccessKey("first", "one"), WithAccessKey("second", "two"),
				WithSTSToken("STS.one", "sts-secret", "token-1"), WithSTSToken("STS.old", "old-secret", "token-old"),
				WithClock(func() time.Time { return now }),
			)
			e.ExpireToken("token-old")
			s := newV3(now, "QueryUserList", values("PageNum", "1"))
			s.id, s.secret = e.AccessKey()
			if tt.spoil != nil {
				tt.spoil(s)
			}
			r := s.request(t)
			if tt.tamper != nil {
				tt.tamper(r)
			}
			g := serve(t, e, r)
			if g.Code != tt.code || g.Status != tt.status || !strings.Contains(g.Message, tt.message) {
				t.Errorf("%d %q %q, want %d %q", g.Status, g.Code, g.Message, tt.status, tt.code)
			}
			if got := g.Header.Get("Date"); got != "Sun, 01 Mar 2026 12:00:00 GMT" {
				t.Errorf("Date is %q", got)
			}
		})
	}
}

func TestGateV1(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	set := func(name, value string) func(url.Values) { return func(v url.Values) { v.Set(name, value) } }
	del := func(name string) func(url.Values) { return func(v url.Values) { v.Del(name) } }
	tests := map[string]struct {
		spoil  func(url.Values)
		secret string
		inBody []string
		code   string
		status int
	}{
		"in the query":      {status: 200},
		"in the body":       {inBody: []string{"UserId", "Signature", "AccessKeyId", "Action", "Version", "Format", "SignatureNonce"}, status: 200},
		"empty extras":      {spoil: set("SignatureType", ""), status: 200},
		"awkward signs":     {spoil: set("Extra", "a b+c*~/%é📊\n"), status: 200},
		"wrong secret":      {secret: "guess", code: "SignatureDoesNotMatch", status: 400},
		"no signature":      {spoil: set("Signature", ""), code: "MissingSignature", status: 400},
		"no key":            {spoil: del("AccessKeyId"), code: "MissingAccessKeyId", status: 400},
		"no method":         {spoil: del("SignatureMethod"), code: "MissingSignatureMethod", status: 400},
		"no nonce":          {spoil: del("SignatureNonce"), code: "MissingSignatureNonce", status: 400},
		"no time":           {spoil: del("Timestamp"), code: "IllegalTimestamp", status: 400},
		"no action":         {spoil: del("Action"), code: "MissingAction", status: 400},
		"unknown key":       {spoil: set("AccessKeyId", "stranger"), code: "InvalidAccessKeyId.NotFound", status: 404},
		"HMAC-SHA256":       {spoil: set("SignatureMethod", "HMAC-SHA256"), code: "InvalidSignatureMethod", status: 400},
		"version 2":         {spoil: set("SignatureVersion", "2.0"), code: "InvalidSignatureVersion", status: 400},
		"local time":        {spoil: set("Timestamp", "2026-03-01T20:00:00Z"), code: "InvalidTimeStamp.Expired", status: 400},
		"no time at all":    {spoil: set("Timestamp", "noon"), code: "InvalidTimeStamp.Format", status: 400},
		"needless token":    {spoil: set("SecurityToken", "x"), code: "InvalidSecurityToken.MismatchWithAccessKey", status: 400},
		"other API version": {spoil: set("Version", "2020-08-06"), code: "InvalidVersion", status: 400},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := seeded(t, WithClock(func() time.Time { return now }))
			params := newV1(now, "QueryUserInfoByUserId", values("UserId", "ann"))
			if tt.spoil != nil {
				tt.spoil(params)
			}
			secret := AccessKeySecret
			if tt.secret != "" {
				secret = tt.secret
			}
			g := serve(t, e, requestV1(t, http.MethodPost, secret, params, tt.inBody...))
			if g.Code != tt.code || g.Status != tt.status {
				t.Errorf("%d %q %s, want %d %q", g.Status, g.Code, g.Body, tt.status, tt.code)
			}
		})
	}
}

// TestMismatchEchoes makes sure that clients get to see what they must not pass on.
func TestMismatchEchoes(t *testing.T) {
	t.Parallel()
	e := NewEmulator(WithSTSToken("STS.one", "secret", "very-private"))

	params := newV1(e.Now(), "DeleteUser", values("UserId", "somebody"))
	params.Set("AccessKeyId", "STS.one")
	params.Set("SecurityToken", "very-private")
	g1 := serve(t, e, requestV1(t, http.MethodPost, "guess", params))

	s := newV3(e.Now(), "DeleteUser", values("UserId", "somebody"))
	s.id, s.secret = "STS.one", "guess"
	s.header.Set("X-Acs-Security-Token", "very-private")
	g3 := serve(t, e, s.request(t))

	for _, g := range []got{g1, g3} {
		_, echo, ok := strings.Cut(g.Message, "server string to sign is:")
		if g.Code != "SignatureDoesNotMatch" || !ok || !strings.Contains(echo, "very-private") || !strings.Contains(echo, "somebody") {
			t.Errorf("%s %q", g.Code, g.Message)
		}
	}
}

// A stranger who sees a nonce must not be able to use it up.
func TestNonceNeedsSignature(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	good := newV3(e.Now(), "QueryUserList", nil)
	bad := newV3(e.Now(), "QueryUserList", nil)
	bad.header.Set("X-Acs-Signature-Nonce", good.header.Get("X-Acs-Signature-Nonce"))
	bad.secret = "guess"
	if g := serve(t, e, bad.request(t)); g.Code != "SignatureDoesNotMatch" {
		t.Fatalf("%d %s", g.Status, g.Code)
	}
	if g := serve(t, e, good.request(t)); g.Status != http.StatusOK {
		t.Errorf("%d %s", g.Status, g.Code)
	}
	if g := serve(t, e, good.request(t)); g.Code != "SignatureNonceUsed" {
		t.Errorf("the same again: %d %s", g.Status, g.Code)
	}
}
