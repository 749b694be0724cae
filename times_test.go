package quickbi

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTimeText(t *testing.T) {
	t.Parallel()
	for text, want := range map[TimeText]string{
		"2021-03-15 17:13:55":       "2021-03-15T09:13:55Z",
		"2023-05-18 14:00:02.0":     "2023-05-18T06:00:02Z",
		"2023-05-18 14:00:02.25":    "2023-05-18T06:00:02.25Z",
		"20250911 00:00:00":         "2025-09-10T16:00:00Z",
		"2025/04/15 08:30:00":       "2025-04-15T00:30:00Z",
		"2025-04-15":                "2025-04-14T16:00:00Z",
		"20250415":                  "2025-04-14T16:00:00Z",
		"2025-04-15T08:30:00+01:00": "2025-04-15T07:30:00Z",
		"1496651577000":             "2017-06-05T08:32:57Z",
		"1687315758":                "2023-06-21T02:49:18Z",
		"":                          "0001-01-01T00:00:00Z",
		"yesterday":                 "",
		"2021-13-15 17:13:55":       "",
	} {
		got, err := text.In(ChinaTime)
		if (err != nil) != (want == "") || err == nil && got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
	if got, err := TimeText("2021-03-15 17:13:55").In(nil); err != nil || got.Location() != time.UTC {
		t.Errorf("%v, %v", got, err)
	}
	moment := time.Date(2026, 10, 1, 23, 59, 58, 999, ChinaTime)
	if text := TimeTextOf(moment); text.String() != "2026-10-01 23:59:58" || TimeTextOf(time.Time{}) != "" {
		t.Error(text)
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	if d := DayOf(time.Date(2026, 10, 1, 23, 0, 0, 0, ChinaTime)); d.String() != "2026-10-01" || DayOf(time.Time{}) != "" {
		t.Error(d)
	}
	for _, d := range []Day{"2026-10-01", "20261001"} {
		if start, err := d.In(ChinaTime); err != nil || !start.Equal(time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %v, %v", d, start, err)
		}
	}
	wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":"id"}`))
	c := newTestClient(t, wire)
	in := &AddWorksAuthorizationRequest{
		ResourceID: "r", ResourceType: WorksTypeDashboard, AuthorizeScope: new(ShareTargetUser), AuthorizedID: "u", AuthPoints: AuthPointsView,
	}
	for _, bad := range []Day{"tomorrow", "2026-02-30", "2026-10-01 00:00:00", "1.10.2026"} {
		in.ExpireDay = bad
		if _, err := c.AddWorksAuthorization(t.Context(), in); !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), `parameter ExpireDay is "`+string(bad)+`"`) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	in.ExpireDay = "20991231"
	if _, err := c.AddWorksAuthorization(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if sent := wire.requests(); len(sent) != 1 || sent[0].query.Get("ExpireDay") != "2099-12-31" {
		t.Errorf("%d requests", len(sent))
	}
}

// TestDatesForMilliseconds reads dates where milliseconds are documented, and
// seconds, without losing the rest of the answer.
func TestDatesForMilliseconds(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":{"WorksId":"w","GmtCreate":"2021-03-15 17:13:55","GmtModify":"1496651577000","PublicInvalidTime":1687315758}}`))
	resp, err := newTestClient(t, wire).QueryWorks(t.Context(), &QueryWorksRequest{WorksID: "w"})
	if err != nil {
		t.Fatal(err)
	}
	w := resp.Result
	if w.WorksID != "w" || w.CreatedTime.String() != "2021-03-15T09:13:55Z" || w.ModifiedTime.String() != "2017-06-05T08:32:57Z" || w.PublicUntil.String() != "2023-06-21T02:49:18Z" {
		t.Errorf("%+v", w)
	}
}
