package quickbitest

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

var userHandlers = map[string]handler{
	"AddUser":                  addUser,
	"BatchAddFeishuUsers":      batchAddFeishuUsers,
	"CheckOrganizationMember":  checkOrganizationMember,
	"DeleteUser":               deleteUser,
	"QueryUserByMobileAccount": queryUserByMobileAccount,
	"QueryUserInfoByAccount":   queryUserInfoByAccount,
	"QueryUserInfoByUserId":    queryUserInfoByUserID,
	"QueryUserList":            queryUserList,
	"UpdateUser":               updateUser,
}

const (
	maxNickName = 50 // characters
	maxRoles    = 3
)

// A memberResult is a member as all operations show one; each adds something.
type memberResult struct {
	UserID         string `json:"UserId"`
	AccountName    string
	NickName       string
	UserType       int
	AdminUser      bool
	AuthAdminUser  bool
	RoleIDList     []int64  `json:"RoleIdList"`
	CopilotModules []string `json:",omitempty"`
}

type memberInfo struct {
	memberResult
	AccountID string `json:"AccountId,omitempty"`
	Email     string `json:",omitempty"`
	Phone     string `json:",omitempty"`
}

type memberRow struct {
	memberResult
	AccountID     string `json:"AccountId,omitempty"`
	IsDeleted     bool
	JoinedDate    int64
	LastLoginTime int64 `json:",omitempty"`
}

func (m *member) result() memberResult {
	return memberResult{
		UserID:         m.UserID,
		AccountName:    m.AccountName,
		NickName:       m.NickName,
		UserType:       m.UserType,
		AdminUser:      m.hasRole(roleAdmin),
		AuthAdminUser:  m.hasRole(roleAuthAdmin),
		RoleIDList:     m.RoleIDs,
		CopilotModules: m.CopilotModules,
	}
}

func (m *member) info() memberInfo {
	return memberInfo{memberResult: m.result(), AccountID: m.AccountID, Email: m.Email, Phone: m.Phone}
}

func (m *member) row() memberRow {
	return memberRow{
		memberResult:  m.result(),
		AccountID:     m.AccountID,
		IsDeleted:     m.Inactive,
		JoinedDate:    m.JoinedDate,
		LastLoginTime: m.LastLoginTime,
	}
}

// member returns the member that the parameter UserId names.
func (c *call) member() (*member, error) {
	id := c.string("UserId")
	if m, ok := c.members.get(id); ok {
		return m, nil
	}
	return nil, gateway.Refuse("User.Not.In.Organization", "No member of the organization has the id %q.", id)
}

func addUser(c *call) (any, error) {
	u := User{
		UserID:         newUserID(),
		AccountID:      c.string("AccountId"),
		AccountName:    c.string("AccountName"),
		NickName:       c.string("NickName"),
		UserType:       c.int("UserType"),
		CopilotModules: c.list("CopilotModules"),
		JoinedDate:     c.now.UnixMilli(),
	}
	if u.AccountID == "" && u.AccountName == "" {
		return nil, gateway.Refuse("System.Param.Empty", "The call needs AccountId or AccountName.")
	}
	if err := checkName("NickName", u.NickName, maxNickName); err != nil {
		return nil, err
	}
	if c.hasAccount(u.AccountID, u.AccountName) {
		return nil, gateway.Refuse("User.AlreadyIn.Organization", "The account is that of a member already.")
	}
	if c.byNick[u.NickName] != nil {
		return nil, gateway.Refuse("NickName.AlreadyIn.Organization", "Another member is called %q.", u.NickName)
	}
	for _, module := range u.CopilotModules {
		if !copilotModules[module] {
			return nil, gateway.Invalid("CopilotModules", "has %q, which is no module", module)
		}
	}

	var err error
	if u.RoleIDs, err = c.wantedRoles(nil); err != nil {
		return nil, err
	}
	if err := c.checkRoles(u.UserType, u.RoleIDs); err != nil {
		return nil, err
	}
	if err := c.room(u.UserType); err != nil {
		return nil, err
	}
	return c.addMember(u).result(), nil
}

func queryUserList(c *call) (any, error) {
	all := c.members.all()
	if keyword := strings.ToLower(c.string("Keyword")); keyword != "" {
		all = filter(all, func(m *member) bool { return m.matches(keyword) })
	}
	return paginate(c, all, (*member).row), nil
}

func queryUserInfoByUserID(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	return m.info(), nil
}

func queryUserInfoByAccount(c *call) (any, error) {
	account, parent := c.string("Account"), c.string("ParentAccountName")
	found := c.byAccount[account]
	if m := c.byCloudID[account]; m != nil {
		found = []*member{m}
	}
	if parent != "" {
		// The documentation speaks of the name of the root account, and its example is
		// the full name of a RAM user.
		found = slices.Collect(filter(slices.Values(found), func(m *member) bool {
			_, p := splitAccount(m.AccountName)
			return p == parent || m.AccountName == parent
		}))
	}
	switch len(found) {
	case 0:
		return nil, gateway.Refuse("User.Not.In.Organization", "No member of the organization has the account %q.", account)
	case 1:
		info := found[0].info()
		info.AccountName, _ = splitAccount(info.AccountName)
		return info, nil
	default:
		return nil, gateway.Refuse("AE0579100001", "%d members have the account name %q; name the parent account too.", len(found), account)
	}
}

func updateUser(c *call) (any, error) {
	m, ok := c.members.get(c.string("UserId"))
	if !ok {
		return nil, gateway.Refuse("Invalid.User.Organization", "No member of the organization has the id %q.", c.string("UserId"))
	}
	u := m.User // changed as a whole or not at all

	if name := c.string("NickName"); name != "" {
		u.NickName = name
		if err := checkName("NickName", u.NickName, maxNickName); err != nil {
			return nil, err
		}
		if other := c.byNick[u.NickName]; other != nil && other != m {
			return nil, gateway.Refuse("NickName.AlreadyIn.Organization", "Another member is called %q.", u.NickName)
		}
	}
	if c.has("IsDeleted") {
		u.Inactive = c.bool("IsDeleted")
	}
	if c.has("UserType") {
		u.UserType = c.int("UserType")
	}
	var err error
	if u.RoleIDs, err = c.wantedRoles(u.RoleIDs); err != nil {
		return nil, err
	}
	if c.string("CopilotModules") != "" {
		if u.CopilotModules, err = c.wantedModules(u.CopilotModules); err != nil {
			return nil, err
		}
	}

	isAdmin := slices.Contains(u.RoleIDs, roleAdmin)
	switch {
	case m.isOwner() && (!isAdmin || u.Inactive):
		return nil, gateway.Refuse("Fobbiden.Action", "The owner of the organization stays an active administrator.")
	case u.UserType == viewer && (isAdmin || slices.Contains(u.RoleIDs, roleAuthAdmin)):
		return nil, gateway.Refuse("OrgAdminOrPermissionAdmin.CannotChangeTo.Viewer", "An administrator cannot be a viewer.")
	case u.UserType == viewer && m.seats.len() > 0:
		return nil, gateway.Refuse("ChangeTo.Viewer.Error", "A viewer is in no workspace, and the user is in %d.", m.seats.len())
	case m.UserType == developer && u.UserType != developer:
		return nil, gateway.Refuse("OrganizationDeveloper.CanNotChangeTo.AnalystOrViewer", "A developer stays one.")
	}
	if err := c.checkRoles(u.UserType, u.RoleIDs); err != nil {
		return nil, err
	}
	if u.UserType != m.UserType {
		if err := c.room(u.UserType); err != nil {
			return nil, err
		}
	}

	delete(c.byNick, m.NickName)
	c.byNick[u.NickName] = m
	c.perType[m.UserType]--
	c.perType[u.UserType]++
	c.unindexRoles(m)
	m.set(u)
	c.indexRoles(m)
	return true, nil
}

func checkOrganizationMember(c *call) (any, error) {
	return c.members.has(c.string("UserId")), nil
}

func deleteUser(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	if m.isOwner() {
		return nil, gateway.Refuse("CannotRemove.OrganizationOwner", "The owner cannot be removed from the organization.")
	}
	var heir *member
	if id := c.string("TransferUserId"); id != "" {
		var ok bool
		switch heir, ok = c.members.get(id); {
		case !ok || heir == m:
			return nil, gateway.Refuse("Transfer.TargetUser.NotExist", "No other member has the id %q.", id)
		case heir.UserType == viewer:
			return nil, gateway.Refuse("Viewer.AddInTo.Workspace", "A viewer cannot take over what is in a workspace.")
		}
	}
	successions, err := c.succeed(m, heir)
	if err != nil {
		return nil, err
	}
	c.bequeath(successions)
	c.removeMember(m)
	return true, nil
}

// wantedRoles returns the roles that the parameters ask for, without duplicates;
// if they do not ask for any, those the member has, and if there are none of these
// either, the role of a regular user. AdminUser and AuthAdminUser are older than
// RoleIds, and count only without it.
func (c *call) wantedRoles(has []int64) ([]int64, error) {
	var roles []int64
	switch {
	case c.string("RoleIds") != "":
		for _, s := range c.list("RoleIds") {
			id, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return nil, gateway.Invalid("RoleIds", "has %q, which is no number", s)
			}
			if !slices.Contains(roles, id) {
				roles = append(roles, id)
			}
		}
	case c.has("AdminUser") || c.has("AuthAdminUser"):
		roles = slices.Clone(has)
		for name, role := range map[string]int64{"AdminUser": roleAdmin, "AuthAdminUser": roleAuthAdmin} {
			if c.has(name) {
				roles = slices.DeleteFunc(roles, func(id int64) bool { return id == role })
				if c.bool(name) {
					roles = append(roles, role)
				}
			}
		}
		slices.Sort(roles)
	default:
		roles = has
	}
	if len(roles) == 0 {
		roles = []int64{roleRegular}
	}
	return roles, nil
}

// checkRoles says whether a member of the type can have the roles.
func (o *organization) checkRoles(userType int, roles []int64) error {
	if len(roles) > maxRoles {
		return gateway.Refuse("RoleCount.ExceedsLimit.Error", "A member has at most %d roles, not %d.", maxRoles, len(roles))
	}
	for _, id := range roles {
		if _, ok := o.roles[id]; !ok {
			return gateway.Refuse("BindRole.NotExist.Error", "The organization has no role %d.", id)
		}
		if userType == viewer && id != roleAdmin && id != roleAuthAdmin && id != roleRegular {
			return gateway.Refuse("Viewer.CannotHave.CustomRole", "A viewer cannot have role %d, which the organization made.", id)
		}
	}
	return nil
}

// copilotModules are the modules of Smart Q that a member can be given.
var copilotModules = map[string]bool{"qreport": true, "qExploreNum": true, "smartQAskNum": true, "smartQDevNum": true}

// wantedModules switches modules on and off, as the JSON document in the parameter says.
func (c *call) wantedModules(has []string) ([]string, error) {
	var changes []struct {
		ModuleType string `json:"moduleType"`
		Status     int    `json:"status"`
	}
	if err := c.decode("CopilotModules", &changes); err != nil {
		return nil, err
	}
	modules := slices.Clone(has)
	for _, change := range changes {
		if !copilotModules[change.ModuleType] {
			return nil, gateway.Invalid("CopilotModules", "has %q, which is no module", change.ModuleType)
		}
		modules = slices.DeleteFunc(modules, func(m string) bool { return m == change.ModuleType })
		if change.Status == 1 {
			modules = append(modules, change.ModuleType)
		}
	}
	return modules, nil
}

// checkName checks a text that the documentation allows letters, digits and a few
// signs in. It lists the signs with blanks between them, so that blanks are let pass.
func checkName(param, s string, limit int) error {
	if utf8.RuneCountInString(s) > limit {
		return gateway.Invalid(param, "is longer than %d characters", limit)
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(`_\/|()[] `, r) {
			return gateway.Invalid(param, "must not have the character %q", r)
		}
	}
	return nil
}

// newUserID makes an id of the form the service gives its users.
func newUserID() string { return strings.ReplaceAll(gateway.NewUUID(), "-", "") }
