package dirsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// A Profile is what a member is called, what the member pays for and may do. Of a
// change, it has what is changed.
type Profile struct {
	NickName string           `json:"nickname,omitempty"`
	UserType quickbi.UserType `json:"userType,omitempty"`
	Roles    []int64          `json:"roles,omitempty"` // of the organization
}

func (p Profile) isZero() bool { return p.NickName == "" && p.UserType == 0 && len(p.Roles) == 0 }

func (p Profile) String() string {
	var parts []string
	if p.NickName != "" {
		parts = append(parts, "nickname "+terminal.Name(p.NickName))
	}
	if p.UserType != 0 {
		parts = append(parts, userTypeName(p.UserType))
	}
	if len(p.Roles) > 0 {
		roles := make([]string, len(p.Roles))
		for i, id := range p.Roles {
			roles[i] = strconv.FormatInt(id, 10)
		}
		parts = append(parts, "roles "+strings.Join(roles, " "))
	}
	return strings.Join(parts, ", ")
}

// An update is what is changed of a member, and what that was.
type update struct{ set, was Profile }

// maxRoles is how many organization roles a member can have.
const maxRoles = 3

// adminRoles make administrators, which a file never does, and never undoes.
var adminRoles = []int64{quickbi.OrganizationRoleAdmin, quickbi.OrganizationRolePermissionAdmin}

// readRoles finds out which roles the organization has, if records are to name them.
func (s *state) readRoles(ctx context.Context) error {
	if !s.UpdateRoles {
		return nil
	}
	resp, err := s.Client.ListOrganizationRoles(ctx, &quickbi.ListOrganizationRolesRequest{})
	if err != nil {
		return fmt.Errorf("dirsync: listing the roles: %w", err)
	}
	for _, role := range resp.Result {
		s.roles[role.RoleID] = role
	}
	return nil
}

// roleIDs returns the ids of roles that a record gives by name or id.
func (s *state) roleIDs(names []string) ([]int64, error) {
	var ids []int64
	for _, name := range names {
		var found []int64
		for id, role := range s.roles {
			if strconv.FormatInt(id, 10) == clean(name) || same(role.RoleName) == same(clean(name)) {
				found = append(found, id)
			}
		}
		switch {
		case len(found) == 0:
			return nil, fmt.Errorf("the organization has no role %s", terminal.Name(name))
		case len(found) > 1:
			return nil, fmt.Errorf("the organization has %d roles %s: give the id", len(found), terminal.Name(name))
		case slices.Contains(adminRoles, found[0]):
			return nil, fmt.Errorf("the role %s makes an administrator, which is for the console", terminal.Name(name))
		}
		ids = append(ids, found[0])
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// wantProfile notes what a record wants a member to be called and to be. Two
// records of one member must not want different things.
func (s *state) wantProfile(i memberAt, r *Record) error {
	w := s.wanted[i]
	if s.UpdateNickNames && r.NickName != "" {
		if w.NickName != "" && w.NickName != r.NickName {
			return errors.New("another record of the account has a different nickname")
		}
		w.NickName = strings.Clone(r.NickName)
	}
	if s.UpdateUserTypes && r.UserType != 0 {
		if w.UserType != 0 && w.UserType != r.UserType {
			return errors.New("another record of the account has a different user type")
		}
		w.UserType = r.UserType
	}
	if s.UpdateRoles && len(r.Roles) > 0 {
		ids, err := s.roleIDs(r.Roles)
		if err != nil {
			return err
		}
		if len(w.Roles) > 0 && !slices.Equal(w.Roles, ids) {
			return errors.New("another record of the account has different roles")
		}
		w.Roles = ids
	}
	if !w.isZero() {
		s.wanted[i] = w
	}
	return nil
}

// compareProfiles works out which members change, and foresees what the service
// would refuse.
func (s *state) compareProfiles() {
	for i := range memberAt(s.plan.Members) {
		w, ok := s.wanted[i]
		if m := &s.plan.members[i]; !ok || m.alone || !m.named {
			continue
		}
		u, err := s.compareProfile(i, w)
		if err != nil {
			s.problem(Problem{Account: s.plan.members[i].label(), Text: err.Error()}, i)
		} else if !u.set.isZero() {
			s.plan.updates[i] = u
		}
	}
}

func (s *state) compareProfile(i memberAt, w Profile) (update, error) {
	m, now := &s.plan.members[i], s.profiles[i]
	var u update
	if w.NickName != "" && w.NickName != now.NickName && (!s.AppendAccount || now.NickName != withAccount(w.NickName, m.label())) {
		if err := checkName(w.NickName, maxNickName); err != nil {
			return u, fmt.Errorf("the nickname %s cannot be: %w", terminal.Name(w.NickName), err)
		}
		if other, taken := s.nickNames[same(w.NickName)]; taken && other != i {
			if !s.AppendAccount {
				return u, fmt.Errorf("%s has the nickname %s: give another one, or allow AppendAccount (-append-account)", s.plan.members[other].shown(), terminal.Name(w.NickName))
			}
			w.NickName = withAccount(w.NickName, m.label())
			if other, taken := s.nickNames[same(w.NickName)]; taken && other != i {
				return u, fmt.Errorf("%s has the nickname %s", s.plan.members[other].shown(), terminal.Name(w.NickName))
			}
		}
		s.nickNames[same(w.NickName)] = i
		u.set.NickName, u.was.NickName = w.NickName, now.NickName
	}
	userType := now.UserType
	if w.UserType != 0 && w.UserType != now.UserType {
		switch {
		case now.UserType == quickbi.UserTypeDeveloper:
			return u, fmt.Errorf("it is a developer, and the service lets no developer become %s", userTypeName(w.UserType))
		case w.UserType == quickbi.UserTypeViewer && m.admin:
			return u, errors.New("it is an administrator, who cannot become a viewer")
		}
		u.set.UserType, u.was.UserType = w.UserType, now.UserType
		userType = w.UserType
	}
	if len(w.Roles) > 0 {
		for _, id := range now.Roles {
			if slices.Contains(adminRoles, id) {
				w.Roles = append(slices.Clone(w.Roles), id)
			}
		}
		before := slices.Clone(now.Roles)
		slices.Sort(w.Roles)
		slices.Sort(before)
		if !slices.Equal(w.Roles, before) {
			u.set.Roles, u.was.Roles = w.Roles, before
		}
	}
	return u, s.checkRoles(userType, u.set.Roles)
}

// checkRoles returns why a member of the type cannot have the roles.
func (s *state) checkRoles(userType quickbi.UserType, roles []int64) error {
	if len(roles) > maxRoles {
		return fmt.Errorf("it would have %d roles, and can have %d", len(roles), maxRoles)
	}
	for _, id := range roles {
		if role := s.roles[id]; userType == quickbi.UserTypeViewer && !role.IsSystemRole {
			return fmt.Errorf("it is a viewer, who cannot have the role %s", terminal.Name(role.RoleName))
		}
	}
	return nil
}

// updateMember changes a member's profile. Before, it reads the member again: roles
// that somebody gave or took away meanwhile stay so.
func (r *run) updateMember(i int) error {
	at := r.changes[i].member
	id, set, was := r.members[at].id, r.updates[at].set, r.updates[at].was
	user, err := r.readAgain(at)
	switch {
	case err != nil:
		return err
	case isSet(set, user):
		return nil // somebody has done it
	case !isSet(was, user):
		return fmt.Errorf("%w: its nickname, user type or roles are others now", ErrChanged)
	}
	return r.settle(i, func(ctx context.Context) error {
		_, err := r.client.UpdateUser(ctx, &quickbi.UpdateUserRequest{UserID: id, NickName: set.NickName, UserType: set.UserType, RoleIDs: set.Roles})
		return err
	}, func(ctx context.Context) (bool, error) {
		resp, err := r.client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: id})
		if err != nil {
			return false, err
		}
		return isSet(set, resp.Result), nil
	})
}

// isSet reports whether a member has all that a profile sets.
func isSet(set Profile, user quickbi.User) bool {
	has := slices.Clone(user.RoleIDs)
	slices.Sort(has)
	return (set.NickName == "" || set.NickName == user.NickName) && (set.UserType == 0 || set.UserType == user.UserType) &&
		(len(set.Roles) == 0 || slices.Equal(set.Roles, has))
}

// setInactive deactivates a member, or brings it back.
func (r *run) setInactive(i int) error {
	c := r.changes[i]
	id, inactive := r.members[c.member].id, c.kind == Deactivate
	if inactive {
		if err := r.stillAsPlanned(c.member); err != nil {
			if errors.Is(err, quickbi.ErrUserNotInOrganization) {
				return nil // gone already
			}
			return err
		}
	}
	return r.settle(i, func(ctx context.Context) error {
		_, err := r.client.UpdateUser(ctx, &quickbi.UpdateUserRequest{UserID: id, IsDeleted: new(inactive)})
		return err
	}, func(ctx context.Context) (bool, error) {
		now, err := isInactive(ctx, r.client, id)
		return err == nil && now == inactive, err
	})
}

// isInactive reports whether a member is deactivated. Versions of the service before
// October 2026 tell it in the list of members only.
func isInactive(ctx context.Context, client *quickbi.Client, userID string) (bool, error) {
	resp, err := client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: userID})
	if err != nil {
		return false, err
	}
	if deleted := resp.Result.IsDeleted; deleted.Known() {
		return deleted.True(), nil
	}
	for user, err := range client.QueryUserListAll(ctx, &quickbi.QueryUserListRequest{Keyword: resp.Result.NickName}) {
		if err != nil {
			return false, err
		}
		if user.UserID == userID && user.IsDeleted.Known() {
			return user.IsDeleted.True(), nil
		}
	}
	return false, errors.New("the service does not tell whether the member is deactivated")
}
