package quickbi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// page1000 is the answer to a QueryUserList of 1000 members.
func page1000() []byte {
	var b bytes.Buffer
	b.WriteString(`{"RequestId":"6F1B5C0E-2A44-4E0B-9D57-1C0F3B7A9E21","Success":true,"Result":{"TotalPages":100,"PageNum":1,"PageSize":1000,"TotalNum":100000,"Data":[`)
	for i := range 1000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"UserId":"%032x","AccountId":"12%014d","AccountName":"acme:user%d","NickName":"用户%d","UserType":%d,"RoleIdList":[111111113],`+
			`"CopilotModules":["qreport"],"JoinedDate":%d,"LastLoginTime":%d,"IsDeleted":false,"AdminUser":false,"AuthAdminUser":false}`,
			i, i, i, i, i%3+1, 1718691704000+i, 1718761320681+i)
	}
	b.WriteString(`]}}`)
	return b.Bytes()
}

// BenchmarkDecodePage compares the decoder in use with the standard library's.
func BenchmarkDecodePage(b *testing.B) {
	page := page1000()
	b.Run("quickbi", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if e := decode(read("QueryUserList"), 200, http.Header{}, page, new(envelope[Page[User]])); e != nil {
				b.Fatal(e)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var resp Response[Page[User]]
			if err := json.Unmarshal(page, &resp); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// answerTransport answers every request with the same bytes, without a network.
type answerTransport struct {
	status int
	body   []byte
}

func (t *answerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		req.Body.Close()
	}
	return &http.Response{
		StatusCode: t.status, ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(t.body)),
		ContentLength: int64(len(t.body)),
	}, nil
}

// BenchmarkCall measures the client alone.
func BenchmarkCall(b *testing.B) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i)
	}
	for _, bench := range []struct {
		name   string
		answer answerTransport
		call   func(c *Client) error
	}{
		{"small", answerTransport{200, []byte(done)}, func(c *Client) error { return deleteUser(b.Context(), c) }},
		{"page", answerTransport{200, page1000()}, func(c *Client) error {
			_, err := c.QueryUserList(b.Context(), &QueryUserListRequest{PageNum: 1, PageSize: 1000})
			return err
		}},
		{"refused", answerTransport{400, []byte(`{"RequestId":"R","HostId":"h","Code":"User.Not.In.Organization","Message":"The specified user is not in the organizational unit.","Recommend":"https://error-center.aliyun.com/status/search?Keyword=User.Not.In.Organization&source=PopGw"}`)}, func(c *Client) error {
			if deleteUser(b.Context(), c) == nil {
				return errors.New("not refused")
			}
			return nil
		}},
		{"1000 ids", answerTransport{200, []byte(done)}, func(c *Client) error {
			_, err := c.AddUserGroupMember(b.Context(), &AddUserGroupMemberRequest{UserGroupID: "g", UserIDs: ids})
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c, err := NewClient(WithAccessKey(testKeyID, testSecret), WithHTTPClient(&http.Client{Transport: &bench.answer}))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := bench.call(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
