package quickbitest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	auditDays  = 90      // how far the log goes back
	auditRows  = 10_000  // in one answer
	auditOfDay = 100_000 // entries that are kept of one day

	auditDate = "20060102"
)

// A logType is one of the logs, as LogType has them.
type logType string

const (
	accessLog     logType = "dataView"
	operationLog  logType = "function"
	permissionLog logType = "permission"
)

// An AuditLogEntry is a line of the audit log. Members who have left the organization
// stay in the log.
type AuditLogEntry struct {
	LogType             string `json:"LogType,omitempty"`    // dataView, function or permission
	CreatedTime         string `json:"GmtCreate"`            // such as "2024-04-16 13:17:39"; empty: now
	OperatorID          string `json:"OperatorId,omitempty"` // empty: the organization's owner
	OperatorAccountName string // empty: the member's
	OperatorName        string // empty: the member's nickname
	OperatorType        string // what was done, such as "MODIFY"
	TargetID            string `json:"TargetId"`
	TargetName          string
	TargetType          string // such as "USER"
	WorkspaceID         string `json:"WorkspaceId"`
	AccessSource        string `json:"AccessSourceFlag,omitempty"` // of the access log: COMMON, IMBEDDED, …
	AccessDevice        string `json:"UserAccessDevice,omitempty"` // of the access log: MOBILE or PC
}

// An auditLog has the entries of each day, in the order they came.
type auditLog struct{ days map[string][]AuditLogEntry }

func auditDay(t time.Time) string { return t.In(beijing).Format(auditDate) }

// add appends the entry to its day. It drops the oldest entry of a full day, and days
// that are too old to be queried.
func (l *auditLog) add(e AuditLogEntry, day string, now time.Time) {
	entries, ok := l.days[day]
	if !ok {
		oldest := auditDay(now.AddDate(0, 0, -auditDays))
		for other := range l.days {
			if other < oldest {
				delete(l.days, other)
			}
		}
		if l.days == nil {
			l.days = make(map[string][]AuditLogEntry)
		}
	}
	if len(entries) >= auditOfDay {
		entries = entries[1:]
	}
	l.days[day] = append(entries, e)
}

func (o *organization) seedAuditEntry(e AuditLogEntry, now time.Time) error {
	t, err := parseWritten(e.CreatedTime, now)
	if err != nil {
		return err
	}
	e.CreatedTime = written(t)
	if !slices.Contains([]logType{accessLog, operationLog, permissionLog}, logType(e.LogType)) {
		return fmt.Errorf("there is no log %q", e.LogType)
	}
	e.OperatorID = cmp.Or(e.OperatorID, OwnerUserID)
	if m, ok := o.members.get(e.OperatorID); ok {
		e.by(m)
	}
	o.audit.add(e, auditDay(t), now)
	return nil
}

// entries lists all of the log, day by day.
func (l *auditLog) entries() []AuditLogEntry {
	var all []AuditLogEntry
	for _, day := range slices.Sorted(maps.Keys(l.days)) {
		all = append(all, l.days[day]...)
	}
	return all
}

// by enters the operator, where the entry does not name one.
func (e *AuditLogEntry) by(m *member) {
	e.OperatorID = m.UserID
	e.OperatorAccountName = cmp.Or(e.OperatorAccountName, m.AccountName)
	e.OperatorName = cmp.Or(e.OperatorName, m.NickName)
}

// A logRule says what an operation leaves in the audit log: one line for each thing
// that it was done to. The zero rule is nothing.
type logRule struct {
	log       logType
	operation string // CREATE and MODIFY are documented; the list of the others is not
	target    string // its type

	// things is the parameter that names the things, separated by commas, or
	// parameter.member if a member of a JSON document does; "" is the result.
	things string

	// choose says what was done, if that depends on the parameters; "" is nothing.
	choose func(*call) string
}

// line makes a rule for what is always done.
func (l logType) line(operation, target, things string) logRule {
	return logRule{log: l, operation: operation, target: target, things: things}
}

func auditIPWhiteList(c *call) string {
	if c.string("Operation") == "QUERY" {
		return ""
	}
	return c.string("Operation")
}

func auditSmartQ(c *call) string {
	if c.int("OperationType") == smartQRevoke {
		return "CANCEL"
	}
	return "AUTHORIZE"
}

// logged carries out an operation that writes, and enters what it did into the audit log.
func (c *call) logged(op operation) (any, error) {
	rule := op.log
	if rule.choose != nil {
		rule.operation = rule.choose(c)
	}
	entries := rule.entries(c, c.namedTargets(rule)) // now: a thing to be deleted has a name
	result, err := op.do(c)
	if err != nil || rule.operation == "" {
		return result, err
	}
	if rule.things == "" {
		entries = rule.entries(c, resultIDs(result))
	}
	for _, e := range entries {
		e.CreatedTime = written(c.now)
		e.by(c.owner())
		c.audit.add(e, auditDay(c.now), c.now)
	}
	return result, nil
}

// entries makes a line for each thing.
func (r logRule) entries(c *call, ids []string) []AuditLogEntry {
	entries := make([]AuditLogEntry, len(ids))
	for i, id := range ids {
		entries[i] = AuditLogEntry{LogType: string(r.log), OperatorType: r.operation, TargetType: r.target, TargetID: id}
		c.describe(&entries[i])
		if r.target == "TICKET" {
			entries[i].TargetID = "" // a secret
		}
	}
	return entries
}

// namedTargets returns the ids in the parameters. It ignores invalid documents: the
// handler refuses them.
func (c *call) namedTargets(r logRule) []string {
	param, name, inDocument := strings.Cut(r.things, ".")
	switch {
	case param == "":
		return nil
	case !inDocument:
		return c.list(param)
	}
	var document map[string]any
	_ = json.Unmarshal([]byte(c.string(param)), &document)
	id, _ := document[name].(string)
	return []string{id}
}

// resultIDs returns the ids of what an operation has made.
func resultIDs(result any) []string {
	switch r := result.(type) {
	case string:
		return []string{r}
	case memberResult:
		return []string{r.UserID}
	case feishuResult:
		return r.added
	default:
		return nil
	}
}

// worksTarget stands for the type of a work until describe has found it.
const worksTarget = "WORKS"

// describe enters the name of the target, and the workspace that it is in.
func (o *organization) describe(e *AuditLogEntry) {
	switch e.TargetType {
	case "USER":
		if m, ok := o.members.get(e.TargetID); ok {
			e.TargetName = m.NickName
		}
	case "USERGROUP":
		if g, ok := o.groups.get(e.TargetID); ok {
			e.TargetName = g.name
		}
	case "USERTAG":
		if t, ok := o.tags.get(e.TargetID); ok {
			e.TargetName = t.TagName
		} else if t, ok := o.dynamicTags.get(e.TargetID); ok {
			e.TargetName = t.ConfigName
		}
	case "WORKSPACE":
		if ws, ok := o.workspaces.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID = ws.WorkspaceName, ws.WorkspaceID
		}
	case worksTarget:
		if w, ok := o.works.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID, e.TargetType = w.WorksName, w.workspace.WorkspaceID, strings.ToUpper(w.kind.resource)
		}
	case "CUBE":
		if d, ok := o.datasets.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID = d.DatasetName, d.workspace.WorkspaceID
		}
	case "DATASOURCE":
		if d, ok := o.datasources.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID = d.ShowName, d.workspace.WorkspaceID
		}
	case "COPILOT":
		if copilot, ok := o.copilots.get(e.TargetID); ok {
			e.TargetName = copilot.ShowName
		}
	case "AIPRO":
		if agent, ok := o.aiPros.get(e.TargetID); ok {
			e.TargetName = agent.ShowName
		}
	case "MAIL":
		if t, ok := o.mailTasks.get(e.TargetID); ok {
			e.TargetName = t.Name
		}
	case "APPLICATION":
		if a, ok := o.applications.get(e.TargetID); ok {
			e.TargetName = a.ResourceName
		}
	}
}
