// Package embedding shows works of Quick BI in pages of your own, to people who
// are not logged in to Quick BI:
//
//	embedder := embedding.Embedder{Client: client, Region: "ap-southeast-1"}
//	ticket, err := embedder.NewTicket(ctx, embedding.Page{
//		WorksID: worksID,
//		Kind:    quickbi.WorksTypeDashboard,
//		Viewer:  embedding.AsUser(userID),
//	})
//	if err != nil { … }
//	src, err := ticket.URL() // for an iframe
//
// A work can be embedded if it is published and opened for embedding, see
// [quickbi.Client.UpdateEmbeddedStatus]. A ticket opens one page, a number of
// times, for a while, with somebody's rights. Whoever has it can use it, so that
// a [Ticket] shows itself nowhere but in the URL that it is made for, and goes
// into no second one.
//
// Of the URLs, those of dashboards and their components are documented by
// Alibaba Cloud. Others are known from what its users write, see [Form]. Of the
// rest no form is known, and none is guessed: [Page] takes a URL of your own.
package embedding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi"
)

// The documented limits of tickets.
const (
	MaxUses      = 99_999
	MaxLifetime  = 240 * time.Minute // and the default
	MaxWatermark = 50                // characters
)

// An Embedder makes tickets. It can be used by several goroutines at once.
type Embedder struct {
	Client *quickbi.Client
	// Region is that of the organization, and decides on which host its works are
	// shown; left out, it is cn-hangzhou, as it is for clients. A region whose host
	// is not known needs BaseURL.
	Region string
	// BaseURL takes the place of the region's host: "https://bi.example.com". Plain
	// http is for this machine only.
	BaseURL string
}

// A Page is what a ticket opens: a work, or a component of one, as a viewer is to
// see it.
type Page struct {
	WorksID string
	// Kind is what the work is. Letter case does not matter, so that a
	// [quickbi.WorksType] can be converted.
	Kind quickbi.WorksType
	// ComponentID shows one component in place of the whole work; dashboards only.
	// [quickbi.Client.QueryWorksBloodRelationship] lists the components.
	ComponentID string
	// PreviewURL is the URL of the work without a ticket, as Quick BI's console
	// shows it. It takes the place of the known form and of the host. Parameters
	// that it lacks are added. Plain http is for this machine only.
	PreviewURL string

	// Viewer is who sees the page: [AsUser], [AsAccount] or [AsOwner].
	Viewer Viewer
	// Uses is how often the ticket can be used, 1 to [MaxUses]; left out, and
	// advised, once. Each load of the page is a use.
	Uses int
	// Lifetime is after how long the ticket expires, in whole minutes up to
	// [MaxLifetime], which it is if it is left out.
	Lifetime time.Duration
	// Watermark is a text laid over the page, [MaxWatermark] characters at most; not
	// for data screens.
	Watermark string
	// GlobalParams sets global parameters of the work.
	GlobalParams quickbi.GlobalParams
}

// Works lists the works that a member may view and that can be embedded: those
// that are published and opened for embedding. To offer what
// [quickbi.Client.GetWorksEmbedList] lists would be to offer works that the member
// may not view, and whether a ticket for one of these opens is not documented.
func (e Embedder) Works(ctx context.Context, userID string) ([]quickbi.Works, error) {
	if e.Client == nil {
		return nil, problems{errNoClient}
	}
	readable, err := e.Client.QueryReadableResourcesListByUserIdV2(ctx, &quickbi.QueryReadableResourcesListByUserIdV2Request{UserID: userID})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(readable.Result, func(w quickbi.Works) bool {
		published := w.Status == quickbi.WorksStatusPublished || w.Status == quickbi.WorksStatusModified
		return !published || w.ThirdPartAuthFlag != quickbi.WorksEmbeddingOn || isKind(w.WorksType, quickbi.WorksTypePortal)
	}), nil
}

// NewTicket makes a ticket for the page. A page that cannot be is refused before
// anything is sent, with all that is wrong in one error of class
// [quickbi.ErrInvalidRequest]; one of a kind without a known URL is
// [ErrUnknownForm], too.
//
// Errors of the service are those of [quickbi.Client.CreateTicket]. After
// [quickbi.ErrOutcomeUnknown] it does no harm to make another ticket: nobody
// knows the one that may have been made, and it expires.
func (e Embedder) NewTicket(ctx context.Context, page Page) (*Ticket, error) {
	place, err := e.check(&page)
	if err != nil {
		return nil, err
	}
	request := &quickbi.CreateTicketRequest{
		WorksID:        page.WorksID,
		ComponentID:    page.ComponentID,
		TicketNum:      page.Uses,
		ExpireTime:     int(page.Lifetime / time.Minute),
		WatermarkParam: page.Watermark,
		GlobalParam:    page.GlobalParams,
	}
	page.Viewer.fill(request)
	// The ticket's life begins later, if anything. Without its monotonic part the
	// time is right after the machine has slept, too.
	asked := time.Now().Round(0)
	made, err := e.Client.CreateTicket(ctx, request)
	if err != nil {
		return nil, err
	}
	return &Ticket{
		WorksID:     page.WorksID,
		ComponentID: page.ComponentID,
		Viewer:      page.Viewer,
		Uses:        page.Uses,
		Expires:     asked.Add(page.Lifetime),
		secret:      &ticketSecret{ticket: made.Result, url: quickbi.NewSecret(place.with(made.Result.Reveal()))},
	}, nil
}

var errNoClient = errors.New("Embedder.Client is missing")

// problems is all that is wrong with a page.
type problems []error

func (p problems) Unwrap() []error { return p }

// Is matches the class of requests that are not sent.
func (p problems) Is(target error) bool { return target == quickbi.ErrInvalidRequest }

func (p problems) Error() string {
	texts := make([]string, len(p))
	for i, err := range p {
		texts[i] = err.Error()
	}
	return "embedding: " + strings.Join(texts, "; ")
}

// check fills in what the page leaves out, and finds where it is.
func (e Embedder) check(page *Page) (link, error) {
	var wrong problems
	problem := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }

	if page.Uses == 0 {
		page.Uses = 1
	}
	if page.Lifetime == 0 {
		page.Lifetime = MaxLifetime
	}
	if e.Client == nil {
		problem("%w", errNoClient)
	}
	if page.WorksID == "" {
		problem("WorksID is missing")
	}
	var place link
	if page.Kind == "" {
		problem("Kind is missing")
	} else {
		var err error
		if place, err = e.link(page); err != nil {
			problem("%w", err)
		}
	}
	if page.ComponentID != "" && page.Kind != "" && !isKind(page.Kind, quickbi.WorksTypeDashboard) {
		problem("ComponentID is given for a work of kind %q: only dashboards have components", page.Kind)
	}
	if err := page.Viewer.check(); err != nil {
		problem("%w", err)
	}
	if page.Uses < 1 || page.Uses > MaxUses {
		problem("Uses is %d, not within 1 and %d", page.Uses, MaxUses)
	}
	if page.Lifetime < time.Minute || page.Lifetime > MaxLifetime || page.Lifetime%time.Minute != 0 {
		problem("Lifetime is %v, not a number of whole minutes within 1 and %d", page.Lifetime, MaxLifetime/time.Minute)
	}
	if n := utf8.RuneCountInString(page.Watermark); n > MaxWatermark {
		problem("Watermark has %d characters, more than %d", n, MaxWatermark)
	}
	if page.Watermark != "" && isKind(page.Kind, quickbi.WorksTypeScreen) {
		problem("Watermark is given for a data screen, which cannot have one")
	}
	if wrong != nil {
		return link{}, wrong
	}
	return place, nil
}

func isKind(kind, other quickbi.WorksType) bool {
	return strings.EqualFold(string(kind), string(other))
}
