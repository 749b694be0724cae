// Embed is a small web server that shows works of Quick BI to people who are not
// logged in there: they see the works that they may view and that are open for
// embedding, and open one in a frame, each time with a ticket of their own.
//
//	go run ./examples/embed
//
// shows an emulated organization on this machine, where everybody can be any
// member. With -live it shows a real one. To let others in, say with -url by which
// address they come, and sign them in: see [signIn].
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv(proxySecretVariable), os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, proxySecret string, out io.Writer) error {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, `Shows works of Quick BI in frames, to people who are not logged in there.

	go run ./examples/embed
	go run ./examples/embed -uses 3 -lifetime 30m
	`+proxySecretVariable+`=… go run ./examples/embed -live -region ap-southeast-1 -addr :8080 -url https://reports.example.com

`)
		flags.PrintDefaults()
	}
	addr := flags.String("addr", "127.0.0.1:8080", "where to listen")
	public := flags.String("url", "", "the `address` by which others reach the server; needed if it listens for more than this machine")
	uses := flags.Int("uses", 1, fmt.Sprintf("how often a ticket can be used, 1 to %d", embedding.MaxUses))
	lifetime := flags.Duration("lifetime", 10*time.Minute, "after how many whole minutes a ticket expires, 1m to 240m")
	live := flags.Bool("live", false, "show a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "region of the organization, with -live")
	base := flags.String("base", "", "where works are shown, if not on the region's host, such as https://bi.example.com; with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *uses < 1 || *uses > embedding.MaxUses:
		return fmt.Errorf("-uses %d is not within 1 and %d", *uses, embedding.MaxUses)
	case *lifetime < time.Minute || *lifetime > embedding.MaxLifetime || *lifetime%time.Minute != 0:
		return fmt.Errorf("-lifetime %v is not a number of whole minutes within 1m and 240m", *lifetime)
	}
	origin, err := originOf(*addr, *public)
	if err != nil {
		return err
	}

	s := &site{origin: origin, uses: *uses, lifetime: *lifetime, log: slog.New(slog.NewTextHandler(out, nil))}
	if *live {
		client, err := quickbi.NewClient(quickbi.WithRegion(*region))
		if err != nil {
			return err
		}
		s.embedder = embedding.Embedder{Client: client, Region: *region, BaseURL: *base}
	} else {
		emulator, err := demo()
		if err != nil {
			return err
		}
		defer emulator.Close()
		s.embedder = embedding.Embedder{Client: emulator.Client(), BaseURL: emulator.URL}
	}
	switch {
	case proxySecret != "":
		if s.signIn, err = newProxySignIn(s.embedder.Client, proxySecret); err != nil {
			return err
		}
	case *live && origin != nil:
		return fmt.Errorf("-live and -url together would let everybody be any member: sign people in by a proxy and set %s", proxySecretVariable)
	default:
		s.signIn = &chooser{site: s}
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintf(out, "Open http://%s/\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
