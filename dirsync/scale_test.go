package dirsync_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// emulatorSize makes the test binary an emulator of so many members, in a process
// of its own: what dirsync takes must not be mixed up with what the organization
// takes.
const emulatorSize = "DIRSYNC_TEST_EMULATOR"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(emulatorSize)); err == nil {
		serve(n)
		return
	}
	if url := os.Getenv(applyURL); url != "" {
		os.Exit(applySaved(url))
	}
	os.Exit(m.Run())
}

func serve(n int) {
	server := quickbitest.NewServer()
	defer server.Close()
	seed, _ := large(n)
	if err := server.Seed(seed); err != nil {
		panic(err)
	}
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the other process is gone
}

// startEmulator returns a client of an emulator with so many members in another process.
func startEmulator(t testing.TB, n int, opts ...quickbi.Option) *quickbi.Client {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), emulatorSize+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	client, err := quickbi.NewClient(append(opts, quickbi.WithEndpoint(strings.TrimSpace(url)), quickbi.WithAccessKey(quickbitest.AccessKeyID, quickbitest.AccessKeySecret))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// watchHeap returns a function that tells the most that the heap has had since,
// in bytes: all objects, with those that wait to be collected, and those that the
// collector found in use.
func watchHeap() func() (all, inUse uint64) {
	runtime.GC()
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	var most [2]uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(samples)
			for i, s := range samples {
				most[i] = max(most[i], s.Value.Uint64())
			}
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() (uint64, uint64) {
		close(stop)
		<-stopped
		return most[0], most[1]
	}
}

const million = 1e6

// TestTwentyThousand plans and applies 60,000 memberships of 20,000 members, with a
// report that grows and a plan that is saved, and shows what that took: the time
// that the rate limit sets, and about a kilobyte for each member, even if all are in
// one group. BenchmarkSync does so for 100,000.
func TestTwentyThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n, rate = 20_000, 400
	client := startEmulator(t, n, quickbi.WithRateLimit(rate, 1))
	_, two := large(n)
	records := func(yield func(dirsync.Record) bool) {
		i := 0
		for r := range two {
			r.Groups = append(r.Groups, fmt.Sprintf("Floors/F%02d", i%40))
			i++
			if !yield(r) {
				return
			}
		}
	}
	s := dirsync.Syncer{Client: client, Reports: t.TempDir()}
	// Collect often, so that the peak shows what is needed and not what is left lying about.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	for _, stage := range []struct {
		name  string
		joins int
	}{{"first", 3 * n}, {"again", 0}} {
		peak := watchHeap()
		started := time.Now()
		plan, err := s.Plan(t.Context(), dirsync.Records(records))
		if err != nil {
			t.Fatal(err)
		}
		if plan.Counts().Join != stage.joins || plan.Members != n+1 {
			t.Fatalf("%s: %v", stage.name, plan.Counts())
		}
		planned := time.Since(started)
		mustApply(t, plan)
		all, inUse := peak()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		t.Logf("%s: planned in %v, applied in %v at %d calls a second; peak %.0f MB, in use %.0f MB; the plan: %.0f MB", stage.name,
			planned.Round(time.Millisecond), (time.Since(started) - planned).Round(time.Millisecond), rate,
			float64(all)/million, float64(inUse)/million, float64(stats.HeapAlloc)/million)
		if all > n*1500 {
			t.Errorf("%s: the peak is %d bytes for each member", stage.name, all/n)
		}
		runtime.KeepAlive(plan)
	}
}

// BenchmarkSync measures runs for 100,000 members against an emulator in another
// process on this machine: the first one, one with nothing to do, and a day's
// work, in which one in a hundred changes department.
func BenchmarkSync(b *testing.B) {
	const n = 100_000
	for _, bb := range []struct {
		name   string
		before bool // the first run is over
		moved  int  // one in so many
	}{{"first", false, 0}, {"nothing", true, 0}, {"one percent", true, 100}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				client := startEmulator(b, n)
				_, records := large(n)
				s := dirsync.Syncer{Client: client}
				run := func(source func(func(dirsync.Record) bool)) *dirsync.Plan {
					plan, err := s.Plan(context.Background(), dirsync.Records(source))
					if err != nil {
						b.Fatal(err)
					}
					if _, err := plan.Apply(context.Background()); err != nil {
						b.Fatal(err)
					}
					return plan
				}
				if bb.before {
					run(records)
				}
				source := records
				if bb.moved > 0 {
					source = func(yield func(dirsync.Record) bool) {
						i := 0
						for r := range records {
							if i++; i%bb.moved == 0 {
								r.Groups[1] = fmt.Sprintf("Departments/D%03d", i*7/100%(n/100))
							}
							if !yield(r) {
								return
							}
						}
					}
				}
				peak := watchHeap()
				b.StartTimer()
				plan := run(source)
				b.StopTimer()
				all, inUse := peak()
				b.ReportMetric(float64(all)/million, "peak-MB")
				b.ReportMetric(float64(inUse)/million, "in-use-MB")
				b.ReportMetric(float64(plan.Counts().Total()), "changes")
				b.StartTimer()
			}
		})
	}
}
