package quickbi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/credentials-go/credentials"
)

// fakeProvider is a credentials-go provider; like them it has no locks, so the
// race detector reports concurrent use.
type fakeProvider struct {
	credentials.Credential // the deprecated getters: not to be used
	calls                  int
	fetch                  func(n int) (*credentials.CredentialModel, error)
}

func (p *fakeProvider) GetCredential() (*credentials.CredentialModel, error) {
	p.calls++
	return p.fetch(p.calls)
}

func model(id, secret, token string) *credentials.CredentialModel {
	return &credentials.CredentialModel{AccessKeyId: &id, AccessKeySecret: &secret, SecurityToken: &token}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	type holder struct {
		Public Secret
		hidden Secret
		cred   Credential
	}
	cred := Credential{AccessKeyID: "id", AccessKeySecret: NewSecret("hunter2"), SecurityToken: NewSecret("hunter2")}
	h := holder{NewSecret("hunter2"), NewSecret("hunter2"), cred}
	var out bytes.Buffer
	for _, v := range []any{h, &h, cred, &cred, cred.AccessKeySecret, []Secret{h.hidden}, map[string]Secret{"k": h.hidden}, fixedSource(cred), (*fixedSource)(&cred)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10v"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	}
	for _, leak := range []string{"hunter2", "68756e74657232", "68756E74657232"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%s shows in:\n%s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), redacted) || cred.AccessKeySecret.Reveal() != "hunter2" || (Secret{}).Reveal() != "" {
		t.Error("not redacted, or lost")
	}
}

// TestSingleFlight lets 64 goroutines need a credential at once from a provider without locks.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{fetch: func(int) (*credentials.CredentialModel, error) {
			time.Sleep(time.Second)
			return model("id", "secret", "token"), nil
		}}
		c := newTestClient(t, newRecorder(t, answering(200, done)), WithCredential(p))
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				if err := deleteUser(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p.calls != 1 {
			t.Errorf("%d fetches, want 1", p.calls)
		}
	})
}

// TestWaitersObeyTheirContext cancels one of two calls that wait for the same slow fetch.
func TestWaitersObeyTheirContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{fetch: func(int) (*credentials.CredentialModel, error) {
			time.Sleep(time.Minute)
			return model("id", "secret", ""), nil
		}}
		c := newTestClient(t, newRecorder(t, answering(200, done)), WithCredential(p))
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := deleteUser(ctx, c); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("the impatient one: %v", err)
			}
			if d := time.Since(start); d != time.Second {
				t.Errorf("the impatient one waited %v", d)
			}
		})
		wg.Go(func() {
			if err := deleteUser(t.Context(), c); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != credentialTimeout {
				t.Errorf("the patient one: %v after %v", err, time.Since(start))
			}
		})
		wg.Wait()
		time.Sleep(time.Minute) // until the provider is done
	})
}

// expiring refuses every token but the last.
func expiring(code string, good string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) {
		if req.Header.Get("X-Acs-Security-Token") == good {
			return newAnswer(req, 200, done), nil
		}
		return newAnswer(req, 400, `{"Code":"`+code+`"}`), nil
	}
}

func TestExpiredTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"InvalidSecurityToken.Expired", "InvalidSecurityToken.Malformed", "InvalidSecurityToken.MismatchWithAccessKey", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive"} {
		p := &fakeProvider{fetch: func(n int) (*credentials.CredentialModel, error) {
			return model("id", "secret", fmt.Sprint("token-", n)), nil
		}}
		wire := newRecorder(t, expiring(code, "token-2"))
		if err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(p))); err != nil || len(wire.requests()) != 2 {
			t.Errorf("%s: %v, sent %d times", code, err, len(wire.requests()))
		}
		p.calls = 0
		wire = newRecorder(t, expiring(code, "token-99"))
		err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(p)))
		if !errors.Is(err, ErrorCode(code)) || !errors.Is(err, ErrAuthentication) || len(wire.requests()) != 2 {
			t.Errorf("%s, for good: %v, sent %d times", code, err, len(wire.requests()))
		}
		// A provider with nothing newer: no use in sending it again.
		same := &fakeProvider{fetch: func(int) (*credentials.CredentialModel, error) { return model("id", "secret", "old"), nil }}
		wire = newRecorder(t, expiring(code, "new"))
		if err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(same))); !errors.Is(err, ErrorCode(code)) || len(wire.requests()) != 1 {
			t.Errorf("%s, same again: %v, sent %d times", code, err, len(wire.requests()))
		}
	}
}

// TestReopen checks that a provider which keeps what it has is made anew, as the default chain has to be.
func TestReopen(t *testing.T) {
	t.Parallel()
	opened := 0
	source := &providerSource{open: func() (credentials.Credential, error) {
		opened++
		mine := opened
		return &fakeProvider{fetch: func(int) (*credentials.CredentialModel, error) {
			if mine == 1 {
				return nil, errors.New("nothing found")
			}
			return model("id", "secret", fmt.Sprint("token-", mine)), nil // for ever the same
		}}, nil
	}}
	wire := newRecorder(t, expiring("InvalidSecurityToken.Expired", "token-3"))
	c := newTestClient(t, wire, func(cfg *config) error { cfg.client.credentials = source; return nil })
	if err := deleteUser(t.Context(), c); err == nil || !strings.Contains(err.Error(), "nothing found") || !errors.Is(err, ErrAuthentication) || len(wire.requests()) != 0 {
		t.Errorf("first: %v", err)
	}
	if err := deleteUser(t.Context(), c); err != nil || opened != 3 {
		t.Errorf("second: %v, opened %d times", err, opened)
	}
}

func TestProviderFailures(t *testing.T) {
	t.Parallel()
	for name, fetch := range map[string]func(int) (*credentials.CredentialModel, error){
		"nil model": func(int) (*credentials.CredentialModel, error) { return nil, nil },
		"empty":     func(int) (*credentials.CredentialModel, error) { return &credentials.CredentialModel{}, nil },
		"panic":     func(int) (*credentials.CredentialModel, error) { panic("SECRET-mark") },
		"telling": func(int) (*credentials.CredentialModel, error) {
			return nil, errors.New(`{"AccessKeySecret":"SECRET-mark","SecurityToken":"SECRET-mark"}`)
		},
	} {
		wire := newRecorder(t, answering(200, done))
		err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(&fakeProvider{fetch: fetch})))
		if !errors.Is(err, ErrAuthentication) || errors.Is(err, ErrOutcomeUnknown) || len(wire.requests()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
		if text := fmt.Sprintf("%v %#v", err, err); strings.Contains(text, "SECRET-mark") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestOneSnapshotPerAttempt rotates key, secret and token between fetches: parts of two may never be mixed.
func TestOneSnapshotPerAttempt(t *testing.T) {
	t.Parallel()
	var mixed atomic.Int32
	p := &fakeProvider{fetch: func(n int) (*credentials.CredentialModel, error) {
		return model(fmt.Sprint("id-", n), fmt.Sprint("secret-", n), fmt.Sprint("token-", n)), nil
	}}
	wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
		id := req.Header.Get("X-Acs-Accesskey-Id")
		if "token-"+strings.TrimPrefix(id, "id-") != req.Header.Get("X-Acs-Security-Token") || !strings.Contains(req.Header.Get("Authorization"), "Credential="+id+",") {
			mixed.Add(1)
		}
		return newAnswer(req, 200, done), nil
	})
	c := newTestClient(t, wire, WithCredential(p))
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if err := deleteUser(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if mixed.Load() != 0 {
		t.Errorf("%d requests mix two credentials", mixed.Load())
	}
}

func TestBearerProvider(t *testing.T) {
	t.Parallel()
	bearer := "bearer-1"
	p := &fakeProvider{fetch: func(int) (*credentials.CredentialModel, error) {
		return &credentials.CredentialModel{BearerToken: &bearer}, nil
	}}
	wire := newRecorder(t, answering(200, done))
	if err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(p))); err != nil {
		t.Fatal(err)
	}
	equal(t, "header", wire.requests()[0].req.Header.Get("X-Acs-Bearer-Token"), bearer)
}
