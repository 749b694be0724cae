package quickbi

import (
	"bytes"
	"encoding/json"
	"errors"
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
}

func TestOptionalBool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]OptionalBool{"null": OptionalBoolUnknown, "true": OptionalBoolTrue, "false": OptionalBoolFalse} {
		var b OptionalBool
		if err := json.Unmarshal([]byte(text), &b); err != nil || b != want {
			t.Errorf("%s: %v, %v", text, b, err)
		}
		if written, err := json.Marshal(b); err != nil || string(written) != text {
			t.Errorf("%s is written %s, %v", text, written, err)
		}
		if b.Known() != (text != "null") || b.True() != (text == "true") || b.Known() && (b.String() != text || OptionalBoolOf(b.True()) != b) {
			t.Errorf("%s: %v", text, b)
		}
	}
	for _, text := range []string{`"maybe"`, "2", "[]", "{}"} {
		b := OptionalBoolTrue
		if err := json.Unmarshal([]byte(text), &b); err == nil {
			t.Errorf("%s is %v", text, b)
		}
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

// turns are two answers, given in turns: pages differ.
type turns [2]answerTransport

func (t *turns) RoundTrip(req *http.Request) (*http.Response, error) {
	t[0], t[1] = t[1], t[0]
	return t[1].RoundTrip(req)
}

// TestIterationMemory walks through many members; only one page at a time may
// be in memory. QUICKBI_LONG=1 makes it a million.
func TestIterationMemory(t *testing.T) {
	pages := 100
	if os.Getenv("QUICKBI_LONG") != "" {
		pages = 1000
	}
	page := page1000() // says that there are 100 pages
	other := bytes.Replace(page, []byte(`"acme:user0"`), []byte(`"acme:another"`), 1)
	c := newTestClient(t, &turns{{http.StatusOK, page}, {http.StatusOK, other}})
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

// TestDocument reads documents in all the forms in which they come, broken ones
// too: the answer counts, and the error shows when the document is asked for.
func TestDocument(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		result, text, ruleID string
		broken               bool
	}{
		"in a string":         {`"{\"ruleId\":\"r\"}"`, `{"ruleId":"r"}`, "r", false},
		"not in a string":     {`{"ruleId":"r"}`, `{"ruleId":"r"}`, "r", false},
		"broken in a string":  {`"{\"ruleId\":\"r\",\"isOpen\":,}"`, `{"ruleId":"r","isOpen":,}`, "", true},
		"broken content":      {`"{\"ruleId\":\"r\",\"ruleContentModel\":{\"ruleContentJson\":\"{\\\"a\"}}"`, `{"ruleId":"r","ruleContentModel":{"ruleContentJson":"{\"a"}}`, "r", false},
		"of another type":     {`"[]"`, `[]`, "", true},
		"a number":            {`5`, `5`, "", true},
		"invalid UTF-8 in it": {"\"{\\\"ruleId\\\":\\\"r\xff\\\"}\"", "{\"ruleId\":\"r\uFFFD\"}", "r\uFFFD", false},
	} {
		wire := newRecorder(t, answering(200, `{"RequestId":"R-1","Success":true,"Result":`+test.result+`}`))
		resp, err := newTestClient(t, wire).SetDataLevelPermissionRuleConfig(t.Context(), &SetDataLevelPermissionRuleConfigRequest{
			RuleModel: DataLevelRule{DatasetID: "c", RuleType: DataLevelRow, Content: DataLevelRuleContent{Type: DataLevelRowField, RawContent: RawJSON(`{}`)}},
		})
		if err != nil {
			t.Errorf("%s: a write that was executed: %v", name, err)
			continue
		}
		if text := resp.Result.Text(); text != test.text || resp.Result.String() != text {
			t.Errorf("%s: %q, want %q", name, text, test.text)
		}
		rule, err := resp.Result.Value()
		if errors.Is(err, ErrInvalidResponse) != test.broken || (err != nil) != test.broken || !test.broken && rule.RuleID != test.ruleID {
			t.Errorf("%s: %+v, %v", name, rule, err)
		}
	}

	// One broken document among the members of an answer.
	wire := newRecorder(t, answering(200, `{"Success":true,"Result":{"WorksId":"w","MaxTicketNum":3,"GlobalParam":"[{&quot;paramKey&quot;"}}`))
	resp, err := newTestClient(t, wire).QueryTicketInfo(t.Context(), &QueryTicketInfoRequest{Ticket: NewSecret("t")})
	if err != nil || resp.Result.WorksID != "w" || resp.Result.MaxTicketNum != 3 || resp.Result.GlobalParam.Text() != `[{&quot;paramKey&quot;` {
		t.Fatalf("%+v, %v", resp, err)
	}
	if params, err := resp.Result.GlobalParam.Value(); !errors.Is(err, ErrInvalidResponse) || len(params) != 0 {
		t.Errorf("%v, %v", params, err)
	}

	// No document.
	for _, text := range []string{`{}`, `{"GlobalParam":""}`, `{"GlobalParam":null}`} {
		var info TicketInfo
		if err := json.Unmarshal([]byte(text), &info); err != nil || info.GlobalParam.Text() != "" {
			t.Errorf("%s: %v, %q", text, err, info.GlobalParam)
		}
		if params, err := info.GlobalParam.Value(); err != nil || params != nil {
			t.Errorf("%s: %v, %v", text, params, err)
		}
	}
}
