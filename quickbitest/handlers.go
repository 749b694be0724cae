package quickbitest

import "maps"

// A handler carries out one operation. The organization is locked while it runs.
//
// What it returns becomes the Result of the answer after the lock is gone, so it
// must not share anything with the organization that is ever changed in place:
// slices and maps kept there are replaced as a whole.
type handler func(*call) (any, error)

// sections has the operations that the emulator plays. Each section of the
// documentation has its own table, in the file of the same name.
var sections = map[string]map[string]handler{
	"user":         userHandlers,
	"usergroup":    userGroupHandlers,
	"role":         roleHandlers,
	"share":        shareHandlers,
	"portal":       portalHandlers,
	"workspace":    workspaceHandlers,
	"works":        worksHandlers,
	"favorite":     favoriteHandlers,
	"home":         homeHandlers,
	"approval":     approvalHandlers,
	"embed":        embedHandlers,
	"mailtask":     mailTaskHandlers,
	"organization": organizationHandlers,
	"smartq":       smartqHandlers,
	"dataset":      datasetHandlers,
	"datasource":   datasourceHandlers,
	"datalevel":    dataLevelHandlers,
	"dataservice":  dataServiceHandlers,
	"usertag":      userTagHandlers,
}

// handlers is the tables of all sections in one.
var handlers = merge(sections)

func merge(sections map[string]map[string]handler) map[string]handler {
	all := make(map[string]handler)
	for _, section := range sections {
		maps.Copy(all, section)
	}
	return all
}
