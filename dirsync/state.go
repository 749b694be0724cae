package dirsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/listing"
	"github.com/quickbi-go/quickbi/internal/terminal"
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
	inactive  bool
	ours      bool // a report tells that it was deactivated, and not that it came back
	expired   bool // and that it has been so for long enough to be deleted
}

// A group is a user group, or one to be created.
type group struct {
	id      string // "" until created
	newID   string // of its key, until created
	name    string
	path    string
	parent  groupAt // or none
	members int     // directly in it, now
	leaving int     // of them, those who will not be
}

// A memberAt is the place of a member in a plan, a groupAt that of a group.
type (
	memberAt int32
	groupAt  int32
)

// none stands for no place.
const none = -1

// label names the member.
func (m *member) label() string {
	switch {
	case m.account != "":
		return m.account
	case m.accountID != "":
		return m.accountID
	}
	return m.id
}

// shown is label for texts that people read.
func (m *member) shown() string { return terminal.Name(m.label()) }

// A state is what is being found out for a plan.
type state struct {
	*Syncer
	plan   *Plan
	within map[string][]string // names of the groups that belong to the source, by what is the same

	byUserID        map[string]memberAt
	byAccountID     map[string]memberAt
	byLogin         map[string]memberAt // the last one; the others follow by sameLogin
	nickNames       map[string]memberAt
	profiles        map[memberAt]Profile // of those there are, if they are to be compared
	wanted          map[memberAt]Profile
	roles           map[int64]quickbi.Role
	tagIDs          map[string][]quickbi.UserTag   // by what is the same in their names
	wantedTags      map[memberAt]map[string]string // values by TagID
	userTypes       map[memberAt]quickbi.UserType  // of those there are, if workspaces are compared
	workspaces      []workspace
	namedWorkspaces map[string]namedWorkspace
	wishes          []wish
	speaks          map[memberAt]bool // a record says which workspaces the member is in
	interned        map[string]string
	claims          map[memberAt]claim
	ids             map[string]namedID  // that the listing does not show
	unlisted        map[string]bool     // those of all records
	hiddenIDs       bool                // the listing does not show the ids of all members
	maybe           map[memberAt]string // which records may be about members that none names

	byGroupID map[string]groupAt
	keys      map[string]string // ids of groups of the source that are not there, by what is the same in their names
	bad       map[string]string // why groups of the source are left alone, by what is the same in their names
	frozen    map[groupAt]bool  // whom nobody joins or leaves
	moved     map[groupAt]place // where groups are that are to be elsewhere
	oldPaths  map[string]bool   // theirs
	byPath    map[string]groupAt
	bySame    map[string][]groupAt
	byAlike   map[string][]groupAt
	twins     map[string]bool // paths that two groups have
	named     map[string]namedGroup
	outside   map[string]bool // paths

	have, want []edge
	pending    []pending
	idsOnly    bool // an account of which only the id is given fitted nobody
}

func newState(s *Syncer, p *Plan) *state {
	st := &state{
		Syncer: s, plan: p, within: make(map[string][]string),
		byUserID: make(map[string]memberAt), byAccountID: make(map[string]memberAt), byLogin: make(map[string]memberAt),
		profiles: make(map[memberAt]Profile), wanted: make(map[memberAt]Profile), roles: make(map[int64]quickbi.Role),
		userTypes: make(map[memberAt]quickbi.UserType), namedWorkspaces: make(map[string]namedWorkspace), speaks: make(map[memberAt]bool), interned: make(map[string]string),
		tagIDs: make(map[string][]quickbi.UserTag), wantedTags: make(map[memberAt]map[string]string),
		nickNames: make(map[string]memberAt), claims: make(map[memberAt]claim), ids: make(map[string]namedID), unlisted: make(map[string]bool), maybe: make(map[memberAt]string),
		byGroupID: make(map[string]groupAt), keys: make(map[string]string), bad: make(map[string]string), frozen: make(map[groupAt]bool),
		moved: make(map[groupAt]place), oldPaths: make(map[string]bool),
		byPath: make(map[string]groupAt), bySame: make(map[string][]groupAt), byAlike: make(map[string][]groupAt),
		twins: make(map[string]bool), named: make(map[string]namedGroup), outside: make(map[string]bool),
	}
	for _, path := range s.Within {
		names, _ := splitPath(path) // withDefaults has checked it
		st.within[sameGroup(names)] = names
	}
	return st
}

// read finds out who is there, which groups, and who is in them.
func (s *state) read(ctx context.Context) error {
	users, err := s.listMembers(ctx)
	if err != nil {
		return fmt.Errorf("dirsync: listing the members: %w", err)
	}
	if err := s.readRoles(ctx); err != nil {
		return err
	}
	if err := s.readTags(ctx); err != nil {
		return err
	}
	if err := s.readWorkspaces(ctx); err != nil {
		return err
	}
	left, err := s.deactivations()
	if err != nil {
		return err
	}
	for _, user := range users {
		i := s.addMember(member{
			id: user.UserID, accountID: user.AccountID, account: user.AccountName,
			alone:  s.Keep != nil && s.Keep(user),
			admin:  isAdmin(user),
			viewer: user.UserType == quickbi.UserTypeViewer,

			inactive: user.IsDeleted.True(),
		})
		if since, ours := left[user.UserID]; ours {
			m := &s.plan.members[i]
			m.ours, m.expired = true, s.plan.Made.Sub(since) > s.DeleteAfter
		}
		if s.UpdateNickNames || s.UpdateUserTypes || s.UpdateRoles {
			s.profiles[i] = Profile{user.NickName, user.UserType, user.RoleIDs}
		}
		if s.UpdateWorkspaces {
			s.userTypes[i] = user.UserType
		}
		s.byUserID[user.UserID] = i
		s.hiddenIDs = s.hiddenIDs || user.AccountID == ""
		if user.AccountID == "" && splitAccount(user.AccountName).login == "" {
			s.plan.members[i].alone = true
			s.plan.Nameless = append(s.plan.Nameless, user.UserID)
		}
		if s.AddMembersAs != 0 || s.UpdateNickNames {
			s.nickNames[same(user.NickName)] = i
		}
	}
	s.plan.Members = len(s.plan.members)
	if err := s.readGroups(ctx); err != nil {
		return err
	}
	return s.placeGroups(ctx)
}

// isAdmin reports whether a member has a role with which it is never deleted.
func isAdmin(user quickbi.User) bool {
	//lint:ignore SA1019 The service may tell it in either way.
	return user.AdminUser || user.AuthAdminUser ||
		slices.Contains(user.RoleIDs, quickbi.OrganizationRoleAdmin) || slices.Contains(user.RoleIDs, quickbi.OrganizationRolePermissionAdmin)
}

// listMembers returns all members: one who slipped from page to page would look
// like one who has left.
func (s *state) listMembers(ctx context.Context) ([]quickbi.User, error) {
	return listing.Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.User], error) {
		return listing.Page(s.Client.QueryUserList(ctx, &quickbi.QueryUserListRequest{PageNum: page, PageSize: listing.PerPage}))
	}, func(u quickbi.User) string { return u.UserID })
}

// readGroups finds out which groups there are, and who is in them.
func (s *state) readGroups(ctx context.Context) error {
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
	s.have = slices.DeleteFunc(s.have, func(e edge) bool { return s.twins[s.plan.groups[e.group].path] })
	slices.SortFunc(s.have, byMember)
	s.have = slices.Compact(s.have)
	s.plan.Memberships = len(s.have)
	for _, e := range s.have {
		s.plan.groups[e.group].members++
	}
	return nil
}

// readGroup returns the groups below one, and, if it belongs to the source, who is in it.
func (s *state) readGroup(ctx context.Context, i groupAt) ([]group, []edge, error) {
	g := &s.plan.groups[i]
	names := s.namesOf(i)
	if !s.owns(names) {
		if !s.leadsToOwned(names) {
			return nil, nil, nil
		}
		resp, err := s.Client.QueryUserGroupListByParentId(ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: g.id})
		if err != nil {
			return nil, nil, fmt.Errorf("dirsync: listing the groups in %s: %w", terminal.Name(g.path), err)
		}
		return children(resp.Result), nil, nil
	}
	resp, err := s.Client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: g.id})
	if err != nil {
		return nil, nil, fmt.Errorf("dirsync: listing what is in %s: %w", terminal.Name(g.path), err)
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

func (s *state) addMember(m member) memberAt {
	i := memberAt(len(s.plan.members))
	s.plan.members = append(s.plan.members, m)
	s.index(i)
	return i
}

// successor finds the member who is to get the works of deleted ones.
func (s *state) successor(ctx context.Context) (memberAt, error) {
	if s.Successor == "" {
		return none, nil
	}
	r := Record{AccountName: s.Successor}
	if _, ok := s.byAccountID[s.Successor]; ok {
		r = Record{AccountID: s.Successor}
	}
	v := s.decide(&r)
	if v.ask {
		var err error
		if v, err = s.confirm(ctx, &r, v.about); err != nil {
			return none, err
		}
	}
	switch {
	case v.problem != "":
		return none, fmt.Errorf("dirsync: the successor %s: %s", terminal.Name(s.Successor), v.problem)
	case v.member == none:
		return none, fmt.Errorf("dirsync: no member has the account %s, which is to be the successor", terminal.Name(s.Successor))
	case s.plan.members[v.member].inactive:
		return none, fmt.Errorf("dirsync: the successor %s is deactivated", terminal.Name(s.Successor))
	case s.plan.members[v.member].viewer:
		return none, fmt.Errorf("dirsync: the successor %s is a viewer, who cannot own works", terminal.Name(s.Successor))
	}
	return v.member, nil
}

// problem notes a problem. The members whom it is about stay as they are.
func (s *state) problem(p Problem, about ...memberAt) {
	s.plan.Problems = append(s.plan.Problems, p)
	for _, i := range about {
		s.plan.members[i].alone = true
	}
}

// take notes what a record wants, or that the service has to be asked about it.
func (s *state) take(r Record) {
	s.plan.Records++
	var problems []string
	for cell, forget := range map[*string]string{
		&r.AccountID: "account id", &r.AccountName: "account name", &r.NickName: "nickname",
	} {
		if *cell = clean(*cell); !isValue(*cell) {
			problems = append(problems, fmt.Sprintf("the %s %s is not a value: a formula of the spreadsheet failed", forget, *cell))
			*cell = ""
		}
	}
	slices.Sort(problems)
	if r.AccountID == "" && splitAccount(r.AccountName).login == "" {
		problems = append(problems, "the record has neither an account id nor an account name")
		s.block(&r)
	}
	v := s.decide(&r)
	if len(problems) > 0 {
		v.problem = strings.Join(problems, "; ")
	}
	if v.ask || v.member == none && v.problem == "" && s.AddMembersAs != 0 { // added in the order of the source
		r.Groups = slices.Clone(r.Groups)
		s.pending = append(s.pending, pending{r, v})
	} else {
		s.follow(&r, v)
	}
}

// problem makes a problem of the record.
func (r *Record) problem(text string) Problem {
	return Problem{Account: strings.Clone(r.account()), Origin: r.Origin, Text: text}
}

// block makes the plan take nothing away from anybody: the record may be about
// anybody.
func (s *state) block(r *Record) {
	if s.plan.Blocked == "" {
		s.plan.Blocked = "a record names nobody"
		if r.Origin != "" {
			s.plan.Blocked += ": " + r.Origin
		}
	}
}

// follow notes what a record wants for the member it means.
func (s *state) follow(r *Record, v verdict) {
	i := v.member
	if _, listed := s.byAccountID[r.AccountID]; !listed && r.AccountID != "" {
		s.unlisted[strings.Clone(r.AccountID)] = true
	}
	if i == none && r.AccountName == "" && r.AccountID != "" {
		s.idsOnly = true
	}
	if v.problem != "" {
		if i != none {
			v.about = append(v.about, i)
		}
		s.problem(r.problem(v.problem), v.about...)
		return
	}
	for _, about := range v.about {
		s.maybe[about] = fmt.Sprintf("it may be the account %s, which nobody confirms", terminal.Name(r.account()))
	}
	if text, other := s.sharesID(i, r); text != "" {
		about := slices.DeleteFunc([]memberAt{i, other}, func(i memberAt) bool { return i == none })
		s.problem(r.problem(text), about...)
		return
	}
	if i == none {
		if s.AddMembersAs == 0 {
			s.plan.Unknown = append(s.plan.Unknown, strings.Clone(r.account()))
			for _, path := range r.Groups {
				_, _ = s.group(path) // Within can mean a group that only such a record names
			}
			return
		}
		if r.AccountName == "" && looksRounded(r.AccountID) {
			s.problem(r.problem("nobody has the account id, which a spreadsheet may have rounded: give the account's name, too"))
			return
		}
		n, err := s.newMember(r)
		if err != nil {
			s.problem(r.problem(err.Error()))
			return
		}
		i = s.addMember(member{accountID: strings.Clone(r.AccountID), account: strings.Clone(r.AccountName)})
		s.plan.added[i] = n
		s.nickNames[same(n.nickName)] = i
	}
	if text := s.contradicts(i, r); text != "" {
		s.problem(r.problem(text), i)
		return
	}
	s.plan.members[i].named = true
	if first, isNew := s.plan.added[i]; isNew {
		if r.NickName != "" && r.NickName != first.wanted || r.UserType != 0 && r.UserType != first.userType {
			s.problem(r.problem("another record of the account has a different nickname or user type"), i)
		}
	} else if err := s.wantProfile(i, r); err != nil {
		s.problem(r.problem(err.Error()), i)
	}
	if err := s.wantTags(i, r); err != nil {
		s.problem(r.problem(err.Error()), i)
	}
	if err := s.wantWorkspaces(i, r); err != nil {
		s.problem(r.problem(err.Error()), i)
	}
	for _, path := range r.Groups {
		if g, err := s.group(path); err != nil {
			s.problem(r.problem(err.Error()), i)
		} else if g != none {
			s.want = append(s.want, edge{i, g})
		}
	}
}

// newMember checks what the service would refuse.
func (s *state) newMember(r *Record) (newMember, error) {
	n := newMember{nickName: strings.Clone(r.NickName), wanted: strings.Clone(r.NickName), userType: r.UserType}
	if n.userType == 0 {
		n.userType = s.AddMembersAs
	}
	if n.nickName == "" {
		return n, errors.New("it is to be added, but the record has no nickname")
	}
	if err := checkName(n.nickName, maxNickName); err != nil {
		return n, fmt.Errorf("it is to be added, but the nickname %s cannot be: %w", terminal.Name(n.nickName), err)
	}
	if len([]rune(r.AccountName)) > maxAccountName {
		return n, fmt.Errorf("it is to be added, but the account name is longer than %d characters", maxAccountName)
	}
	if s.UpdateRoles && len(r.Roles) > 0 {
		var err error
		if n.roles, err = s.roleIDs(r.Roles); err == nil {
			err = s.checkRoles(n.userType, n.roles)
		}
		if err != nil {
			return n, fmt.Errorf("it is to be added, but %w", err)
		}
	}
	other, taken := s.nickNames[same(n.nickName)]
	if !taken {
		return n, nil
	}
	if !s.AppendAccount {
		return n, fmt.Errorf("it is to be added, but %s has the nickname %s: give another one, or allow AppendAccount (-append-account)", s.plan.members[other].shown(), terminal.Name(n.nickName))
	}
	n.nickName = withAccount(n.nickName, r.account())
	if other, taken = s.nickNames[same(n.nickName)]; taken {
		return n, fmt.Errorf("it is to be added, but %s has the nickname %s", s.plan.members[other].shown(), terminal.Name(n.nickName))
	}
	return n, nil
}

// withAccount makes a nickname that nobody else has: the account is behind it.
func withAccount(nickName, account string) string {
	login := strings.Map(func(r rune) rune {
		if checkName(string(r), 1) != nil {
			return '_'
		}
		return r
	}, splitAccount(account).login)
	name := []rune(nickName)
	room := maxNickName - len([]rune(login)) - len("()")
	if room < 1 {
		login = string([]rune(login)[:maxNickName/2])
		room = maxNickName - maxNickName/2 - len("()")
	}
	return string(name[:min(len(name), room)]) + "(" + login + ")"
}
