// Package embedhttp is what a web server needs that hands out tickets: who may
// reach it, who sends a request, and what browsers may do with its pages.
//
//	site, err := embedhttp.NewSite("127.0.0.1:8080", "")
//	…
//	server := &http.Server{Handler: site.Protect(mux)}
//
// In a handler a [SignIn] says whose rights apply, and [Frame] shows the ticket:
//
//	viewer, err := signIn.Member(r)
//	…
//	ticket, err := embedder.NewTicket(r.Context(), embedding.Page{
//		WorksID: id, Kind: kind, Viewer: embedding.AsUser(viewer.UserID),
//	})
//	…
//	frame, err := embedhttp.Frame(w, ticket, title) // for the page's template
//
// examples/embed is such a server.
package embedhttp

import (
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/internal/loopback"
)

// A Site is a server by the names under which browsers may reach it.
type Site struct {
	origin *url.URL // by which others reach it; nil: this machine only
}

// NewSite checks who can reach a server that listens on addr, a host and a port.
// An address that is not a loopback one lets others in, and needs public: the URL
// by which they come, such as https://reports.example.com. It begins with https,
// because anyone on the way could otherwise read the tickets.
func NewSite(addr, public string) (*Site, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("embedhttp: the address %q is not a host and a port", addr)
	}
	if public == "" {
		if !loopback.IsHost(host) {
			return nil, fmt.Errorf("embedhttp: the address %s lets others in: give the URL by which they come, such as https://reports.example.com", addr)
		}
		return new(Site), nil
	}
	u, err := url.Parse(public)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return nil, errors.New("embedhttp: the public URL is not a scheme, a host and a port, such as https://reports.example.com")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback.IsHost(u.Hostname())):
		return nil, errors.New("embedhttp: the public URL does not begin with https: anyone on the way could read the tickets")
	}
	u.Host = strings.ToLower(u.Host) // as browsers send it
	return &Site{u}, nil
}

// IsLocal reports whether only this machine reaches the site.
func (s *Site) IsLocal() bool { return s.origin == nil }

// maxBody is more than a form of a sign-in needs.
const maxBody = 64 << 10

// Protect serves only requests that mean this site, and sets the headers of its
// pages: a Content-Security-Policy that allows no script and no frame (see
// [Frame]), no referrer, no cache. It refuses requests with another Host, because
// a page elsewhere can let its own name point to this machine and would then read
// the tickets (DNS rebinding), requests from pages of other origins, and bodies of
// more than 64 KiB.
func (s *Site) Protect(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy("'none'"))
		h.Set("Referrer-Policy", "no-referrer") // no other site learns the URLs
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store") // a page out of a cache has a ticket that is used up
		if !s.isName(r.Host) || !s.isOrigin(r.Header.Get("Origin")) {
			http.Error(w, "This server has another name.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		sameOrigin.ServeHTTP(w, r)
	})
}

func (s *Site) isName(host string) bool {
	return s.origin != nil && strings.EqualFold(host, s.origin.Host) || loopback.IsHostPort(host)
}

// isOrigin reports whether a request comes from a page of this site, or does not
// say from which. The site's own pages send "null", because they let no referrer
// out; the browser's Sec-Fetch-Site tells them from others.
func (s *Site) isOrigin(origin string) bool {
	if origin == "" || origin == "null" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && s.isName(u.Host)
}

// isSecure reports whether the browser reaches the site by TLS.
func (s *Site) isSecure(r *http.Request) bool {
	return r.TLS != nil || s.origin != nil && s.origin.Scheme == "https"
}

// policy says what browsers load into a page: no scripts, and frames from one place.
func policy(frames string) string {
	return "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src " + frames
}

var frame = template.Must(template.New("").Parse(`<iframe src="{{.Src}}" title="{{.Title}}" referrerpolicy="no-referrer" allow="fullscreen" sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"></iframe>`))

// Frame puts the ticket into an iframe, for a page that is about to be written to
// w, and lets that page show frames from the ticket's host and from nowhere else.
// Call it before the page is written. The frame knows no referrer, may show itself
// in full screen and run its scripts, and cannot leave the frame. The title is for
// readers who do not see it.
func Frame(w http.ResponseWriter, ticket *embedding.Ticket, title string) (template.HTML, error) {
	src, err := ticket.URL()
	if err != nil {
		return "", err
	}
	place, err := url.Parse(src)
	if err != nil {
		return "", errors.New("embedhttp: the URL of the work cannot be read") // err would show it, and the ticket
	}
	var text strings.Builder
	if err := frame.Execute(&text, map[string]string{"Src": src, "Title": title}); err != nil {
		return "", errors.New("embedhttp: the frame cannot be written")
	}
	w.Header().Set("Content-Security-Policy", policy(place.Scheme+"://"+place.Host))
	return template.HTML(text.String()), nil
}
