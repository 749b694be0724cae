package embedding_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// newServer has Ann and a work of every kind, each with its kind as its id.
func newServer(t *testing.T) *quickbitest.Server {
	t.Helper()
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	seed := quickbitest.Organization{
		Users:      []quickbitest.User{{UserID: "ann", NickName: "Ann", AccountName: "acme:ann"}},
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "ws", WorkspaceName: "Sales", Users: []quickbitest.WorkspaceUser{{UserID: "ann"}}}},
	}
	for _, kind := range []quickbi.WorksType{
		quickbi.WorksTypeDashboard, quickbi.WorksTypeSpreadsheet, quickbi.WorksTypeSelfService,
		quickbi.WorksTypeScreen, quickbi.WorksTypeAnalysis, quickbi.WorksTypeDataForm,
	} {
		seed.Works = append(seed.Works, quickbitest.Works{
			WorksID: string(kind), WorksName: "Work " + string(kind), WorksType: string(kind), WorkspaceID: "ws", ThirdPartAuthFlag: true, Status: 1,
		})
	}
	seed.Works = append(seed.Works, quickbitest.Works{WorksID: "closed", WorksName: "Closed", WorkspaceID: "ws"})
	if err := server.Seed(seed); err != nil {
		t.Fatal(err)
	}
	return server
}

// dashboard is a page that works; the tests change it.
func dashboard() embedding.Page {
	return embedding.Page{WorksID: "PAGE", Kind: quickbi.WorksTypeDashboard, Viewer: embedding.AsUser("ann")}
}

func pageOf(kind quickbi.WorksType, change func(*embedding.Page)) embedding.Page {
	page := dashboard()
	page.WorksID, page.Kind = string(kind), kind
	if change != nil {
		change(&page)
	}
	return page
}

func newTicket(t *testing.T, embedder embedding.Embedder, page embedding.Page) *embedding.Ticket {
	t.Helper()
	ticket, err := embedder.NewTicket(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func urlOf(t *testing.T, ticket *embedding.Ticket) string {
	t.Helper()
	src, err := ticket.URL()
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// visit does what a browser does with the URL.
func visit(t *testing.T, src string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestURL checks every form, on every host. T stands for the ticket.
func TestURL(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	preview := func(text string) func(*embedding.Page) {
		return func(p *embedding.Page) { p.PreviewURL = text }
	}
	for _, test := range []struct {
		want     string
		embedder embedding.Embedder
		page     embedding.Page
	}{
		{"https://bi.aliyun.com/token3rd/dashboard/view/pc.htm?pageId=PAGE&accessTicket=T", embedding.Embedder{}, dashboard()},
		{
			"https://bi.aliyun.com/token3rd/dashboard/view/pc.htm?pageId=PAGE&accessTicket=T&cmptId=chart+1%26",
			embedding.Embedder{Region: "cn-hangzhou"},
			pageOf("page", func(p *embedding.Page) { p.WorksID, p.ComponentID = "PAGE", "chart 1&" }),
		},
		{
			"https://bi-ap-southeast-1.data.aliyun.com/token3rd/report/view.htm?id=REPORT&accessTicket=T",
			embedding.Embedder{Region: "ap-southeast-1"}, pageOf(quickbi.WorksTypeSpreadsheet, nil),
		},
		{
			"https://bi-cn-hongkong.data.aliyun.com/token3rd/offline/view/pc.htm?pageId=dashboardOfflineQuery&accessTicket=T",
			embedding.Embedder{Region: "cn-hongkong"}, pageOf(quickbi.WorksTypeSelfService, nil),
		},
		{
			"https://bi-eu-central-1.data.aliyun.com/token3rd/screen/view/pc.htm?pageId=SCREEN&accessTicket=T",
			embedding.Embedder{Region: "eu-central-1"}, pageOf(quickbi.WorksTypeScreen, nil),
		},
		{
			"https://bi.example.com:8443/quick/token3rd/dashboard/view/pc.htm?pageId=PAGE&accessTicket=T",
			embedding.Embedder{Region: "mars-1", BaseURL: "https://bi.example.com:8443/quick/"}, dashboard(),
		},
		{"http://[::1]:8/token3rd/dashboard/view/pc.htm?pageId=PAGE&accessTicket=T", embedding.Embedder{BaseURL: "http://[::1]:8"}, dashboard()},
		// of one's own
		{
			"https://bi.example.com/analysis?pageId=ANALYSIS&accessTicket=T",
			embedding.Embedder{Region: "mars-1"}, pageOf(quickbi.WorksTypeAnalysis, preview("https://bi.example.com/analysis")),
		},
		{
			"https://bi.example.com/form.htm?id=DATAFORM&dd_orientation=auto&accessTicket=T",
			embedding.Embedder{}, pageOf(quickbi.WorksTypeDataForm, preview("https://bi.example.com/form.htm?id=DATAFORM&dd_orientation=auto")),
		},
		{
			"http://localhost:8080/x?a=1&pageId=PAGE&accessTicket=T&cmptId=c",
			embedding.Embedder{},
			pageOf("PAGE", func(p *embedding.Page) { p.PreviewURL, p.ComponentID = "http://localhost:8080/x?a=1", "c" }),
		},
		{
			"https://bi.example.com/x?cmptId=c&pageId=PAGE&accessTicket=T#top",
			embedding.Embedder{},
			pageOf("PAGE", func(p *embedding.Page) {
				p.PreviewURL, p.ComponentID = "https://bi.example.com/x?cmptId=c&pageId=PAGE#top", "c"
			}),
		},
	} {
		test.embedder.Client = server.Client()
		ticket := newTicket(t, test.embedder, test.page)
		got := strings.ReplaceAll(urlOf(t, ticket), ticket.Secret().Reveal(), "T")
		if got != test.want {
			t.Errorf("\ngot  %s\nwant %s", got, test.want)
		}
	}
}

// TestForms checks what the documentation of this package promises of the forms.
func TestForms(t *testing.T) {
	t.Parallel()
	documented := map[quickbi.WorksType]bool{"page": true, "REPORT": false, "dashboardofflinequery": false, "screen": false}
	for kind, want := range documented {
		if form, err := embedding.FormOf(kind); err != nil || form.Documented != want {
			t.Errorf("%s: %+v, %v", kind, form, err)
		}
	}
	for _, kind := range []quickbi.WorksType{
		"", quickbi.WorksTypeAnalysis, quickbi.WorksTypeDataForm, quickbi.WorksTypePortal, quickbi.WorksTypeFullPage,
	} {
		if form, err := embedding.FormOf(kind); !errors.Is(err, embedding.ErrUnknownForm) || form != (embedding.Form{}) {
			t.Errorf("%s: %+v, %v", kind, form, err)
		}
	}
}

// TestRefusals checks that what cannot be is refused before anything is sent.
func TestRefusals(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	change := func(change func(*embedding.Page)) embedding.Page { return pageOf(quickbi.WorksTypeDashboard, change) }
	viewer := func(v embedding.Viewer) embedding.Page {
		return change(func(p *embedding.Page) { p.Viewer = v })
	}
	preview := func(text string) embedding.Page {
		return change(func(p *embedding.Page) { p.PreviewURL = text })
	}
	at := func(base string) embedding.Embedder { return embedding.Embedder{BaseURL: base} }
	var here embedding.Embedder
	for _, test := range []struct {
		want     string
		embedder embedding.Embedder
		page     embedding.Page
	}{
		{"WorksID is missing", here, change(func(p *embedding.Page) { p.WorksID = "" })},
		{"Kind is missing", here, change(func(p *embedding.Page) { p.Kind, p.PreviewURL = "", "https://bi.example.com" })},
		{"Viewer is missing: say AsUser, or AsOwner", here, viewer(embedding.Viewer{})},
		{"Viewer is AsUser without a user id", here, viewer(embedding.AsUser(""))},
		{"Viewer is AsUser without a user id", here, viewer(embedding.AsUser(" "))},
		{"Viewer is AsAccount without a name", here, viewer(embedding.AsAccount(quickbi.TicketAccountRAM, ""))},
		{"Viewer is AsAccount without the type", here, viewer(embedding.AsAccount(0, "acme"))},
		{"Uses is -1, not within 1 and 99999", here, change(func(p *embedding.Page) { p.Uses = -1 })},
		{"Uses is 100000, not within", here, change(func(p *embedding.Page) { p.Uses = 100_000 })},
		{"Lifetime is -1m0s, not a number of whole minutes within 1 and 240", here, change(func(p *embedding.Page) { p.Lifetime = -time.Minute })},
		{"Lifetime is 59s, not", here, change(func(p *embedding.Page) { p.Lifetime = 59 * time.Second })},
		{"Lifetime is 1m30s, not", here, change(func(p *embedding.Page) { p.Lifetime = 90 * time.Second })},
		{"Lifetime is 4h1m0s, not", here, change(func(p *embedding.Page) { p.Lifetime = 241 * time.Minute })},
		{"Watermark has 51 characters, more than 50", here, change(func(p *embedding.Page) { p.Watermark = strings.Repeat("水", 51) })},
		{"Watermark is given for a data screen", here, pageOf("screen", func(p *embedding.Page) { p.Watermark = "Ann" })},
		{`ComponentID is given for a work of kind "REPORT": only dashboards`, here, pageOf("REPORT", func(p *embedding.Page) { p.ComponentID = "c" })},
		{"has no paramKey", here, change(func(p *embedding.Page) { p.GlobalParams = quickbi.GlobalParams{{}} })},

		{`no form of URLs is known for the kind "ANALYSIS": give the URL`, here, pageOf(quickbi.WorksTypeAnalysis, nil)},
		{`no form of URLs is known for the kind "DATAPRODUCT"`, here, pageOf(quickbi.WorksTypePortal, nil)},

		{`no host is known for Region "us-east-1" (only for ap-southeast-1, `, embedding.Embedder{Region: "us-east-1"}, dashboard()},
		{"BaseURL does not begin with https:// and a host", at("bi.example.com"), dashboard()},
		{"BaseURL does not begin with https://", at("ftp://bi.example.com"), dashboard()},
		{"BaseURL does not begin with https:// and a host", at("https://:80"), dashboard()},
		{"BaseURL is not a URL", at("https://bi.example.com/%zz"), dashboard()},
		{"BaseURL is plain http to bi.example.com", at("http://bi.example.com"), dashboard()},
		{"BaseURL is plain http to localhost.example.com", at("http://localhost.example.com"), dashboard()},
		{"BaseURL has a user name", at("https://me:hunter2@bi.example.com"), dashboard()},
		{"more than a scheme, a host and a path in BaseURL", at("https://bi.example.com?x=1"), dashboard()},

		{"PreviewURL is plain http to bi.example.com", here, preview("http://bi.example.com")},
		{"PreviewURL has the parameter accessTicket", here, preview("https://bi.example.com?accessTicket=hunter2")},
		{"PreviewURL has the parameter accessToken", here, preview("https://bi.example.com?accessToken=hunter2")},
		{"PreviewURL has the parameter AccessTicket", here, preview("https://bi.example.com?pageId=PAGE&AccessTicket=1")},
		{"PreviewURL has the parameter ACCESSTOKEN", here, preview("https://bi.example.com?ACCESSTOKEN=1")},
		{"PreviewURL has the parameter pageId more than once", here, preview("https://bi.example.com?pageId=PAGE&pageId=other")},
		{`PreviewURL shows the work "other"`, here, preview("https://bi.example.com?pageId=PAGE&PageId=other")},
		{`PreviewURL shows the component "c"`, here, preview("https://bi.example.com?CmptID=c")},
		{"PreviewURL has parameters that cannot be read", here, preview("https://bi.example.com?accessTicket=hunter2&x=%zz")},
		{`PreviewURL shows the work "other", but WorksID is "PAGE"`, here, preview("https://bi.example.com?pageId=other")},
		{`PreviewURL shows the work "other"`, here, preview("https://bi.example.com?pageId=PAGE&id=other")},
		{`PreviewURL shows the component "c", but ComponentID is ""`, here, preview("https://bi.example.com?cmptId=c")},
	} {
		test.embedder.Client = server.Client()
		ticket, err := test.embedder.NewTicket(t.Context(), test.page)
		if ticket != nil || !errors.Is(err, quickbi.ErrInvalidRequest) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, %v, want %s", ticket, err, test.want)
		}
		if unknown := strings.HasPrefix(test.want, "no form"); errors.Is(err, embedding.ErrUnknownForm) != unknown {
			t.Errorf("%v: ErrUnknownForm is not %v", err, unknown)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("shows what may be a secret: %v", err)
		}
	}
	if calls := server.Calls(); len(calls) != 0 {
		t.Errorf("%d calls, the first of %s", len(calls), calls[0].Action)
	}

	_, err := embedding.Embedder{}.NewTicket(t.Context(), embedding.Page{Uses: -1})
	want := "embedding: Embedder.Client is missing; WorksID is missing; Kind is missing; "
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "Uses is -1") || !strings.Contains(err.Error(), "Viewer is") {
		t.Errorf("not all problems at once: %v", err)
	}
}

// TestWhatIsSent checks that the service is told what the page says, and that it
// is the owner's rights only where the code says so.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	embedder := embedding.Embedder{Client: server.Client()}
	for _, test := range []struct {
		page embedding.Page
		want map[string]string
	}{
		{dashboard(), map[string]string{"UserId": "ann", "TicketNum": "1", "ExpireTime": "240"}},
		{
			pageOf("PAGE", func(p *embedding.Page) { p.Viewer = embedding.AsOwner() }),
			map[string]string{"TicketNum": "1", "ExpireTime": "240"},
		},
		{
			pageOf("PAGE", func(p *embedding.Page) {
				p.Viewer, p.ComponentID, p.Watermark = embedding.AsAccount(quickbi.TicketAccountRAM, "acme:ann"), "c", strings.Repeat("水", 50)
				p.Uses, p.Lifetime = embedding.MaxUses, time.Minute
				p.GlobalParams = quickbi.GlobalParams{quickbi.GlobalParamOf("area", quickbi.GlobalIn, "华东")}
			}),
			map[string]string{
				"AccountName": "acme:ann", "AccountType": "5", "CmptId": "c", "WatermarkParam": strings.Repeat("水", 50),
				"TicketNum": "99999", "ExpireTime": "1",
				"GlobalParam": "%5B%7B%22paramKey%22%3A%22area%22%2C%22joinType%22%3A%22and%22%2C%22conditionList%22%3A%5B%7B%22operate%22%3A%22in%22%2C%22value%22%3A%5B%22%E5%8D%8E%E4%B8%9C%22%5D%7D%5D%7D%5D",
			},
		},
	} {
		server.ResetCalls()
		ticket := newTicket(t, embedder, test.page)
		got := map[string]string{}
		for _, name := range []string{"UserId", "AccountName", "AccountType", "CmptId", "TicketNum", "ExpireTime", "WatermarkParam", "GlobalParam"} {
			if v := server.Calls()[0].Param(name); v != "" {
				got[name] = v
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v (-want +sent):\n%s", test.page.Viewer, diff)
		}
		if ticket.WorksID != "PAGE" || ticket.ComponentID != test.page.ComponentID || ticket.Viewer != test.page.Viewer ||
			ticket.Uses != max(1, test.page.Uses) || ticket.Viewer.IsOwner() != (test.page.Viewer == embedding.AsOwner()) {
			t.Errorf("%v is not what was asked for", ticket)
		}
	}
}

// TestPages opens the pages at the emulator, which enforces the tickets.
func TestPages(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	embedder := embedding.Embedder{Client: server.Client(), BaseURL: server.URL}
	for _, kind := range []quickbi.WorksType{
		quickbi.WorksTypeDashboard, quickbi.WorksTypeSpreadsheet, quickbi.WorksTypeSelfService, quickbi.WorksTypeScreen,
	} {
		src := urlOf(t, newTicket(t, embedder, pageOf(kind, nil)))
		if status, text := visit(t, src); status != http.StatusOK || !strings.Contains(text, "Work "+string(kind)) || !strings.Contains(text, "Ann") {
			t.Errorf("%s: %d %s", kind, status, text)
		}
		if status, text := visit(t, src); status == http.StatusOK || !strings.Contains(text, string(quickbi.ErrTicketUsedUp)) {
			t.Errorf("%s again: %d %s", kind, status, text)
		}
	}

	own := pageOf(quickbi.WorksTypeAnalysis, func(p *embedding.Page) { p.PreviewURL = server.URL + "/token3rd/own/view.htm" })
	if status, text := visit(t, urlOf(t, newTicket(t, embedder, own))); status != http.StatusOK || !strings.Contains(text, "Work ANALYSIS") {
		t.Errorf("a URL of one's own: %d %s", status, text)
	}

	chart := newTicket(t, embedder, pageOf("PAGE", func(p *embedding.Page) {
		p.ComponentID, p.Watermark, p.Viewer, p.Uses = "chart-1", "for Ann only", embedding.AsOwner(), 2
	}))
	src := urlOf(t, chart)
	if status, text := visit(t, src); status != http.StatusOK || !strings.Contains(text, "chart-1") || !strings.Contains(text, "for Ann only") || !strings.Contains(text, "Owner") {
		t.Errorf("a component: %d %s", status, text)
	}
	if again, err := chart.ReloadURL(); err != nil || again != src {
		t.Errorf("reload: %s, %v", again, err)
	}
	if status, text := visit(t, strings.Replace(src, "pageId=PAGE", "pageId=REPORT", 1)); status == http.StatusOK || !strings.Contains(text, string(quickbi.ErrTicketWorkMismatch)) {
		t.Errorf("another page: %d %s", status, text)
	}
	if status, _ := visit(t, src); status != http.StatusOK {
		t.Errorf("a second use: %d", status)
	}

	void := newTicket(t, embedder, dashboard())
	if _, err := embedder.Client.DeleteTicket(t.Context(), &quickbi.DeleteTicketRequest{Ticket: void.Secret()}); err != nil {
		t.Fatal(err)
	}
	if status, text := visit(t, urlOf(t, void)); status == http.StatusOK || !strings.Contains(text, string(quickbi.ErrTicketNotFound)) {
		t.Errorf("a deleted ticket: %d %s", status, text)
	}
}

func TestWorks(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	err := server.Seed(quickbitest.Organization{
		Workspaces: []quickbitest.Workspace{{WorkspaceID: "board", WorkspaceName: "Board"}},
		Works: []quickbitest.Works{
			{WorksID: "shared", WorksName: "In Ann's workspace", WorkspaceID: "ws", Status: 1, SecurityLevel: "11", ThirdPartAuthFlag: true},
			{WorksID: "changed", WorksName: "Changed since", WorkspaceID: "ws", Status: 2, SecurityLevel: "11", ThirdPartAuthFlag: true},
			{WorksID: "offline", WorksName: "Taken back", WorkspaceID: "ws", Status: 3, SecurityLevel: "11", ThirdPartAuthFlag: true},
			{WorksID: "shut", WorksName: "Not for embedding", WorkspaceID: "ws", Status: 1, SecurityLevel: "11"},
			{WorksID: "portal", WorksName: "Portal", WorksType: "DATAPRODUCT", WorkspaceID: "ws", SecurityLevel: "11", ThirdPartAuthFlag: true},
			{WorksID: "secret", WorksName: "In another workspace", WorkspaceID: "board", Status: 1, SecurityLevel: "11", ThirdPartAuthFlag: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	embedder := embedding.Embedder{Client: server.Client()}
	works, err := embedder.Works(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, w := range works {
		ids = append(ids, w.WorksID)
	}
	if diff := cmp.Diff([]string{"shared", "changed"}, ids); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if works, err := embedder.Works(t.Context(), "gone"); !errors.Is(err, quickbi.ErrUserNotInOrganization) || works != nil {
		t.Errorf("a stranger: %v, %v", works, err)
	}
	if works, err := (embedding.Embedder{}).Works(t.Context(), "ann"); !errors.Is(err, quickbi.ErrInvalidRequest) || works != nil {
		t.Errorf("without a client: %v, %v", works, err)
	}
}

// TestOneURL lets many goroutines ask copies of a ticket for its URL.
func TestOneURL(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	embedder := embedding.Embedder{Client: server.Client()}
	ticket := newTicket(t, embedder, pageOf("PAGE", func(p *embedding.Page) { p.Uses = 3 }))
	if src, err := ticket.ReloadURL(); err == nil || src != "" || !strings.Contains(err.Error(), "in no URL yet") {
		t.Errorf("a reload before the first load: %q, %v", src, err)
	}
	var given atomic.Pointer[string]
	var count atomic.Int32
	var wait sync.WaitGroup
	for range 100 {
		copied := *ticket
		wait.Go(func() {
			src, err := copied.URL()
			switch {
			case err == nil:
				count.Add(1)
				given.Store(&src)
			case !errors.Is(err, embedding.ErrTicketTaken) || src != "":
				t.Errorf("%q, %v", src, err)
			}
		})
	}
	wait.Wait()
	if count.Load() != 1 {
		t.Fatalf("%d URLs of one ticket", count.Load())
	}
	if src, err := ticket.ReloadURL(); err != nil || src != *given.Load() {
		t.Errorf("reload: %q, %v", src, err)
	}

	once := newTicket(t, embedder, dashboard())
	urlOf(t, once)
	if src, err := once.ReloadURL(); !errors.Is(err, embedding.ErrTicketTaken) || src != "" {
		t.Errorf("reload of a ticket of one use: %q, %v", src, err)
	}
	for _, load := range []func() (string, error){embedding.Ticket{}.URL, embedding.Ticket{}.ReloadURL} {
		if src, err := load(); err == nil || src != "" || !strings.Contains(err.Error(), "not made by NewTicket") {
			t.Errorf("zero ticket: %q, %v", src, err)
		}
	}
	if (embedding.Ticket{}).Secret().Reveal() != "" {
		t.Error("a zero ticket has a secret")
	}
}

// answering is a service that answers everything alike.
type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func clientOf(t *testing.T, body string) *quickbi.Client {
	t.Helper()
	client, err := quickbi.NewClient(quickbi.WithAccessKey("id", "secret"), quickbi.WithHTTPClient(&http.Client{
		Transport: answering(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(body)), Request: r,
			}, nil
		}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestExpiresIsWallClockTime(t *testing.T) {
	t.Parallel()
	embedder := embedding.Embedder{Client: clientOf(t, `{"RequestId":"R","Success":true,"Result":"tick"}`)}
	if at := newTicket(t, embedder, dashboard()).Expires; strings.Contains(at.String(), "m=") {
		t.Errorf("Expires has a monotonic part, which stands still while the machine sleeps: %v", at)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		embedder := embedding.Embedder{Client: clientOf(t, `{"RequestId":"R","Success":true,"Result":"tick"}`)}
		page := dashboard()
		page.Uses, page.Lifetime = 2, 10*time.Minute
		used, unused := newTicket(t, embedder, page), newTicket(t, embedder, page)
		if want := time.Now().Add(10 * time.Minute); !used.Expires.Equal(want) {
			t.Errorf("expires at %v, want %v", used.Expires, want)
		}
		time.Sleep(10*time.Minute - 1)
		urlOf(t, used)
		if _, err := used.ReloadURL(); err != nil {
			t.Errorf("the moment before: %v", err)
		}
		time.Sleep(time.Nanosecond)
		for name, load := range map[string]func() (string, error){"URL": unused.URL, "ReloadURL": used.ReloadURL} {
			if src, err := load(); !errors.Is(err, quickbi.ErrTicketExpired) || src != "" {
				t.Errorf("%s: %q, %v", name, src, err)
			}
		}
	})
}

func TestServiceErrors(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	embedder := embedding.Embedder{Client: server.Client()}
	for want, change := range map[quickbi.ErrorCode]func(*embedding.Page){
		quickbi.ErrReportNotEmbeddable: func(p *embedding.Page) { p.WorksID = "closed" },
		quickbi.ErrAPIUserNotFound:     func(p *embedding.Page) { p.Viewer = embedding.AsUser("gone") },
	} {
		if ticket, err := embedder.NewTicket(t.Context(), pageOf("PAGE", change)); !errors.Is(err, want) || ticket != nil {
			t.Errorf("%v, %v, want %s", ticket, err, want)
		}
	}
	embedder.Client = clientOf(t, `{"RequestId":"R","Success":true,"Result":""}`)
	if ticket, err := embedder.NewTicket(t.Context(), dashboard()); !errors.Is(err, quickbi.ErrInvalidResponse) || ticket != nil {
		t.Errorf("an empty ticket: %v, %v", ticket, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embedder.NewTicket(ctx, dashboard()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDiscretion prints a ticket in every way that there is, and looks for it.
func TestDiscretion(t *testing.T) {
	t.Parallel()
	const secret = "5ec4e7-71c4e7"
	embedder := embedding.Embedder{Client: clientOf(t, `{"RequestId":"R","Success":true,"Result":"`+secret+`"}`)}
	ticket := newTicket(t, embedder, pageOf("PAGE", func(p *embedding.Page) { p.ComponentID = "c-1" }))
	if !strings.Contains(urlOf(t, ticket), secret) {
		t.Fatal("the URL lacks the ticket, and so this test cannot fail")
	}
	_, taken := ticket.URL()
	type holder struct {
		ticket  *embedding.Ticket
		copied  embedding.Ticket
		Shown   *embedding.Ticket
		viewers []any
	}
	inside := holder{ticket, *ticket, ticket, []any{ticket, *ticket}}
	var out bytes.Buffer
	for _, v := range []any{ticket, *ticket, inside, &inside, []*embedding.Ticket{ticket}, map[string]embedding.Ticket{"t": *ticket}, ticket.Secret(), taken, embedder} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%T", "%p", "%t", "%-80.200v"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		if text, err := json.Marshal(v); err == nil {
			out.Write(text)
		}
		for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
			log.Info("shown", "ticket", v, slog.Any("again", v), slog.Group("group", "ticket", v))
		}
	}
	for _, leak := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), "token3rd", "accessTicket"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q shows in\n%s", leak, out.String())
		}
	}
	for _, want := range []string{"REDACTED", "works PAGE, component c-1", "as user ann", "uses: 1"} {
		if !strings.Contains(fmt.Sprintf("%v", ticket), want) {
			t.Errorf("%v lacks %q", ticket, want)
		}
	}
	if text, err := json.Marshal(ticket); err != nil || !strings.HasPrefix(string(text), `"ticket REDACTED (`) {
		t.Errorf("JSON: %s, %v", text, err)
	}
	for viewer, want := range map[embedding.Viewer]string{
		{}: "nobody", embedding.AsUser("u"): "user u", embedding.AsOwner(): "the work's owner",
		embedding.AsAccount(quickbi.TicketAccountCloud, "acme"): "account acme",
	} {
		if got := fmt.Sprint(viewer); got != want {
			t.Errorf("viewer %q, want %q", got, want)
		}
	}
}
