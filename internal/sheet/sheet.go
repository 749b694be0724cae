// Package sheet writes texts that others have chosen into the cells of a CSV file
// so that a spreadsheet program neither executes nor changes them, and reads such
// cells back as they were.
package sheet

import (
	"regexp"
	"strings"
)

// formula matches what a spreadsheet program may execute where a cell begins: one
// of the signs that begin a formula in some program, after quotes and after
// characters that some program skips. A quote before it makes it text.
const formula = `(?:['\p{Z}\p{Cf}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f])*[=+\-@＝＋－＠﹦﹢﹣﹫−]`

// begin matches where a cell begins: at the start of the text, and where a program
// that separates cells by semicolons or tabs, or does not know quotes, begins
// another. What formula skips has none of these characters, so that a cell's
// formula ends before the next cell begins.
const begin = `(^|[;\t\r\n])`

const month = `(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)`

var (
	dangerous = regexp.MustCompile(begin + `(` + formula + `)`)
	guarded   = regexp.MustCompile(begin + `'(` + formula + `)`)

	number = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)*$`)

	// What a program reads as a number or a date and may show or save otherwise: more
	// digits than it shows, zeros in front, exponents, days, months, truth values.
	changes = regexp.MustCompile(`^(?i:[+-]?[0-9]{12,}|[+-]?0[0-9]+|\+[0-9]+|[+-]?[0-9]+([.,][0-9]+)*e[+-]?[0-9]+|[+-]?[0-9]+([-/.,:][0-9]+)+|` +
		`[0-9]+[- ]?` + month + `([- ]?[0-9]+)?|` + month + `[- ]?[0-9]+|true|false)$`)
)

// Guard puts a quote before whatever a spreadsheet program could execute. A number
// is no formula, whatever its sign.
func Guard(text string) string {
	if number.MatchString(text) {
		return text
	}
	return dangerous.ReplaceAllString(text, "${1}'${2}")
}

// Keep is Guard for programs that read a number or a date wherever a text looks
// like one: such a text becomes ="text".
func Keep(text string) string {
	if changes.MatchString(text) {
		return `="` + text + `"`
	}
	return Guard(text)
}

// Text returns what Guard or Keep made a cell of.
func Text(cell string) string {
	if inner, ok := strings.CutPrefix(cell, `="`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok && changes.MatchString(inner) {
			return inner
		}
	}
	if !strings.Contains(cell, "'") {
		return cell // as most are: the expression is slow
	}
	return guarded.ReplaceAllString(cell, "${1}${2}")
}
