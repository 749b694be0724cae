package quickbitest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	maxNickName = 50 // characters
	maxRoles    = 3
)

// A User is a member of the organization.
type User struct {
	UserID         string   `json:"UserId,omitempty"`      // empty: generated
	AccountID      string   `json:"AccountId,omitempty"`   // of the cloud account
	AccountName    string   `json:"AccountName,omitempty"` // of the cloud account
	NickName       string   `json:"NickName"`              // unique
	Email          string   `json:"Email,omitempty"`
	Phone          string   `json:"Phone,omitempty"`
	UserType       int      `json:"UserType,omitempty"`   // 1 developer, 2 viewer, 3 analyst; 0: developer
	RoleIDs        []int64  `json:"RoleIdList,omitempty"` // empty: regular user
	CopilotModules []string `json:"CopilotModules,omitempty"`
	IsDeleted      bool     `json:"IsDeleted,omitempty"`
	JoinedDate     int64    `json:"JoinedDate,omitempty"`    // milliseconds since 1970; 0: now
	LastLoginTime  int64    `json:"LastLoginTime,omitempty"` // milliseconds since 1970; 0: never
}

// The types of members, as UserType has them.
const (
	developer = 1
	viewer    = 2
	analyst   = 3
)

// The userState is what the organization knows of its members.
type userState struct {
	members   table[*member]
	byAccount map[string][]*member // by login name in lower case; RAM users of different accounts share them
	byCloudID map[string]*member   // by AccountId
	byNick    map[string]*member
	perType   map[int]int // members by UserType

	mobileAccounts   table[MobileAccount] // by platform and id
	mobileAccountsOf map[string][]string  // the keys of a member's
}

func newUserState() userState {
	return userState{
		byAccount:        make(map[string][]*member),
		byCloudID:        make(map[string]*member),
		byNick:           make(map[string]*member),
		perType:          make(map[int]int),
		mobileAccountsOf: make(map[string][]string),
	}
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

func memberID(m *member) string { return m.UserID }

// set replaces all data of the member.
func (m *member) set(u User) {
	m.User = u
	m.names = strings.ToLower(u.AccountName + "\n" + u.NickName)
}

// matches says whether the keyword, which is in lower case, is in one of the names.
func (m *member) matches(keyword string) bool { return strings.Contains(m.names, keyword) }

// addMember adds the user. Id, accounts and nickname must be free.
func (o *organization) addMember(u User) *member {
	m := new(member)
	m.set(u)
	o.members.put(u.UserID, m)
	o.indexMember(m)
	return m
}

// indexMember and unindexMember maintain the indexes of members.
func (o *organization) indexMember(m *member) {
	if login := loginKey(m.AccountName); login != "" {
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
	if login := loginKey(m.AccountName); login != "" {
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

// hasAccount says whether a member has this cloud account. Letter case makes no other
// account: the documentation is silent, and Alibaba Cloud's own login names ignore it.
func (o *organization) hasAccount(id, name string) bool {
	if id != "" && o.byCloudID[id] != nil {
		return true
	}
	return name != "" && slices.ContainsFunc(o.byAccount[loginKey(name)], func(m *member) bool { return strings.EqualFold(m.AccountName, name) })
}

// loginKey is the key of an account in byAccount.
func loginKey(name string) string {
	login, _ := splitAccount(name)
	return strings.ToLower(login)
}

// splitAccount returns the login name of an account, and the name of its parent
// account. RAM users are written "main:sub" or "sub@main.onaliyun.com"; everything else
// is a root account, without a parent.
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

// limit returns how many members of the type the organization has paid for, 0 for any
// number, and the code for one too many.
func (o *organization) limit(userType int) (limit int, code string) {
	switch userType {
	case developer:
		return o.limits.Developers, "Organization.Developers.ReachedTheUpperLimit"
	case viewer:
		return o.limits.Viewers, "Organization.Viewers.ReachedTheUpperLimit"
	default:
		return o.limits.Analysts, "Organization.Analysts.ReachedTheUpperLimit"
	}
}

// room refuses one more member of the type if that exceeds the limits.
func (o *organization) room(userType int) error {
	if limit, code := o.limit(userType); limit > 0 && o.perType[userType] >= limit {
		return gateway.Refuse(code, "The organization has paid for %d members of type %d.", limit, userType)
	}
	return nil
}

// owner returns the owner of the organization. All calls are made in the owner's name.
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

// leaveGroups takes the member out of all user groups.
func (o *organization) leaveGroups(m *member) {
	for g := range m.groups.all() {
		g.members.remove(m.UserID)
	}
	m.groups = table[*group]{}
}

// A memberResult is what all operations show of a member.
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
	IsDeleted *bool  `json:",omitempty"` // nil if the service does not tell
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

func (o *organization) info(m *member) memberInfo {
	info := memberInfo{memberResult: m.result(), AccountID: m.AccountID, Email: m.Email, Phone: m.Phone}
	if !o.lacks.IsDeleted {
		info.IsDeleted = new(m.IsDeleted)
	}
	return info
}

func (m *member) row() memberRow {
	return memberRow{
		memberResult:  m.result(),
		AccountID:     m.AccountID,
		IsDeleted:     m.IsDeleted,
		JoinedDate:    m.JoinedDate,
		LastLoginTime: m.LastLoginTime,
	}
}

// findMember returns the member with the id, or the refusal with the code.
func (o *organization) findMember(id, code string) (*member, error) {
	if m, ok := o.members.get(id); ok {
		return m, nil
	}
	return nil, gateway.Refuse(code, "No member of the organization has the id %q.", id)
}

func (o *organization) seedUser(u User, now time.Time) error {
	if u.UserID == "" {
		u.UserID = newUserID() // not made for nothing: there may be 100,000 of them
	}
	u.UserType, u.JoinedDate = cmp.Or(u.UserType, developer), cmp.Or(u.JoinedDate, now.UnixMilli())
	if len(u.RoleIDs) == 0 {
		u.RoleIDs = []int64{roleRegular}
	}

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
	case u.UserType != developer, u.IsDeleted, !slices.Contains(u.RoleIDs, roleAdmin):
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
	if c.hasAccount(u.AccountID, u.AccountName) {
		return nil, gateway.Refuse("User.AlreadyIn.Organization", "A member has this account already.")
	}
	if err := c.checkNick(u.NickName, nil); err != nil {
		return nil, err
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
	all := searchLower(c, "Keyword", c.members.all(), func(m *member) string { return m.names })
	return paginate(c, all, (*member).row), nil
}

func queryUserInfoByUserId(c *call, m *member) (any, error) {
	return c.info(m), nil
}

func queryUserInfoByAccount(c *call) (any, error) {
	account, parent := c.string("Account"), c.string("ParentAccountName")
	found := c.byAccount[strings.ToLower(account)]
	if m := c.byCloudID[account]; m != nil {
		found = []*member{m}
	}
	if parent != "" {
		// The documentation speaks of the name of the root account, and its example is
		// the full name of a RAM user.
		found = slices.Collect(filter(slices.Values(found), func(m *member) bool {
			_, p := splitAccount(m.AccountName)
			return strings.EqualFold(p, parent) || strings.EqualFold(m.AccountName, parent)
		}))
	}
	switch len(found) {
	case 0:
		return nil, gateway.Refuse("User.Not.In.Organization", "No member of the organization has the account %q.", account)
	case 1:
		info := c.info(found[0])
		info.AccountName, _ = splitAccount(info.AccountName)
		return info, nil
	default:
		return nil, gateway.Refuse("AE0579100001", "%d members have the account name %q; name the parent account too.", len(found), account)
	}
}

func updateUser(c *call, m *member) (any, error) {
	u := m.User // changed as a whole or not at all

	if name := c.string("NickName"); name != "" {
		u.NickName = name
		if err := c.checkNick(name, m); err != nil {
			return nil, err
		}
	}
	set(c, "IsDeleted", &u.IsDeleted, (*call).bool)
	u.UserType = cmp.Or(c.int("UserType"), u.UserType)
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
	case m.isOwner() && (!isAdmin || u.IsDeleted):
		return nil, gateway.Refuse("Fobbiden.Action", "The owner of the organization must remain an active administrator.")
	case u.UserType == viewer && (isAdmin || slices.Contains(u.RoleIDs, roleAuthAdmin)):
		return nil, gateway.Refuse("OrgAdminOrPermissionAdmin.CannotChangeTo.Viewer", "An administrator cannot be a viewer.")
	case u.UserType == viewer && m.seats.len() > 0:
		return nil, gateway.Refuse("ChangeTo.Viewer.Error", "A viewer cannot be in a workspace, and the user is in %d.", m.seats.len())
	case m.UserType == developer && u.UserType != developer:
		return nil, gateway.Refuse("OrganizationDeveloper.CanNotChangeTo.AnalystOrViewer", "A developer cannot become an analyst or a viewer.")
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

// checkNick says whether a member, new or old, can have the nickname.
func (o *organization) checkNick(name string, m *member) error {
	if err := checkName("NickName", name, maxNickName); err != nil {
		return err
	}
	if other := o.byNick[name]; other != nil && other != m {
		return gateway.Refuse("NickName.AlreadyIn.Organization", "Another member is called %q.", name)
	}
	return nil
}

func checkOrganizationMember(c *call) (any, error) {
	return c.members.has(c.string("UserId")), nil
}

func deleteUser(c *call, m *member) (any, error) {
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

// wantedRoles returns the roles in the parameters, without duplicates. Without any, it
// returns the roles that the member has, and otherwise the role of a regular user.
// AdminUser and AuthAdminUser are older than RoleIds, and count only without it.
func (c *call) wantedRoles(has []int64) ([]int64, error) {
	switch {
	case c.string("RoleIds") != "":
		return c.numbers("RoleIds")
	case c.has("AdminUser") || c.has("AuthAdminUser"):
		return c.flagged(has, "AdminUser", "AuthAdminUser"), nil
	case len(has) == 0:
		return []int64{roleRegular}, nil
	}
	return has, nil
}

// flagged adds the roles of administrators, or takes them away, as the two parameters say.
// Who has no role left is a regular user.
func (c *call) flagged(roles []int64, admin, authAdmin string) []int64 {
	roles = slices.Clone(roles)
	for name, role := range map[string]int64{admin: roleAdmin, authAdmin: roleAuthAdmin} {
		if c.has(name) {
			roles = slices.DeleteFunc(roles, func(id int64) bool { return id == role })
		}
		if c.bool(name) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return []int64{roleRegular}
	}
	slices.Sort(roles)
	return roles
}

// checkRoles says whether a member of the type can have the roles. Only UpdateUser
// documents that an administrator cannot be a viewer, with a code of its own. It holds
// for new members too: UpdateUser would refuse even to rename such a member.
func (o *organization) checkRoles(userType int, roles []int64) error {
	if len(roles) > maxRoles {
		return gateway.Refuse("RoleCount.ExceedsLimit.Error", "A member has at most %d roles, not %d.", maxRoles, len(roles))
	}
	for _, id := range roles {
		if _, ok := o.roles[id]; !ok {
			return gateway.Refuse("BindRole.NotExist.Error", "The organization has no role %d.", id)
		}
		switch {
		case userType == viewer && (id == roleAdmin || id == roleAuthAdmin):
			return gateway.Invalid("UserType", "is that of a viewer, but a viewer cannot be an administrator")
		case userType == viewer && id != roleRegular:
			return gateway.Refuse("Viewer.CannotHave.CustomRole", "A viewer cannot have the custom role %d.", id)
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
			return nil, gateway.Invalid("CopilotModules", "has the unknown module %q", change.ModuleType)
		}
		modules = slices.DeleteFunc(modules, func(m string) bool { return m == change.ModuleType })
		if change.Status == 1 {
			modules = append(modules, change.ModuleType)
		}
	}
	return modules, nil
}

// checkName checks a text in which the documentation allows letters, digits and some
// signs. It lists the signs with blanks between them, so blanks are allowed.
func checkName(param, s string, limit int) error {
	if utf8.RuneCountInString(s) > limit {
		return gateway.Invalid(param, "is longer than %d characters", limit)
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(`_\/|()[] `, r) {
			return gateway.Invalid(param, "must not contain the character %q", r)
		}
	}
	return nil
}

// newUserID generates an id in the form of the service's user ids.
func newUserID() string { return strings.ReplaceAll(gateway.NewUUID(), "-", "") }

// The platforms whose accounts can be bound to members.
const (
	dingTalk = "ding"
	weCom    = "corp_weixin"
	feishu   = "feishu"
)

// A MobileAccount is an account of DingTalk, WeCom or Feishu that is bound to a member.
type MobileAccount struct {
	MobileType   string `json:"MobileType"`                 // ding, corp_weixin or feishu
	MobileUserID string `json:"MobileUserId"`               // its id on that platform
	AccountName  string `json:"ThirdAccountName,omitempty"` // its name there
	UserID       string `json:"BoundUserId"`
}

func mobileKey(platform, id string) string { return platform + "/" + id }

func (o *organization) bind(a MobileAccount) {
	key := mobileKey(a.MobileType, a.MobileUserID)
	o.mobileAccounts.put(key, a)
	o.mobileAccountsOf[a.UserID] = append(o.mobileAccountsOf[a.UserID], key)
}

// unbind unbinds the accounts of a member who leaves.
func (o *organization) unbind(m *member) {
	for _, key := range o.mobileAccountsOf[m.UserID] {
		o.mobileAccounts.remove(key)
	}
	delete(o.mobileAccountsOf, m.UserID)
}

func (o *organization) seedMobileAccount(a MobileAccount, _ time.Time) error {
	switch {
	case !slices.Contains([]string{dingTalk, weCom, feishu}, a.MobileType):
		return fmt.Errorf("there is no platform %q", a.MobileType)
	case a.MobileUserID == "":
		return errors.New("the account has no id")
	case !o.members.has(a.UserID):
		return fmt.Errorf("there is no user %q", a.UserID)
	case o.mobileAccounts.has(mobileKey(a.MobileType, a.MobileUserID)):
		return errors.New("the account is bound already")
	}
	o.bind(a)
	return nil
}

// queryUserByMobileAccount has no documented code for an account that is bound to
// nobody, except that of any wrong parameter.
func queryUserByMobileAccount(c *call) (any, error) {
	type boundUser struct {
		BoundUserID      string `json:"BoundUserId"`
		ThirdAccountName string
	}
	platform, id := c.string("MobileType"), c.string("MobileUserId")
	a, ok := c.mobileAccounts.get(mobileKey(platform, id))
	if !ok {
		return nil, gateway.Invalid("MobileUserId", "is %q, but nobody has this account on %s", id, platform)
	}
	return boundUser{a.UserID, a.AccountName}, nil
}

// A feishuFailure says why one user could not be added. ACCOUNT_EXIST is documented;
// the other codes are not.
type feishuFailure struct {
	FailInfos []feishuFailInfo
}

type feishuFailInfo struct {
	Code     string
	CodeDesc string
	Input    string
}

type feishuResult struct {
	OkCount     int
	FailCount   int
	FailResults []feishuFailure
	added       []string // ids of users
}

// batchAddFeishuUsers adds the users that can be added. If the call itself is wrong, it
// adds nobody.
func batchAddFeishuUsers(c *call) (any, error) {
	if c.lacks.Feishu {
		return nil, gateway.Refuse("Feishhu.Config.Not.Exit", "The organization has not set up Feishu.")
	}
	wanted, err := c.feishuUsers()
	if err != nil {
		return nil, err
	}
	u := User{UserType: cmp.Or(c.int("UserType"), developer), JoinedDate: c.now.UnixMilli()} // no default is documented
	u.RoleIDs = c.flagged(nil, "IsAdmin", "IsAuthAdmin")
	if err := c.checkRoles(u.UserType, u.RoleIDs); err != nil {
		return nil, err
	}
	groups, err := groupsBy("UserGroupIds", "Usergroup.Not.Exist")(c)
	if err != nil {
		return nil, err
	}

	result := feishuResult{FailResults: []feishuFailure{}}
	var users []feishuUser
	nicks := make(map[string]bool)
	for _, w := range wanted {
		if info, ok := c.feishuProblem(w, nicks); ok {
			result.FailCount++
			result.FailResults = append(result.FailResults, feishuFailure{[]feishuFailInfo{info}})
			continue
		}
		nicks[w.nick] = true
		users = append(users, w)
	}
	if limit, _ := c.limit(u.UserType); limit > 0 && len(users) > 0 && c.perType[u.UserType]+len(users) > limit {
		return nil, gateway.Refuse("Instance.Over.MaxLicense", "The organization has not paid for %d more members of type %d.", len(users), u.UserType)
	}
	for _, w := range users {
		u.UserID, u.AccountName, u.NickName = newUserID(), w.id, w.nick
		m := c.addMember(u)
		c.bind(MobileAccount{MobileType: feishu, MobileUserID: w.id, AccountName: w.nick, UserID: u.UserID})
		for _, g := range groups {
			m.join(g)
		}
		result.OkCount++
		result.added = append(result.added, u.UserID)
	}
	return result, nil
}

// feishuProblem says why a user cannot be added, if so.
func (c *call) feishuProblem(w feishuUser, nicks map[string]bool) (info feishuFailInfo, ok bool) {
	switch {
	case c.mobileAccounts.has(mobileKey(feishu, w.id)) || c.hasAccount("", w.id):
		return feishuFailInfo{Code: "ACCOUNT_EXIST", CodeDesc: "A member has this account already.", Input: w.id}, true
	case c.byNick[w.nick] != nil || nicks[w.nick]:
		return feishuFailInfo{Code: "NICKNAME_EXIST", CodeDesc: "Another member has this nickname.", Input: w.nick}, true
	case w.nick == "" || checkName("FeishuUsers", w.nick, maxNickName) != nil:
		return feishuFailInfo{Code: "NICKNAME_INVALID", CodeDesc: "The nickname cannot be used.", Input: w.nick}, true
	}
	return feishuFailInfo{}, false
}

// A feishuUser is one member of the JSON object in FeishuUsers.
type feishuUser struct{ id, nick string }

// feishuUsers reads the parameter. It keeps the order and refuses duplicate ids.
func (c *call) feishuUsers() ([]feishuUser, error) {
	text := c.string("FeishuUsers")
	if text == "" {
		return nil, gateway.Refuse("System.Param.Empty", "The call needs FeishuUsers.")
	}
	var all map[string]string
	if err := c.decode("FeishuUsers", &all); err != nil {
		return nil, gateway.Refuse("Feishu.Parameter.Error", "FeishuUsers is not an object of nicknames by ids: %v", err)
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	_, _ = dec.Token() // the document is known to be an object of texts, or null
	var users []feishuUser
	seen := make(map[string]bool)
	for dec.More() {
		token, _ := dec.Token()
		_, _ = dec.Token()
		id, _ := token.(string)
		switch {
		case id == "":
			return nil, gateway.Refuse("Feishu.Parameter.Error", "FeishuUsers has an account without id.")
		case seen[id]:
			return nil, gateway.Refuse("Feishu.User.Duplicated", "FeishuUsers has the account %q twice.", id)
		}
		seen[id] = true
		users = append(users, feishuUser{id: id, nick: strings.TrimSpace(all[id])})
	}
	if len(users) == 0 {
		return nil, gateway.Refuse("Feishu.Parameter.Error", "FeishuUsers has no users.")
	}
	return users, nil
}
