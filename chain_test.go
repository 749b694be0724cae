package quickbi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
)

// emptyHome makes the default chain find nothing, even on a machine of Alibaba Cloud,
// and returns the home directory.
func emptyHome(t *testing.T) string {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "ALIBABA_CLOUD_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	return home
}

// chained calls once with what the default chain finds, and returns what was sent.
func chained(t *testing.T, opts ...Option) (http.Header, error) {
	t.Helper()
	wire := newRecorder(t, answering(200, done))
	opts = append(opts, WithDefaultCredentials(), WithHTTPClient(&http.Client{Transport: wire}), WithRetryPolicy(RetryPolicy{BaseDelay: 1}))
	c, err := NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	err = deleteUser(t.Context(), c)
	if sent := wire.requests(); len(sent) > 0 {
		return sent[0].req.Header, err
	}
	return nil, err
}

// TestChainIsCredentialsGos compares the places, and their order, with credentials-go's own chain.
func TestChainIsCredentialsGos(t *testing.T) {
	emptyHome(t)
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "")
	t.Setenv("ALIBABA_CLOUD_ROLE_ARN", "a")
	t.Setenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "a")
	t.Setenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "a")
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", "http://127.0.0.1:1")
	var theirs, ours []string
	chain := reflect.ValueOf(providers.NewDefaultCredentialsProvider()).Elem().FieldByName("providerChain")
	for i := range chain.Len() {
		theirs = append(theirs, chain.Index(i).Elem().Type().String())
	}
	for _, p := range newDefaultChain().places {
		provider, err := p.open()
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		ours = append(ours, reflect.TypeOf(provider).String())
	}
	if !slices.Equal(ours, theirs) || len(ours) < 6 {
		t.Errorf("asked: %v, by credentials-go: %v", ours, theirs)
	}
}

func TestChainFindsNothing(t *testing.T) {
	home := emptyHome(t)
	_, err := chained(t)
	if !errors.Is(err, ErrAuthentication) || errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	for _, want := range []string{
		"no credentials found in the environment (ALIBABA_CLOUD_ACCESS_KEY_ID is not set), an OIDC role (ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set)",
		"there is no file " + filepath.Join(home, ".aliyun", "config.json"),
		"there is no file " + filepath.Join(home, ".alibabacloud", "credentials"),
		"ALIBABA_CLOUD_ECS_METADATA_DISABLED is set",
		"a server of credentials (ALIBABA_CLOUD_CREDENTIALS_URI is not set)",
		"set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or use WithAccessKey",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
	if apiErr, ok := errors.AsType[*Error](err); !ok || apiErr.Attempts != 1 || !strings.Contains(apiErr.Hint(), "WithAccessKey") {
		t.Errorf("%d attempts, hint %q", apiErr.Attempts, apiErr.Hint())
	}
}

// The brackets and commas of a Chinese text are Chinese, and none is left in English.
func TestChainInChinese(t *testing.T) {
	home := emptyHome(t)
	_, err := chained(t, WithHintLanguage(HintChinese))
	apiErr, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%v", err)
	}
	got, _, _ := strings.Cut(apiErr.Text(), "\n")
	want := "获取凭据：以下位置均未找到凭据：环境变量（ALIBABA_CLOUD_ACCESS_KEY_ID 未设置），" +
		"OIDC 角色（ALIBABA_CLOUD_ROLE_ARN、ALIBABA_CLOUD_OIDC_PROVIDER_ARN、ALIBABA_CLOUD_OIDC_TOKEN_FILE 未设置），" +
		"CLI 配置（文件不存在：" + filepath.Join(home, ".aliyun", "config.json") + "），凭据文件（文件不存在：" + filepath.Join(home, ".alibabacloud", "credentials") + "），" +
		"本机的 RAM 角色（ALIBABA_CLOUD_ECS_METADATA_DISABLED 已设置），凭据服务器（ALIBABA_CLOUD_CREDENTIALS_URI 未设置）；" +
		"请设置 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET，或使用 WithAccessKey"
	if !strings.HasSuffix(got, want) {
		t.Errorf("%s\nis not\n%s", got, want)
	}
}

func TestChainPlaces(t *testing.T) {
	const profiles = `{"current":"prod","profiles":[{"name":"dev","mode":"AK","access_key_id":"LTAIdev","access_key_secret":"s"},` +
		`{"name":"prod","mode":"StsToken","access_key_id":"STS.prod","access_key_secret":"s","sts_token":"TOK"}]}`
	const ini = "[default]\ntype = access_key\naccess_key_id = LTAIini\naccess_key_secret = s\n"
	for _, test := range []struct {
		name  string
		env   map[string]string
		files map[string]string
		id    string // that is sent; "" for none
		shows string // by the error
	}{
		{name: "environment", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"}, id: "LTAI"},
		{name: "only the id", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI"}, shows: "must be specified via environment variable (ALIBABA_CLOUD_ACCESS_KEY_SECRET)"},
		{name: "only the secret", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SECRET-mark"}, shows: "must be specified via environment variable (ALIBABA_CLOUD_ACCESS_KEY_ID)"},
		{name: "mounted with a newline", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI\n", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SECRET-mark"}, shows: "the access key id ends with a line break"},
		{name: "current profile", files: map[string]string{".aliyun/config.json": profiles}, id: "STS.prod"},
		{name: "named profile", files: map[string]string{".aliyun/config.json": profiles}, env: map[string]string{"ALIBABA_CLOUD_PROFILE": "dev"}, id: "LTAIdev"},
		{name: "half an environment, and a profile", files: map[string]string{".aliyun/config.json": profiles}, env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI"}, shows: "(ALIBABA_CLOUD_ACCESS_KEY_SECRET)"},
		{name: "broken profiles, and a file", files: map[string]string{".aliyun/config.json": `{`, ".alibabacloud/credentials": ini}, shows: "the profile of the CLI"},
		{name: "a place that is switched off, and a file", files: map[string]string{".aliyun/config.json": profiles, ".alibabacloud/credentials": ini},
			env: map[string]string{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}, id: "LTAIini"},
		{name: "broken profiles", files: map[string]string{".aliyun/config.json": `{"current":"SECRET-mark`}, shows: "failed: {…}"},
		{name: "unknown mode", files: map[string]string{".aliyun/config.json": `{"current":"a","profiles":[{"name":"a","mode":"Nonsense"}]}`}, shows: "unsupported profile mode 'Nonsense'"},
		{name: "file of credentials", files: map[string]string{".alibabacloud/credentials": ini}, id: "LTAIini"},
		{name: "broken file of credentials", files: map[string]string{".alibabacloud/credentials": "SECRET-mark\n"}, shows: "the file of credentials (ERROR: Can not open file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := emptyHome(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			for name, text := range test.files {
				path := filepath.Join(home, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			sent, err := chained(t)
			if test.id != "" {
				if err != nil || !strings.Contains(sent.Get("Authorization"), "Credential="+test.id+",") {
					t.Errorf("%v, sent %v", err, sent)
				}
				return
			}
			if sent != nil || !errors.Is(err, ErrAuthentication) || errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), test.shows) {
				t.Errorf("%v", err)
			}
			if strings.Contains(fmt.Sprintf("%v%#v", err, err), "SECRET-mark") {
				t.Errorf("shows a secret: %v", err)
			}
		})
	}
}

// TestChainStays takes the credentials away from the place where they were found: those
// of another place may be somebody else's.
func TestChainStays(t *testing.T) {
	home := emptyHome(t)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")
	wire := newRecorder(t, answering(200, done))
	c, err := NewClient(WithDefaultCredentials(), WithHTTPClient(&http.Client{Transport: wire}), WithRetryPolicy(RetryPolicy{BaseDelay: 1}))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, ".alibabacloud", "credentials")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700),
		os.WriteFile(file, []byte("[default]\ntype = access_key\naccess_key_id = OTHER\naccess_key_secret = s\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ key, sent string }{{"LTAI", "LTAI"}, {"", ""}, {"LTAI2", "LTAI2"}} {
		t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", step.key)
		before := len(wire.requests())
		err := deleteUser(t.Context(), c)
		sent := wire.requests()[before:]
		switch {
		case step.sent == "" && (!errors.Is(err, ErrAuthentication) || len(sent) > 0):
			t.Errorf("without a key: %v, %d requests", err, len(sent))
		case step.sent != "" && (err != nil || len(sent) != 1 || !strings.Contains(sent[0].req.Header.Get("Authorization"), "Credential="+step.sent+",")):
			t.Errorf("%s: %v, %d requests", step.key, err, len(sent))
		}
	}
}

// TestChainFailingRole has an OIDC role that cannot be assumed, and another's key behind it.
func TestChainFailingRole(t *testing.T) {
	home := emptyHome(t)
	token, file := filepath.Join(home, "token"), filepath.Join(home, "credentials")
	if err := errors.Join(os.WriteFile(token, []byte("jwt"), 0o600),
		os.WriteFile(file, []byte("[default]\ntype = access_key\naccess_key_id = OTHER\naccess_key_secret = s\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r")
	t.Setenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p")
	t.Setenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token)
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_FILE", file)
	transport := http.DefaultTransport.(*http.Transport)
	before := transport.Proxy
	defer func() { transport.Proxy = before }()
	transport.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("no way") }
	if sent, err := chained(t); sent != nil || !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrAuthentication) || !strings.Contains(err.Error(), "an OIDC role (") {
		t.Errorf("%v, sent %v", err, sent)
	}
}

// TestChainServers has servers of the chain that fail, recover, and issue another token.
func TestChainServers(t *testing.T) {
	var asked, failing, generation atomic.Int32
	var failure atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut { // the metadata server's session
			_, _ = io.WriteString(w, "session")
			return
		}
		asked.Add(1)
		if failing.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, failure.Load().(string))
			return
		}
		if strings.HasSuffix(r.URL.Path, "/security-credentials/") {
			_, _ = io.WriteString(w, "role")
			return
		}
		fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"STS.%d","AccessKeySecret":"secret","SecurityToken":"token-%[1]d","Expiration":"%s"}`,
			generation.Load(), time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z"))
	}))
	defer server.Close()
	// credentials-go clones the default transport for every request. The address of
	// the metadata server is fixed: everything goes by this proxy.
	transport := http.DefaultTransport.(*http.Transport)
	before := transport.Proxy
	defer func() { transport.Proxy = before }()
	transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(server.URL) }

	for _, env := range []map[string]string{
		{"ALIBABA_CLOUD_CREDENTIALS_URI": "http://vault.example/creds?key=SECRET-mark"},
		{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "false"},
		{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "false", "ALIBABA_CLOUD_ECS_METADATA": "role"},
	} {
		t.Run(fmt.Sprint(env), func(t *testing.T) {
			emptyHome(t)
			for name, value := range env {
				t.Setenv(name, value)
			}
			failure.Store(`{"Code":"Busy","AccessKeySecret":"SECRET-mark","other":"SECRET-mark"}`)
			failing.Store(1000)
			_, err := chained(t)
			if apiErr, ok := errors.AsType[*Error](err); !ok || apiErr.Attempts != 3 || !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrAuthentication) || !strings.Contains(apiErr.Hint(), "not Quick BI") {
				t.Errorf("failing: %v", err)
			}
			if strings.Contains(fmt.Sprintf("%v%#v", err, err), "SECRET-mark") {
				t.Errorf("shows a secret: %v", err)
			}
			failing.Store(2) // both forms in which a metadata server is asked
			if sent, err := chained(t); err != nil || sent.Get("X-Acs-Security-Token") == "" {
				t.Errorf("recovering: %v, sent %v", err, sent)
			}
			failing.Store(0)
			generation.Store(1)
			wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
				if req.Header.Get("X-Acs-Security-Token") != fmt.Sprint("token-", generation.Load()) {
					return newAnswer(req, 400, `{"Code":"InvalidSecurityToken.Expired"}`), nil
				}
				return newAnswer(req, 200, done), nil
			})
			c, err := NewClient(WithDefaultCredentials(), WithHTTPClient(&http.Client{Transport: wire}))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := deleteUser(t.Context(), c); err != nil {
					t.Errorf("generation %d: %v", generation.Load(), err)
				}
				generation.Add(1)
			}
			n := asked.Load()
			generation.Add(-1)
			if err := deleteUser(t.Context(), c); err != nil || asked.Load() != n {
				t.Errorf("asked again, for what it has: %v", err)
			}
		})
	}
}
