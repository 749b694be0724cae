package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

func (a *app) auditCommand() *cobra.Command {
	var format, zone, from, to string
	cmd := &cobra.Command{
		Use:   "audit DIR [TABLE…]",
		Short: "Export members, groups, shares and the audit logs",
		Long: `Brings a directory of tables up to date: members, directory, groups, group-members,
workspaces, workspace-members, shares, access-log, operation-log, permission-log.

Each run adds the days of the logs that have ended since the run before, and the
other tables as they are now. manifest.json says what is there. Run it every
night. Without tables it exports all of them. The exit code is 3 if something
could not be read.`,
		Example: lines(
			"quickbi audit export -emulator",
			"quickbi audit logs access-log operation-log -format jsonl -zone Asia/Shanghai -emulator",
		),
		Args: someArgs("the directory to export to"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveFilterDirs
			}
			return tableNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var e auditing.Exporter
			var err error
			if e.Zone, err = time.LoadLocation(zone); err != nil {
				return fmt.Errorf("-zone %q is not a time zone such as Asia/Shanghai", zone)
			}
			if e.From, err = day("-from", from); err != nil {
				return err
			}
			if e.To, err = day("-to", to); err != nil {
				return err
			}
			var tables []auditing.Table
			for _, name := range args[1:] {
				if !slices.Contains(tableNames(), name) {
					return fmt.Errorf("there is no table %q, only %s", name, strings.Join(tableNames(), ", "))
				}
				tables = append(tables, auditing.Table(name))
			}
			return a.audit(cmd.Context(), e, args[0], auditing.Format(format), tables)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&format, "format", string(auditing.CSV), "`format` of the tables: csv, excel (CSV that Excel opens correctly) or jsonl")
	flags.StringVar(&zone, "zone", "UTC", "time `zone` of all times that are written")
	flags.StringVar(&from, "from", "", "first `day` of the logs, such as 2026-10-31 (default: where the last run ended)")
	flags.StringVar(&to, "to", "", "last `day` of the logs (default: the last complete one)")
	return cmd
}

func tableNames() []string {
	var names []string
	for _, table := range auditing.Tables() {
		names = append(names, string(table))
	}
	return names
}

// day reads a day; no text is the zero time.
func day(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, fmt.Errorf("%s %q is not a day such as 2026-10-31", flag, text)
	}
	return t, nil
}

func (a *app) audit(ctx context.Context, e auditing.Exporter, dir string, format auditing.Format, tables []auditing.Table) error {
	var done func()
	var err error
	if e.Client, done, err = a.connect(quickbi.WithTimeout(time.Minute)); err != nil {
		return err
	}
	defer done()
	progress := a.progress()
	written := 0
	e.Progress = func(auditing.File) { written++; progress.count("%d files", written) }
	manifest, err := e.Export(ctx, dir, format, tables...)
	progress.end()
	if manifest == nil { // nothing was begun, and the same command fails again
		return err
	}
	gaps := slices.DeleteFunc(slices.Clone(manifest.Gaps), func(g auditing.Gap) bool { return !g.Found.Equal(manifest.Started) }) // of earlier runs
	for i, gap := range gaps {
		if i == maxFailures && !a.verbose {
			fmt.Fprintln(a.err, a.text("… and %d more gaps; manifest.json and -v show them", len(gaps)-i))
			break
		}
		fmt.Fprintln(a.err, a.text("gap: %s", terminal.Line(a.gap(gap))))
	}
	if err != nil {
		return errors.Join(err, fmt.Errorf("%d files are written and whole; run the same command again to go on", written))
	}
	fmt.Fprintln(a.out, a.text("%d files in %s, %d gaps", written, dir, len(gaps)))
	if len(gaps) > 0 {
		return &exit{exitProblems, errors.New("something could not be read")}
	}
	return nil
}

// gap returns the text of a gap in the language of the run.
func (a *app) gap(g auditing.Gap) string {
	if a.lang != "zh" {
		return g.String()
	}
	text := string(g.Table)
	if g.Day != "" {
		text += " " + g.Day
	}
	if g.Of != "" {
		text += "（" + a.translate(g.Of) + "）"
	}
	return text + "：" + a.translate(g.Reason)
}
