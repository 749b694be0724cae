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
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/quickbi-go/quickbi/internal/emulatorcmd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := emulatorcmd.Run(ctx, "quickbi-emulator", os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, emulatorcmd.ErrUsage):
		os.Exit(2) // the flag package has said what is wrong
	default:
		fmt.Fprintln(os.Stderr, "quickbi-emulator:", err)
		os.Exit(1)
	}
}
