package dirsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// maxTagValue is how many characters the values of one tag of one member can have.
const maxTagValue = 3000

// A tagSet is a value that a tag is to have for a member, and the one it replaces.
type tagSet struct {
	id, name   string
	value, was string // "" for none
}

// readTags finds out which tags the organization has, if records are to name them.
func (s *state) readTags(ctx context.Context) error {
	if !s.UpdateTags {
		return nil
	}
	resp, err := s.Client.QueryUserTagMetaList(ctx, &quickbi.QueryUserTagMetaListRequest{})
	if err != nil {
		return fmt.Errorf("dirsync: listing the tags: %w", err)
	}
	for _, tag := range resp.Result {
		s.tagIDs[same(tag.TagName)] = append(s.tagIDs[same(tag.TagName)], tag)
	}
	return nil
}

// wantTags notes the values that a record gives to tags of a member. Two records of
// one member must not want different ones.
func (s *state) wantTags(i memberAt, r *Record) error {
	if !s.UpdateTags {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.Tags)) {
		value := clean(r.Tags[name])
		if value == "" {
			continue // it says nothing
		}
		switch found := s.tagIDs[same(clean(name))]; {
		case !isValue(value):
			return fmt.Errorf("the value %s of the tag %s is not a value: a formula of the spreadsheet failed", value, terminal.Name(name))
		case len(found) == 0:
			return fmt.Errorf("the organization has no tag %s", terminal.Name(name))
		case len(found) > 1:
			return fmt.Errorf("the organization has %d tags that are called %s", len(found), terminal.Name(name))
		case utf8.RuneCountInString(value) > maxTagValue:
			return fmt.Errorf("the value of the tag %s has more than %d characters", terminal.Name(name), maxTagValue)
		default:
			if s.wantedTags[i] == nil {
				s.wantedTags[i] = make(map[string]string)
			}
			id := found[0].TagID
			if other, twice := s.wantedTags[i][id]; twice && other != value {
				return fmt.Errorf("another record of the account has a different value for the tag %s", terminal.Name(name))
			}
			s.wantedTags[i][id] = strings.Clone(value)
		}
	}
	return nil
}

// compareTags reads what tags say of the members whose records give values, one
// call a member, and works out what has to change.
func (s *state) compareTags(ctx context.Context) ([]change, []tagSet, error) {
	names := make(map[string]string)
	for _, tags := range s.tagIDs {
		for _, tag := range tags {
			names[tag.TagID] = tag.TagName
		}
	}
	var mu sync.Mutex
	has := make(map[memberAt]map[string]string)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(s.Workers)
	members := slices.Sorted(maps.Keys(s.wantedTags))
	for _, i := range members {
		m := &s.plan.members[i]
		if m.alone || m.isNew() {
			continue
		}
		g.Go(func() error {
			values, err := tagValues(gctx, s.Client, m.id)
			if err != nil {
				return fmt.Errorf("dirsync: reading the tags of %s: %w", m.shown(), err)
			}
			mu.Lock()
			defer mu.Unlock()
			has[i] = values
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	var changes []change
	var sets []tagSet
	for _, i := range members {
		if s.plan.members[i].alone {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(s.wantedTags[i])) {
			value := s.wantedTags[i][id]
			if value == quickbi.UserTagCleared {
				value = ""
			}
			if value != has[i][id] {
				changes = append(changes, change{SetTag, i, none, none})
				sets = append(sets, tagSet{id, names[id], value, has[i][id]})
			}
		}
	}
	return changes, sets, nil
}

// tagValues returns what tags say of a member, by their ids.
func tagValues(ctx context.Context, client *quickbi.Client, userID string) (map[string]string, error) {
	resp, err := client.QueryUserTagValueList(ctx, &quickbi.QueryUserTagValueListRequest{UserID: userID})
	if err != nil {
		return nil, err
	}
	values := make(map[string]string)
	for _, v := range resp.Result {
		values[v.TagID] = strings.Join(v.TagValues, ",")
	}
	return values, nil
}

// setTag gives a tag of a member its value.
func (r *run) setTag(i int) error {
	at := r.changes[i].member
	if err := r.notAdded(at); err != nil {
		return err
	}
	id, tag := r.members[at].id, r.tags[i]
	values := strings.Split(tag.value, ",")
	if tag.value == "" {
		values = []string{quickbi.UserTagCleared}
	}
	var now map[string]string
	err := r.call(r.ctx, func(ctx context.Context) (err error) {
		now, err = tagValues(ctx, r.client, id)
		return err
	})
	switch {
	case err != nil:
		return err
	case now[tag.id] == tag.value:
		return nil // somebody has done it
	case now[tag.id] != tag.was:
		return fmt.Errorf("%w: the tag %s has another value now", ErrChanged, terminal.Name(tag.name))
	}
	return r.settle(i, func(ctx context.Context) error {
		_, err := r.client.UpdateUserTagValue(ctx, &quickbi.UpdateUserTagValueRequest{UserID: id, TagID: tag.id, TagValues: values})
		return err
	}, func(ctx context.Context) (bool, error) {
		values, err := tagValues(ctx, r.client, id)
		return err == nil && values[tag.id] == tag.value, err
	})
}

// stillTag reports whether a tag of a member has a value.
func (u *undo) stillTag(ctx context.Context, c Change, value string) (bool, error) {
	values, err := tagValues(ctx, u.client, c.UserID)
	switch {
	case errors.Is(err, quickbi.ErrUserNotInOrganization), errors.Is(err, quickbi.ErrInvalidUserOrganization):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("dirsync: reading the tags of %s: %w", terminal.Name(c.Account), err)
	}
	return values[c.TagID] == value, nil
}
