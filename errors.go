package quickbi

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// ErrorCode is a Code of the service, and the sentinel that matches it:
//
//	if errors.Is(err, quickbi.ErrUserNotInOrganization) { … }
//
// Codes that this package does not list match, too:
// errors.Is(err, quickbi.ErrorCode("New.Code")). Letter case is ignored, because
// the service spells some codes in two ways.
type ErrorCode string

func (c ErrorCode) Error() string { return string(c) }

// Class returns the class of the code, or "" for an unknown code.
func (c ErrorCode) Class() ErrorClass { return c.info().class }

// ErrorClass groups failures that callers treat alike. errors.Is matches an
// *Error with its class.
type ErrorClass string

func (c ErrorClass) Error() string { return "quickbi: " + string(c) }

// Classes of refusals, by their code.
const (
	ErrNotFound       = ErrorClass("not found")             // an object that the request names does not exist
	ErrAlreadyExists  = ErrorClass("already exists")        // a name is taken, or a membership exists
	ErrPermission     = ErrorClass("permission denied")     // the caller or the edition may not do this
	ErrInvalidRequest = ErrorClass("invalid request")       // a parameter is missing or wrong; this package or the service says so
	ErrQuota          = ErrorClass("quota exceeded")        // a number or the licences are exhausted
	ErrThrottled      = ErrorClass("throttled")             // too many requests; not executed
	ErrAuthentication = ErrorClass("authentication failed") // a key, token, signature, time or nonce is refused
	ErrConflict       = ErrorClass("conflict")              // the state of the object does not allow it
	ErrUnavailable    = ErrorClass("service unavailable")   // the service is failing for now
	ErrInternal       = ErrorClass("internal error")        // the service failed; invalid parameters are a documented cause
)

// Classes of failures without a code.
const (
	// ErrNotPerformed says that the service answered a command without an error, but
	// did not perform it.
	ErrNotPerformed = ErrorClass("not performed")
	// ErrRequestTooLong says that the request is too long for the service or for a
	// proxy before it: HTTP 413, 414 or 431. The call was not executed. Send fewer
	// elements at a time. It matches [ErrInvalidRequest], too.
	ErrRequestTooLong = ErrorClass("request too long")
	// ErrResultUnreadable says that the service executed the call, but its result
	// cannot be read. Do not send a write again. It matches [ErrInvalidResponse], too.
	ErrResultUnreadable = ErrorClass("executed, but the result could not be read")
	// ErrInvalidResponse says that the answer is not the documented JSON: HTML of a
	// proxy, an empty or truncated document, a missing result, a list with missing
	// entries.
	ErrInvalidResponse = ErrorClass("invalid response")
	// ErrResponseTooLarge says that the answer is longer than [WithMaxResponseBytes]
	// allows, or consists of too many values.
	ErrResponseTooLarge = ErrorClass("response too large")
	// ErrOutcomeUnknown says that a write may or may not have been executed: its
	// answer was lost, cannot be read, or does not tell. Read the state before you
	// send it again. It comes together with the error that led to it.
	ErrOutcomeUnknown = ErrorClass("outcome unknown")
)

// Error is the failure of one call. Every error that a method of [Client]
// returns is, or wraps, an *Error.
//
// With errors.Is, it matches its [ErrorCode], its [ErrorClass] and its cause, such
// as context.Canceled, context.DeadlineExceeded or a net error.
type Error struct {
	Action     string    // the operation
	Code       ErrorCode // as answered; "" if the service did not answer with one
	Message    string    // as answered, without secrets
	RequestID  string    // for Alibaba Cloud's support
	HostID     string
	Recommend  string // a diagnosis page, if the gateway names one
	StatusCode int    // HTTP status; 0 without an answer
	Excerpt    string // the beginning of an answer that is not the documented JSON

	AccessDeniedDetail string        // JSON, if the gateway explains a missing permission
	RetryAfter         time.Duration // the wait that the service asks for; 0 if it does not say
	Attempts           int           // number of attempts to send the request

	class     ErrorClass // of a failure without a known code
	cause     error
	write     bool
	effect    effect
	transient bool // trying again later can help

	said         bool // Message is the service's, not this package's
	hintLanguage HintLanguage
}

// effect says whether a failed operation may have been executed.
type effect uint8

const (
	refused  effect = iota // certainly not executed
	unclear                // it may have been, wholly or in part
	executed               // certainly executed
)

// Error returns one line, without secrets.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("quickbi: ")
	b.WriteString(e.Action)
	sep := ": "
	add := func(s string) {
		if s != "" {
			b.WriteString(sep)
			b.WriteString(oneLine(s))
		}
	}
	if e.Code != "" {
		add(string(e.Code))
	} else {
		add(string(e.class))
	}
	add(e.Message)
	if e.cause != nil {
		add(e.cause.Error())
	}
	if e.Excerpt != "" {
		add(fmt.Sprintf("%q", e.Excerpt))
	}
	sep = " ("
	note := func(format string, arg any) {
		add(fmt.Sprintf(format, arg))
		sep = ", "
	}
	if e.StatusCode != 0 {
		note("HTTP %d", e.StatusCode)
	}
	if e.RequestID != "" {
		note("request %s", e.RequestID)
	}
	if e.Attempts > 1 {
		note("%d attempts", e.Attempts)
	}
	if e.Is(ErrOutcomeUnknown) {
		note("%s", "it may have been executed")
	}
	if sep == ", " {
		b.WriteByte(')')
	}
	return b.String()
}

// oneLine returns a text from outside in a form that is safe in a log or on a
// terminal: runs of blanks become one, control characters and marks that change the
// direction of writing are escaped.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if !strings.ContainsFunc(s, isMisleading) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isMisleading(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
		if b.Len() > maxErrorText {
			break
		}
	}
	return b.String()
}

// isMisleading reports whether r changes how the text around it looks.
func isMisleading(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// GoString is Error, so that %#v does not show what Error leaves out.
func (e *Error) GoString() string { return e.Error() }

// Unwrap returns the cause of the failure, unless it is an answer of the service.
func (e *Error) Unwrap() error { return e.cause }

// Is matches the code, the class, and [ErrOutcomeUnknown].
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case ErrorCode:
		return e.Code != "" && strings.EqualFold(string(e.Code), string(t))
	case ErrorClass:
		switch t {
		case "":
			return false
		case ErrOutcomeUnknown:
			return e.write && e.effect == unclear
		case e.class:
			return true
		case ErrInvalidRequest:
			return e.class == ErrRequestTooLong || e.info().class == t
		case ErrInvalidResponse:
			return e.class == ErrResultUnreadable
		case ErrUnavailable:
			if e.class == ErrInvalidResponse && e.StatusCode >= 500 {
				return true // a proxy's error page, say
			}
		}
		return e.info().class == t
	}
	return false
}

// info returns what is known of the code. The name of an unlisted code proves
// nothing if the status is that of a server error, even if it begins with Invalid.
func (e *Error) info() codeInfo {
	info := e.Code.info()
	if e.StatusCode >= 500 && info.unlisted {
		return codeInfo{code: e.Code, effect: unclear}
	}
	return info
}

// A ParameterError says what is wrong with one parameter of a request. The
// request was not sent. It matches [ErrInvalidRequest]; several of them may be
// joined in one [Error].
type ParameterError struct {
	Action    string // the operation
	Parameter string // name on the wire
	Problem   string
}

func (e *ParameterError) Error() string { return "parameter " + e.Parameter + " " + e.Problem }

// Is matches [ErrInvalidRequest].
func (e *ParameterError) Is(target error) bool { return target == ErrInvalidRequest }

// invalidRequest is the error of a call that is not sent.
func invalidRequest(action string, causes ...error) *Error {
	e := &Error{Action: action, class: ErrInvalidRequest, cause: causes[0]}
	if len(causes) > 1 {
		e.cause = joined(causes)
	}
	return e
}

// joined is errors.Join on one line.
type joined []error

func (j joined) Unwrap() []error { return j }

func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// codeInfo is what is known of a code.
type codeInfo struct {
	code   ErrorCode // as this package spells it
	class  ErrorClass
	effect effect
	// unlisted says that only the beginning of the code is known.
	unlisted bool
}

// codeIndex finds the listed codes, as spelt and in lower case.
var codeIndex = sync.OnceValue(func() map[string]codeInfo {
	index := make(map[string]codeInfo)
	for class, codes := range codesOf {
		for _, code := range codes {
			info := codeInfo{code: code, class: class}
			if class == ErrInternal || class == ErrUnavailable || slices.Contains(unclearCodes, code) {
				info.effect = unclear
			}
			index[string(code)] = info
			index[strings.ToLower(string(code))] = info
		}
	}
	return index
})

// info looks the code up. An unlisted code of the gateway is known by the family in
// its name. Of other unlisted codes nothing is known, not even that the operation
// was not executed.
func (c ErrorCode) info() codeInfo {
	if c == "" {
		return codeInfo{effect: unclear}
	}
	index := codeIndex()
	if info, ok := index[string(c)]; ok {
		return info
	}
	if info, ok := index[strings.ToLower(string(c))]; ok {
		return info
	}
	for _, family := range [...]struct {
		prefix string
		class  ErrorClass
	}{
		{"Throttling", ErrThrottled},
		{"Forbidden", ErrPermission},
		{"InvalidAccessKeyId", ErrAuthentication},
		{"InvalidSecurityToken", ErrAuthentication},
		{"InvalidTimeStamp", ErrAuthentication},
		{"Missing", ErrInvalidRequest},
		{"Invalid", ErrInvalidRequest},
	} {
		if strings.HasPrefix(string(c), family.prefix) {
			return codeInfo{c, family.class, refused, true}
		}
	}
	return codeInfo{code: c, effect: unclear}
}

// stripURL removes the layers of *url.Error, which show the URL: it holds
// identifiers and, with V1, the signature and the token.
func stripURL(err error) error {
	for {
		u, ok := err.(*url.Error)
		if !ok {
			return err
		}
		err = u.Err
	}
}

// opaqueError stands for an error with a secret in its text. It can be matched, but
// not unwrapped and printed.
type opaqueError struct {
	text string
	err  error
}

func (e *opaqueError) Error() string        { return e.text }
func (e *opaqueError) GoString() string     { return e.text }
func (e *opaqueError) Is(target error) bool { return errors.Is(e.err, target) }

// Timeout and Temporary make it a net.Error.
func (e *opaqueError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(e.err, &t) && t.Timeout()
}

func (e *opaqueError) Temporary() bool { return false }
