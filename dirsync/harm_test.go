package dirsync_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// These tests are about harm: giving one what is another's, deleting by mistake.

// people returns an organization of twenty in the group All, with account ids, and
// lines of a CSV file about them.
func people() (quickbitest.Organization, []string) {
	all := quickbitest.UserGroup{UserGroupID: "g", UserGroupName: "All"}
	var o quickbitest.Organization
	lines := []string{"account_id,account_name,nickname,groups"}
	for i := range 20 {
		u := quickbitest.User{
			UserID: fmt.Sprintf("u%d", i), AccountID: fmt.Sprint(2000000000000000 + i),
			AccountName: fmt.Sprintf("acme:user%d", i), NickName: fmt.Sprintf("User %d", i),
		}
		o.Users = append(o.Users, u)
		all.UserIDs = append(all.UserIDs, u.UserID)
		lines = append(lines, fmt.Sprintf("%s,%s,%s,All", u.AccountID, u.AccountName, u.NickName))
	}
	o.UserGroups = []quickbitest.UserGroup{all}
	return o, append(lines, "1000000000000001,owner,,")
}

// Whom a record means is decided by what the service confirms, not by a likeness.
func TestWhoIsMeant(t *testing.T) {
	t.Parallel()
	user := func(id, accountID, account string) quickbitest.User {
		return quickbitest.User{UserID: id, AccountID: accountID, AccountName: account, NickName: id}
	}
	const carl = "208812345678999123"
	for _, tt := range []struct {
		name  string
		users []quickbitest.User
		csv   string
		want  string
	}{
		{
			name: "the listing shows no parent, and the service confirms none", users: []quickbitest.User{user("u-bob", "", "bob")},
			csv: "account_name,groups\nmain1:bob,Interns\nmain2:bob,Finance\n",
			want: `? bob: it may be the account main2:bob, which nobody confirms
`,
		},
		{
			name: "nor if the ids differ", users: []quickbitest.User{user("u-bob", "", "bob")},
			csv: "account_id,account_name,groups\n101,main1:bob,Interns\n202,main2:bob,Finance\n",
			want: `? bob: it may be the account main2:bob, which nobody confirms
`,
		},
		{
			name: "two ids on one member", users: []quickbitest.User{user("u-bob", "", "main1:bob")},
			csv: "account_id,account_name,groups\n101,main1:bob,Interns\n202,main1:bob,Finance\n",
			want: `? main1:bob: line 3: another record gives the account the id 101
`,
		},
		{
			name: "two parents on one member", users: []quickbitest.User{user("u-bob", "101", "bob")},
			csv: "account_id,account_name,groups\n101,main1:bob,Interns\n101,main2:bob,Finance\n",
			want: `? main2:bob: line 3: another record gives the account another name
`,
		},
		{
			name: "the id of one and the name of another", users: []quickbitest.User{user("u-ann", "101", "acme:ann"), user("u-ben", "102", "acme:ben")},
			csv: "account_id,account_name,groups\n101,acme:ben,Finance\n",
			want: `? acme:ben: line 2: the account id is that of acme:ann: give the id alone if the account has another name now
`,
		},
		{
			name: "an id rounded to zeros beside a name", users: []quickbitest.User{user("u-carl", carl, "acme:carl")},
			csv: "account_id,account_name,groups\n208812345678999000,acme:carl,Finance\n",
			want: `? acme:carl: line 2: the account id is not that of acme:carl, which is 208812345678999123
`,
		},
		{
			name: "an id rounded to zeros alone", users: []quickbitest.User{user("u-carl", carl, "acme:carl")},
			csv: "account_id,groups\n208812345678999000,Finance\n",
			want: `? 208812345678999000: line 2: nobody has the account id, but acme:carl, whose id 208812345678999123 a spreadsheet would round to it
`,
		},
		{
			name: "a name with an alias of the domain", users: []quickbitest.User{user("u-carl", "", "carl")},
			csv: "account_name,groups\ncarl@corp.example,Finance\n",
			want: `? carl: it may be the account carl@corp.example, which nobody confirms
`,
		},
		{
			name: "no account at all", users: []quickbitest.User{user("u-x", "", "")},
			csv:  "account_name,groups\nowner,\n",
			want: ``,
		},
		{
			name: "two members of one name", users: []quickbitest.User{user("u-1", "", "main1:bob"), user("u-2", "", "main2:bob")},
			csv: "account_name,groups\nbob,Finance\n",
			want: `? bob: line 2: 2 members can be meant: give the account's id
`,
		},
		{
			name: "other spellings of one account", users: []quickbitest.User{user("u-bob", "", "main1:bob")},
			csv: "account_name,groups\n\u200b MAIN1:Bob\u00a0,Finance\nbob@main1.onaliyun.com,Finance\n",
			want: `+ group Finance
+ main1:bob: Finance
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seed := quickbitest.Organization{Users: tt.users, UserGroups: []quickbitest.UserGroup{{UserGroupID: "g", UserGroupName: "Old"}}}
			for _, u := range tt.users {
				seed.UserGroups[0].UserIDs = append(seed.UserGroups[0].UserIDs, u.UserID)
			}
			for _, add := range []quickbi.UserType{0, quickbi.UserTypeViewer} {
				o := newOrg(t, seed)
				s := unlimited(dirsync.Syncer{Client: o.client, AddMembersAs: add, DeleteMembers: true, Within: []string{"Finance", "Interns", "Old"}})
				if add != 0 {
					// New accounts come as well; nobody may lose or get anything for it.
					tt.csv = strings.Replace(strings.ReplaceAll(strings.TrimSuffix(tt.csv, "\n"), "\n", ",N\n"), ",N\n", ",nickname\n", 1) + ",N\n"
				}
				s.Within = nil
				plan := planOf(t, s, tt.csv)
				if _, err := plan.Apply(t.Context()); err != nil {
					t.Logf("%v", err)
				}
				if add == 0 && !strings.Contains(tt.want, "+ ") {
					mustShow(t, plan, tt.want)
				}
				after := o.Snapshot()
				for _, u := range tt.users {
					if !slices.ContainsFunc(after.Users, func(other quickbitest.User) bool { return other.UserID == u.UserID }) {
						t.Errorf("%s was deleted", u.UserID)
					}
					for _, g := range after.UserGroups {
						in := slices.Contains(g.UserIDs, u.UserID)
						if (g.UserGroupName == "Old") != in && !strings.Contains(tt.want, "+ ") {
							t.Errorf("%s in %s: %v", u.UserID, g.UserGroupName, in)
						}
					}
				}
			}
		})
	}
}

// A parent that the listing does not show is asked for.
func TestParentIsAskedFor(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "u-1", AccountName: "main1:bob", NickName: "Bob"}, {UserID: "u-2", AccountName: "main2:bob", NickName: "Other Bob"},
	}})
	hide(o)
	s := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true})
	plan := planOf(t, s, "account_name,groups\nmain1:bob,Interns\nmain2:Bob,Finance\nmain3:bob,Board\nowner,\n")
	want := `+ group Finance
+ group Interns
+ bob: Interns
+ bob: Finance
`
	mustShow(t, plan, want)
	if !cmp.Equal(plan.Unknown, []string{"main3:bob"}) {
		t.Errorf("unknown: %q", plan.Unknown)
	}
	mustApply(t, plan)
	for _, g := range o.Snapshot().UserGroups {
		if want := map[string][]string{"Interns": {"u-1"}, "Finance": {"u-2"}}[g.UserGroupName]; !cmp.Equal(want, g.UserIDs) {
			t.Errorf("in %s: %v, want %v", g.UserGroupName, g.UserIDs, want)
		}
	}
	o.Fail("QueryUserInfoByAccount", quickbitest.Refuse("Access.Forbidden"), -1)
	if _, err := s.Plan(t.Context(), csv("account_name,groups\nmain1:bob,Interns\n")); !errors.Is(err, quickbi.ErrPermission) {
		t.Errorf("the service does not answer: %v", err)
	}
}

// An id beside the name of somebody with the same login is noticed although the listing
// shows no parents, and costs a call only where there are two of the login.
func TestIDBesideTheOtherBob(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"account_id,account_name,groups\n101,main2:bob,Interns\n1000000000000001,owner,\n": "? main2:bob: line 2: the account id is not that of bob, which is 102\n",
		"account_id,account_name,groups\n101,main1:bob,Interns\n1000000000000001,owner,\n": "+ group Interns\n+ bob: Interns\n- member bob\n",
		"account_id,account_name,groups\n102,bob,Interns\n1000000000000001,owner,\n":       "+ group Interns\n+ bob: Interns\n- member bob\n",
	} {
		o := newOrg(t, quickbitest.Organization{Users: []quickbitest.User{
			{UserID: "u-1", AccountID: "101", AccountName: "main1:bob", NickName: "Bob"}, {UserID: "u-2", AccountID: "102", AccountName: "main2:bob", NickName: "Other Bob"},
		}})
		hide(o)
		plan := planOf(t, unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true}), source)
		if diff := cmp.Diff(want, show(t, plan)); diff != "" {
			t.Errorf("%s(-want +got):\n%s", source, diff)
		}
	}
}

// hide makes the listing show RAM users without their parents, as Quick BI does.
func hide(o *org) {
	o.transport.onAnswer = func(action string, body []byte) []byte {
		if action != "QueryUserList" {
			return body
		}
		for _, parent := range []string{"main1:", "main2:"} {
			body = bytes.ReplaceAll(body, []byte(`"AccountName":"`+parent), []byte(`"AccountName":"`))
		}
		return body
	}
}

// Cells and rows that are not about anybody take nothing away from anybody.
func TestRowsThatNameNobody(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		row  string // instead of that of user 7
		want string
	}{
		"blank account": {",,User 7,All", `? line 9: the record has neither an account id nor an account name
! nothing is taken away from anybody: a record names nobody: line 9
`},
		"a failed formula": {"#N/A,#N/A,User 7,All", `? line 9: the account id #N/A is not a value: a formula of the spreadsheet failed; the account name #N/A is not a value: a formula of the spreadsheet failed; the record has neither an account id nor an account name
! nothing is taken away from anybody: a record names nobody: line 9
`},
		"a failed formula for the id": {"#REF!,acme:user7,User 7,Board", `? acme:user7: line 9: the account id #REF! is not a value: a formula of the spreadsheet failed
`},
		"a failed formula for the id alone": {"#VALUE!,,User 7,Board", `? line 9: the account id #VALUE! is not a value: a formula of the spreadsheet failed; the record has neither an account id nor an account name
! nothing is taken away from anybody: a record names nobody: line 9
`},
		"a failed formula for the nickname": {"2000000000000007,acme:user7,#NAME?,All", `? acme:user7: line 9: the nickname #NAME? is not a value: a formula of the spreadsheet failed
`},
		"a failed formula for the name": {"2000000000000007,#DIV/0!,User 7,Board", `? 2000000000000007: line 9: the account name #DIV/0! is not a value: a formula of the spreadsheet failed
`},
		"a failed formula for the groups": {"2000000000000007,acme:user7,User 7,#N/A", `? acme:user7: line 9: the group #N/A is not a name: a formula of the spreadsheet failed
`},
		"a column that is too narrow": {"2000000000000007,acme:user7,User 7,########", `? acme:user7: line 9: the group ######## is not a name: a formula of the spreadsheet failed
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed, lines := people()
			o := newOrg(t, seed)
			lines[8] = tt.row
			// Somebody else has left, and somebody moves.
			lines[3] = strings.Replace(lines[3], ",All", ",All;New", 1)
			s := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true})
			plan := planOf(t, s, strings.Join(lines, "\n"))
			want := "+ group New\n+ acme:user2: New\n" + tt.want
			mustShow(t, plan, want)
			mustApply(t, plan)
			if after := o.Snapshot(); len(after.Users) != 21 || len(after.UserGroups[0].UserIDs) != 20 {
				t.Errorf("%d members, %d in All", len(after.Users), len(after.UserGroups[0].UserIDs))
			}
		})
	}
}

// Ids that a spreadsheet has rounded, or that are none, end the reading.
func TestRoundedIDs(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{})
	for id, want := range map[string]string{
		"1.91477E+15":        "rounded by a spreadsheet",
		"2000000000000000.0": "rounded by a spreadsheet",
		"1e15":               "rounded by a spreadsheet",
		"acme":               "other characters than digits",
		"'2000000000000000":  "other characters than digits",
		"２０００":               "other characters than digits",
	} {
		_, err := dirsync.Syncer{Client: o.client}.Plan(t.Context(), csv("account_id,account_name,groups\n"+id+",ann,All\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
}

// An id that a spreadsheet may have rounded is no account to be added: the next plan would
// take whoever has the real one for somebody without a record.
func TestRoundedIDIsNotAdded(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{Users: []quickbitest.User{{UserID: "u-1", AccountID: "208812345678999123", AccountName: "acme:carl", NickName: "Carl"}}})
	o.transport.onAnswer = func(action string, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte("208812345678999123"), nil)
	}
	s := unlimited(dirsync.Syncer{Client: o.client, DeleteMembers: true, AddMembersAs: quickbi.UserTypeViewer})
	const source = "account_id,nickname,groups\n208812345678999000,Carl Again,\n1000000000000001,,\n"
	plan := planOf(t, s, source)
	want := `? 208812345678999000: line 2: nobody has the account id, which a spreadsheet may have rounded: give the account's name, too
? acme:carl: Quick BI does not know the account's id yet, and there are records without an account name, so that it is not clear whether there is one of it
`
	mustShow(t, plan, want)
}

// A group that differs in what nobody sees is meant; one that only looks alike is a
// problem. There is never a twin.
func TestLookAlikeGroups(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		there, source string
		problem       string
	}{
		"composed":            {"Café", "Cafe\u0301", ""},
		"decomposed":          {"Cafe\u0301", "Café", ""},
		"Hangul":              {"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af", ""},
		"trailing blank":      {"All ", "All", ""},
		"blanks":              {"North  America", " North America ", ""},
		"letter case":         {"All", "ALL", ""},
		"zero width":          {"All", "A\u200bll", ""},
		"full width":          {"All", "Ａll", "only looks like that of the group All"},
		"a ligature":          {"Office", "Oﬃce", ""},
		"a circled digit":     {"Team 1", "Team ①", "only looks like that of the group Team 1"},
		"a group that is not": {"All", "Everybody", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, quickbitest.Organization{
				Users:      []quickbitest.User{{UserID: "u-ann", AccountName: "ann", NickName: "Ann"}},
				UserGroups: []quickbitest.UserGroup{{UserGroupID: "g", UserGroupName: tt.there, UserIDs: []string{"u-ann"}}, {UserGroupID: "below", ParentUserGroupID: "g", UserGroupName: "Below"}},
			})
			plan := planOf(t, unlimited(dirsync.Syncer{Client: o.client}), "account_name,groups\nann,"+tt.source+"\n")
			switch {
			case tt.problem == "-":
				if plan.Counts().CreateGroup != 1 || plan.Counts().Move != 1 {
					t.Errorf("%v", plan.Counts())
				}
			case tt.problem == "":
				if !plan.Empty() || len(plan.Problems) > 0 {
					t.Errorf("%s%v", show(t, plan), plan.Problems)
				}
			case !plan.Empty() || len(plan.Problems) != 1 || !strings.Contains(plan.Problems[0].Text, tt.problem):
				t.Errorf("%s", show(t, plan))
			}
			plan, err := unlimited(dirsync.Syncer{Client: o.client}).Plan(t.Context(), csv("account_name,groups\nann,"+tt.source+"/Below\n"))
			if err != nil {
				t.Fatal(err)
			}
			if made := plan.Counts().CreateGroup; tt.problem != "-" && made != 0 {
				t.Errorf("a twin for a group below: %s", show(t, plan))
			}
		})
	}
	// Two spellings of a group that is not there yet are one group.
	o := newOrg(t, quickbitest.Organization{Users: []quickbitest.User{{UserID: "u-ann", AccountName: "ann", NickName: "Ann"}, {UserID: "u-ben", AccountName: "ben", NickName: "Ben"}}})
	plan, err := dirsync.Syncer{Client: o.client}.Plan(t.Context(), csv("account_name,groups\nann,Cafe\u0301\nben,café\n"))
	if err != nil || plan.Counts().CreateGroup != 1 || plan.Counts().Join != 2 {
		t.Errorf("%v: %v", err, plan.Counts())
	}
}

// A member of whom one group cannot be joined leaves none.
func TestMoveThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	seed, lines := people()
	seed.UserGroups = append(seed.UserGroups, quickbitest.UserGroup{UserGroupID: "a", UserGroupName: "A", UserIDs: []string{"u2", "u3"}}, quickbitest.UserGroup{UserGroupID: "b", UserGroupName: "B", UserIDs: []string{"u2"}})
	o := newOrg(t, seed)
	for _, i := range []int{3, 4} {
		lines[i] = strings.Replace(lines[i], ",All", ",New"+fmt.Sprint(i), 1)
	}
	plan := planOf(t, unlimited(dirsync.Syncer{Client: o.client}), strings.Join(lines, "\n"))
	o.Fail("CreateUserGroup", quickbitest.Refuse("RootUserGroup.Create.Error"), 1)
	report, err := plan.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrRootUserGroupSynchronized) {
		t.Fatal(err)
	}
	stays, goes := "u2", "u3"
	groups := o.groups(t)
	if _, ok := groups["New3"]; ok {
		stays, goes = goes, stays
	}
	var ended []string
	for _, g := range o.Snapshot().UserGroups {
		for _, id := range []string{"u2", "u3"} {
			if slices.Contains(g.UserIDs, id) != slices.ContainsFunc(seed.UserGroups, func(old quickbitest.UserGroup) bool {
				return old.UserGroupID == g.UserGroupID && slices.Contains(old.UserIDs, id)
			}) {
				ended = append(ended, id)
			}
		}
	}
	if slices.Contains(ended, stays) || !slices.Contains(ended, goes) {
		t.Errorf("%s was to stay everywhere, and %s to move; changed: %v; %v", stays, goes, ended, report.Failed)
	}
}

// Who has become an administrator since the plan was made is not deleted.
func TestReadAgainBeforeDeleting(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*org) error
		keep   bool
		stays  bool
	}{
		"nothing": {func(*org) error { return nil }, false, false},
		"administrator": {func(o *org) error {
			_, err := o.client.UpdateUser(t.Context(), &quickbi.UpdateUserRequest{UserID: "u3", RoleIDs: []int64{quickbi.OrganizationRoleAdmin}})
			return err
		}, false, true},
		"permission administrator": {func(o *org) error {
			_, err := o.client.UpdateUser(t.Context(), &quickbi.UpdateUserRequest{UserID: "u3", RoleIDs: []int64{quickbi.OrganizationRolePermissionAdmin}})
			return err
		}, false, true},
		"to be kept": {func(*org) error { return nil }, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed, lines := people()
			o := newOrg(t, seed)
			keep := false
			s := dirsync.Syncer{Client: o.client, DeleteMembers: true, Keep: func(quickbi.User) bool { return keep }}
			plan := planOf(t, s, strings.Join(slices.Delete(lines, 4, 5), "\n"))
			if err := tt.change(o); err != nil {
				t.Fatal(err)
			}
			keep = tt.keep
			report, err := plan.Apply(t.Context())
			there := len(o.groups(t)["All"]) == 20
			if there != tt.stays || errors.Is(err, dirsync.ErrChanged) != tt.stays || len(report.Failed) > 0 != tt.stays {
				t.Errorf("is there: %v, %v, %+v", there, err, report.Failed)
			}
		})
	}
}

// What the service would refuse is a problem of the plan.
func TestPlanForesees(t *testing.T) {
	t.Parallel()
	seed, lines := people()
	seed.Workspaces = []quickbitest.Workspace{{WorkspaceID: "w", WorkspaceName: "W", OwnerID: "u3", Users: []quickbitest.WorkspaceUser{{UserID: "u3", RoleIDs: []int64{quickbi.WorkspaceRoleAdmin}}}}}
	o := newOrg(t, seed)
	lines = slices.Delete(lines, 4, 5)
	for _, group := range []string{"R&D", "Sales-North", "All；销售", "A\x00ll", "\"All\nBoard\"", "\"All,Board\"", "1/2/3/4/5/6/7/8/9/10/11", strings.Repeat("x", 256)} {
		lines[1] += "\n2000000000000000,acme:user0,," + group
	}
	for i, nick := range []string{"张伟", "张伟", "Mary O'Neil", "User 1", "User 1", "Ann\u200b Lee", strings.Repeat("长", 51)} {
		lines = append(lines, fmt.Sprintf("%d,acme:new%d,%s,All", 3000000000000000+i, i, nick))
	}
	s := dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer, DeleteMembers: true}
	plan := planOf(t, s, strings.Join(lines, "\n"))
	var texts []string
	for _, p := range plan.Problems {
		texts = append(texts, p.Text)
	}
	want := []string{
		`character '&'`, `character '-'`, `character '；' (; separates groups)`, `character '\x00'`, `character '\n'`, `character ','`, "11 layers", "256 characters",
		`acme:new0 has the nickname 张伟: give another one, or allow AppendAccount (-append-account)`, `character '\''`, `acme:user1 has the nickname User 1`, `acme:user1 has`, `character '\u200b'`, "51 characters",
		"owns the workspace W",
	}
	if !slices.EqualFunc(texts, want, strings.Contains) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(texts, "\n"), strings.Join(want, "\n"))
	}
	if report, err := plan.Apply(t.Context()); err != nil || report.Done.AddMember != 1 {
		t.Errorf("something was refused all the same: %v, %+v", err, report)
	}

	// With the account behind it, every nickname is one of its own.
	plan, err := unlimited(dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer, AppendAccount: true, Within: []string{"New"}}).Plan(t.Context(),
		csv("account_name,nickname,groups\nacme:zhang.wei,张伟,New\nacme:zhangwei2,张伟,New\nb,"+strings.Repeat("长", 50)+",New\n"+strings.Repeat("a", 50)+","+strings.Repeat("长", 50)+",New\n"))
	if err != nil || len(plan.Problems) > 0 {
		t.Fatalf("%v, %v", err, plan.Problems)
	}
	mustApply(t, plan)
	names := map[string]bool{}
	for _, u := range o.Snapshot().Users {
		names[u.NickName] = true
	}
	for _, want := range []string{"张伟(zhang_wei)", "张伟(zhangwei2)"} {
		if !names[want] {
			t.Errorf("nobody is called %s: %v", want, names)
		}
	}
}

// A Within that fits nothing is a typing mistake.
func TestMistypedWithin(t *testing.T) {
	t.Parallel()
	o := newOrg(t, staff())
	for within, want := range map[string]string{"Sale": `Within has "Sale"`, "Sales/Nort": `"Sales/Nort"`, "sales": "", "Legal": `"Legal"`} {
		_, err := dirsync.Syncer{Client: o.client, Within: []string{within}}.Plan(t.Context(), csv(staffCSV))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", within, err, want)
		}
	}
	if _, err := (dirsync.Syncer{Client: o.client, Within: []string{"Legal"}}).Plan(t.Context(), csv(strings.Replace(staffCSV, "carl,Sales/South", "carl,Legal/Contracts", 1))); err != nil {
		t.Errorf("a group that a record names: %v", err)
	}
	seed := staff()
	seed.UserGroups = append(seed.UserGroups, quickbitest.UserGroup{UserGroupID: "twin", UserGroupName: "SALES"})
	o = newOrg(t, seed)
	if _, err := (dirsync.Syncer{Client: o.client, Within: []string{"Sales"}}).Plan(t.Context(), csv(staffCSV)); err == nil || !strings.Contains(err.Error(), "SALES") {
		t.Errorf("two groups: %v", err)
	}
}

// A list that shifts while its pages are read is read again, or refused.
func TestShiftedList(t *testing.T) {
	t.Parallel()
	for _, times := range []int{1, 2, 100} {
		seed, records := large(2500)
		o := newOrg(t, seed)
		n := 0
		o.transport.onSend = func(action string, _ int64) {
			if action != "QueryUserList" {
				return
			}
			if n++; n%3 == 2 && n/3 < times {
				// One of the first page leaves, so that one of the second slips through.
				if _, err := o.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: seed.Users[n].UserID}); err != nil {
					t.Error(err)
				}
			}
		}
		plan, err := unlimited(dirsync.Syncer{Client: o.client}).Plan(t.Context(), dirsync.Records(records))
		if times == 100 {
			if err == nil || !strings.Contains(err.Error(), "says that there are") {
				t.Errorf("a list that never stands still: %v", err)
			}
		} else if err != nil || plan.Members != 2501-times {
			t.Errorf("%d times: %v", times, err)
		}
	}
}

// A plan that a person reads cannot be forged by names in it.
func TestPlanForgery(t *testing.T) {
	t.Parallel()
	o := newOrg(t, quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "u-ann", NickName: "Ann", AccountName: "ann@example.com"},
			{UserID: "u-bob", NickName: "Bob", AccountName: "bob@example.com\x1b[1A\x1b[2K"},
		},
	})
	source := dirsync.Records(slices.Values([]dirsync.Record{
		{AccountName: "bob@example.com\x1b[1A\x1b[2K", Groups: []string{"A"}},
		{AccountName: "eve\n- member ceo@example.com", Groups: []string{"B"}, Origin: "line 2\x1b[2K"},
		{AccountName: "ann@example.com", Groups: []string{"evil\n- member root@example.com\x1b[2K", "a -> b"}, Origin: "\u202eline"},
	}))
	plan, err := unlimited(dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer}).Plan(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	text := show(t, plan)
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\n- ") {
		t.Errorf("%q", text)
	}
	if _, err := plan.Apply(t.Context()); err != nil && strings.ContainsAny(err.Error(), "\x1b\n") {
		t.Errorf("%q", err)
	}
}

// A plan is applied once, even by two at once.
func TestAppliedOnce(t *testing.T) {
	t.Parallel()
	seed, lines := people()
	o := newOrg(t, seed)
	plan := planOf(t, dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer}, strings.Join(append(lines, "3000000000000000,new,New,All;D"), "\n"))
	var wg sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for range 4 {
		wg.Go(func() {
			report, err := plan.Apply(t.Context())
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, dirsync.ErrApplied) && report == nil {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if refused != 3 {
		t.Errorf("%d of 4 were refused", refused)
	}
	for range plan.Changes() { // can still be read
	}
}

func TestTooOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed, lines := people()
		o := newOrg(t, seed)
		text := csv(strings.Join(append(lines[:5], lines[6:]...), "\n"))
		for _, tt := range []struct {
			allowed, age time.Duration
			refused      bool
		}{{0, 23 * time.Hour, false}, {0, 25 * time.Hour, true}, {time.Hour, 61 * time.Minute, true}} {
			s := dirsync.Syncer{Client: o.client, MaxAge: tt.allowed}
			plan, err := s.Plan(t.Context(), text)
			if err != nil {
				text = csv(strings.Join(lines, "\n"))
				if plan, err = s.Plan(t.Context(), text); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(tt.age)
			if _, err := plan.Apply(t.Context()); errors.Is(err, dirsync.ErrTooOld) != tt.refused {
				t.Errorf("%v old, %v allowed: %v", tt.age, tt.allowed, err)
			}
		}
	})
}

// An account that the service has already must be the one that the record means.
func TestAddedAccountIsAnothers(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{true, false} {
		o := newOrg(t, quickbitest.Organization{Users: []quickbitest.User{{UserID: "u-ann", AccountName: "acme:ann", NickName: "Ann"}}})
		s := dirsync.Syncer{Client: o.client, AddMembersAs: quickbi.UserTypeViewer}
		const text = "account_id,account_name,nickname,groups\n2001,acme:eve,Eve,Board\n"
		joins := func() {
			// Ben has the id that stands beside Eve's name.
			if err := o.Seed(quickbitest.Organization{Users: []quickbitest.User{{UserID: "u-ben", AccountID: "2001", AccountName: "acme:ben", NickName: "Ben"}}}); err != nil {
				t.Fatal(err)
			}
		}
		if hidden {
			joins()
			o.transport.onAnswer = func(action string, body []byte) []byte {
				if action == "QueryUserList" {
					body = bytes.ReplaceAll(body, []byte(`"2001"`), []byte(`""`))
				}
				return body
			}
		}
		plan := planOf(t, s, text)
		if hidden && (!plan.Empty() || len(plan.Problems) != 1 || !strings.Contains(plan.Problems[0].Text, "the account id is that of acme:ben")) {
			t.Errorf("%s", show(t, plan))
		}
		if !hidden {
			joins()
			if _, err := plan.Apply(t.Context()); !errors.Is(err, dirsync.ErrChanged) {
				t.Errorf("%v", err)
			}
		}
		for _, g := range o.Snapshot().UserGroups {
			if len(g.UserIDs) > 0 {
				t.Errorf("%v got what is Eve's", g.UserIDs)
			}
		}
	}
}
