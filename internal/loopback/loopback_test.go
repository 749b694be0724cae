package loopback

import "testing"

func TestIsHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.9.8.7": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.": false, "localhost.example.com": false, "127.0.0.1.example.com": false, "0.0.0.0": false, "::": false,
		"192.168.1.9": false, "127.1": false, "[::1]": false, "localhost:80": false,
	} {
		if got := IsHost(host); got != want {
			t.Errorf("IsHost(%q) = %t", host, got)
		}
	}
}

func TestIsHostPort(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "127.0.0.1:1": true, "[::1]:8080": true, "[::1]": true, "::1": true, "127.0.0.1": true,
		"": false, ":8080": false, "evil.example:8080": false, "evil.example": false, "[evil.example]": false, "localhost:80:80": false, "192.168.1.9:80": false,
	} {
		if got := IsHostPort(host); got != want {
			t.Errorf("IsHostPort(%q) = %t", host, got)
		}
	}
}
