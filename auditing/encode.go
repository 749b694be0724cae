package auditing

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/quickbi-go/quickbi/internal/sheet"
)

// encoder returns what writes rows of type T, and what ends it.
func encoder[T any](format Format, w io.Writer) (encode func(T) error, flush func() error) {
	if format == JSONLines {
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		return func(row T) error { return lines.Encode(row) }, func() error { return nil }
	}
	lines, guard := csv.NewWriter(w), sheet.Guard
	var markErr error
	if format == Excel {
		lines.UseCRLF, guard = true, sheet.Keep
		_, markErr = io.WriteString(w, "\ufeff")
	}
	columns := reflect.VisibleFields(reflect.TypeFor[T]())
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = column.Tag.Get("json")
	}
	_ = lines.Write(cells) // flush reports its error
	encode = func(row T) error {
		v := reflect.ValueOf(row)
		for i := range columns {
			cells[i] = cell(v.Field(i).Interface(), guard)
		}
		return lines.Write(cells)
	}
	flush = func() error {
		lines.Flush()
		if markErr != nil {
			return markErr
		}
		return lines.Error()
	}
	return encode, flush
}

// cell writes a value, a text so that a spreadsheet program leaves it alone.
func cell(value any, guard func(string) string) string {
	switch v := value.(type) {
	case string:
		return guard(v)
	case []string:
		return guard(strings.Join(v, ";"))
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
