package dirsync

import (
	"cmp"
	"iter"
	"slices"
)

// An edge is a member in a group. A hundred thousand of them take less than a
// megabyte, and comparing two states is walking along two sorted slices.
type edge struct {
	member memberAt
	group  groupAt
}

// byMember orders edges by member, then by group.
func byMember(a, b edge) int {
	return cmp.Or(cmp.Compare(a.member, b.member), cmp.Compare(a.group, b.group))
}

// byGroup orders edges by group, then by member.
func byGroup(a, b edge) int {
	return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.member, b.member))
}

// A membership is an edge that a change begins or ends.
type membership struct {
	edge
	change int // place in the plan
}

func changesOf(memberships []membership) []int {
	changes := make([]int, len(memberships))
	for i, m := range memberships {
		changes[i] = m.change
	}
	return changes
}

// A batch is the memberships that one call begins or ends: of several members in
// one group, or of one member in several groups.
type batch struct {
	byMember    bool // one member, several groups
	memberships []membership
}

func (b batch) changes() []int { return changesOf(b.memberships) }

// sameCall reports whether one call can name both.
func (b batch) sameCall(x, y membership) bool {
	if b.byMember {
		return x.member == y.member
	}
	return x.group == y.group
}

// batches cuts memberships into calls.
//
// Members can be taken out of groups only one by one. They can join in two ways,
// and each membership goes where it has more company: a new colleague joins all
// groups in one call, a new group gets its members in a few.
func (p *Plan) batches(all []membership, join bool) iter.Seq[batch] {
	ofMember, ofGroup := all, []membership(nil)
	if join {
		inMember, inGroup := make([]int32, len(p.members)), make([]int32, len(p.groups))
		for _, m := range all {
			inMember[m.member]++
			inGroup[m.group]++
		}
		ofMember = nil
		for _, m := range all {
			if inMember[m.member] > inGroup[m.group] {
				ofMember = append(ofMember, m)
			} else {
				ofGroup = append(ofGroup, m)
			}
		}
	}
	slices.SortFunc(ofMember, func(a, b membership) int { return byMember(a.edge, b.edge) })
	slices.SortFunc(ofGroup, func(a, b membership) int { return byGroup(a.edge, b.edge) })
	return func(yield func(batch) bool) {
		for _, b := range []batch{{true, ofMember}, {false, ofGroup}} {
			for len(b.memberships) > 0 {
				n := p.fit(b)
				if !yield(batch{b.byMember, b.memberships[:n:n]}) {
					return
				}
				b.memberships = b.memberships[n:]
			}
		}
	}
}

// otherURL is what a URL has besides the ids: scheme, host, names of parameters,
// and those that the older signature puts there.
const otherURL = 512

// fit returns how many of the memberships, at least one, fit into one call.
func (p *Plan) fit(b batch) int {
	first := b.memberships[0]
	size := otherURL + escapedLen(p.groups[first.group].id)
	if b.byMember {
		size = otherURL + escapedLen(p.members[first.member].id)
	}
	for n, m := range b.memberships {
		other := p.members[m.member].id
		if b.byMember {
			other = p.groups[m.group].id
		}
		size += escapedLen(other) + len("%2C")
		if n == p.syncer.MaxIDs || !b.sameCall(m, first) || n > 0 && size > p.syncer.MaxURL {
			return n
		}
	}
	return len(b.memberships)
}

// escapedLen is how long an id is in a URL. One that the service has yet to give is
// taken to be a UUID.
func escapedLen(s string) int {
	if s == "" {
		return len("00000000-0000-0000-0000-000000000000")
	}
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

// Calls returns how many calls [Plan.Apply] makes if all goes well. At the client's
// rate limit, that tells how long it takes.
func (p *Plan) Calls() int {
	n := 0
	var joins, leaves []membership
	for i, c := range p.changes {
		switch c.kind {
		case DeleteMember:
			if n += 2; p.successor != none {
				n++ // who is read again, too
			}
		case UpdateMember, SetTag, Deactivate:
			n += 2 // the member is read again before
		case LeaveWorkspace:
			n += 3 + len(counts) // the member, the roles, and who owns what there, are read again before
		case RenameGroup, MoveGroup:
			n += 2 // the group is read again before
		case JoinWorkspace: // counted below
		case SetWorkspaceRoles:
			n++ // the roles are read again before; the rest is counted below
		case Join, Move, Leave:
			if c.group != none {
				joins = append(joins, membership{edge{c.member, c.group}, i})
			}
			if c.from != none {
				leaves = append(leaves, membership{edge{c.member, c.from}, i})
			}
		default:
			n++
		}
	}
	for _, kind := range []Kind{JoinWorkspace, SetWorkspaceRoles} {
		together, alone := p.seatBatches(p.only(kind))
		n += len(together) + len(alone)
	}
	for range p.batches(joins, true) {
		n++
	}
	for range p.batches(leaves, false) {
		n++
	}
	return n
}
