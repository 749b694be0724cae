package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/quickbi-go/quickbi/auditing"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/offboarding"
)

var (
	han      = regexp.MustCompile(`\p{Han}`)
	word     = regexp.MustCompile(`[A-Za-z]{2,}`)
	flagName = regexp.MustCompile(`-[a-z-]+`)
)

// sources parses the files of a package that are no tests, by their names.
func sources(t *testing.T, dir string) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || paths == nil {
		t.Fatalf("%s: %v", dir, err)
	}
	fset, files := token.NewFileSet(), map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = file
	}
	return fset, files
}

// literalsOf returns the texts of a package that people may read, with where they
// are: what errors and printing functions are given first.
func literalsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	fset, files := sources(t, dir)
	note := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				texts[text] = fset.Position(literal.Pos()).String()
			}
		}
	}
	for name, file := range files {
		if strings.HasPrefix(name, "chinese") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			function := ""
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				function = f.Sel.Name
			case *ast.Ident:
				function = f.Name
			}
			switch function {
			case "New", "Errorf", "problem", "text", "count":
				note(call.Args[0])
			case "confirm", "exactArgs":
				note(call.Args[1])
			case "someArgs":
				note(call.Args[0])
			}
			return true
		})
	}
	return texts
}

// verbsOf returns the verbs of a format with the arguments they take.
func verbsOf(format string) []string {
	var verbs []string
	for i, found := range verb.FindAllStringSubmatch(format, -1) {
		argument := found[1]
		if argument == "" {
			argument = fmt.Sprintf("[%d]", i+1)
		}
		verbs = append(verbs, argument+found[2])
	}
	slices.Sort(verbs)
	return verbs
}

// Every text of the command has a Chinese form.
func TestEverythingIsInChinese(t *testing.T) {
	t.Parallel()
	texts := literalsOf(t, ".")
	for _, c := range doctorTexts(t) {
		texts[c] = "doctor.go"
	}
	for _, section := range catalog.Load().Sections {
		texts[section.Title] = "the section of operations"
	}
	for _, op := range catalog.Load().Operations {
		texts[op.Access] = "the access of operations"
	}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		texts[cmd.Short] = cmd.CommandPath()
		if cmd.Long != "" {
			texts[cmd.Long] = cmd.CommandPath()
		}
		if strings.Contains(cmd.Use, " ") {
			texts[cmd.Use] = cmd.CommandPath()
		}
		note := func(f *pflag.Flag) { texts[f.Usage] = cmd.CommandPath() + " -" + f.Name }
		cmd.Flags().VisitAll(note)
		cmd.PersistentFlags().VisitAll(note)
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk((&app{lang: "en"}).command())
	for text, where := range texts {
		switch chinese := chinese[text]; {
		case !word.MatchString(flagName.ReplaceAllString(verb.ReplaceAllString(text, ""), "")), text == "completion SHELL": // is the same in Chinese
		case chinese == "":
			t.Errorf("%s: no Chinese for %q", where, text)
		case !han.MatchString(chinese):
			t.Errorf("%s: %q is %q", where, text, chinese)
		}
	}
}

// doctorTexts are the names and the advice of the doctor's checks.
func doctorTexts(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("doctor.go")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, found := range regexp.MustCompile(`\{"(\w+)", d\.\w+, "([^"]*)"\}`).FindAllStringSubmatch(string(source), -1) {
		texts = append(texts, found[2])
		if found[1] != "TLS" { // is called so in Chinese, too
			texts = append(texts, found[1])
		}
	}
	if len(texts) != 17 {
		t.Fatalf("%d texts", len(texts))
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

// Chinese formats take what the English ones take.
func TestVerbs(t *testing.T) {
	t.Parallel()
	for english, chinese := range chinese {
		if e, c := verbsOf(english), verbsOf(chinese); !slices.Equal(e, c) {
			t.Errorf("%q takes %q, %q takes %q", english, e, chinese, c)
		}
	}
}

// What packages say has a Chinese form, too, but for what the client says of calls,
// which is Chinese already. Pieces of a text, which begin or end with a blank or
// punctuation, are tried as what is made of them, see TestPlansAreInChinese.
func TestPackagesAreInChinese(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"dirsync", "dirsync/ldap", "offboarding", "auditing", "embedding", "internal/planfile", "internal/listing", "settle"} {
		for text, where := range everyLiteral(t, "../../"+dir) {
			text = strings.TrimSuffix(text, "\n")
			if !strings.Contains(text, " ") || strings.TrimSpace(text) != text || strings.HasPrefix(text, ",") || strings.ContainsAny(text[len(text)-1:], ";:") {
				continue
			}
			words := strings.Trim(flagName.ReplaceAllString(verb.ReplaceAllString(packageName.ReplaceAllString(text, ""), ""), ""), " :;,")
			sample := verb.ReplaceAllStringFunc(packageName.ReplaceAllString(text, ""), func(v string) string {
				switch v[len(v)-1] {
				case 'd':
					return "7"
				case 'q':
					return `"x"`
				}
				return "x"
			})
			if word.MatchString(words) && !han.MatchString(inChinese(sample)) {
				t.Errorf("%s: no Chinese for %q", where, text)
			}
		}
	}
}

// everyLiteral returns the texts in the source of a package, with where they are.
func everyLiteral(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	fset, files := sources(t, dir)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				n.Tag = nil
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					texts[text] = fset.Position(n.Pos()).String()
				}
			}
			return true
		})
	}
	return texts
}

// Lines of plans and events, which are put together of pieces, are in Chinese, and
// no name in them is.
func TestPlansAreInChinese(t *testing.T) {
	t.Parallel()
	profile := &dirsync.Profile{NickName: "done", UserType: 2, Roles: []int64{7}}
	for _, test := range []struct {
		text fmt.Stringer
		want string
	}{
		{dirsync.Change{Kind: dirsync.CreateGroup, Group: "viewer/Sales"}, "+ 用户组 viewer/Sales"},
		{dirsync.Change{Kind: dirsync.AddMember, Account: "viewer", UserType: 2}, "+ 成员 viewer，类型 查看者"},
		{dirsync.Change{Kind: dirsync.Reactivate, Account: "ann"}, "+ 成员 ann 重新启用"},
		{dirsync.Change{Kind: dirsync.UpdateMember, Account: "ann", Was: &dirsync.Profile{NickName: "failed"}, Set: profile}, "~ ann: 昵称 failed -> 昵称 done，查看者，角色 7"},
		{dirsync.Change{Kind: dirsync.SetTag, Account: "ann", Tag: "area", OldValue: "east", Value: "west"}, "~ ann: 标签 area east -> west"},
		{dirsync.Change{Kind: dirsync.Join, Account: "member ann", Group: "done"}, "+ member ann: done"},
		{dirsync.Change{Kind: dirsync.Move, Account: "ann", From: "a", Group: "b"}, "> ann: a -> b"},
		{dirsync.Change{Kind: dirsync.Leave, Account: "member ann", Group: "Sales"}, "- member ann: Sales"},
		{dirsync.Change{Kind: dirsync.Deactivate, Account: "ann"}, "- 成员 ann 停用"},
		{dirsync.Change{Kind: dirsync.DeleteMember, Account: "ann"}, "- 成员 ann"},
		{dirsync.Change{Kind: dirsync.DeleteMember, Account: "ann", Successor: "ben"}, "- 成员 ann，作品移交 ben"},
		{dirsync.Counts{Join: 3, DeleteMember: 1}, "加入用户组 3 人次，删除成员 1 名"},
		{dirsync.Counts{CreateGroup: 2}, "新建用户组 2 个"},
		{dirsync.Counts{}, "没有变更"},
		{dirsync.Problem{Account: "ann", Origin: "line 3", Text: "the record has neither an account id nor an account name"}, "ann：第 3 行：记录既没有账号 ID，也没有账号名"},
		{offboarding.Event{NickName: "Ann", UserID: "u", State: offboarding.Done, Step: offboarding.Step{Kind: offboarding.WithdrawGroups}}, `"Ann" (u)：完成：移出全部用户组`},
		{offboarding.Event{NickName: "Ann", UserID: "u", State: offboarding.NotDone, Step: offboarding.Step{Kind: offboarding.LeaveWorkspace, WorkspaceName: "Sales", WorkspaceID: "w", OnlyIfNeeded: true}}, `"Ann" (u)：未执行：移出工作空间 "Sales" (w)（仅在服务端要求时）`},
	} {
		if got := inChinese(test.text.String()); got != test.want {
			t.Errorf("%s is\n%s, want\n%s", test.text, got, test.want)
		}
	}
	gap := auditing.Gap{Table: auditing.AccessLog, Day: "2026-10-31", Reason: "the service showed 10000 lines, and there may be more"}
	if got, want := (&app{lang: "zh"}).gap(gap), "access-log 2026-10-31：服务端返回了 10000 行，可能还有更多"; got != want {
		t.Errorf("%v is %s, want %s", gap, got, want)
	}
	if got, want := (&app{lang: "en"}).gap(gap), gap.String(); got != want {
		t.Errorf("%v is %s, want %s", gap, got, want)
	}
	for kind := range dirsync.DeleteMember + 1 {
		c := dirsync.Change{
			Kind: kind, Account: "a1", UserType: 2, Set: profile, Was: profile, Tag: "t1", Value: "v1", OldValue: "v2", Group: "g1", From: "g2",
			Workspace: "w1", WorkspaceRoles: []dirsync.WorkspaceRole{{}}, OldWorkspaceRoles: []dirsync.WorkspaceRole{{}}, Successor: "s1",
		}
		if got := inChinese(c.String()); regexp.MustCompile(`\b(group|member|workspace|tag|works|role|roles|nickname|as|is)\b`).MatchString(got) {
			t.Errorf("%v is %q", c, got)
		}
		if got := inChinese("7 " + kind.String()); !han.MatchString(got) {
			t.Errorf("%v is %q", kind, got)
		}
	}
	for english, want := range map[string]string{
		"x is y": "x is y", // a message of the service that a loose format would fit
		`invalid argument "x" for "-rate" flag: strconv.ParseFloat: parsing "x": invalid syntax`:                                                    `选项 "-rate" 的值 "x" 无效："x" 不是有效的数字`,
		"the plan changes too much: 3 of 3 memberships would end, and at most 0 may; if the source is whole, allow it with MaxRemove (-max-remove)": "计划的变更过多：3 个组内席位中有 3 个将被移除，上限为 0；如确认数据源完整，请调高 -max-remove",
		"dial tcp 127.0.0.1:1: connect: connection refused":                                                                                         "连接 127.0.0.1:1：连接被拒绝",
		"open staff.csv: no such file or directory":                                                                                                 "打开 staff.csv：没有该文件或目录",
		"-format \"xml\" is none of table, csv":                                                                                                     `-format "xml" 无效，可取值 table, csv`,
		"the plan has been applied already, or is being applied: its report is a b.jsonl; make a new plan":                                          "计划已经执行过，或正在执行：其报告为 a b.jsonl；请重新制定计划",
	} {
		if got := (&app{lang: "zh"}).translate(english); got != want {
			t.Errorf("%s is\n%s, want\n%s", english, got, want)
		}
	}
}

// Every operation has a Chinese summary, and none that is gone has.
func TestOperationsAreInChinese(t *testing.T) {
	t.Parallel()
	api := catalog.Load()
	for action := range api.Operations {
		if !han.MatchString(chineseSummaries[action]) {
			t.Errorf("%s: %q", action, chineseSummaries[action])
		}
	}
	for action := range chineseSummaries {
		if _, ok := api.Operations[action]; !ok {
			t.Errorf("there is no operation %s", action)
		}
	}
}

// The Chinese summary, which is all that is said in Chinese, warns as the English
// comment does.
func TestChineseSummariesWarn(t *testing.T) {
	t.Parallel()
	for _, warning := range []struct{ english, chinese string }{
		{"cannot be undone", "不可撤销"},
		{"PERMISSIONS OF THE ORGANIZATION'S OWNER", "以组织所有者的权限"},
		{"which may be everything", "可能因此看到全部数据"},
		{"get another owner", "改归他人"},
		{"What becomes of", "文档未说明"},
		{"copies the rights", "复制"},
	} {
		found := false
		for action, docs := range documented() {
			if !strings.Contains(strings.Join(strings.Fields(docs.Text), " "), warning.english) {
				continue
			}
			found = true
			if got := chineseSummaries[action]; !strings.Contains(got, warning.chinese) {
				t.Errorf("%s: %q, but the comment says %q", action, got, warning.english)
			}
		}
		if !found {
			t.Errorf("no comment says %q", warning.english)
		}
	}
}

// englishWords finds words that ought to be in Chinese. Names of flags, commands,
// environment variables and the like are not.
var englishWords = regexp.MustCompile(`\b(the|of|is|and|with|for|that|not|default|flag|error|command|usage)\b`)

// The whole of a run is in Chinese: help, what it does, and what goes wrong.
func TestRunsInChinese(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("staff.csv", []byte("account_id,account_name,groups\n2001,ann@example.com,Finance\n2002,ben@example.com,Sales;Finance\n2003,eve@example.com,Sales\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	zh := map[string]string{"LANG": "zh_CN.UTF-8"}
	var helps [][]string
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		helps = append(helps, append(strings.Fields(cmd.CommandPath())[1:], "-h"))
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk((&app{}).command())
	for _, args := range helps {
		got := runWith(t, "", zh, args...)
		for line := range strings.Lines(got.out + got.err) {
			// Examples and programs in them are the same in both languages.
			if found := englishWords.FindString(line); found != "" && !strings.HasPrefix(line, "  quickbi ") && !strings.HasPrefix(line, "\t") {
				t.Errorf("%q: %q in %s", args, found, line)
			}
		}
		if got.code != exitDone || !strings.Contains(got.out+got.err, "用法：") {
			t.Errorf("%q: %d\n%s%s", args, got.code, got.out, got.err)
		}
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"nonsense"}, exitFailure, `没有命令 "nonsense"`},
		{[]string{"doctr"}, exitFailure, `没有命令 "doctr"；您是不是要找 doctor？`},
		{[]string{"sync", "nonsense"}, exitFailure, `没有命令 "nonsense"`},
		{[]string{"help", "nonsense"}, exitFailure, `没有命令 "nonsense"`},
		{[]string{"doctor", "-nonsense"}, exitFailure, "未知选项 -nonsense\nquickbi doctor -h 列出全部选项"},
		{[]string{"doctor", "-rate"}, exitFailure, "选项 -rate 缺少值"},
		{[]string{"doctor", "-rate", "x"}, exitFailure, `选项 "-rate" 的值 "x" 无效："x" 不是有效的数字`},
		{[]string{"doctor", "-rate", "0"}, exitFailure, "-rate 0 不是正数"},
		{[]string{"doctor", "-emulator", "stray"}, exitFailure, `多余的参数 "stray"`},
		{[]string{"call", "-emulator"}, exitFailure, "缺少参数：操作名"},
		{[]string{"call", "DeleteUsers", "-emulator"}, exitFailure, `没有操作 "DeleteUsers"`},
		{[]string{"call", "QueryUserList", "PageSize=many", "Word=a", "-emulator"}, exitFailure, "参数 PageSize 为 \"many\"，不是有效的数字\n参数 Word 不是 QueryUserList 的参数"},
		{[]string{"call", "DeleteUser", "-emulator"}, exitFailure, "参数 UserId 必填"},
		{[]string{"call", "AddUser", "NickName=x", "UserType=9", "-emulator"}, exitFailure, "参数 UserType 为 9，文档中没有该值；可用值为 1, 2, 3\n参数 AccountId 必填，除非已给出 AccountName"},
		{[]string{"call", "QueryUserInfoByUserId", "UserId=nobody", "-emulator"}, exitFailure, "不存在"},
		{[]string{"call", "DeleteUser", "UserId=eve", "-endpoint=http://127.0.0.1:1"}, exitFailure, "标准输入不是终端"},
		{[]string{"call", "ListByUserGroupId", "UserGroupIds=nope", "-emulator"}, exitFailure, "服务应答全部未成功：nope（请求 ID "},
		{[]string{"api", "用户组", "移出"}, exitDone, "将成员移出全部用户组"},
		{[]string{"api", "AddUser"}, exitDone, "必填, 可取值 1 2 3"},
		{[]string{"sync", "undo", "staff.csv", "-emulator"}, exitFailure, "quickbi: 文件不是目录同步报告：字符 'a' 处不是 JSON"},
		{[]string{"offboard", "-restore", "staff.csv", "-emulator"}, exitFailure, "quickbi: staff.csv：文件不是离职报告："},
		{[]string{"sync", "apply", "staff.csv", "-emulator"}, exitFailure, "quickbi: 文件不是目录同步计划："},
		{[]string{"sync", "plan", "no.csv", "-emulator"}, exitFailure, "打开 no.csv：没有该文件或目录"},
		{[]string{"sync", "plan", "staff.csv", "-out", "plan.json", "-emulator"}, exitPending, "3 条记录，4 名成员，3 个组内席位：加入用户组 1 人次\n计划已保存。用 quickbi sync apply plan.json 执行。"},
		{[]string{"sync", "apply", "plan.json", "-reports", "reports", "-emulator"}, exitDone, "已完成：加入用户组 1 人次\n报告：reports"},
		{[]string{"sync", "apply", "plan.json", "-reports", "reports", "-emulator"}, exitFailure, "计划已经执行过"},
		{[]string{"offboard", "eve", "-to", "ann", "-emulator"}, exitDone, "拥有作品（1）："},
		{[]string{"offboard", "nobody", "-to", "ann", "-emulator"}, exitProblems, "组织中没有 ID 或账号为 nobody 的成员"},
		{[]string{"offboard", "eve", "-to", "ann", "-max", "-1", "-emulator"}, exitFailure, "-max 不能为负"},
		{[]string{"audit", "export", "members", "-emulator"}, exitDone, "export 中写出 1 个文件，0 处缺失"},
		{[]string{"audit", "export", "people", "-emulator"}, exitFailure, `没有表 "people"`},
		{[]string{"ticket", "revenue", "-emulator"}, exitFailure, "请指定以谁的权限查看"},
		{[]string{"ticket", "revenue", "-user", "ann", "-uses", "-1", "-lifetime", "5h", "-emulator"}, exitFailure, "-uses 为 -1，应在 1 到 99999 之间；-lifetime 为 5h0m0s，应为 1 到 240 之间的整分钟数"},
		{[]string{"emulator", "-rate", "-1"}, exitFailure, "-rate 不能为负"},
	} {
		got := runWith(t, "", zh, test.args...)
		if got.code != test.code || !strings.Contains(got.out+got.err, test.want) {
			t.Errorf("%q: %d, want %s\n%s%s", test.args, got.code, test.want, got.out, got.err)
		}
	}
	if got := runWith(t, "", zh, "doctor", "-emulator", "-lang=en"); !strings.Contains(got.out, "ok    endpoint      http") {
		t.Errorf("-lang en: %s", got.out)
	}
	if got := runCommand(t, "doctor", "-lang", "fr"); got.code != exitFailure || !strings.Contains(got.err, `-lang "fr" is neither en nor zh`) {
		t.Errorf("-lang fr: %d %s", got.code, got.err)
	}
}

func TestLanguageOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{nil, nil, "en"},
		{nil, map[string]string{"LANG": "zh_CN.UTF-8"}, "zh"},
		{nil, map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"},
		{nil, map[string]string{"LANG": "de_DE", "LC_MESSAGES": "zh_TW"}, "zh"},
		{[]string{"call", "-lang", "zh"}, nil, "zh"},
		{[]string{"--lang=zh", "call"}, nil, "zh"},
		{[]string{"-lang=en"}, map[string]string{"LANG": "zh_CN"}, "en"},
		{[]string{"call", "--", "-lang", "zh"}, nil, "en"},
		{[]string{"call", "lang=zh"}, nil, "en"},
		{[]string{"-lang"}, nil, "en"},
	} {
		if got := languageOf(test.args, func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%q, %v: %s, want %s", test.args, test.env, got, test.want)
		}
	}
}
