package main

import (
	"crypto/rand"
	"net/http"

	"github.com/quickbi-go/quickbi"
)

const cookie = "session"

// askWho offers the first members there are.
func (s *site) askWho(w http.ResponseWriter, r *http.Request) error {
	members, err := s.embedder.Client.QueryUserList(r.Context(), &quickbi.QueryUserListRequest{PageSize: 100})
	if err != nil {
		return err
	}
	return pages.ExecuteTemplate(w, "signin", members.Result.Data)
}

// signIn lets anybody be any member: PUT YOUR OWN SIGN-IN IN ITS PLACE.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	user, err := s.embedder.Client.QueryUserInfoByUserId(r.Context(), &quickbi.QueryUserInfoByUserIdRequest{UserID: r.PostFormValue("user")})
	if err != nil {
		return err
	}
	id := rand.Text()
	s.sessions.Store(id, user.Result)
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// signedIn serves those who are, and sends all others to sign in.
func (s *site) signedIn(serve func(http.ResponseWriter, *http.Request, quickbi.User) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if c, err := r.Cookie(cookie); err == nil {
			if user, ok := s.sessions.Load(c.Value); ok {
				return serve(w, r, user.(quickbi.User))
			}
		}
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
		return nil
	}
}
