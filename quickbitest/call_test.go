package quickbitest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/quickbi-go/quickbi/internal/catalog"
)

// A handler that misspells a parameter must not get by with its zero value.
func TestParameterOfAnotherOperation(t *testing.T) {
	t.Parallel()
	c := &call{action: "DeleteUser", op: catalog.Load().Operations["DeleteUser"]}
	defer func() {
		if recover() == nil {
			t.Error("DeleteUser has a parameter UserID")
		}
	}()
	c.string("UserID")
}

func TestCut(t *testing.T) {
	t.Parallel()
	all := slices.Values([]int{1, 2, 3, 4, 5})
	double := func(n int) int { return 2 * n }
	for _, tt := range []struct {
		num, size int
		want      page[int]
	}{
		{1, 2, page[int]{1, 2, 5, 3, []int{2, 4}}},
		{3, 2, page[int]{3, 2, 5, 3, []int{10}}},
		{4, 2, page[int]{4, 2, 5, 3, []int{}}},
		{1, 5, page[int]{1, 5, 5, 1, []int{2, 4, 6, 8, 10}}},
		{0, 0, page[int]{1, 10, 5, 1, []int{2, 4, 6, 8, 10}}},
	} {
		if diff := cmp.Diff(tt.want, cut(all, tt.num, tt.size, double)); diff != "" {
			t.Errorf("page %d of %d rows (-want +got):\n%s", tt.num, tt.size, diff)
		}
	}
}
