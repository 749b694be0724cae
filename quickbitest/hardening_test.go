package quickbitest

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Some clients call by GET what the documentation of today has as POST.
func TestGetForPost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, action string
		opts           []Option
		code           string
	}{
		"GET, V1":                    {http.MethodGet, "AddUserGroupMember", nil, ""},
		"POST, V1":                   {http.MethodPost, "AddUserGroupMember", nil, ""},
		"GET, V1, strict":            {http.MethodGet, "AddUserGroupMember", []Option{WithStrictMethods()}, "UnsupportedHTTPMethod"},
		"POST, V1, strict":           {http.MethodPost, "AddUserGroupMember", []Option{WithStrictMethods()}, ""},
		"PUT, V1":                    {http.MethodPut, "AddUserGroupMember", nil, "UnsupportedHTTPMethod"},
		"POST for documented GET":    {http.MethodPost, "QueryUserList", nil, "UnsupportedHTTPMethod"},
		"POST for GET, V1, strict":   {http.MethodPost, "QueryUserList", []Option{WithStrictMethods()}, "UnsupportedHTTPMethod"},
		"documented GET, V1, strict": {http.MethodGet, "QueryUserList", []Option{WithStrictMethods()}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := seeded(t, tt.opts...)
			params := newV1(e.Now(), tt.action, nil)
			if tt.action == "AddUserGroupMember" {
				params.Set("UserGroupId", "south")
				params.Set("UserIdList", "ann")
			}
			g := serve(t, e, requestV1(t, tt.method, AccessKeySecret, params))
			if g.Code != tt.code {
				t.Errorf("%d %q %s, want %q", g.Status, g.Code, g.Message, tt.code)
			}
			if joined := members(t, e, "south") == "ann"; joined != (tt.action == "AddUserGroupMember" && tt.code == "") {
				t.Errorf("in the group: %s", members(t, e, "south"))
			}
		})
	}
	e := seeded(t) // V3 clients know the method
	s := newV3(e.Now(), "AddUserGroupMember", values("UserGroupId", "south", "UserIdList", "ann"))
	s.method = http.MethodGet
	if g := serve(t, e, s.request(t)); g.Code != "UnsupportedHTTPMethod" {
		t.Errorf("GET, V3: %d %q", g.Status, g.Code)
	}
}

// Whoever cannot sign must not be able to fill the memory.
func TestJournalKeepsNothingOfUnsignedRequests(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	long := strings.Repeat("x", 1000)
	unsigned := []*http.Request{
		requestV1(t, "POST", "guess", newV1(e.Now(), "AddUser", values("NickName", long)), "NickName"),
		requestV1(t, "POST", "guess", newV1(e.Now(), long, values("NickName", long))),
		requestV1(t, "POST", AccessKeySecret, url.Values{"Action": {"AddUser"}, "Version": {long}, "AccessKeyId": {long}, "Signature": {long}}, "Version"),
	}
	v3 := newV3(e.Now(), "AddUser", values("NickName", long))
	v3.secret = "guess"
	unsigned = append(unsigned, v3.request(t))
	for _, r := range unsigned {
		if g := serve(t, e, r); g.Status < 400 {
			t.Fatal(g.Body)
		}
	}
	calls := e.Calls()
	if len(calls) != len(unsigned) {
		t.Fatalf("%d calls", len(calls))
	}
	for i, c := range calls {
		if len(c.Query)+len(c.Form) > 0 || strings.Contains(fmt.Sprint(c), "xxx") || c.Code == "" || c.RequestID == "" {
			t.Errorf("%+v", c)
		}
		if want := i != 1; (c.Action == "AddUser") != want {
			t.Errorf("action %q of call %d", c.Action, i)
		}
	}
	// What is signed is kept, though it is refused.
	replayed := newV3(e.Now(), "QueryUserList", values("Keyword", "k"))
	for range 2 {
		serve(t, e, replayed.request(t))
	}
	if c := e.Calls()[len(unsigned)+1]; c.Code != "SignatureNonceUsed" || c.Param("Keyword") != "k" || c.AccessKeyID != AccessKeyID {
		t.Errorf("%+v", c)
	}
}

func TestJournalBytesAreBounded(t *testing.T) {
	t.Parallel()
	var j journal
	large := func(id string) Call {
		return Call{RequestID: id, Query: url.Values{"A": {strings.Repeat("x", 1<<10)}}, Form: url.Values{"B": {strings.Repeat("x", 16<<20)}}}
	}
	for i := range 10 {
		j.add(large(fmt.Sprint(i)))
		if j.bytes > 64<<20 {
			t.Fatalf("%d bytes", j.bytes)
		}
	}
	calls := j.all()
	if len(calls) != 3 || calls[0].RequestID != "7" || calls[2].RequestID != "9" {
		t.Errorf("%d calls, from %s", len(calls), calls[0].RequestID)
	}
	j.add(Call{RequestID: "small"})
	if calls := j.all(); len(calls) != 4 {
		t.Errorf("%d calls with a small one", len(calls))
	}
	if j.reset(); j.bytes != 0 || len(j.all()) != 0 {
		t.Error("something is left")
	}
}

// What a test does with the calls it got changes nothing.
func TestCallsAreCopies(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	do(t, e, "QueryUserList", "Keyword", "k")
	e.Calls()[0].Query.Set("Keyword", "changed")
	e.Calls()[0].Query["Keyword"][0] = "changed"
	if got := e.Calls()[0].Param("Keyword"); got != "k" {
		t.Error(got)
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	for size, want := range map[int]string{16 << 20: "MissingAction", 16<<20 + 1: "InvalidParameter"} {
		body := bytes.Repeat([]byte("x"), size)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://quickbi.test/?Format=JSON", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/octet-stream")
		if g := serve(t, e, r); g.Code != want || g.Status != http.StatusBadRequest {
			t.Errorf("%d bytes: %d %s %s", size, g.Status, g.Code, g.Message)
		}
	}
}

// A caller who does not finish the body must not hold a connection for ever. One who
// waits long for the answer may.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const limit = 100 * time.Millisecond
	e := NewEmulator(func(s *settings) { s.gateway.BodyTimeout = limit })
	srv := Start(listener, e)
	defer srv.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /?Format=JSON HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nx")
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	answer, err := io.ReadAll(conn) // until the server closes the connection
	if err != nil || !bytes.Contains(answer, []byte("InvalidParameter")) {
		t.Errorf("%v: %s", err, answer)
	}

	srv.Fail("", Delay(3*limit), 1)
	if resp, body, err := over(t, srv, "QueryUserList"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%v %s", err, body)
	}
}

// TestSlowBodyByDefault waits for bodies that never come, by a clock that takes no time.
func TestSlowBodyByDefault(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/?Format=JSON": "InvalidParameter", "/_emulator/seed": "Error"} {
		synctest.Test(t, func(t *testing.T) {
			listener := make(pipes, 1)
			srv := Start(listener, NewEmulator())
			defer srv.Close()
			here, there := net.Pipe()
			defer here.Close()
			listener <- there
			began := time.Now()
			_, err := io.WriteString(here, "POST "+path+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nx")
			if err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(here) // until the server closes the connection
			took := time.Since(began)
			if err != nil || !bytes.Contains(answer, []byte(want)) || bytes.Contains(answer, []byte("403 Forbidden")) {
				t.Errorf("%s: %v: %s", path, err, answer)
			}
			if took < 30*time.Second || took > 31*time.Second {
				t.Errorf("%s: after %v", path, took)
			}
		})
	}
}

// A pipes listens for the ends of pipes that are sent to it.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return localConn{conn}, nil
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return localConn{}.RemoteAddr() }

// A localConn comes from this machine.
type localConn struct{ net.Conn }

func (localConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func TestCrossSiteReads(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	for name, tt := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"a program":             {func(*http.Request) {}, 200},
		"an address typed in":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") }, 200},
		"a page from elsewhere": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"a page next door":      {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		"an older browser":      {func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		"a proxy":               {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") }, 403},
		"a newer proxy":         {func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.7") }, 403},
	} {
		for _, path := range []string{"state", "calls", "faults", "clock"} {
			if status, answer := administer(t, e, http.MethodGet, path, "", tt.change); status != tt.status {
				t.Errorf("%s, %s: %d %.80s", name, path, status, answer)
			}
		}
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]func(){
		"WithAccessKey":                   func() { WithAccessKey("", "secret") },
		"WithAccessKey: the id":           func() { WithAccessKey("id", "") },
		"WithSTSToken":                    func() { WithSTSToken("id", "secret", "") },
		"WithRateLimit: the rate":         func() { WithRateLimit("", -1) },
		"there is no operation MakeTea":   func() { WithRateLimit("MakeTea", 1) },
		"WithLatency":                     func() { WithLatency(2, 1) },
		"WithLatency: the median must be": func() { WithLatency(-1, 1) },
	} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.Contains(message, want) {
					t.Errorf("%q, want %s", message, want)
				}
			}()
			option()
		}()
	}
}

func TestLatencyIsADistribution(t *testing.T) {
	t.Parallel()
	l := latency{80 * time.Millisecond, 400 * time.Millisecond}
	samples := make([]time.Duration, 20_000)
	for i := range samples {
		samples[i] = l.sample()
	}
	slices.Sort(samples)
	for quantile, want := range map[float64]time.Duration{0.5: l.median, 0.99: l.p99} {
		got := samples[int(quantile*float64(len(samples)))]
		if math.Abs(float64(got-want)) > 0.15*float64(want) {
			t.Errorf("%v of the answers take up to %v, want %v", quantile, got, want)
		}
	}
	if samples[0] <= 0 || (latency{}).sample() != 0 || (latency{5, 5}).sample() != 5 {
		t.Errorf("%v", samples[0])
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	const wait = 30 * time.Millisecond
	e := NewEmulator(WithLatency(wait, wait))
	start := time.Now()
	if g := do(t, e, "QueryUserList"); !g.Success || time.Since(start) < wait {
		t.Errorf("%s after %v", g.Body, time.Since(start))
	}
	e.Fail("", Refuse("Throttling").After(wait), 1)
	start = time.Now()
	if g := serve(t, e, newV3(e.Now(), "QueryUserList", nil).request(t)); g.Code != "Throttling" || time.Since(start) < 2*wait {
		t.Errorf("%s after %v", g.Body, time.Since(start))
	}
}
