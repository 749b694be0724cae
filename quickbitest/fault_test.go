package quickbitest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// over makes a call through the network and returns the answer, as far as it came.
func over(t testing.TB, srv *Server, action string, pairs ...string) (*http.Response, string, error) {
	t.Helper()
	s := newV3(srv.Now(), action, values(pairs...))
	s.target = srv.URL
	return roundTrip(s.request(t))
}

func roundTrip(r *http.Request) (*http.Response, string, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault    Fault
		status   int    // 0: no answer
		body     string // how it begins
		code     string
		broken   bool // the body
		executed bool
		header   [2]string
	}{
		"none":            {fault: Fault{}, status: 200, body: `{"RequestId":`, executed: true},
		"refuse":          {fault: Refuse("Throttling.User"), status: 400, body: `{"RequestId":`, code: "Throttling.User"},
		"refuse, 503":     {fault: Refuse("ServiceUnavailable"), status: 503, code: "ServiceUnavailable"},
		"refuse, refined": {fault: Refuse("Throttling").WithStatus(429).WithMessage("slow down").WithHeader("Retry-After", "7"), status: 429, code: "Throttling", header: [2]string{"Retry-After", "7"}},
		"refuse, done":    {fault: Refuse("InternalError").Executed(), status: 500, code: "InternalError", executed: true},
		"drop before":     {fault: DropBefore()},
		"drop after":      {fault: DropAfter(), executed: true},
		"delay":           {fault: Delay(time.Millisecond), status: 200, body: `{"RequestId":`, executed: true},
		"truncate":        {fault: Truncate(), status: 200, body: `{"RequestId":`, broken: true, executed: true},
		"html":            {fault: Raw(502, "text/html", "<html>bad gateway"), status: 502, body: "<html>bad gateway", header: [2]string{"Content-Type", "text/html"}},
		"html, done":      {fault: Raw(502, "text/html", "<html>").Executed(), status: 502, body: "<html>", executed: true},
		"empty":           {fault: Raw(200, "application/json", ""), status: 200},
		"null":            {fault: Raw(200, "application/json", "null"), status: 200, body: "null"},
		"no success":      {fault: Unsuccessful(), status: 200, body: `{"RequestId":`},
		"not performed":   {fault: NotPerformed(), status: 200, body: `{"RequestId":`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer()
			defer srv.Close()
			if err := srv.Seed(Organization{Users: []User{{UserID: "ann", NickName: "Ann"}}}); err != nil {
				t.Fatal(err)
			}
			srv.Fail("CheckOrganizationMember", Refuse("Throttling"), -1) // not of this call
			srv.Fail("DeleteUser", tt.fault, 1)

			resp, body, err := over(t, srv, "DeleteUser", "UserId", "ann")
			if tt.status == 0 {
				if err == nil {
					t.Fatalf("answered %s", body)
				}
			} else {
				if resp == nil || resp.StatusCode != tt.status || !strings.HasPrefix(body, tt.body) || (err != nil) != tt.broken {
					t.Fatalf("%v %q %v", resp, body, err)
				}
				if name := tt.header[0]; resp.Header.Get(name) != tt.header[1] {
					t.Errorf("%s: %q", name, resp.Header.Get(name))
				}
				if resp.Header.Get("Date") == "" {
					t.Error("no Date")
				}
			}
			switch name {
			case "no success":
				if !strings.HasSuffix(body, `"Success":false}`) {
					t.Error(body)
				}
			case "not performed":
				if !strings.HasSuffix(body, `"Success":true,"Result":false}`) {
					t.Error(body)
				}
			}
			call := srv.Calls()[0]
			if call.Executed != tt.executed || call.Status != tt.status || call.Code != tt.code {
				t.Errorf("journal: %+v", call)
			}
			if there := must[page[memberRow]](t, srv.Emulator, "QueryUserList", "Keyword", "ann").TotalNum == 1; there == tt.executed {
				t.Errorf("the user is there: %v", there)
			}
		})
	}
}

func TestEndless(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	srv.Fail("", Endless(), 1)
	s := newV3(srv.Now(), "QueryUserList", nil)
	s.target = srv.URL
	resp, err := http.DefaultTransport.RoundTrip(s.request(t))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyN(io.Discard, resp.Body, 1<<22)
	if n != 1<<22 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	resp.Body.Close()
}

// TestCloseEndsWhatWaits closes servers that are in the middle of a fault.
func TestCloseEndsWhatWaits(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]Fault{"delay": Delay(time.Hour), "endless": Endless()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer()
			srv.Fail("", fault, 1)
			done := make(chan error, 1)
			s := newV3(srv.Now(), "QueryUserList", nil)
			s.target = srv.URL
			r := s.request(t)
			go func() {
				_, _, err := roundTrip(r)
				done <- err
			}()
			for len(srv.Calls()) == 0 {
				time.Sleep(time.Millisecond)
			}
			start := time.Now()
			srv.Close()
			if err := <-done; err == nil || time.Since(start) > closeTimeout/2 {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	}
}

func TestDelayEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	srv.Fail("", Delay(time.Hour), 1)
	s := newV3(srv.Now(), "QueryUserList", nil)
	s.target = srv.URL
	ctx, cancel := context.WithCancel(t.Context())
	r := s.request(t).WithContext(ctx)
	go func() {
		for len(srv.Calls()) == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, _, err := roundTrip(r); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if calls := srv.Calls(); len(calls) != 1 || !calls[0].Executed {
		t.Errorf("journal: %+v", calls)
	}
}

func TestFaultOrder(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	e.Fail("QueryUserList", Refuse("One").WithStatus(400), 2)
	e.Fail("", Refuse("Two").WithStatus(400), 1)
	e.Fail("QueryUserList", Refuse("Never").WithStatus(400), 0)
	e.Fail("", Refuse("Three").WithStatus(400), -1)
	var codes []string
	for range 5 {
		codes = append(codes, serve(t, e, newV3(e.Now(), "QueryUserList", nil).request(t)).Code)
	}
	if got := strings.Join(codes, " "); got != "One One Two Three Three" {
		t.Error(got)
	}
	e.ClearFaults()
	if g := do(t, e, "QueryUserList"); g.Status != http.StatusOK {
		t.Errorf("%d %s", g.Status, g.Code)
	}
}

// A fault that could never come is a mistake of the test that sets it.
func TestFaultsThatCannotCome(t *testing.T) {
	t.Parallel()
	fails := func(action string, f Fault) (message any) {
		defer func() { message = recover() }()
		NewEmulator().Fail(action, f, 1)
		return nil
	}
	for _, tt := range []struct {
		action string
		fault  Fault
		want   string // "": it can come
	}{
		{"DeleteUsers", DropAfter(), `no operation "DeleteUsers"`},
		{"deleteUser", DropAfter(), `no operation "deleteUser"`},
		{"DeleteUser", Refuse("Throttling.Users"), `no code "Throttling.Users"`},
		{"", Refuse(""), `no code ""`},
		{"", Refuse("Throttling.Users").WithStatus(400), ""},
		{"DeleteUser", Refuse("MissingUserId"), ""},
		{"DeleteUser", Refuse("CannotRemove.OrganizationOwner"), ""},
		{"", Raw(502, "text/html", ""), ""},
	} {
		message := fails(tt.action, tt.fault)
		if text, _ := message.(string); !strings.Contains(text, tt.want) || (message == nil) != (tt.want == "") {
			t.Errorf("Fail(%q, %+v): %v", tt.action, tt.fault, message)
		}
	}
	for document, want := range map[string]string{
		`{"Action":"DeleteUsers","Kind":"DropAfter"}`:      "DeleteUsers",
		`{"Kind":"Refuse","Code":"Throttling.Users"}`:      "Throttling.Users",
		`{"Action":"","Kind":"Refuse","Code":"Throttlng"}`: "Throttlng",
	} {
		e := NewEmulator()
		if status, answer := administer(t, e, "POST", "faults", document); status != http.StatusBadRequest || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", document, status, answer)
		}
	}
}

// A fault must not hide that a request was not signed well, or use itself up on it.
func TestFaultComesAfterTheGate(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	e.Fail("", Refuse("Throttling"), 1)
	s := newV3(e.Now(), "QueryUserList", nil)
	s.secret = "guess"
	if g := serve(t, e, s.request(t)); g.Code != "SignatureDoesNotMatch" {
		t.Errorf("%d %s", g.Status, g.Code)
	}
	if g := serve(t, e, newV3(e.Now(), "BrandNewOperation", nil).request(t)); g.Code != "Throttling" {
		t.Errorf("%d %s", g.Status, g.Code)
	}
}

// Faults are values: refining one leaves the one it came from as it was.
func TestFaultsAreValues(t *testing.T) {
	t.Parallel()
	base := Refuse("Throttling").WithHeader("A", "1")
	_ = base.WithHeader("B", "2").WithStatus(500).Executed().After(time.Hour)
	if len(base.header) != 1 || base.status != 400 || !base.skip || base.delay != 0 {
		t.Errorf("%+v", base)
	}
}
