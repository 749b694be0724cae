// Gendocs writes the comments of package quickbi's methods, and of the fields of
// their requests, into a JSON file: quickbi api shows them to those who do not write
// Go, so with values and with names on the wire in place of Go's.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

func main() {
	text, err := Generate(filepath.Join("..", ".."))
	if err == nil {
		err = os.WriteFile(os.Args[1], text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

type operation struct {
	Text   string            `json:"text"`
	Params map[string]string `json:"params,omitempty"` // by wire name
}

// Generate reads the package in dir.
func Generate(dir string) ([]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/quickbi-go/quickbi")
	if err != nil {
		return nil, err
	}
	operations := map[string]operation{}
	requests := map[string]*ast.StructType{}
	known := constantsOf(files)
	for _, t := range pkg.Types {
		if action, ok := strings.CutSuffix(t.Name, "Request"); ok {
			if s, ok := t.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType); ok {
				requests[action] = s
			}
		}
	}
	for _, t := range pkg.Types {
		if t.Name != "Client" {
			continue
		}
		for _, m := range t.Methods {
			if s, ok := requests[m.Name]; ok {
				names := namesOf(s, known)
				operations[m.Name] = operation{names.replace(plain(m.Doc)), params(s, known, names)}
			}
		}
	}
	text, err := json.MarshalIndent(operations, "", " ")
	return append(text, '\n'), err
}

// A constant is an exported constant with a literal value.
type constant struct{ name, typ, value, comment string }

func constantsOf(files []*ast.File) []constant {
	var found []constant
	for _, file := range files {
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				c := spec.(*ast.ValueSpec)
				if len(c.Values) != 1 || !c.Names[0].IsExported() {
					continue
				}
				typ, value := c.Type, c.Values[0]
				if call, ok := value.(*ast.CallExpr); ok { // a conversion
					typ, value = call.Fun, call.Args[0]
				}
				name, _ := typ.(*ast.Ident)
				if literal, ok := value.(*ast.BasicLit); ok {
					entry := constant{name: c.Names[0].Name, value: strings.Trim(literal.Value, `"`), comment: strings.TrimSpace(plain(c.Comment.Text()))}
					if name != nil {
						entry.typ = name.Name
					}
					found = append(found, entry)
				}
			}
		}
	}
	return found
}

// replacements are what Go's names are for those who do not write Go.
type replacements map[string]string

// namesOf returns the replacements within the comments of a request.
func namesOf(s *ast.StructType, known []constant) replacements {
	names := replacements{}
	for _, c := range known {
		if c.typ == "ErrorCode" {
			names[c.name] = c.value
		} else {
			names[c.name] = c.value + " (" + c.name + ")"
		}
	}
	for _, f := range s.Fields.List {
		if wire := wireName(f); wire != "" {
			names[f.Names[0].Name] = wire
		}
	}
	return names
}

var identifier = regexp.MustCompile(`\b[A-Z]\w+`)

func (names replacements) replace(text string) string {
	return identifier.ReplaceAllStringFunc(text, func(name string) string { return cmp.Or(names[name], name) })
}

func wireName(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	wire, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("url"), ",")
	return wire
}

func params(s *ast.StructType, known []constant, names replacements) map[string]string {
	texts := map[string]string{}
	for _, f := range s.Fields.List {
		wire := wireName(f)
		if wire == "" {
			continue
		}
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		if text = strings.TrimSpace(names.replace(plain(text)) + "\n" + meanings(f, known)); text != "" {
			texts[wire] = text
		}
	}
	return texts
}

// meanings says what the documented values of a field mean.
func meanings(f *ast.Field, known []constant) string {
	typ := f.Type
	switch t := typ.(type) {
	case *ast.StarExpr:
		typ = t.X
	case *ast.ArrayType:
		typ = t.Elt
	}
	name, ok := typ.(*ast.Ident)
	if !ok || !name.IsExported() {
		return ""
	}
	allowed := map[string]bool{}
	for option := range strings.SplitSeq(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("quickbi"), ",") {
		if kind, list, _ := strings.Cut(option, "="); kind == "oneof" || kind == "kinds" {
			for value := range strings.FieldsSeq(list) {
				value, _, _ = strings.Cut(value, ":")
				allowed[value] = true
			}
		}
	}
	values := slices.DeleteFunc(slices.Clone(known), func(c constant) bool { return c.typ != name.Name })
	var lines []string
	for _, c := range values {
		if len(allowed) == 0 || allowed[c.value] {
			words := strings.ToLower(strings.Join(wordsOf(c.name)[sharedWords(values):], " "))
			lines = append(lines, c.value+": "+words+strings.TrimSuffix("; "+c.comment, "; "))
		}
	}
	return strings.Join(lines, "\n")
}

var word = regexp.MustCompile(`[A-Z]+$|[A-Z][a-z0-9]*`)

func wordsOf(name string) []string { return word.FindAllString(name, -1) }

// sharedWords is how many words the names of constants begin with in common.
func sharedWords(constants []constant) int {
	first := wordsOf(constants[0].name)
	n := len(first) - 1
	for _, c := range constants[1:] {
		words := wordsOf(c.name)
		for n > 0 && (n >= len(words) || !slices.Equal(words[:n], first[:n])) {
			n--
		}
	}
	return n
}

// plain takes the brackets off links, which a terminal cannot follow.
func plain(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '[' {
			if name, _, ok := strings.Cut(text[i+1:], "]"); ok && name != "" && !strings.ContainsAny(name, " []\n\"{") {
				b.WriteString(strings.TrimPrefix(name, "Client."))
				i += len(name) + 1
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return strings.TrimSpace(b.String())
}
