package quickbitest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	maxTagName        = 50   // characters
	maxTagDescription = 255  // characters
	maxTagValue       = 3000 // characters
)

// noTagValue is the value that removes a member's value of a tag.
const noTagValue = "$NULL$"

// A UserTag is a tag of the organization's members.
type UserTag struct {
	TagID       string            `json:"TagId,omitempty"` // empty: generated
	TagName     string            `json:"TagName"`
	Description string            `json:"TagDescription"`
	Values      map[string]string `json:"TagValues,omitempty"` // by user id
}

// A DynamicTag is a tag whose values are in a table.
type DynamicTag struct {
	ConfigID         string                      `json:"ConfigId,omitempty"` // empty: generated
	ConfigName       string                      `json:"ConfigName"`
	DataSourceID     string                      `json:"DsId"`
	TableName        string                      `json:"TableName"`
	ColumnName       string                      `json:"ColumnName"`
	RelatedAttribute quickbi.DynamicTagAttribute `json:"RelatedAttribute"`
}

// The userTagState is what the organization knows of tags.
type userTagState struct {
	tags        table[*tag]
	tagByName   map[string]*tag
	tagValues   index[*member, *tagValue] // by tag
	dynamicTags table[DynamicTag]
}

func newUserTagState() userTagState {
	return userTagState{tagByName: make(map[string]*tag)}
}

// A tag is a tag of members.
type tag struct {
	UserTag                // but for the values
	members table[*member] // those with a value
}

// A tagValue is what a tag says of a member.
type tagValue struct {
	tag  *tag
	text string
}

func (o *organization) seedUserTag(s UserTag, _ time.Time) error {
	s.TagID = cmp.Or(s.TagID, gateway.NewUUID())
	if o.tags.has(s.TagID) {
		return fmt.Errorf("there is a tag %q already", s.TagID)
	}
	if s.TagName == "" {
		return errors.New("there is no name")
	}
	if err := o.checkTag(s.TagName, s.Description, nil); err != nil {
		return err
	}
	values := s.Values
	s.Values = nil
	t := &tag{UserTag: s}
	o.addTag(t)
	for _, id := range slices.Sorted(maps.Keys(values)) {
		m, ok := o.members.get(id)
		if !ok {
			return fmt.Errorf("there is no user %q", id)
		}
		o.setTag(t, m, values[id])
	}
	return nil
}

func (o *organization) tagSeed(t *tag) UserTag {
	s := t.UserTag
	s.Values = make(map[string]string)
	for m := range t.members.all() {
		if v, ok := o.tagValues.get(m, t.TagID); ok {
			s.Values[m.UserID] = v.text
		}
	}
	return s
}

func (o *organization) seedDynamicTag(s DynamicTag, _ time.Time) error {
	s.ConfigID = cmp.Or(s.ConfigID, "cfg"+newUserID())
	switch {
	case o.dynamicTags.has(s.ConfigID):
		return fmt.Errorf("there is a dynamic tag %q already", s.ConfigID)
	case !o.datasources.has(s.DataSourceID):
		return fmt.Errorf("there is no data source %q", s.DataSourceID)
	}
	o.dynamicTags.put(s.ConfigID, s)
	return nil
}

// addTag adds a tag. Id and name must be free.
func (o *organization) addTag(t *tag) {
	o.tags.put(t.TagID, t)
	o.tagByName[t.TagName] = t
}

// setTag sets the member's value of the tag. An empty one removes it.
func (o *organization) setTag(t *tag, m *member, text string) {
	v, ok := o.tagValues.get(m, t.TagID)
	switch {
	case text == "":
		o.tagValues.remove(m, t.TagID)
		t.members.remove(m.UserID)
	case ok:
		v.text = text
	default:
		o.tagValues.put(m, t.TagID, &tagValue{t, text})
		t.members.put(m.UserID, m)
	}
}

// dropTagValues removes all tag values of the member.
func (o *organization) dropTagValues(m *member) {
	for v := range o.tagValues.all(m) {
		v.tag.members.remove(m.UserID)
	}
	delete(o.tagValues, m)
}

// checkTag says whether a tag, new or old, can have the name and description.
func (o *organization) checkTag(name, description string, t *tag) error {
	if utf8.RuneCountInString(name) > maxTagName {
		return gateway.Refuse("Name.Length.Exceeded", "The name is longer than %d characters.", maxTagName)
	}
	for _, r := range name {
		if !isTagRune(r) {
			return gateway.Refuse("Name.RegularExpression.Error", "The name must not contain the character %q.", r)
		}
	}
	if utf8.RuneCountInString(description) > maxTagDescription {
		return gateway.Invalid("TagDescription", "is longer than %d characters", maxTagDescription)
	}
	if other := o.tagByName[name]; other != nil && other != t {
		return gateway.Refuse("TagName.Repeat", "There is a tag called %q already.", name)
	}
	return nil
}

// isTagRune says whether the character may be in the name of a tag: Chinese,
// English, digits, and some signs.
func isTagRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		unicode.Is(unicode.Han, r) || strings.ContainsRune(`/\|[]()`, r)
}

func addUserTagMeta(c *call) (any, error) {
	t := &tag{UserTag: UserTag{TagID: gateway.NewUUID(), TagName: c.string("TagName"), Description: c.string("TagDescription")}}
	if err := c.checkTag(t.TagName, t.Description, t); err != nil {
		return nil, err
	}
	c.addTag(t)
	return t.TagID, nil
}

// updateUserTagMeta keeps the description if the call has none.
func updateUserTagMeta(c *call, t *tag) (any, error) {
	name, description := c.string("TagName"), t.Description
	set(c, "TagDescription", &description, (*call).string)
	if err := c.checkTag(name, description, t); err != nil {
		return nil, err
	}
	delete(c.tagByName, t.TagName)
	c.tagByName[name] = t
	t.TagName, t.Description = name, description
	return true, nil
}

// deleteUserTagMeta takes the values from the members, too.
func deleteUserTagMeta(c *call, t *tag) (any, error) {
	for m := range t.members.all() {
		c.tagValues.remove(m, t.TagID)
	}
	delete(c.tagByName, t.TagName)
	c.tags.remove(t.TagID)
	return true, nil
}

func queryUserTagMetaList(c *call) (any, error) {
	return collect(c.tags.all(), func(t *tag) UserTag { return t.UserTag }), nil
}

// queryUserTagValueList lists the tags for which the member has a value.
func queryUserTagValueList(c *call, m *member) (any, error) {
	type tagValueResult struct {
		TagID    string `json:"TagId"`
		TagName  string
		TagValue string
	}
	return collect(c.tagValues.all(m), func(v *tagValue) tagValueResult {
		return tagValueResult{v.tag.TagID, v.tag.TagName, v.text}
	}), nil
}

func updateUserTagValue(c *call, m *member, t *tag) (any, error) {
	text := c.string("TagValue")
	if utf8.RuneCountInString(text) > maxTagValue {
		return nil, gateway.Invalid("TagValue", "is longer than %d characters", maxTagValue)
	}
	if text == noTagValue {
		text = ""
	}
	c.setTag(t, m, text)
	return true, nil
}

func listDynamicTag(c *call) (any, error) {
	type dynamicTagResult struct {
		DynamicTag
		OrganizationID string `json:"OrganizationId"`
	}
	return collect(c.dynamicTags.all(), func(t DynamicTag) dynamicTagResult { return dynamicTagResult{t, OrganizationID} }), nil
}

// clearDynamicTagCache does nothing: the emulator reads no tables.
func clearDynamicTagCache(*call, DynamicTag) (any, error) { return true, nil }
