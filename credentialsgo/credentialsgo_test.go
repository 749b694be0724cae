package credentialsgo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aliyun/credentials-go/credentials"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/credentialsgo"
)

// serve answers on loopback.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func deleteUser(ctx context.Context, t *testing.T, endpoint string, provider quickbi.CredentialProvider) error {
	t.Helper()
	client, err := quickbi.NewClient(quickbi.WithEndpoint(endpoint), quickbi.WithCredential(provider))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "u-1"})
	return err
}

// TestRevoked revokes a token long before its end: calls get the newer one, which is fetched once.
func TestRevoked(t *testing.T) {
	t.Parallel()
	var generation, fetched atomic.Int32
	source := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fetched.Add(1)
		fmt.Fprintf(w, `{"AccessKeyId":"STS.id","AccessKeySecret":"secret","SecurityToken":"token-%d","Expiration":"%s"}`,
			generation.Load(), time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z"))
	})
	service := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Acs-Security-Token") != fmt.Sprint("token-", generation.Load()) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"Code":"InvalidSecurityToken.Expired"}`)
			return
		}
		_, _ = io.WriteString(w, `{"Success":true,"Result":true}`)
	})
	provider, err := credentialsgo.New(new(credentials.Config).SetType("credentials_uri").SetURLCredential(source))
	if err != nil {
		t.Fatal(err)
	}
	client, err := quickbi.NewClient(quickbi.WithEndpoint(service), quickbi.WithCredential(provider))
	if err != nil {
		t.Fatal(err)
	}
	for revoked := range int32(2) {
		generation.Store(revoked)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if _, err := client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "u-1"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if fetched.Load() != revoked+1 {
			t.Errorf("fetched %d times after %d revocations", fetched.Load(), revoked)
		}
	}
}

func TestBearer(t *testing.T) {
	t.Parallel()
	service := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Acs-Bearer-Token") != "bearer-1" {
			t.Errorf("sent %v", r.Header)
		}
		_, _ = io.WriteString(w, `{"Success":true,"Result":true}`)
	})
	provider, err := credentialsgo.New(new(credentials.Config).SetType("bearer").SetBearerToken("bearer-1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := deleteUser(t.Context(), t, service, provider); err != nil {
		t.Error(err)
	}
}

// own is a credentials.Credential of the caller's own.
type own struct {
	credentials.Credential
	model *credentials.CredentialModel
	err   error
}

func (o own) GetCredential() (*credentials.CredentialModel, error) { return o.model, o.err }

func TestFailures(t *testing.T) {
	t.Parallel()
	service := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	if _, err := credentialsgo.New(new(credentials.Config).SetType("nonsense")); err == nil {
		t.Error("a type that does not exist was accepted")
	}
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		cred credentials.Credential
		want string
	}{
		"none":  {nil, "there is no credentials.Credential"},
		"nil":   {own{}, "returned nothing"},
		"empty": {own{model: &credentials.CredentialModel{}}, "neither an access key nor a bearer token"},
		"error": {own{err: broken}, "broken"},
	} {
		if err := deleteUser(t.Context(), t, service, credentialsgo.From(test.cred)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
