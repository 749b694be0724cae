// Syncgroups makes the user groups of a Quick BI organization, and who is in
// them, follow a CSV file.
//
// Without arguments it shows this on an emulator, with the file staff.csv of
// this directory and an organization that is a day behind. With -live it does
// the same to a real organization, after it has shown what would change and asked.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "syncgroups:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var syncer dirsync.Syncer
	flags := flag.NewFlagSet("syncgroups", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("csv", "", "`file` with columns account_id or account_name, groups, and for -add nickname and user_type")
	dryRun := flags.Bool("dry-run", false, "only show what would change")
	reportTo := flags.String("report", "", "write what was done to a `file`, as JSON")
	flags.Func("within", "the file has the say over the group with this `path` and those below it; can be given several times; default all groups", func(path string) error {
		syncer.Within = append(syncer.Within, path)
		return nil
	})
	flags.Func("add", "add accounts that are no members yet, those without a user_type as this `type`: developer, analyst or viewer", func(s string) (err error) {
		syncer.AddMembersAs, err = dirsync.ParseUserType(s)
		return err
	})
	flags.BoolVar(&syncer.DeleteMembers, "delete", false, "delete members who are not in the file, but for administrators")
	flags.StringVar(&syncer.Successor, "successor", "", "`account` that gets the works of deleted members; default the owners of the workspaces")
	flags.Float64Var(&syncer.MaxRemove, "max-remove", 0.1, "refuse to remove more than this `share` of the memberships, or of the members")
	flags.IntVar(&syncer.Workers, "workers", 16, "`number` of calls under way at a time")
	rate := flags.Float64("rate", 50, "`calls` a second; 0 for no limit")
	members := flags.Int("members", 0, "instead of the demonstration, fill the groups of an emulated organization with so many `members`")
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "region of the organization, with -live")
	yes := flags.Bool("yes", false, "do not ask, with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	case *rate < 0:
		return errors.New("-rate cannot be negative")
	case *live && *file == "":
		return errors.New("-live needs -csv")
	case *members != 0 && (*live || *file != "" || *members < 0):
		return errors.New("-members wants a positive number, and neither -live nor -csv")
	}

	if syncer.MaxRemove == 0 {
		syncer.MaxRemove = -1 // nothing; for the Syncer, 0 is the default
	}
	var options []quickbi.Option
	if *rate != 0 {
		options = append(options, quickbi.WithRateLimit(*rate, 1))
	}
	var source iter.Seq2[dirsync.Record, error]
	var err error
	if *live {
		syncer.Client, err = quickbi.NewClient(append(options, quickbi.WithRegion(*region))...)
	} else {
		var stop func()
		syncer.Client, source, stop, err = demo(ctx, *members, options)
		defer stop()
	}
	if err != nil {
		return err
	}
	if *file != "" {
		f, err := os.Open(*file)
		if err != nil {
			return err
		}
		defer f.Close()
		source = dirsync.CSV(f)
	}

	started := time.Now()
	syncer.Progress = newProgress(out)
	plan, err := syncer.Plan(ctx, source)
	if err != nil {
		return err
	}
	planned := time.Since(started)
	if plan.Counts().Total() > 1000 && !*dryRun {
		fmt.Fprintf(out, "%v, %d problems; -dry-run lists them\n", plan.Counts(), len(plan.Problems))
	} else if err := plan.Print(out); err != nil {
		return err
	}
	if err := plan.Guard(); err != nil || *dryRun {
		return err
	}
	if *live && !*yes && !plan.Empty() {
		fmt.Fprint(out, "Type yes to make these changes: ")
		if answer, _ := bufio.NewReader(in).ReadString('\n'); strings.TrimSpace(answer) != "yes" {
			return errors.New("nothing was done")
		}
	}
	report, err := plan.Apply(ctx) // of an empty plan, it sends nothing
	fmt.Fprintf(out, "Planned in %v, done in %v: %v\n", planned.Round(time.Millisecond),
		report.Finished.Sub(report.Started).Round(time.Millisecond), report.Done)
	for i, f := range report.Failed {
		if i == 20 {
			fmt.Fprintf(out, "… and %d more, which -report lists\n", len(report.Failed)-i)
			break
		}
		fmt.Fprintf(out, "Failed: %v: %v\n", f.Change, f.Err)
	}
	if *members > 0 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats) // Sys never shrinks
		fmt.Fprintf(out, "Memory taken from the system at the peak, with the emulator: %d MB\n", stats.Sys/1e6)
	}
	if *reportTo != "" {
		text, jsonErr := json.MarshalIndent(report, "", "  ")
		err = errors.Join(err, jsonErr, os.WriteFile(*reportTo, append(text, '\n'), 0o600))
	}
	return err
}
