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
		s.read(t.Context(), conn, func(r dirsync.Record, err error) bool {
			if err != nil {
				last = err
			} else {
				records = append(records, r)
			}
			return true
		})
		return records, last
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
