// Package ldap makes the people and groups of an LDAP directory, such as Active
// Directory or OpenLDAP, a source for package dirsync.
//
//	source := ldap.Source{
//		URL: "ldaps://ldap.example.com", BindDN: "cn=reader,dc=example,dc=com", Password: "…",
//		Base:      "ou=people,dc=example,dc=com",
//		GroupBase: "ou=groups,dc=example,dc=com",
//		AccountPrefix: "acme:", // a RAM user of the account acme
//	}
//	plan, err := syncer.Plan(ctx, source.Records(ctx))
//
// A source that breaks off is an error of the last record, and so of the plan: what
// a directory did not answer is never taken away from anybody.
package ldap

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/quickbi-go/quickbi/dirsync"
)

// A Password does not show when it is printed.
type Password string

func (Password) String() string   { return "[password]" }
func (Password) GoString() string { return `ldap.Password("[password]")` }

// MarshalText keeps the password out of documents.
func (Password) MarshalText() ([]byte, error) { return []byte("[password]"), nil }

// A Source says where the directory is and what is read of it. URL and Base are
// required.
type Source struct {
	// URL is ldaps://host, or ldap://host with StartTLS. The default ports are 636 and 389.
	URL string
	// StartTLS encrypts a connection by ldap:// before anything is sent.
	StartTLS bool
	// TLS has the certificates to trust, for instance. Nil means those of the system.
	TLS *tls.Config
	// Plaintext allows ldap:// without StartTLS: the password can be read on the way.
	Plaintext bool
	// BindDN and Password are who reads. Empty means an anonymous reader.
	BindDN   string
	Password Password

	// Base is the DN below which people are looked for.
	Base string
	// Filter chooses people; empty means [DefaultFilter]. For Active Directory, leave
	// out accounts that are disabled:
	//
	//	(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))
	Filter string
	// Attributes are those of people.
	Attributes Attributes
	// AccountPrefix and AccountSuffix go around AccountName: "acme:" and "", or ""
	// and "@acme.onaliyun.com".
	AccountPrefix, AccountSuffix string

	// GroupBase is the DN below which groups are looked for. Empty means that
	// people are in no groups.
	GroupBase string
	// GroupFilter chooses groups; empty means [DefaultGroupFilter].
	GroupFilter string
	// GroupName is the attribute with a group's name; empty means "cn".
	GroupName string
	// Tree makes paths of the units that groups are in: below a GroupBase of
	// ou=groups, cn=North,ou=Sales,ou=groups is "Sales/North". Otherwise a group's path
	// is its name alone.
	Tree bool
	// GroupKey is the attribute of groups that stays when one is renamed or moved:
	// "entryUUID" in OpenLDAP, "objectGUID" in Active Directory. [Source.Read] gives it,
	// with Tree that of the units, too. "dn" stands for the DN, which names a group
	// even where there is no such attribute, but does not stay.
	GroupKey string
	// Nested puts those who are in a group into the groups that hold it, too.
	Nested bool

	// PageSize is how many entries are asked for at a time; zero means 500. Active
	// Directory gives 1000 at most.
	PageSize uint32
	// Timeout is how long an answer may take; zero means a minute.
	Timeout time.Duration
	// IgnoreReferrals goes on when the directory says that a part of it is
	// elsewhere. Otherwise that is an error, because the source is not whole.
	IgnoreReferrals bool
}

// The filters of a [Source] that has none.
const (
	DefaultFilter      = "(|(objectClass=inetOrgPerson)(&(objectCategory=person)(objectClass=user)))"
	DefaultGroupFilter = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))"
)

// Attributes are the names of the attributes that a record is made of. Empty means
// that a record does not have it; at least one of the first two is needed, and a
// [Source] without any takes uid for AccountName and displayName for NickName.
type Attributes struct {
	AccountID   string // UID of the cloud account
	AccountName string // for Active Directory: sAMAccountName
	NickName    string
	UserType    string
}

const (
	defaultPageSize = 500
	defaultTimeout  = time.Minute
)

func (s Source) withDefaults() (Source, error) {
	var problems []string
	if s.Attributes == (Attributes{}) {
		s.Attributes = Attributes{AccountName: "uid", NickName: "displayName"}
	}
	if s.Attributes.AccountID == "" && s.Attributes.AccountName == "" {
		problems = append(problems, "Attributes has neither AccountID nor AccountName")
	}
	switch u, err := url.Parse(s.URL); {
	case err != nil:
		problems = append(problems, "URL cannot be read")
	case u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Host == "":
		problems = append(problems, "URL is to be ldaps://host or ldap://host")
	case u.Scheme == "ldaps" && s.StartTLS:
		problems = append(problems, "StartTLS is for ldap://, and ldaps:// is encrypted anyway")
	case u.Scheme == "ldap" && !s.StartTLS && !s.Plaintext:
		problems = append(problems, "ldap:// is to be with StartTLS, or with Plaintext where the network is trusted")
	}
	if s.Base == "" {
		problems = append(problems, "Base is missing")
	}
	if s.Tree && s.GroupBase == "" {
		problems = append(problems, "Tree means nothing without GroupBase")
	}
	for name, dn := range map[string]string{"Base": s.Base, "GroupBase": s.GroupBase, "BindDN": s.BindDN} {
		if _, err := ldap.ParseDN(dn); err != nil {
			problems = append(problems, name+" is no DN: "+err.Error())
		}
	}
	for _, f := range []struct {
		name   string
		filter *string
		value  string
	}{{"Filter", &s.Filter, DefaultFilter}, {"GroupFilter", &s.GroupFilter, DefaultGroupFilter}} {
		if *f.filter == "" {
			*f.filter = f.value
		}
		if _, err := ldap.CompileFilter(*f.filter); err != nil {
			problems = append(problems, f.name+" cannot be read: "+err.Error())
		}
	}
	if s.BindDN != "" && s.Password == "" {
		problems = append(problems, "Password is missing: the directory would take the reader for an anonymous one")
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return s, errors.New("ldap: " + strings.Join(problems, "; "))
	}
	if s.GroupName == "" {
		s.GroupName = "cn"
	}
	if s.PageSize == 0 {
		s.PageSize = defaultPageSize
	}
	if s.Timeout == 0 {
		s.Timeout = defaultTimeout
	}
	return s, nil
}

// A searcher is the part of a connection that is used.
type searcher interface {
	Search(*ldap.SearchRequest) (*ldap.SearchResult, error)
}

// Records reads the directory: its groups first, then people, a page at a time.
// An entry that cannot be made a record is an error, and those after it still
// come; when the directory fails, that is the last one. A person's Origin is the DN.
//
// The end of ctx ends the reading with its error.
func (s Source) Records(ctx context.Context) iter.Seq2[dirsync.Record, error] {
	return func(yield func(dirsync.Record, error) bool) {
		s, err := s.withDefaults()
		if err != nil {
			yield(dirsync.Record{}, err)
			return
		}
		err = s.with(ctx, func(conn searcher) error {
			groups, err := s.readGroups(conn)
			if err != nil {
				return err
			}
			return s.readPeople(conn, groups, yield)
		})
		if err != nil {
			yield(dirsync.Record{}, err)
		}
	}
}

// Read reads the groups with their keys, for [dirsync.Syncer.Groups], and returns the
// records that are read with them: a group that is renamed meanwhile has one name in both.
// It needs GroupKey.
func (s Source) Read(ctx context.Context) ([]dirsync.Group, iter.Seq2[dirsync.Record, error], error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, nil, err
	}
	if s.GroupKey == "" || s.GroupBase == "" {
		return nil, nil, errors.New("ldap: to read groups with keys takes GroupKey and GroupBase")
	}
	var groups *tree
	err = s.with(ctx, func(conn searcher) (err error) {
		if groups, err = s.readGroups(conn); err == nil && s.Tree {
			err = s.readUnits(conn, groups)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return groups.keyed, func(yield func(dirsync.Record, error) bool) {
		if err := s.with(ctx, func(conn searcher) error { return s.readPeople(conn, groups, yield) }); err != nil {
			yield(dirsync.Record{}, err)
		}
	}, nil
}

// with calls do with a connection, which the end of ctx closes.
func (s *Source) with(ctx context.Context, do func(searcher) error) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return inContext(ctx, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := do(conn); err != nil {
		return inContext(ctx, err)
	}
	return nil
}

// inContext prefers the reason why the connection was closed.
func inContext(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("ldap: %w", ctx.Err())
	}
	return err
}

func (s *Source) connect(ctx context.Context) (*ldap.Conn, error) {
	config := s.TLS.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	u, _ := url.Parse(s.URL) // withDefaults has
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	conn, err := ldap.DialURL(s.URL, ldap.DialWithTLSConfig(config))
	if err != nil {
		return nil, fmt.Errorf("ldap: connecting: %w", err)
	}
	conn.SetTimeout(s.Timeout)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if s.StartTLS {
		if err := conn.StartTLS(config); err != nil {
			conn.Close()
			return nil, fmt.Errorf("ldap: StartTLS: %w", err)
		}
	}
	if s.BindDN != "" {
		if err := conn.Bind(s.BindDN, string(s.Password)); err != nil {
			conn.Close()
			return nil, fmt.Errorf("ldap: signing in as %s: %w", s.BindDN, err)
		}
	}
	return conn, nil
}

// readPeople yields a record for each person.
func (s *Source) readPeople(conn searcher, groups *tree, yield func(dirsync.Record, error) bool) error {
	attributes := []string{}
	for _, name := range []string{s.Attributes.AccountID, s.Attributes.AccountName, s.Attributes.NickName, s.Attributes.UserType} {
		if name != "" {
			attributes = append(attributes, name)
		}
	}
	for entry, err := range s.search(conn, s.Base, s.Filter, attributes) {
		if err != nil {
			return fmt.Errorf("ldap: reading people: %w", err)
		}
		if !yield(s.record(entry, groups)) {
			return nil
		}
	}
	return nil
}

// search yields the entries of all pages. An error is the last one.
func (s *Source) search(conn searcher, base, filter string, attributes []string) iter.Seq2[*ldap.Entry, error] {
	return func(yield func(*ldap.Entry, error) bool) {
		paging := ldap.NewControlPaging(s.PageSize)
		for {
			result, err := conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, []ldap.Control{paging}))
			if err == nil && len(result.Referrals) > 0 && !s.IgnoreReferrals {
				err = fmt.Errorf("a part of %s is elsewhere: %s; name the part that is there as the base, or allow IgnoreReferrals", base, strings.Join(result.Referrals, ", "))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range result.Entries {
				if !yield(entry, nil) {
					return
				}
			}
			answer, _ := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
			if answer == nil || len(answer.Cookie) == 0 {
				return
			}
			paging.SetCookie(answer.Cookie)
		}
	}
}

// memberAttributes are where groups have those who are in them, by DN.
var memberAttributes = []string{"member", "uniqueMember"}

// A tree has the groups that people and groups are in. Keys are those of DNs.
type tree struct {
	groups map[string]string   // paths of groups
	of     map[string][]string // keys of groups, by who is in them
	keyed  []dirsync.Group     // with the keys of GroupKey
}

// readGroups reads all groups and who is in them.
func (s *Source) readGroups(conn searcher) (*tree, error) {
	t := &tree{groups: make(map[string]string), of: make(map[string][]string)}
	if s.GroupBase == "" {
		return t, nil
	}
	attributes := append([]string{s.GroupName}, memberAttributes...)
	if s.GroupKey != "" {
		attributes = append(attributes, s.GroupKey)
	}
	for entry, err := range s.search(conn, s.GroupBase, s.GroupFilter, attributes) {
		if err != nil {
			return nil, fmt.Errorf("ldap: reading groups: %w", err)
		}
		key, err := keyOf(entry.DN)
		if err != nil {
			return nil, err
		}
		path, err := s.path(entry)
		if err != nil {
			return nil, err
		}
		t.groups[key] = path
		if err := s.addKey(t, entry, path); err != nil {
			return nil, err
		}
		members, err := s.members(conn, entry)
		if err != nil {
			return nil, err
		}
		for _, dn := range members {
			member, err := keyOf(dn)
			if err != nil {
				return nil, fmt.Errorf("ldap: the group %s: %w", entry.DN, err)
			}
			t.of[member] = append(t.of[member], key)
		}
	}
	return t, nil
}

// unitFilter chooses what groups are in.
const unitFilter = "(|(objectClass=organizationalUnit)(objectClass=container)(objectClass=organization))"

// readUnits reads the keys of the units that groups are in.
func (s *Source) readUnits(conn searcher, t *tree) error {
	above := make(map[string]string) // paths, by keys of DNs
	for key, path := range t.groups {
		dn, err := ldap.ParseDN(key)
		if err != nil {
			return fmt.Errorf("ldap: %q is no DN: %w", key, err)
		}
		names := strings.Count(strings.NewReplacer(`\\`, "", `\/`, "").Replace(path), "/")
		for depth := 1; depth <= names; depth++ {
			unit := ldap.DN{RDNs: dn.RDNs[depth:]}
			path = path[:lastSlash(path)]
			above[strings.ToLower(unit.String())] = path
		}
	}
	for entry, err := range s.search(conn, s.GroupBase, unitFilter, []string{s.GroupKey}) {
		if err != nil {
			return fmt.Errorf("ldap: reading the units of groups: %w", err)
		}
		key, err := keyOf(entry.DN)
		if err != nil {
			return err
		}
		if path, ok := above[key]; ok {
			if err := s.addKey(t, entry, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastSlash returns where the last slash of a path is that separates names.
func lastSlash(path string) int {
	last := -1
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '/':
			last = i
		}
	}
	return last
}

// addKey notes the key of a group or unit.
func (s *Source) addKey(t *tree, entry *ldap.Entry, path string) error {
	if s.GroupKey == "" {
		return nil
	}
	g := dirsync.Group{Path: path, Origin: entry.DN}
	switch {
	case strings.EqualFold(s.GroupKey, "dn"):
		key, err := keyOf(entry.DN)
		if err != nil {
			return err
		}
		g.Key = key
	case strings.EqualFold(s.GroupKey, "objectGUID"):
		if raw := entry.GetEqualFoldRawAttributeValue(s.GroupKey); len(raw) == 16 {
			// As Microsoft writes it: the first three parts are in reverse.
			g.Key = fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint16(raw[4:]), binary.LittleEndian.Uint16(raw[6:]), raw[8:10], raw[10:])
		}
	default:
		var err error
		if g.Key, err = single(entry, s.GroupKey); err != nil {
			return err
		}
	}
	if g.Key == "" {
		return fmt.Errorf("ldap: %s has no %s", entry.DN, s.GroupKey)
	}
	t.keyed = append(t.keyed, g)
	return nil
}

// keyOf returns what spellings of a DN have in common.
func keyOf(dn string) (string, error) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return "", fmt.Errorf("ldap: %q is no DN: %w", dn, err)
	}
	return strings.ToLower(parsed.String()), nil
}

// path returns the path of a group.
func (s *Source) path(entry *ldap.Entry) (string, error) {
	name, err := single(entry, s.GroupName)
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", fmt.Errorf("ldap: the group %s has no %s", entry.DN, s.GroupName)
	}
	if !s.Tree {
		return dirsync.Path(name), nil
	}
	dn, err := ldap.ParseDN(entry.DN)
	if err != nil {
		return "", fmt.Errorf("ldap: %q is no DN: %w", entry.DN, err)
	}
	base, _ := ldap.ParseDN(s.GroupBase) // withDefaults has
	above := dn.RDNs[1:max(1, len(dn.RDNs)-len(base.RDNs))]
	names := []string{name}
	for _, rdn := range above {
		names = append(names, rdn.Attributes[0].Value)
	}
	slices.Reverse(names)
	return dirsync.Path(names...), nil
}

// members returns the DNs of those in a group. Active Directory gives those of a
// large group in parts: member;range=0-1499, and so on until member;range=N-*.
func (s *Source) members(conn searcher, entry *ldap.Entry) ([]string, error) {
	var all []string
	for _, attribute := range entry.Attributes {
		name, options, ranged := strings.Cut(attribute.Name, ";range=")
		if !slices.ContainsFunc(memberAttributes, func(known string) bool { return strings.EqualFold(known, name) }) {
			continue
		}
		all = append(all, attribute.Values...)
		for ranged {
			_, last, ok := strings.Cut(options, "-")
			if ok && last == "*" {
				break
			}
			end, err := strconv.Atoi(last)
			if err != nil {
				return nil, fmt.Errorf("ldap: the group %s: the attribute %s cannot be read", entry.DN, attribute.Name)
			}
			next := fmt.Sprintf("%s;range=%d-*", name, end+1)
			result, err := conn.Search(ldap.NewSearchRequest(entry.DN, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{next}, nil))
			if err != nil {
				return nil, fmt.Errorf("ldap: reading who is in the group %s: %w", entry.DN, err)
			}
			options = ""
			if len(result.Entries) == 1 {
				for _, part := range result.Entries[0].Attributes {
					if partName, partOptions, ok := strings.Cut(part.Name, ";range="); ok && strings.EqualFold(partName, name) {
						all, options = append(all, part.Values...), partOptions
					}
				}
			}
			if options == "" {
				return nil, fmt.Errorf("ldap: the group %s: the directory does not give %s", entry.DN, next)
			}
		}
	}
	return all, nil
}

// paths returns the paths of the groups that somebody is in.
func (t *tree) paths(key string, nested bool) []string {
	var paths []string
	seen := make(map[string]bool)
	todo := slices.Clone(t.of[key])
	for len(todo) > 0 {
		g := todo[0]
		todo = todo[1:]
		if seen[g] {
			continue // groups can hold each other
		}
		seen[g] = true
		paths = append(paths, t.groups[g])
		if nested {
			todo = append(todo, t.of[g]...)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func (s *Source) record(entry *ldap.Entry, groups *tree) (dirsync.Record, error) {
	r := dirsync.Record{Origin: entry.DN}
	var errs []error
	get := func(attribute string) string {
		if attribute == "" {
			return ""
		}
		value, err := single(entry, attribute)
		errs = append(errs, err)
		return value
	}
	r.AccountID, r.AccountName, r.NickName = get(s.Attributes.AccountID), get(s.Attributes.AccountName), get(s.Attributes.NickName)
	if r.AccountName != "" {
		r.AccountName = s.AccountPrefix + r.AccountName + s.AccountSuffix
	}
	if text := get(s.Attributes.UserType); text != "" {
		var err error
		r.UserType, err = dirsync.ParseUserType(text)
		errs = append(errs, err)
	}
	key, err := keyOf(entry.DN)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return r, fmt.Errorf("%s: %w", entry.DN, err)
	}
	r.Groups = groups.paths(key, s.Nested)
	return r, nil
}

// single returns the only value of an attribute, or "".
func single(entry *ldap.Entry, attribute string) (string, error) {
	values := entry.GetEqualFoldAttributeValues(attribute)
	if len(values) > 1 {
		return "", fmt.Errorf("ldap: %s has %d values of %s, and it is not clear which is meant", entry.DN, len(values), attribute)
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[0], nil
}
