package quickbitest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// A reply is an answer ready to be sent. Without a status it is none.
type reply struct {
	status      int
	code        string // of a refusal
	contentType string
	body        []byte
}

type success struct {
	RequestID string `json:"RequestId"`
	Success   bool
	Result    any `json:",omitempty"`
}

type failure struct {
	RequestID string `json:"RequestId"`
	HostID    string `json:"HostId"`
	Code      string
	Message   string
	Recommend string
}

// answer makes the reply out of what a handler returned.
func answer(req *request, result any, err error) reply {
	if err == nil {
		return encode(req, http.StatusOK, success{RequestID: req.id, Success: true, Result: result})
	}
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		r = &refusal{code: "InternalError", status: http.StatusInternalServerError, message: err.Error()}
	}
	reply := encode(req, r.status, failure{
		RequestID: req.id,
		HostID:    req.host,
		Code:      r.code,
		Message:   r.message,
		Recommend: "https://error-center.aliyun.com/status/search?Keyword=" + url.QueryEscape(r.code) + "&source=PopGw",
	})
	reply.code = r.code
	return reply
}

// encode writes v in the format the caller wants.
func encode(req *request, status int, v any) reply {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("quickbitest: " + req.action + ": " + err.Error()) // a handler's result is no JSON
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if !req.xml {
		return reply{status: status, contentType: "application/json;charset=utf-8", body: body}
	}
	root := "Error"
	if _, ok := v.(success); ok {
		root = req.action + "Response"
	}
	return reply{status: status, contentType: "text/xml;charset=utf-8", body: toXML(root, body)}
}

// toXML rewrites a JSON document. A member becomes an element of its name, an
// array one such element for each item, and null nothing.
func toXML(root string, document []byte) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version='1.0' encoding='UTF-8'?>")
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	writeElements(&b, root, dec)
	return b.Bytes()
}

// writeElements writes the next value of dec. The document is known to be valid,
// so that Token does not fail.
func writeElements(b *bytes.Buffer, name string, dec *json.Decoder) {
	token, _ := dec.Token()
	switch token {
	case nil:
		return
	case json.Delim('['):
		for dec.More() {
			writeElements(b, name, dec)
		}
		_, _ = dec.Token()
		return
	}

	element := name
	if !isXMLName(name) {
		element = "Entry" // a map may have any key
		b.WriteString(`<Entry Key="`)
		escape(b, name)
		b.WriteString(`">`)
	} else {
		b.WriteString("<" + element + ">")
	}
	switch token := token.(type) {
	case json.Delim:
		for dec.More() {
			key, _ := dec.Token()
			writeElements(b, key.(string), dec)
		}
		_, _ = dec.Token()
	case string:
		escape(b, token)
	case json.Number:
		b.WriteString(token.String())
	case bool:
		if token {
			b.WriteString("true")
		} else {
			b.WriteString("false")
		}
	}
	b.WriteString("</" + element + ">")
}

func escape(w io.Writer, s string) {
	_ = xml.EscapeText(w, []byte(s)) // fails only if w does, and a buffer does not
}

// isXMLName knows fewer names than XML does, and all that the service documents.
func isXMLName(s string) bool {
	for i, r := range s {
		switch {
		case 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', r == '_':
		case i > 0 && ('0' <= r && r <= '9' || r == '-' || r == '.'):
		default:
			return false
		}
	}
	return s != ""
}
