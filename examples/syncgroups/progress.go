package main

import (
	"fmt"
	"io"

	"github.com/quickbi-go/quickbi/dirsync"
)

// newProgress returns a function that writes a line for every tenth of the calls,
// which take the same time each.
func newProgress(out io.Writer) func(dirsync.Progress) {
	shown := 0
	return func(p dirsync.Progress) {
		if tenth := p.Calls * 10 / max(p.OfCalls, 1); tenth > shown {
			shown = tenth
			fmt.Fprintf(out, "  %d%% (%d of %d calls)\n", tenth*10, p.Calls, p.OfCalls)
		}
	}
}
