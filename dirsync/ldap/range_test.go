package ldap

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi/dirsync"
)

// A fake answers searches as Active Directory does, which no test can start.
type fake map[string]*ldap.SearchResult // by base, filter and the first attribute

func (f fake) Search(in *ldap.SearchRequest) (*ldap.SearchResult, error) {
	result, ok := f[in.BaseDN+" "+in.Filter+" "+in.Attributes[0]]
	if !ok {
		return nil, errors.New("nothing here: " + in.BaseDN + " " + in.Filter + " " + in.Attributes[0])
	}
	return result, nil
}

func answer(dn string, attributes map[string][]string) *ldap.SearchResult {
	return &ldap.SearchResult{Entries: []*ldap.Entry{ldap.NewEntry(dn, attributes)}}
}

// Active Directory gives the members of a large group in parts.
func TestRanges(t *testing.T) {
	t.Parallel()
	const group = "CN=Big,DC=corp"
	s, err := Source{URL: "ldaps://x", Base: "DC=corp", GroupBase: "DC=corp", Filter: "(p=1)", GroupFilter: "(g=1)", Attributes: Attributes{AccountName: "sAMAccountName"}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	people := &ldap.SearchResult{}
	for _, name := range []string{"a", "b", "c"} {
		people.Entries = append(people.Entries, ldap.NewEntry("CN="+name+",DC=corp", map[string][]string{"samaccountname": {name}}))
	}
	conn := fake{
		"DC=corp (g=1) cn":                          answer(group, map[string][]string{"cn": {"Big"}, "member": {}, "member;range=0-0": {"CN=a,DC=corp"}}),
		group + " (objectClass=*) member;range=1-*": answer(group, map[string][]string{"member;range=1-1": {"CN=b,DC=corp"}}),
		group + " (objectClass=*) member;range=2-*": answer(group, map[string][]string{"member;range=2-*": {"cn=C,dc=Corp"}}),
		"DC=corp (p=1) sAMAccountName":              people,
	}
	read := func() (records []dirsync.Record, last error) {
		groups, err := s.readGroups(conn)
		if err != nil {
			return nil, err
		}
		err = s.readPeople(conn, groups, func(r dirsync.Record, err error) bool {
			if err != nil {
				last = err
			} else {
				records = append(records, r)
			}
			return true
		})
		return records, errors.Join(last, err)
	}
	records, err := read()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if !cmp.Equal(r.Groups, []string{"Big"}) {
			t.Errorf("%s is in %v", r.AccountName, r.Groups)
		}
	}
	// A part that does not come is an error: who is in it would seem to have left.
	conn[group+" (objectClass=*) member;range=2-*"] = answer(group, nil)
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "does not give member;range=2-*") {
		t.Errorf("%v", err)
	}
	delete(conn, group+" (objectClass=*) member;range=2-*")
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "nothing here") {
		t.Errorf("%v", err)
	}
	// So is a part of the directory that is elsewhere.
	conn["DC=corp (g=1) cn"] = &ldap.SearchResult{Referrals: []string{"ldap://elsewhere/DC=child"}}
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "ldap://elsewhere/DC=child") {
		t.Errorf("%v", err)
	}
	s.IgnoreReferrals = true
	if records, err := read(); err != nil || len(records) != 3 || len(records[0].Groups) > 0 {
		t.Errorf("%v, %v", err, records)
	}
}

// Active Directory has ids of 16 bytes, and units called containers.
func TestObjectGUID(t *testing.T) {
	t.Parallel()
	s, err := Source{URL: "ldaps://x", Base: "DC=corp", GroupBase: "DC=corp", Tree: true, GroupFilter: "(g=1)", GroupKey: "objectGUID"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	// The example of Microsoft's specification: 33221100-5544-7766-8899-aabbccddeeff.
	raw := string([]byte{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff})
	conn := fake{
		"DC=corp (g=1) cn": answer(`CN=A/B,OU=Sales\, North,CN=Groups,DC=corp`, map[string][]string{"cn": {"A/B"}, "objectGUID": {raw}}),
		"DC=corp " + unitFilter + " objectGUID": {Entries: []*ldap.Entry{
			ldap.NewEntry(`OU=SALES\2C North,CN=Groups,DC=corp`, map[string][]string{"objectguid": {strings.Repeat("\x01", 16)}}),
			ldap.NewEntry("CN=Users,DC=corp", nil),
			ldap.NewEntry("CN=Groups,DC=corp", map[string][]string{"objectGUID": {strings.Repeat("\x02", 16)}}),
		}},
	}
	groups, err := s.readGroups(conn)
	if err == nil {
		err = s.readUnits(conn, groups)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []dirsync.Group{
		{Key: "33221100-5544-7766-8899-aabbccddeeff", Path: `Groups/Sales, North/A\/B`, Origin: `CN=A/B,OU=Sales\, North,CN=Groups,DC=corp`},
		{Key: "01010101-0101-0101-0101-010101010101", Path: "Groups/Sales, North", Origin: `OU=SALES\2C North,CN=Groups,DC=corp`},
		{Key: "02020202-0202-0202-0202-020202020202", Path: "Groups", Origin: "CN=Groups,DC=corp"},
	}
	if diff := cmp.Diff(want, groups.keyed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	conn["DC=corp (g=1) cn"] = answer("CN=A,DC=corp", map[string][]string{"cn": {"A"}, "objectGUID": {"short"}})
	if _, err := s.readGroups(conn); err == nil || !strings.Contains(err.Error(), "CN=A,DC=corp has no objectGUID") {
		t.Errorf("%v", err)
	}
}
