package quickbi

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSmartqFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		result interface{ Failures() error }
		want   []FailedEntry
	}{
		"no dashboards": {result: FailedDashboards{}},
		"dashboards":    {result: FailedDashboards{"d-1", "d-2"}, want: []FailedEntry{{ID: "d-1"}, {ID: "d-2"}}},
		"no rights":     {result: SmartqFailures(nil)},
		"rights": {
			result: SmartqFailures{
				{UserID: "u-1", LLMCubeID: "llm-1", Message: "no such user"},
				{UserID: "u-2", ThemeID: "theme-1"},
				{UserID: "u-3", LLMCubeID: "llm-1", ThemeID: "theme-1"},
				{LLMCubeID: "llm-2"},
				{Message: "no"},
			},
			want: []FailedEntry{{ID: "u-1/llm-1", Message: "no such user"}, {ID: "u-2/theme-1"}, {ID: "u-3/llm-1/theme-1"}, {ID: "llm-2"}, {Message: "no"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.result.Failures()
			var partial *PartialError
			switch {
			case test.want == nil && err != nil:
				t.Errorf("%v, want nil", err)
			case test.want != nil && !errors.As(err, &partial):
				t.Errorf("%v, want a *PartialError", err)
			case test.want != nil:
				if diff := cmp.Diff(test.want, partial.Failed); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestSmartqAuthorizeCheck(t *testing.T) {
	t.Parallel()
	ids := func(n int) []string { return slices.Repeat([]string{"id"}, n) }
	for name, test := range map[string]struct {
		in      SmartqAuthorizeRequest
		problem string
	}{
		"a hundred":        {in: SmartqAuthorizeRequest{UserIDs: ids(20), DatasetIDs: ids(1), LLMCubeIDs: ids(2), ThemeIDs: ids(2)}},
		"too many":         {in: SmartqAuthorizeRequest{UserIDs: ids(17), LLMCubeIDs: ids(3), ThemeIDs: ids(3)}, problem: "is 102, more than 100"},
		"nothing to ask":   {in: SmartqAuthorizeRequest{UserIDs: ids(1)}, problem: "LlmCubes is required unless"},
		"only a dataset":   {in: SmartqAuthorizeRequest{UserIDs: ids(1), DatasetIDs: ids(1)}},
		"only one theme":   {in: SmartqAuthorizeRequest{UserIDs: ids(1), ThemeIDs: ids(1)}},
		"a comma in an id": {in: SmartqAuthorizeRequest{UserIDs: []string{"a,b"}, DatasetIDs: ids(1)}, problem: "UserIds has a comma"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.in.OperationType = new(SmartqRevoke)
			wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R-1","Success":true,"Result":[]}`))
			_, err := newTestClient(t, wire).SmartqAuthorize(t.Context(), &test.in)
			if test.problem == "" && err != nil || test.problem != "" && (!errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("%v, want %q", err, test.problem)
			}
		})
	}
}
