package quickbitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// The platforms whose accounts can be bound to members.
const (
	dingTalk = "ding"
	weCom    = "corp_weixin"
	feishu   = "feishu"
)

// A MobileAccount is an account of DingTalk, WeCom or Feishu that is bound to a member.
type MobileAccount struct {
	MobileType       string `json:"MobileType"`                 // ding, corp_weixin or feishu
	MobileUserID     string `json:"MobileUserId"`               // its id on that platform
	ThirdAccountName string `json:"ThirdAccountName,omitempty"` // its name there
	UserID           string `json:"BoundUserId"`
}

// mobileAccounts is those of all members.
type mobileAccounts struct {
	all      table[MobileAccount] // by platform and id
	byMember map[string][]string  // the keys
}

func mobileKey(platform, id string) string { return platform + "/" + id }

func (s *mobileAccounts) bind(a MobileAccount) {
	key := mobileKey(a.MobileType, a.MobileUserID)
	s.all.put(key, a)
	if s.byMember == nil {
		s.byMember = make(map[string][]string)
	}
	s.byMember[a.UserID] = append(s.byMember[a.UserID], key)
}

// forgetMobileAccounts unbinds the accounts of a member who leaves.
func (o *organization) forgetMobileAccounts(m *member) {
	for _, key := range o.mobile.byMember[m.UserID] {
		o.mobile.all.remove(key)
	}
	delete(o.mobile.byMember, m.UserID)
}

func (o *organization) seedMobileAccount(a MobileAccount) error {
	switch {
	case !slices.Contains([]string{dingTalk, weCom, feishu}, a.MobileType):
		return fmt.Errorf("there is no platform %q", a.MobileType)
	case a.MobileUserID == "":
		return errors.New("the account has no id")
	case !o.members.has(a.UserID):
		return fmt.Errorf("there is no user %q", a.UserID)
	case o.mobile.all.has(mobileKey(a.MobileType, a.MobileUserID)):
		return errors.New("the account is bound already")
	}
	o.mobile.bind(a)
	return nil
}

// queryUserByMobileAccount has no documented code for an account that nobody is
// bound to, but for the one that any wrong parameter has.
func queryUserByMobileAccount(c *call) (any, error) {
	type boundUser struct {
		BoundUserID      string `json:"BoundUserId"`
		ThirdAccountName string
	}
	platform, id := c.string("MobileType"), c.string("MobileUserId")
	if !slices.Contains([]string{dingTalk, weCom, feishu}, platform) {
		return nil, gateway.Invalid("MobileType", "is none of %s, %s and %s", dingTalk, weCom, feishu)
	}
	a, ok := c.mobile.all.get(mobileKey(platform, id))
	if !ok {
		return nil, gateway.Invalid("MobileUserId", "is %q, which nobody has on %s", id, platform)
	}
	return boundUser{a.UserID, a.ThirdAccountName}, nil
}

// A feishuFailure says why one user could not be added. ACCOUNT_EXIST is
// documented; that there are more codes is all that is known of them.
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

// batchAddFeishuUsers adds those users that can be added. Where the call itself is
// wrong, it adds nobody.
func batchAddFeishuUsers(c *call) (any, error) {
	if c.lacks.Feishu {
		return nil, gateway.Refuse("Feishhu.Config.Not.Exit", "The organization has not set up Feishu.")
	}
	wanted, err := c.feishuUsers()
	if err != nil {
		return nil, err
	}
	u := User{UserType: developer, JoinedDate: c.now.UnixMilli()} // no default is documented
	if c.has("UserType") {
		u.UserType = c.int("UserType")
	}
	if u.UserType < developer || u.UserType > analyst {
		return nil, gateway.Invalid("UserType", "is none of 1, 2 and 3")
	}
	for name, role := range map[string]int64{"IsAdmin": roleAdmin, "IsAuthAdmin": roleAuthAdmin} {
		if c.bool(name) {
			u.RoleIDs = append(u.RoleIDs, role)
		}
	}
	if slices.Sort(u.RoleIDs); u.RoleIDs == nil {
		u.RoleIDs = []int64{roleRegular}
	}
	ids := c.list("UserGroupIds")
	groups := make([]*group, len(ids))
	for i, id := range ids {
		if groups[i], err = c.group(id); err != nil {
			return nil, err
		}
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
	if !c.roomFor(u.UserType, len(users)) {
		return nil, gateway.Refuse("Instance.Over.MaxLicense", "The organization has not paid for %d more members of type %d.", len(users), u.UserType)
	}
	for _, w := range users {
		u.UserID, u.AccountName, u.NickName = newUserID(), w.id, w.nick
		m := c.addMember(u)
		c.mobile.bind(MobileAccount{MobileType: feishu, MobileUserID: w.id, ThirdAccountName: w.nick, UserID: u.UserID})
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
	case c.mobile.all.has(mobileKey(feishu, w.id)) || c.hasAccount("", w.id):
		return feishuFailInfo{Code: "ACCOUNT_EXIST", CodeDesc: "The account is that of a member already.", Input: w.id}, true
	case c.byNick[w.nick] != nil || nicks[w.nick]:
		return feishuFailInfo{Code: "NICKNAME_EXIST", CodeDesc: "Another member has this nickname.", Input: w.nick}, true
	case w.nick == "" || checkName("FeishuUsers", w.nick, maxNickName) != nil:
		return feishuFailInfo{Code: "NICKNAME_INVALID", CodeDesc: "The nickname cannot be used.", Input: w.nick}, true
	}
	return feishuFailInfo{}, false
}

// A feishuUser is one member of the JSON object in FeishuUsers.
type feishuUser struct{ id, nick string }

// feishuUsers reads the parameter. It keeps the order, and sees ids that come twice.
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

// roomFor says whether the limits let n more members of the type in.
func (o *organization) roomFor(userType, n int) bool {
	limit := map[int]int{developer: o.limits.Developers, viewer: o.limits.Viewers, analyst: o.limits.Analysts}[userType]
	return limit == 0 || n == 0 || o.perType[userType]+n <= limit
}
