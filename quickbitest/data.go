package quickbitest

import (
	"fmt"
	"time"
)

// mentions finds, by member, the fields that name the member as owner or maker of
// something in a workspace.
type mentions map[*member]map[**member]*workspace

// set has the field, which is that of something in the workspace, name the member.
func (x mentions) set(field **member, ws *workspace, m *member) {
	if *field != nil {
		if delete(x[*field], field); len(x[*field]) == 0 {
			delete(x, *field)
		}
	}
	if x[m] == nil {
		x[m] = make(map[**member]*workspace)
	}
	*field, x[m][field] = m, ws
}

// replace has the fields that name the member name whom heir chooses instead; those
// for which it chooses nobody stay.
func (x mentions) replace(m *member, heir func(*workspace) *member) {
	for field, ws := range x[m] {
		if h := heir(ws); h != nil && h != m {
			x.set(field, ws, h)
		}
	}
}

// seedData seeds all that has to do with data.
func (o *organization) seedData(s Organization, now time.Time) error {
	for _, seed := range []func() error{
		func() error {
			return seedEach("data source", s.Datasources, func(v Datasource) string { return v.ShowName }, func(v Datasource) error { return o.seedDatasource(v, now) })
		},
		func() error {
			return seedEach("API data source", s.APIDatasources, func(v APIDatasource) string { return v.ShowName }, func(v APIDatasource) error { return o.seedAPIDatasource(v, now) })
		},
		func() error {
			return seedEach("dataset directory", s.DatasetDirectories, func(v DatasetDirectory) string { return v.Name }, o.seedDirectory)
		},
		func() error {
			return seedEach("dataset", s.Datasets, func(v Dataset) string { return v.Name }, func(v Dataset) error { return o.seedDataset(v, now) })
		},
		func() error {
			return seedEach("data service", s.DataServices, func(v DataService) string { return v.Name }, func(v DataService) error { return o.seedDataService(v, now) })
		},
		func() error {
			return seedEach("user tag", s.UserTags, func(v UserTag) string { return v.Name }, o.seedUserTag)
		},
		func() error {
			return seedEach("dynamic tag", s.DynamicTags, func(v DynamicTag) string { return v.ConfigName }, o.seedDynamicTag)
		},
	} {
		if err := seed(); err != nil {
			return err
		}
	}
	return nil
}

// seedEach seeds things of one kind. At the first that does not fit it stops.
func seedEach[T any](kind string, things []T, name func(T) string, seed func(T) error) error {
	for i, thing := range things {
		if err := seed(thing); err != nil {
			return fmt.Errorf("quickbitest: %s %d, %q: %w", kind, i, name(thing), err)
		}
	}
	return nil
}

// seedTimes reads when something was made and when it was changed last: if it is
// not said, when it was made.
func seedTimes(made, changed int64, now time.Time) (created, modified time.Time) {
	created = seededTime(made, now)
	return created, seededTime(changed, created)
}

// seedMember returns the member that a seed names, or another one if it names none.
func (o *organization) seedMember(id string, otherwise *member) (*member, error) {
	if id == "" {
		return otherwise, nil
	}
	m, ok := o.members.get(id)
	if !ok {
		return nil, fmt.Errorf("there is no user %q", id)
	}
	return m, nil
}
