package dirsync

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/quickbi-go/quickbi/internal/cloudaccount"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// What the service takes.
const (
	serviceMaxIDs   = 1000 // in one call
	serviceMaxDepth = 10   // layers of groups
	maxNickName     = 50   // characters
	maxAccountName  = 50   // characters
	maxGroupName    = 255  // characters
)

// checkName returns why the service would refuse a name: it documents letters,
// digits and a few signs, and lists these with blanks between them.
func checkName(name string, limit int) error {
	if n := utf8.RuneCountInString(name); n > limit {
		return fmt.Errorf("it has %d characters, and can have %d", n, limit)
	}
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(`_\/|()[] `, r) {
			continue
		}
		hint := ""
		if plain, ok := map[rune]string{'；': "; separates groups", '／': "/ separates the names of a path", '，': "; separates groups", ',': "; separates groups"}[r]; ok {
			hint = " (" + plain + ")"
		}
		return fmt.Errorf("the service refuses the character %s%s", strconv.QuoteRune(r), hint)
	}
	return nil
}

// quotedAll lists names in a text.
func quotedAll(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = terminal.Name(name)
	}
	return strings.Join(texts, ", ")
}

// clean takes blanks and invisible characters off both ends of a cell.
func clean(cell string) string {
	return strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// notValues are what spreadsheets write where a formula failed.
var notValues = []string{
	"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
	"#UNKNOWN!", "#BUSY!", "#CONNECT!", "#GETTING_DATA", "#ERROR!", "#EXTERNAL!", "#PYTHON!",
}

// isValue reports whether a cell is not what a spreadsheet writes for a failed
// formula, or for a column that is too narrow.
func isValue(cell string) bool {
	cell = strings.ToUpper(clean(cell))
	return !slices.Contains(notValues, cell) && (len(cell) < 3 || strings.Trim(cell, "#") != "")
}

// checkAccountID returns why a text cannot be the UID of an account.
func checkAccountID(id string) error {
	if strings.Trim(id, "0123456789") == "" {
		return nil
	}
	if _, err := strconv.ParseFloat(id, 64); err == nil && strings.ContainsAny(id, "eE.") {
		return fmt.Errorf("the account id %s has been rounded by a spreadsheet: format the column as text and export it again", terminal.Name(id))
	}
	return fmt.Errorf("the account id %s is not the UID of an account: it has other characters than digits", terminal.Name(id))
}

// bare takes out what nobody sees, writes composed characters, and one blank for many.
func bare(name string) string {
	name = norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	return strings.Join(strings.Fields(name), " ")
}

// same returns what names that mean the same thing have in common, however they
// are composed, in whatever letter case, with whatever blanks.
func same(name string) string {
	if isPlain(name) {
		return name
	}
	return cases.Fold().String(bare(name))
}

// isPlain reports whether same would return the name itself, as it does of most.
func isPlain(name string) bool {
	for i := range len(name) {
		if b := name[i]; b >= utf8.RuneSelf || 'A' <= b && b <= 'Z' || b < ' ' || b == ' ' && (i == 0 || i == len(name)-1 || name[i-1] == ' ') {
			return false
		}
	}
	return true
}

// alike returns what names that look the same to a person have in common: those
// that are the same, and those written with characters of another width or form.
func alike(name string) string {
	return cases.Fold().String(norm.NFKC.String(width.Fold.String(bare(name))))
}

// An accountName is the name of a cloud account, taken apart.
type accountName struct {
	login  string // of a RAM user: the name within the account
	parent string // of a RAM user: the account, or ""
	sign   byte   // ':' or '@', by which the parent was written; 0 without one
}

// splitAccount takes a name apart. An account that is no RAM user has only a login.
func splitAccount(name string) accountName {
	n := cloudaccount.Split(name)
	return accountName{n.Login, n.Parent, n.Sign}
}

// key returns the name in the form in which names are compared.
func (n accountName) key() accountName { return accountName{same(n.login), same(n.parent), n.sign} }

// fits reports whether both can be names of one account: the logins are equal, and
// no parent contradicts. Quick BI may show an account without its domain.
func (n accountName) fits(other accountName) bool {
	if n.sign != 0 && n.sign == other.sign && n.parent != other.parent {
		return false
	}
	if n.login == other.login {
		return true
	}
	short, _, cut := strings.Cut(n.login, "@")
	shortOther, _, cutOther := strings.Cut(other.login, "@")
	return cut != cutOther && short == shortOther
}
