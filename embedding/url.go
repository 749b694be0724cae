package embedding

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/loopback"
)

// ErrUnknownForm says that nobody has written down what the URLs of a kind of
// works look like. Quick BI's console shows them: copy the one of the work into
// [Page.PreviewURL].
var ErrUnknownForm = errors.New("no form of URLs is known for the kind")

// A Form is what the URLs of a kind of works look like, from the host on:
// Path?IDParameter=<works id>&accessTicket=<ticket>, and &cmptId=<component id>
// for a component of a dashboard.
type Form struct {
	Path        string
	IDParameter string
	// Documented says that Alibaba Cloud's documentation shows the form. One that is
	// not documented was seen in code of users: compare it with what Quick BI's
	// console shows before you rely on it, and use [Page.PreviewURL] if it differs.
	Documented bool
}

// forms are the known forms. Ad hoc analyses, data forms, portals and Smart Q
// have none.
var forms = map[quickbi.WorksType]Form{
	quickbi.WorksTypeDashboard:   {Path: "/token3rd/dashboard/view/pc.htm", IDParameter: "pageId", Documented: true},
	quickbi.WorksTypeSpreadsheet: {Path: "/token3rd/report/view.htm", IDParameter: "id"}, // pageId has been seen too, but not in a working URL
	quickbi.WorksTypeSelfService: {Path: "/token3rd/offline/view/pc.htm", IDParameter: "pageId"},
	quickbi.WorksTypeScreen:      {Path: "/token3rd/screen/view/pc.htm", IDParameter: "pageId"},
}

// FormOf returns the form of a kind of works, or [ErrUnknownForm]. Letter case
// does not matter.
func FormOf(kind quickbi.WorksType) (Form, error) {
	for known, form := range forms {
		if isKind(kind, known) {
			return form, nil
		}
	}
	return Form{}, fmt.Errorf("%w %q: give the URL of the work as PreviewURL", ErrUnknownForm, kind)
}

const defaultRegion = "cn-hangzhou"

// hosts show the works of organizations, by region. They are documented. The
// hosts of the API, quickbi-public.<region>.aliyuncs.com, are others.
var hosts = map[string]string{
	defaultRegion:    "bi.aliyun.com",
	"ap-southeast-1": "bi-ap-southeast-1.data.aliyun.com", // Singapore
	"ap-southeast-3": "bi-ap-southeast-3.data.aliyun.com", // Kuala Lumpur
	"ap-southeast-5": "bi-ap-southeast-5.data.aliyun.com", // Jakarta
	"cn-hongkong":    "bi-cn-hongkong.data.aliyun.com",
	"eu-central-1":   "bi-eu-central-1.data.aliyun.com", // Frankfurt
}

// The parameters of all URLs.
const (
	ticketParameter    = "accessTicket"
	componentParameter = "cmptId"
)

// A link is the URL of a page, but for the ticket.
type link struct {
	url       url.URL
	component string // comes behind the ticket
}

// with returns the URL with the ticket.
func (l link) with(ticket string) string {
	l.url.RawQuery += "&" + ticketParameter + "=" + url.QueryEscape(ticket)
	if l.component != "" {
		l.url.RawQuery += "&" + componentParameter + "=" + url.QueryEscape(l.component)
	}
	return l.url.String()
}

// link finds where the page is.
func (e Embedder) link(page *Page) (link, error) {
	if page.PreviewURL != "" {
		return ownLink(page)
	}
	form, err := FormOf(page.Kind)
	if err != nil {
		return link{}, err
	}
	base, err := e.base()
	if err != nil {
		return link{}, err
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + form.Path
	base.RawQuery = form.IDParameter + "=" + url.QueryEscape(page.WorksID)
	return link{*base, page.ComponentID}, nil
}

func (e Embedder) base() (*url.URL, error) {
	if e.BaseURL != "" {
		base, err := parse("BaseURL", e.BaseURL)
		if err == nil && (base.RawQuery != "" || base.Fragment != "") {
			err = errors.New("more than a scheme, a host and a path in BaseURL")
		}
		return base, err
	}
	region := e.Region
	if region == "" {
		region = defaultRegion
	}
	host, ok := hosts[region]
	if !ok {
		return nil, fmt.Errorf("no host is known for Region %q (only for %s): give it as BaseURL",
			region, strings.Join(slices.Sorted(maps.Keys(hosts)), ", "))
	}
	return &url.URL{Scheme: "https", Host: host}, nil
}

// ownLink takes the caller's URL. What it says must agree with the rest of the page.
func ownLink(page *Page) (link, error) {
	own, err := parse("PreviewURL", page.PreviewURL)
	if err != nil {
		return link{}, err
	}
	query, err := url.ParseQuery(own.RawQuery)
	if err != nil { // its text repeats a part of the URL
		return link{}, errors.New("PreviewURL has parameters that cannot be read")
	}
	found, component := false, page.ComponentID
	for parameter, values := range query {
		name := strings.ToLower(parameter) // whether the service minds letter case is not documented
		switch name {
		case "accessticket", "accesstoken":
			return link{}, fmt.Errorf("PreviewURL has the parameter %s: take it out, a new ticket comes in its place", parameter)
		case "pageid", "id", "cmptid":
		default:
			continue
		}
		switch {
		case len(values) > 1: // nor which of them counts
			return link{}, fmt.Errorf("PreviewURL has the parameter %s more than once", parameter)
		case name == "cmptid" && values[0] != page.ComponentID:
			return link{}, fmt.Errorf("PreviewURL shows the component %q, but ComponentID is %q", values[0], page.ComponentID)
		case name == "cmptid":
			component = "" // it is there already
		case values[0] != page.WorksID:
			return link{}, fmt.Errorf("PreviewURL shows the work %q, but WorksID is %q", values[0], page.WorksID)
		default:
			found = true
		}
	}
	if !found {
		if own.RawQuery != "" {
			own.RawQuery += "&"
		}
		own.RawQuery += "pageId=" + url.QueryEscape(page.WorksID) // as the documentation has it for all kinds
	}
	return link{*own, component}, nil
}

// parse reads a URL that a ticket is going to be put into. Errors do not repeat
// it: it may hold a password or somebody's ticket.
func parse(field, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s is not a URL", field)
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, fmt.Errorf("%s does not begin with https:// and a host", field)
	case u.User != nil:
		return nil, fmt.Errorf("%s has a user name", field)
	case u.Scheme == "http" && !loopback.IsHost(u.Hostname()):
		return nil, fmt.Errorf("%s is plain http to %s, which shows the ticket to anyone on the way: use https", field, u.Hostname())
	}
	return u, nil
}
