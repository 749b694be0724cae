package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The command is written in English, and so are the packages that it is made of.
// Chinese is made of it where texts leave the command, by one table: chinese has the
// Chinese form of each text or format. Help is translated as a whole (localize), what
// is printed by app.text, and what comes from packages, errors above all, by
// app.translate, which finds the format that a finished text was made with.

// languageOf returns the value of -lang, or else the language of the environment.
// Help is made before flags are read, so this looks for the flag by itself.
func languageOf(args []string, env func(string) string) string {
	for i, arg := range args {
		name, value, ok := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case arg == "--":
			return languageOf(nil, env)
		case name != "lang" || !strings.HasPrefix(arg, "-"):
		case ok:
			return value
		case i+1 < len(args):
			return args[i+1]
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env(name); value != "" {
			if strings.HasPrefix(value, "zh") {
				return "zh"
			}
			break
		}
	}
	return "en"
}

// text returns a text, or one made with a format, in the language of the run.
func (a *app) text(english string, args ...any) string {
	format := english
	if a.lang == "zh" && chinese[english] != "" {
		format = chinese[english]
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// translate returns a finished text in the language of the run, for those who do not
// write Go. What has no Chinese form, such as names and what the service says, stays as
// it is.
func (a *app) translate(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		bare := strings.TrimLeft(line, " \t")
		own := bare
		if a.lang == "zh" {
			own = inChinese(bare)
		}
		lines[i] = line[:len(line)-len(bare)] + inFlags(own)
	}
	return strings.Join(lines, "\n")
}

// translated returns a writer that translates each line.
func (a *app) translated(out io.Writer) io.Writer {
	return &translator{app: a, out: out}
}

type translator struct {
	app  *app
	out  io.Writer
	line []byte
}

func (t *translator) Write(p []byte) (int, error) {
	t.line = append(t.line, p...)
	end := bytes.LastIndexByte(t.line, '\n') + 1
	whole := string(t.line[:end])
	t.line = t.line[end:]
	if _, err := io.WriteString(t.out, t.app.translate(whole)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// A pattern finds the texts that a format makes.
type pattern struct {
	english *regexp.Regexp
	verbs   []byte
	chinese string // with %s for each verb
	literal int    // how much of the format is no verb
	change  bool   // it is a line of a plan, in which no name has a colon and a blank
}

var verb = regexp.MustCompile(`%(\[\d+\])?[+#-]?\d*(?:\.\d+)?([a-zA-Z])`)

// patterns are the formats of the table, those with the most text first.
var patterns = sync.OnceValue(func() []pattern {
	var all []pattern
	for english, chinese := range chinese {
		if !isTelling(english) {
			continue
		}
		p := pattern{chinese: verb.ReplaceAllString(chinese, "%${1}s"), change: isChange(english)}
		expression, rest := "^", english
		for {
			at := verb.FindStringSubmatchIndex(rest)
			if at == nil {
				expression += regexp.QuoteMeta(rest) + "$"
				p.literal += len(rest)
				break
			}
			kind := rest[at[4]]
			p.verbs = append(p.verbs, kind)
			expression += regexp.QuoteMeta(rest[:at[0]]) + map[byte]string{'d': `(-?\d+)`, 'q': `("(?:[^"\\]|\\.)*")`}[kind]
			if kind != 'd' && kind != 'q' {
				expression += "(.*?)"
			}
			p.literal += at[0]
			rest = rest[at[1]:]
		}
		p.english = regexp.MustCompile(expression)
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b pattern) int {
		if a.literal != b.literal {
			return b.literal - a.literal
		}
		return strings.Compare(a.english.String(), b.english.String())
	})
	return all
})

// isTelling reports whether a text that fits a format was made with it: formats such as
// "%s is %s" fit anything.
func isTelling(format string) bool {
	verbs := verb.FindAllString(format, -1)
	if verbs == nil {
		return false
	}
	letters := func(text string) int {
		n := 0
		for _, r := range text {
			if unicode.IsLetter(r) {
				n++
			}
		}
		return n
	}
	start, _, _ := strings.Cut(format, "%")
	return letters(verb.ReplaceAllString(format, "")) >= 6 || letters(start) >= 4 || strings.ContainsAny(strings.Join(verbs, ""), "dq") ||
		isChange(format)
}

// isChange reports whether a text is a line of a plan.
func isChange(text string) bool {
	return len(text) > 1 && strings.ContainsRune("+-~>", rune(text[0])) && text[1] == ' '
}

// notes are what stands in parentheses at the end of an error of the client.
var notes = regexp.MustCompile(`^(.*) \(((?:HTTP \d+|request \S+|\d+ attempts|it may have been executed)(?:, (?:request \S+|\d+ attempts|it may have been executed))*)\)$`)

// items finds what a member has, in a list: "Revenue" in Sales, "Sales" as analyst.
var items = regexp.MustCompile(`"(?:[^"\\]|\\.)*" (?:in|as) `)

// counts are how many changes of each kind a plan has.
var counts = regexp.MustCompile(`^\d+ [a-z-]+(?:, \d+ [a-z-]+)+$`)

// inChinese returns the Chinese form of a line, or of as much of it as is known.
func inChinese(text string) string {
	if known := chinese[text]; known != "" {
		return known
	}
	if found := notes.FindStringSubmatch(text); found != nil {
		parts := strings.Split(found[2], ", ")
		for i, part := range parts {
			parts[i] = inChinese(part)
		}
		return inChinese(found[1]) + "（" + strings.Join(parts, "，") + "）"
	}
	for _, p := range patterns() {
		found := p.english.FindStringSubmatch(text)
		if found == nil || p.change && slices.ContainsFunc(found[1:], func(part string) bool { return strings.Contains(part, ": ") }) {
			continue
		}
		args := make([]any, len(p.verbs))
		for i, kind := range p.verbs {
			args[i] = found[i+1]
			if kind == 'v' || kind == 'w' { // a text, and no name
				args[i] = inChinese(found[i+1])
			}
		}
		return fmt.Sprintf(p.chinese, args...)
	}
	if isChange(text) {
		return text // names only
	}
	if items.MatchString(text) {
		return strings.ReplaceAll(items.ReplaceAllStringFunc(text, func(item string) string {
			name := item[:strings.LastIndexByte(item, '"')+1]
			return name + map[string]string{" in ": " 位于 ", " as ": " 角色 "}[item[len(name):]]
		}), " and owner", "、所有者")
	}
	if counts.MatchString(text) {
		parts := strings.Split(text, ", ")
		for i, part := range parts {
			parts[i] = inChinese(part)
		}
		return strings.Join(parts, "，")
	}
	for _, separator := range []struct{ english, chinese string }{{"; ", "；"}, {": ", "："}} {
		if before, after, ok := strings.Cut(text, separator.english); ok {
			if b, c := inChinese(before), inChinese(after); b != before || c != after {
				return b + separator.chinese + c
			}
		}
	}
	return text
}

// localize translates the help of a command and of those below it.
func (a *app) localize(cmd *cobra.Command) {
	cmd.Use, cmd.Short, cmd.Long = a.text(cmd.Use), a.text(cmd.Short), a.text(cmd.Long)
	flag := func(f *pflag.Flag) { f.Usage = a.text(f.Usage) }
	cmd.Flags().VisitAll(flag)
	cmd.PersistentFlags().VisitAll(flag)
	for _, below := range cmd.Commands() {
		a.localize(below)
	}
}
