package redislimit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
	"github.com/quickbi-go/quickbi/redislimit"
)

// The variables of a process that TestProcesses starts: this test program, once more.
const (
	endpointVariable = "REDISLIMIT_TEST_ENDPOINT"
	redisVariable    = "REDISLIMIT_TEST_REDIS"
)

const processes = 8

func TestMain(m *testing.M) {
	if endpoint := os.Getenv(endpointVariable); endpoint != "" {
		if err := work(endpoint, os.Getenv(redisVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// work calls as fast as the limiter lets it, from several goroutines, until its
// standard input ends.
func work(endpoint, address string) error {
	rdb := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, redislimit.Config{Account: "acme", Processes: processes})
	if err != nil {
		return err
	}
	client, err := quickbi.NewClient(quickbi.WithEndpoint(endpoint), quickbi.WithLimiter(limiter),
		quickbi.WithAccessKey(quickbitest.AccessKeyID, quickbitest.AccessKeySecret))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		cancel()
	}()
	var group sync.WaitGroup
	failed := make(chan error, 4)
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				if _, err := client.ListOrganizationRoles(ctx, nil); err != nil && ctx.Err() == nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// arrivals notes when calls arrive at an emulator, and how many it refuses.
type arrivals struct {
	emulator http.Handler
	mu       sync.Mutex
	times    []time.Time
	refused  int
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
	a.emulator.ServeHTTP(recorder, r)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times = append(a.times, now)
	if recorder.status != http.StatusOK {
		a.refused++
	}
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// busiest returns the largest number of calls in any second, and how many there
// were from one time to another.
func (a *arrivals) busiest(from, to time.Time) (most, all int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	times := slices.DeleteFunc(slices.Clone(a.times), func(t time.Time) bool { return t.Before(from) || t.After(to) })
	slices.SortFunc(times, time.Time.Compare)
	first := 0
	for i, t := range times {
		for !times[first].After(t.Add(-time.Second)) {
			first++
		}
		most = max(most, i-first+1)
	}
	return most, len(times)
}

// startRedis starts a server on a port of its own, or on the one given.
func startRedis(t *testing.T, port string) (address string, stop func()) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not installed: script/setup installs it")
		}
		t.Skip("redis-server is not installed: script/setup installs it")
	}
	if port == "" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ = net.SplitHostPort(listener.Addr().String())
		_ = listener.Close()
	}
	address = net.JoinHostPort("127.0.0.1", port)
	cmd := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	rdb := redis.NewClient(&redis.Options{Addr: address})
	defer rdb.Close()
	for end := time.Now().Add(20 * time.Second); rdb.Ping(t.Context()).Err() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("redis-server does not answer")
		}
	}
	return address, stop
}

// TestProcesses: eight processes use nearly all of the quota and in no second
// more than that, also while Redis goes away and comes back.
func TestProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 45 seconds")
	}
	a := &arrivals{emulator: quickbitest.NewEmulator()}
	server := httptest.NewServer(a)
	defer server.Close()
	address, stopRedis := startRedis(t, "")
	_, port, _ := net.SplitHostPort(address)

	var group sync.WaitGroup
	var stops []func() error
	for range processes {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), endpointVariable+"="+server.URL, redisVariable+"="+address)
		var log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &log, &log
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stops = append(stops, stdin.Close)
		group.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("a process failed: %v\n%s", err, log.String())
			}
		})
	}
	time.Sleep(2 * time.Second) // until all have begun
	began := time.Now()
	const steady = 30 * time.Second
	time.Sleep(steady)
	most, all := a.busiest(began, began.Add(steady))
	t.Logf("30 s with Redis: %d calls, at most %d in a second", all, most)
	if most > redislimit.DefaultQuota {
		t.Errorf("%d calls in one second, more than %d", most, redislimit.DefaultQuota)
	}
	if want := redislimit.DefaultQuota * 30 * 95 / 100; all < want {
		t.Errorf("%d calls in 30 s, fewer than %d", all, want)
	}

	stopped := time.Now()
	stopRedis()
	time.Sleep(5 * time.Second)
	_, without := a.busiest(stopped, time.Now())
	startRedis(t, port)
	time.Sleep(6 * time.Second)
	most, _ = a.busiest(began, time.Now())
	t.Logf("5 s without Redis: %d calls; at most %d in a second until 6 s after its return", without, most)
	if most > redislimit.DefaultQuota {
		t.Errorf("%d calls in one second while Redis went and came, more than %d", most, redislimit.DefaultQuota)
	}
	if want := redislimit.DefaultQuota * 3; without < want { // one second is quiet, and some passes until Redis is missed
		t.Errorf("%d calls in 5 s without Redis, fewer than %d: the shares are not used", without, want)
	}
	_, back := a.busiest(time.Now().Add(-3*time.Second), time.Now())
	if want := redislimit.DefaultQuota * 3 * 90 / 100; back < want {
		t.Errorf("%d calls in 3 s after Redis came back, fewer than %d", back, want)
	}
	for _, stop := range stops {
		_ = stop()
	}
	group.Wait()
	if a.refused > 0 {
		t.Errorf("the emulator refused %d calls", a.refused)
	}
}

func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // nobody answers here
	server := quickbitest.NewServer()
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: listener.Addr().String(), ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, redislimit.Config{Account: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = server.Client(quickbi.WithLimiter(limiter)).ListOrganizationRoles(t.Context(), nil)
	if !errors.Is(err, redislimit.ErrUnavailable) {
		t.Errorf("without Redis: %v", err)
	}
	if calls := server.Calls(); len(calls) > 0 {
		t.Errorf("%d calls were sent", len(calls))
	}
}

// Each operation has a quota of its own, and the context of a call ends its wait.
func TestQuotas(t *testing.T) {
	t.Parallel()
	address, _ := startRedis(t, "")
	server := quickbitest.NewServer()
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, redislimit.Config{Account: "acme", Quotas: map[string]int{"QueryEmbeddedInfo": 2}})
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client(quickbi.WithLimiter(limiter))
	began := time.Now()
	for range 4 {
		if _, err := client.QueryEmbeddedInfo(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 1400*time.Millisecond || took > 4*time.Second {
		t.Errorf("4 calls at 2 a second took %v", took)
	}
	if _, err := client.ListOrganizationRoles(t.Context(), nil); err != nil {
		t.Error(err)
	}
	gone := errors.New("the reader has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(gone) })
	if _, err := client.QueryEmbeddedInfo(ctx, nil); !errors.Is(err, gone) || !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that is ended: %v", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(1)})
	defer rdb.Close()
	for want, config := range map[string]redislimit.Config{
		"Account is missing": {},
		"Quota is -1":        {Account: "a", Quota: -1},
		"quota of X is 0":    {Account: "a", Quotas: map[string]int{"X": 0}},
		"Processes is -1":    {Account: "a", Processes: -1},
		"Timeout is -1ns":    {Account: "a", Timeout: -1},
	} {
		if _, err := redislimit.New(rdb, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", config, err, want)
		}
	}
	if _, err := redislimit.New(nil, redislimit.Config{Account: "a"}); err == nil {
		t.Error("a nil client is accepted")
	}
}
