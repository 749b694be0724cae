package dirsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// A Group is a group of the source with a key that stays when the group is renamed or
// moved there.
type Group struct {
	Key    string // such as an entryUUID
	Path   string // as records have it
	Origin string // such as "line 17"; it is only repeated where there is a problem
}

// GroupID returns the UserGroupID of the group with a key: the key itself, or, of one
// that Quick BI would not take or that would be hard to read, a hash of it.
func GroupID(key string) string {
	isPlain := func(r rune) bool {
		return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || strings.ContainsRune("-_.", r)
	}
	if len(key) <= maxGroupID && key != quickbi.RootUserGroupID && !strings.ContainsFunc(key, func(r rune) bool { return !isPlain(r) }) {
		return key
	}
	hash := sha256.Sum256([]byte(key))
	return "key-" + hex.EncodeToString(hash[:20])
}

// maxGroupID is how many characters a UserGroupID can have.
const maxGroupID = 64

// A keyed is a group of the source: where the group with an id is to be.
type keyed struct {
	id     string
	names  []string
	origin string
}

func (k *keyed) path() string { return Path(k.names...) }

// A place is where a group is in the tree.
type place struct {
	parent groupAt // or none
	name   string
}

// A groupStep is what a change does to a group that is there.
type groupStep struct {
	place           // afterwards
	old      place  // before
	from, to string // paths
}

// placeGroups puts the groups whose keys the source gives where the source has them,
// so that whatever names a path later finds the group that is meant. What Apply has to
// do is worked out by groupSteps.
func (s *state) placeGroups(ctx context.Context) error {
	if len(s.Groups) == 0 {
		return nil
	}
	wanted := s.readKeys()
	if err := s.findElsewhere(ctx, wanted); err != nil {
		return err
	}
	wanted = slices.DeleteFunc(wanted, func(k keyed) bool { return s.bad[sameGroup(k.names)] != "" })
	for {
		tree, at, text := s.tryPlaces(wanted)
		if text == "" {
			s.commitPlaces(tree, wanted)
			return nil
		}
		s.spoil(wanted[at], text)
		wanted = slices.Delete(wanted, at, at+1)
	}
}

// spoil notes why a group of the source is left alone, and with it whoever is in it, and
// whoever is to be.
func (s *state) spoil(k keyed, text string) {
	s.plan.Problems = append(s.plan.Problems, Problem{Origin: k.origin, Text: fmt.Sprintf("the group %s: %s; it is left alone", terminal.Name(k.path()), text)})
	s.bad[sameGroup(k.names)] = text
	if at, ok := s.byGroupID[k.id]; ok {
		s.frozen[at] = true
	}
}

// roundedNumber is how spreadsheets write numbers that are too long for them.
var roundedNumber = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+[0-9]+$`)

// readKeys returns the groups of the source that make sense, by depth and path.
func (s *state) readKeys() []keyed {
	var wanted []keyed
	byID, byPath := make(map[string][]int), make(map[string][]int)
	for _, g := range s.Groups {
		path, key := clean(g.Path), clean(g.Key)
		names, err := splitPath(path)
		k := keyed{GroupID(key), names, g.Origin}
		switch {
		case !isValue(path) || err != nil:
			if err == nil {
				err = fmt.Errorf("the group %s is not a name: a formula of the spreadsheet failed", path)
			}
			s.plan.Problems = append(s.plan.Problems, Problem{Origin: g.Origin, Text: err.Error()})
			continue
		case key == "" || !isValue(key):
			k.id = ""
			s.spoil(k, "it has no key")
			continue
		case roundedNumber.MatchString(key):
			s.spoil(k, fmt.Sprintf("its key %s has been rounded by a spreadsheet: format the column as text and export it again", key))
			continue
		}
		at, there := s.byGroupID[k.id]
		ours := there && s.owns(s.namesOf(at))
		switch {
		case !s.owns(names):
			if ours {
				s.spoil(k, "it is to be where Within does not reach")
			}
			continue
		case there && !ours:
			s.spoil(k, fmt.Sprintf("its key is that of the group %s, where Within does not reach", terminal.Name(s.plan.groups[at].path)))
			continue
		}
		byID[k.id] = append(byID[k.id], len(wanted))
		byPath[sameGroup(names)] = append(byPath[sameGroup(names)], len(wanted))
		wanted = append(wanted, k)
	}
	drop := make(map[int]string)
	for _, all := range byID {
		for _, n := range all[1:] {
			if sameGroup(wanted[n].names) != sameGroup(wanted[all[0]].names) {
				for _, n := range all {
					drop[n] = "another group has its key"
				}
			}
		}
	}
	for _, all := range byPath {
		for _, n := range all[1:] {
			if wanted[n].id != wanted[all[0]].id {
				for _, n := range all {
					drop[n] = "it has two keys"
				}
			} else if drop[n] == "" {
				drop[n] = "twice"
			}
		}
	}
	var good []keyed
	for n, k := range wanted {
		switch text := drop[n]; {
		case text == "":
			good = append(good, k)
		case text != "twice":
			s.spoil(k, text)
		}
	}
	slices.SortStableFunc(good, func(a, b keyed) int {
		if len(a.names) != len(b.names) {
			return len(a.names) - len(b.names)
		}
		return strings.Compare(a.path(), b.path())
	})
	return good
}

// listedAtOnce is how many groups are asked for in one call.
const listedAtOnce = 100

// findElsewhere spoils the groups of the source whose ids are those of groups where the
// source has no say.
func (s *state) findElsewhere(ctx context.Context, wanted []keyed) error {
	var missing []string
	for _, k := range wanted {
		if _, ok := s.byGroupID[k.id]; !ok {
			missing = append(missing, k.id)
		}
	}
	for ids := range slices.Chunk(missing, listedAtOnce) {
		found, err := groupsByID(ctx, s.Client, ids)
		if err != nil {
			return fmt.Errorf("dirsync: asking for groups by their keys: %w", err)
		}
		for i := range wanted {
			if g, ok := found[wanted[i].id]; ok {
				s.spoil(wanted[i], fmt.Sprintf("its key is that of the group %s, which is where Within does not reach, or of which there are two", terminal.Name(g.UserGroupName)))
			}
		}
	}
	return nil
}

// groupsByID returns the groups that there are of some ids. The service may refuse to
// list any if one is not there.
func groupsByID(ctx context.Context, client *quickbi.Client, ids []string) (map[string]quickbi.UserGroup, error) {
	found := make(map[string]quickbi.UserGroup)
	resp, err := client.ListByUserGroupId(ctx, &quickbi.ListByUserGroupIdRequest{UserGroupIDs: ids})
	_, partial := errors.AsType[*quickbi.PartialError](err)
	switch {
	case err == nil || partial && resp != nil:
		for _, g := range resp.Result.UserGroups {
			found[g.UserGroupID] = g
		}
		return found, nil
	case errors.Is(err, quickbi.ErrUserGroupNotFound) && len(ids) == 1:
		return found, nil
	case !errors.Is(err, quickbi.ErrUserGroupNotFound):
		return nil, err
	}
	for _, half := range [][]string{ids[:len(ids)/2], ids[len(ids)/2:]} {
		part, err := groupsByID(ctx, client, half)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, part)
	}
	return found, nil
}

// A groupTree is where groups are to be. Those behind the groups of the plan are to be
// created.
type groupTree struct {
	places []place
	slots  map[string][]groupAt // by parent and what is the same in names
	alike  map[string][]groupAt // by parent and what looks the same
	below  map[groupAt][]groupAt
}

func slot(parent groupAt, name string) string { return fmt.Sprint(parent, " ", name) }

func (t *groupTree) put(i groupAt, p place) {
	t.places[i] = p
	key := slot(p.parent, same(p.name))
	t.slots[key] = append(t.slots[key], i)
	key = slot(p.parent, alike(p.name))
	t.alike[key] = append(t.alike[key], i)
	t.below[p.parent] = append(t.below[p.parent], i)
}

// find returns the group with a name, or none.
func (t *groupTree) find(parent groupAt, name string) (groupAt, string) {
	found := t.slots[slot(parent, same(name))]
	for _, i := range found {
		if t.places[i].name == name {
			return i, ""
		}
	}
	switch {
	case len(found) == 1:
		return found[0], ""
	case len(found) > 1:
		return none, "several groups can be meant above it, or in its place"
	case len(t.alike[slot(parent, alike(name))]) > 0:
		return none, "a group that only looks alike is above it, or in its place"
	}
	return none, ""
}

// tryPlaces puts the groups where the source has them, from the top. If one cannot be
// there, it returns its place in wanted, and why.
func (s *state) tryPlaces(wanted []keyed) (tree *groupTree, at int, text string) {
	p := s.plan
	tree = &groupTree{places: make([]place, len(p.groups)), slots: make(map[string][]groupAt), alike: make(map[string][]groupAt), below: make(map[groupAt][]groupAt)}
	moving := make(map[groupAt]bool)
	for _, k := range wanted {
		if i, ok := s.byGroupID[k.id]; ok && bareNames(s.namesOf(i)) != bareNames(k.names) {
			moving[i] = true
		}
	}
	for _, k := range wanted { // what is below one that moves does not go along, if the source has it where it is
		i, ok := s.byGroupID[k.id]
		for above := i; ok && above != none && !moving[i]; above = p.groups[above].parent {
			moving[i] = moving[above]
		}
	}
	for i := range p.groups {
		if g := &p.groups[i]; !moving[groupAt(i)] {
			tree.put(groupAt(i), place{g.parent, g.name})
		}
	}
	for n, k := range wanted {
		i, ok := s.byGroupID[k.id]
		if !ok || !moving[i] {
			continue
		}
		parent := groupAt(none)
		for depth := range len(k.names) - 1 {
			if text, bad := s.bad[sameGroup(k.names[:depth+1])]; bad {
				return nil, n, "the group above it: " + text
			}
			above, text := tree.find(parent, k.names[depth])
			if text != "" {
				return nil, n, text
			}
			if above == none {
				name := norm.NFC.String(k.names[depth])
				if err := checkName(name, maxGroupName); err != nil {
					return nil, n, "the group above it cannot be created: " + err.Error()
				}
				above = groupAt(len(tree.places))
				tree.places = append(tree.places, place{})
				tree.put(above, place{parent, name})
			}
			parent = above
		}
		name := norm.NFC.String(k.names[len(k.names)-1])
		switch other, text := tree.find(parent, name); {
		case text != "":
			return nil, n, text
		case other != none:
			return nil, n, fmt.Sprintf("the group with its key is %s, and another group is in its place", terminal.Name(p.groups[i].path))
		}
		if bare(name) == bare(p.groups[i].name) {
			name = p.groups[i].name
		} else if err := checkName(name, maxGroupName); err != nil {
			return nil, n, "it cannot be called so: " + err.Error()
		}
		if below := len(k.names) + tree.height(i) - 1; below > serviceMaxDepth {
			return nil, n, fmt.Sprintf("there would be %d layers of groups with those below it, and there can be %d", below, serviceMaxDepth)
		}
		tree.put(i, place{parent, name})
	}
	return tree, 0, ""
}

// height returns how many layers a group and those below it take up.
func (t *groupTree) height(i groupAt) int {
	most := 0
	for _, at := range t.below[i] {
		most = max(most, t.height(at))
	}
	return 1 + most
}

// bareNames returns what paths of one group have in common, but for letter case.
func bareNames(names []string) string { return pathOf(names, bare) }

// commitPlaces makes the plan's groups those of the tree.
func (s *state) commitPlaces(tree *groupTree, wanted []keyed) {
	p := s.plan
	for i := range p.groups {
		g := &p.groups[i]
		if to := tree.places[i]; to != (place{g.parent, g.name}) {
			s.oldPaths[sameGroup(s.namesOf(groupAt(i)))] = true
			s.moved[groupAt(i)] = place{g.parent, g.name}
		}
	}
	for i := range s.moved {
		p.groups[i].parent, p.groups[i].name = tree.places[i].parent, tree.places[i].name
	}
	for _, k := range wanted {
		if _, there := s.byGroupID[k.id]; !there {
			s.keys[sameGroup(k.names)] = k.id
		}
	}
	for _, to := range tree.places[len(p.groups):] {
		p.groups = append(p.groups, group{name: to.name, parent: to.parent})
	}
	clear(s.byPath)
	clear(s.bySame)
	clear(s.byAlike)
	for i := range p.groups {
		s.indexGroup(groupAt(i))
	}
	for i := range p.groups { // what is below a group that is left alone cannot be named either
		for above := p.groups[i].parent; above != none; above = p.groups[above].parent {
			if s.frozen[above] {
				s.frozen[groupAt(i)] = true
			}
		}
	}
	for _, k := range wanted {
		if _, there := s.byGroupID[k.id]; there {
			continue
		}
		if at, err := s.lookup(k.names); err == nil && at != none && p.groups[at].id != "" {
			p.Keyless = append(p.Keyless, p.groups[at].path)
		}
	}
}

// groupSteps returns the changes that create, rename and move groups, in an order in
// which each is possible. Groups that exchange their places get another name for a while.
func (s *state) groupSteps(create map[groupAt]bool) ([]change, []groupStep, error) {
	p := s.plan
	for at := range s.moved {
		for i := p.groups[at].parent; i != none && p.groups[i].id == "" && !create[i]; i = p.groups[i].parent {
			create[i] = true
		}
	}
	byPath := func(a, b groupAt) int { return strings.Compare(p.groups[a].path, p.groups[b].path) }
	creates, moves := slices.SortedFunc(maps.Keys(create), byPath), slices.SortedFunc(maps.Keys(s.moved), byPath)
	now := make(map[groupAt]place) // of those that are there
	taken := make(map[string]int)
	inside := make(map[groupAt][]groupAt)
	for i := range p.groups {
		at := groupAt(i)
		where, isMoved := s.moved[at]
		if !isMoved {
			where = place{p.groups[i].parent, p.groups[i].name}
		}
		if p.groups[i].id != "" {
			now[at] = where
			taken[slot(where.parent, same(where.name))]++
			inside[where.parent] = append(inside[where.parent], at)
		}
	}
	var height func(at groupAt) int
	height = func(at groupAt) int {
		most := 0
		for _, i := range inside[at] {
			most = max(most, height(i))
		}
		return 1 + most
	}
	fits := func(at, parent groupAt) bool { // the service refuses too many layers even for a while
		layers := height(at)
		for ; parent != none; parent = now[parent].parent {
			layers++
		}
		return layers <= serviceMaxDepth
	}
	pathNow := func(where place) string {
		names := []string{where.name}
		above := ""
		for i := where.parent; i != none; i = now[i].parent {
			if p.groups[i].id == "" { // the plan creates it, by this path
				above = p.groups[i].path + "/"
				break
			}
			names = append(names, now[i].name)
		}
		slices.Reverse(names)
		return above + Path(names...)
	}
	free := func(at groupAt, to place) bool {
		others := taken[slot(to.parent, same(to.name))]
		if from, there := now[at]; there && slot(from.parent, same(from.name)) == slot(to.parent, same(to.name)) {
			others--
		}
		return others == 0
	}
	var changes []change
	var steps []groupStep
	do := func(kind Kind, at groupAt, to place) {
		step := groupStep{place: to}
		if from, there := now[at]; there {
			taken[slot(from.parent, same(from.name))]--
			step.old, step.from = from, pathNow(from)
			inside[from.parent] = slices.DeleteFunc(inside[from.parent], func(i groupAt) bool { return i == at })
		}
		step.to = pathNow(to)
		now[at] = to
		inside[to.parent] = append(inside[to.parent], at)
		taken[slot(to.parent, same(to.name))]++
		changes, steps = append(changes, change{kind, none, at, none}), append(steps, step)
	}
	thereAbove := func(to place) bool {
		_, there := now[to.parent]
		return to.parent == none || there
	}
	settled := func(at groupAt) bool { // it and those above it are where they are to be
		for ; at != none; at = p.groups[at].parent {
			if where, there := now[at]; !there || where != (place{p.groups[at].parent, p.groups[at].name}) {
				return false
			}
		}
		return true
	}
	aside := make(map[groupAt]bool)
	for len(creates)+len(moves) > 0 {
		before := len(changes)
		creates = slices.DeleteFunc(creates, func(at groupAt) bool {
			to := place{p.groups[at].parent, p.groups[at].name}
			possible := settled(to.parent) && free(at, to)
			if possible {
				do(CreateGroup, at, to)
			}
			return possible
		})
		moves = slices.DeleteFunc(moves, func(at groupAt) bool {
			to := place{p.groups[at].parent, p.groups[at].name}
			if renamed := (place{now[at].parent, to.name}); !aside[at] && renamed != now[at] && free(at, renamed) {
				do(RenameGroup, at, renamed)
			}
			if moved := (place{to.parent, now[at].name}); moved != now[at] && thereAbove(to) && !below(now, to.parent, at) && fits(at, to.parent) && free(at, moved) {
				do(MoveGroup, at, moved)
			}
			if renamed := (place{now[at].parent, to.name}); (!aside[at] || now[at].parent == to.parent) && renamed != now[at] && free(at, renamed) {
				do(RenameGroup, at, renamed)
			}
			return now[at] == to
		})
		if len(changes) > before {
			continue
		}
		i := slices.IndexFunc(moves, func(at groupAt) bool { return !aside[at] })
		if i < 0 {
			return nil, nil, fmt.Errorf("dirsync: groups of the source are in each other's way: rename or move %s in Quick BI first", terminal.Name(pathNow(now[moves[0]])))
		}
		aside[moves[i]] = true
		do(RenameGroup, moves[i], place{now[moves[i]].parent, awayName(p.groups[moves[i]])})
	}
	return changes, steps, nil
}

// awayName is what a group is called while another one takes its place.
func awayName(g group) string {
	hash := sha256.Sum256([]byte(g.id))
	mark := "_" + hex.EncodeToString(hash[:4])
	name := []rune(g.name)
	return string(name[:min(len(name), maxGroupName-utf8.RuneCountInString(mark))]) + mark
}

// below reports whether a group is, or is below, another one.
func below(now map[groupAt]place, at, other groupAt) bool {
	for ; at != none; at = now[at].parent {
		if at == other {
			return true
		}
	}
	return false
}

// changeGroups creates, renames and moves groups. What is created between two that are
// renamed or moved is created side by side.
func (r *run) changeGroups() {
	var creates []int
	for i, c := range r.changes {
		switch c.kind {
		case CreateGroup:
			creates = append(creates, i)
		case RenameGroup, MoveGroup:
			r.createGroups(creates)
			creates = nil
			r.finish(r.placeGroup(i), i)
		}
	}
	r.createGroups(creates)
}

// placeGroup renames or moves a group, if it is still as planned.
func (r *run) placeGroup(i int) error {
	c, step := r.changes[i], r.steps[i]
	id := r.groups[c.group].id
	parent, oldParent := r.idOf(step.parent), r.idOf(step.old.parent)
	if parent == "" {
		return errors.New("the group above it could not be created")
	}
	read := func(ctx context.Context) (g quickbi.UserGroup, err error) {
		found, err := groupsByID(ctx, r.client, []string{id})
		g, ok := found[id]
		if err == nil && !ok {
			err = fmt.Errorf("%w: there is no group with the id %s any more", ErrChanged, id)
		}
		return g, err
	}
	var now quickbi.UserGroup
	if err := r.call(r.ctx, func(ctx context.Context) (err error) {
		now, err = read(ctx)
		return err
	}); err != nil {
		return err
	}
	if now.UserGroupName != step.old.name || now.ParentUserGroupID != oldParent {
		return fmt.Errorf("%w: the group has another name or place now", ErrChanged)
	}
	return r.settle(i, func(ctx context.Context) (err error) {
		if c.kind == RenameGroup {
			_, err = r.client.UpdateUserGroup(ctx, &quickbi.UpdateUserGroupRequest{UserGroupID: id, UserGroupName: step.name})
		} else {
			_, err = r.client.TransferUsergroup(ctx, &quickbi.TransferUsergroupRequest{UserGroupID: id, ParentUserGroupID: parent})
		}
		return err
	}, func(ctx context.Context) (bool, error) {
		now, err := read(ctx)
		return err == nil && now.UserGroupName == step.name && now.ParentUserGroupID == parent, err
	})
}

// idOf returns the id of a group, or what stands for the root.
func (p *Plan) idOf(at groupAt) string {
	if at == none {
		return quickbi.RootUserGroupID
	}
	return p.groups[at].id
}
