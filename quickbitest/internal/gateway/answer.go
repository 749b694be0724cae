package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// A Reply is an answer ready to be sent. The zero value is no answer.
type Reply struct {
	Status      int
	Code        string // of a refusal
	ContentType string
	Body        []byte
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

// Answer makes the reply to an operation that was carried out. With performed false,
// the answer is what the service says if it did not carry it out: status 200 and
// "Success": false.
func (r *Request) Answer(performed bool, result any) Reply {
	return r.encode(http.StatusOK, r.Action+"Response", success{RequestID: r.ID, Success: performed, Result: result})
}

// Refuse makes the reply to a call that is refused with the error.
func (r *Request) Refuse(err error) Reply {
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		refusal = &Refusal{Code: "InternalError", Status: http.StatusInternalServerError, Message: err.Error()}
	}
	reply := r.encode(refusal.Status, "Error", failure{
		RequestID: r.ID,
		HostID:    r.Host,
		Code:      refusal.Code,
		Message:   refusal.Message,
		Recommend: "https://error-center.aliyun.com/status/search?Keyword=" + url.QueryEscape(refusal.Code) + "&source=PopGw",
	})
	reply.Code = refusal.Code
	return reply
}

// encode writes v in the format the caller wants; root is the name of an XML document.
func (r *Request) encode(status int, root string, v any) Reply {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("quickbitest: " + r.Action + ": " + err.Error()) // a handler's result is no JSON
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if r.xml {
		return Reply{Status: status, ContentType: "text/xml;charset=utf-8", Body: toXML(root, body)}
	}
	return Reply{Status: status, ContentType: "application/json;charset=utf-8", Body: body}
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
		b.WriteString(strconv.FormatBool(token))
	}
	b.WriteString("</" + element + ">")
}

func escape(w io.Writer, s string) {
	_ = xml.EscapeText(w, []byte(s)) // fails only if w does, and a buffer does not
}

// isXMLName accepts fewer names than XML does; all documented ones are among them.
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
