package quickbitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGatewayChecks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		action      string
		query, form url.Values
		spoil       func(*v3)
		code        string
		status      int
	}{
		"unknown action":     {action: "MakeCoffee", code: "InvalidApi.NotFound", status: 404},
		"other version":      {action: "QueryUserList", spoil: func(s *v3) { s.header.Set("X-Acs-Version", "2020-08-06") }, code: "InvalidVersion", status: 400},
		"POST for GET":       {action: "QueryUserList", spoil: func(s *v3) { s.method = http.MethodPost }, code: "UnsupportedHTTPMethod", status: 400},
		"GET for POST":       {action: "DeleteUser", query: values("UserId", "ann"), spoil: func(s *v3) { s.method = http.MethodGet }, code: "UnsupportedHTTPMethod", status: 400},
		"missing":            {action: "DeleteUser", code: "MissingUserId", status: 400},
		"empty":              {action: "DeleteUser", query: values("UserId", ""), code: "System.Param.Empty", status: 400},
		"in the wrong place": {action: "DeleteUser", form: values("UserId", "ann"), code: "MissingUserId", status: 400},
		"no number":          {action: "QueryUserList", query: values("PageNum", "one"), code: "Invalid.Parameter.Error", status: 400},
		"too small":          {action: "QueryUserList", query: values("PageNum", "0"), code: "Invalid.Parameter.Error", status: 400},
		"too large":          {action: "QueryUserList", query: values("PageSize", "1001"), code: "Invalid.Parameter.Error", status: 400},
		"beyond int32":       {action: "QueryUserList", query: values("PageSize", "4294967297"), code: "Invalid.Parameter.Error", status: 400},
		"no boolean":         {action: "UpdateUser", query: values("UserId", "ann", "IsDeleted", "1"), code: "Invalid.Parameter.Error", status: 400},
		"not in the list":    {action: "UpdateUser", query: values("UserId", "ann", "UserType", "4"), code: "Invalid.Parameter.Error", status: 400},
		"empty number":       {action: "QueryUserList", query: values("PageNum", "", "PageSize", ""), status: 200},
		"boolean in capital": {action: "UpdateUser", query: values("UserId", "ann", "IsDeleted", "True"), status: 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := seeded(t)
			s := newV3(e.Now(), tt.action, tt.query)
			s.form = tt.form
			if tt.spoil != nil {
				tt.spoil(s)
			}
			g := serve(t, e, s.request(t))
			if g.Code != tt.code || g.Status != tt.status {
				t.Errorf("%d %q %s, want %d %q", g.Status, g.Code, g.Message, tt.status, tt.code)
			}
			if calls := e.Calls(); len(calls) != 1 || calls[0].Executed != (tt.code == "") {
				t.Errorf("journal: %+v", calls)
			}
		})
	}
}

// In V3 the role ids of AddUser go into the body, and are not seen in the query.
func TestPlaceOfParameters(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	roles := func(g got) []int64 {
		t.Helper()
		var r struct {
			RoleIDList []int64 `json:"RoleIdList"`
		}
		if err := json.Unmarshal(g.Result, &r); err != nil {
			t.Fatalf("%v: %s", err, g.Body)
		}
		return r.RoleIDList
	}
	params := func(name string) url.Values {
		return values("AccountName", name, "NickName", name, "UserType", "1")
	}

	s := newV3(e.Now(), "AddUser", params("form"))
	s.form = values("RoleIds", "111111112")
	if got := roles(serve(t, e, s.request(t))); !cmp.Equal(got, []int64{roleAuthAdmin}) {
		t.Errorf("V3, in the body: %v", got)
	}
	p := params("query")
	p.Set("RoleIds", "111111112")
	if got := roles(serve(t, e, newV3(e.Now(), "AddUser", p).request(t))); !cmp.Equal(got, []int64{roleRegular}) {
		t.Errorf("V3, in the query: %v", got)
	}
	p = params("v1")
	p.Set("RoleIds", "111111112")
	if got := roles(serve(t, e, requestV1(t, "POST", AccessKeySecret, newV1(e.Now(), "AddUser", p)))); !cmp.Equal(got, []int64{roleAuthAdmin}) {
		t.Errorf("V1, in the query: %v", got)
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	uuid := regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`)

	g := do(t, e, "CheckOrganizationMember", "UserId", "ann")
	if !uuid.MatchString(g.RequestID) || g.Body != `{"RequestId":"`+g.RequestID+`","Success":true,"Result":true}` {
		t.Errorf("answer: %s", g.Body)
	}
	g = do(t, e, "QueryUserInfoByUserId", "UserId", "<&>")
	want := `{"RequestId":"` + g.RequestID + `","HostId":"quickbi.test","Code":"User.Not.In.Organization",` +
		`"Message":"No member of the organization has the id \"<&>\".",` +
		`"Recommend":"https://error-center.aliyun.com/status/search?Keyword=User.Not.In.Organization&source=PopGw"}`
	if g.Body != want {
		t.Errorf("refusal (-want +got):\n%s", cmp.Diff(want, g.Body))
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	ask := func(format, action string, pairs ...string) got {
		params := newV1(now, action, values(pairs...))
		if params.Set("Format", format); format == "" {
			params.Del("Format")
		}
		return serve(t, e, requestV1(t, methodOf(action), AccessKeySecret, params))
	}
	id := regexp.MustCompile(`<RequestId>[0-9A-F-]{36}</RequestId>`)
	check := func(g got, want string) {
		t.Helper()
		body := id.ReplaceAllString(g.Body, "<RequestId/>")
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := g.Header.Get("Content-Type"); got != "text/xml;charset=utf-8" {
			t.Errorf("Content-Type %q", got)
		}
	}
	const head = `<?xml version='1.0' encoding='UTF-8'?>`
	check(ask("", "CheckOrganizationMember", "UserId", "ann"),
		head+`<CheckOrganizationMemberResponse><RequestId/><Success>true</Success><Result>true</Result></CheckOrganizationMemberResponse>`)
	check(ask("XML", "QueryUserList", "Keyword", "Ann"),
		head+`<QueryUserListResponse><RequestId/><Success>true</Success><Result><PageNum>1</PageNum><PageSize>10</PageSize>`+
			`<TotalNum>1</TotalNum><TotalPages>1</TotalPages><Data><UserId>ann</UserId><AccountName>ann@example.com</AccountName>`+
			`<NickName>Ann</NickName><UserType>1</UserType><AdminUser>false</AdminUser><AuthAdminUser>false</AuthAdminUser>`+
			`<RoleIdList>111111113</RoleIdList><AccountId>2001</AccountId><IsDeleted>false</IsDeleted><JoinedDate>1772366400000</JoinedDate>`+
			`</Data></Result></QueryUserListResponse>`)
	check(ask("xml", "DeleteUser", "UserId", "<&>"),
		head+`<Error><RequestId/><HostId>quickbi.test</HostId><Code>User.Not.In.Organization</Code>`+
			`<Message>No member of the organization has the id &#34;&lt;&amp;&gt;&#34;.</Message>`+
			`<Recommend>https://error-center.aliyun.com/status/search?Keyword=User.Not.In.Organization&amp;source=PopGw</Recommend></Error>`)
	if g := ask("json", "CheckOrganizationMember", "UserId", "ann"); !g.Success {
		t.Errorf("json: %s", g.Body)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	s := newV3(now, "DeleteUser", values("UserId", "ann"))
	serve(t, e, s.request(t))
	v1 := newV1(now, "DeleteUser", values("UserId", "ann"))
	serve(t, e, requestV1(t, "POST", AccessKeySecret, v1, "UserId"))

	calls := e.Calls()
	for i := range calls {
		if calls[i].RequestID == "" {
			t.Error("no RequestID")
		}
		calls[i].RequestID = ""
	}
	want := []Call{
		{
			Time: now, Action: "DeleteUser", Version: testVersion, Method: "POST", Signature: SignatureV3, AccessKeyID: AccessKeyID,
			Nonce: s.header.Get("X-Acs-Signature-Nonce"), Query: values("UserId", "ann"), Form: url.Values{}, Status: 200, Executed: true,
		},
		{
			Time: now, Action: "DeleteUser", Version: testVersion, Method: "POST", Signature: SignatureV1, AccessKeyID: AccessKeyID,
			Nonce: v1.Get("SignatureNonce"), Query: url.Values{}, Form: values("UserId", "ann"), Status: 400, Code: "User.Not.In.Organization",
		},
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if calls[0].Param("UserId") != "ann" || calls[1].Param("UserId") != "ann" {
		t.Error("Param does not find UserId")
	}
	e.ResetCalls()
	if len(e.Calls()) != 0 {
		t.Error("calls after a reset")
	}
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	var j journal
	for i := range 4096 + 5 {
		j.add(Call{Status: i})
	}
	calls := j.all()
	if len(calls) != 4096 || calls[0].Status != 5 || calls[4095].Status != 4100 {
		t.Errorf("%d calls, %d to %d", len(calls), calls[0].Status, calls[len(calls)-1].Status)
	}
}

func TestSkew(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	e.SetSkew(time.Hour)
	g := serve(t, e, newV3(time.Now(), "QueryUserList", nil).request(t))
	if g.Code != "InvalidTimeStamp.Expired" {
		t.Fatalf("%d %s", g.Status, g.Code)
	}
	date, err := http.ParseTime(g.Header.Get("Date"))
	if err != nil || time.Until(date).Round(time.Minute) != time.Hour {
		t.Errorf("Date %v, %v", date, err)
	}
	if g := serve(t, e, newV3(date, "QueryUserList", nil).request(t)); g.Status != http.StatusOK {
		t.Errorf("by the server's date: %d %s", g.Status, g.Code)
	}
}

func TestLogHasNoParameters(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	e := NewEmulator(WithLogger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	do(t, e, "CheckOrganizationMember", "UserId", "private")
	if out := b.String(); !strings.Contains(out, "action=CheckOrganizationMember") || strings.Contains(out, "private") {
		t.Error(out)
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	s := newV3(srv.Now(), "QueryUserList", values("Keyword", "own er+中"))
	s.target = srv.URL
	resp, err := http.DefaultTransport.RoundTrip(s.request(t))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || len(resp.Header["Date"]) != 1 {
		t.Errorf("%s %v %s %v", resp.Status, resp.Header, body, err)
	}

	// A connection on which nothing was said must not hold Close up.
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	start := time.Now()
	srv.Close()
	srv.Close()
	if d := time.Since(start); d > closeTimeout/2 {
		t.Errorf("Close took %v", d)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://")); err == nil {
		t.Error("somebody still listens")
	}
}

// TestConcurrency has many callers change one organization; the race detector
// watches, and in the end the sums must be right.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	if err := srv.Seed(Organization{UserGroups: []UserGroup{{UserGroupID: "all", UserGroupName: "All"}}}); err != nil {
		t.Fatal(err)
	}
	const callers, each = 8, 10
	t.Run("callers", func(t *testing.T) {
		for i := range callers {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				for j := range each {
					name := fmt.Sprintf("user %d %d", i, j)
					id := must[memberResult](t, srv.Emulator, "AddUser", "AccountName", name, "NickName", name, "UserType", "2").UserID
					must[bool](t, srv.Emulator, "AddUserGroupMembers", "UserId", id, "UserGroupIds", "all")
					must[page[memberRow]](t, srv.Emulator, "QueryUserList")
					if j%2 == 0 {
						must[bool](t, srv.Emulator, "DeleteUser", "UserId", id)
					}
					srv.Calls()
				}
			})
		}
	})
	if n := must[page[memberRow]](t, srv.Emulator, "QueryUserList").TotalNum; n != 1+callers*each/2 {
		t.Errorf("%d members", n)
	}
	if n := len(must[[]map[string]any](t, srv.Emulator, "QueryUserGroupMember", "UserGroupId", "all")); n != callers*each/2 {
		t.Errorf("%d in the group", n)
	}
}
