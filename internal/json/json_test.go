package json

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSource checks that the standard library is used from Go 1.27 on.
func TestSource(t *testing.T) {
	t.Parallel()
	want := "encoding/json/v2"
	if strings.HasPrefix(runtime.Version(), "go1.26") {
		want = "github.com/go-json-experiment/json"
	}
	if Source != want {
		t.Errorf("%s uses %s", runtime.Version(), Source)
	}
}

// TestSameNames compares the two files, which must differ in their imports only.
func TestSameNames(t *testing.T) {
	t.Parallel()
	var bodies [2]string
	for i, name := range []string{"module.go", "standard.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, bodies[i], _ = strings.Cut(string(text), "// Names of")
	}
	if bodies[0] == "" || bodies[0] != bodies[1] {
		t.Error("module.go and standard.go differ")
	}
}

// TestOnlyHere looks for other files of the module that import the experiment.
func TestOnlyHere(t *testing.T) {
	t.Parallel()
	root, found := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); entry.IsDir() && path != root && err == nil {
			return fs.SkipDir // a module of its own
		}
		if entry.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			if !strings.Contains(imported.Path.Value, "go-json-experiment") {
				continue
			}
			if filepath.Base(path) != "module.go" {
				t.Errorf("%s imports %s", path, imported.Path.Value)
			}
			found++
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d imports found, %v", found, err)
	}
}
