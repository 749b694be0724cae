package quickbi

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

func TestHint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		action, code string
		status       int
		english      []string // parts of the hint
		chinese      []string
	}{
		"edition or rights":     {"DeleteUser", "Access.Forbidden", 400, []string{"administrator", "Professional"}, []string{"管理员", "专业版"}},
		"case does not matter":  {"DeleteUser", "access.forbidden", 500, []string{"Professional"}, []string{"专业版"}},
		"key of the wrong page": {"DeleteUser", "InvalidAccessKeyId.NotFound", 404, []string{"organization page"}, []string{"组织管理页面"}},
		"two unknown users":     {"CreateTicket", "ApiUser.Not.Exists", 400, []string{"UserId", "user of the access key"}, []string{"AccessKey 所属用户"}},
		"cloud UID":             {"DeleteUser", "User.Not.In.Organization", 400, []string{"QueryUserInfoByAccount", "UID"}, []string{"UID"}},
		"of one operation":      {"QueryUserInfoByAccount", "User.Not.In.Organization", 400, []string{"ParentAccountName"}, []string{"ParentAccountName"}},
		"audit log":             {"QueryAuditLog", "ServiceUnavailable", 503, []string{"QueryAuditLogAll"}, []string{"QueryAuditLogAll"}},
		"of a class":            {"DeleteUser", "Throttling.BrandNew", 400, []string{"WithRateLimit"}, []string{"WithRateLimit"}},
		"unlisted code":         {"DeleteUser", "InvalidSecurityToken.BrandNew", 400, []string{"default chain"}, []string{"默认凭据链"}},
		"a page of a proxy":     {"QueryWorks", "", 502, []string{"unavailable at present"}, []string{"暂时不可用"}},
		"a write too":           {"DeleteUser", "Internal.System.Error", 500, []string{"parameter", "executed nevertheless"}, []string{"参数", "可能已经执行"}},
		"a read is not":         {"QueryWorks", "Internal.System.Error", 500, []string{"parameter"}, []string{"参数"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := `{"Code":"` + test.code + `","Message":"secret"}`
			if test.code == "" {
				body = "<html>secret"
			}
			hint := func(opts ...Option) string {
				opts = append(opts, WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
				c := newTestClient(t, newRecorder(t, answering(test.status, body)), opts...)
				var doOpts []DoOption
				if strings.HasPrefix(test.action, "Query") {
					doOpts = append(doOpts, AsRead())
				}
				var apiErr *Error
				if err := c.Do(t.Context(), test.action, nil, nil, doOpts...); !errors.As(err, &apiErr) {
					t.Fatalf("%v is no *Error", err)
				}
				return apiErr.Hint()
			}
			english, chinese := hint(), hint(WithHintLanguage(HintChinese))
			if hint(WithHintLanguage(HintEnglish)) != english {
				t.Error("English is not the default")
			}
			for _, part := range test.english {
				if !strings.Contains(english, part) {
					t.Errorf("%q is not in %q", part, english)
				}
			}
			for _, part := range test.chinese {
				if !strings.Contains(chinese, part) {
					t.Errorf("%q is not in %q", part, chinese)
				}
			}
			if strings.Contains(english+chinese, "secret") {
				t.Error("the hint shows the answer")
			}
			if unclear := strings.Contains(english, "executed nevertheless"); unclear != strings.Contains(name, "write") {
				t.Errorf("may have been executed: %v", unclear)
			}
		})
	}
}

func TestHintOfNothing(t *testing.T) {
	t.Parallel()
	for _, e := range []*Error{{}, {Code: "User.NotIn.Workspace"}, {cause: context.Canceled}, invalidRequest("X", errors.New("the action is empty"))} {
		if got := e.Hint(); got != "" {
			t.Errorf("%v: %q", e, got)
		}
	}
	lost := &Error{cause: context.Canceled, write: true, effect: unclear}
	if got := lost.Hint(); !strings.HasPrefix(got, "The write may") {
		t.Errorf("a write that was cut short: %q", got)
	}
	lost.hintLanguage = HintChinese
	if got := lost.Hint(); !strings.HasPrefix(got, "该写操作") {
		t.Errorf("a write that was cut short, in Chinese: %q", got)
	}
}

// TestHintOfWait ends a call while it waits: the hint is the one of the refusal.
func TestHintOfWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wire := newRecorder(t, refusing(9, 400, "Throttling", http.Header{"Retry-After": {"5"}}))
		err := deleteUser(ctx, newTestClient(t, wire, WithHintLanguage(HintChinese)))
		var apiErr *Error
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &apiErr) || !strings.Contains(apiErr.Hint(), "WithRateLimit") || !strings.HasPrefix(apiErr.Hint(), "请求过于频繁") {
			t.Errorf("%v: %q", err, apiErr.Hint())
		}
	})
}

func TestWithHintLanguage(t *testing.T) {
	t.Parallel()
	if _, err := NewClient(WithHintLanguage("de")); err == nil || !strings.Contains(err.Error(), `"de"`) {
		t.Errorf("an unknown language: %v", err)
	}
}

// TestHintTable checks that every line can be reached and says something true in
// both languages: what looks like a name of this package or of the service has
// to be one, and both texts name the same.
func TestHintTable(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	known := map[string]bool{"Excerpt": true, "RetryAfter": true}
	for name := range s.methods {
		known[name] = true
	}
	for _, typ := range s.doc.Types {
		for _, f := range typ.Funcs { // options are functions that make an Option
			known[f.Name] = true
		}
	}
	for action, op := range catalog.Load().Operations {
		known[action] = true
		for _, p := range op.Params {
			known[p.Name] = true
		}
	}
	names := regexp.MustCompile(`\b(?:[A-Z][a-z]+){2,}\b|\bExcerpt\b`)
	notNames := []string{"OpenAPI", "AccessKey", "DingTalk", "WeCom"}
	namesIn := func(text string) []string {
		found := slices.DeleteFunc(names.FindAllString(text, -1), func(name string) bool { return slices.Contains(notNames, name) })
		slices.Sort(found)
		return slices.Compact(found)
	}

	for i, h := range hints {
		of := h.of.Error()
		e := &Error{Action: h.action}
		switch target := h.of.(type) {
		case ErrorCode:
			if _, ok := codeIndex()[strings.ToLower(of)]; !ok {
				t.Errorf("%s is not a listed code", of)
			}
			e.Code = target
		case ErrorClass:
			e.class = target
		default:
			e.cause = target
		}
		if h.action != "" && catalog.Load().Operations[h.action] == nil {
			t.Errorf("%s: there is no %s", of, h.action)
		}
		if first := slices.IndexFunc(hints[:], func(other hint) bool {
			return (other.action == "" || other.action == h.action) && errors.Is(e, other.of)
		}); first != i {
			t.Errorf("%s: hidden by an earlier line, of %s", of, hints[first].of.Error())
		}
		if got := e.Hint(); got != h.english {
			t.Errorf("%s: %q", of, got)
		}
		e.hintLanguage = HintChinese
		if got := e.Hint(); got != h.chinese {
			t.Errorf("%s, Chinese: %q", of, got)
		}
		han := func(text string) bool {
			return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		}
		if han(h.english) || !han(h.chinese) || !strings.HasSuffix(h.english, ".") || !strings.HasSuffix(h.chinese, "。") {
			t.Errorf("%s: each text is in its own language and ends like a sentence: %q, %q", of, h.english, h.chinese)
		}
		for _, name := range append(namesIn(h.english), namesIn(h.chinese)...) {
			if !known[name] {
				t.Errorf("%s: there is no %s", of, name)
			}
		}
		if !slices.Equal(operationsAndOptions(namesIn(h.english)), operationsAndOptions(namesIn(h.chinese))) {
			t.Errorf("%s: the texts name different things: %v and %v", of, namesIn(h.english), namesIn(h.chinese))
		}
	}
}

// operationsAndOptions leaves the names that a reader would look up.
func operationsAndOptions(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasPrefix(name, "With") && catalog.Load().Operations[name] == nil
	})
}
