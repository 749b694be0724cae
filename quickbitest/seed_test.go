package quickbitest

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSeedFromJSON adds a seed that refers to what is there already.
func TestSeedFromJSON(t *testing.T) {
	t.Parallel()
	const document = `{
		"Users": [{"UserId": "cem", "AccountName": "cem", "NickName": "Cem", "UserType": 3, "RoleIdList": [456], "IsDeleted": true, "JoinedDate": 1, "LastLoginTime": 2}],
		"UserGroups": [{"UserGroupName": "East", "ParentUserGroupId": "south", "UserIds": ["cem", "ann"]}]
	}`
	var o Organization
	if err := json.Unmarshal([]byte(document), &o); err != nil {
		t.Fatal(err)
	}
	e := seeded(t)
	if err := e.Seed(o); err != nil {
		t.Fatal(err)
	}
	row := must[page[memberRow]](t, e, "QueryUserList", "Keyword", "cem").Data[0]
	if row.UserID != "cem" || !row.IsDeleted || row.JoinedDate != 1 || row.LastLoginTime != 2 || row.UserType != analyst {
		t.Errorf("%+v", row)
	}
	if got := members(t, e, children(t, e, "south")); got != "cem ann" {
		t.Errorf("East: %s", got)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Organization{
		`user 1, "B": there is a user "x" already`:                  {Users: []User{{UserID: "x", NickName: "A"}, {UserID: "x", NickName: "B"}}},
		`user 1, "B": there is a user with this account already`:    {Users: []User{{AccountName: "a", NickName: "A"}, {AccountName: "a", NickName: "B"}}},
		`user 1, "A": there is a user with this nickname already`:   {Users: []User{{NickName: "A"}, {NickName: "A"}}},
		`user 0, "": there is no nickname`:                          {Users: []User{{}}},
		`user 0, "A": there is no user type 9`:                      {Users: []User{{NickName: "A", UserType: 9}}},
		`user 0, "A": BindRole.NotExist.Error: `:                    {Users: []User{{NickName: "A", RoleIDs: []int64{1}}}},
		`user group 0, "G": UserGroup.Parent.NotFound: `:            {UserGroups: []UserGroup{{ParentUserGroupID: "x", UserGroupName: "G"}}},
		`user group 0, "G": there is no user "nobody"`:              {UserGroups: []UserGroup{{UserGroupName: "G", UserIDs: []string{"nobody"}}}},
		`user group 1, "G": Duplicate.UserGroupName.Error: The par`: {UserGroups: []UserGroup{{UserGroupName: "G"}, {UserGroupName: "G"}}},
	} {
		err := NewEmulator().Seed(o)
		if err == nil || !strings.HasPrefix(err.Error(), "quickbitest: "+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What a test does with a seed it has given, or with a snapshot it has got, changes
// nothing inside; the race detector sees it, too.
func TestSeedAndSnapshotAreCopies(t *testing.T) {
	t.Parallel()
	first := furnished(t).Snapshot()
	before := asJSON(t, first)

	e := NewEmulator(WithClock(func() time.Time { return officeTime }))
	if err := e.Seed(first); err != nil {
		t.Fatal(err)
	}
	want := asJSON(t, e.Snapshot())
	done := make(chan bool)
	go func() {
		defer close(done)
		for range 5 {
			do(t, e, "QueryUserList")
			do(t, e, "QueryDatasetInfo", "DatasetId", "deep")
		}
	}()
	spoil(reflect.ValueOf(&first).Elem())
	if spoilt := asJSON(t, first); spoilt == before {
		t.Fatal("nothing was changed")
	}
	snapshot := e.Snapshot()
	spoil(reflect.ValueOf(&snapshot).Elem())
	<-done
	if diff := cmp.Diff(want, asJSON(t, e.Snapshot())); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	document, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// spoil changes every text, number and flag that can be reached.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				spoil(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			v.SetMapIndex(key, reflect.Zero(v.Type().Elem()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.String:
		v.SetString("spoilt")
	case reflect.Int, reflect.Int64:
		v.SetInt(-1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	}
}

func TestSeedJSON(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	if err := e.SeedJSON(strings.NewReader(`{"Users": [{"UserId": "ann", "NickName": "Ann"}]}`)); err != nil || len(e.Snapshot().Users) != 2 {
		t.Errorf("%v, %+v", err, e.Snapshot().Users)
	}
	for document, want := range map[string]string{
		"{\"Users\": [\n  {\"NickName\": \"A\"},\n  {\"NickName\": \"\"}]}":                  `line 3, column 3: user 1, "": there is no nickname`,
		"{\"Users\": [ {\"NickName\": \"Ä\"}, {}]}":                                          `line 1, column 32: user 1, "": there is no nickname`,
		"{\n\"UserGroups\": [{\"UserGroupName\": \"G\"} ,\n\t{\"UserGroupName\": \"G\"}]\n}": `line 3, column 2: user group 1, "G": Duplicate.UserGroupName.Error`,
		"{\"IpWhiteList\": [\"8.8.8.8\",\n\"10.0.0.1\"]}":                                    `line 2, column 1: address 1, "10.0.0.1": LoginIp.Private.Error`,
		"\ufeff{}":                             "line 1, column 1: the document begins with a byte order mark",
		"{\"Users\": [\n {\"Nick\": \"A\"}]}":  `line 2, column 3: unknown field "Nick"`,
		"{\n \"Members\": []}":                 `line 2, column 2: unknown field "Members"`,
		"{\"Users\": [{\"NickName\":\n 7}]}":   `line 2, column 2: the document cannot be read: "/Users/0/NickName" is not of type string`,
		"{\"Users\": [\n{\"NickName\": \"A}]}": "the document cannot be read",
		"{\"Users\": [],\n\"Users\": []}":      "line 2, column 1: the document cannot be read: duplicate",
		"{}\n\n {}":                            "line 3, column 2: there is something after the document",
		"[]":                                   "line 1, column 1: the document cannot be read",
		"":                                     "the document cannot be read: it is empty",
	} {
		if err := NewEmulator().SeedJSON(strings.NewReader(document)); err == nil || !strings.HasPrefix(err.Error(), "quickbitest: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %s", document, err, want)
		}
	}
}

// FuzzSeedJSON seeds documents of all kinds: the emulator must answer with an error or be
// able to show what it has become.
func FuzzSeedJSON(f *testing.F) {
	seed, err := os.ReadFile("testdata/seed.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"Users":[{"NickName":""}],"Users":3}`))
	f.Add([]byte("{\"UserGroups\":[\n{\"UserGroupName\":\"G\"}, {\"UserGroupName\":\"G\"}]}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		e := NewEmulator()
		if err := e.SeedJSON(bytes.NewReader(document)); err == nil {
			asJSON(t, e.Snapshot())
		} else if !strings.HasPrefix(err.Error(), "quickbitest: ") {
			t.Error(err)
		}
	})
}
