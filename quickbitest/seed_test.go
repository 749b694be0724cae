package quickbitest

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSeedFromJSON also has the seed refer to what is there already.
func TestSeedFromJSON(t *testing.T) {
	t.Parallel()
	const document = `{
		"Users": [{"UserId": "cem", "AccountName": "cem", "NickName": "Cem", "UserType": 3, "RoleIdList": [456], "IsDeleted": true, "JoinedDate": 1, "LastLoginTime": 2}],
		"UserGroups": [{"UserGroupName": "East", "ParentUserGroupId": "south", "UserIds": ["cem", "ann"]}]
	}`
	var o Organization
	if err := json.Unmarshal([]byte(document), &o); err != nil {
		t.Fatal(err)
	}
	e := seeded(t)
	if err := e.Seed(o); err != nil {
		t.Fatal(err)
	}
	row := must[page[memberRow]](t, e, "QueryUserList", "Keyword", "cem").Data[0]
	if row.UserID != "cem" || !row.IsDeleted || row.JoinedDate != 1 || row.LastLoginTime != 2 || row.UserType != analyst {
		t.Errorf("%+v", row)
	}
	if got := members(t, e, children(t, e, "south")); got != "cem ann" {
		t.Errorf("East: %s", got)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Organization{
		`user 1, "B": there is a user "x" already`:                  {Users: []User{{UserID: "x", NickName: "A"}, {UserID: "x", NickName: "B"}}},
		`user 1, "B": there is a user with this account already`:    {Users: []User{{AccountName: "a", NickName: "A"}, {AccountName: "a", NickName: "B"}}},
		`user 1, "A": there is a user with this nickname already`:   {Users: []User{{NickName: "A"}, {NickName: "A"}}},
		`user 0, "": there is no nickname`:                          {Users: []User{{}}},
		`user 0, "A": there is no user type 9`:                      {Users: []User{{NickName: "A", UserType: 9}}},
		`user 0, "A": BindRole.NotExist.Error: `:                    {Users: []User{{NickName: "A", RoleIDs: []int64{1}}}},
		`user group 0, "G": UserGroup.Parent.NotFound: `:            {UserGroups: []UserGroup{{ParentUserGroupID: "x", UserGroupName: "G"}}},
		`user group 0, "G": there is no user "nobody"`:              {UserGroups: []UserGroup{{UserGroupName: "G", UserIDs: []string{"nobody"}}}},
		`user group 1, "G": Duplicate.UserGroupName.Error: The par`: {UserGroups: []UserGroup{{UserGroupName: "G"}, {UserGroupName: "G"}}},
	} {
		err := NewEmulator().Seed(o)
		if err == nil || !strings.HasPrefix(err.Error(), "quickbitest: "+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
