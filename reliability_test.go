package quickbi_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// A kind is a call that the matrix makes.
type kind struct {
	name    string
	write   bool
	options []quickbi.Option
	call    func(context.Context, *quickbi.Client) error
}

const newAccount = "new@example.com"

var kinds = [...]kind{
	{"read", false, nil, readByPost},
	// Not in the table, because it must not differ: net/http would like to send a GET again by itself.
	{"read with GET", false, nil, readByGet},
	{"write", true, nil, addUser},
	{"write, `WithRetryWrites`", true, []quickbi.Option{quickbi.WithRetryWrites()}, addUser},
}

func readByPost(ctx context.Context, c *quickbi.Client) error {
	resp, err := c.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: quickbitest.OwnerUserID})
	if err == nil && resp.Result.NickName != "Owner" {
		err = fmt.Errorf("read %+v", resp.Result)
	}
	return err
}

func readByGet(ctx context.Context, c *quickbi.Client) error {
	resp, err := c.QueryUserList(ctx, nil)
	if err == nil && (len(resp.Result.Data) != 1 || resp.Result.Data[0].NickName != "Owner") {
		err = fmt.Errorf("read %+v", resp.Result)
	}
	return err
}

func addUser(ctx context.Context, c *quickbi.Client) error {
	resp, err := c.AddUser(ctx, &quickbi.AddUserRequest{AccountName: newAccount, NickName: "New", UserType: quickbi.UserTypeViewer})
	if err == nil && resp.Result.NickName != "New" {
		err = fmt.Errorf("added %+v", resp.Result)
	}
	return err
}

// TestFaultMatrix puts every fault in the way of every kind of call, with both
// signatures, once and for good. It checks that the client tells the truth: a
// call that succeeds was executed exactly once, one that fails was not, unless
// the error says that it may have been. And it compares docs/reliability.md with
// what it saw; go test -run TestFaultMatrix -update . writes it.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	rows, lists := make([]row, len(faults)), make([]string, len(incidents))
	t.Run("faults", func(t *testing.T) {
		for i, f := range faults {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				rows[i] = runRow(t, f)
			})
		}
		for i, in := range incidents {
			t.Run("a list: "+in.name, func(t *testing.T) {
				t.Parallel()
				lists[i] = runIncident(t, in)
			})
		}
	})
	if t.Failed() {
		return // the table would be misleading
	}

	const path = "docs/reliability.md"
	table := reliabilityDocument(rows, lists)
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), table); diff != "" {
		t.Errorf("%s is not what happened; write it with -update:\n%s", path, diff)
	}
}

// A row has what is to say about a fault: for each kind of call, what happens if
// the fault strikes once, and if it lasts.
type row [len(kinds)]struct{ once, lasting string }

func runRow(t *testing.T, f fault) row {
	var v3, v1 row
	var wg sync.WaitGroup
	for i, k := range kinds {
		wg.Go(func() { v3[i].once = runCell(t, f, k, quickbi.SignerV3{}, false) })
		wg.Go(func() { v1[i].once = runCell(t, f, k, quickbi.SignerV1{}, false) })
		if !f.once {
			wg.Go(func() { v3[i].lasting = runCell(t, f, k, quickbi.SignerV3{}, true) })
			wg.Go(func() { v1[i].lasting = runCell(t, f, k, quickbi.SignerV1{}, true) })
		}
	}
	wg.Wait()
	if v1 != v3 {
		t.Errorf("the signatures differ:\nV3 %q\nV1 %q", v3, v1)
	}
	if v3[0] != v3[1] {
		t.Errorf("the methods differ:\nPOST %q\nGET %q", v3[0], v3[1])
	}
	return v3
}

// runCell makes one call under a fault, and returns what is to say about it.
func runCell(t *testing.T, f fault, k kind, signer quickbi.Signer, lasting bool) string {
	name := fmt.Sprintf("%s, %T, lasting %v", k.name, signer, lasting)
	times := 1
	if lasting {
		times = -1
	}
	s := newSite(t)
	f.set(s, times)
	c := s.client(append(k.options, quickbi.WithSigner(signer))...)
	if s.warmedUp != nil {
		if err := readByPost(t.Context(), c); err != nil {
			t.Errorf("%s: warming up: %v", name, err)
		}
		s.server.ResetCalls()
		s.warmedUp()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of which nothing should come near
	defer cancel()
	err := k.call(ctx, c)

	calls := s.server.Calls()
	executed, nonces := 0, map[string]bool{}
	for _, call := range calls {
		if call.Executed {
			executed++
		}
		if nonces[call.Nonce] && call.Code != "SignatureNonceUsed" {
			t.Errorf("%s: a nonce was used twice", name)
		}
		nonces[call.Nonce] = true
	}
	unknown := errors.Is(err, quickbi.ErrOutcomeUnknown)
	if k.write {
		s.server.ClearFaults()
		s.server.SetSkew(0)
		effects := 0
		for user, err := range s.server.Client().QueryUserListAll(t.Context(), nil) {
			if err != nil {
				t.Errorf("%s: looking at the state: %v", name, err)
			} else if user.AccountName == newAccount {
				effects++
			}
		}
		if effects != executed || effects > 1 {
			t.Errorf("%s: executed %d times, and the state holds it %d times", name, executed, effects)
		}
		if certain := err == nil || errors.Is(err, quickbi.ErrResultUnreadable); certain && effects != 1 || !certain && !unknown && effects != 0 {
			t.Errorf("%s: the state holds the effect %d times, and the caller is told %v", name, effects, err)
		}
	} else if unknown {
		t.Errorf("%s: a read has no outcome to be unknown: %v", name, err)
	}
	if f.unsent && unknown {
		t.Errorf("%s: nothing was sent, and the outcome is called unknown: %v", name, err)
	}
	var apiErr *quickbi.Error
	switch {
	case err == nil:
	case !errors.As(err, &apiErr):
		t.Errorf("%s: %v", name, err)
	case apiErr.Attempts < 1 || apiErr.Attempts > 3 || len(calls) > apiErr.Attempts && !strings.Contains(f.name, "twice"):
		t.Errorf("%s: %d attempts, of which %d arrived", name, apiErr.Attempts, len(calls))
	}
	if n := s.elsewhere.Load(); n != 0 {
		t.Errorf("%s: followed to another host %d times", name, n)
	}

	cell := fmt.Sprint(len(calls))
	if k.write && executed > 0 {
		cell += ", done"
	}
	cell += ": " + verdict(err)
	if unknown {
		cell += ", unknown"
	}
	return cell
}

// verdict names what an error matches.
func verdict(err error) string {
	if err == nil {
		return "ok"
	}
	for _, class := range []struct {
		name string
		err  error
	}{
		{"ErrThrottled", quickbi.ErrThrottled},
		{"ErrUnavailable", quickbi.ErrUnavailable},
		{"ErrTimestampExpired", quickbi.ErrTimestampExpired},
		{"ErrSecurityTokenExpired", quickbi.ErrSecurityTokenExpired},
		{"ErrNonceUsed", quickbi.ErrNonceUsed},
		{"ErrAuthentication", quickbi.ErrAuthentication},
		{"ErrUserAlreadyInOrganization", quickbi.ErrUserAlreadyInOrganization},
		{"ErrResponseTooLarge", quickbi.ErrResponseTooLarge},
		{"ErrRequestTooLong", quickbi.ErrRequestTooLong},
		{"ErrResultUnreadable", quickbi.ErrResultUnreadable},
		{"ErrInvalidResponse", quickbi.ErrInvalidResponse},
		{"ErrListChanged", quickbi.ErrListChanged},
		{"DeadlineExceeded", context.DeadlineExceeded},
	} {
		if errors.Is(err, class.err) {
			return "`" + class.name + "`"
		}
	}
	var apiErr *quickbi.Error
	switch {
	case errors.Is(err, errLimiter):
		return "the limiter's error"
	case errors.As(err, &apiErr) && apiErr.Unwrap() != nil:
		return "network error"
	}
	return "error"
}

// An incident disturbs a list of five members in pages of two, after the first page.
type incident struct {
	name   string
	strike func(t *testing.T, s *site, firstPage quickbi.Page[quickbi.User])
}

var incidents = []incident{
	{"nothing", func(*testing.T, *site, quickbi.Page[quickbi.User]) {}},
	{"a page fails once", func(_ *testing.T, s *site, _ quickbi.Page[quickbi.User]) {
		s.server.Fail("", quickbitest.Refuse("ServiceUnavailable"), 1)
	}},
	{"the pages fail for good", func(_ *testing.T, s *site, _ quickbi.Page[quickbi.User]) {
		s.server.Fail("", quickbitest.Refuse("ServiceUnavailable"), -1)
	}},
	{"the service ignores the number of the page", func(t *testing.T, s *site, first quickbi.Page[quickbi.User]) {
		s.server.Fail("", quickbitest.Raw(200, "application/json", inEnvelope(t, first)), -1)
	}},
	{"an entry that was read leaves", func(t *testing.T, s *site, first quickbi.Page[quickbi.User]) {
		if _, err := s.server.Client().DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: first.Data[1].UserID}); err != nil {
			t.Error(err)
		}
	}},
	{"a page lacks its list", func(_ *testing.T, s *site, _ quickbi.Page[quickbi.User]) {
		s.server.Fail("", quickbitest.Raw(200, "application/json", `{"RequestId":"R","Success":true}`), 1)
	}},
}

// inEnvelope is the answer with result in it.
func inEnvelope(t *testing.T, result any) string {
	text, err := json.Marshal(map[string]any{"RequestId": "R", "Success": true, "Result": result})
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// runIncident reads a list, and returns what is to say about it.
func runIncident(t *testing.T, in incident) string {
	s := newSite(t)
	var users []quickbitest.User
	for _, id := range []string{"u1", "u2", "u3", "u4"} {
		users = append(users, quickbitest.User{UserID: id, AccountName: id + "@example.com", NickName: id})
	}
	if err := s.server.Seed(quickbitest.Organization{Users: users}); err != nil {
		t.Error(err)
	}
	list := &quickbi.QueryUserListRequest{PageSize: 2}
	first, err := s.server.Client().QueryUserList(t.Context(), list)
	if err != nil {
		t.Error(err)
		return ""
	}
	s.server.ResetCalls()
	seen := map[string]bool{}
	var last error
	for user, err := range s.client().QueryUserListAll(t.Context(), list) {
		if last = err; err != nil {
			continue
		}
		if seen[user.UserID] {
			t.Errorf("%s: %s comes twice", in.name, user.UserID)
		}
		if seen[user.UserID] = true; len(seen) == 2 {
			in.strike(t, s, first.Result)
		}
	}
	requests := 0
	for _, call := range s.server.Calls() {
		if call.Action == "QueryUserList" {
			requests++
		}
	}
	if whole := len(seen) == 5; whole != (last == nil) {
		t.Errorf("%s: %d of 5 entries, and %v", in.name, len(seen), last)
	}
	return fmt.Sprintf("| %s | %d | %d | %s |\n", in.name, len(seen), requests, verdict(last))
}

// reliabilityDocument is docs/reliability.md.
func reliabilityDocument(rows []row, lists []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Reliability

This page shows what happens to a call when something goes wrong. A test puts %d faults between the client and the emulator,
and records what arrived, what was executed and what the caller got.

A cell holds the number of requests that reached the service, *done* if the service executed the operation (never more than
once), and the result for the caller. *unknown* is `+"`ErrOutcomeUnknown`"+`: the error says that the write may have been executed. Whatever the
fault, the test fails unless

- a call that succeeds was executed exactly once,
- a write that fails without *unknown* was not executed; with `+"`ErrResultUnreadable`"+` it was,
- a call that never got a connection fails without *unknown*,
- every request has its own nonce, and no request goes to another host.

The results are the same for reads with POST and with GET, and for both signatures. The policy is the default, three attempts,
with shorter waits. The write is AddUser: the service refuses its second execution, which `+"`WithRetryWrites`"+` relies on.

This page is generated: `+"`go test -run TestFaultMatrix -update .`\n", len(faults))
	for _, lasting := range []bool{false, true} {
		title := "The fault strikes once"
		if lasting {
			title = "The fault lasts"
		}
		fmt.Fprintf(&b, "\n## %s\n\n| fault | %s | %s | %s |\n|---|---|---|---|\n", title, kinds[0].name, kinds[2].name, kinds[3].name)
		for i, f := range faults {
			cells := [...]string{rows[i][0].once, rows[i][2].once, rows[i][3].once}
			if lasting {
				cells = [...]string{rows[i][0].lasting, rows[i][2].lasting, rows[i][3].lasting}
			}
			if cells[0] != "" {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.name, cells[0], cells[1], cells[2])
			}
		}
	}
	b.WriteString(`
## Lists

The table shows what an iterator does when something happens between the first and the second page of a list of five entries, in
pages of two. The test fails if a list with a missing entry ends without an error.

| what happens | entries | requests | ends with |
|---|---|---|---|
`)
	b.WriteString(strings.Join(lists, ""))
	b.WriteString(`
## Under load

In TestSoak, 64 goroutines add, change and delete members and their memberships while faults of all kinds strike at random. The
test compares every answer, and finally the organization, with a model. It also counts executions, connections, unclosed
answers and goroutines. It takes two seconds by default. To run it longer:

` + "```sh\nQUICKBI_SOAK=10m go test -run TestSoak -timeout 0 -v .\n```\n")
	return b.String()
}
