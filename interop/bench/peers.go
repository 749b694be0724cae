package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/interop/bench/floor"
)

const (
	keyID     = "LTAIexampleKeyOfBenchmarks"
	keySecret = "exampleSecretOfBenchmarks01234"
)

// A peer is a way to call Quick BI.
type peer struct {
	name   string
	module string // whose version the results name
	// open makes a client. Without a transport it sends as it does by default.
	open func(host string, transport http.RoundTripper) (caller, error)
}

// peers are measured against the first one.
var peers = []peer{
	{"floor", "", openFloor},
	{"quickbi", "github.com/quickbi-go/quickbi", openQuickBI},
	{"legacy SDK", "github.com/aliyun/alibaba-cloud-sdk-go", openLegacy},
	{"current core", "github.com/alibabacloud-go/darabonba-openapi/v2", openCore},
}

// A caller is a client as the cases use it. The calls end with the types that a
// user of the client gets, and nothing is converted that a user would not convert.
type caller interface {
	deleteUser(ctx context.Context, user, transferTo string) error
	addUserGroupMember(ctx context.Context, group string, users []string) error
	queryUserList(ctx context.Context, page, size int) (any, error)

	// The rest is for comparing, not for measuring.

	page(list any) floor.Page // of what queryUserList returned
	code(err error) string    // of a refusal
}

var errNotDone = errors.New("the answer is not true")

func done(result bool, err error) error {
	if err == nil && !result {
		return errNotDone
	}
	return err
}

type floorCaller struct{ client *floor.Client }

func openFloor(host string, transport http.RoundTripper) (caller, error) {
	return floorCaller{&floor.Client{
		Endpoint: "http://" + host, AccessKeyID: keyID, Secret: keySecret,
		HTTP: http.Client{Transport: transport},
	}}, nil
}

func (c floorCaller) deleteUser(ctx context.Context, user, transferTo string) error {
	resp, err := c.client.DeleteUser(ctx, user, transferTo)
	return done(err == nil && resp.Result, err)
}

func (c floorCaller) addUserGroupMember(ctx context.Context, group string, users []string) error {
	resp, err := c.client.AddUserGroupMember(ctx, group, users)
	return done(err == nil && resp.Result, err)
}

func (c floorCaller) queryUserList(ctx context.Context, page, size int) (any, error) {
	return c.client.QueryUserList(ctx, page, size)
}

func (c floorCaller) page(list any) floor.Page { return list.(*floor.Response[floor.Page]).Result }

func (c floorCaller) code(err error) string {
	if refused, ok := errors.AsType[*floor.Error](err); ok {
		return refused.Code
	}
	return ""
}

type quickbiCaller struct{ client *quickbi.Client }

func openQuickBI(host string, transport http.RoundTripper) (caller, error) {
	opts := []quickbi.Option{quickbi.WithEndpoint("http://" + host), quickbi.WithAccessKey(keyID, keySecret)}
	if transport != nil {
		opts = append(opts, quickbi.WithHTTPClient(&http.Client{Transport: transport}))
	}
	client, err := quickbi.NewClient(opts...)
	return quickbiCaller{client}, err
}

func (c quickbiCaller) deleteUser(ctx context.Context, user, transferTo string) error {
	resp, err := c.client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: user, TransferUserID: transferTo})
	return done(err == nil && resp.Result, err)
}

func (c quickbiCaller) addUserGroupMember(ctx context.Context, group string, users []string) error {
	resp, err := c.client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: group, UserIDs: users})
	return done(err == nil && resp.Result, err)
}

func (c quickbiCaller) queryUserList(ctx context.Context, page, size int) (any, error) {
	return c.client.QueryUserList(ctx, &quickbi.QueryUserListRequest{PageNum: page, PageSize: size})
}

func (c quickbiCaller) page(list any) floor.Page {
	from := list.(*quickbi.Response[quickbi.Page[quickbi.User]]).Result
	to := floor.Page{PageNum: from.PageNum, PageSize: from.PageSize, TotalNum: from.TotalNum, TotalPages: from.TotalPages}
	for _, u := range from.Data {
		m := floor.Member{
			UserID: u.UserID, AccountID: u.AccountID, AccountName: u.AccountName, NickName: u.NickName,
			Email: u.Email, Phone: u.Phone, UserType: int(u.UserType), RoleIDs: u.RoleIDs,
			JoinedDate: int64(u.JoinedDate), LastLoginTime: int64(u.LastLoginTime), IsDeleted: u.IsDeleted.True(),
			//lint:ignore SA1019 all peers decode the deprecated fields, too
			AdminUser: u.AdminUser, AuthAdminUser: u.AuthAdminUser,
		}
		for _, module := range u.CopilotModules {
			m.CopilotModules = append(m.CopilotModules, string(module))
		}
		to.Data = append(to.Data, m)
	}
	return to
}

func (c quickbiCaller) code(err error) string {
	if refused, ok := errors.AsType[*quickbi.Error](err); ok {
		return string(refused.Code)
	}
	return ""
}

// legacyCaller calls with alibaba-cloud-sdk-go, into the floor's types: those of
// its Quick BI package lack fields, and have dozens of other operations' fields
// in their place, which would count against it.
type legacyCaller struct {
	client *sdk.Client
	host   string
}

type legacyResponse[T any] struct {
	*responses.BaseResponse
	floor.Response[T]
}

func openLegacy(host string, transport http.RoundTripper) (caller, error) {
	config := sdk.NewConfig()
	config.Transport = transport
	client, err := sdk.NewClientWithOptions("cn-hangzhou", config, credentials.NewAccessKeyCredential(keyID, keySecret))
	return legacyCaller{client, host}, err
}

func (c legacyCaller) do(method, action string, params map[string]string, out responses.AcsResponse) error {
	request := new(requests.RpcRequest)
	request.InitWithApiInfo("quickbi-public", "2022-01-01", action, "", "")
	request.Method, request.Scheme, request.Domain = method, "http", c.host
	for name, value := range params {
		request.QueryParams[name] = value
	}
	return c.client.DoAction(request, out)
}

func (c legacyCaller) deleteUser(_ context.Context, user, transferTo string) error {
	resp := legacyResponse[bool]{BaseResponse: new(responses.BaseResponse)}
	err := c.do("POST", "DeleteUser", map[string]string{"UserId": user, "TransferUserId": transferTo}, &resp)
	return done(resp.Result, err)
}

func (c legacyCaller) addUserGroupMember(_ context.Context, group string, users []string) error {
	resp := legacyResponse[bool]{BaseResponse: new(responses.BaseResponse)}
	err := c.do("POST", "AddUserGroupMember", map[string]string{"UserGroupId": group, "UserIdList": strings.Join(users, ",")}, &resp)
	return done(resp.Result, err)
}

func (c legacyCaller) queryUserList(_ context.Context, page, size int) (any, error) {
	resp := legacyResponse[floor.Page]{BaseResponse: new(responses.BaseResponse)}
	err := c.do("GET", "QueryUserList", map[string]string{"PageNum": strconv.Itoa(page), "PageSize": strconv.Itoa(size)}, &resp)
	return &resp, err
}

func (c legacyCaller) page(list any) floor.Page { return list.(*legacyResponse[floor.Page]).Result }

func (c legacyCaller) code(err error) string {
	if refused, ok := errors.AsType[sdkerrors.Error](err); ok {
		return refused.ErrorCode()
	}
	return ""
}

// coreCaller calls with the core of the current clients, as the code does that
// is generated for them: a generic call and dara.Convert.
type coreCaller struct{ client *openapi.Client }

// coreTransport has the core send with another transport.
type coreTransport struct{ client *http.Client }

func (t coreTransport) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	return t.client.Do(req)
}

type coreResponse[T any] struct {
	Headers    map[string]*string `json:"headers"`
	StatusCode *int32             `json:"statusCode"`
	Body       *floor.Response[T] `json:"body"`
}

func openCore(host string, transport http.RoundTripper) (caller, error) {
	config := &openapi.Config{
		AccessKeyId: new(keyID), AccessKeySecret: new(keySecret), Endpoint: new(host), Protocol: new("HTTP"),
		ReadTimeout: new(10_000), ConnectTimeout: new(5_000),
	}
	if transport != nil {
		config.HttpClient = coreTransport{&http.Client{Transport: transport}}
	}
	client, err := openapi.NewClient(config)
	return coreCaller{client}, err
}

func coreDo[T any](c coreCaller, method, action string, query map[string]*string) (*coreResponse[T], error) {
	body, err := c.client.CallApi(&openapi.Params{
		Action: new(action), Version: new("2022-01-01"), Protocol: new("HTTP"), Pathname: new("/"), Method: new(method),
		AuthType: new("AK"), Style: new("RPC"), ReqBodyType: new("formData"), BodyType: new("json"),
	}, &openapi.OpenApiRequest{Query: query}, new(dara.RuntimeOptions))
	if err != nil {
		return nil, err
	}
	resp := new(coreResponse[T])
	if err := dara.Convert(body, &resp); err != nil {
		return nil, err
	}
	if resp.Body == nil {
		return nil, fmt.Errorf("%s: no body", action)
	}
	return resp, nil
}

func (c coreCaller) deleteUser(_ context.Context, user, transferTo string) error {
	resp, err := coreDo[bool](c, "POST", "DeleteUser", map[string]*string{"UserId": &user, "TransferUserId": &transferTo})
	return done(err == nil && resp.Body.Result, err)
}

func (c coreCaller) addUserGroupMember(_ context.Context, group string, users []string) error {
	resp, err := coreDo[bool](c, "POST", "AddUserGroupMember",
		map[string]*string{"UserGroupId": &group, "UserIdList": new(strings.Join(users, ","))})
	return done(err == nil && resp.Body.Result, err)
}

func (c coreCaller) queryUserList(_ context.Context, page, size int) (any, error) {
	return coreDo[floor.Page](c, "GET", "QueryUserList",
		map[string]*string{"PageNum": new(strconv.Itoa(page)), "PageSize": new(strconv.Itoa(size))})
}

func (c coreCaller) page(list any) floor.Page { return list.(*coreResponse[floor.Page]).Body.Result }

func (c coreCaller) code(err error) string {
	if refused, ok := errors.AsType[*tea.SDKError](err); ok {
		return tea.StringValue(refused.Code)
	}
	return ""
}
