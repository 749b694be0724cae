// Package loopback tells this machine from others, by the host of a URL or the
// Host of a request.
package loopback

import (
	"net"
	"net/netip"
	"strings"
)

// IsHost reports whether a host without a port is this machine: localhost, or a
// loopback address. Other names are not, whatever they resolve to: that can change.
func IsHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// IsHostPort reports it of a host that may have a port, as requests name it.
func IsHostPort(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
		if inner, ok := strings.CutPrefix(host, "["); ok {
			host = strings.TrimSuffix(inner, "]")
		}
	}
	return IsHost(host)
}
