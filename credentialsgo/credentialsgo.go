// Package credentialsgo makes the credentials of credentials-go usable with
// [quickbi.WithCredential]: an access key, an STS token, a RAM role, an OIDC role, the
// role of a machine, a bearer token.
//
//	provider, err := credentialsgo.New(new(credentials.Config).SetType("ram_role_arn")…)
//	client, err := quickbi.NewClient(quickbi.WithCredential(provider))
//
// The default chain of credentials-go does not need this package:
// [quickbi.WithDefaultCredentials] asks it.
package credentialsgo

import (
	"context"
	"errors"

	"github.com/aliyun/credentials-go/credentials"

	"github.com/quickbi-go/quickbi"
)

// New returns a provider of what the configuration describes, or an error if it
// describes nothing. Providers of credentials-go keep a temporary credential until
// it expires. If the service refuses one earlier, because it was revoked, the
// provider is made anew.
func New(config *credentials.Config) (quickbi.CredentialProvider, error) {
	open := func() (credentials.Credential, error) { return credentials.NewCredential(config) }
	cred, err := open()
	if err != nil {
		return nil, err
	}
	return &renewable{provider{cred}, open}, nil
}

// From returns a provider that asks cred, for implementations other than those of
// credentials-go. It cannot be made anew: a credential that is revoked is refused for
// as long as cred returns it. Nobody else may use cred at the same time unless it is
// safe for concurrent use; those of credentials-go are not.
func From(cred credentials.Credential) quickbi.CredentialProvider { return &provider{cred} }

type provider struct{ cred credentials.Credential }

func (p *provider) Credential(context.Context) (quickbi.Credential, error) {
	if p.cred == nil {
		return quickbi.Credential{}, errors.New("there is no credentials.Credential")
	}
	model, err := p.cred.GetCredential()
	if err != nil {
		return quickbi.Credential{}, err
	}
	if model == nil {
		return quickbi.Credential{}, errors.New("credentials-go returned nothing")
	}
	return quickbi.Credential{
		AccessKeyID:     deref(model.AccessKeyId),
		AccessKeySecret: quickbi.NewSecret(deref(model.AccessKeySecret)),
		SecurityToken:   quickbi.NewSecret(deref(model.SecurityToken)),
		BearerToken:     quickbi.NewSecret(deref(model.BearerToken)),
	}, nil
}

type renewable struct {
	provider
	open func() (credentials.Credential, error)
}

// Renew asks a provider that has nothing kept.
func (p *renewable) Renew(ctx context.Context, _ quickbi.Credential) (quickbi.Credential, error) {
	cred, err := p.open()
	if err != nil {
		return quickbi.Credential{}, err
	}
	p.cred = cred
	return p.Credential(ctx)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
