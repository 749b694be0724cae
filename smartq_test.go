package quickbi

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
)

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
