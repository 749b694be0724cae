// Package listing reads lists that come in numbered pages so that nothing is
// missing: pages shift when entries come and go meanwhile.
package listing

import (
	"context"
	"fmt"
	"iter"

	"github.com/quickbi-go/quickbi"
)

// A Fetch returns a page of a list, counted from 1.
type Fetch[T any] func(ctx context.Context, page int) (quickbi.Page[T], error)

// PerPage is what the service lists at once, in most of its lists.
const PerPage = 1000

// Page returns the page of an answer.
func Page[T any](resp *quickbi.Response[quickbi.Page[T]], err error) (quickbi.Page[T], error) {
	if err != nil {
		return quickbi.Page[T]{}, err
	}
	return resp.Result, nil
}

// A Shift is how many entries came of a list that changed while it was read, and how
// many there are, as the service says. The zero value means that it held still.
type Shift struct{ Came, Total int }

func (s Shift) String() string {
	return fmt.Sprintf("the list changes while it is read: %d entries came, and the service says that there are %d now", s.Came, s.Total)
}

// Read returns the entries of a list, each once, and then sets shift. If the pages do
// not have as many entries with different ids as the service says, or if it says
// different numbers, entries have slipped from page to page. It is not noticed if one
// entry goes and another comes between two pages: their number stays.
func Read[T any](ctx context.Context, fetch Fetch[T], id func(T) string, shift *Shift) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		total, shifted := -1, false
		seen := make(map[string]bool)
		for n := 1; ; n++ {
			page, err := fetch(ctx, n)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			shifted = shifted || total >= 0 && page.TotalNum != total
			total = page.TotalNum
			for _, entry := range page.Data {
				if id := id(entry); id != "" && !seen[id] {
					seen[id] = true
					if !yield(entry, nil) {
						return
					}
				}
			}
			if len(page.Data) == 0 || n >= page.TotalPages {
				break
			}
		}
		*shift = Shift{}
		if shifted || len(seen) != total && total != 0 { // 0: the service does not say
			*shift = Shift{len(seen), total}
		}
	}
}

// maxReads is how often Whole reads a list that changes.
const maxReads = 3

// Whole returns all entries of a list. A list that has shifted is read again. If it
// never holds still, that is an error.
func Whole[T any](ctx context.Context, fetch Fetch[T], id func(T) string) ([]T, error) {
	var shift Shift
	for range maxReads {
		var entries []T
		for entry, err := range Read(ctx, fetch, id, &shift) {
			if err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		}
		if shift == (Shift{}) {
			return entries, nil
		}
	}
	return nil, fmt.Errorf("%v, the %d. time it was read", shift, maxReads)
}

// Workspaces returns the workspaces of the organization, or those of one member if
// userID is not "".
func Workspaces(ctx context.Context, client *quickbi.Client, userID string) ([]quickbi.Workspace, error) {
	return Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.Workspace], error) {
		return Page(client.QueryOrganizationWorkspaceList(ctx, &quickbi.QueryOrganizationWorkspaceListRequest{UserID: userID, PageNum: page, PageSize: PerPage}))
	}, func(w quickbi.Workspace) string { return w.WorkspaceID })
}

// WorksIn returns the works in a workspace.
func WorksIn(ctx context.Context, client *quickbi.Client, workspaceID string) ([]quickbi.WorksInfo, error) {
	return Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.WorksInfo], error) {
		return Page(client.QueryWorksByWorkspace(ctx, &quickbi.QueryWorksByWorkspaceRequest{WorkspaceID: workspaceID, PageNum: page, PageSize: PerPage}))
	}, func(w quickbi.WorksInfo) string { return w.WorksID })
}

// DatasetsIn returns the datasets in a workspace.
func DatasetsIn(ctx context.Context, client *quickbi.Client, workspaceID string) ([]quickbi.Dataset, error) {
	return Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.Dataset], error) {
		return Page(client.QueryDatasetList(ctx, &quickbi.QueryDatasetListRequest{WorkspaceID: workspaceID, PageNum: page, PageSize: PerPage}))
	}, func(d quickbi.Dataset) string { return d.DatasetID })
}
