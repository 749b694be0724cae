package quickbi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/quickbi-go/quickbi/internal/loopback"
)

// regions have a public endpoint, quickbi-public.<region>.aliyuncs.com.
var regions = []string{
	"ap-northeast-1", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "cn-hangzhou", "cn-hongkong",
	"cn-shanghai-finance-1", "eu-central-1", "me-central-1", "us-east-1",
}

// An Option configures a [Client].
type Option func(*config) error

type config struct {
	client       Client
	region       string
	endpoint     string
	insecureHTTP bool
	credentials  bool // an option names some
}

func (cfg *config) resolveEndpoint() error {
	if cfg.endpoint == "" {
		cfg.client.scheme, cfg.client.host = "https", "quickbi-public."+cfg.region+".aliyuncs.com"
		return nil
	}
	text := cfg.endpoint
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // its text repeats the URL, which may hold a password
		return errors.New("quickbi: WithEndpoint: not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("quickbi: WithEndpoint: scheme %q is neither https nor http", u.Scheme)
	case u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || strings.ContainsAny(text, "?#"):
		return errors.New("quickbi: WithEndpoint: the URL must consist of a scheme, a host and a port only")
	}
	host, err := canonicalHost(u.Hostname())
	if err != nil {
		return fmt.Errorf("quickbi: WithEndpoint: host %q %w", u.Hostname(), err)
	}
	if u.Scheme == "http" && !cfg.insecureHTTP && !loopback.IsHost(host) {
		return fmt.Errorf("quickbi: WithEndpoint: plain http to %s would show parameters and tokens to anyone on the way; use https, or allow it with WithInsecureHTTP", host)
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("quickbi: WithEndpoint: port %s is not between 1 and 65535", port)
		}
		host = net.JoinHostPort(host, strconv.FormatUint(n, 10))
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	cfg.client.scheme, cfg.client.host = u.Scheme, host
	return nil
}

// canonicalHost returns the host as net/http sends it in the Host header. It refuses
// a host that net/http rewrites, because the signature covers that header, and a name
// that cannot be resolved: every call would fail without a hint at the reason.
func canonicalHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return "", errors.New("has an IPv6 zone, which a Host header cannot carry")
		}
		return addr.String(), nil
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return "", errors.New("is an international name: give its ASCII form, which begins with xn--")
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", errors.New("is neither a host name nor an IP address")
		}
	}
	// A name whose last label is a number is a mistyped or abbreviated IPv4 address.
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", errors.New("is neither a host name nor an IP address")
	}
	return name, nil
}

// WithAccessKey uses the access key of an Alibaba Cloud account or RAM user. The
// user must be an administrator of the Quick BI organization, or be allowed to call
// its API, and must have logged in to Quick BI once. A key made on Quick BI's own
// organization page does not work.
func WithAccessKey(id, secret string) Option { return withKey("WithAccessKey", id, secret, nil) }

// WithSTSToken uses a temporary key of the Security Token Service.
func WithSTSToken(id, secret, token string) Option {
	return withKey("WithSTSToken", id, secret, &token)
}

func withKey(option, id, secret string, token *string) Option {
	return func(cfg *config) error {
		cfg.credentials = true
		if id == "" || secret == "" || token != nil && *token == "" {
			return fmt.Errorf("quickbi: %s: a part is empty", option)
		}
		cred := Credential{AccessKeyID: id, AccessKeySecret: NewSecret(secret)}
		if token != nil {
			cred.SecurityToken = NewSecret(*token)
		}
		if err := cred.check(); err != nil {
			return fmt.Errorf("quickbi: %s: %w", option, err)
		}
		cfg.client.credentials = (*fixedSource)(&cred)
		return nil
	}
}

// WithDefaultCredentials looks for credentials in the places of the default chain of
// credentials-go, and takes the first that it finds:
//
//   - the environment: ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and,
//     for a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN;
//   - an OIDC role, as in a Kubernetes cluster with RRSA;
//   - the profile of the aliyun command, ~/.aliyun/config.json;
//   - the file of credentials, ~/.alibabacloud/credentials;
//   - the RAM role of the machine;
//   - a server of credentials, ALIBABA_CLOUD_CREDENTIALS_URI.
//
// It looks at the first call. From then on the client uses this place only: when its
// credentials expire or are refused, it asks there again. A place that holds
// something and fails, such as an OIDC role that cannot be assumed at the moment, is
// an error, and not passed over: the next one may be somebody else's. A call without
// credentials is [ErrAuthentication], or [ErrUnavailable] if a server of credentials
// fails, and its text names the places that were asked.
//
// A client does not look by itself: calls that cannot be undone are made with
// credentials that somebody chose. And only a program that uses this option carries
// credentials-go, half a megabyte.
func WithDefaultCredentials() Option {
	return func(cfg *config) error {
		cfg.credentials = true
		cfg.client.credentials = &providerSource{provider: newDefaultChain()}
		return nil
	}
}

// WithCredential uses the credentials of a provider: one of your own, or, by way of
// package [github.com/quickbi-go/quickbi/credentialsgo], one of credentials-go (a RAM
// role, an OIDC role, a bearer token, …).
func WithCredential(provider CredentialProvider) Option {
	return func(cfg *config) error {
		cfg.credentials = true
		if isNil(provider) {
			return errors.New("quickbi: WithCredential: the provider is nil")
		}
		cfg.client.credentials = &providerSource{provider: provider}
		return nil
	}
}

// WithRegion calls the public endpoint of a region; the default is cn-hangzhou.
func WithRegion(region string) Option {
	return func(cfg *config) error {
		if !slices.Contains(regions, region) {
			return fmt.Errorf("quickbi: WithRegion: no public endpoint in %q; there is one in %s (for another host, use WithEndpoint)",
				region, strings.Join(regions, ", "))
		}
		cfg.region = region
		return nil
	}
}

// WithEndpoint calls another host than the region's public endpoint: a VPC endpoint
// such as quickbi-public-vpc.cn-hangzhou.aliyuncs.com, or an emulator. The default
// scheme is https. Plain http is refused except on this machine, see
// [WithInsecureHTTP].
func WithEndpoint(url string) Option {
	return func(cfg *config) error {
		if url == "" {
			return errors.New("quickbi: WithEndpoint: the URL is empty")
		}
		cfg.endpoint = url
		return nil
	}
}

// WithInsecureHTTP allows an endpoint with plain http on another machine.
// Everybody on the way can then read parameters, results and tokens.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecureHTTP = true
		return nil
	}
}

// isNil reports whether an interface is nil, or holds a nil.
func isNil(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan:
		return r.IsNil()
	}
	return false
}

// WithHTTPClient sends requests through hc, with its transport (proxy, TLS, tracing),
// its cookies and its timeout. Redirects are never followed. hc itself does not
// change.
func WithHTTPClient(hc *http.Client) Option {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("quickbi: WithHTTPClient: the client is nil")
		}
		cfg.client.httpClient = hc
		return nil
	}
}

// WithSigner signs with s; the default is [SignerV3].
func WithSigner(s Signer) Option {
	return func(cfg *config) error {
		if isNil(s) {
			return errors.New("quickbi: WithSigner: the signer is nil")
		}
		cfg.client.signer = s
		return nil
	}
}

// WithRetryPolicy sets how often, and after which waits, a failed call is tried again.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(cfg *config) error {
		cfg.client.retry = p
		if err := p.validate(); err != nil {
			return fmt.Errorf("quickbi: WithRetryPolicy: %w", err)
		}
		return nil
	}
}

// WithRetryWrites tries writes again, too, after a failure with an unknown outcome. A
// write may then be executed twice. That is harmless if the second execution changes
// nothing. It is not for AddUser, CreateTicket and others: their second execution
// makes another object, or fails although the first succeeded. Such a failure matches
// [ErrOutcomeUnknown].
func WithRetryWrites() Option {
	return func(cfg *config) error {
		cfg.client.retryWrites = true
		return nil
	}
}

// WithTimeout limits each attempt of a call, from connecting to the last byte of the
// answer. The context limits the call as a whole, with its waits. The default is 10
// seconds. Operations with a documented timeout of a minute, such as QueryData, keep
// it unless d is longer. [CallTimeout] sets the limit of one call.
func WithTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		if d <= 0 {
			return errors.New("quickbi: WithTimeout: not a positive duration")
		}
		cfg.client.timeout = d
		return nil
	}
}

// WithMaxResponseBytes limits the length of answers, uncompressed; the default is 64
// MiB. A longer answer is [ErrResponseTooLarge], and so is one of more than eight
// million values that have less than eight bytes on average. Refusals and pages of
// proxies may have 1 MiB. Whatever an answer holds, reading it takes at most about
// eight times its length in memory.
func WithMaxResponseBytes(n int64) Option {
	return func(cfg *config) error {
		if n <= 0 {
			return errors.New("quickbi: WithMaxResponseBytes: not a positive number")
		}
		cfg.client.maxResponseBytes = n
		return nil
	}
}

// A Limiter lets requests wait for their turn, see [WithLimiter]. A *rate.Limiter of
// golang.org/x/time/rate is one.
type Limiter interface {
	// Wait returns when the request may be sent, or an error if it must not be sent.
	// It is called for every attempt of a call, concurrently. [ActionFromContext]
	// returns the operation that waits.
	Wait(ctx context.Context) error
}

// WithLimiter sends each request after limiter has let it through. It is for quotas
// that several clients, or processes, share. The service has one quota for each
// operation and account: 50 requests a second, fewer for some operations. An error of
// the limiter ends the call; nothing has been sent then.
func WithLimiter(limiter Limiter) Option {
	return func(cfg *config) error {
		if isNil(limiter) {
			return errors.New("quickbi: WithLimiter: the limiter is nil")
		}
		cfg.client.limiter = limiter
		return nil
	}
}

// WithRateLimit is [WithLimiter] with a limit for this client alone and for all its
// operations together: at most perSecond requests a second, in bursts of at most burst
// requests. There is no limit by default.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return errors.New("quickbi: WithRateLimit: the rate must be positive and the burst at least 1")
		}
		cfg.client.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// actionKey is the key of the operation's name in the context of a [Limiter].
type actionKey struct{}

func withAction(ctx context.Context, action string) context.Context {
	return context.WithValue(ctx, actionKey{}, action)
}

// ActionFromContext returns the name of the operation, such as "QueryUserList", from
// the context that a [Limiter] gets. It is "" for any other context.
func ActionFromContext(ctx context.Context) string {
	action, _ := ctx.Value(actionKey{}).(string)
	return action
}

// limitError returns context.DeadlineExceeded if a rate.Limiter refuses to wait past
// the deadline: its own error is only a text, which callers cannot match.
func limitError(ctx context.Context, limiter Limiter, err error) error {
	if l, ok := limiter.(*rate.Limiter); ok && l.Burst() > 0 && ctx.Err() == nil {
		if _, ok := ctx.Deadline(); ok {
			return context.DeadlineExceeded
		}
	}
	return err
}

// WithLogger logs every attempt: operation, number, HTTP status, code, request id,
// duration and verdict, never a parameter, header or result. Successes have the level
// Debug, failures Warn. [WithHook] shows more.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		if logger == nil {
			return errors.New("quickbi: WithLogger: the logger is nil")
		}
		return WithHook(logHook(logger))(cfg)
	}
}

// WithUserAgent appends the name of the program, such as "hrsync/2.1", to the User-Agent.
func WithUserAgent(product string) Option {
	return func(cfg *config) error {
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("quickbi: WithUserAgent: the text must be printable ASCII")
		}
		cfg.client.userAgent = []string{cfg.client.userAgent[0] + " " + product}
		return nil
	}
}

// sharedTransport serves all clients without an http.Client of their own, so that a
// dropped client leaves no connections behind. It is http.DefaultTransport for few
// hosts and many goroutines; the proxy of the environment, HTTP/2 and the rest are
// as usual.
var sharedTransport = sync.OnceValue(func() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// Shorter than the timeout of an attempt: then it is known that there was no
		// connection, and the call can be sent again.
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		OnProxyConnectResponse: onProxyConnect,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		// The service sends a dozen headers. net/http would read 10 MB of them.
		MaxResponseHeaderBytes: 256 << 10,
	}
})
