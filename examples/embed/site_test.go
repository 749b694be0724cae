package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// newSite returns a site over an emulator, and what it logs.
func newSite(t *testing.T) (*site, *bytes.Buffer) {
	t.Helper()
	emulator, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulator.Close)
	log := new(bytes.Buffer)
	s := &site{
		embedder: embedding.Embedder{Client: emulator.Client(), BaseURL: emulator.URL},
		uses:     1, lifetime: 10 * time.Minute, log: slog.New(slog.NewTextHandler(log, nil)),
	}
	s.signIn = &chooser{site: s}
	return s, log
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

// enter signs in and returns the cookie.
func enter(t *testing.T, h http.Handler, user string) string {
	t.Helper()
	w := ask(h, "POST", "/signin", "localhost", url.Values{"user": {user}})
	held, _, ok := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if w.Code != http.StatusSeeOther || !ok {
		t.Fatalf("sign-in: %d %v", w.Code, w.Header())
	}
	return held
}

// A page of somebody else, whose name has come to point to this machine, learns nothing.
func TestForeignNames(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	h := s.handler()
	held := enter(t, h, "ann")
	for host, ok := range map[string]bool{
		"localhost": true, "localhost:8080": true, "127.0.0.1:8080": true, "[::1]:8080": true,
		"evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "192.168.1.9:8080": false, "": false,
	} {
		w := ask(h, "GET", "/works/revenue", host, nil, "Cookie", held)
		if got := w.Code == http.StatusOK; got != ok || strings.Contains(w.Body.String(), "accessTicket=") != ok {
			t.Errorf("Host %q: %d", host, w.Code)
		}
	}
	if w := ask(h, "GET", "/works/revenue", "localhost", nil, "Cookie", held, "Origin", "http://evil.example"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("from a page elsewhere: %d", w.Code)
	}
	for site, status := range map[string]int{"same-origin": http.StatusSeeOther, "cross-site": http.StatusForbidden, "same-site": http.StatusForbidden} {
		if w := ask(h, "POST", "/signin", "localhost", url.Values{"user": {"ann"}}, "Origin", "null", "Sec-Fetch-Site", site); w.Code != status {
			t.Errorf("a form that browsers call %s: %d, want %d", site, w.Code, status)
		}
	}
	s.origin = &url.URL{Scheme: "https", Host: "reports.example.com"}
	if w := ask(h, "GET", "/works/revenue", "reports.example.com", nil, "Cookie", held, "Origin", "https://reports.example.com"); w.Code != http.StatusOK {
		t.Errorf("by the name that -url gives: %d", w.Code)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	h := s.handler()
	form := url.Values{"user": {"ann"}}
	plain := regexp.MustCompile(`^session=[A-Z2-7]{26}; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax$`)
	if got := ask(h, "POST", "/signin", "localhost", form).Header().Get("Set-Cookie"); !plain.MatchString(got) {
		t.Errorf("cookie %q", got)
	}
	s.origin = &url.URL{Scheme: "https", Host: "reports.example.com"}
	secure := regexp.MustCompile(`^session=[A-Z2-7]{26}; Path=/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax$`)
	if got := ask(h, "POST", "/signin", "reports.example.com", form).Header().Get("Set-Cookie"); !secure.MatchString(got) {
		t.Errorf("behind TLS: cookie %q", got)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	signedIn := func(h http.Handler, held string) bool {
		return ask(h, "GET", "/", "localhost", nil, "Cookie", held).Code == http.StatusOK
	}
	t.Run("can be ended", func(t *testing.T) {
		t.Parallel()
		s, _ := newSite(t)
		h := s.handler()
		held := enter(t, h, "ann")
		if !signedIn(h, held) {
			t.Fatal("not signed in")
		}
		w := ask(h, "POST", "/signout", "localhost", url.Values{}, "Cookie", held)
		if got := w.Header().Get("Set-Cookie"); got != "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" {
			t.Errorf("the cookie is not taken back: %q", got)
		}
		if signedIn(h, held) {
			t.Error("the session has not ended")
		}
	})
	t.Run("expire", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := &chooser{}
			c.add("x", session{quickbi.User{UserID: "ann"}, time.Now().Add(sessionLife)})
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "session=x")
			time.Sleep(8*time.Hour - time.Second)
			if user, err := c.member(r); err != nil || user.UserID != "ann" {
				t.Errorf("early: %v, %v", user.UserID, err)
			}
			time.Sleep(2 * time.Second)
			if _, err := c.member(r); !errors.Is(err, errNobody) {
				t.Errorf("after eight hours: %v", err)
			}
		})
	})
	t.Run("are bounded", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := &chooser{}
			for i := range 1500 {
				c.add(string(rune('a'+i)), session{ends: time.Now().Add(sessionLife)})
				time.Sleep(time.Second)
			}
			if _, newest := c.sessions[string(rune('a'+1499))]; len(c.sessions) != 1000 || !newest {
				t.Errorf("%d sessions, the newest: %t", len(c.sessions), newest)
			}
		})
	})
}

func TestFrame(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	h := s.handler()
	page := ask(h, "GET", "/works/revenue", "localhost", nil, "Cookie", enter(t, h, "ann")).Body.String()
	frame := regexp.MustCompile(`<iframe [^>]*>`).FindString(page)
	for _, want := range []string{
		`sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"`, `referrerpolicy="no-referrer"`,
		`allow="fullscreen"`, `title="Revenue by region"`,
	} {
		if !strings.Contains(frame, want) {
			t.Errorf("the frame lacks %s: %s", want, regexp.MustCompile(`accessTicket=\w+`).ReplaceAllString(frame, "…"))
		}
	}
	for _, target := range []string{"/", "/signin", "/nothing", "/works/nothing"} {
		w := ask(h, "GET", target, "localhost", nil)
		if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src 'none'" {
			t.Errorf("%s: policy %q", target, got)
		}
	}
}

// Whatever names and ids hold, no page runs it.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	emulator := quickbitest.NewServer()
	t.Cleanup(emulator.Close)
	evil := `"><script>alert(1)</script>`
	if err := emulator.Seed(quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: evil, NickName: evil}},
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "w", WorkspaceName: evil, DefaultShareToAll: true, Users: []quickbitest.WorkspaceUser{{UserID: evil}}}},
		Works:      []quickbitest.Works{{WorksID: `javascript:alert(1)`, WorksName: `</title>` + evil, WorksType: "PAGE", WorkspaceID: "w", Status: 1, ThirdPartAuthFlag: true}},
	}); err != nil {
		t.Fatal(err)
	}
	s, _ := newSite(t)
	s.embedder = embedding.Embedder{Client: emulator.Client(), BaseURL: emulator.URL}
	h := s.handler()
	held := enter(t, h, evil)
	for _, target := range []string{"/signin", "/", "/works/" + url.PathEscape("javascript:alert(1)")} {
		w := ask(h, "GET", target, "localhost", nil, "Cookie", held)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), `href="javascript:`) {
			t.Errorf("%s: %d\n%s", target, w.Code, w.Body)
		}
	}
	if w := ask(h, "POST", "/signin", "localhost", url.Values{"user": {strings.Repeat("x", 1<<20)}}); w.Code < 400 {
		t.Errorf("a megabyte of name: %d", w.Code)
	}
}

func TestProxySignIn(t *testing.T) {
	t.Parallel()
	emulator := quickbitest.NewServer()
	t.Cleanup(emulator.Close)
	if err := emulator.Seed(quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "u-ann", NickName: "Ann", AccountName: "ann@example.com"},
		{UserID: "u-bob", NickName: "Bob", AccountName: "acme:bob"}, {UserID: "u-rob", NickName: "Rob", AccountName: "umbrella:bob"},
	}}); err != nil {
		t.Fatal(err)
	}
	secret := "0123456789abcdef"
	p, err := newProxySignIn(emulator.Client(), secret)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newSite(t)
	s.embedder.Client, s.signIn = emulator.Client(), p
	h := s.handler()
	for _, test := range []struct {
		name           string
		account, proof string
		status         int
		shows          string
	}{
		{"an account", "ann@example.com", secret, http.StatusOK, `<span id="viewer">Ann</span>`},
		{"a RAM user", "umbrella:bob", secret, http.StatusOK, `<span id="viewer">Rob</span>`},
		{"no proof", "ann@example.com", "", http.StatusForbidden, "You are not signed in"},
		{"a wrong proof", "ann@example.com", "0123456789abcdeX", http.StatusForbidden, "You are not signed in"},
		{"nobody", "", secret, http.StatusForbidden, "You are not signed in"},
		{"a stranger", "eve@example.com", secret, http.StatusForbidden, "You are not signed in"},
	} {
		w := ask(h, "GET", "/", "localhost", nil, "X-Forwarded-User", test.account, "X-Proxy-Secret", test.proof)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.shows) || strings.Contains(w.Body.String(), "Sign out") {
			t.Errorf("%s: %d\n%s", test.name, w.Code, w.Body)
		}
	}
	if w := ask(h, "POST", "/signin", "localhost", url.Values{"user": {"u-ann"}}); w.Code != http.StatusNotFound {
		t.Errorf("the demonstration's sign-in is there too: %d", w.Code)
	}
	if _, err := newProxySignIn(emulator.Client(), "short"); err == nil {
		t.Error("a short secret is accepted")
	}
}

func TestRefusedFlags(t *testing.T) {
	t.Parallel()
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
		{[]string{"-live", "-url", "https://reports.example.com"}, proxySecretVariable},
	} {
		if err := run(t.Context(), test.args, "", io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
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
	s, _ := newSite(t)
	for _, err := range []error{errNobody, errNoPage, embedding.ErrUnknownForm, quickbi.ErrPermission, errors.New("any other")} {
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
	w := ask(s.handler(), "GET", "/signin", "localhost", nil, "Accept-Language", "zh-CN")
	if !strings.Contains(w.Body.String(), `<html lang="zh">`) || !strings.Contains(w.Body.String(), "<h1>登录</h1>") {
		t.Errorf("not in Chinese:\n%s", w.Body)
	}
}
