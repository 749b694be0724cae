package quickbitest

import (
	"fmt"
	"strconv"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var tab table[int]
	for i := range 100 {
		tab.put(strconv.Itoa(i), i)
		tab.put(strconv.Itoa(i), -1)
	}
	for i := range 100 {
		if i%10 != 0 {
			tab.remove(strconv.Itoa(i))
			tab.remove(strconv.Itoa(i))
		}
	}
	tab.put("5", 5)
	var got []int
	for v := range tab.all() {
		got = append(got, v)
	}
	if fmt.Sprint(got) != "[0 10 20 30 40 50 60 70 80 90 5]" || tab.len() != 11 || len(tab.order) > 40 {
		t.Errorf("%v, len %d, %d places", got, tab.len(), len(tab.order))
	}
	if v, ok := tab.get("90"); v != 90 || !ok {
		t.Errorf("get(90) = %d, %v", v, ok)
	}
	if _, ok := tab.get("91"); ok {
		t.Error("get finds what was removed")
	}
}
