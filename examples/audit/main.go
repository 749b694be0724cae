// Audit exports who is in a Quick BI organization, who is in which group and
// workspace, what is shared with whom, and the audit log of some days, to CSV
// files or JSON Lines.
//
// Without arguments it exports an emulated organization into a new directory.
// With -live it exports a real one. It only reads.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/auditing"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var e auditing.Exporter
	var dir, format, from, to, what, region string
	var live bool
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&dir, "out", "", "directory to write to, made if it is not there; left out: a new one")
	flags.StringVar(&format, "format", "csv", "csv, or jsonl for JSON Lines")
	flags.StringVar(&from, "from", "", "first day of the log, such as 2026-03-31; left out: six days before -to")
	flags.StringVar(&to, "to", "", "last day of the log; left out: today")
	flags.StringVar(&what, "what", names(), "what to export")
	flags.BoolVar(&live, "live", false, "export a real organization, with the credentials of the default chain")
	flags.StringVar(&region, "region", "cn-hangzhou", "region of the organization, with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	tables, err := chosen(what)
	if err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	case format != "csv" && format != "jsonl":
		return fmt.Errorf("-format is %q, neither csv nor jsonl", format)
	case given["out"] && dir == "":
		return errors.New("-out is empty")
	case given["region"] && !live:
		return errors.New("-region means nothing without -live")
	case (given["from"] || given["to"]) && !slices.Contains(tables, auditing.Log):
		return errors.New("-from and -to mean nothing when -what leaves the log out")
	}
	if e.From, e.To, err = days(from, to, time.Now()); err != nil {
		return err
	}

	if live {
		// 50 calls a second is what the service documents for each operation.
		e.Client, err = quickbi.NewClient(quickbi.WithRegion(region), quickbi.WithRateLimit(50, 10))
		if err != nil {
			return err
		}
	} else {
		server, err := demo(time.Now())
		if err != nil {
			return err
		}
		defer server.Close()
		e.Client = server.Client()
	}
	return export(ctx, e, tables, dir, auditing.Format(format), out)
}

// names lists the tables.
func names() string {
	var all []string
	for _, table := range auditing.Tables() {
		all = append(all, string(table))
	}
	return strings.Join(all, ",")
}

// chosen returns the tables that -what names, each of them once.
func chosen(what string) ([]auditing.Table, error) {
	wanted := make(map[auditing.Table]bool)
	for name := range strings.SplitSeq(what, ",") {
		table := auditing.Table(name)
		if !slices.Contains(auditing.Tables(), table) {
			return nil, fmt.Errorf("-what has %q, which is none of %s", name, names())
		}
		wanted[table] = true
	}
	return slices.DeleteFunc(auditing.Tables(), func(t auditing.Table) bool { return !wanted[t] }), nil
}

// china is the zone whose days the log has, as far as is known.
var china = time.FixedZone("UTC+8", 8*60*60)

// logDays is how far the log goes back.
const logDays = 90

// days returns the days that -from and -to mean.
func days(from, to string, now time.Time) (first, last time.Time, err error) {
	today, _ := time.Parse(time.DateOnly, now.In(china).Format(time.DateOnly))
	oldest := today.AddDate(0, 0, -logDays)
	if last = today; to != "" {
		if last, err = time.Parse(time.DateOnly, to); err != nil {
			return first, last, fmt.Errorf("-to is %q, not a day such as 2026-03-31", to)
		}
	}
	if first = last.AddDate(0, 0, -6); from != "" {
		if first, err = time.Parse(time.DateOnly, from); err != nil {
			return first, last, fmt.Errorf("-from is %q, not a day such as 2026-03-31", from)
		}
	} else if first.Before(oldest) {
		first = oldest
	}
	switch {
	case last.After(today):
		err = fmt.Errorf("-to is %s, and today is %s", to, today.Format(time.DateOnly))
	case first.Before(oldest):
		err = fmt.Errorf("-from is %s, but the log goes back %d days only, to %s", from, logDays, oldest.Format(time.DateOnly))
	case last.Before(first):
		err = fmt.Errorf("-to is %s, before the first day, %s", last.Format(time.DateOnly), first.Format(time.DateOnly))
	}
	return first, last, err
}
