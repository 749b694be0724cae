// The quickbi command administers a Quick BI organization: it calls operations by
// name, checked like typed requests, and runs the jobs of this repository from
// saved plans. See README.md beside it.
//
// Its commands are cobra's, because that library completes not only commands but
// also their arguments (operations, parameters) in bash, zsh, fish and PowerShell,
// and is the one that most Go programs use. What cobra says itself is replaced, so
// that it is in Chinese, too.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/quickbi-go/quickbi"
)

// The exit codes. Scripts that run at night tell by them what happened.
const (
	exitDone     = 0 // done, or nothing to do
	exitFailure  = 1 // a failure, or an interruption
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
	a := &app{console: t, lang: languageOf(args, t.env)}
	root := a.command()
	root.SetArgs(longFlags(args))
	if completesOneDash(args) {
		root.SetArgs(append(longFlags(args[:len(args)-1]), "-"+args[len(args)-1]))
		root.SetOut(oneDash{a.out})
	}
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
		a.showError(err)
	}
	return code
}

// maxErrorLines is how many lines of an error are shown without -v.
const maxErrorLines = 5

// showError writes what went wrong, and what to do about it if that is known.
func (a *app) showError(err error) {
	problems := parameterErrors(err)
	all := strings.Split(a.describe(err), "\n")
	// The problems of a request are all to be mended before the next try.
	if most := len(all); problems == nil && !a.verbose && most > maxErrorLines {
		all = append(all[:maxErrorLines], a.text("… and %d more lines; -v shows them", most-maxErrorLines))
	}
	if problems != nil {
		all = nil
		for _, p := range problems {
			line := inFlags(p.Text(quickbi.HintLanguage(a.lang)))
			if own := inChinese(p.Problem); a.lang == "zh" && own != p.Problem { // of this command
				line = a.text("parameter %s %s", p.Parameter, own)
			}
			all = append(all, line)
		}
	}
	fmt.Fprintln(a.err, "quickbi:", strings.Join(all, "\n"))
	if e, ok := errors.AsType[*quickbi.Error](err); ok && e.Hint() != "" {
		fmt.Fprintln(a.err, inFlags(e.Hint()))
	}
}

// describe returns the text of an error in the language of the run.
func (a *app) describe(err error) string {
	text := err.Error()
	if a.lang == "zh" {
		for _, e := range clientErrors(err) {
			first, _, _ := strings.Cut(e.Text(), "\n") // behind it comes the hint
			text = strings.Replace(text, e.Error(), strings.TrimPrefix(first, "quickbi："), 1)
		}
	}
	lines := strings.Split(strings.TrimRight(guards.ReplaceAllString(text, "$1\n"), "\n"), "\n")
	for i, line := range lines {
		lines[i] = a.translate(innerName.ReplaceAllString(packageName.ReplaceAllString(line, ""), ": "))
	}
	return strings.Join(lines, "\n")
}

// guards finds the end of the text of each limit that a plan exceeds.
var guards = regexp.MustCompile(`(\(-[a-z-]+\)); `)

// clientError is an error of a call, with a text for people.
type clientError interface {
	error
	Text() string
}

// clientErrors returns the errors of calls in err, the outer ones first.
func clientErrors(err error) []clientError {
	switch e := err.(type) {
	case *quickbi.Error:
		return []clientError{e}
	case *quickbi.PartialError:
		return []clientError{e}
	}
	var all []clientError
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(all, clientErrors(inner)...)
		}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			all = clientErrors(inner)
		}
	}
	return all
}

// packageName is what the errors of packages begin with, which says nothing to those
// who do not write Go.
var packageName = regexp.MustCompile(`^(?:(?:quickbi|dirsync|offboarding|auditing|embedding|quickbitest): )+`)

// innerName is the name of a package behind what the command says of its error.
var innerName = regexp.MustCompile(`: (?:dirsync|offboarding|auditing|embedding): `)

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

// completesOneDash reports whether a shell asks for the flags that begin with what was
// typed behind one dash.
func completesOneDash(args []string) bool {
	if len(args) < 2 || args[0] != cobra.ShellCompRequestCmd && args[0] != cobra.ShellCompNoDescRequestCmd || slices.Contains(args, "--") {
		return false
	}
	last := args[len(args)-1]
	return strings.HasPrefix(last, "-") && !strings.HasPrefix(last, "--") && !strings.Contains(last, "=")
}

// oneDash writes the flags that complete a word with one dash, as the word has. Each
// call of Write is a line.
type oneDash struct{ io.Writer }

func (w oneDash) Write(line []byte) (int, error) {
	short := line
	if bytes.HasPrefix(line, []byte("--")) {
		short = line[1:]
	}
	n, err := w.Writer.Write(short)
	return n + len(line) - len(short), err
}

// app is one run of the command.
type app struct {
	console
	region, endpoint, lang string
	emulator, yes, verbose bool
	rate                   float64
}

func (a *app) command() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "quickbi",
		Short: "Administer a Quick BI organization",
		Long: `Administers a Quick BI organization. Every command takes -emulator and then works
on a made-up organization in memory, without credentials.

Exit codes: 0 done, 1 failed or interrupted, 2 a plan waits to be applied, 3 something
was left out and needs a person, 4 a guard stopped the job.`,
		Version:       quickbi.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Example: lines(
			"quickbi doctor -emulator",
			"quickbi api user group",
			"quickbi call QueryUserList Keyword=ann -emulator",
		),
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	})
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	flags.StringVar(&a.region, "region", "cn-hangzhou", "`region` of the organization")
	flags.StringVar(&a.endpoint, "endpoint", "", "`host` or URL to call in place of the region's")
	flags.BoolVar(&a.emulator, "emulator", false, "work on a made-up organization in memory")
	flags.StringVar(&a.lang, "lang", a.lang, "`language`, en or zh")
	flags.Float64Var(&a.rate, "rate", 40, "`calls` a second; the service allows 50 of one operation")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "show all failures, and not only the first ones")
	flags.BoolP("help", "h", false, "explain the command")
	meant(flags, "endpoint")
	root.Flags().Bool("version", false, "show the version")
	root.SetUsageFunc(a.usage)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// The text shows two dashes, and the help one.
		return errors.Join(fmt.Errorf("%s", strings.ReplaceAll(err.Error(), "--", "-")), fmt.Errorf("%s -h lists the flags", cmd.CommandPath()))
	})
	root.SetVersionTemplate("quickbi {{.Version}}\n")
	root.SetHelpCommand(a.helpCommand())
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.checkFlags() }
	root.AddCommand(
		a.doctorCommand(), a.apiCommand(), a.callCommand(), a.syncCommand(), a.offboardCommand(), a.auditCommand(), a.ticketCommand(),
		a.emulatorCommand(), a.completionCommand(),
	)
	a.localize(root)
	return root
}

func (a *app) checkFlags() error {
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

// meant makes flags refuse values that stand for the default, which nobody means who
// gives them: zero, and the empty value of a variable of the shell that is not set.
func meant(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		flag := flags.Lookup(name)
		flag.Value = meantValue{flag.Value}
	}
}

type meantValue struct{ pflag.Value }

func (v meantValue) Set(text string) error {
	if err := v.Value.Set(text); err != nil {
		return err
	}
	switch v.String() {
	case "":
		return errors.New("it is empty")
	case "0", "0s":
		return errors.New("it must be more than zero")
	}
	return nil
}

// lines joins the lines of an example.
func lines(text ...string) string { return "  " + strings.Join(text, "\n  ") }

// confirm asks on a terminal. Elsewhere nobody can answer, so -yes is needed. An
// interrupted run does not wait for an answer.
func (a *app) confirm(ctx context.Context, question string, args ...any) error {
	if a.yes || a.emulator {
		return nil
	}
	if f, ok := a.in.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return errors.New("the input is not a terminal, so that nobody can be asked: give -yes to go on")
	}
	fmt.Fprint(a.err, a.text(question, args...), " [y/N] ")
	answers := make(chan string, 1)
	go func() {
		var answer string
		_, _ = fmt.Fscanln(a.in, &answer) // no answer is a no
		answers <- answer
	}()
	select {
	case answer := <-answers:
		if !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes") {
			return errors.New("nothing was done: the answer was not yes")
		}
		return nil
	case <-ctx.Done():
		fmt.Fprintln(a.err)
		return fmt.Errorf("nothing was done: %w", context.Cause(ctx))
	}
}
