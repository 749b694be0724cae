package quickbitest

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A View says how often a user has seen a work. No operation is a visit, so that all
// visits come from the seed.
type View struct {
	UserID         string `json:"UserId"`
	WorksID        string `json:"WorksId"`
	ViewCount      int64  `json:"ViewCount,omitempty"`      // 0: once
	LatestViewTime int64  `json:"LatestViewTime,omitempty"` // milliseconds since 1970; 0: now
}

// A view is stored with its member, and disappears with the member.
type view struct {
	work  *work
	count int64
	last  time.Time
}

// seedView replaces what is known of the member's visits to the work.
func (o *organization) seedView(s View, now time.Time) error {
	m, ok := o.members.get(s.UserID)
	if !ok {
		return fmt.Errorf("there is no user %q", s.UserID)
	}
	w, ok := o.works.get(s.WorksID)
	if !ok {
		return fmt.Errorf("there is no work %q", s.WorksID)
	}
	m.views.remove(w.WorksID)
	m.views.put(w.WorksID, &view{work: w, count: max(s.ViewCount, 1), last: seededTime(s.LatestViewTime, now)})
	return nil
}

func (o *organization) viewSeeds() []View {
	var seeds []View
	for m := range o.members.all() {
		for v := range m.views.all() {
			seeds = append(seeds, View{UserID: m.UserID, WorksID: v.work.WorksID, ViewCount: v.count, LatestViewTime: v.last.UnixMilli()})
		}
	}
	return seeds
}

// A homeRow is a work as it is listed on a user's home page.
type homeRow struct {
	TreeID        string `json:"TreeId"`
	Type          string
	Name          string
	OwnerName     string
	OwnerNum      string
	WorkspaceID   string `json:"WorkspaceId"`
	WorkspaceName string
	GmtCreate     string
	GmtModified   string
	PublishStatus int
	Favorite      bool
	HasViewAuth   bool
	HasEditAuth   bool
}

func (c *call) homeRow(m *member, w *work) homeRow {
	rights := c.rights(m, w)
	return homeRow{
		TreeID:        w.WorksID,
		Type:          w.kind.name,
		Name:          w.WorksName,
		OwnerName:     w.owner.AccountName,
		OwnerNum:      w.owner.UserID,
		WorkspaceID:   w.workspace.id,
		WorkspaceName: w.workspace.name,
		GmtCreate:     millis(w.CreatedTime),
		GmtModified:   millis(w.ModifiedTime),
		PublishStatus: w.Status,
		Favorite:      m.favorites.has(w.WorksID),
		HasViewAuth:   rights >= mayView,
		HasEditAuth:   rights >= mayEdit,
	}
}

// maxHomeRows is how many works a list of the home page can have.
const maxHomeRows = 9999

// homePage shows the works that Keyword and TreeType select. There is only a first
// page.
func homePage[T, R any](c *call, all iter.Seq[T], workOf func(T) *work, render func(T) R) (page[R], error) {
	size := c.int("PageSize")
	if size > maxHomeRows {
		return page[R]{}, gateway.Invalid("PageSize", "is more than %d", maxHomeRows)
	}
	keyword, kind := strings.ToLower(c.string("Keyword")), c.string("TreeType")
	found := filter(all, func(v T) bool {
		w := workOf(v)
		return w.matches(keyword) && (kind == "" || w.kind.is(kind))
	})
	return cut(found, 1, size, render), nil
}

// listFavoriteReports also lists favorites that the user may no longer view;
// HasViewAuth tells.
func listFavoriteReports(c *call, m *member) (any, error) {
	type row struct {
		homeRow
		FavoriteDate string
	}
	return homePage(c, m.favorites.all(), func(f *favorite) *work { return f.work }, func(f *favorite) row {
		return row{c.homeRow(m, f.work), millis(f.since.UnixMilli())}
	})
}

func listSharedReports(c *call, m *member) (any, error) {
	return homePage(c, slices.Values(inOrder(c.shared(m))), func(w *work) *work { return w }, func(w *work) homeRow {
		return c.homeRow(m, w)
	})
}

// The ways in which ListRecentViewReports sorts, as QueryMode has them.
const (
	byVisits    = "1"
	byLastVisit = "2"
)

// listRecentViewReports selects the works that were seen in the last days, and counts
// all visits to them: only the time of the last visit is known.
func listRecentViewReports(c *call, m *member) (any, error) {
	type row struct {
		homeRow
		ViewCount      int64
		LatestViewTime string
	}
	type recentPage struct {
		page[row]
		Attention string
	}
	since := c.now.AddDate(0, 0, -c.int("OffsetDay"))
	recent := slices.Collect(filter(m.views.all(), func(v *view) bool { return !v.last.Before(since) }))
	switch c.string("QueryMode") {
	case byVisits:
		slices.SortStableFunc(recent, func(a, b *view) int { return cmp.Compare(b.count, a.count) })
	case byLastVisit:
		slices.SortStableFunc(recent, func(a, b *view) int { return b.last.Compare(a.last) })
	default:
		return nil, gateway.Invalid("QueryMode", "is neither %s nor %s", byVisits, byLastVisit)
	}
	p, err := homePage(c, slices.Values(recent), func(v *view) *work { return v.work }, func(v *view) row {
		return row{c.homeRow(m, v.work), v.count, millis(v.last.UnixMilli())}
	})
	if err != nil {
		return nil, err
	}
	return recentPage{p, "The numbers of rows and pages will go away."}, nil
}
