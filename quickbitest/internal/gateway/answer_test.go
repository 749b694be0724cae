package gateway

import (
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestToXML(t *testing.T) {
	t.Parallel()
	in := `{"a":{"b":[1,2.50,null,{"c":"x<y"}],"none":[],"null":null,"":"empty","2 names":false,"t":true}}`
	want := `<?xml version='1.0' encoding='UTF-8'?><r><a><b>1</b><b>2.50</b><b><c>x&lt;y</c></b>` +
		`<Entry Key="">empty</Entry><Entry Key="2 names">false</Entry><t>true</t></a></r>`
	if diff := cmp.Diff(want, string(toXML("r", []byte(in)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHandlerWithoutRefusal(t *testing.T) {
	t.Parallel()
	r := (&Request{ID: "1"}).Refuse(io.ErrUnexpectedEOF)
	if r.Status != http.StatusInternalServerError || r.Code != "InternalError" {
		t.Errorf("%+v", r)
	}
}
