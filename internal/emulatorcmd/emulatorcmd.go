// Package emulatorcmd is the body of the commands quickbi-emulator and quickbi emulator.
package emulatorcmd

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest"
)

// ErrUsage says that the arguments are wrong. What is wrong has been written.
var ErrUsage = errors.New("wrong usage")

type config struct {
	listen      string
	allowRemote bool
	id, secret  string
	seed        string
	rate        int
	latency     latency
	strict      bool
	log         bool
	version     bool
}

// A latency is the value of -latency: two durations, or one for both.
type latency struct{ median, p99 time.Duration }

func (l *latency) String() string {
	if l.median == 0 {
		return ""
	}
	return l.median.String() + "," + l.p99.String()
}

func (l *latency) Set(s string) error {
	median, p99, two := strings.Cut(s, ",")
	if !two {
		p99 = median
	}
	var errMedian, errP99 error
	l.median, errMedian = time.ParseDuration(median)
	l.p99, errP99 = time.ParseDuration(p99)
	if errMedian != nil || errP99 != nil || l.median <= 0 || l.p99 < l.median {
		return errors.New("want MEDIAN,P99 such as 80ms,400ms, the second not less than the first")
	}
	return nil
}

func parse(name string, args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 picks one")
	flags.BoolVar(&c.allowRemote, "allow-remote", false, "let -listen be an address that other machines can reach")
	flags.StringVar(&c.id, "access-key-id", quickbitest.AccessKeyID, "`id` of the access key that is accepted")
	flags.StringVar(&c.secret, "access-key-secret", quickbitest.AccessKeySecret, "its `secret`; never a real one")
	flags.StringVar(&c.seed, "seed", "", "JSON `file` with what is there to start with")
	flags.IntVar(&c.rate, "rate", quickbitest.DefaultRate, "calls of one operation a `second`; 0 is any number")
	flags.Var(&c.latency, "latency", "`median,p99` of how long answers take, such as 80ms,400ms")
	flags.BoolVar(&c.strict, "strict", false, "refuse GET for operations that are documented as POST, whatever the signature")
	flags.BoolVar(&c.version, "version", false, "say which version this is, and end")
	flags.BoolVar(&c.log, "log", false, "log calls, without their parameters, to the standard error output")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: "+name+" [flags]\n\nA Quick BI that lives in memory. What it is told is gone when it stops.\n\n")
		flags.PrintDefaults()
		fmt.Fprintf(stderr, example, name)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return c, err
	case err != nil:
		return c, ErrUsage
	}
	mistake := ""
	switch {
	case flags.NArg() > 0:
		mistake = fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case c.id == "" || c.secret == "":
		mistake = "-access-key-id and -access-key-secret must not be empty"
	case c.rate < 0:
		mistake = "-rate must not be negative"
	}
	if mistake != "" {
		fmt.Fprintln(stderr, mistake)
		flags.Usage()
		return c, ErrUsage
	}
	return c, nil
}

// example is the end of the help.
const example = `
Example: a client of another language needs the address, the protocol and the key, and nothing else.

	%s -listen 127.0.0.1:8080 -seed seed.json

Python, with alibabacloud_quickbi_public20220101:

	from alibabacloud_quickbi_public20220101.client import Client
	from alibabacloud_quickbi_public20220101.models import QueryUserListRequest
	from alibabacloud_tea_openapi.models import Config

	client = Client(Config(access_key_id="emulator-id", access_key_secret="emulator-secret",
	                       endpoint="127.0.0.1:8080", protocol="HTTP"))
	print(client.query_user_list(QueryUserListRequest(page_num=1, page_size=10)).body)
`

// version says what was built: the version of the module, or else the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "(devel)"
}

// Run serves until the context ends. name is that of the command in its help. Its
// first line of output is "listening on http://HOST:PORT".
func Run(ctx context.Context, name string, args []string, stdout, stderr io.Writer) error {
	c, err := parse(name, args, stderr)
	if err != nil {
		return err
	}
	if c.version {
		_, err := fmt.Fprintln(stdout, name+" "+version())
		return err
	}
	opts := []quickbitest.Option{
		quickbitest.WithAccessKey(c.id, c.secret),
		quickbitest.WithRateLimit("", c.rate),
	}
	if c.strict {
		opts = append(opts, quickbitest.WithStrictMethods())
	}
	if c.latency != (latency{}) {
		opts = append(opts, quickbitest.WithLatency(c.latency.median, c.latency.p99))
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
	if err := e.SeedJSON(f); err != nil {
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
