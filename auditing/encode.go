package auditing

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// encoder returns what writes rows of type T, and what ends it.
func encoder[T any](format Format, w io.Writer) (encode func(T) error, flush func() error) {
	if format == JSONLines {
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		return func(row T) error { return lines.Encode(row) }, func() error { return nil }
	}
	lines := csv.NewWriter(w)
	columns := reflect.VisibleFields(reflect.TypeFor[T]())
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = column.Tag.Get("json")
	}
	_ = lines.Write(cells) // flush reports its error
	encode = func(row T) error {
		v := reflect.ValueOf(row)
		for i := range columns {
			cells[i] = cell(v.Field(i).Interface())
		}
		return lines.Write(cells)
	}
	flush = func() error {
		lines.Flush()
		return lines.Error()
	}
	return encode, flush
}

// cell writes a value so that a spreadsheet program does not take it for a
// formula. The characters are those at which one of them begins a formula, or
// which one of them skips before it looks for these.
func cell(value any) string {
	switch v := value.(type) {
	case string:
		if strings.IndexAny(v, "=+-@\t\r\n＝＋－＠") == 0 {
			return "'" + v
		}
		return v
	case []int64:
		texts := make([]string, len(v))
		for i, n := range v {
			texts[i] = strconv.FormatInt(n, 10)
		}
		return strings.Join(texts, " ")
	default:
		return fmt.Sprint(v) // numbers and booleans
	}
}
