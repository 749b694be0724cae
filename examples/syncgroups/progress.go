package main

import (
	"fmt"
	"io"
)

// newProgress returns a function that writes a line for every tenth of the work.
func newProgress(out io.Writer) func(done, total int) {
	shown := 0
	return func(done, total int) {
		if tenth := done * 10 / total; tenth > shown {
			shown = tenth
			fmt.Fprintf(out, "  %d%% (%d of %d)\n", tenth*10, done, total)
		}
	}
}
