package gateway

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// perAPI lists the operations whose limit is documented for each data service by itself.
var perAPI = map[string]bool{"QueryData": true, "QueryDataService": true}

// maxWindows is when a throttle looks for windows that it can forget.
const maxWindows = 1024

// A throttle counts calls in windows of a second. A window starts with its first call:
// the refusals of the service tell how much of it is left.
type throttle struct {
	limits map[string]int // by action; "" is that of the others

	mu      sync.Mutex
	windows map[stream]window
}

// A stream is the calls that are counted together.
type stream struct{ accessKeyID, action, api string }

type window struct {
	end   time.Time
	calls int
}

// limit returns how many calls of the action a second may have; 0 is any number.
func (t *throttle) limit(action string) int {
	if limit, ok := t.limits[action]; ok {
		return limit
	}
	limit := t.limits[""]
	if op := catalog.Load().Operations[action]; op != nil && op.PerSecond > 0 {
		limit = min(limit, op.PerSecond)
	}
	return limit
}

// admit counts the request, or refuses it and says in the header when to come again.
func (t *throttle) admit(req *Request, now time.Time, header http.Header) error {
	limit := t.limit(req.Action)
	if limit <= 0 || catalog.Load().Operations[req.Action] == nil {
		return nil
	}
	s := stream{accessKeyID: req.AccessKeyID, action: req.Action}
	if perAPI[req.Action] {
		s.api = req.common("ApiId")
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.windows[s]
	if left := w.end.Sub(now); left <= 0 || left > time.Second { // over, or the clock was set back
		w = window{end: now.Add(time.Second)}
	}
	if w.calls >= limit {
		// Reset is not documented; here it is the end of the window as a time.
		header.Set("X-Ratelimit-User", fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d,Reset:%d",
			limit, (w.end.Sub(now)+time.Millisecond-1).Milliseconds(), w.end.UnixMilli()))
		return Refuse("Throttling.User", "There were more than %d calls of %s in a second.", limit, req.Action)
	}
	w.calls++
	t.put(s, w, now)
	return nil
}

func (t *throttle) put(s stream, w window, now time.Time) {
	if len(t.windows) >= maxWindows {
		for other, old := range t.windows {
			if !old.end.After(now) {
				delete(t.windows, other)
			}
		}
	}
	if t.windows == nil {
		t.windows = make(map[stream]window)
	}
	t.windows[s] = w
}
