// Package cloudaccount takes names of Alibaba Cloud accounts apart.
package cloudaccount

import "strings"

// A Name is the name of an account.
type Name struct {
	Login  string // of a RAM user: the name within the account; otherwise the whole name
	Parent string // of a RAM user: the account, or ""
	Sign   byte   // ':' or '@', by which the parent was written; 0 without one
}

// Split takes "main:sub" and "sub@main.onaliyun.com" apart. Other names have only
// a login, addresses with other domains, too.
func Split(name string) Name {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return Name{name[i+1:], name[:i], ':'}
	}
	if login, domain, ok := strings.Cut(name, "@"); ok {
		const suffix = ".onaliyun.com"
		if n := len(domain) - len(suffix); n >= 0 && strings.EqualFold(domain[n:], suffix) {
			return Name{login, domain[:n], '@'}
		}
	}
	return Name{Login: name}
}
