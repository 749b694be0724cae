package dirsync

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/quickbi-go/quickbi/internal/terminal"
)

// sameGroup returns what paths of one group have in common.
func sameGroup(names []string) string { return pathOf(names, same) }

func pathOf(names []string, key func(string) string) string {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = key(name)
	}
	return Path(keys...)
}

// addGroups adds the groups that are below one and returns their places.
func (s *state) addGroups(parent groupAt, groups []group) []groupAt {
	slices.SortStableFunc(groups, func(a, b group) int { return strings.Compare(a.name, b.name) }) // plans are alike, however the service lists
	var places []groupAt
	for _, g := range groups {
		g.parent, g.path = parent, Path(g.name)
		if parent != none {
			g.path = s.plan.groups[parent].path + "/" + g.path
		}
		if first, twice := s.byPath[g.path]; twice {
			s.problem(Problem{Text: fmt.Sprintf("there are two groups %s, with the ids %s and %s; they are left alone", terminal.Name(g.path), s.plan.groups[first].id, g.id)})
			s.twins[g.path] = true
			continue
		}
		places = append(places, s.addGroup(g))
	}
	return places
}

func (s *state) addGroup(g group) groupAt {
	i := groupAt(len(s.plan.groups))
	s.plan.groups = append(s.plan.groups, g)
	if g.id != "" {
		s.byGroupID[g.id] = i
	}
	s.indexGroup(i)
	return i
}

// indexGroup makes a group findable by its names.
func (s *state) indexGroup(i groupAt) {
	g, names := &s.plan.groups[i], s.namesOf(i)
	g.path = Path(names...)
	s.byPath[g.path] = i
	key := sameGroup(names)
	s.bySame[key] = append(s.bySame[key], i)
	if g.id == "" {
		g.newID = s.keys[key]
	}
	key = pathOf(names, alike)
	s.byAlike[key] = append(s.byAlike[key], i)
}

// namesOf returns the names on the way to a group.
func (s *state) namesOf(i groupAt) []string {
	var names []string
	for ; i != none; i = s.plan.groups[i].parent {
		names = append(names, s.plan.groups[i].name)
	}
	slices.Reverse(names)
	return names
}

// lookup returns the group that the names mean, or none if there is none. A group
// that differs in letter case, blanks or the composition of characters is meant. One
// that only looks like it is an error, because a twin beside it would have no rights.
func (s *state) lookup(names []string) (groupAt, error) {
	path := Path(names...)
	i, ok := s.byPath[path]
	switch {
	case s.twins[path]:
		return none, fmt.Errorf("there are two groups %s", terminal.Name(path))
	case ok:
		return i, nil
	}
	switch found := s.bySame[sameGroup(names)]; {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return none, fmt.Errorf("group path %q is not that of a group, and %s can be meant", path, s.paths(found))
	}
	if found := s.byAlike[pathOf(names, alike)]; len(found) > 0 {
		return none, fmt.Errorf("group path %q only looks like that of the group %s", path, s.paths(found))
	}
	return none, nil
}

func (s *state) paths(groups []groupAt) string {
	texts := make([]string, len(groups))
	for i, g := range groups {
		texts[i] = terminal.Name(s.plan.groups[g].path)
	}
	return strings.Join(texts, " or ")
}

// group returns the place of a group that a record names, or none if it does not
// belong to the source. One that is not there yet gets a place, as do those
// above it; what will be created is decided in the end.
func (s *state) group(path string) (groupAt, error) {
	if g, ok := s.named[path]; ok { // as it is nearly always
		return g.at, g.err
	}
	at, err := s.findGroup(path)
	s.named[strings.Clone(path)] = namedGroup{at, err}
	return at, err
}

// A namedGroup is what became of a path that a record has.
type namedGroup struct {
	at  groupAt
	err error
}

func (s *state) findGroup(path string) (groupAt, error) {
	if !isValue(path) {
		return none, fmt.Errorf("the group %s is not a name: a formula of the spreadsheet failed", path)
	}
	names, err := splitPath(path)
	if err != nil {
		return none, err
	}
	for depth := range names {
		if text, bad := s.bad[sameGroup(names[:depth+1])]; bad {
			return none, fmt.Errorf("the group %s is left alone: %s", terminal.Name(Path(names[:depth+1]...)), text)
		}
	}
	at, err := s.lookup(names)
	if err == nil && at != none && s.frozen[at] {
		return none, fmt.Errorf("the group %s is left alone", terminal.Name(path))
	}
	switch {
	case err != nil && !s.ownsAny(names):
		return none, nil // it is not the source's business
	case err != nil:
		return none, err
	case at != none && !s.owns(s.namesOf(at)), at == none && !s.owns(names):
		s.outside[Path(names...)] = true
		return none, nil
	case at != none:
		return at, nil
	}
	above := groupAt(none)
	for depth := range names {
		at, err := s.lookup(names[:depth+1])
		if err != nil {
			return none, err
		}
		if at == none {
			name := norm.NFC.String(names[depth])
			if err := checkName(name, maxGroupName); err != nil {
				return none, fmt.Errorf("group path %q cannot be created: %w", path, err)
			}
			g := group{name: name, path: Path(name), parent: above}
			if above != none {
				g.path = s.plan.groups[above].path + "/" + g.path
			}
			at = s.addGroup(g)
		}
		above = at
	}
	return above, nil
}

// owns reports whether the source says who is in the group with these names.
func (s *state) owns(names []string) bool { return s.ownsKey(sameGroup(names)) }

func (s *state) ownsKey(key string) bool {
	if len(s.within) == 0 {
		return true
	}
	for top := range s.within {
		if key == top || strings.HasPrefix(key, top+"/") {
			return true
		}
	}
	return false
}

// ownsAny reports whether a group that looks like one with these names can belong to the source.
func (s *state) ownsAny(names []string) bool {
	if s.owns(names) {
		return true
	}
	key := pathOf(names, alike)
	for _, top := range s.within {
		if topKey := pathOf(top, alike); key == topKey || strings.HasPrefix(key, topKey+"/") {
			return true
		}
	}
	return false
}

// leadsToOwned reports whether groups below this one can belong to the source.
func (s *state) leadsToOwned(names []string) bool {
	key := sameGroup(names)
	for top := range s.within {
		if strings.HasPrefix(top, key+"/") {
			return true
		}
	}
	return s.ownsKey(key)
}

// checkWithin returns an error if a path of Within is that of no group, neither of
// one there is nor of one that a record names.
func (s *state) checkWithin() error {
	for key, names := range s.within {
		switch found := s.bySame[key]; {
		case len(found) > 1:
			if _, exact := s.byPath[Path(names...)]; !exact {
				return fmt.Errorf("dirsync: Within has %q, and %s can be meant", Path(names...), s.paths(found))
			}
			return fmt.Errorf("dirsync: Within has %q, and there is another group that is called so but for letter case, blanks or composition: %s", Path(names...), s.paths(found))
		case len(found) == 0 && s.oldPaths[key]: // moved away
		case len(found) == 0:
			return fmt.Errorf("dirsync: Within has %q, but there is no such group, and no record names one in it", Path(names...))
		}
	}
	return nil
}
