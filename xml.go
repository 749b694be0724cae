package quickbi

import (
	"strconv"
	"strings"
)

// Some gateways refuse in XML: a root element with a few texts. This file reads it,
// because encoding/xml makes every program larger by a tenth of a megabyte.

// xmlTexts returns the texts of the elements within the root of a document, by their
// names without prefix; of equal names, the last one counts. It reports whether the
// document is complete. A document with a type declaration does not count as
// complete: it is HTML.
func xmlTexts(document string) (texts map[string]string, whole bool) {
	texts = make(map[string]string)
	var open []string // names of the elements that are open
	var text strings.Builder
	for {
		before, tag, rest, ok := nextTag(document)
		if len(open) == 2 {
			text.WriteString(unescapeXML(before))
		}
		section, isSection := strings.CutPrefix(tag, "![CDATA[")
		ended, isEnd := strings.CutPrefix(tag, "/")
		last, rootEnds := len(open)-1, false
		switch {
		case !ok:
			return nil, false
		case isSection:
			if len(open) == 2 {
				text.WriteString(section)
			}
		case strings.HasPrefix(tag, "!--"), strings.HasPrefix(tag, "?"):
		case strings.HasPrefix(tag, "!"):
			return nil, false
		case isEnd:
			name := strings.TrimSpace(ended)
			if last < 0 || open[last] != name {
				return nil, false
			}
			if last == 1 {
				texts[localName(name)] = text.String()
			}
			open, rootEnds = open[:last], last == 0
		case strings.HasSuffix(tag, "/"): // an element without content
			if last == 0 {
				texts[localName(elementName(tag[:len(tag)-1]))] = ""
			}
			rootEnds = last < 0
		default:
			name := elementName(tag)
			if open = append(open, name); len(open) == 2 {
				text.Reset()
			}
		}
		if rootEnds {
			return texts, true
		}
		document = rest
	}
}

// elementName returns the name in a tag, which attributes may follow.
func elementName(tag string) string {
	name, _, _ := strings.Cut(strings.Join(strings.Fields(tag), " "), " ")
	return name
}

// localName removes the prefix.
func localName(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// nextTag splits a document at its next tag, comment or section, and returns the text
// between its brackets.
func nextTag(document string) (before, tag, after string, ok bool) {
	before, after, _ = strings.Cut(document, "<")
	end := ">"
	switch {
	case strings.HasPrefix(after, "!--"):
		end = "-->"
	case strings.HasPrefix(after, "![CDATA["):
		end = "]]>"
	}
	tag, after, ok = strings.Cut(after, end)
	return before, tag, after, ok
}

// unescapeXML replaces the names and numbers of characters.
func unescapeXML(text string) string {
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(text, "&")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		name, after, ended := strings.Cut(rest, ";")
		if c, known := xmlCharacter(name); ended && known {
			b.WriteRune(c)
			rest = after
		} else {
			b.WriteByte('&')
		}
		text = rest
	}
}

func xmlCharacter(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, isNumber := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), isNumber && err == nil
}
