package sheet

import "testing"

func TestCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ guarded, kept string }{
		"":                     {"", ""},
		"Ann":                  {"Ann", "Ann"},
		"a=b":                  {"a=b", "a=b"},
		"1-1":                  {"1-1", `="1-1"`},
		"-1":                   {"-1", "-1"},
		"17":                   {"17", "17"},
		"+86":                  {"+86", `="+86"`},
		"007":                  {"007", `="007"`},
		"1,000":                {"1,000", `="1,000"`},
		"1.10":                 {"1.10", `="1.10"`},
		"12345678901":          {"12345678901", "12345678901"},
		"123456789012":         {"123456789012", `="123456789012"`},
		"1914761234567890":     {"1914761234567890", `="1914761234567890"`},
		"46e537466":            {"46e537466", `="46e537466"`},
		"MAR1":                 {"MAR1", `="MAR1"`},
		"3 March 2026":         {"3 March 2026", `="3 March 2026"`},
		"Marcel":               {"Marcel", "Marcel"},
		"May":                  {"May", "May"},
		"true":                 {"true", `="true"`},
		"=1+1":                 {"'=1+1", "'=1+1"},
		"+86 138":              {"'+86 138", "'+86 138"},
		"-robot":               {"'-robot", "'-robot"},
		"@SUM(A1)":             {"'@SUM(A1)", "'@SUM(A1)"},
		" =1":                  {"' =1", "' =1"},
		"\u00a0=1":             {"'\u00a0=1", "'\u00a0=1"},
		"\u200b=1":             {"'\u200b=1", "'\u200b=1"},
		"\ufeff=1":             {"'\ufeff=1", "'\ufeff=1"},
		"\u2028=1":             {"'\u2028=1", "'\u2028=1"},
		"\x00=1":               {"'\x00=1", "'\x00=1"},
		"\v+1":                 {"'\v+1", "'\v+1"},
		"\t=1":                 {"\t'=1", "\t'=1"},
		"x\r\n=1":              {"x\r\n'=1", "x\r\n'=1"},
		"a;=1+1;b":             {"a;'=1+1;b", "a;'=1+1;b"},
		"a; @b":                {"a;' @b", "a;' @b"},
		"=1;=2;=3":             {"'=1;'=2;'=3", "'=1;'=2;'=3"},
		"a\t-b":                {"a\t'-b", "a\t'-b"},
		"'=1":                  {"''=1", "''=1"},
		"＝1+1":                 {"'＝1+1", "'＝1+1"},
		"＠wechat":              {"'＠wechat", "'＠wechat"},
		`="007"`:               {`'="007"`, `'="007"`},
		"−1":                   {"'−1", "'−1"},
		"李小红 = 小李":             {"李小红 = 小李", "李小红 = 小李"},
		"2026-03-31T04:00:00Z": {"2026-03-31T04:00:00Z", "2026-03-31T04:00:00Z"},
		"\xff=":                {"\xff=", "\xff="},
	} {
		if got := Guard(text); got != want.guarded {
			t.Errorf("Guard(%q) = %q, want %q", text, got, want.guarded)
		}
		if got := Keep(text); got != want.kept {
			t.Errorf("Keep(%q) = %q, want %q", text, got, want.kept)
		}
	}
}

// FuzzText checks that every text comes back, and that no cell begins with a formula.
func FuzzText(f *testing.F) {
	for _, s := range []string{"Ann", "'=1", "''=;\t'=1", `="007"`, `'="007"`, "\u200b'\x00-x", "a;;=\r\n@", "=\"=1\"", "\xff;=", "' '=", "=;="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, write := range map[string]func(string) string{"Guard": Guard, "Keep": Keep} {
			cell := write(s)
			if back := Text(cell); back != s {
				t.Errorf("%s(%q) = %q reads as %q", name, s, cell, back)
			}
			if cell != s && !number.MatchString(s) && cell == "="+s {
				t.Errorf("%s(%q) = %q is a formula", name, s, cell)
			}
		}
	})
}
