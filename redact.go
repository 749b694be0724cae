package quickbi

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/quickbi-go/quickbi/internal/json"
)

// redactor removes secrets from texts that come from outside: messages of the service
// (which repeats all that was signed if it refuses a signature), pages of proxies
// (which often show the URL), errors of a transport.
type redactor struct {
	secrets []string
	known   map[string]bool // the same secrets, if there are many
	longest int             // length of the longest secret
}

// sensitiveParams are the request parameters with secret values: anybody can open a
// report with a ticket; models of data sources hold passwords, and parameters of API
// data sources hold tokens.
var sensitiveParams = []string{"Ticket", "AddModel", "UpdateModel", "Parameters"}

// redactorFor returns the redactor for the secrets of one attempt.
func redactorFor(cred Credential, signed SignedRequest, p params) *redactor {
	r := &redactor{secrets: make([]string, 0, 4)}
	r.hide(cred.AccessKeySecret.Reveal())
	r.hide(cred.SecurityToken.Reveal())
	r.hide(cred.BearerToken.Reveal())
	for _, values := range [...]url.Values{p.query, p.form} {
		for _, name := range sensitiveParams {
			for _, v := range values[name] {
				r.hide(v)
				var document any
				if json.Unmarshal([]byte(v), &document) == nil {
					r.hideLeaves(document)
				}
			}
		}
	}
	if _, signature, ok := strings.Cut(headerValue(signed.Header, "Authorization"), "Signature="); ok {
		r.hide(signature)
	} else if query, err := url.ParseQuery(signed.RawQuery); err == nil {
		r.hide(query.Get("Signature"))
	}
	return r
}

// hide adds a secret in all forms that a request may hold: as it is, within JSON, and
// escaped for a URL once or twice.
func (r *redactor) hide(s string) {
	if len(s) < 4 { // matches by chance
		return
	}
	if !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 || unreserved[byte(c)] == 0 }) {
		r.add(s) // all forms are the same
		return
	}
	quoted, _ := json.AppendQuote(nil, s)
	for _, plain := range [...]string{s, string(quoted[1 : len(quoted)-1])} {
		once := string(appendEscaped(nil, plain))
		for _, form := range [...]string{plain, once, string(appendEscaped(nil, once)), url.QueryEscape(plain)} {
			r.add(form)
		}
	}
}

func (r *redactor) add(form string) {
	const few = 32
	if r.known == nil && len(r.secrets) >= few {
		r.known = make(map[string]bool)
		for _, s := range r.secrets {
			r.known[s] = true
		}
	}
	if r.known[form] || r.known == nil && slices.Contains(r.secrets, form) {
		return
	}
	if r.known != nil {
		r.known[form] = true
	}
	r.secrets = append(r.secrets, form)
	r.longest = max(r.longest, len(form))
}

// hideLeaves adds the texts of a document, which may come back one by one.
func (r *redactor) hideLeaves(document any) {
	switch d := document.(type) {
	case string:
		r.hide(d)
	case []any:
		for _, v := range d {
			r.hideLeaves(v)
		}
	case map[string]any:
		for _, v := range d {
			r.hideLeaves(v)
		}
	}
}

func headerValue(h http.Header, key string) string {
	if v := h[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// secretPairs finds pairs name=value and "name":"value" with names of secrets.
var secretPairs = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b((?:x-acs-)?(?:signature|security[-_]?token|bearer[-_]?token|access[-_]?ticket|access_?key(?:_?secret)?|password))(["']?\s*(?:=|:|%3D|%253D)\s*["']?)[^\s&"',;<>]+`)
})

// echo finds the place where the gateway repeats what was signed: key id, token, all parameters.
var echo = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)server (?:string to sign|StringToSign|CanonicalRequest) is`)
})

// secretWords are the words that each match of echo or secretPairs has one of. The long
// s and the kelvin sign match s and k.
var secretWords = [8]string{"server ", "signature", "token", "ticket", "access", "password", "ſ", "\u212a"}

// secretBytes holds, for a byte, a bit for each secret word that begins with it, and
// that has it in the second place.
var secretBytes = func() (table [256]struct{ first, second byte }) {
	for i, word := range secretWords {
		for _, letterCase := range [...]byte{0, 'a' - 'A'} {
			table[word[0]&^letterCase].first |= 1 << i
			table[word[1]&^letterCase].second |= 1 << i
		}
	}
	return table
}()

// mentionsSecrets reports whether echo or secretPairs can match. It copies nothing,
// and reads the text once.
func mentionsSecrets(text string) bool {
	var begun byte // the words that the byte before begins
	for i := range len(text) {
		at := secretBytes[text[i]]
		if found := begun & at.second; found != 0 {
			for j, word := range secretWords {
				if found>>j&1 == 1 && len(text) >= i-1+len(word) && strings.EqualFold(text[i-1:i-1+len(word)], word) {
					return true
				}
			}
		}
		begun = at.first
	}
	return false
}

// clean returns text without secrets.
func (r *redactor) clean(text string) string {
	if text == "" {
		return ""
	}
	for _, s := range r.secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	if !mentionsSecrets(text) {
		return text // most messages end here: the expressions below are slow
	}
	if at := echo().FindStringIndex(text); at != nil {
		text = text[:at[0]] + redacted
	}
	return secretPairs().ReplaceAllString(text, "${1}${2}"+redacted)
}

// Limits of the texts of an error, in bytes.
const (
	maxErrorText = 4 << 10 // of texts for people
	maxErrorName = 256     // of texts for programs
)

// cleanError removes secrets from all texts of an error, and cuts them to length.
func (r *redactor) cleanError(e *Error) {
	e.Code = ErrorCode(r.cleanCut(string(e.Code), maxErrorName))
	e.RequestID = r.cleanCut(e.RequestID, maxErrorName)
	e.HostID = r.cleanCut(e.HostID, maxErrorName)
	e.Excerpt = r.cleanCut(e.Excerpt, shownExcerpt)
	for _, text := range [...]*string{&e.Message, &e.Recommend, &e.AccessDeniedDetail} {
		*text = r.cleanCut(*text, maxErrorText)
	}
	e.cause = r.causeOf(e.cause)
}

// cleanCut returns at most so many bytes of text, without secrets. It cuts a long text
// before the search, and drops the part at the cut where half a secret may be.
func (r *redactor) cleanCut(text string, most int) string {
	whole := len(text) <= 2*most+r.longest
	if !whole {
		text = text[:2*most+r.longest]
	}
	text = r.clean(text)
	if !whole {
		text = text[:max(0, len(text)-r.longest)]
	}
	if len(text) > most {
		text = text[:most]
		whole = false
	}
	if !whole {
		text = strings.ToValidUTF8(text, "")
	}
	return text
}

// causeOf returns err, or an opaque error for it if its text holds a secret.
func (r *redactor) causeOf(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := r.cleanCut(text, maxErrorText); clean != text {
		return &opaqueError{clean, err}
	}
	var u *url.Error
	if errors.As(err, &u) { // deeper inside, where callers can unwrap it
		return &opaqueError{text, err}
	}
	return err
}
