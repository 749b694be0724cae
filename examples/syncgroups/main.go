// Syncgroups makes the user groups of a Quick BI organization, and who is in
// them, follow a CSV file.
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
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const usage = `Shows what has to change for the user groups to be as a CSV file says, asks, and
changes it. Without -live it does so to an emulated organization that is a day behind.

	go run ./examples/syncgroups
	go run ./examples/syncgroups -delete -successor ann@example.com
	go run ./examples/syncgroups -live -region cn-hangzhou -csv examples/syncgroups/staff.csv -add viewer

The command quickbi does it with plans that are saved and reviewed, see docs/directory.md.
Exit codes: 0 done, 3 some records have problems and the rest is done, 4 more would change
than is allowed, 1 another failure.

`

var (
	//go:embed demo.json
	demo string
	//go:embed staff.csv
	staff string
)

// errProblems says that some records could not be followed.
var errProblems = errors.New("there are problems, and the rest is done")

func main() {
	// The first signal lets calls that are under way end, and the report be whole.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	signal.Ignore(syscall.SIGPIPE) // a reader that has gone is an error of writing, not the end of the work
	connect := func(region string) (*quickbi.Client, error) {
		// 50 calls a second is what the service documents for each operation.
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region), quickbi.WithRateLimit(50, 1))
	}
	err := run(ctx, os.Args[1:], connect, os.Stdin, os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "syncgroups:", err)
	}
	os.Exit(exitCode(err))
}

func exitCode(err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errProblems):
		return 3
	case errors.Is(err, dirsync.ErrGuard):
		return 4
	}
	return 1
}

func run(ctx context.Context, args []string, connect func(region string) (*quickbi.Client, error), in io.Reader, out io.Writer) error {
	var syncer dirsync.Syncer
	flags := flag.NewFlagSet("syncgroups", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	file := flags.String("csv", "", "`file` with columns account_id or account_name, groups, and for -add nickname and user_type")
	flags.Func("add", "add accounts that are no members yet, those without a user_type as this `type`: developer, analyst or viewer", func(text string) (err error) {
		syncer.AddMembersAs, err = dirsync.ParseUserType(text)
		return err
	})
	flags.BoolVar(&syncer.DeleteMembers, "delete", false, "delete members who are not in the file, but for administrators")
	flags.StringVar(&syncer.Successor, "successor", "", "`account` that gets the works of deleted members")
	flags.StringVar(&syncer.Reports, "reports", "", "`directory` in which a report grows while changes are made")
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain; needs -csv")
	region := flags.String("region", "cn-hangzhou", "`region` of the organization, with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	}
	source := dirsync.CSV(strings.NewReader(staff))
	if *file != "" {
		f, err := os.Open(*file)
		if err != nil {
			return err
		}
		defer f.Close()
		source = dirsync.CSV(f)
	}
	if *live {
		var err error
		if *file == "" {
			return errors.New("-live needs -csv")
		}
		if syncer.Client, err = connect(*region); err != nil {
			return err
		}
	} else {
		server := quickbitest.NewServer()
		defer server.Close()
		if err := server.SeedJSON(strings.NewReader(demo)); err != nil {
			return err
		}
		syncer.Client, in = server.Client(), strings.NewReader("yes\n")
	}

	plan, err := syncer.Plan(ctx, source)
	if err != nil {
		return err
	}
	if err := plan.Print(out); err != nil {
		return err // nobody has seen the plan
	}
	if err := plan.Guard(); err != nil {
		return err
	}
	if !plan.Empty() {
		fmt.Fprintln(out, "Type yes to make these changes.")
		if answer, _ := bufio.NewReader(in).ReadString('\n'); strings.TrimSpace(answer) != "yes" {
			return errors.New("nothing was done")
		}
	}
	report, err := plan.Apply(ctx) // of an empty plan, it sends nothing
	if report == nil {
		return err
	}
	fmt.Fprintln(out, "Done:", report.Done)
	for _, f := range report.Failed {
		fmt.Fprintf(out, "Failed: %v: %v\n", f.Change, f.Err)
	}
	if err == nil && (len(plan.Problems) > 0 || plan.Blocked != "") {
		err = errProblems
	}
	return err
}
