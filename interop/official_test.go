package interop

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const apiVersion = "2022-01-01"

// key is what a client signs with.
type key struct{ id, secret, token string }

// request is a call, by the places its parameters travel in.
type request struct {
	method, action string
	query, body    parameters
}

type parameters map[string]string

// An official client, or one of its two signatures.
type official struct {
	name   string
	scheme string         // as the emulator calls it
	signer quickbi.Signer // with which ours signs alike
	// open returns a function that makes a call and returns the answer. A refusal
	// is an error whose code is found by codeOf.
	open func(t *testing.T, host string, k key) func(request) (json.RawMessage, error)
}

var officials = []official{
	{"legacy SDK, V1", quickbitest.SignatureV1, quickbi.SignerV1{}, openLegacy},
	{"current core, V1", quickbitest.SignatureV1, quickbi.SignerV1{}, openCore("v2")}, // as its configuration calls it
	{"current core, V3", quickbitest.SignatureV3, quickbi.SignerV3{}, openCore("ACS3-HMAC-SHA256")},
}

// forEachOfficial runs a parallel subtest for each official client.
func forEachOfficial(t *testing.T, test func(t *testing.T, o official)) {
	t.Parallel()
	for _, o := range officials {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			test(t, o)
		})
	}
}

func openLegacy(t *testing.T, host string, k key) func(request) (json.RawMessage, error) {
	t.Helper()
	var credential auth.Credential = credentials.NewAccessKeyCredential(k.id, k.secret)
	if k.token != "" {
		credential = credentials.NewStsTokenCredential(k.id, k.secret, k.token)
	}
	client, err := sdk.NewClientWithOptions("cn-hangzhou", sdk.NewConfig(), credential)
	if err != nil {
		t.Fatal(err)
	}
	return func(r request) (json.RawMessage, error) {
		request := requests.NewCommonRequest()
		request.Product, request.Version, request.ApiName = "quickbi-public", apiVersion, r.action
		request.Method, request.Scheme, request.Domain = r.method, "http", host
		for name, value := range r.query {
			request.QueryParams[name] = value
		}
		for name, value := range r.body {
			request.FormParams[name] = value
		}
		response, err := client.ProcessCommonRequest(request)
		if err != nil {
			return nil, err
		}
		return response.GetHttpContentBytes(), nil
	}
}

func openCore(algorithm string) func(*testing.T, string, key) func(request) (json.RawMessage, error) {
	return func(t *testing.T, host string, k key) func(request) (json.RawMessage, error) {
		t.Helper()
		client, err := openapi.NewClient(&openapi.Config{
			AccessKeyId: &k.id, AccessKeySecret: &k.secret, SecurityToken: &k.token,
			Endpoint: &host, Protocol: new("http"), SignatureAlgorithm: &algorithm,
			ReadTimeout: new(10_000), ConnectTimeout: new(5_000),
		})
		if err != nil {
			t.Fatal(err)
		}
		return func(r request) (json.RawMessage, error) {
			request := &openapi.OpenApiRequest{Query: map[string]*string{}}
			for name, value := range r.query {
				request.Query[name] = &value
			}
			if len(r.body) > 0 {
				form := map[string]any{}
				for name, value := range r.body {
					form[name] = value
				}
				request.Body = form
			}
			answer, err := client.CallApi(&openapi.Params{
				Action: &r.action, Version: new(apiVersion), Protocol: new("http"), Pathname: new("/"), Method: &r.method,
				AuthType: new("AK"), Style: new("RPC"), ReqBodyType: new("formData"), BodyType: new("json"),
			}, request, new(dara.RuntimeOptions))
			if err != nil {
				return nil, err
			}
			return json.Marshal(answer["body"])
		}
	}
}

// codeOf finds the code of a refusal in the error of an official client.
func codeOf(err error) string {
	if refused, ok := errors.AsType[sdkerrors.Error](err); ok {
		return refused.ErrorCode()
	}
	if refused, ok := errors.AsType[*tea.SDKError](err); ok {
		return tea.StringValue(refused.Code)
	}
	return ""
}

// answered is what every answer has.
type answered[T any] struct {
	RequestID string `json:"RequestId"`
	Success   bool
	Result    T
}

// do makes a call that must succeed, and returns its result.
func do[T any](t *testing.T, call func(request) (json.RawMessage, error), r request) T {
	t.Helper()
	text, err := call(r)
	if err != nil {
		t.Fatalf("%s: %v", r.action, err)
	}
	var a answered[T]
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%s: %v in %s", r.action, err, text)
	}
	if !a.Success || a.RequestID == "" {
		t.Fatalf("%s: answered with %s", r.action, text)
	}
	return a.Result
}

// newEmulator returns a running emulator with three members and three user groups.
func newEmulator(t *testing.T, opts ...quickbitest.Option) (server *quickbitest.Server, host string) {
	t.Helper()
	server = quickbitest.NewServer(opts...)
	t.Cleanup(server.Close)
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "ann", AccountName: "ann@example.com", NickName: "Ann", UserType: 1},
			{UserID: "ben", AccountName: "ben@example.com", NickName: "Ben, of 北京 + \"~*\" & <co>", UserType: 2},
			{UserID: "eve", AccountName: "eve@example.com", NickName: "Eve", UserType: 3},
		},
		UserGroups: []quickbitest.UserGroup{
			{UserGroupID: "sales", UserGroupName: "Sales", UserIDs: []string{"eve"}},
			{UserGroupID: "finance", UserGroupName: "Finance", UserIDs: []string{"eve", "ben"}},
			{UserGroupID: "legal", UserGroupName: "Legal"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return server, strings.TrimPrefix(server.URL, "http://")
}

// groupsOf asks, with our client, which groups a member is in.
func groupsOf(t *testing.T, server *quickbitest.Server, user string) []string {
	t.Helper()
	groups, err := server.Client().ListUserGroupsByUserId(t.Context(), &quickbi.ListUserGroupsByUserIdRequest{UserID: user})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, g := range groups.Result {
		ids = append(ids, g.UserGroupID)
	}
	return ids
}
