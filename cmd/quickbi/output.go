package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/quickbi-go/quickbi/internal/terminal"
)

// formats are the values of -format.
var formats = []string{"table", "json", "jsonl", "csv"}

// A table writes results, or the entries of a list one by one.
type table struct {
	out     io.Writer
	format  string
	rows    []row    // that wait for flush: of json and of table
	columns []string // of csv, once the first row is written
	csv     *csv.Writer
	nothing string // what a table without rows says
	written int    // how many entries there were
}

// A row is an object, with its members in the service's order.
type row []member

type member struct {
	name string
	text json.RawMessage
}

func (a *app) newTable(format string) *table {
	return &table{out: a.out, format: format, csv: csv.NewWriter(a.out), nothing: a.text("nothing")}
}

// result writes the Result of an answer: the entries of a list or page, or the
// object itself.
func (t *table) result(result any) error {
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if t.format == "json" {
		return t.writeJSON(text)
	}
	entries, isList := listIn(text)
	if !isList {
		entries = []json.RawMessage{text}
	}
	for _, entry := range entries {
		if err := t.add(entry); err != nil {
			return err
		}
	}
	return t.flush()
}

// listIn returns the entries of a list, or of the page around one.
func listIn(text json.RawMessage) ([]json.RawMessage, bool) {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) == nil && bytes.HasPrefix(text, []byte("[")) {
		return list, true
	}
	var page struct{ Data []json.RawMessage }
	if bytes.HasPrefix(text, []byte("{")) && json.Unmarshal(text, &page) == nil && page.Data != nil {
		return page.Data, true
	}
	return nil, false
}

// entry writes one entry of a list.
func (t *table) entry(entry any) error {
	text, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	return t.add(text)
}

func (t *table) add(text json.RawMessage) error {
	t.written++
	switch t.format {
	case "jsonl":
		_, err := fmt.Fprintf(t.out, "%s\n", text)
		return err
	case "csv":
		r := membersOf(text)
		if t.columns == nil {
			for _, m := range r {
				t.columns = append(t.columns, m.name)
			}
			if err := t.csv.Write(t.columns); err != nil {
				return err
			}
		}
		fields := make([]string, len(t.columns))
		for i, column := range t.columns {
			fields[i] = r.cell(column)
		}
		return t.csv.Write(fields)
	default:
		t.rows = append(t.rows, membersOf(text))
		return nil
	}
}

// flush writes what waits.
func (t *table) flush() error {
	switch t.format {
	case "csv":
		t.csv.Flush()
		return t.csv.Error()
	case "json":
		var b bytes.Buffer
		b.WriteByte('[')
		for i, r := range t.rows {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(r.json())
		}
		b.WriteByte(']')
		return t.writeJSON(b.Bytes())
	case "table":
		return t.writeTable()
	}
	return nil
}

func (t *table) writeJSON(text []byte) error {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := t.out.Write(b.Bytes())
	return err
}

// writeTable writes one object with a line a member, several with a line each.
// Columns that are empty throughout are left out.
func (t *table) writeTable() error {
	var rows [][]string
	switch {
	case len(t.rows) == 0:
		rows = [][]string{{t.nothing}}
	case len(t.rows) == 1 && len(t.rows[0]) > 1:
		for _, m := range t.rows[0] {
			if cell := terminal.Line(m.cell()); cell != "" {
				rows = append(rows, []string{m.name, cell})
			}
		}
	default:
		var columns []string
		for _, r := range t.rows {
			for _, m := range r {
				if m.cell() != "" && !slices.Contains(columns, m.name) {
					columns = append(columns, m.name)
				}
			}
		}
		if len(columns) > 1 || len(columns) == 1 && columns[0] != "" {
			rows = append(rows, columns)
		}
		for _, r := range t.rows {
			cells := make([]string, len(columns))
			for i, column := range columns {
				cells[i] = terminal.Line(r.cell(column))
			}
			rows = append(rows, cells)
		}
	}
	return writeColumns(t.out, rows)
}

// membersOf returns the members of an object; anything else is one without a name.
func membersOf(text json.RawMessage) row {
	dec := json.NewDecoder(bytes.NewReader(text))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return row{{"", text}}
	}
	var r row
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			break // the text was just marshalled
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		r = append(r, member{name.(string), value})
	}
	return r
}

func (r row) cell(name string) string {
	for _, m := range r {
		if m.name == name {
			return m.cell()
		}
	}
	return ""
}

func (r row) json() []byte {
	if len(r) == 1 && r[0].name == "" {
		return r[0].text
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(m.name)
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.text)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// cell returns a text as it is, nothing for nothing, and JSON for the rest.
func (m member) cell() string {
	var text string
	switch {
	case json.Unmarshal(m.text, &text) == nil:
		return text
	case bytes.Equal(m.text, []byte("[]")), bytes.Equal(m.text, []byte("{}")):
		return ""
	}
	return string(m.text)
}
