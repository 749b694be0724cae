package quickbi

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-querystring/query"
)

// How a request type describes its parameters:
//
//	UserID     string   `url:"UserId" quickbi:"required"`
//	UserIDs    []string `url:"UserIdList,comma" quickbi:"required,max=1000"`
//	RoleIDs    []int64  `url:"RoleIds,comma,omitempty" quickbi:"body,max=3"`
//	PageSize   int      `url:"PageSize,omitempty" quickbi:"min=1,max=1000"`
//
// The url tag is that of go-querystring: the wire name, and how lists travel.
// go-querystring writes the parameters with a method EncodeValues; this file writes
// texts, numbers and lists, in a fraction of the time.
//
// The quickbi tag holds what is checked before sending, and how the value is sent:
//
//   - required: not the zero value
//   - min, max: of a number, of the elements of a list, of the characters of a text
//   - oneof: the documented values of an enumeration, in any letter case; they are sent
//     as documented
//   - body: the parameter travels in the body
//   - default: the page size that the service assumes if there is none
//   - kinds: the kinds of works that the operation knows, as it spells them, or
//     kind:spelling where that is not enough; open sends others, too
//   - compact: a [Day] is sent as 20991231
type field struct {
	index    int
	wire     string
	required bool
	inBody   bool
	list     bool // elements joined by commas
	secret   bool // a [Secret], sent as what it hides
	itself   bool // it writes itself
	min, max int64
	bounded  bool     // min and max apply
	oneOf    []string // the documented values of an enumeration
	document bool     // values of enumerations are within it
	missing  int64    // the page size that the service assumes if there is none; 0: there is a maximum
	kinds    []worksKind
	open     bool   // kinds are not all
	day      string // layout of a Day; "": not a Day
}

// requestType describes a request type. It is computed once.
type requestType struct {
	fields   []field
	page     int  // index of the page number's field, or -1
	pageSize int  // index of the page size's field, or -1
	itself   bool // a field writes itself
}

var requestTypes sync.Map // reflect.Type → *requestType

func requestTypeOf(t reflect.Type) *requestType {
	if known, ok := requestTypes.Load(t); ok {
		return known.(*requestType)
	}
	rt := &requestType{page: -1, pageSize: -1}
	for i := range t.NumField() {
		sf := t.Field(i)
		wire, options, _ := strings.Cut(sf.Tag.Get("url"), ",")
		if wire == "" || wire == "-" {
			continue
		}
		f := field{index: i, wire: wire, max: unbounded, secret: sf.Type == reflect.TypeFor[Secret]()}
		if sf.Type == reflect.TypeFor[Day]() {
			f.day = time.DateOnly
		}
		for option := range strings.SplitSeq(options, ",") {
			f.list = f.list || option == "comma"
		}
		f.itself = !f.list && !f.secret && !isScalar(sf.Type)
		rt.itself = rt.itself || f.itself
		for option := range strings.SplitSeq(sf.Tag.Get("quickbi"), ",") {
			name, value, _ := strings.Cut(option, "=")
			switch name {
			case "required":
				f.required = true
			case "body":
				f.inBody = true
			case "min":
				f.min, f.bounded = mustInt(t, sf, value), true
			case "max":
				f.max, f.bounded = mustInt(t, sf, value), true
			case "oneof":
				f.oneOf = strings.Fields(value)
			case "default":
				f.missing = mustInt(t, sf, value)
			case "kinds":
				for kind := range strings.FieldsSeq(value) {
					kind, spelling, ok := strings.Cut(kind, ":")
					if !ok {
						spelling = kind
					}
					f.kinds = append(f.kinds, worksKind{WorksType(kind), spelling})
				}
			case "compact":
				f.day = compactDay
			case "open":
				f.open = true
			case "":
			default:
				panic("quickbi: " + t.Name() + "." + sf.Name + " has an unknown tag " + option)
			}
		}
		f.document = f.oneOf == nil && hasEnumerations(sf.Type)
		switch wire {
		case "PageNum", "PageNo", "Page":
			rt.page = i
		case "PageSize":
			rt.pageSize = i
		}
		rt.fields = append(rt.fields, f)
	}
	known, _ := requestTypes.LoadOrStore(t, rt)
	return known.(*requestType)
}

// defaultPageSize is the documented maximum of the page size, or the default if there is none.
func (rt *requestType) defaultPageSize() int64 {
	for _, f := range rt.fields {
		if f.index == rt.pageSize {
			return max(f.missing, f.most())
		}
	}
	return 0
}

// most is the documented maximum, or 0.
func (f *field) most() int64 {
	if f.bounded && f.max < unbounded {
		return f.max
	}
	return 0
}

const unbounded = 1<<63 - 1

func mustInt(t reflect.Type, sf reflect.StructField, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic("quickbi: " + t.Name() + "." + sf.Name + " has a bad tag: " + err.Error())
	}
	return n
}

// params are the parameters of one call, by the place that they travel in.
type params struct {
	query, form url.Values
}

// A checker is a request type that checks more than its tags say.
type checker interface {
	// check reports problems, by wire name of the parameter.
	check(problem func(parameter, text string))
}

// encode checks a request, a pointer to a struct or nil for the zero request, and
// returns its parameters. It reports all problems at once. undocumented allows values
// of enumerations that are not documented.
func encode(action string, in any, undocumented bool) (params, error) {
	v := reflect.ValueOf(in)
	if v.IsNil() {
		v = reflect.New(v.Type().Elem())
	}
	rt := requestTypeOf(v.Type().Elem())
	found := problems{action: action}
	for i := range rt.fields {
		rt.fields[i].check(v.Elem().Field(rt.fields[i].index), undocumented, &found)
	}
	if c, ok := v.Interface().(checker); ok {
		found.list = append(found.list, problemsOf(c, action)...)
	}
	if len(found.list) > 0 {
		for i := range rt.fields { // documents report their problems when they are encoded
			value := v.Elem().Field(rt.fields[i].index)
			if document, ok := value.Interface().(query.Encoder); ok && !isMissing(value) {
				if err := document.EncodeValues(rt.fields[i].wire, &url.Values{}); err != nil {
					found.list = append(found.list, ofAction(action, err))
				}
			}
		}
		return params{}, invalidRequest(action, found.list...)
	}
	var documents url.Values
	if rt.itself {
		var err error
		if documents, err = query.Values(v.Interface()); err != nil {
			return params{}, invalidRequest(action, ofAction(action, err))
		}
	}
	p := params{query: make(url.Values)}
	values := make([]string, 0, len(rt.fields)) // one array for those of all parameters
	for i := range rt.fields {
		f := &rt.fields[i]
		value := v.Elem().Field(f.index)
		switch {
		case f.itself && documents.Has(f.wire):
			values = append(values, documents.Get(f.wire))
		case f.itself || isMissing(value):
			continue
		default:
			values = append(values, f.sent(value))
		}
		to := p.query
		if f.inBody {
			if p.form == nil {
				p.form = make(url.Values)
			}
			to = p.form
		}
		to[f.wire] = values[len(values)-1 : len(values) : len(values)]
	}
	return p, nil
}

// ofAction adds the operation to the error of a parameter that encodes itself.
func ofAction(action string, err error) error {
	if p, ok := errors.AsType[*ParameterError](err); ok {
		p.Action = action
	}
	return err
}

// problems are the problems of one call's parameters.
type problems struct {
	action string
	list   []error
}

func (p *problems) add(parameter, text string) {
	p.list = append(p.list, &ParameterError{Action: p.action, Parameter: parameter, Problem: text})
}

// err returns the problems as one error; nil if there are none.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return joined(p.list)
}

func problemsOf(c checker, action string) []error {
	found := problems{action: action}
	c.check(found.add)
	return found.list
}

// isScalar reports whether t, or the type that it points to, is a text, a number or a boolean.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
		return true
	}
	return false
}

// sent returns a value as it travels. What is documented in certain letters is sent
// in those.
func (f *field) sent(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	text := f.text(v)
	if f.day != "" {
		day, _ := Day(text).In(nil) // check has parsed it
		return day.Format(f.day)
	}
	if spelling := f.spelling(text); spelling != "" {
		return spelling
	}
	if one := f.documented(text); one != "" {
		return one
	}
	return text
}

// text returns the text of a value, or of several, separated by commas.
func (f *field) text(v reflect.Value) string {
	switch {
	case f.secret:
		return v.Interface().(Secret).Reveal()
	case f.list:
		return join(v)
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	return v.String()
}

// join writes a list of texts or numbers, separated by commas.
func join(list reflect.Value) string {
	if texts, ok := textsOf(list); ok {
		return strings.Join(texts, ",")
	}
	var b []byte
	for i := range list.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, list.Index(i).Int(), 10)
	}
	return string(b)
}

// textsOf returns the elements of a list, if they are texts.
func textsOf(list reflect.Value) ([]string, bool) {
	if texts, ok := list.Addr().Interface().(*[]string); ok {
		return *texts, true
	}
	if list.Type().Elem().Kind() != reflect.String {
		return nil, false
	}
	texts := make([]string, list.Len())
	for i := range texts {
		texts[i] = list.Index(i).String()
	}
	return texts, true
}

// isMissing reports whether a field is left out: zero, an empty list, or a document
// behind a nil pointer.
func isMissing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		if s, ok := v.Interface().(Secret); ok {
			return s.Reveal() == ""
		}
	case reflect.Interface:
		return v.IsNil() || v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil()
	}
	return v.IsZero()
}

func (f *field) check(v reflect.Value, undocumented bool, found *problems) {
	if isMissing(v) {
		if f.required {
			found.add(f.wire, "is required")
		}
		return
	}
	if f.secret && f.text(v) == redacted {
		found.add(f.wire, "is REDACTED, which is what a secret prints as: give the secret itself")
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if f.list {
		texts, _ := textsOf(v) // numbers are never empty and have no commas
		for i, text := range texts {
			switch {
			case text == "":
				found.add(f.wire, fmt.Sprintf("has an empty element at index %d", i))
				return
			case strings.Contains(text, ","):
				found.add(f.wire, fmt.Sprintf("has a comma in the element at index %d, which would make two of it", i))
				return
			}
		}
	}
	if f.day != "" {
		if _, err := Day(v.String()).In(nil); err != nil {
			found.add(f.wire, fmt.Sprintf("is %q, not a day such as 2099-12-31", v.String()))
		}
	}
	if f.kinds != nil && !f.open && !undocumented && f.spelling(v.String()) == "" {
		found.add(f.wire, fmt.Sprintf("is %q, which this operation does not know; it knows %s, and others with CallUndocumented", v.String(), f.spellings()))
	}
	if f.document && !undocumented {
		checkEnumerations(v, func(text string) { found.add(f.wire, text) })
	}
	if f.oneOf != nil && !undocumented {
		for text := range strings.SplitSeq(f.text(v), ",") {
			if f.documented(text) == "" {
				found.add(f.wire, fmt.Sprintf("is %s, which is not documented; it takes %s, and others with CallUndocumented",
					text, strings.Join(f.oneOf, ", ")))
			}
		}
	}
	if !f.bounded {
		return
	}
	n, unit := int64(0), ""
	switch {
	case v.CanInt():
		n = v.Int()
	case v.Kind() == reflect.String:
		n, unit = int64(len([]rune(v.String()))), " characters"
	case v.Kind() == reflect.Slice:
		n, unit = int64(v.Len()), " elements"
	}
	switch {
	case n > f.max && unit == "":
		found.add(f.wire, fmt.Sprintf("is %d, more than %d", n, f.max))
	case n < f.min && unit == "":
		found.add(f.wire, fmt.Sprintf("is %d, less than %d", n, f.min))
	case n > f.max:
		found.add(f.wire, fmt.Sprintf("has %d%s, more than %d", n, unit, f.max))
	case n < f.min:
		found.add(f.wire, fmt.Sprintf("has %d%s, fewer than %d", n, unit, f.min))
	}
}

// worksKind is a kind of works with the spelling of an operation.
type worksKind struct {
	kind     WorksType
	spelling string
}

// spelling returns the operation's spelling of a kind of works, or "" if it does not know the kind.
func (f *field) spelling(kind string) string {
	for _, known := range f.kinds {
		if known.kind.Is(WorksType(kind)) {
			return known.spelling
		}
	}
	return ""
}

func (f *field) spellings() string {
	var all []string
	for _, known := range f.kinds {
		all = append(all, known.spelling)
	}
	return strings.Join(all, ", ")
}

// documented returns the documented spelling of a value of the enumeration, or "".
func (f *field) documented(text string) string {
	for _, one := range f.oneOf {
		if strings.EqualFold(one, text) {
			return one
		}
	}
	return ""
}
