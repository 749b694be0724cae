package json

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var likeAnswers = JoinOptions(MatchCaseInsensitiveNames(true), AllowDuplicateNames(true), AllowInvalidUTF8(true))

type (
	word   string
	number int8
	half   uint

	// pair has a method that reads its text.
	pair struct{ Left, Right string }

	// secret has one that reads it without quotes.
	secret struct{ text string }

	// decoded has one that takes it from the decoder.
	decoded int

	nested []nested

	entry struct {
		ID       string `json:"Id"`
		Name     word   `json:"Name,omitempty"`
		Count    int    `json:"Count,omitzero"`
		Small    number `json:"Small"`
		Share    float64
		Narrow   float32
		Wide     int64
		Done     bool
		Ids      []int64
		Words    []word
		Texts    []string
		Numbers  []number
		Children []entry
		Ignored  string `json:"-"`
	}

	inner struct {
		Inner string `json:"Inner"`
		Deep  struct {
			On   bool    `json:"On"`
			List [][]int `json:"List"`
		} `json:"Deep"`
	}

	document struct {
		inner
		Entry entry `json:"Entry"`

		Pair    pair           `json:"Pair"`
		Secret  secret         `json:"Secret"`
		Decoded decoded        `json:"Decoded"`
		Raw     Value          `json:"Raw"`
		Any     any            `json:"Any"`
		Map     map[string]int `json:"Map"`
		Pointer *int           `json:"Pointer"`
		Next    *document      `json:"Next"`
		Bytes   []byte         `json:"Bytes"`
		Array   [2]int         `json:"Array"`
		Half    half           `json:"Half"`
		Time    time.Time      `json:"Time"`
		Took    time.Duration  `json:"Took"`
		Quoted  struct {
			N int `json:"N,string"`
		} `json:"Quoted"`
		Alike struct{ Ab, AB int } `json:"Alike"`
		Both  struct {
			entry
			*inner
		} `json:"Both"`
		Odd struct {
			Name int `json:"Name-Ä"`
		} `json:"Odd"`
		Empty  struct{} `json:"Empty"`
		Nested nested   `json:"Nested"`
	}
)

func (p *pair) UnmarshalJSON(text []byte) error {
	left, right, ok := strings.Cut(strings.Trim(string(text), `"`), "=")
	if !ok {
		return errors.New("no pair")
	}
	*p = pair{left, right}
	_ = append(text, "x"...) // which must not reach what follows
	return nil
}

func (s *secret) UnmarshalText(text []byte) error {
	s.text = string(text)
	return nil
}

func (d *decoded) UnmarshalJSONFrom(dec *Decoder) error {
	*d = decoded(dec.PeekKind())
	return dec.SkipValue()
}

// compare decodes a document in both ways. It reports whether it is plain.
func compare(t *testing.T, text string) bool {
	t.Helper()
	var slow, fast document
	err := Unmarshal([]byte(text), &slow, likeAnswers)
	given := []byte(text)
	plain := UnmarshalPlain(given, &fast, likeAnswers)
	changed := string(given) != text
	clear(given) // the buffer is used again
	switch {
	case changed:
		t.Errorf("%.200q was changed", text)
	case plain && err != nil:
		t.Errorf("%.200q is plain, and Unmarshal says: %v", text, err)
	case plain && !reflect.DeepEqual(fast, slow):
		t.Errorf("%.200q:\n%+v\n%+v", text, fast, slow)
	}
	return plain
}

// plainDocuments fill every kind of field; the others are not plain, or not valid.
var plainDocuments, otherDocuments = []string{
	`{}`, `null`, " {\n\t\"Inner\" : \"x\" } \n",
	`{"Inner":"a\"b\\cü\n","Deep":{"On":true,"List":[[1,2],[],null,[3]]}}`,
	`{"inner":"folded","DEEP":{"o_n":true,"unknown":{"a":[1,"]}\"",{}],"b":null}},"-":"-"}`,
	`{"Inner":"1","Inner":"2","Deep":{"On":true},"Deep":{"List":[[1]]},"inner":"3"}`,
	`{"Entry":{"Id":"1","Name":"w","Count":-3,"Small":127,"Share":1.5e3,"Narrow":0.1,"Wide":9223372036854775807,"Done":true,
		"Ids":[1,-2,0],"Words":["a","b","a"],"Texts":["","ü",null],"Numbers":[1,null,-128],"Children":[{"Id":"2","Children":[]},null,{"Ids":[]}]}}`,
	`{"Entry":{"Id":null,"Name":null,"Count":null,"Share":null,"Done":null,"Ids":null,"Words":null,"Children":null},"Deep":null}`,
	`{"Entry":{"Children":[{"Id":"1","Ids":[1,2],"Words":["a"]}],"Children":[{"Count":-0},{}],"Ids":[1],"Ids":[2,3]}}`,
	`{"Entry":{"Ids":[null,1]}}`,
	`{"Entry":{"Count":0,"Share":-0.0,"Unseen":"x","Ignored":"x"}}`,
	`{"Pair":"a=b","Inner":"after","Secret":"s","Decoded":[1],"Raw":{"a": [ 1 ]},"Any":{"x":[1,"2",null]},"Map":{"a":1},"Pointer":7,"Next":{"Next":{"Inner":"n"}}}`,
	`{"Bytes":"aGk=","Array":[1,2],"Half":7,"Time":"2026-11-28T07:55:11Z","Quoted":{},"Both":{"Id":"1"},"Odd":{"Name-Ä":1},"Empty":{"a":1},"Nested":[[],[[]],null]}`,
	`{"Secret":null,"Raw":null,"Any":null,"Map":null,"Pointer":null,"Next":null,"Bytes":null,"Time":null}`,
	`{"Time":"2026-11-28T07:55:11Z","Time":null}`,
}, []string{
	``, ` `, `{`, `{"Inner"`, `{"Inner":"x"}}`, `{"Inner":"x",}`, `[]`, `"x"`, `7`, `{"Inner":7}`, `{"Inner":["x"]}`, `{"Deep":[]}`,
	"{\"Inner\":\"\xff\"}", `{"Inner":"\ud800"}`, `{"In\u006eer":"x"}`, `{"Ünknown":1}`, `{"Inner":"` + "\n" + `"}`,
	`{"Entry":{"Count":1.0}}`, `{"Entry":{"Count":1e2}}`, `{"Entry":{"Count":"1"}}`, `{"Entry":{"Count":true}}`, `{"Entry":{"Count":[1]}}`,
	`{"Entry":{"Small":128}}`, `{"Entry":{"Wide":9223372036854775808}}`, `{"Entry":{"Share":1e999}}`, `{"Entry":{"Share":"1"}}`,
	`{"Entry":{"Share":[]}}`, `{"Entry":{"Narrow":1e39}}`, `{"Entry":{"Done":"true"}}`, `{"Entry":{"Done":1}}`, `{"Entry":{"Ids":[1,"2"]}}`,
	`{"Entry":{"Ids":[[1]]}}`, `{"Entry":{"Ids":{}}}`, `{"Entry":{"Ids":""}}`, `{"Entry":{"Ids":[true]}}`,
	`{"Entry":{"Words":[1]}}`, `{"Entry":{"Words":{}}}`, `{"Entry":{"Numbers":[128]}}`, `{"Entry":{"Children":[[]]}}`, `{"Entry":{"Children":{}}}`,
	`{"Pair":"ab"}`, `{"Pair":null}`, `{"Secret":1}`, `{"Map":{"a":"b"}}`, `{"Pointer":"7"}`, `{"Next":{"Inner":1}}`, `{"Bytes":"?"}`,
	`{"Time":"today"}`, `{"Took":1}`, `{"Quoted":{"N":1}}`, `{"Alike":{"ab":1}}`, `{"Half":-1}`,
}

func TestUnmarshalPlain(t *testing.T) {
	t.Parallel()
	for _, text := range plainDocuments {
		if !compare(t, text) {
			t.Errorf("%s is not plain", text)
		}
	}
	for _, text := range otherDocuments {
		if compare(t, text) {
			t.Errorf("%q is plain", text)
		}
	}
}

// FuzzUnmarshalPlain looks for a document that is plain and decodes otherwise, and for
// one that is not although Unmarshal decodes it.
func FuzzUnmarshalPlain(f *testing.F) {
	for _, text := range slices.Concat(plainDocuments, otherDocuments) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if compare(t, text) || !utf8.ValidString(text) {
			return
		}
		for _, special := range []string{`\`, "Quoted", "Both", "Alike", "Odd"} {
			if strings.Contains(text, special) {
				return
			}
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return // perhaps in a name
		}
		var d document
		if err := Unmarshal([]byte(text), &d, likeAnswers); err == nil {
			t.Errorf("%.200q is not plain", text)
		}
	})
}

// TestUnmarshalPlainApart changes what was decoded: lists that share an array, and texts
// that many entries share, are still apart.
func TestUnmarshalPlainApart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("7,", 200) + "7"
	text := []byte(`[` + strings.Repeat(`{"Ids":[1,2,3],"Words":["a","b"]},`, 99) + `{"Ids":[]},{"Ids":[` + long + `]},{"Ids":[4]}]`)
	var list []entry
	if !UnmarshalPlain(text, &list, likeAnswers) || len(list) != 102 {
		t.Fatalf("%d entries", len(list))
	}
	for i := range list {
		list[i].Ids = append(list[i].Ids, int64(i))
		list[i].Words = append(list[i].Words, "c")
	}
	for i, e := range list {
		want := []int64{1, 2, 3}
		switch i {
		case 99:
			want = nil
		case 100:
			want = slices.Repeat([]int64{7}, 201)
		case 101:
			want = []int64{4}
		}
		if want = append(want, int64(i)); !slices.Equal(e.Ids, want) {
			t.Errorf("entry %d has %v", i, e.Ids)
		}
		if i < 99 && !slices.Equal(e.Words, []word{"a", "b", "c"}) {
			t.Errorf("entry %d has %v", i, e.Words)
		}
	}
}

// TestUnmarshalPlainWords decodes more different texts than it remembers.
func TestUnmarshalPlainWords(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, `,"%d"`, i%150)
	}
	var words []word
	if !UnmarshalPlain([]byte("["+b.String()[1:]+"]"), &words, likeAnswers) || len(words) != 300 {
		t.Fatalf("%d words", len(words))
	}
	for i, w := range words {
		if w != word(fmt.Sprint(i%150)) {
			t.Errorf("word %d is %s", i, w)
		}
	}
}

// TestUnmarshalPlainTogether makes the functions of a type in many goroutines at once.
func TestUnmarshalPlainTogether(t *testing.T) {
	t.Parallel()
	type second struct{ Second []entry }
	type first struct{ First []second }
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			var f first
			if !UnmarshalPlain([]byte(`{"First":[{"Second":[{"Id":"1"}]}]}`), &f, likeAnswers) || f.First[0].Second[0].ID != "1" {
				t.Errorf("%+v", f)
			}
		})
	}
}
