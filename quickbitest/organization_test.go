package quickbitest

import (
	"strings"
	"testing"
)

func TestIPWhiteList(t *testing.T) {
	t.Parallel()
	e := NewEmulator()
	config := func(operation, addresses string) string {
		t.Helper()
		list := must[struct {
			IPWhiteList []string `json:"IpWhiteList"`
		}](t, e, "IpWhiteListConfig", "Operation", operation, "IpWhiteList", addresses)
		return strings.Join(list.IPWhiteList, " ")
	}
	for _, tt := range []struct{ operation, addresses, want string }{
		{"QUERY", "", ""},
		{"ADD", "60.205.254.120,203.0.113.7/24", "60.205.254.120 203.0.113.0/24"},
		{"add", "60.205.254.120, 8.8.8.8", "60.205.254.120 203.0.113.0/24 8.8.8.8"},
		{"QUERY", "9.9.9.9", "60.205.254.120 203.0.113.0/24 8.8.8.8"},
		{"DELETE", "203.0.113.0/24,1.1.1.1", "60.205.254.120 8.8.8.8"},
	} {
		if got := config(tt.operation, tt.addresses); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.operation, tt.addresses, got, tt.want)
		}
	}

	for _, tt := range []struct{ code, operation, addresses string }{
		{"Parameter.Error", "ADD", ""},
		{"Parameter.Error", "DELETE", ","},
		{"Invalid.Parameter.Error", "REPLACE", "8.8.8.8"},
		{"LoginIp.Format.Error", "ADD", "8.8.8"},
		{"LoginIp.Format.Error", "ADD", "8.8.8.8/33"},
		{"LoginIp.Format.Error", "ADD", "2001:db8::1"},
		{"LoginIp.Format.Error", "ADD", "2001:db8::/32"},
		{"LoginIp.Private.Error", "ADD", "10.1.2.3"},
		{"LoginIp.Private.Error", "ADD", "192.168.0.0/16"},
		{"LoginIp.Private.Error", "ADD", "127.0.0.1"},
		{"LoginIp.Private.Error", "ADD", "4.4.4.4,169.254.1.1"},
	} {
		mustRefuse(t, e, tt.code, "IpWhiteListConfig", "Operation", tt.operation, "IpWhiteList", tt.addresses)
	}
	if got := config("QUERY", ""); got != "60.205.254.120 8.8.8.8" { // all or nothing
		t.Error(got)
	}
}
