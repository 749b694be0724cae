package quickbi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/internal/json"
)

// Response is the answer to a call that succeeded.
type Response[T any] struct {
	RequestID string `json:"RequestId"` // for Alibaba Cloud's support
	Success   bool   `json:"Success"`   // always true: false is an [*Error]
	Result    T      `json:"Result"`
}

// failure holds the members of a refusal.
type failure struct {
	Code               string     `json:"Code"`
	Message            string     `json:"Message"`
	HostID             string     `json:"HostId"`
	Recommend          string     `json:"Recommend"`
	AccessDeniedDetail json.Value `json:"AccessDeniedDetail"`
}

// envelope is the answer of every operation: a result, or a refusal.
type envelope[T any] struct {
	Response[T]
	failure
}

// answer is an *envelope of any result type.
type answer interface {
	parts() (requestID string, success bool, result any, f *failure)
	bind() error // decodes a result of a type that only the caller knows
	reset()
}

func (e *envelope[T]) parts() (string, bool, any, *failure) {
	return e.RequestID, e.Success, &e.Result, &e.failure
}

func (e *envelope[T]) bind() error { return nil }

func (e *envelope[T]) reset() { *e = envelope[T]{} }

// Like encoding/json, decoding ignores the letter case of names, accepts repeated
// names, replaces invalid UTF-8 and skips unknown members.
var decodeOptions = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true),
	json.AllowDuplicateNames(true),
	json.AllowInvalidUTF8(true),
)

// tolerantOptions read forms that the service writes although its documentation says
// otherwise: "true" for true, quoted numbers, numbers for texts, {} and "" for an empty
// list. They cost time, so they are used only for answers that do not decode otherwise.
var tolerantOptions = sync.OnceValue(func() json.Options {
	return json.JoinOptions(decodeOptions, json.WithUnmarshalers(json.UnmarshalFromFunc(decodeLoosely)))
})

// tolerantExactOptions are tolerantOptions that keep numbers exact in an any.
var tolerantExactOptions = sync.OnceValue(func() json.Options {
	return json.JoinOptions(decodeOptions, json.WithUnmarshalers(json.JoinUnmarshalers(numbersInAny, json.UnmarshalFromFunc(decodeLoosely))))
})

// maxRereadBytes limits the length of documents that are read the short way first, or
// loosely at last, which takes more time than to read them once.
const maxRereadBytes = 16 << 20

// unmarshal decodes a document, and again, loosely, if it does not fit. It does not
// read a document again that is not JSON.
func unmarshal(text []byte, target any, strict, loose json.Options) error {
	err := json.Unmarshal(text, target, strict)
	if _, misfit := errors.AsType[*json.SemanticError](err); !misfit || len(text) > maxRereadBytes {
		return err
	}
	if whole, ok := target.(answer); ok {
		whole.reset()
	} else {
		reflect.ValueOf(target).Elem().SetZero()
	}
	return json.Unmarshal(text, target, loose)
}

// unmarshalAnswer decodes an answer like unmarshal. Most answers are plain, for which
// there is a faster way.
func unmarshalAnswer(text []byte, out answer) error {
	if len(text) <= maxRereadBytes {
		if json.UnmarshalPlain(text, out, decodeOptions) {
			return nil
		}
		out.reset()
	}
	return unmarshal(text, out, decodeOptions, tolerantOptions())
}

func decodeLoosely(dec *json.Decoder, target any) error {
	v := reflect.ValueOf(target).Elem()
	if _, own := target.(json.Unmarshaler); own {
		return errors.ErrUnsupported
	}
	switch v.Kind() {
	case reflect.Slice:
		return looseList(dec, v)
	case reflect.Pointer:
	default:
		return looseScalar(dec, scalarSetter(v))
	}
	// A scalar behind a pointer may be unknown; "" says so, too.
	known := reflect.New(v.Type().Elem())
	set := scalarSetter(known.Elem())
	if _, own := known.Interface().(json.Unmarshaler); own || set == nil {
		return errors.ErrUnsupported
	}
	return looseScalar(dec, func(text string) error {
		v.Set(known)
		return set(text)
	})
}

// scalarSetter returns a function that sets v from its text; nil if v is not a scalar.
func scalarSetter(v reflect.Value) func(text string) error {
	switch v.Kind() {
	case reflect.Bool:
		return func(text string) error {
			b, err := strconv.ParseBool(text)
			v.SetBool(b)
			return err
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return func(text string) error {
			n, err := looseInt(text)
			if err != nil && v.Type() == reflect.TypeFor[UnixMilli]() {
				// A date instead of milliseconds; UTC+8 is the only documented zone.
				var moment time.Time
				if moment, err = TimeText(text).In(ChinaTime); err == nil {
					n = int64(UnixMilliOf(moment))
				}
			}
			if v.OverflowInt(n) {
				return strconv.ErrRange
			}
			v.SetInt(n)
			return err
		}
	case reflect.Float32, reflect.Float64:
		return func(text string) error {
			f, err := strconv.ParseFloat(text, 64)
			v.SetFloat(f)
			return err
		}
	case reflect.String:
		return func(text string) error {
			v.SetString(text)
			return nil
		}
	}
	return nil
}

// looseList reads "" and {} as an empty list.
func looseList(dec *json.Decoder, v reflect.Value) error {
	kind := dec.PeekKind()
	if v.Type().Elem().Kind() == reflect.Uint8 || kind != '"' && kind != '{' {
		return errors.ErrUnsupported
	}
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if kind == '"' && len(text) > 2 || kind == '{' && len(bytes.TrimSpace(text[1:len(text)-1])) > 0 {
		return errors.New("no list")
	}
	return nil
}

// looseScalar calls set with the text of a scalar, quoted or not. null does not change
// the value; nor does "", unless the value is a text.
func looseScalar(dec *json.Decoder, set func(text string) error) error {
	if set == nil {
		return errors.ErrUnsupported
	}
	switch kind := dec.PeekKind(); kind {
	case 'n':
		return dec.SkipValue()
	case '"', '0', 't', 'f':
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		text := token.String()
		if text == "" {
			return nil
		}
		return set(text)
	default:
		return errors.ErrUnsupported // an object or array: the decoder reports the problem
	}
}

// looseInt also reads integers written as a float without a fraction.
func looseInt(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return n, nil
	}
	const exact = 1 << 53
	if f, ferr := strconv.ParseFloat(text, 64); ferr == nil && f == float64(int64(f)) && f > -exact && f < exact {
		return int64(f), nil
	}
	return 0, err
}

var (
	errNoResult    = errors.New("there is no Result")
	errEmptyResult = errors.New("the Result is empty")
)

// decode reads an answer. It returns nil if the operation was performed.
func decode(op operation, status int, header http.Header, body []byte, out answer) *Error {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	switch charset := foreignCharset(header); {
	case len(body) == 0:
		return unreadable(op, status, header, body, errors.New("empty body"))
	case charset != "" && !utf8.Valid(body):
		// Replacing invalid UTF-8 would change names.
		return unreadable(op, status, header, body, fmt.Errorf("the answer is in %s, not in UTF-8", charset))
	case len(body) > maxRefusalBytes && pieces(body) > maxPieces(len(body)):
		e := unreadable(op, status, header, body, fmt.Errorf("more than %d values", maxPieces(len(body))))
		e.class = ErrResponseTooLarge
		return e
	}
	misfit := errNoObject
	if body[0] == '{' {
		misfit = decodeResult(body, out)
	}
	var refusal failure
	var requestID string
	var success bool
	if misfit == nil {
		var result any
		var f *failure
		requestID, success, result, f = out.parts()
		if status/100 == 2 && success && f.Code == "" {
			return op.judge(status, header, requestID, body, result, out)
		}
		refusal = *f
	} else {
		// Read it again for the members of a refusal, whatever its Result is.
		var whole envelope[json.Value]
		if err := whole.read(body); err != nil {
			return unreadable(op, status, header, body, err)
		}
		requestID, success, refusal = whole.RequestID, whole.Success, whole.failure
		if status/100 == 2 && success && refusal.Code == "" {
			_, _, result, _ := out.parts()
			if why := op.missing(result, whole.Result); why != nil {
				return op.withoutResult(status, header, requestID, why)
			}
			return op.unreadableResult(status, header, requestID, misfit)
		}
	}
	if refusal.Code == "" && refusal.Message == "" && !bytes.Contains(body, []byte("Success")) {
		return unreadable(op, status, header, body, errors.New("no member that the service documents"))
	}
	e := op.answered(status, header, requestID)
	e.Code = ErrorCode(refusal.Code)
	e.Message, e.said = refusal.Message, true
	e.HostID = refusal.HostID
	e.Recommend = refusal.Recommend
	e.AccessDeniedDetail = string(refusal.AccessDeniedDetail)
	if e.Code == "" && e.Message == "" {
		e.Message, e.said = fmt.Sprintf("the service answered Success: %t", success), false
	}
	e.classify(header)
	return e
}

// decodeResult decodes an answer with the result of the operation.
func decodeResult(body []byte, out answer) error {
	_, _, result, _ := out.parts()
	list, err := reserve(reflect.ValueOf(result).Elem(), body)
	if err != nil {
		return err
	}
	err = unmarshalAnswer(body, out)
	if list.IsValid() && list.Len() == 0 {
		list.SetZero() // there is no list: the reserved room is not part of the result
	}
	return err
}

// maxPieces limits the number of values in a long answer, which determines the time of
// reading: eight million, or one for eight bytes, whichever is more. A list of members
// has one for about twenty bytes.
func maxPieces(length int) int { return max(8<<20, length/8) }

// pieces counts the values of an answer, or a few more, and the bytes in it that
// are not UTF-8.
func pieces(body []byte) int {
	n := bytes.Count(body, []byte(",")) + bytes.Count(body, []byte("[")) + bytes.Count(body, []byte("{"))
	if utf8.Valid(body) {
		return n
	}
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			n++
		}
		i += size
	}
	return n
}

// maxExpansion limits the memory of a decoded answer over a mebibyte, in multiples of
// its length. A list of a million {} or null is short and becomes a million structs.
const maxExpansion = 4

// nullEntries counts the nulls of an answer that are not the value of a member, and
// perhaps some within texts.
func nullEntries(body []byte) (n int) {
	null := []byte("null")
	for at := 0; ; at += len(null) {
		next := bytes.Index(body[at:], null)
		if next < 0 {
			return n
		}
		at += next
		before := at - 1
		for before >= 0 && body[before] <= ' ' {
			before--
		}
		if before >= 0 && body[before] != ':' {
			n++
		}
	}
}

// reserve allocates the list that is the result, or its Data: growing a list entry by
// entry costs more than decoding it. It returns the list, and refuses a long answer
// whose objects would take many times its length.
func reserve(result reflect.Value, body []byte) (list reflect.Value, err error) {
	const worthIt, likely, atMost = 512, 64, 1000 // bytes of an answer, of an entry; entries
	if len(body) < worthIt {
		return list, nil
	}
	room := min(atMost, len(body)/likely)
	if len(body) > maxRefusalBytes {
		room = bytes.Count(body, []byte("{")) + nullEntries(body)
		if int64(room)*largestElement(result.Type(), 0) > maxExpansion*int64(len(body)) {
			return list, fmt.Errorf("its %d objects take more than %d times the memory of the answer", room, maxExpansion)
		}
	}
	list = result
	if result.Kind() == reflect.Struct {
		list = result.FieldByName("Data")
	}
	if !list.IsValid() || list.Kind() != reflect.Slice || list.Type().Elem().Kind() != reflect.Struct {
		return reflect.Value{}, nil
	}
	list.Set(reflect.MakeSlice(list.Type(), 0, room))
	return list, nil
}

// judge checks the result of an answer with Success: true.
func (op operation) judge(status int, header http.Header, requestID string, body []byte, result any, out answer) *Error {
	if why := op.lacks(result, body); why != nil {
		return op.withoutResult(status, header, requestID, why)
	}
	if err := out.bind(); err != nil {
		return op.unreadableResult(status, header, requestID, err)
	}
	return nil
}

// answered makes the error of an answer with a request id.
func (op operation) answered(status int, header http.Header, requestID string) *Error {
	e := op.failed(status, header)
	if requestID != "" {
		e.RequestID = requestID
	}
	return e
}

// unreadableResult is the error of an answer with Success: true and a Result of the
// wrong form.
func (op operation) unreadableResult(status int, header http.Header, requestID string, why error) *Error {
	e := op.answered(status, header, requestID)
	e.class, e.effect, e.Message = ErrResultUnreadable, executed, describe(why)
	return e
}

// withoutResult is the error of an answer with Success: true and without a result: the
// operation was not performed, or its outcome is unknown.
func (op operation) withoutResult(status int, header http.Header, requestID string, why error) *Error {
	e := op.answered(status, header, requestID)
	if e.class, e.effect, e.Message = ErrInvalidResponse, unclear, why.Error(); why == errNotDone {
		e.class, e.effect = ErrNotPerformed, refused
	}
	return e
}

var errNotDone = errors.New("the service answered that it was not done")

// saysFalse reports whether a result is false, or "false".
func saysFalse(raw json.Value) bool {
	return strings.EqualFold(strings.Trim(string(raw), "\" \t\r\n"), "false")
}

// lacks returns what a successful answer is missing.
func (op operation) lacks(result any, body []byte) error {
	v := reflect.ValueOf(result).Elem()
	write := op.access == writeAccess
	if raw, ok := result.(*json.Value); ok { // of Do
		if !write {
			return nil
		}
		return op.missing(result, *raw)
	}
	if v.Kind() == reflect.String && write && strings.EqualFold(v.String(), "false") || isSecret(result, "false") {
		return errNotDone
	}
	if !v.IsZero() {
		return nil
	}
	var whole envelope[json.Value]
	if err := whole.read(body); err != nil {
		return err
	}
	return op.missing(result, whole.Result)
}

// missing checks a Result without a value. A write needs one: an identifier, an object,
// or anything but false. A read needs its object or value; a missing list is empty.
func (op operation) missing(result any, raw json.Value) error {
	write := op.access == writeAccess
	if write && saysFalse(raw) {
		return errNotDone
	}
	kind := reflect.TypeOf(result).Elem().Kind()
	list := kind == reflect.Slice || kind == reflect.Map
	if document, ok := result.(interface{ holdsList() bool }); ok {
		list = document.holdsList()
	}
	switch text := strings.TrimSpace(string(raw)); {
	case isMissingResult(raw):
		if write || !list {
			return errNoResult
		}
	case text == `""`:
		if write || !list && kind != reflect.String {
			return errEmptyResult
		}
	case op.creates() && text[0] == '{' && strings.Trim(text, "{} \t\r\n") == "":
		return errEmptyResult
	}
	return nil
}

// isSecret reports whether the result is a ticket with this text, in any letter case.
func isSecret(result any, text string) bool {
	ticket, ok := result.(*Secret)
	return ok && strings.EqualFold(ticket.Reveal(), text)
}

// creates reports whether the operation creates an object and returns it.
func (op operation) creates() bool {
	return op.access == writeAccess && (strings.HasPrefix(op.action, "Create") || strings.HasPrefix(op.action, "Add"))
}

func isMissingResult(raw json.Value) bool { return len(raw) == 0 || raw.Kind() == 'n' }

// largestElement returns the size of the largest element of a list within t.
func largestElement(t reflect.Type, depth int) int64 {
	largest := int64(0)
	switch {
	case depth > 8: // a type that contains itself
	case t.Kind() == reflect.Struct:
		for field := range t.Fields() {
			largest = max(largest, largestElement(field.Type, depth+1))
		}
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map, t.Kind() == reflect.Pointer:
		largest = max(int64(t.Elem().Size()), largestElement(t.Elem(), depth+1))
	}
	return largest
}

// foreignCharset returns the declared charset of an answer, unless it is UTF-8.
func foreignCharset(header http.Header) string {
	kind := headerValue(header, "Content-Type")
	const usual = "utf-8"
	if at := len(kind) - len(usual); at < 0 || strings.EqualFold(kind[at:], usual) || !strings.ContainsRune(kind, ';') {
		return ""
	}
	_, params, err := mime.ParseMediaType(kind)
	if charset := params["charset"]; err == nil && !strings.EqualFold(charset, usual) && !strings.EqualFold(charset, "utf8") {
		return charset
	}
	return ""
}

var byteOrderMark = []byte("\ufeff")

// read decodes a refusal, which some gateways write in XML.
func (e *envelope[T]) read(body []byte) error {
	if body[0] == '{' {
		return unmarshalAnswer(body, e)
	}
	if body[0] != '<' || len(body) > maxRefusalBytes {
		return errNoObject
	}
	texts, whole := xmlTexts(string(body))
	if !whole || texts["Code"] == "" {
		return errNoObject
	}
	e.RequestID = texts["RequestId"]
	e.failure = failure{Code: texts["Code"], Message: texts["Message"], HostID: texts["HostId"], Recommend: texts["Recommend"]}
	return nil
}

// unreadable is the error of an answer that is not the documented JSON.
func unreadable(op operation, status int, header http.Header, body []byte, why error) *Error {
	e := op.failed(status, header)
	e.class, e.Message = ErrInvalidResponse, describe(why)
	e.Excerpt = excerpt(body)
	e.classify(header)
	return e
}

const (
	keptExcerpt  = 4096 // bytes before secrets are removed
	shownExcerpt = 200  // bytes after that
)

// excerpt returns the beginning of a body that is not an answer of the service, such
// as the page of a proxy. It never shows a result, which may be a ticket.
func excerpt(body []byte) string {
	text := body[:min(len(body), keptExcerpt)]
	if len(text) == 0 || bytes.IndexByte([]byte(`{["`), text[0]) >= 0 ||
		bytes.IndexByte(text, 0) >= 0 || bytes.Contains(body, []byte("Result")) {
		return ""
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// describe says what is wrong with a document, without its contents.
func describe(err error) string {
	var semantic *json.SemanticError
	var syntactic *json.SyntacticError
	switch {
	case errors.As(err, &syntactic) && errors.Is(syntactic.Err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the JSON ends early, at byte %d", syntactic.ByteOffset)
	case errors.As(err, &syntactic):
		return fmt.Sprintf("the JSON is broken at byte %d", syntactic.ByteOffset)
	case errors.As(err, &semantic):
		text := fmt.Sprintf("the JSON does not fit at byte %d", semantic.ByteOffset)
		if semantic.JSONPointer != "" {
			text += " (" + string(semantic.JSONPointer) + ")"
		}
		return text
	case err == nil:
		return "not the documented JSON"
	}
	return err.Error()
}

// maxRefusalBytes limits answers that are not a success: a refusal, in JSON or XML, or
// the page of a proxy.
const maxRefusalBytes = 1 << 20

// tooLargeError is an answer with more than this number of bytes.
type tooLargeError int64

func (tooLargeError) Error() string { return "too large" }

// responseBody is a whole answer in a reused buffer: decoding copies from it.
type responseBody struct {
	buf   bytes.Buffer
	limit io.LimitedReader
}

var bodyPool = sync.Pool{New: func() any { return new(responseBody) }}

// readBody reads an answer up to the limit, or up to that of a refusal.
func readBody(resp *http.Response, most int64) (*responseBody, error) {
	if resp.StatusCode/100 != 2 {
		most = min(most, maxRefusalBytes)
	}
	b := bodyPool.Get().(*responseBody)
	b.buf.Reset()
	if n := resp.ContentLength; n > 0 && n <= min(most, 64<<20) {
		b.buf.Grow(int(n) + bytes.MinRead)
	}
	b.limit = io.LimitedReader{R: resp.Body, N: most}
	_, err := b.buf.ReadFrom(&b.limit)
	if err == nil && b.limit.N == 0 {
		var more [1]byte
		if n, _ := io.ReadFull(resp.Body, more[:]); n > 0 {
			err = tooLargeError(most)
		}
	}
	b.limit.R = nil
	if err != nil {
		b.release()
		return nil, err
	}
	return b, nil
}

func (b *responseBody) Bytes() []byte { return b.buf.Bytes() }

func (b *responseBody) release() {
	const keep = 1 << 20 // a huge answer must not stay in memory
	if b.buf.Cap() <= keep {
		bodyPool.Put(b)
	}
}
