// Syncgroups makes the user groups of a Quick BI organization, and who is in
// them, follow a file.
//
// Without arguments it shows this on an emulator, with the file staff.csv of
// this directory and an organization that is a day behind. With -live it does
// the same to a real organization, after it has shown what would change and asked.
//
// A plan can be saved with -save, reviewed, and applied later with -apply, which
// another process can do. See docs/directory.md.
//
// Exit codes: 0 nothing to do, or all done; 1 failure; 2 changes are pending (-dry-run
// and -save); 3 there are problems, and the rest is done; 4 a limit refuses the plan.
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

// options are the flags.
type options struct {
	syncer            dirsync.Syncer
	csv               dirsync.CSVFormat
	csvFile, jsonFile string
	dryRun            bool
	save, apply, undo string
	rate              float64
	members           int
	live, yes         bool
	region, endpoint  string
}

func parse(args []string, out io.Writer) (options, error) {
	o := options{csv: dirsync.CSVFormat{Columns: make(map[string]string)}}
	s := &o.syncer
	flags := flag.NewFlagSet("syncgroups", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.csvFile, "csv", "", "`file` with columns account_id or account_name, groups, and for -add nickname and user_type")
	flags.StringVar(&o.jsonFile, "jsonl", "", "`file` of JSON Lines with the same names, or SCIM's")
	flags.StringVar(&o.csv.Encoding, "encoding", "", "of the CSV file, if it is not Unicode: `gbk` or gb18030")
	flags.Func("column", "`name=column` says which column of the CSV file is which, such as Abteilung=groups; can be given several times", func(text string) error {
		name, column, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("it is written name=column")
		}
		o.csv.Columns[name] = column
		return nil
	})
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show what would change")
	flags.StringVar(&o.save, "save", "", "only write what would change to a `file`, for -apply")
	flags.StringVar(&o.apply, "apply", "", "apply the plan in a `file` that -save has written")
	flags.StringVar(&o.undo, "undo", "", "take back what the report in a `file` says was done, as far as possible")
	flags.StringVar(&s.Reports, "reports", "", "`directory` in which a report grows while changes are made")
	flags.Func("within", "the file has the say over the group with this `path` and those below it; can be given several times; default all groups", func(path string) error {
		s.Within = append(s.Within, path)
		return nil
	})
	flags.Func("add", "add accounts that are no members yet, those without a user_type as this `type`: developer, analyst or viewer", func(text string) (err error) {
		s.AddMembersAs, err = dirsync.ParseUserType(text)
		return err
	})
	flags.BoolVar(&s.AppendAccount, "append-account", false, "put the account behind nicknames that are taken")
	flags.BoolVar(&s.DeleteMembers, "delete", false, "delete members who are not in the file, but for administrators")
	flags.BoolVar(&s.Deactivate, "deactivate", false, "deactivate members who are not in the file, but for administrators; with -delete, delete them after -delete-after")
	flags.DurationVar(&s.DeleteAfter, "delete-after", 0, "how long members stay deactivated before they are deleted; default 720h")
	flags.BoolVar(&s.UpdateNickNames, "update-nicknames", false, "give members the nicknames of the file")
	flags.BoolVar(&s.UpdateUserTypes, "update-user-types", false, "give members the user types of the file")
	flags.BoolVar(&s.UpdateRoles, "update-roles", false, "give members the organization roles of the file's column roles")
	flags.BoolVar(&s.UpdateTags, "update-tags", false, "give user tags the values of the file's columns tag:NAME")
	flags.StringVar(&s.Successor, "successor", "", "`account` that gets the works of deleted members; default the owners of the workspaces")
	shares := []struct {
		at    *float64
		name  string
		value float64
		usage string
	}{
		{&s.MaxRemove, "max-remove", 0.1, "refuse to end more than this `share` of the memberships"},
		{&s.MaxRemovePerGroup, "max-remove-per-group", 0.5, "refuse to take more than this `share` of its members, and more than 5, out of a group"},
		{&s.MaxDelete, "max-delete", 0.01, "refuse to delete or deactivate more than this `share` of the members, and more than 3"},
	}
	for _, f := range shares {
		flags.Float64Var(f.at, f.name, f.value, f.usage)
	}
	counts := []struct {
		at    *int
		name  string
		value int
		usage string
	}{
		{&s.MaxRemoveCount, "max-remove-count", 1000, "refuse to end more than this `number` of memberships"},
		{&s.MaxDeleteCount, "max-delete-count", 50, "refuse to delete or deactivate more than this `number` of members"},
		{&s.MaxAdd, "max-add", 100, "refuse to take more than this `number` of paid seats"},
	}
	for _, f := range counts {
		flags.IntVar(f.at, f.name, f.value, f.usage)
	}
	flags.DurationVar(&s.MaxAge, "max-age", 24*time.Hour, "refuse to apply a plan that is older")
	flags.IntVar(&s.Workers, "workers", 16, "`number` of calls under way at a time")
	flags.Float64Var(&o.rate, "rate", 50, "`calls` a second; 0 for no limit")
	flags.IntVar(&o.members, "members", 0, "instead of the demonstration, fill the groups of an emulated organization with so many `members`")
	flags.BoolVar(&o.live, "live", false, "work on a real organization, with the credentials of the default chain")
	flags.StringVar(&o.region, "region", "cn-hangzhou", "region of the organization, with -live")
	flags.StringVar(&o.endpoint, "endpoint", "", "`URL` of another endpoint, such as an emulator, with -live")
	flags.BoolVar(&o.yes, "yes", false, "do not ask, with -live")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	// Zero is the Syncer's default, and here it is nothing.
	for _, f := range shares {
		if *f.at == 0 {
			*f.at = -1
		}
	}
	for _, f := range counts {
		if *f.at == 0 {
			*f.at = -1
		}
	}
	given := 0
	for _, text := range []string{o.csvFile, o.jsonFile, o.apply, o.undo} {
		if text != "" {
			given++
		}
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	case o.rate < 0:
		return o, errors.New("-rate cannot be negative")
	case given > 1:
		return o, errors.New("there can be one of -csv, -jsonl, -apply and -undo")
	case o.live && given == 0:
		return o, errors.New("-live needs -csv, -jsonl, -apply or -undo")
	case o.save != "" && (o.dryRun || o.apply != ""):
		return o, errors.New("-save goes neither with -dry-run nor with -apply")
	case o.members != 0 && (o.live || given > 0 || o.members < 0):
		return o, errors.New("-members wants a positive number, and no -live and no file")
	}
	return o, nil
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	var clientOptions []quickbi.Option
	if o.rate != 0 {
		clientOptions = append(clientOptions, quickbi.WithRateLimit(o.rate, 1))
	}
	var source iter.Seq2[dirsync.Record, error]
	if o.live {
		where := quickbi.WithRegion(o.region)
		if o.endpoint != "" {
			where = quickbi.WithEndpoint(o.endpoint)
		}
		o.syncer.Client, err = quickbi.NewClient(append(clientOptions, where)...)
	} else {
		var stop func()
		o.syncer.Client, source, stop, err = demo(ctx, o.members, clientOptions)
		defer stop()
	}
	if err != nil {
		return err
	}
	o.syncer.Progress = newProgress(out)
	started := time.Now()
	plan, err := o.plan(ctx, source)
	if err != nil {
		return err
	}
	planned := time.Since(started)
	if n := plan.Counts().Total(); n > 1000 && !o.dryRun {
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
	switch {
	case o.save != "":
		if err := save(o.save, plan); err != nil {
			return err
		}
		return state(plan, true)
	case o.dryRun:
		return state(plan, true)
	}
	if o.live && !o.yes && !plan.Empty() {
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
	for i, f := range report.Failed {
		if i == 20 {
			fmt.Fprintf(out, "… and %d more\n", len(report.Failed)-i)
			break
		}
		fmt.Fprintf(out, "Failed: %v: %v\n", f.Change, f.Err)
	}
	if report.File != "" {
		fmt.Fprintln(out, "Report:", report.File)
	}
	if o.members > 0 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats) // Sys never shrinks
		fmt.Fprintf(out, "Memory taken from the system at the peak, with the emulator: %d MB\n", stats.Sys/1e6)
	}
	if err != nil {
		return err
	}
	return state(plan, false)
}

// plan makes the plan that the flags ask for, or reads it.
func (o *options) plan(ctx context.Context, source iter.Seq2[dirsync.Record, error]) (*dirsync.Plan, error) {
	name := o.csvFile + o.jsonFile + o.apply + o.undo
	if name == "" {
		return o.syncer.Plan(ctx, source)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch {
	case o.apply != "":
		return o.syncer.Decode(ctx, f)
	case o.undo != "":
		return o.syncer.Undo(ctx, f)
	case o.jsonFile != "":
		return o.syncer.Plan(ctx, dirsync.JSONLines(f))
	}
	return o.syncer.Plan(ctx, o.csv.Records(f))
}

// save writes a plan to a file that must not be there yet.
func save(name string, plan *dirsync.Plan) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(plan.Encode(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
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
