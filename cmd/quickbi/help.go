package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usage writes how a command is called, in place of cobra's own text, which is
// English and shows flags with two dashes.
func (a *app) usage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString(a.text("Usage:") + "\n")
	if cmd.Runnable() && !cmd.HasAvailableSubCommands() {
		use := cmd.UseLine()
		if !strings.HasSuffix(use, "[flags]") {
			use += " [flags]"
		}
		b.WriteString("  " + strings.TrimSuffix(use, "[flags]") + a.text("[flags]") + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("  " + cmd.CommandPath() + " " + a.text("COMMAND") + "\n")
	}
	if cmd.HasExample() {
		b.WriteString("\n" + a.text("Examples:") + "\n" + cmd.Example + "\n")
	}
	var commands [][]string
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			commands = append(commands, []string{"  " + below.Name(), below.Short})
		}
	}
	for _, part := range []struct {
		title string
		rows  [][]string
	}{
		{"Commands:", commands},
		{"Flags:", a.flagRows(cmd.LocalFlags())},
		{"Flags of all commands:", a.flagRows(cmd.InheritedFlags())},
	} {
		if len(part.rows) > 0 {
			b.WriteString("\n" + a.text(part.title) + "\n")
			_ = writeColumns(&b, part.rows) // a Builder takes everything
		}
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n" + a.text("%s COMMAND -h explains a command.", cmd.CommandPath()) + "\n")
	}
	_, err := io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}

// flagRows returns a line for each flag: its name and its value, and what it does.
func (a *app) flagRows(flags *pflag.FlagSet) [][]string {
	var rows [][]string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, does := pflag.UnquoteUsage(f)
		left := "  -" + f.Name
		if f.Shorthand != "" {
			left = "  -" + f.Shorthand + ", -" + f.Name
		}
		if value != "" {
			left += " " + value
		}
		if !slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
			does = a.text("%v (default %s)", does, f.DefValue)
		}
		rows = append(rows, []string{left, does})
	})
	return rows
}

// writeColumns writes rows with their cells below each other. It counts columns of
// the terminal, of which Chinese characters take two.
func writeColumns(out io.Writer, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell)+2))
			}
		}
		if _, err := fmt.Fprintln(out, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) completionCommand() *cobra.Command {
	shells := map[string]func(root *cobra.Command) error{
		"bash":       func(root *cobra.Command) error { return root.GenBashCompletionV2(a.out, true) },
		"zsh":        func(root *cobra.Command) error { return root.GenZshCompletion(a.out) },
		"fish":       func(root *cobra.Command) error { return root.GenFishCompletion(a.out, true) },
		"powershell": func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(a.out) },
	}
	names := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Complete commands, operations and parameters in a shell",
		Long: `Writes a script that lets a shell complete commands, flags, operations and their
parameters. The shell is bash, zsh, fish or powershell.

  bash        source <(quickbi completion bash)
  zsh         source <(quickbi completion zsh)
  fish        quickbi completion fish | source
  PowerShell  quickbi completion powershell | Out-String | Invoke-Expression

Put the line into the file that the shell reads when it starts. The one for bash
needs the package bash-completion. Flags complete behind one dash or two.`,
		Example:   lines("quickbi completion bash"),
		ValidArgs: names,
		Args:      exactArgs(1, "the shell"),
		RunE: func(cmd *cobra.Command, args []string) error {
			generate, ok := shells[args[0]]
			if !ok {
				return fmt.Errorf("there is no completion for %q, only for %s", args[0], strings.Join(names, ", "))
			}
			return generate(cmd.Root())
		},
	}
}

func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command",
		Example: lines("quickbi help sync plan"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
			var found []string
			if above, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, below := range above.Commands() {
					if below.IsAvailableCommand() && strings.HasPrefix(below.Name(), prefix) {
						found = append(found, below.Name()+"\t"+below.Short)
					}
				}
			}
			return found, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("there is no command %q; quickbi -h lists them", strings.Join(args, " "))
			}
			return found.Help()
		},
	}
}

// group lets a command that only holds others say which it does not hold.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.SuggestionsMinimumDistance = 2
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		text := fmt.Sprintf("there is no command %q; %s -h lists them", args[0], cmd.CommandPath())
		if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
			text = fmt.Sprintf("there is no command %q; do you mean %s?", args[0], strings.Join(similar, ", "))
		}
		return &exit{exitFailure, fmt.Errorf("%s", text)}
	}
	cmd.Args = cobra.ArbitraryArgs
	return cmd
}

// exactArgs wants n arguments.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return fmt.Errorf("an argument is missing: %v", what)
		case len(args) > n:
			return fmt.Errorf("unexpected argument %q", args[n])
		}
		return nil
	}
}

// someArgs wants at least one argument.
func someArgs(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("an argument is missing: %v", what)
		}
		return nil
	}
}
