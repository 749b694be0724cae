package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strconv"
	"time"

	"github.com/quickbi-go/quickbi"
)

// growth is what our client needs as the work grows. Memory is the most that is
// live at any time, stacks included, above what was before.
type growth struct {
	Work          string  `json:"work"` // what there is more and more of
	Amount        int     `json:"amount"`
	Seconds       float64 `json:"seconds"`
	Each          float64 `json:"nanosecondsEach"`    // for one member, or for one call
	AllocatedEach float64 `json:"allocatedBytesEach"` // in all, not at one time
	LiveBytes     uint64  `json:"liveBytes"`
}

const (
	pagesRead       = "pages of 1000 members, read one after the other"
	goroutinesShare = "goroutines that share one client, over loopback"
)

// growthPages is how many pages are read at most: a million members, unless the
// rounds are so short that nothing is to be measured.
func growthPages(round time.Duration) int {
	if round < 10*time.Millisecond {
		return 10
	}
	return 1000
}

// measureGrowth reads 1 to most pages, and lets 1 to 512 goroutines make calls.
func measureGrowth(ctx context.Context, net *loopback, most int, progress func(string)) ([]growth, error) {
	book := newBook()
	reader, err := openQuickBI("127.0.0.1", book)
	if err != nil {
		return nil, err
	}
	read := func() error {
		members := 0
		request := &quickbi.QueryUserListRequest{PageSize: pageSize}
		for _, err := range reader.(quickbiCaller).client.QueryUserListAll(ctx, request) {
			if err != nil {
				return err
			}
			members++
		}
		if members != book.pages*pageSize {
			return fmt.Errorf("%d pages have %d members", book.pages, members)
		}
		return nil
	}
	var list []growth
	add := func(work string, amount, each int, run func() error) error {
		progress(fmt.Sprintf("%s: %d", work, amount))
		g, err := grow(each, run)
		g.Work, g.Amount = work, amount
		list = append(list, g)
		return err
	}
	for pages := 1; pages <= most; pages *= 10 {
		book.pages = pages
		if err := add(pagesRead, pages, pages*pageSize, read); err != nil {
			return nil, err
		}
	}
	for _, goroutines := range []int{1, 8, 64, 512} {
		client, err := openQuickBI(net.host, nil) // opens its own connections
		if err != nil {
			return nil, err
		}
		const calls = 2048
		bc := benchCase{goroutines: goroutines, call: deleteUser}
		if err := add(goroutinesShare, goroutines, calls, func() error { return bc.run(ctx, client, calls) }); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// grow runs it for a while, twice: for the time, and for the memory, since looking takes time.
func grow(each int, run func() error) (growth, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	runs, took, err := repeat(run)
	if err != nil {
		return growth{}, err
	}
	runtime.ReadMemStats(&after)
	g := growth{
		Seconds: took.Seconds() / float64(runs), Each: float64(took) / float64(runs*each),
		AllocatedEach: float64(after.TotalAlloc-before.TotalAlloc) / float64(runs*each),
	}

	base := live()
	finished := make(chan error, 1)
	go func() {
		_, _, err := repeat(run)
		finished <- err
	}()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-finished:
			return g, err
		case <-look.C:
			if now := live(); now > base {
				g.LiveBytes = max(g.LiveBytes, now-base)
			}
		}
	}
}

// repeat runs it until a fifth of a second is over.
func repeat(run func() error) (runs int, took time.Duration, err error) {
	started := time.Now()
	for took < 200*time.Millisecond {
		if err := run(); err != nil {
			return runs, took, err
		}
		runs++
		took = time.Since(started)
	}
	return runs, took, nil
}

// live returns the bytes that the garbage collector has found to be in use, and those of stacks.
func live() uint64 {
	runtime.GC()
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// book is a transport that answers with any of so many pages, one call at a time.
type book struct {
	pages int
	data  []byte // of the answer, from the list on
	ids   []int  // where in data there is the part of a member's id that tells the page
}

func newBook() *book {
	list := bytes.Index(pageAnswer.body, []byte(`"Data":`))
	b := &book{data: bytes.Clone(pageAnswer.body[list:])}
	same := []byte(userID(0)[8:24]) // in all ids
	for at := bytes.Index(b.data, same); at >= 0; {
		b.ids = append(b.ids, at)
		next := bytes.Index(b.data[at+1:], same)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return b
}

func (b *book) RoundTrip(req *http.Request) (*http.Response, error) {
	page, err := strconv.Atoi(req.URL.Query().Get("PageNum"))
	if err != nil || page < 1 || page > b.pages {
		return nil, fmt.Errorf("there is no page %q", req.URL.Query().Get("PageNum"))
	}
	part := fmt.Appendf(nil, "%016x", page)
	for _, at := range b.ids {
		copy(b.data[at:], part)
	}
	head := fmt.Appendf(nil, `{"RequestId":"6F1B5C0E-2A44-4E0B-9D57-1C0F3B7A9E21","Success":true,"Result":{"TotalPages":%d,"PageNum":%d,"PageSize":%d,"TotalNum":%d,`,
		b.pages, page, pageSize, b.pages*pageSize)
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: stubHeader, ContentLength: int64(len(head) + len(b.data)),
		Body: io.NopCloser(io.MultiReader(bytes.NewReader(head), bytes.NewReader(b.data))),
	}, nil
}

// growthRows are the table of one kind of work.
func growthRows(r report, work, each string) [][]string {
	rows := [][]string{{work, "time", "time a " + each, "allocated a " + each, "live at most"}}
	for _, g := range r.Growth {
		if g.Work == work {
			rows = append(rows, []string{
				fmt.Sprint(g.Amount), duration(g.Seconds * 1e9), duration(g.Each),
				fmt.Sprintf("%.0f bytes", g.AllocatedEach), fmt.Sprintf("%.2f MB", float64(g.LiveBytes)/1e6),
			})
		}
	}
	return rows
}
