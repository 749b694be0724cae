// The quickbi-emulator command is a Quick BI that lives in memory, for programs in
// any language. See docs/emulator.md.
//
//	quickbi-emulator -listen 127.0.0.1:8080 -access-key-id ID -access-key-secret SECRET -seed seed.json
//
// Its first line of output is "listening on http://HOST:PORT". SIGINT and SIGTERM
// stop it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/quickbi-go/quickbi/quickbitest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2) // the flag package has said what is wrong
	default:
		fmt.Fprintln(os.Stderr, "quickbi-emulator:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong usage")

type config struct {
	listen      string
	allowRemote bool
	id, secret  string
	seed        string
	rate        int
	log         bool
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("quickbi-emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 picks one")
	flags.BoolVar(&c.allowRemote, "allow-remote", false, "let -listen be an address that other machines can reach")
	flags.StringVar(&c.id, "access-key-id", quickbitest.AccessKeyID, "`id` of the access key that is accepted")
	flags.StringVar(&c.secret, "access-key-secret", quickbitest.AccessKeySecret, "its `secret`; never a real one")
	flags.StringVar(&c.seed, "seed", "", "JSON `file` with what is there to start with")
	flags.IntVar(&c.rate, "rate", quickbitest.DefaultRate, "calls of one operation a `second`; 0 is any number")
	flags.BoolVar(&c.log, "log", false, "log calls, without their parameters, to the standard error output")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: quickbi-emulator [flags]\n\nA Quick BI that lives in memory. What it is told is gone when it stops.\n\n")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return c, err
	case err != nil:
		return c, errUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "unexpected argument %q\n", flags.Arg(0))
		flags.Usage()
		return c, errUsage
	}
	return c, nil
}

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	opts := []quickbitest.Option{
		quickbitest.WithAccessKey(c.id, c.secret),
		quickbitest.WithRateLimit("", c.rate),
	}
	if c.log {
		handler := slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug})
		opts = append(opts, quickbitest.WithLogger(slog.New(handler)))
	}
	e := quickbitest.NewEmulator(opts...)
	if err := seed(e, c.seed); err != nil {
		return err
	}
	listener, err := listen(c.listen, c.allowRemote)
	if err != nil {
		return err
	}
	srv := quickbitest.Start(listener, e)
	defer srv.Close()
	if _, err := fmt.Fprintln(stdout, "listening on "+srv.URL); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// seed gives the emulator what is in the file, if there is one.
func seed(e *quickbitest.Emulator, file string) error {
	if file == "" {
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var o quickbitest.Organization
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields() // a misspelt member would silently be missing
	if err := dec.Decode(&o); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: there is something after the document", file)
	}
	if err := e.Seed(o); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// listen opens the address, unless it lets other machines in without leave.
func listen(address string, allowRemote bool) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("-listen %s: %w", address, err)
	}
	if !allowRemote && !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("-listen %s: other machines could reach that; say -allow-remote if they are to", address)
	}
	return net.ListenTCP("tcp", resolved)
}
