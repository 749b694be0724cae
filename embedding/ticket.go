package embedding

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/quickbi-go/quickbi"
)

// ErrTicketTaken says that a ticket has been put into a URL already. In a second
// one the service would not know it.
var ErrTicketTaken = errors.New("embedding: the ticket is in a URL already; make one for every URL")

// A Ticket opens one page. Its fields say what it gives; the ticket itself does
// not show: not with any verb of fmt, not in logs, not in JSON. It can be used by
// several goroutines at once, and copies of it are the same ticket.
type Ticket struct {
	WorksID     string
	ComponentID string // empty: the whole work
	Viewer      Viewer
	Uses        int       // how often it can be used in all
	Expires     time.Time // by the clock of this machine; set it after DelayTicketExpireTime

	secret *ticketSecret
}

// ticketSecret is what the copies of a ticket share.
type ticketSecret struct {
	ticket, url quickbi.Secret
	taken       atomic.Bool
}

// URL returns the URL that opens the page, once; after that it is
// [ErrTicketTaken]. The URL holds the ticket: give it to the viewer's browser, and
// to nothing else, logs above all. A ticket that has expired in the meantime is
// [quickbi.ErrTicketExpired].
func (t Ticket) URL() (string, error) {
	if err := t.usable(); err != nil {
		return "", err
	}
	if t.secret.taken.Swap(true) {
		return "", ErrTicketTaken
	}
	return t.secret.url.Reveal(), nil
}

// ReloadURL returns what URL has returned before, for one more load of the same
// page by the same viewer. The ticket must have been made for several uses. How
// many of them are left is known to [quickbi.Client.QueryTicketInfo] only.
func (t Ticket) ReloadURL() (string, error) {
	if err := t.usable(); err != nil {
		return "", err
	}
	switch {
	case !t.secret.taken.Load():
		return "", errors.New("embedding: the ticket is in no URL yet, which could be loaded again")
	case t.Uses < 2:
		return "", fmt.Errorf("%w, and can be used only once", ErrTicketTaken)
	}
	return t.secret.url.Reveal(), nil
}

func (t Ticket) usable() error {
	switch {
	case t.secret == nil:
		return errors.New("embedding: the ticket was not made by NewTicket")
	case !time.Now().Before(t.Expires):
		return fmt.Errorf("embedding: the ticket is of no use any more: %w", quickbi.ErrTicketExpired)
	}
	return nil
}

// Secret returns the ticket itself, hidden, for calls such as
// [quickbi.Client.DeleteTicket] that are about it. To open the page use URL.
func (t Ticket) Secret() quickbi.Secret {
	if t.secret == nil {
		return quickbi.Secret{}
	}
	return t.secret.ticket
}

// String says what the ticket gives, and REDACTED in place of the ticket.
func (t Ticket) String() string {
	page := "works " + t.WorksID
	if t.ComponentID != "" {
		page += ", component " + t.ComponentID
	}
	return fmt.Sprintf("ticket REDACTED (%s, as %v, uses: %d, until %s)", page, t.Viewer, t.Uses, t.Expires.Format(time.DateTime))
}

// Format prints String for every verb and flag.
func (t Ticket) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue logs String.
func (t Ticket) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText encodes String, in JSON too.
func (t Ticket) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
