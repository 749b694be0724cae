package dirsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// decide finds out whom a record means, from what the listing tells. The id of the
// account decides alone, unless the name contradicts it. By name there may be
// several: the service shows RAM users without the account that they belong to,
// and two accounts may have users of one name.
func (s *state) decide(r *Record) verdict {
	name := splitAccount(clean(r.AccountName)).key()
	if i, ok := s.byAccountID[r.AccountID]; ok {
		m := &s.plan.members[i]
		if name.login != "" && m.account != "" && !name.fits(splitAccount(m.account).key()) {
			return verdict{member: none, about: append(s.fitting(name), i), problem: fmt.Sprintf(
				"the account id is that of %s: give the id alone if the account has another name now", m.shown())}
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
			v.problem = fmt.Sprintf("the account id is not that of %s, which is %s", m.shown(), m.accountID)
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
		v.member = exact[0]
	case len(exact) == 0 && len(plain) == 1:
		v.member = plain[0]
	case len(exact)+len(plain) > 1:
		v.about = slices.Concat(exact, plain)
		v.problem = fmt.Sprintf("%d members can be meant: give the account's id", len(v.about))
	case len(open) > 0:
		v.about = open
		v.ask = name.sign != 0 && !slices.ContainsFunc(open, func(i memberAt) bool { return s.plan.members[i].isNew() })
		if isNew := name.sign != 0 && !v.ask; isNew {
			v.problem = "another record names an account that can be the same one"
		}
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

// decideByUnknownID looks for the member whose id a spreadsheet may have rounded to
// the one given. Without such a member the account is nobody's.
func (s *state) decideByUnknownID(id string) verdict {
	v := verdict{member: none}
	if len(id) > excelDigits && strings.Trim(id[excelDigits:], "0") == "" {
		for i := range s.plan.members {
			if m := &s.plan.members[i]; len(m.accountID) == len(id) && m.accountID[:excelDigits] == id[:excelDigits] {
				v.about = append(v.about, memberAt(i))
				v.problem = fmt.Sprintf("nobody has the account id, but %s, whose id %s a spreadsheet would round to it", m.shown(), m.accountID)
			}
		}
	}
	return v
}

// A pending record is one about which the service has to be asked.
type pending struct {
	Record
	verdict
}

// askAll asks the service about all pending records, several at a time.
func (s *state) askAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.Workers)
	for at := range s.pending {
		g.Go(func() error {
			p := &s.pending[at]
			var err error
			p.verdict, err = s.confirm(ctx, &p.Record, p.about)
			return err
		})
	}
	return g.Wait()
}

// confirm asks the service which of the members has the name of a record.
func (s *state) confirm(ctx context.Context, r *Record, possible []memberAt) (verdict, error) {
	v := verdict{member: none, about: possible}
	parent := splitAccount(clean(r.AccountName)).parent
	asked := make(map[string]bool)
	for _, i := range possible {
		// The service compares letter case: the account is spelt as it is listed.
		login := splitAccount(s.plan.members[i].account).login
		if asked[login] {
			continue
		}
		asked[login] = true
		resp, err := s.Client.QueryUserInfoByAccount(ctx, &quickbi.QueryUserInfoByAccountRequest{Account: login, ParentAccountName: parent})
		switch {
		case errors.Is(err, quickbi.ErrUserNotInOrganization):
			continue
		case errors.Is(err, quickbi.ErrAccountNameAmbiguous):
			v.problem = fmt.Sprintf("%d members can be meant, says the service: give the account's id", len(possible))
			return v, nil
		case err != nil:
			return v, fmt.Errorf("dirsync: asking for the account %s: %w", terminal.Name(r.AccountName), err)
		}
		found, ok := s.byUserID[resp.Result.UserID]
		if !ok || !slices.Contains(possible, found) || v.member != none && v.member != found {
			return verdict{member: none, about: possible, problem: "the service names a member for the account who is not listed under its name"}, nil
		}
		v.member = found
	}
	if v.member == none {
		return v, nil
	}
	if m := &s.plan.members[v.member]; r.AccountID != "" && m.accountID != "" && r.AccountID != m.accountID {
		return verdict{member: none, about: possible, problem: fmt.Sprintf("the account id is not that of %s, which is %s", m.shown(), m.accountID)}, nil
	}
	return verdict{member: v.member}, nil
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
