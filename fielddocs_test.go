package quickbi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// filledFields are the fields of result types, with the operations that return
// the type and those of them that document the field.
type filledFields struct {
	returnedBy map[string]map[string]bool    // type → operations
	filledBy   map[[2]string]map[string]bool // type and field → operations
}

// walk enters what an operation documents of a result of type t.
func (f *filledFields) walk(action string, r catalog.Result, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case r.Type == "array" && t.Kind() == reflect.Slice:
		f.walk(action, *r.Items, t.Elem())
	case r.Type == "object" && t.Kind() == reflect.Struct:
		documented := map[string]catalog.Result{}
		for _, member := range r.Fields {
			documented[member.Name] = member
		}
		for _, sf := range reflect.VisibleFields(t) {
			wire, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
			if wire == "" {
				continue // embedded: its fields are visible themselves
			}
			owner := t
			for _, i := range sf.Index[:len(sf.Index)-1] {
				owner = owner.Field(i).Type
			}
			name, _, _ := strings.Cut(owner.Name(), "[")
			if f.returnedBy[name] == nil {
				f.returnedBy[name] = map[string]bool{}
			}
			f.returnedBy[name][action] = true
			key := [2]string{name, sf.Name}
			if f.filledBy[key] == nil {
				f.filledBy[key] = map[string]bool{}
			}
			if member, ok := documented[wire]; ok {
				f.filledBy[key][action] = true
				f.walk(action, member, sf.Type)
			}
		}
	}
}

// filledBy is how a comment says which operations fill a field, and which do
// not where those are fewer; "" if all do.
func filledBy(all, some map[string]bool) string {
	var others []string
	for action := range all {
		if !some[action] {
			others = append(others, action)
		}
	}
	slices.Sort(others)
	fillers := slices.Sorted(maps.Keys(some))
	list := func(names []string) string {
		last := len(names) - 1
		if last == 0 {
			return names[0]
		}
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	switch {
	case len(others) == 0:
		return ""
	case len(others) < len(fillers):
		return "Not filled by " + list(others) + "."
	}
	return "Filled by " + list(fillers) + " only."
}

var saysFilled = regexp.MustCompile(`(Not filled|Filled) by [^.]*\.`)

// TestFilledFields derives from the catalogue which operations fill the fields of
// the types that several of them return: a comment says so of each field that not
// all of them fill, and of no other.
func TestFilledFields(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	f := filledFields{map[string]map[string]bool{}, map[[2]string]map[string]bool{}}
	for action, op := range catalog.Load().Operations {
		method, ok := reflect.TypeFor[*Client]().MethodByName(action)
		if !ok {
			continue // TestConformance says so
		}
		result, _ := method.Type.Out(0).Elem().FieldByName("Result")
		f.walk(action, op.Result, result.Type)
	}
	for typ, st := range s.structs {
		for _, field := range st.Fields.List {
			for _, ident := range field.Names {
				key := [2]string{typ, ident.Name}
				some, returned := f.filledBy[key]
				if returned && len(some) == 0 {
					t.Errorf("%s.%s is documented of no operation", typ, ident.Name)
					continue
				}
				want := filledBy(f.returnedBy[typ], some)
				if !returned {
					want = ""
				}
				comment := fieldComment(field)
				if got := strings.Join(saysFilled.FindAllString(comment, -1), " "); got != want {
					t.Errorf("%s.%s: the comment says %q of who fills it, want %q", typ, ident.Name, got, want)
				}
			}
		}
	}
	shared := 0
	for _, actions := range f.returnedBy {
		if len(actions) > 1 {
			shared++
		}
	}
	if shared < 10 {
		t.Errorf("only %d types are returned by several operations", shared)
	}
}

// fieldComment is the comment above a field and that behind it, on one line.
func fieldComment(field *ast.Field) string {
	return strings.Join(strings.Fields(field.Doc.Text()+" "+field.Comment.Text()), " ")
}

var sentinelLink = regexp.MustCompile(`\[(Err[A-Za-z0-9]+)\]`)

// TestExpectedCodes compares the codes that a method's comment names with those
// that are documented of the operation: what only a sibling documents is a guess.
// An operation without any is said to have none.
func TestExpectedCodes(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	codes := map[string]string{} // sentinel → code
	for _, group := range s.declarations() {
		decl, ok := group.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, name := range value.Names {
				if i < len(value.Values) {
					if text := sentinelCode(value.Values[i]); text != "" {
						codes[name.Name] = text
					}
				}
			}
		}
	}
	if len(codes) < 100 {
		t.Fatalf("only %d sentinels were found", len(codes))
	}
	const none = "errors are not documented"
	for action, op := range catalog.Load().Operations {
		m := s.methods[action]
		if m == nil {
			continue // TestConformance says so
		}
		text := strings.Join(strings.Fields(m.Doc), " ")
		for _, link := range sentinelLink.FindAllStringSubmatch(text, -1) {
			code, ok := codes[link[1]]
			if ok && !slices.ContainsFunc(op.Errors, func(documented string) bool { return strings.EqualFold(documented, code) }) {
				t.Errorf("%s: %s (%s) is not documented of it", action, link[1], code)
			}
		}
		if says := strings.Contains(strings.ToLower(text), none); says != (len(op.Errors) == 0) {
			t.Errorf("%s: the comment says that %s: %v; %d are", action, none, says, len(op.Errors))
		}
	}
}

// sentinelCode returns the code of ErrorCode("X"), or "".
func sentinelCode(value ast.Expr) string {
	call, ok := value.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || fmt.Sprint(call.Fun) != "ErrorCode" {
		return ""
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return ""
	}
	return strings.Trim(lit.Value, `"`)
}

// stilted are turns that comments used to have, with what is said instead.
var stilted = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\bunless in\b|\bin (says|gives|asks|names)\b`), "the request, not the name of the parameter"},
	{regexp.MustCompile(`(?i)(^|[^e] )(is|are|was|were) no [a-z]+`), "is not a …"},
	{regexp.MustCompile(`(?i)\bhas (nothing|nobody|somebody|a language model)\b`), "a subject that does it"},
	{regexp.MustCompile(`(?i)\bwhom (no|none|a|the|its)\b`), "members without a rule, and the like"},
	{regexp.MustCompile(`(?i)\btakes? (it|them|one|\w+) away\b`), "removes, revokes"},
}

// TestPlainComments keeps the turns of speech out that have been weeded out once.
func TestPlainComments(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	read := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Comments {
			read++
			text := strings.Join(strings.Fields(group.Text()), " ")
			for _, turn := range stilted {
				for _, found := range turn.pattern.FindAllString(text, -1) {
					if lower := strings.ToLower(found); !strings.Contains(lower, "no longer") && !strings.Contains(lower, "no more") && !strings.Contains(lower, "no less") {
						t.Errorf("%s: %q: say %s", fset.Position(group.Pos()), found, turn.instead)
					}
				}
			}
		}
	}
	if read < 1000 {
		t.Errorf("only %d comments were read", read)
	}
}
