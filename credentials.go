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
	"sync"
	"time"

	"github.com/aliyun/credentials-go/credentials"
	"golang.org/x/sync/singleflight"
)

const redacted = "REDACTED"

// Secret is a string that does not print: every verb of fmt, slog and JSON
// show REDACTED. The value sits behind a pointer to a pointer, of which fmt
// prints the address only, so that a struct that holds a Secret in an unexported
// field, where fmt cannot call methods, does not show it either.
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

// Reveal returns the hidden string. Only a [Signer] should need it.
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

// Credential is one snapshot of who is calling: the three parts of it belong
// together and never change. A bearer token stands alone, without a key.
type Credential struct {
	AccessKeyID     string
	AccessKeySecret Secret
	SecurityToken   Secret // of STS; empty for a long-lived key
	BearerToken     Secret
}

func (a Credential) equal(b Credential) bool {
	return a.AccessKeyID == b.AccessKeyID &&
		a.AccessKeySecret.Reveal() == b.AccessKeySecret.Reveal() &&
		a.SecurityToken.Reveal() == b.SecurityToken.Reveal() &&
		a.BearerToken.Reveal() == b.BearerToken.Reveal()
}

// credentialSource yields the credential of each attempt.
type credentialSource interface {
	// credential returns one snapshot.
	credential(ctx context.Context) (Credential, error)
	// renew is called after the service has refused a credential as unknown or
	// expired. It returns a newer one, or the same when there is none.
	renew(ctx context.Context, refused Credential) (Credential, error)
}

// fixedSource is a key given by the caller.
type fixedSource Credential

func (s *fixedSource) credential(context.Context) (Credential, error) { return Credential(*s), nil }
func (s *fixedSource) renew(context.Context, Credential) (Credential, error) {
	return Credential(*s), nil
}

// credentialTimeout is how long a call waits for a provider. Those of
// credentials-go give up earlier; others may not give up at all.
const credentialTimeout = 30 * time.Second

// providerSource takes its credentials from credentials-go, which is not safe
// for concurrent use and knows no context: one fetch runs at a time, on a
// goroutine of its own, and every caller waits for it under its own context.
type providerSource struct {
	open func() (credentials.Credential, error) // makes a provider with nothing cached; nil if only the caller can

	group singleflight.Group
	mu    sync.Mutex // held while credentials-go runs
	cred  credentials.Credential
}

// defaultSource is credentials-go's default chain. It is opened anew after a
// failure, because the chain keeps to the first provider it tried.
func defaultSource() *providerSource {
	return &providerSource{open: func() (credentials.Credential, error) { return credentials.NewCredential(nil) }}
}

func (s *providerSource) credential(ctx context.Context) (Credential, error) {
	return s.shared(ctx, "get", func() (Credential, error) { return s.fetch() })
}

func (s *providerSource) renew(ctx context.Context, refused Credential) (Credential, error) {
	return s.shared(ctx, "renew", func() (Credential, error) {
		// Another call may have been refused first and have renewed it already.
		now, err := s.fetch()
		if err != nil || !now.equal(refused) || s.open == nil {
			return now, err
		}
		s.forget()
		return s.fetch()
	})
}

func (s *providerSource) shared(ctx context.Context, what string, fetch func() (Credential, error)) (Credential, error) {
	done := s.group.DoChan(what, func() (any, error) { return fetch() })
	limit := time.NewTimer(credentialTimeout)
	defer limit.Stop()
	select {
	case <-ctx.Done():
		return Credential{}, ctx.Err()
	case <-limit.C:
		return Credential{}, fmt.Errorf("the provider gave none within %v: %w", credentialTimeout, context.DeadlineExceeded)
	case r := <-done:
		if r.Err != nil {
			return Credential{}, r.Err
		}
		return r.Val.(Credential), nil
	}
}

func (s *providerSource) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cred = nil
}

func (s *providerSource) fetch() (_ Credential, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if p := recover(); p != nil { // a provider of the caller's own; its panic may print what it holds
			err = errors.New("the credentials provider panicked")
		}
		if err != nil && s.open != nil {
			s.cred = nil
		}
	}()
	if s.cred == nil {
		if s.cred, err = s.open(); err != nil {
			return Credential{}, err
		}
	}
	model, err := s.cred.GetCredential()
	if err != nil {
		return Credential{}, err
	}
	if model == nil {
		return Credential{}, errors.New("the credentials provider returned nothing")
	}
	return Credential{
		AccessKeyID:     deref(model.AccessKeyId),
		AccessKeySecret: NewSecret(deref(model.AccessKeySecret)),
		SecurityToken:   NewSecret(deref(model.SecurityToken)),
		BearerToken:     NewSecret(deref(model.BearerToken)),
	}, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
