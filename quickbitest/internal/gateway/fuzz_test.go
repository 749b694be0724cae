package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"testing"
)

// FuzzToXML has every JSON object come out as well-formed XML.
func FuzzToXML(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":"<"},null,1e3],"":{}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		if !json.Valid(document) || document[0] != '{' {
			return // handlers' results are marshalled, and in an envelope
		}
		out := toXML("r", document)
		for dec := xml.NewDecoder(bytes.NewReader(out)); ; {
			if _, err := dec.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%v in %q", err, out)
			}
		}
	})
}
