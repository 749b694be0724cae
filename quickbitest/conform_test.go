package quickbitest

import (
	goflag "flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// What the emulator answers is held against the catalogue, which is made of the service's
// own description, and not against the client: two ends that share a mistake agree with
// each other.

// answered has the fields that any test has seen, such as "QueryUserList.Data[].UserId".
var answered sync.Map

// TestMain also fails if there is a documented field that the emulator never answers,
// provided that all tests have run.
func TestMain(m *testing.M) {
	code := m.Run()
	selected := false
	for _, name := range []string{"run", "skip", "list", "fuzz"} {
		f := goflag.Lookup("test." + name)
		selected = selected || f != nil && f.Value.String() != ""
	}
	if code == 0 && !selected {
		for _, action := range slices.Sorted(maps.Keys(catalog.Load().Operations)) {
			code |= unanswered(action, catalog.Load().Operations[action].Result)
		}
	}
	os.Exit(code)
}

// unanswered names the fields below the node that no test has seen.
func unanswered(at string, node catalog.Result) (code int) {
	for _, f := range node.Fields {
		name := at + "." + f.Name
		if _, ok := answered.Load(name); !ok {
			fmt.Println(name, "is documented, and never answered")
			code = 1
			continue
		}
		code |= unanswered(name, f)
	}
	if node.Items != nil {
		code |= unanswered(at+"[]", *node.Items)
	}
	return code
}

// conforms checks a result against the catalogue.
func conforms(t testing.TB, at string, want catalog.Result, v any) {
	t.Helper()
	ok := true
	switch want.Type {
	case "string":
		_, ok = v.(string)
	case "boolean":
		_, ok = v.(bool)
	case "int32", "long", "double", "float":
		_, ok = v.(float64)
	case "array":
		var items []any
		items, ok = v.([]any)
		for _, item := range items {
			conforms(t, at+"[]", *want.Items, item)
		}
	case "object":
		var fields map[string]any
		fields, ok = v.(map[string]any)
		for name, value := range fields {
			i := slices.IndexFunc(want.Fields, func(f catalog.Result) bool { return f.Name == name })
			if i < 0 {
				t.Errorf("%s.%s is not documented", at, name)
				continue
			}
			answered.Store(at+"."+name, true)
			conforms(t, at+"."+name, want.Fields[i], value)
		}
	}
	if !ok {
		t.Errorf("%s is %T, documented as %s", at, v, want.Type)
	}
}
