package quickbi

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/internal/json"
)

// TestPlainAnswers decodes every recorded answer, and what hundreds of changes make of
// it, in the fast way and by the JSON package alone.
func TestPlainAnswers(t *testing.T) {
	scalar := regexp.MustCompile(`"(\\.|[^"\\])*"|-?[0-9.]+|true|false|null`)
	values := []string{`"x"`, `""`, `"\u00fc"`, `"1"`, `"true"`, `null`, `true`, `false`, `0`, `-7`, `1.5`, `1e3`, `{}`, `[]`, `[1]`, `[null]`, `{"Id":"x"}`, `[{}]`}
	forEachOperation(t, func(t *testing.T, action string, _ *catalog.Operation) {
		method, _ := reflect.TypeFor[*Client]().MethodByName(action)
		answerType := method.Type.Out(0).Elem()
		isPlain := func(text []byte) bool {
			fast, slow := reflect.New(answerType), reflect.New(answerType)
			buffer := slices.Clone(text)
			plain := json.UnmarshalPlain(buffer, fast.Interface(), decodeOptions)
			clear(buffer) // it is used again
			if err := json.Unmarshal(text, slow.Interface(), decodeOptions); plain != (err == nil) {
				t.Errorf("%s: plain is %t, %v", text, plain, err)
			}
			if plain && !reflect.DeepEqual(fast.Interface(), slow.Interface()) {
				t.Errorf("%s:\n%+v\n%+v", text, slow.Elem(), fast.Elem())
			}
			return plain
		}
		recorded := loadFixture(t, action).Response
		isPlain(recorded)
		random := rand.New(rand.NewPCG(1, uint64(len(recorded))))
		plain := 0
		for range 300 {
			text := slices.Clone(recorded)
			for range 1 + random.IntN(2) {
				all := scalar.FindAllIndex(text, -1)
				at := all[random.IntN(len(all))]
				token, change := text[at[0]:at[1]], []byte(values[random.IntN(len(values))])
				if bytes.HasPrefix(bytes.TrimSpace(text[at[1]:]), []byte(":")) { // a name
					change = [][]byte{[]byte(`"x"`), bytes.ToLower(token), bytes.ToUpper(token), []byte(`"Result"`), []byte(`"Data"`)}[random.IntN(5)]
				}
				text = slices.Replace(text, at[0], at[1], change...)
			}
			if isPlain(text) {
				plain++
			}
		}
		if plain == 0 {
			t.Error("no changed answer is plain")
		}
	})
}

// TestBrokenRefusals gets answers that end early, after a result that does not fit: the
// error is about the end.
func TestBrokenRefusals(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 503} {
		wire := newRecorder(t, answering(status, `{"Result":[],"Success":false,`))
		_, err := newTestClient(t, wire, WithRetryPolicy(RetryPolicy{MaxAttempts: 1})).DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u"})
		if !errors.Is(err, ErrInvalidResponse) || !strings.Contains(err.Error(), "the JSON ends early, at byte 29") {
			t.Errorf("%d: %v", status, err)
		}
	}
}
