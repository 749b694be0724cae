package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/interop/bench/floor"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestMain is the server of the loopback measurements when a test starts it as that.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"-serve"}) {
		if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// TestBench measures everything for a moment, draws it, and draws it again from the file.
func TestBench(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	results, chart, again := filepath.Join(dir, "results.json"), filepath.Join(dir, "chart.svg"), filepath.Join(dir, "again.svg")
	docs := filepath.Join(dir, "performance.md")
	const around = "before\n" + beginTables + "old" + endTables + "\nafter"
	if err := os.WriteFile(docs, []byte(around), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-duration", "1ms", "-rounds", "2", "-sizes=false", "-out", results, "-chart", chart, "-docs", docs}
	if raceDetector { // which the official clients do not pass when goroutines share one
		args = append(args, "-run", "small|page|refused|ids|making")
	}
	var out bytes.Buffer
	if err := run(t.Context(), args, nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"small call", "new connections per call", "legacy SDK", "current core", "quickbi"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
	r, err := load(results)
	if err != nil {
		t.Fatal(err)
	}
	want := len(peers) * (2*len(cases) - 1)
	if raceDetector {
		want -= 2 * len(peers)
	}
	if len(r.Results) != want {
		t.Errorf("%d results, want %d", len(r.Results), want)
	}
	for _, res := range r.Results {
		if res.Calls < 1 || res.Cost.Nanoseconds <= 0 || res.Cost.Allocations < 1 || res.Cost.Bytes <= 0 || res.Ratio.Time <= 0 {
			t.Errorf("%+v measures nothing", res)
		}
		if res.Peer == "floor" && (res.Ratio.Time != 1 || res.Ratio.Allocations != 1) {
			t.Errorf("the floor compared with itself: %+v", res.Ratio)
		}
		if res.Transport == clientAlone && res.Cost.NewConnections != 0 {
			t.Errorf("%s, %s: connections without a network: %v", res.Case, res.Peer, res.Cost.NewConnections)
		}
	}

	wantGrowth := 2 + 4 // 1 and 10 pages; 1, 8, 64 and 512 goroutines
	if raceDetector {
		wantGrowth = 0 // only with all cases
	}
	if len(r.Growth) != wantGrowth {
		t.Errorf("%d steps of growth, want %d", len(r.Growth), wantGrowth)
	}
	for _, g := range r.Growth {
		if g.Amount < 1 || g.Seconds <= 0 || g.Each <= 0 || g.AllocatedEach <= 0 || g.LiveBytes == 0 && g.Amount > 1 { // one of them needs next to nothing
			t.Errorf("%+v measures nothing", g)
		}
	}
	text := string(readFile(t, docs))
	if !strings.HasPrefix(text, "before\n"+beginTables) || !strings.HasSuffix(text, endTables+"\nafter") || !strings.Contains(text, "| small call") || strings.Contains(text, "old") {
		t.Errorf("the documentation has become %s", text)
	}

	svg := readFile(t, chart)
	dec := xml.NewDecoder(bytes.NewReader(svg))
	bars := 0
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the chart is no XML: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "rect" {
			bars++
		}
	}
	wantBars := 1 + len(peers) - 1 // the background and the legend
	for _, res := range r.Results {
		switch {
		case res.Peer == "floor":
		case res.Transport == clientAlone:
			wantBars += 2 // time and allocations
		default:
			wantBars++
		}
	}
	if bars != wantBars {
		t.Errorf("%d rectangles in the chart, want %d", bars, wantBars)
	}
	if err := run(t.Context(), []string{"-draw", "-out", results, "-chart", again, "-docs", docs}, nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(svg, readFile(t, again)) {
		t.Error("-draw draws something else")
	}
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPeers makes every peer do on the emulator what the cases do: the
// signatures are good, the floor's, too.
func TestPeers(t *testing.T) {
	t.Parallel()
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			server := quickbitest.NewServer(quickbitest.WithAccessKey(keyID, keySecret))
			defer server.Close()
			err := server.Seed(quickbitest.Organization{
				Users:      []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}},
				UserGroups: []quickbitest.UserGroup{{UserGroupID: "sales", UserGroupName: "Sales"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			c, err := p.open(strings.TrimPrefix(server.URL, "http://"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.addUserGroupMember(t.Context(), "sales", []string{"ann", "ben"}); err != nil {
				t.Error(err)
			}
			if err := c.deleteUser(t.Context(), "ben", "ann"); err != nil {
				t.Error(err)
			}
			if code := c.code(c.deleteUser(t.Context(), "ben", "ann")); code != "User.Not.In.Organization" {
				t.Errorf("deleted twice: refused with %q", code)
			}
			list, err := c.queryUserList(t.Context(), 1, 10)
			if err != nil {
				t.Fatal(err)
			}
			isAnn := func(m floor.Member) bool { return m.UserID == "ann" && m.NickName == "Ann" }
			if page := c.page(list); page.TotalNum != 2 || !slices.ContainsFunc(page.Data, isAnn) {
				t.Errorf("%+v, want Ann and the owner", page)
			}
		})
	}
}

// liar is a peer that is not doing the work.
type liar struct{ caller }

type otherUser struct{ liar }

func (l otherUser) deleteUser(ctx context.Context, user, _ string) error {
	return l.caller.deleteUser(ctx, user, userID(3))
}

type fewerMembers struct{ liar }

func (l fewerMembers) page(list any) floor.Page {
	p := l.caller.page(list)
	p.Data = p.Data[1:]
	return p
}

type lostField struct{ liar }

func (l lostField) page(list any) floor.Page {
	p := l.caller.page(list)
	p.Data[500].LastLoginTime = 0
	return p
}

type lostTotal struct{ liar }

func (l lostTotal) page(list any) floor.Page {
	p := l.caller.page(list)
	p.TotalNum = 0
	return p
}

type noCode struct{ liar }

func (noCode) code(error) string { return "" }

func TestCompare(t *testing.T) {
	t.Parallel()
	if err := compare(t.Context(), peers); err != nil {
		t.Error(err)
	}
	for want, disguise := range map[string]func(liar) caller{
		"small call: sends":           func(l liar) caller { return otherUser{l} },
		"999 members":                 func(l liar) caller { return fewerMembers{l} },
		"member 500: LastLoginTime":   func(l liar) caller { return lostField{l} },
		"the page is":                 func(l liar) caller { return lostTotal{l} },
		`is refused with the code ""`: func(l liar) caller { return noCode{l} },
	} {
		dishonest := peer{name: "liar", open: func(host string, transport http.RoundTripper) (caller, error) {
			c, err := openFloor(host, transport)
			return disguise(liar{c}), err
		}}
		if err := compare(t.Context(), []peer{peers[0], dishonest}); err == nil || !strings.Contains(err.Error(), "liar: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// TestPrograms builds with the build cache that is there: cold, it takes too long for a test.
func TestPrograms(t *testing.T) {
	t.Parallel()
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	list, err := measurePrograms(t.Context(), minimalPrograms[:3], strings.TrimSpace(string(cache)), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range list {
		if p.Client != minimalPrograms[i].client || p.StrippedBytes < 1<<20 || p.ColdBuildSeconds <= 0 || p.StartMillis <= 0 {
			t.Errorf("%+v", p)
		}
	}
	const most = 7_600_000 // bytes of a program that brings its key
	if ours, looking := list[1], list[2]; max(ours.StrippedBytes, ours.NextStrippedBytes) > most || looking.StrippedBytes <= ours.StrippedBytes {
		t.Errorf("the smallest program has %d bytes, with the next release %d; wanted: at most %d, and less than the %d of one that looks for credentials",
			ours.StrippedBytes, ours.NextStrippedBytes, most, looking.StrippedBytes)
	}
	if list[0].Modules != 0 || list[1].Modules == 0 {
		t.Errorf("the floor has %d modules, ours %d; want none, and some", list[0].Modules, list[1].Modules)
	}
}

// TestNextRelease measures with the other release for a moment.
func TestNextRelease(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.Duration("duration", time.Millisecond, "")
	flags.Int("rounds", 1, "")
	flags.String("run", "small|making", "")
	next, err := measureNext(t.Context(), flags, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if next.Go != nextRelease || len(next.Results) != 2*len(peers) || next.Growth != nil {
		t.Errorf("%+v", next)
	}
	r := *next
	r.Go, r.Next = "this one", next
	rows := releaseRows(r)
	if len(rows) != 1+2*3 || len(rows[0]) != 6 || len(rows[6]) != 6 || rows[0][2] != "this one: floor" || rows[4][0] != "making a client" {
		t.Errorf("%q", rows)
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values  []float64
		q, want float64
	}{
		{[]float64{3}, 0.5, 3},
		{[]float64{9, 1, 5}, 0.5, 5},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{5, 4, 3, 2, 1}, 0.25, 2},
		{[]float64{1, 2}, 1, 2},
	} {
		if got := quantile(test.values, test.q); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("quantile(%v, %v) is %v, want %v", test.values, test.q, got, test.want)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, nil, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-rounds") {
		t.Errorf("-h: %v, %s", err, out.String())
	}
	for _, args := range [][]string{{"-rounds", "0"}, {"-duration", "0s"}, {"-run", "("}, {"-run", "no such case"}, {"-draw", "-out", "no such file"}} {
		if err := run(t.Context(), args, nil, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	// A part of the cases is shown, but does not replace the results of all.
	out.Reset()
	if err := run(t.Context(), []string{"-run", "making", "-duration", "1ms", "-rounds", "1", "-sizes=false"}, nil, &out); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "| making a client") || strings.Contains(out.String(), "| small call") {
		t.Errorf("-run making shows\n%s", out.String())
	}
	if _, err := os.Stat("bench"); err == nil {
		t.Error("-run making wrote results")
	}
}
