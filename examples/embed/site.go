package main

import (
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
)

type site struct {
	embedder embedding.Embedder
	uses     int
	lifetime time.Duration
	log      *slog.Logger
	sessions sync.Map // quickbi.User by what the cookie holds
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /signin":     s.askWho,
		"POST /signin":    s.signIn,
		"GET /{$}":        s.signedIn(s.list),
		"GET /works/{id}": s.signedIn(s.show),
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy("'none'"))
			h.Set("Referrer-Policy", "no-referrer") // no other site learns our URLs
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Cache-Control", "no-store") // a page holds a ticket, which works only so often
			if err := serve(w, r); err != nil {
				s.log.Warn("failed", "request", r.Pattern, "error", err) // the client's errors show no tickets
				http.Error(w, "This did not work. The server's log says why.", http.StatusBadGateway)
			}
		})
	}
	return http.NewCrossOriginProtection().Handler(mux) // nobody else's form signs in here
}

// policy says what browsers may load into our pages: no scripts, and frames from one place.
func policy(frames string) string {
	return "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src " + frames
}

//go:embed pages.html
var pagesHTML string

var pages = template.Must(template.New("").Funcs(template.FuncMap{"form": form}).Parse(pagesHTML))

// form says how sure the URL of a kind of works is.
func form(kind quickbi.WorksType) string {
	switch form, err := embedding.FormOf(kind); {
	case err != nil:
		return "unknown"
	case form.Documented:
		return "documented"
	default:
		return "seen"
	}
}

func (s *site) list(w http.ResponseWriter, r *http.Request, viewer quickbi.User) error {
	works, err := s.embedder.Works(r.Context(), viewer.UserID)
	if err != nil {
		return err
	}
	return pages.ExecuteTemplate(w, "list", map[string]any{"Viewer": viewer, "Works": works})
}

// show opens a work with a fresh ticket for the viewer.
func (s *site) show(w http.ResponseWriter, r *http.Request, viewer quickbi.User) error {
	works, err := s.embedder.Works(r.Context(), viewer.UserID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(works, func(w quickbi.Works) bool { return w.WorksID == r.PathValue("id") })
	if i < 0 { // whatever the URL says
		http.Error(w, "There is no such work for you.", http.StatusNotFound)
		return nil
	}
	ticket, err := s.embedder.NewTicket(r.Context(), embedding.Page{
		WorksID: works[i].WorksID, Kind: works[i].WorkType, Viewer: embedding.AsUser(viewer.UserID),
		Uses: s.uses, Lifetime: s.lifetime,
	})
	if err != nil {
		return err
	}
	src, err := ticket.URL()
	if err != nil {
		return err
	}
	place, err := url.Parse(src)
	if err != nil {
		return errors.New("the URL of the work cannot be read") // err would show it, and the ticket
	}
	s.log.Info("shown", "ticket", ticket) // does not show itself
	w.Header().Set("Content-Security-Policy", policy(place.Scheme+"://"+place.Host))
	return pages.ExecuteTemplate(w, "show", map[string]any{"Viewer": viewer, "Work": works[i], "Ticket": ticket, "Src": src})
}
