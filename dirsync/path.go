package dirsync

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/internal/grouppath"
)

// Path returns the path of a group from the names of the groups on the way to
// it. Quick BI allows slashes and backslashes in names: within a path they have
// a backslash before them, as do semicolons, which separate paths in CSV files.
func Path(names ...string) string { return grouppath.Join(names...) }

// splitPath undoes Path and checks that there can be such a group. Blanks
// around names do not count: files written by hand have them.
func splitPath(path string) ([]string, error) {
	var names []string
	var name strings.Builder
	for rest := path; ; {
		i := strings.IndexAny(rest, `/\`)
		if i < 0 {
			name.WriteString(rest)
			names = append(names, clean(name.String()))
			break
		}
		name.WriteString(rest[:i])
		if rest[i] == '/' {
			names = append(names, clean(name.String()))
			name.Reset()
			rest = rest[i+1:]
			continue
		}
		if i+1 == len(rest) || !strings.ContainsRune(`/\;`, rune(rest[i+1])) {
			return nil, fmt.Errorf(`group path %q: a backslash stands before a slash, a semicolon or another backslash`, path)
		}
		name.WriteByte(rest[i+1])
		rest = rest[i+2:]
	}
	if len(names) > serviceMaxDepth {
		return nil, fmt.Errorf("group path %q has %d layers, and there can be %d", path, len(names), serviceMaxDepth)
	}
	for _, name := range names {
		if name == "" {
			return nil, fmt.Errorf("group path %q has an empty name", path)
		}
		if n := utf8.RuneCountInString(name); n > maxGroupName {
			return nil, fmt.Errorf("group path %.40q… has a name of %d characters, and it can have %d", path, n, maxGroupName)
		}
	}
	return names, nil
}
