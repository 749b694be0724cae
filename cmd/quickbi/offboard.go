package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
	"github.com/quickbi-go/quickbi/offboarding"
)

func (a *app) offboardCommand() *cobra.Command {
	var o offboarding.Offboarder
	var list, out, apply, restore string
	cmd := &cobra.Command{
		Use:   "offboard [MEMBER…]",
		Short: "Take members out of the organization",
		Long: `Takes members out of all user groups and out of the organization, and hands
their works to another. It shows what they have and what would be done, and asks.
Members are named by Quick BI id, UID or account name. It cannot be undone; one
who was taken out of the groups, but could not be deleted, is put back with
-restore.

The exit code is 2 if a plan was saved and not applied, 3 if somebody is still a
member or who is meant is not clear, 4 if there are more leavers than -max.`,
		Example: lines(
			"quickbi offboard eve@example.com -to ann@example.com -yes -emulator",
			"quickbi offboard -list leavers.txt -to ann@example.com -out leavers.json -emulator",
		),
		RunE: func(cmd *cobra.Command, args []string) error {
			members, err := withList(list, args)
			switch {
			case err != nil:
				return err
			case apply != "" && restore != "":
				return errors.New("-apply and -restore exclude each other")
			case (apply != "" || restore != "") && (len(members) > 0 || o.Successor != "" || out != ""):
				return errors.New("-apply and -restore take everything from the file")
			case apply == "" && restore == "" && (len(members) == 0 || o.Successor == ""):
				return errors.New("name who leaves, and with -to who gets the works")
			}
			client, done, err := a.connect()
			if err != nil {
				return err
			}
			defer done()
			o.Client = client
			if apply != "" {
				o.Reports = cmp.Or(o.Reports, filepath.Dir(apply)) // it tells whether the plan was applied before
			}
			o.Progress = func(e offboarding.Event) {
				if e.State != offboarding.Began {
					fmt.Fprintln(a.out, " ", a.translate(e.String()))
				}
			}
			if restore != "" {
				return a.restore(cmd.Context(), o, restore)
			}
			return offboardExit(a.offboard(cmd.Context(), o, members, out, apply))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Successor, "to", "", "`member` who gets the works")
	flags.StringVar(&list, "list", "", "`file` with a member a line")
	flags.BoolVar(&o.GiveUpWorks, "give-up-works", false, "if members have to leave their workspaces first, the service chooses who gets the works there")
	flags.BoolVar(&o.KeepSmartQ, "keep-smartq", false, "keep the member's right to ask Smart Q from the successor")
	flags.IntVar(&o.MaxLeavers, "max", 100, "take out at most this `number` of members")
	flags.StringVar(&o.Reports, "reports", "", "`directory` in which the report grows; with -apply, without it, that of the plan")
	flags.StringVar(&out, "out", "", "save the plan to a `file` that is not there yet, and do nothing")
	flags.StringVar(&apply, "apply", "", "apply the plan in a `file`")
	flags.StringVar(&restore, "restore", "", "put members back into the groups that the report in a `file` names")
	flags.BoolVar(&a.yes, "yes", false, "do not ask")
	meant(flags, "to", "list", "max", "reports", "out", "apply", "restore")
	return cmd
}

// withList adds the lines of a file to the names of members.
func withList(name string, members []string) ([]string, error) {
	if name == "" {
		return members, nil
	}
	text, err := os.ReadFile(name)
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" {
			members = append(members, line)
		}
	}
	return members, err
}

func (a *app) offboard(ctx context.Context, o offboarding.Offboarder, members []string, out, apply string) error {
	plan, unclear, err := a.offboardPlan(ctx, o, members, apply)
	if err != nil {
		return err
	}
	if err := plan.Print(a.translated(a.out)); err != nil {
		return err
	}
	if out != "" {
		if err := writeNew(out, plan.Encode); err != nil {
			return err
		}
		fmt.Fprintln(a.out, a.text("The plan is saved. quickbi offboard -apply %s applies it.", terminal.Name(out)))
		if err := errors.Join(unclear, plan.Obstacle()); err != nil {
			return err
		}
		return &exit{code: exitPending}
	}
	if !slices.ContainsFunc(plan.Leavers, func(l *offboarding.Leaver) bool { return l.Obstacle() == nil }) {
		return errors.Join(unclear, plan.Obstacle())
	}
	if err := a.confirm(ctx, "This cannot be undone. Go on?"); err != nil {
		return err
	}
	report, err := plan.Apply(ctx)
	if report == nil || err == nil {
		return errors.Join(unclear, err)
	}
	a.showOffboarded(plan, report, o.Reports)
	return errors.Join(unclear, a.ended(ctx, err))
}

// showOffboarded says who has left, who has not, and how to go on.
func (a *app) showOffboarded(plan *offboarding.Plan, report *offboarding.Report, reports string) {
	left, withdrawn := 0, 0
	var not []string
	for _, l := range plan.Leavers {
		why := a.text("not tried")
		if i := slices.IndexFunc(report.Results, func(r *offboarding.Result) bool { return r.UserID == l.UserID }); i >= 0 {
			result := report.Results[i]
			if result.Deleted {
				left++
				continue
			}
			if len(result.Groups) > 0 {
				withdrawn++
			}
			first, _, _ := strings.Cut(result.Error, "\n")
			why = a.translate(terminal.Line(packageName.ReplaceAllString(first, "")))
		}
		not = append(not, a.text("Not done: %s: %s", l, why))
	}
	fmt.Fprintln(a.out, a.text("Done: %d of %d members have left", left, len(plan.Leavers)))
	a.firstLines(not)
	if reports != "" {
		file := planfile.JournalPath(reports, plan.ID)
		fmt.Fprintln(a.out, a.text("Report: %s", file))
		if withdrawn > 0 {
			fmt.Fprintln(a.out, a.text("Out of their user groups, but still members: %d. quickbi offboard -restore %s puts them back.", withdrawn, terminal.Name(file)))
		}
	}
	fmt.Fprintln(a.out, a.text("To go on, run quickbi offboard for those who are left."))
}

// offboardPlan makes a plan or reads it. Those of whom it is not clear who is
// meant are an error beside the plan for the others.
func (a *app) offboardPlan(ctx context.Context, o offboarding.Offboarder, members []string, apply string) (plan *offboarding.Plan, unclear, err error) {
	if apply == "" {
		if plan, unclear = o.Plan(ctx, members...); plan == nil {
			return nil, nil, unclear
		}
		return plan, unclear, nil
	}
	f, err := os.Open(apply)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	plan, err = o.Decode(f)
	return plan, nil, err
}

// offboardExit gives an error the exit code that scripts expect.
func offboardExit(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*exit](err); ok {
		return err
	}
	_, obstacle := errors.AsType[*offboarding.Obstacle](err)
	switch {
	case errors.Is(err, offboarding.ErrTooManyLeavers):
		return &exit{exitGuard, err}
	case obstacle, errors.Is(err, quickbi.ErrUserNotInOrganization), errors.Is(err, quickbi.ErrAccountNameAmbiguous):
		return &exit{exitProblems, err}
	}
	return err
}

func (a *app) restore(ctx context.Context, o offboarding.Offboarder, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	report, err := offboarding.ReadReport(f)
	if err != nil {
		return fmt.Errorf("%s: %w", terminal.Name(name), err)
	}
	if err := o.Restore(ctx, report); err != nil {
		return err
	}
	back := 0
	for _, r := range report.Results {
		if !r.Deleted && len(r.Groups) > 0 {
			back++
		}
	}
	fmt.Fprintln(a.out, a.text("Done: %d members are back in their user groups", back))
	return nil
}
