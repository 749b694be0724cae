package quickbitest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Organization is what an emulator can be given to start with. It can be
// written in JSON as well; the members have the service's names there.
type Organization struct {
	Users      []User      `json:"Users,omitempty"`
	Roles      []Role      `json:"Roles,omitempty"`
	UserGroups []UserGroup `json:"UserGroups,omitempty"`

	WorkspaceRoles     []Role             `json:"WorkspaceRoles,omitempty"` // of all workspaces
	Workspaces         []Workspace        `json:"Workspaces,omitempty"`
	Datasources        []Datasource       `json:"Datasources,omitempty"`
	APIDatasources     []APIDatasource    `json:"ApiDatasources,omitempty"`
	DatasetDirectories []DatasetDirectory `json:"DatasetDirectories,omitempty"`
	Datasets           []Dataset          `json:"Datasets,omitempty"`
	DataServices       []DataService      `json:"DataServices,omitempty"`
	UserTags           []UserTag          `json:"UserTags,omitempty"`
	DynamicTags        []DynamicTag       `json:"DynamicTags,omitempty"`
	Works              []Work             `json:"Works,omitempty"`
	Shares             []Share            `json:"Shares,omitempty"`
	Favorites          []Favorite         `json:"Favorites,omitempty"`
	Views              []View             `json:"Views,omitempty"`

	LLMCubes        []LLMCube       `json:"LlmCubes,omitempty"`
	LLMThemes       []LLMTheme      `json:"LlmThemes,omitempty"`
	SmartQGrants    []SmartQGrant   `json:"SmartqGrants,omitempty"`
	SmartQAnswers   []SmartQAnswer  `json:"SmartqAnswers,omitempty"`
	AskedDashboards []string        `json:"Nl2sqlDashboards,omitempty"` // ids of those that answer questions
	CopilotEmbeds   []CopilotEmbed  `json:"CopilotEmbeds,omitempty"`
	Tickets         []Ticket        `json:"Tickets,omitempty"`
	MailTasks       []MailTask      `json:"MailTasks,omitempty"`
	Applications    []Application   `json:"Applications,omitempty"`
	MobileAccounts  []MobileAccount `json:"MobileAccounts,omitempty"`
	LoginIPs        []string        `json:"IpWhiteList,omitempty"`
	AuditLog        []AuditEntry    `json:"AuditLog,omitempty"`

	Lacks  Lacks  `json:"Lacks,omitzero"`
	Limits Limits `json:"Limits,omitzero"`
}

// A User is a member of the organization.
type User struct {
	UserID         string   `json:"UserId,omitempty"`      // empty: made up
	AccountID      string   `json:"AccountId,omitempty"`   // of the cloud account
	AccountName    string   `json:"AccountName,omitempty"` // of the cloud account
	NickName       string   `json:"NickName"`              // unique
	Email          string   `json:"Email,omitempty"`
	Phone          string   `json:"Phone,omitempty"`
	UserType       int      `json:"UserType,omitempty"`   // 1 developer, 2 viewer, 3 analyst; 0: developer
	RoleIDs        []int64  `json:"RoleIdList,omitempty"` // empty: regular user
	CopilotModules []string `json:"CopilotModules,omitempty"`
	Inactive       bool     `json:"IsDeleted,omitempty"`
	JoinedDate     int64    `json:"JoinedDate,omitempty"`    // milliseconds since 1970; 0: now
	LastLoginTime  int64    `json:"LastLoginTime,omitempty"` // milliseconds since 1970; 0: never
}

// A UserGroup is a user group. It comes after its parent.
type UserGroup struct {
	ID          string   `json:"UserGroupId,omitempty"`       // empty: made up
	ParentID    string   `json:"ParentUserGroupId,omitempty"` // empty or "-1": the root
	Name        string   `json:"UserGroupName"`
	Description string   `json:"UserGroupDescription,omitempty"`
	UserIDs     []string `json:"UserIds,omitempty"` // its members
}

// Limits says how many members of each type the organization has paid for, and
// what else it can have so many of. Zero means any number.
type Limits struct {
	Developers    int `json:"Developers,omitempty"`
	Viewers       int `json:"Viewers,omitempty"`
	Analysts      int `json:"Analysts,omitempty"`
	Workspaces    int `json:"Workspaces,omitempty"`
	EmbeddedWorks int `json:"EmbeddedWorks,omitempty"`
}

// Seed adds to the organization. What it is given may refer to what is already
// there. At the first thing that does not fit it stops and says why; what came
// before that stays. Limits apply to calls that follow, not to the seed.
func (e *Emulator) Seed(o Organization) error {
	now := e.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, role := range o.Roles {
		seedRole(e.org.roles, role)
	}
	for _, role := range o.WorkspaceRoles {
		seedRole(e.org.workspaceRoles, role)
	}
	for i, user := range o.Users {
		if err := e.org.seedUser(user, now); err != nil {
			return fmt.Errorf("quickbitest: user %d, %q: %w", i, user.NickName, err)
		}
	}
	for i, group := range o.UserGroups {
		if err := e.org.seedGroup(group, now); err != nil {
			return fmt.Errorf("quickbitest: user group %d, %q: %w", i, group.Name, err)
		}
	}
	if err := seedEach("workspace", o.Workspaces, func(v Workspace) string { return v.Name }, func(v Workspace) error { return e.org.seedWorkspace(v, now) }); err != nil {
		return err
	}
	if err := e.org.seedData(o, now); err != nil {
		return err
	}
	if err := e.org.seedWorks(o, now); err != nil {
		return err
	}
	if err := e.org.seedServices(o, now); err != nil {
		return err
	}
	if o.Limits != (Limits{}) {
		e.org.limits = o.Limits
	}
	return nil
}

func (o *organization) seedUser(u User, now time.Time) error {
	if u.UserID == "" {
		u.UserID = newUserID()
	}
	if u.UserType == 0 {
		u.UserType = developer
	}
	if u.JoinedDate == 0 {
		u.JoinedDate = now.UnixMilli()
	}
	if u.RoleIDs = slices.Clone(u.RoleIDs); len(u.RoleIDs) == 0 {
		u.RoleIDs = []int64{roleRegular}
	}
	u.CopilotModules = slices.Clone(u.CopilotModules)

	if u.UserID == OwnerUserID {
		return o.seedOwner(u)
	}
	switch {
	case o.members.has(u.UserID):
		return fmt.Errorf("there is a user %q already", u.UserID)
	case o.hasAccount(u.AccountID, u.AccountName):
		return errors.New("there is a user with this account already")
	case u.NickName == "":
		return errors.New("there is no nickname")
	case o.byNick[u.NickName] != nil:
		return errors.New("there is a user with this nickname already")
	case u.UserType < developer || u.UserType > analyst:
		return fmt.Errorf("there is no user type %d", u.UserType)
	}
	if err := o.checkRoles(u.UserType, u.RoleIDs); err != nil {
		return err
	}
	o.addMember(u)
	return nil
}

// seedOwner changes the owner, who is there already.
func (o *organization) seedOwner(u User) error {
	owner := o.owner()
	old := owner.User
	o.unindexMember(owner)
	var err error
	switch {
	case o.hasAccount(u.AccountID, u.AccountName), u.NickName == "", o.byNick[u.NickName] != nil:
		err = errors.New("the owner needs an account and a nickname that nobody else has")
	case u.UserType != developer, u.Inactive, !slices.Contains(u.RoleIDs, roleAdmin):
		err = errors.New("the owner is a developer, active, and an administrator")
	default:
		err = o.checkRoles(u.UserType, u.RoleIDs)
	}
	if err != nil {
		u = old
	}
	owner.set(u)
	o.indexMember(owner)
	return err
}

func (o *organization) seedGroup(s UserGroup, now time.Time) error {
	if s.ParentID == "" {
		s.ParentID = rootGroupID
	}
	g, err := o.createGroup(s.ID, s.ParentID, s.Name, s.Description, now)
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
