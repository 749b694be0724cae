package quickbi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// TestEveryCode answers with every documented code, under every documented
// status and in both letter cases, and matches the sentinel.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		codes := catalog.Errors()
		for code, doc := range codes {
			info, ok := codeIndex()[strings.ToLower(code)]
			if !ok {
				t.Errorf("%s has no sentinel", code)
				continue
			}
			for _, status := range append(doc.HTTP, 200, 297, 400, 500) {
				for _, spelling := range []string{code, strings.ToLower(code)} {
					c := newTestClient(t, newRecorder(t, answering(status, `{"RequestId":"R-1","HostId":"h","Code":"`+spelling+`","Message":"m","Success":false}`)),
						WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
					err := deleteUser(t.Context(), c)
					var apiErr *Error
					if !errors.As(err, &apiErr) || !errors.Is(err, info.code) || !errors.Is(err, info.class) || string(apiErr.Code) != spelling ||
						apiErr.StatusCode != status || apiErr.RequestID != "R-1" || apiErr.HostID != "h" || apiErr.Message != "m" || apiErr.Action != "DeleteUser" {
						t.Errorf("%s under %d: %#v", spelling, status, err)
					}
					if unknown := errors.Is(err, ErrOutcomeUnknown); unknown != (info.effect == unclear) {
						t.Errorf("%s: outcome unknown is %v", code, unknown)
					}
				}
			}
		}
	})
}

// TestCodesOf checks that every constant has one class.
func TestCodesOf(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "errorcodes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var constants, listed []string
	for _, decl := range file.Decls {
		gen := decl.(*ast.GenDecl)
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			switch {
			case gen.Tok == token.CONST:
				constants = append(constants, value.Names[0].Name)
			case value.Names[0].Name == "codesOf":
				for _, class := range value.Values[0].(*ast.CompositeLit).Elts {
					for _, code := range class.(*ast.KeyValueExpr).Value.(*ast.CompositeLit).Elts {
						listed = append(listed, code.(*ast.Ident).Name)
					}
				}
			}
		}
	}
	slices.Sort(constants)
	slices.Sort(listed)
	if diff := cmp.Diff(constants, listed); diff != "" || len(constants) == 0 {
		t.Errorf("-constants +listed by class:\n%s", diff)
	}
}

func TestUnlistedCodes(t *testing.T) {
	t.Parallel()
	for code, class := range map[string]ErrorClass{
		"Throttling.New": ErrThrottled, "Forbidden.New": ErrPermission, "MissingUserId": ErrInvalidRequest,
		"InvalidUserId": ErrInvalidRequest, "InvalidAccessKeyId.New": ErrAuthentication, "Brand.New": "",
	} {
		c := newTestClient(t, newRecorder(t, answering(400, `{"Code":"`+code+`"}`)), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
		err := deleteUser(t.Context(), c)
		if !errors.Is(err, ErrorCode(code)) || class != "" && !errors.Is(err, class) || errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", code, err)
		}
		if errors.Is(err, ErrOutcomeUnknown) != (class == "") {
			t.Errorf("%s: nothing is known of an unknown code, %v", code, err)
		}
	}
	var e Error
	if e.Is(ErrorCode("")) || e.Is(ErrorClass("")) || errors.Is(&e, ErrNotFound) {
		t.Error("an error without a code matches the empty one")
	}
}

// TestBadAnswers checks that an answer other than the documented JSON is a typed error,
// never a success, a panic or a nil error.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   error
		also   string // part of the text
	}{
		"html 502":                   {502, "<html><body>Bad Gateway</body></html>", ErrInvalidResponse, "Bad Gateway"},
		"html 502, class":            {502, "<html>", ErrUnavailable, "HTTP 502"},
		"html 200":                   {200, "<html>login</html>", ErrInvalidResponse, "login"},
		"text":                       {200, "OK", ErrInvalidResponse, "OK"},
		"empty":                      {200, "", ErrInvalidResponse, "empty"},
		"blank":                      {200, " \n", ErrInvalidResponse, "empty"},
		"empty 500":                  {500, "", ErrUnavailable, "HTTP 500"},
		"null":                       {200, "null", ErrInvalidResponse, ""},
		"true":                       {200, "true", ErrInvalidResponse, ""},
		"number":                     {200, "1", ErrInvalidResponse, ""},
		"string":                     {200, `"ok"`, ErrInvalidResponse, ""},
		"array":                      {200, `[]`, ErrInvalidResponse, ""},
		"empty object":               {200, `{}`, ErrInvalidResponse, ""},
		"other object":               {200, `{"message":"hi"}`, nil, "hi"},
		"truncated":                  {200, `{"RequestId":"R","Success":true,"Res`, ErrInvalidResponse, "ends early"},
		"broken":                     {200, `{"RequestId":"R",,`, ErrInvalidResponse, "broken at byte"},
		"two documents":              {200, done + done, ErrInvalidResponse, ""},
		"result of the wrong type":   {200, `{"RequestId":"R","Success":true,"Result":{"a":1}}`, ErrResultUnreadable, "/Result"},
		"result that is no UTF-8":    {200, "{\"RequestId\":\"R\",\"Success\":true,\"Result\":\"\xb0\xa1\"}", ErrResultUnreadable, ""},
		"refusal that is no UTF-8":   {400, "{\"Code\":\"User.Not.In.Organization\",\"Message\":\"\xb0\xa1\"}", ErrUserNotInOrganization, "\uFFFD"},
		"refusal behind a BOM":       {400, "\ufeff{\"Code\":\"User.Not.In.Organization\"}", ErrUserNotInOrganization, ""},
		"success missing":            {200, `{"RequestId":"R","Result":true}`, nil, ""},
		"no result":                  {200, `{"RequestId":"R","Success":true}`, ErrInvalidResponse, "no Result"},
		"null result":                {200, `{"RequestId":"R","Success":true,"Result":null}`, ErrInvalidResponse, "no Result"},
		"empty result":               {200, `{"RequestId":"R","Success":true,"Result":""}`, ErrInvalidResponse, "is empty"},
		"result false":               {200, `{"RequestId":"R","Success":true,"Result":false}`, ErrNotPerformed, "not done"},
		"result quoted false":        {200, `{"RequestId":"R","Success":"true","Result":"false"}`, ErrNotPerformed, ""},
		"xml":                        {400, `<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>R-9</RequestId><HostId>h</HostId><Code>User.Not.In.Organization</Code><Message>gone</Message></Error>`, ErrUserNotInOrganization, "R-9"},
		"xml without a code":         {400, `<Error/>`, ErrInvalidResponse, ""},
		"297":                        {297, `{"RequestId":"R","Code":"Invalid.Parameter","Message":"m"}`, ErrInvalidParameter, "HTTP 297"},
		"error status, success body": {500, done, nil, "HTTP 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTestClient(t, newRecorder(t, answering(test.status, test.body)), WithRetryPolicy(RetryPolicy{MaxAttempts: 1}))
			resp, err := c.DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u"})
			var apiErr *Error
			if resp != nil || !errors.As(err, &apiErr) || apiErr.Action != "DeleteUser" || apiErr.StatusCode != test.status {
				t.Fatalf("%v, %v", resp, err)
			}
			if test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.also) {
				t.Errorf("%v", err)
			}
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err.Error())
			}
			// No answer but these says for certain what was done.
			known := errors.Is(err, ErrNotPerformed) || errors.Is(err, ErrUserNotInOrganization) || errors.Is(err, ErrInvalidParameter) ||
				errors.Is(err, ErrResultUnreadable)
			if errors.Is(err, ErrOutcomeUnknown) == known {
				t.Errorf("%v: outcome unknown is %v", err, !known)
			}
		})
	}
}

// TestResults answers calls of every kind with results of every kind and Success: true.
// The outcome of a write without a result is unknown; a read needs its result, and a
// missing list is empty.
func TestResults(t *testing.T) {
	t.Parallel()
	type verdict string
	const (
		ok, notDone, unreadable verdict = "ok", "not performed", "executed, unreadable"
		unknown, invalid        verdict = "invalid and unknown", "invalid"
	)
	calls := map[string]func(context.Context, *Client) error{
		"write of true": func(ctx context.Context, c *Client) error { return deleteUser(ctx, c) },
		"write of an id": func(ctx context.Context, c *Client) error {
			_, err := c.CreateUserGroup(ctx, &CreateUserGroupRequest{ParentUserGroupID: RootUserGroupID, UserGroupName: "g"})
			return err
		},
		"write of an object": func(ctx context.Context, c *Client) error {
			_, err := c.AddUser(ctx, &AddUserRequest{AccountID: "1", NickName: "n", UserType: UserTypeViewer})
			return err
		},
		"write of an object, no create": func(ctx context.Context, c *Client) error {
			_, err := c.IpWhiteListConfig(ctx, &IpWhiteListConfigRequest{Operation: IPWhiteListAdd, Addresses: []string{"8.8.8.8"}})
			return err
		},
		"write of a list": func(ctx context.Context, c *Client) error {
			_, err := c.ModifyDashboardNl2sqlStatus(ctx, &ModifyDashboardNl2sqlStatusRequest{DashboardIDs: []string{"d"}, Status: new(SmartqEnabled)})
			return err
		},
		"write by Do":         func(ctx context.Context, c *Client) error { return c.Do(ctx, "CreateFoo", nil, nil) },
		"write by Do: string": func(ctx context.Context, c *Client) error { return c.Do(ctx, "CreateFoo", nil, new(string)) },
		"read of true or false": func(ctx context.Context, c *Client) error {
			_, err := c.CheckReadable(ctx, &CheckReadableRequest{UserID: "u", WorksID: "w"})
			return err
		},
		"read of an object": func(ctx context.Context, c *Client) error {
			_, err := c.QueryUserInfoByUserId(ctx, &QueryUserInfoByUserIdRequest{UserID: "u"})
			return err
		},
		"read of a page": func(ctx context.Context, c *Client) error {
			_, err := c.QueryUserList(ctx, nil)
			return err
		},
		"read of a list": func(ctx context.Context, c *Client) error {
			_, err := c.QueryUserTagMetaList(ctx, nil)
			return err
		},
		"read by Do": func(ctx context.Context, c *Client) error { return c.Do(ctx, "QueryFoo", nil, nil, AsRead()) },
		"read by Do: a list": func(ctx context.Context, c *Client) error {
			list := []string{"stale"}
			err := c.Do(ctx, "QueryFoo", nil, &list, AsRead())
			if len(list) != 0 {
				t.Errorf("stale: %v", list)
			}
			return err
		},
		"read by Do: an object": func(ctx context.Context, c *Client) error {
			object := struct{ A int }{7}
			err := c.Do(ctx, "QueryFoo", nil, &object, AsRead())
			if object.A != 0 {
				t.Errorf("stale: %v", object)
			}
			return err
		},
	}
	results := []string{``, `null`, `""`, `{}`, `[]`, `false`, `"False"`, `{"a":[`}
	for name, want := range map[string][]verdict{
		// Result:                        none     null     ""       {}           []          false    "False"  broken
		"write of true":                 {unknown, unknown, unknown, unreadable, unreadable, notDone, notDone, unknown},
		"write of an id":                {unknown, unknown, unknown, unknown, unreadable, notDone, notDone, unknown},
		"write of an object":            {unknown, unknown, unknown, unknown, unreadable, notDone, notDone, unknown},
		"write of an object, no create": {unknown, unknown, unknown, ok, unreadable, notDone, notDone, unknown},
		"write of a list":               {unknown, unknown, unknown, ok, ok, notDone, notDone, unknown},
		"write by Do":                   {unknown, unknown, unknown, unknown, ok, notDone, notDone, unknown},
		"write by Do: string":           {unknown, unknown, unknown, unknown, unreadable, notDone, notDone, unknown},
		"read of true or false":         {invalid, invalid, invalid, unreadable, unreadable, ok, ok, invalid},
		"read of an object":             {invalid, invalid, invalid, ok, unreadable, unreadable, unreadable, invalid},
		"read of a page":                {invalid, invalid, invalid, ok, unreadable, unreadable, unreadable, invalid},
		"read of a list":                {ok, ok, ok, ok, ok, unreadable, unreadable, invalid},
		"read by Do":                    {ok, ok, ok, ok, ok, ok, ok, invalid},
		"read by Do: a list":            {ok, ok, ok, ok, ok, unreadable, unreadable, invalid},
		"read by Do: an object":         {unreadable, unreadable, unreadable, ok, unreadable, unreadable, unreadable, invalid},
	} {
		for i, result := range results {
			body := `{"RequestId":"R-1","Success":true,"Result":` + result + `}`
			if result == "" {
				body = `{"RequestId":"R-1","Success":true}`
			}
			c := newTestClient(t, newRecorder(t, answering(200, body)))
			err := calls[name](t.Context(), c)
			got := ok
			switch {
			case err == nil:
			case errors.Is(err, ErrNotPerformed):
				got = notDone
			case errors.Is(err, ErrResultUnreadable) && errors.Is(err, ErrInvalidResponse) && !errors.Is(err, ErrOutcomeUnknown):
				got = unreadable
			case errors.Is(err, ErrInvalidResponse) && errors.Is(err, ErrOutcomeUnknown):
				got = unknown
			case errors.Is(err, ErrInvalidResponse):
				got = invalid
			default:
				got = verdict(err.Error())
			}
			if got != want[i] {
				t.Errorf("%s, Result %q: %s, want %s (%v)", name, result, got, want[i], err)
			}
			apiErr, _ := errors.AsType[*Error](err)
			if apiErr != nil && want[i] != unknown && want[i] != invalid && (apiErr.RequestID != "R-1" || apiErr.Attempts != 1) {
				t.Errorf("%s, Result %q: %#v", name, result, apiErr)
			}
		}
	}
}

// TestLooseAnswers reads forms that the service writes although its documentation says otherwise.
func TestLooseAnswers(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, newRecorder(t, answering(200, `{"Success":"true","RequestId":"R-1","Result":"true"}`)))
	resp, err := c.DeleteUser(t.Context(), &DeleteUserRequest{UserID: "u"})
	if err != nil || !resp.Result || !resp.Success || resp.RequestID != "R-1" {
		t.Errorf("%+v, %v", resp, err)
	}
	for name, user := range map[string]string{
		"quoted":   `{"UserId":"u","UserType":"3","JoinedDate":"1718691704000","AdminUser":"true","RoleIdList":["111111111",2],"AccountId":"12"}`,
		"numbers":  `{"UserId":"u","UserType":3.0,"JoinedDate":1.718691704E12,"AdminUser":1,"RoleIdList":[111111111,"2"],"AccountId":12}`,
		"case":     `{"userid":"u","USERTYPE":3,"joinedDate":1718691704000,"adminUser":true,"roleIdList":[111111111,2],"accountId":"12"}`,
		"extras":   `{"UserId":"u","UserType":3,"JoinedDate":1718691704000,"AdminUser":true,"RoleIdList":[111111111,2],"AccountId":"12","New":{"a":[1]},"NickName":null}`,
		"with gap": `{"UserId":"u","UserType":"3","JoinedDate":1718691704000,"AdminUser":"TRUE","RoleIdList":[111111111,2],"AccountId":"12","IsDeleted":"","LastLoginTime":null}`,
	} {
		c := newTestClient(t, newRecorder(t, answering(200, `{"Success":true,"RequestId":"R","Result":{"Data":[`+user+`],"TotalNum":"1"}}`)))
		resp, err := c.QueryUserList(t.Context(), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		u := resp.Result.Data[0]
		if u.UserID != "u" || u.UserType != UserTypeAnalyst || u.JoinedDate != 1718691704000 || !u.AdminUser || len(u.RoleIDs) != 2 || u.RoleIDs[1] != 2 || u.AccountID != "12" || u.IsDeleted.Known() {
			t.Errorf("%s: %+v", name, u)
		}
	}
	for name, user := range map[string]string{
		"fraction": `{"UserType":2.5}`, "overflow": `{"JoinedDate":"99999999999999999999"}`, "word": `{"AdminUser":"maybe"}`, "object": `{"UserId":{}}`,
		"no list": `{"RoleIdList":7}`, "role": `{"RoleIdList":[1,"x"]}`, "half a role": `{"RoleIdList":[1,2.5]}`, "role too large": `{"RoleIdList":[9223372036854775808]}`,
	} {
		c := newTestClient(t, newRecorder(t, answering(200, `{"Success":true,"RequestId":"R","Result":{"Data":[`+user+`]}}`)))
		if _, err := c.QueryUserList(t.Context(), nil); !errors.Is(err, ErrInvalidResponse) || !strings.Contains(err.Error(), "/Result/Data/0/") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEarlierAnswerForgotten answers with a refusal and then with a success, which holds nothing of the refusal.
func TestEarlierAnswerForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				return newAnswer(req, 200, `{"RequestId":"R-1","Success":false,"Code":"Throttling","Result":{"Data":[{"UserId":"old"}],"TotalNum":7}}`), nil
			}
			return newAnswer(req, 200, `{"RequestId":"R-2","Success":true,"Result":{}}`), nil
		})
		resp, err := newTestClient(t, wire).QueryUserList(t.Context(), nil)
		if err != nil || resp.RequestID != "R-2" || resp.Result.TotalNum != 0 || len(resp.Result.Data) != 0 {
			t.Errorf("%+v, %v", resp, err)
		}
	})
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  *Error
		want string
	}{
		{&Error{Action: "DeleteUser", Code: ErrUserNotInOrganization, Message: "gone", StatusCode: 400, RequestID: "R-1"},
			"quickbi: DeleteUser: User.Not.In.Organization: gone (HTTP 400, request R-1)"},
		{&Error{Action: "DeleteUser", cause: io.EOF, write: true, effect: unclear, Attempts: 2},
			"quickbi: DeleteUser: EOF (2 attempts, it may have been executed)"},
		{&Error{Action: "X", class: ErrInvalidResponse, Message: "empty body", Excerpt: "a\nb", StatusCode: 502},
			`quickbi: X: quickbi: invalid response: empty body: "a\nb" (HTTP 502)`},
		{invalidRequest("X", &ParameterError{Action: "X", Parameter: "P", Problem: "is required"}),
			"quickbi: X: quickbi: invalid request: parameter P is required"},
	} {
		want := strings.ReplaceAll(test.want, ": quickbi: ", ": ")
		for _, format := range []string{"%v", "%s", "%+v", "%#v"} {
			if got := fmt.Sprintf(format, test.err); got != want {
				t.Errorf("%s:\n got %s\nwant %s", format, got, want)
			}
		}
	}
}

// A urlError is what net/http makes of a transport's failure; sent as the transport's own it is nested.
func TestTransportErrorsAreStripped(t *testing.T) {
	t.Parallel()
	inner := errors.New("no route")
	wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy: %w", &url.Error{Op: "Post", URL: req.URL.String(), Err: inner})
	})
	c := newTestClient(t, wire, WithSigner(SignerV1{}))
	err := deleteUser(t.Context(), c)
	var urlErr *url.Error
	if !errors.Is(err, inner) || errors.As(err, &urlErr) {
		t.Errorf("%v", err)
	}
	for _, leak := range []string{"Signature=", "u-1"} {
		if strings.Contains(strings.ReplaceAll(fmt.Sprintf("%v %+v %#v", err, err, err), "Signature="+redacted, ""), leak) && leak == "Signature=" {
			t.Errorf("%v shows %s", err, leak)
		}
	}
}

// TestSecretsStayHidden walks failure paths with marked secrets and looks for them in every rendering.
func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	const secret, token, ticket = "SECRET-mark/+= 1", "TOKEN-mark/+=2", "TICKET-mark-3"
	marks := []string{"SECRET-mark", "TOKEN-mark", "TICKET-mark"}
	echo := func(req *http.Request) string { // what a careless server or proxy repeats
		return req.URL.RawQuery + " " + req.Header.Get("X-Acs-Security-Token") + " " + req.Header.Get("Authorization") + " " + secret
	}
	paths := map[string]func(int, *http.Request) (*http.Response, error){
		"signature refused": func(_ int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 400, `{"Code":"SignatureDoesNotMatch","Message":`+quote("Specified signature is not matched with our calculation. server string to sign is:POST&%2F&"+echo(req))+`}`), nil
		},
		"V3 echo": func(_ int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 400, `{"Code":"IncompleteSignature","Message":`+quote("server StringToSign is ["+echo(req)+"] server CanonicalRequest is []")+`}`), nil
		},
		"message": func(_ int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 400, `{"Code":"X","Message":`+quote(echo(req))+`,"Recommend":`+quote(echo(req))+`,"AccessDeniedDetail":{"a":`+quote(echo(req))+`}}`), nil
		},
		"proxy page": func(_ int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 502, "<html>"+echo(req)), nil
		},
		"transport": func(_ int, req *http.Request) (*http.Response, error) {
			return nil, errors.New("cannot reach " + req.URL.String() + echo(req))
		},
		"not JSON": func(_ int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 200, `{"Result":"`+ticket+`"`), nil
		},
		"wrong type": func(_ int, req *http.Request) (*http.Response, error) {
			return newAnswer(req, 200, `{"Success":true,"Result":"`+ticket+`"}`), nil
		},
	}
	for name, respond := range paths {
		for _, signer := range []Signer{SignerV3{}, SignerV1{}} {
			var log strings.Builder
			wire := newRecorder(t, respond)
			c := newTestClient(t, wire, WithSigner(signer), withSecrets(secret, token))
			var out int
			err := c.Do(t.Context(), "QueryTicketInfo", url.Values{"Ticket": {ticket}}, &out)
			if err == nil {
				t.Fatalf("%s: no error", name)
			}
			encoded, _ := json.Marshal(err)
			signatures := marks
			for _, s := range wire.requests() {
				_, signature, _ := strings.Cut(s.req.Header.Get("Authorization"), "Signature=")
				if signature == "" {
					signature = s.query.Get("Signature")
				}
				signatures = append(signatures, signature, url.QueryEscape(signature))
			}
			fmt.Fprintf(&log, "%v %+v %#v %q %s %v %+v %#v", err, err, err, err, encoded, c, c, c)
			for e := err; e != nil; e = errors.Unwrap(e) {
				fmt.Fprintf(&log, "%v %+v", e, e)
			}
			for _, mark := range signatures {
				if strings.Contains(log.String(), mark) {
					t.Errorf("%s, %T: %s shows in %s", name, signer, mark, log.String())
				}
			}
		}
	}
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// withSecrets sets secrets that no option would take.
func withSecrets(secret, token string) Option {
	return func(cfg *config) error {
		cfg.client.credentials = &fixedSource{AccessKeyID: testKeyID, AccessKeySecret: NewSecret(secret), SecurityToken: NewSecret(token)}
		return nil
	}
}

func TestContextErrorsStayBare(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := deleteUser(ctx, newTestClient(t, newRecorder(t, answering(200, done))))
	equal(t, "text", err.Error(), "quickbi: DeleteUser: context canceled")
}

func isFalse(result any) bool {
	done, ok := result.(*bool)
	return ok && !*done
}

// FuzzDecode gives the decoder any text: it must not panic, and must not return success
// for an answer without Success.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{done, `{"Success":"true","Result":"true"}`, `{"Success":false,"Code":"X"}`, `null`, `<Error><Code>X</Code></Error>`,
		`{"RequestId":"R","Success":true,"Result":{"Data":[{"UserId":"u","UserType":"1","RoleIdList":[1]}],"TotalNum":"1"}}`, `{"Success":true,"Result":{"Data":null}}`, "", "[", `{"success":1}`} {
		f.Add(200, s)
		f.Add(500, s)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		for _, out := range []answer{new(envelope[bool]), new(envelope[Page[User]]), new(envelope[string])} {
			e := decode(write("X"), status, http.Header{}, []byte(body), out)
			_, success, result, failure := out.parts()
			if e == nil && (!success || failure.Code != "" || status/100 != 2 || isFalse(result) || !strings.Contains(strings.ToLower(body), "success") && !strings.Contains(body, `\u`)) {
				t.Fatalf("%d %q is taken for a success", status, body)
			}
			if e != nil {
				e.classify(http.Header{})
				_ = e.Error()
			}
		}
	})
}
