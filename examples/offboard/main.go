// Offboard takes members out of a Quick BI organization: out of every user
// group, and then out of the organization, handing their works to another.
//
// Without arguments it shows this on an emulator, which checks every signature
// as the service does. With -live it does the same to one member of a real
// organization, after it has shown what it would do and asked. Run again, it
// goes on where it stopped.
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

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/offboarding"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "offboard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("offboard", flag.ContinueOnError)
	flags.SetOutput(out)
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "region of the organization, with -live")
	user := flags.String("user", "", "Quick BI user id of the member to take out, with -live")
	transfer := flags.String("transfer", "", "Quick BI user id of the member who gets the works, with -live")
	giveUp := flags.Bool("give-up-works", false, "if the service wants workspaces left first, let it choose who gets the works there, with -live")
	yes := flags.Bool("yes", false, "do not ask, with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	case !*live && flags.NFlag() > 0:
		return errors.New("flags mean nothing without -live")
	case !*live:
		return demo(ctx, out)
	case *user == "" || *transfer == "":
		return errors.New("-live needs -user and -transfer")
	}
	client, err := quickbi.NewClient(quickbi.WithRegion(*region))
	if err != nil {
		return err
	}
	if *yes {
		in = nil
	}
	return offboard(ctx, offboarding.Offboarder{Client: client, Successor: *transfer, GiveUpWorks: *giveUp}, *user, in, out)
}

// offboard takes one member out, after it has asked, unless there is nobody to ask.
func offboard(ctx context.Context, offboarder offboarding.Offboarder, user string, in io.Reader, out io.Writer) error {
	offboarder.Progress = func(step offboarding.Step, already bool) {
		if already {
			fmt.Fprintf(out, "  was done already: %v\n", step)
		} else {
			fmt.Fprintf(out, "  done: %v\n", step)
		}
	}
	plan, err := offboarder.Plan(ctx, user)
	if err != nil {
		return err
	}
	if err := plan.Print(out); err != nil || plan.Gone {
		return err
	}
	if err := plan.Obstacle(); err != nil {
		return err
	}
	if in != nil {
		fmt.Fprint(out, "This cannot be undone. Type yes to go on: ")
		if answer(ctx, in) != "yes" {
			return errors.New("nothing was done")
		}
	}
	return plan.Apply(ctx)
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
