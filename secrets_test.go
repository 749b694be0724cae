package quickbi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// Secrets that calls hold besides those of the caller. The blank in the password
// is there because it can be escaped in two ways.
const (
	markedTicket   = "TICKET-mark-0123456789abcdef"
	markedPassword = "PASSWORD-mark with a blank"
)

// marks are the beginnings of all secrets: no more of one may show.
var marks = []string{"SECRET-ma", "TOKEN-mar", "TICKET-ma", "PASSWORD-ma"}

// secretCalls send secrets of their own.
var secretCalls = []func(context.Context, *quickbi.Client) error{
	func(ctx context.Context, c *quickbi.Client) error {
		_, err := c.QueryTicketInfo(ctx, &quickbi.QueryTicketInfoRequest{Ticket: quickbi.NewSecret(markedTicket)})
		return err
	},
	func(ctx context.Context, c *quickbi.Client) error {
		_, err := c.DeleteTicket(ctx, &quickbi.DeleteTicketRequest{Ticket: quickbi.NewSecret(markedTicket)})
		return err
	},
	func(ctx context.Context, c *quickbi.Client) error {
		return c.Do(ctx, "QueryTicketInfo", url.Values{"Ticket": {markedTicket}}, new(quickbi.TicketInfo), quickbi.InBody("Ticket"))
	},
	func(ctx context.Context, c *quickbi.Client) error { // answered with a ticket
		_, err := c.CreateTicket(ctx, &quickbi.CreateTicketRequest{WorksID: "w", UserID: "u"})
		return err
	},
	func(ctx context.Context, c *quickbi.Client) error {
		_, err := c.AddDataSource(ctx, &quickbi.AddDataSourceRequest{AddModel: quickbi.DataSourceModel{
			UserID: quickbitest.OwnerUserID, WorkspaceID: "w", DataSourceType: "mysql", Password: quickbi.NewSecret(markedPassword),
		}})
		return err
	},
}

// A witness is a transport that notes signatures.
type witness struct {
	base       http.RoundTripper
	mu         sync.Mutex
	signatures []string
}

func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	_, signature, _ := strings.Cut(req.Header.Get("Authorization"), "Signature=")
	if signature == "" {
		signature = req.URL.Query().Get("Signature")
	}
	w.mu.Lock()
	w.signatures = append(w.signatures, signature)
	w.mu.Unlock()
	return w.base.RoundTrip(req)
}

// expose makes a call with marked secrets and returns all that can be seen of it,
// and what must not be.
func expose(s *site, call func(context.Context, *quickbi.Client) error, opts ...quickbi.Option) (seen string, hidden []string, err error) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w := &witness{base: s.transport}
	c := s.client(slices.Concat([]quickbi.Option{
		quickbi.WithSTSToken(firstKey, temporarySecret, firstToken),
		quickbi.WithHTTPClient(&http.Client{Transport: w}),
		quickbi.WithLogger(logger),
	}, opts)...)
	err = call(context.Background(), c)

	logger.Error("as an attribute", "err", err, "client", c)
	slog.New(slog.NewTextHandler(&log, nil)).Error("as text", "err", err, "client", c)
	show := func(v any) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
		encoded, _ := json.Marshal(v)
		log.Write(encoded)
	}
	show(c)
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		show(err)
		switch e := err.(type) {
		case *quickbi.Error:
			show(*e) // without the methods of the pointer
			show(e.Hint())
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner)
			}
		}
		walk(errors.Unwrap(err))
	}
	walk(err)

	hidden = append(slices.Clone(marks), "T\x00I\x00C\x00", `T\x00I\x00C\x00`, `T\u0000I\u0000C\u0000`)
	for _, signature := range w.signatures {
		hidden = append(hidden, signature, url.QueryEscape(signature), url.QueryEscape(url.QueryEscape(signature)))
	}
	return log.String(), hidden, err
}

func checkHidden(t *testing.T, name, seen string, hidden []string) {
	t.Helper()
	for _, secret := range hidden {
		if i := strings.Index(seen, secret); i >= 0 {
			t.Errorf("%s: shows %q in … %s …", name, secret, seen[max(0, i-100):min(len(seen), i+len(secret)+20)])
			return
		}
	}
}

// TestSecretsUnderFaults goes through every fault with every signature, and looks
// for secrets in the error and the log.
func TestSecretsUnderFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var wg sync.WaitGroup
			for i, call := range secretCalls {
				for _, signer := range []quickbi.Signer{quickbi.SignerV3{}, quickbi.SignerV1{}} {
					wg.Go(func() {
						name := fmt.Sprintf("call %d, %T", i, signer)
						s := newSite(t)
						f.set(s, -1)
						if s.warmedUp != nil {
							s.warmedUp()
						}
						seen, hidden, err := expose(s, call, quickbi.WithSigner(signer), quickbi.WithRetryWrites())
						if err == nil && !f.once {
							t.Errorf("%s: no error", name)
						}
						checkHidden(t, name, seen, hidden)
					})
				}
			}
			wg.Wait()
		})
	}
}

// echoes answer with everything they know of the request, in the places where
// servers and proxies do so.
var echoes = map[string]func(w http.ResponseWriter, everything string){
	"message": func(w http.ResponseWriter, everything string) {
		answerJSON(w, 400, map[string]any{"Code": "X", "Message": everything})
	},
	"all members": func(w http.ResponseWriter, everything string) {
		answerJSON(w, 400, map[string]any{"RequestId": everything, "HostId": everything, "Code": everything, "Message": everything,
			"Recommend": everything, "AccessDeniedDetail": map[string]string{"Why": everything}})
	},
	"page of a proxy": func(w http.ResponseWriter, everything string) { answer(w, 502, "text/html", "<html>"+everything) },
	"page that ends within a secret": func(w http.ResponseWriter, everything string) {
		for _, mark := range marks { // the more of it, the more likely that an excerpt ends in one
			if i := strings.Index(everything, mark); i >= 0 {
				answer(w, 502, "text/html", "<html>"+strings.Repeat("x", 182)+everything[i:])
				return
			}
		}
	},
	"login page": func(w http.ResponseWriter, everything string) { answer(w, 200, "text/html", "<html>"+everything) },
	"header": func(w http.ResponseWriter, everything string) {
		w.Header().Set("X-Acs-Request-Id", everything)
		w.WriteHeader(500)
	},
	"redirect": func(w http.ResponseWriter, everything string) {
		w.Header().Set("Location", "/?"+everything)
		w.WriteHeader(302)
	},
	"bad redirect": func(w http.ResponseWriter, everything string) {
		w.Header().Set("Location", "http://[::1/?"+everything)
		w.WriteHeader(302)
	},
	"XML": func(w http.ResponseWriter, everything string) {
		answer(w, 400, "text/xml", "<Error><Code>X</Code><Message>"+strings.ReplaceAll(everything, "&", "&amp;")+"</Message></Error>")
	},
	"XML result": func(w http.ResponseWriter, everything string) {
		answer(w, 200, "text/xml", "<R><Success>true</Success><Result>"+markedTicket+"</Result></R>")
	},
	"JSON that ends early": func(w http.ResponseWriter, everything string) {
		answer(w, 200, "application/json", `{"Success":true,"Result":"`+markedTicket+`"`)
	},
	"JSON with a byte order mark": func(w http.ResponseWriter, everything string) {
		answer(w, 200, "application/json", "\ufeff"+`{"Success":"perhaps","Result":["`+markedTicket+`"]}`)
	},
	"JSON of the wrong type": func(w http.ResponseWriter, everything string) {
		answer(w, 200, "application/json", `{"Success":"perhaps","Result":["`+markedTicket+`"]}`)
	},
	"UTF-16": func(w http.ResponseWriter, everything string) {
		answer(w, 200, "application/json", inUTF16(`{"Success":true,"Result":"`+markedTicket+`"}`))
	},
	"no HTTP": func(w http.ResponseWriter, everything string) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, strings.ReplaceAll(everything, "\n", " ")+"\r\n\r\n")
			_ = conn.Close()
		}
	},
	"header that is none": func(w http.ResponseWriter, everything string) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+strings.ReplaceAll(everything, ":", " ")+"\r\n\r\n")
			_ = conn.Close()
		}
	},
}

func answer(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	body, _ := json.Marshal(v)
	answer(w, status, "application/json", string(body))
}

// TestSecretsInEchoes lets servers repeat what they were sent, and more.
func TestSecretsInEchoes(t *testing.T) {
	t.Parallel()
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
				query := r.URL.Query()
				_ = r.ParseForm()
				// What arrived, as it came and as it was meant, in the order of what should show least.
				echo(w, strings.Join([]string{
					r.Form.Get("Ticket"), r.Header.Get("X-Acs-Security-Token"), query.Get("SecurityToken"), r.URL.RawQuery, query.Get("AddModel"),
					"ticket=" + r.Form.Get("Ticket"), url.QueryEscape(r.URL.RawQuery), signature, query.Get("Signature"), temporarySecret,
				}, " "))
			}))
			defer server.Close()
			for i, call := range secretCalls {
				for _, signer := range []quickbi.Signer{quickbi.SignerV3{}, quickbi.SignerV1{}} {
					s := newSite(t)
					s.endpoint = server.URL
					seen, hidden, err := expose(s, call, quickbi.WithSigner(signer), quickbi.WithRetryWrites())
					if err == nil {
						t.Errorf("call %d, %T: no error", i, signer)
					}
					checkHidden(t, fmt.Sprintf("call %d, %T", i, signer), seen, hidden)
				}
			}
		})
	}
}

// TestSecretsInRefusals lets the emulator refuse signatures: it answers, as the
// service does, with everything that should have been signed.
func TestSecretsInRefusals(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]quickbi.Option{
		"another secret": quickbi.WithSTSToken(firstKey, "SECRET-mark-of-nobody", firstToken),
		"another token":  quickbi.WithSTSToken(firstKey, temporarySecret, "TOKEN-mark-of-nobody"),
		"another key":    quickbi.WithSTSToken("STS.nobody", temporarySecret, firstToken),
	} {
		for i, call := range secretCalls {
			for _, signer := range []quickbi.Signer{quickbi.SignerV3{}, quickbi.SignerV1{}} {
				seen, hidden, err := expose(newSite(t), call, opt, quickbi.WithSigner(signer))
				if !errors.Is(err, quickbi.ErrAuthentication) {
					t.Errorf("%s: %v", name, err)
				}
				checkHidden(t, fmt.Sprintf("%s, call %d, %T", name, i, signer), seen, hidden)
			}
		}
	}
}

// crashes end a process with a panic in the middle of a call, or with what a
// program may have at hand when it gives up.
var crashes = map[string]func(c *quickbi.Client, err error){
	"client":     func(c *quickbi.Client, _ error) { panic(c) },
	"error":      func(_ *quickbi.Client, err error) { panic(err) },
	"credential": func(*quickbi.Client, error) { panic(crashingCredential()) },
	"printed": func(c *quickbi.Client, err error) {
		panic(fmt.Sprintf("%+v %#v %+v %#v", c, c, err, crashingCredential()))
	},
	"transport": func(*quickbi.Client, error) {
		_ = secretCalls[0](context.Background(), crashingClient(quickbi.WithHTTPClient(&http.Client{Transport: panicking{}})))
	},
	"signer": func(*quickbi.Client, error) {
		_ = secretCalls[0](context.Background(), crashingClient(quickbi.WithSigner(panicking{})))
	},
}

// panicking is a transport and a signer.
type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("in the transport") }
func (panicking) Sign(quickbi.SigningRequest) (quickbi.SignedRequest, error) {
	panic("in the signer")
}

func crashingCredential() quickbi.Credential {
	return quickbi.Credential{AccessKeyID: firstKey, AccessKeySecret: quickbi.NewSecret(temporarySecret), SecurityToken: quickbi.NewSecret(firstToken)}
}

func crashingClient(opts ...quickbi.Option) *quickbi.Client {
	c, err := quickbi.NewClient(slices.Concat([]quickbi.Option{
		quickbi.WithSTSToken(firstKey, temporarySecret, firstToken),
		quickbi.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return refusedDial(ctx) }}}),
		quickbi.WithSigner(quickbi.SignerV1{}), // whose URL is full of secrets
		quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}),
	}, opts)...)
	if err != nil {
		panic(err)
	}
	return c
}

// TestSecretsOfSigners prints what a signer gets and gives.
func TestSecretsOfSigners(t *testing.T) {
	t.Parallel()
	in := quickbi.SigningRequest{
		Method: "POST", Host: "h", Action: "AddDataSource",
		Query:      url.Values{"Ticket": {"TICKET-mark"}},
		Form:       url.Values{"Password": {"PASSWORD-mark"}},
		Credential: quickbi.Credential{AccessKeyID: firstKey, AccessKeySecret: quickbi.NewSecret(temporarySecret), SecurityToken: quickbi.NewSecret(firstToken)},
	}
	for _, signer := range []quickbi.Signer{quickbi.SignerV1{}, quickbi.SignerV3{}} {
		out, err := signer.Sign(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			text := fmt.Sprintf(verb+verb+verb, in, out, []any{&in, &out})
			if strings.Contains(text, "mark") || !strings.Contains(text, "SigningRequest{POST h AddDataSource, 2 parameters}") || !strings.Contains(text, "SignedRequest{") {
				t.Errorf("%T: %s: %s", signer, verb, text)
			}
		}
	}
}

// TestSecretsInPanics crashes copies of the test program and reads what they print.
func TestSecretsInPanics(t *testing.T) {
	t.Parallel()
	const variable = "QUICKBI_TEST_CRASH"
	if crash, ok := crashes[os.Getenv(variable)]; ok {
		c := crashingClient()
		crash(c, secretCalls[0](context.Background(), c))
	}
	for _, name := range slices.Sorted(maps.Keys(crashes)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSecretsInPanics$")
			cmd.Env = append(os.Environ(), variable+"="+name, "GOTRACEBACK=system")
			out, err := cmd.CombinedOutput()
			if err == nil || !bytes.Contains(out, []byte("panic: ")) || !bytes.Contains(out, []byte("goroutine ")) {
				t.Fatalf("did not crash: %v\n%s", err, out)
			}
			checkHidden(t, name, string(out), marks)
		})
	}
}
