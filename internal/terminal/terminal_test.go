package terminal

import (
	"strconv"
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ann":             "Ann",
		"main1:bob":       "main1:bob",
		"李小红":             "李小红",
		"José Müller":     "José Müller",
		`Sales/R\/D`:      `Sales/R\/D`,
		"":                `""`,
		" Ann":            `" Ann"`,
		"Ann ":            `"Ann "`,
		"A  B":            `"A  B"`,
		`"Ann"`:           `"\"Ann\""`,
		"a: b":            `"a: b"`,
		"a, b":            `"a, b"`,
		"a; b":            `"a; b"`,
		"a -> b":          `"a -> b"`,
		"x\n- member ceo": `"x\n- member ceo"`,
		"x\x1b[1A\x1b[2K": `"x\x1b[1A\x1b[2K"`,
		"a\u202eb":        `"a\u202eb"`,
		"a\u200bb":        `"a\u200bb"`,
		"a\u00a0b":        `"a\u00a0b"`,
		"a\u2028b":        `"a\u2028b"`,
		"a\xffb":          `"a\xffb"`,
		"a\ufffdb":        "a\ufffdb",
	} {
		if got := Name(in); got != want {
			t.Errorf("Name(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`a "plain", text: 李`: `a "plain", text: 李`,
		"":                   "",
		"a\r\nb\tc":          `a\r\nb\tc`,
		"\x1b[2Kgone":        `\x1b[2Kgone`,
		"a\xffb":             `a\xffb`,
		"\u202etxt.exe":      `\u202etxt.exe`,
		"\ufffd":             "\ufffd",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %s, want %s", in, got, want)
		}
	}
}

// FuzzName checks that no name breaks out of its line, and that no two names look alike.
func FuzzName(f *testing.F) {
	f.Add("Ann")
	f.Add("x\n- member ceo\x1b[1A")
	f.Add(`"Ann"`)
	f.Add("\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Name(s)
		for _, r := range got {
			if !strconv.IsPrint(r) {
				t.Fatalf("Name(%q) has %q", s, r)
			}
		}
		back := got
		if strings.HasPrefix(got, `"`) {
			var err error
			if back, err = strconv.Unquote(got); err != nil {
				t.Fatalf("Name(%q) = %s: %v", s, got, err)
			}
		}
		if back != s {
			t.Fatalf("Name(%q) = %s reads as %q", s, got, back)
		}
		for _, r := range Line(s) {
			if !strconv.IsPrint(r) {
				t.Fatalf("Line(%q) has %q", s, r)
			}
		}
	})
}
