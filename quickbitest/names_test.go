package quickbitest

import (
	"cmp"
	"reflect"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
)

// TestSeedsAndResultsCallOneThingByOneName compares the types of seeds with the client's
// results: what has one name on the wire has one name in Go, so that nobody learns two.
func TestSeedsAndResultsCallOneThingByOneName(t *testing.T) {
	t.Parallel()
	// Pairs of the same thing. Seeds that are not here use the client's types.
	for _, pair := range [][2]any{
		{APIDataSource{}, quickbi.APIDataSource{}},
		{AccelerationJob{}, quickbi.AccelerationJob{}},
		{AccelerationTask{}, quickbi.AccelerationTask{}},
		{Application{}, quickbi.Application{}},
		{AuditLogEntry{}, quickbi.AuditLogEntry{}},
		{ComponentPerformance{}, quickbi.ComponentPerformance{}},
		{LLMCube{}, quickbi.LLMCube{}},
		{CopilotEmbedConfig{}, quickbi.CopilotEmbedConfig{}},
		{CopilotTheme{}, quickbi.CopilotTheme{}},
		{DatasetAdvice{}, quickbi.DatasetAdvice{}},
		{DatasetPerformance{}, quickbi.DatasetPerformance{}},
		{DataLevelRule{}, quickbi.DataLevelRule{}},
		{DataService{}, quickbi.DataService{}},
		{DataService{}, quickbi.DataServiceFilter{}},
		{DataSource{}, quickbi.DataSource{}},
		{DataSource{}, quickbi.DataSourceConnection{}},
		{Dataset{}, quickbi.Dataset{}},
		{DatasetDirectory{}, quickbi.Directory{}},
		{DynamicTag{}, quickbi.DynamicTag{}},
		{Favorite{}, quickbi.Favorite{}},
		{MailTask{}, quickbi.MailTask{}},
		{MailTaskRun{}, quickbi.MailTaskRun{}},
		{MobileAccount{}, quickbi.MobileAccount{}},
		{PerformanceFigures{}, quickbi.PerformanceFigures{}},
		{PortalMenu{}, quickbi.PortalMenu{}},
		{WorksPerformance{}, quickbi.WorksPerformance{}},
		{Role{}, quickbi.Role{}},
		{Share{}, quickbi.Share{}},
		{SmartqAnswer{}, quickbi.SmartqAnswer{}},
		{SmartqGrant{}, quickbi.SmartqFailure{}},
		{TicketInfo{}, quickbi.TicketInfo{}},
		{User{}, quickbi.User{}},
		{UserGroup{}, quickbi.ChildUserGroup{}},
		{UserTag{}, quickbi.UserTag{}},
		{View{}, quickbi.RecentViewPage{}},
		{Works{}, quickbi.Works{}},
		{Works{}, quickbi.WorksInfo{}},
		{WorksComponent{}, quickbi.WorksComponent{}},
		{Workspace{}, quickbi.Workspace{}},
		{WorkspaceUser{}, quickbi.WorkspaceUser{}},
	} {
		seed, result := reflect.TypeOf(pair[0]), reflect.TypeOf(pair[1])
		names := fieldsByWireName(result)
		for wire, field := range fieldsByWireName(seed) {
			if want, ok := names[wire]; ok && want != field {
				t.Errorf("%s.%s is %s in %s", seed, field, want, result)
			}
		}
	}
}

func fieldsByWireName(t reflect.Type) map[string]string {
	names := make(map[string]string)
	for _, f := range reflect.VisibleFields(t) {
		wire, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous {
			names[cmp.Or(wire, f.Name)] = f.Name
		}
	}
	return names
}
