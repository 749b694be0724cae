package quickbitest

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"time"
)

// FuzzServeHTTP sends whatever net/http takes for a request. The emulator must
// answer it, must not panic, and must not carry out anything that is not signed:
// the seeds are, but for a nonce that is used up beforehand.
func FuzzServeHTTP(f *testing.F) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	dump := func(r *http.Request) []byte {
		b, err := httputil.DumpRequest(r, true)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	s := newV3(now, "AddUser", values("AccountName", "a b", "NickName", "中", "UserType", "1"))
	s.form = values("RoleIds", "111111111")
	f.Add(dump(s.request(f)))
	f.Add(dump(requestV1(f, "POST", AccessKeySecret, newV1(now, "DeleteUser", values("UserId", "ann")), "UserId")))
	f.Add([]byte("GET /?Action=x;y&%zz HTTP/1.1\r\nHost: h\r\nAuthorization: ACS3-HMAC-SHA256 Credential=,SignedHeaders=;,Signature=\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n%=&"))

	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		e := NewEmulator(WithAccessKey("id", "not the seeds'"), WithClock(func() time.Time { return now }))
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if strings.HasPrefix(r.URL.Path, pagesPath) || strings.HasPrefix(r.URL.Path, adminPath) {
			if w.Code < 400 { // there is neither a ticket nor an address it comes from
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
			return
		}
		if w.Code < 400 || w.Body.Len() == 0 || w.Header().Get("Date") == "" {
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
		if calls := e.Calls(); len(calls) != 1 || calls[0].Executed || calls[0].Code == "" {
			t.Errorf("journal: %+v", calls)
		}
	})
}
