package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A progress shows on a terminal how far a job is, in one line that is drawn over.
// Elsewhere it shows nothing.
//
// After drawing, the cursor goes back to the beginning of the line, and what is
// drawn next first erases all that is behind the cursor. So no part of an older line
// stays when the terminal has been made narrower in between: where it breaks lines
// anew, the cursor goes along with the beginning of its line.
type progress struct {
	out     io.Writer
	text    func(string, ...any) string
	rate    float64 // calls a second
	width   func() int
	now     func() time.Time
	drawn   time.Time
	visible bool
}

func (a *app) progress() *progress {
	p := &progress{out: a.err, text: a.text, rate: a.rate, width: func() int { return width(a.err) }, now: time.Now}
	if a.env("TERM") == "dumb" {
		p.width = func() int { return 0 }
	}
	return p
}

// calls shows how many of the calls that are planned have ended. What remains goes
// at the pace of the limiter, or slower.
func (p *progress) calls(done, of int) {
	if of == 0 {
		return
	}
	remaining := time.Duration(math.Ceil(float64(of-done)/p.rate)) * time.Second
	p.draw(p.text("[%s] %d of %d calls, at least %v left", bar(done, of), done, of, remaining))
}

// entries shows how many entries of a list have come, of as many as there were at
// first.
func (p *progress) entries(done, of int) {
	if of < done {
		p.count("%d entries", done)
		return
	}
	p.draw(p.text("[%s] %d of %d entries", bar(done, of), done, of))
}

// bar is the share that is done.
func bar(done, of int) string {
	const cells = 20
	return strings.Repeat("#", done*cells/of) + strings.Repeat("-", cells-done*cells/of)
}

// count shows how many entries, files or members there are, of nobody knows how many.
func (p *progress) count(format string, n int) { p.draw(p.text(format, n)) }

// shown reports whether there is a terminal to draw on.
func (p *progress) shown() bool { return p.width() > 0 }

func (p *progress) draw(line string) {
	columns := p.width()
	if columns == 0 || p.now().Sub(p.drawn) < 100*time.Millisecond {
		return
	}
	for uniseg.StringWidth(line) >= columns {
		_, size := utf8.DecodeLastRuneInString(line)
		line = line[:len(line)-size]
	}
	p.drawn, p.visible = p.now(), true
	_, _ = fmt.Fprint(p.out, eraseBehind, line, "\r") // cannot be shown: not worth ending a job for
}

// eraseBehind erases from the cursor to the end of the screen.
const eraseBehind = "\x1b[J"

// end takes the line away.
func (p *progress) end() {
	if p.visible {
		p.visible = false
		_, _ = fmt.Fprint(p.out, eraseBehind)
	}
}
