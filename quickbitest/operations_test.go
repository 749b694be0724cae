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

// TestOperations compares the table with the catalogue: what writes leaves a line in the
// audit log, and rules name parameters.
func TestOperations(t *testing.T) {
	t.Parallel()
	api := catalog.Load().Operations
	for action, row := range operations {
		op := api[action]
		if op == nil {
			t.Errorf("%s is not in the catalogue", action)
			continue
		}
		if logs := row.log.log != ""; logs != (op.Access == "write") {
			t.Errorf("%s, a %s, leaves lines in the audit log: %v", action, op.Access, logs)
		}
		if param, _, _ := strings.Cut(row.log.things, "."); param != "" {
			(&call{action: action, op: op}).string(param) // panics if there is none
		}
	}
}

// TestHandlersAreWhereTheirMethodsAre finds the handler of each operation under its name,
// in the file of its section. An operation that the emulator does not play yet has neither
// a handler nor a row; what has one and not the other was forgotten.
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
			if op.Section != section.File {
				continue
			}
			name := strings.ToLower(action[:1]) + action[1:]
			if _, played := operations[action]; there[name] != played {
				t.Errorf("%s.go has the handler %s: %v; the table has %s: %v", section.File, name, there[name], action, played)
			}
			if !there[name] {
				t.Logf("%s is not played yet", action)
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
