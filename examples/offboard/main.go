// Offboard takes members out of a Quick BI organization: out of every user group,
// and then out of the organization, handing their works to another.
package main

import (
	"bufio"
	"context"
	_ "embed"
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
	"github.com/quickbi-go/quickbi/quickbitest"
)

const usage = `Shows what leaving members have and what would be done, asks, and does it. Without
-live it takes Ben and Eve out of an emulated organization, and loses an answer.

	go run ./examples/offboard
	go run ./examples/offboard -live -region cn-hangzhou -transfer ann@example.com ben@example.com

Members are named by Quick BI id, UID or account name. Exit codes: 0 done, 3 somebody
is still a member, or who is meant is not clear, 1 another failure.

`

//go:embed demo.json
var demo string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a closed terminal does not end it half way
	connect := func(region string) (*quickbi.Client, error) {
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region))
	}
	err := run(ctx, os.Args[1:], connect, os.Stdin, os.Stdout)
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

func run(ctx context.Context, args []string, connect func(region string) (*quickbi.Client, error), in io.Reader, out io.Writer) error {
	var o offboarding.Offboarder
	flags := flag.NewFlagSet("offboard", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "`region` of the organization")
	flags.StringVar(&o.Successor, "transfer", "", "`member` who gets the works")
	if err := flags.Parse(args); err != nil {
		return err
	}
	leavers := flags.Args()
	switch {
	case !*live && len(args) > 0:
		return errors.New("flags and members mean nothing without -live; -h explains them")
	case *live && (len(leavers) == 0 || o.Successor == ""):
		return errors.New("-live needs members and -transfer")
	case *live:
		var err error
		if o.Client, err = connect(*region); err != nil {
			return err
		}
	default:
		server := quickbitest.NewServer()
		defer server.Close()
		if err := server.SeedJSON(strings.NewReader(demo)); err != nil {
			return err
		}
		server.Fail("DeleteUser", quickbitest.DropAfter(), 1) // it is done, but the answer gets lost
		o.Client, o.Successor, leavers, in = server.Client(), "ann", []string{"ben", "eve"}, strings.NewReader("yes\n")
	}
	return offboard(ctx, o, leavers, in, out)
}

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
	if _, err := fmt.Fprintln(out, "This cannot be undone. Type yes to go on."); err != nil {
		return err
	}
	if answer(ctx, in) != "yes" {
		return errors.New("nothing was done")
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
