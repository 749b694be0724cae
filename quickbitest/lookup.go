package quickbitest

import "cmp"

// findCaller is findMember, but the owner of the organization without an id: in that name
// all calls are made.
func (o *organization) findCaller(id, code string) (*member, error) {
	return o.findMember(cmp.Or(id, OwnerUserID), code)
}

// A lookup finds what a parameter names. It refuses the call if there is no such thing.
type lookup[T any] func(*call) (T, error)

// by makes look-ups of a method of the organization that finds one thing by its id. A
// look-up is made of the parameter that has the id, and of the code of its refusal.
func by[T any](find func(o *organization, id, code string) (T, error)) func(param, code string) lookup[T] {
	return func(param, code string) lookup[T] {
		return func(c *call) (T, error) { return find(c.organization, c.string(param), code) }
	}
}

// in makes look-ups like by, of a table that nothing but handlers look into. kind is what
// it holds, in words.
func in[T any](kind string, of func(*organization) *table[T]) func(param, code string) lookup[T] {
	return by(func(o *organization, id, code string) (T, error) { return of(o).find(id, code, kind) })
}

// all makes look-ups like by, of several things whose ids are separated by commas.
func all[T any](find func(o *organization, id, code string) (T, error)) func(param, code string) lookup[[]T] {
	return func(param, code string) lookup[[]T] {
		return func(c *call) ([]T, error) {
			return findAll(c.list(param), func(id string) (T, error) { return find(c.organization, id, code) })
		}
	}
}

// orNone makes look-ups like by, of what the caller may leave out: they find nothing
// without the parameter.
func orNone[T any](find func(o *organization, id, code string) (*T, error)) func(param, code string) lookup[*T] {
	return func(param, code string) lookup[*T] {
		return func(c *call) (*T, error) {
			if c.string(param) == "" {
				return nil, nil
			}
			return find(c.organization, c.string(param), code)
		}
	}
}

// findAll finds all of the ids, or refuses.
func findAll[T any](ids []string, find func(id string) (T, error)) ([]T, error) {
	found := make([]T, len(ids))
	for i, id := range ids {
		var err error
		if found[i], err = find(id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// The look-ups of the table.
var (
	aiProBy           = in("embedded agent", func(o *organization) *table[*aiPro] { return &o.aiPros })
	apiSourceBy       = in("API data source", func(o *organization) *table[*apiSource] { return &o.apiSources })
	applicationBy     = in("application", func(o *organization) *table[*application] { return &o.applications })
	callerBy          = by((*organization).findCaller)
	changeableGroupBy = by((*organization).findChangeableGroup)
	connectionBy      = by((*organization).findConnection)
	copilotBy         = in("embedded Smart Q", func(o *organization) *table[*copilot] { return &o.copilots })
	datasetBy         = by((*organization).findDataset)
	datasetsBy        = all((*organization).findDataset)
	datasourceBy      = by((*organization).findDatasource)
	dynamicTagBy      = in("dynamic tag", func(o *organization) *table[DynamicTag] { return &o.dynamicTags })
	embeddedWorkBy    = by((*organization).findEmbeddedWork)
	groupBy           = by((*organization).findGroup)
	groupsBy          = all((*organization).findGroup)
	mailTaskBy        = in("mail task", func(o *organization) *table[*mailTask] { return &o.mailTasks })
	memberBy          = by((*organization).findMember)
	memberIfBy        = orNone((*organization).findMember)
	parentGroupBy     = by((*organization).findParentGroup)
	portalBy          = by((*organization).findPortal)
	roleBy            = by((*organization).findRole)
	serviceBy         = in("data service", func(o *organization) *table[*dataService] { return &o.dataServices })
	tagBy             = in("user tag", func(o *organization) *table[*tag] { return &o.tags })
	workBy            = by((*organization).findWork)
	worksBy           = all((*organization).findWork)
	workspaceBy       = by((*organization).findWorkspace)
	workspaceIfBy     = orNone((*organization).findWorkspace)
	workspaceRoleBy   = by((*organization).findWorkspaceRole)
)

// with makes a handler of a function that works on what the look-up finds.
func with[A any](a lookup[A], do func(*call, A) (any, error)) handler {
	return func(c *call) (any, error) {
		found, err := a(c)
		if err != nil {
			return nil, err
		}
		return do(c, found)
	}
}

// with2 is with for two look-ups.
func with2[A, B any](a lookup[A], b lookup[B], do func(*call, A, B) (any, error)) handler {
	return func(c *call) (any, error) {
		foundA, err := a(c)
		if err != nil {
			return nil, err
		}
		foundB, err := b(c)
		if err != nil {
			return nil, err
		}
		return do(c, foundA, foundB)
	}
}

// needs makes a handler that first refuses an organization without a feature.
func needs(feature func(*organization) error, do handler) handler {
	return func(c *call) (any, error) {
		if err := feature(c.organization); err != nil {
			return nil, err
		}
		return do(c)
	}
}
