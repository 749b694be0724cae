package quickbi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	jsonexp "github.com/quickbi-go/quickbi/internal/json"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// A fixture, testdata/<Action>.json, is a recorded exchange. It is all that the tests of
// an operation need.
type fixture struct {
	Request  json.RawMessage   `json:"request"`  // fields of the request type, by their Go names
	Query    map[string]string `json:"query"`    // every parameter that travels in the query, as it must arrive
	Body     map[string]string `json:"body"`     // and in the body
	Response json.RawMessage   `json:"response"` // the whole answer
	// Instead are further requests, with parameters that exclude those of the first.
	// They are answered alike.
	Instead []fixture `json:"instead"`
}

func loadFixture(t *testing.T, action string) fixture {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", action+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		t.Fatalf("testdata/%s.json: %v", action, err)
	}
	return f
}

// newRequest returns a *<Action>Request filled from the fields of a fixture.
func newRequest(t *testing.T, typ reflect.Type, fields json.RawMessage) reflect.Value {
	t.Helper()
	in := reflect.New(typ)
	if len(fields) == 0 {
		return in
	}
	var byName map[string]json.RawMessage
	if err := json.Unmarshal(fields, &byName); err != nil {
		t.Fatal(err)
	}
	for name, text := range byName {
		field := in.Elem().FieldByName(name)
		if !field.IsValid() {
			t.Fatalf("%s has no field %s", typ, name)
		}
		if field.Kind() == reflect.Interface { // a JSONDocument
			field.Set(reflect.ValueOf(RawJSON(text)))
		} else if err := json.Unmarshal(text, field.Addr().Interface()); err != nil {
			t.Fatalf("%s.%s: %v", typ, name, err)
		}
	}
	return in
}

// invoke calls the method of an operation.
func invoke(ctx context.Context, c *Client, action string, in reflect.Value, opts ...CallOption) (result any, requestID string, err error) {
	args := []reflect.Value{reflect.ValueOf(ctx), in}
	for _, opt := range opts {
		args = append(args, reflect.ValueOf(opt))
	}
	out := reflect.ValueOf(c).MethodByName(action).Call(args)
	err, _ = out[1].Interface().(error)
	if out[0].IsNil() {
		return nil, "", err
	}
	resp := out[0].Elem()
	return resp.FieldByName("Result").Interface(), resp.FieldByName("RequestID").String(), err
}

func requestTypeNamed(t *testing.T, action string) reflect.Type {
	t.Helper()
	method, ok := reflect.TypeFor[*Client]().MethodByName(action)
	if !ok {
		t.Fatalf("Client has no method %s", action)
	}
	return method.Type.In(2).Elem()
}

// forEachOperation runs a parallel subtest for each operation of the catalogue.
func forEachOperation(t *testing.T, test func(t *testing.T, action string, op *catalog.Operation)) {
	t.Parallel()
	for action, op := range catalog.Load().Operations {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			test(t, action, op)
		})
	}
}

// TestRecorded sends every operation's recorded request and compares what
// reaches the wire, and what comes back, with the recording.
func TestRecorded(t *testing.T) {
	forEachOperation(t, func(t *testing.T, action string, op *catalog.Operation) {
		f := loadFixture(t, action)
		wire := newRecorder(t, answering(http.StatusOK, string(f.Response)))
		in := newRequest(t, requestTypeNamed(t, action), f.Request)
		result, requestID, err := invoke(t.Context(), newTestClient(t, wire), action, in)
		if partial := (*PartialError)(nil); err != nil && !errors.As(err, &partial) {
			t.Fatal(err)
		}
		for _, other := range f.Instead {
			in := newRequest(t, requestTypeNamed(t, action), other.Request)
			if _, _, err := invoke(t.Context(), newTestClient(t, wire), action, in); err != nil {
				t.Fatal(err)
			}
		}
		shown := map[string]bool{}
		for i, f := range append([]fixture{f}, f.Instead...) {
			s := wire.requests()[i]
			if s.method != op.Method || s.action != action {
				t.Errorf("sent %s %s, want %s %s", s.method, s.action, op.Method, action)
			}
			if diff := cmp.Diff(f.Query, flat(t, s.query)); diff != "" {
				t.Errorf("query (-recorded +sent):\n%s", diff)
			}
			if diff := cmp.Diff(f.Body, flat(t, s.body)); diff != "" {
				t.Errorf("body (-recorded +sent):\n%s", diff)
			}
			for name := range f.Query {
				shown["query "+name] = true
			}
			for name := range f.Body {
				shown["body "+name] = true
			}
		}
		// The recording must show every documented parameter and field, or it would prove little.
		for _, p := range op.Params {
			if !shown[p.In+" "+p.Name] {
				t.Errorf("the recording lacks the %s parameter %s", p.In, p.Name)
			}
		}
		var recorded struct {
			RequestId string
			Result    any
		}
		if err := json.Unmarshal(f.Response, &recorded); err != nil {
			t.Fatal(err)
		}
		if requestID != recorded.RequestId || requestID == "" {
			t.Errorf("request id %q, recorded %q", requestID, recorded.RequestId)
		}
		for _, path := range absent(op.Result, unquoted(recorded.Result), "Result") {
			if deviations[action+" "+path] == "" {
				t.Errorf("the recording lacks %s", path)
			}
		}
		text, err := jsonexp.Marshal(result, jsonexp.WithMarshalers(revealing))
		if err != nil {
			t.Fatal(err)
		}
		var again any
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(normal(recorded.Result), normal(again)); diff != "" {
			t.Errorf("result (-recorded +decoded and marshalled again):\n%s", diff)
		}
	})
}

// flat returns the single values of v; nil for none.
func flat(t *testing.T, v url.Values) map[string]string {
	t.Helper()
	if len(v) == 0 {
		return nil
	}
	one := make(map[string]string, len(v))
	for name, values := range v {
		if len(values) != 1 {
			t.Errorf("parameter %s sent %d times", name, len(values))
		}
		one[name] = values[0]
	}
	return one
}

// unquoted returns the document in a string that is a JSON document, else v.
func unquoted(v any) any {
	if s, ok := v.(string); ok && (strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) {
		var inner any
		if json.Unmarshal([]byte(s), &inner) == nil {
			return inner
		}
	}
	return v
}

// normal makes JSON values comparable: documents in strings are unpacked, and
// members that have no content are dropped, because a Go type that several
// operations share has more fields than each of them documents.
func normal(v any) any {
	switch v := unquoted(v).(type) {
	case map[string]any:
		for name, member := range v {
			if member = normal(member); member == nil || reflect.ValueOf(member).IsZero() {
				delete(v, name)
			} else {
				v[name] = member
			}
		}
		return v
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = normal(v[i])
		}
		return v
	default:
		return v
	}
}

// absent returns the paths of documented fields that the recorded value v does not show.
func absent(r catalog.Result, v any, path string) []string {
	var paths []string
	switch r.Type {
	case "object":
		members, _ := v.(map[string]any)
		for _, f := range r.Fields {
			member, ok := members[f.Name]
			if !ok {
				paths = append(paths, path+"."+f.Name)
			} else {
				paths = append(paths, absent(f, unquoted(member), path+"."+f.Name)...)
			}
		}
	case "array":
		items, _ := v.([]any)
		if len(items) == 0 {
			return []string{path + "[]"}
		}
		return absent(*r.Items, unquoted(items[0]), path+"[]")
	}
	return paths
}

// refusesNothing are the operations without a required parameter that are sent
// only if there is something to do.
var refusesNothing = map[string]bool{"BatchAddFeishuUsers": true, "ModifyAiproEmbedConfig": true}

// TestRequiredParameters sends the zero request: nothing may reach the wire,
// and all required parameters must be reported at once.
func TestRequiredParameters(t *testing.T) {
	forEachOperation(t, func(t *testing.T, action string, op *catalog.Operation) {
		var required []string
		for _, p := range op.Params {
			if p.Required {
				required = append(required, p.Name)
			}
		}
		wire := newRecorder(t, answering(http.StatusOK, string(loadFixture(t, action).Response)))
		c := newTestClient(t, wire)
		typ := requestTypeNamed(t, action)
		for name, in := range map[string]reflect.Value{"nil": reflect.Zero(reflect.PointerTo(typ)), "zero": reflect.New(typ)} {
			_, _, err := invoke(t.Context(), c, action, in)
			if len(required) == 0 && !refusesNothing[action] {
				if err != nil {
					t.Errorf("%s request: %v", name, err)
				}
				continue
			}
			var apiErr *Error
			if !errors.Is(err, ErrInvalidRequest) || !errors.As(err, &apiErr) || apiErr.Action != action {
				t.Errorf("%s request: %v, want ErrInvalidRequest of %s", name, err, action)
				continue
			}
			for _, p := range required {
				if !strings.Contains(err.Error(), "parameter "+p+" is required") {
					t.Errorf("%s request: %v does not name %s", name, err, p)
				}
			}
			if n := len(wire.requests()); n != 0 {
				t.Errorf("%s request: %d requests sent", name, n)
			}
		}
	})
}

// TestRetrySafety answers every operation with a failure of unknown outcome: reads are
// sent again, writes are not.
func TestRetrySafety(t *testing.T) {
	forEachOperation(t, func(t *testing.T, action string, op *catalog.Operation) {
		synctest.Test(t, func(t *testing.T) {
			timeout := 10 * time.Second
			if op.TimeoutSeconds > 0 {
				timeout = time.Duration(op.TimeoutSeconds) * time.Second
			}
			wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
				deadline, ok := req.Context().Deadline()
				if left := time.Until(deadline); !ok || left != timeout {
					t.Errorf("the attempt may take %v, want %v", left, timeout)
				}
				return newAnswer(req, http.StatusServiceUnavailable, "<html>upstream</html>"), nil
			})
			in := newRequest(t, requestTypeNamed(t, action), loadFixture(t, action).Request)
			_, _, err := invoke(t.Context(), newTestClient(t, wire), action, in)
			want := 1
			if op.Access == "read" {
				want = 3
			}
			if n := len(wire.requests()); n != want {
				t.Errorf("a %s was sent %d times, want %d", op.Access, n, want)
			}
			if unknown := errors.Is(err, ErrOutcomeUnknown); unknown != (op.Access == "write") {
				t.Errorf("%v: outcome unknown is %v for a %s", err, unknown, op.Access)
			}
		})
	})
}

// TestSuccessFalse answers every operation with HTTP 200 and Success: false.
func TestSuccessFalse(t *testing.T) {
	forEachOperation(t, func(t *testing.T, action string, _ *catalog.Operation) {
		for name, body := range map[string]string{
			"with a code":    `{"RequestId":"R-1","Success":false,"Code":"Invalid.Parameter","Message":"no"}`,
			"with a result":  `{"RequestId":"R-1","Success":"false","Code":"Invalid.Parameter","Result":"false"}`,
			"code, no flag":  `{"RequestId":"R-1","Code":"Invalid.Parameter"}`,
			"code and true":  `{"RequestId":"R-1","Success":true,"Code":"Invalid.Parameter"}`,
			"in an array":    `{"RequestId":"R-1","Success":false,"Code":"Invalid.Parameter","Result":[]}`,
			"no code at all": `{"RequestId":"R-1","Success":false}`,
		} {
			wire := newRecorder(t, answering(http.StatusOK, body))
			in := newRequest(t, requestTypeNamed(t, action), loadFixture(t, action).Request)
			_, _, err := invoke(t.Context(), newTestClient(t, wire), action, in)
			var apiErr *Error
			if !errors.As(err, &apiErr) || apiErr.RequestID != "R-1" {
				t.Errorf("%s: %v, want an *Error of request R-1", name, err)
			} else if apiErr.Code != "" && !errors.Is(err, ErrInvalidParameter) {
				t.Errorf("%s: %v does not match its code", name, err)
			}
		}
	})
}

// deviations are the places where code and catalogue differ on purpose, with
// the reason. An entry that is not needed any more fails TestConformance.
var deviations = map[string]string{
	"AddUserToWorkspace RoleId": "bounded to the predefined roles 25 to 30 by the catalogue, but the service takes the ids of custom roles since 6.0.3",

	"AddUserToWorkspace RoleId enum":      "the service takes the ids of custom roles since 6.0.3",
	"UpdateWorkspaceUserRole RoleId enum": "several roles, and custom ones",
}

// TestConformance compares the code with the catalogue by reflection.
func TestConformance(t *testing.T) {
	t.Parallel()
	cat := catalog.Load()
	used := map[string]bool{}
	problem := func(key, format string, args ...any) {
		if deviations[key] != "" {
			used[key] = true
			return
		}
		t.Errorf("%s: %s", key, fmt.Sprintf(format, args...))
	}
	client := reflect.TypeFor[*Client]()
	var operations, parameters int
	for _, action := range slices.Sorted(maps.Keys(cat.Operations)) {
		op := cat.Operations[action]
		method, ok := client.MethodByName(action)
		if !ok {
			problem(action, "Client has no such method")
			continue
		}
		ft := method.Type
		if ft.NumIn() != 4 || ft.In(3) != reflect.TypeFor[[]CallOption]() || ft.In(1) != reflect.TypeFor[context.Context]() || ft.In(2).Kind() != reflect.Pointer || ft.In(2).Elem().Name() != action+"Request" ||
			ft.NumOut() != 2 || !strings.HasPrefix(ft.Out(0).Elem().Name(), "Response[") || ft.Out(1) != reflect.TypeFor[error]() {
			problem(action, "has the shape %v", ft)
			continue
		}
		operations++
		parameters += compareParams(action, op, ft.In(2).Elem(), problem)
		result, _ := ft.Out(0).Elem().FieldByName("Result")
		compareResult(action+" Result", op.Result, result.Type, problem)
		for _, code := range op.Errors {
			if _, ok := codeIndex()[strings.ToLower(code)]; !ok {
				problem(action+" "+code, "the code has no sentinel")
			}
		}
	}
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if base, all := strings.CutSuffix(name, "All"); all && cat.Operations[base] != nil || cat.Operations[name] != nil {
			continue
		}
		if !slices.Contains([]string{"CloseIdleConnections", "Do", "Endpoint", "String", "GoString"}, name) {
			problem(name, "a method without an operation")
		}
	}
	for key := range deviations {
		if !used[key] {
			t.Errorf("the deviation %q is not needed", key)
		}
	}
	documented := 0
	for _, op := range cat.Operations {
		documented += len(op.Params)
	}
	t.Logf("%d of %d operations, %d of %d parameters", operations, len(cat.Operations), parameters, documented)
	if operations != len(cat.Operations) || parameters != documented {
		t.Error("the client is incomplete")
	}
}

func compareParams(action string, op *catalog.Operation, typ reflect.Type, problem func(key, format string, args ...any)) (found int) {
	fields := map[string]field{}
	for _, f := range requestTypeOf(typ).fields {
		fields[f.wire] = f
	}
	for _, p := range op.Params {
		key := action + " " + p.Name
		f, ok := fields[p.Name]
		if !ok {
			problem(key, "the parameter has no field")
			continue
		}
		delete(fields, p.Name)
		found++
		if f.required != p.Required {
			problem(key, "required is %v, want %v", f.required, p.Required)
		}
		if f.inBody != (p.In == "body") {
			problem(key, "in the body is %v, want %v", f.inBody, p.In == "body")
		}
		if p.Minimum != nil && f.min != *p.Minimum || p.Maximum != nil && f.max != *p.Maximum {
			problem(key, "bounds are %d..%d, want %d..%d", f.min, f.max, *p.Minimum, *p.Maximum)
		}
		if !slices.Equal(f.oneOf, p.Enum) {
			problem(key+" enum", "takes %q, want %q", f.oneOf, p.Enum)
		}
		if got := typ.Field(f.index).Type; !fits(p.Type, got) {
			problem(key, "a %s parameter is a %v", p.Type, got)
		}
	}
	for wire := range fields {
		problem(action+" "+wire, "a field without a parameter")
	}
	return found
}

// fits reports whether a parameter of a wire type can be a field of type t.
func fits(wire string, t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch wire {
	case "int32", "long":
		return t.Kind() == reflect.Int || t.Kind() == reflect.Int64
	case "boolean":
		return t.Kind() == reflect.Bool
	}
	return t.Kind() != reflect.Bool // texts are lists, documents and numbers, too
}

// compareResult walks the documented result tree and the Go type side by side.
func compareResult(key string, r catalog.Result, t reflect.Type, problem func(key, format string, args ...any)) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kind := t.Kind()
	switch r.Type {
	case "boolean":
		if kind != reflect.Bool && t != reflect.TypeFor[OptionalBool]() {
			problem(key, "a boolean is a %v", t)
		}
	case "int32", "long":
		if kind != reflect.Int && kind != reflect.Int64 {
			problem(key, "a %s is a %v", r.Type, t)
		}
	case "double", "float":
		if kind != reflect.Float64 && t != reflect.TypeFor[UnixMilli]() {
			problem(key, "a %s is a %v", r.Type, t)
		}
	case "array":
		if kind != reflect.Slice {
			problem(key, "an array is a %v", t)
			return
		}
		compareResult(key+"[]", *r.Items, t.Elem(), problem)
	case "object":
		if kind != reflect.Struct {
			problem(key, "an object is a %v", t)
			return
		}
		fields := jsonFields(t)
		for _, f := range r.Fields {
			if ft, ok := fields[f.Name]; ok {
				compareResult(key+"."+f.Name, f, ft, problem)
			} else {
				problem(key+"."+f.Name, "the field has no home in %v", t)
			}
		}
	case "string":
		if kind == reflect.Bool {
			problem(key, "a string is a %v", t)
		}
	}
}

// jsonFields returns the fields of a struct, embedded ones too, by their JSON names.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, sf := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = sf.Type
		}
	}
	return fields
}

// TestEnumerations gives every enumerated parameter a value that is not documented: it
// is refused, unless the caller sends it on purpose. A documented value in another
// letter case is sent as documented.
func TestEnumerations(t *testing.T) {
	forEachOperation(t, func(t *testing.T, action string, op *catalog.Operation) {
		f := loadFixture(t, action)
		typ := requestTypeNamed(t, action)
		for _, parameter := range requestTypeOf(typ).fields {
			if parameter.oneOf == nil {
				continue
			}
			send := func(value string, opts ...CallOption) (sent []string, err error) {
				request := f.Request
				for _, other := range f.Instead {
					if _, ok := other.Query[parameter.wire]; ok {
						request = other.Request
					}
				}
				in := newRequest(t, typ, request)
				field := in.Elem().Field(parameter.index)
				if field.Kind() == reflect.Pointer {
					field.Set(reflect.New(field.Type().Elem()))
					field = field.Elem()
				}
				if field.Kind() == reflect.Slice {
					field.Set(reflect.MakeSlice(field.Type(), 1, 1))
					field = field.Index(0)
				}
				if field.CanInt() {
					n, _ := strconv.ParseInt(value, 10, 64)
					field.SetInt(n)
				} else {
					field.SetString(value)
				}
				wire := newRecorder(t, answering(http.StatusOK, string(f.Response)))
				_, _, err = invoke(t.Context(), newTestClient(t, wire), action, in, opts...)
				for _, s := range wire.requests() {
					sent = append(sent, s.query.Get(parameter.wire)+s.body.Get(parameter.wire))
				}
				return sent, err
			}
			unknown := "77"
			if parameter.bounded {
				for n := parameter.min; slices.Contains(parameter.oneOf, unknown) || n == parameter.min; n++ {
					unknown = strconv.FormatInt(n, 10)
				}
			}
			if sent, err := send(unknown); !errors.Is(err, ErrInvalidRequest) || len(sent) != 0 || !strings.Contains(err.Error(), parameter.wire+" is "+unknown+", which is not documented") {
				t.Errorf("%s %s: sent %q, %v", parameter.wire, unknown, sent, err)
			}
			if n, err := strconv.ParseInt(unknown, 10, 64); err != nil || n <= parameter.max { // or a limit refuses it
				if sent, _ := send(unknown, CallUndocumented()); !slices.Equal(sent, []string{unknown}) {
					t.Errorf("%s %s on purpose: sent %q", parameter.wire, unknown, sent)
				}
			}
			if sent, _ := send(strings.ToLower(parameter.oneOf[0])); !slices.Equal(sent, parameter.oneOf[:1]) {
				t.Errorf("%s in lower case: sent %q", parameter.wire, sent)
			}
		}
	})
}
