package quickbi

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials"
	"golang.org/x/time/rate"
)

// regions are those with a public endpoint, quickbi-public.<region>.aliyuncs.com.
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
	case u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("quickbi: WithEndpoint: wants a scheme, a host and a port, nothing else")
	case u.Scheme == "http" && !cfg.insecureHTTP && !isLoopback(u.Hostname()):
		return fmt.Errorf("quickbi: WithEndpoint: plain http to %s would show parameters and tokens to anyone on the way; use https, or allow it with WithInsecureHTTP", u.Hostname())
	}
	cfg.client.scheme, cfg.client.host = u.Scheme, u.Host
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// WithAccessKey calls with the key of an Alibaba Cloud account or RAM user. The
// user must be an administrator of the Quick BI organization, or be allowed to
// call its API, and have logged in to Quick BI once. A key made on Quick BI's
// own organization page does not work.
func WithAccessKey(id, secret string) Option { return withKey("WithAccessKey", id, secret, nil) }

// WithSTSToken calls with a temporary key of the Security Token Service.
func WithSTSToken(id, secret, token string) Option {
	return withKey("WithSTSToken", id, secret, &token)
}

func withKey(option, id, secret string, token *string) Option {
	return func(cfg *config) error {
		if id == "" || secret == "" || token != nil && *token == "" {
			return fmt.Errorf("quickbi: %s: a part is empty", option)
		}
		for _, s := range []string{id, secret, deref(token)} {
			if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
				return fmt.Errorf("quickbi: %s: a part holds a blank or a control character", option)
			}
		}
		cred := &fixedSource{AccessKeyID: id, AccessKeySecret: NewSecret(secret)}
		if token != nil {
			cred.SecurityToken = NewSecret(*token)
		}
		cfg.client.credentials = cred
		return nil
	}
}

// WithCredential calls with what a credentials-go provider yields: a RAM role,
// an OIDC role, a bearer token, … The provider is asked once for each attempt,
// by one goroutine at a time, and must not be used elsewhere meanwhile:
// credentials-go is not safe for concurrent use.
func WithCredential(provider credentials.Credential) Option {
	return func(cfg *config) error {
		if provider == nil {
			return errors.New("quickbi: WithCredential: the provider is nil")
		}
		cfg.client.credentials = &providerSource{cred: provider}
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

// WithEndpoint calls another host than the region's public one: a VPC endpoint
// such as quickbi-public-vpc.cn-hangzhou.aliyuncs.com, or an emulator. Without a
// scheme it means https. Plain http is refused except on this machine, see
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

// WithHTTPClient sends through hc: its transport (proxy, TLS, tracing), its
// cookies and its timeout are kept, only redirects are never followed. hc itself
// is not changed.
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
		if s == nil {
			return errors.New("quickbi: WithSigner: the signer is nil")
		}
		cfg.client.signer = s
		return nil
	}
}

// WithRetryPolicy sets how often and how long after a failure a call is tried again.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(cfg *config) error {
		cfg.client.retry = p
		if err := p.validate(); err != nil {
			return fmt.Errorf("quickbi: WithRetryPolicy: %w", err)
		}
		return nil
	}
}

// WithRetryWrites tries writes again, too, after a failure that leaves open
// whether they were executed. A write may then be executed twice. That is
// harmless where the second execution changes nothing; it is not for AddUser,
// CreateTicket and others, whose second execution makes another object or fails
// although the first succeeded; such a failure matches [ErrOutcomeUnknown].
func WithRetryWrites() Option {
	return func(cfg *config) error {
		cfg.client.retryWrites = true
		return nil
	}
}

// WithTimeout bounds each attempt of a call, from connecting to the last byte
// of the answer; the context bounds the call as a whole, with its waits. The
// default is 10 seconds. Operations that need a minute, such as QueryData, keep
// theirs unless d is longer; [CallTimeout] changes that of one call.
func WithTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		if d <= 0 {
			return errors.New("quickbi: WithTimeout: not a positive duration")
		}
		cfg.client.timeout = d
		return nil
	}
}

// WithMaxResponseBytes bounds the answers, unpacked; the default is 64 MiB. A
// longer one is [ErrResponseTooLarge].
func WithMaxResponseBytes(n int64) Option {
	return func(cfg *config) error {
		if n <= 0 {
			return errors.New("quickbi: WithMaxResponseBytes: not a positive number")
		}
		cfg.client.maxResponseBytes = n
		return nil
	}
}

// WithRateLimit sends no more than so many requests a second, in bursts of no
// more than burst; calls wait for their turn. The service documents 50 a second
// for each operation. The default is not to limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return errors.New("quickbi: WithRateLimit: wants a positive rate and a burst of at least 1")
		}
		cfg.client.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithLogger logs every attempt: its operation, number, HTTP status, code,
// request id and duration, never a parameter, header or result. Successes are
// logged at level Debug, failures at Warn.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		if logger == nil {
			return errors.New("quickbi: WithLogger: the logger is nil")
		}
		cfg.client.logger = logger
		return nil
	}
}

// WithUserAgent appends the name of the program, such as "hrsync/2.1", to the User-Agent.
func WithUserAgent(product string) Option {
	return func(cfg *config) error {
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("quickbi: WithUserAgent: wants printable ASCII")
		}
		cfg.client.userAgent = []string{cfg.client.userAgent[0] + " " + product}
		return nil
	}
}

// newTransport is http.DefaultTransport for one host and many goroutines. All
// other things, such as the proxy of the environment and HTTP/2, stay as usual.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// Shorter than the timeout of an attempt: a connection that never comes
		// about is then known as such, and the call can be sent again.
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
