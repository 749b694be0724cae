package quickbitest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// unplayed and unlogged list what the table does not have yet: operations that are
// refused, and operations that write and leave no line in the audit log. An operation
// can be added to the catalogue and to the client before the emulator plays it.
var (
	unplayed = map[string]bool{}
	unlogged = map[string]bool{}
)

// TestOperations compares the table with the catalogue.
func TestOperations(t *testing.T) {
	t.Parallel()
	api := catalog.Load().Operations
	for action, op := range api {
		row, ok := operations[action]
		if ok == unplayed[action] {
			t.Errorf("%s has a row: %v", action, ok)
		}
		logs := row.log.log != ""
		if want := op.Access == "write" && !unplayed[action] && !unlogged[action]; logs != want {
			t.Errorf("%s leaves lines in the audit log: %v, want %v", action, logs, want)
		}
		if param, _, _ := strings.Cut(row.log.things, "."); param != "" {
			(&call{action: action, op: op}).string(param) // panics if there is none
		}
	}
	for action := range operations {
		if api[action] == nil {
			t.Errorf("%s is not in the catalogue", action)
		}
	}
}

// TestHandlersAreWhereTheirMethodsAre finds the handler of each operation under its name,
// in the file of its section.
func TestHandlersAreWhereTheirMethodsAre(t *testing.T) {
	t.Parallel()
	for _, section := range catalog.Load().Sections {
		file, err := parser.ParseFile(token.NewFileSet(), section.File+".go", nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		there := make(map[string]bool)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				there[f.Name.Name] = true
			}
		}
		for action, op := range catalog.Load().Operations {
			if name := strings.ToLower(action[:1]) + action[1:]; op.Section == section.File && !there[name] && !unplayed[action] {
				t.Errorf("%s.go has no %s", section.File, name)
			}
		}
	}
}

// TestUnplayedOperation calls an operation that has no row.
func TestUnplayedOperation(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	c := &call{organization: e.org, now: e.Now(), action: "BrewTea", op: &catalog.Operation{Access: "write"}}
	_, err := c.play()
	refusal, ok := err.(*gateway.Refusal)
	if !ok || refusal.Code != "UnsupportedOperation" || refusal.Status != http.StatusNotImplemented || !strings.Contains(refusal.Message, "BrewTea") {
		t.Errorf("%+v", err)
	}
	if log := e.Snapshot().AuditLog; len(log) > 0 {
		t.Errorf("%+v", log)
	}
}
