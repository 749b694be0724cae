package quickbi

import (
	"bytes"
	stdjson "encoding/json"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"github.com/quickbi-go/quickbi/internal/json"
)

// UnixMilli is a moment in milliseconds since 1970-01-01 UTC. Zero means that there is none. The
// documentation shows seconds in one place: a number that as milliseconds would be
// before March 1973 counts as seconds.
type UnixMilli int64

// leastMilli is the smallest number that counts as milliseconds.
const leastMilli = 100_000_000_000

// UnixMilliOf returns t to the millisecond; zero for the zero time.
func UnixMilliOf(t time.Time) UnixMilli {
	if t.IsZero() {
		return 0
	}
	return UnixMilli(t.UnixMilli())
}

// Time returns the moment in UTC; the zero time for zero.
func (m UnixMilli) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	if m > -leastMilli && m < leastMilli {
		return time.Unix(int64(m), 0).UTC()
	}
	return time.UnixMilli(int64(m)).UTC()
}

// IsZero reports whether the moment is zero.
func (m UnixMilli) IsZero() bool { return m == 0 }

// String returns the moment in the form of RFC 3339, or "" for zero.
func (m UnixMilli) String() string {
	if m == 0 {
		return ""
	}
	return m.Time().Format(time.RFC3339Nano)
}

// OptionalBool is a boolean that the service may leave out of an answer. In JSON it is
// true, false or null.
type OptionalBool uint8

// The values of an [OptionalBool].
const (
	OptionalBoolUnknown OptionalBool = iota // the service does not say
	OptionalBoolFalse
	OptionalBoolTrue
)

// OptionalBoolOf returns the known value b.
func OptionalBoolOf(b bool) OptionalBool {
	if b {
		return OptionalBoolTrue
	}
	return OptionalBoolFalse
}

// Known reports whether the value is known.
func (b OptionalBool) Known() bool { return b != OptionalBoolUnknown }

// True reports whether the value is known and true.
func (b OptionalBool) True() bool { return b == OptionalBoolTrue }

// String returns "true", "false", or "" for an unknown value.
func (b OptionalBool) String() string {
	if !b.Known() {
		return ""
	}
	return strconv.FormatBool(b.True())
}

// MarshalJSON writes true, false or null.
func (b OptionalBool) MarshalJSON() ([]byte, error) {
	if !b.Known() {
		return []byte("null"), nil
	}
	return []byte(b.String()), nil
}

// UnmarshalJSON reads true and false, quoted or not, 1 and 0. null and "" are unknown.
func (b *OptionalBool) UnmarshalJSON(text []byte) error {
	switch text = bytes.Trim(text, `"`); string(text) {
	case "", "null":
		*b = OptionalBoolUnknown
		return nil
	}
	known, err := strconv.ParseBool(string(text))
	if err == nil {
		*b = OptionalBoolOf(known)
	}
	return err
}

// JSONDocument is a parameter that travels as JSON in a string. An operation whose
// documents have an open shape takes either a type of this package or [RawJSON].
type JSONDocument interface {
	EncodeValues(key string, v *url.Values) error
}

// RawJSON is a [JSONDocument] as text, which must be JSON.
type RawJSON []byte

// EncodeValues writes the document, without blanks between its tokens.
func (r RawJSON) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, json.Value(r), v)
}

// encodeJSON writes doc as a parameter. The types that travel as JSON in a
// string call it from their EncodeValues.
func encodeJSON(key string, doc any, v *url.Values) error {
	text, err := json.Marshal(doc, json.Deterministic(true), json.AllowDuplicateNames(true), json.WithMarshalers(documentValues))
	return setJSON(key, v, text, err)
}

// setJSON sets a parameter to a document that was marshalled, unless that failed.
func setJSON(key string, v *url.Values, text []byte, err error) error {
	compact := json.Value(text)
	if err == nil {
		err = compact.Compact()
	}
	if err != nil {
		return &ParameterError{Parameter: key, Problem: "is not a JSON document: " + describe(err)}
	}
	v.Set(key, string(compact))
	return nil
}

// exactNumbers writes a json.Number of encoding/json as a number, not as the string it is.
var exactNumbers = json.MarshalFunc(func(n stdjson.Number) ([]byte, error) { return []byte(n), nil })

// Document is a JSON document that comes as text within an answer. It is decoded by
// Value, not with the answer, so that a broken document does not lose the answer.
type Document[T any] struct{ json json.Value }

// Text returns the document as it came, even if it is not JSON; "" if there is none.
func (d Document[T]) Text() string {
	var text string
	if d.json.Kind() == '"' && json.Unmarshal(d.json, &text, decodeOptions) == nil {
		return text
	}
	return string(d.json)
}

// String is Text.
func (d Document[T]) String() string { return d.Text() }

// Value decodes the document. An error matches [ErrInvalidResponse], and comes with the
// part that was decoded. Without a document, the value is zero.
func (d Document[T]) Value() (T, error) {
	var value T
	if d.Text() == "" {
		return value, nil
	}
	if err := unmarshal(d.json, &value, decodeOptions, tolerantOptions()); err != nil {
		return value, &documentError{describe(err)}
	}
	return value, nil
}

// holdsList reports whether the document is a list: a missing list is empty.
func (*Document[T]) holdsList() bool { return reflect.TypeFor[T]().Kind() == reflect.Slice }

// documentError is the failure of Document.Value.
type documentError struct{ why string }

func (e *documentError) Error() string {
	return "quickbi: a document in the answer cannot be read: " + e.why
}
func (e *documentError) Is(target error) bool { return target == ErrInvalidResponse }

// MarshalJSON writes the document as it came.
func (d Document[T]) MarshalJSON() ([]byte, error) {
	if len(d.json) == 0 {
		return []byte("null"), nil
	}
	return d.json, nil
}

// UnmarshalJSON keeps the document. null and "" mean that there is none.
func (d *Document[T]) UnmarshalJSON(text []byte) error {
	if d.json = nil; string(text) != `""` && string(text) != "null" {
		d.json = bytes.Clone(text)
	}
	return nil
}

// decodeQuoted decodes a result that is a JSON document in a string, into
// target, a pointer. A document that is not in a string is taken, too. The
// types of such results call it from their UnmarshalJSON.
func decodeQuoted(text []byte, target any) error {
	text, err := unwrapped(text)
	if err != nil || len(text) == 0 {
		return err
	}
	return unmarshal(text, target, decodeOptions, tolerantOptions())
}

// unwrapped takes a document out of the string that it is in, if it is in one.
func unwrapped(text []byte) ([]byte, error) {
	if json.Value(text).Kind() != '"' {
		return text, nil
	}
	var inner string
	err := json.Unmarshal(text, &inner, decodeOptions)
	return []byte(inner), err
}
