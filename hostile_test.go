package quickbi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostileAnswers are as long as WithMaxResponseBytes allows by default, and made
// to cost as much as they can.
var hostileAnswers = []struct {
	name   string
	status int
	header http.Header
	make   func(size int) []byte
}{
	{"deep arrays", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Result":` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2-32) + "}")
	}},
	{"deep objects", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Zzz":` + strings.Repeat(`{"a":`, size/8) + "1" + strings.Repeat("}", size/8) + "}")
	}},
	{"a list of empty objects", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Result":{"Data":[{}` + strings.Repeat(",{}", size/3-32) + `]}}`)
	}},
	{"a list of nulls", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Result":{"Data":[null` + strings.Repeat(",     null", size/10-32) + `]}}`)
	}},
	{"a list of small members", 200, nil, func(size int) []byte {
		const member = `,{"UserId":"0123456789"}`
		return []byte(`{"Success":true,"Result":{"Data":[{}` + strings.Repeat(member, size/len(member)-32) + `]}}`)
	}},
	{"a list that does not fit at its end", 200, nil, func(size int) []byte {
		const member = `{"UserId":"0123456789abcdef0123456789abcdef","NickName":"0123456789abcdef0123456789abcdef","Email":"0123456789abcdef0123456789abcdef"},`
		return []byte(`{"Success":true,"Result":{"Data":[` + strings.Repeat(member, size/len(member)-1) + `[]]}}`)
	}},
	{"an unknown list of numbers", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Zzz":[1` + strings.Repeat(",1", size/2-64) + `],"Result":{"Data":[]}}`)
	}},
	{"a list of empty lists", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Zzz":[1` + strings.Repeat(",[]", size/3-64) + `]}`)
	}},
	{"lists in lists", 200, nil, func(size int) []byte {
		nest := "," + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
		return []byte(`{"Success":true,"Zzz":[1` + strings.Repeat(nest, size/len(nest)-1) + `]}`)
	}},
	{"as many values as may be", 200, nil, func(size int) []byte {
		value := ",[" + strings.Repeat(" ", size/(maxPieces(size)/2)-4) + "]"
		return []byte(`{"Success":true,"Zzz":[1` + strings.Repeat(value, maxPieces(size)/2-64) + `],"Result":{"Data":[]}}`)
	}},
	{"what is not UTF-8", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Zzz":"` + strings.Repeat("\xff", size-64) + `"}`)
	}},
	{"escapes", 200, nil, func(size int) []byte {
		return []byte(`{"Success":true,"Zzz":"` + strings.Repeat(`\ud83d\ude00`, size/12-64) + `","Result":{"Data":[]}}`)
	}},
	{"success false and a long message", 200, nil, longMessage("token ")},
	{"a long message of access_key", 400, nil, longMessage("access_key")},
	{"a long message of password=x", 400, nil, longMessage("password=x ")},
	{"a long message of echoes", 400, nil, longMessage("server StringToSign ")},
	{"a long message of control characters", 400, nil, longMessage("\x1b")},
	{"a message of 900 KB", 400, nil, func(int) []byte { return longMessage("token \x1b")(900 << 10) }},
	{"deep XML", 400, nil, func(size int) []byte { return bytes.Repeat([]byte("<a>"), size/3-1) }},
	{"deep XML under 200", 200, nil, func(size int) []byte { return bytes.Repeat([]byte("<a>"), size/3-1) }},
	{"XML with many attributes", 400, nil, func(size int) []byte { return []byte("<a " + strings.Repeat(`b="c" `, size/6-2) + "></a>") }},
	{"a header of 700,000 waits", 400, http.Header{"X-Ratelimit-User": {strings.Repeat("TimeLeft:1,", 700_000)}}, func(int) []byte { return []byte(`{"Code":"Throttling.User"}`) }},
	{"a request id of 9 MB", 400, http.Header{"X-Acs-Request-Id": {strings.Repeat("a", 9<<20)}}, func(int) []byte { return []byte(`x`) }},
}

func longMessage(part string) func(size int) []byte {
	return func(size int) []byte {
		text, err := json.Marshal(map[string]any{"Code": "X", "Message": strings.Repeat(part, size/(6*len(part)))})
		if err != nil {
			panic(err)
		}
		return text
	}
}

// raceDetector says that the tests run with the race detector, which makes them slow.
var raceDetector bool

// TestHostileAnswers limits the cost of any answer: less than a second of CPU time, a
// short error, and at most a multiple of the answer in memory. With -v it prints the
// costs.
func TestHostileAnswers(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("answers of 64 MiB, whose cost means nothing with the race detector")
	}
	for _, hostile := range hostileAnswers {
		body := hostile.make(defaultResponseBytes - 1024)
		c := newTestClient(t, newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
			resp := newAnswer(req, hostile.status, "")
			resp.Body, resp.ContentLength = http.NoBody, 0
			resp.Body = readCloser{bytes.NewReader(body)}
			for name, v := range hostile.header {
				resp.Header[name] = v
			}
			return resp, nil
		}), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}), WithTimeout(time.Minute))
		var before, after runtime.MemStats
		var took, used time.Duration
		var err error
		for attempt := range 4 { // the machine may be busy, which makes everything take longer
			runtime.GC()
			runtime.ReadMemStats(&before)
			start, cpu := time.Now(), processCPU()
			_, err = c.QueryUserList(t.Context(), nil)
			took, used = time.Since(start), processCPU()-cpu
			runtime.ReadMemStats(&after)
			if used < time.Second {
				break
			}
			t.Logf("%s, attempt %d: CPU %v", hostile.name, attempt, used)
		}
		text := fmt.Sprint(err)
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%-40s %7v, CPU %7v, %5d MiB allocated, %5d bytes of text: %.60s", hostile.name,
			took.Round(time.Millisecond), used.Round(time.Millisecond), allocated>>20, len(text), text)
		if len(text) > 16<<10 {
			t.Errorf("%s: an error of %d bytes", hostile.name, len(text))
		}
		if allocated > 8*defaultResponseBytes || used > time.Second {
			t.Errorf("%s: CPU %v, %d MiB", hostile.name, used, allocated>>20)
		}
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// TestDeadlineBeforeDecoding ends the context while the answer is read.
func TestDeadlineBeforeDecoding(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	body := endingReader{bytes.NewReader([]byte(`{"Success":true,"Result":{"Data":[]}}`)), cancel}
	c := newTestClient(t, newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
		resp := newAnswer(req, 200, "")
		resp.Body, resp.ContentLength = body, -1
		return resp, nil
	}))
	if _, err := c.QueryUserList(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

type endingReader struct {
	*bytes.Reader
	end func()
}

func (r endingReader) Close() error { return nil }

func (r endingReader) Read(p []byte) (int, error) {
	r.end()
	return r.Reader.Read(p)
}

// TestLargestNumbers uses the largest value of every option that takes a number.
func TestLargestNumbers(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(200, done))
	c := newTestClient(t, wire, WithMaxResponseBytes(math.MaxInt64), WithTimeout(math.MaxInt64), WithRateLimit(math.Inf(1), math.MaxInt))
	if err := deleteUser(t.Context(), c); err != nil {
		t.Errorf("an answer under the largest limit: %v", err)
	}
	if _, err := c.DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u"}, CallTimeout(math.MaxInt64)); err != nil {
		t.Error(err)
	}
	for _, p := range []RetryPolicy{
		{MaxAttempts: math.MaxInt, BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64},
		{MaxAttempts: math.MaxInt, BaseDelay: 3 * time.Hour, MaxDelay: math.MaxInt64},
		{MaxAttempts: math.MaxInt, BaseDelay: 1, MaxDelay: math.MaxInt64},
		{MaxAttempts: math.MaxInt, BaseDelay: time.Hour, MaxDelay: 1},
	} {
		for attempt := 1; attempt < 200; attempt++ {
			if d, again := p.delay(attempt, &Error{}); !again || d < 0 || d > p.MaxDelay {
				t.Fatalf("%+v, attempt %d: %v, %v", p, attempt, d, again)
			}
		}
		if d, again := p.delay(1, &Error{RetryAfter: math.MaxInt64}); again {
			t.Errorf("%+v waits %v", p, d)
		}
	}
}

// TestManySecrets refuses a request with many secrets that look different in a
// URL: looking for them must not take time in the square of their number.
func TestManySecrets(t *testing.T) {
	t.Parallel()
	leaves := make([]string, 20_000)
	for i := range leaves {
		leaves[i] = fmt.Sprintf("valüe%d", i)
	}
	document, err := json.Marshal(map[string]any{"list": leaves})
	if err != nil {
		t.Fatal(err)
	}
	wire := newRecorder(t, answering(400, `{"Code":"Brand.New","Message":"`+strings.Repeat("hello wörld ", 100)+` valüe77 val%C3%BCe78"}`))
	start := time.Now()
	err = newTestClient(t, wire).Do(t.Context(), "AddDataSource", url.Values{"AddModel": {string(document)}}, nil, InBody("AddModel"))
	took := time.Since(start)
	t.Logf("%d secrets: %v", len(leaves), took)
	if !errors.Is(err, ErrorCode("Brand.New")) || strings.Contains(err.Error(), "valüe77") || strings.Contains(err.Error(), "%BCe78") {
		t.Errorf("%.300v", err)
	}
	if took > 8*time.Second { // it took longer than that on an idle machine
		t.Errorf("took %v", took)
	}
}

// TestLongTextsHideSecrets puts a secret where a long text is cut.
func TestLongTextsHideSecrets(t *testing.T) {
	t.Parallel()
	for at := 2*maxErrorText - 100; at < 2*maxErrorText+100; at++ {
		r := new(redactor)
		r.hide(testSecret)
		text := r.cleanCut(strings.Repeat("x", at)+testSecret+strings.Repeat("y", maxErrorText), 3*maxErrorText)
		short := r.cleanCut(strings.Repeat(testSecret+" ", 2000)[at:], maxErrorText)
		for _, part := range []string{testSecret[:8], testSecret[4:12]} {
			if strings.Contains(text, part) || strings.Contains(short[40:], part) { // the cut of the test itself is at the front
				t.Fatalf("at %d: half a secret shows", at)
			}
		}
	}
}

// TestMisleadingTexts answers with what would change a terminal or turn a line round.
func TestMisleadingTexts(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(map[string]any{
		"Code": "X\x1b[2J", "Message": "m\x1b]0;pwn\x07 \u202eder \x00 \u0085 \u2028 中文 é", "RequestId": "r\x1b[0m\u2066",
	})
	if err != nil {
		t.Fatal(err)
	}
	err = newTestClient(t, newRecorder(t, answering(400, string(body)))).Do(t.Context(), "X", nil, nil)
	text := err.Error()
	if strings.ContainsFunc(text, isMisleading) {
		t.Errorf("%q", text)
	}
	for _, want := range []string{`X\x1b[2J`, `\u202eder`, `\x00`, `r\x1b[0m\u2066`, "中文 é"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if !errors.Is(err, ErrorCode("X\x1b[2J")) {
		t.Error("the code does not match any more")
	}
	partial := &PartialError{Failed: []FailedEntry{{ID: "a\u202e", Message: "b\x1b"}}}
	if strings.ContainsFunc(partial.Error(), isMisleading) {
		t.Errorf("%q", partial.Error())
	}
}

// TestManyValues has answers of as many values as are read, and of one more.
func TestManyValues(t *testing.T) {
	t.Parallel()
	for _, length := range []int{maxRefusalBytes + 1, defaultResponseBytes, 4 * defaultResponseBytes} {
		if most := maxPieces(length); most < 8<<20 || most < length/8 {
			t.Errorf("%d values in %d bytes", most, length)
		}
	}
	for text, want := range map[string]int{
		"1": 0, "[1]": 1, "[1,2]": 2, `[{"a":1},"中"]`: 3, "[\"\xff\xfe\",\"\u00e9\"]": 4, "\xe4\xb8": 2,
	} {
		if got := pieces([]byte(text)); got != want {
			t.Errorf("%q has %d pieces", text, got)
		}
	}
	if testing.Short() {
		return
	}
	answer := func(more int) []byte {
		head := `{"Success":true,"Result":{"Data":[]},"Zzz":[1`
		return []byte(head + strings.Repeat(",1", maxPieces(0)-pieces([]byte(head))+more) + "]}")
	}
	if e := decode(read("QueryUserList"), 200, nil, answer(0), new(envelope[Page[User]])); e != nil {
		t.Error(e)
	}
	if e := decode(write("CreateUserGroup"), 200, nil, answer(1), new(envelope[string])); !errors.Is(e, ErrResponseTooLarge) || !errors.Is(e, ErrOutcomeUnknown) || e.transient {
		t.Error(e)
	}
}
