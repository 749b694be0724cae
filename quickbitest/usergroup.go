package quickbitest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	maxGroupID    = 64   // characters
	maxGroupText  = 255  // characters, of a name or a description
	maxLayers     = 10   // of user groups
	maxListedUser = 1000 // in one call
)

// A UserGroup is a user group. It comes after its parent.
type UserGroup struct {
	UserGroupID       string   `json:"UserGroupId,omitempty"`       // empty: generated
	ParentUserGroupID string   `json:"ParentUserGroupId,omitempty"` // empty or "-1": the root
	UserGroupName     string   `json:"UserGroupName"`
	Description       string   `json:"UserGroupDescription,omitempty"`
	UserIDs           []string `json:"UserIds,omitempty"` // its members
}

// rootGroupID stands for the root of the user groups where a group is asked for.
const rootGroupID = "-1"

// The userGroupState is what the organization knows of user groups.
type userGroupState struct {
	root   *group
	groups table[*group]
}

func newUserGroupState() userGroupState {
	return userGroupState{root: &group{id: rootGroupID, childNames: make(map[string]*group)}}
}

// A group is a user group: a node of the tree under organization.root.
type group struct {
	id, name, description string
	parent                *group // nil: the root
	children              table[*group]
	childNames            map[string]*group
	members               table[*member]
	created, modified     time.Time
	createdBy, modifiedBy string
}

// addGroup adds the group under its parent. Id and name must be free.
func (o *organization) addGroup(g *group) {
	g.childNames = make(map[string]*group)
	o.groups.put(g.id, g)
	g.parent.adopt(g)
}

// removeGroup removes a group that has no children.
func (o *organization) removeGroup(g *group) {
	for m := range g.members.all() {
		m.groups.remove(g.id)
	}
	o.dropGrants(receiver{receiverGroup, g.id})
	o.dropFromAudiences(g)
	g.parent.disown(g)
	o.groups.remove(g.id)
}

func (g *group) adopt(child *group) {
	child.parent = g
	g.children.put(child.id, child)
	g.childNames[child.name] = child
}

func (g *group) disown(child *group) {
	g.children.remove(child.id)
	delete(g.childNames, child.name)
}

// path lists the group's ancestors and itself, from the top. The root is not in it.
func (g *group) path() []string {
	var ids []string
	for ; g.parent != nil; g = g.parent {
		ids = append(ids, g.id)
	}
	slices.Reverse(ids)
	return ids
}

// height is the number of layers that the group and all below it take up.
func (g *group) height() int {
	below := 0
	for child := range g.children.all() {
		below = max(below, child.height())
	}
	return 1 + below
}

// within says whether g is other or below it.
func (g *group) within(other *group) bool {
	for ; g != nil; g = g.parent {
		if g == other {
			return true
		}
	}
	return false
}

// A groupResult is a user group as most operations spell it.
type groupResult struct {
	ID             string `json:"UsergroupId"`
	Name           string `json:"UsergroupName"`
	Description    string `json:"UsergroupDesc"`
	ParentID       string `json:"ParentUsergroupId"`
	IdentifiedPath string
	CreateTime     string
	CreateUser     string
	ModifiedTime   string
	ModifyUser     string
}

// A childGroupResult is a user group as QueryUserGroupListByParentId spells it.
type childGroupResult struct {
	ID             string `json:"UserGroupId"`
	Name           string `json:"UserGroupName"`
	Description    string `json:"UserGroupDescription"`
	ParentID       string `json:"ParentUserGroupId"`
	IdentifiedPath string
	CreateTime     string
	CreateUser     string
	ModifiedTime   string
	ModifyUser     string
}

// matches says whether the keyword, which is in lower case, is in the name.
func (g *group) matches(keyword string) bool {
	return strings.Contains(strings.ToLower(g.name), keyword)
}

func (g *group) result() groupResult {
	return groupResult{
		ID:             g.id,
		Name:           g.name,
		Description:    g.description,
		ParentID:       g.parent.id,
		IdentifiedPath: strings.Join(g.path(), "/"),
		CreateTime:     written(g.created),
		CreateUser:     g.createdBy,
		ModifiedTime:   written(g.modified),
		ModifyUser:     g.modifiedBy,
	}
}

func (g *group) childResult() childGroupResult { return childGroupResult(g.result()) }

// findGroup returns the user group with the id, or the refusal with the code. The root
// is none.
func (o *organization) findGroup(id, code string) (*group, error) {
	return o.groups.find(id, code, "user group")
}

// findParentGroup is findGroup, but "-1" means the root.
func (o *organization) findParentGroup(id, code string) (*group, error) {
	if id == rootGroupID {
		return o.root, nil
	}
	return o.findGroup(id, code)
}

// findChangeableGroup is findGroup, but refuses the root with a code of its own.
func (o *organization) findChangeableGroup(id, code string) (*group, error) {
	if id == rootGroupID {
		return nil, gateway.Refuse("UserGroup.Remove.RootNode", "The root of the user groups cannot be changed.")
	}
	return o.findGroup(id, code)
}

// createGroup creates a group. An empty id is generated.
func (o *organization) createGroup(id, parentID, name, description string, now time.Time) (*group, error) {
	parent, err := o.findParentGroup(parentID, "UserGroup.Parent.NotFound")
	switch {
	case err != nil:
		return nil, err
	case len(parent.path()) >= maxLayers:
		return nil, gateway.Refuse("UserGroup.Layer.Limited", "The parent is in layer %d, the last one.", maxLayers)
	case utf8.RuneCountInString(id) > maxGroupID:
		return nil, gateway.Invalid("UserGroupId", "is longer than %d characters", maxGroupID)
	case id == rootGroupID || strings.Contains(id, ","):
		// A comma would make the group unreachable where ids are listed.
		return nil, gateway.Invalid("UserGroupId", "must not be %s, and must not contain a comma", rootGroupID)
	case o.groups.has(id):
		return nil, gateway.Refuse("Duplicate.UserGroup.Id", "There is a user group %q already.", id)
	}
	if err := checkGroupTexts(name, description); err != nil {
		return nil, err
	}
	if err := parent.checkChildName(name, nil); err != nil {
		return nil, err
	}
	id = cmp.Or(id, gateway.NewUUID())
	g := &group{
		id: id, name: name, description: description, parent: parent,
		created: now, modified: now, createdBy: OwnerUserID, modifiedBy: OwnerUserID,
	}
	o.addGroup(g)
	return g, nil
}

func checkGroupTexts(name, description string) error {
	if err := checkName("UserGroupName", name, maxGroupText); err != nil {
		return err
	}
	return checkName("UserGroupDescription", description, maxGroupText)
}

// checkChildName says whether a child, new or old, can have the name. Names are
// unique among siblings, not in the organization: otherwise the documented
// refusal to transfer a group because of its name could never come.
func (g *group) checkChildName(name string, child *group) error {
	if other := g.childNames[name]; other != nil && other != child {
		return gateway.Refuse("Duplicate.UserGroupName.Error", "The parent has a user group called %q already.", name)
	}
	return nil
}

func (o *organization) seedGroup(s UserGroup, now time.Time) error {
	g, err := o.createGroup(s.UserGroupID, cmp.Or(s.ParentUserGroupID, rootGroupID), s.UserGroupName, s.Description, now)
	if err != nil {
		return err
	}
	for _, id := range s.UserIDs {
		m, ok := o.members.get(id)
		if !ok {
			return fmt.Errorf("there is no user %q", id)
		}
		m.join(g)
	}
	return nil
}

// seedsBelow lists the groups below the group, each after its parent.
func (g *group) seedsBelow() []UserGroup {
	var seeds []UserGroup
	for child := range g.children.all() {
		seeds = append(seeds, UserGroup{
			UserGroupID: child.id, ParentUserGroupID: g.id, UserGroupName: child.name, Description: child.description, UserIDs: seedsOf(child.members.all(), memberID),
		})
		seeds = append(seeds, child.seedsBelow()...)
	}
	return seeds
}

func createUserGroup(c *call) (any, error) {
	g, err := c.createGroup(c.string("UserGroupId"), c.string("ParentUserGroupId"),
		c.string("UserGroupName"), c.string("UserGroupDescription"), c.now)
	if err != nil {
		return nil, err
	}
	return g.id, nil
}

func updateUserGroup(c *call, g *group) (any, error) {
	name, description := cmp.Or(c.string("UserGroupName"), g.name), g.description
	set(c, "UserGroupDescription", &description, (*call).string)
	if err := checkGroupTexts(name, description); err != nil {
		return nil, err
	}
	if err := g.parent.checkChildName(name, g); err != nil {
		return nil, err
	}
	delete(g.parent.childNames, g.name)
	g.parent.childNames[name] = g
	g.name, g.description = name, description
	g.touch(c)
	return true, nil
}

func (g *group) touch(c *call) { g.modified, g.modifiedBy = c.now, OwnerUserID }

func deleteUserGroup(c *call, g *group) (any, error) {
	if g.children.len() > 0 {
		return nil, gateway.Refuse("UserGroup.Remove.WithChildren", "The user group has user groups below it.")
	}
	c.removeGroup(g)
	return true, nil
}

func transferUsergroup(c *call, g, parent *group) (any, error) {
	switch {
	case parent.within(g):
		return nil, gateway.Refuse("UserGroup.Parent.NotFound", "A user group cannot be moved below itself.")
	case len(parent.path())+g.height() > maxLayers:
		return nil, gateway.Refuse("UserGroup.Layer.Limited", "There would be more than %d layers of user groups.", maxLayers)
	}
	if err := parent.checkChildName(g.name, g); err != nil {
		return nil, err
	}
	g.parent.disown(g)
	parent.adopt(g)
	g.touch(c)
	return true, nil
}

func getUserGroupInfo(c *call) (any, error) {
	return collect(search(c, "Keyword", c.groups.all(), func(g *group) string { return g.name }), (*group).result), nil
}

func listByUserGroupId(c *call) (any, error) {
	type groupList struct {
		UserGroupModels    []groupResult
		FailedUserGroupIDs []string `json:"FailedUserGroupIds"`
	}
	list := groupList{UserGroupModels: []groupResult{}, FailedUserGroupIDs: []string{}}
	for _, id := range distinct(c.list("UserGroupIds")) {
		if g, ok := c.groups.get(id); ok {
			list.UserGroupModels = append(list.UserGroupModels, g.result())
		} else {
			list.FailedUserGroupIDs = append(list.FailedUserGroupIDs, id)
		}
	}
	return list, nil
}

func queryUserGroupListByParentId(c *call, parent *group) (any, error) {
	return collect(parent.children.all(), (*group).childResult), nil
}

// queryUserGroupMember lists what is directly in a group: the groups, then the users.
func queryUserGroupMember(c *call, g *group) (any, error) {
	type memberOfGroup struct {
		ID                  string `json:"Id"`
		Name                string
		IsUserGroup         bool
		ParentUserGroupID   string `json:"ParentUserGroupId"`
		ParentUserGroupName string
	}
	keyword := strings.ToLower(c.string("Keyword"))
	list := []memberOfGroup{}
	for child := range g.children.all() {
		if child.matches(keyword) {
			list = append(list, memberOfGroup{child.id, child.name, true, g.id, g.name})
		}
	}
	for m := range g.members.all() {
		if m.matches(keyword) {
			list = append(list, memberOfGroup{m.UserID, m.NickName, false, g.id, g.name})
		}
	}
	return list, nil
}

func listUserGroupsByUserId(c *call, m *member) (any, error) {
	return collect(m.groups.all(), (*group).result), nil
}

// addUserGroupMember adds several users to one group, all of them or none. Idempotent.
func addUserGroupMember(c *call, g *group) (any, error) {
	ids := c.list("UserIdList")
	if len(ids) > maxListedUser {
		return nil, gateway.Refuse("Parameter.Length.Exceed", "UserIdList has %d ids; at most %d are allowed.", len(ids), maxListedUser)
	}
	users, err := findAll(ids, func(id string) (*member, error) { return c.findMember(id, "Invalid.User") })
	if err != nil {
		return nil, err
	}
	for _, m := range users {
		m.join(g)
	}
	return true, nil
}

// addUserGroupMembers adds one user to several groups, to all of them or to none.
func addUserGroupMembers(c *call, m *member, groups []*group) (any, error) {
	for _, g := range groups {
		m.join(g)
	}
	return true, nil
}

// deleteUserGroupMember removes one user from one group. Idempotent.
func deleteUserGroupMember(c *call, g *group, m *member) (any, error) {
	m.leave(g)
	return true, nil
}

// deleteUserGroupMembers removes one user from several groups.
func deleteUserGroupMembers(c *call, m *member, groups []*group) (any, error) {
	for _, g := range groups {
		m.leave(g)
	}
	return true, nil
}

func withdrawAllUserGroups(c *call, m *member) (any, error) {
	c.leaveGroups(m)
	return true, nil
}
