// Embed is a small web server that shows works of Quick BI to people who are not
// logged in there. Each opens a work in a frame, with a ticket for the own rights.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/embedding/embedhttp"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const usage = `Shows works of Quick BI in frames, to people who are not logged in there. Without
-live it shows an emulated organization, in which everybody can be any member.

	go run ./examples/embed
	go run ./examples/embed -uses 3 -lifetime 30m
	EMBED_PROXY_SECRET=4f1c0a9be27d6635 go run ./examples/embed -live -region ap-southeast-1 -addr :8080 -url https://reports.example.com

With EMBED_PROXY_SECRET a proxy signs readers in, see docs/embedding.md. -live needs
it to let others in than this machine.

`

//go:embed demo.json
var demo string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	connect := func(region string) (*quickbi.Client, error) {
		return quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithRegion(region))
	}
	if err := run(ctx, os.Args[1:], os.Getenv("EMBED_PROXY_SECRET"), connect, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, proxySecret string, connect func(region string) (*quickbi.Client, error), out io.Writer) error {
	s := &server{log: slog.New(slog.NewTextHandler(out, nil))}
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	addr := flags.String("addr", "127.0.0.1:8080", "`address` to listen on")
	public := flags.String("url", "", "the `URL` by which others reach the server; needed if it listens for more than this machine")
	flags.IntVar(&s.uses, "uses", 1, fmt.Sprintf("how often a ticket can be used, 1 to %d", embedding.MaxUses))
	flags.DurationVar(&s.lifetime, "lifetime", 10*time.Minute, "after how many whole minutes a ticket expires, 1m to 240m")
	live := flags.Bool("live", false, "show a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "`region` of the organization, with -live")
	base := flags.String("base", "", "`URL` where works are shown, if not on the region's host, such as https://bi.example.com; with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.uses < 1 || s.uses > embedding.MaxUses:
		return fmt.Errorf("-uses %d is not within 1 and %d", s.uses, embedding.MaxUses)
	case s.lifetime < time.Minute || s.lifetime > embedding.MaxLifetime || s.lifetime%time.Minute != 0:
		return fmt.Errorf("-lifetime %v is not a number of whole minutes within 1m and 240m", s.lifetime)
	}
	site, err := embedhttp.NewSite(*addr, *public)
	if err != nil {
		return fmt.Errorf("-addr, -url: %w", err)
	}

	if *live {
		client, err := connect(*region)
		if err != nil {
			return err
		}
		s.embedder = embedding.Embedder{Client: client, Region: *region, BaseURL: *base}
	} else {
		emulator := quickbitest.NewServer()
		defer emulator.Close()
		if err := emulator.SeedJSON(strings.NewReader(demo)); err != nil {
			return err
		}
		s.embedder = embedding.Embedder{Client: emulator.Client(), BaseURL: emulator.URL}
	}
	switch {
	case proxySecret != "":
		if s.signIn, err = embedhttp.NewProxy(s.embedder.Client, proxySecret); err != nil {
			return fmt.Errorf("EMBED_PROXY_SECRET: %w", err)
		}
	case *live && !site.IsLocal():
		return errors.New("-live and -url together would let everybody be any member: sign people in by a proxy, and set EMBED_PROXY_SECRET")
	default:
		s.sessions = embedhttp.NewSessions(site)
		s.signIn = s.sessions
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site.Protect(s.handler()), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintf(out, "Open http://%s/\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
