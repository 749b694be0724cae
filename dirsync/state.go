package dirsync

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
)

// A member is a member of the organization, or one to be added.
type member struct {
	id        string   // "" until added
	accountID string   // "" if not known
	account   string   // the name, as the service or the record writes it
	sameLogin memberAt // the next member with this login, or none
	named     bool     // by a record
	alone     bool     // to be left as it is
	admin     bool
	viewer    bool
}

// A group is a user group, or one to be created.
type group struct {
	id     string // "" until created
	name   string
	path   string
	parent groupAt // or none
}

// A memberAt is the place of a member in a plan, a groupAt that of a group.
type (
	memberAt int32
	groupAt  int32
)

// none is no place.
const none = -1

// label names the member in texts.
func (m *member) label() string {
	switch {
	case m.account != "":
		return m.account
	case m.accountID != "":
		return m.accountID
	}
	return m.id
}

// A state is what is being found out for a plan.
type state struct {
	*Syncer
	plan *Plan

	byUserID    map[string]memberAt
	byAccountID map[string]memberAt
	byLogin     map[string]memberAt // the first one; the others follow by sameLogin
	byPath      map[string]groupAt
	outside     map[string]bool // paths

	have, want []edge
	added      []newMember // those behind the existing members
	idsOnly    bool        // an account of which only the id is given fitted nobody
}

// read finds out who is there, which groups, and who is in them.
func (s *state) read(ctx context.Context) error {
	for user, err := range s.Client.QueryUserListAll(ctx, nil) {
		if err != nil {
			return fmt.Errorf("dirsync: listing the members: %w", err)
		}
		if _, twice := s.byUserID[user.UserID]; twice || user.UserID == "" {
			continue // pages shift when members come and go meanwhile
		}
		i := s.addMember(member{
			id: user.UserID, accountID: user.AccountID, account: user.AccountName,
			alone: s.Keep != nil && s.Keep(user),
			admin: slices.Contains(user.RoleIDs, quickbi.OrganizationRoleAdmin) ||
				slices.Contains(user.RoleIDs, quickbi.OrganizationRolePermissionAdmin),
			viewer: user.UserType == quickbi.UserTypeViewer,
		})
		s.byUserID[user.UserID] = i
	}
	s.plan.Members = len(s.plan.members)

	top, err := s.Client.QueryUserGroupListByParentId(ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: quickbi.RootUserGroupID})
	if err != nil {
		return fmt.Errorf("dirsync: listing the groups: %w", err)
	}
	// Layer by layer: the groups of one are read side by side.
	for layer := s.addGroups(none, children(top.Result)); len(layer) > 0; {
		below := make([][]group, len(layer)) // the order must not depend on who is first
		var mu sync.Mutex
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(s.Workers)
		for at, i := range layer {
			g.Go(func() error {
				groups, edges, err := s.readGroup(ctx, i)
				below[at] = groups
				mu.Lock()
				defer mu.Unlock()
				s.have = append(s.have, edges...)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		var next []groupAt
		for at, i := range layer {
			next = append(next, s.addGroups(i, below[at])...)
		}
		layer = next
	}
	slices.SortFunc(s.have, byMember)
	s.have = slices.Compact(s.have)
	s.plan.Memberships = len(s.have)
	return nil
}

// readGroup returns the groups below one, and, if it belongs to the source, who is in it.
func (s *state) readGroup(ctx context.Context, i groupAt) ([]group, []edge, error) {
	g := &s.plan.groups[i]
	if !s.owns(g.path) {
		if !s.leadsToOwned(g.path) {
			return nil, nil, nil
		}
		resp, err := s.Client.QueryUserGroupListByParentId(ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: g.id})
		if err != nil {
			return nil, nil, fmt.Errorf("dirsync: listing the groups in %s: %w", g.path, err)
		}
		return children(resp.Result), nil, nil
	}
	resp, err := s.Client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: g.id})
	if err != nil {
		return nil, nil, fmt.Errorf("dirsync: listing what is in %s: %w", g.path, err)
	}
	var groups []group
	edges := make([]edge, 0, len(resp.Result))
	for _, entry := range resp.Result {
		if entry.IsUserGroup {
			groups = append(groups, group{id: entry.ID, name: entry.Name})
		} else if m, ok := s.byUserID[entry.ID]; ok { // the others joined after the members were listed
			edges = append(edges, edge{m, i})
		}
	}
	return groups, edges, nil
}

func children(list []quickbi.ChildUserGroup) []group {
	groups := make([]group, len(list))
	for i, child := range list {
		groups[i] = group{id: child.UserGroupID, name: child.UserGroupName}
	}
	return groups
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
		if _, twice := s.byPath[g.path]; twice {
			s.problem(Problem{Text: fmt.Sprintf("there are two groups %s; the one with the id %s is left alone", g.path, g.id)})
			continue
		}
		places = append(places, s.addGroup(g))
	}
	return places
}

func (s *state) addGroup(g group) groupAt {
	i := groupAt(len(s.plan.groups))
	s.plan.groups = append(s.plan.groups, g)
	s.byPath[g.path] = i
	return i
}

func (s *state) addMember(m member) memberAt {
	i := memberAt(len(s.plan.members))
	m.sameLogin = none
	if login := strings.ToLower(splitAccount(m.account).login); login != "" {
		if first, ok := s.byLogin[login]; ok {
			m.sameLogin = first
		}
		s.byLogin[login] = i
	}
	if m.accountID != "" {
		s.byAccountID[m.accountID] = i
	}
	s.plan.members = append(s.plan.members, m)
	return i
}

// An accountName is the name of a cloud account, taken apart.
type accountName struct {
	login  string // of a RAM user: the name within the account
	parent string // of a RAM user: the account, or ""
	sign   byte   // ':' or '@', by which the parent was written; 0 without one
}

// splitAccount takes a name apart. An account that is no RAM user has only a login.
func splitAccount(name string) accountName {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return accountName{name[i+1:], name[:i], ':'}
	}
	if login, domain, ok := strings.Cut(name, "@"); ok {
		if main, ok := strings.CutSuffix(domain, ".onaliyun.com"); ok {
			return accountName{login, main, '@'}
		}
	}
	return accountName{login: name}
}

// find returns the members that the account can be. An id decides alone. By
// name there may be several: the service shows RAM users without the account
// that they belong to, and two accounts may have users of the same name.
func (s *state) find(accountID, accountName string) iter.Seq[memberAt] {
	return func(yield func(memberAt) bool) {
		if i, ok := s.byAccountID[accountID]; ok {
			yield(i)
			return
		}
		name := splitAccount(strings.ToLower(accountName))
		if name.login == "" {
			return
		}
		i, ok := s.byLogin[name.login]
		for ; ok && i != none; i = s.plan.members[i].sameLogin {
			m := &s.plan.members[i]
			if accountID != "" && m.accountID != "" {
				continue // both are known, and differ
			}
			other := splitAccount(strings.ToLower(m.account))
			if name.sign != 0 && name.sign == other.sign && name.parent != other.parent {
				continue
			}
			if !yield(i) {
				return
			}
		}
	}
}

// successor finds the member who is to get the works of deleted ones.
func (s *state) successor() (memberAt, error) {
	if s.Successor == "" {
		return none, nil
	}
	found := slices.Collect(s.find(s.Successor, ""))
	if len(found) == 0 {
		found = slices.Collect(s.find("", s.Successor))
	}
	switch {
	case len(found) == 0:
		return none, fmt.Errorf("dirsync: no member has the account %s, which is to be the successor", s.Successor)
	case len(found) > 1:
		return none, fmt.Errorf("dirsync: %d members can be the successor %s: give the account's id", len(found), s.Successor)
	case s.plan.members[found[0]].viewer:
		return none, fmt.Errorf("dirsync: the successor %s is a viewer, who cannot own works", s.Successor)
	}
	return found[0], nil
}

// problem notes a problem. The members whom it is about stay as they are.
func (s *state) problem(p Problem, about ...memberAt) {
	s.plan.Problems = append(s.plan.Problems, p)
	for _, i := range about {
		s.plan.members[i].alone = true
	}
}

// take notes what a record wants.
func (s *state) take(r Record) {
	s.plan.Records++
	about := Problem{Account: strings.Clone(r.account()), Origin: r.Origin}
	problem := func(text string, members ...memberAt) {
		about.Text = text
		s.problem(about, members...)
	}
	if r.AccountID == "" && r.AccountName == "" {
		problem("the record has neither an account id nor an account name")
		return
	}
	var i memberAt
	switch found := slices.Collect(s.find(r.AccountID, r.AccountName)); {
	case len(found) > 1:
		problem(fmt.Sprintf("%d members can be meant: give the account's id", len(found)), found...)
		return
	case len(found) == 1:
		i = found[0]
	case s.AddMembersAs == 0:
		s.plan.Unknown = append(s.plan.Unknown, about.Account)
		s.idsOnly = s.idsOnly || r.AccountName == ""
		return
	default:
		n, err := s.newMember(r)
		if err != nil {
			problem(err.Error())
			return
		}
		s.added = append(s.added, n)
		i = s.addMember(member{accountID: strings.Clone(r.AccountID), account: strings.Clone(r.AccountName)})
	}
	s.plan.members[i].named = true
	if n := int(i) - s.plan.Members; n >= 0 {
		if first := s.added[n]; r.NickName != "" && r.NickName != first.nickName || r.UserType != 0 && r.UserType != first.userType {
			problem("another record of the account has a different nickname or user type", i)
		}
	}
	for _, path := range r.Groups {
		if g, err := s.group(path); err != nil {
			problem(err.Error(), i)
		} else if g != none {
			s.want = append(s.want, edge{i, g})
		}
	}
}

// newMember checks what the service would refuse.
func (s *state) newMember(r Record) (newMember, error) {
	n := newMember{nickName: strings.Clone(r.NickName), userType: r.UserType}
	if n.userType == 0 {
		n.userType = s.AddMembersAs
	}
	switch {
	case n.nickName == "":
		return n, errors.New("it is to be added, but the record has no nickname")
	case len([]rune(n.nickName)) > maxNickName:
		return n, fmt.Errorf("it is to be added, but the nickname is longer than %d characters", maxNickName)
	case len([]rune(r.AccountName)) > maxAccountName:
		return n, fmt.Errorf("it is to be added, but the account name is longer than %d characters", maxAccountName)
	}
	return n, nil
}

// group returns the place of a group that a record names, or none if it does not
// belong to the source. One that is not there yet gets a place, as do those
// above it; what will be created is decided in the end.
func (s *state) group(path string) (groupAt, error) {
	i, known := s.byPath[path] // as it is nearly always
	var names []string
	if !known {
		var err error
		if names, err = splitPath(path); err != nil {
			return none, err
		}
		path = Path(names...)
	}
	if !s.owns(path) {
		s.outside[path] = true
		return none, nil
	}
	if known {
		return i, nil
	}
	i = none
	for depth, name := range names {
		above, ok := i, false
		path := Path(names[:depth+1]...)
		if i, ok = s.byPath[path]; !ok {
			i = s.addGroup(group{name: name, path: path, parent: above})
		}
	}
	return i, nil
}
