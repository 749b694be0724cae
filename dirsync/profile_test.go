package dirsync_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const (
	roleFinance = 900001
	roleHR      = 900002
)

// profiles is an organization whose members have nicknames, user types and roles.
func profiles() quickbitest.Organization {
	return quickbitest.Organization{
		Roles: []quickbitest.Role{{RoleID: roleFinance, RoleName: "Finance"}, {RoleID: roleHR, RoleName: "HR"}},
		Users: []quickbitest.User{
			{UserID: "u-ann", AccountID: "101", AccountName: "acme:ann", NickName: "Ann", RoleIDs: []int64{quickbi.OrganizationRoleAdmin}},
			{UserID: "u-ben", AccountID: "102", AccountName: "acme:ben", NickName: "Ben", UserType: 2},
			{UserID: "u-carl", AccountID: "103", AccountName: "acme:carl", NickName: "Carl", UserType: 3, RoleIDs: []int64{roleFinance}},
			{UserID: "u-dora", AccountID: "104", AccountName: "acme:dora", NickName: "Dora", UserType: 1},
		},
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	everything := dirsync.Syncer{UpdateNickNames: true, UpdateUserTypes: true, UpdateRoles: true, AddMembersAs: quickbi.UserTypeViewer}
	with := func(change func(*dirsync.Syncer)) dirsync.Syncer {
		s := everything
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name      string
		syncer    dirsync.Syncer
		csv, want string
		rows      map[string]string // what members are afterwards: nickname, user type, roles
	}{
		{name: "switched off", syncer: dirsync.Syncer{}, csv: "102,acme:ben,Benjamin,analyst,HR,\n"},
		{name: "as it is", syncer: everything, csv: "102,acme:ben,Ben,viewer,,\n103,acme:carl,Carl,analyst,Finance,\n"},
		{
			name: "all of it", syncer: everything, csv: "102,acme:ben,Benjamin,analyst,HR; finance,\n",
			want: "~ acme:ben: nickname Ben, viewer, roles 111111113 -> nickname Benjamin, analyst, roles 900001 900002\n",
			rows: map[string]string{"u-ben": "Benjamin 3 [900001 900002]"},
		},
		{
			name: "some of it", syncer: dirsync.Syncer{UpdateNickNames: true}, csv: "102,acme:ben,Benjamin,analyst,HR,\n",
			want: "~ acme:ben: nickname Ben -> nickname Benjamin\n", rows: map[string]string{"u-ben": "Benjamin 2 [111111113]"},
		},
		{
			name: "an administrator stays one", syncer: everything, csv: "101,acme:ann,,,HR,\n",
			want: "~ acme:ann: roles 111111111 -> roles 900002 111111111\n", rows: map[string]string{"u-ann": "Ann 1 [900002 111111111]"},
		},
		{
			name: "roles are given to those who are added, by name or id", syncer: everything, csv: "105,acme:eve,Eve,analyst,900002;Finance,\n",
			want: "+ member acme:eve as analyst\n", rows: map[string]string{"105": "Eve 3 [900001 900002]"},
		},
		{
			name: "what the service would refuse", syncer: everything,
			csv: "101,acme:ann,,viewer,,\n102,acme:ben,Carl,,,\n103,acme:carl,,viewer,HR,\n104,acme:dora,,analyst,,\n105,acme:eve,Eve,viewer,HR,\n106,acme:fay,Fay,,Boss,\n",
			want: `? acme:eve: line 6: it is to be added, but it is a viewer, who cannot have the role HR
? acme:fay: line 7: it is to be added, but the organization has no role Boss
? acme:ann: it is a developer, and the service lets no developer become viewer
? acme:ben: acme:carl has the nickname Carl: give another one, or allow AppendAccount (-append-account)
? acme:carl: it is a viewer, who cannot have the role HR
? acme:dora: it is a developer, and the service lets no developer become analyst
`,
		},
		{
			name: "no file makes administrators", syncer: everything, csv: "102,acme:ben,,," + fmt.Sprint(quickbi.OrganizationRoleAdmin) + ",\n",
			want: "? acme:ben: line 2: the role 111111111 makes an administrator, which is for the console\n",
		},
		{
			name: "two records of one member", syncer: everything, csv: "102,acme:ben,Benjamin,,,\n102,acme:ben,Benny,,,\n",
			want: "? acme:ben: line 3: another record of the account has a different nickname\n",
		},
		{
			name: "a nickname that is taken", syncer: with(func(s *dirsync.Syncer) { s.AppendAccount = true }), csv: "102,acme:ben,Carl,,,\n",
			want: "~ acme:ben: nickname Ben -> nickname Carl(ben)\n", rows: map[string]string{"u-ben": "Carl(ben) 2 [111111113]"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, profiles())
			tt.syncer.Client = o.client
			source := "account_id,account_name,nickname,user_type,roles,groups\n" + tt.csv
			plan := planOf(t, tt.syncer, source)
			got := show(t, plan)
			if got == "\n" {
				got = ""
			}
			mustBe(t, "plan", tt.want, got)
			again := saved(t, tt.syncer, plan)
			mustApply(t, again)
			for _, u := range o.Snapshot().Users {
				want, ok := tt.rows[u.UserID]
				if !ok {
					want, ok = tt.rows[u.AccountID]
				}
				if row := fmt.Sprint(u.NickName, " ", u.UserType, " ", slices.Sorted(slices.Values(u.RoleIDs))); ok && row != want {
					t.Errorf("%s is %s, want %s", u.UserID, row, want)
				}
			}
			mustBeEmpty(t, tt.syncer, source)
		})
	}
}

// A lost answer is looked into, and Undo gives back what was.
func TestProfilesUnderFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault quickbitest.Fault
		times int
	}{"after": {quickbitest.DropAfter(), -1}, "before": {quickbitest.DropBefore(), 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, profiles())
			before := o.Snapshot().Users
			s := dirsync.Syncer{Client: o.client, UpdateNickNames: true, UpdateRoles: true, Deactivate: true, Reports: t.TempDir()}
			source := csv("account_id,nickname,roles,groups\n101,Annie,,\n102,,,\n103,Charles,HR,\n1000000000000001,,,\n")
			plan, err := s.Plan(t.Context(), source)
			if err != nil {
				t.Fatal(err)
			}
			want := "~ 101: nickname"
			if text := show(t, plan); !strings.Contains(text, "- member acme:dora is deactivated") || strings.Contains(text, want) {
				t.Errorf("%s", text)
			}
			o.Fail("UpdateUser", tt.fault, tt.times)
			report, err := plan.Apply(t.Context())
			o.ClearFaults()
			if err != nil || report.Done.UpdateMember != 2 || report.Done.Deactivate != 1 {
				t.Fatalf("%v, %v", err, report.Done)
			}
			for _, u := range o.Snapshot().Users {
				if u.UserID == "u-dora" && !u.IsDeleted || u.UserID == "u-carl" && (u.NickName != "Charles" || !slices.Equal(u.RoleIDs, []int64{roleHR})) {
					t.Errorf("%+v", u)
				}
			}
			back := undone(t, s)
			mustApply(t, back)
			mustBe(t, "members", before, o.Snapshot().Users)
		})
	}
}

// Who leaves is deactivated, comes back, or is deleted after a while. Who was
// deactivated by hand stays so.
func TestDeactivate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed := profiles()
		seed.Users = append(seed.Users, quickbitest.User{UserID: "u-hand", AccountID: "110", AccountName: "acme:hand", NickName: "Hand", UserType: 2, IsDeleted: true})
		o := newOrg(t, seed)
		s := dirsync.Syncer{Client: o.client, Deactivate: true, DeleteMembers: true, DeleteAfter: 10 * 24 * time.Hour, Reports: t.TempDir()}
		const head = "account_id,groups\n1000000000000001,\n101,\n102,\n103,\n110,\n"
		run := func(text, want string) *dirsync.Plan {
			t.Helper()
			plan := planOf(t, s, text)
			if got := strings.TrimPrefix(show(t, plan), "\n"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			mustApply(t, plan)
			return plan
		}
		plan := run(head, "- member acme:dora is deactivated\n")
		if !slices.Equal(plan.Inactive, []string{"acme:hand"}) {
			t.Errorf("deactivated by hand: %q", plan.Inactive)
		}
		time.Sleep(time.Hour)
		run(head, "")
		run(head+"104,\n", "+ member acme:dora is back\n")
		run(head+"104,\n", "")
		time.Sleep(time.Hour)
		run(head, "- member acme:dora is deactivated\n")
		time.Sleep(9 * 24 * time.Hour)
		run(head, "")
		time.Sleep(2 * 24 * time.Hour)
		run(strings.Replace(head, "110,\n", "", 1), "- member acme:dora\n") // and not who was deactivated by hand
		if n := len(o.Snapshot().Users); n != 5 {
			t.Errorf("%d members", n)
		}
	})
	for want, s := range map[string]dirsync.Syncer{
		"needs Reports":             {Deactivate: true},
		"DeleteAfter cannot be":     {DeleteAfter: time.Hour},
		"needs Deactivate and Dele": {DeleteAfter: time.Hour, Deactivate: true, Reports: "x"},
	} {
		s.Client = newOrg(t, quickbitest.Organization{}).client
		if _, err := s.Plan(t.Context(), csv(staffCSV)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Seats that are paid for are limited, whoever takes them.
func TestSeats(t *testing.T) {
	t.Parallel()
	o := newOrg(t, profiles())
	s := dirsync.Syncer{Client: o.client, UpdateUserTypes: true, MaxAdd: -1}
	plan := planOf(t, s, "account_id,user_type,groups\n102,analyst,\n")
	if err := plan.Guard(); !errors.Is(err, dirsync.ErrGuard) || !strings.Contains(err.Error(), "1 paid seats would be taken") {
		t.Errorf("%v", err)
	}
}

// Tags get the values of the source, lost answers are looked into, and Undo gives
// back what was.
func TestTags(t *testing.T) {
	t.Parallel()
	seed := profiles()
	seed.UserTags = []quickbitest.UserTag{{TagID: "t-region", TagName: "Region"}, {TagID: "t-level", TagName: "Level"}}
	const source = "account_id,account_name,nickname,tag:region,TAG: Level,groups\n" +
		"101,,,North,,\n102,,,\"North,South\",$NULL$,\n103,,,#N/A,,\n104,,,,3,\n105,acme:eve,Eve,East,2,\n"
	for name, tt := range map[string]struct {
		fault quickbitest.Fault
		times int
	}{"well": {quickbitest.DropAfter(), 0}, "after": {quickbitest.DropAfter(), -1}, "before": {quickbitest.DropBefore(), 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, seed)
			set := func(user, tag, value string) {
				if _, err := o.client.UpdateUserTagValue(t.Context(), &quickbi.UpdateUserTagValueRequest{UserID: user, TagID: tag, TagValues: []string{value}}); err != nil {
					t.Fatal(err)
				}
			}
			set("u-ann", "t-region", "North")
			set("u-ben", "t-region", "West")
			set("u-ben", "t-level", "1")
			o.ResetCalls()
			values := func() map[string]string {
				all := map[string]string{}
				for _, u := range o.Snapshot().Users {
					resp, err := o.client.QueryUserTagValueList(t.Context(), &quickbi.QueryUserTagValueListRequest{UserID: u.UserID})
					if err != nil {
						t.Fatal(err)
					}
					for _, v := range resp.Result {
						all[u.AccountName+" "+v.TagName] = strings.Join(v.TagValues, ",")
					}
				}
				return all
			}
			before := values()
			if plan, err := (dirsync.Syncer{Client: o.client}).Plan(t.Context(), csv(source)); err != nil || !plan.Empty() {
				t.Errorf("switched off: %v", err)
			}
			s := dirsync.Syncer{Client: o.client, UpdateTags: true, AddMembersAs: quickbi.UserTypeViewer, Reports: t.TempDir()}
			plan := planOf(t, s, source)
			want := `+ member acme:eve as viewer
~ acme:ben: tag Level 1 -> ""
~ acme:ben: tag Region West -> North,South
~ acme:dora: tag Level "" -> 3
~ acme:eve: tag Level "" -> 2
~ acme:eve: tag Region "" -> East
? 103: line 4: the value #N/A of the tag region is not a value: a formula of the spreadsheet failed
`
			mustShow(t, plan, want)
			again := saved(t, s, plan)
			o.Fail("UpdateUserTagValue", tt.fault, tt.times)
			report, err := again.Apply(t.Context())
			o.ClearFaults()
			if err != nil || report.Done.SetTag != 5 {
				t.Fatalf("%v, %v", err, report.Done)
			}
			after := map[string]string{
				"acme:ann Region": "North", "acme:ben Region": "North,South", "acme:dora Level": "3", "acme:eve Level": "2", "acme:eve Region": "East",
			}
			mustBe(t, "values", after, values())
			if plan, err := s.Plan(t.Context(), csv(source)); err != nil || !plan.Empty() {
				t.Errorf("%v; once more: %s", err, show(t, plan))
			}
			back := undone(t, s)
			mustApply(t, back)
			mustBe(t, "values after Undo", before, values())
		})
	}
	o := newOrg(t, seed)
	s := dirsync.Syncer{Client: o.client, UpdateTags: true}
	for text, want := range map[string]string{
		"account_id,tag:Colour,groups\n102,red,\n":                              "the organization has no tag Colour",
		"account_id,tag:Level,groups\n102,1,\n102,2,\n":                         "different value for the tag Level",
		"account_id,tag:Level,groups\n102," + strings.Repeat("x", 3001) + ",\n": "more than 3000 characters",
	} {
		plan, err := s.Plan(t.Context(), csv(text))
		if err != nil || !plan.Empty() || len(plan.Problems) != 1 || !strings.Contains(plan.Problems[0].Text, want) {
			t.Errorf("%v, %q", err, want)
		}
	}
}

// Who could not be added gets no tag.
func TestTagOfNobody(t *testing.T) {
	t.Parallel()
	seed := profiles()
	seed.UserTags = []quickbitest.UserTag{{TagID: "t-level", TagName: "Level"}}
	o := newOrg(t, seed)
	plan, err := dirsync.Syncer{Client: o.client, UpdateTags: true, AddMembersAs: quickbi.UserTypeViewer}.Plan(t.Context(),
		csv("account_name,nickname,tag:Level,groups\nacme:eve,Eve,1,\nacme:fay,Fay,2,\n"))
	if err != nil {
		t.Fatal(err)
	}
	o.Fail("AddUser", quickbitest.Refuse("Organization.Viewers.ReachedTheUpperLimit"), -1)
	report, err := plan.Apply(t.Context())
	if !errors.Is(err, quickbi.ErrViewerLimit) || len(report.Failed) != 4 || report.Done.Total() != 0 {
		t.Errorf("%v, %+v", err, report)
	}
	for _, call := range o.Calls() {
		if call.Action == "UpdateUserTagValue" {
			t.Errorf("sent %s", call.Query.Encode())
		}
	}
}
