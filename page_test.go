package quickbi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// pagedServer answers a paged operation with numbered entries, in the shape of
// its recording: Data within a page, or a bare list.
type pagedServer struct {
	total    int
	failPage int // answers a refusal for this page
	asked    []int
}

func (p *pagedServer) respond(recorded json.RawMessage) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) {
		q := req.URL.Query()
		number := 1
		for _, name := range []string{"PageNum", "PageNo", "Page"} {
			if v := q.Get(name); v != "" {
				number, _ = strconv.Atoi(v)
			}
		}
		size, err := strconv.Atoi(q.Get("PageSize"))
		if err != nil {
			return nil, fmt.Errorf("no page size asked for: %v", err)
		}
		p.asked = append(p.asked, number)
		if number == p.failPage {
			return newAnswer(req, 400, `{"Code":"User.Not.In.Organization","RequestId":"R"}`), nil
		}
		var doc map[string]any
		if err := json.Unmarshal(recorded, &doc); err != nil {
			return nil, err
		}
		page, isPage := doc["Result"].(map[string]any)
		entries, _ := doc["Result"].([]any)
		if isPage {
			entries, _ = page["Data"].([]any)
		}
		var out []any
		for i := (number - 1) * size; i < min(number*size, p.total); i++ {
			out = append(out, numbered(entries[0], i))
		}
		if isPage {
			page["Data"] = out
			for name := range page {
				switch name {
				case "TotalNum", "Total":
					page[name] = p.total
				case "TotalPages":
					page[name] = (p.total + size - 1) / size
				case "PageSize":
					page[name] = size
				case "PageNum", "PageNo", "Page":
					page[name] = number
				}
			}
			doc["Result"] = page
		} else {
			doc["Result"] = out
		}
		text, err := json.Marshal(doc)
		if err != nil {
			return nil, err
		}
		return newAnswer(req, 200, string(text)), nil
	}
}

// numbered returns a copy of an entry that differs from those with other numbers.
func numbered(entry any, i int) any {
	fields, ok := entry.(map[string]any)
	if !ok {
		return fmt.Sprint(entry, "-", i)
	}
	fields = maps.Clone(fields)
	for _, suffix := range []string{"Id", "Name", ""} {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if text, ok := fields[name].(string); ok && strings.HasSuffix(name, suffix) {
				fields[name] = fmt.Sprint(text, "-", i)
				return fields
			}
		}
	}
	panic("an entry without a text")
}

// ranging calls an iterator method and counts entries and errors, stopping after most entries.
func ranging(ctx context.Context, c *Client, method string, in reflect.Value, most int) (entries int, errs []error) {
	seq := reflect.ValueOf(c).MethodByName(method).Call([]reflect.Value{reflect.ValueOf(ctx), in})[0]
	yield := reflect.MakeFunc(seq.Type().In(0), func(args []reflect.Value) []reflect.Value {
		if err, _ := args[1].Interface().(error); err != nil {
			errs = append(errs, err)
		} else {
			entries++
		}
		return []reflect.Value{reflect.ValueOf(entries < most)}
	})
	seq.Call([]reflect.Value{yield})
	return entries, errs
}

// TestIterators walks through every paged operation.
func TestIterators(t *testing.T) {
	iterators := 0
	client := reflect.TypeFor[*Client]()
	for action, op := range catalog.Load().Operations {
		var number, size bool
		for _, p := range op.Params {
			number = number || p.Name == "PageNum" || p.Name == "PageNo" || p.Name == "Page"
			size = size || p.Name == "PageSize"
		}
		_, has := client.MethodByName(action + "All")
		if !number || !size {
			if !has && size {
				t.Errorf("%s has no iterator", action)
			}
			continue
		}
		if !has {
			t.Errorf("%s has no iterator", action)
			continue
		}
		iterators++
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			f := loadFixture(t, action)
			in := newRequest(t, requestTypeNamed(t, action), f.Request)
			in.Elem().Field(requestTypeOf(in.Type().Elem()).page).SetInt(0)
			in.Elem().Field(requestTypeOf(in.Type().Elem()).pageSize).SetInt(2)
			const everything = 1 << 30

			for total, pages := range map[int][2]int{0: {1, 1}, 1: {1, 2}, 2: {1, 2}, 5: {3, 3}, 6: {3, 4}} {
				server := &pagedServer{total: total}
				c := newTestClient(t, newRecorder(t, server.respond(f.Response)))
				for range 2 { // ranging again starts over
					server.asked = nil
					entries, errs := ranging(t.Context(), c, action+"All", in, everything)
					// Without a total, an empty page comes after a full one, and after the first.
					if n := len(server.asked); entries != total || errs != nil || n != pages[0] && n != pages[1] || server.asked[0] != 1 {
						t.Errorf("%d entries: got %d from pages %v, %v", total, entries, server.asked, errs)
					}
				}
			}
			if got := in.Elem().Field(requestTypeOf(in.Type().Elem()).page).Int(); got != 0 {
				t.Errorf("the request was changed to page %d", got)
			}

			server := &pagedServer{total: 100}
			c := newTestClient(t, newRecorder(t, server.respond(f.Response)))
			if entries, errs := ranging(t.Context(), c, action+"All", in, 3); entries != 3 || errs != nil || len(server.asked) != 2 {
				t.Errorf("stopped after %d entries and pages %v, %v", entries, server.asked, errs)
			}
			server = &pagedServer{total: 100, failPage: 2}
			c = newTestClient(t, newRecorder(t, server.respond(f.Response)))
			if entries, errs := ranging(t.Context(), c, action+"All", in, everything); entries != 2 || len(errs) != 1 || !errors.Is(errs[0], ErrUserNotInOrganization) {
				t.Errorf("a page fails: %d entries, %v", entries, errs)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if entries, errs := ranging(ctx, c, action+"All", in, everything); entries != 0 || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
				t.Errorf("cancelled: %d entries, %v", entries, errs)
			}
			in.Elem().Field(requestTypeOf(in.Type().Elem()).page).SetInt(3)
			server = &pagedServer{total: 7}
			c = newTestClient(t, newRecorder(t, server.respond(f.Response)))
			if entries, errs := ranging(t.Context(), c, action+"All", in, everything); entries != 3 || errs != nil || server.asked[0] != 3 {
				t.Errorf("from page 3 on: %d entries from pages %v, %v", entries, server.asked, errs)
			}
		})
	}
	if iterators < 18 {
		t.Errorf("%d iterators", iterators)
	}
}

// listing answers pages of a list with n entries, none larger than most, that says
// nothing, or only the total, or everything about its extent.
func listing(n, most int, total, pages bool) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, req *http.Request) (*http.Response, error) {
		number, _ := strconv.Atoi(req.URL.Query().Get("PageNum"))
		size, _ := strconv.Atoi(req.URL.Query().Get("PageSize"))
		size = min(size, most)
		var data []map[string]string
		for i := (number - 1) * size; i < min(number*size, n); i++ {
			data = append(data, map[string]string{"UserId": strconv.Itoa(i)})
		}
		result := map[string]any{"Data": data}
		if total {
			result["TotalNum"] = n
		}
		if pages {
			result["TotalPages"] = (n + size - 1) / size
		}
		text, err := json.Marshal(map[string]any{"Success": true, "RequestId": "R-9", "Result": result})
		return newAnswer(req, 200, string(text)), err
	}
}

// TestIteratorExtent walks through lists with and without totals, from a service that
// returns fewer entries than the page size.
func TestIteratorExtent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		n, most, from   int
		total, pages    bool
		entries, asking int
	}{
		{"capped, no totals", 25, 10, 1, false, false, 25, 3},
		{"capped, no totals, last page full", 30, 10, 1, false, false, 30, 4},
		{"no totals, one page", 4, 1000, 1, false, false, 4, 2}, // it could have been capped
		{"no totals, empty", 0, 1000, 1, false, false, 0, 1},
		{"capped, total", 25, 10, 1, true, false, 25, 3},
		{"capped, total and pages", 25, 10, 1, true, true, 25, 3},
		{"total, from page 2", 5, 1000, 2, true, false, 3, 2},
		{"total, from page 3", 5, 1000, 3, true, false, 1, 1},
		{"total, past the end", 5, 1000, 9, true, false, 0, 1},
	} {
		in := &QueryUserListRequest{PageNum: test.from}
		if test.from > 1 {
			in.PageSize = 2
		}
		wire := newRecorder(t, listing(test.n, test.most, test.total, test.pages))
		seen := map[string]bool{}
		for user, err := range newTestClient(t, wire).QueryUserListAll(t.Context(), in) {
			if err != nil || seen[user.UserID] {
				t.Fatalf("%s: %q, %v", test.name, user.UserID, err)
			}
			seen[user.UserID] = true
		}
		if len(seen) != test.entries || len(wire.requests()) != test.asking {
			t.Errorf("%s: %d entries in %d requests, want %d in %d", test.name, len(seen), len(wire.requests()), test.entries, test.asking)
		}
	}
}

// TestRepeatedPage asks a service that ignores the number of the page.
func TestRepeatedPage(t *testing.T) {
	t.Parallel()
	for _, extent := range []string{"", `,"TotalNum":1000`, `,"TotalNum":1000,"TotalPages":500`} {
		wire := newRecorder(t, answering(200, `{"RequestId":"R-8","Success":true,"Result":{"Data":[{"UserId":"a"},{"UserId":"b"}]`+extent+`}}`))
		var users int
		var last error
		for _, err := range newTestClient(t, wire).QueryUserListAll(t.Context(), &QueryUserListRequest{PageSize: 2}) {
			if last = err; err == nil {
				users++
			}
		}
		apiErr, ok := errors.AsType[*Error](last)
		if !ok || !errors.Is(last, ErrInvalidResponse) || errors.Is(last, ErrOutcomeUnknown) || apiErr.RequestID != "R-8" || apiErr.Action != "QueryUserList" ||
			!strings.Contains(last.Error(), "page 2 repeats") || users != 2 || len(wire.requests()) != 2 {
			t.Errorf("%s: %d entries in %d requests: %v", extent, users, len(wire.requests()), last)
		}
	}
}

// TestShrinkingList removes entries from a list while an iterator walks through it. The
// entries behind them move forward and are skipped: the list must not look complete.
func TestShrinkingList(t *testing.T) {
	t.Parallel()
	for name, totals := range map[string][3]int{
		"between the first pages": {5, 4, 4},
		"between the last pages":  {5, 5, 4},
		"and growing again":       {5, 4, 5},
		"growing":                 {5, 6, 6},
	} {
		wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 200, fmt.Sprintf(`{"RequestId":"R-9","Success":true,"Result":{"Data":[{"UserId":"%da"},{"UserId":"%db"}],"TotalNum":%d,"TotalPages":3}}`,
				n, n, totals[n-1])), nil
		})
		users, err := Collect(newTestClient(t, wire).QueryUserListAll(t.Context(), &QueryUserListRequest{PageSize: 2}), 100)
		if len(users) != 6 {
			t.Errorf("%s: %d entries", name, len(users))
		}
		apiErr, ok := errors.AsType[*Error](err)
		switch shrunk := name != "growing"; {
		case !shrunk && err != nil, shrunk && !errors.Is(err, ErrListChanged):
			t.Errorf("%s: %v", name, err)
		case shrunk && (!ok || apiErr.RequestID != "R-9" || apiErr.Action != "QueryUserList" || !strings.Contains(err.Error(), "it had 5 entries, and has 4") ||
			!strings.Contains(apiErr.Hint(), "Collect")):
			t.Errorf("%s: %v (%+v)", name, err, apiErr)
		}
	}
}

// TestMissingEntries answers with fewer entries than the list has: it must not look complete.
func TestMissingEntries(t *testing.T) {
	t.Parallel()
	const a, b = `{"UserId":"a"}`, `{"UserId":"b"}`
	page := func(total, pages int, entries ...string) string {
		return fmt.Sprintf(`{"RequestId":"R-9","Success":true,"Result":{"Data":[%s],"TotalNum":%d,"TotalPages":%d}}`, strings.Join(entries, ","), total, pages)
	}
	for name, tt := range map[string]struct {
		answers []string
		want    error // nil: the list is complete
		text    string
		entries int
	}{
		"an empty page":                 {[]string{page(5, 3, a, b), page(5, 3), page(5, 3, a)}, ErrInvalidResponse, "has 5 entries, and only 2 came", 2},
		"an empty page without pages":   {[]string{page(5, 0, a, b), page(5, 0)}, ErrInvalidResponse, "has 5 entries, and only 2 came", 2},
		"an empty first page":           {[]string{page(5, 3)}, ErrInvalidResponse, "has 5 entries, and only 0 came", 0},
		"a short last page":             {[]string{page(4, 2, a, b), page(4, 2, a)}, ErrInvalidResponse, "has 4 entries, and only 3 came", 3},
		"all gone":                      {[]string{page(5, 3, a, b), page(0, 0)}, ErrListChanged, "it had 5 entries, and has 0", 2},
		"some gone, then an empty page": {[]string{page(5, 3, a, b), page(2, 1)}, ErrListChanged, "it had 5 entries, and has 2", 2},
		"the total once":                {[]string{page(3, 0, a, b), page(0, 0, a)}, nil, "", 3},
		"more than the total":           {[]string{page(1, 1, a, b)}, nil, "", 2},
	} {
		wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 200, tt.answers[n-1]), nil
		})
		users, err := Collect(newTestClient(t, wire).QueryUserListAll(t.Context(), &QueryUserListRequest{PageSize: 2}), 100)
		if len(users) != tt.entries || !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %d entries, %v", name, len(users), err)
		}
	}
}

// TestIteratorDefaults checks that an iterator asks for the largest documented pages, or
// for those of the default where no maximum is documented.
func TestIteratorDefaults(t *testing.T) {
	t.Parallel()
	for action, op := range catalog.Load().Operations {
		want := ""
		for _, p := range op.Params {
			if p.Name == "PageSize" {
				want = p.Default
				if p.Maximum != nil {
					want = strconv.FormatInt(*p.Maximum, 10)
				}
			}
		}
		if want == "" {
			continue
		}
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			f := loadFixture(t, action)
			in := newRequest(t, requestTypeNamed(t, action), f.Request)
			rt := requestTypeOf(in.Type().Elem())
			in.Elem().Field(rt.pageSize).SetInt(0)
			if rt.page >= 0 {
				in.Elem().Field(rt.page).SetInt(0)
			}
			server := &pagedServer{total: 1}
			wire := newRecorder(t, server.respond(f.Response))
			entries, errs := ranging(t.Context(), newTestClient(t, wire), action+"All", in, 1)
			if got := wire.requests()[0].query.Get("PageSize"); got != want || entries != 1 || errs != nil {
				t.Errorf("%d entries, %v, in pages of %s, want %s", entries, errs, got, want)
			}
		})
	}
	server := &pagedServer{total: 2500}
	wire := newRecorder(t, server.respond(loadFixture(t, "QueryUserList").Response))
	n := 0
	for user, err := range newTestClient(t, wire).QueryUserListAll(t.Context(), nil) {
		if err != nil || user.UserID == "" {
			t.Fatal(user, err)
		}
		n++
	}
	if n != 2500 || len(server.asked) != 3 {
		t.Errorf("%d entries in pages %v", n, server.asked)
	}
	if strings.Contains(wire.requests()[0].req.URL.RawQuery, "Keyword") {
		t.Error("a keyword was sent")
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	failed := errors.New("gone")
	list := func(n int, err error) func(func(int, error) bool) {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if err != nil {
				yield(0, err)
			}
		}
	}
	for name, test := range map[string]struct {
		entries, most, want int
		fails, is           error
	}{
		"empty":       {most: 2},
		"below":       {entries: 1, most: 2, want: 1},
		"as many":     {entries: 2, most: 2, want: 2},
		"too many":    {entries: 3, most: 2, want: 2, is: ErrTooManyEntries},
		"none wanted": {entries: 1, is: ErrTooManyEntries},
		"fails":       {entries: 2, most: 9, want: 2, fails: failed, is: failed},
	} {
		got, err := Collect(list(test.entries, test.fails), test.most)
		if len(got) != test.want || !errors.Is(err, test.is) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
