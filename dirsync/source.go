package dirsync

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/sheet"
)

// Records makes a source of records that cannot fail.
func Records(seq iter.Seq[Record]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r := range seq {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// CSV reads records from a CSV file in UTF-8. Its first line names the columns,
// in any order and letter case; columns with other names are for other readers:
//
//	account_id    UID of the cloud account
//	account_name  its name; one of the two columns must be there
//	groups        paths of groups, separated by semicolons; must be there
//	nickname      of a member to be added
//	user_type     of a member to be added: developer, analyst, viewer, or the number
//
// A row that cannot be read is an error with its line; the rows after it still
// come. As r can be read only once, so can the records.
func CSV(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in := bufio.NewReader(r)
		if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
			_, _ = in.Discard(len(mark)) // spreadsheets write it
		}
		rows := csv.NewReader(in)
		rows.ReuseRecord = true
		rows.TrimLeadingSpace = true

		header, err := rows.Read()
		if errors.Is(err, io.EOF) {
			err = errors.New("the CSV file is empty: its first line has to name the columns")
		}
		var columns csvColumns
		if err == nil {
			columns, err = findColumns(header)
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		for {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var record Record
			if err == nil {
				line, _ := rows.FieldPos(0)
				record, err = columns.record(row, line)
			}
			if !yield(record, err) {
				return
			}
			if err != nil && !errors.As(err, new(*csv.ParseError)) && !errors.As(err, new(*rowError)) {
				return // the reader failed, and would again
			}
		}
	}
}

// csvColumns are the places of the columns, -1 for those that are not there.
type csvColumns struct{ accountID, accountName, nickName, userType, groups int }

func findColumns(header []string) (csvColumns, error) {
	c := csvColumns{-1, -1, -1, -1, -1}
	places := map[string]*int{
		"account_id": &c.accountID, "account_name": &c.accountName, "nickname": &c.nickName,
		"user_type": &c.userType, "groups": &c.groups,
	}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		place, ok := places[name]
		switch {
		case !ok:
		case *place >= 0:
			return c, fmt.Errorf("the CSV file has two columns %s", name)
		default:
			*place = i
		}
	}
	switch {
	case c.accountID < 0 && c.accountName < 0:
		return c, errors.New("the CSV file has neither a column account_id nor account_name in its first line")
	case c.groups < 0: // otherwise all members would leave all groups
		return c, errors.New("the CSV file has no column groups in its first line")
	}
	return c, nil
}

// A rowError is what is wrong with one row.
type rowError struct {
	line int
	text string
}

func (e *rowError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

func (c csvColumns) record(row []string, line int) (Record, error) {
	text := func(column int) string {
		if column < 0 {
			return ""
		}
		return strings.TrimSpace(sheet.Text(row[column]))
	}
	r := Record{
		AccountID:   text(c.accountID),
		AccountName: text(c.accountName),
		NickName:    text(c.nickName),
		Origin:      "line " + strconv.Itoa(line),
	}
	for _, field := range row {
		if !utf8.ValidString(field) {
			return r, &rowError{line, "is not UTF-8: save the file in that encoding"}
		}
	}
	if s := text(c.userType); s != "" {
		var err error
		if r.UserType, err = ParseUserType(s); err != nil {
			return r, &rowError{line, err.Error()}
		}
	}
	for path := range strings.SplitSeq(text(c.groups), ";") {
		if path = strings.TrimSpace(path); path != "" {
			r.Groups = append(r.Groups, path)
		}
	}
	return r, nil
}

var userTypes = map[string]quickbi.UserType{
	"developer": quickbi.UserTypeDeveloper,
	"viewer":    quickbi.UserTypeViewer,
	"analyst":   quickbi.UserTypeAnalyst,
}

// ParseUserType returns the user type that is called developer, viewer or
// analyst, in any letter case, or given as its number.
func ParseUserType(s string) (quickbi.UserType, error) {
	if t, ok := userTypes[strings.ToLower(s)]; ok {
		return t, nil
	}
	// The service reserves numbers up to 10.
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= 10 {
		return quickbi.UserType(n), nil
	}
	return 0, fmt.Errorf("%q is no user type: it is developer, viewer, analyst or a number", s)
}

func userTypeName(t quickbi.UserType) string {
	for name, known := range userTypes {
		if known == t {
			return name
		}
	}
	return "user type " + strconv.Itoa(int(t))
}
