package dirsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// A verdict is whom a record means.
type verdict struct {
	member  memberAt   // or none: nobody of those there are
	problem string     // why the record cannot be followed
	about   []memberAt // whom the record may be about; they stay as they are
	ask     bool       // the listing does not tell: the service has to be asked
}

// A claim is how the first record that meant a member named it.
type claim struct {
	accountID string
	name      accountName
}

// index makes a member findable by account.
func (s *state) index(i memberAt) {
	m := &s.plan.members[i]
	m.sameLogin = none
	if key := shortLogin(splitAccount(m.account)); key != "" {
		if first, ok := s.byLogin[key]; ok {
			m.sameLogin = first
		}
		s.byLogin[key] = i
	}
	if m.accountID != "" {
		if other, twice := s.byAccountID[m.accountID]; twice {
			s.problem(Problem{Account: m.label(), Text: fmt.Sprintf("two members have the account id %s", m.accountID)}, i, other)
		}
		s.byAccountID[m.accountID] = i
	}
}

// shortLogin is what a login has in common with the same account's other spellings.
func shortLogin(name accountName) string {
	short, _, _ := strings.Cut(same(name.login), "@")
	return short
}

// withLogin returns the members whose login could be that of the name.
func (s *state) withLogin(name accountName) []memberAt {
	var found []memberAt
	key := shortLogin(name)
	if key == "" {
		return nil
	}
	for i, ok := s.byLogin[key]; ok && i != none; i = s.plan.members[i].sameLogin {
		found = append(found, i)
	}
	slices.Sort(found)
	return found
}

// decide finds out whom a record means, from the list of members. The id of the
// account decides alone, unless the name contradicts it. Several members can have
// one name: the service shows RAM users without the account that they belong to,
// and two accounts may have users of one name.
func (s *state) decide(r *Record) verdict {
	name := splitAccount(clean(r.AccountName)).key()
	if i, ok := s.byAccountID[r.AccountID]; ok {
		m := &s.plan.members[i]
		if name.login != "" && m.account != "" && !name.fits(splitAccount(m.account).key()) {
			return verdict{member: none, about: append(s.fitting(name), i), problem: idOfAnother(m)}
		}
		if fitting := s.fitting(name); name.sign != 0 && m.account != "" && splitAccount(m.account).sign == 0 && len(fitting) > 1 {
			// The list does not show parents, and the name can be that of somebody else.
			return verdict{member: none, about: fitting, ask: true}
		}
		return verdict{member: i}
	}
	if name.login == "" {
		return s.decideByUnknownID(r.AccountID)
	}

	v := verdict{member: none}
	var exact, plain, open []memberAt
	for _, i := range s.fitting(name) {
		m := &s.plan.members[i]
		listed := splitAccount(m.account).key()
		full := listed == name && name.sign != 0
		short := name.sign == 0 && listed.login == name.login // named without a parent
		switch idsDiffer := r.AccountID != "" && m.accountID != ""; {
		case idsDiffer && (full || short && !m.isNew()):
			v.problem = notTheID(m)
			v.about = append(v.about, i)
		case idsDiffer && m.isNew(): // another account
		case full:
			exact = append(exact, i)
		case short:
			plain = append(plain, i)
		default:
			open = append(open, i)
		}
	}
	switch {
	case v.problem != "":
		v.about = slices.Concat(v.about, exact, plain, open)
	case len(exact) == 1:
		v.member, v.about = exact[0], open // who may be the same account, unless another record names them
	case len(exact) == 0 && len(plain) == 1:
		v.member, v.about = plain[0], open
	case len(exact)+len(plain) > 1:
		v.about = slices.Concat(exact, plain)
		v.problem = fmt.Sprintf("%d members can be meant: give the account's id", len(v.about))
	case len(open) > 0:
		v.about = open
		v.ask = name.sign != 0 && !slices.ContainsFunc(open, func(i memberAt) bool { return s.plan.members[i].isNew() })
		if isNew := name.sign != 0 && !v.ask; isNew {
			v.problem = "another record names an account that can be the same one"
		}
	case r.AccountID != "" && s.hiddenIDs && s.AddMembersAs != 0:
		v.ask = true // before the account is added: the id may be that of a member
	}
	return v
}

// fitting returns the members who can have the name.
func (s *state) fitting(name accountName) []memberAt {
	return slices.DeleteFunc(s.withLogin(name), func(i memberAt) bool {
		return !name.fits(splitAccount(s.plan.members[i].account).key())
	})
}

// isNew reports whether the member has yet to be added.
func (m *member) isNew() bool { return m.id == "" }

// excelDigits is how many digits of a number a spreadsheet keeps.
const excelDigits = 15

// looksRounded reports whether an id is such as a spreadsheet makes of longer ones.
func looksRounded(id string) bool {
	return len(id) > excelDigits && strings.Trim(id[excelDigits:], "0") == ""
}

// decideByUnknownID looks for the member whose id a spreadsheet may have rounded to
// the one given. If there is none, and the listing does not show all ids, the service
// has to be asked.
func (s *state) decideByUnknownID(id string) verdict {
	v := verdict{member: none, ask: s.hiddenIDs && id != ""}
	if looksRounded(id) {
		for i := range s.plan.members {
			if m := &s.plan.members[i]; len(m.accountID) == len(id) && m.accountID[:excelDigits] == id[:excelDigits] {
				v.ask = false
				v.about = append(v.about, memberAt(i))
				v.problem = fmt.Sprintf("nobody has the account id, but %s, whose id %s a spreadsheet would round to it", m.shown(), m.accountID)
			}
		}
	}
	return v
}

// A pending record is one about which the service has to be asked, or whose account
// is to be added.
type pending struct {
	Record
	verdict
}

// askAll asks the service about all pending records, several at a time.
func (s *state) askAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.Workers)
	for at := range s.pending {
		if !s.pending[at].ask {
			continue
		}
		g.Go(func() error {
			p := &s.pending[at]
			var err error
			problem := p.verdict.problem
			if p.verdict, err = s.confirm(ctx, &p.Record, p.about); problem != "" {
				p.verdict.problem = problem
			}
			return err
		})
	}
	return g.Wait()
}

// followPending follows the records that had to wait. One may mean an account that
// another one has added by now.
func (s *state) followPending() {
	for i := range s.pending {
		p := &s.pending[i]
		if v := s.decide(&p.Record); p.verdict.problem == "" && p.member == none && v.member != none && s.plan.members[v.member].isNew() || v.problem != "" && p.verdict.problem == "" {
			p.verdict = v
		}
		s.follow(&p.Record, p.verdict)
	}
}

// confirm asks the service which of the members has the name of a record, and if
// none has, whether anybody has its id.
func (s *state) confirm(ctx context.Context, r *Record, possible []memberAt) (verdict, error) {
	v := verdict{member: none, about: possible}
	name := splitAccount(clean(r.AccountName))
	asked := make(map[quickbi.QueryUserInfoByAccountRequest]bool)
	for _, i := range possible {
		// Whether the service cares for letter case is not known.
		login := splitAccount(s.plan.members[i].account).login
		for _, parent := range []string{name.parent, strings.ToLower(name.parent)} {
			q := quickbi.QueryUserInfoByAccountRequest{Account: login, ParentAccountName: parent}
			if asked[q] {
				continue
			}
			asked[q] = true
			found, problem, err := s.ask(ctx, r, q)
			switch {
			case err != nil || problem != "":
				v.problem = problem
				return v, err
			case found == none:
				continue
			case !slices.Contains(possible, found) || v.member != none && v.member != found:
				v.member, v.problem = none, "the service names a member for the account who is not listed under its name"
				return v, nil
			}
			v.member = found
		}
	}
	if v.member == none && r.AccountID != "" {
		found, problem, err := s.ask(ctx, r, quickbi.QueryUserInfoByAccountRequest{Account: r.AccountID})
		if err != nil || problem != "" || found == none {
			v.problem = problem
			return v, err
		}
		m := &s.plan.members[found]
		if name.login != "" && m.account != "" && !name.key().fits(splitAccount(m.account).key()) {
			v.about = append(slices.Clone(possible), found)
			v.problem = idOfAnother(m)
			return v, nil
		}
		v.member = found
	}
	if v.member == none {
		return v, nil
	}
	if m := &s.plan.members[v.member]; r.AccountID != "" && m.accountID != "" && r.AccountID != m.accountID {
		return verdict{member: none, about: possible, problem: notTheID(m)}, nil
	}
	return verdict{member: v.member}, nil
}

// ask asks the service for the member with an account.
func (s *state) ask(ctx context.Context, r *Record, q quickbi.QueryUserInfoByAccountRequest) (found memberAt, problem string, err error) {
	resp, err := s.Client.QueryUserInfoByAccount(ctx, &q)
	switch {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		return none, "", nil
	case errors.Is(err, quickbi.ErrAccountNameAmbiguous):
		return none, "several members can be meant, says the service: give the account's id", nil
	case err != nil:
		return none, "", fmt.Errorf("dirsync: asking for the account %s: %w", terminal.Name(r.account()), err)
	}
	found, ok := s.byUserID[resp.Result.UserID]
	if !ok {
		return none, "the service names a member for the account whom it does not list", nil
	}
	return found, "", nil
}

func idOfAnother(m *member) string {
	return fmt.Sprintf("the account id is that of %s: give the id alone if the account has another name now", m.shown())
}

func notTheID(m *member) string {
	return fmt.Sprintf("the account id is not that of %s, which is %s", m.shown(), m.accountID)
}

// spareHidden leaves members alone who are to be deleted, and whose account id, which
// the list of members does not show, a record has beside another name.
func (s *state) spareHidden(ctx context.Context) error {
	var mu sync.Mutex
	var found []memberAt
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.Workers)
	for i := range s.plan.members {
		m := &s.plan.members[i]
		if m.accountID != "" || len(s.unlisted) == 0 || !s.plan.deletes(m) && !s.plan.deactivates(m) {
			continue
		}
		g.Go(func() error {
			resp, err := s.Client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: m.id})
			if err != nil && !errors.Is(err, quickbi.ErrUserNotInOrganization) {
				return fmt.Errorf("dirsync: reading the member %s: %w", m.shown(), err)
			}
			if err == nil && s.unlisted[resp.Result.AccountID] {
				mu.Lock()
				found = append(found, memberAt(i))
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	slices.Sort(found)
	for _, i := range found {
		s.problem(Problem{Account: s.plan.members[i].label(), Text: "a record has its account id beside the name of another account"}, i)
	}
	return nil
}

// sharesID notes which name a record gives to an id that the listing does not show,
// and returns how that contradicts another record, with the member whom that meant.
func (s *state) sharesID(i memberAt, r *Record) (text string, other memberAt) {
	if _, listed := s.byAccountID[r.AccountID]; listed && i == none || r.AccountID == "" || s.plan.accountIDOf(i) == r.AccountID {
		return "", none
	}
	name := splitAccount(clean(r.AccountName)).key()
	first, twice := s.ids[r.AccountID]
	if !twice {
		s.ids[r.AccountID] = namedID{name, i}
		return "", none
	}
	if first.member != i || first.name.login != "" && name.login != "" && !first.name.fits(name) {
		return "another record gives the account id to another account", first.member
	}
	return "", none
}

// A namedID is the name that a record gives to an account id.
type namedID struct {
	name   accountName
	member memberAt // or none
}

// accountIDOf returns the id that the listing shows of a member.
func (p *Plan) accountIDOf(i memberAt) string {
	if i == none {
		return ""
	}
	return p.members[i].accountID
}

// contradicts notes how a record names its member, and returns how that contradicts
// another record of the member, or "".
func (s *state) contradicts(i memberAt, r *Record) string {
	m := &s.plan.members[i]
	if m.accountID != "" && splitAccount(m.account).sign != 0 {
		return "" // what is listed has been compared
	}
	now := claim{r.AccountID, splitAccount(clean(r.AccountName)).key()}
	first, twice := s.claims[i]
	if !twice {
		s.claims[i] = now
		return ""
	}
	switch {
	case first.accountID != "" && now.accountID != "" && first.accountID != now.accountID:
		return fmt.Sprintf("another record gives the account the id %s", first.accountID)
	case first.name.login != "" && now.name.login != "" && !first.name.fits(now.name):
		return "another record gives the account another name"
	}
	if first.accountID == "" {
		first.accountID = now.accountID
	}
	if first.name.sign == 0 && now.name.login != "" {
		first.name = now.name
	}
	s.claims[i] = first
	return ""
}
