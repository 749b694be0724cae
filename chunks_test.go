package quickbi

import (
	"errors"
	"slices"
	"testing"
)

func TestInChunks(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	for name, test := range map[string]struct {
		n, size, failAt, done int
		sizes                 []int
	}{
		"2500 by 1000": {n: 2500, size: 1000, done: 2500, sizes: []int{1000, 1000, 500}},
		"even":         {n: 4, size: 2, done: 4, sizes: []int{2, 2}},
		"none":         {size: 2},
		"no size":      {n: 2, done: 2, sizes: []int{1, 1}},
		"a failure":    {n: 2500, size: 1000, failAt: 2, done: 1000, sizes: []int{1000, 1000}},
	} {
		list := make([]int, test.n)
		var sizes []int
		done, err := InChunks(list, test.size, func(chunk []int) error {
			if sizes = append(sizes, len(chunk)); len(sizes) == test.failAt {
				return full
			}
			return nil
		})
		if done != test.done || !slices.Equal(sizes, test.sizes) || (test.failAt > 0) != errors.Is(err, full) {
			t.Errorf("%s: %d done in %v, %v", name, done, sizes, err)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type sale struct {
		Area   string   `json:"area"`
		ID     int64    `json:"id"`
		Profit *float64 `json:"profit"`
		Count  int      `json:"count"`
	}
	var rows DataRows
	if err := rows.UnmarshalJSON([]byte(`[{"area":"east","id":9007199254740993,"profit":1.5,"count":"7","more":1},{"area":null,"id":"2","profit":null,"count":null}]`)); err != nil {
		t.Fatal(err)
	}
	got, err := Decode[sale](rows)
	if err != nil || len(got) != 2 || got[0].Area != "east" || got[0].ID != 9007199254740993 || *got[0].Profit != 1.5 || got[0].Count != 7 ||
		got[1].Area != "" || got[1].ID != 2 || got[1].Profit != nil || got[1].Count != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := Decode[struct {
		Area int `json:"area"`
	}](rows); err == nil {
		t.Error("a text fits a number")
	}
	if got, err := Decode[sale](nil); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if !DataFieldKind("StandardDimension").IsDimension() || !DataMeasure.IsMeasure() || !DataFieldKind("dimension").IsDimension() || DataDimension.IsMeasure() {
		t.Error("kinds of fields are not told apart")
	}
}
