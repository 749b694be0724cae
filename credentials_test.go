package quickbi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// fakeProvider has no locks, as those of credentials-go have none, so the race
// detector reports concurrent use.
type fakeProvider struct {
	calls int
	fetch func(n int) (Credential, error)
}

func (p *fakeProvider) Credential(context.Context) (Credential, error) {
	p.calls++
	return p.fetch(p.calls)
}

func temporary(id, secret, token string) Credential {
	return Credential{AccessKeyID: id, AccessKeySecret: NewSecret(secret), SecurityToken: NewSecret(token)}
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

// TestSingleFlight has 64 goroutines that need a credential at once from a provider without locks.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{fetch: func(int) (Credential, error) {
			time.Sleep(time.Second)
			return temporary("id", "secret", "token"), nil
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
		p := &fakeProvider{fetch: func(int) (Credential, error) {
			time.Sleep(time.Minute)
			return temporary("id", "secret", ""), nil
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
		p := &fakeProvider{fetch: func(n int) (Credential, error) {
			return temporary("id", "secret", fmt.Sprint("token-", n)), nil
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
		same := &fakeProvider{fetch: func(int) (Credential, error) { return temporary("id", "secret", "old"), nil }}
		wire = newRecorder(t, expiring(code, "new"))
		if err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(same))); !errors.Is(err, ErrorCode(code)) || len(wire.requests()) != 1 {
			t.Errorf("%s, same again: %v, sent %d times", code, err, len(wire.requests()))
		}
	}
}

// renewable keeps its credential until Renew.
type renewable struct{ renewals int }

func (p *renewable) Credential(context.Context) (Credential, error) {
	return temporary("id", "secret", fmt.Sprint("token-", p.renewals)), nil
}

func (p *renewable) Renew(ctx context.Context, refused Credential) (Credential, error) {
	if refused.SecurityToken.Reveal() != fmt.Sprint("token-", p.renewals) {
		return Credential{}, errors.New("that is not what was refused")
	}
	p.renewals++
	return p.Credential(ctx)
}

// TestRenewer revokes the token of a provider that keeps it: all calls that are
// refused get the newer one, for which the provider is asked once.
func TestRenewer(t *testing.T) {
	t.Parallel()
	for _, expires := range []time.Duration{0, time.Hour} {
		p := &renewable{}
		var provider CredentialProvider = p
		if expires > 0 {
			provider = &expiringProvider{p, time.Now().Add(expires)}
		}
		wire := newRecorder(t, expiring("InvalidSecurityToken.Expired", "token-1"))
		c := newTestClient(t, wire, WithCredential(provider))
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if err := deleteUser(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p.renewals != 1 {
			t.Errorf("expiring after %v: renewed %d times", expires, p.renewals)
		}
	}
}

// TestProviderIsAskedAlone has calls that renew a credential while others need one.
func TestProviderIsAskedAlone(t *testing.T) {
	t.Parallel()
	p := &busyProvider{}
	wire := newRecorder(t, expiring("InvalidSecurityToken.Expired", "token-1"))
	c := newTestClient(t, wire, WithCredential(p))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			if err := deleteUser(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if p.together != 0 || p.renewals == 0 {
		t.Errorf("asked while it was busy: %d times; renewed %d times", p.together, p.renewals)
	}
}

// busyProvider takes its time for each answer.
type busyProvider struct {
	renewable
	busy, together int
}

func (p *busyProvider) work() {
	if p.busy++; p.busy > 1 {
		p.together++
	}
	time.Sleep(2 * time.Millisecond)
	p.busy--
}

func (p *busyProvider) Credential(ctx context.Context) (Credential, error) {
	p.work()
	return p.renewable.Credential(ctx)
}

func (p *busyProvider) Renew(ctx context.Context, refused Credential) (Credential, error) {
	p.work()
	return p.renewable.Renew(ctx, refused)
}

// expiringProvider says how long the credentials of another one last.
type expiringProvider struct {
	*renewable
	expires time.Time
}

func (p *expiringProvider) Credential(ctx context.Context) (Credential, error) {
	cred, err := p.renewable.Credential(ctx)
	cred.Expires = p.expires
	return cred, err
}

func (p *expiringProvider) Renew(ctx context.Context, refused Credential) (Credential, error) {
	cred, err := p.renewable.Renew(ctx, refused)
	cred.Expires = p.expires
	return cred, err
}

// TestKeptUntilExpiry counts how often a provider is asked whose credentials have a known end.
func TestKeptUntilExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failing := false
		p := &fakeProvider{fetch: func(n int) (Credential, error) {
			if failing {
				return Credential{}, errors.New("the vault is sealed")
			}
			cred := temporary("id", "secret", fmt.Sprint("token-", n))
			cred.Expires = time.Now().Add(time.Hour)
			return cred, nil
		}}
		c := newTestClient(t, newRecorder(t, answering(200, done)), WithCredential(p), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
		call := func(what string, asked int) {
			t.Helper()
			if err := deleteUser(t.Context(), c); err != nil || p.calls != asked {
				t.Errorf("%s: %v, asked %d times, want %d", what, err, p.calls, asked)
			}
		}
		call("first", 1)
		time.Sleep(time.Hour - credentialMargin - time.Second)
		call("still good", 1)
		time.Sleep(time.Second)
		call("soon over", 2)
		time.Sleep(time.Hour - credentialMargin)
		failing = true
		call("soon over, and there is no other", 3)
		time.Sleep(credentialMargin)
		if err := deleteUser(t.Context(), c); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "sealed") {
			t.Errorf("over: %v", err)
		}
	})
}

// TestProviderFailures makes calls without a usable credential: nothing is sent, no
// secret shows, and only transient failures are tried again.
func TestProviderFailures(t *testing.T) {
	t.Parallel()
	const secret = "SECRET-mark"
	for name, test := range map[string]struct {
		cred  Credential
		err   error
		class ErrorClass
		asked int
		shows string
	}{
		"nothing":          {Credential{}, nil, ErrAuthentication, 1, "neither an access key nor a bearer token"},
		"no secret":        {temporary("id", "", ""), nil, ErrAuthentication, 1, "without its secret"},
		"no secret, token": {temporary("STS.id", "", "token"), nil, ErrAuthentication, 1, "without its secret"},
		"no id":            {temporary("", secret, ""), nil, ErrAuthentication, 1, "without its id"},
		"id and newline":   {temporary("id\n", secret, ""), nil, ErrAuthentication, 1, "the access key id ends with a line break"},
		"id and CRLF":      {temporary("id\r\n", secret, ""), nil, ErrAuthentication, 1, "the access key id ends with a line break"},
		"secret, newline":  {temporary("id", secret+"\n", ""), nil, ErrAuthentication, 1, "the access key secret ends with a line break"},
		"token, newline":   {temporary("id", "s", secret+"\n"), nil, ErrAuthentication, 1, "the STS token ends with a line break"},
		"header in token":  {temporary("id", "s", secret+"\r\nX: y"), nil, ErrAuthentication, 1, "the STS token holds a blank or a control character"},
		"bearer, newline":  {Credential{BearerToken: NewSecret(secret + "\n")}, nil, ErrAuthentication, 1, "the bearer token ends with a line break"},
		"failing":          {Credential{}, errors.New("httpStatus: 503, message = busy"), ErrUnavailable, 3, "httpStatus: 503"},
		"final":            {Credential{}, fmt.Errorf("no such role: %w", ErrAuthentication), ErrAuthentication, 1, "no such role"},
		"telling": {Credential{}, errors.New(`failed: {"AccessKeySecret":"SECRET-mark","other":"SECRET-mark"}`),
			ErrUnavailable, 3, "failed: {…}"},
		"telling a code": {Credential{}, errors.New(`failed: {"Code":"NoSuchRole","Message":"it is gone","Secret":"SECRET-mark"}`),
			ErrUnavailable, 3, "failed: NoSuchRole it is gone"},
		"telling a URL": {Credential{}, &url.Error{Op: "Get", URL: "http://vault/?t=SECRET-mark", Err: errors.New("GET http://vault/v1?key=SECRET-mark: refused")},
			ErrUnavailable, 3, "GET http://vault/v1?REDACTED refused"},
	} {
		wire := newRecorder(t, answering(200, done))
		p := &fakeProvider{fetch: func(int) (Credential, error) { return test.cred, test.err }}
		err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(p), WithRetryPolicy(RetryPolicy{BaseDelay: 1})))
		if !errors.Is(err, test.class) || errors.Is(err, ErrOutcomeUnknown) || len(wire.requests()) != 0 || p.calls != test.asked ||
			!strings.Contains(err.Error(), test.shows) || !strings.Contains(err.Error(), "getting a credential") {
			t.Errorf("%s: %v, asked %d times", name, err, p.calls)
		}
		if errors.Is(err, ErrAuthentication) == errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: passing and final: %v", name, err)
		}
		if text := fmt.Sprintf("%v %#v", err, err); strings.Contains(text, secret) {
			t.Errorf("%s: %s", name, text)
		}
		hint := "Check which credential is used"
		switch {
		case test.class == ErrUnavailable:
			hint = "The source of the credentials"
		case strings.HasPrefix(test.shows, "the "): // a part of it
			hint = "printf, not echo"
		}
		if apiErr, ok := errors.AsType[*Error](err); !ok || !strings.Contains(apiErr.Hint(), hint) {
			t.Errorf("%s: hint %q lacks %q", name, apiErr.Hint(), hint)
		}
	}
	p := CredentialFunc(func(context.Context) (Credential, error) { panic("SECRET-mark") })
	err := deleteUser(t.Context(), newTestClient(t, newRecorder(t, answering(200, done)), WithCredential(p)))
	if !errors.Is(err, ErrAuthentication) || strings.Contains(err.Error(), secret) {
		t.Errorf("panic: %v", err)
	}
	p = func(context.Context) (Credential, error) { runtime.Goexit(); return Credential{}, nil } // t.FailNow of a fake
	err = deleteUser(t.Context(), newTestClient(t, newRecorder(t, answering(200, done)), WithCredential(p)))
	if !errors.Is(err, ErrAuthentication) || !strings.Contains(err.Error(), "did not return") {
		t.Errorf("ended goroutine: %v", err)
	}
}

// TestProviderRecovers fails once: the call goes through all the same.
func TestProviderRecovers(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{fetch: func(n int) (Credential, error) {
		if n == 1 {
			return Credential{}, errors.New("the metadata server is busy")
		}
		return temporary("id", "secret", ""), nil
	}}
	wire := newRecorder(t, answering(200, done))
	if err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(p))); err != nil || len(wire.requests()) != 1 {
		t.Errorf("%v, %d requests", err, len(wire.requests()))
	}
}

// TestCauseWhileWaiting ends contexts, with a cause, during the wait for a limiter and for a credential.
func TestCauseWhileWaiting(t *testing.T) {
	t.Parallel()
	mine := errors.New("the operator pressed a key")
	block := make(chan struct{})
	defer close(block)
	for name, opt := range map[string]Option{
		"limiter":       WithRateLimit(1e-9, 1),
		"other limiter": WithLimiter(limiterFunc(func(ctx context.Context) error { <-ctx.Done(); return errors.New("gave up") })),
		"credential":    WithCredential(CredentialFunc(func(context.Context) (Credential, error) { <-block; return Credential{}, nil })),
	} {
		c := newTestClient(t, newRecorder(t, answering(200, done)), opt)
		if l, ok := c.limiter.(*rate.Limiter); ok {
			l.Allow()
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Millisecond, func() { cancel(mine) })
		err := deleteUser(ctx, c)
		if !errors.Is(err, mine) || !errors.Is(err, context.Canceled) || errors.Is(err, ErrAuthentication) || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOneSnapshotPerAttempt rotates key, secret and token between fetches: parts of two may never be mixed.
func TestOneSnapshotPerAttempt(t *testing.T) {
	t.Parallel()
	var mixed atomic.Int32
	p := &fakeProvider{fetch: func(n int) (Credential, error) {
		return temporary(fmt.Sprint("id-", n), fmt.Sprint("secret-", n), fmt.Sprint("token-", n)), nil
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
	const bearer = "bearer-1"
	p := &fakeProvider{fetch: func(int) (Credential, error) { return Credential{BearerToken: NewSecret(bearer)}, nil }}
	wire := newRecorder(t, answering(200, done))
	if err := deleteUser(t.Context(), newTestClient(t, wire, WithCredential(p))); err != nil {
		t.Fatal(err)
	}
	equal(t, "header", wire.requests()[0].req.Header.Get("X-Acs-Bearer-Token"), bearer)
}
