package json

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// UnmarshalPlain decodes a document into target, a pointer, as Unmarshal does, a page of
// members in two thirds of the time. It reports whether it did: if not, target may be
// filled in part, and Unmarshal says what is wrong, if anything is.
//
// It knows nothing of JSON's grammar but what values begin and end with: the document is
// checked before. It puts objects into structs, arrays into slices, and texts, numbers
// and booleans into their like, and leaves all else to Unmarshal with opts, which match
// names in any letter case, allow repeated ones, and have functions for no type but any.
func UnmarshalPlain(text []byte, target any, opts Options) bool {
	if !Value(text).IsValid(repeatedNames) {
		return false
	}
	v := reflect.ValueOf(target).Elem()
	r := plainReader{text: text, opts: opts}
	const short = 1 << 10 // not more, because one text that is kept keeps them all
	if len(text) <= short {
		r.whole = string(text)
	}
	return plainOf(v.Type())(&r, v)
}

var repeatedNames = AllowDuplicateNames(true)

// plainReader walks over a valid document.
type plainReader struct {
	text  []byte
	at    int
	opts  Options
	whole string            // the same as text if that is short: texts are cut from it
	words map[string]string // texts of types that have few values
	ints  []int64           // the array that lists of integers are cut from
}

// plainFunc reads the next value into v, and reports whether it fits.
type plainFunc func(r *plainReader, v reflect.Value) bool

// next returns the first byte of the next token that is not a delimiter.
func (r *plainReader) next() byte {
	for {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			r.at++
		default:
			return c
		}
	}
}

// quoted returns the string that is next, without quotes, and whether it has escapes.
func (r *plainReader) quoted() (inner []byte, escaped bool) {
	r.at++
	for start := r.at; ; r.at++ {
		switch r.text[r.at] {
		case '"':
			r.at++
			return r.text[start : r.at-1], escaped
		case '\\':
			escaped = true
			r.at++
		}
	}
}

// raw returns the next value as it is written.
func (r *plainReader) raw() []byte {
	r.next()
	start, depth := r.at, 0
	for {
		switch r.text[r.at] {
		case '"':
			r.quoted()
		case '{', '[':
			depth++
			r.at++
		case '}', ']':
			depth--
			r.at++
		default:
			if depth == 0 {
				return r.scalar()
			}
			r.at++
			continue
		}
		if depth == 0 {
			return r.text[start:r.at:r.at]
		}
	}
}

// scalar returns the number, true, false or null that is next; of another value, its
// beginning.
func (r *plainReader) scalar() []byte {
	r.next()
	start := r.at
	for r.at < len(r.text) && r.text[r.at] > ' ' && r.text[r.at] != ',' && r.text[r.at] != ']' && r.text[r.at] != '}' {
		r.at++
	}
	return r.text[start:r.at:r.at]
}

// begins reports whether the next value begins with this byte. If not, it reports
// whether it is a null, which sets v to its zero value.
func (r *plainReader) begins(v reflect.Value, with byte) (begins, isNull bool) {
	switch r.next() {
	case with:
		return true, false
	case 'n':
		r.scalar()
		v.SetZero()
		return false, true
	}
	return false, false
}

// plainFuncs holds a plainFunc for every type that was decoded.
var plainFuncs sync.Map

func plainOf(t reflect.Type) plainFunc {
	known, ok := plainFuncs.Load(t)
	if !ok {
		known, _ = plainFuncs.LoadOrStore(t, makePlain(t))
	}
	return known.(plainFunc)
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	ownType      = reflect.TypeFor[Unmarshaler]()
	ownFromType  = reflect.TypeFor[UnmarshalerFrom]()
	ownTextType  = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func makePlain(t reflect.Type) plainFunc {
	pointer := reflect.PointerTo(t)
	switch {
	case t == timeType, t == durationType, pointer.Implements(ownFromType):
		return (*plainReader).other
	case pointer.Implements(ownType):
		return (*plainReader).own
	case pointer.Implements(ownTextType):
		return (*plainReader).other
	}
	switch t.Kind() {
	case reflect.Bool:
		return (*plainReader).boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return (*plainReader).integer
	case reflect.Float32, reflect.Float64:
		return (*plainReader).float
	case reflect.String:
		return (*plainReader).string
	case reflect.Struct:
		return (&plainStruct{typ: t}).read
	case reflect.Slice:
		switch {
		case t.Elem().Kind() == reflect.Uint8: // base64
		case t == reflect.TypeFor[[]int64]():
			return (*plainReader).integers
		default:
			return plainList{t.Elem()}.read
		}
	}
	return (*plainReader).other
}

// other leaves a value to Unmarshal.
func (r *plainReader) other(v reflect.Value) bool {
	return Unmarshal(r.raw(), v.Addr().Interface(), r.opts) == nil
}

// own leaves a value to its method.
func (r *plainReader) own(v reflect.Value) bool {
	return v.Addr().Interface().(Unmarshaler).UnmarshalJSON(r.raw()) == nil
}

func (r *plainReader) boolean(v reflect.Value) bool {
	switch string(r.scalar()) {
	case "true":
		v.SetBool(true)
		return true
	case "false", "null":
		v.SetBool(false)
		return true
	}
	return false
}

func (r *plainReader) integer(v reflect.Value) bool {
	n, ok := r.int64()
	if !ok || v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

// int64 returns the integer that is next; zero for null.
func (r *plainReader) int64() (n int64, ok bool) {
	text := r.scalar()
	if string(text) == "null" {
		return 0, true
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	return n, err == nil
}

func (r *plainReader) float(v reflect.Value) bool {
	text := r.scalar()
	if string(text) == "null" {
		v.SetFloat(0)
		return true
	}
	f, err := strconv.ParseFloat(string(text), v.Type().Bits())
	v.SetFloat(f)
	return err == nil
}

func (r *plainReader) string(v reflect.Value) bool {
	if begins, isNull := r.begins(v, '"'); !begins {
		return isNull
	}
	start := r.at
	inner, escaped := r.quoted()
	switch {
	case escaped:
		text, err := AppendUnquote(nil, r.text[start:r.at])
		v.SetString(string(text))
		return err == nil
	case r.whole != "":
		v.SetString(r.whole[start+1 : r.at-1])
		return true
	case v.Type() == reflect.TypeFor[string]():
		v.SetString(string(inner))
		return true
	}
	// A type of its own has few values.
	word, ok := r.words[string(inner)]
	if !ok {
		word = string(inner)
		if r.words == nil {
			r.words = make(map[string]string)
		}
		const few = 64
		if len(r.words) < few {
			r.words[word] = word
		}
	}
	v.SetString(word)
	return true
}

// integers reads a list of integers. Lists in the answer to one call are many and short:
// they share arrays. A long list has one of its own, or nearly.
func (r *plainReader) integers(v reflect.Value) bool {
	if begins, isNull := r.begins(v, '['); !begins {
		return isNull
	}
	r.at++
	start := len(r.ints)
	for r.next() != ']' {
		n, ok := r.int64()
		if !ok {
			return false
		}
		if len(r.ints) == cap(r.ints) {
			const room = 64 // not more, because one list that is kept keeps the others
			r.ints = append(make([]int64, 0, max(room, 2*(len(r.ints)-start))), r.ints[start:]...)
			start = 0
		}
		r.ints = append(r.ints, n)
	}
	r.at++
	list := []int64{}
	if start < len(r.ints) {
		list = r.ints[start:len(r.ints):len(r.ints)]
	}
	*v.Addr().Interface().(*[]int64) = list
	return true
}

// plainList reads arrays into slices.
type plainList struct{ elem reflect.Type }

func (l plainList) read(r *plainReader, v reflect.Value) bool {
	if begins, isNull := r.begins(v, '['); !begins {
		return isNull
	}
	r.at++
	read, n := plainOf(l.elem), 0
	for ; r.next() != ']'; n++ {
		if n == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(n + 1)
		elem := v.Index(n)
		elem.SetZero() // the array may have been used
		if !read(r, elem) {
			return false
		}
	}
	r.at++
	if n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	return true
}

// plainStruct reads objects into structs of one type.
type plainStruct struct {
	typ    reflect.Type
	once   sync.Once              // makes the rest when it is needed: a type may contain itself
	fields map[string]*plainField // nil if Unmarshal must choose the fields
	folded map[string]*plainField // by names without letter case, "_" and "-"
	first  atomic.Pointer[plainField]
}

type plainField struct {
	start string // of the member: the name in quotes
	index []int
	read  plainFunc
	next  atomic.Pointer[plainField] // which followed last time, and will do so again
}

func (s *plainStruct) init() {
	s.fields, s.folded = make(map[string]*plainField), make(map[string]*plainField)
	if !s.add(s.typ, nil) {
		s.fields = nil
	}
}

func (s *plainStruct) add(t reflect.Type, index []int) bool {
	for field := range t.Fields() {
		name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		index := append(index[:len(index):len(index)], field.Index...)
		switch {
		case option != "" && option != "omitempty" && option != "omitzero":
			return false
		case field.Anonymous && name == "":
			if field.Type.Kind() != reflect.Struct || !s.add(field.Type, index) {
				return false
			}
			continue
		case name == "-" && option == "", name == "" && !field.IsExported():
			continue
		case !field.IsExported():
			return false
		case name == "":
			name = field.Name
		}
		folded, ascii := fold(nil, []byte(name))
		if !ascii || s.folded[string(folded)] != nil {
			return false
		}
		f := &plainField{start: `"` + name + `"`, index: index, read: plainOf(field.Type)}
		s.fields[name] = f
		s.folded[string(folded)] = f
	}
	return true
}

// fold appends a name in the form in which names are compared, if it is ASCII.
func fold(folded, name []byte) (_ []byte, ascii bool) {
	for _, c := range name {
		switch {
		case c >= 0x80:
			return nil, false
		case c == '_' || c == '-':
			continue
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		folded = append(folded, c)
	}
	return folded, true
}

func (s *plainStruct) read(r *plainReader, v reflect.Value) bool {
	if s.once.Do(s.init); s.fields == nil {
		return r.other(v)
	}
	if begins, isNull := r.begins(v, '{'); !begins {
		return isNull
	}
	r.at++
	next := &s.first
	for r.next() != '}' {
		f := next.Load()
		if f != nil && r.at+len(f.start) <= len(r.text) && string(r.text[r.at:r.at+len(f.start)]) == f.start {
			r.at += len(f.start)
		} else {
			var known bool
			if f, known = s.lookup(r.quoted()); !known {
				return false
			}
			if f == nil {
				r.raw()
				continue
			}
			next.Store(f)
		}
		next = &f.next
		at := v
		for _, i := range f.index {
			at = at.Field(i)
		}
		if !f.read(r, at) {
			return false
		}
	}
	r.at++
	return true
}

// lookup returns the field of a name; nil for a name that no field has. It does not know
// names beyond ASCII, and with escapes.
func (s *plainStruct) lookup(name []byte, escaped bool) (f *plainField, known bool) {
	if f = s.fields[string(name)]; f != nil || escaped {
		return f, f != nil
	}
	var room [32]byte
	folded, known := fold(room[:0], name)
	return s.folded[string(folded)], known
}
