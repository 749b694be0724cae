package interop

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/catalog"
)

// A fixture is what quickbi's testdata has for each operation: a request as its
// fields, and as the parameters that they are to become.
type fixture struct {
	Request  map[string]json.RawMessage
	Query    map[string]string
	Body     map[string]string
	Response json.RawMessage
}

// sent is a request as it arrived, decoded.
type sent struct {
	Method, Path string
	Query, Form  url.Values // the operation's parameters
	Common       url.Values // those that every request has
	ContentType  string     // of a body
}

// The parameters of the protocol. Those that are different in every request, and
// those that only one client sends and none needs, say nothing.
var (
	common = []string{"AccessKeyId", "Action", "Format", "SignatureMethod", "SignatureVersion", "Version"}
	noise  = []string{"RegionId", "Signature", "SignatureNonce", "SignatureType", "Timestamp"}
)

// TestWire compares what the official clients put on the wire with what ours
// does, for all operations: they are given the parameters, ours the fields. The
// method, the places of the parameters and their values must be the same.
func TestWire(t *testing.T) {
	operations := catalog.Load().Operations
	forEachOfficial(t, func(t *testing.T, o official) {
		k := key{id: "LTAIexampleKey", secret: "exampleSecret"}
		wire := newTap(t)
		theirs := o.open(t, wire.host(), k)
		ours, err := quickbi.NewClient(quickbi.WithEndpoint(wire.URL), quickbi.WithAccessKey(k.id, k.secret), quickbi.WithSigner(o.signer))
		if err != nil {
			t.Fatal(err)
		}
		shapes := map[string]int{}
		for _, action := range slices.Sorted(maps.Keys(operations)) {
			f := loadFixture(t, action)
			wire.answer(f.Response)
			if _, err := theirs(request{method: operations[action].Method, action: action, query: f.Query, body: f.Body}); err != nil {
				t.Errorf("%s: their client: %v", action, err)
				continue
			}
			want := wire.last(t)
			err := invoke(t, ours, action, f.Request)
			if _, partial := errors.AsType[*quickbi.PartialError](err); err != nil && !partial { // the recording says that parts failed
				t.Errorf("%s: our client: %v", action, err)
				continue
			}
			if got := wire.last(t); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: our client sends\n%+v\ntheirs\n%+v", action, got, want)
			}
			// What they sent has to be what they were given, or the comparison would be empty.
			if len(want.Query) != len(f.Query) || len(want.Form) != len(f.Body) {
				t.Errorf("%s: their client sends %d parameters in the query and %d in the body, of %d and %d",
					action, len(want.Query), len(want.Form), len(f.Query), len(f.Body))
			}
			for shape, has := range map[string]bool{
				"GET":           want.Method == http.MethodGet,
				"POST":          want.Method == http.MethodPost,
				"body":          len(want.Form) > 0,
				"no parameters": len(want.Form)+len(want.Query) == 0,
				"list":          anyValue(want, func(v string) bool { return strings.Contains(v, ",") && !strings.ContainsAny(v, "[{") }),
				"JSON document": anyValue(want, func(v string) bool { return json.Valid([]byte(v)) && strings.ContainsAny(v[:1], "[{") }),
				"boolean":       anyValue(want, func(v string) bool { return v == "true" || v == "false" }),
				"milliseconds":  anyValue(want, func(v string) bool { return len(v) == 13 && strings.Trim(v, "0123456789") == "" }),
				"blank":         anyValue(want, func(v string) bool { return strings.Contains(v, " ") }),
				"not ASCII":     anyValue(want, func(v string) bool { return strings.ContainsFunc(v, func(r rune) bool { return r > 0x7f }) }),
			} {
				if has {
					shapes[shape]++
				} else {
					shapes[shape] += 0
				}
			}
		}
		for shape, n := range shapes {
			if n == 0 {
				t.Errorf("no operation has the shape %q", shape)
			}
		}
		t.Logf("%d operations, by shape: %v", len(operations), shapes)
	})
}

func anyValue(s sent, is func(string) bool) bool {
	for _, values := range []url.Values{s.Query, s.Form} {
		for _, v := range values {
			if slices.ContainsFunc(v, is) {
				return true
			}
		}
	}
	return false
}

func loadFixture(t *testing.T, action string) fixture {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", action+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return f
}

// invoke calls the method of our client that is named after the action.
func invoke(t *testing.T, c *quickbi.Client, action string, fields map[string]json.RawMessage) error {
	t.Helper()
	method := reflect.ValueOf(c).MethodByName(action)
	in := reflect.New(method.Type().In(1).Elem())
	for name, text := range fields {
		field := in.Elem().FieldByName(name)
		if field.Kind() == reflect.Interface { // a document of open shape
			field.Set(reflect.ValueOf(quickbi.RawJSON(text)))
		} else if err := json.Unmarshal(text, field.Addr().Interface()); err != nil {
			t.Fatalf("%s, %s: %v", action, name, err)
		}
	}
	err, _ := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1].Interface().(error)
	return err
}

// A tap is a server that shows what reaches it.
type tap struct {
	*httptest.Server
	mu   sync.Mutex
	body []byte
	got  []sent
}

func newTap(t *testing.T) *tap {
	w := new(tap)
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s, err := read(r)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got = append(w.got, s)
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write(w.body)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *tap) host() string { return strings.TrimPrefix(w.URL, "http://") }

func (w *tap) answer(body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.body = body
}

// last returns the only request since it was called last.
func (w *tap) last(t *testing.T) sent {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.got) != 1 {
		t.Fatalf("%d requests arrived, want one", len(w.got))
	}
	s := w.got[0]
	w.got = nil
	return s
}

// read decodes a request. The parameters of the protocol travel in headers with
// V3 and among the others with V1; either way they end up in Common.
func read(r *http.Request) (sent, error) {
	s := sent{Method: r.Method, Path: r.URL.Path, Common: url.Values{}}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return s, err
	}
	if s.Query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return s, err
	}
	if s.Form, err = url.ParseQuery(string(text)); err != nil {
		return s, err
	}
	if len(text) > 0 {
		s.ContentType = r.Header.Get("Content-Type")
	}
	for _, name := range common {
		if s.Query.Has(name) {
			s.Common[name] = s.Query[name]
			delete(s.Query, name)
		}
	}
	if format := s.Common.Get("Format"); format != "" {
		s.Common.Set("Format", strings.ToUpper(format)) // the service takes either case
	}
	for _, name := range noise {
		delete(s.Query, name)
	}
	for _, name := range []string{"X-Acs-Action", "X-Acs-Version"} {
		s.Common.Set(name, r.Header.Get(name))
	}
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		algorithm, rest, _ := strings.Cut(authorization, " ")
		credential, _, _ := strings.Cut(rest, ",")
		s.Common.Set("Authorization", algorithm+" "+credential)
	}
	return s, nil
}
