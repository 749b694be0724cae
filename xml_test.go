package quickbi

import (
	"encoding/xml"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestXMLTexts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		document string
		want     map[string]string // nil: it is refused
	}{
		"of a gateway": {"<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>R-9</RequestId><Code>A.B</Code><Message>gone &amp; &lt;lost&gt; &#x4e2d;&#25991;</Message>" +
			"<Recommend><![CDATA[https://x/?a=1&b=<2>]]></Recommend></Error>", map[string]string{
			"RequestId": "R-9", "Code": "A.B", "Message": "gone & <lost> 中文", "Recommend": "https://x/?a=1&b=<2>",
		}},
		"blanks, comments, attributes, prefixes": {"\n<!-- <Code>no</Code> /-->\n<e:Error\n xmlns:e=\"u\">\n <!-- <Code>no</Code> --> <e:Code\ta='b'>X</e:Code > <Empty/><None></None></e:Error>\n<Code>no</Code>",
			map[string]string{"Code": "X", "Empty": "", "None": ""}},
		"elements inside":       {"<E><Detail><Code>no</Code>a<b>no</b>c</Detail><Code>X</Code></E>", map[string]string{"Detail": "ac", "Code": "X"}},
		"what is no name":       {"<E><Code>a & b &x; &#; &#xffffffff; &lt</Code></E>", map[string]string{"Code": "a & b &x; &#; &#xffffffff; &lt"}},
		"nothing inside":        {"<Error/>", map[string]string{}},
		"cut":                   {"<E><Code>X</Code>", nil},
		"cut within a tag":      {"<E><Code>X</Code></E", nil},
		"cut within a comment":  {"<E><Code>X</Code><!-- </E>", nil},
		"crossed":               {"<E><Code>X</E></Code>", nil},
		"ended before it began": {"</E><E></E>", nil},
		"HTML":                  {"<!DOCTYPE html><html><head></head></html>", nil},
		"no XML":                {"x", nil},
		"a bracket":             {"<", nil},
		"no name":               {"<>", nil},
	} {
		got, whole := xmlTexts(test.document)
		if diff := cmp.Diff(test.want, got); diff != "" || whole != (test.want != nil) {
			t.Errorf("%s: %t (-want +got):\n%s", name, whole, diff)
		}
	}
}

// FuzzXML compares with encoding/xml, which refuses more.
func FuzzXML(f *testing.F) {
	for _, text := range []string{
		"<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>R</RequestId><HostId>h</HostId><Code>X</Code><Message>m &amp; &#x4e2d;</Message></Error>",
		"<e:E xmlns:e='u'><e:Code a='b'>X</e:Code ><Code/><Message><![CDATA[<&]]>&lt;</Message><!-- > --></e:E>",
		"<E><Code>a<b>c<d/></b>e</Code></E>", "<E><Code>X", "<E></F>", "<!DOCTYPE a><E></E>", "<E/>", "<", "</>", "<E>&#xD800;</E>",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, whole := xmlTexts(text)
		// What gateways do not write: a type, brackets in attributes.
		if strings.Contains(text, "<!D") || strings.Contains(text, "=") && !strings.Contains(text, "xmlns:e='u'") || strings.Contains(text, "\r") || !utf8.ValidString(text) {
			return
		}
		if want, accepted := readWithEncodingXML(text); accepted && (!whole || got["Code"] != want.Code || got["Message"] != want.Message) {
			t.Errorf("%q: %q, %t, want %+v", text, got, whole, want)
		}
	})
}

type xmlRefusal struct {
	XMLName xml.Name
	Code    string `xml:"Code"`
	Message string `xml:"Message"`
}

func readWithEncodingXML(text string) (xmlRefusal, bool) {
	var r xmlRefusal
	err := xml.Unmarshal([]byte(text), &r)
	return r, err == nil && r.Code != ""
}

// TestXMLByParts puts documents together by chance and compares with encoding/xml:
// what that accepts reads the same here, and what it refuses is read here only if
// it is no more than badly written.
func TestXMLByParts(t *testing.T) {
	t.Parallel()
	parts := []string{
		"<E>", "</E>", "<Code>", "</Code>", "<Message>", "</Message>", "<Code>X</Code>", "<Message>m</Message>", "<E><Code>", "</Code></E>", "<b>", "</b>", "<Code/>", "<E/>", "<!-- <Code> /-->",
		"<![CDATA[<a>&]]>", "<?xml version='1.0'?>", "&amp;", "&#x4e2d;", "&#62;", "x", " ", "\n", ">", "<e:Code xmlns:e='u'>", "</e:Code>",
	}
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 50_000 {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		text := "<E>" + b.String() + "</E>"
		got, whole := xmlTexts(text)
		want, ok := readWithEncodingXML(text)
		if ok {
			accepted++
		}
		if ok && (!whole || got["Code"] != want.Code || got["Message"] != want.Message) || !ok && whole && got["Code"] != "" && want.Code != got["Code"] {
			t.Fatalf("%q: %q, %t, want %+v, %t", text, got, whole, want, ok)
		}
	}
	if accepted < 500 {
		t.Errorf("only %d documents are XML", accepted)
	}
}
