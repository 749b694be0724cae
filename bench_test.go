package quickbi

import (
	"bytes"
	"encoding/json"
	"fmt"
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
