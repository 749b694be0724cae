package main

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
)

//go:embed pages.html
var pagesHTML string

var pages = template.Must(template.New("").Funcs(template.FuncMap{"shown": shown, "kind": kindName}).Parse(pagesHTML))

// shown reports whether a form is known for the URLs of the kind of works.
func shown(kind quickbi.WorksType) bool {
	_, err := embedding.FormOf(kind)
	return err == nil
}

// kindName names a kind of works for readers.
func kindName(kind quickbi.WorksType) string {
	for _, k := range []struct {
		kind quickbi.WorksType
		name string
	}{
		{quickbi.WorksTypeDashboard, "Dashboard"},
		{quickbi.WorksTypeSpreadsheet, "Spreadsheet"},
		{quickbi.WorksTypeScreen, "Data screen"},
		{quickbi.WorksTypeSelfService, "Data extract"},
		{quickbi.WorksTypeAnalysis, "Ad hoc analysis"},
		{quickbi.WorksTypeDataForm, "Data form"},
	} {
		if strings.EqualFold(string(kind), string(k.kind)) {
			return k.name
		}
	}
	return "Report"
}

var errNoPage = errors.New("there is no such page for the viewer")

// sorry says what a reader can do about a failure. What it was is in the log only.
func (s *site) sorry(w http.ResponseWriter, r *http.Request, err error) {
	status, title, advice := http.StatusBadGateway, "This did not work", "Try again in a minute. If it happens again, tell whoever runs this server: its log says why."
	switch {
	case errors.Is(err, errNobody):
		status, title, advice = http.StatusForbidden, "You are not signed in", "Sign in with an account that is a member of the organization, and come back."
	case errors.Is(err, errNoPage):
		status, title, advice = http.StatusNotFound, "There is no such report for you", "Choose one from the list. If one is missing there, ask its owner to share it with you."
	case errors.Is(err, embedding.ErrUnknownForm):
		title, advice = "This kind of report cannot be shown here", "Open it in Quick BI."
	case errors.Is(err, quickbi.ErrPermission), errors.Is(err, quickbi.ErrQuota):
		title, advice = "Quick BI refuses to show this", "Ask an administrator of the organization: the report may not be open for embedding, or the licence may not cover it."
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8") // before the status, for which it is too late in render
	w.WriteHeader(status)
	if err := s.render(w, r, "sorry", quickbi.User{}, map[string]string{"Title": title, "Advice": advice}); err != nil {
		s.log.Warn("failed", "error", err)
	}
}

// A view is what a template gets.
type view struct {
	Lang    string
	Viewer  quickbi.User
	SignOut bool // there is a way to
	Data    any
}

// T returns a text in the reader's language.
func (v view) T(english string) string {
	if v.Lang == "zh" {
		return chinese[english]
	}
	return english
}

func (s *site) render(w http.ResponseWriter, r *http.Request, name string, viewer quickbi.User, data any) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	_, signOut := s.signIn.(*chooser)
	return pages.ExecuteTemplate(w, name, view{language(r.Header.Get("Accept-Language")), viewer, signOut, data})
}

// language returns that of the two which the browser prefers.
func language(accepted string) string {
	for tag := range strings.SplitSeq(strings.ToLower(accepted), ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";") // browsers list them by preference
		switch tag, _, _ := strings.Cut(tag, "-"); tag {
		case "zh", "en":
			return tag
		}
	}
	return "en"
}

// chinese has every text of the pages.
var chinese = map[string]string{
	"Sign in": "登录",
	"This is a demonstration: whoever comes here can be any member.": "这是演示：任何访问者都可以选择任一成员身份。",
	"Member":       "成员",
	"Sign out":     "退出登录",
	"Signed in as": "当前用户",
	"Reports":      "报表",
	"All reports":  "全部报表",
	"There is nothing that you may view and that is open for embedding.": "没有您有权查看且已开通嵌入的报表。",
	"opens in Quick BI only":              "只能在 Quick BI 中打开",
	"Dashboard":                           "仪表板",
	"Spreadsheet":                         "电子表格",
	"Data screen":                         "数据大屏",
	"Data extract":                        "自助取数",
	"Ad hoc analysis":                     "即席分析",
	"Data form":                           "数据填报",
	"Report":                              "报表",
	"The ticket of this page can be used": "本页票据可使用次数",
	"until":                               "有效至",
	"To load this page again makes another ticket. To load the frame again uses this one up.": "重新加载本页会生成新票据；重新加载框架会消耗此票据。",
	"This did not work": "操作未成功",
	"Try again in a minute. If it happens again, tell whoever runs this server: its log says why.": "请稍后重试。如仍失败，请联系服务器管理员，原因见服务器日志。",
	"You are not signed in": "您尚未登录",
	"Sign in with an account that is a member of the organization, and come back.":           "请使用组织成员的账号登录后再访问。",
	"There is no such report for you":                                                        "没有可供您查看的此报表",
	"Choose one from the list. If one is missing there, ask its owner to share it with you.": "请从列表中选择。如缺少某个报表，请联系其所有者授权。",
	"This kind of report cannot be shown here":                                               "此类报表无法在此显示",
	"Open it in Quick BI.":          "请在 Quick BI 中打开。",
	"Quick BI refuses to show this": "Quick BI 拒绝显示此内容",
	"Ask an administrator of the organization: the report may not be open for embedding, or the licence may not cover it.": "请联系组织管理员：该报表可能未开通嵌入，或许可证不包含此功能。",
}
