package quickbi

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
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
	add := func(s string) {
		if len(s) < 4 { // would match by chance
			return
		}
		r.secrets = append(r.secrets, s)
		if once := url.QueryEscape(s); once != s {
			r.secrets = append(r.secrets, once, string(appendEscaped(nil, once)))
		}
	}
	add(cred.AccessKeySecret.Reveal())
	add(cred.SecurityToken.Reveal())
	add(cred.BearerToken.Reveal())
	for _, name := range sensitiveParams {
		for _, v := range p.query[name] {
			add(v)
		}
	}
	if _, signature, ok := strings.Cut(headerValue(signed.Header, "Authorization"), "Signature="); ok {
		add(signature)
	}
	if query, err := url.ParseQuery(signed.RawQuery); err == nil {
		add(query.Get("Signature"))
	}
	return r
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

// clean returns text without secrets.
func (r *redactor) clean(text string) string {
	if text == "" {
		return ""
	}
	for _, s := range r.secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	if !strings.ContainsAny(text, "=:%[") {
		return text // neither an echo nor a pair; most messages end here
	}
	if at := echo().FindStringIndex(text); at != nil {
		text = text[:at[0]] + redacted
	}
	return secretPairs().ReplaceAllString(text, "$1$2"+redacted)
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
