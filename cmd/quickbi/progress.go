package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress shows on a terminal how far a job is. Elsewhere it shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// counter counts what comes, without knowing how much that is.
func (a *app) counter(what string) *progress { return a.progress(-1, what) }

// progress counts up to a total; the time that is left follows from the rate.
func (a *app) progress(total int, what string) *progress {
	if width(a.err) == 0 || a.env("TERM") == "dumb" {
		return &progress{}
	}
	return &progress{progressbar.NewOptions(total,
		progressbar.OptionSetWriter(a.err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(false), // it misleads: waiting for the limiter is most of the time
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true), // erases the line, so that none is broken after the terminal was resized
	)}
}

func (p *progress) add() {
	if p.bar != nil {
		_ = p.bar.Add(1) // cannot be shown: not worth ending a job for
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
