package dirsync

import (
	"iter"
	"slices"
)

// A batch is the memberships that one call begins or ends: of several members in
// one group, or of one member in several groups.
type batch struct {
	byMember bool // one member, several groups
	edges    []edge
}

// batches cuts sorted memberships into calls.
//
// Members can be taken out of groups only one by one. They can join in two ways,
// and each membership goes where it has more company: a new colleague joins all
// groups in one call, a new group gets its members in a few.
func (r *run) batches(edges []edge, join bool) iter.Seq[batch] {
	byMember, byGroup := edges, []edge(nil)
	if join {
		inMember, inGroup := make([]int32, len(r.members)), make([]int32, len(r.groups))
		for _, e := range edges {
			inMember[e.member()]++
			inGroup[e.group()]++
		}
		byMember = nil
		for _, e := range edges {
			if inMember[e.member()] > inGroup[e.group()] {
				byMember = append(byMember, e)
			} else {
				byGroup = append(byGroup, newEdge(e.group(), e.member())) // sorted by group that way
			}
		}
		slices.Sort(byGroup)
		for i, e := range byGroup {
			byGroup[i] = newEdge(e.group(), e.member()) // and turned back
		}
	}
	return func(yield func(batch) bool) {
		for len(byMember) > 0 {
			n := r.fit(byMember, true)
			if !yield(batch{true, byMember[:n]}) {
				return
			}
			byMember = byMember[n:]
		}
		for len(byGroup) > 0 {
			n := r.fit(byGroup, false)
			if !yield(batch{false, byGroup[:n]}) {
				return
			}
			byGroup = byGroup[n:]
		}
	}
}

// otherURL is what a URL has besides the ids: scheme, host, names of parameters,
// and those that the older signature puts there.
const otherURL = 512

// fit returns how many of the memberships, at least one, fit into one call.
func (r *run) fit(edges []edge, byMember bool) int {
	key, other := edge.group, func(e edge) string { return r.members[e.member()].id }
	size := otherURL
	if byMember {
		key, other = edge.member, func(e edge) string { return r.groups[e.group()].id }
		size += escapedLen(r.members[edges[0].member()].id)
	} else {
		size += escapedLen(r.groups[edges[0].group()].id)
	}
	for n, e := range edges {
		size += escapedLen(other(e)) + len("%2C")
		if n == r.syncer.MaxIDs || key(e) != key(edges[0]) || n > 0 && size > r.syncer.MaxURL {
			return n
		}
	}
	return len(edges)
}

// escapedLen is how long s is in a URL.
func escapedLen(s string) int {
	n := 0
	for _, b := range []byte(s) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_', b == '.', b == '~':
			n++
		default:
			n += len("%00")
		}
	}
	return n
}
