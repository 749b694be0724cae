package quickbi

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestCubePlaceholders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in      DatasetPlaceholders
		want    string // on the wire
		problem string
	}{
		"none":  {},
		"empty": {in: DatasetPlaceholders{}, want: "[]"},
		"least": {
			in:   DatasetPlaceholders{{Name: "区域", Style: DatasetPlaceholderCondition}},
			want: `[{"name":"区域","style":"condition"}]`,
		},
		"all": {
			in: DatasetPlaceholders{{
				Name: "a b", Style: DatasetPlaceholderValue, Type: DatasetPlaceholderNumber, UniqueID: "p",
				UseInGlobal: true, DefaultValue: []any{1, "<2>"}, Format: "yyyy",
			}},
			want: `[{"name":"a b","style":"placeholder","type":"number","uniqueId":"p","useInGlobal":true,"defaultValue":[1,"<2>"],"format":"yyyy"}]`,
		},
		"no name":      {in: DatasetPlaceholders{{Style: DatasetPlaceholderValue}}, problem: "Placeholders has no name at index 0"},
		"no style":     {in: DatasetPlaceholders{{Name: "a", Style: DatasetPlaceholderValue}, {Name: "b"}}, problem: "Placeholders has no style at index 1"},
		"one name":     {in: DatasetPlaceholders{{Name: "a", Style: DatasetPlaceholderValue}, {Name: "a", Style: DatasetPlaceholderExpression}}, problem: `Placeholders has the name "a" again at index 1`},
		"no JSON type": {in: DatasetPlaceholders{{Name: "a", Style: DatasetPlaceholderValue, DefaultValue: []any{func() {}}}}, problem: "Placeholders is not a JSON document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			create, createErr := encode("CreateCubeBySql", &CreateCubeBySqlRequest{"ws", "ds", "c", "select 1", "u", test.in}, false)
			update, updateErr := encode("UpdateCubeBySql", &UpdateCubeBySqlRequest{"c", "ws", "ds", "select 1", "u", test.in}, false)
			for _, err := range []error{createErr, updateErr} {
				switch {
				case test.problem == "" && err != nil:
					t.Error(err)
				case test.problem != "" && (!errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), test.problem)):
					t.Errorf("%v, want %s", err, test.problem)
				}
			}
			if got := create.form.Get("Placeholders"); got != test.want || create.query.Has("Placeholders") {
				t.Errorf("body of the creation: %s, want %s", got, test.want)
			}
			if got := update.query.Get("Placeholders"); got != test.want || update.form.Has("Placeholders") {
				t.Errorf("query of the update: %s, want %s", got, test.want)
			}
		})
	}
}

func TestDatasetDetail(t *testing.T) {
	t.Parallel()
	const document = `{"datasetId":"d","joins":[{"left":"a"}],"cube":{"dimensions":[{"uid":"f","extra":1}],"table":{"customsql":"true"}}}`
	quoted, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	for name, result := range map[string]string{"in a string": string(quoted), "plain": document} {
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":`+result+`}`))
		resp, err := newTestClient(t, wire).QueryDatasetDetailInfo(t.Context(), &QueryDatasetDetailInfoRequest{DatasetID: "d"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d, err := resp.Result.Value()
		if err != nil || d.DatasetID != "d" || len(d.Model.Dimensions) != 1 || d.Model.Dimensions[0].UID != "f" || !d.Model.Table.IsCustomSQL {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
		if resp.Result.Text() != document {
			t.Errorf("%s: the document is %s", name, resp.Result)
		}
		if text, err := json.Marshal(d); err != nil || strings.Contains(string(text), "joins") || !strings.HasPrefix(string(text), `{"datasetId":"d"`) {
			t.Errorf("%s: marshalled again: %s, %v", name, text, err)
		}
	}
	for _, result := range []string{`""`, `null`} {
		var d DatasetDetail
		if err := d.UnmarshalJSON([]byte(result)); err != nil || d.DatasetID != "" {
			t.Errorf("%s: %+v, %v", result, d, err)
		}
	}
	for _, result := range []string{`"see the left"`, `"[]"`, `"{"`, `5`} {
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":`+result+`}`))
		resp, err := newTestClient(t, wire).QueryDatasetDetailInfo(t.Context(), &QueryDatasetDetailInfoRequest{DatasetID: "d"})
		if err != nil || resp.Result.Text() != strings.Trim(result, `"`) {
			t.Errorf("%s: the answer counts although its document is broken: %v", result, err)
			continue
		}
		if _, err := resp.Result.Value(); !errors.Is(err, ErrInvalidResponse) {
			t.Errorf("%s: %v, want ErrInvalidResponse", result, err)
		}
	}
}

func TestAccelerationPages(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
		return newAnswer(req, http.StatusOK, []string{
			`{"RequestId":"R","Success":true,"Result":{"Data":[{"Log":"a"}],"Next":2,"Pre":null,"PageNum":1,"PageSize":1,"TotalNum":2,"TotalPages":2}}`,
			`{"RequestId":"R","Success":true,"Result":{"Data":[{"Log":"b"}],"Next":null,"Pre":1,"PageNum":2,"PageSize":1,"TotalNum":2,"TotalPages":2}}`,
		}[n-1]), nil
	})
	var got []string
	in := &QueryAccelerationLogByCubeIdRequest{DatasetID: "c", StartDate: "2025-04-15 00:00:00", EndDate: "2025-05-15 00:00:00", PageSize: 1}
	for entry, err := range newTestClient(t, wire).QueryAccelerationLogByCubeIdAll(t.Context(), in) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, entry.Log)
	}
	if want := []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
