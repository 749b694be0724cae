package dirsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
)

// What documents of this package are called.
const (
	planFormat  = "quickbi directory plan"
	planVersion = 1
)

// A document is a plan as it is saved.
type document struct {
	planfile.Header
	Witnesses            []string  `json:"witnesses,omitempty"` // UserIDs of members, where no workspace tells the organization
	Records              int       `json:"records"`
	Members              int       `json:"members"`
	Memberships          int       `json:"memberships"`
	Blocked              string    `json:"blocked,omitempty"`
	Problems             []Problem `json:"problems,omitempty"`
	Unknown              []string  `json:"unknown,omitempty"`
	Outside              []string  `json:"outside,omitempty"`
	Inactive             []string  `json:"inactive,omitempty"`
	Keyless              []string  `json:"keyless,omitempty"`
	Nameless             []string  `json:"nameless,omitempty"`
	Shrinking            []shrink  `json:"shrinking,omitempty"` // for the limits
	WorkspaceMemberships int       `json:"workspaceMemberships,omitempty"`
	Crowds               []crowd   `json:"workspaces,omitempty"` // for the limits
	Changes              []Change  `json:"changes"`
}

// A shrink is a group that members are to leave.
type shrink struct {
	Group   string `json:"group"`
	Members int    `json:"members"`
	Leaving int    `json:"leaving"`
}

// Encode writes the plan as a JSON document, for [Syncer.Decode] to read in another
// process. It has a version, an id, the time, when it expires, the organization it
// was made for and a hash of the source. Whoever reviews the plan can take changes
// out.
func (p *Plan) Encode(w io.Writer) error {
	doc := document{
		Header: p.header, Witnesses: p.witnesses, Records: p.Records, Members: p.Members, Memberships: p.Memberships, Blocked: p.Blocked,
		Problems: p.Problems, Unknown: p.Unknown, Outside: p.Outside, Inactive: p.Inactive, Keyless: p.Keyless, Nameless: p.Nameless,
		WorkspaceMemberships: p.WorkspaceMemberships, Crowds: p.crowds,
		Changes: slices.AppendSeq(make([]Change, 0, len(p.changes)), p.Changes()),
	}
	for i := range p.groups {
		if g := &p.groups[i]; g.leaving > 0 {
			doc.Shrinking = append(doc.Shrinking, shrink{g.path, g.members, g.leaving})
		}
	}
	return planfile.Encode(w, doc)
}

// Decode reads a plan that [Plan.Encode] has written, to be applied with the client,
// the limits and the other rules of s. It asks the service whether this is the
// organization that the plan was made for.
//
// Expect [ErrOtherOrganization] and [ErrTooOld].
func (s Syncer) Decode(ctx context.Context, r io.Reader) (*Plan, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	doc, err := planfile.Decode[document](r, planFormat, planVersion)
	if err != nil {
		return nil, fmt.Errorf("dirsync: %w", err)
	}
	if err := s.isOrganization(ctx, doc.Header, doc.Witnesses); err != nil {
		return nil, err
	}
	p := s.newPlan(doc.Header)
	p.witnesses = doc.Witnesses
	p.Records, p.Members, p.Memberships, p.Blocked = doc.Records, doc.Members, doc.Memberships, doc.Blocked
	p.Problems, p.Unknown, p.Outside, p.Inactive, p.Keyless, p.Nameless = doc.Problems, doc.Unknown, doc.Outside, doc.Inactive, doc.Keyless, doc.Nameless
	p.WorkspaceMemberships, p.crowds = doc.WorkspaceMemberships, doc.Crowds
	if err := p.add(doc.Changes); err != nil {
		return nil, fmt.Errorf("dirsync: reading the plan: %w", err)
	}
	for _, shrink := range doc.Shrinking {
		i := p.groupAt(make(map[string]groupAt), shrink.Group, "")
		p.groups[i].members, p.groups[i].leaving = shrink.Members, shrink.Leaving
	}
	return p, nil
}

// newPlan returns a plan without changes.
func (s *Syncer) newPlan(header planfile.Header) *Plan {
	return &Plan{syncer: *s, header: header, Made: header.Created, added: make(map[memberAt]newMember), updates: make(map[memberAt]update), steps: make(map[int]groupStep), tags: make(map[int]tagSet), seats: make(map[int]seatSet), successor: none}
}

// maxWitnesses is how many members a plan names to recognize the organization by.
const maxWitnesses = 5

// chooseWitnesses returns the ids of some of the members, who are unlikely to be in
// another organization, or to leave together.
func chooseWitnesses(members []member) []string {
	var ids []string
	for n := range min(len(members), maxWitnesses) {
		ids = append(ids, members[n*len(members)/maxWitnesses].id)
	}
	return slices.Compact(ids)
}

// isOrganization returns an error if the document must not be applied now, or not
// with this client.
func (s *Syncer) isOrganization(ctx context.Context, header planfile.Header, witnesses []string) error {
	organization, err := planfile.Organization(ctx, s.Client)
	if err != nil {
		return fmt.Errorf("dirsync: asking for the organization: %w", err)
	}
	if err := header.Check(organization); err != nil {
		return fmt.Errorf("dirsync: %w", err)
	}
	there := 0
	for _, id := range witnesses {
		resp, err := s.Client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: id})
		if err != nil {
			return fmt.Errorf("dirsync: asking for the organization: %w", err)
		}
		if resp.Result {
			there++
		}
	}
	if there < (len(witnesses)+1)/2 {
		return fmt.Errorf("dirsync: %w: it has %d of the %d members by whom the plan knows the organization", ErrOtherOrganization, there, len(witnesses))
	}
	return nil
}

// add adds changes of a document, and the members and groups that they name.
func (p *Plan) add(changes []Change) error {
	slices.SortStableFunc(changes, func(a, b Change) int { return a.Kind.phase() - b.Kind.phase() })
	members, groups := make(map[string]memberAt), make(map[string]groupAt)
	newMembers := make(map[string]bool)
	key := func(id, accountID, account string) string {
		if id != "" {
			return "id " + id
		}
		return "account " + accountID + " " + account
	}
	memberOf := func(id, accountID, account string) memberAt {
		k := key(id, accountID, account)
		i, ok := members[k]
		if !ok {
			i = memberAt(len(p.members))
			members[k] = i
			if account == accountID || account == id {
				account = "" // it stands for a name that is not known
			}
			p.members = append(p.members, member{id: id, accountID: accountID, account: account, sameLogin: none, named: true})
		}
		return i
	}
	for n, c := range changes {
		bad := func(text string) error { return fmt.Errorf("change %d, %v: %s", n+1, c, text) }
		in := change{c.Kind, none, none, none}
		if c.Kind.phase() != int(CreateGroup) {
			if c.UserID == "" && c.AccountID == "" && c.Account == "" {
				return bad("it names no member")
			}
			isNew := key(c.UserID, c.AccountID, c.Account)
			if c.Kind == AddMember {
				c.UserID = ""
				isNew = key("", c.AccountID, c.Account)
				newMembers[isNew] = true
			} else if c.UserID == "" && !newMembers[isNew] {
				return bad("the plan does not add the member, and the change has no id of it")
			}
			in.member = memberOf(c.UserID, c.AccountID, c.Account)
		}
		if c.Kind == RenameGroup || c.Kind == MoveGroup {
			var err error
			if in.group, p.steps[len(p.changes)], err = p.places(groups, c); err != nil {
				return bad(err.Error())
			}
		}
		needsGroup := c.Kind == CreateGroup || c.Kind == Join || c.Kind == Move
		if needsGroup {
			in.group = p.groupAt(groups, c.Group, c.GroupID)
			if c.Kind != CreateGroup && p.groups[in.group].id == "" && p.groups[in.group].name == "" {
				return bad("the plan does not create the group, and the change has no id of it")
			}
		}
		switch c.Kind {
		case CreateGroup:
			if err := p.creates(groups, in.group, c); err != nil {
				return bad(err.Error())
			}
		case AddMember:
			if c.NickName == "" || c.UserType == 0 {
				return bad("it has no nickname or no user type")
			}
			p.added[in.member] = newMember{nickName: c.NickName, wanted: c.NickName, userType: c.UserType, roles: c.Roles}
		case UpdateMember:
			if c.UserID == "" || c.Set == nil || c.Set.isZero() {
				return bad("it has no id of the member, or nothing to set")
			}
			p.updates[in.member] = update{set: *c.Set}
			if c.Was != nil {
				p.updates[in.member] = update{*c.Set, *c.Was}
			}
		case SetTag:
			if c.TagID == "" {
				return bad("it has no id of the tag")
			}
			p.tags[len(p.changes)] = tagSet{c.TagID, c.Tag, c.Value, c.OldValue}
		case JoinWorkspace, SetWorkspaceRoles, LeaveWorkspace:
			if c.WorkspaceID == "" || (len(c.WorkspaceRoles) == 0) != (c.Kind == LeaveWorkspace) {
				return bad("it has no id of the workspace, or no roles")
			}
			p.seats[len(p.changes)] = seatSet{c.WorkspaceID, c.Workspace, c.WorkspaceRoles, c.OldWorkspaceRoles}
		case Move:
			in.from = p.groupAt(groups, c.From, c.FromID)
		case Leave:
			in.from = p.groupAt(groups, c.Group, c.GroupID)
		case Reactivate, Deactivate, DeleteMember:
			if c.UserID == "" {
				return bad("it has no id of the member")
			}
			p.members[in.member].inactive = c.Deactivated
			if c.SuccessorID != "" {
				p.successor = memberOf(c.SuccessorID, "", c.Successor)
			}
		}
		if in.from != none && p.groups[in.from].id == "" {
			return bad("it has no id of the group")
		}
		p.changes = append(p.changes, in)
	}
	return nil
}

// groupAt returns the place of a group of a document.
func (p *Plan) groupAt(groups map[string]groupAt, path, id string) groupAt {
	k := path + "\x00" + id
	i, ok := groups[k]
	if !ok {
		i = groupAt(len(p.groups))
		groups[k] = i
		p.groups = append(p.groups, group{id: id, path: path, parent: none})
	}
	return i
}

// creates makes a group of a document one that is to be created.
func (p *Plan) creates(groups map[string]groupAt, i groupAt, c Change) error {
	names, err := splitPath(c.Group)
	if err != nil {
		return err
	}
	g := &p.groups[i]
	g.name, g.newID = names[len(names)-1], c.NewGroupID
	if len(names) == 1 {
		return nil
	}
	above := Path(names[:len(names)-1]...)
	parent, ok := groups[above+"\x00"]
	if c.ParentID != "" {
		parent, ok = p.groupAt(groups, above, c.ParentID), true
	}
	if !ok {
		return errors.New("the plan does not create the group above it, and the change has no id of that")
	}
	p.groups[i].parent = parent
	return nil
}

// places returns the group of a document that is renamed or moved, and how.
func (p *Plan) places(groups map[string]groupAt, c Change) (groupAt, groupStep, error) {
	step := groupStep{from: c.From, to: c.Group}
	for _, side := range []struct {
		place    *place
		path, id string
	}{{&step.old, c.From, c.FromID}, {&step.place, c.Group, c.ParentID}} {
		names, err := splitPath(side.path)
		if err != nil {
			return none, step, err
		}
		above := Path(names[:len(names)-1]...)
		side.place.name, side.place.parent = names[len(names)-1], none
		switch at, isNew := groups[above+"\x00"]; {
		case side.id == quickbi.RootUserGroupID:
		case side.id != "":
			side.place.parent = p.groupAt(groups, above, side.id)
		case isNew:
			side.place.parent = at
		default:
			return none, step, errors.New("the plan does not create the group above it, and the change has no id of that")
		}
	}
	if c.GroupID == "" {
		return none, step, errors.New("it has no id of the group")
	}
	return p.groupAt(groups, c.Group, c.GroupID), step, nil
}

// A sourceHash is the hash of the records of a source.
type sourceHash struct{ hash.Hash }

func newSourceHash() sourceHash { return sourceHash{sha256.New()} }

func (h sourceHash) add(r *Record) {
	for _, s := range []string{r.AccountID, r.AccountName, r.NickName, strconv.Itoa(int(r.UserType))} {
		fmt.Fprintf(h, "%q,", s)
	}
	for _, s := range r.Groups {
		fmt.Fprintf(h, "%q;", s)
	}
	for _, s := range r.Roles {
		fmt.Fprintf(h, "role %q;", s)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Tags)) {
		fmt.Fprintf(h, "tag %q %q;", name, r.Tags[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Workspaces)) {
		fmt.Fprintf(h, "workspace %q %q;", name, r.Workspaces[name])
	}
	fmt.Fprintln(h)
}

func (h sourceHash) String() string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

// ErrOtherOrganization is matched by the error of [Syncer.Decode] and [Syncer.Undo]
// if the document was made for another organization.
var ErrOtherOrganization = planfile.ErrOtherOrganization
