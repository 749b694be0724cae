// Gendocs writes the comments of package quickbi's methods, and of the fields of
// their requests, into a JSON file: quickbi api shows them.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
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
				operations[m.Name] = operation{plain(m.Doc), params(s)}
			}
		}
	}
	text, err := json.MarshalIndent(operations, "", " ")
	return append(text, '\n'), err
}

func params(s *ast.StructType) map[string]string {
	texts := map[string]string{}
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		wire, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("url"), ",")
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		if text = plain(text); wire != "" && text != "" {
			texts[wire] = text
		}
	}
	return texts
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
