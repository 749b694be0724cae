// Package browser holds a test that opens examples/embed in a real browser,
// headless Chromium, and uses up a ticket there:
//
//	go test .         # skips itself where no Chromium is installed
//	go test . -update # also takes the picture for docs/embedding.md
//
// It is a module of its own, so that what drives the browser stays out of
// quickbi's go.sum.
package browser
