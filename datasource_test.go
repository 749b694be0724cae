package quickbi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDataSourceDocuments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		doc     JSONDocument
		want    string
		problem string
	}{
		"model": {
			doc: DataSourceModel{
				UserID: "u-1", WorkspaceID: "ws-1", DataSourceType: "mysql", Port: "3306", UserName: "root", Password: NewSecret(`p"w<å`),
				Config: map[string]any{"ssl": false, "accessKey": NewSecret("k"), "limit": json.Number("9007199254740993"), "sslConfig": nil},
			},
			want: `{"userId":"u-1","workspaceId":"ws-1","dsType":"mysql","port":"3306","userName":"root","password":"p\"w<å",` +
				`"config":{"accessKey":"k","limit":9007199254740993,"ssl":false,"sslConfig":null},"username":"root"}`,
		},
		"pointer to a model": {
			doc:  &DataSourceModel{UserID: "u-1", WorkspaceID: "ws-1", DataSourceType: "hive"},
			want: `{"userId":"u-1","workspaceId":"ws-1","dsType":"hive"}`,
		},
		"empty password": {
			doc:  DataSourceModel{UserID: "u-1", WorkspaceID: "ws-1", DataSourceType: "hive", Password: NewSecret("")},
			want: `{"userId":"u-1","workspaceId":"ws-1","dsType":"hive","password":""}`,
		},
		"model without its workspace": {
			doc:     DataSourceModel{UserID: "u-1", DataSourceType: "hive", Password: NewSecret("hunter2hunter2")},
			problem: "parameter Model lacks workspaceId",
		},
		"changes": {
			doc:  DataSourceChanges{DataSourceID: "ds-1", DataSourceType: "mysql", UserName: new("root"), Password: NewSecret("pw"), Config: map[string]any{"initialSql": ""}},
			want: `{"dsId":"ds-1","dsType":"mysql","username":"root","password":"pw","config":{"initialSql":""}}`,
		},
		"changes in a VPC": {
			doc:  DataSourceChanges{DataSourceID: "ds-1", DataSourceType: "mysql", Resource: "rds", AccessID: "LTAI", AccessKey: NewSecret("ak"), InstanceID: "rm-1", Region: "cn-hangzhou"},
			want: `{"dsId":"ds-1","dsType":"mysql","resource":"rds","accessId":"LTAI","accessKey":"ak","instanceId":"rm-1","region":"cn-hangzhou"}`,
		},
		"changes without an id": {doc: DataSourceChanges{DataSourceType: "mysql"}, problem: "parameter Model lacks dsId"},
		"VPC without its key": {
			doc:     DataSourceChanges{DataSourceID: "ds-1", DataSourceType: "mysql", Resource: "rds", AccessID: "LTAI"},
			problem: "parameter Model lacks accessKey",
		},
		"no JSON": {
			doc:     DataSourceModel{UserID: "u-1", WorkspaceID: "ws-1", DataSourceType: "hive", Config: map[string]any{"f": func() {}}},
			problem: "parameter Model is not a JSON document",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := url.Values{}
			err := test.doc.EncodeValues("Model", &v)
			if test.problem != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.problem) || !errors.Is(err, ErrInvalidRequest) {
					t.Errorf("%v, want %q", err, test.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, v.Get("Model")); diff != "" {
				t.Errorf("(-want +sent):\n%s", diff)
			}
		})
	}
}

// TestDataSourcePasswordsDoNotPrint prints and marshals requests as a program that logs would.
func TestDataSourcePasswordsDoNotPrint(t *testing.T) {
	t.Parallel()
	secret := NewSecret("hunter2hunter2")
	config := map[string]any{"accessKey": secret}
	for _, in := range []any{
		&AddDataSourceRequest{AddModel: DataSourceModel{UserID: "u-1", Password: secret, Config: config}},
		&AddDataSourceRequest{AddModel: &DataSourceModel{UserID: "u-1", Password: secret, Config: config}},
		UpdateDataSourceRequest{UpdateModel: DataSourceChanges{UserID: "u-1", Password: secret, AccessKey: secret, Config: config}},
		DataSourceModel{UserID: "u-1", Password: secret, Config: config},
	} {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		printed := string(text) + fmt.Sprintf("%v %+v %#v %s", in, in, in, in)
		if strings.Contains(printed, secret.Reveal()) || !strings.Contains(printed, "u-1") {
			t.Errorf("%T prints its secret, or nothing: %s", in, printed)
		}
	}
}

// TestDataSourceMarshalled marshals models, reads them again, and sends what was read.
func TestDataSourceMarshalled(t *testing.T) {
	t.Parallel()
	model := DataSourceModel{UserID: "u", WorkspaceID: "w", DataSourceType: "mysql", ShowName: "REDACTED"}
	changes := DataSourceChanges{DataSourceID: "d", DataSourceType: "mysql", ShowName: new("REDACTED")}
	with := func(change func(*DataSourceModel)) *DataSourceModel {
		m := model
		change(&m)
		return &m
	}
	changed := func(change func(*DataSourceChanges)) *DataSourceChanges {
		m := changes
		change(&m)
		return &m
	}
	config := map[string]any{"a": []any{map[string]any{"key": NewSecret("k")}}}
	wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":"ds-1"}`))
	c := newTestClient(t, wire)
	for _, test := range []struct {
		doc  JSONDocument
		want string // "": it is sent
	}{
		{with(func(m *DataSourceModel) {}), ""},
		{with(func(m *DataSourceModel) {
			m.Config = map[string]any{"a": "REDACTED?", "n": nil, "list": []any{1, true}}
		}), ""},
		{with(func(m *DataSourceModel) { m.Password = NewSecret("p") }), "parameter AddModel has the password REDACTED, which is what a secret prints as"},
		{with(func(m *DataSourceModel) { m.Password = NewSecret("") }), "parameter AddModel has the password REDACTED"},
		{with(func(m *DataSourceModel) { m.Config = config }), "parameter AddModel has the config.a[0].key REDACTED"},
		{changed(func(m *DataSourceChanges) {}), ""},
		{changed(func(m *DataSourceChanges) { m.Password = NewSecret("p") }), "parameter UpdateModel has the password REDACTED"},
		{changed(func(m *DataSourceChanges) {
			m.Resource, m.AccessID, m.AccessKey, m.InstanceID, m.Region = "rds", "LTAI", NewSecret("k"), "rm", "cn-hangzhou"
		}), "parameter UpdateModel has the accessKey REDACTED"},
		{changed(func(m *DataSourceChanges) { m.Config = config }), "parameter UpdateModel has the config.a[0].key REDACTED"},
	} {
		send := func(doc JSONDocument) error {
			if _, ok := doc.(*DataSourceModel); ok {
				_, err := c.AddDataSource(t.Context(), &AddDataSourceRequest{AddModel: doc})
				return err
			}
			_, err := c.UpdateDataSource(t.Context(), &UpdateDataSourceRequest{UpdateModel: doc})
			return err
		}
		before := len(wire.requests())
		_ = send(test.doc)
		if len(wire.requests()) != before+1 {
			t.Errorf("%v is not sent as it is", test.doc)
		}
		text, err := json.Marshal(test.doc)
		if err != nil {
			t.Fatal(err)
		}
		again := map[bool]JSONDocument{true: new(DataSourceModel), false: new(DataSourceChanges)}[strings.Contains(string(text), "workspaceId")]
		if err := json.Unmarshal(text, again); err != nil {
			t.Fatal(err)
		}
		before = len(wire.requests())
		err = send(again)
		problem, ok := errors.AsType[*ParameterError](err)
		switch sent := len(wire.requests()) > before; {
		case sent != (test.want == ""):
			t.Errorf("%s: sent is %t: %v", text, sent, err)
		case test.want != "" && (!ok || !strings.HasPrefix(problem.Error(), test.want) || !strings.HasSuffix(problem.Action, "DataSource")):
			t.Errorf("%s: %v, want %s", text, err, test.want)
		}
	}
}

// TestDataSourceMembers looks at what becomes of a member without a field: it is sent
// with the model that was read, and is not shown, because it may be a password.
func TestDataSourceMembers(t *testing.T) {
	t.Parallel()
	const text = `{"userId":"u","workspaceId":"w","dsType":"mysql","dsId":"d","token":"hunter2","schema":"s"}`
	for _, doc := range []JSONDocument{new(DataSourceModel), new(DataSourceChanges)} {
		if err := json.Unmarshal([]byte(text), doc); err != nil {
			t.Fatal(err)
		}
		if sent, err := parameterOf(doc); err != nil || !strings.Contains(sent, `"token":"hunter2"`) {
			t.Errorf("%T is sent as %s, %v", doc, sent, err)
		}
		if shown, err := json.Marshal(doc); err != nil || strings.Contains(string(shown), "token") {
			t.Errorf("%T is shown as %s, %v", doc, shown, err)
		}
	}
}

func TestAPIDatasourceDocuments(t *testing.T) {
	t.Parallel()
	const text = `{"Parameters":"[{\"name\":\"id\",\"value\":9007199254740993},{\"name\":\"list\",\"value\":[1.50,\"x\"]}]","Body":"{\"n\":9007199254740993}"}`
	var got APIDataSource
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	parameters, err := got.Parameters.Value()
	if diff := cmp.Diff(APIDataSourceParameters{{Name: "id", Value: json.Number("9007199254740993")}, {Name: "list", Value: []any{json.Number("1.50"), "x"}}}, parameters, fieldsOnly); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	body, err := got.Body.Value()
	if diff := cmp.Diff(APIDataSourceBody{"n": json.Number("9007199254740993")}, body); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	v := url.Values{}
	if err := parameters.EncodeValues("Parameters", &v); err != nil {
		t.Fatal(err)
	}
	if sent := v.Get("Parameters"); sent != `[{"name":"id","value":9007199254740993},{"name":"list","value":[1.50,"x"]}]` {
		t.Errorf("sent again as %s", sent)
	}
	for body, want := range map[string]string{
		`"a=1&b=x%20y"`: "a=1&b=x%20y", `"[1,2]"`: "[1,2]", `[1,2]`: "[1,2]", `"{broken"`: "{broken", `7`: "7",
	} {
		var got APIDataSource
		err := json.Unmarshal([]byte(`{"ApiId":"a","Body":`+body+`}`), &got)
		if _, bad := got.Body.Value(); err != nil || got.Body.Text() != want || bad == nil || got.APIID != "a" {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":{"Data":[{"ApiId":"a","Body":`+body+`,"ShowName":"n"}],"TotalNum":1}}`))
		resp, err := newTestClient(t, wire).ListApiDatasource(t.Context(), &ListApiDatasourceRequest{WorkspaceID: "w"})
		if err != nil || len(resp.Result.Data) != 1 || resp.Result.Data[0].Body.Text() != want || resp.Result.Data[0].ShowName != "n" {
			t.Errorf("%s in a list: %+v, %v", body, resp, err)
		}
	}
	for _, empty := range []string{`{}`, `{"Parameters":"","Body":""}`, `{"Parameters":null,"Body":null}`} {
		var got APIDataSource
		if err := json.Unmarshal([]byte(empty), &got); err != nil || got.Parameters.Text() != "" || got.Body.Text() != "" {
			t.Errorf("%s: %v, %v", empty, got, err)
		}
	}
}
