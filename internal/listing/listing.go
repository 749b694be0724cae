// Package listing reads lists that come in numbered pages so that nothing is
// missing: pages shift when entries come and go meanwhile.
package listing

import (
	"context"
	"fmt"

	"github.com/quickbi-go/quickbi"
)

// maxReads is how often a list is read that changes while its pages are fetched.
const maxReads = 3

// Whole returns all entries of a list. fetch returns a page, counted from 1. If
// the pages do not have as many entries with different ids as the service says, or
// if it says different numbers, entries have slipped from page to page, and the
// list is read again. If it never holds still, that is an error. It is not noticed
// if one entry goes and another comes between two pages: their number stays.
func Whole[T any](ctx context.Context, fetch func(ctx context.Context, page int) (quickbi.Page[T], error), id func(T) string) ([]T, error) {
	var entries []T
	var total int
	for range maxReads {
		var shifted bool
		entries, total, shifted = nil, -1, false
		seen := make(map[string]bool)
		for n := 1; ; n++ {
			page, err := fetch(ctx, n)
			if err != nil {
				return nil, err
			}
			shifted = shifted || total >= 0 && page.TotalNum != total
			total = page.TotalNum
			for _, entry := range page.Data {
				if id := id(entry); id != "" && !seen[id] {
					seen[id] = true
					entries = append(entries, entry)
				}
			}
			if len(page.Data) == 0 || n >= page.TotalPages {
				break
			}
		}
		if !shifted && (len(entries) == total || total == 0) { // 0: the service does not say
			return entries, nil
		}
	}
	return nil, fmt.Errorf("the list changes while it is read: %d entries came, and the service says that there are %d, the %d. time it was read", len(entries), total, maxReads)
}
