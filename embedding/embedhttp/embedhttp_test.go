package embedhttp

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func mustSite(t *testing.T, addr, public string) *Site {
	t.Helper()
	site, err := NewSite(addr, public)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// ask sends one request to the handler.
func ask(h http.Handler, method, host string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var secret = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a ticket") })

// A page of somebody else, whose name has come to point to this machine, learns nothing.
func TestForeignNames(t *testing.T) {
	t.Parallel()
	local := mustSite(t, "127.0.0.1:8080", "").Protect(secret)
	public := mustSite(t, ":8080", "https://Reports.example.com").Protect(secret)
	for _, test := range []struct {
		host          string
		local, public bool
	}{
		{"localhost", true, true},
		{"localhost:8080", true, true},
		{"127.0.0.1:8080", true, true},
		{"[::1]:8080", true, true},
		{"reports.example.com", false, true},
		{"REPORTS.example.com", false, true},
		{"reports.example.com:444", false, false},
		{"evil.example", false, false},
		{"evil.example:8080", false, false},
		{"localhost.evil.example", false, false},
		{"192.168.1.9:8080", false, false},
		{"", false, false},
	} {
		for h, ok := range map[*http.Handler]bool{&local: test.local, &public: test.public} {
			w := ask(*h, "GET", test.host)
			if got := w.Code == http.StatusOK; got != ok || strings.Contains(w.Body.String(), "ticket") != ok || !ok && w.Code != http.StatusMisdirectedRequest {
				t.Errorf("Host %q: %d, public site %t", test.host, w.Code, h == &public)
			}
		}
	}
	for origin, status := range map[string]int{
		"https://reports.example.com": http.StatusOK, "http://localhost:8080": http.StatusOK, "null": http.StatusOK,
		"https://evil.example": http.StatusMisdirectedRequest, "evil": http.StatusMisdirectedRequest, "://": http.StatusMisdirectedRequest,
	} {
		if w := ask(public, "GET", "reports.example.com", "Origin", origin); w.Code != status {
			t.Errorf("Origin %s: %d, want %d", origin, w.Code, status)
		}
	}
	for from, status := range map[string]int{"same-origin": http.StatusOK, "none": http.StatusOK, "cross-site": http.StatusForbidden, "same-site": http.StatusForbidden} {
		if w := ask(local, "POST", "localhost", "Origin", "null", "Sec-Fetch-Site", from); w.Code != status {
			t.Errorf("a form that browsers call %s: %d, want %d", from, w.Code, status)
		}
	}
	if w := ask(local, "POST", "localhost", "Origin", "null"); w.Code != http.StatusForbidden {
		t.Errorf("a form of an old browser, from nowhere: %d", w.Code)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"localhost", "evil.example"} {
		h := ask(mustSite(t, "localhost:80", "").Protect(secret), "GET", host).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src 'none'",
			"Referrer-Policy":         "no-referrer",
			"X-Content-Type-Options":  "nosniff",
			"Cache-Control":           "no-store",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", host, name, got, want)
			}
		}
	}
	var read int64
	var err error
	reader := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { read, err = io.Copy(io.Discard, r.Body) })
	r := httptest.NewRequest("POST", "http://localhost/", strings.NewReader(strings.Repeat("x", 65<<10)))
	mustSite(t, "localhost:80", "").Protect(reader).ServeHTTP(httptest.NewRecorder(), r)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); read != 65536 || !tooLarge {
		t.Errorf("a body of 65 KiB: %d read, %v", read, err)
	}
}

func TestNewSite(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:80", "localhost:0", "[::1]:8080"} {
		if site, err := NewSite(addr, ""); err != nil || !site.IsLocal() {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, public := range []string{"https://reports.example.com", "https://reports.example.com:8443/", "http://localhost:8080"} {
		if site, err := NewSite("0.0.0.0:80", public); err != nil || site.IsLocal() {
			t.Errorf("%s: %v", public, err)
		}
	}
	for _, test := range []struct{ addr, public, want string }{
		{":80", "", "lets others in"},
		{"0.0.0.0:80", "", "lets others in"},
		{"192.168.1.9:80", "", "lets others in"},
		{"[::]:80", "", "lets others in"},
		{"reports.example.com:80", "", "lets others in"},
		{"8080", "", "not a host and a port"},
		{":80", "http://reports.example.com", "https"},
		{":80", "reports.example.com", "not a scheme"},
		{":80", "https://", "not a scheme"},
		{":80", "https://u:hunter2@reports.example.com", "not a scheme"},
		{":80", "https://reports.example.com/bi", "not a scheme"},
		{":80", "https://reports.example.com?x", "not a scheme"},
		{":80", "https://reports.example.com#x", "not a scheme"},
	} {
		if _, err := NewSite(test.addr, test.public); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s, %s: %v, want %s", test.addr, test.public, err, test.want)
		}
	}
}

// begin signs somebody in and returns the Set-Cookie header, and what comes back of it.
func begin(s *Sessions, user string, header ...string) (cookie, held string) {
	w := ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Begin(w, r, quickbi.User{UserID: user}) }), "POST", "localhost", header...)
	cookie = w.Header().Get("Set-Cookie")
	held, _, _ = strings.Cut(cookie, ";")
	return cookie, held
}

func member(s SignIn, header ...string) (string, error) {
	r := httptest.NewRequest("GET", "/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	user, err := s.Member(r)
	return user.UserID, err
}

func TestCookie(t *testing.T) {
	t.Parallel()
	plain := regexp.MustCompile(`^session=[A-Z2-7]{26}; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax$`)
	if got, _ := begin(NewSessions(mustSite(t, "localhost:80", "")), "ann"); !plain.MatchString(got) {
		t.Errorf("cookie %q", got)
	}
	secure := regexp.MustCompile(`^session=[A-Z2-7]{26}; Path=/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax$`)
	if got, _ := begin(NewSessions(mustSite(t, ":80", "https://reports.example.com")), "ann"); !secure.MatchString(got) {
		t.Errorf("behind TLS: cookie %q", got)
	}
	r := httptest.NewRequest("POST", "https://localhost/", nil) // r.TLS is set
	w := httptest.NewRecorder()
	NewSessions(mustSite(t, "localhost:443", "")).Begin(w, r, quickbi.User{})
	if got := w.Header().Get("Set-Cookie"); !secure.MatchString(got) {
		t.Errorf("with TLS of its own: cookie %q", got)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	site := mustSite(t, "localhost:80", "")
	t.Run("can be ended", func(t *testing.T) {
		t.Parallel()
		s := NewSessions(site)
		_, held := begin(s, "ann")
		_, other := begin(s, "ben")
		if user, err := member(s, "Cookie", held); err != nil || user != "ann" {
			t.Fatalf("%s, %v", user, err)
		}
		w := ask(http.HandlerFunc(s.End), "POST", "localhost", "Cookie", held)
		if got := w.Header().Get("Set-Cookie"); got != "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" {
			t.Errorf("the cookie is not taken back: %q", got)
		}
		if _, err := member(s, "Cookie", held); !errors.Is(err, ErrNobody) {
			t.Errorf("the session has not ended: %v", err)
		}
		if user, err := member(s, "Cookie", other); err != nil || user != "ben" {
			t.Errorf("another's session: %s, %v", user, err)
		}
	})
	t.Run("take the place of each other", func(t *testing.T) {
		t.Parallel()
		s := NewSessions(site)
		_, first := begin(s, "ann")
		_, second := begin(s, "ben", "Cookie", first)
		if _, err := member(s, "Cookie", first); !errors.Is(err, ErrNobody) {
			t.Errorf("the first session: %v", err)
		}
		if user, err := member(s, "Cookie", second); err != nil || user != "ben" {
			t.Errorf("%s, %v", user, err)
		}
	})
	t.Run("cannot be made up", func(t *testing.T) {
		t.Parallel()
		s := NewSessions(site)
		begin(s, "ann")
		for _, cookie := range []string{"", "session=", "session=ann", "other=ann"} {
			if user, err := member(s, "Cookie", cookie); !errors.Is(err, ErrNobody) || user != "" {
				t.Errorf("%q: %s, %v", cookie, user, err)
			}
		}
	})
	t.Run("expire", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := NewSessions(site)
			_, held := begin(s, "ann")
			time.Sleep(8*time.Hour - time.Second)
			if user, err := member(s, "Cookie", held); err != nil || user != "ann" {
				t.Errorf("early: %s, %v", user, err)
			}
			time.Sleep(time.Second)
			if _, err := member(s, "Cookie", held); !errors.Is(err, ErrNobody) {
				t.Errorf("after eight hours: %v", err)
			}
		})
	})
	t.Run("are bounded", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := NewSessions(site)
			var held []string
			for range 1500 {
				_, cookie := begin(s, "ann")
				held = append(held, cookie)
				time.Sleep(time.Second)
			}
			if len(s.all) != 1000 {
				t.Errorf("%d sessions", len(s.all))
			}
			if _, err := member(s, "Cookie", held[499]); !errors.Is(err, ErrNobody) {
				t.Errorf("one that had to make room: %v", err)
			}
			if _, err := member(s, "Cookie", held[500]); err != nil {
				t.Errorf("the oldest that fits: %v", err)
			}
			time.Sleep(8 * time.Hour)
			begin(s, "ben")
			if len(s.all) != 1 {
				t.Errorf("%d sessions after all but one have ended", len(s.all))
			}
		})
	})
}

func TestFrame(t *testing.T) {
	t.Parallel()
	emulator := quickbitest.NewServer()
	t.Cleanup(emulator.Close)
	if err := emulator.SeedJSON(strings.NewReader(`{
		"Users": [{"UserId": "ann", "NickName": "Ann"}], "Workspaces": [{"WorkspaceId": "w", "WorkspaceName": "W"}],
		"Works": [{"WorksId": "revenue", "WorkName": "Revenue", "WorkspaceId": "w", "Status": 1, "ThirdPartAuthFlag": true}]
	}`)); err != nil {
		t.Fatal(err)
	}
	ticket, err := embedding.Embedder{Client: emulator.Client(), BaseURL: "https://bi.example.com:8443"}.NewTicket(t.Context(),
		embedding.Page{WorksID: "revenue", Kind: quickbi.WorksTypeDashboard, Viewer: embedding.AsUser("ann")})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	frame, err := Frame(w, ticket, `Q3 "net" <b>`)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Replace(string(frame), ticket.Secret().Reveal(), "T", 1)
	if want := `<iframe src="https://bi.example.com:8443/token3rd/dashboard/view/pc.htm?pageId=revenue&amp;accessTicket=T" title="Q3 &#34;net&#34; &lt;b&gt;" referrerpolicy="no-referrer" allow="fullscreen" sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"></iframe>`; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
	if got, want := w.Header().Get("Content-Security-Policy"), "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src https://bi.example.com:8443"; got != want {
		t.Errorf("policy %q, want %q", got, want)
	}
	w = httptest.NewRecorder()
	if frame, err := Frame(w, ticket, "again"); !errors.Is(err, embedding.ErrTicketTaken) || frame != "" || w.Header().Get("Content-Security-Policy") != "" {
		t.Errorf("a ticket that is in a frame already: %s, %v, %v", frame, err, w.Header())
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	emulator := quickbitest.NewServer()
	t.Cleanup(emulator.Close)
	if err := emulator.Seed(quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "u-ann", NickName: "Ann", AccountName: "ann@example.com"},
		{UserID: "u-bob", NickName: "Bob", AccountName: "acme:bob"}, {UserID: "u-rob", NickName: "Rob", AccountName: "umbrella:bob"},
	}}); err != nil {
		t.Fatal(err)
	}
	const proof = "0123456789abcdef"
	p, err := NewProxy(emulator.Client(), proof)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ account, proof, want string }{
		{"ann@example.com", proof, "u-ann"},
		{"umbrella:bob", proof, "u-rob"},
		{"acme:bob", proof, "u-bob"},
		{"ann@example.com", "", ""},
		{"ann@example.com", "0123456789abcdeX", ""},
		{"ann@example.com", proof + "0", ""},
		{"", proof, ""},
		{"eve@example.com", proof, ""},
	} {
		user, err := member(p, "X-Forwarded-User", test.account, "X-Proxy-Secret", test.proof)
		if user != test.want || (test.want == "") != errors.Is(err, ErrNobody) {
			t.Errorf("%s, proof %q: %s, %v", test.account, test.proof, user, err)
		}
	}
	emulator.Fail("QueryUserInfoByAccount", quickbitest.Refuse("Access.Forbidden"), 1)
	if _, err := member(p, "X-Forwarded-User", "ann@example.com", "X-Proxy-Secret", proof); err == nil || errors.Is(err, ErrNobody) {
		t.Errorf("a service that refuses: %v", err)
	}
	if _, err := NewProxy(emulator.Client(), "0123456789abcde"); err == nil || !strings.Contains(err.Error(), "16") {
		t.Errorf("a short secret: %v", err)
	}
}
