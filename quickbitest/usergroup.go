package quickbitest

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

var userGroupHandlers = map[string]handler{
	"AddUserGroupMember":           addUserGroupMember,
	"AddUserGroupMembers":          addUserGroupMembers,
	"CreateUserGroup":              createUserGroup,
	"DeleteUserGroup":              deleteUserGroup,
	"DeleteUserGroupMember":        deleteUserGroupMember,
	"DeleteUserGroupMembers":       deleteUserGroupMembers,
	"GetUserGroupInfo":             getUserGroupInfo,
	"ListByUserGroupId":            listByUserGroupID,
	"ListUserGroupsByUserId":       listUserGroupsByUserID,
	"QueryUserGroupListByParentId": queryUserGroupListByParentID,
	"QueryUserGroupMember":         queryUserGroupMember,
	"TransferUsergroup":            transferUserGroup,
	"UpdateUserGroup":              updateUserGroup,
	"WithdrawAllUserGroups":        withdrawAllUserGroups,
}

const (
	maxGroupID    = 64   // characters
	maxGroupText  = 255  // characters, of a name or a description
	maxLayers     = 10   // of user groups
	maxListedUser = 1000 // in one call
)

// A groupTimes is what both spellings of a user group have in common.
type groupTimes struct {
	IdentifiedPath string
	CreateTime     string
	CreateUser     string
	ModifiedTime   string
	ModifyUser     string
}

// A groupResult is a user group as most operations spell it.
type groupResult struct {
	groupTimes
	UsergroupID       string `json:"UsergroupId"`
	UsergroupName     string
	UsergroupDesc     string
	ParentUsergroupID string `json:"ParentUsergroupId"`
}

// A childGroupResult is a user group as QueryUserGroupListByParentId spells it.
type childGroupResult struct {
	groupTimes
	UserGroupID          string `json:"UserGroupId"`
	UserGroupName        string
	UserGroupDescription string
	ParentUserGroupID    string `json:"ParentUserGroupId"`
}

// matches says whether the keyword, which is in lower case, is in the name.
func (g *group) matches(keyword string) bool {
	return strings.Contains(strings.ToLower(g.name), keyword)
}

func (g *group) times() groupTimes {
	return groupTimes{
		IdentifiedPath: strings.Join(g.path(), "/"),
		CreateTime:     written(g.created),
		CreateUser:     g.createdBy,
		ModifiedTime:   written(g.modified),
		ModifyUser:     g.modifiedBy,
	}
}

func (g *group) result() groupResult {
	return groupResult{
		groupTimes:        g.times(),
		UsergroupID:       g.id,
		UsergroupName:     g.name,
		UsergroupDesc:     g.description,
		ParentUsergroupID: g.parent.id,
	}
}

func (g *group) childResult() childGroupResult {
	return childGroupResult{
		groupTimes:           g.times(),
		UserGroupID:          g.id,
		UserGroupName:        g.name,
		UserGroupDescription: g.description,
		ParentUserGroupID:    g.parent.id,
	}
}

// group returns the user group with the id. The root is none of them.
func (o *organization) group(id string) (*group, error) {
	if g, ok := o.groups.get(id); ok {
		return g, nil
	}
	return nil, gateway.Refuse("Usergroup.Not.Exist", "There is no user group %q.", id)
}

// createGroup makes a group. An empty id is made up.
func (o *organization) createGroup(id, parentID, name, description string, now time.Time) (*group, error) {
	parent, ok := o.parentGroup(parentID)
	switch {
	case !ok:
		return nil, gateway.Refuse("UserGroup.Parent.NotFound", "There is no user group %q to be the parent.", parentID)
	case len(parent.path()) >= maxLayers:
		return nil, gateway.Refuse("UserGroup.Layer.Limited", "The parent is in layer %d, the last one.", maxLayers)
	case utf8.RuneCountInString(id) > maxGroupID:
		return nil, gateway.Invalid("UserGroupId", "is longer than %d characters", maxGroupID)
	case id == rootGroupID || strings.Contains(id, ","):
		// A comma would make the group unreachable where ids are listed.
		return nil, gateway.Invalid("UserGroupId", "must neither be %s nor have a comma", rootGroupID)
	case o.groups.has(id):
		return nil, gateway.Refuse("Duplicate.UserGroup.Id", "There is a user group %q already.", id)
	}
	if err := checkGroupTexts(name, description); err != nil {
		return nil, err
	}
	if err := parent.checkChildName(name, nil); err != nil {
		return nil, err
	}
	if id == "" {
		id = gateway.NewUUID()
	}
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

func createUserGroup(c *call) (any, error) {
	g, err := c.createGroup(c.string("UserGroupId"), c.string("ParentUserGroupId"),
		c.string("UserGroupName"), c.string("UserGroupDescription"), c.now)
	if err != nil {
		return nil, err
	}
	return g.id, nil
}

// changeableGroup returns the group that UserGroupId names, if it can be changed.
func (c *call) changeableGroup() (*group, error) {
	id := c.string("UserGroupId")
	if id == rootGroupID {
		return nil, gateway.Refuse("UserGroup.Remove.RootNode", "The root of the user groups stays as it is.")
	}
	return c.group(id)
}

func updateUserGroup(c *call) (any, error) {
	g, err := c.changeableGroup()
	if err != nil {
		return nil, err
	}
	name, description := g.name, g.description
	if s := c.string("UserGroupName"); s != "" {
		name = s
	}
	if c.has("UserGroupDescription") {
		description = c.string("UserGroupDescription")
	}
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

func deleteUserGroup(c *call) (any, error) {
	g, err := c.changeableGroup()
	if err != nil {
		return nil, err
	}
	if g.children.len() > 0 {
		return nil, gateway.Refuse("UserGroup.Remove.WithChildren", "The user group has user groups below it.")
	}
	c.removeGroup(g)
	return true, nil
}

func transferUserGroup(c *call) (any, error) {
	g, err := c.group(c.string("UserGroupId"))
	if err != nil {
		return nil, err
	}
	parent, ok := c.parentGroup(c.string("ParentUserGroupId"))
	switch {
	case !ok:
		return nil, gateway.Refuse("UserGroup.Parent.NotFound", "There is no user group %q to be the parent.", c.string("ParentUserGroupId"))
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
	keyword := strings.ToLower(c.string("Keyword"))
	found := filter(c.groups.all(), func(g *group) bool { return g.matches(keyword) })
	return collect(found, (*group).result), nil
}

func listByUserGroupID(c *call) (any, error) {
	type groupList struct {
		UserGroupModels    []groupResult
		FailedUserGroupIDs []string `json:"FailedUserGroupIds"`
	}
	list := groupList{UserGroupModels: []groupResult{}, FailedUserGroupIDs: []string{}}
	seen := make(map[string]bool)
	for _, id := range c.list("UserGroupIds") {
		if seen[id] {
			continue
		}
		seen[id] = true
		if g, ok := c.groups.get(id); ok {
			list.UserGroupModels = append(list.UserGroupModels, g.result())
		} else {
			list.FailedUserGroupIDs = append(list.FailedUserGroupIDs, id)
		}
	}
	return list, nil
}

func queryUserGroupListByParentID(c *call) (any, error) {
	id := c.string("ParentUserGroupId")
	parent, ok := c.parentGroup(id)
	if !ok {
		return nil, gateway.Refuse("Usergroup.Not.Exist", "There is no user group %q.", id)
	}
	return collect(parent.children.all(), (*group).childResult), nil
}

// queryUserGroupMember lists what is directly in a group: the groups, then the users.
func queryUserGroupMember(c *call) (any, error) {
	type memberOfGroup struct {
		ID                  string `json:"Id"`
		Name                string
		IsUserGroup         bool
		ParentUserGroupID   string `json:"ParentUserGroupId"`
		ParentUserGroupName string
	}
	g, ok := c.parentGroup(c.string("UserGroupId"))
	if !ok {
		return nil, gateway.Refuse("Usergroup.Not.Exist", "There is no user group %q.", c.string("UserGroupId"))
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

func listUserGroupsByUserID(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	return collect(m.groups.all(), (*group).result), nil
}

// newMember returns the member that is to join a group. It has a code of its own
// for a user who does not exist.
func (o *organization) newMember(id string) (*member, error) {
	if m, ok := o.members.get(id); ok {
		return m, nil
	}
	return nil, gateway.Refuse("Invalid.User", "No member of the organization has the id %q, so that nobody can join.", id)
}

// addUserGroupMember adds several users to one group, all of them or none. Who is
// in the group already may be added again.
func addUserGroupMember(c *call) (any, error) {
	g, err := c.group(c.string("UserGroupId"))
	if err != nil {
		return nil, err
	}
	ids := c.list("UserIdList")
	if len(ids) > maxListedUser {
		return nil, gateway.Refuse("Parameter.Length.Exceed", "UserIdList has %d ids, and may have %d.", len(ids), maxListedUser)
	}
	users := make([]*member, len(ids))
	for i, id := range ids {
		if users[i], err = c.newMember(id); err != nil {
			return nil, err
		}
	}
	for _, m := range users {
		m.join(g)
	}
	return true, nil
}

// addUserGroupMembers adds one user to several groups, to all of them or to none.
func addUserGroupMembers(c *call) (any, error) {
	m, err := c.newMember(c.string("UserId"))
	if err != nil {
		return nil, err
	}
	ids := c.list("UserGroupIds")
	groups := make([]*group, len(ids))
	for i, id := range ids {
		if groups[i], err = c.group(id); err != nil {
			return nil, err
		}
	}
	for _, g := range groups {
		m.join(g)
	}
	return true, nil
}

// deleteUserGroupMember removes one user from one group. That the user is not in
// it is no error: what the caller wants is the case.
func deleteUserGroupMember(c *call) (any, error) {
	g, err := c.group(c.string("UserGroupId"))
	if err != nil {
		return nil, err
	}
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	m.leave(g)
	return true, nil
}

// deleteUserGroupMembers removes one user from several groups.
func deleteUserGroupMembers(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	ids := c.list("UserGroupIds")
	groups := make([]*group, len(ids))
	for i, id := range ids {
		g, ok := c.groups.get(id)
		if !ok {
			return nil, gateway.Refuse("Usergroup.NotBelongTo.CurrentOrganization", "The organization has no user group %q.", id)
		}
		groups[i] = g
	}
	for _, g := range groups {
		m.leave(g)
	}
	return true, nil
}

func withdrawAllUserGroups(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	m.leaveAll()
	return true, nil
}
