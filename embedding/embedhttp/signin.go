package embedhttp

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi"
)

// ErrNobody says that a request comes from nobody who is signed in, or from
// somebody who is no member of the organization.
var ErrNobody = errors.New("embedhttp: nobody is signed in")

// A SignIn knows which member of the organization sends a request. [Proxy] believes
// a proxy that signs people in. A sign-in of your own finds the member of its user,
// by [quickbi.Client.QueryUserInfoByAccount], and keeps them in [Sessions].
type SignIn interface {
	// Member returns the sender, or an error that matches ErrNobody.
	Member(r *http.Request) (quickbi.User, error)
}

// The headers that the proxy sets.
const (
	accountHeader = "X-Forwarded-User"
	secretHeader  = "X-Proxy-Secret"
)

// Proxy believes a proxy in front of the server, such as oauth2-proxy, that signs
// people in. For each request the proxy sets, and takes out of what it received:
//
//	X-Forwarded-User: the account of a member of the organization; of a RAM user main:sub
//	X-Proxy-Secret:   the secret, so that nobody passes the proxy by
//
// It keeps the Host header. Sessions, their end and their number are the proxy's.
type Proxy struct {
	client *quickbi.Client
	secret quickbi.Secret
}

// NewProxy finds members with the client. The secret has at least 16 characters.
func NewProxy(client *quickbi.Client, secret string) (*Proxy, error) {
	if len(secret) < 16 {
		return nil, errors.New("embedhttp: the proxy's secret has fewer than 16 characters")
	}
	return &Proxy{client, quickbi.NewSecret(secret)}, nil
}

// Member asks Quick BI for the member whose account the proxy names. An account of
// no member is ErrNobody.
func (p *Proxy) Member(r *http.Request) (quickbi.User, error) {
	account := r.Header.Get(accountHeader)
	if account == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get(secretHeader)), []byte(p.secret.Reveal())) != 1 {
		return quickbi.User{}, ErrNobody
	}
	request := &quickbi.QueryUserInfoByAccountRequest{Account: account}
	if parent, name, ok := strings.Cut(account, ":"); ok {
		request.Account, request.ParentAccountName = name, parent
	}
	user, err := p.client.QueryUserInfoByAccount(r.Context(), request)
	switch {
	case errors.Is(err, quickbi.ErrNotFound):
		return quickbi.User{}, ErrNobody
	case err != nil:
		return quickbi.User{}, err
	}
	return user.Result, nil
}

const (
	cookieName      = "session"
	sessionLife     = 8 * time.Hour
	maximumSessions = 1000
)

// Sessions keep in memory who has signed in, by a cookie that no script reads, that
// other sites do not send along with forms, and that goes by TLS only if the site
// has it. A session ends after eight hours. There are 1000 at most: the one that
// ends first makes room for a new one.
type Sessions struct {
	site *Site
	mu   sync.Mutex
	all  map[string]session // by what the cookie holds
}

type session struct {
	user quickbi.User
	ends time.Time
}

// NewSessions returns the sessions of a site.
func NewSessions(site *Site) *Sessions {
	return &Sessions{site: site, all: make(map[string]session)}
}

// Begin signs somebody in, in place of whoever the sender was before. Call it after
// you have made sure who it is, and before the answer is written.
func (s *Sessions) Begin(w http.ResponseWriter, r *http.Request, user quickbi.User) {
	id := rand.Text()
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(r)
	if len(s.all) >= maximumSessions {
		maps.DeleteFunc(s.all, func(_ string, old session) bool { return !now.Before(old.ends) })
	}
	if len(s.all) >= maximumSessions {
		delete(s.all, slices.MinFunc(slices.Collect(maps.Keys(s.all)), func(a, b string) int {
			return s.all[a].ends.Compare(s.all[b].ends)
		}))
	}
	s.all[id] = session{user, now.Add(sessionLife)}
	s.setCookie(w, r, id, sessionLife)
}

// Member returns who has signed in, or ErrNobody.
func (s *Sessions) Member(r *http.Request) (quickbi.User, error) {
	held, err := r.Cookie(cookieName)
	if err != nil {
		return quickbi.User{}, ErrNobody
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[held.Value]
	if !ok || !time.Now().Before(found.ends) {
		return quickbi.User{}, ErrNobody
	}
	return found.user, nil
}

// End signs the sender out. Call it before the answer is written.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(r)
	s.setCookie(w, r, "", -time.Second)
}

func (s *Sessions) forget(r *http.Request) {
	if held, err := r.Cookie(cookieName); err == nil {
		delete(s.all, held.Value)
	}
}

func (s *Sessions) setCookie(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.site.isSecure(r),
	})
}
