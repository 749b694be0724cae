package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Find out why calls fail",
		Long: `Looks at everything a call needs, in the order in which it is needed: endpoint,
proxy, name, connection, TLS, clock, credential, rights, organization. It reads
one entry of the list of workspaces and changes nothing. The exit code is 1 if
something is wrong.`,
		Example: lines("quickbi doctor -emulator", "quickbi doctor -emulator -lang zh"),
		Args:    exactArgs(0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.doctor(cmd.Context())
		},
	}
}

// A check looks at one thing. It returns what it found, or what is wrong and what
// to do about that.
type check struct {
	name string
	look func(context.Context) (found string, err error)
	todo string
}

func (a *app) doctor(ctx context.Context) error {
	d := &diagnosis{app: a}
	defer d.close()
	healthy := true
	for _, c := range []check{
		{"endpoint", d.endpoint, "Give -region one of the documented regions, or -endpoint a host."},
		{"proxy", d.proxy, "Correct HTTPS_PROXY and NO_PROXY."},
		{"name", d.name, "Look at the machine's DNS, or give its proxy in HTTPS_PROXY."},
		{"connection", d.connection, "Let the firewall allow connections to this host and port, or give the proxy in HTTPS_PROXY."},
		{"TLS", d.tls, "Something on the way answers in the service's place, or its authority is unknown here: install the company's root certificate, or ask for an exception."},
		{"clock", d.clock, "Set the clock of this machine (NTP): more than 15 minutes are refused."},
		{"credential", d.credential, "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET."},
		{"call", d.call, "Compare the code with quickbi api QueryOrganizationWorkspaceList."},
		{"organization", d.organization, ""},
	} {
		found, err := c.look(ctx)
		if err == nil {
			a.checked("ok", c.name, found)
			continue
		}
		healthy = false
		a.checked("FAIL", c.name, a.describe(err))
		todo := a.text(c.todo)
		if e, ok := errors.AsType[*quickbi.Error](err); ok && e.Hint() != "" {
			todo = inFlags(e.Hint())
		}
		fmt.Fprintf(a.out, "      %s\n", todo)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c.name != "proxy" && c.name != "clock" {
			break // what follows needs it
		}
	}
	if !healthy {
		return &exit{code: exitFailure}
	}
	return nil
}

// checked writes a line of what was found. Chinese characters take two columns.
func (a *app) checked(state, name, found string) {
	pad := func(text string, columns int) string {
		return text + strings.Repeat(" ", max(0, columns-uniseg.StringWidth(text)))
	}
	fmt.Fprintf(a.out, "%s  %s  %s\n", pad(a.text(state), 4), pad(a.text(name), 12), terminal.Line(found))
}

// A diagnosis is what the checks find, for those that follow.
type diagnosis struct {
	*app
	client  *quickbi.Client
	done    func()
	target  *url.URL
	through *url.URL // the proxy; nil: none
	found   []quickbi.Workspace
}

func (d *diagnosis) close() {
	if d.done != nil {
		d.done()
	}
}

func (d *diagnosis) endpoint(context.Context) (found string, err error) {
	d.client, d.done, err = d.connect(quickbi.WithTimeout(10*time.Second), quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		return "", err
	}
	d.target = d.client.Endpoint()
	return d.target.String(), nil
}

func (d *diagnosis) proxy(context.Context) (string, error) {
	var err error
	d.through, err = http.ProxyFromEnvironment(&http.Request{URL: d.target})
	switch {
	case err != nil:
		return "", errors.New("the address of the proxy cannot be read")
	case d.through == nil:
		return d.text("none"), nil
	}
	return d.through.Redacted(), nil
}

// address returns the host and port that a connection goes to first.
func (d *diagnosis) address() (host, port string) {
	u := d.target
	if d.through != nil {
		u = d.through
	}
	if port = u.Port(); port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return u.Hostname(), port
}

func (d *diagnosis) name(ctx context.Context) (string, error) {
	host, _ := d.address()
	found, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return "", err
	}
	return d.text("%s is %s", host, strings.Join(found, ", ")), nil
}

func (d *diagnosis) connection(ctx context.Context) (string, error) {
	host, port := d.address()
	began := time.Now()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return "", err
	}
	_ = conn.Close() // nothing was sent
	return d.text("to %s in %v", net.JoinHostPort(host, port), time.Since(began).Round(time.Millisecond)), nil
}

// tls makes the handshake on the way that calls take, through the proxy too.
func (d *diagnosis) tls(ctx context.Context) (string, error) {
	if d.target.Scheme != "https" {
		return d.text("not used: plain http"), nil
	}
	state, _, err := d.knock(ctx)
	if err != nil {
		return "", err
	}
	return d.text("%s, certificate of %s until %s", tls.VersionName(state.Version),
		state.PeerCertificates[0].Issuer.CommonName, state.PeerCertificates[0].NotAfter.Format(time.DateOnly)), nil
}

// knock sends a request that asks for nothing and carries nothing.
func (d *diagnosis) knock(ctx context.Context) (*tls.ConnectionState, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, d.target.String(), nil)
	if err != nil {
		return nil, time.Time{}, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, time.Time{}, err
	}
	_ = response.Body.Close() // a HEAD has none
	date, _ := http.ParseTime(response.Header.Get("Date"))
	return response.TLS, date, nil
}

func (d *diagnosis) clock(ctx context.Context) (string, error) {
	_, date, err := d.knock(ctx)
	switch {
	case err != nil:
		return "", err
	case date.IsZero():
		return d.text("the service does not say what time it is"), nil
	}
	skew := time.Since(date).Round(time.Second)
	if skew.Abs() > 15*time.Minute {
		return "", fmt.Errorf("this machine is %v off", skew)
	}
	return d.text("within %v of the service's", skew.Abs()+time.Second), nil
}

func (d *diagnosis) credential(ctx context.Context) (string, error) {
	if d.emulator {
		return d.text("of the emulator"), nil
	}
	found, err := providers.NewDefaultCredentialsProvider().GetCredentials()
	if err != nil {
		// The client's own error says what each place held. It sends nothing.
		if _, err := d.call(ctx); err != nil {
			return "", err
		}
		return d.text("from an unknown source"), nil
	}
	return d.text("%s from %s", mask(found.AccessKeyId), found.ProviderName), nil
}

// mask shows enough of the id of a key to tell it from others.
func mask(id string) string {
	if len(id) <= 8 {
		return "****"
	}
	return id[:4] + "****" + id[len(id)-4:]
}

func (d *diagnosis) call(ctx context.Context) (string, error) {
	answer, err := d.client.QueryOrganizationWorkspaceList(ctx, &quickbi.QueryOrganizationWorkspaceListRequest{PageNum: 1, PageSize: 1})
	if err != nil {
		return "", err
	}
	d.found = answer.Result.Data
	return d.text("QueryOrganizationWorkspaceList, request %s", answer.RequestID), nil
}

func (d *diagnosis) organization(context.Context) (string, error) {
	if len(d.found) == 0 {
		return d.text("there is no workspace, which would show the id"), nil
	}
	return d.found[0].OrganizationID, nil
}
