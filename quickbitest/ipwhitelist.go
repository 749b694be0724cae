package quickbitest

import (
	"net/netip"
	"strings"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// ipWhiteListConfig changes the list, or just shows it. Adding what is there and
// deleting what is not is no error. The list keeps nobody away: the emulator has
// no logins.
func ipWhiteListConfig(c *call) (any, error) {
	type ipWhiteList struct {
		IPWhiteList []string `json:"IpWhiteList"`
	}
	operation := strings.ToUpper(c.string("Operation")) // the example is in lower case
	addresses := c.list("IpWhiteList")
	switch operation {
	case "QUERY":
		addresses = nil
	case "ADD", "DELETE":
		if len(addresses) == 0 {
			return nil, gateway.Refuse("Parameter.Error", "The call needs IpWhiteList to %s.", operation)
		}
	default:
		return nil, gateway.Refuse("Parameter.Error", "There is no operation %q.", operation)
	}
	for i, address := range addresses {
		var err error
		if addresses[i], err = publicIPv4(address); err != nil {
			return nil, err
		}
	}
	for _, address := range addresses {
		if operation == "ADD" {
			c.loginIPs.put(address, address)
		} else {
			c.loginIPs.remove(address)
		}
	}
	return ipWhiteList{collect(c.loginIPs.all(), func(s string) string { return s })}, nil
}

// publicIPv4 checks an address or a block of addresses, and spells it as the list has it.
func publicIPv4(s string) (string, error) {
	s = strings.TrimSpace(s)
	prefix, err := netip.ParsePrefix(s)
	spelt := prefix.Masked().String()
	if !strings.Contains(s, "/") {
		var addr netip.Addr
		if addr, err = netip.ParseAddr(s); err == nil {
			prefix, spelt = netip.PrefixFrom(addr, addr.BitLen()), addr.String()
		}
	}
	addr := prefix.Addr()
	switch {
	case err != nil || !addr.Is4():
		return "", gateway.Refuse("LoginIp.Format.Error", "%q is neither an IPv4 address nor a block of them.", s)
	case addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsUnspecified():
		return "", gateway.Refuse("LoginIp.Private.Error", "%s is not a public address.", s)
	}
	return spelt, nil
}
