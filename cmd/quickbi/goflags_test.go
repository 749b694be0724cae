package main

import (
	"go/ast"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/dirsync/ldap"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/offboarding"
)

// jobFields are the fields that the command sets by flags, or leaves alone.
func jobFields() map[string]bool {
	names := map[string]bool{}
	for _, of := range []any{
		dirsync.Syncer{}, dirsync.CSVFormat{}, ldap.Source{}, ldap.Attributes{},
		offboarding.Offboarder{}, auditing.Exporter{}, embedding.Embedder{}, embedding.Page{},
	} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
			if f.IsExported() {
				names[f.Name] = true
			}
		}
	}
	return names
}

// goFunctions are the options of clients and calls, and other names of Go that texts have.
func goFunctions(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{"Collect": true, "AsUser": true, "AsOwner": true, "AsAccount": true, "Excerpt": true, "RetryAfter": true, "Do": true}
	_, files := sources(t, "../..")
	for _, file := range files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && regexp.MustCompile(`^(?:With|Call)[A-Z]`).MatchString(f.Name.Name) {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// unsaid are texts that the command cannot lead to, and why.
var unsaid = map[string]string{
	"Client is missing":                                        "the command has one",
	"Embedder.Client is missing":                               "the command has one",
	"Workers, MaxIDs and MaxURL cannot be negative":            "the command leaves them alone",
	"MaxIDs is %d, and the service takes %d":                   "the command leaves it alone",
	"Viewer is AsAccount without a name":                       "there are -user and -as-owner",
	"Viewer is AsAccount without the type of the account":      "there are -user and -as-owner",
	"auditing: Lag cannot be negative":                         "the command leaves it alone",
	"offboarding: Client is missing":                           "the command has one",
	"auditing: Client is missing":                              "the command has one",
	"ldap: StartTLS: %w":                                       "it is the name of the protocol",
	"URL cannot be read":                                       "it says what it is about",
	"quickbi: WithUserAgent: the text must be printable ASCII": "the command sets it",
	"quickbi: WithRetryPolicy: %w":                             "the command sets it",
	"quickbi: WithTimeout: not a positive duration":            "the command sets it",
	"quickbi: WithHintLanguage: hints in %q do not exist":      "the command checks -lang",
}

// Whatever a package says, the command says with flags, in both languages.
func TestTextsNameFlags(t *testing.T) {
	t.Parallel()
	fields, functions := jobFields(), goFunctions(t)
	texts := map[string]string{}
	for _, dir := range []string{"dirsync", "dirsync/ldap", "offboarding", "auditing", "embedding", "internal/planfile", "internal/listing", "settle", "."} {
		for text, where := range everyLiteral(t, "../../"+dir) {
			texts[text] = where
		}
	}
	command := ""
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			command += string(source)
		}
	}
	name := regexp.MustCompile(`\b[A-Z]\w+\b`)
	ofOption := regexp.MustCompile(`^(?:quickbi: )?((?:With|Call)[A-Z]\w+)[:：]`)
	checked := 0
	for text, where := range texts {
		text = strings.TrimSuffix(text, "\n")
		root := strings.HasPrefix(where, "../../") && strings.Count(where, "/") == 2
		if !strings.Contains(text, " ") && !han.MatchString(text) || unsaid[text] != "" {
			continue
		}
		if found := ofOption.FindStringSubmatch(text); found != nil && !strings.Contains(command, "quickbi."+found[1]+"(") {
			continue // of an option that the command does not use
		}
		sample := verb.ReplaceAllString(packageName.ReplaceAllString(text, ""), "x")
		for _, lang := range []string{"en", "zh"} {
			got := (&app{lang: lang}).translate(sample)
			for _, word := range name.FindAllString(got, -1) {
				if functions[word] || fields[word] && !root && word != "URL" {
					t.Errorf("%s: %q is %q, which names %s", where, text, got, word)
				}
			}
		}
		checked++
	}
	for text := range unsaid {
		if texts[text] == "" {
			t.Errorf("no package says %q", text)
		}
	}
	if checked < 500 {
		t.Errorf("only %d texts", checked)
	}
}

// Every flag of the tables is one of the command.
func TestFlagsOfTables(t *testing.T) {
	t.Parallel()
	flags := map[string]bool{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		note := func(f *pflag.Flag) { flags["-"+f.Name] = true }
		cmd.Flags().VisitAll(note)
		cmd.PersistentFlags().VisitAll(note)
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk((&app{lang: "en"}).command())
	fields, functions := jobFields(), goFunctions(t)
	for option, flag := range optionFlags {
		if !functions[option] || !flags[flag] {
			t.Errorf("%s: %s", option, flag)
		}
	}
	for field, flag := range fieldFlags {
		if !fields[field] || strings.HasPrefix(flag, "-") && !flags[flag] {
			t.Errorf("%s: %s", field, flag)
		}
	}
}

func TestErrorsNameFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("staff.csv", []byte("account_id,groups\n2001,Finance\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		en, zh string
	}{
		{"doctor -region mars", "-region: no public endpoint in", "-region："},
		{"sync plan staff.csv -successor ann -emulator", "-successor means nothing without -delete", "-successor 须与 -delete 同用"},
		{"sync plan staff.csv -deactivate -emulator", "-deactivate needs -reports,", "-deactivate 需要 -reports"},
		{"sync plan staff.csv -max-remove 2 -emulator", "-max-remove is 2, but a share is at most 1", "-max-remove 为 2，而比例不能超过 1"},
		{"sync plan staff.csv -within Nowhere -emulator", `-within has "Nowhere", but`, `-within 为 "Nowhere"`},
		{"sync plan -ldap ldap://127.0.0.1 -base x -emulator", "-base is no DN: ", "-base 不是 DN："},
		{"sync plan -ldap ldap://127.0.0.1 -base x -emulator", "; ldap:// is to be with -starttls", "；ldap:// 须与 -starttls 同用"},
		{"sync plan -ldap ldaps://127.0.0.1 -base dc=x -group-key id -emulator", "takes -group-key and -group-base", "须用 -group-key 和 -group-base"},
		{"sync plan staff.csv -within a//b -emulator", `-within: group path "a//b"`, `-within：用户组路径 "a//b"`},
		{"offboard eve -to ann -max -1 -emulator", "-max cannot be negative", "-max 不能为负"},
		{"audit export -from 2026-01-02 -to 2026-01-01 -emulator", "-to is 2026-01-01, before -from, 2026-01-02", "-to 为 2026-01-01，早于 -from 2026-01-02"},
		{"ticket revenue -user ann -lifetime 5h -emulator", "-lifetime is 5h0m0s, not", "-lifetime 为 5h0m0s"},
		{"ticket revenue -user ann -preview x -emulator", "-preview does not begin with https://", "-preview 不是以 https://"},
		{"ticket revenue -user ann -kind NEW -emulator", "as -preview", "-preview"},
	} {
		for lang, want := range map[string]string{"en": test.en, "zh": test.zh} {
			if got := runCommand(t, append(strings.Fields(test.args), "-lang", lang)...); got.code == exitDone || !strings.Contains(got.out+got.err, want) {
				t.Errorf("%s: %d, want %s\n%s%s", test.args, got.code, want, got.out, got.err)
			}
		}
	}
	for _, name := range []string{"~ Within: x", "group Reports", "To is"} { // of people and groups
		if got := inFlags(name); got != name {
			t.Errorf("%s is %s", name, got)
		}
	}
}
