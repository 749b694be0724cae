// Audit keeps a directory of what can be audited in a Quick BI organization: who
// is in it, who is in which group and workspace, what is shared with whom, and
// the days of the audit logs that have ended since the last run.
package main

import (
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
	"time"
	_ "time/tzdata" // for -zone, where the system has no zones

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const usage = `Brings a directory up to date with what can be audited in an organization, for
example every night. It only reads. Without -live it exports an emulated one.

	go run ./examples/audit
	go run ./examples/audit -live -region cn-hangzhou -out /srv/audit -format excel -zone Asia/Shanghai

Exit codes: 0 done, 3 something could not be read (see manifest.json), 1 failed, run it again.

`

//go:embed demo.json
var demo string

// errGaps says that something could not be read.
var errGaps = errors.New("not everything could be read")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // "audit | head" exports everything
	connect := func(region string) (*quickbi.Client, error) {
		// 50 calls a second is what the service documents for each operation.
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region), quickbi.WithRateLimit(50, 10))
	}
	switch err := run(ctx, os.Args[1:], connect, os.Stdout); {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errGaps):
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(3)
	default:
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, connect func(region string) (*quickbi.Client, error), out io.Writer) error {
	var e auditing.Exporter
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	dir := flags.String("out", "", "`directory` to export to; left out: a new one")
	format := flags.String("format", string(auditing.CSV), "csv, excel for CSV that Excel opens, or jsonl for JSON Lines")
	zone := flags.String("zone", "UTC", "time `zone` of all times, such as Asia/Shanghai")
	live := flags.Bool("live", false, "export a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "`region` of the organization, with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	}
	var err error
	if e.Zone, err = time.LoadLocation(*zone); err != nil {
		return fmt.Errorf("-zone: %w", err)
	}
	if *live {
		if e.Client, err = connect(*region); err != nil {
			return err
		}
	} else {
		server := quickbitest.NewServer()
		defer server.Close()
		yesterday := time.Now().UTC().Add(8*time.Hour).AddDate(0, 0, -1) // by the service's clock
		if err := server.SeedJSON(strings.NewReader(strings.ReplaceAll(demo, "YESTERDAY", yesterday.Format(time.DateOnly)))); err != nil {
			return err
		}
		e.Client, e.From, e.Lag = server.Client(), yesterday, time.Nanosecond
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "quickbi-audit-"); err != nil {
			return err
		}
	}
	return export(ctx, e, *dir, auditing.Format(*format), out)
}

// export exports all tables and says what it wrote, and what it could not read.
func export(ctx context.Context, e auditing.Exporter, dir string, format auditing.Format, out io.Writer) error {
	var outErr error
	print := func(format string, args ...any) {
		if _, err := fmt.Fprintf(out, format, args...); outErr == nil {
			outErr = err
		}
	}
	print("Exporting to %s\n", dir)
	e.Progress = func(f auditing.File) { print("  %-34s %6d rows\n", f.Name, f.Rows) }
	m, err := e.Export(ctx, dir, format)
	if err != nil {
		return err
	}
	for _, gap := range m.Gaps {
		print("  not read: %v\n", gap)
		err = errGaps
	}
	return errors.Join(err, outErr)
}
