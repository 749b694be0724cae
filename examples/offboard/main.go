// Offboard takes members out of a Quick BI organization: out of every user group,
// and then out of the organization, handing their works to another.
//
// Without arguments it shows this on an emulator, which checks every signature as
// the service does.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/offboarding"
)

const usage = `Show what would be done, ask, and do it:

  offboard -live -region cn-hangzhou -transfer ann@example.com ben@example.com

Or save a plan for many, have it reviewed, and apply it within a day:

  offboard -live -transfer ann@example.com -list leavers.txt -save plan.json
  offboard -live -reports /srv/offboard -apply plan.json

Put those back into their groups who could not be deleted:

  offboard -live -restore /srv/offboard/20260331T040000Z-ABCDEFGHIJ.jsonl

Members are named by Quick BI id, UID or account name; a list has one a line.
Exit codes: 0 nothing to do or done, 2 saved and not done, 3 somebody is still a
member, or who is meant is not clear, 4 too many leavers, 1 another failure.

`

// errPending says that a plan was saved, and nothing done.
var errPending = errors.New("saved, and not done")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a closed terminal does not end it half way
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	if code := exitCode(err); code != 0 {
		fmt.Fprintln(os.Stderr, "offboard:", err)
		os.Exit(code)
	}
}

func exitCode(err error) int {
	_, obstacle := errors.AsType[*offboarding.Obstacle](err)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errPending):
		return 2
	case obstacle || errors.Is(err, quickbi.ErrUserNotInOrganization) || errors.Is(err, quickbi.ErrAccountNameAmbiguous):
		return 3
	case errors.Is(err, offboarding.ErrTooManyLeavers):
		return 4
	}
	return 1
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var o offboarding.Offboarder
	flags := flag.NewFlagSet("offboard", flag.ContinueOnError)
	flags.SetOutput(out)
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "`region` of the organization")
	flags.StringVar(&o.Successor, "transfer", "", "`member` who gets the works")
	flags.BoolVar(&o.GiveUpWorks, "give-up-works", false, "if the service wants workspaces left first, let it choose who gets the works there")
	flags.BoolVar(&o.KeepSmartQ, "keep-smartq", false, "do not let the successor ask Smart Q what the member may ask")
	flags.IntVar(&o.MaxLeavers, "max", 0, "take out `n` members at most; left out: 100")
	flags.StringVar(&o.Reports, "reports", "", "`directory` for the report, which grows while members are taken out")
	list := flags.String("list", "", "`file` with a member a line")
	save := flags.String("save", "", "save the plan to a `file`, and do nothing")
	load := flags.String("apply", "", "apply the plan in a `file`")
	restore := flags.String("restore", "", "put those whom a report in a `file` names back into their groups")
	yes := flags.Bool("yes", false, "do not ask")
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	if err := flags.Parse(args); err != nil {
		return err
	}
	leavers, err := read(*list, flags.Args())
	switch {
	case err != nil:
		return err
	case !*live && len(args) > 0:
		return errors.New("flags and members mean nothing without -live; -h explains them")
	case !*live:
		return demo(ctx, out)
	case *load == "" && *restore == "" && (len(leavers) == 0 || o.Successor == ""):
		return errors.New("-live needs members and -transfer, -apply or -restore")
	case (*load != "" || *restore != "") && (len(leavers) > 0 || o.Successor != "" || *save != ""):
		return errors.New("-apply and -restore take everything from the file")
	}
	if o.Client, err = quickbi.NewClient(quickbi.WithRegion(*region)); err != nil {
		return err
	}
	if *yes {
		in = nil
	}
	switch {
	case *restore != "":
		return restoreFrom(ctx, o, *restore)
	case *load != "":
		return applyFrom(ctx, o, *load, in, out)
	}
	return offboard(ctx, o, leavers, *save, in, out)
}

// offboard plans, and saves the plan or applies it.
func offboard(ctx context.Context, o offboarding.Offboarder, leavers []string, save string, in io.Reader, out io.Writer) error {
	o.Progress = progress(out)
	plan, err := o.Plan(ctx, leavers...)
	if plan == nil {
		return err
	}
	if save == "" {
		return errors.Join(err, apply(ctx, plan, in, out))
	}
	file, fileErr := os.OpenFile(save, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if fileErr != nil {
		return fileErr
	}
	if err := errors.Join(plan.Save(file), file.Close(), plan.Print(out)); err != nil {
		return err
	}
	if err := errors.Join(err, plan.Obstacle()); err != nil {
		return err
	}
	return errPending
}

func progress(out io.Writer) func(offboarding.Event) {
	return func(e offboarding.Event) {
		if e.State != offboarding.Began {
			fmt.Fprintf(out, "  %v\n", e)
		}
	}
}

// apply takes the leavers out, after it has asked, unless there is nobody to ask.
func apply(ctx context.Context, plan *offboarding.Plan, in io.Reader, out io.Writer) error {
	if err := plan.Print(out); err != nil {
		return err
	}
	if !slices.ContainsFunc(plan.Leavers, func(l *offboarding.Leaver) bool { return l.Obstacle() == nil }) {
		return plan.Obstacle() // there is nothing to ask
	}
	if in != nil {
		fmt.Fprint(out, "This cannot be undone. Type yes to go on: ")
		if answer(ctx, in) != "yes" {
			return errors.New("nothing was done")
		}
	}
	_, err := plan.Apply(ctx)
	return err
}

func applyFrom(ctx context.Context, o offboarding.Offboarder, name string, in io.Reader, out io.Writer) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	o.Progress = progress(out)
	plan, err := o.Load(file)
	if err != nil {
		return err
	}
	return apply(ctx, plan, in, out)
}

func restoreFrom(ctx context.Context, o offboarding.Offboarder, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	report, err := offboarding.ReadReport(file)
	if err != nil {
		return err
	}
	return o.Restore(ctx, report)
}

// read adds the lines of a file to the names of members.
func read(name string, members []string) ([]string, error) {
	if name == "" {
		return members, nil
	}
	text, err := os.ReadFile(name)
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" {
			members = append(members, line)
		}
	}
	return members, err
}

// answer reads a line. It does not keep an interrupted program waiting for one.
func answer(ctx context.Context, in io.Reader) string {
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(in).ReadString('\n') // no line is no yes
		line <- strings.TrimSpace(text)
	}()
	select {
	case text := <-line:
		return text
	case <-ctx.Done():
		return ""
	}
}
