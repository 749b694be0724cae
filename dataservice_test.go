package quickbi

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDataDates(t *testing.T) {
	t.Parallel()
	moment := time.Date(2019, 1, 2, 14, 12, 34, 0, time.UTC)
	for want, got := range map[string]string{
		"2019":     moment.Format(DataYear),
		"2019Q1":   DataQuarter(moment),
		"201901":   moment.Format(DataMonth),
		"20190102": moment.Format(DataDay),
		"14:00:00": moment.Format(DataHour),
		"14:12:00": moment.Format(DataMinute),
		"14:12:34": moment.Format(DataSecond),
		"2020Q3":   DataQuarter(time.Date(2020, 9, 30, 23, 59, 59, 0, time.UTC)),
		"2020Q4":   DataQuarter(time.Date(2020, 10, 1, 0, 0, 0, 0, time.UTC)),
		"2020Q2":   DataQuarter(time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDataConditions(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct {
		conditions DataConditions
		want       string
		problem    string
	}{
		"all kinds": {
			conditions: DataConditions{"日期": "2019Q1", "area": []string{"华东", `"A&B"`}, "id": json.Number("9007199254740993"), "vip": true, "n": 1.5},
			want:       `{"area":["华东","\"A&B\""],"id":9007199254740993,"n":1.5,"vip":true,"日期":"2019Q1"}`,
		},
		"time":             {conditions: DataConditions{"day": now}, problem: "a time.Time at day"},
		"pointer to time":  {conditions: DataConditions{"day": &now}, problem: "a time.Time at day"},
		"several times":    {conditions: DataConditions{"day": []time.Time{now}}, problem: "a time.Time at day"},
		"not JSON":         {conditions: DataConditions{"f": func() {}}, problem: "is not a JSON document"},
		"not UTF-8":        {conditions: DataConditions{"f": "\xff"}, problem: "is not a JSON document"},
		"none":             {conditions: DataConditions{}, want: `{}`},
		"a number that is": {conditions: DataConditions{"n": json.Number("none")}, problem: "is not a JSON document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := url.Values{}
			err := test.conditions.EncodeValues("Conditions", &v)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("%v, want %q", err, test.problem)
				}
				return
			}
			if err != nil || v.Get("Conditions") != test.want {
				t.Errorf("%s, %v; want %s", v.Get("Conditions"), err, test.want)
			}
		})
	}
}

func TestDataRows(t *testing.T) {
	t.Parallel()
	want := DataRows{
		{"area": "华东", "id": json.Number("9007199254740993"), "profit": json.Number("1.50"), "none": nil},
		{"area": "华北", "nested": []any{json.Number("1e400"), map[string]any{"n": json.Number("2")}}},
	}
	const rows = `{"area":"华东","id":9007199254740993,"profit":1.50,"none":null},{"area":"华北","nested":[1e400,{"n":2}]}`
	for _, text := range []string{`[` + rows + `]`, `[[` + rows + `]]`} {
		var got DataRows
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	text, err := json.Marshal(want[:1])
	if err != nil || string(text) != `[{"area":"华东","id":9007199254740993,"none":null,"profit":1.50}]` {
		t.Errorf("marshalled as %s, %v", text, err)
	}
	var got DataRows
	if err := json.Unmarshal([]byte(`null`), &got); err != nil || got != nil {
		t.Errorf("null is %v, %v", got, err)
	}
	for _, bad := range []string{`{}`, `["x"]`, `[[1]]`, `7`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is taken for rows", bad)
		}
	}
}

// TestDataServiceWords reads what a data service says of its filters and orders.
func TestDataServiceWords(t *testing.T) {
	t.Parallel()
	var filter DataServiceFilter
	var field DataServiceReturnField
	if err := json.Unmarshal([]byte(`{"Type":"combined","LogicalOperator":"or"}`), &filter); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"Orderby":"desc","Aggregator":"COUNTD"}`), &field); err != nil {
		t.Fatal(err)
	}
	if filter.Type != DataFilterCombined || filter.LogicalOperator != DataOr || field.OrderBy != DataDescending || field.Aggregator != DataCountDistinct {
		t.Errorf("%+v, %+v", filter, field)
	}
}
