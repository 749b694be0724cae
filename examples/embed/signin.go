package main

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/quickbi-go/quickbi"
)

// A signIn knows which member of the organization sends a request. The example
// has two: [proxySignIn], to be used or replaced by one of your own, and
// [chooser], a demonstration for this machine.
type signIn interface {
	// member returns the sender, or errNobody.
	member(r *http.Request) (quickbi.User, error)
	// ask answers a request of nobody.
	ask(w http.ResponseWriter, r *http.Request) error
	// register adds the pages of the sign-in, if it has any.
	register(handle func(pattern string, serve page))
}

var errNobody = errors.New("nobody is signed in")

const (
	proxySecretVariable = "EMBED_PROXY_SECRET"
	proxySecretHeader   = "X-Proxy-Secret"
	proxyAccountHeader  = "X-Forwarded-User"
)

// proxySignIn believes a proxy in front of the server, such as oauth2-proxy, that
// signs people in. For each request the proxy sets, and takes out of what it
// received:
//
//	X-Forwarded-User: the account of a member of the organization; of a RAM user main:sub
//	X-Proxy-Secret:   what EMBED_PROXY_SECRET holds, so that nobody passes the proxy by
//
// It keeps the Host header. Sessions, their end and their number are the proxy's.
type proxySignIn struct {
	client *quickbi.Client
	secret quickbi.Secret
}

func newProxySignIn(client *quickbi.Client, secret string) (*proxySignIn, error) {
	if len(secret) < 16 {
		return nil, errors.New(proxySecretVariable + " has fewer than 16 characters")
	}
	return &proxySignIn{client, quickbi.NewSecret(secret)}, nil
}

func (p *proxySignIn) member(r *http.Request) (quickbi.User, error) {
	account := r.Header.Get(proxyAccountHeader)
	if account == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get(proxySecretHeader)), []byte(p.secret.Reveal())) != 1 {
		return quickbi.User{}, errNobody
	}
	request := &quickbi.QueryUserInfoByAccountRequest{Account: account}
	if parent, name, ok := strings.Cut(account, ":"); ok {
		request.Account, request.ParentAccountName = name, parent
	}
	user, err := p.client.QueryUserInfoByAccount(r.Context(), request)
	switch {
	case errors.Is(err, quickbi.ErrNotFound):
		return quickbi.User{}, errNobody
	case err != nil:
		return quickbi.User{}, err
	}
	return user.Result, nil
}

func (p *proxySignIn) ask(http.ResponseWriter, *http.Request) error { return errNobody }

func (p *proxySignIn) register(func(string, page)) {}
