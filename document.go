package quickbi

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/quickbi-go/quickbi/internal/json"
)

// Some parameters are JSON documents that replace the present ones, and only a part of
// each is documented. Programs read such a document, change it and write it again.
// Its type embeds an original, so that members without a field, and members of
// unchanged fields, are written as they came.

// original is the JSON object that a document was read from. It is behind two
// pointers, because fmt prints only their address: the object may hold a password.
type original struct{ value **json.Value }

func originalOf(object json.Value) original {
	value := &object
	return original{&value}
}

// object returns the JSON object, or nil if the document was not read from one.
func (o original) object() json.Value {
	if o.value == nil {
		return nil
	}
	return **o.value
}

// A document is a struct that embeds an original.
type document interface{ object() json.Value }

// documentMember is a member of a JSON object.
type documentMember struct {
	name  string
	value json.Value
}

var errNoObject = errors.New("not a JSON object")

// readDocument reads a JSON object, in a string or not, into fields, a pointer to a
// struct. A member that does not fit its field is kept like a member without a
// field, and the field is zero. null and "" are an object without members.
func readDocument(text []byte, fields any) (original, error) {
	target := reflect.ValueOf(fields).Elem()
	target.SetZero()
	text, err := unwrapped(text)
	if err != nil || len(text) == 0 || json.Value(text).Kind() == 'n' {
		return original{}, err
	}
	if json.Value(text).Kind() != '{' {
		return original{}, errNoObject
	}
	object := json.Value(bytes.Clone(text))
	if err := object.Format(json.AllowDuplicateNames(true), json.AllowInvalidUTF8(true)); err != nil {
		return original{}, err
	}
	for _, m := range membersOf(object, target.Type()) {
		for _, options := range [...]json.Options{exactOptions, tolerantExactOptions()} {
			filled := reflect.New(target.Type())
			filled.Elem().Set(target)
			if json.Unmarshal(objectOf(m), filled.Interface(), options) == nil {
				target.Set(filled.Elem())
				break
			}
		}
	}
	return originalOf(object), nil
}

// writeDocument writes a document. Fields is its type without its methods.
func writeDocument[Fields any, T document](doc T, marshalers *json.Marshalers) ([]byte, error) {
	return writeMembers(doc, func(doc T) any {
		return reflect.ValueOf(doc).Convert(reflect.TypeFor[Fields]()).Interface()
	}, marshalers)
}

// writeMembers writes a document. fields returns the struct whose fields are its
// members.
func writeMembers[T document](now T, fields func(T) any, marshalers *json.Marshalers) ([]byte, error) {
	write := func(doc T) ([]byte, error) {
		return json.Marshal(fields(doc), json.Deterministic(true), json.AllowDuplicateNames(true), json.WithMarshalers(marshalers))
	}
	text, err := write(now)
	object := now.object()
	if err != nil || object == nil {
		return text, err
	}
	var before T
	if err := json.Unmarshal(object, &before, decodeOptions); err != nil {
		return nil, err
	}
	was, err := write(before)
	if err != nil {
		return nil, err
	}
	typ := reflect.TypeOf(fields(now))
	return merge(membersOf(object, typ), membersOf(was, typ), membersOf(text, typ)), nil
}

// merge returns the members as they came, except for those whose fields have changed.
func merge(came, before, now []documentMember) json.Value {
	find := func(in []documentMember, name string) json.Value {
		for _, m := range slices.Backward(in) { // of a repeated member, the last counts
			if m.name == name {
				return m.value
			}
		}
		return nil
	}
	var merged []documentMember
	for _, m := range came {
		switch was, is := find(before, m.name), find(now, m.name); {
		case bytes.Equal(was, is):
			merged = append(merged, m)
		case is != nil && find(merged, m.name) == nil:
			merged = append(merged, documentMember{m.name, is})
		}
	}
	for _, m := range now {
		if find(came, m.name) == nil && !bytes.Equal(find(before, m.name), m.value) {
			merged = append(merged, m)
		}
	}
	return objectOf(merged...)
}

// membersOf returns the members of a valid object. A member with a field in the struct
// type gets the name of the field.
func membersOf(object json.Value, fields reflect.Type) (members []documentMember) {
	dec := json.NewDecoder(bytes.NewReader(object), decodeOptions)
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() == '"' {
		var name json.Token
		if name, err = dec.ReadToken(); err == nil {
			m := documentMember{name: fieldName(name.String(), fields)}
			m.value, err = dec.ReadValue()
			m.value = bytes.Clone(m.value)
			members = append(members, m)
		}
	}
	return members
}

// objectOf returns the object with the members.
func objectOf(members ...documentMember) json.Value {
	object := json.Value("{")
	for i, m := range members {
		if i > 0 {
			object = append(object, ',')
		}
		object, _ = json.AppendQuote(object, m.name) // membersOf returns valid names
		object = append(append(object, ':'), m.value...)
	}
	return append(object, '}')
}

// fieldName returns the spelling of a member's name in its field, which matches in any
// letter case; name if there is no field.
func fieldName(name string, fields reflect.Type) string {
	found := name
	for _, sf := range reflect.VisibleFields(fields) {
		switch tag := memberName(sf); {
		case tag == name:
			return name
		case tag != "" && strings.EqualFold(tag, name):
			found = tag
		}
	}
	return found
}

// memberName returns the JSON name of a field; "" if it has none.
func memberName(sf reflect.StructField) string {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	return strings.TrimPrefix(name, "-")
}

// asParameter returns the members without a field in the struct fields, in the
// spelling of parameters: their first letter is in lower case, that of answers in
// upper case.
func (o original) asParameter(fields any) original {
	return o.filter(fields, func(m *documentMember) bool {
		known := slices.ContainsFunc(reflect.VisibleFields(reflect.TypeOf(fields)), func(sf reflect.StructField) bool { return memberName(sf) == m.name })
		m.name = lowerFirst(m.name)
		return !known
	})
}

// filter returns the members for which keep returns true. keep may change them.
func (o original) filter(fields any, keep func(*documentMember) bool) original {
	if o.value == nil {
		return o
	}
	var kept []documentMember
	for _, m := range membersOf(o.object(), reflect.TypeOf(fields)) {
		if keep(&m) {
			kept = append(kept, m)
		}
	}
	return originalOf(objectOf(kept...))
}

func lowerFirst(name string) string {
	for i := range name {
		if i > 0 {
			return strings.ToLower(name[:i]) + name[i:]
		}
	}
	return strings.ToLower(name)
}

// enumeration is a type whose values are documented.
type enumeration interface{ documented() []string }

// documentValues writes the values in documents: a json.Number of encoding/json as a
// number, not as a string, and a value of an enumeration in its documented spelling.
var documentValues = json.JoinMarshalers(
	exactNumbers,
	json.MarshalFunc(func(e enumeration) ([]byte, error) {
		v := reflect.Indirect(reflect.ValueOf(e))
		if !v.IsValid() {
			return []byte("null"), nil
		}
		text := enumerationText(v)
		if v.CanInt() {
			return []byte(text), nil
		}
		if i := indexFold(e.documented(), text); i >= 0 {
			text = e.documented()[i]
		}
		return json.AppendQuote(nil, text)
	}),
)

func indexFold(texts []string, text string) int {
	return slices.IndexFunc(texts, func(one string) bool { return strings.EqualFold(one, text) })
}

func enumerationText(v reflect.Value) string {
	if v.CanInt() {
		return strconv.FormatInt(v.Int(), 10)
	}
	return v.String()
}

// hasEnumerations reports whether a document of the type holds an enumeration.
func hasEnumerations(t reflect.Type) bool {
	if t.Implements(reflect.TypeFor[enumeration]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return hasEnumerations(t.Elem())
	case reflect.Map:
		return hasEnumerations(t.Key())
	case reflect.Struct:
		for sf := range t.Fields() {
			if sf.IsExported() && hasEnumerations(sf.Type) {
				return true
			}
		}
	}
	return false
}

// checkEnumerations reports values in a document that are not documented, except those
// that it was read with.
func checkEnumerations(v reflect.Value, found func(text string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkEnumerations(v.Elem(), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkEnumerations(v.Index(i), func(text string) { found(fmt.Sprintf("%s at index %d", text, i)) })
		}
	case reflect.Map:
		keys := slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			checkEnumeration("names", key, "", found)
		}
	case reflect.Struct:
		var came []documentMember
		if doc, ok := v.Interface().(document); ok {
			came = membersOf(doc.object(), v.Type())
		}
		for sf, field := range v.Fields() {
			if !sf.IsExported() {
				continue
			}
			value := field
			if field.Kind() == reflect.Pointer {
				value = field.Elem()
			}
			if !value.IsValid() || !value.Type().Implements(reflect.TypeFor[enumeration]()) {
				checkEnumerations(field, found)
				continue
			}
			name := memberName(sf)
			var unchanged string
			for _, m := range came {
				if m.name == name {
					unchanged = strings.Trim(string(m.value), `"`)
				}
			}
			checkEnumeration("has the "+name, value, unchanged, found)
		}
	}
}

func checkEnumeration(what string, v reflect.Value, unchanged string, found func(text string)) {
	e, ok := v.Interface().(enumeration)
	text := enumerationText(v)
	if !ok || text == "" || text == unchanged || indexFold(e.documented(), text) >= 0 {
		return
	}
	found(fmt.Sprintf("%s %s, which is not documented; it takes %s, and others with CallUndocumented",
		what, text, strings.Join(e.documented(), ", ")))
}
