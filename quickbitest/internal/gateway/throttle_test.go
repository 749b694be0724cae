package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestThrottleForgets(t *testing.T) {
	t.Parallel()
	now := time.Now()
	throttle := &throttle{limits: map[string]int{"QueryData": 1}}
	for i := range 3 * maxWindows {
		req := &Request{Action: "QueryData", Query: url.Values{"ApiId": {fmt.Sprint(i)}}}
		if err := throttle.admit(req, now.Add(time.Duration(i)*time.Millisecond), http.Header{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(throttle.windows); n > maxWindows {
		t.Errorf("%d windows", n)
	}
}
