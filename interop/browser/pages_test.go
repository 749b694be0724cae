package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// axe returns the source of axe-core, which package-lock.json pins.
func axe(t *testing.T) string {
	t.Helper()
	const source = "node_modules/axe-core/axe.min.js"
	if _, err := os.Stat(source); err != nil {
		if _, err := exec.LookPath("npm"); err != nil {
			missing(t, "npm is not installed: script/setup installs it")
		}
		if out, err := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// prefers sets what readers prefer: a color scheme and a language.
func prefers(scheme, language string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}})
		return err
	})
}

// TestPages looks at each page as readers have it: at the width of a phone and of
// a desk, light and dark, in English and Chinese.
func TestPages(t *testing.T) {
	chromium := findChromium(t)
	checker := axe(t)
	base := startExample(t)
	ctx := startBrowser(t, chromium)
	do(t, ctx,
		chromedp.Navigate(base),
		chromedp.SetValue(chromedp.CSS(`select[name=user]`), "ann"),
		chromedp.Click(chromedp.CSS(`button`)),
		chromedp.WaitVisible(chromedp.CSS(`a[href="/works/revenue"]`)),
	)
	for _, reader := range []struct {
		width            int64
		scheme, language string
		headings         map[string]string
		background       string
	}{
		{360, "light", "en-US", map[string]string{"/signin": "Sign in", "/": "Reports", "/works/revenue": "Revenue by region", "/works/nothing": "There is no such report for you"}, "rgb(246, 247, 249)"},
		{1000, "dark", "zh-CN", map[string]string{"/signin": "登录", "/": "报表", "/works/revenue": "Revenue by region", "/works/nothing": "没有可供您查看的此报表"}, "rgb(23, 24, 28)"},
	} {
		do(t, ctx, chromedp.EmulateViewport(reader.width, 740), prefers(reader.scheme, reader.language))
		for path, heading := range reader.headings {
			t.Run(fmt.Sprintf("%d %s %s", reader.width, reader.language, path), func(t *testing.T) {
				do(t, ctx, chromedp.Navigate(base+path), chromedp.WaitVisible(chromedp.CSS("main")))
				if got := read(t, ctx, chromedp.Text(chromedp.CSS("h1"))); got != heading {
					t.Errorf("the heading is %q, want %q", got, heading)
				}
				if got := read(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`)); got != reader.background {
					t.Errorf("the background is %s, want %s", got, reader.background)
				}
				if got := read(t, ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); got > reader.width {
					t.Errorf("the page is %d wide, on a screen of %d", got, reader.width)
				}
				found := read(t, ctx, chromedp.Evaluate[[]string](checker+`;
					axe.run(document, {iframes: false}).then(r => r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html).join(" | ")))`,
					chromedp.EvalAwaitPromise))
				if len(found) > 0 {
					t.Errorf("axe-core finds\n%s", strings.Join(found, "\n"))
				}
			})
		}
	}
}
