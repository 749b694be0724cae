package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

const (
	lineWidth  = 120
	wordsWidth = 115 // of a line of words
)

// render returns the catalogue as its file has it: a value stands on one line if
// that is not too long, and otherwise one element a line; lists of words fill lines.
func render(c *catalog.Catalog) ([]byte, error) {
	var flat bytes.Buffer
	enc := json.NewEncoder(&flat)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(&flat)
	dec.UseNumber()
	root, err := readNode(dec)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	root.write(&out, "", 0)
	out.WriteByte('\n')
	return []byte(out.String()), nil
}

// A node is a JSON value. The order of an object's members is kept.
type node struct {
	open   string // "{" or "["; empty for a scalar
	keys   []string
	values []node
	scalar string
}

func readNode(dec *json.Decoder) (node, error) {
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		err := enc.Encode(token)
		return node{scalar: strings.TrimSpace(text.String())}, err
	}
	n := node{open: delim.String()}
	for dec.More() {
		if delim == '{' {
			key, err := readNode(dec)
			if err != nil {
				return node{}, err
			}
			n.keys = append(n.keys, key.scalar)
		}
		value, err := readNode(dec)
		if err != nil {
			return node{}, err
		}
		n.values = append(n.values, value)
	}
	_, err = dec.Token()
	return n, err
}

func (n node) close() string { return map[string]string{"{": "}", "[": "]"}[n.open] }

// line returns the node on one line.
func (n node) line() string {
	if n.open == "" {
		return n.scalar
	}
	parts := make([]string, len(n.values))
	for i, value := range n.values {
		parts[i] = n.key(i) + value.line()
	}
	return n.open + strings.Join(parts, ", ") + n.close()
}

func (n node) key(i int) string {
	if n.keys == nil {
		return ""
	}
	return n.keys[i] + ": "
}

// write writes the node, which begins at the column.
func (n node) write(out *strings.Builder, indent string, column int) {
	if line := n.line(); n.open == "" || column+len(line) < lineWidth {
		out.WriteString(line)
		return
	}
	inner := indent + " "
	out.WriteString(n.open)
	width := lineWidth // nothing fits on the line of the bracket
	for i, value := range n.values {
		if i > 0 {
			out.WriteByte(',')
			width++
		}
		text := n.key(i) + value.line()
		if n.keys == nil && value.open == "" && width+1+len(text) < wordsWidth {
			out.WriteString(" " + text)
			width += 1 + len(text)
			continue
		}
		out.WriteString("\n" + inner + n.key(i))
		value.write(out, inner, len(inner)+len(n.key(i)))
		width = len(inner) + len(text)
	}
	out.WriteString("\n" + indent + n.close())
}
