// Package floor is what somebody writes who needs three operations of Quick BI
// and no library: net/http, the ACS3 signature as its documentation puts it,
// encoding/json. There are no retries, no checks and no kinds of errors. The
// benchmarks tell how much more, or less, a client costs than this.
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
	"net/url"
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

// DeleteUser removes a member and hands the works to another.
func (c *Client) DeleteUser(ctx context.Context, user, transferTo string) (*Response[bool], error) {
	params := url.Values{}
	params.Set("UserId", user)
	params.Set("TransferUserId", transferTo)
	return call[bool](ctx, c, http.MethodPost, "DeleteUser", params)
}

// QueryUserList lists members.
func (c *Client) QueryUserList(ctx context.Context, page, size int) (*Response[Page], error) {
	params := url.Values{}
	params.Set("PageNum", strconv.Itoa(page))
	params.Set("PageSize", strconv.Itoa(size))
	return call[Page](ctx, c, http.MethodGet, "QueryUserList", params)
}

// AddUserGroupMember adds members to a user group.
func (c *Client) AddUserGroupMember(ctx context.Context, group string, users []string) (*Response[bool], error) {
	params := url.Values{}
	params.Set("UserGroupId", group)
	params.Set("UserIdList", strings.Join(users, ","))
	return call[bool](ctx, c, http.MethodPost, "AddUserGroupMember", params)
}

func call[T any](ctx context.Context, c *Client, method, action string, params url.Values) (*Response[T], error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	// Encode escapes as the signature wants it, but for the blank.
	query := strings.ReplaceAll(params.Encode(), "+", "%20")
	req, err := http.NewRequestWithContext(ctx, method, c.Endpoint+"/?"+query, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	c.sign(req, action)

	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
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

// sign signs a request without a body.
func (c *Client) sign(req *http.Request, action string) {
	const (
		version       = "2022-01-01"
		emptyBody     = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256
		signedHeaders = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	)
	date := time.Now().UTC().Format("2006-01-02T15:04:05Z")
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	nonce := hex.EncodeToString(random[:])

	canonical := req.Method + "\n/\n" + req.URL.RawQuery + "\n" +
		"host:" + req.URL.Host + "\n" +
		"x-acs-action:" + action + "\n" +
		"x-acs-content-sha256:" + emptyBody + "\n" +
		"x-acs-date:" + date + "\n" +
		"x-acs-signature-nonce:" + nonce + "\n" +
		"x-acs-version:" + version + "\n" +
		"\n" + signedHeaders + "\n" + emptyBody
	sum := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(c.Secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(sum[:])))

	req.Header.Set("x-acs-action", action)
	req.Header.Set("x-acs-content-sha256", emptyBody)
	req.Header.Set("x-acs-date", date)
	req.Header.Set("x-acs-signature-nonce", nonce)
	req.Header.Set("x-acs-version", version)
	req.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+c.AccessKeyID+
		",SignedHeaders="+signedHeaders+",Signature="+hex.EncodeToString(mac.Sum(nil)))
}
