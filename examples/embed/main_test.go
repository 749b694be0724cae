package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// output is what run prints. The address is ready when the first line is.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	line chan string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.Len() == 0 {
		o.line <- string(p)
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs the program and returns its address and what it prints.
func start(t *testing.T, args ...string) (base string, out *output) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out = &output{line: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), "", nil, out) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	select {
	case line := <-out.line:
		return strings.TrimSuffix(strings.TrimPrefix(line, "Open "), "/\n"), out
	case err := <-ended:
		ended <- err
		t.Fatalf("run ended early: %v", err)
		return "", nil
	}
}

// A browser keeps cookies and follows redirects.
type browser struct {
	t      *testing.T
	client http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, http.Client{Jar: jar}}
}

func (b *browser) do(method, target string, form url.Values, header ...string) (*http.Response, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response, string(body)
}

func (b *browser) get(target string) (*http.Response, string) {
	b.t.Helper()
	return b.do(http.MethodGet, target, nil)
}

var frameSrc = regexp.MustCompile(`<iframe src="([^"]*)"`)

func srcOf(t *testing.T, page string) string {
	t.Helper()
	found := frameSrc.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no frame in\n%s", page)
	}
	return html.UnescapeString(found[1])
}

func ticketOf(t *testing.T, src string) string {
	t.Helper()
	u, err := url.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	ticket := u.Query().Get("accessTicket")
	if len(ticket) < 8 {
		t.Fatalf("no ticket in %s", src)
	}
	return ticket
}

func TestFlow(t *testing.T) {
	t.Parallel()
	base, out := start(t, "-uses", "2")
	b := newBrowser(t)

	response, page := b.get(base + "/works/revenue")
	if response.Request.URL.Path != "/signin" || !strings.Contains(page, `<option value="ben">Ben</option>`) {
		t.Fatalf("not asked to sign in, but %s:\n%s", response.Request.URL, page)
	}
	response, page = b.do(http.MethodPost, base+"/signin", url.Values{"user": {"ben"}})
	if response.Request.URL.Path != "/" {
		t.Fatalf("signed in to %s:\n%s", response.Request.URL, page)
	}
	for _, want := range []string{
		`<a href="/works/revenue">Revenue by region</a><small>Dashboard · Sales</small>`,
		`<a href="/works/prices">Price list</a><small>Spreadsheet · Sales</small>`,
		`<li>Why things come back<small>Ad hoc analysis · Sales · opens in Quick BI only</small>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the list lacks %s", want)
		}
	}
	for _, not := range []string{"Salaries", "Plans", "Draft"} {
		if strings.Contains(page, not) {
			t.Errorf("the list has %s", not)
		}
	}

	tickets := map[string]bool{}
	for work, name := range map[string]string{"revenue": "Revenue by region", "prices": "Price list", "wall": "Sales today", "orders": "Orders to take away"} {
		response, page := b.get(base + "/works/" + work)
		src := srcOf(t, page)
		tickets[ticketOf(t, src)] = true
		place, err := url.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src http://" + place.Host,
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", work, name, got, want)
			}
		}
		for range 2 {
			if response, report := b.get(src); response.StatusCode != http.StatusOK || !strings.Contains(report, name) || !strings.Contains(report, "Ben") {
				t.Errorf("%s: %s\n%s", work, response.Status, report)
			}
		}
		if response, report := b.get(src); response.StatusCode == http.StatusOK || !strings.Contains(report, string(quickbi.ErrTicketUsedUp)) {
			t.Errorf("%s, a third time: %s\n%s", work, response.Status, report)
		}
	}
	_, page = b.get(base + "/works/revenue")
	again := srcOf(t, page)
	tickets[ticketOf(t, again)] = true
	if len(tickets) != 5 {
		t.Errorf("%d tickets for 5 pages", len(tickets))
	}
	other := strings.NewReplacer("dashboard/view/pc.htm", "report/view.htm", "pageId=revenue", "id=prices").Replace(again)
	if response, report := b.get(other); response.StatusCode == http.StatusOK || !strings.Contains(report, string(quickbi.ErrTicketWorkMismatch)) {
		t.Errorf("another page with the ticket: %s\n%s", response.Status, report)
	}

	for _, work := range []string{"salaries", "plans", "draft", "nothing"} {
		if response, _ := b.get(base + "/works/" + work); response.StatusCode != http.StatusNotFound {
			t.Errorf("Ben and %s: %s", work, response.Status)
		}
	}
	if response, page := b.get(base + "/works/returns"); response.StatusCode != http.StatusBadGateway || strings.Contains(page, "<iframe") {
		t.Errorf("a kind without a form: %s\n%s", response.Status, page)
	}

	log := out.String()
	if !strings.Contains(log, "ticket REDACTED (works revenue, as user ben, uses: 2") || !strings.Contains(log, `no form of URLs is known for the kind \"ANALYSIS\"`) {
		t.Errorf("the log lacks something:\n%s", log)
	}
	for ticket := range tickets {
		if strings.Contains(log, ticket) {
			t.Errorf("the log shows a ticket:\n%s", log)
		}
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	ann, stranger := newBrowser(t), newBrowser(t)
	if _, page := ann.do(http.MethodPost, base+"/signin", url.Values{"user": {"ann"}}); !strings.Contains(page, "/works/salaries") {
		t.Errorf("Ann does not see her works:\n%s", page)
	}
	if _, page := ann.get(base + "/works/salaries"); !strings.Contains(page, "can be used: 1;") {
		t.Errorf("Ann cannot open her works:\n%s", page)
	}
	if response, page := stranger.do(http.MethodPost, base+"/signin", url.Values{"user": {"nobody"}}); response.StatusCode != http.StatusBadGateway || strings.Contains(page, "/works/") {
		t.Errorf("a stranger: %s\n%s", response.Status, page)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/signin", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "evil.example"
	if response, err := http.DefaultClient.Do(request); err != nil || response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("by a name of somebody else: %v, %v", response.Status, err)
	}
	if response, _ := stranger.do(http.MethodPost, base+"/signin", url.Values{"user": {"ann"}}, "Sec-Fetch-Site", "cross-site"); response.StatusCode != http.StatusForbidden {
		t.Errorf("signed in by another site: %s", response.Status)
	}
	if response, _ := stranger.do(http.MethodGet, base+"/", nil, "Cookie", "session=ann"); response.Request.URL.Path != "/signin" {
		t.Errorf("a made-up cookie opens %s", response.Request.URL)
	}
}

// Each command that -h shows serves until it is ended.
func TestUsage(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, "", nil, &help); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(help.String(), usage) || !strings.Contains(help.String(), "-lifetime") {
		t.Errorf("-h: %v, %s", err, help.String())
	}
	emulator := quickbitest.NewServer()
	t.Cleanup(emulator.Close)
	connect := func(string) (*quickbi.Client, error) { return emulator.Client(), nil }
	commands := regexp.MustCompile(`(?m)^\t(?:EMBED_PROXY_SECRET=(\S+) )?go run ./examples/embed(.*)$`).FindAllStringSubmatch(usage, -1)
	if len(commands) != 3 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, command := range commands {
		ctx, stop := context.WithCancel(t.Context())
		out := &output{line: make(chan string, 1)}
		ended := make(chan error, 1)
		go func() {
			ended <- run(ctx, append(strings.Fields(command[2]), "-addr", "127.0.0.1:0"), command[1], connect, out)
		}()
		select {
		case line := <-out.line:
			if !strings.HasPrefix(line, "Open http://127.0.0.1:") {
				t.Errorf("%s: %s", command[0], line)
			}
			stop()
			if err := <-ended; err != nil {
				t.Errorf("%s: %v", command[0], err)
			}
		case err := <-ended:
			t.Errorf("%s: %v", command[0], err)
		}
		stop()
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	refuse := func(region string) (*quickbi.Client, error) {
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region))
	}
	if err := run(t.Context(), []string{"-live", "-region", "mars-1"}, "", refuse, io.Discard); err == nil || !strings.Contains(err.Error(), "mars-1") {
		t.Errorf("unknown region: %v", err)
	}
	if err := run(t.Context(), nil, "short", nil, io.Discard); err == nil || !strings.Contains(err.Error(), "EMBED_PROXY_SECRET: ") || strings.Contains(err.Error(), "short") {
		t.Errorf("a short secret: %v", err)
	}
	base, _ := start(t)
	if err := run(t.Context(), []string{"-addr", strings.TrimPrefix(base, "http://")}, "", nil, io.Discard); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("the same address again: %v", err)
	}
}
