package quickbitest

import (
	"cmp"
	"iter"
	"slices"
	"time"
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
	m, w, err := o.seedPair(s.UserID, s.WorksID)
	if err != nil {
		return err
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
	TreeID    string `json:"TreeId"`
	Type      string
	Name      string
	OwnerName string
	OwnerNum  string
	inWorkspace
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
		inWorkspace:   w.workspace.named(),
		GmtCreate:     millis(w.CreatedTime),
		GmtModified:   millis(w.ModifiedTime),
		PublishStatus: w.Status,
		Favorite:      m.favorites.has(w.WorksID),
		HasViewAuth:   rights >= mayView,
		HasEditAuth:   rights >= mayEdit,
	}
}

// homePage shows the works that Keyword and TreeType select. There is only a first
// page.
func homePage[T, R any](c *call, all iter.Seq[T], workOf func(T) *work, render func(T) R) page[R] {
	all = search(c, "Keyword", all, func(v T) string { return workOf(v).WorksName })
	all = only(c, "TreeType", all, func(v T, kind string) bool { return workOf(v).kind.is(kind) })
	return paginate(c, all, render)
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
	}), nil
}

func listSharedReports(c *call, m *member) (any, error) {
	return homePage(c, slices.Values(inOrder(c.shared(m))), itself[*work], func(w *work) homeRow { return c.homeRow(m, w) }), nil
}

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
	slices.SortStableFunc(recent, func(a, b *view) int {
		if c.string("QueryMode") == "1" { // and not by the last visit
			return cmp.Compare(b.count, a.count)
		}
		return b.last.Compare(a.last)
	})
	p := homePage(c, slices.Values(recent), func(v *view) *work { return v.work }, func(v *view) row {
		return row{c.homeRow(m, v.work), v.count, millis(v.last.UnixMilli())}
	})
	return recentPage{p, "The numbers of rows and pages will go away."}, nil
}
