package quickbi_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func TestText(t *testing.T) {
	t.Parallel()
	server := quickbitest.NewServer()
	defer server.Close()
	english := server.Client()
	chinese := server.Client(quickbi.WithHintLanguage(quickbi.HintChinese))
	text := func(err error) string {
		t.Helper()
		e, ok := errors.AsType[*quickbi.Error](err)
		if !ok {
			t.Fatalf("%v is no *Error", err)
		}
		return e.Text()
	}
	contains := func(got string, want ...string) {
		t.Helper()
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%q lacks %q", got, part)
			}
		}
	}

	_, err := chinese.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "nobody"})
	contains(text(err), "quickbi：DeleteUser：User.Not.In.Organization：不存在：", "（HTTP 400，请求 ID ", "\n组织中没有该 ID 的成员")
	contains(err.Error(), "quickbi: DeleteUser: User.Not.In.Organization: ", "(HTTP 400, request ")
	_, err = english.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "nobody"})
	contains(text(err), err.Error()+"\n")

	_, err = chinese.AddUserGroupMember(t.Context(), nil)
	contains(text(err), "请求无效", "参数 UserGroupId 必填", "参数 UserIdList 必填")
	_, err = chinese.QueryUserList(t.Context(), &quickbi.QueryUserListRequest{PageSize: 5000})
	contains(text(err), "参数 PageSize 为 5000，大于 1000")

	if problem, ok := errors.AsType[*quickbi.ParameterError](err); !ok {
		t.Errorf("%v has no *ParameterError", err)
	} else {
		if got := problem.Text(quickbi.HintChinese); got != "参数 PageSize 为 5000，大于 1000" {
			t.Errorf("the problem is %q", got)
		}
		if got := problem.Text(quickbi.HintEnglish); got != "parameter PageSize is 5000, more than 1000" {
			t.Errorf("the problem is %q", got)
		}
	}

	server.Fail("", quickbitest.Raw(200, "application/json;charset=GBK", "{\"Result\":{\"NickName\":\"\xd5\xc5\"}}"), 1)
	_, err = chinese.QueryUserInfoByUserId(t.Context(), &quickbi.QueryUserInfoByUserIdRequest{UserID: "u"})
	contains(text(err), "应答无效", "应答的字符集为 GBK，而不是 UTF-8")

	err = chinese.Do(t.Context(), "两", nil, nil)
	contains(text(err), "请求无效", "操作名无效")

	_, err = chinese.ListByUserGroupId(t.Context(), &quickbi.ListByUserGroupIdRequest{UserGroupIDs: []string{"nope"}})
	partial, ok := errors.AsType[*quickbi.PartialError](err)
	if !ok {
		t.Fatalf("%v is no *PartialError", err)
	}
	contains(partial.Text(), "quickbi：ListByUserGroupId：服务应答全部未成功：nope（请求 ID ")
	contains(partial.Error(), "quickbi: ListByUserGroupId: the service answered that nothing succeeded: nope (request ")
	_, err = english.ListByUserGroupId(t.Context(), &quickbi.ListByUserGroupIdRequest{UserGroupIDs: []string{"nope"}})
	if partial, ok := errors.AsType[*quickbi.PartialError](err); !ok || partial.Text() != partial.Error() {
		t.Errorf("%v is no *PartialError in English", err)
	}
	many := &quickbi.PartialError{Failed: make([]quickbi.FailedEntry, 12)}
	if got := many.Text(); got != many.Error() {
		t.Errorf("%s", got)
	}

	server.Fail("DeleteUser", quickbitest.DropAfter(), 1)
	_, err = chinese.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "nobody"})
	contains(text(err), "（可能已经执行）", "请先查询当前状态")
}

// Every class has a Chinese name: the text of a failure shows it.
func TestClassesInChinese(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	translated, err := parser.ParseFile(token.NewFileSet(), "errortext.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	ast.Inspect(translated, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				known[key.Name] = true
			}
		}
		return true
	})
	classes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		call, ok := spec.Values[0].(*ast.CallExpr)
		if !ok {
			return true
		}
		if fun, ok := call.Fun.(*ast.Ident); ok && fun.Name == "ErrorClass" {
			classes++
			if name := spec.Names[0].Name; !known[name] {
				t.Errorf("%s has no Chinese name", name)
			}
		}
		return true
	})
	if classes < 16 {
		t.Errorf("found %d classes", classes)
	}
}
