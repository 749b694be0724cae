package quickbitest

import (
	"strings"
	"testing"
)

// tagsOf writes the tags of a user as name=value.
func tagsOf(t testing.TB, e *Emulator, user string) string {
	t.Helper()
	var list []string
	for _, v := range must[[]map[string]string](t, e, "QueryUserTagValueList", "UserId", user) {
		list = append(list, v["TagName"]+"="+v["TagValue"])
	}
	return strings.Join(list, " ")
}

func TestUserTagMeta(t *testing.T) {
	t.Parallel()
	e := withData(t)
	id := must[string](t, e, "AddUserTagMeta", "TagName", `层级/\|[]()a9`, "TagDescription", "level")
	metas := func() []map[string]string { return must[[]map[string]string](t, e, "QueryUserTagMetaList") }
	same(t, []map[string]string{
		{"TagId": "job", "TagName": "职位", "TagDescription": "rank"},
		{"TagId": "city", "TagName": "City[1]", "TagDescription": ""},
		{"TagId": id, "TagName": `层级/\|[]()a9`, "TagDescription": "level"},
	}, metas())

	must[bool](t, e, "UpdateUserTagMeta", "TagId", "job", "TagName", "Job")
	must[bool](t, e, "UpdateUserTagMeta", "TagId", "job", "TagName", "Job") // its own
	must[string](t, e, "AddUserTagMeta", "TagName", "职位")                   // free since the change
	if got := tagsOf(t, e, "ann"); got != "Job=boss" {
		t.Error(got)
	}
	must[bool](t, e, "UpdateUserTagMeta", "TagId", id, "TagName", "Level", "TagDescription", "")
	same(t, map[string]string{"TagId": id, "TagName": "Level", "TagDescription": ""}, metas()[2])
	same(t, map[string]string{"TagId": "job", "TagName": "Job", "TagDescription": "rank"}, metas()[0])

	must[bool](t, e, "DeleteUserTagMeta", "TagId", "job")
	if got := tagsOf(t, e, "ann"); got != "" {
		t.Error(got)
	}
	must[string](t, e, "AddUserTagMeta", "TagName", strings.Repeat("中", 50), "TagDescription", strings.Repeat("中", 255))
	mustRefuse(t, e, "Name.Length.Exceeded", "AddUserTagMeta", "TagName", strings.Repeat("中", 51))
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddUserTagMeta", "TagName", "x", "TagDescription", strings.Repeat("x", 256))
	mustRefuse(t, e, "Name.RegularExpression.Error", "AddUserTagMeta", "TagName", "a b")
	mustRefuse(t, e, "Name.RegularExpression.Error", "UpdateUserTagMeta", "TagId", "city", "TagName", "città")
	refusals(t, e,
		"TagName.Repeat AddUserTagMeta TagName=City[1]",
		"TagName.Repeat UpdateUserTagMeta TagId=city TagName=Level",
		"UserTag.NotIn.CurrentOrganization UpdateUserTagMeta TagId=job TagName=x",
		"UserTag.NotIn.CurrentOrganization DeleteUserTagMeta TagId=job",
	)
}

func TestUserTagValue(t *testing.T) {
	t.Parallel()
	e := withData(t)
	set := func(user, tag, value string) []string {
		return []string{"UserId", user, "TagId", tag, "TagValue", value}
	}
	must[bool](t, e, "UpdateUserTagValue", set("ann", "city", "杭州,宁波")...)
	must[bool](t, e, "UpdateUserTagValue", set("ann", "job", "lead")...)
	same(t, []map[string]string{
		{"TagId": "job", "TagName": "职位", "TagValue": "lead"},
		{"TagId": "city", "TagName": "City[1]", "TagValue": "杭州,宁波"},
	}, must[[]map[string]string](t, e, "QueryUserTagValueList", "UserId", "ann"))
	must[bool](t, e, "UpdateUserTagValue", set("ann", "job", "$NULL$")...)
	must[bool](t, e, "UpdateUserTagValue", set("ann", "job", "$NULL$")...)
	if got := tagsOf(t, e, "ann") + "; " + tagsOf(t, e, "bob"); got != "City[1]=杭州,宁波; 职位=aide" {
		t.Error(got)
	}
	must[bool](t, e, "DeleteUser", "UserId", "bob")
	if tag, _ := e.org.tags.get("job"); tag.members.len() != 0 {
		t.Error("the tag still has members")
	}
	must[bool](t, e, "UpdateUserTagValue", set("bob2", "job", strings.Repeat("中", 3000))...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateUserTagValue", set("ann", "job", strings.Repeat("中", 3001))...)
	refusals(t, e,
		"User.Not.In.Organization UpdateUserTagValue UserId=bob TagId=job TagValue=x",
		"UserTag.NotIn.CurrentOrganization UpdateUserTagValue UserId=ann TagId=none TagValue=x",
		"System.Param.Empty UpdateUserTagValue UserId=ann TagId=job TagValue=",
		"Invalid.User.Organization QueryUserTagValueList UserId=bob",
	)
}

func TestDynamicTags(t *testing.T) {
	t.Parallel()
	e := withData(t)
	same(t, []map[string]any{{
		"ConfigId": "cfg1", "ConfigName": "Shop", "DsId": "db", "TableName": "dim", "ColumnName": "site", "RelatedAttribute": 1.0, "OrganizationId": OrganizationID,
	}}, must[[]map[string]any](t, e, "ListDynamicTag"))
	must[bool](t, e, "ClearDynamicTagCache", "ConfigId", "cfg1")
	refusals(t, e, "Tag.Not.Exist ClearDynamicTagCache ConfigId=cfg2")
}
