// Offboard takes members out of a Quick BI organization: out of every user
// group, and then out of the organization, handing their works to another.
//
// Without arguments it shows this on an emulator, which checks every signature
// as the service does. With -live it does the same to one member of a real
// organization.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "offboard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("offboard", flag.ContinueOnError)
	flags.SetOutput(out)
	live := flags.Bool("live", false, "work on a real organization, with the credentials of the default chain")
	region := flags.String("region", "cn-hangzhou", "region of the organization, with -live")
	user := flags.String("user", "", "Quick BI user id of the member to take out, with -live")
	transfer := flags.String("transfer", "", "Quick BI user id of the member who gets the works, with -live")
	yes := flags.Bool("yes", false, "do not ask, with -live")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !*live {
		return demo(ctx, out)
	}
	if *user == "" || *transfer == "" {
		return errors.New("-live needs -user and -transfer")
	}
	client, err := quickbi.NewClient(quickbi.WithRegion(*region))
	if err != nil {
		return err
	}
	groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: *user})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "About to take %s out of %d user groups (%s), delete the member, and hand the works to %s.\nThis cannot be undone.\n",
		*user, len(groups.Result), names(groups.Result), *transfer)
	if !*yes {
		fmt.Fprint(out, "Type yes to go on: ")
		if answer, _ := bufio.NewReader(in).ReadString('\n'); strings.TrimSpace(answer) != "yes" {
			return errors.New("nothing was done")
		}
	}
	return offboard(ctx, client, out, *user, *transfer)
}

// offboard takes one member out. Run again, it goes on where it stopped: a
// member who is gone already is no failure.
func offboard(ctx context.Context, client *quickbi.Client, out io.Writer, user, transfer string) error {
	_, err := client.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: user})
	switch {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		fmt.Fprintln(out, "gone already:", user)
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintln(out, "out of all groups:", user)
	_, err = client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: user, TransferUserID: transfer})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "deleted: %s (works handed to %s)\n", user, transfer)
	return nil
}

// demo fills an emulated organization and takes two members out of it.
func demo(ctx context.Context, out io.Writer) error {
	server := quickbitest.NewServer()
	defer server.Close()
	client := server.Client()

	ids := map[string]string{}
	for _, name := range []string{"Ann", "Ben", "Eve"} {
		added, err := client.AddUser(ctx, &quickbi.AddUserRequest{
			AccountName: strings.ToLower(name) + "@example.com", NickName: name, UserType: quickbi.UserTypeDeveloper,
		})
		if err != nil {
			return err
		}
		ids[name] = added.Result.UserID
	}
	everyone := []string{ids["Ann"], ids["Ben"], ids["Eve"]}
	for _, name := range []string{"Sales", "Finance"} {
		group, err := client.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: quickbi.RootUserGroupID, UserGroupName: name})
		if err != nil {
			return err
		}
		if _, err = client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: group.Result, UserIDs: everyone}); err != nil {
			return err
		}
	}

	fmt.Fprintln(out, "Before:")
	if err := show(ctx, client, out); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nBen and Eve leave; Ann gets their works.")
	for _, name := range []string{"Ben", "Eve"} {
		if err := offboard(ctx, client, out, ids[name], ids["Ann"]); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\nAfter:")
	if err := show(ctx, client, out); err != nil {
		return err
	}

	_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: ids["Ben"]})
	fmt.Fprintln(out, "\nDeleting Ben once more:", err)
	fmt.Fprintln(out, "errors.Is(err, quickbi.ErrUserNotInOrganization):", errors.Is(err, quickbi.ErrUserNotInOrganization))
	fmt.Fprintln(out, "errors.Is(err, quickbi.ErrNotFound):", errors.Is(err, quickbi.ErrNotFound))
	return nil
}

// show prints every member with the groups they are in.
func show(ctx context.Context, client *quickbi.Client, out io.Writer) error {
	for user, err := range client.QueryUserListAll(ctx, nil) {
		if err != nil {
			return err
		}
		groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: user.UserID})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-8s %s\n", user.NickName, names(groups.Result))
	}
	return nil
}

func names(groups []quickbi.UserGroup) string {
	if len(groups) == 0 {
		return "in no group"
	}
	list := make([]string, len(groups))
	for i, g := range groups {
		list[i] = g.UserGroupName
	}
	return "in " + strings.Join(list, ", ")
}
