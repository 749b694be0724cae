package quickbitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// large returns an organization of 100,000 members and 10,000 groups, with a
// group of everybody.
func large(b *testing.B) *Emulator {
	b.Helper()
	o := Organization{UserGroups: []UserGroup{{UserGroupID: "all", UserGroupName: "All"}}}
	for i := range 100_000 {
		id := fmt.Sprintf("user%06d", i)
		o.Users = append(o.Users, User{UserID: id, AccountID: fmt.Sprint(5_000_000 + i), AccountName: id + "@Example.com", NickName: "Nick " + id})
		o.UserGroups[0].UserIDs = append(o.UserGroups[0].UserIDs, id)
	}
	for i := range 10_000 {
		parent := "-1"
		if i >= 100 {
			parent = fmt.Sprintf("group%05d", i/10)
		}
		o.UserGroups = append(o.UserGroups, UserGroup{UserGroupID: fmt.Sprintf("group%05d", i), ParentUserGroupID: parent, UserGroupName: fmt.Sprintf("Group %05d", i), UserIDs: o.UserGroups[0].UserIDs[i : i+5]})
	}
	e := NewEmulator()
	if err := e.Seed(o); err != nil {
		b.Fatal(err)
	}
	return e
}

// BenchmarkLarge measures operations on a large organization, without the wire.
func BenchmarkLarge(b *testing.B) {
	e := large(b)
	thousand := make([]string, 1000)
	for i := range thousand {
		thousand[i] = fmt.Sprintf("user%06d", 50_000+i)
	}
	for _, bb := range []struct {
		name, action string
		params       map[string]string
	}{
		{"first page", "QueryUserList", map[string]string{"PageNum": "1", "PageSize": "1000"}},
		{"last page", "QueryUserList", map[string]string{"PageNum": "100", "PageSize": "1000"}},
		{"keyword", "QueryUserList", map[string]string{"Keyword": "nobody"}},
		{"by id", "QueryUserInfoByUserId", map[string]string{"UserId": "user099999"}},
		{"by account", "QueryUserInfoByAccount", map[string]string{"Account": "5099999"}},
		{"update", "UpdateUser", map[string]string{"UserId": "user000005", "NickName": "Five"}},
		{"a thousand join", "AddUserGroupMember", map[string]string{"UserGroupId": "group00500", "UserIdList": strings.Join(thousand, ",")}},
		{"withdraw", "WithdrawAllUserGroups", map[string]string{"UserId": "user000007"}},
		{"group keyword", "GetUserGroupInfo", map[string]string{"Keyword": "nothing"}},
		{"transfer", "TransferUsergroup", map[string]string{"UserGroupId": "group00010", "ParentUserGroupId": "group00099"}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			c := &call{organization: e.org, now: e.Now(), action: bb.action, op: catalog.Load().Operations[bb.action], params: bb.params}
			for b.Loop() {
				if _, err := operations[bb.action].do(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("delete", func(b *testing.B) {
		i := 0
		for b.Loop() {
			c := &call{organization: e.org, now: e.Now(), action: "DeleteUser", op: catalog.Load().Operations["DeleteUser"], params: map[string]string{"UserId": fmt.Sprintf("user%06d", i%100_000)}}
			if _, err := operations["DeleteUser"].do(c); err != nil && i < 100_000 {
				b.Fatal(err)
			}
			i++
		}
	})
}

// BenchmarkServeHTTP measures what a signed call costs in all, but for the network.
func BenchmarkServeHTTP(b *testing.B) {
	e := NewEmulator()
	b.ReportAllocs()
	for b.Loop() {
		if g := serve(b, e, newV3(e.Now(), "QueryUserList", nil).request(b)); g.Status != 200 {
			b.Fatal(g.Body)
		}
	}
}
