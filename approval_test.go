package quickbi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

func TestQueryApprovalInfoAll(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
		page := req.URL.Query().Get("Page")
		return newAnswer(req, http.StatusOK, fmt.Sprintf(
			`{"RequestId":"R","Success":true,"Result":{"Data":[{"ApplicationId":"a-%s"}],"Page":%[1]s,"PageSize":1,"Total":3,"TotalPages":3}}`, page)), nil
	})
	c := newTestClient(t, wire)
	var ids []string
	in := &QueryApprovalInfoRequest{UserID: "u-1", Status: new(ApplicationsPending), PageSize: 1}
	for application, err := range c.QueryApprovalInfoAll(t.Context(), in) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, application.ApplicationID)
	}
	if want := []string{"a-1", "a-2", "a-3"}; !slices.Equal(ids, want) {
		t.Errorf("applications %v, want %v", ids, want)
	}
	for _, s := range wire.requests() {
		if got := s.query.Get("Status"); got != "0" {
			t.Errorf("Status sent as %q, want 0", got)
		}
	}
	if _, err := c.QueryApprovalInfo(t.Context(), &QueryApprovalInfoRequest{UserID: "u-1"}); !errors.Is(err, ErrInvalidRequest) {
		t.Errorf("%v without a Status, want ErrInvalidRequest", err)
	}
}
