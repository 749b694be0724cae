// Offboard takes members out of a Quick BI organization: out of every user group,
// and then out of the organization, handing their works to another.
//
// Without arguments it shows this on an emulator, which checks every signature as
// the service does. The command quickbi does it with plans that are saved and
// reviewed, lists of leavers, and reports.
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
	"strings"
	"syscall"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/offboarding"
)

const usage = `Shows what would be done, asks, and does it:

  offboard -live -region cn-hangzhou -transfer ann@example.com ben@example.com

Members are named by Quick BI id, UID or account name. Exit codes: 0 done, 3 somebody
is still a member, or who is meant is not clear, 1 another failure.

`

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
	case obstacle || errors.Is(err, quickbi.ErrUserNotInOrganization) || errors.Is(err, quickbi.ErrAccountNameAmbiguous):
		return 3
	}
	return 1
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("offboard", flag.ContinueOnError)
	flags.SetOutput(out)
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "`region` of the organization")
	transfer := flags.String("transfer", "", "`member` who gets the works")
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case !*live && len(args) > 0:
		return errors.New("flags and members mean nothing without -live; -h explains them")
	case !*live:
		return demo(ctx, out)
	case flags.NArg() == 0 || *transfer == "":
		return errors.New("-live needs members and -transfer")
	}
	client, err := quickbi.NewClient(quickbi.WithRegion(*region))
	if err != nil {
		return err
	}
	return offboard(ctx, offboarding.Offboarder{Client: client, Successor: *transfer}, flags.Args(), in, out)
}

// offboard takes members out, after it has asked, unless there is nobody to ask.
func offboard(ctx context.Context, o offboarding.Offboarder, leavers []string, in io.Reader, out io.Writer) error {
	o.Progress = func(e offboarding.Event) {
		if e.State != offboarding.Began {
			fmt.Fprintf(out, "  %v\n", e)
		}
	}
	plan, err := o.Plan(ctx, leavers...)
	if err != nil {
		return err
	}
	if err := errors.Join(plan.Print(out), plan.Obstacle()); err != nil {
		return err
	}
	if in != nil {
		fmt.Fprint(out, "This cannot be undone. Type yes to go on: ")
		if answer(ctx, in) != "yes" {
			return errors.New("nothing was done")
		}
	}
	report, err := plan.Apply(ctx)
	if report != nil {
		err = errors.Join(err, o.Restore(ctx, report)) // of those who could not be deleted
	}
	return err
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
