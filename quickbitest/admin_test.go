package quickbitest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// administer sends a request as a program on the same machine does.
func administer(t testing.TB, e *Emulator, method, path, body string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8080/_emulator/"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	if !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json;charset=utf-8" {
		t.Errorf("%s %s answers no JSON: %v %s", method, path, w.Header(), w.Body)
	}
	return w.Code, w.Body.String()
}

// administers does what must succeed.
func administers[T any](t testing.TB, e *Emulator, method, path, body string) T {
	t.Helper()
	status, answer := administer(t, e, method, path, body)
	var v T
	if err := json.Unmarshal([]byte(answer), &v); err != nil || status != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	return v
}

type nothing struct{}

func TestAdminFaults(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	planned := administers[[]struct {
		Action string
		Times  int
	}](t, srv.Emulator, "POST", "faults",
		`{"Action":"QueryUserList","Kind":"Refuse","Code":"Throttling.Api","Status":429,"Message":"slow","Header":{"Retry-After":"3"},"Times":2,"DelayMillis":1}`)
	if len(planned) != 1 || planned[0].Action != "QueryUserList" || planned[0].Times != 2 {
		t.Errorf("%+v", planned)
	}
	resp, body, err := over(t, srv, "QueryUserList")
	if err != nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "3" || !strings.Contains(body, `"Code":"Throttling.Api","Message":"slow"`) {
		t.Errorf("%v %v %s", err, resp, body)
	}
	administers[nothing](t, srv.Emulator, "DELETE", "faults", "")
	if g := do(t, srv.Emulator, "QueryUserList"); !g.Success {
		t.Error(g.Body)
	}

	for kind := range adminKinds {
		if kind == "Endless" {
			continue
		}
		administers[[]any](t, srv.Emulator, "POST", "faults", `{"Kind":"`+kind+`","Code":"X","Status":418,"ContentType":"text/plain","Body":"b"}`)
		resp, body, err := over(t, srv, "CheckOrganizationMember", "UserId", OwnerUserID)
		switch kind {
		case "DropAfter", "DropBefore", "Truncate":
			if err == nil {
				t.Errorf("%s: %s", kind, body)
			}
		case "Delay":
			if err != nil || !strings.HasSuffix(body, `"Result":true}`) {
				t.Errorf("%s: %v %s", kind, err, body)
			}
		case "Raw":
			if err != nil || resp.StatusCode != 418 || body != "b" {
				t.Errorf("%s: %v %v %s", kind, err, resp, body)
			}
		default:
			if err != nil || strings.HasSuffix(body, `"Result":true}`) {
				t.Errorf("%s: %v %s", kind, err, body)
			}
		}
	}
	administers[[]any](t, srv.Emulator, "POST", "faults", `{"Kind":"Unsuccessful","Times":-1,"Executed":true}`)
	srv.ResetCalls()
	serve(t, srv.Emulator, newV3(srv.Now(), "CheckOrganizationMember", values("UserId", "ann")).request(t))
	if calls := srv.Calls(); !calls[0].Executed {
		t.Errorf("%+v", calls)
	}

	for document, want := range map[string]string{
		`{"Kind":"Explode"}`: "Refuse, Truncate", `{"Kind":"Refuse"}`: "Code", `{"Kind":"Raw"}`: "Status", `{"Kind":"Raw","Status":100}`: "Status",
		`{"Kind":"Delay","DelayMillis":-1}`: "DelayMillis", `{"Kind":"Delay","Millis":1}`: "unknown field", `{`: "cannot be read",
		`{"Kind":"Delay"} {}`: "after the document",
	} {
		if status, answer := administer(t, srv.Emulator, "POST", "faults", document); status != http.StatusBadRequest || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", document, status, answer)
		}
	}
}

func TestAdminClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := NewEmulator(WithClock(func() time.Time { return now }))
	if got := administers[adminTime](t, e, "PUT", "clock", `{"SkewMillis":-90000}`); got.SkewMillis != -90000 || !got.Now.Equal(now.Add(-90*time.Second)) {
		t.Errorf("%+v", got)
	}
	if got := administers[adminTime](t, e, "GET", "clock", ""); got.SkewMillis != -90000 || !e.Now().Equal(got.Now) {
		t.Errorf("%+v", got)
	}
	for _, document := range []string{`{}`, `{"SkewMillis":9223372036854775807}`, `{"SkewMillis":-9223372036854775808}`, `{"SkewMillis":"1m"}`} {
		if status, answer := administer(t, e, "PUT", "clock", document); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", document, status, answer)
		}
	}
}

func TestAdminState(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	administers[nothing](t, e, "POST", "seed", `{"Users":[{"UserId":"ann","NickName":"Ann & <Co>"}]}`)
	do(t, e, "CheckOrganizationMember", "UserId", "ann")
	if got := administers[Organization](t, e, "GET", "state", ""); len(got.Users) != 2 || got.Users[1].NickName != "Ann & <Co>" {
		t.Errorf("%+v", got.Users)
	}
	calls := administers[[]map[string]any](t, e, "GET", "calls", "")
	if len(calls) != 1 || calls[0]["Action"] != "CheckOrganizationMember" || calls[0]["AccessKeyId"] != AccessKeyID || calls[0]["Executed"] != true {
		t.Errorf("%v", calls)
	}
	administers[nothing](t, e, "DELETE", "calls", "")
	if calls := administers[[]any](t, e, "GET", "calls", ""); len(calls) != 0 {
		t.Errorf("%v", calls)
	}
	administers[nothing](t, e, "DELETE", "state", "")
	if got := administers[Organization](t, e, "GET", "state", ""); len(got.Users) != 1 {
		t.Errorf("%+v", got.Users)
	}
	for _, document := range []string{`{"Users":[{"NickName":""}]}`, `{"Members":[]}`, `[]`, ``} {
		if status, answer := administer(t, e, "POST", "seed", document); status != http.StatusBadRequest || !strings.Contains(answer, "Error") {
			t.Errorf("%s: %d %s", document, status, answer)
		}
	}
}

func TestAdminIsForThisMachine(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	for name, tt := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"local":                 {func(*http.Request) {}, 200},
		"local, IPv6":           {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:50000", "[::1]:8080" }, 200},
		"local, by name":        {func(r *http.Request) { r.Host = "localhost:8080" }, 200},
		"local, no port":        {func(r *http.Request) { r.Host = "[::1]" }, 200},
		"remote":                {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:50000" }, 403},
		"unknown":               {func(r *http.Request) { r.RemoteAddr = "" }, 403},
		"another name":          {func(r *http.Request) { r.Host = "rebound.example:8080" }, 403},
		"a page from elsewhere": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"an older browser":      {func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
	} {
		if status, answer := administer(t, e, "DELETE", "calls", "", tt.change); status != tt.status {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if status, _ := administer(t, e, "GET", "", ""); status != http.StatusNotFound {
		t.Errorf("the index: %d", status)
	}
	if status, _ := administer(t, e, "PATCH", "seed", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("PATCH: %d", status)
	}

	srv := NewServer() // and by the network
	defer srv.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/_emulator/clock", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s %s %v", resp.Status, body, err)
	}
}
