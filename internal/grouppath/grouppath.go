// Package grouppath writes the paths of user groups.
package grouppath

import "strings"

var escape = strings.NewReplacer(`\`, `\\`, `/`, `\/`, `;`, `\;`)

// Join returns the path of a group from the names of the groups on the way to it.
// Slashes and backslashes in names have a backslash before them, as do semicolons,
// which separate paths in CSV files.
func Join(names ...string) string {
	escaped := make([]string, len(names))
	for i, name := range names {
		escaped[i] = escape.Replace(name)
	}
	return strings.Join(escaped, "/")
}
