package quickbitest

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// ask makes a call as the holder of a key, and returns the answer.
func ask(t testing.TB, e *Emulator, id, secret, action string, pairs ...string) got {
	t.Helper()
	s := newV3(e.Now(), action, values(pairs...))
	s.id, s.secret = id, secret
	return serve(t, e, s.request(t))
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := NewEmulator(WithClock(func() time.Time { return now }), WithAccessKey("one", "1"), WithAccessKey("two", "2"),
		WithRateLimit("", 3), WithRateLimit("CheckOrganizationMember", 1), WithRateLimit("QueryUserGroupMember", 0))
	calls := func(n int, id, secret, action string, pairs ...string) (taken int, last got) {
		t.Helper()
		for range n {
			if last = ask(t, e, id, secret, action, pairs...); last.Code != "Throttling.User" {
				taken++
			}
		}
		return taken, last
	}

	taken, last := calls(5, "one", "1", "QueryUserList")
	if taken != 3 || last.Status != http.StatusBadRequest {
		t.Errorf("%d taken, then %d", taken, last.Status)
	}
	want := fmt.Sprintf("Limit:3,Remain:0,TimeLeft:1000,Reset:%d", now.Add(time.Second).UnixMilli())
	if got := last.Header.Get("X-Ratelimit-User"); got != want {
		t.Errorf("header %q, want %q", got, want)
	}
	for _, tt := range []struct {
		id, secret, action string
		pairs              []string
		taken              int
	}{
		{"one", "1", "CheckOrganizationMember", []string{"UserId", "ann"}, 1}, // its own
		{"one", "1", "QueryUserGroupMember", []string{"UserGroupId", "-1"}, 9},
		{"one", "1", "GetMailTaskStatus", []string{"MailId", "1"}, 1}, // documented, and less
		{"one", "1", "QueryData", []string{"ApiId", "a"}, 3},          // documented, and more
		{"one", "1", "QueryData", []string{"ApiId", "b"}, 3},          // counted for each API
		{"two", "2", "QueryUserList", nil, 3},                         // and for each key
		{"one", "1", "MakeCoffee", nil, 9},                            // refused for another reason
		{"one", "wrong", "QueryUserList", nil, 9},                     // and this, too
	} {
		if taken, last := calls(9, tt.id, tt.secret, tt.action, tt.pairs...); taken != tt.taken {
			t.Errorf("%s %s%v: %d taken, want %d; %s", tt.id, tt.action, tt.pairs, taken, tt.taken, last.Body)
		}
	}

	e.SetSkew(700 * time.Millisecond)
	if got := ask(t, e, "one", "1", "QueryUserList").Header.Get("X-Ratelimit-User"); got != "Limit:3,Remain:0,TimeLeft:300,"+want[len(want)-len("Reset:1772366401000"):] {
		t.Error(got)
	}
	e.SetSkew(time.Second)
	if taken, _ := calls(5, "one", "1", "QueryUserList"); taken != 3 {
		t.Errorf("in the next second %d taken", taken)
	}
	e.SetSkew(-time.Hour)
	if taken, _ := calls(5, "one", "1", "QueryUserList"); taken != 3 {
		t.Errorf("with the clock set back %d taken", taken)
	}
}

func TestNoRateLimit(t *testing.T) {
	t.Parallel()
	now := time.Now()
	e := NewEmulator(WithClock(func() time.Time { return now }))
	for range 60 {
		if g := do(t, e, "QueryUserList"); g.Status != http.StatusOK {
			t.Fatal(g.Body)
		}
	}
}

// A refusal must not use up the faults that wait for calls which are let in.
func TestRateLimitComesBeforeFaults(t *testing.T) {
	t.Parallel()
	now := time.Now()
	e := NewEmulator(WithClock(func() time.Time { return now }), WithRateLimit("QueryUserList", 1))
	do(t, e, "QueryUserList")
	e.Fail("", Refuse("InternalError"), 1)
	for _, want := range []string{"Throttling.User", "Throttling.User"} {
		if g := do(t, e, "QueryUserList"); g.Code != want {
			t.Errorf("%s, want %s", g.Code, want)
		}
	}
	if g := do(t, e, "QueryUserGroupMember", "UserGroupId", "-1"); g.Code != "InternalError" {
		t.Errorf("the fault is gone: %s", g.Body)
	}
}
