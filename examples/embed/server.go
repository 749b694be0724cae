package main

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/embedding/embedhttp"
)

type server struct {
	embedder embedding.Embedder
	signIn   embedhttp.SignIn
	sessions *embedhttp.Sessions // of the demonstration's sign-in; nil: a proxy signs in
	uses     int
	lifetime time.Duration
	log      *slog.Logger
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, serve func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := serve(w, r); err != nil {
				s.log.Warn("failed", "request", r.Pattern, "error", err) // the errors show no tickets
				s.sorry(w, r, err)
			}
		})
	}
	handle("GET /{$}", s.list)
	handle("GET /works/{id}", s.show)
	handle("/", func(http.ResponseWriter, *http.Request) error { return errNoPage })
	if s.sessions != nil {
		handle("GET /signin", s.choose)
		handle("POST /signin", s.enter)
		handle("POST /signout", s.leave)
	}
	return mux
}

// works lists what the sender may open.
func (s *server) works(r *http.Request) (quickbi.User, []quickbi.Works, error) {
	viewer, err := s.signIn.Member(r)
	if err != nil {
		return viewer, nil, err
	}
	works, err := s.embedder.Works(r.Context(), viewer.UserID)
	return viewer, works, err
}

func (s *server) list(w http.ResponseWriter, r *http.Request) error {
	viewer, works, err := s.works(r)
	if err != nil {
		return s.askIn(w, r, err)
	}
	return s.render(w, r, "list", viewer, works)
}

// show opens a work with a fresh ticket for the viewer.
func (s *server) show(w http.ResponseWriter, r *http.Request) error {
	viewer, works, err := s.works(r)
	if err != nil {
		return s.askIn(w, r, err)
	}
	i := slices.IndexFunc(works, func(w quickbi.Works) bool { return w.WorksID == r.PathValue("id") })
	if i < 0 {
		return errNoPage // whatever the URL says
	}
	ticket, err := s.embedder.NewTicket(r.Context(), embedding.Page{
		WorksID: works[i].WorksID, Kind: works[i].WorksType, Viewer: embedding.AsUser(viewer.UserID),
		Uses: s.uses, Lifetime: s.lifetime,
	})
	if err != nil {
		return err
	}
	frame, err := embedhttp.Frame(w, ticket, works[i].WorksName)
	if err != nil {
		return err
	}
	s.log.Info("shown", "ticket", ticket) // does not show itself
	return s.render(w, r, "show", viewer, map[string]any{"Work": works[i], "Ticket": ticket, "Frame": frame})
}

// The demonstration's sign-in: everybody can be any member.

func (s *server) askIn(w http.ResponseWriter, r *http.Request, err error) error {
	if s.sessions == nil || !errors.Is(err, embedhttp.ErrNobody) {
		return err
	}
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

// choose offers the first members there are.
func (s *server) choose(w http.ResponseWriter, r *http.Request) error {
	members, err := s.embedder.Client.QueryUserList(r.Context(), &quickbi.QueryUserListRequest{PageSize: 100})
	if err != nil {
		return err
	}
	return s.render(w, r, "signin", quickbi.User{}, members.Result.Data)
}

func (s *server) enter(w http.ResponseWriter, r *http.Request) error {
	user, err := s.embedder.Client.QueryUserInfoByUserId(r.Context(), &quickbi.QueryUserInfoByUserIdRequest{UserID: r.PostFormValue("user")})
	if err != nil {
		return err
	}
	s.sessions.Begin(w, r, user.Result)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *server) leave(w http.ResponseWriter, r *http.Request) error {
	s.sessions.End(w, r)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}
