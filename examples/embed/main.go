// Embed is a small web server that shows works of Quick BI to people who are not
// logged in there: they sign in here, see the works that they may view and that
// are open for embedding, and open one in a frame, each time with a ticket of
// their own.
//
// Without arguments it shows an emulated organization. With -live it shows a
// real one. Its sign-in is a demonstration: whoever reaches the server can be any
// member. Put your own in its place before others can reach it.
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
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "127.0.0.1:8080", "where to listen")
	uses := flags.Int("uses", 1, "how often a ticket can be used")
	lifetime := flags.Duration("lifetime", 10*time.Minute, "after how long a ticket expires")
	live := flags.Bool("live", false, "show a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "region of the organization, with -live")
	base := flags.String("base", "", "where works are shown, if not on the region's host, such as https://bi.example.com; with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}

	s := &site{uses: *uses, lifetime: *lifetime, log: slog.New(slog.NewTextHandler(out, nil))}
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

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintf(out, "Open http://%s/\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
