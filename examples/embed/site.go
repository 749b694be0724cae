package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
)

type site struct {
	embedder embedding.Embedder
	signIn   signIn
	origin   *url.URL // by which others reach the server; nil: this machine only
	uses     int
	lifetime time.Duration
	log      *slog.Logger
}

// page serves a request; what goes wrong comes back as an error.
type page func(http.ResponseWriter, *http.Request) error

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, serve page) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := serve(w, r); err != nil {
				s.log.Warn("failed", "request", r.Pattern, "error", err) // the client's errors show no tickets
				s.sorry(w, r, err)
			}
		})
	}
	handle("GET /{$}", s.signedIn(s.list))
	handle("GET /works/{id}", s.signedIn(s.show))
	handle("/", func(http.ResponseWriter, *http.Request) error { return errNoPage })
	s.signIn.register(handle)
	// Nobody else's page posts a form here.
	protected := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy("'none'"))
		h.Set("Referrer-Policy", "no-referrer") // no other site learns our URLs
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store") // a page holds a ticket, which works only so often
		if !s.named(r.Host) || !s.ownOrigin(r.Header.Get("Origin")) {
			http.Error(w, "This server has another name.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		protected.ServeHTTP(w, r)
	})
}

// policy says what browsers may load into our pages: no scripts, and frames from one place.
func policy(frames string) string {
	return "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src " + frames
}

// named reports whether a request means this server. Another name means that
// somebody's page has let its own name point to this machine (DNS rebinding): the
// browser would let that page read our tickets.
func (s *site) named(host string) bool {
	if s.origin != nil && host == s.origin.Host {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return isLoopback(name)
}

// ownOrigin reports whether a request comes from a page of this server, or from
// none that it names: our pages send "null", because they let no referrer out, and
// are known by Sec-Fetch-Site.
func (s *site) ownOrigin(origin string) bool {
	if origin == "" || origin == "null" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && s.named(u.Host)
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// originOf checks who can reach the server. It returns nil if that is this
// machine only.
func originOf(addr, public string) (*url.URL, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("-addr %q is not a host and a port", addr)
	}
	if public == "" {
		if !isLoopback(host) {
			return nil, fmt.Errorf("-addr %s lets others in: say with -url by which address they come, such as https://reports.example.com", addr)
		}
		return nil, nil
	}
	u, err := url.Parse(public)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return nil, errors.New("-url is not a scheme, a host and a port, such as https://reports.example.com")
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, errors.New("-url does not begin with https: on the way, anyone could read the tickets")
	}
	return u, nil
}

// secure reports whether browsers reach the server by TLS.
func (s *site) secure(r *http.Request) bool {
	return r.TLS != nil || s.origin != nil && s.origin.Scheme == "https"
}

// signedIn serves those who are, and lets the sign-in answer all others.
func (s *site) signedIn(serve func(http.ResponseWriter, *http.Request, quickbi.User) error) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		viewer, err := s.signIn.member(r)
		if errors.Is(err, errNobody) {
			return s.signIn.ask(w, r)
		}
		if err != nil {
			return err
		}
		return serve(w, r, viewer)
	}
}

func (s *site) list(w http.ResponseWriter, r *http.Request, viewer quickbi.User) error {
	works, err := s.embedder.Works(r.Context(), viewer.UserID)
	if err != nil {
		return err
	}
	return s.render(w, r, "list", viewer, works)
}

// show opens a work with a fresh ticket for the viewer.
func (s *site) show(w http.ResponseWriter, r *http.Request, viewer quickbi.User) error {
	works, err := s.embedder.Works(r.Context(), viewer.UserID)
	if err != nil {
		return err
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
	return s.render(w, r, "show", viewer, map[string]any{"Work": works[i], "Ticket": ticket, "Src": src})
}
