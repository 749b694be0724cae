package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// newProgress returns a function that shows how far the work is: as a bar on a
// terminal, as a line for every tenth elsewhere.
func newProgress(out io.Writer) func(done, total int) {
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return bar(out)
	}
	return lines(out)
}

func bar(out io.Writer) func(done, total int) {
	b := progressbar.NewOptions(1,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription("Applying"),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(out) }),
	)
	return func(done, total int) {
		if b.GetMax() != total {
			b.ChangeMax(total)
		}
		_ = b.Set(done) // the work does not depend on it
	}
}

func lines(out io.Writer) func(done, total int) {
	shown := 0
	return func(done, total int) {
		if tenth := done * 10 / total; tenth > shown {
			shown = tenth
			fmt.Fprintf(out, "  %d%% (%d of %d)\n", tenth*10, done, total)
		}
	}
}
