// Package floor is what somebody writes who needs three operations of Quick BI,
// no library, and little time for each call: net/http, the ACS3 signature,
// encoding/json. Parameters are escaped once and come sorted, all that is signed
// is put together in one buffer, headers go straight into their map, and an answer
// is read into a buffer of its size. There are no retries, no timeouts, no checks
// and no kinds of errors. The benchmarks tell how much more, or less, a client
// costs than this.
package floor

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Client calls Quick BI at an endpoint: a scheme and a host.
type Client struct {
	Endpoint    string
	AccessKeyID string
	Secret      string
	HTTP        http.Client
}

// Response is the answer to every operation.
type Response[T any] struct {
	RequestID string `json:"RequestId"`
	Success   bool   `json:"Success"`
	Code      string `json:"Code"`
	Message   string `json:"Message"`
	Result    T      `json:"Result"`
}

// Page is one page of a list.
type Page struct {
	Data       []Member `json:"Data"`
	PageNum    int      `json:"PageNum"`
	PageSize   int      `json:"PageSize"`
	TotalNum   int      `json:"TotalNum"`
	TotalPages int      `json:"TotalPages"`
}

// Member is a member of the organization.
type Member struct {
	UserID         string   `json:"UserId"`
	AccountID      string   `json:"AccountId"`
	AccountName    string   `json:"AccountName"`
	NickName       string   `json:"NickName"`
	Email          string   `json:"Email"`
	Phone          string   `json:"Phone"`
	UserType       int      `json:"UserType"`
	RoleIDs        []int64  `json:"RoleIdList"`
	CopilotModules []string `json:"CopilotModules"`
	JoinedDate     int64    `json:"JoinedDate"`
	LastLoginTime  int64    `json:"LastLoginTime"`
	IsDeleted      bool     `json:"IsDeleted"`
	AdminUser      bool     `json:"AdminUser"`
	AuthAdminUser  bool     `json:"AuthAdminUser"`
}

// Error is a refusal.
type Error struct {
	Status    int    `json:"-"`
	RequestID string `json:"RequestId"`
	HostID    string `json:"HostId"`
	Code      string `json:"Code"`
	Message   string `json:"Message"`
	Recommend string `json:"Recommend"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (HTTP %d, request %s)", e.Code, e.Message, e.Status, e.RequestID)
}

// A param is a parameter. Those of a call are sorted by name.
type param struct{ name, value string }

// DeleteUser removes a member and hands the works to another.
func (c *Client) DeleteUser(ctx context.Context, user, transferTo string) (*Response[bool], error) {
	return call[bool](ctx, c, http.MethodPost, "DeleteUser", param{"TransferUserId", transferTo}, param{"UserId", user})
}

// QueryUserList lists members.
func (c *Client) QueryUserList(ctx context.Context, page, size int) (*Response[Page], error) {
	return call[Page](ctx, c, http.MethodGet, "QueryUserList", param{"PageNum", strconv.Itoa(page)}, param{"PageSize", strconv.Itoa(size)})
}

// AddUserGroupMember adds members to a user group.
func (c *Client) AddUserGroupMember(ctx context.Context, group string, users []string) (*Response[bool], error) {
	return call[bool](ctx, c, http.MethodPost, "AddUserGroupMember", param{"UserGroupId", group}, param{"UserIdList", strings.Join(users, ",")})
}

func call[T any](ctx context.Context, c *Client, method, action string, params ...param) (*Response[T], error) {
	query := encode(params)
	req, err := http.NewRequestWithContext(ctx, method, c.Endpoint+"/?"+query, nil)
	if err != nil {
		return nil, err
	}
	c.sign(req, action, query)

	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := read(resp)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		refused := Error{Status: resp.StatusCode}
		if err := json.Unmarshal(body, &refused); err != nil {
			return nil, err
		}
		return nil, &refused
	}
	var answer Response[T]
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if !answer.Success {
		return nil, &Error{Status: resp.StatusCode, RequestID: answer.RequestID, Code: answer.Code, Message: answer.Message}
	}
	return &answer, nil
}

// read reads the body at once if its length is known.
func read(resp *http.Response) ([]byte, error) {
	if n := resp.ContentLength; n >= 0 && n < 64<<20 {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	return io.ReadAll(resp.Body)
}

// encode returns the query, which is also what is signed of it.
func encode(params []param) string {
	length := 0
	for _, p := range params {
		length += len(p.name) + len(p.value)*9/8 + 2
	}
	b := make([]byte, 0, length)
	for i, p := range params {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(b, p.name...) // has nothing to escape
		b = append(b, '=')
		for j := range len(p.value) {
			switch c := p.value[j]; {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
				b = append(b, c)
			default:
				const digits = "0123456789ABCDEF"
				b = append(b, '%', digits[c>>4], digits[c&15])
			}
		}
	}
	return string(b)
}

// sign signs a request without a body.
func (c *Client) sign(req *http.Request, action, query string) {
	const (
		version       = "2022-01-01"
		emptyBody     = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256
		signedHeaders = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	)
	date := time.Now().UTC().Format("2006-01-02T15:04:05Z")
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	nonce := hex.EncodeToString(random[:])

	b := make([]byte, 0, len(query)+512)
	for _, part := range [...]string{
		req.Method, "\n/\n", query,
		"\nhost:", req.URL.Host,
		"\nx-acs-action:", action,
		"\nx-acs-content-sha256:", emptyBody,
		"\nx-acs-date:", date,
		"\nx-acs-signature-nonce:", nonce,
		"\nx-acs-version:", version,
		"\n\n", signedHeaders, "\n", emptyBody,
	} {
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	mac := hmac.New(sha256.New, []byte(c.Secret))
	mac.Write(hex.AppendEncode(append(b[:0], "ACS3-HMAC-SHA256\n"...), sum[:]))

	req.Header["X-Acs-Action"] = []string{action}
	req.Header["X-Acs-Content-Sha256"] = []string{emptyBody}
	req.Header["X-Acs-Date"] = []string{date}
	req.Header["X-Acs-Signature-Nonce"] = []string{nonce}
	req.Header["X-Acs-Version"] = []string{version}
	req.Header["Authorization"] = []string{"ACS3-HMAC-SHA256 Credential=" + c.AccessKeyID +
		",SignedHeaders=" + signedHeaders + ",Signature=" + hex.EncodeToString(mac.Sum(sum[:0]))}
}
