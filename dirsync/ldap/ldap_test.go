package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/dirsync/ldap"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// directory is a small company.
const directory = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: ou=Sales,ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: Sales

dn: uid=ann,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: A
displayName: Ann
employeeNumber: 2001
employeeType: developer

dn: uid=ben,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ben
cn: Ben
sn: B
displayName: Ben

dn: uid=two,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: two
uid: zwei
cn: Two
sn: T

dn: cn=x,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
cn: x
sn: X

dn: uid=boss,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: boss
cn: Boss
sn: B
employeeType: emperor

dn: cn=North,ou=Sales,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: North
member: UID=Ann, ou=People,dc=example,dc=com

dn: cn=Everybody,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: Everybody
member: cn=North,ou=Sales,ou=groups,dc=example,dc=com
member: uid=ben,ou=people,dc=example,dc=com
member: cn=Loop,ou=groups,dc=example,dc=com

dn: cn=Loop,ou=groups,dc=example,dc=com
objectClass: groupOfUniqueNames
cn: Loop
uniqueMember: cn=Everybody,ou=groups,dc=example,dc=com
`

// source returns who reads the server's directory.
func (s *server) source() ldap.Source {
	return ldap.Source{
		URL: s.url, StartTLS: true, TLS: s.tls(), BindDN: rootDN, Password: password,
		Base: "ou=people," + suffix, GroupBase: "ou=groups," + suffix, AccountPrefix: "acme:", PageSize: 2,
	}
}

// collect returns what a source yields.
func collect(ctx context.Context, s ldap.Source) (records []dirsync.Record, errs []string) {
	for r, err := range s.Records(ctx) {
		if err != nil {
			errs = append(errs, err.Error())
		} else {
			records = append(records, r)
		}
	}
	return records, errs
}

func TestRecords(t *testing.T) {
	t.Parallel()
	server := startServer(t, directory)
	const people = ",ou=people," + suffix
	x := dirsync.Record{Origin: "cn=x" + people} // who names nobody, which dirsync has to know
	two := "uid=two" + people + ": ldap: uid=two" + people + " has 2 values of uid"
	for _, tt := range []struct {
		name   string
		change func(*ldap.Source)
		want   []dirsync.Record
		errs   []string
	}{
		{
			name: "names", change: func(*ldap.Source) {},
			want: []dirsync.Record{
				{AccountName: "acme:ann", NickName: "Ann", Groups: []string{"North"}, Origin: "uid=ann" + people},
				{AccountName: "acme:ben", NickName: "Ben", Groups: []string{"Everybody"}, Origin: "uid=ben" + people},
				x, {AccountName: "acme:boss", Origin: "uid=boss" + people},
			},
			errs: []string{two},
		},
		{
			name: "nested groups as a tree", change: func(s *ldap.Source) {
				s.Nested, s.Tree = true, true
				s.Filter = "(|(uid=ann)(uid=ben))"
				s.AccountPrefix, s.AccountSuffix = "", "@acme.onaliyun.com"
			},
			want: []dirsync.Record{
				{AccountName: "ann@acme.onaliyun.com", NickName: "Ann", Groups: []string{"Everybody", "Loop", "Sales/North"}, Origin: "uid=ann" + people},
				{AccountName: "ben@acme.onaliyun.com", NickName: "Ben", Groups: []string{"Everybody", "Loop"}, Origin: "uid=ben" + people},
			},
		},
		{
			name: "other attributes", change: func(s *ldap.Source) {
				s.Attributes = ldap.Attributes{AccountID: "employeeNumber", UserType: "employeeType"}
				s.GroupBase = ""
				s.Filter = "(|(uid=ann)(uid=boss))"
			},
			want: []dirsync.Record{{AccountID: "2001", UserType: quickbi.UserTypeDeveloper, Origin: "uid=ann" + people}},
			errs: []string{`uid=boss` + people + `: "emperor" is no user type`},
		},
		{name: "no such base", change: func(s *ldap.Source) { s.Base = "ou=nobody," + suffix }, errs: []string{"ldap: reading people: LDAP Result Code 32"}},
		{name: "no such group base", change: func(s *ldap.Source) { s.GroupBase = "ou=nobody," + suffix }, errs: []string{"ldap: reading groups: LDAP Result Code 32"}},
		{name: "a wrong password", change: func(s *ldap.Source) { s.Password = "wrong" }, errs: []string{"ldap: signing in as " + rootDN + ": LDAP Result Code 49"}},
		{name: "an unknown certificate", change: func(s *ldap.Source) { s.TLS = nil }, errs: []string{"ldap: StartTLS: "}},
		{name: "without encryption", change: func(s *ldap.Source) { s.StartTLS, s.Plaintext, s.Filter, s.GroupBase = false, true, "(uid=ben)", "" }, want: []dirsync.Record{{AccountName: "acme:ben", NickName: "Ben", Origin: "uid=ben" + people}}},
		{name: "a group without the name", change: func(s *ldap.Source) { s.GroupName = "description" }, errs: []string{"has no description"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := server.source()
			tt.change(&s)
			got, errs := collect(t.Context(), s)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if !slices.EqualFunc(errs, tt.errs, strings.Contains) {
				t.Errorf("errors %q, want %q", errs, tt.errs)
			}
			for _, text := range errs {
				if strings.Contains(text, string(s.Password)) {
					t.Errorf("the password is in %q", text)
				}
			}
		})
	}
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		var last error
		for _, err := range server.source().Records(ctx) {
			if n++; n == 1 {
				cancel()
			}
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("%d, %v", n, last)
		}
		for range server.source().Records(t.Context()) {
			break // and nothing comes after it, or it would panic
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := ldap.Source{URL: "ldaps://ldap.test", Base: suffix, BindDN: rootDN, Password: password}
	for want, change := range map[string]func(*ldap.Source){
		"URL is to be":            func(s *ldap.Source) { s.URL = "http://ldap.test" },
		"URL cannot be read":      func(s *ldap.Source) { s.URL = "ldap://\x00" },
		"StartTLS is for ldap://": func(s *ldap.Source) { s.StartTLS = true },
		"with StartTLS":           func(s *ldap.Source) { s.URL = "ldap://ldap.test" },
		"Base is missing":         func(s *ldap.Source) { s.Base = "" },
		"Base is no DN":           func(s *ldap.Source) { s.Base = "people" },
		"Filter cannot be read":   func(s *ldap.Source) { s.Filter = "(uid=" },
		"GroupFilter cannot":      func(s *ldap.Source) { s.GroupFilter = "cn" },
		"Password is missing":     func(s *ldap.Source) { s.Password = "" },
		"Tree means nothing":      func(s *ldap.Source) { s.Tree = true },
		"neither AccountID nor":   func(s *ldap.Source) { s.Attributes.NickName = "cn" },
	} {
		s := good
		change(&s)
		records, errs := collect(t.Context(), s)
		if len(records) > 0 || len(errs) != 1 || !strings.Contains(errs[0], want) {
			t.Errorf("%v, want %q", errs, want)
		}
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", good, good, good, good.Password)} {
		if strings.Contains(text, password) {
			t.Errorf("the password is in %s", text)
		}
	}
}

// company returns a directory of n people in departments of a hundred.
func company(n int) string {
	var b strings.Builder
	head, _, _ := strings.Cut(directory, "dn: ou=Sales")
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, "dn: uid=user%05d,ou=people,%s\nobjectClass: inetOrgPerson\nuid: user%05d\ncn: User %d\nsn: U\ndisplayName: User %d\n\n", i, suffix, i, i, i)
	}
	for d := range (n + 99) / 100 {
		fmt.Fprintf(&b, "dn: cn=D%03d,ou=groups,%s\nobjectClass: groupOfNames\ncn: D%03d\n", d, suffix, d)
		for i := d * 100; i < min(n, d*100+100); i++ {
			fmt.Fprintf(&b, "member: uid=user%05d,ou=people,%s\n", i, suffix)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestTenThousand makes an organization follow a directory of 10,000, and then
// takes the directory away in the middle of the reading: nobody is deleted, nobody
// leaves a group.
func TestTenThousand(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n = 10_000
	server := startServer(t, company(n))
	var seed quickbitest.Organization
	for i := range n {
		seed.Users = append(seed.Users, quickbitest.User{UserID: fmt.Sprintf("u%05d", i), AccountName: fmt.Sprintf("acme:user%05d", i), NickName: fmt.Sprintf("User %d", i)})
	}
	seed.Users = append(seed.Users, quickbitest.User{UserID: "u-gone", AccountName: "acme:gone", NickName: "Gone"})
	emulator := quickbitest.NewServer()
	defer emulator.Close()
	if err := emulator.Seed(seed); err != nil {
		t.Fatal(err)
	}
	syncer := dirsync.Syncer{Client: emulator.Client(), DeleteMembers: true, Keep: func(u quickbi.User) bool { return u.AccountName == "owner" }}
	source := server.source()
	source.PageSize = 500
	started := time.Now()
	plan, err := syncer.Plan(t.Context(), source.Records(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("planned in %v", time.Since(started).Round(time.Millisecond))
	if want := (dirsync.Counts{CreateGroup: 100, Join: n, DeleteMember: 1}); plan.Counts() != want || plan.Records != n || len(plan.Problems) > 0 {
		t.Fatalf("%v, %v", plan.Counts(), plan.Problems)
	}
	if _, err := plan.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}

	read := 0
	broken := func(yield func(dirsync.Record, error) bool) {
		for r, err := range source.Records(t.Context()) {
			if read++; read == n/2 {
				server.kill()
			}
			if !yield(r, err) {
				return
			}
		}
	}
	before := emulator.Snapshot()
	syncer.MaxRemove, syncer.MaxRemovePerGroup, syncer.MaxDelete, syncer.MaxDeleteCount, syncer.MaxRemoveCount = 1, 1, 1, n, n
	if plan, err := syncer.Plan(t.Context(), broken); err == nil || plan != nil || !strings.Contains(err.Error(), "ldap: reading people") {
		t.Errorf("the directory broke off after %d, and the plan is %v: %v", read, plan != nil, err)
	}
	if read < n/2 || read > n {
		t.Errorf("%d were read", read)
	}
	if diff := cmp.Diff(len(before.Users), len(emulator.Snapshot().Users)); diff != "" {
		t.Errorf("members (-before +after):\n%s", diff)
	}
}

// A group or unit that is renamed in the directory keeps its id, and so its rights and
// its members.
func TestRenamedInTheDirectory(t *testing.T) {
	t.Parallel()
	server := startServer(t, directory)
	source := server.source()
	source.Tree, source.Filter, source.GroupKey = true, "(|(uid=ann)(uid=ben))", "entryUUID"
	emulator := quickbitest.NewServer()
	defer emulator.Close()
	if err := emulator.Seed(quickbitest.Organization{Users: []quickbitest.User{
		{UserID: "u-ann", AccountName: "acme:ann", NickName: "Ann"}, {UserID: "u-ben", AccountName: "acme:ben", NickName: "Ben"},
	}}); err != nil {
		t.Fatal(err)
	}
	run := func() string {
		t.Helper()
		groups, records, err := source.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := dirsync.Syncer{Client: emulator.Client(), Groups: groups}.Plan(t.Context(), records)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := plan.Print(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got, want := run(), "+ group Everybody\n+ group Sales\n+ group Sales/North\n+ acme:ann: Sales/North\n+ acme:ben: Everybody\n"; !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
	before := emulator.Snapshot().UserGroups
	conn, err := goldap.DialURL(source.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := errors.Join(conn.StartTLS(source.TLS), conn.Bind(rootDN, password),
		conn.ModifyDN(goldap.NewModifyDNRequest("ou=Sales,ou=groups,"+suffix, "ou=Vertrieb", true, "")),
		conn.ModifyDN(goldap.NewModifyDNRequest("cn=Everybody,ou=groups,"+suffix, "cn=All", true, "ou=Vertrieb,ou=groups,"+suffix))); err != nil {
		t.Fatal(err)
	}
	if got, want := run(), "> group Sales -> Vertrieb\n> group Everybody -> All\n> group All -> Vertrieb/All\n2 records"; !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
	if got := run(); !strings.Contains(got, ": no changes") {
		t.Errorf("%s", got)
	}
	want, ids := map[string]string{}, map[string]string{}
	for _, g := range before {
		want[g.UserGroupID] = strings.NewReplacer("Sales", "Vertrieb", "Everybody", "All").Replace(g.UserGroupName) + fmt.Sprint(g.UserIDs)
	}
	for _, g := range emulator.Snapshot().UserGroups {
		ids[g.UserGroupID] = g.UserGroupName + fmt.Sprint(g.UserIDs)
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	source.GroupKey = "description"
	if _, _, err := source.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "has no description") {
		t.Errorf("%v", err)
	}
	source.GroupKey = ""
	if _, _, err := source.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "takes GroupKey") {
		t.Errorf("%v", err)
	}
	source.GroupKey = "dn"
	groups, records, err := source.Read(t.Context())
	if err != nil || len(groups) != 4 || groups[0].Key != strings.ToLower(groups[0].Origin) {
		t.Errorf("%v, %v", groups, err)
	}
	server.kill()
	for _, err := range records {
		if err == nil {
			t.Error("a directory that is gone yields records")
		}
	}
}
