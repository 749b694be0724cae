package quickbitest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/quickbi-go/quickbi"
)

// menusOf lists the menus of the portal that a user sees, all of them for "".
func menusOf(t testing.TB, e *Emulator, user string) string {
	t.Helper()
	var top []PortalMenu
	if err := json.Unmarshal([]byte(must[string](t, e, "ListPortalMenus", "DataPortalId", "portal", "UserId", user)), &top); err != nil {
		t.Fatal(err)
	}
	var list func([]PortalMenu) string
	list = func(all []PortalMenu) string {
		var ids []string
		for _, m := range all {
			if m.MenuID += list(m.Children); m.MenuID != "" {
				ids = append(ids, m.MenuID)
			}
		}
		if len(ids) == 0 {
			return ""
		}
		return "(" + strings.Join(ids, " ") + ")"
	}
	return list(top)
}

type menuAuthorization struct {
	MenuID             string `json:"MenuId"`
	ShowOnlyWithAccess bool
	Receivers          []quickbi.PortalMenuReceiver
}

func TestPortalMenus(t *testing.T) {
	t.Parallel()
	e := office(t)
	const document = `[{"menuId":"top","menuName":"Top","menuType":4,"showOnlyWithAccess":false,"dependentPermisson":true,"children":[` +
		`{"menuId":"m1","menuName":"Sales","menuType":0,"uri":"sales","showOnlyWithAccess":false,"dependentPermisson":false},` +
		`{"menuId":"m2","menuName":"Costs","menuType":2,"uri":"costs","showOnlyWithAccess":true,"dependentPermisson":false}]},` +
		`{"menuId":"empty","menuName":"Empty","menuType":4,"showOnlyWithAccess":false,"dependentPermisson":false}]`
	if got := must[string](t, e, "ListPortalMenus", "DataPortalId", "portal"); got != document {
		t.Errorf("%s", got)
	}
	white := []quickbi.PortalMenuReceiver{{ReceiverID: "eva", ReceiverType: 0, AuthPoints: 3}, {ReceiverID: OrganizationID, ReceiverType: 3, AuthPoints: 1}}
	if diff := cmp.Diff(white, must[[]quickbi.PortalMenuReceiver](t, e, "ListWhitePortalMenu", "DataportalId", "portal")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mustRefuse(t, e, "Application.Object.NotExist", "ListPortalMenus", "DataPortalId", "sales") // no portal
	mustRefuse(t, e, "Application.Object.NotExist", "ListPortalMenuAuthorization", "DataPortalId", "nowhere")
	mustRefuse(t, e, "Application.Object.NotExist", "ListWhitePortalMenu", "DataportalId", "nowhere")
	mustRefuse(t, e, "User.Not.In.Organization", "ListPortalMenus", "DataPortalId", "portal", "UserId", "nobody")
}

func TestAuthorizeMenu(t *testing.T) {
	t.Parallel()
	e := office(t)
	e.org.whiteLists.remove("portal", receiver{receiverOrganization, OrganizationID}) // or everybody sees everything

	const all, some = "(top(m1 m2) empty)", "(top(m1))"
	for user, want := range map[string]string{"": all, "ann": all, OwnerUserID: all, "eva": all, "cem": "(top(m1 m2))", "dora": some, "bob": some} {
		if got := menusOf(t, e, user); got != want {
			t.Errorf("%q sees %s, want %s", user, got, want)
		}
	}
	if got := must[int](t, e, "AuthorizeMenu", "DataPortalId", "portal", "MenuIds", "m1,m2", "UserIds", "cem,dora", "UserGroupIds", "north"); got != 2 {
		t.Errorf("authorized %d menus", got)
	}
	want := []menuAuthorization{
		{"m1", false, []quickbi.PortalMenuReceiver{{ReceiverID: "cem", ReceiverType: 0, AuthPoints: 3}, {ReceiverID: "dora", ReceiverType: 0, AuthPoints: 3}, {ReceiverID: "north", ReceiverType: 1, AuthPoints: 3}}},
		{"m2", true, []quickbi.PortalMenuReceiver{{ReceiverID: "cem", ReceiverType: 0, AuthPoints: 1}, {ReceiverID: "dora", ReceiverType: 0, AuthPoints: 3}, {ReceiverID: "north", ReceiverType: 1, AuthPoints: 3}}}, // Cem keeps what he had
	}
	if diff := cmp.Diff(want, must[[]menuAuthorization](t, e, "ListPortalMenuAuthorization", "DataPortalId", "portal")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, user := range []string{"dora", "bob"} {
		if got := menusOf(t, e, user); got != "(top(m1 m2))" {
			t.Errorf("%s sees %s", user, got)
		}
	}
	if got := must[int](t, e, "CancelAuthorizationMenu", "DataPortalId", "portal", "MenuIds", "m2", "UserIds", "dora,ann"); got != 1 {
		t.Errorf("cancelled for %d menus", got)
	}
	if got := must[int](t, e, "ChangeVisibilityModel", "DataPortalId", "portal", "MenuIds", "m1", "ShowOnlyWithAccess", "true"); got != 1 {
		t.Errorf("changed %d menus", got)
	}
	if got := menusOf(t, e, "dora") + menusOf(t, e, "bob2"); got != "(top(m1))" { // Dora is authorized, the other Bob is not
		t.Error(got)
	}
	must[bool](t, e, "DeleteUser", "UserId", "cem")
	must[bool](t, e, "DeleteUserGroup", "UserGroupId", "sales")
	must[bool](t, e, "DeleteUserGroup", "UserGroupId", "north")
	must[bool](t, e, "DeleteUser", "UserId", "eva")
	want = []menuAuthorization{{"m1", true, []quickbi.PortalMenuReceiver{{ReceiverID: "dora", ReceiverType: 0, AuthPoints: 3}}}, {"m2", true, []quickbi.PortalMenuReceiver{}}}
	if diff := cmp.Diff(want, must[[]menuAuthorization](t, e, "ListPortalMenuAuthorization", "DataPortalId", "portal")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := must[[]any](t, e, "ListWhitePortalMenu", "DataportalId", "portal"); len(got) != 0 {
		t.Errorf("white list: %v", got)
	}
}

func TestAuthorizeMenuRefused(t *testing.T) {
	t.Parallel()
	e := office(t)
	var many []string
	for i := range 201 {
		many = append(many, fmt.Sprint(i))
	}
	call := func(portal, menus string, pairs ...string) []string {
		return append([]string{"DataPortalId", portal, "MenuIds", menus}, pairs...)
	}
	for code, params := range map[string][]string{
		"Report.NotExist.Error":              call("nowhere", "m1"),
		"AccessMenu.NotMatch.Portal":         call("portal", "m1,nowhere"),
		"Menu.NotBelongTo.CurrentDataportal": call("portal", "x1"),
		"FolderMenu.CanNot.Authorize":        call("portal", "top"),
		"Invalid.Parameter.Error":            call("portal", strings.Join(many[:101], ",")),
	} {
		mustRefuse(t, e, code, "AuthorizeMenu", append(params, "UserIds", "ann")...)
		mustRefuse(t, e, code, "CancelAuthorizationMenu", append(params, "UserIds", "ann")...)
		mustRefuse(t, e, code, "ChangeVisibilityModel", append(params, "ShowOnlyWithAccess", "true")...)
	}
	for _, action := range []string{"AuthorizeMenu", "CancelAuthorizationMenu"} {
		mustRefuse(t, e, "System.Param.Empty", action, call("portal", "m1")...)
		mustRefuse(t, e, "User.NotBelongTo.CurrentOrganization", action, call("portal", "m1", "UserIds", "nobody")...)
		mustRefuse(t, e, "Usergroup.NotBelongTo.CurrentOrganization", action, call("portal", "m1", "UserGroupIds", "nobody")...)
		mustRefuse(t, e, "Invalid.Parameter.Error", action, call("portal", "m1", "UserIds", strings.Join(many, ","))...)
		mustRefuse(t, e, "Invalid.Parameter.Error", action, call("portal", "m1", "UserGroupIds", strings.Join(many, ","))...)
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "AuthorizeMenu", call("portal", "m1", "UserIds", "ann", "AuthPointsValue", "2")...)
}
