package quickbitest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	menuFolder = 4 // the type of menus that have others below them

	maxListedMenus     = 100 // in one call
	maxListedReceivers = 200 // in one call
)

// A PortalMenu is a menu of a portal.
type PortalMenu struct {
	MenuID              string                       `json:"menuId"` // unique in the organization; empty: generated
	MenuName            string                       `json:"menuName"`
	MenuType            int                          `json:"menuType"`      // 0 dashboard, 1 link, 2 spreadsheet, 4 folder, 5 data form, 6 self-service extract
	URI                 string                       `json:"uri,omitempty"` // of what it shows
	ShowOnlyWithAccess  bool                         `json:"showOnlyWithAccess"`
	DependentPermission bool                         `json:"dependentPermisson"` // sic
	Children            []PortalMenu                 `json:"children,omitempty"`
	Receivers           []quickbi.PortalMenuReceiver `json:"Receivers,omitempty"` // who is authorized
}

// A menu is a node of the tree of a portal.
type menu struct {
	PortalMenu // but for those below it, and who is authorized
	portal     *work
	children   []*menu
}

func (m *menu) isFolder() bool { return m.MenuType == menuFolder }

// The portalState is what the organization knows of portals.
type portalState struct {
	menus      map[string]*menu   // by id
	topMenus   map[string][]*menu // by portal
	menuGrants grants             // by menu
	whiteLists grants             // by portal
}

func newPortalState() portalState {
	return portalState{menus: make(map[string]*menu), topMenus: make(map[string][]*menu)}
}

// seedMenus adds the menus of a portal that is about to be added.
func (o *organization) seedMenus(w *work) error {
	if len(w.Menus)+len(w.WhiteList) > 0 && w.kind.name != portalKind {
		return fmt.Errorf("a work of type %s has no menus", w.kind.name)
	}
	top, err := o.newMenus(w, w.Menus)
	if err != nil {
		return err
	}
	o.topMenus[w.WorksID] = top
	return o.seedReceivers(&o.whiteLists, w.WorksID, w.WhiteList)
}

func (o *organization) newMenus(w *work, seeds []PortalMenu) ([]*menu, error) {
	var all []*menu
	for _, s := range seeds {
		s.MenuID = cmp.Or(s.MenuID, gateway.NewUUID())
		m := &menu{PortalMenu: s, portal: w}
		switch {
		case o.menus[s.MenuID] != nil:
			return nil, fmt.Errorf("there is a menu %q already", s.MenuID)
		case !m.isFolder() && len(s.Children) > 0:
			return nil, fmt.Errorf("the menu %q has menus below it, but is no folder", s.MenuID)
		case m.isFolder() && len(s.Receivers) > 0:
			return nil, fmt.Errorf("nobody can be authorized for the folder %q", s.MenuID)
		}
		o.menus[s.MenuID] = m
		var err error
		if m.children, err = o.newMenus(w, s.Children); err != nil {
			return nil, err
		}
		if err := o.seedReceivers(&o.menuGrants, s.MenuID, s.Receivers); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func (o *organization) menuSeeds(menus []*menu) []PortalMenu {
	return seedsOf(slices.Values(menus), func(m *menu) PortalMenu {
		s := m.PortalMenu
		s.Children, s.Receivers = o.menuSeeds(m.children), seedsOf(o.menuGrants.byResource.all(m.MenuID), (*grant).menuReceiver)
		return s
	})
}

func (o *organization) seedReceivers(t *grants, resource string, all []quickbi.PortalMenuReceiver) error {
	for _, r := range all {
		to := receiver{int(r.ReceiverType), r.ReceiverID}
		if _, there := o.nameOf(to); !there {
			return fmt.Errorf("there is no receiver %q of type %d", to.id, to.kind)
		}
		t.put(resource, to, cmp.Or(int(r.AuthPoints), mayExport), time.Time{})
	}
	return nil
}

// menuReceiver shows who is granted a menu or a whole portal.
func (g *grant) menuReceiver() quickbi.PortalMenuReceiver {
	return quickbi.PortalMenuReceiver{
		ReceiverID: g.to.id, ReceiverType: quickbi.ShareTargetType(g.to.kind), AuthPoints: quickbi.AuthPoints(g.points),
	}
}

// findPortal returns the portal with the id, or the refusal with the code. A work of
// another type is none.
func (o *organization) findPortal(id, code string) (*work, error) {
	if w, ok := o.works.get(id); ok && w.kind.name == portalKind {
		return w, nil
	}
	return nil, gateway.Refuse(code, "There is no portal %q.", id)
}

// leaves lists the menus that are no folders, from the top.
func leaves(all []*menu) []*menu {
	var found []*menu
	for _, m := range all {
		if m.isFolder() {
			found = append(found, leaves(m.children)...)
		} else {
			found = append(found, m)
		}
	}
	return found
}

// wantedMenus returns the menus in MenuIds, without duplicates. The codes for a menu of
// another portal and for one that does not exist differ.
func (c *call) wantedMenus() ([]*menu, error) {
	portal, err := c.findPortal(c.string("DataPortalId"), "Report.NotExist.Error")
	if err != nil {
		return nil, err
	}
	ids := distinct(c.list("MenuIds"))
	if len(ids) > maxListedMenus {
		return nil, gateway.Invalid("MenuIds", "has %d ids; at most %d are allowed", len(ids), maxListedMenus)
	}
	all := make([]*menu, len(ids))
	for i, id := range ids {
		m := c.menus[id]
		switch {
		case m == nil:
			return nil, gateway.Refuse("AccessMenu.NotMatch.Portal", "There is no menu %q.", id)
		case m.portal != portal:
			return nil, gateway.Refuse("Menu.NotBelongTo.CurrentDataportal", "The menu %q belongs to another portal.", id)
		case m.isFolder():
			return nil, gateway.Refuse("FolderMenu.CanNot.Authorize", "The menu %q is a folder.", id)
		}
		all[i] = m
	}
	return all, nil
}

// wantedReceivers returns the receivers in UserIds and UserGroupIds.
func (c *call) wantedReceivers() ([]receiver, error) {
	var all []receiver
	for _, ask := range []struct {
		param string
		kind  int
		code  string
	}{
		{"UserIds", receiverUser, "User.NotBelongTo.CurrentOrganization"},
		{"UserGroupIds", receiverGroup, "Usergroup.NotBelongTo.CurrentOrganization"},
	} {
		ids := c.list(ask.param)
		if len(ids) > maxListedReceivers {
			return nil, gateway.Invalid(ask.param, "has %d ids; at most %d are allowed", len(ids), maxListedReceivers)
		}
		for _, id := range ids {
			to := receiver{ask.kind, id}
			if _, there := c.nameOf(to); !there {
				return nil, gateway.Refuse(ask.code, "The organization does not have %q.", id)
			}
			all = append(all, to)
		}
	}
	if len(all) == 0 {
		return nil, gateway.Refuse("System.Param.Empty", "The call needs UserIds or UserGroupIds.")
	}
	return all, nil
}

// authorizeMenu authorizes all receivers for all menus, or does nothing. A receiver who
// is authorized already keeps the first rights. The result counts the menus in the
// call.
func authorizeMenu(c *call, menus []*menu, all []receiver) (any, error) {
	points := cmp.Or(c.int("AuthPointsValue"), mayExport)
	for _, m := range menus {
		for _, to := range all {
			if _, ok := c.menuGrants.get(m.MenuID, to); !ok {
				c.menuGrants.put(m.MenuID, to, points, time.Time{})
			}
		}
	}
	return len(menus), nil
}

// cancelAuthorizationMenu counts the menus in the call, too.
func cancelAuthorizationMenu(c *call, menus []*menu, all []receiver) (any, error) {
	for _, m := range menus {
		for _, to := range all {
			c.menuGrants.remove(m.MenuID, to)
		}
	}
	return len(menus), nil
}

func changeVisibilityModel(c *call, menus []*menu) (any, error) {
	for _, m := range menus {
		m.ShowOnlyWithAccess = c.bool("ShowOnlyWithAccess")
	}
	return len(menus), nil
}

// listPortalMenuAuthorization lists all menus except folders, with or without
// authorizations.
func listPortalMenuAuthorization(c *call, portal *work) (any, error) {
	type menuAuthorization struct {
		MenuID             string `json:"MenuId"`
		ShowOnlyWithAccess bool
		Receivers          []quickbi.PortalMenuReceiver
	}
	return collect(slices.Values(leaves(c.topMenus[portal.WorksID])), func(m *menu) menuAuthorization {
		return menuAuthorization{m.MenuID, m.ShowOnlyWithAccess, collect(c.menuGrants.byResource.all(m.MenuID), (*grant).menuReceiver)}
	}), nil
}

// listPortalMenus answers a JSON document in a string. With UserId it contains the
// menus that the user sees, and their folders.
//
// Menus without restriction are for everybody. Those who may edit the portal, or are on
// its white list, see all menus.
func listPortalMenus(c *call, portal *work, m *member) (any, error) {
	sees := func(*menu) bool { return true }
	if m != nil && c.rights(m, portal) < mayEdit && !c.whiteLists.reaches(portal.WorksID, m.receivers(), c.now) {
		sees = func(node *menu) bool {
			return !node.isFolder() && (!node.ShowOnlyWithAccess || c.menuGrants.reaches(node.MenuID, m.receivers(), c.now))
		}
	}
	document, err := json.Marshal(menuResults(c.topMenus[portal.WorksID], sees))
	return string(document), err
}

// menuResults shows the menus for which sees is true, and their folders.
func menuResults(all []*menu, sees func(*menu) bool) []PortalMenu {
	rows := []PortalMenu{}
	for _, m := range all {
		children := menuResults(m.children, sees)
		if len(children) > 0 || sees(m) {
			row := m.PortalMenu
			row.Children, row.Receivers = children, nil
			rows = append(rows, row)
		}
	}
	return rows
}

// listWhitePortalMenu lists who sees all menus of a portal. For organizations it
// answers the number that means workspaces elsewhere.
func listWhitePortalMenu(c *call, portal *work) (any, error) {
	return collect(c.whiteLists.byResource.all(portal.WorksID), func(g *grant) quickbi.PortalMenuReceiver {
		r := g.menuReceiver()
		if r.ReceiverType == receiverOrganization {
			r.ReceiverType = receiverWorkspace
		}
		return r
	}), nil
}
