package quickbitest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A Favorite is a work that a user has marked.
type Favorite struct {
	UserID       string `json:"UserId"`
	WorksID      string `json:"WorksId"`
	FavoriteDate int64  `json:"FavoriteDate,omitempty"` // milliseconds since 1970; 0: now
}

// A favorite is stored with its member, and disappears with the member.
type favorite struct {
	id    int
	work  *work
	since time.Time
}

// The favoriteState is what the organization knows of favorites, besides what each
// member has.
type favoriteState struct {
	lastFavorite int // favorites are numbered in the order in which they came
}

// mark makes the work a favorite of the member. Idempotent.
func (o *organization) mark(m *member, w *work, now time.Time) {
	if m.favorites.has(w.WorksID) {
		return
	}
	o.lastFavorite++
	m.favorites.put(w.WorksID, &favorite{id: o.lastFavorite, work: w, since: now})
}

func (o *organization) seedFavorite(s Favorite, now time.Time) error {
	m, w, err := o.seedPair(s.UserID, s.WorksID)
	if err != nil {
		return err
	}
	o.mark(m, w, seededTime(s.FavoriteDate, now))
	return nil
}

// seedPair returns the member and the work that a seed names.
func (o *organization) seedPair(userID, worksID string) (*member, *work, error) {
	m, ok := o.members.get(userID)
	if !ok {
		return nil, nil, fmt.Errorf("there is no user %q", userID)
	}
	w, ok := o.works.get(worksID)
	if !ok {
		return nil, nil, fmt.Errorf("there is no work %q", worksID)
	}
	return m, w, nil
}

func (o *organization) favoriteSeeds() []Favorite {
	type numbered struct {
		Favorite
		id int
	}
	var all []numbered
	for m := range o.members.all() {
		for f := range m.favorites.all() {
			all = append(all, numbered{Favorite{m.UserID, f.work.WorksID, f.since.UnixMilli()}, f.id})
		}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.id, b.id) })
	return seedsOf(slices.Values(all), func(n numbered) Favorite { return n.Favorite })
}

// saveFavorites does not check whether the user may view the work: no code is
// documented for that, nor for a work that is a favorite already.
func saveFavorites(c *call, m *member, w *work) (any, error) {
	c.mark(m, w, c.now)
	return true, nil
}

func cancelCollection(c *call, m *member, w *work) (any, error) {
	if !m.favorites.has(w.WorksID) {
		return nil, gateway.Refuse("Favorite.NotCancel.Permission", "The work is not one of the user's favorites.")
	}
	m.favorites.remove(w.WorksID)
	return true, nil
}

func listCollections(c *call, m *member) (any, error) {
	type favoriteRow struct {
		FavoriteID int    `json:"FavoriteId"`
		WorksID    string `json:"WorksId"`
		WorksName  string
		WorksType  string
		OwnerID    string `json:"OwnerId"`
		inWorkspace
	}
	return collect(m.favorites.all(), func(f *favorite) favoriteRow {
		w := f.work
		return favoriteRow{f.id, w.WorksID, w.WorksName, w.kind.name, w.owner.UserID, w.workspace.named()}
	}), nil
}
