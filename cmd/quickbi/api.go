package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

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
		Long:  "Lists the operations by section. With words it lists those whose name or summary has all of them, with the name of one it says what the operation does.",
		Example: lines(
			"quickbi api",
			"quickbi api user group",
			"quickbi api WithdrawAllUserGroups",
		),
		ValidArgsFunction: completeActions,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if action, ok := findAction(args[0]); ok {
					return explain(a.out, action)
				}
			}
			return listOperations(a.out, args)
		},
	}
}

func completeActions(_ *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for action := range catalog.Load().Operations {
		if strings.HasPrefix(strings.ToLower(action), strings.ToLower(prefix)) {
			found = append(found, action+"\t"+summary(action))
		}
	}
	slices.Sort(found)
	return found, cobra.ShellCompDirectiveNoFileComp
}

// listOperations lists the operations that have all words, by section.
func listOperations(out io.Writer, words []string) error {
	api := catalog.Load()
	found := false
	for _, section := range api.Sections {
		var actions []string
		for action, op := range api.Operations {
			text := strings.ToLower(action + " " + summary(action) + " " + section.Title)
			if op.Section == section.File && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, strings.ToLower(word)) }) {
				actions = append(actions, action)
			}
		}
		if actions == nil {
			continue
		}
		found = true
		slices.Sort(actions)
		fmt.Fprintln(out, section.Title)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, action := range actions {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", action, api.Operations[action].Access, summary(action))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("no operation has %q in its name or summary", strings.Join(words, " "))
	}
	return nil
}

// explain says all that is known of an operation.
func explain(out io.Writer, action string) error {
	op, docs := catalog.Load().Operations[action], documented()[action]
	fmt.Fprintf(out, "%s\n\n%s\n", action, docs.Text)
	if len(op.Params) > 0 {
		fmt.Fprint(out, "\nParameters\n")
		for _, p := range op.Params {
			fmt.Fprintf(out, "  %s\n", strings.Join(append([]string{p.Name, p.Type}, limits(p)...), ", "))
			for line := range strings.Lines(docs.Params[p.Name]) {
				fmt.Fprintf(out, "      %s\n", strings.TrimRight(line, "\n"))
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
	fmt.Fprintf(out, "\n%s by %s; at most %d s and %d calls a second.\n", op.Access, op.Method, timeout, perSecond)
	if len(op.Errors) == 0 {
		fmt.Fprintln(out, "The documentation names no codes of its own for it.")
		return nil
	}
	fmt.Fprint(out, "\nCodes\n")
	for _, code := range op.Errors {
		fmt.Fprintf(out, "  %s\n", code)
	}
	return nil
}

// limits says what is checked of a parameter.
func limits(p catalog.Param) []string {
	var text []string
	if p.Required {
		text = append(text, "required")
	}
	if p.Minimum != nil && len(p.Enum) == 0 {
		text = append(text, "at least "+strconv.FormatInt(*p.Minimum, 10))
	}
	if p.Maximum != nil && len(p.Enum) == 0 {
		text = append(text, "at most "+strconv.FormatInt(*p.Maximum, 10))
	}
	if p.Default != "" {
		text = append(text, "default "+p.Default)
	}
	if len(p.Enum) > 0 {
		text = append(text, "one of "+strings.Join(p.Enum, " "))
	}
	if p.Deprecated {
		text = append(text, "deprecated")
	}
	return text
}
