package quickbi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quickbi-go/quickbi/internal/json"
	"golang.org/x/sync/singleflight"
)

const redacted = "REDACTED"

// Secret is a string that does not print, such as a key or a ticket: fmt, slog and
// JSON show REDACTED. The value is behind a pointer to a pointer, because fmt prints
// only the address of one: it cannot call methods of an unexported field of a struct.
type Secret struct{ value **secretValue }

type secretValue struct {
	text string
	macs sync.Pool // of HMAC-SHA256 keyed with text: keying costs as much as signing
}

// NewSecret hides s.
func NewSecret(s string) Secret {
	v := &secretValue{text: s}
	return Secret{&v}
}

// Reveal returns the hidden string. A [Signer] needs that of a key, the URL of a page
// that of a ticket.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return (*s.value).text
}

// hmacSHA256 appends the HMAC of message under the secret.
func (s Secret) hmacSHA256(dst, message []byte) []byte {
	if s.value == nil {
		s = NewSecret("")
	}
	v := *s.value
	mac, ok := v.macs.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, []byte(v.text))
	}
	mac.Write(message)
	dst = mac.Sum(dst)
	mac.Reset()
	v.macs.Put(mac)
	return dst
}

// String returns REDACTED.
func (Secret) String() string { return redacted }

// Format prints REDACTED for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs REDACTED.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText encodes REDACTED, in JSON too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText hides the text, from JSON too.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret{}
	if len(text) > 0 {
		*s = NewSecret(string(text))
	}
	return nil
}

// Credential is one snapshot of the caller's credentials. Its parts belong together
// and never change. A bearer token stands alone, without a key.
type Credential struct {
	AccessKeyID     string
	AccessKeySecret Secret
	SecurityToken   Secret // of STS; empty for a long-lived key
	BearerToken     Secret

	// Expires is the end of a temporary credential. The client keeps the credential
	// until shortly before. Zero means unknown: then the client asks the
	// [CredentialProvider] for every attempt of a call.
	Expires time.Time
}

func (c Credential) equal(other Credential) bool {
	return c.AccessKeyID == other.AccessKeyID &&
		c.AccessKeySecret.Reveal() == other.AccessKeySecret.Reveal() &&
		c.SecurityToken.Reveal() == other.SecurityToken.Reveal() &&
		c.BearerToken.Reveal() == other.BearerToken.Reveal()
}

// Marks of errors that [Error.Hint] knows.
var (
	errMalformedCredential = errors.New("malformed credential") // it holds an impossible character
	errProvider            = errors.New("provider failed")      // it may succeed the next time
)

// check returns the reason why the credential cannot sign anything.
func (c Credential) check() error {
	bearer, secret := c.BearerToken.Reveal(), c.AccessKeySecret.Reveal()
	switch {
	case bearer != "":
	case c.AccessKeyID == "" && secret == "":
		return errors.New("the credential has neither an access key nor a bearer token")
	case secret == "":
		return errors.New("the credential has an access key id without its secret")
	case c.AccessKeyID == "":
		return errors.New("the credential has an access key secret without its id")
	}
	for _, part := range [...]struct{ name, value string }{
		{"access key id", c.AccessKeyID},
		{"access key secret", secret},
		{"STS token", c.SecurityToken.Reveal()},
		{"bearer token", bearer},
	} {
		switch at := strings.IndexFunc(part.value, func(r rune) bool { return r <= ' ' || r == 0x7f }); {
		case at < 0:
		case strings.Trim(part.value[at:], "\r\n") == "":
			return &marked{errors.New("the " + part.name + " ends with a line break"), errMalformedCredential}
		default:
			return &marked{errors.New("the " + part.name + " holds a blank or a control character"), errMalformedCredential}
		}
	}
	return nil
}

// marked is an error that also matches a mark, which its text does not show.
type marked struct {
	error
	mark error
}

func (m *marked) Unwrap() []error { return []error{m.error, m.mark} }

// A CredentialProvider returns credentials from your own source: a vault, a file, a
// service. [WithCredential] takes it.
//
// A client calls Credential from one goroutine at a time, so it needs no locks unless
// the provider has other users. The context carries the values of a call, but does
// not end with it, because other calls wait for the same answer. It ends after 30
// seconds.
//
// An error fails the attempt as [ErrUnavailable], and the client asks again as its
// [RetryPolicy] says. After an error that matches [ErrAuthentication] it does not ask
// again.
type CredentialProvider interface {
	Credential(ctx context.Context) (Credential, error)
}

// CredentialFunc is a function that is a [CredentialProvider].
type CredentialFunc func(ctx context.Context) (Credential, error)

// Credential calls f.
func (f CredentialFunc) Credential(ctx context.Context) (Credential, error) { return f(ctx) }

// A CredentialRenewer is a [CredentialProvider] that caches its credential. If the
// service refuses a credential as unknown, disabled or expired, and Credential still
// returns the same one, the client calls Renew for a newer one and sends the call once
// more.
type CredentialRenewer interface {
	CredentialProvider
	Renew(ctx context.Context, refused Credential) (Credential, error)
}

// credentialSource returns the credential of each attempt.
type credentialSource interface {
	// credential returns one snapshot.
	credential(ctx context.Context) (Credential, error)
	// renew is called after the service has refused a credential as unknown or
	// expired. It returns a newer one, or the same one.
	renew(ctx context.Context, refused Credential) (Credential, error)
}

// fixedSource is a key of the caller.
type fixedSource Credential

func (s *fixedSource) credential(context.Context) (Credential, error) { return Credential(*s), nil }
func (s *fixedSource) renew(context.Context, Credential) (Credential, error) {
	return Credential(*s), nil
}

const (
	// credentialTimeout limits the wait for a provider. Those of credentials-go give
	// up earlier; others may not give up at all.
	credentialTimeout = 30 * time.Second
	// credentialMargin is the time before its end at which a credential is replaced: a
	// call takes time, and clocks differ.
	credentialMargin = 3 * time.Minute
)

// providerSource takes credentials from a provider, which may be slow and unsafe for
// concurrent use: one fetch runs at a time, on its own goroutine, and every caller
// waits for it under its own context.
type providerSource struct {
	provider CredentialProvider
	group    singleflight.Group
	mu       sync.Mutex                 // held while the provider runs
	kept     atomic.Pointer[Credential] // the latest credential with a known end
}

func (s *providerSource) credential(ctx context.Context) (Credential, error) {
	if kept := s.kept.Load(); kept != nil && time.Until(kept.Expires) > credentialMargin {
		return *kept, nil
	}
	return s.shared(ctx, "get", func(ctx context.Context) (Credential, error) {
		cred, err := s.fetch(ctx, s.provider.Credential)
		if kept := s.kept.Load(); err != nil && kept != nil && time.Now().Before(kept.Expires) {
			return *kept, nil
		}
		return cred, err
	})
}

func (s *providerSource) renew(ctx context.Context, refused Credential) (Credential, error) {
	return s.shared(ctx, "renew", func(ctx context.Context) (Credential, error) {
		// Another call may have renewed it already.
		if kept := s.kept.Load(); kept != nil && !kept.equal(refused) {
			return *kept, nil
		}
		s.kept.Store(nil)
		now, err := s.fetch(ctx, s.provider.Credential)
		renewer, can := s.provider.(CredentialRenewer)
		if err != nil || !now.equal(refused) || !can {
			return now, err
		}
		return s.fetch(ctx, func(ctx context.Context) (Credential, error) { return renewer.Renew(ctx, refused) })
	})
}

func (s *providerSource) shared(ctx context.Context, what string, fetch func(context.Context) (Credential, error)) (Credential, error) {
	done := s.group.DoChan(what, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), credentialTimeout)
		defer cancel()
		return fetch(ctx)
	})
	limit := time.NewTimer(credentialTimeout)
	defer limit.Stop()
	select {
	case <-ctx.Done():
		return Credential{}, contextError(ctx)
	case <-limit.C:
		return Credential{}, fmt.Errorf("the provider gave none within %v: %w", credentialTimeout, context.DeadlineExceeded)
	case r := <-done:
		if r.Err != nil {
			return Credential{}, r.Err
		}
		return r.Val.(Credential), nil
	}
}

func (s *providerSource) fetch(ctx context.Context, ask func(context.Context) (Credential, error)) (Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var cred Credential
	// The error if the provider panics, with a value that may print a secret, or ends its goroutine.
	err := error(&marked{errors.New("the credentials provider did not return"), ErrAuthentication})
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		cred, err = ask(ctx)
	}()
	<-done
	if err != nil {
		return Credential{}, err
	}
	if err := cred.check(); err != nil {
		return Credential{}, &marked{err, ErrAuthentication}
	}
	if !cred.Expires.IsZero() {
		s.kept.Store(&cred)
	}
	return cred, nil
}

// providerText is the text of a provider's failure without secrets: providers tend to
// repeat the answer, the file or the URL that they cannot use. It keeps only Code and
// Message of a document.
func providerText(err error) string {
	text := stripURL(err).Error()
	if at := strings.IndexByte(text, '{'); at >= 0 {
		var said struct{ Code, Message string }
		shown := "{…}"
		if json.Unmarshal([]byte(text[at:]), &said, decodeOptions) == nil && said.Code != "" {
			shown = strings.TrimSpace(said.Code + " " + said.Message)
		}
		text = text[:at] + shown
	}
	if before, _, ok := strings.Cut(text, " delimiter not found"); ok { // of an INI file: the line itself follows
		text = before + " delimiter not found"
	}
	text = urlQuery().ReplaceAllString(text, "$1?"+redacted)
	text = new(redactor).clean(text)
	const most = 1000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// urlQuery finds URLs with a query, which may hold a token.
var urlQuery = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(https?://[^\s?"']*)\?[^\s"']*`) })
