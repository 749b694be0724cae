package quickbi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

const done = `{"RequestId":"R-1","Success":true,"Result":true}`

func deleteUser(ctx context.Context, c *Client) error {
	_, err := c.DeleteUser(ctx, &DeleteUserRequest{UserID: "u-1"})
	return err
}

func TestOptions(t *testing.T) {
	t.Parallel()
	key := WithAccessKey("id", "secret")
	for name, test := range map[string]struct {
		opts []Option
		want string // part of the error; "" for none
	}{
		"nothing":                  {nil, "WithDefaultCredentials"},
		"no credentials":           {[]Option{WithRegion("us-east-1")}, "WithAccessKey"},
		"default credentials":      {[]Option{WithDefaultCredentials()}, ""},
		"key":                      {[]Option{key}, ""},
		"no secret":                {[]Option{WithAccessKey("id", "")}, "WithAccessKey"},
		"secret with newline":      {[]Option{WithAccessKey("id", "secret\n")}, "line break"},
		"secret with blank":        {[]Option{WithAccessKey("id", "se cret")}, "blank"},
		"typed nil credential":     {[]Option{WithCredential((*fakeProvider)(nil))}, "WithCredential"},
		"nil credential function":  {[]Option{WithCredential(CredentialFunc(nil))}, "WithCredential"},
		"nil limiter":              {[]Option{WithLimiter(nil)}, "WithLimiter"},
		"typed nil limiter":        {[]Option{WithLimiter((*rate.Limiter)(nil))}, "WithLimiter"},
		"no token":                 {[]Option{WithSTSToken("id", "secret", "")}, "WithSTSToken"},
		"nil credential":           {[]Option{WithCredential(nil)}, "WithCredential"},
		"region":                   {[]Option{key, WithRegion("us-east-1")}, ""},
		"unknown region":           {[]Option{key, WithRegion("mars-1")}, "cn-shanghai-finance-1"},
		"host":                     {[]Option{key, WithEndpoint("quickbi-public-vpc.cn-hangzhou.aliyuncs.com")}, ""},
		"no endpoint":              {[]Option{key, WithEndpoint("")}, "WithEndpoint"},
		"path":                     {[]Option{key, WithEndpoint("https://h/api")}, "WithEndpoint"},
		"password":                 {[]Option{key, WithEndpoint("https://u:hunter2@h")}, "WithEndpoint"},
		"broken":                   {[]Option{key, WithEndpoint("https://u:hunter2@h:x")}, "WithEndpoint"},
		"scheme":                   {[]Option{key, WithEndpoint("ftp://h")}, "ftp"},
		"plain http":               {[]Option{key, WithEndpoint("http://example.com")}, "WithInsecureHTTP"},
		"plain http, allowed":      {[]Option{key, WithEndpoint("http://example.com"), WithInsecureHTTP()}, ""},
		"plain http, allowed 1st":  {[]Option{key, WithInsecureHTTP(), WithEndpoint("http://example.com")}, ""},
		"plain http, loopback":     {[]Option{key, WithEndpoint("http://127.0.0.1:8080")}, ""},
		"plain http, loopback v6":  {[]Option{key, WithEndpoint("http://[::1]:8080/")}, ""},
		"plain http, localhost":    {[]Option{key, WithEndpoint("http://localhost:1")}, ""},
		"plain http, look-alike":   {[]Option{key, WithEndpoint("http://127.0.0.1.example.com")}, "WithInsecureHTTP"},
		"nil http client":          {[]Option{WithHTTPClient(nil)}, "WithHTTPClient"},
		"nil signer":               {[]Option{WithSigner(nil)}, "WithSigner"},
		"negative retries":         {[]Option{WithRetryPolicy(RetryPolicy{MaxAttempts: -1})}, "WithRetryPolicy"},
		"no timeout":               {[]Option{WithTimeout(0)}, "WithTimeout"},
		"no bytes":                 {[]Option{WithMaxResponseBytes(0)}, "WithMaxResponseBytes"},
		"no rate":                  {[]Option{WithRateLimit(0, 1)}, "WithRateLimit"},
		"no burst":                 {[]Option{WithRateLimit(1, 0)}, "WithRateLimit"},
		"nil logger":               {[]Option{WithLogger(nil)}, "WithLogger"},
		"user agent with newline":  {[]Option{WithUserAgent("x\r\nHost: evil")}, "WithUserAgent"},
		"nil option":               {[]Option{nil}, "nil"},
		"all problems at once (1)": {[]Option{nil, WithTimeout(-1)}, "nil; quickbi: WithTimeout: not a positive duration; quickbi: no credentials"},
		"all problems at once (2)": {[]Option{WithAccessKey("", ""), WithTimeout(-1)}, "quickbi: WithAccessKey: a part is empty; quickbi: WithTimeout: not a positive duration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := NewClient(test.opts...)
			switch {
			case test.want == "" && (err != nil || c == nil):
				t.Errorf("unexpected: %v", err)
			case test.want != "" && (err == nil || c != nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v does not name %q", err, test.want)
			case err != nil && strings.Contains(err.Error(), "hunter2"):
				t.Errorf("%v shows the password", err)
			}
		})
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	endpoints := catalog.Load().Endpoints
	if len(endpoints) != len(regions) {
		t.Errorf("%d regions, want %d", len(regions), len(endpoints))
	}
	for region, host := range endpoints {
		c, err := NewClient(WithAccessKey("id", "secret"), WithRegion(region))
		if err != nil {
			t.Fatal(err)
		}
		if c.host != host || c.scheme != "https" {
			t.Errorf("%s: %s://%s, want https://%s", region, c.scheme, c.host, host)
		}
	}
}

func TestUnusableClientAndContext(t *testing.T) {
	t.Parallel()
	var none *Client
	for name, c := range map[string]*Client{"nil": none, "zero": {}} {
		if err := deleteUser(t.Context(), c); !errors.Is(err, ErrInvalidRequest) {
			t.Errorf("%s client: %v", name, err)
		}
		c.CloseIdleConnections()
	}
	c := newTestClient(t, newRecorder(t, answering(200, done)))
	var noContext context.Context
	if err := deleteUser(noContext, c); !errors.Is(err, ErrInvalidRequest) {
		t.Errorf("nil context: %v", err)
	}
	err := deleteUser(noContext, newTestClient(t, newRecorder(t, answering(200, done)), WithHintLanguage(HintChinese)))
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Text(), "context 为 nil") {
		t.Errorf("nil context, in Chinese: %v", err)
	}
}

// TestCallerClientUnchanged checks that the caller's http.Client does not change, and that its transport is used.
func TestCallerClientUnchanged(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(200, done))
	hc := &http.Client{Transport: wire, Timeout: time.Minute}
	before := *hc
	c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithHTTPClient(hc), WithTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if err := deleteUser(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if hc.Timeout != before.Timeout || hc.CheckRedirect != nil || hc.Jar != nil || hc.Transport != before.Transport {
		t.Errorf("the caller's client was changed to %+v", hc)
	}
	if len(wire.requests()) != 1 {
		t.Error("its transport was not used")
	}
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(200, `{"RequestId":"R-1","Success":true,"Result":{"UserId":"u-1"}}`))
	c := newTestClient(t, wire, WithUserAgent("hrsync/2.1"))
	if _, err := c.AddUser(t.Context(), &AddUserRequest{AccountID: "1200000000000017", NickName: "李 伟+%", UserType: UserTypeAnalyst, RoleIDs: []int64{1, 2}, AdminUser: new(false)}); err != nil {
		t.Fatal(err)
	}
	s := wire.requests()[0]
	if got := s.req.URL.Scheme + "://" + s.req.URL.Host + s.req.URL.Path; got != "https://quickbi-public.cn-hangzhou.aliyuncs.com/" {
		t.Error(got)
	}
	equal(t, "query", s.query.Encode(), url.Values{"AccountId": {"1200000000000017"}, "NickName": {"李 伟+%"}, "UserType": {"3"}, "AdminUser": {"false"}}.Encode())
	equal(t, "body", s.body.Encode(), "RoleIds=1%2C2")
	equal(t, "content type", s.req.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if ua := s.req.Header.Get("User-Agent"); !strings.HasPrefix(ua, "quickbi-go/"+Version) || !strings.HasSuffix(ua, " hrsync/2.1") {
		t.Errorf("User-Agent %q", ua)
	}
}

func TestParameterErrors(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(200, done))
	c := newTestClient(t, wire)
	many := make([]string, 1001)
	for i := range many {
		many[i] = "u"
	}
	for name, test := range map[string]struct {
		in   any
		call func() error
		want []string
	}{
		"several at once": {call: func() error {
			_, err := c.AddUser(t.Context(), &AddUserRequest{RoleIDs: []int64{1, 2, 3, 4}})
			return err
		}, want: []string{"AddUser", "NickName is required", "UserType is required", "RoleIds has 4 elements, more than 3"}},
		"comma": {call: func() error {
			_, err := c.AddUserGroupMember(t.Context(), &AddUserGroupMemberRequest{UserGroupID: "g", UserIDs: []string{"a", "b,c"}})
			return err
		}, want: []string{"UserIdList has a comma in the element at index 1"}},
		"empty element": {call: func() error {
			_, err := c.AddUserGroupMember(t.Context(), &AddUserGroupMemberRequest{UserGroupID: "g", UserIDs: []string{"a", ""}})
			return err
		}, want: []string{"UserIdList has an empty element at index 1"}},
		"empty list": {call: func() error {
			_, err := c.AddUserGroupMember(t.Context(), &AddUserGroupMemberRequest{UserGroupID: "g", UserIDs: []string{}})
			return err
		}, want: []string{"UserIdList is required"}},
		"too many": {call: func() error {
			_, err := c.AddUserGroupMember(t.Context(), &AddUserGroupMemberRequest{UserGroupID: "g", UserIDs: many})
			return err
		}, want: []string{"UserIdList has 1001 elements, more than 1000"}},
		"page size": {call: func() error {
			_, err := c.QueryUserList(t.Context(), &QueryUserListRequest{PageSize: 1001, PageNum: -1})
			return err
		}, want: []string{"PageSize is 1001, more than 1000", "PageNum is -1, less than 1"}},
		"too long": {call: func() error {
			_, err := c.CreateUserGroup(t.Context(), &CreateUserGroupRequest{ParentUserGroupID: "-1", UserGroupName: strings.Repeat("组", 256)})
			return err
		}, want: []string{"UserGroupName has 256 characters, more than 255"}},
	} {
		err := test.call()
		var parameter *ParameterError
		if !errors.Is(err, ErrInvalidRequest) || !errors.As(err, &parameter) || parameter.Action == "" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v lacks %q", name, err, want)
			}
		}
	}
	if n := len(wire.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestDocumentErrors gives a wrong document and another wrong parameter: both are
// reported, each with its operation.
func TestDocumentErrors(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, newRecorder(t, answering(200, done)))
	for name, in := range map[string]*QueryDataRequest{
		"alone":   {APIID: "a", Conditions: DataConditions{"d": time.Now()}},
		"another": {Conditions: DataConditions{"d": time.Now()}},
	} {
		_, err := c.QueryData(t.Context(), in)
		var got []string
		var collect func(error)
		collect = func(err error) {
			switch e := err.(type) {
			case *ParameterError:
				got = append(got, e.Action+"."+e.Parameter)
			case interface{ Unwrap() []error }:
				for _, one := range e.Unwrap() {
					collect(one)
				}
			case interface{ Unwrap() error }:
				collect(e.Unwrap())
			}
		}
		collect(err)
		want := []string{"QueryData.Conditions"}
		if name == "another" {
			want = []string{"QueryData.ApiId", "QueryData.Conditions"}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %v:\n%s", name, err, diff)
		}
	}
}

// TestForeignAnswers are answers that are not the service's JSON in UTF-8.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		text              string // of the error; "" for none
	}{
		"GBK, declared":           {200, "application/json; charset=gbk", "{\"Success\":true,\"Result\":\"\xd5\xc5\xc8\xfd\"}", "invalid response: the answer is in gbk, not in UTF-8"},
		"ASCII is GBK as well":    {200, "application/json; charset=gbk", `{"Success":true,"Result":true}`, ""},
		"nothing declared":        {200, "application/json", "{\"Success\":true,\"Result\":\"\xd5\xc5\xc8\xfd\"}", ""},
		"UTF-8":                   {200, "application/json;charset=UTF-8", `{"Success":true,"Result":"张三"}`, ""},
		"UTF-8, in quotes":        {200, `application/json; charset="utf-8"; q=1`, `{"Success":true,"Result":"张三"}`, ""},
		"a status line as a body": {431, "text/plain", "431 Request Header Fields Too Large", "request too long: not a JSON object"},
		"a text":                  {400, "text/plain", "no", "invalid response: not a JSON object"},
		"a list":                  {200, "application/json", "[]", "invalid response: not a JSON object"},
		"true, but refused":       {400, "application/json", `{"Success":true,"Result":true}`, "CreateFoo: the service answered Success: true (HTTP 400"},
	} {
		wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
			resp := newAnswer(req, test.status, test.body)
			resp.Header.Set("Content-Type", test.contentType)
			return resp, nil
		})
		err := newTestClient(t, wire).Do(t.Context(), "CreateFoo", nil, nil)
		if test.text == "" && err != nil || test.text != "" && (err == nil || !strings.Contains(err.Error(), test.text)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDoRefusesNames gives Do names of parameters that would not be sent as the caller
// means.
func TestDoRefusesNames(t *testing.T) {
	t.Parallel()
	secret := url.Values{"Passwd": {"hunter2"}}
	for _, test := range []struct {
		in    url.Values
		opts  []DoOption
		names []string // none: it is sent
		want  string
	}{
		{secret, []DoOption{InBody("Passwd")}, nil, ""},
		{secret, []DoOption{InBody("Passwd", "Passwd"), InBody("Passwd")}, nil, ""},
		{secret, []DoOption{InBody()}, nil, ""},
		{secret, []DoOption{InBody("Pasword")}, []string{"Pasword"}, "is named by InBody, but it is not given"},
		{secret, []DoOption{InBody("passwd"), AsRead(), InBody("", "Passwd")}, []string{"passwd", `""`}, "is named by InBody, but it is not given"},
		{nil, []DoOption{InBody("Passwd")}, []string{"Passwd"}, "is named by InBody, but it is not given"},
		{url.Values{"": {"x"}, "A": {"1"}}, nil, []string{`""`}, "has no name"},
		{url.Values{"Action": {"DeleteUser"}}, nil, []string{"Action"}, "is set by the client itself"},
		{url.Values{"action": {"DeleteUser"}, "Versions": {"1"}}, nil, nil, ""},
		{url.Values{"Version": {"1"}, "Timestamp": {"2"}, "A": nil}, []DoOption{InBody("Version")}, []string{"Timestamp", "Version"}, "is set by the client itself"},
		{url.Values{"Format": {"XML"}}, nil, []string{"Format"}, "is set by the client itself"},
		{url.Values{"SecurityToken": {"hunter2"}}, []DoOption{AsGet()}, []string{"SecurityToken"}, "is set by the client itself"},
	} {
		for _, signer := range []Signer{SignerV3{}, SignerV1{}} {
			wire := newRecorder(t, answering(200, done))
			err := newTestClient(t, wire, WithSigner(signer)).Do(t.Context(), "BrandNew", test.in, nil, test.opts...)
			sent := wire.requests()
			if len(test.names) == 0 {
				if err != nil || len(sent) != 1 {
					t.Errorf("%v: %d requests, %v", test.in, len(sent), err)
				}
				continue
			}
			if len(sent) != 0 || !errors.Is(err, ErrInvalidRequest) || errors.Is(err, ErrOutcomeUnknown) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v: %d requests, %v", test.in, len(sent), err)
			}
			for _, name := range test.names {
				if want := (&ParameterError{"BrandNew", name, test.want}).Error(); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v: %v, want %q", test.in, err, want)
				}
			}
			if first, ok := errors.AsType[*ParameterError](err); !ok || first.Action != "BrandNew" || first.Parameter != test.names[0] {
				t.Errorf("%v: %#v", test.in, first)
			}
		}
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
		return newAnswer(req, 200, `{"RequestId":"R-1","Success":true,"Result":{"Name":"x","Big":"9007199254740993"}}`), nil
	})
	c := newTestClient(t, wire)
	in := url.Values{"A": {"1"}, "B": {"2"}}
	var out struct {
		Name string
		Big  int64
	}
	if err := c.Do(t.Context(), "BrandNew", in, &out, AsRead(), AsGet(), InBody("B")); err != nil {
		t.Fatal(err)
	}
	if out.Name != "x" || out.Big != 9007199254740993 {
		t.Errorf("decoded %+v", out)
	}
	s := wire.requests()[0]
	if s.method != "GET" || s.action != "BrandNew" || s.query.Encode() != "A=1" || s.body.Encode() != "B=2" || len(in) != 2 {
		t.Errorf("sent %s %s %v %v; parameters now %v", s.method, s.action, s.query, s.body, in)
	}
	if err := c.Do(t.Context(), "BrandNew", nil, nil); err != nil {
		t.Error(err)
	}
	if err := c.Do(t.Context(), "", nil, nil); !errors.Is(err, ErrInvalidRequest) {
		t.Errorf("no action: %v", err)
	}
	number := 7
	err := c.Do(t.Context(), "BrandNew", nil, &number)
	if !errors.Is(err, ErrResultUnreadable) || !errors.Is(err, ErrInvalidResponse) || errors.Is(err, ErrOutcomeUnknown) || number != 0 {
		t.Errorf("a result that does not fit: %v, %d", err, number)
	}
	before := len(wire.requests())
	for _, bad := range []any{number, out, (*int)(nil), map[string]any{}} {
		if err := c.Do(t.Context(), "BrandNew", nil, bad); !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), "pointer") {
			t.Errorf("a result into a %T: %v", bad, err)
		}
	}
	for _, action := range []string{"Foo\nBar", "Foo\r\nHost: x", "Foo\n", " Foo", "查询", strings.Repeat("A", 2<<20)} {
		if err := c.Do(t.Context(), action, nil, nil); !errors.Is(err, ErrInvalidRequest) || errors.Is(err, ErrOutcomeUnknown) || len(err.Error()) > 300 {
			t.Errorf("%.20q: %.300v", action, err)
		}
	}
	if n := len(wire.requests()); n != before {
		t.Errorf("%d requests with what cannot be", n-before)
	}

	var result map[string]any
	c = newTestClient(t, newRecorder(t, answering(200, `{"Success":"true","Result":{"N":9007199254740993,"F":1.5,"L":[12345678901234567890]}}`)))
	err = c.Do(t.Context(), "BrandNew", nil, &result)
	if text := fmt.Sprint(result); err != nil || text != "map[F:1.5 L:[12345678901234567890] N:9007199254740993]" {
		t.Errorf("numbers in any: %s, %v", text, err)
	}

	for body, want := range map[string]error{
		`{"Success":true,"Result":false}`:                     ErrNotPerformed,
		`{"Success":true,"Result":"false"}`:                   ErrNotPerformed,
		`{"Success":false,"Code":"User.Not.In.Organization"}`: ErrUserNotInOrganization,
	} {
		c := newTestClient(t, newRecorder(t, answering(200, body)))
		if err := c.Do(t.Context(), "BrandNew", nil, nil); !errors.Is(err, want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	c = newTestClient(t, newRecorder(t, answering(200, `{"Success":true,"Result":false}`)))
	yes := true
	if err := c.Do(t.Context(), "IsBrandNew", nil, &yes, AsRead()); err != nil || yes {
		t.Errorf("a question answered with false: %v, %v", yes, err)
	}
}

func TestDoRetriesLikeAnyOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			opts []DoOption
			want int
		}{{nil, 1}, {[]DoOption{AsRead()}, 3}} {
			wire := newRecorder(t, answering(503, "busy"))
			c := newTestClient(t, wire)
			if err := c.Do(t.Context(), "BrandNew", nil, nil, test.opts...); !errors.Is(err, ErrUnavailable) {
				t.Error(err)
			}
			if n := len(wire.requests()); n != test.want {
				t.Errorf("sent %d times, want %d", n, test.want)
			}
		}
	})
}

// TestConcurrentUse shares one client among 64 goroutines; run it with -race.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := served.Add(1); {
		case n == 50 || n == 300: // far enough apart for no call to meet both
			w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(400)
			io.WriteString(w, `{"Code":"InvalidTimeStamp.Expired","RequestId":"R"}`)
		case n%7 == 0:
			w.WriteHeader(400)
			io.WriteString(w, `{"Code":"Throttling.User","RequestId":"R"}`)
		default:
			io.WriteString(w, `{"RequestId":"R","Success":true,"Result":{"Data":[{"UserId":"`+r.URL.Query().Get("Keyword")+`"}]}}`)
		}
	}))
	defer server.Close()
	c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(server.URL),
		WithRetryPolicy(RetryPolicy{MaxAttempts: 20, BaseDelay: time.Microsecond}), WithRateLimit(1e6, 1000),
		WithLogger(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 10 {
				want := fmt.Sprintf("u-%d-%d", g, i)
				resp, err := c.QueryUserList(t.Context(), &QueryUserListRequest{Keyword: want})
				if err != nil {
					t.Error(err)
				} else if got := resp.Result.Data[0].UserID; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// rawServer accepts connections and passes each to serve.
func rawServer(t *testing.T, serve func(n int, conn net.Conn)) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			wg.Go(func() {
				defer conn.Close()
				serve(n, conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close() // a kept connection may wait for its next request
		}
		mu.Unlock()
		wg.Wait()
	})
	return "http://" + listener.Addr().String()
}

// TestNoReplayBelow has a server that closes a kept connection when the second request
// arrives. net/http would send a GET again by itself, with the same nonce; the client
// must do so instead, with a new nonce.
func TestNoReplayBelow(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var nonces []string
	answer := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
	body := `{"RequestId":"R","Success":true,"Result":{"Data":[]}}`
	endpoint := rawServer(t, func(_ int, conn net.Conn) {
		buf := make([]byte, 8192)
		for i := 0; ; i++ {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			for line := range strings.Lines(string(buf[:n])) {
				if name, nonce, _ := strings.Cut(line, ": "); strings.EqualFold(name, "X-Acs-Signature-Nonce") {
					mu.Lock()
					nonces = append(nonces, nonce)
					mu.Unlock()
				}
			}
			if i == 1 {
				return // the second request of a connection dies
			}
			fmt.Fprintf(conn, answer, len(body), body)
		}
	})
	c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(endpoint), WithRetryPolicy(RetryPolicy{BaseDelay: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if _, err := c.QueryUserList(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(nonces)
	if len(nonces) < 8 || len(slices.Compact(nonces)) != len(nonces) {
		t.Errorf("%d requests with %d nonces", len(nonces), len(slices.Compact(nonces)))
	}
}

// TestLostAnswer drops the connection after a write has arrived: it is sent
// once, and the caller learns that it may have been executed.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []Option
		want int32
	}{"default": {nil, 1}, "WithRetryWrites": {[]Option{WithRetryWrites()}, 3}} {
		var arrived atomic.Int32
		endpoint := rawServer(t, func(_ int, conn net.Conn) {
			buf := make([]byte, 8192)
			if n, _ := conn.Read(buf); n > 0 {
				arrived.Add(1)
			}
		})
		c, err := NewClient(append(test.opts, WithAccessKey(testKeyID, testSecret), WithEndpoint(endpoint),
			WithRetryPolicy(RetryPolicy{BaseDelay: time.Millisecond}))...)
		if err != nil {
			t.Fatal(err)
		}
		if err := deleteUser(t.Context(), c); !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		if n := arrived.Load(); n != test.want {
			t.Errorf("%s: %d requests arrived, want %d", name, n, test.want)
		}
	}
}

// TestNeverConnected refuses the connection: nothing was sent, so a write is tried again.
func TestNeverConnected(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://" + listener.Addr().String()
	listener.Close()
	c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(endpoint), WithRetryPolicy(RetryPolicy{BaseDelay: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	err = deleteUser(t.Context(), c)
	var apiErr *Error
	var netErr *net.OpError
	if !errors.As(err, &apiErr) || !errors.As(err, &netErr) || apiErr.Attempts != 3 || errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	err = deleteUser(t.Context(), c)
	var apiErr *Error
	if !errors.As(err, &apiErr) || apiErr.Attempts != 1 || errors.Is(err, ErrOutcomeUnknown) || arrived.Load() != 0 {
		t.Errorf("%v (%d arrived)", err, arrived.Load())
	}
}

func TestRedirectNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/?"+r.URL.RawQuery, status)
		}))
		c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(server.URL))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.QueryUserList(t.Context(), nil); !errors.Is(err, ErrInvalidResponse) {
			t.Errorf("%d: %v", status, err)
		}
		if err := deleteUser(t.Context(), c); !errors.Is(err, ErrInvalidResponse) {
			t.Errorf("%d: %v", status, err)
		}
		if elsewhere.Load() != 0 {
			t.Errorf("%d was followed", status)
		}
		server.Close()
		other.Close()
	}
}

func TestBoundedResponses(t *testing.T) {
	t.Parallel()
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"RequestId":"R","Success":true,"Result":"`)
		for {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(endless.URL), WithMaxResponseBytes(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	if err := deleteUser(t.Context(), c); !errors.Is(err, ErrResponseTooLarge) || !errors.Is(err, ErrOutcomeUnknown) {
		t.Error(err)
	}

	wire := newRecorder(t, answering(200, done))
	exact := newTestClient(t, wire, WithMaxResponseBytes(int64(len(done))))
	if err := deleteUser(t.Context(), exact); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	short := newTestClient(t, wire, WithMaxResponseBytes(int64(len(done)-1)))
	if err := deleteUser(t.Context(), short); !errors.Is(err, ErrResponseTooLarge) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := func(_ int, req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		wire := newRecorder(t, silent)
		c := newTestClient(t, wire, WithTimeout(3*time.Second))
		start := time.Now()
		err := deleteUser(t.Context(), c)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), "3s") {
			t.Errorf("write: %v", err)
		}
		if d := time.Since(start); d != 3*time.Second || len(wire.requests()) != 1 {
			t.Errorf("write: %d requests in %v", len(wire.requests()), d)
		}
		if _, err = c.QueryUserList(t.Context(), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		if n := len(wire.requests()); n != 4 {
			t.Errorf("read: sent %d times, want 3", n-1)
		}
	})
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("shutting down")
		wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
			cancel(why)
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		c := newTestClient(t, wire)
		_, err := c.QueryUserList(ctx, nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, why) || len(wire.requests()) != 1 {
			t.Errorf("%v after %d requests", err, len(wire.requests()))
		}
		err = deleteUser(ctx, c)
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) || len(wire.requests()) != 1 {
			t.Errorf("cancelled before: %v after %d requests", err, len(wire.requests()))
		}
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newRecorder(t, answering(200, done))
		c := newTestClient(t, wire, WithRateLimit(10, 1))
		start := time.Now()
		for range 11 {
			if err := deleteUser(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("11 calls took %v, want 1s", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := deleteUser(ctx, c); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("a turn after the deadline: %v", err)
		}
	})
}

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
		if n == 1 {
			return newAnswer(req, 400, `{"Code":"User.Not.In.Organization","Message":"marked-message","RequestId":"R-7"}`), nil
		}
		return newAnswer(req, 200, done), nil
	})
	c := newTestClient(t, wire, WithLogger(logger))
	_ = deleteUser(t.Context(), c)
	_ = deleteUser(t.Context(), c)
	text := out.String()
	for _, want := range []string{`"action":"DeleteUser"`, `"attempt":1`, `"status":400`, `"code":"User.Not.In.Organization"`, `"request":"R-7"`, `"request":"R-1"`, `"level":"WARN"`, `"level":"DEBUG"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%s", want, text)
		}
	}
	for _, secret := range []string{"u-1", "marked-message", testSecret, testKeyID, "Signature"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log shows %s:\n%s", secret, text)
		}
	}
}

// limiterFunc is a function that is a Limiter.
type limiterFunc func(ctx context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// TestLimiter checks that a limiter is asked for every attempt, knows the
// operation, and keeps a request from being sent.
func TestLimiter(t *testing.T) {
	t.Parallel()
	var asked []string
	var refusal error
	limiter := limiterFunc(func(ctx context.Context) error {
		asked = append(asked, ActionFromContext(ctx))
		return refusal
	})
	wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
		if n == 1 {
			return newAnswer(req, 503, `{"Code":"ServiceUnavailable"}`), nil
		}
		return newAnswer(req, 200, `{"Success":true,"Result":[]}`), nil
	})
	c := newTestClient(t, wire, WithLimiter(limiter), WithRetryPolicy(RetryPolicy{BaseDelay: 1}))
	if err := c.Do(t.Context(), "SomethingNew", nil, nil, AsRead()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(asked, []string{"SomethingNew", "SomethingNew"}) || ActionFromContext(wire.requests()[0].req.Context()) != "" {
		t.Errorf("asked about %v", asked)
	}
	refusal = errors.New("the store of the quota is gone")
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	err := deleteUser(ctx, c)
	if !errors.Is(err, refusal) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrAuthentication) || errors.Is(err, ErrOutcomeUnknown) ||
		len(asked) != 3 || len(wire.requests()) != 2 {
		t.Errorf("%v after %d requests", err, len(wire.requests()))
	}
}

// TestEndpoints checks that the signed host is the one that reaches the transport, and
// that impossible hosts are refused.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{ // "": refused
		"HTTPS://HOST":                       "https://host",
		"Host.Example:443":                   "https://host.example:443",
		"https://host.":                      "https://host",
		"https://host:":                      "https://host",
		"https://host:0443":                  "https://host:443",
		"https://my_host-1.svc/":             "https://my_host-1.svc",
		"https://xn--r8jz45g.jp":             "https://xn--r8jz45g.jp",
		"http://LOCALHOST:8080":              "http://localhost:8080",
		"http://[0:0::1]:80":                 "http://[::1]:80",
		"http://[::FFFF:127.0.0.1]":          "http://[::ffff:127.0.0.1]",
		"https://例え.jp":                      "",
		"https://%E4%BE%8B":                  "",
		"https://аpple.com":                  "", // the first letter is Cyrillic
		"https://[fe80::1%25eth0]:8443":      "",
		"http://[::1%25lo]":                  "",
		"https://host:99999":                 "",
		"https://host:0":                     "",
		"https://..":                         "",
		"https://a..b":                       "",
		"https://-":                          "",
		"https://a.-b":                       "",
		"https://*.example.com":              "",
		"https://a,b":                        "",
		"https://a;b":                        "",
		"https://127.1":                      "",
		"https://2130706433":                 "",
		"https://256.1.1.1":                  "",
		"https://host?":                      "",
		"https://host#":                      "",
		"https://host//":                     "",
		"https://" + strings.Repeat("a", 64): "",
	} {
		var sentTo string
		wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
			if req.Host != req.URL.Host {
				t.Errorf("%s: Host %s is not that of the URL, %s", endpoint, req.Host, req.URL.Host)
			}
			sentTo = req.URL.Scheme + "://" + req.Host
			return newAnswer(req, 200, done), nil
		})
		c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithHTTPClient(&http.Client{Transport: wire}), WithEndpoint(endpoint))
		if want == "" {
			if err == nil || !strings.HasPrefix(err.Error(), "quickbi: WithEndpoint: ") {
				t.Errorf("%s: %v", endpoint, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", endpoint, err)
		} else if err := deleteUser(t.Context(), c); err != nil || sentTo != want {
			t.Errorf("%s: sent to %s, %v", endpoint, sentTo, err)
		}
	}
}

// odd is a signer of the caller that returns unusual headers.
type odd struct{ header http.Header }

func (s odd) Sign(in SigningRequest) (SignedRequest, error) {
	return SignedRequest{RawQuery: "Action=" + in.Action, Header: s.header}, nil
}

// TestForeignSigner checks that the client does not write to headers that are nil, or
// that a signer shares.
func TestForeignSigner(t *testing.T) {
	t.Parallel()
	shared := http.Header{"X-Mine": {"1"}}
	for _, header := range []http.Header{nil, shared} {
		wire := newRecorder(t, answering(200, done))
		c := newTestClient(t, wire, WithSigner(odd{header}))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := deleteUser(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := wire.requests()[0].req.Header; got.Get("X-Mine") != header.Get("X-Mine") || got.Get("Accept") == "" {
			t.Errorf("sent %v", got)
		}
	}
	if len(shared) != 1 {
		t.Errorf("the signer's headers were changed: %v", shared)
	}
}

// TestDroppedClients drops 100 clients after a call: only the connection that all of
// them shared is left.
func TestDroppedClients(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, done)
	}))
	defer server.Close()
	before := runtime.NumGoroutine()
	var last *Client
	for range 100 {
		c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint(server.URL))
		if err != nil {
			t.Fatal(err)
		}
		if err := deleteUser(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		last = c
	}
	if n := runtime.NumGoroutine() - before; n > 20 {
		t.Errorf("%d goroutines stay", n)
	}
	last.CloseIdleConnections()
	for range 100 {
		if n := runtime.NumGoroutine() - before; n <= 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines stay after CloseIdleConnections", runtime.NumGoroutine()-before)
}

// TestDefaultTransportUsesProxy checks that the proxy of the environment is asked.
func TestDefaultTransportUsesProxy(t *testing.T) {
	if os.Getenv("QUICKBI_TEST_PROXY") != "" { // a process of its own: net/http reads the environment once
		c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithEndpoint("http://quickbi.invalid"), WithInsecureHTTP())
		if err != nil {
			t.Fatal(err)
		}
		if err := deleteUser(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Parallel()
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "quickbi.invalid" {
			asked.Add(1)
		}
		_, _ = io.WriteString(w, done)
	}))
	defer proxy.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDefaultTransportUsesProxy$")
	cmd.Env = append(os.Environ(), "QUICKBI_TEST_PROXY=1", "HTTP_PROXY="+proxy.URL, "NO_PROXY=", "REQUEST_METHOD=")
	if out, err := cmd.CombinedOutput(); err != nil || asked.Load() != 1 {
		t.Errorf("the proxy was asked %d times, %v\n%s", asked.Load(), err, out)
	}
}
