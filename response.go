package quickbi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Response is the answer to a call that succeeded.
type Response[T any] struct {
	RequestID string `json:"RequestId"` // quote it to Alibaba Cloud's support
	Success   bool   `json:"Success"`   // always true: false is returned as an [*Error]
	Result    T      `json:"Result"`
}

// failure holds the members that only a refusal has.
type failure struct {
	Code               string         `json:"Code" xml:"Code"`
	Message            string         `json:"Message" xml:"Message"`
	HostID             string         `json:"HostId" xml:"HostId"`
	Recommend          string         `json:"Recommend" xml:"Recommend"`
	AccessDeniedDetail jsontext.Value `json:"AccessDeniedDetail" xml:"-"`
}

// envelope is the document that answers every operation: a result, or a refusal.
type envelope[T any] struct {
	Response[T]
	failure
}

// answer is an *envelope of any result type.
type answer interface {
	parts() (requestID string, success bool, result any, f *failure)
	reset()
}

func (e *envelope[T]) parts() (string, bool, any, *failure) {
	return e.RequestID, e.Success, &e.Result, &e.failure
}

func (e *envelope[T]) reset() { *e = envelope[T]{} }

// Names are matched in any letter case and repeated names are let through, as
// encoding/json does; unknown members are skipped.
var decodeOptions = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true),
	jsontext.AllowDuplicateNames(true),
)

// tolerantOptions read what the service is known to write where its
// documentation says otherwise: "true" for true, quoted numbers, numbers for
// texts. They cost time, so they are used for answers that do not decode without.
var tolerantOptions = sync.OnceValue(func() json.Options {
	return json.JoinOptions(decodeOptions, json.WithUnmarshalers(json.UnmarshalFromFunc(decodeLoosely)))
})

func decodeLoosely(dec *jsontext.Decoder, target any) error {
	v := reflect.ValueOf(target).Elem()
	if _, own := target.(json.Unmarshaler); own {
		return errors.ErrUnsupported
	}
	if v.Kind() != reflect.Pointer {
		return looseScalar(dec, scalarSetter(v))
	}
	// A scalar behind a pointer may be unknown, which "" says, too.
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

// scalarSetter returns what sets v from its text; nil if v is no scalar.
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

// looseScalar hands set the text of a scalar, whether it is quoted or not. null
// and, unless a text is wanted, "" leave the value alone.
func looseScalar(dec *jsontext.Decoder, set func(text string) error) error {
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
		return errors.ErrUnsupported // an object or array: the decoder says what is wrong
	}
}

// looseInt reads integers that were written as a float without a fraction, too.
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

// decode reads an answer. It returns nil if the operation was performed.
func decode(op operation, status int, header http.Header, body []byte, out answer) *Error {
	if len(bytes.TrimSpace(body)) == 0 {
		return unreadable(op, status, header, body, errors.New("empty body"))
	}
	var decodeErr error
	if status/100 == 2 {
		if decodeErr = json.Unmarshal(body, out, decodeOptions); decodeErr != nil {
			out.reset()
			decodeErr = json.Unmarshal(body, out, tolerantOptions())
		}
		if decodeErr == nil {
			if requestID, success, result, f := out.parts(); success && f.Code == "" {
				if op.access == writeAccess && lacksResult(result, body) {
					return unreadable(op, status, header, body, errors.New("there is no Result"))
				}
				if op.access == writeAccess && undone(result) {
					e := op.failed(status, header)
					e.RequestID = requestID
					e.class, e.Message = ErrNotPerformed, "the service answered that it was not done"
					return e
				}
				return nil
			}
		}
	}
	// Not a success: read it again for what a refusal has in it, whatever its Result is.
	var refusal envelope[jsontext.Value]
	if err := refusal.read(body); err != nil {
		if decodeErr == nil {
			decodeErr = err
		}
		return unreadable(op, status, header, body, decodeErr)
	}
	if status/100 == 2 && refusal.Success && refusal.Code == "" {
		return unreadable(op, status, header, body, decodeErr)
	}
	if refusal.Code == "" && refusal.Message == "" && !bytes.Contains(body, []byte("Success")) {
		return unreadable(op, status, header, body, errors.New("no member that the service documents"))
	}
	e := op.failed(status, header)
	e.Code = ErrorCode(refusal.Code)
	e.Message = refusal.Message
	e.HostID = refusal.HostID
	e.Recommend = refusal.Recommend
	e.AccessDeniedDetail = string(refusal.AccessDeniedDetail)
	if refusal.RequestID != "" {
		e.RequestID = refusal.RequestID
	}
	if e.Code == "" && e.Message == "" {
		e.Message = "the service answered Success: false"
	}
	return e
}

// read decodes a refusal, which some gateways write in XML.
func (e *envelope[T]) read(body []byte) error {
	if body = bytes.TrimSpace(body); body[0] == '<' {
		var doc struct {
			XMLName   xml.Name
			RequestID string `xml:"RequestId"`
			failure
		}
		if err := xml.Unmarshal(body, &doc); err != nil || doc.Code == "" {
			return errors.New("not JSON")
		}
		e.RequestID, e.failure = doc.RequestID, doc.failure
		return nil
	}
	if json.Unmarshal(body, e, decodeOptions) == nil {
		return nil
	}
	e.reset()
	return json.Unmarshal(body, e, tolerantOptions())
}

// undone reports whether the result of a command says that it was not done:
// false, "false", or an empty identifier where the new object's should be.
func undone(result any) bool {
	switch r := result.(type) {
	case *bool:
		return !*r
	case *string:
		return *r == "" || strings.EqualFold(*r, "false")
	case *jsontext.Value: // of Do
		return strings.EqualFold(strings.Trim(string(*r), `"`), "false")
	}
	return false
}

// lacksResult reports whether the object that a write should answer with is not
// there: taken for an empty one, it would look like a success without content.
func lacksResult(result any, body []byte) bool {
	v := reflect.ValueOf(result).Elem()
	if v.Kind() != reflect.Struct || !v.IsZero() {
		return false
	}
	var raw envelope[jsontext.Value]
	return json.Unmarshal(body, &raw, decodeOptions) == nil && (len(raw.Result) == 0 || raw.Result.Kind() == 'n')
}

// unreadable is the error of an answer that is not what the service documents.
func unreadable(op operation, status int, header http.Header, body []byte, why error) *Error {
	e := op.failed(status, header)
	e.class, e.effect = ErrInvalidResponse, unclear
	e.Message = describe(why)
	e.Excerpt = excerpt(body)
	return e
}

const (
	keptExcerpt  = 4096 // bytes of which secrets are taken out
	shownExcerpt = 200  // bytes of what is left
)

// excerpt returns the beginning of a body that was not written by the service:
// the page of a proxy. A result is not shown, in whatever form, because it may
// be a ticket.
func excerpt(body []byte) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(text) == 0 || bytes.IndexByte([]byte(`{["`), text[0]) >= 0 ||
		bytes.IndexByte(text, 0) >= 0 || bytes.Contains(text, []byte("Result")) {
		return ""
	}
	return strings.ToValidUTF8(string(text[:min(len(text), keptExcerpt)]), "\uFFFD")
}

// describe says what is wrong with a document without showing what is in it.
func describe(err error) string {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
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

// responseBody is a whole answer in a buffer that is used again: what is
// decoded from it is copied.
type responseBody struct{ buf *bytes.Buffer }

var bodyPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody reads no more than most bytes.
func readBody(resp *http.Response, most int64) (responseBody, error) {
	b := responseBody{bodyPool.Get().(*bytes.Buffer)}
	b.buf.Reset()
	if n := resp.ContentLength; n > 0 && n <= most {
		b.buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.buf.ReadFrom(io.LimitReader(resp.Body, most+1))
	if err == nil && n > most {
		err = ErrResponseTooLarge
	}
	if err != nil {
		b.release()
		return responseBody{}, err
	}
	return b, nil
}

func (b responseBody) Bytes() []byte { return b.buf.Bytes() }

func (b responseBody) release() {
	const keep = 1 << 20 // one huge answer must not stay in memory for good
	if b.buf.Cap() <= keep {
		bodyPool.Put(b.buf)
	}
}
