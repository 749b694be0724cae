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

// text has a part of a page in both languages.
type text map[string]string

func same(s string) text { return text{"en-US": s, "zh-CN": s} }

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
	backgrounds := map[string]string{"light": "rgb(246, 247, 249)", "dark": "rgb(23, 24, 28)"}
	pages := map[string]map[string]text{ // by what a selector finds
		"/signin": {
			"main h1":                   {"en-US": "Sign in", "zh-CN": "登录"},
			"main label[for=user]":      {"en-US": "Member", "zh-CN": "成员"},
			"main select#user ~ button": {"en-US": "Sign in", "zh-CN": "登录"},
		},
		"/": {
			"header h1":                             {"en-US": "Reports", "zh-CN": "报表"},
			`main a[href="/works/revenue"] + small`: {"en-US": "Dashboard · Sales", "zh-CN": "仪表板 · Sales"},
			`main a[href="/works/prices"] + small`:  {"en-US": "Spreadsheet · Sales", "zh-CN": "电子表格 · Sales"},
			"header #viewer":                        same("Ann"),
		},
		"/works/revenue": {
			"header h1":    same("Revenue by region"),
			"header nav a": {"en-US": "All reports", "zh-CN": "全部报表"},
			`main:has(iframe[title="Revenue by region"]) p`: {
				"en-US": "The ticket of this page can be used: 1;", "zh-CN": "本页票据可使用次数: 1;",
			},
		},
		"/works/nothing": {
			"main h1": {"en-US": "There is no such report for you", "zh-CN": "没有可供您查看的此报表"},
			"main p": {
				"en-US": "Choose one from the list. If one is missing there, ask its owner to share it with you.",
				"zh-CN": "请从列表中选择。如缺少某个报表，请联系其所有者授权。",
			},
			"main p + p a": {"en-US": "All reports", "zh-CN": "全部报表"},
		},
	}
	for _, width := range []int64{320, 1000} {
		for scheme, background := range backgrounds {
			for _, language := range []string{"en-US", "zh-CN"} {
				do(t, ctx, chromedp.EmulateViewport(width, 740), prefers(scheme, language))
				for path, parts := range pages {
					t.Run(fmt.Sprintf("%d %s %s %s", width, scheme, language, path), func(t *testing.T) {
						do(t, ctx, chromedp.Navigate(base+path), chromedp.WaitVisible(chromedp.CSS("main")))
						for selector, want := range parts {
							if got := read(t, ctx, chromedp.Text(chromedp.CSS(selector))); !strings.HasPrefix(strings.TrimSpace(got), want[language]) {
								t.Errorf("%s is %q, want %q", selector, got, want[language])
							}
						}
						if got := read(t, ctx, chromedp.Evaluate[string](`document.documentElement.lang`)); got != language[:2] {
							t.Errorf("the language is %s", got)
						}
						if got := read(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`)); got != background {
							t.Errorf("the background is %s, want %s", got, background)
						}
						if got := read(t, ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); got > width {
							t.Errorf("the page is %d wide, on a screen of %d", got, width)
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
	}
}
