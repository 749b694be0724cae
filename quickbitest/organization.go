package quickbitest

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// Lacks says which features the organization does not have. The zero value has all of
// them.
type Lacks struct {
	DataLevels   bool `json:"DataLevels,omitempty"`   // it still has the old row-level and column-level permissions
	Feishu       bool `json:"Feishu,omitempty"`       // it has not set up Feishu
	GlobalParams bool `json:"GlobalParams,omitempty"` // its edition has no global parameters for tickets
	IsDeleted    bool `json:"IsDeleted,omitempty"`    // its service is older: a query of one member does not tell IsDeleted
	SmartQ       bool `json:"SmartQ,omitempty"`       // it has not bought Smart Q
}

// Limits says how many members of each type the organization has paid for, and
// what else it can have so many of. Zero means any number.
type Limits struct {
	Developers    int `json:"Developers,omitempty"`
	Viewers       int `json:"Viewers,omitempty"`
	Analysts      int `json:"Analysts,omitempty"`
	Workspaces    int `json:"Workspaces,omitempty"`
	EmbeddedWorks int `json:"EmbeddedWorks,omitempty"`
}

// The organizationState is what the organization knows of itself.
type organizationState struct {
	loginIPs table[string] // the white list, as it is spelt
	lacks    Lacks
	limits   Limits
	audit    auditLog
}

// ipWhiteListConfig changes or shows the list. Idempotent. The list keeps nobody away:
// the emulator has no logins.
func ipWhiteListConfig(c *call) (any, error) {
	type ipWhiteList struct {
		IPWhiteList []string `json:"IpWhiteList"`
	}
	operation, addresses := c.string("Operation"), c.list("IpWhiteList")
	switch {
	case operation == "QUERY":
		addresses = nil
	case len(addresses) == 0:
		return nil, gateway.Refuse("Parameter.Error", "The call needs IpWhiteList to %s.", operation)
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
	return ipWhiteList{collect(c.loginIPs.all(), itself[string])}, nil
}

// publicIPv4 checks an address or a block of addresses, and returns it in canonical
// form.
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

func (o *organization) seedLoginIP(address string, _ time.Time) error {
	spelt, err := publicIPv4(address)
	if err == nil {
		o.loginIPs.put(spelt, spelt)
	}
	return err
}

// queryAuditLog shows whole days, in the zone in which times are written. The service
// is known to answer wide ranges with ServiceUnavailable, and to show at most 10,000
// lines on its own page: the emulator refuses more than that. For wrong dates and types
// only the usual code is documented.
func queryAuditLog(c *call) (any, error) {
	from, to, err := c.auditRange()
	if err != nil {
		return nil, err
	}
	types := c.list("OperatorTypes")
	rows := []AuditLogEntry{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		for _, e := range c.audit.days[day.Format(auditDate)] {
			if !c.wantsEntry(e) || len(types) > 0 && !slices.Contains(types, e.OperatorType) {
				continue
			}
			if len(rows) == auditRows {
				return nil, gateway.Refuse("ServiceUnavailable", "The log has more than %d lines to show; ask for fewer days.", auditRows)
			}
			e.LogType, e.OperatorID, e.AccessSource, e.AccessDevice = "", "", "", "" // are not shown
			rows = append(rows, e)
		}
	}
	slices.SortStableFunc(rows, func(a, b AuditLogEntry) int { return strings.Compare(a.CreatedTime, b.CreatedTime) })
	return rows, nil
}

// wantsEntry applies the filters that take one value. Types of resources are
// spelt in both cases in the documentation.
func (c *call) wantsEntry(e AuditLogEntry) bool {
	is := func(param, value string) bool { return c.string(param) == "" || c.string(param) == value }
	return e.LogType == c.string("LogType") && is("OperatorId", e.OperatorID) && is("WorkspaceId", e.WorkspaceID) &&
		is("AccessSourceFlag", e.AccessSource) && is("UserAccessDevice", e.AccessDevice) &&
		(c.string("ResourceType") == "" || strings.EqualFold(c.string("ResourceType"), e.TargetType))
}

// auditRange returns the first day and the last one to look at.
func (c *call) auditRange() (from, to time.Time, err error) {
	if from, err = c.time("StartDate", auditDate); err != nil {
		return from, to, err
	}
	if to, err = c.time("EndDate", auditDate); err != nil {
		return from, to, err
	}
	switch {
	case to.Before(from):
		return from, to, gateway.Invalid("EndDate", "is before StartDate")
	case from.Format(auditDate) < auditDay(c.now.AddDate(0, 0, -auditDays)):
		return from, to, gateway.Invalid("StartDate", "is more than %d days ago", auditDays)
	case to.After(c.now):
		to = c.now // there is nothing after it
	}
	return from, to, nil
}
