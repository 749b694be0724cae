package quickbi

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

var update = flag.Bool("update", false, "write docs/operations.md anew")

// sources is the package as its documentation sees it.
type sources struct {
	fset    *token.FileSet
	doc     *doc.Package
	methods map[string]*doc.Func // of Client
	types   map[string]*doc.Type // by name
	structs map[string]*ast.StructType
}

func parseSources(t *testing.T) *sources {
	t.Helper()
	s := &sources{fset: token.NewFileSet(), methods: map[string]*doc.Func{}, types: map[string]*doc.Type{}, structs: map[string]*ast.StructType{}}
	var files []*ast.File
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if s.doc, err = doc.NewFromFiles(s.fset, files, "github.com/quickbi-go/quickbi"); err != nil {
		t.Fatal(err)
	}
	for _, typ := range s.doc.Types {
		s.types[typ.Name] = typ
		if st, ok := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType); ok {
			s.structs[typ.Name] = st
		}
		if typ.Name == "Client" {
			for _, m := range typ.Methods {
				s.methods[m.Name] = m
			}
		}
	}
	return s
}

// fieldDoc returns the comment of the field with a wire name.
func (s *sources) fieldDoc(structName, wire string) string {
	for _, field := range s.structs[structName].Fields.List {
		if field.Tag == nil {
			continue
		}
		name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("url"), ",")
		if name == wire {
			return field.Doc.Text() + field.Comment.Text()
		}
	}
	return ""
}

// TestComments checks every operation's file, comment, documentation page and
// deprecations.
func TestComments(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	last := map[string]string{}
	order := map[string][]string{} // file → operations as they stand
	for action, op := range catalog.Load().Operations {
		m := s.methods[action]
		if m == nil {
			t.Errorf("%s has no method", action)
			continue
		}
		pos := s.fset.Position(m.Decl.Pos())
		if pos.Filename != op.Section+".go" {
			t.Errorf("%s is in %s, want %s.go", action, pos.Filename, op.Section)
		}
		order[pos.Filename] = append(order[pos.Filename], fmt.Sprintf("%05d %s", pos.Line, action))
		page := "https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-" + strings.ToLower(action)
		if !strings.HasPrefix(m.Doc, action+" ") || !strings.HasSuffix(strings.TrimSpace(m.Doc), page) {
			t.Errorf("%s: the comment does not start with the name and end with the page", action)
		}
		if got := strings.Contains(m.Doc, "\nDeprecated: "); got != op.Deprecated {
			t.Errorf("%s: deprecated is %v in the comment, want %v", action, got, op.Deprecated)
		}
		for _, p := range op.Params {
			if p.Deprecated && !strings.Contains(s.fieldDoc(action+"Request", p.Name), "Deprecated: ") {
				t.Errorf("%s %s: the comment does not say that it is deprecated", action, p.Name)
			}
		}
	}
	for file, operations := range order {
		slices.Sort(operations)
		for _, line := range operations {
			action := line[6:]
			if action < last[file] {
				t.Errorf("%s: %s stands after %s", file, action, last[file])
			}
			last[file] = action
		}
	}
}

// TestSentinelsInComments checks that every [ErrX] of a comment exists.
func TestSentinelsInComments(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	known := map[string]bool{}
	for _, group := range slices.Concat(s.doc.Consts, s.doc.Vars) {
		for _, name := range group.Names {
			known[name] = true
		}
	}
	for _, typ := range s.doc.Types {
		for _, group := range slices.Concat(typ.Consts, typ.Vars) {
			for _, name := range group.Names {
				known[name] = true
			}
		}
	}
	for name, m := range s.methods {
		for part := range strings.SplitSeq(m.Doc, "[") {
			if link, _, ok := strings.Cut(part, "]"); ok && strings.HasPrefix(link, "Err") && link != "Error" && !strings.HasPrefix(link, "Error.") && !known[link] {
				t.Errorf("%s: there is no %s", name, link)
			}
		}
	}
}

// TestShiftingLists checks that the comment of each iterator over a list whose
// entries leave it when they are acted upon names the way to do that.
func TestShiftingLists(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	for _, action := range []string{
		"GetWorksEmbedList", "ListOrganizationRoleUsers", "ListWorkspaceRoleUsers", "QueryApprovalInfo", "QueryUserList",
		"QueryWorkspaceUserList", "QueryWorksByOrganization", "QueryWorksByWorkspace",
	} {
		if m := s.methods[action+"All"]; !strings.Contains(m.Doc, "[Collect]") {
			t.Errorf("%sAll: the comment does not name Collect", action)
		}
	}
}

// TestPageSizesInComments checks that the comment of each iterator says how large
// its pages are, and the request what the service's default is.
func TestPageSizesInComments(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	for action, op := range catalog.Load().Operations {
		m := s.methods[action+"All"]
		if m == nil {
			continue
		}
		numbered, size := false, catalog.Param{}
		for _, p := range op.Params {
			if strings.HasPrefix(p.Name, "Page") && p.Name != "PageSize" {
				numbered = true
			}
			if p.Name == "PageSize" {
				size = p
			}
		}
		if size.Name == "" {
			continue // day by day
		}
		most := size.Default
		if size.Maximum != nil {
			most = fmt.Sprint(*size.Maximum)
		}
		want := most + " a page by default"
		if !numbered {
			want = "more than " + most + ", the largest page"
		}
		if text := strings.Join(strings.Fields(m.Doc), " "); !strings.Contains(text, want) {
			t.Errorf("%sAll: the comment does not say %q: %s", action, want, text)
		}
		if text := s.fieldDoc(action+"Request", "PageSize"); !strings.HasPrefix(text, "default "+size.Default) {
			t.Errorf("%s: the comment of PageSize is %q, want the default %s", action, text, size.Default)
		}
	}
}

// TestOperationsTable compares docs/operations.md with the code and the
// catalogue it is made from. go test -run TestOperationsTable -update writes it.
func TestOperationsTable(t *testing.T) {
	t.Parallel()
	const path = "docs/operations.md"
	s := parseSources(t)
	cat := catalog.Load()
	var b strings.Builder
	fmt.Fprintf(&b, "# Operations\n\nAll operations of `%s` %s, by section of the documentation. Each is a method of `Client` in the file of\n"+
		"its section. A paged one has an iterator beside it, with `All` behind its name.\n\n"+
		"This table is generated: `go test -run TestOperationsTable -update .`\n", cat.Product, cat.Version)
	for _, section := range cat.Sections {
		fmt.Fprintf(&b, "\n## %s: [`%s.go`](../%[2]s.go)\n\n| operation | what it does | access | paged |\n|---|---|---|---|\n", section.Title, section.File)
		var actions []string
		for action, op := range cat.Operations {
			if op.Section == section.File {
				actions = append(actions, action)
			}
		}
		slices.Sort(actions)
		for _, action := range actions {
			m := s.methods[action]
			if m == nil {
				continue // TestConformance says so
			}
			// Without the name, because Synopsis takes a text that starts with "Author" for a notice of authorship.
			does := strings.TrimSuffix(s.doc.Synopsis(strings.TrimPrefix(m.Doc, action+" ")), ".")
			if does == "" {
				t.Errorf("%s: the comment's first sentence does not say what it does", action)
			}
			does = strings.NewReplacer("|", `\|`, "[Client.", "", "[", "", "]", "").Replace(does)
			if cat.Operations[action].Deprecated {
				does += " (deprecated)"
			}
			paged := ""
			if s.methods[action+"All"] != nil {
				paged = "yes"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", action, does, cat.Operations[action].Access, paged)
		}
	}
	compareFile(t, path, b.String())
}

// codeBlocks returns the blocks of a document in a language.
func codeBlocks(t *testing.T, path, language string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for part := range strings.SplitSeq(string(text), "\n```"+language+"\n") {
		block, _, _ := strings.Cut(part, "\n```")
		blocks = append(blocks, block)
	}
	return blocks[1:] // the first part stands before any block
}

// TestDocumentsCompile compiles the Go code of the documents.
func TestDocumentsCompile(t *testing.T) {
	t.Parallel()
	const imports = `package snippets

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aliyun/credentials-go/credentials"
	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/credentialsgo"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// What the documents take for granted.
var (
	ctx    = context.Background()
	client *quickbi.Client
	server *quickbitest.Server
	file   *os.File
	err    error

	src                                   string
	report                                *dirsync.Report
	id, secret, leaver, successor, viewer string
	worksID                               string

	_ = errors.New
	_ = fmt.Println
	_ = log.Print
	_ = credentials.NewCredential
	_ = credentialsgo.New
	_ = quickbitest.NewServer
	_ = embedding.AsOwner
	_ = os.Stdout
	_ = time.Now
)
`
	var source strings.Builder
	source.WriteString(imports)
	for _, path := range []string{"README.md", "README.zh-CN.md", "docs/migrating.md", "docs/embedding.md", "docs/emulator.md", "docs/rules.md"} {
		blocks := codeBlocks(t, path, "go")
		if len(blocks) == 0 {
			t.Errorf("%s has no Go code", path)
		}
		for i, block := range blocks {
			fmt.Fprintf(&source, "\n//line %s:%d\nfunc _() error {\n%s\n\t_, _, _, _, _ = client, server, err, src, report\n\treturn nil\n}\n", path, i+1, block)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "snippets.go")
	if err := os.WriteFile(file, []byte(source.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	// The file takes part in the build as if it were in the module.
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "internal", "snippets", "snippets.go"): file}})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlayFile, "./internal/snippets").CombinedOutput(); err != nil {
		t.Errorf("%v (line n: of the n-th block on)\n%s", err, out)
	}
}

// TestTranslation checks that the Chinese README shows the same code.
func TestTranslation(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"go", "sh"} {
		if diff := cmp.Diff(codeBlocks(t, "README.md", language), codeBlocks(t, "README.zh-CN.md", language)); diff != "" {
			t.Errorf("%s blocks (-README.md +README.zh-CN.md):\n%s", language, diff)
		}
	}
}

// TestLinks checks that relative links of the documents lead somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#\s]+)\)`)
	for _, path := range append(documents, "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), match[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}
