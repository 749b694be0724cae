package quickbi

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-querystring/query"
)

// TestEncodedAsTagged compares what is written here with what go-querystring,
// whose tags the requests have, makes of the same fields.
func TestEncodedAsTagged(t *testing.T) {
	t.Parallel()
	type request struct {
		Text     string      `url:"Text"`
		Kind     WorksType   `url:"Kind,omitempty"`
		Number   int         `url:"Number,omitempty"`
		Long     int64       `url:"Long,omitempty"`
		Flag     bool        `url:"Flag,omitempty"`
		Texts    []string    `url:"Texts,comma,omitempty"`
		Numbers  []int64     `url:"Numbers,comma,omitempty"`
		NoText   *string     `url:"NoText,omitempty"`
		NoNumber *int        `url:"NoNumber,omitempty"`
		NoFlag   *bool       `url:"NoFlag,omitempty"`
		Itself   FeishuUsers `url:"Itself,omitempty"`
		Always   FeishuUsers `url:"Always"`
		Left     string
	}
	for name, in := range map[string]request{
		"everything": {
			"a b&c=中", "page", -7, 1 << 60, true, []string{"a", "b c"}, []int64{1, -2},
			new("x"), new(3), new(true), FeishuUsers{"id": "name"}, FeishuUsers{"id": "name"}, "not sent",
		},
		"empty, but given": {Text: "t", NoText: new(""), NoNumber: new(0), NoFlag: new(false)},
		"least":            {Text: "t"},
	} {
		got, err := encode("X", &in, false)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := query.Values(in)
		if err != nil {
			t.Fatal(err)
		}
		delete(want, "Left")
		if diff := cmp.Diff(want, got.query); diff != "" || got.form != nil {
			t.Errorf("%s: %v (-go-querystring +here):\n%s", name, got.form, diff)
		}
	}
}

// TestParametersAreApart changes the values of a parameter, which share one array.
func TestParametersAreApart(t *testing.T) {
	t.Parallel()
	p, err := encode("DeleteUser", &DeleteUserRequest{UserID: "u", TransferUserID: "t"}, false)
	if err != nil {
		t.Fatal(err)
	}
	p.query.Add("UserId", "second")
	if diff := cmp.Diff(url.Values{"UserId": {"u", "second"}, "TransferUserId": {"t"}}, p.query); diff != "" {
		t.Error(diff)
	}
}
