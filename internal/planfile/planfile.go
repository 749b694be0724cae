// Package planfile keeps plans and reports. A plan is a JSON document that another
// process checks and applies later. A report is a file of JSON Lines that grows
// while changes are made, so that whatever ends a process leaves a record.
package planfile

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
)

// DefaultMaxAge is how long a plan can be applied if nothing else is chosen.
const DefaultMaxAge = 24 * time.Hour

// Why a plan is refused.
var (
	ErrExpired           = errors.New("the plan is too old")
	ErrOtherOrganization = errors.New("the plan is for another organization")
	ErrApplied           = errors.New("the plan has been applied already")
)

// A Header begins every document. Documents embed it.
type Header struct {
	Format       string    `json:"format"` // such as "quickbi offboarding plan"
	Version      int       `json:"version"`
	ID           string    `json:"id"` // unique; sorted by name, plans are sorted by time
	Created      time.Time `json:"created"`
	Expires      time.Time `json:"expires"`
	Organization string    `json:"organization"`     // see [Organization]
	Source       string    `json:"source,omitempty"` // hash of what the plan was made from
}

// NewHeader begins a document. Without a maxAge, it is [DefaultMaxAge].
func NewHeader(format string, version int, organization string, maxAge time.Duration) Header {
	if maxAge == 0 {
		maxAge = DefaultMaxAge
	}
	now := time.Now().UTC()
	return Header{
		Format: format, Version: version,
		ID:      now.Format("20060102T150405Z") + "-" + rand.Text()[:10],
		Created: now, Expires: now.Add(maxAge), Organization: organization,
	}
}

// Check returns an error if the plan must not be applied now, in this organization.
func (h Header) Check(organization string) error {
	now := time.Now()
	switch {
	case organization != h.Organization:
		return fmt.Errorf("%w: it was made for %q, and this is %q", ErrOtherOrganization, h.Organization, organization)
	case now.After(h.Expires):
		return fmt.Errorf("%w: it was made at %s and could be applied until %s; make a new one",
			ErrExpired, h.Created.Format(time.RFC3339), h.Expires.Format(time.RFC3339))
	case h.Created.After(now.Add(time.Hour)):
		return fmt.Errorf("the plan was made at %s, which is yet to come", h.Created.Format(time.RFC3339))
	}
	return nil
}

// Organization returns the id of the organization that the client works on. Only
// the workspaces tell it: it is empty in an organization that has none.
func Organization(ctx context.Context, client *quickbi.Client) (string, error) {
	resp, err := client.QueryOrganizationWorkspaceList(ctx, &quickbi.QueryOrganizationWorkspaceListRequest{PageSize: 1})
	if err != nil || len(resp.Result.Data) == 0 {
		return "", err
	}
	return resp.Result.Data[0].OrganizationID, nil
}

// Encode writes a document as indented JSON.
func Encode(w io.Writer, document any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(document)
}

// Decode reads a document, which must have this format and version, nothing that
// T does not know, and nothing after it.
func Decode[T any](r io.Reader, format string, version int) (*T, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var head Header
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("this is no %s: %w", format, err)
	}
	if err := head.is(format, version); err != nil {
		return nil, err
	}
	var document T
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&document); err != nil {
		return nil, fmt.Errorf("reading the %s: %w", format, err)
	}
	return &document, nil
}

func (h Header) is(format string, version int) error {
	switch {
	case h.Format != format:
		return fmt.Errorf("this is no %s: its format is %q", format, h.Format)
	case h.Version != version:
		return fmt.Errorf("this %s has version %d, and this program knows version %d", format, h.Version, version)
	case h.ID == "" || strings.ContainsFunc(h.ID, func(r rune) bool { return !isIDRune(r) }):
		return fmt.Errorf("this %s has the id %q, which no plan has", format, h.ID)
	}
	return nil
}

// isIDRune keeps an id that becomes the name of a file from naming another file.
func isIDRune(r rune) bool {
	return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r == '-'
}
