package quickbitest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

var organizationHandlers = map[string]handler{
	"IpWhiteListConfig": ipWhiteListConfig,
	"QueryAuditLog":     queryAuditLog,
}

const (
	auditDays  = 90      // how far the log goes back
	auditRows  = 10_000  // in one answer
	auditOfDay = 100_000 // entries that are kept of one day

	auditDate = "20060102"
)

// The logs, as LogType has them.
const (
	accessLog     = "dataView"
	operationLog  = "function"
	permissionLog = "permission"
)

// An AuditEntry is a line of the audit log. The log outlives what it is about:
// members who have left the organization stay in it.
type AuditEntry struct {
	LogType             string `json:"LogType"`                       // dataView, function or permission
	GmtCreate           string `json:"GmtCreate,omitempty"`           // such as "2024-04-16 13:17:39"; empty: now
	OperatorID          string `json:"OperatorId,omitempty"`          // empty: the organization's owner
	OperatorAccountName string `json:"OperatorAccountName,omitempty"` // empty: the member's
	OperatorName        string `json:"OperatorName,omitempty"`        // empty: the member's nickname
	OperatorType        string `json:"OperatorType"`                  // what was done, such as "MODIFY"
	TargetID            string `json:"TargetId,omitempty"`
	TargetName          string `json:"TargetName,omitempty"`
	TargetType          string `json:"TargetType,omitempty"` // such as "USER"
	WorkspaceID         string `json:"WorkspaceId,omitempty"`
	AccessSource        string `json:"AccessSourceFlag,omitempty"` // of the access log: COMMON, IMBEDDED, …
	AccessDevice        string `json:"UserAccessDevice,omitempty"` // of the access log: MOBILE or PC
}

// An auditLog has the entries of each day, in the order they came.
type auditLog struct{ days map[string][]AuditEntry }

func auditDay(t time.Time) string { return t.In(beijing).Format(auditDate) }

// add appends the entry to its day, of which the oldest may have to go, and drops
// the days that cannot be asked for any more.
func (l *auditLog) add(e AuditEntry, day string, now time.Time) {
	entries, ok := l.days[day]
	if !ok {
		oldest := auditDay(now.AddDate(0, 0, -auditDays))
		for other := range l.days {
			if other < oldest {
				delete(l.days, other)
			}
		}
		if l.days == nil {
			l.days = make(map[string][]AuditEntry)
		}
	}
	if len(entries) >= auditOfDay {
		entries = entries[1:]
	}
	l.days[day] = append(entries, e)
}

// queryAuditLog shows whole days, in the zone in which times are written. The
// service is known to answer wide ranges with ServiceUnavailable, and to show at
// most 10,000 lines on its own page: the emulator is overtaxed by more than that.
// For wrong dates and types no code is documented but for the usual one.
func queryAuditLog(c *call) (any, error) {
	type auditRow struct {
		GmtCreate           string
		OperatorAccountName string
		OperatorName        string
		OperatorType        string
		TargetID            string `json:"TargetId"`
		TargetName          string
		TargetType          string
		WorkspaceID         string `json:"WorkspaceId"`
	}
	if !slices.Contains([]string{accessLog, operationLog, permissionLog}, c.string("LogType")) {
		return nil, gateway.Invalid("LogType", "is none of %s, %s and %s", accessLog, operationLog, permissionLog)
	}
	from, to, err := c.auditRange()
	if err != nil {
		return nil, err
	}
	types := c.list("OperatorTypes")
	rows := []auditRow{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		for _, e := range c.audit.days[day.Format(auditDate)] {
			if !c.wantsEntry(e) || len(types) > 0 && !slices.Contains(types, e.OperatorType) {
				continue
			}
			if len(rows) == auditRows {
				return nil, gateway.Refuse("ServiceUnavailable", "The log has more than %d lines to show; ask for fewer days.", auditRows)
			}
			rows = append(rows, auditRow{
				e.GmtCreate, e.OperatorAccountName, e.OperatorName, e.OperatorType, e.TargetID, e.TargetName, e.TargetType, e.WorkspaceID,
			})
		}
	}
	slices.SortStableFunc(rows, func(a, b auditRow) int { return strings.Compare(a.GmtCreate, b.GmtCreate) })
	return rows, nil
}

// wantsEntry applies the filters that take one value. Types of resources are
// spelt in both cases in the documentation.
func (c *call) wantsEntry(e AuditEntry) bool {
	is := func(param, value string) bool { return c.string(param) == "" || c.string(param) == value }
	return e.LogType == c.string("LogType") && is("OperatorId", e.OperatorID) && is("WorkspaceId", e.WorkspaceID) &&
		is("AccessSourceFlag", e.AccessSource) && is("UserAccessDevice", e.AccessDevice) &&
		(c.string("ResourceType") == "" || strings.EqualFold(c.string("ResourceType"), e.TargetType))
}

// auditRange returns the first day and the last one to look at.
func (c *call) auditRange() (from, to time.Time, err error) {
	days := [2]time.Time{}
	for i, name := range [2]string{"StartDate", "EndDate"} {
		if days[i], err = time.ParseInLocation(auditDate, c.string(name), beijing); err != nil {
			return from, to, gateway.Invalid(name, "is %q, not a date such as %s", c.string(name), auditDate)
		}
	}
	from, to = days[0], days[1]
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

func (o *organization) seedAuditEntry(e AuditEntry, now time.Time) error {
	t, err := parseWritten(e.GmtCreate, now)
	if err != nil {
		return err
	}
	e.GmtCreate = written(t)
	if !slices.Contains([]string{accessLog, operationLog, permissionLog}, e.LogType) {
		return fmt.Errorf("there is no log %q", e.LogType)
	}
	if e.OperatorID == "" {
		e.OperatorID = OwnerUserID
	}
	if m, ok := o.members.get(e.OperatorID); ok {
		e.by(m)
	}
	o.audit.add(e, auditDay(t), now)
	return nil
}

// by enters who did it, as far as that is not said.
func (e *AuditEntry) by(m *member) {
	e.OperatorID = m.UserID
	if e.OperatorAccountName == "" {
		e.OperatorAccountName = m.AccountName
	}
	if e.OperatorName == "" {
		e.OperatorName = m.NickName
	}
}

// An auditRule says what an operation leaves in the audit log: one line for each
// thing that it was done to.
type auditRule struct {
	log       string
	operation string // CREATE and MODIFY are documented; the list of the others is not
	target    string // its type
	param     string // names the things, separated by commas; "": the result does
	member    string // of the JSON document in param, if it holds one

	// choose says what was done, if that depends on the parameters; "" is nothing.
	choose func(*call) string
}

// auditRules has all operations that write.
var auditRules = map[string]auditRule{
	"AddDataLevelPermissionRuleUsers":    {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "AddUserModel", member: "cubeId"},
	"AddDataLevelPermissionWhiteList":    {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "CubeId"},
	"AddDataSource":                      {log: operationLog, operation: "CREATE", target: "DATASOURCE"},
	"AddShareReport":                     {log: permissionLog, operation: "SHARE", target: worksTarget, param: "WorksId"},
	"AddUser":                            {log: operationLog, operation: "CREATE", target: "USER"},
	"AddUserGroupMember":                 {log: operationLog, operation: "ADD_MEMBER", target: "USERGROUP", param: "UserGroupId"},
	"AddUserGroupMembers":                {log: operationLog, operation: "ADD_MEMBER", target: "USERGROUP", param: "UserGroupIds"},
	"AddUserTagMeta":                     {log: operationLog, operation: "CREATE", target: "USERTAG"},
	"AddUserToWorkspace":                 {log: permissionLog, operation: "ADD_MEMBER", target: "WORKSPACE", param: "WorkspaceId"},
	"AddWorksAuthorization":              {log: permissionLog, operation: "AUTHORIZE", target: worksTarget, param: "ResourceId"},
	"AddWorkspaceUsers":                  {log: permissionLog, operation: "ADD_MEMBER", target: "WORKSPACE", param: "WorkspaceId"},
	"AllotDatasetAccelerationTask":       {log: operationLog, operation: "RUN", target: "CUBE", param: "CubeId"},
	"AuthorizeMenu":                      {log: permissionLog, operation: "AUTHORIZE", target: worksTarget, param: "DataPortalId"},
	"BatchAddFeishuUsers":                {log: operationLog, operation: "CREATE", target: "USER"},
	"CancelAuthorizationMenu":            {log: permissionLog, operation: "CANCEL", target: worksTarget, param: "DataPortalId"},
	"CancelCollection":                   {log: operationLog, operation: "CANCEL_FAVORITE", target: worksTarget, param: "WorksId"},
	"CancelReportShare":                  {log: permissionLog, operation: "CANCEL", target: worksTarget, param: "ReportId"},
	"ChangeVisibilityModel":              {log: permissionLog, operation: "MODIFY", target: worksTarget, param: "DataPortalId"},
	"ClearDynamicTagCache":               {log: operationLog, operation: "CLEAR", target: "USERTAG", param: "ConfigId"},
	"CreateCubeBySql":                    {log: operationLog, operation: "CREATE", target: "CUBE"},
	"CreateDataset":                      {log: operationLog, operation: "CREATE", target: "CUBE"},
	"CreateTicket":                       {log: operationLog, operation: "CREATE_TICKET", target: worksTarget, param: "WorksId"}, // not the ticket, which is a secret
	"CreateTicket4Copilot":               {log: operationLog, operation: "CREATE_TICKET", target: "COPILOT", param: "CopilotId"},
	"CreateUserGroup":                    {log: operationLog, operation: "CREATE", target: "USERGROUP"},
	"CreateWorkspace":                    {log: operationLog, operation: "CREATE", target: "WORKSPACE"},
	"DelayTicketExpireTime":              {log: operationLog, operation: "MODIFY_TICKET", target: "TICKET", param: "Ticket"},
	"DeleteAuthorizationByUserId":        {log: permissionLog, operation: "CANCEL", target: worksTarget, param: "ResourceId"},
	"DeleteDataLevelPermissionRuleUsers": {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "DeleteUserModel", member: "cubeId"},
	"DeleteDataLevelRuleConfig":          {log: permissionLog, operation: "DELETE", target: "CUBE", param: "CubeId"},
	"DeleteTicket":                       {log: operationLog, operation: "DELETE_TICKET", target: "TICKET", param: "Ticket"},
	"DeleteUser":                         {log: operationLog, operation: "DELETE", target: "USER", param: "UserId"},
	"DeleteUserFromWorkspace":            {log: permissionLog, operation: "DELETE_MEMBER", target: "WORKSPACE", param: "WorkspaceId"},
	"DeleteUserGroup":                    {log: operationLog, operation: "DELETE", target: "USERGROUP", param: "UserGroupId"},
	"DeleteUserGroupMember":              {log: operationLog, operation: "DELETE_MEMBER", target: "USERGROUP", param: "UserGroupId"},
	"DeleteUserGroupMembers":             {log: operationLog, operation: "DELETE_MEMBER", target: "USERGROUP", param: "UserGroupIds"},
	"DeleteUserTagMeta":                  {log: operationLog, operation: "DELETE", target: "USERTAG", param: "TagId"},
	"IpWhiteListConfig":                  {log: operationLog, target: "IP_WHITE_LIST", param: "IpWhiteList", choose: auditIPWhiteList},
	"ManualRunMailTask":                  {log: operationLog, operation: "RUN", target: "MAIL", param: "MailId"},
	"ModifyApiDatasourceParameters":      {log: operationLog, operation: "MODIFY", target: "API_DATASOURCE", param: "ApiId"},
	"ModifyCopilotEmbedConfig":           {log: operationLog, operation: "MODIFY", target: "COPILOT", param: "CopilotId"},
	"ModifyDashboardNl2sqlStatus":        {log: operationLog, operation: "MODIFY", target: worksTarget, param: "DashboardIds"},
	"ResultCallback":                     {log: permissionLog, operation: "APPROVE", target: "APPLICATION", param: "ApplicationId"},
	"SaveFavorites":                      {log: operationLog, operation: "FAVORITE", target: worksTarget, param: "WorksId"},
	"SetDataLevelPermissionExtraConfig":  {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "CubeId"},
	"SetDataLevelPermissionRuleConfig":   {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "RuleModel", member: "cubeId"},
	"SetDataLevelPermissionWhiteList":    {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "WhiteListModel", member: "cubeId"},
	"SmartqAuthTransfer":                 {log: permissionLog, operation: "AUTHORIZE", target: "USER", param: "TargetUserIds"},
	"SmartqAuthorize":                    {log: permissionLog, target: "USER", param: "UserIds", choose: auditSmartQ},
	"TransferUsergroup":                  {log: operationLog, operation: "MODIFY", target: "USERGROUP", param: "UserGroupId"},
	"UpdateCubeBySql":                    {log: operationLog, operation: "MODIFY", target: "CUBE", param: "CubeId"},
	"UpdateDataLevelPermissionStatus":    {log: permissionLog, operation: "MODIFY", target: "CUBE", param: "CubeId"},
	"UpdateDataSource":                   {log: operationLog, operation: "MODIFY", target: "DATASOURCE", param: "UpdateModel", member: "dsId"},
	"UpdateEmbeddedStatus":               {log: operationLog, operation: "MODIFY", target: worksTarget, param: "WorksId"},
	"UpdateTicketNum":                    {log: operationLog, operation: "MODIFY_TICKET", target: "TICKET", param: "Ticket"},
	"UpdateUser":                         {log: operationLog, operation: "MODIFY", target: "USER", param: "UserId"},
	"UpdateUserGroup":                    {log: operationLog, operation: "MODIFY", target: "USERGROUP", param: "UserGroupId"},
	"UpdateUserTagMeta":                  {log: operationLog, operation: "MODIFY", target: "USERTAG", param: "TagId"},
	"UpdateUserTagValue":                 {log: operationLog, operation: "MODIFY", target: "USER", param: "UserId"},
	"UpdateWorkspaceUserRole":            {log: permissionLog, operation: "MODIFY", target: "WORKSPACE", param: "WorkspaceId"},
	"UpdateWorkspaceUsersRole":           {log: permissionLog, operation: "MODIFY", target: "WORKSPACE", param: "WorkspaceId"},
	"WithdrawAllUserGroups":              {log: operationLog, operation: "DELETE_MEMBER", target: "USER", param: "UserId"},
}

func auditIPWhiteList(c *call) string {
	if operation := strings.ToUpper(c.string("Operation")); operation != "QUERY" {
		return operation
	}
	return ""
}

func auditSmartQ(c *call) string {
	if c.int("OperationType") == smartQRevoke {
		return "CANCEL"
	}
	return "AUTHORIZE"
}

// carryOut runs the operation, and enters what it did into the audit log.
func carryOut(c *call, handle handler) (any, error) {
	rule, ok := auditRules[c.action]
	if !ok {
		return handle(c)
	}
	if rule.choose != nil {
		rule.operation = rule.choose(c)
	}
	entries := rule.entries(c, c.namedTargets(rule)) // now: a thing to be deleted has a name
	result, err := handle(c)
	if err != nil || rule.operation == "" {
		return result, err
	}
	if rule.param == "" {
		entries = rule.entries(c, resultIDs(result))
	}
	owner, _ := c.members.get(OwnerUserID)
	for _, e := range entries {
		e.GmtCreate = written(c.now)
		e.by(owner)
		c.audit.add(e, auditDay(c.now), c.now)
	}
	return result, nil
}

// entries makes a line for each thing.
func (r auditRule) entries(c *call, ids []string) []AuditEntry {
	entries := make([]AuditEntry, len(ids))
	for i, id := range ids {
		entries[i] = AuditEntry{LogType: r.log, OperatorType: r.operation, TargetType: r.target, TargetID: id}
		c.describe(&entries[i])
		if r.target == "TICKET" {
			entries[i].TargetID = "" // a secret
		}
	}
	return entries
}

// namedTargets returns the ids that the parameters give. A document that is not
// what it should be is the handler's to refuse.
func (c *call) namedTargets(r auditRule) []string {
	switch {
	case r.param == "":
		return nil
	case r.member == "":
		return c.list(r.param)
	}
	var document map[string]any
	_ = json.Unmarshal([]byte(c.string(r.param)), &document)
	id, _ := document[r.member].(string)
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

// worksTarget stands for the type of a work until that is known.
const worksTarget = "WORKS"

// describe enters the name of the target, and the workspace that it is in.
func (o *organization) describe(e *AuditEntry) {
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
			e.TargetName = t.name
		} else if t, ok := o.dynamicTags.get(e.TargetID); ok {
			e.TargetName = t.ConfigName
		}
	case "WORKSPACE":
		if ws, ok := o.workspaces.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID = ws.name, ws.id
		}
	case worksTarget:
		if w, ok := o.works.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID, e.TargetType = w.Name, w.workspace.id, strings.ToUpper(w.kind.resource)
		}
	case "CUBE":
		if d, ok := o.datasets.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID = d.name, d.workspace.id
		}
	case "DATASOURCE":
		if d, ok := o.datasources.get(e.TargetID); ok {
			e.TargetName, e.WorkspaceID = d.ShowName, d.workspace.id
		}
	case "COPILOT":
		if copilot, ok := o.embeds.copilots.get(e.TargetID); ok {
			e.TargetName = copilot.ShowName
		}
	case "MAIL":
		if t, ok := o.mail.tasks.get(e.TargetID); ok {
			e.TargetName = t.name
		}
	case "APPLICATION":
		if a, ok := o.applications.all.get(e.TargetID); ok {
			e.TargetName = a.ResourceName
		}
	}
}
