package quickbi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTextsInChinese takes the texts of failures from the source, and checks that
// none of them is left half in English.
func TestTextsInChinese(t *testing.T) {
	t.Parallel()
	english := regexp.MustCompile(`\b[a-z]{2,}\b`)
	verb := regexp.MustCompile(`%[#+]?[a-zA-Z]`)
	stays := []string{"http", "nil", "context", "deadline", "exceeded", "canceled", "time", "themes", "net", "false"}
	// The marks of errors, which are never shown, and texts that are not of a call.
	unshown := []string{"the name of the host is not found", "the TLS handshake failed", "malformed credential", "provider failed", "X1: the list has more than X1",
		"parameter Name X1 X1, which is not documented; it takes X1, and others with CallUndocumented", // has a verb in front
	}
	texts := 0
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "options.go" {
			continue // errors of options are those of NewClient, which has no language yet
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var text func(ast.Expr) string
		text = func(x ast.Expr) string {
			switch x := x.(type) {
			case *ast.BasicLit:
				s, _ := strconv.Unquote(x.Value)
				return s
			case *ast.BinaryExpr:
				return text(x.X) + text(x.Y)
			case *ast.CallExpr:
				if called(x) == "fmt.Sprintf" {
					return verb.ReplaceAllString(text(x.Args[0]), "X1")
				}
			case *ast.SelectorExpr:
				if x.Sel.Name == "name" { // of a part of a credential
					return "access key id"
				}
			}
			return "X1"
		}
		check := func(name, said string) {
			if strings.HasPrefix(said, "quickbi: ") || slices.Contains(unshown, said) {
				return
			}
			texts++
			got := inChinese(said)
			for _, word := range english.FindAllString(got, -1) {
				if !slices.Contains(stays, word) {
					t.Errorf("%s: %q has no Chinese form in chinesePhrases, or half of one: %q", name, said, got)
					return
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				switch called(n) {
				case "problem", "found.add":
					check(name, "parameter Name "+text(n.Args[1]))
				case "report":
					check(name, "parameter Name "+verb.ReplaceAllString(text(n.Args[0]), "X1")+" at index 1")
				case "fmt.Sprintf":
					check(name, "parameter Name "+text(n)) // most are of parameters
				case "errors.New":
					check(name, text(n.Args[0]))
				case "fmt.Errorf":
					check(name, verb.ReplaceAllString(text(n.Args[0]), "X1"))
				case "misled":
					check(name, text(n.Args[2]))
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Problem" {
					check(name, "parameter Name "+text(n.Value))
				} else if ok && key.Name == "Message" {
					check(name, text(n.Value))
				}
			case *ast.AssignStmt: // of the Message of an error
				for i, left := range n.Lhs {
					if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "Message" && i < len(n.Rhs) {
						check(name, text(n.Rhs[i]))
					}
				}
			}
			return true
		})
	}
	if texts < 80 {
		t.Errorf("only %d texts were found", texts)
	}
}

// called is the name of what is called, such as "errors.New".
func called(call *ast.CallExpr) string {
	fun := call.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		if x, ok := fun.X.(*ast.Ident); ok {
			return x.Name + "." + fun.Sel.Name
		}
	}
	return ""
}
