package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type vector struct {
	Name            string
	Scheme          string
	Method          string
	Host            string
	URL             string
	Query           map[string]string
	Params          map[string]string
	Headers         map[string]string
	Body            *string
	HashedPayload   string `json:"hashed_payload"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	SecurityToken   string `json:"security_token"`
	Expected        struct {
		CanonicalizedQueryString string `json:"canonicalized_query_string"`
		CanonicalRequest         string `json:"canonical_request"`
		StringToSign             string `json:"string_to_sign"`
		Authorization            string
		Signature                string
	}
}

func loadVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("../../../testdata/signing/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

func fromMap(m map[string]string) url.Values {
	v := make(url.Values)
	for name, value := range m {
		v.Set(name, value)
	}
	return v
}

// TestSignatures recomputes every vector.
func TestSignatures(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, v := range loadVectors(t) {
		count[v.Scheme]++
		var stringToSign, signature string
		switch v.Scheme {
		case V1:
			params := fromMap(v.Params)
			if diff := cmp.Diff(v.Expected.CanonicalizedQueryString, canonicalQuery(params)); diff != "" {
				t.Errorf("%s: canonical query (-want +got):\n%s", v.Name, diff)
			}
			stringToSign = StringToSignV1(v.Method, params)
			signature = SignV1(v.AccessKeySecret, stringToSign)
		case V3:
			payload := v.HashedPayload
			if payload == "" {
				payload = v.Headers["x-acs-content-sha256"]
			}
			var signed []string
			for name := range v.Headers {
				signed = append(signed, name)
			}
			slices.Sort(signed)
			canonical := CanonicalRequestV3(v.Method, fromMap(v.Query), signed, func(name string) string { return v.Headers[name] }, payload)
			if diff := cmp.Diff(v.Expected.CanonicalRequest, canonical); diff != "" {
				t.Errorf("%s: canonical request (-want +got):\n%s", v.Name, diff)
			}
			stringToSign = StringToSignV3(canonical)
			signature = SignV3(v.AccessKeySecret, stringToSign)
		}
		if diff := cmp.Diff(v.Expected.StringToSign, stringToSign); diff != "" {
			t.Errorf("%s: string to sign (-want +got):\n%s", v.Name, diff)
		}
		if signature != v.Expected.Signature {
			t.Errorf("%s: signature %s, want %s", v.Name, signature, v.Expected.Signature)
		}
	}
	if count[V1] == 0 || count[V3] == 0 {
		t.Errorf("vectors: %v", count)
	}
}

// TestCapturedRequests lets in what other clients sent, byte for byte, once.
func TestCapturedRequests(t *testing.T) {
	t.Parallel()
	captured := 0
	for _, v := range loadVectors(t) {
		if v.URL == "" || v.Body == nil || v.AccessKeyID == "" {
			continue // no captured request, or a bearer token's
		}
		captured++
		r, err := http.NewRequestWithContext(t.Context(), v.Method, v.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		timestamp := v.Params["Timestamp"]
		for name, value := range v.Headers {
			r.Header.Set(name, value)
		}
		r.Header.Del("Host")
		r.Host = v.Host
		if v.Scheme == V3 {
			timestamp = v.Headers["x-acs-date"]
			r.Header.Set("Authorization", v.Expected.Authorization)
		}
		now, err := time.Parse(time.RFC3339, timestamp)
		if err != nil {
			t.Fatal(err)
		}
		g := New(Config{Keys: []Key{{ID: v.AccessKeyID, Secret: v.AccessKeySecret, Token: v.SecurityToken}}})
		for _, want := range []string{"", "SignatureNonceUsed"} {
			r.Body = io.NopCloser(strings.NewReader(*v.Body))
			req, err := g.Read(nil, r)
			if err == nil {
				err = g.Admit(req, now, http.Header{})
			}
			if code := codeOf(err); code != want {
				t.Errorf("%s: %v, want %q", v.Name, err, want)
			}
			if req.Scheme != v.Scheme {
				t.Errorf("%s: taken for %s", v.Name, req.Scheme)
			}
		}
	}
	if captured < 50 {
		t.Errorf("only %d captured requests", captured)
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.(*Refusal).Code
}

func TestNonces(t *testing.T) {
	t.Parallel()
	var n nonces
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after time.Duration
		nonce string
		want  bool
	}{
		{0, "a", true},
		{0, "a", false},
		{nonceLife - time.Second, "a", false},
		{nonceLife, "b", true},
		{nonceLife, "a", false}, // the generation before
		{2 * nonceLife, "c", true},
		{2 * nonceLife, "a", true}, // forgotten
		{-time.Hour, "c", false},   // clocks go back, too
		{9 * nonceLife, "a", true},
	} {
		if got := n.use(step.nonce, now.Add(step.after)); got != step.want {
			t.Errorf("after %v: use(%q) = %v", step.after, step.nonce, got)
		}
	}

	n = nonces{young: make(map[string]struct{}, maxNonces), born: now}
	for i := range maxNonces + 10 {
		n.use(strconv.Itoa(i), now)
	}
	if len(n.young) > 10 {
		t.Errorf("%d nonces in a generation that began anew", len(n.young))
	}
}
