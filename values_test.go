package quickbi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"testing"
	"time"
)

func TestUnixMilli(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 6, 18, 6, 21, 44, 123_456_789, time.UTC)
	m := UnixMilliOf(at)
	if m != 1718691704123 || !m.Time().Equal(at.Truncate(time.Millisecond)) || m.String() != "2024-06-18T06:21:44.123Z" {
		t.Errorf("%d %v %q", m, m.Time(), m)
	}
	if zero := UnixMilliOf(time.Time{}); !zero.IsZero() || !zero.Time().IsZero() || zero.String() != "" {
		t.Errorf("%d %v %q", zero, zero.Time(), zero)
	}
	v := url.Values{}
	if err := m.EncodeValues("ExpireDate", &v); err != nil || v.Get("ExpireDate") != "1718691704123" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestRawJSON(t *testing.T) {
	t.Parallel()
	v := url.Values{}
	if err := RawJSON("{ \"a\" : [ 1.50, \"x y\" ] }").EncodeValues("M", &v); err != nil || v.Get("M") != `{"a":[1.50,"x y"]}` {
		t.Errorf("%v, %v", v, err)
	}
	for _, text := range []string{"", "{", "{'a':1}", "x"} {
		if err := RawJSON(text).EncodeValues("M", &v); err == nil {
			t.Errorf("%q is taken for JSON", text)
		}
	}
}

// FuzzDocuments feeds the types of documents in strings: none may panic, and
// what one has read it must write so that it reads the same again.
func FuzzDocuments(f *testing.F) {
	for _, s := range []string{
		`[{"paramKey":"price","joinType":"and","conditionList":[{"operate":">","value":"0"},{"operate":"in","value":["a","b%+ "]}]}]`,
		`"[{\"paramKey\":\"k\",\"conditionList\":[{\"operate\":\"=\",\"value\":1}]}]x"`,
		`{"cubeId":"c","ruleLevelType":"ROW_LEVEL","ruleContentModel":{"ruleContentJson":"{\"pathId\":[\"a\"]}","ruleContentType":"COLUMN_FORBID"}}`,
		`{"isOpen":1,"ruleModels":[{"ruleId":"r"}],"extraConfigModel":{"missHitPolicy":"NONE"}}`,
		`[{"menuId":"m","menuType":0,"children":[{"menuId":"n"}]}]`, `[[{"a":1.0000000000000000001}]]`, `{"a":[1,null,"x"]}`, `null`, `""`, `"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, document := range []any{
			new(GlobalParams), new(DataLevelRule), new(DataLevelConfig), new(PortalMenus), new(DataRows),
			new(APIDataSourceBody), new(APIDataSourceParameters), new(DatasetDetail),
		} {
			if json.Unmarshal(text, document) != nil {
				continue
			}
			once, err := json.Marshal(document)
			if err != nil {
				t.Fatalf("%T reads %q and cannot write it: %v", document, text, err)
			}
			again := reflect.New(reflect.TypeOf(document).Elem())
			if err := json.Unmarshal(once, again.Interface()); err != nil {
				t.Fatalf("%T writes %q and cannot read it: %v", document, once, err)
			}
			if twice, err := json.Marshal(again.Interface()); err != nil || string(twice) != string(once) {
				t.Fatalf("%T: %q becomes %q (%v)", document, once, twice, err)
			}
		}
	})
}

// TestIterationMemory walks through many members; only one page at a time may
// be in memory. QUICKBI_LONG=1 makes it a million.
func TestIterationMemory(t *testing.T) {
	pages := 100
	if os.Getenv("QUICKBI_LONG") != "" {
		pages = 1000
	}
	page := page1000() // says that there are 100 pages
	wire := &answerTransport{status: http.StatusOK, body: page}
	c := newTestClient(t, wire)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, peak, n := heap(), uint64(0), 0
	for range pages / 100 {
		for _, err := range c.QueryUserListAll(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n%20_000 == 0 {
				peak = max(peak, heap())
			}
		}
	}
	growth := int64(peak) - int64(before)
	t.Logf("%d members, heap grows by %d kB", n, growth/1000)
	if n != pages*1000 || growth > 8<<20 {
		t.Errorf("%d members, heap grows by %d bytes", n, growth)
	}
}
