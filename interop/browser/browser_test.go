package browser

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/quickbi-go/quickbi"
)

var update = flag.Bool("update", false, "write docs/embedding.png anew")

const (
	root    = "../.."
	picture = root + "/docs/embedding.png"
)

// findChromium returns a browser that is installed.
func findChromium(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "none of "+strings.Join(names, ", ")+" is installed: script/setup installs chromium")
	return ""
}

// missing skips the test, except where everything has to run.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// startExample builds and starts examples/embed, and returns its address.
func startExample(t *testing.T, args ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "embed")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./examples/embed")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("the example says nothing: %v, %v", lines.Err(), cmd.Wait())
	}
	_, address, ok := strings.Cut(lines.Text(), "Open ")
	if !ok {
		t.Fatalf("the example says %q", lines.Text())
	}
	logged := make(chan []string)
	go func() {
		var log []string
		for lines.Scan() {
			log = append(log, lines.Text())
		}
		logged <- log
	}()
	t.Cleanup(func() { // t.Context has ended, and so has the program
		log := <-logged
		if err := cmd.Wait(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		t.Logf("the log of the example:\n%s", strings.Join(log, "\n"))
	})
	// The emulator, which shows the works, is at 127.0.0.1: for a browser, another site.
	return strings.Replace(strings.TrimSuffix(address, "/"), "127.0.0.1", "localhost", 1)
}

// startBrowser starts Chromium with a profile of its own, and returns the context of a tab.
func startBrowser(t *testing.T, path string) context.Context {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1000, 760),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	}
	for _, name := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

func read[R any](t *testing.T, ctx context.Context, action chromedp.Action[R]) R {
	t.Helper()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// eventually waits until f returns true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("this does not come about: %s", what)
		}
	}
}

// openFrame returns the context of the frame in a tab. It shows another site than
// the page does, for which browsers have a process and rules of their own, as they
// have for Quick BI in a page of somebody else's.
func openFrame(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	var frame context.Context
	eventually(t, "there is a frame with another site", func() bool {
		targets, err := chromedp.Targets(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range targets {
			if target.Type == "iframe" {
				var leave context.CancelFunc
				frame, leave = chromedp.NewContext(ctx, chromedp.WithTargetID(target.TargetID))
				t.Cleanup(leave)
				return true
			}
		}
		return false
	})
	return frame
}

// shows waits until a part of the frame has a text.
func shows(t *testing.T, frame context.Context, id, text string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the frame's %s is %q", id, text), func() bool {
		// Between two documents there is none, which is an error.
		got, err := chromedp.Run(frame, chromedp.Evaluate[string](fmt.Sprintf(`document.getElementById(%q).textContent.trim()`, id)))
		return err == nil && got == text
	})
}

// reload does what "Reload frame" of the context menu does.
func reload(t *testing.T, frame context.Context) {
	t.Helper()
	do(t, frame, chromedp.Evaluate[chromedp.Void](`location.reload()`))
}

// ticketOf returns the ticket in the URL of the frame.
func ticketOf(t *testing.T, frame context.Context) string {
	t.Helper()
	place, err := url.Parse(read(t, frame, chromedp.Evaluate[string](`location.href`)))
	if err != nil {
		t.Fatal(err)
	}
	ticket := place.Query().Get("accessTicket")
	if place.Path != "/token3rd/dashboard/view/pc.htm" || ticket == "" {
		t.Fatalf("the frame shows %s", place.Path)
	}
	return ticket
}

// TestEmbedding is a visit: sign in, choose a report, see it, load its frame again
// until the ticket is used up, see that it is refused, and come back with a new one.
func TestEmbedding(t *testing.T) {
	chromium := findChromium(t)
	base := startExample(t, "-uses", "3")
	ctx := startBrowser(t, chromium)

	do(t, ctx,
		chromedp.Navigate(base),
		chromedp.SetValue(chromedp.CSS(`select[name=user]`), "ann"),
		chromedp.Click(chromedp.CSS(`button`)),
		chromedp.WaitVisible(chromedp.CSS(`a[href="/works/revenue"]`)),
	)
	if names := read(t, ctx, chromedp.Text(chromedp.CSS("main"))); !strings.Contains(names, "Salaries") || strings.Contains(names, "Plans") {
		t.Errorf("the list is\n%s", names)
	}
	do(t, ctx,
		chromedp.Click(chromedp.CSS(`a[href="/works/revenue"]`)),
		chromedp.WaitVisible(chromedp.CSS("iframe")),
	)
	frame := openFrame(t, ctx)
	shows(t, frame, "viewer", "Ann")
	shows(t, frame, "left", "2")
	if title := read(t, frame, chromedp.Title()); title != "Revenue by region" {
		t.Errorf("the frame shows %q", title)
	}
	if referrer := read(t, frame, chromedp.Evaluate[string](`document.referrer`)); referrer != "" {
		t.Errorf("the frame knows where it is: %q", referrer)
	}
	first := ticketOf(t, frame)

	if *update {
		if err := os.WriteFile(picture, read(t, ctx, chromedp.CaptureScreenshot()), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	for _, left := range []string{"1", "0"} {
		reload(t, frame)
		shows(t, frame, "left", left)
		shows(t, frame, "viewer", "Ann")
	}
	reload(t, frame)
	shows(t, frame, "code", string(quickbi.ErrTicketUsedUp))
	if text := read(t, frame, chromedp.Text(chromedp.CSS("body"))); strings.Contains(text, "Ann") {
		t.Errorf("a refusal that shows something:\n%s", text)
	}

	do(t, ctx, chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("iframe")))
	frame = openFrame(t, ctx)
	shows(t, frame, "left", "2")
	if second := ticketOf(t, frame); second == first {
		t.Error("the page came back with the ticket that is used up")
	}
	if place := read(t, ctx, chromedp.Location()); place != base+"/works/revenue" {
		t.Errorf("the page is %s", place)
	}
}
