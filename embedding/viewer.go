package embedding

import (
	"errors"
	"strings"

	"github.com/quickbi-go/quickbi"
)

// A Viewer is the one with whose rights a page is shown: row-level and
// column-level permissions are those of the viewer. There is no default, because
// the service's own, the rights of whoever owns the work, would turn a forgotten
// user id into a leak.
type Viewer struct {
	kind        viewerKind
	name        string // user id or account name
	accountType quickbi.TicketAccountType
}

type viewerKind int

const (
	nobody viewerKind = iota
	user
	account
	owner
)

// AsUser shows the page with the rights of a member: Quick BI's user id, not the
// UID of the cloud account.
func AsUser(userID string) Viewer { return Viewer{kind: user, name: userID} }

// AsAccount shows the page with the rights of the member who has an account;
// name is "main:sub" for a RAM user. The service calls this deprecated: prefer
// [AsUser], with the id that [quickbi.Client.QueryUserInfoByAccount] finds.
func AsAccount(accountType quickbi.TicketAccountType, name string) Viewer {
	return Viewer{kind: account, name: name, accountType: accountType}
}

// AsOwner shows the page with the rights of the work's owner, WHICH ARE MOSTLY
// ALL: no row or column is kept from whoever gets the ticket.
func AsOwner() Viewer { return Viewer{kind: owner} }

// IsOwner says whether the viewer is [AsOwner].
func (v Viewer) IsOwner() bool { return v.kind == owner }

// String says who it is, such as "user 46e5".
func (v Viewer) String() string {
	switch v.kind {
	case user:
		return "user " + v.name
	case account:
		return "account " + v.name
	case owner:
		return "the work's owner"
	default:
		return "nobody"
	}
}

func (v Viewer) check() error {
	blank := strings.TrimSpace(v.name) == ""
	switch {
	case v.kind == nobody:
		return errors.New("Viewer is missing: say AsUser, or AsOwner if everybody may see all that the work's owner sees")
	case v.kind == user && blank:
		return errors.New("Viewer is AsUser without a user id")
	case v.kind == account && blank:
		return errors.New("Viewer is AsAccount without a name")
	case v.kind == account && v.accountType == 0:
		return errors.New("Viewer is AsAccount without the type of the account")
	}
	return nil
}

// fill says it to the service, to which saying nothing means the owner.
func (v Viewer) fill(request *quickbi.CreateTicketRequest) {
	switch v.kind {
	case user:
		request.UserID = v.name
	case account:
		//lint:ignore SA1019 the service still takes it, and AsAccount says what to prefer
		request.AccountName, request.AccountType = v.name, v.accountType
	}
}
