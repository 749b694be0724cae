package quickbitest

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// DefaultRate is how many calls of one operation the service is documented to
// take from a user in a second, unless it says otherwise.
const DefaultRate = 50

// WithRateLimit makes the emulator take perSecond calls of the action in a second
// from one access key, and refuse the others with Throttling.User. An empty action
// means all operations without a limit of their own; of those that are documented
// to bear less, less is taken. Zero means no limit, as there is without the option.
//
// Seconds pass by the emulator's clock: if that stands still, the first one never ends.
func WithRateLimit(action string, perSecond int) Option {
	return func(s *settings) {
		if s.limits == nil {
			s.limits = make(map[string]int)
		}
		s.limits[action] = perSecond
	}
}

// perAPI are the operations whose limit is documented for each data service by itself.
var perAPI = map[string]bool{"QueryData": true, "QueryDataService": true}

// maxWindows is when a throttle looks for windows that it can forget.
const maxWindows = 1024

// A throttle counts calls. Its time is cut into windows of a second, the first of
// which starts with the first call: the refusals of the service tell how much is
// left of one.
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
func (t *throttle) admit(req *request, now time.Time, header http.Header) error {
	limit := t.limit(req.action)
	if limit <= 0 || catalog.Load().Operations[req.action] == nil {
		return nil
	}
	s := stream{accessKeyID: req.accessKeyID, action: req.action}
	if perAPI[req.action] {
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
		return refuse("Throttling.User", "There were more than %d calls of %s in a second.", limit, req.action)
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
