package gateway

import (
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

func TestSpell(t *testing.T) {
	t.Parallel()
	modes := catalog.Param{Name: "Mode", Type: "string", Enum: []string{"ADD", "QUERY"}}
	for _, tt := range []struct {
		value   string
		several bool
		want    string
		ok      bool
	}{
		{"query", false, "QUERY", true},
		{"ADD", false, "ADD", true},
		{"", false, "", true},
		{"DELETE", false, "", false},
		{"add,query", false, "", false},
		{"add,QUERY", true, "ADD,QUERY", true},
		{"add,", true, "", false},
	} {
		if got, err := spell(modes, tt.value, tt.several); got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%q: %q, %v", tt.value, got, err)
		}
	}
	if got, err := spell(catalog.Param{Name: "Any", Type: "string"}, "a,B", false); got != "a,B" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
