package quickbitest

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// OwnerUserID is the Quick BI id of the organization's owner, in whose name all
// calls are made. The owner is the first member, and cannot be removed.
const OwnerUserID = "00000000000000000000000000000001"

// OrganizationID is the id of the organization, by which works are shared with everybody.
const OrganizationID = "00000000-0000-0000-0000-000000000001"

// The roles that every organization has.
const (
	roleAdmin     int64 = 111111111
	roleAuthAdmin int64 = 111111112
	roleRegular   int64 = 111111113
)

// The types of members, as UserType has them.
const (
	developer = 1
	viewer    = 2
	analyst   = 3
)

// rootGroupID stands for the root of the user groups where a group is asked for.
const rootGroupID = "-1"

// An organization is all there is: everything the operations read and change. It
// has an index for each way in which something is looked up, so that what a call
// costs depends on its answer and not on the size of the organization; only
// listings with a keyword look at everything there is.
type organization struct {
	members   table[*member]
	byAccount map[string][]*member // by login name; RAM users of different accounts share them
	byCloudID map[string]*member   // by AccountId
	byNick    map[string]*member
	perType   map[int]int // members by UserType
	limits    Limits

	roles          map[int64]Role
	perRole        index[int64, *member] // members by role
	workspaceRoles map[int64]Role

	workspaceState
	worksState
	shareState
	portalState
	favoriteState
	datasourceState
	datasetState
	dataLevelState
	dataServiceState
	userTagState

	root   *group
	groups table[*group]

	loginIPs     table[string] // the white list, as it is spelt
	mail         mailTasks
	lacks        Lacks
	mobile       mobileAccounts
	applications applications
	audit        auditLog
	embeds       embeds
	smartQ       smartQ
}

// A member is a user of the organization.
type member struct {
	User
	names  string // account name and nickname in lower case, for keywords
	groups table[*group]

	seats     table[*seat]     // by workspace
	works     table[*work]     // those the member owns
	favorites table[*favorite] // by work
	views     table[*view]     // by work
}

// set changes all that is known of the member at once.
func (m *member) set(u User) {
	m.User = u
	m.names = strings.ToLower(u.AccountName + "\n" + u.NickName)
}

// matches says whether the keyword, which is in lower case, is in one of the names.
func (m *member) matches(keyword string) bool { return strings.Contains(m.names, keyword) }

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

func newOrganization(now time.Time) *organization {
	o := &organization{
		byAccount:       make(map[string][]*member),
		byCloudID:       make(map[string]*member),
		byNick:          make(map[string]*member),
		perType:         make(map[int]int),
		roles:           organizationRoles(),
		perRole:         make(index[int64, *member]),
		workspaceRoles:  workspaceRoles(),
		workspaceState:  workspaceState{seatsByRole: make(index[int64, *seat])},
		worksState:      worksState{byDataset: make(index[string, *work])},
		shareState:      shareState{shares: newGrants()},
		portalState:     portalState{menus: make(map[string]*menu), topMenus: make(map[string][]*menu), menuGrants: newGrants(), whiteLists: newGrants()},
		datasourceState: newDatasourceState(),
		datasetState:    newDatasetState(),
		dataLevelState:  newDataLevelState(),
		userTagState:    newUserTagState(),
		root:            &group{id: rootGroupID, childNames: make(map[string]*group)},

		mail:         mailTasks{byOwner: make(index[string, *mailTask])},
		applications: applications{byApplicant: make(index[string, *application])},
		embeds:       embeds{ticketsViewed: make(index[string, *ticket])},
		smartQ:       newSmartQ(),
	}
	o.addMember(User{
		UserID:      OwnerUserID,
		AccountID:   "1000000000000001",
		AccountName: "owner",
		NickName:    "Owner",
		UserType:    developer,
		RoleIDs:     []int64{roleAdmin},
		JoinedDate:  now.UnixMilli(),
	})
	return o
}

// addMember adds the user, whose id, accounts and nickname are known to be free.
func (o *organization) addMember(u User) *member {
	m := new(member)
	m.set(u)
	o.members.put(u.UserID, m)
	o.indexMember(m)
	return m
}

// indexMember and unindexMember keep the ways in which members are looked up.
func (o *organization) indexMember(m *member) {
	if login, _ := splitAccount(m.AccountName); login != "" {
		o.byAccount[login] = append(o.byAccount[login], m)
	}
	if m.AccountID != "" {
		o.byCloudID[m.AccountID] = m
	}
	o.byNick[m.NickName] = m
	o.perType[m.UserType]++
	o.indexRoles(m)
}

func (o *organization) unindexMember(m *member) {
	o.unindexRoles(m)
	o.perType[m.UserType]--
	delete(o.byNick, m.NickName)
	if m.AccountID != "" {
		delete(o.byCloudID, m.AccountID)
	}
	if login, _ := splitAccount(m.AccountName); login != "" {
		o.byAccount[login] = slices.DeleteFunc(o.byAccount[login], func(other *member) bool { return other == m })
		if len(o.byAccount[login]) == 0 {
			delete(o.byAccount, login)
		}
	}
}

// indexRoles and unindexRoles keep perRole in step with the roles of a member.
func (o *organization) indexRoles(m *member) {
	for _, id := range m.RoleIDs {
		o.perRole.put(id, m.UserID, m)
	}
}

func (o *organization) unindexRoles(m *member) {
	for _, id := range m.RoleIDs {
		o.perRole.remove(id, m.UserID)
	}
}

// removeMember removes the member from the organization and from all its groups.
func (o *organization) removeMember(m *member) {
	m.leaveAll()
	o.forgetWorkspaces(m)
	o.forgetShares(receiver{receiverUser, m.UserID})
	o.forgetPortals(receiver{receiverUser, m.UserID})
	o.forgetMobileAccounts(m)
	o.forgetMailTasks(m)
	o.forgetApplications(m)
	o.forgetEmbeds(m)
	o.forgetSmartQ(m)
	o.forgetDataset(m)
	o.forgetDataLevel(m)
	o.forgetUserTag(m)
	o.unindexMember(m)
	o.members.remove(m.UserID)
}

// hasAccount says whether a member has this cloud account.
func (o *organization) hasAccount(id, name string) bool {
	if id != "" && o.byCloudID[id] != nil {
		return true
	}
	login, _ := splitAccount(name)
	return login != "" && slices.ContainsFunc(o.byAccount[login], func(m *member) bool { return m.AccountName == name })
}

// splitAccount returns the name by which an account is asked for, and that of the
// account it belongs to. RAM users are written "main:sub" or "sub@main.onaliyun.com";
// everything else is a root account and belongs to nobody.
func splitAccount(name string) (login, parent string) {
	if main, sub, ok := strings.Cut(name, ":"); ok {
		return sub, main
	}
	if sub, domain, ok := strings.Cut(name, "@"); ok {
		if main, ok := strings.CutSuffix(domain, ".onaliyun.com"); ok {
			return sub, main
		}
	}
	return name, ""
}

// room says whether the limits let one more member of the type in.
func (o *organization) room(userType int) error {
	var limit int
	var code string
	switch userType {
	case developer:
		limit, code = o.limits.Developers, "Organization.Developers.ReachedTheUpperLimit"
	case viewer:
		limit, code = o.limits.Viewers, "Organization.Viewers.ReachedTheUpperLimit"
	case analyst:
		limit, code = o.limits.Analysts, "Organization.Analysts.ReachedTheUpperLimit"
	}
	if limit > 0 && o.perType[userType] >= limit {
		return gateway.Refuse(code, "The organization has paid for %d members of type %d.", limit, userType)
	}
	return nil
}

// owner is the member in whose name all calls are made.
func (o *organization) owner() *member {
	m, _ := o.members.get(OwnerUserID) // always there
	return m
}

func (m *member) isOwner() bool { return m.UserID == OwnerUserID }

func (m *member) hasRole(id int64) bool { return slices.Contains(m.RoleIDs, id) }

func (m *member) join(g *group) {
	g.members.put(m.UserID, m)
	m.groups.put(g.id, g)
}

func (m *member) leave(g *group) {
	g.members.remove(m.UserID)
	m.groups.remove(g.id)
}

func (m *member) leaveAll() {
	for g := range m.groups.all() {
		g.members.remove(m.UserID)
	}
	m.groups = table[*group]{}
}

// addGroup adds the group, whose id and name are known to be free, under its parent.
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
	o.forgetShares(receiver{receiverGroup, g.id})
	o.forgetPortals(receiver{receiverGroup, g.id})
	o.forgetGroupDataLevel(g)
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

// within says whether the group is other or below it.
func (g *group) within(other *group) bool {
	for ; g != nil; g = g.parent {
		if g == other {
			return true
		}
	}
	return false
}

// filter lists those of all that keep wants.
func filter[T any](all iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range all {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

// collect renders all of the sequence. The result is never nil: an empty list is
// an answer too.
func collect[T, R any](all iter.Seq[T], render func(T) R) []R {
	rows := []R{}
	for v := range all {
		rows = append(rows, render(v))
	}
	return rows
}

// beijing is the zone of times that the service writes out. It does not say so.
var beijing = time.FixedZone("CST", int((8 * time.Hour).Seconds()))

func written(t time.Time) string { return t.In(beijing).Format(time.DateTime) }
