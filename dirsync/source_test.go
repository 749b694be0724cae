package dirsync_test

import (
	"bytes"
	"encoding/binary"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/internal/sheet"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, csv string
		want      []dirsync.Record
		errs      []string
	}{
		{
			name: "all columns, among others",
			csv: "\ufeffDepartment, Groups ,account_id,ACCOUNT_NAME,nickname,user_type\r\n" +
				"7,Sales/North; Finance;;,101,ann@example.com,Ann,Developer\r\n\r\n" +
				`8,"` + "销售\n;R\\/D" + `",102,,"Bob ""the"" Builder",3`,
			want: []dirsync.Record{
				{AccountID: "101", AccountName: "ann@example.com", NickName: "Ann", UserType: quickbi.UserTypeDeveloper, Groups: []string{"Sales/North", "Finance"}, Origin: "line 2"},
				{AccountID: "102", NickName: `Bob "the" Builder`, UserType: quickbi.UserTypeAnalyst, Groups: []string{"销售", `R\/D`}, Origin: "line 4"},
			},
		},
		{name: "only what is needed", csv: "account_name,groups\nann,\n", want: []dirsync.Record{{AccountName: "ann", Origin: "line 2"}}},
		{name: "only a header", csv: "account_id,groups"},
		{name: "empty", csv: "", errs: []string{"empty"}},
		{name: "no account", csv: "name,groups\nann,Sales\n", errs: []string{"neither a column account_id nor account_name"}},
		{name: "no groups", csv: "account_id,group\nann,Sales\n", errs: []string{"no column groups"}},
		{name: "a column twice", csv: "account_id,groups,Groups\n", errs: []string{"two columns groups"}},
		{name: "a bad header", csv: "account_id,\"gro\"ups\n", errs: []string{"line 1"}},
		{
			name: "bad rows among good ones", csv: "account_name,user_type,groups\nann,viewer,A\nbob\ncarl,0,\ndora,11,\n\xd5\xc5\xc8\xfd,1,\neve,2,B\n",
			want: []dirsync.Record{
				{AccountName: "ann", UserType: quickbi.UserTypeViewer, Groups: []string{"A"}, Origin: "line 2"},
				{AccountName: "eve", UserType: quickbi.UserTypeViewer, Groups: []string{"B"}, Origin: "line 7"},
			},
			errs: []string{"line 3: it has 1 cells, and the first line names 3 columns", `line 4: "0" is no user type`, `line 5: "11"`, "line 6: it is not UTF-8"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []dirsync.Record
			var errs []string
			for r, err := range dirsync.CSV(strings.NewReader(tt.csv)) {
				if err != nil {
					errs = append(errs, err.Error())
				} else {
					got = append(got, r)
				}
			}
			mustBe(t, "records", tt.want, got)
			if !slices.EqualFunc(errs, tt.errs, strings.Contains) {
				t.Errorf("errors %q, want %q", errs, tt.errs)
			}
		})
	}
}

// Files come as people's programs write them, or the error says what is wrong.
func TestCSVFormats(t *testing.T) {
	t.Parallel()
	utf16 := func(text string, order binary.AppendByteOrder) string {
		var out []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
			out = order.AppendUint16(out, unit)
		}
		return string(out)
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("账号,用户组\nann,销售\n")
	if err != nil {
		t.Fatal(err)
	}
	ann := []dirsync.Record{{AccountName: "ann", Groups: []string{"销售"}, Origin: "line 2"}}
	for _, tt := range []struct {
		name, csv string
		format    dirsync.CSVFormat
		want      []dirsync.Record
		err       string
	}{
		{name: "UTF-16, little end first", csv: utf16("account_name,groups\nann,销售\n", binary.LittleEndian), want: ann},
		{name: "UTF-16, big end first", csv: utf16("account_name\tgroups\r\nann\t销售\r\n", binary.BigEndian), want: ann},
		{name: "UTF-16 without a mark", csv: utf16("account_name,groups\nann,销售\n", binary.LittleEndian)[2:], err: "UTF-16 without a byte order mark"},
		{name: "semicolons", csv: "account_name;groups\nann;销售\n", want: ann},
		{name: "semicolons, several groups", csv: "account_name;groups\nann;\"销售;A\"\n", want: []dirsync.Record{{AccountName: "ann", Groups: []string{"销售", "A"}, Origin: "line 2"}}},
		{name: "semicolons, several groups without quotes", csv: "account_name;groups\nann;销售;A\n", err: "line 2: it has 3 cells"},
		{name: "tabs", csv: "account_name\tnickname\tgroups\nann\t\t销售\n", want: ann},
		{name: "sep=", csv: "sep=;\r\naccount_name;groups\r\nann;销售\r\n", want: []dirsync.Record{{AccountName: "ann", Groups: []string{"销售"}, Origin: "line 3"}}},
		{name: "sep= of a bar", csv: "SEP=|\naccount_name|groups\nann|销售\n", want: []dirsync.Record{{AccountName: "ann", Groups: []string{"销售"}, Origin: "line 3"}}},
		{name: "sep= of nonsense", csv: "sep=ab\naccount_name,groups\n", err: "names no separator"},
		{name: "carriage returns", csv: "account_name,groups\rann,销售\r", want: ann},
		{name: "two marks", csv: "\ufeff\ufeffaccount_name,groups\nann,销售\n", want: ann},
		{name: "GBK that nobody announces", csv: strings.Replace(gbk, gbk[:strings.IndexByte(gbk, '\n')], "account_name,groups", 1), err: "not UTF-8"},
		{name: "GBK", csv: gbk, format: dirsync.CSVFormat{Encoding: "GBK"}, want: ann},
		{name: "UTF-8 in spite of the setting", csv: "\ufeff账号,用户组\nann,销售\n", format: dirsync.CSVFormat{Encoding: "gbk"}, want: ann},
		{name: "an unknown encoding", format: dirsync.CSVFormat{Encoding: "ebcdic"}, err: "ebcdic is not known"},
		{name: "columns in Chinese", csv: "姓名,账号,用户类型,用户组\n,ann,,销售\n", want: ann},
		{name: "user types in Chinese", csv: "账号,用户类型,用户组\nann,分析师,销售\n", want: []dirsync.Record{{AccountName: "ann", UserType: quickbi.UserTypeAnalyst, Groups: []string{"销售"}, Origin: "line 2"}}},
		{name: "a mapping", csv: "Login,Abteilung,groups\nann,销售,x\n", format: dirsync.CSVFormat{Columns: map[string]string{"login": "account_name", "Abteilung": "groups"}}, want: ann},
		{name: "a mapping of no column", csv: "Login,groups\nann,销售\n", format: dirsync.CSVFormat{Columns: map[string]string{"User": "account_name"}}, err: "no column User"},
		{name: "a mapping to nothing", csv: "Login,groups\nann,销售\n", format: dirsync.CSVFormat{Columns: map[string]string{"Login": "login"}}, err: "cannot be login"},
		{name: "blank rows", csv: "\n,,\naccount_name,groups,note\n\u3000,,\nann,销售,\n,,\n \n", want: []dirsync.Record{{AccountName: "ann", Groups: []string{"销售"}, Origin: "line 5"}}},
		{name: "a row with content elsewhere", csv: "account_name,groups,note\nann,销售,\n,,Total: 1\n", want: append(slices.Clone(ann), dirsync.Record{Origin: "line 3"})},
		{name: "a row that is too short", csv: "account_name,note,groups\nann,x\n", err: "line 2: it has 2 cells, and the first line names 3"},
		{name: "a row that is too long", csv: "account_name,groups\nann,销售,,\nben,Sales,North\n", want: ann, err: "line 3: it has 3 cells"},
		{name: "what nobody sees around cells", csv: "account_name,groups\n\u200b ann\u00a0,\u3000销售\ufeff\n", want: ann},
		{name: "a semicolon in a name", csv: "account_name,groups\nann,A\\;B;C\n", want: []dirsync.Record{{AccountName: "ann", Groups: []string{`A\;B`, "C"}, Origin: "line 2"}}},
		{name: "roles", csv: "account_name,roles,groups\nann,HR; 900001,销售\n", want: []dirsync.Record{{AccountName: "ann", Roles: []string{"HR", "900001"}, Groups: []string{"销售"}, Origin: "line 2"}}},
		{name: "tags", csv: "account_name,tag:Region,Stufe,groups\nann,\"North,South\",,销售\nann,,3,销售\n", format: dirsync.CSVFormat{Columns: map[string]string{"Stufe": "tag:Level"}}, want: []dirsync.Record{
			{AccountName: "ann", Tags: map[string]string{"Region": "North,South"}, Groups: []string{"销售"}, Origin: "line 2"},
			{AccountName: "ann", Tags: map[string]string{"Level": "3"}, Groups: []string{"销售"}, Origin: "line 3"},
		}},
		{name: "a tag twice", csv: "account_name,tag:A,TAG:A,groups\n", err: "two columns for the tag A"},
		{name: "a bad row after sep=", csv: "sep=,\naccount_name,groups\na\"b,c\n", err: "line 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []dirsync.Record
			var last error
			for r, err := range tt.format.Records(iotest.OneByteReader(strings.NewReader(tt.csv))) {
				if err != nil {
					last = err
				} else {
					got = append(got, r)
				}
			}
			mustBe(t, "records", tt.want, got)
			if tt.err == "" && last != nil || tt.err != "" && (last == nil || !strings.Contains(last.Error(), tt.err)) {
				t.Errorf("error %v, want %q", last, tt.err)
			}
		})
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	text := "\ufeff" + `{"account_id":208812345678999123,"account_name":"acme:ann","nickname":"Ann","user_type":"viewer","groups":["Sales/North"," "],"roles":["HR",900001,{"value":"7"},{"display":"Finance"},""],"tags":{"Level":3}}

{"externalId":"2002","userName":"acme:ben","displayName":"Ben","nickName":null,"userType":3,"active":true,"emails":[{"value":"x"}],"groups":[{"value":"1","display":"Sales"},"A\\;B"]}
{"userName":"acme:gone","active":false,"groups":[]}
{"userName":"acme:carl"}
{"userName":"acme:dora","account_name":"acme:eve","groups":[]}
{"userName":["x"],"groups":[]}
{"userName":"x","groups":[{"value":"1"}]}
{"userName":"x","userType":"boss","groups":[]}
{"userName":"x"
{"userName":"acme:\xff","groups":[]}
{"account_id":1.91477E+15,"groups":[]}
`
	text = strings.Replace(text, `\xff`, "\xff", 1)
	var got []dirsync.Record
	var errs []string
	for r, err := range dirsync.JSONLines(strings.NewReader(text)) {
		if err != nil {
			errs = append(errs, err.Error())
		} else {
			got = append(got, r)
		}
	}
	want := []dirsync.Record{
		{AccountID: "208812345678999123", AccountName: "acme:ann", NickName: "Ann", UserType: quickbi.UserTypeViewer, Groups: []string{"Sales/North"}, Roles: []string{"HR", "900001", "7", "Finance"}, Tags: map[string]string{"Level": "3"}, Origin: "line 1"},
		{AccountID: "2002", AccountName: "acme:ben", NickName: "Ben", UserType: quickbi.UserTypeAnalyst, Groups: []string{"Sales", `A\;B`}, Origin: "line 3"},
		{AccountID: "1.91477E+15", Origin: "line 12"}, // which Plan refuses
	}
	mustBe(t, "records", want, got)
	wantErrs := []string{
		"line 5: it has no groups", "line 6: it has two texts for the account name", "line 7: it cannot be read", "line 8: it cannot be read",
		`line 9: "boss" is no user type`, "line 10: it cannot be read", "line 11: it is not UTF-8",
	}
	if !slices.EqualFunc(errs, wantErrs, strings.Contains) {
		t.Errorf("errors %q, want %q", errs, wantErrs)
	}
	broken := errors.New("the file server is down")
	for text, want := range map[string]string{"": broken.Error(), strings.Repeat("x", 5<<20): "longer than"} {
		var last error
		for _, err := range dirsync.JSONLines(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("%v, want %q", last, want)
		}
	}
	for range dirsync.JSONLines(strings.NewReader(text)) {
		break // and nothing comes after it, or it would panic
	}
}

// FuzzJSONLines feeds anything to the reader.
func FuzzJSONLines(f *testing.F) {
	f.Add([]byte(`{"account_id":1,"groups":["A"]}`))
	f.Add([]byte(`{"userName":"x","active":false,"groups":[{"display":"A"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		n := 0
		for r, err := range dirsync.JSONLines(bytes.NewReader(text)) {
			if n++; n > len(text)+1 {
				t.Fatal("it does not end")
			}
			if err != nil && err.Error() == "" {
				t.Error("an error says nothing")
			}
			for _, s := range append([]string{r.AccountID, r.AccountName, r.NickName}, r.Groups...) {
				if err == nil && !utf8.ValidString(s) {
					t.Errorf("%q is not clean", s)
				}
			}
		}
	})
}

// A reader that fails ends the records: it would fail for ever.
func TestCSVReaderFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the file server is down")
	n := 0
	var last error
	for _, err := range dirsync.CSV(io.MultiReader(strings.NewReader("account_id,groups\n1,A\n"), iotest.ErrReader(broken))) {
		n++
		last = err
	}
	if n != 2 || !errors.Is(last, broken) {
		t.Errorf("%d, %v", n, last)
	}
	for range dirsync.CSV(strings.NewReader("account_id,groups\n1,A\n2,B\n")) {
		break // and nothing comes after it, or it would panic
	}
}

// FuzzCSV feeds anything to the reader. What it makes records of, it must make
// the same records of when they are written out again.
// dirsyncRecords yields the records of a CSV file that can be read.
func dirsyncRecords(text []byte) iter.Seq[dirsync.Record] {
	return func(yield func(dirsync.Record) bool) {
		for r, err := range dirsync.CSV(bytes.NewReader(text)) {
			if err == nil && !yield(r) {
				return
			}
		}
	}
}

// workspacesCell writes roles in workspaces as the column has them.
func workspacesCell(workspaces map[string][]string) string {
	escape := strings.NewReplacer(`\`, `\\`, `;`, `\;`, `=`, `\=`)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(workspaces)) {
		for _, role := range workspaces[name] {
			parts = append(parts, escape.Replace(name)+"="+escape.Replace(role))
		}
		if len(workspaces[name]) == 0 {
			parts = append(parts, escape.Replace(name))
		}
	}
	return strings.Join(parts, ";")
}

// FuzzGroups reads files of groups: no text is read for ever, and what is read is clean.
func FuzzGroups(f *testing.F) {
	f.Add([]byte("key,path\n1,A/B\n2,\\;\n"))
	f.Add([]byte("\ufeff编码;用户组\n\"=\"\"01\"\"\";A\n"))
	f.Add([]byte(`{"key":1,"path":"A"}` + "\n" + `{"groups":[{"value":"x","display":"A/B"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func(io.Reader) ([]dirsync.Group, error){dirsync.CSVFormat{}.Groups, dirsync.JSONLinesGroups} {
			groups, err := read(bytes.NewReader(text))
			if err != nil && (err.Error() == "" || groups != nil) {
				t.Errorf("%v, %v", groups, err)
			}
			for _, g := range groups {
				if !utf8.ValidString(g.Key+g.Path) || g.Origin == "" || dirsync.GroupID(g.Key) == "-1" || len(dirsync.GroupID(g.Key)) > 64 {
					t.Errorf("%+v is not clean", g)
				}
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(staffCSV))
	f.Add([]byte(changed))
	f.Add([]byte("\ufeffgroups;account_id\n\"a\"\"b\n"))
	f.Add([]byte("account_id,workspaces,groups\n1,A=viewer;A=b\\=c;\\;d,\n2,=x;y=,\n"))
	f.Add([]byte("account_name,groups,user_type\n\" x\",\"A;B\\/C\n;\",viewer\n,,\n\xff,,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var records []dirsync.Record
		var written bytes.Buffer
		out := stdcsv.NewWriter(&written)
		header := []string{"account_id", "account_name", "nickname", "user_type", "groups", "workspaces"}
		if !slices.ContainsFunc(slices.Collect(dirsyncRecords(text)), func(r dirsync.Record) bool { return r.Workspaces != nil }) {
			header[5] = "other" // the file says nothing about workspaces
		}
		_ = out.Write(header)
		n := 0
		for r, err := range dirsync.CSV(bytes.NewReader(text)) {
			if n++; n > len(text)+1 {
				t.Fatal("it does not end")
			}
			if err != nil {
				if err.Error() == "" {
					t.Error("an error says nothing")
				}
				continue
			}
			userType := ""
			if r.UserType != 0 {
				userType = fmt.Sprint(int(r.UserType))
			}
			for _, s := range append([]string{r.AccountID, r.AccountName, r.NickName}, r.Groups...) {
				if !utf8.ValidString(s) || s != strings.TrimSpace(s) {
					t.Errorf("%q is not clean", s)
				}
			}
			_ = out.Write([]string{sheet.Guard(r.AccountID), sheet.Guard(r.AccountName), sheet.Guard(r.NickName), userType, sheet.Guard(strings.Join(r.Groups, ";")), sheet.Guard(workspacesCell(r.Workspaces))})
			r.Origin = ""
			records = append(records, r)
		}
		out.Flush()
		var again []dirsync.Record
		for r, err := range dirsync.CSV(&written) {
			if err != nil {
				t.Fatalf("%v in\n%s", err, written.Bytes())
			}
			r.Origin = ""
			again = append(again, r)
		}
		if diff := cmp.Diff(records, again); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	})
}
