package dirsync_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
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
			errs: []string{"line 3: wrong number of fields", `line 4: "0" is no user type`, `line 5: "11"`, "line 6: is not UTF-8"},
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
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if !slices.EqualFunc(errs, tt.errs, strings.Contains) {
				t.Errorf("errors %q, want %q", errs, tt.errs)
			}
		})
	}
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
func FuzzCSV(f *testing.F) {
	f.Add([]byte(staffCSV))
	f.Add([]byte(changed))
	f.Add([]byte("\ufeffgroups;account_id\n\"a\"\"b\n"))
	f.Add([]byte("account_name,groups,user_type\n\" x\",\"A;B\\/C\n;\",viewer\n,,\n\xff,,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var records []dirsync.Record
		var written bytes.Buffer
		out := stdcsv.NewWriter(&written)
		_ = out.Write([]string{"account_id", "account_name", "nickname", "user_type", "groups"})
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
			_ = out.Write([]string{r.AccountID, r.AccountName, r.NickName, userType, strings.Join(r.Groups, ";")})
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
