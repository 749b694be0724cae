package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

//go:generate go run ./internal/gendocs operations.json

// operationsJSON has the comments of the methods and of their parameters, taken
// from the source of package quickbi.
//
//go:embed operations.json
var operationsJSON []byte

// documentation is what the comments say of an operation.
type documentation struct {
	Text   string            `json:"text"`
	Params map[string]string `json:"params"` // by wire name
}

var documented = sync.OnceValue(func() map[string]documentation {
	var docs map[string]documentation
	if err := json.Unmarshal(operationsJSON, &docs); err != nil {
		panic(err) // compiled in, and tested
	}
	return docs
})

// summary returns the first sentence of an operation's comment.
func summary(action string) string {
	text, _, _ := strings.Cut(documented()[action].Text, "\n\n")
	text = strings.TrimPrefix(strings.Join(strings.Fields(text), " "), action+" ")
	if first, _, ok := strings.Cut(text, ". "); ok {
		return first
	}
	return strings.TrimSuffix(text, ".")
}

// findAction returns the documented spelling of an action.
func findAction(name string) (string, bool) {
	for action := range catalog.Load().Operations {
		if strings.EqualFold(action, name) {
			return action, true
		}
	}
	return "", false
}

func (a *app) apiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "api [ACTION | WORD…]",
		Short: "List the operations, or explain one",
		Long: `Lists the operations by section. With words it lists those whose name or summary
has all of them, with the name of one it says what the operation does.`,
		Example: lines(
			"quickbi api",
			"quickbi api user group",
			"quickbi api WithdrawAllUserGroups",
		),
		ValidArgsFunction: a.completeActions,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if action, ok := findAction(args[0]); ok {
					return a.explain(action)
				}
			}
			return a.listOperations(args)
		},
	}
}

func (a *app) completeActions(_ *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for action := range catalog.Load().Operations {
		if strings.HasPrefix(strings.ToLower(action), strings.ToLower(prefix)) {
			found = append(found, action+"\t"+a.summary(action))
		}
	}
	slices.Sort(found)
	return found, cobra.ShellCompDirectiveNoFileComp
}

// listOperations lists the operations that have all words, in English or Chinese, by
// section.
func (a *app) listOperations(words []string) error {
	api := catalog.Load()
	found := false
	for _, section := range api.Sections {
		var rows [][]string
		for _, action := range slices.Sorted(maps.Keys(api.Operations)) {
			op := api.Operations[action]
			text := strings.ToLower(strings.Join([]string{action, summary(action), section.Title, chineseSummaries[action], chinese[section.Title]}, " "))
			if op.Section == section.File && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, strings.ToLower(word)) }) {
				rows = append(rows, []string{"  " + action, a.text(op.Access), a.summary(action)})
			}
		}
		if rows == nil {
			continue
		}
		found = true
		fmt.Fprintln(a.out, a.text(section.Title))
		if err := writeColumns(a.out, rows); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("no operation has %q in its name or summary", strings.Join(words, " "))
	}
	return nil
}

// explain says all that is known of an operation. The comments are in English; their
// pages exist in Chinese, too.
func (a *app) explain(action string) error {
	op, docs := catalog.Load().Operations[action], documented()[action]
	text := docs.Text
	if a.lang == "zh" {
		text = a.summary(action) + "\n\n" + strings.ReplaceAll(text, "https://www.alibabacloud.com/help/en/", "https://www.alibabacloud.com/help/zh/")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", action, text)
	if len(op.Params) > 0 {
		b.WriteString("\n" + a.text("Parameters") + "\n")
		for _, p := range op.Params {
			fmt.Fprintf(&b, "  %s\n", strings.Join(append([]string{p.Name, p.Type}, a.limits(p)...), ", "))
			for line := range strings.Lines(docs.Params[p.Name]) {
				fmt.Fprintf(&b, "      %s\n", strings.TrimRight(line, "\n"))
			}
		}
	}
	timeout := op.TimeoutSeconds
	if timeout == 0 {
		timeout = 10
	}
	perSecond := op.PerSecond
	if perSecond == 0 {
		perSecond = 50
	}
	b.WriteString("\n" + a.text("%s by %s; at most %d s and %d calls a second.", a.text(op.Access), op.Method, timeout, perSecond) + "\n")
	if len(op.Errors) == 0 {
		b.WriteString(a.text("The documentation names no codes of its own for it.") + "\n")
	} else {
		b.WriteString("\n" + a.text("Codes") + "\n")
		for _, code := range op.Errors {
			fmt.Fprintf(&b, "  %s\n", code)
		}
	}
	_, err := io.WriteString(a.out, b.String())
	return err
}

// summary says in the language of the run what an operation does.
func (a *app) summary(action string) string {
	if a.lang == "zh" && chineseSummaries[action] != "" {
		return chineseSummaries[action]
	}
	return summary(action)
}

// limits says what is checked of a parameter.
func (a *app) limits(p catalog.Param) []string {
	var text []string
	if p.Required {
		text = append(text, a.text("required"))
	}
	if p.Minimum != nil && len(p.Enum) == 0 {
		text = append(text, a.text("at least %d", *p.Minimum))
	}
	if p.Maximum != nil && len(p.Enum) == 0 {
		text = append(text, a.text("at most %d", *p.Maximum))
	}
	if p.Default != "" {
		text = append(text, a.text("default %s", p.Default))
	}
	if len(p.Enum) > 0 {
		text = append(text, a.text("one of %s", strings.Join(p.Enum, " ")))
	}
	if p.Deprecated {
		text = append(text, a.text("deprecated"))
	}
	return text
}
