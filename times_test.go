package quickbi

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
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

// TestDatesForMilliseconds gives every operation whose answer holds moments in
// milliseconds each of the forms in which they come. One in a loose form loses
// nothing of the answer.
func TestDatesForMilliseconds(t *testing.T) {
	t.Parallel()
	const moment = "2021-03-15T09:13:55Z"
	forms := map[string]struct {
		value any // of type absent: there is none
		want  string
	}{
		"number":             {json.Number("1615799635000"), moment},
		"number in a string": {"1615799635000", moment},
		"date text":          {"2021-03-15 17:13:55", moment}, // in UTC+8
		"date with a zone":   {"2021-03-15T10:13:55+01:00", moment},
		"seconds":            {json.Number("1615799635"), moment},
		"null":               {nil, ""},
		"empty text":         {"", ""},
		"absent":             {absentMember{}, ""},
	}
	tested := map[string]bool{}
	for action := range catalog.Load().Operations {
		f := loadFixture(t, action)
		method, _ := reflect.TypeFor[*Client]().MethodByName(action)
		result, _ := method.Type.Out(0).Elem().FieldByName("Result")
		for name, form := range forms {
			var answer map[string]any
			if err := json.Unmarshal(f.Response, &answer); err != nil {
				t.Fatal(err)
			}
			changed := setMoments(answer["Result"], result.Type, form.value)
			if changed == 0 {
				break
			}
			tested[action] = true
			body, err := json.Marshal(answer)
			if err != nil {
				t.Fatal(err)
			}
			wire := newRecorder(t, answering(http.StatusOK, string(body)))
			in := newRequest(t, requestTypeNamed(t, action), f.Request)
			got, _, err := invoke(t.Context(), newTestClient(t, wire), action, in)
			if err != nil {
				t.Errorf("%s, %s: %v", action, name, err)
				continue
			}
			read := 0
			for _, m := range momentsIn(reflect.ValueOf(got)) {
				switch m.String() {
				case form.want:
					read++
				case "": // of a field that this operation does not fill
				default:
					t.Errorf("%s, %s: %q, want %q", action, name, m, form.want)
				}
			}
			if read < changed {
				t.Errorf("%s, %s: %d moments of %d are %q", action, name, read, changed, form.want)
			}
		}
	}
	for _, action := range []string{
		"ListFavoriteReports", "ListRecentViewReports", "ListSharedReports", // HomeReport
		"QueryDatasetInfo",                                            // DatasetInfo
		"QueryReadableResourcesListByUserId", "QuerySharesToUserList", // Works
		"QueryReadableResourcesListByUserIdV2",
		"QueryWorks", "QueryWorksByOrganization", "QueryWorksByWorkspace", // WorksInfo
		"QueryShareList", "QueryUserList", "QueryApprovalInfo", "ListAuthConfigByResource",
	} {
		if !tested[action] {
			t.Errorf("%s was not tested", action)
		}
	}
}

type absentMember struct{}

// setMoments puts value where a recorded result of type t has milliseconds, and
// returns how many there are.
func setMoments(recorded any, t reflect.Type, value any) (changed int) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch recorded := recorded.(type) {
	case []any:
		if t.Kind() == reflect.Slice {
			for _, element := range recorded {
				changed += setMoments(element, t.Elem(), value)
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return 0
		}
		for wire, typ := range jsonFields(t) {
			member, ok := recorded[wire]
			switch {
			case !ok:
			case typ != reflect.TypeFor[UnixMilli]():
				changed += setMoments(member, typ, value)
			case value == absentMember{}:
				delete(recorded, wire)
				changed++
			default:
				recorded[wire] = value
				changed++
			}
		}
	}
	return changed
}

// momentsIn returns all moments in milliseconds of a result.
func momentsIn(v reflect.Value) (moments []UnixMilli) {
	if m, ok := v.Interface().(UnixMilli); ok {
		return []UnixMilli{m}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return momentsIn(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			moments = append(moments, momentsIn(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				moments = append(moments, momentsIn(v.Field(i))...)
			}
		}
	}
	return moments
}
