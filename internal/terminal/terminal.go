// Package terminal writes text that others have chosen so that it can only be
// read for what it is: a name with a line break or an escape sequence in it
// cannot add, hide or change a line of a plan.
package terminal

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Name returns a name as it can stand among other words of a line. Most names
// stand as they are. One is quoted as Go quotes strings if it is empty, has a
// character that does not print, blanks at an end or several in a row, a quote,
// or the punctuation that separates the parts of a line.
func Name(s string) string {
	plain := s != "" && isPlain(s) && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ")
	for _, separator := range []string{`"`, "  ", ": ", ", ", "; ", " -> "} {
		plain = plain && !strings.Contains(s, separator)
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}

// Line returns a text on one line: each character that does not print is written
// as Go's strings write it, such as \n or \x1b.
func Line(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			b.WriteString(s[:size])
		} else {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// isPlain reports whether a text has only characters that print. Of blanks, only
// the ASCII one does. Marks that turn the direction of text and characters of no
// width do not.
func isPlain(s string) bool {
	for i, r := range s {
		if !strconv.IsPrint(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return false
		}
	}
	return true
}
