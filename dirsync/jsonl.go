package dirsync

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxLine is how long a line of JSON can be.
const maxLine = 4 << 20

// JSONLines reads records from a file with one JSON object a line, in UTF-8. An
// object has the names of [CSV]'s columns:
//
//	{"account_id":"2001", "account_name":"acme:ann", "nickname":"Ann", "user_type":"viewer", "groups":["Sales/North"]}
//
// or those of a SCIM user, as an identity provider exports it:
//
//	{"externalId":"2001", "userName":"acme:ann", "displayName":"Ann", "userType":"viewer", "active":true,
//	 "groups":[{"display":"Sales/North"}]}
//
// Values of user tags are in "tags", by the tags' names. Roles in workspaces are in
// "workspaces": ["Sales=analyst"], or [{"workspace":"Sales", "role":"analyst"}]. Other names are for other
// readers. A user who is not active is left out, as if
// the source did not have it. A line without groups is an error: to be in none,
// it has an empty array. So is a line that cannot be read; the lines after it
// still come. An empty line is left out. As r can be read only once, so can the
// records.
func JSONLines(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for line, err := range jsonLines(r) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			record, active, err := parseJSON(line.text)
			record.Origin = origin(line.n)
			if err != nil {
				err = &rowError{line.n, err}
			} else if !active {
				continue
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// A jsonLine is a line with content.
type jsonLine struct {
	text []byte
	n    int
}

// jsonLines yields the lines with content. An error is the last one.
func jsonLines(r io.Reader) iter.Seq2[jsonLine, error] {
	return func(yield func(jsonLine, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		for n := 1; lines.Scan(); n++ {
			text := lines.Bytes()
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			if text = bytes.TrimSpace(text); len(text) > 0 && !yield(jsonLine{text, n}, nil) {
				return
			}
		}
		if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(jsonLine{}, fmt.Errorf("a line is longer than %d bytes: there is to be one object a line", maxLine))
		} else if err != nil {
			yield(jsonLine{}, err)
		}
	}
}

// JSONLinesGroups reads the groups of [Syncer.Groups] from a file with one JSON object a
// line, which is a group, a SCIM group, or a record of [JSONLines] whose groups are
// objects:
//
//	{"key":"8d1f…", "path":"Sales/North"}
//	{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"], "id":"8d1f…", "displayName":"Sales/North"}
//	{"userName":"acme:ann", "groups":[{"value":"8d1f…", "display":"Sales/North"}]}
//
// Lines that cannot be read are an error with their numbers.
func JSONLinesGroups(r io.Reader) ([]Group, error) {
	var groups []Group
	var bad sourceError
	seen := make(map[Group]bool)
	for line, err := range jsonLines(r) {
		if err != nil {
			return nil, err
		}
		found, err := parseJSONGroups(line.text)
		if err != nil {
			if bad = append(bad, &rowError{line.n, err}); len(bad) == maxSourceErrors {
				break
			}
			continue
		}
		for _, g := range found {
			if !seen[g] {
				seen[g] = true
				g.Origin = origin(line.n)
				groups = append(groups, g)
			}
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return groups, nil
}

func parseJSONGroups(text []byte) ([]Group, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	var in struct {
		Key         jsonText          `json:"key"`
		Path        jsonText          `json:"path"`
		ID          jsonText          `json:"id"`
		DisplayName jsonText          `json:"displayName"`
		Schemas     []string          `json:"schemas"`
		Groups      []json.RawMessage `json:"groups"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	isSCIM := slices.ContainsFunc(in.Schemas, func(schema string) bool { return strings.HasSuffix(schema, ":Group") })
	switch {
	case in.Path != "":
		return []Group{{Key: clean(string(in.Key)), Path: clean(string(in.Path))}}, nil
	case isSCIM:
		return []Group{{Key: clean(string(in.ID)), Path: clean(string(in.DisplayName))}}, nil
	case in.Groups == nil:
		return nil, errors.New("it is no group, which has key and path, and has no groups")
	}
	var groups []Group
	for _, raw := range in.Groups {
		var g struct {
			Value   jsonText `json:"value"`
			Display string   `json:"display"`
		}
		if err := json.Unmarshal(raw, &g); err != nil || g.Value == "" || g.Display == "" {
			return nil, fmt.Errorf("the group %.40s has no key: it is an object with value, which is the key, and display, which is the path", raw)
		}
		groups = append(groups, Group{Key: clean(string(g.Value)), Path: clean(g.Display)})
	}
	return groups, nil
}

// A jsonRecord is a line of JSON. Names differ in letter case only where the
// standard library does not care.
type jsonRecord struct {
	AccountID   jsonText `json:"account_id"`
	ExternalID  jsonText `json:"externalId"`
	AccountName jsonText `json:"account_name"`
	UserName    jsonText `json:"userName"`
	NickName    jsonText `json:"nickname"` // SCIM has nickName, too
	DisplayName jsonText `json:"displayName"`
	UserType    jsonText `json:"user_type"`
	SCIMType    jsonText `json:"userType"`

	Active *bool        `json:"active"`
	Groups *[]jsonGroup `json:"groups"`
	Roles  []jsonRole   `json:"roles"`

	Tags       map[string]jsonText `json:"tags"`
	Workspaces *[]jsonWorkspace    `json:"workspaces"`
}

// A jsonWorkspace is workspaces with roles.
type jsonWorkspace map[string][]string

func (w *jsonWorkspace) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		var cell string
		if err := json.Unmarshal(text, &cell); err != nil {
			return err
		}
		*w = splitWorkspaces(cell)
		return nil
	}
	var in struct {
		Workspace jsonText   `json:"workspace"`
		Role      jsonText   `json:"role"`
		Roles     []jsonRole `json:"roles"`
	}
	if err := json.Unmarshal(text, &in); err != nil || clean(string(in.Workspace)) == "" {
		return fmt.Errorf("%.40s is no workspace: it is a text such as Sales=analyst, or an object with workspace and role", text)
	}
	var roles []string
	for _, role := range append(in.Roles, jsonRole(in.Role)) {
		if role := clean(string(role)); role != "" {
			roles = append(roles, role)
		}
	}
	*w = jsonWorkspace{clean(string(in.Workspace)): roles}
	return nil
}

// A jsonText is a text or a number, digit by digit. JSON's null is no text.
type jsonText string

func (t *jsonText) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == "null":
		return nil
	case text[0] == '"':
		return json.Unmarshal(text, (*string)(t))
	case text[0] == '-' || '0' <= text[0] && text[0] <= '9':
		*t = jsonText(text)
		return nil
	}
	return fmt.Errorf("%.40s is neither a text nor a number", text)
}

// A jsonGroup is a path, or a SCIM group.
type jsonGroup string

func (g *jsonGroup) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(g))
	}
	var group struct {
		Display string `json:"display"`
	}
	if err := json.Unmarshal(text, &group); err != nil || group.Display == "" {
		return fmt.Errorf("%.40s is no group: it is a path, or an object with a text called display", text)
	}
	*g = jsonGroup(group.Display)
	return nil
}

// A jsonRole is the name or id of a role, or a SCIM role.
type jsonRole string

func (r *jsonRole) UnmarshalJSON(text []byte) error {
	if text[0] != '{' {
		return (*jsonText)(r).UnmarshalJSON(text)
	}
	var role struct {
		Display string   `json:"display"`
		Value   jsonText `json:"value"`
	}
	if err := json.Unmarshal(text, &role); err != nil {
		return err
	}
	if *r = jsonRole(role.Display); *r == "" {
		*r = jsonRole(role.Value)
	}
	return nil
}

func parseJSON(text []byte) (r Record, active bool, err error) {
	if !utf8.Valid(text) {
		return r, false, errors.New("it is not UTF-8")
	}
	var in jsonRecord
	if err := json.Unmarshal(text, &in); err != nil {
		return r, false, fmt.Errorf("it cannot be read: %w", err)
	}
	either := func(name string, a, b jsonText) string {
		first, second := clean(string(a)), clean(string(b))
		if first != "" && second != "" && first != second && err == nil {
			err = fmt.Errorf("it has two texts for the %s", name)
		}
		if first != "" {
			return first
		}
		return second
	}
	r.AccountID = either("account id", in.AccountID, in.ExternalID)
	r.AccountName = either("account name", in.AccountName, in.UserName)
	if r.NickName = clean(string(in.NickName)); r.NickName == "" {
		r.NickName = clean(string(in.DisplayName))
	}
	if s := either("user type", in.UserType, in.SCIMType); s != "" && err == nil {
		r.UserType, err = ParseUserType(s)
	}
	if err != nil {
		return r, false, err
	}
	if in.Groups == nil {
		return r, false, errors.New("it has no groups: to be in none, it has an empty array")
	}
	for _, path := range *in.Groups {
		if strings.TrimSpace(string(path)) != "" {
			r.Groups = append(r.Groups, string(path))
		}
	}
	for _, role := range in.Roles {
		if clean(string(role)) != "" {
			r.Roles = append(r.Roles, clean(string(role)))
		}
	}
	for name, value := range in.Tags {
		if r.Tags == nil {
			r.Tags = make(map[string]string)
		}
		r.Tags[name] = clean(string(value))
	}
	if in.Workspaces != nil {
		r.Workspaces = make(map[string][]string)
		for _, w := range *in.Workspaces {
			for name, roles := range w {
				r.Workspaces[name] = append(r.Workspaces[name], roles...)
			}
		}
	}
	return r, in.Active == nil || *in.Active, nil
}
