package witness

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table in docs/emulator.md")

const (
	docs  = "../../docs/emulator.md"
	begin = "<!-- witnesses: go test ./witness -update, in interop, writes this table -->\n"
	end   = "<!-- end of witnesses -->\n"
	head  = "| client | language | version | signature | operations called | accepted |\n|---|---|---|---|---|---|\n"
)

// checkTable compares the table in the documentation with the rows, of which some
// are empty where a language is not installed, or writes it.
func checkTable(t *testing.T, rows []string) {
	t.Helper()
	if t.Failed() {
		return // the rows are not true
	}
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no table between %q and %q", docs, begin, end)
	}
	lines := strings.SplitAfter(strings.TrimPrefix(table, head), "\n")
	if *update {
		for i, row := range rows {
			if row == "" {
				t.Fatalf("%s has not been run: the table needs all of them", witnesses[i].client)
			}
		}
		if err := os.WriteFile(docs, []byte(before+begin+head+strings.Join(rows, "")+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for i, row := range rows {
		if row != "" && (i >= len(lines) || lines[i] != row) {
			t.Errorf("%s, row %d of the table is not %q: run go test ./witness -update", docs, i+1, row)
		}
	}
}
