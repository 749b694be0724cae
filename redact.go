package quickbi

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// redactor takes secrets out of texts that come from outside: messages of the
// service (a refused signature is answered with everything that was signed),
// pages of proxies (which like to show the URL), errors of a transport.
type redactor struct{ secrets []string }

// sensitiveParams are the request parameters whose values are secrets: with a
// ticket, anybody can open the report; the models of data sources hold passwords, the
// parameters of API data sources tokens.
var sensitiveParams = []string{"Ticket", "AddModel", "UpdateModel", "Parameters"}

// redactorFor knows the secrets of one attempt.
func redactorFor(cred Credential, signed SignedRequest, p params) *redactor {
	r := new(redactor)
	r.hide(cred.AccessKeySecret.Reveal())
	r.hide(cred.SecurityToken.Reveal())
	r.hide(cred.BearerToken.Reveal())
	for _, name := range sensitiveParams {
		for _, v := range slices.Concat(p.query[name], p.form[name]) {
			r.hide(v)
			var document any
			if json.Unmarshal([]byte(v), &document) == nil {
				r.hideLeaves(document)
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

// hide adds a secret, in all forms in which a request may have carried it: as
// it is, within JSON, and escaped for a URL once or twice.
func (r *redactor) hide(s string) {
	if len(s) < 4 { // would match by chance
		return
	}
	if !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 || !unreserved[byte(c)] }) {
		r.secrets = append(r.secrets, s) // all forms are the same
		return
	}
	quoted, _ := jsontext.AppendQuote(nil, s)
	for _, plain := range [...]string{s, string(quoted[1 : len(quoted)-1])} {
		once := string(appendEscaped(nil, plain))
		for _, form := range [...]string{plain, once, string(appendEscaped(nil, once)), url.QueryEscape(plain)} {
			if !slices.Contains(r.secrets, form) {
				r.secrets = append(r.secrets, form)
			}
		}
	}
}

// hideLeaves adds the texts of a document, which may come back without what is around them.
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

// secretPairs finds name=value and "name":"value" pairs that are secret whoever wrote them.
var secretPairs = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b((?:x-acs-)?(?:signature|security-?token|bearer-?token|access-?ticket|access_?key(?:_?secret)?|password))(["']?\s*(?:=|:|%3D|%253D)\s*["']?)[^\s&"',;<>]+`)
})

// echo finds where the gateway begins to repeat what was signed: key id, token, all parameters.
var echo = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)server (?:string to sign|StringToSign|CanonicalRequest) is`)
})

// mentionsSecrets reports whether echo or secretPairs can match: each of them
// has one of these words in it.
func mentionsSecrets(text string) bool {
	lower := strings.ToLower(text)
	for _, word := range [...]string{"server ", "signature", "token", "ticket", "access", "password"} {
		if strings.Contains(lower, word) {
			return true
		}
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
	return secretPairs().ReplaceAllString(text, "$1$2"+redacted)
}

// cleanError takes secrets out of all that an error shows.
func (r *redactor) cleanError(e *Error) {
	e.Code = ErrorCode(r.clean(string(e.Code)))
	for _, text := range [...]*string{&e.Message, &e.RequestID, &e.HostID, &e.Recommend, &e.AccessDeniedDetail, &e.Excerpt} {
		*text = r.clean(*text)
	}
	if len(e.Excerpt) > shownExcerpt { // only now: half a secret would not be found
		e.Excerpt = strings.ToValidUTF8(e.Excerpt[:shownExcerpt], "")
	}
	e.cause = r.causeOf(e.cause)
}

// causeOf returns err if its text holds no secret, or else one that stands for it.
func (r *redactor) causeOf(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := r.clean(text); clean != text {
		return &opaqueError{clean, err}
	}
	var u *url.Error
	if errors.As(err, &u) { // deeper inside, where it can be taken out
		return &opaqueError{text, err}
	}
	return err
}
