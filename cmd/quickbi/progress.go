package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress shows on a terminal how far a job is. Elsewhere it shows nothing.
type progress struct {
	app  *app
	what string
	bar  *progressbar.ProgressBar // made when there is something to show
}

func (a *app) progress(what string) *progress { return &progress{app: a, what: what} }

// add counts one more, of nobody knows how many.
func (p *progress) add() {
	if p.begin(-1) {
		_ = p.bar.Add(1) // cannot be shown: not worth ending a job for
	}
}

// set shows that so much of a total is done.
func (p *progress) set(done, total int) {
	if p.begin(total) {
		_ = p.bar.Set(done)
	}
}

func (p *progress) begin(total int) bool {
	if width(p.app.err) == 0 || p.app.env("TERM") == "dumb" {
		return false
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.app.err),
			progressbar.OptionSetDescription(p.what),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false), // it misleads: most of the time is waiting for the limiter
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetWidth(20),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionUseANSICodes(true), // erases the line, so that none is broken after the terminal was resized
		)
	}
	return true
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
