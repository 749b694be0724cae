package dirsync

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/quickbi-go/quickbi"
)

// Records makes a source of records that cannot fail.
func Records(seq iter.Seq[Record]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r := range seq {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// A rowError is what is wrong with one row or line of a file. The rows after it
// can still be read.
type rowError struct {
	line int
	err  error
}

func (e *rowError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *rowError) Unwrap() error { return e.err }

func origin(line int) string { return "line " + strconv.Itoa(line) }

// userTypes are the names of user types, the one that is written first.
var userTypes = []struct {
	userType quickbi.UserType
	names    []string
}{
	{quickbi.UserTypeDeveloper, []string{"developer", "开发者"}},
	{quickbi.UserTypeViewer, []string{"viewer", "查看者", "阅览者"}},
	{quickbi.UserTypeAnalyst, []string{"analyst", "分析师"}},
}

// ParseUserType returns the user type that is called developer, viewer or
// analyst, in any letter case or in Chinese, or given as its number.
func ParseUserType(s string) (quickbi.UserType, error) {
	s = clean(s)
	for _, known := range userTypes {
		for _, name := range known.names {
			if strings.EqualFold(s, name) {
				return known.userType, nil
			}
		}
	}
	// The service reserves numbers up to 10.
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= 10 {
		return quickbi.UserType(n), nil
	}
	return 0, fmt.Errorf("%q is no user type: it is developer, viewer, analyst or a number", s)
}

func userTypeName(t quickbi.UserType) string {
	for _, known := range userTypes {
		if known.userType == t {
			return known.names[0]
		}
	}
	return "user type " + strconv.Itoa(int(t))
}

// splitWorkspaces takes the list of workspaces in one cell apart: Sales=analyst;Finance=viewer.
// A semicolon, equals sign or backslash of a name has a backslash before it. What has
// no role stays without one. A cell with nothing in it says that there are none.
func splitWorkspaces(cell string) map[string][]string {
	workspaces := make(map[string][]string)
	addWorkspaces(workspaces, cell)
	return workspaces
}

func addWorkspaces(workspaces map[string][]string, cell string) {
	var name, text strings.Builder
	hasRole := false
	end := func() {
		workspace, role := clean(text.String()), ""
		if hasRole {
			workspace, role = clean(name.String()), workspace
		}
		if workspace != "" || role != "" {
			roles := workspaces[workspace]
			if role != "" {
				roles = append(roles, role)
			}
			workspaces[workspace] = roles
		}
		name.Reset()
		text.Reset()
		hasRole = false
	}
	for i := 0; i < len(cell); i++ {
		switch b := cell[i]; {
		case b == '\\' && i+1 < len(cell) && strings.IndexByte(`;=\`, cell[i+1]) >= 0:
			i++
			text.WriteByte(cell[i])
		case b == ';':
			end()
		case b == '=' && !hasRole:
			name.WriteString(text.String())
			text.Reset()
			hasRole = true
		default:
			text.WriteByte(b)
		}
	}
	end()
}

// splitGroups takes the list of groups in one cell apart. A semicolon in the name
// of a group has a backslash before it.
func splitGroups(cell string) []string {
	var paths []string
	for start, i := 0, 0; i <= len(cell); i++ {
		switch {
		case i == len(cell) || cell[i] == ';':
			if path := clean(cell[start:i]); path != "" {
				paths = append(paths, path)
			}
			start = i + 1
		case cell[i] == '\\':
			i++
			if i == len(cell) {
				i-- // a stray backslash at the end: splitPath reports it
			}
		}
	}
	return paths
}
