package main

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
	"github.com/quickbi-go/quickbi/embedding/embedhttp"
)

//go:embed pages.html
var pagesHTML string

var pages = template.Must(template.New("").Funcs(template.FuncMap{"shown": shown, "kind": kindName}).Parse(pagesHTML))

// shown reports whether a form is known for the URLs of the kind of works.
func shown(kind quickbi.WorksType) bool {
	_, err := embedding.FormOf(kind)
	return err == nil
}

// kinds name the kinds of works for readers.
var kinds = map[quickbi.WorksType]string{
	quickbi.WorksTypeDashboard:   "Dashboard",
	quickbi.WorksTypeSpreadsheet: "Spreadsheet",
	quickbi.WorksTypeScreen:      "Data screen",
	quickbi.WorksTypeSelfService: "Data extract",
	quickbi.WorksTypeAnalysis:    "Ad hoc analysis",
	quickbi.WorksTypeDataForm:    "Data form",
}

func kindName(kind quickbi.WorksType) string {
	for known, name := range kinds {
		if strings.EqualFold(string(kind), string(known)) {
			return name
		}
	}
	return "Report"
}

var errNoPage = errors.New("there is no such page for the viewer")

// sorry says what a reader can do about a failure. What it was is in the log only.
func (s *server) sorry(w http.ResponseWriter, r *http.Request, err error) {
	status, title, advice := http.StatusBadGateway, "This did not work", "Try again in a minute. If it happens again, tell whoever runs this server: its log says why."
	switch {
	case errors.Is(err, embedhttp.ErrNobody):
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

func (s *server) render(w http.ResponseWriter, r *http.Request, name string, viewer quickbi.User, data any) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	return pages.ExecuteTemplate(w, name, view{language(r.Header.Get("Accept-Language")), viewer, s.sessions != nil, data})
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
