package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/embedding/embedhttp"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// newServer returns a server over an emulator with the seed, and its pages.
func newServer(t *testing.T, seed string) (*server, http.Handler) {
	t.Helper()
	emulator := quickbitest.NewServer()
	t.Cleanup(emulator.Close)
	if err := emulator.SeedJSON(strings.NewReader(seed)); err != nil {
		t.Fatal(err)
	}
	site, err := embedhttp.NewSite("localhost:0", "")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		embedder: embedding.Embedder{Client: emulator.Client(), BaseURL: emulator.URL},
		sessions: embedhttp.NewSessions(site), uses: 1, lifetime: 10 * time.Minute, log: slog.New(slog.DiscardHandler),
	}
	s.signIn = s.sessions
	return s, site.Protect(s.handler())
}

// ask sends one request to the handler.
func ask(h http.Handler, method, target, host string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Whatever names and ids hold, no page runs it.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	_, h := newServer(t, `{
		"Users": [{"UserId": "\"><script>alert(1)</script>", "NickName": "\"><script>alert(1)</script>"}],
		"Workspaces": [{"WorkspaceId": "w", "WorkspaceName": "\"><script>alert(1)</script>", "DefaultShareToAll": true, "Users": [{"UserId": "\"><script>alert(1)</script>"}]}],
		"Works": [{"WorksId": "javascript:alert(1)", "WorkName": "</title>\"><script>alert(1)</script>", "WorkType": "PAGE", "WorkspaceId": "w", "Status": 1, "ThirdPartAuthFlag": true}]
	}`)
	w := ask(h, "POST", "/signin", "localhost", url.Values{"user": {`"><script>alert(1)</script>`}})
	held, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	for _, target := range []string{"/signin", "/", "/works/" + url.PathEscape("javascript:alert(1)")} {
		w := ask(h, "GET", target, "localhost", nil, "Cookie", held)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "&lt;script") || strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), `href="javascript:`) {
			t.Errorf("%s: %d\n%s", target, w.Code, w.Body)
		}
	}
	if w := ask(h, "POST", "/signin", "localhost", url.Values{"user": {strings.Repeat("x", 1<<20)}}); w.Code < 400 {
		t.Errorf("a megabyte of name: %d", w.Code)
	}
}

// A proxy that signs in takes the place of the demonstration.
func TestProxy(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, demo)
	proxy, err := embedhttp.NewProxy(s.embedder.Client, "0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	s.signIn, s.sessions = proxy, nil
	h := s.handler()
	w := ask(h, "GET", "/", "localhost", nil, "X-Forwarded-User", "ann", "X-Proxy-Secret", "wrong")
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "<h1>You are not signed in</h1>\n<p>Sign in with an account that is a member") {
		t.Errorf("nobody: %d\n%s", w.Code, w.Body)
	}
	for method, target := range map[string]string{"GET": "/signin", "POST": "/signin"} {
		if w := ask(h, method, target, "localhost", nil); w.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d", method, target, w.Code)
		}
	}
}

func TestRefusedFlags(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // what is accepted does not serve for long
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-lifetime", "5h"}, "-lifetime 5h0m0s"},
		{[]string{"-lifetime", "90s"}, "-lifetime 1m30s"},
		{[]string{"-lifetime", "-1m"}, "-lifetime -1m0s"},
		{[]string{"-uses", "-1"}, "-uses -1"},
		{[]string{"-uses", "0"}, "-uses 0"},
		{[]string{"-uses", "100000"}, "-uses 100000"},
		{[]string{"stray"}, `argument "stray"`},
		{[]string{"-addr", ":0"}, "-url"},
		{[]string{"-addr", "0.0.0.0:0"}, "-url"},
		{[]string{"-addr", "8080"}, "not a host and a port"},
		{[]string{"-url", "http://reports.example.com"}, "https"},
		{[]string{"-url", "https://u:p@reports.example.com"}, "-url"},
		{[]string{"-live", "-url", "https://reports.example.com"}, "EMBED_PROXY_SECRET"},
	} {
		if err := run(ctx, test.args, "", func(string) (*quickbi.Client, error) { return nil, nil }, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.args, err, test.want)
		}
	}
}

// Every text of the pages has a Chinese form, and is used.
func TestTexts(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"Report": true}
	for _, found := range regexp.MustCompile(`\.T "([^"]*)"`).FindAllStringSubmatch(pagesHTML, -1) {
		used[found[1]] = true
	}
	for _, kind := range []quickbi.WorksType{
		quickbi.WorksTypeDashboard, quickbi.WorksTypeSpreadsheet, quickbi.WorksTypeScreen, quickbi.WorksTypeSelfService, quickbi.WorksTypeAnalysis, quickbi.WorksTypeDataForm,
	} {
		used[kindName(kind)] = true
	}
	s, h := newServer(t, demo)
	for _, err := range []error{embedhttp.ErrNobody, errNoPage, embedding.ErrUnknownForm, quickbi.ErrPermission, errors.New("any other")} {
		w := httptest.NewRecorder()
		s.sorry(w, httptest.NewRequest("GET", "/", nil), err)
		found := regexp.MustCompile(`<main><h1>([^<]*)</h1>\n<p>([^<]*)</p>`).FindStringSubmatch(w.Body.String())
		if found == nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		used[found[1]], used[found[2]] = true, true
	}
	for text := range used {
		if chinese[text] == "" {
			t.Errorf("no Chinese for %q", text)
		}
	}
	for text := range chinese {
		if !used[text] {
			t.Errorf("%q is not used", text)
		}
	}
	for accepted, want := range map[string]string{
		"zh-CN,zh;q=0.9,en;q=0.8": "zh", "en-US,en;q=0.9,zh;q=0.8": "en", "fr-FR,zh;q=0.5": "zh", "": "en", "de": "en",
	} {
		if got := language(accepted); got != want {
			t.Errorf("%q: %s, want %s", accepted, got, want)
		}
	}
	w := ask(h, "GET", "/signin", "localhost", nil, "Accept-Language", "zh-CN")
	if !strings.Contains(w.Body.String(), `<html lang="zh">`) || !strings.Contains(w.Body.String(), "<h1>登录</h1>") {
		t.Errorf("not in Chinese:\n%s", w.Body)
	}
}
