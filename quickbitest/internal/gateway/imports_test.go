package gateway

import (
	"go/build"
	"strings"
	"testing"
)

// TestImports keeps the gateway apart from the organization and from the client, whose
// mistakes it must not share. The catalogue holds facts, and imports the standard
// library only.
func TestImports(t *testing.T) {
	t.Parallel()
	const facts = "github.com/quickbi-go/quickbi/internal/catalog"
	for dir, allowed := range map[string]string{".": facts, "../../../internal/catalog": ""} {
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && path != allowed {
				t.Errorf("%s imports %s", pkg.Name, path)
			}
		}
	}
}
