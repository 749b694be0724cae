package dirsync

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/quickbi-go/quickbi/internal/sheet"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// CSV reads records from a CSV file as [CSVFormat] does without settings.
func CSV(r io.Reader) iter.Seq2[Record, error] { return CSVFormat{}.Records(r) }

// A CSVFormat is how a CSV file is written. The zero value fits files as people's
// programs write them.
//
// The first row names the columns, in any order and letter case, in English or
// Chinese; columns with other names are for other readers:
//
//	account_id    UID of the cloud account
//	account_name  its name; one of the two columns must be there
//	groups        paths of groups, separated by semicolons; must be there
//	nickname      of a member to be added
//	user_type     of a member to be added: developer, analyst, viewer, or the number
//	roles         organization roles by name or id, separated by semicolons
//	workspaces    workspaces with the role in each: Sales=analyst;Finance=viewer; empty means none
//	tag:NAME      value of the user tag NAME
//
// Cells are separated by commas, semicolons or tabs, whichever makes these columns
// of the first row, or as a first line such as sep=; says. Lines end as on any
// system. UTF-8 and, with a byte order mark, UTF-16 are recognized.
type CSVFormat struct {
	// Columns are the file's own names of columns: "Abteilung" is "groups". A name
	// that the file does not have is an error.
	Columns map[string]string
	// Encoding is "gbk" or "gb18030", as Excel writes in China. They cannot be told
	// from other encodings by looking at the file.
	Encoding string
}

// Records reads records from a file. A row that cannot be read is an error with
// its line; the rows after it still come. A row without any content is left out.
// As r can be read only once, so can the records.
func (f CSVFormat) Records(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in, err := f.decode(r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		var columns csvColumns
		rows, err := f.begin(in, func(header []string) (err error) {
			columns, err = f.findColumns(header)
			return err
		})
		if err != nil {
			yield(Record{}, err)
			return
		}
		for row, err := range rows.all() {
			var record Record
			if err == nil {
				record, err = columns.record(row.cells, row.line)
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// Groups reads the groups of [Syncer.Groups] from a file with a column key and a column
// path, whose names may be Chinese or, by Columns, your own. Rows that cannot be read are
// an error with their lines.
func (f CSVFormat) Groups(r io.Reader) ([]Group, error) {
	in, err := f.decode(r)
	if err != nil {
		return nil, err
	}
	var columns csvColumns
	rows, err := f.begin(in, func(header []string) (err error) {
		columns, err = f.findGroupColumns(header)
		return err
	})
	if err != nil {
		return nil, err
	}
	var groups []Group
	var bad sourceError
	for row, err := range rows.all() {
		if err == nil {
			err = columns.check(row.cells, row.line)
		}
		if err != nil {
			if bad = append(bad, err); len(bad) == maxSourceErrors {
				break
			}
			continue
		}
		groups = append(groups, Group{columns.text(row.cells, "key"), columns.text(row.cells, "path"), origin(row.line)})
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return groups, nil
}

// peeked is how much of a file is looked at to find out how it is written.
const peeked = 64 << 10

// decode returns a reader of the file in UTF-8, with lines that end in line feeds.
func (f CSVFormat) decode(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, peeked)
	start, _ := in.Peek(4)
	var decoder *encoding.Decoder
	switch name := strings.ToLower(f.Encoding); {
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		decoder = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case bytes.HasPrefix(start, []byte("\ufeff")):
	case name == "gbk" || name == "gb2312" || name == "gb18030":
		decoder = simplifiedchinese.GB18030.NewDecoder()
	case name != "" && name != "utf-8" && name != "utf8":
		return nil, fmt.Errorf("the encoding %s is not known: it is utf-8, gbk or gb18030", terminal.Name(f.Encoding))
	case bytes.IndexByte(start, 0) >= 0:
		return nil, errors.New("the file looks like UTF-16 without a byte order mark: save it as UTF-8")
	}
	if decoder != nil {
		in = bufio.NewReaderSize(decoder.Reader(in), peeked)
	}
	const mark = "\ufeff" // programs that join files leave several
	for {
		if start, _ := in.Peek(len(mark)); string(start) != mark {
			break
		}
		_, _ = in.Discard(len(mark))
	}
	if some, _ := in.Peek(peeked); bytes.IndexByte(some, '\n') < 0 && bytes.IndexByte(some, '\r') >= 0 {
		in = bufio.NewReaderSize(lineFeeds{in}, peeked)
	}
	return in, nil
}

// lineFeeds makes line feeds of carriage returns.
type lineFeeds struct{ r io.Reader }

func (l lineFeeds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// csvRows reads rows.
type csvRows struct {
	*csv.Reader
	skipped int // lines before those that the reader counts
}

// A csvRow is a row with content.
type csvRow struct {
	cells []string
	line  int
}

// all yields the rows with content. One that cannot be read is an error; when the
// reader fails, that is the last one.
func (r csvRows) all() iter.Seq2[csvRow, error] {
	return func(yield func(csvRow, error) bool) {
		for {
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if parse, ok := errors.AsType[*csv.ParseError](err); ok {
				err = &rowError{parse.Line + r.skipped, parse.Err}
			}
			if err == nil && isBlank(cells) {
				continue
			}
			row := csvRow{cells: cells}
			if err == nil {
				line, _ := r.FieldPos(0)
				row.line = line + r.skipped
			}
			if !yield(row, err) || err != nil && !errors.As(err, new(*rowError)) {
				return // the reader failed, and would again
			}
		}
	}
}

// begin reads the first row, by the separator that makes it the names of columns that
// can be found.
func (f CSVFormat) begin(in *bufio.Reader, find func(header []string) error) (csvRows, error) {
	separators := []rune{',', ';', '\t'}
	skipped := 0
	if start, _ := in.Peek(len("sep=;")); len(start) == len("sep=;") && strings.EqualFold(string(start[:4]), "sep=") {
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return csvRows{}, err
		}
		separator, size := utf8.DecodeRuneInString(line[len("sep="):])
		if rest := line[len("sep=")+size:]; strings.Trim(rest, "\r\n") != "" || !slices.Contains([]rune{',', ';', '\t', '|'}, separator) {
			return csvRows{}, fmt.Errorf("the first line %s names no separator that can be: it is a comma, a semicolon, a tab or a vertical bar", terminal.Name(strings.TrimSpace(line)))
		}
		separators, skipped = []rune{separator}, 1
	}
	head, err := in.Peek(peeked)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return csvRows{}, err
		}
		return csvRows{}, errors.New("the CSV file is empty: its first line has to name the columns")
	}
	var firstErr error
	for _, separator := range separators {
		header, err := firstRow(bytes.NewReader(head), separator)
		if err == nil {
			err = find(header)
		}
		if err == nil {
			rows := csvRows{newCSVReader(in, separator), skipped}
			for { // to where firstRow was
				row, err := rows.Read()
				if err != nil {
					return csvRows{}, err
				}
				if !isBlank(row) {
					return rows, nil
				}
			}
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	return csvRows{}, firstErr
}

func newCSVReader(r io.Reader, separator rune) *csv.Reader {
	rows := csv.NewReader(r)
	rows.Comma = separator
	rows.ReuseRecord = true
	rows.TrimLeadingSpace = separator != '\t' // which is a blank, too
	rows.FieldsPerRecord = -1                 // csvColumns.record counts
	return rows
}

// firstRow returns the first row with content.
func firstRow(r io.Reader, separator rune) ([]string, error) {
	rows := newCSVReader(r, separator)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			err = errors.New("the CSV file is empty: its first line has to name the columns")
		}
		if err != nil || !isBlank(row) {
			return row, err
		}
	}
}

func isBlank(row []string) bool {
	return !slices.ContainsFunc(row, func(cell string) bool { return clean(cell) != "" })
}

// columnNames are what columns are called, the one that this package writes first.
var columnNames = map[string][]string{
	"account_id":   {"account_id", "accountid", "account id", "uid", "账号id", "账号 id", "阿里云账号id", "阿里云uid"},
	"account_name": {"account_name", "accountname", "account name", "账号", "账号名", "账号名称", "账户", "登录名", "用户名"},
	"nickname":     {"nickname", "nick_name", "nick name", "昵称", "姓名"},
	"user_type":    {"user_type", "usertype", "user type", "用户类型"},
	"roles":        {"roles", "角色", "组织角色"},
	"workspaces":   {"workspaces", "workspace roles", "workspace_roles", "工作空间", "空间", "群空间"},
	"groups":       {"groups", "user_groups", "user groups", "用户组", "所属用户组"},
}

// csvColumns are the places of the columns.
type csvColumns struct {
	width int
	at    map[string]int // by the name that this package writes
	tags  map[string]int // by the tag's name
}

// tagColumn begins the names of columns with values of tags.
const tagColumn = "tag:"

// tagOf returns the name of the tag whose values a column has.
func tagOf(column string) (string, bool) {
	column = clean(column)
	if len(column) <= len(tagColumn) || !strings.EqualFold(column[:len(tagColumn)], tagColumn) {
		return "", false
	}
	return clean(column[len(tagColumn):]), true
}

func (f CSVFormat) findColumns(header []string) (csvColumns, error) {
	c := csvColumns{width: len(header), at: make(map[string]int), tags: make(map[string]int)}
	known := make(map[string]string)
	for field, names := range columnNames {
		for _, name := range names {
			known[same(name)] = field
		}
	}
	own := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(f.Columns)) {
		field := f.Columns[name]
		_, isTag := tagOf(field)
		if _, ok := columnNames[field]; !ok && !isTag {
			return c, fmt.Errorf("the column %s cannot be %s: there are %s", terminal.Name(name), terminal.Name(field), strings.Join(slices.Sorted(maps.Keys(columnNames)), ", "))
		}
		own[same(name)] = field
		if !slices.ContainsFunc(header, func(cell string) bool { return same(clean(cell)) == same(name) }) {
			return c, fmt.Errorf("the CSV file has no column %s in its first line, which is to be %s", terminal.Name(name), field)
		}
	}
	for i, name := range header {
		field, ok := own[same(clean(name))]
		if !ok {
			field, ok = known[same(clean(name))]
			if ok && slices.Contains(slices.Collect(maps.Values(own)), field) {
				continue // another column is to be it
			}
		}
		if !ok {
			field = name
		}
		if tag, isTag := tagOf(field); isTag {
			if _, twice := c.tags[tag]; twice {
				return c, fmt.Errorf("the CSV file has two columns for the tag %s", terminal.Name(tag))
			}
			c.tags[tag] = i
			continue
		}
		if !ok {
			continue
		}
		if _, twice := c.at[field]; twice {
			return c, fmt.Errorf("the CSV file has two columns %s", field)
		}
		c.at[field] = i
	}
	_, hasID := c.at["account_id"]
	_, hasName := c.at["account_name"]
	_, hasGroups := c.at["groups"]
	switch {
	case !hasID && !hasName:
		return c, errors.New("the CSV file has neither a column account_id nor account_name in its first line")
	case !hasGroups: // otherwise all members would leave all groups
		return c, errors.New("the CSV file has no column groups in its first line")
	}
	return c, nil
}

// groupColumnNames are what the columns of [CSVFormat.Groups] are called.
var groupColumnNames = map[string][]string{
	"key":  {"key", "group_key", "group key", "id", "uuid", "编码", "部门编码", "组织编码", "用户组id"},
	"path": {"path", "group", "groups", "用户组", "用户组路径", "部门路径"},
}

func (f CSVFormat) findGroupColumns(header []string) (csvColumns, error) {
	c := csvColumns{width: len(header), at: make(map[string]int)}
	for field, names := range groupColumnNames {
		own := slices.DeleteFunc(slices.Sorted(maps.Keys(f.Columns)), func(name string) bool { return f.Columns[name] != field })
		if len(own) > 0 {
			names = own
		}
		for i, cell := range header {
			if !slices.ContainsFunc(names, func(name string) bool { return same(clean(cell)) == same(name) }) {
				continue
			}
			if _, twice := c.at[field]; twice {
				return c, fmt.Errorf("the CSV file of groups has two columns %s", field)
			}
			c.at[field] = i
		}
		if _, ok := c.at[field]; !ok {
			return c, fmt.Errorf("the CSV file of groups has no column %s in its first line: it has key and path", field)
		}
	}
	return c, nil
}

// check returns why a row cannot be read.
func (c csvColumns) check(row []string, line int) error {
	switch {
	case len(row) < c.width:
		return &rowError{line, fmt.Errorf("it has %d cells, and the first line names %d columns", len(row), c.width)}
	case len(row) > c.width && !isBlank(row[c.width:]):
		return &rowError{line, fmt.Errorf("it has %d cells, and the first line names %d columns; a cell with a separator in it stands in quotes", len(row), c.width)}
	}
	for _, field := range row {
		if !utf8.ValidString(field) || strings.ContainsRune(field, utf8.RuneError) {
			return &rowError{line, errors.New(`it is not UTF-8: save the file in that encoding, or say that it is "gbk" as Excel writes in China (-encoding gbk)`)}
		}
	}
	return nil
}

// text returns the cell of a column, or "" if there is none.
func (c csvColumns) text(row []string, field string) string {
	if i, ok := c.at[field]; ok {
		return clean(sheet.Text(clean(row[i])))
	}
	return ""
}

func (c csvColumns) record(row []string, line int) (Record, error) {
	r := Record{Origin: origin(line)}
	if err := c.check(row, line); err != nil {
		return r, err
	}
	text := func(field string) string { return c.text(row, field) }
	r.AccountID, r.AccountName, r.NickName = text("account_id"), text("account_name"), text("nickname")
	if s := text("user_type"); s != "" {
		var err error
		if r.UserType, err = ParseUserType(s); err != nil {
			return r, &rowError{line, err}
		}
	}
	for tag, i := range c.tags {
		if value := clean(sheet.Text(clean(row[i]))); value != "" {
			if r.Tags == nil {
				r.Tags = make(map[string]string, len(c.tags))
			}
			r.Tags[tag] = value
		}
	}
	if _, ok := c.at["workspaces"]; ok {
		r.Workspaces = splitWorkspaces(text("workspaces"))
	}
	r.Groups, r.Roles = splitGroups(text("groups")), splitGroups(text("roles"))
	return r, nil
}
