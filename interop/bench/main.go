// Bench compares quickbi with the official clients and with what one writes by
// hand: the floor, of whose cost all others are shown as multiples.
//
// It prints tables, writes the figures to a file, the tables into the
// documentation, and draws them. Everything runs on this machine: the clients alone, on a transport that answers at once,
// and over the loopback interface, with a server in a process of its own.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// report is the file of results.
type report struct {
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	CPUs     int               `json:"cpus"`
	Versions map[string]string `json:"versions"`
	Duration string            `json:"durationPerRound"`
	Rounds   int               `json:"rounds"`
	Results  []result          `json:"results"`
	Growth   []growth          `json:"growth"`
	Programs []program         `json:"programs"`
	Next     *report           `json:"withNextRelease,omitempty"` // the client alone, built with the other supported release
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(out)
	duration := flags.Duration("duration", 50*time.Millisecond, "how long each peer runs in each round of each case")
	rounds := flags.Int("rounds", 60, "how often all of it is repeated")
	match := flags.String("run", "", "only the cases that match this regular expression")
	sizes := flags.Bool("sizes", true, "build and start minimal programs, too, and measure the client alone with "+nextRelease)
	alone := flags.Bool("alone", false, "measure the client alone, and not over loopback, nor how the cost grows")
	outFile := flags.String("out", "bench/results.json", "file for the results; empty: none. With -run or -alone, or without -sizes, only if given")
	chartFile := flags.String("chart", "../docs/performance.svg", "file for the chart; the same goes for it")
	docsFile := flags.String("docs", "../docs/performance.md", "file for the tables; the same goes for it")
	draw := flags.Bool("draw", false, "measure nothing; show and draw the results that are in the file")
	server := flags.Bool("serve", false, "be the server of the loopback measurements, until the input ends")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *server {
		return serve(in, out)
	}
	if *match != "" || !*sizes || *alone { // must not replace the whole by a part unasked
		given := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		if !given["out"] {
			*outFile = ""
		}
		if !given["chart"] {
			*chartFile = ""
		}
		if !given["docs"] {
			*docsFile = ""
		}
	}
	if *duration <= 0 || *rounds < 1 {
		return errors.New("-duration and -rounds have to be positive")
	}
	pattern, err := regexp.Compile(*match)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}

	var r report
	if *draw {
		if r, err = load(*outFile); err != nil {
			return err
		}
	} else {
		progress := func(text string) { fmt.Fprintf(out, "%s\n", text) }
		chosen := slices.DeleteFunc(slices.Clone(cases), func(bc benchCase) bool { return !pattern.MatchString(bc.name) })
		if len(chosen) == 0 {
			return fmt.Errorf("-run: no case matches %q", *match)
		}
		var programs []program
		if *sizes {
			if programs, err = measurePrograms(ctx, minimalPrograms, "", progress); err != nil {
				return err
			}
		}
		if r, err = measureAll(ctx, chosen, *alone, *duration, *rounds, progress); err != nil {
			return err
		}
		r.Programs = programs
		if *sizes {
			if r.Next, err = measureNext(ctx, flags, out); err != nil {
				return err
			}
		}
	}
	var tables bytes.Buffer
	if err := printTables(&tables, r); err != nil {
		return err
	}
	if _, err := out.Write(tables.Bytes()); err != nil {
		return err
	}
	if *outFile != "" && !*draw {
		if err := save(*outFile, r); err != nil {
			return err
		}
	}
	if *docsFile != "" {
		if err := replaceTables(*docsFile, tables.Bytes()); err != nil {
			return err
		}
	}
	if *chartFile == "" {
		return nil
	}
	return os.WriteFile(*chartFile, chart(r), 0o644)
}

func measureAll(ctx context.Context, chosen []benchCase, alone bool, d time.Duration, rounds int, progress func(string)) (report, error) {
	r := report{
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
		Versions: versions(), Duration: d.String(), Rounds: rounds,
	}
	if err := compare(ctx, peers); err != nil {
		return r, fmt.Errorf("the peers do not do the same: %w", err)
	}
	net, err := startLoopback(ctx)
	if err != nil {
		return r, err
	}
	list, err := contests(ctx, chosen, net)
	if alone {
		list = slices.DeleteFunc(list, func(c *contest) bool { return c.transport != clientAlone })
	}
	if err == nil {
		err = race(ctx, list, net, d, rounds, progress)
	}
	if err == nil && !alone && len(chosen) == len(cases) {
		r.Growth, err = measureGrowth(ctx, net, growthPages(d), progress)
	}
	if stopErr := net.stop(); err == nil {
		err = stopErr
	}
	for _, c := range list {
		if err == nil {
			r.Results = append(r.Results, c.results()...)
		}
	}
	return r, err
}

// measureNext builds this program with the other supported release and lets it
// measure the client alone, for as long as this one does.
func measureNext(ctx context.Context, flags *flag.FlagSet, out io.Writer) (*report, error) {
	dir, err := os.MkdirTemp("", "quickbi-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary, results := filepath.Join(dir, "bench"), filepath.Join(dir, "results.json")
	if _, err := build(ctx, "github.com/quickbi-go/quickbi/interop/bench", binary, "", nextRelease); err != nil {
		return nil, err
	}
	args := []string{"-alone", "-sizes=false", "-out", results}
	for _, name := range []string{"duration", "rounds", "run"} {
		args = append(args, "-"+name, flags.Lookup(name).Value.String())
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("with %s: %w", nextRelease, err)
	}
	r, err := load(results)
	return &r, err
}

// versions are those of the peers in this program.
func versions() map[string]string {
	of := map[string]string{"quickbi": quickbi.Version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return of
	}
	for _, dep := range info.Deps {
		for _, p := range peers {
			if p.module == dep.Path && of[p.name] == "" {
				of[p.name] = dep.Version
			}
		}
	}
	return of
}

func save(file string, r report) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

func load(file string) (report, error) {
	var r report
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}
