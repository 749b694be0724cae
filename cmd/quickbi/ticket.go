package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/embedding"
)

func (a *app) ticketCommand() *cobra.Command {
	var page embedding.Page
	var kind, user, base string
	var owner bool
	cmd := &cobra.Command{
		Use:   "ticket WORKS-ID",
		Short: "Make a URL that opens a report without a login",
		Long: `Makes a ticket for a work and writes the URL that it goes into. Whoever has the
URL sees the work with the viewer's rights, so give it to nobody else.`,
		Example: lines(
			"quickbi ticket revenue -user ann -emulator",
			"quickbi ticket revenue -user ann -kind PAGE -uses 3 -lifetime 30m -emulator",
		),
		Args: exactArgs(1, "the id of the work"),
		RunE: func(cmd *cobra.Command, args []string) error {
			page.WorksID, page.Kind = args[0], quickbi.WorksType(kind)
			switch {
			case owner == (user != ""):
				return errors.New("give the viewer whose rights apply: -user with a Quick BI user id, or -as-owner")
			case owner:
				page.Viewer = embedding.AsOwner()
			default:
				page.Viewer = embedding.AsUser(user)
			}
			return a.ticket(cmd.Context(), page, base)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&kind, "kind", string(quickbi.WorksTypeDashboard), "`kind` of the work, as quickbi api CreateTicket has them")
	flags.StringVar(&user, "user", "", "Quick BI `ID` of the member whose rights apply")
	flags.BoolVar(&owner, "as-owner", false, "show all that the owner of the work may see")
	flags.IntVar(&page.Uses, "uses", 1, "how often the URL can be opened, a `number` up to 99999")
	flags.DurationVar(&page.Lifetime, "lifetime", 10*time.Minute, "after what `time` it expires, whole minutes up to 240m")
	flags.StringVar(&page.ComponentID, "component", "", "show one `component` of a dashboard")
	flags.StringVar(&page.Watermark, "watermark", "", "`text` laid over the page")
	flags.StringVar(&page.PreviewURL, "preview", "", "`URL` of the work without a ticket, as the console shows it")
	flags.StringVar(&base, "base", "", "where works are shown, if not on the region's `host`")
	meant(flags, "user", "uses", "lifetime")
	return cmd
}

func (a *app) ticket(ctx context.Context, page embedding.Page, base string) error {
	client, done, err := a.connect()
	if err != nil {
		return err
	}
	defer done()
	if a.emulator && base == "" {
		base = client.Endpoint().String()
	}
	ticket, err := embedding.Embedder{Client: client, Region: a.region, BaseURL: base}.NewTicket(ctx, page)
	if err != nil {
		return err
	}
	place, err := ticket.URL()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, place)
	return err
}
