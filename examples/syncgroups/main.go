// Syncgroups makes the user groups of a Quick BI organization, and who is in
// them, follow a CSV file.
//
// Without arguments it shows this on an emulator, with the file staff.csv of
// this directory and an organization that is a day behind. With -live it does
// the same to a real organization, after it has shown what would change and asked.
// The command quickbi does it with plans that are saved and reviewed, limits for
// everything, other sources, and undoing: see docs/directory.md.
//
// Exit codes: 0 nothing to do, or all done; 1 failure; 2 changes are pending
// (-dry-run); 3 there are problems, and the rest is done; 4 a limit refuses the plan.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
)

func main() {
	// The first signal lets calls that are under way end, and the report be whole.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	signal.Ignore(syscall.SIGPIPE) // a reader that has gone is an error of writing, not the end of the work
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "syncgroups:", err)
	}
	os.Exit(exitCode(err))
}

// What ends the program without a failure, but not with success.
var (
	errPending  = errors.New("changes are pending")
	errProblems = errors.New("there are problems")
)

func exitCode(err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, dirsync.ErrGuard):
		return 4
	case errors.Is(err, errProblems):
		return 3
	case errors.Is(err, errPending):
		return 2
	}
	return 1
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var syncer dirsync.Syncer
	flags := flag.NewFlagSet("syncgroups", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("csv", "", "`file` with columns account_id or account_name, groups, and for -add nickname and user_type")
	dryRun := flags.Bool("dry-run", false, "only show what would change")
	flags.StringVar(&syncer.Reports, "reports", "", "`directory` in which a report grows while changes are made")
	flags.Func("within", "the file has the say over the group with this `path` and those below it; can be given several times; default all groups", func(path string) error {
		syncer.Within = append(syncer.Within, path)
		return nil
	})
	flags.Func("add", "add accounts that are no members yet, those without a user_type as this `type`: developer, analyst or viewer", func(text string) (err error) {
		syncer.AddMembersAs, err = dirsync.ParseUserType(text)
		return err
	})
	flags.BoolVar(&syncer.DeleteMembers, "delete", false, "delete members who are not in the file, but for administrators")
	flags.StringVar(&syncer.Successor, "successor", "", "`account` that gets the works of deleted members; default the owners of the workspaces")
	flags.Float64Var(&syncer.MaxRemove, "max-remove", 0.1, "refuse to end more than this `share` of the memberships")
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
		_, err = fmt.Fprintf(out, "%v, %d problems; -dry-run lists them\n", plan.Counts(), len(plan.Problems))
	} else {
		err = plan.Print(out)
	}
	if err != nil {
		return err // nobody has seen the plan
	}
	if err := plan.Guard(); err != nil {
		return err
	}
	if *dryRun {
		return state(plan, true)
	}
	if *live && !*yes && !plan.Empty() {
		fmt.Fprint(out, "Type yes to make these changes: ")
		if answer, _ := bufio.NewReader(in).ReadString('\n'); strings.TrimSpace(answer) != "yes" {
			return errors.New("nothing was done")
		}
	}
	report, err := plan.Apply(ctx) // of an empty plan, it sends nothing
	if report == nil {
		return err
	}
	fmt.Fprintf(out, "Planned in %v, done in %v: %v\n", planned.Round(time.Millisecond),
		report.Finished.Sub(report.Started).Round(time.Millisecond), report.Done)
	for _, f := range report.Failed[:min(len(report.Failed), 20)] {
		fmt.Fprintf(out, "Failed: %v: %v\n", f.Change, f.Err)
	}
	if report.File != "" {
		fmt.Fprintln(out, "Report:", report.File)
	}
	if *members > 0 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats) // Sys never shrinks
		fmt.Fprintf(out, "Memory taken from the system at the peak, with the emulator: %d MB\n", stats.Sys/1e6)
	}
	if err != nil {
		return err
	}
	return state(plan, false)
}

// state returns what a plan has that somebody has to look at.
func state(plan *dirsync.Plan, pending bool) error {
	switch {
	case len(plan.Problems) > 0 || plan.Blocked != "":
		return errProblems
	case pending && !plan.Empty():
		return errPending
	}
	return nil
}
