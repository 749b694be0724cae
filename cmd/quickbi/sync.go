package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/dirsync/ldap"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

func (a *app) syncCommand() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "sync",
		Short: "Make user groups and members follow a directory",
		Long: `Makes user groups, and who is in them, follow a file or an LDAP directory. A plan
says what would change; it is saved, read by somebody, and applied later.
docs/directory.md leads from a file to a job that runs every night.`,
		Example: lines("quickbi sync plan staff.csv -emulator"),
	})
	cmd.AddCommand(a.syncPlanCommand(), a.syncApplyCommand(), a.syncUndoCommand())
	return cmd
}

// syncRules are the flags that say what a plan may change.
func syncRules(flags *pflag.FlagSet, s *dirsync.Syncer) (check func() error) {
	var add string
	flags.StringArrayVar(&s.Within, "within", nil, "limit the plan to the group with this `path` and those below it; can be given several times (default: all groups)")
	flags.StringVar(&add, "add", "", "add accounts that are no members yet, those without a user type as this `type`: developer, analyst or viewer")
	flags.BoolVar(&s.AppendAccount, "append-account", false, "append the account to nicknames that are taken")
	flags.BoolVar(&s.DeleteMembers, "delete", false, "delete members whom the source does not name, except administrators; this cannot be undone")
	flags.BoolVar(&s.Deactivate, "deactivate", false, "deactivate members whom the source does not name, except administrators; with -delete, delete them after -delete-after; needs -reports")
	flags.DurationVar(&s.DeleteAfter, "delete-after", 0, "for what `time` members stay deactivated before they are deleted (default: 720h)")
	flags.BoolVar(&s.UpdateNickNames, "update-nicknames", false, "give members the nicknames of the source")
	flags.BoolVar(&s.UpdateUserTypes, "update-user-types", false, "give members the user types of the source")
	flags.BoolVar(&s.UpdateRoles, "update-roles", false, "give members the organization roles of the source")
	flags.BoolVar(&s.UpdateTags, "update-tags", false, "give user tags the values of the source")
	flags.BoolVar(&s.UpdateWorkspaces, "update-workspaces", false, "let members join the workspaces of the source, with the roles there")
	flags.StringArrayVar(&s.LeaveWorkspaces, "leave-workspace", nil, "`workspace`, by name or id, which members leave whose records do not name it; can be given several times")
	flags.StringVar(&s.Successor, "successor", "", "`account` that gets the works of deleted members (default: the owners of the workspaces)")
	flags.Float64Var(&s.MaxRemove, "max-remove", 0.1, "refuse to end more than this `share` of the memberships")
	flags.IntVar(&s.MaxRemoveCount, "max-remove-count", 1000, "refuse to end more than this `number` of memberships")
	flags.Float64Var(&s.MaxRemovePerGroup, "max-remove-per-group", 0.5, "refuse to take more than this `share` of its members, and more than 5, out of a group")
	flags.Float64Var(&s.MaxDelete, "max-delete", 0.01, "refuse to delete or deactivate more than this `share` of the members, and more than 3")
	flags.IntVar(&s.MaxDeleteCount, "max-delete-count", 50, "refuse to delete or deactivate more than this `number` of members")
	flags.IntVar(&s.MaxAdd, "max-add", 100, "refuse to take more than this `number` of paid seats")
	return func() (err error) {
		if add != "" {
			if s.AddMembersAs, err = dirsync.ParseUserType(add); err != nil {
				return fmt.Errorf("-add: %w", err)
			}
		}
		// Zero is the Syncer's default, and here it is nothing.
		for _, share := range []*float64{&s.MaxRemove, &s.MaxRemovePerGroup, &s.MaxDelete} {
			if *share == 0 {
				*share = -1
			}
		}
		for _, number := range []*int{&s.MaxRemoveCount, &s.MaxDeleteCount, &s.MaxAdd} {
			if *number == 0 {
				*number = -1
			}
		}
		return nil
	}
}

func (a *app) syncPlanCommand() *cobra.Command {
	var s dirsync.Syncer
	var file dirsync.CSVFormat
	var directory ldap.Source
	var passwordFile, groupsFile, out string
	cmd := &cobra.Command{
		Use:   "plan [FILE]",
		Short: "Show what would change",
		Long: `Shows what has to change for the organization to be as the source says, and saves
it with -out. The source is a CSV file, a file of JSON Lines whose name ends with
.jsonl, or an LDAP directory. The exit code is 2 if there are changes, 3 if there
are problems, 4 if there are more changes than the limits allow.`,
		Example: lines(
			"quickbi sync plan staff.csv -emulator",
			"quickbi sync plan staff.csv -within Sales -add viewer -out plan.json -emulator",
		),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil // -ldap takes the place of the file
			}
			return exactArgs(1, "")(cmd, args)
		},
	}
	flags := cmd.Flags()
	check := syncRules(flags, &s)
	flags.StringVar(&out, "out", "", "save the plan to a `file` that is not there yet")
	flags.StringVar(&s.Reports, "reports", "", "`directory` with the reports of sync apply, which tell whom -deactivate has deactivated and when")
	flags.StringVar(&groupsFile, "groups", "", "`file` with the keys of groups: CSV with the columns key and path, or JSON Lines; renamed in the source, a group is renamed")
	flags.StringVar(&file.Encoding, "encoding", "", "`encoding` of a CSV file that is not Unicode: gbk or gb18030")
	flags.StringToStringVar(&file.Columns, "column", nil, "`name=column`: which column of a CSV file is which, such as Abteilung=groups")
	flags.StringVar(&directory.URL, "ldap", "", "read the directory at this `URL`, such as ldaps://ldap.example.com")
	flags.StringVar(&directory.BindDN, "bind-dn", "", "`DN` that reads the directory")
	flags.StringVar(&passwordFile, "password-file", "", "`file` with its password")
	flags.StringVar(&directory.Base, "base", "", "`DN` below which people are")
	flags.StringVar(&directory.Filter, "filter", "", "`filter` for people (default: all)")
	flags.StringVar(&directory.GroupBase, "group-base", "", "`DN` below which groups are (default: people are in no groups)")
	flags.StringVar(&directory.GroupFilter, "group-filter", "", "`filter` for groups (default: all)")
	flags.StringVar(&directory.GroupKey, "group-key", "", "`attribute` of groups that never changes, entryUUID or objectGUID; renamed in the directory, a group is renamed")
	flags.StringVar(&directory.Attributes.AccountID, "id-attribute", "", "`attribute` with the UID of the cloud account")
	flags.StringVar(&directory.Attributes.AccountName, "account-attribute", "", "`attribute` with the account's name, such as sAMAccountName (default: uid)")
	flags.StringVar(&directory.Attributes.NickName, "nickname-attribute", "", "`attribute` with the nickname (default: displayName)")
	flags.StringVar(&directory.AccountPrefix, "account-prefix", "", "`text` before account names, such as acme:")
	flags.StringVar(&directory.AccountSuffix, "account-suffix", "", "`text` after account names, such as @acme.onaliyun.com")
	flags.BoolVar(&directory.StartTLS, "starttls", false, "encrypt a connection by ldap://")
	flags.BoolVar(&directory.Tree, "group-tree", false, "use the units that groups are in as paths")
	flags.BoolVar(&directory.Nested, "nested", false, "add the members of a group to the groups above it, too")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		switch {
		case (len(args) == 1) == (directory.URL != ""):
			return errors.New("name the source: a file, or a directory with -ldap")
		case groupsFile != "" && directory.URL != "":
			return errors.New("-groups is for files: say -group-key with -ldap")
		}
		return a.syncWith(&s, func() error {
			source, done, err := openSource(cmd.Context(), &s, args, file, directory, passwordFile)
			if err != nil {
				return err
			}
			defer done()
			if groupsFile != "" {
				if s.Groups, err = readGroups(groupsFile, file.Encoding); err != nil {
					return fmt.Errorf("%s: %w", groupsFile, err)
				}
			}
			plan, err := s.Plan(cmd.Context(), source)
			if err != nil {
				return err
			}
			return a.showPlan(plan, out)
		})
	}
	return cmd
}

// readGroups reads the keys of groups.
func readGroups(name, encoding string) ([]dirsync.Group, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if strings.EqualFold(filepath.Ext(name), ".jsonl") {
		return dirsync.JSONLinesGroups(f)
	}
	return dirsync.CSVFormat{Encoding: encoding}.Groups(f)
}

// openSource opens what is to be followed. An LDAP directory sets the groups of s, too.
func openSource(ctx context.Context, s *dirsync.Syncer, args []string, file dirsync.CSVFormat, directory ldap.Source, passwordFile string) (iter.Seq2[dirsync.Record, error], func(), error) {
	if directory.URL != "" {
		if passwordFile != "" {
			password, err := os.ReadFile(passwordFile)
			if err != nil {
				return nil, nil, err
			}
			directory.Password = ldap.Password(strings.TrimRight(string(password), "\r\n"))
		}
		directory.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if directory.GroupKey != "" {
			groups, records, err := directory.Read(ctx)
			s.Groups = groups
			return records, func() {}, err
		}
		return directory.Records(ctx), func() {}, nil
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, nil, err
	}
	done := func() { _ = f.Close() } // was only read
	if strings.EqualFold(filepath.Ext(args[0]), ".jsonl") {
		return dirsync.JSONLines(f), done, nil
	}
	return file.Records(f), done, nil
}

// syncWith runs f with a client in the Syncer.
func (a *app) syncWith(s *dirsync.Syncer, f func() error) error {
	client, done, err := a.connect()
	if err != nil {
		return err
	}
	defer done()
	s.Client = client
	return f()
}

// showPlan prints a plan, saves it, and says by the exit code what it has.
func (a *app) showPlan(plan *dirsync.Plan, out string) error {
	if err := plan.Print(a.translated(a.out)); err != nil {
		return err
	}
	if out != "" {
		if err := writeNew(out, plan.Encode); err != nil {
			return err
		}
		fmt.Fprintln(a.out, a.text("The plan is saved. quickbi sync apply %s applies it.", terminal.Name(out)))
	}
	if err := plan.Guard(); err != nil {
		return &exit{exitGuard, err}
	}
	if err := problemsOf(plan); err != nil {
		return err
	}
	if !plan.Empty() {
		return &exit{code: exitPending}
	}
	return nil
}

func problemsOf(plan *dirsync.Plan) error {
	if len(plan.Problems) > 0 || plan.Blocked != "" {
		return &exit{exitProblems, errors.New("the source has problems, which the plan lists")}
	}
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func (a *app) syncApplyCommand() *cobra.Command {
	var s dirsync.Syncer
	cmd := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Apply a plan that was saved",
		Long: `Applies a plan that sync plan or sync undo has saved. The report grows while
changes are made, so that it is there whatever happens: in the directory of
-reports, or beside the plan. A plan whose report is there is not applied again.
The limits are checked again. The exit code is 3 if the plan has problems, 4 if
it has more changes than the limits allow.`,
		Example: lines("quickbi sync apply plan.json -yes -reports reports -emulator"),
		Args:    exactArgs(1, "the file with the plan"),
	}
	check := syncRules(cmd.Flags(), &s)
	for _, name := range []string{
		"within", "add", "append-account", "delete", "successor", "deactivate", "delete-after",
		"update-nicknames", "update-user-types", "update-roles", "update-tags",
		"update-workspaces", "leave-workspace",
	} {
		_ = cmd.Flags().MarkHidden(name) // the plan has them
	}
	cmd.Flags().StringVar(&s.Reports, "reports", "", "`directory` in which the report grows; without it, that of the plan")
	cmd.Flags().DurationVar(&s.MaxAge, "max-age", 24*time.Hour, "refuse a plan that is older than this `time`")
	cmd.Flags().BoolVar(&a.yes, "yes", false, "do not ask")
	meant(cmd.Flags(), "reports", "max-age")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		s.Reports = cmp.Or(s.Reports, filepath.Dir(args[0])) // it tells whether the plan was applied before
		progress := a.progress()
		s.Progress = func(p dirsync.Progress) { progress.calls(p.Calls, p.OfCalls) }
		return a.syncWith(&s, func() error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			plan, err := s.Decode(cmd.Context(), f)
			if err != nil {
				return err
			}
			return a.applyPlan(cmd.Context(), plan, progress)
		})
	}
	return cmd
}

func (a *app) applyPlan(ctx context.Context, plan *dirsync.Plan, progress *progress) error {
	if err := plan.Guard(); err != nil {
		return &exit{exitGuard, err}
	}
	if !plan.Empty() {
		if err := a.confirm(ctx, "%s. Go on?", a.translate(plan.Counts().String())); err != nil {
			return err
		}
	}
	report, err := plan.Apply(ctx)
	progress.end()
	if report == nil {
		return err
	}
	fmt.Fprintln(a.out, a.text("Done: %s", a.translate(report.Done.String())))
	a.showFailures(ctx, report.Failed)
	if report.File != "" {
		fmt.Fprintln(a.out, a.text("Report: %s", report.File))
	}
	if err != nil {
		fmt.Fprintln(a.out, a.text("To go on, make a new plan with quickbi sync plan: it has what is left."))
		return a.ended(ctx, err)
	}
	return problemsOf(plan)
}

// maxFailures is how many failures are listed without -v.
const maxFailures = 3

// showFailures says which changes were not made: those that may have been made
// nevertheless first, and of those that were not tried only how many.
func (a *app) showFailures(ctx context.Context, failed []dirsync.Failure) {
	var inDoubt, refused []string
	untried := 0
	for _, f := range failed {
		line := a.translate(f.Change.String()) + ": " + terminal.Line(a.describe(f.Err))
		switch {
		case errors.Is(f.Err, quickbi.ErrOutcomeUnknown):
			inDoubt = append(inDoubt, a.text("Perhaps done: %s", line))
		case ctx.Err() != nil && errors.Is(f.Err, ctx.Err()):
			untried++
		default:
			refused = append(refused, a.text("Failed: %s", line))
		}
	}
	if untried > 0 {
		fmt.Fprintln(a.out, a.text("Not tried: %d changes", untried))
	}
	a.firstLines(slices.Concat(inDoubt, refused))
}

// firstLines writes the first lines, and with -v all.
func (a *app) firstLines(all []string) {
	for i, line := range all {
		if i == maxFailures && !a.verbose {
			fmt.Fprintln(a.out, a.text("… and %d more; -v shows them", len(all)-i))
			return
		}
		fmt.Fprintln(a.out, line)
	}
}

// ended returns why a job ended early: the signal, or the first line of its error.
func (a *app) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	return shortened{err}
}

// shortened is an error that shows its first line, and matches all that it holds.
type shortened struct{ error }

func (e shortened) Error() string {
	text, _, _ := strings.Cut(e.error.Error(), "\n")
	return text
}

func (e shortened) Unwrap() error { return e.error }

func (a *app) syncUndoCommand() *cobra.Command {
	var s dirsync.Syncer
	var out string
	cmd := &cobra.Command{
		Use:   "undo REPORT",
		Short: "Plan to take back what a report says was done",
		Long: `Makes a plan of a report that takes back what can be taken back: who joined a
group leaves it, who left it joins it again, what was changed of members is
changed back. Members who were added or deleted stay so. The plan is saved with
-out and applied with sync apply.`,
		Example: lines("quickbi sync undo report.jsonl -out back.json -emulator"),
		Args:    exactArgs(1, "the report"),
	}
	check := syncRules(cmd.Flags(), &s)
	cmd.Flags().StringVar(&out, "out", "", "save the plan to a `file` that is not there yet")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		return a.syncWith(&s, func() error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			plan, err := s.Undo(cmd.Context(), f)
			if err != nil {
				return err
			}
			return a.showPlan(plan, out)
		})
	}
	return cmd
}
