package quickbi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aliyun/credentials-go/credentials/providers"
)

// defaultChain looks for credentials in the places of the default chain of
// credentials-go, in the same order. It asks that package's providers one by one
// instead of its chain, which passes over a place that fails as if it were empty:
// then somebody else's credentials are used until the place works again.
//
// One goroutine at a time uses it.
type defaultChain struct {
	places []place                       // once credentials are found, only theirs
	found  providers.CredentialsProvider // source of the credentials; nil before, and after a failure
}

// place is one place for credentials.
type place struct {
	name string
	open func() (providers.CredentialsProvider, error)
	// empty returns why the place is empty, after err; "" if it holds something that
	// cannot be used.
	empty func(err error) string
	// remote says that the place is a server, whose failures are transient.
	remote bool
}

func newDefaultChain() *defaultChain {
	return &defaultChain{places: []place{
		{
			name: "the environment",
			open: func() (providers.CredentialsProvider, error) {
				return providers.NewEnvironmentVariableCredentialsProviderBuilder().Build()
			},
			empty: func(error) string {
				if os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET") != "" {
					return ""
				}
				return unset("ALIBABA_CLOUD_ACCESS_KEY_ID")
			},
		},
		{
			name: "an OIDC role",
			open: func() (providers.CredentialsProvider, error) {
				return providers.NewOIDCCredentialsProviderBuilder().Build()
			},
			empty: func(error) string {
				if os.Getenv("ALIBABA_CLOUD_OIDC_TOKEN") != "" {
					return unset("ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
				}
				return unset("ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE")
			},
			remote: true,
		},
		{
			name: "the profile of the CLI",
			open: func() (providers.CredentialsProvider, error) {
				return providers.NewCLIProfileCredentialsProviderBuilder().Build()
			},
			empty: func(error) string {
				if strings.EqualFold(os.Getenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"), "true") {
					return "ALIBABA_CLOUD_CLI_PROFILE_DISABLED is set"
				}
				return noFile("ALIBABA_CLOUD_CONFIG_FILE", ".aliyun", "config.json")
			},
		},
		{
			name: "the file of credentials",
			open: func() (providers.CredentialsProvider, error) {
				return providers.NewProfileCredentialsProviderBuilder().Build()
			},
			empty: func(error) string {
				return noFile("ALIBABA_CLOUD_CREDENTIALS_FILE", ".alibabacloud", "credentials")
			},
		},
		{
			name: "the RAM role of this machine",
			open: func() (providers.CredentialsProvider, error) {
				return providers.NewECSRAMRoleCredentialsProviderBuilder().Build()
			},
			empty: func(err error) string {
				// The provider's error is only a text.
				switch text := err.Error(); {
				case strings.EqualFold(os.Getenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED"), "true"):
					return "ALIBABA_CLOUD_ECS_METADATA_DISABLED is set"
				case os.Getenv("ALIBABA_CLOUD_ECS_METADATA") != "":
					return ""
				case strings.Contains(text, "dial "):
					return "there is no metadata server"
				case strings.HasSuffix(text, " 404"):
					return "the metadata server knows no role"
				case behindProxy():
					return "a proxy answers in place of a metadata server"
				}
				return ""
			},
			remote: true,
		},
		{
			name: "a server of credentials",
			open: func() (providers.CredentialsProvider, error) {
				return providers.NewURLCredentialsProviderBuilder().Build()
			},
			empty:  func(error) string { return unset("ALIBABA_CLOUD_CREDENTIALS_URI") },
			remote: true,
		},
	}}
}

// behindProxy reports whether the metadata server is asked by way of a proxy, which
// cannot reach it: its address belongs to the machine.
func behindProxy() bool {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "http", Host: "100.100.100.200"}})
	return proxy != nil || err != nil
}

// unset returns the names of the variables that are not set.
func unset(names ...string) string {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return os.Getenv(name) != "" })
	switch len(missing) {
	case 0:
		return ""
	case 1:
		return missing[0] + " is not set"
	}
	return strings.Join(missing, ", ") + " are not set"
}

// noFile returns the missing file: that of the variable, or one in the home directory.
func noFile(variable string, inHome ...string) string {
	path := os.Getenv(variable)
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "there is no home directory"
		}
		path = filepath.Join(append([]string{home}, inHome...)...)
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "there is no file " + path
	}
	return ""
}

// Credential asks the provider that it has found before, or looks for one.
func (c *defaultChain) Credential(context.Context) (Credential, error) {
	if c.found == nil {
		return c.look()
	}
	cred, err := credentialFrom(c.found)
	if err != nil {
		c.found = nil
	}
	return cred, err
}

// Renew makes the provider anew: it caches its credentials until they expire.
func (c *defaultChain) Renew(context.Context, Credential) (Credential, error) { return c.look() }

// look asks one place after the other, up to the first that is not empty.
func (c *defaultChain) look() (Credential, error) {
	c.found = nil
	failed := &chainError{}
	for i, p := range c.places {
		var cred Credential
		provider, err := p.open()
		if err == nil {
			if cred, err = credentialFrom(provider); err == nil {
				c.found, c.places = provider, c.places[i:i+1]
				return cred, nil
			}
		}
		if why := p.empty(err); why != "" {
			failed.places = append(failed.places, askedPlace{p.name, why})
			continue
		}
		var network net.Error
		failed.passing = p.remote || errors.As(err, &network)
		failed.places = append(failed.places, askedPlace{p.name, providerText(err)})
		break
	}
	return Credential{}, failed
}

func credentialFrom(provider providers.CredentialsProvider) (Credential, error) {
	c, err := provider.GetCredentials()
	if err != nil {
		return Credential{}, err
	}
	if c == nil {
		return Credential{}, errors.New("the provider returned nothing")
	}
	return Credential{
		AccessKeyID:     c.AccessKeyId,
		AccessKeySecret: NewSecret(c.AccessKeySecret),
		SecurityToken:   NewSecret(c.SecurityToken),
	}, nil
}

// A chainError says what was wrong with each place of the default chain that was asked.
type chainError struct {
	places  []askedPlace
	passing bool // the last one is a server that fails
}

// askedPlace is a place that gave no credentials.
type askedPlace struct{ name, why string }

func (e *chainError) Error() string { return e.text(" (", ")", ", ") }

// chinese is Error with Chinese punctuation between the places. Their texts are still
// English, see inChinese.
func (e *chainError) chinese() string {
	own := chainError{places: slices.Clone(e.places)}
	for i, p := range own.places {
		if names, ok := strings.CutSuffix(p.why, " are not set"); ok { // see unset
			own.places[i].why = strings.ReplaceAll(names, ", ", "、") + " are not set"
		}
	}
	return own.text("（", "）", "，")
}

func (e *chainError) text(open, end, comma string) string {
	texts := make([]string, len(e.places))
	for i, p := range e.places {
		texts[i] = p.name + open + p.why + end
	}
	return "no credentials found in " + strings.Join(texts, comma) +
		"; to give some, set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or use WithAccessKey"
}

// Is matches [ErrAuthentication] unless another attempt can help.
func (e *chainError) Is(target error) bool { return target == ErrAuthentication && !e.passing }
