// The quickbi command administers a Quick BI organization: it calls operations by
// name, checked like typed requests, and runs the jobs of this repository from
// saved plans. See README.md beside it.
//
// Its commands are cobra's, because that library completes not only commands but
// also their arguments (operations, parameters) in bash, zsh, fish and PowerShell,
// and is the one that most Go programs use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/quickbi-go/quickbi"
)

// The exit codes. Scripts that run at night tell by them what happened.
const (
	exitDone     = 0 // done, or nothing to do
	exitFailure  = 1
	exitPending  = 2 // a plan has changes that are not applied
	exitProblems = 3 // something was left out, and needs a person
	exitGuard    = 4 // a guard stopped the job: more changes than it allows
)

// An exit ends the program with a code. Its error, if any, is shown before.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	// A reader that goes away, as in "quickbi … | head", is a write error and not
	// the end of the process: what was done is still recorded.
	signal.Ignore(syscall.SIGPIPE)
	t := console{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}
	os.Exit(run(ctx, os.Args[1:], t))
}

// A console is where a command reads and writes. Tests have others.
type console struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
}

// width returns the columns of a writer that is a terminal, else 0.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 80
	}
	return columns
}

func run(ctx context.Context, args []string, t console) int {
	a := &app{console: t}
	root := a.command()
	root.SetArgs(longFlags(args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code := exitFailure
	if e, ok := errors.AsType[*exit](err); ok {
		code = e.code
		err = e.err
	}
	if err != nil {
		fmt.Fprintln(t.err, "quickbi:", strings.TrimPrefix(err.Error(), "quickbi: "))
		if e, ok := errors.AsType[*quickbi.Error](err); ok && e.Hint() != "" {
			fmt.Fprintln(t.err, e.Hint())
		}
	}
	return code
}

var longFlag = regexp.MustCompile(`^-[a-z][a-z0-9-]+(=|$)`)

// longFlags lets flags begin with one dash, as those of Go programs do, besides two.
func longFlags(args []string) []string {
	long := make([]string, len(args))
	for i, arg := range args {
		if arg == "--" {
			copy(long[i:], args[i:])
			break
		}
		if longFlag.MatchString(arg) {
			arg = "-" + arg
		}
		long[i] = arg
	}
	return long
}

// app is one run of the command.
type app struct {
	console
	region, endpoint, lang string
	emulator, yes          bool
	rate                   float64
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "quickbi",
		Short:         "Administer a Quick BI organization",
		Long:          "Administers a Quick BI organization. Every command takes -emulator and then works on a made-up\norganization in memory, without credentials.",
		Version:       quickbi.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Example: lines(
			"quickbi doctor -emulator",
			"quickbi api user group",
			"quickbi call QueryUserList Keyword=ann -emulator",
		),
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	flags.StringVar(&a.region, "region", "cn-hangzhou", "region of the organization")
	flags.StringVar(&a.endpoint, "endpoint", "", "host or URL to call in place of the region's")
	flags.BoolVar(&a.emulator, "emulator", false, "work on a made-up organization in memory")
	flags.StringVar(&a.lang, "lang", "", "language of hints, en or zh (default: that of LANG)")
	flags.Float64Var(&a.rate, "rate", 40, "calls a second; the service allows 50 of one operation")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.checkFlags() }
	root.AddCommand(a.doctorCommand(), a.apiCommand(), a.callCommand(), a.syncCommand(), a.offboardCommand(), a.auditCommand(), a.ticketCommand(), a.emulatorCommand())
	return root
}

func (a *app) checkFlags() error {
	if a.lang == "" {
		a.lang = "en"
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if value := a.env(name); value != "" {
				if strings.HasPrefix(value, "zh") {
					a.lang = "zh"
				}
				break
			}
		}
	}
	switch {
	case a.lang != "en" && a.lang != "zh":
		return fmt.Errorf("-lang %q is neither en nor zh", a.lang)
	case !(a.rate > 0):
		return fmt.Errorf("-rate %v is not a positive number", a.rate)
	case a.emulator && a.endpoint != "":
		return errors.New("-emulator and -endpoint exclude each other")
	}
	return nil
}

// lines joins the lines of an example.
func lines(text ...string) string { return "  " + strings.Join(text, "\n  ") }

// confirm asks on a terminal. Elsewhere nobody can answer, so -yes is needed.
func (a *app) confirm(question string) error {
	if a.yes || a.emulator {
		return nil
	}
	if f, ok := a.in.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return errors.New("nobody is asked, because the input is no terminal: say -yes to go on")
	}
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	var answer string
	_, _ = fmt.Fscanln(a.in, &answer) // no answer is a no
	if !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes") {
		return errors.New("not done: the answer was not yes")
	}
	return nil
}
