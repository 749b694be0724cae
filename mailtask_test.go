package quickbi

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestManualRunMailTaskTooFrequent(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(http.StatusBadRequest,
		`{"RequestId":"R-1","Code":"MailApi.Beyond.ScheduleLimit","Message":"Mail Subscription Openapi Requests Are Frequent. Please Try Again In 5 Minutes."}`))
	_, err := newTestClient(t, wire).ManualRunMailTask(t.Context(), &ManualRunMailTaskRequest{MailID: "m-1"})
	var apiErr *Error
	if !errors.Is(err, ErrMailTaskTooFrequent) || !errors.Is(err, ErrThrottled) || errors.Is(err, ErrOutcomeUnknown) ||
		!errors.As(err, &apiErr) || apiErr.RetryAfter != 5*time.Minute {
		t.Errorf("%+v, want ErrMailTaskTooFrequent with a wait of five minutes", err)
	}
	if n := len(wire.requests()); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// TestSectionIterators walks through a page type of its own, and through one that does not count its pages.
func TestSectionIterators(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
		return newAnswer(req, http.StatusOK, fmt.Sprintf(
			`{"RequestId":"R-1","Success":true,"Result":{"Data":[{"MailId":"m-%[1]d","ApiId":"m-%[1]d"}],"PageNum":%[1]d,"PageSize":1,"TotalNum":2,"Next":null}}`, n)), nil
	})
	c := newTestClient(t, wire)
	var ids []string
	for task, err := range c.GetMailTaskListAll(t.Context(), &GetMailTaskListRequest{PageSize: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, task.MailID)
	}
	for source, err := range c.ListApiDatasourceAll(t.Context(), &ListApiDatasourceRequest{WorkspaceID: "ws-1", PageSize: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, source.APIID)
	}
	if got := fmt.Sprint(ids); got != "[m-1 m-2 m-3 m-4]" {
		t.Errorf("got %s", got)
	}
	if size := wire.requests()[3].query.Get("PageSize"); size != "1" {
		t.Errorf("asked for pages of %s", size)
	}
}
