package quickbitest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// browse fetches an embedded page, and returns its status and the texts of its
// elements that have an id.
func browse(t testing.TB, e *Emulator, target string, header ...string) (status int, texts map[string]string, page string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	texts = make(map[string]string)
	for _, m := range regexp.MustCompile(`id="([a-z-]+)">([^<\n]*)`).FindAllStringSubmatch(w.Body.String(), -1) {
		texts[m[1]] = m[2]
	}
	return w.Code, texts, w.Body.String()
}

// turnedAway fetches a page that must not be shown.
func turnedAway(t testing.TB, e *Emulator, code, target string) {
	t.Helper()
	status, texts, page := browse(t, e, target)
	if texts["code"] != code || texts["message"] == "" || status != gateway.StatusOf(code) {
		t.Errorf("%s: %d, want %s\n%s", target, status, code, page)
	}
}

const dashboardPage = "/token3rd/dashboard/view/pc.htm?pageId=sales&accessTicket="

func TestPage(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	id := must[string](t, e, "CreateTicket", "WorksId", "sales", "UserId", "cem", "TicketNum", "2", "WatermarkParam", "for <Cem>",
		"GlobalParam", `%5B%7B%22paramKey%22%3A%22area%22%7D%5D`)
	status, texts, page := browse(t, e, dashboardPage+id)
	if status != http.StatusOK || !strings.Contains(page, "<h1>Sales</h1>") || texts["viewer"] != "Cem" || texts["left"] != "1" ||
		texts["watermark"] != "for &lt;Cem&gt;" || texts["global-param"] != "[{&#34;paramKey&#34;:&#34;area&#34;}]" {
		t.Errorf("%d %v\n%s", status, texts, page)
	}
	if strings.Contains(page, id) || strings.Contains(page, "<script") || strings.Contains(page, "http") {
		t.Errorf("the page has its ticket, or something from elsewhere:\n%s", page)
	}
	if got := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id)["UsedTicketNum"]; got != 1.0 {
		t.Errorf("used %v times", got)
	}
	mustRefuse(t, e, "Authorize3rdTicket.Num.Exceed", "UpdateTicketNum", "Ticket", id, "TicketNum", "1")
	browse(t, e, dashboardPage+id)
	turnedAway(t, e, "Authorize3rdTicket.Num.HasNoLeft", dashboardPage+id)
	mustRefuse(t, e, "Authorize3rdTicket.Num.HasNoLeft", "QueryTicketInfo", "Ticket", id)
	if n := len(e.Calls()); n == 0 || e.Calls()[n-1].Action == "" {
		t.Error("visits are in the journal of calls")
	}

	// Without a user it is the owner of the work, as of now.
	_, texts, _ = browse(t, e, dashboardPage+must[string](t, e, "CreateTicket", "WorksId", "sales"))
	if texts["viewer"] != "Ann" {
		t.Error(texts)
	}
}

func TestPageForms(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	err := e.Seed(Organization{Works: []Works{
		{WorksID: "extract", WorksName: "Extract", WorksType: "dashboardOfflineQuery", WorkspaceID: "lab", ThirdPartAuthFlag: true},
		{WorksID: "adhoc", WorksName: "Ad hoc", WorksType: "ANALYSIS", WorkspaceID: "lab", ThirdPartAuthFlag: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ work, target, code string }{
		{"sales", "/token3rd/dashboard/view/pc.htm?dd_orientation=auto&pageId=sales", ""},
		{"sales", "/token3rd/dashboard/view/pc.htm?pageId=sales&cmptId=c1", ""},
		{"sales", "/token3rd/dashboard/view/pc.htm?pageId=sales&cmptId=c2", "Report.NotExist"},
		{"sales", "/token3rd/dashboard/view/pc.htm?id=sales", "Authorize3rdTicket.BindedWorks.Mismatch"},
		{"sales", "/token3rd/screen/view/pc.htm?pageId=sales", "Report.NotExist"},
		{"sales", "/token3rd/anything?pageId=sales", "Report.NotExist"},
		{"sheet", "/token3rd/report/view.htm?id=sheet", ""},
		{"sheet", "/token3rd/report/view.htm?pageId=sheet", ""},
		{"extract", "/token3rd/offline/view/pc.htm?pageId=extract", ""},
		{"screen", "/token3rd/screen/view/pc.htm?pageId=screen", ""},
		{"form", "/token3rd/some/form.htm?pageId=form", ""},
		{"adhoc", "/token3rd/some/analysis.htm?id=adhoc", ""},
		{"adhoc", "/token3rd/dashboard/view/pc.htm?pageId=adhoc", "Report.NotExist"},
	} {
		target := tt.target + "&accessTicket=" + must[string](t, e, "CreateTicket", "WorksId", tt.work)
		if tt.code != "" {
			turnedAway(t, e, tt.code, target)
			target = strings.NewReplacer("cmptId=c2", "cmptId=c1").Replace(target)
		}
		if status, texts, _ := browse(t, e, target); (status == http.StatusOK) != (tt.code == "" || strings.Contains(tt.target, "c2")) {
			t.Errorf("%s: %d %v", tt.target, status, texts)
		}
	}
}

func TestPageRefusals(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	ticket := func(pairs ...string) string {
		t.Helper()
		return must[string](t, e, "CreateTicket", append(pairs, "WorksId", "sales")...)
	}
	turnedAway(t, e, "Authorize3rdTicket.HasNo.LoginToken", "/token3rd/dashboard/view/pc.htm?pageId=sales")
	turnedAway(t, e, "Authorize3rdTicket.NotExist", dashboardPage+"nothing")
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", "/token3rd/dashboard/view/pc.htm?pageId=bare&accessTicket="+ticket())
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", "/token3rd/dashboard/view/pc.htm?accessTicket="+ticket())

	// A ticket for a component opens nothing else, and who is turned away keeps it.
	part := ticket("CmptId", "c1")
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", dashboardPage+part)
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", dashboardPage+part+"&cmptId=c2")
	if status, texts, _ := browse(t, e, dashboardPage+part+"&cmptId=c1"); status != http.StatusOK || texts["component"] != "c1" {
		t.Errorf("%d %v", status, texts)
	}

	copilot := must[string](t, e, "CreateTicket4Copilot", "CopilotId", "q1")
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", dashboardPage+copilot)

	// Closed for embedding after the ticket was made, and opened again.
	id := ticket()
	must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "sales", "ThirdPartAuthFlag", "false")
	turnedAway(t, e, "Authorize3Rd.Report.Unauthorized", dashboardPage+id)
	must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "sales", "ThirdPartAuthFlag", "true")
	if status, _, page := browse(t, e, dashboardPage+id); status != http.StatusOK {
		t.Error(page)
	}

	id = ticket("ExpireTime", "1")
	deleted := ticket()
	must[bool](t, e, "DeleteTicket", "Ticket", deleted)
	turnedAway(t, e, "Authorize3rdTicket.NotExist", dashboardPage+deleted)
	e.SetSkew(time.Minute)
	turnedAway(t, e, "Authorize3rdTicket.Expired", dashboardPage+id)

	// Only GET is a visit.
	id = ticket()
	for _, method := range []string{http.MethodHead, http.MethodPost} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, dashboardPage+id, nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodGet {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
	if status, _, page := browse(t, e, dashboardPage+id); status != http.StatusOK {
		t.Error(page)
	}
}

func TestVisitsAreLogged(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	id := must[string](t, e, "CreateTicket", "WorksId", "sales", "UserId", "cem", "TicketNum", "9")
	browse(t, e, dashboardPage+id)
	browse(t, e, dashboardPage+id+"&cmptId=c1", "User-Agent", "Mozilla/5.0 (Phone) Mobile/1")
	turnedAway(t, e, "Authorize3rdTicket.NotExist", dashboardPage+"nothing")
	for filter, want := range map[string]int{
		"": 2, "AccessSourceFlag=IMBEDDED": 1, "AccessSourceFlag=IMBEDDED_COMPONENT": 1, "AccessSourceFlag=PUBLIC": 0,
		"UserAccessDevice=MOBILE": 1, "OperatorId=cem": 2, "ResourceType=dashboard": 2, "WorkspaceId=vault": 0,
	} {
		name, value, _ := strings.Cut(filter, "=")
		pairs := []string{"LogType", "dataView", "StartDate", "20260504", "EndDate", "20260504"}
		if name != "" {
			pairs = append(pairs, name, value)
		}
		rows := must[[]map[string]any](t, e, "QueryAuditLog", pairs...)
		if len(rows) != want {
			t.Errorf("%s: %v", filter, rows)
		}
		for _, row := range rows {
			if row["OperatorName"] != "Cem" || row["TargetId"] != "sales" || row["TargetName"] != "Sales" || row["WorkspaceId"] != "lab" {
				t.Errorf("%v", row)
			}
		}
	}
}
