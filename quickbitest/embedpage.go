package quickbitest

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// pagesPath is where embedded works are shown.
const pagesPath = "/token3rd/"

// A pageForm is an address at which works of one type are shown.
type pageForm struct {
	kind  string   // WorkType
	works []string // parameters of the address, one of which has the id of the work
}

// pageForms are the known addresses, from the documentation or from users' code.
// Spreadsheets are seen with both parameters.
var pageForms = map[string]pageForm{
	"/token3rd/dashboard/view/pc.htm": {"PAGE", []string{"pageId"}},
	"/token3rd/report/view.htm":       {"REPORT", []string{"id", "pageId"}},
	"/token3rd/offline/view/pc.htm":   {"dashboardOfflineQuery", []string{"pageId"}},
	"/token3rd/screen/view/pc.htm":    {"SCREEN", []string{"pageId"}},
}

// fits says whether works of the type are shown at the path. A type without a known
// address is shown at every address that belongs to no other type.
func (f pageForm) fits(known bool, w *work) bool {
	if known {
		return f.kind == w.kind.name
	}
	for _, other := range pageForms {
		if other.kind == w.kind.name {
			return false
		}
	}
	return true
}

// A visit is what an embedded page shows.
type visit struct {
	Work, Kind, Workspace string
	Component             string
	Viewer                string // nickname
	Watermark             string
	GlobalParam           string
	Left                  int // visits that the ticket has left
}

// visit lets the holder of a ticket in, and takes one use of it. A refused visitor
// keeps the use. A visit to a work leaves a line in the access log. At which address agents
// are shown is not documented: it is one that belongs to no kind of works.
func (o *organization) visit(path string, params url.Values, device string, now time.Time) (visit, error) {
	id := params.Get("accessTicket")
	if id == "" {
		return visit{}, gateway.Refuse("Authorize3rdTicket.HasNo.LoginToken", "The address has no ticket.")
	}
	t, err := o.findTicket(id, now)
	if err != nil {
		return visit{}, err
	}
	form, known := pageForms[path]
	if !known {
		form.works = []string{"pageId", "id"}
	}
	asked := slices.ContainsFunc(form.works, func(name string) bool {
		id := params.Get(name)
		return t.work != nil && id == t.work.WorksID || t.aiPro != nil && id == t.aiPro.AIProID && !known
	})
	component := params.Get("cmptId")
	if !asked || t.ComponentID != "" && t.ComponentID != component {
		return visit{}, gateway.Refuse("Authorize3rdTicket.BindedWorks.Mismatch", "The ticket is made for another page.")
	}
	c := &call{organization: o, now: now}
	viewer := c.seenBy(t)
	if t.aiPro != nil {
		t.UsedTicketNum++
		return visit{Work: t.aiPro.ShowName, Kind: "agent", Viewer: viewer.NickName, Left: t.MaxTicketNum - t.UsedTicketNum}, nil
	}
	w, err := o.findEmbeddedWork(t.work.WorksID, "Report.NotExist")
	switch {
	case err != nil:
		return visit{}, err
	case !form.fits(known, w), component != "" && !w.hasComponent(component):
		return visit{}, gateway.Refuse("Report.NotExist", "The work has no such page.")
	}
	t.UsedTicketNum++
	entry := AuditLogEntry{
		LogType: string(accessLog), CreatedTime: written(now), OperatorType: "VIEW", TargetID: w.WorksID, TargetType: worksTarget,
		AccessSource: "IMBEDDED", AccessDevice: device,
	}
	if component != "" {
		entry.AccessSource = "IMBEDDED_COMPONENT"
	}
	entry.by(viewer)
	o.describe(&entry)
	o.audit.add(entry, auditDay(now), now)
	return visit{
		Work: w.WorksName, Kind: w.kind.resource, Workspace: w.workspace.WorkspaceName, Component: component, Viewer: viewer.NickName,
		Watermark: t.WatermarkParam, GlobalParam: t.GlobalParam, Left: t.MaxTicketNum - t.UsedTicketNum,
	}, nil
}

// servePage answers a browser. The page has no scripts and fetches nothing.
func (e *Emulator) servePage(w http.ResponseWriter, r *http.Request) {
	now := e.Now()
	header := w.Header()
	header.Set("Date", now.UTC().Format(http.TimeFormat))
	if r.Method != http.MethodGet {
		header.Set("Allow", http.MethodGet) // HEAD must not use up a ticket
		http.Error(w, "Pages are to be fetched by GET.", http.StatusMethodNotAllowed)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	header.Set("Referrer-Policy", "no-referrer") // the address has the ticket
	header.Set("X-Content-Type-Options", "nosniff")

	device := "PC"
	if strings.Contains(r.UserAgent(), "Mobile") {
		device = "MOBILE"
	}
	e.mu.Lock()
	v, err := e.org.visit(r.URL.Path, r.URL.Query(), device, now)
	e.mu.Unlock()

	page, status := any(v), http.StatusOK
	name := "work"
	if refused, ok := errors.AsType[*gateway.Refusal](err); ok {
		name, page, status = "refusal", map[string]string{"Code": refused.Code, "Message": refused.Message}, refused.Status
	}
	e.log.DebugContext(r.Context(), "page", "path", r.URL.Path, "status", status)
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, name, page) // fails if the browser has gone
}

var pages = template.Must(template.New("").Parse(`
{{- define "head"}}<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.}}</title>
<style>
body { font: 16px/1.5 sans-serif; margin: 2em; color: #222; background: #fff }
dt { color: #666 } dd { margin: 0 0 .5em }
code { overflow-wrap: anywhere }
.watermark { opacity: .15; font-size: 3em; transform: rotate(-20deg); text-align: center }
</style>
{{end}}

{{- define "work"}}{{template "head" .Work}}<h1>{{.Work}}</h1>
<p>This is where the {{.Kind}} would be. It is the emulator's stand-in.</p>
<dl>
<dt>Viewer<dd id="viewer">{{.Viewer}}
<dt>Workspace<dd>{{.Workspace}}
{{- with .Component}}
<dt>Component<dd id="component">{{.}}
{{- end}}
{{- with .GlobalParam}}
<dt>Global parameters<dd><code id="global-param">{{.}}</code>
{{- end}}
<dt>Visits left<dd id="left">{{.Left}}
</dl>
{{- with .Watermark}}
<p class="watermark" id="watermark">{{.}}
{{- end}}
</html>
{{end}}

{{- define "refusal"}}{{template "head" "Refused"}}<h1>The page cannot be shown</h1>
<p id="message">{{.Message}}</p>
<p><code id="code">{{.Code}}</code></p>
</html>
{{end}}`))
