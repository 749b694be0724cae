package quickbi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const (
	soakWorkers = 64
	soakGroups  = 16
	// doubtAge is when a request whose answer was lost cannot be on its way any more.
	doubtAge = 10 * time.Second
	// chaosPeriod is how often clock and token change.
	chaosPeriod = 100 * time.Millisecond
	// patience is how much longer the test may take to have done everything at least once.
	patience = 30 * time.Second
)

// changes are the writes that the test makes.
var changes = []string{"AddUser", "DeleteUser", "UpdateUser", "AddUserGroupMember", "DeleteUserGroupMember", "WithdrawAllUserGroups"}

// TestSoak lets many goroutines change an organization through faults of all
// kinds, and compares every answer, and the organization in the end, with a
// model: nothing may be lost, and nothing done twice. Then it looks for what was
// left behind. QUICKBI_SOAK says how long, such as 10m.
//
// It is not parallel, because it counts the goroutines of the process.
func TestSoak(t *testing.T) {
	duration := 2 * time.Second
	if text := os.Getenv("QUICKBI_SOAK"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal("QUICKBI_SOAK:", err)
		}
	}
	heap, goroutines := heapInUse(), runtime.NumGoroutine()

	clients, resources := soak(t, duration)

	// What is left belongs to nobody now, but for the clients.
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > goroutines && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		var stacks strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		t.Errorf("%d goroutines before, %d after:\n%s", goroutines, n, stacks.String())
	}
	if dialled, closed := resources.dialled.Load(), resources.hungUp.Load(); dialled != closed {
		t.Errorf("%d connections made, %d closed", dialled, closed)
	}
	if opened, closed := resources.opened.Load(), resources.closed.Load(); opened != closed {
		t.Errorf("%d answers begun, %d closed", opened, closed)
	}
	grown := heapInUse() - heap
	t.Logf("the clients keep %d KiB, %d connections were made", grown>>10, resources.dialled.Load())
	if grown > 2<<20 {
		t.Errorf("the clients keep %d bytes after their last call", grown)
	}
	runtime.KeepAlive(clients)
}

func heapInUse() int64 {
	var m runtime.MemStats
	for range 3 { // pools need two
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// soak runs the test and returns the clients it used, after their last call.
func soak(t *testing.T, duration time.Duration) ([]*quickbi.Client, *resources) {
	tokens := newTokens(int((duration+patience)/chaosPeriod) + 2)
	executed := &executions{counts: map[string]int{}}
	server := quickbitest.NewServer(append(tokens.options(), quickbitest.WithLogger(slog.New(executed)))...)
	defer server.Close()
	groups := make([]quickbitest.UserGroup, soakGroups)
	for i := range groups {
		groups[i] = quickbitest.UserGroup{UserGroupID: fmt.Sprint("g", i), UserGroupName: fmt.Sprint("group", i)}
	}
	if err := server.Seed(quickbitest.Organization{UserGroups: groups}); err != nil {
		t.Fatal(err)
	}
	addr, stopProxy := proxy(strings.TrimPrefix(server.URL, "http://"), func(int) func(net.Conn, string) { return unreliable })
	defer stopProxy()

	used := &resources{base: &http.Transport{MaxIdleConnsPerHost: soakWorkers}}
	used.base.DialContext = used.dial
	newClient := func(opts ...quickbi.Option) *quickbi.Client {
		return server.Client(append(opts,
			quickbi.WithEndpoint("http://"+addr),
			quickbi.WithHTTPClient(&http.Client{Transport: used}),
			quickbi.WithMaxResponseBytes(1<<18),
			quickbi.WithRetryPolicy(quickbi.RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: 10 * time.Millisecond}))...)
	}
	clients := []*quickbi.Client{
		newClient(),
		newClient(quickbi.WithSigner(quickbi.SignerV1{})),
		newClient(quickbi.WithCredential(tokens)),
		newClient(quickbi.WithRetryWrites()), // the last one: for what the service does not do twice
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	var calls atomic.Int64
	wg.Go(func() { chaos(ctx, server, tokens, &calls) })
	wg.Go(func() {
		defer cancel()
		time.Sleep(duration)
		// On a busy machine that may not have been enough to do everything at least once.
		for end := time.Now().Add(patience); executed.actions() < len(changes) && time.Now().Before(end) && !t.Failed(); {
			time.Sleep(chaosPeriod)
		}
	})
	workers := make([]*worker, soakWorkers)
	for i := range workers {
		w := &worker{t: t, server: server, clients: clients, calls: &calls, id: i, done: map[string]int{}}
		workers[i] = w
		wg.Go(func() {
			for ctx.Err() == nil && !t.Failed() {
				w.step()
			}
		})
	}
	wg.Wait()
	used.base.CloseIdleConnections()
	stopProxy()
	server.Close()
	server.ClearFaults()
	server.SetSkew(0)

	// Nobody comes between any more: the emulator is asked without a network.
	direct := server.Client(quickbi.WithHTTPClient(&http.Client{Transport: handlerTransport{server.Emulator}}))
	actual := map[string]memberState{}
	for user, err := range direct.QueryUserListAll(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if user.UserID == quickbitest.OwnerUserID {
			continue
		}
		state, _, err := stateOf(t.Context(), direct, user.AccountName)
		if err != nil {
			t.Fatal(err)
		}
		actual[user.AccountName] = state
	}
	done := map[string]int{}
	doubts := 0
	for _, w := range workers {
		for _, m := range w.members {
			if actual[m.account] != m.state {
				t.Errorf("%s is %+v, want %+v", m.account, actual[m.account], m.state)
			}
			delete(actual, m.account)
		}
		for _, d := range w.doubts {
			w.settle(d, actual[d.member.account])
			delete(actual, d.member.account)
		}
		for action, n := range w.done {
			done[action] += n
		}
		doubts += w.doubted
	}
	for account, state := range actual {
		t.Errorf("%s should not be a member, and is %+v", account, state)
	}
	for _, action := range changes {
		if executed.counts[action] != done[action] {
			t.Errorf("%s was executed %d times, and seen to be done %d times", action, executed.counts[action], done[action])
		}
	}
	t.Logf("%d calls, of which %d with an unknown outcome; done: %v", calls.Load(), doubts, done)
	if len(done) < len(changes) || doubts == 0 {
		t.Errorf("not everything came up: %v, %d unknown outcomes", done, doubts)
	}
	return clients, used
}

// chaos turns the clock and lets tokens expire, but not so often that a slow
// machine gets nothing else done.
func chaos(ctx context.Context, server *quickbitest.Server, tokens *tokens, calls *atomic.Int64) {
	tick := time.NewTicker(chaosPeriod)
	defer tick.Stop()
	for next := int64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if calls.Load() < next {
				continue
			}
			next = calls.Load() + 3*soakWorkers
			// Now and then by so much that the emulator forgets old nonces: they would fill the memory.
			server.SetSkew(time.Duration(rand.IntN(7)-3) * 25 * time.Minute)
			server.ExpireToken(tokens.next())
		}
	}
}

// soakFaults strike one call each.
var soakFaults = []quickbitest.Fault{
	quickbitest.DropBefore(), quickbitest.DropAfter(), quickbitest.Truncate(), quickbitest.Delay(5 * time.Millisecond),
	quickbitest.Refuse("Throttling.User"), quickbitest.Refuse("Throttling").WithHeader("X-Ratelimit-User", "TimeLeft:2"),
	quickbitest.Raw(429, "text/plain", ""), quickbitest.Raw(500, "text/plain", ""), quickbitest.Refuse("InternalError").Executed(),
	quickbitest.Raw(502, "text/html", "<html>"), quickbitest.Raw(502, "text/html", "<html>").Executed(),
	quickbitest.Refuse("ServiceUnavailable"), quickbitest.Refuse("ServiceUnavailable").Executed(),
	quickbitest.Unsuccessful(), quickbitest.NotPerformed(), quickbitest.Refuse("SignatureNonceUsed"),
	quickbitest.Raw(200, "application/json", `{"Success":true,"Res`).Executed(), quickbitest.Endless().Executed(),
	quickbitest.Raw(302, "text/html", "moved").WithHeader("Location", "http://127.0.0.1:1/"),
}

// unreliable is a proxy's connection with a fate of its own. It delivers nothing
// twice: if the clock jumps in between, the second refusal hides what the first did.
func unreliable(client net.Conn, target string) {
	switch rand.IntN(20) {
	case 0:
		hangUp(client, target)
	case 1:
		hangUpDuringRequest(client, target)
	case 2:
		hangUpOnSecondRequest(client, target)
	default:
		end := time.AfterFunc(rand.N(time.Second), func() { _ = client.Close() })
		defer end.Stop()
		pass(client, target)
	}
}

// memberState is all that the test knows of a member. It can be compared.
type memberState struct {
	exists bool
	nick   string
	groups string // ids, sorted, each followed by a blank
}

func (s memberState) in(group string) bool { return strings.Contains(s.groups, group+" ") }

func (s memberState) with(groups ...string) memberState {
	slices.Sort(groups)
	s.groups = ""
	for _, g := range slices.Compact(groups) {
		s.groups += g + " "
	}
	return s
}

type member struct {
	account, id string
	state       memberState
}

// A doubt is a change whose answer was lost.
type doubt struct {
	member        *member
	action        string
	before, after memberState
	since         time.Time
}

// A worker changes members that nobody else touches, one after the other.
type worker struct {
	t       *testing.T
	server  *quickbitest.Server
	clients []*quickbi.Client
	calls   *atomic.Int64 // of all workers
	id      int
	made    int // members, for their names
	renamed int

	members []*member
	doubts  []doubt
	done    map[string]int // changes that have certainly been made
	doubted int
}

// step makes one call.
func (w *worker) step() {
	if rand.IntN(6) == 0 {
		w.server.Fail("", soakFaults[rand.IntN(len(soakFaults))], 1)
	}
	if len(w.doubts) > 0 && time.Since(w.doubts[0].since) > doubtAge {
		w.resolve()
		return
	}
	if len(w.members) == 0 {
		w.add()
		return
	}
	m := w.members[rand.IntN(len(w.members))]
	state := m.state
	group := fmt.Sprint("g", rand.IntN(soakGroups))
	if in := strings.Fields(state.groups); len(in) > 0 && rand.IntN(2) == 0 {
		group = in[rand.IntN(len(in))]
	}
	switch rand.IntN(12) {
	case 0, 1:
		if len(w.members) < 6 {
			w.add()
			return
		}
		fallthrough
	case 2:
		w.change("DeleteUser", m, memberState{}, func(ctx context.Context, c *quickbi.Client) error {
			_, err := c.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: m.id})
			return err
		})
	case 3:
		w.renamed++
		state.nick = fmt.Sprintf("w%dn%d", w.id, w.renamed)
		w.change("UpdateUser", m, state, func(ctx context.Context, c *quickbi.Client) error {
			_, err := c.UpdateUser(ctx, &quickbi.UpdateUserRequest{UserID: m.id, NickName: state.nick})
			return err
		})
	case 4, 5, 6:
		if state.in(group) {
			w.change("DeleteUserGroupMember", m, state.with(slices.DeleteFunc(strings.Fields(state.groups), func(g string) bool { return g == group })...),
				func(ctx context.Context, c *quickbi.Client) error {
					_, err := c.DeleteUserGroupMember(ctx, &quickbi.DeleteUserGroupMemberRequest{UserGroupID: group, UserID: m.id})
					return err
				})
			return
		}
		w.change("AddUserGroupMember", m, state.with(append(strings.Fields(state.groups), group)...), func(ctx context.Context, c *quickbi.Client) error {
			_, err := c.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: group, UserIDs: []string{m.id}})
			return err
		})
	case 7:
		if state.groups == "" {
			return
		}
		w.change("WithdrawAllUserGroups", m, state.with(), func(ctx context.Context, c *quickbi.Client) error {
			_, err := c.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: m.id})
			return err
		})
	default:
		w.look(m)
	}
}

func (w *worker) add() {
	w.made++
	m := &member{account: fmt.Sprintf("w%dm%d@example.com", w.id, w.made)}
	after := memberState{exists: true, nick: fmt.Sprintf("w%dm%d", w.id, w.made)}
	w.change("AddUser", m, after, func(ctx context.Context, c *quickbi.Client) error {
		resp, err := c.AddUser(ctx, &quickbi.AddUserRequest{AccountName: m.account, NickName: after.nick, UserType: quickbi.UserTypeViewer})
		if err == nil {
			m.id = resp.Result.UserID
		}
		return err
	})
}

// context ends some calls early.
func (w *worker) context() (context.Context, context.CancelFunc) {
	w.calls.Add(1)
	if rand.IntN(20) == 0 {
		return context.WithTimeout(w.t.Context(), rand.N(3*time.Millisecond))
	}
	return context.WithCancel(w.t.Context())
}

// client returns any client; only actions that the service refuses the second
// time may be sent again after a lost answer.
func (w *worker) client(action string) *quickbi.Client {
	if action == "AddUser" || action == "DeleteUser" {
		return w.clients[rand.IntN(len(w.clients))]
	}
	return w.clients[rand.IntN(len(w.clients)-1)]
}

// change makes a call that leads to the state after, and believes what it is told.
func (w *worker) change(action string, m *member, after memberState, call func(context.Context, *quickbi.Client) error) {
	ctx, cancel := w.context()
	defer cancel()
	err := call(ctx, w.client(action))
	before := m.state
	w.forget(m)
	switch {
	case err == nil:
		w.done[action]++
		m.state = after
	case errors.Is(err, quickbi.ErrOutcomeUnknown), errors.Is(err, quickbi.ErrResultUnreadable):
		w.doubted++
		w.doubts = append(w.doubts, doubt{m, action, before, after, time.Now()})
		return
	case contradicts(err):
		w.t.Errorf("%s of %s, which is %+v: %v", action, m.account, before, err)
	}
	if m.state.exists {
		w.members = append(w.members, m)
	}
}

func (w *worker) forget(m *member) {
	w.members = slices.DeleteFunc(w.members, func(other *member) bool { return other == m })
}

// look compares a member with the model.
func (w *worker) look(m *member) {
	ctx, cancel := w.context()
	defer cancel()
	state, id, err := stateOf(ctx, w.client("QueryUserList"), m.account)
	switch {
	case contradicts(err):
		w.t.Errorf("reading %s: %v", m.account, err)
	case err == nil && (state != m.state || id != m.id):
		w.t.Errorf("%s is %s, %+v, want %s, %+v", m.account, id, state, m.id, m.state)
	}
}

// resolve finds out what became of the oldest doubt.
func (w *worker) resolve() {
	ctx, cancel := w.context()
	defer cancel()
	d := w.doubts[0]
	state, id, err := stateOf(ctx, w.client("QueryUserList"), d.member.account)
	switch {
	case contradicts(err):
		w.t.Errorf("reading %s: %v", d.member.account, err)
	case err == nil:
		w.doubts = w.doubts[1:]
		w.settle(d, state)
		if d.member.id, d.member.state = id, state; state.exists {
			w.members = append(w.members, d.member)
		}
	}
}

// settle counts a change whose answer was lost, if it was made.
func (w *worker) settle(d doubt, state memberState) {
	switch state {
	case d.before:
	case d.after:
		w.done[d.action]++
	default:
		w.t.Errorf("after a lost %s, %s is %+v, want %+v or %+v", d.action, d.member.account, state, d.before, d.after)
	}
}

// contradicts reports whether an error speaks of the organization and not of a fault.
func contradicts(err error) bool {
	var apiErr *quickbi.Error
	if err != nil && !errors.As(err, &apiErr) {
		return true
	}
	for _, class := range []error{
		quickbi.ErrNotFound, quickbi.ErrAlreadyExists, quickbi.ErrConflict, quickbi.ErrInvalidRequest, quickbi.ErrPermission, quickbi.ErrQuota,
	} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}

// stateOf reads a member by its account.
func stateOf(ctx context.Context, c *quickbi.Client, account string) (state memberState, id string, err error) {
	for user, err := range c.QueryUserListAll(ctx, &quickbi.QueryUserListRequest{Keyword: account}) {
		switch {
		case err != nil:
			return memberState{}, "", err
		case user.AccountName != account:
		case state.exists:
			return memberState{}, "", fmt.Errorf("%s is there twice", account)
		default:
			state.exists, state.nick, id = true, user.NickName, user.UserID
		}
	}
	if !state.exists {
		return memberState{}, "", nil
	}
	groups, err := c.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: id})
	if err != nil {
		return memberState{}, "", err
	}
	var ids []string
	for _, g := range groups.Result {
		ids = append(ids, g.UserGroupID)
	}
	return state.with(ids...), id, nil
}

// tokens is a provider whose tokens expire one after the other.
type tokens struct {
	ids     []string
	current atomic.Int32
}

func newTokens(n int) *tokens {
	t := new(tokens)
	for i := range n {
		t.ids = append(t.ids, "STS."+strconv.Itoa(i))
	}
	return t
}

func (t *tokens) options() []quickbitest.Option {
	var opts []quickbitest.Option
	for _, id := range t.ids {
		opts = append(opts, quickbitest.WithSTSToken(id, temporarySecret, "token-of-"+id))
	}
	return opts
}

// next goes on to another token and returns the one before, which may expire now.
func (t *tokens) next() string {
	n := t.current.Add(1)
	return "token-of-" + t.ids[n-1]
}

func (t *tokens) Credential(context.Context) (quickbi.Credential, error) {
	id := t.ids[t.current.Load()]
	return quickbi.Credential{AccessKeyID: id, AccessKeySecret: quickbi.NewSecret(temporarySecret), SecurityToken: quickbi.NewSecret("token-of-" + id)}, nil
}

// executions counts the changes that the emulator logs.
type executions struct {
	mu     sync.Mutex
	counts map[string]int
}

func (e *executions) Enabled(context.Context, slog.Level) bool { return true }
func (e *executions) WithAttrs([]slog.Attr) slog.Handler       { return e }
func (e *executions) WithGroup(string) slog.Handler            { return e }

func (e *executions) Handle(_ context.Context, r slog.Record) error {
	action, executed := "", false
	for a := range r.Attrs {
		switch a.Key {
		case "action":
			action = a.Value.String()
		case "executed":
			executed = a.Value.Bool()
		}
	}
	if executed && slices.Contains(changes, action) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.counts[action]++
	}
	return nil
}

func (e *executions) actions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.counts)
}

// resources counts the connections and answers that a client uses.
type resources struct {
	base            *http.Transport
	dialled, hungUp atomic.Int64
	opened, closed  atomic.Int64
}

func (r *resources) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	r.dialled.Add(1)
	return &countedConn{Conn: conn, closed: &r.hungUp}, nil
}

func (r *resources) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.base.RoundTrip(req)
	if err == nil {
		r.opened.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, closed: &r.closed}
	}
	return resp, err
}

type countedConn struct {
	net.Conn
	once   sync.Once
	closed *atomic.Int64
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.closed.Add(1) })
	return c.Conn.Close()
}

type countedBody struct {
	io.ReadCloser
	once   sync.Once
	closed *atomic.Int64
}

func (b *countedBody) Close() error {
	b.once.Do(func() { b.closed.Add(1) })
	return b.ReadCloser.Close()
}

// handlerTransport calls a handler without a network.
type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, req)
	return w.Result(), nil
}
