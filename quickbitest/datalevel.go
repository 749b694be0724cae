package quickbitest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// The kinds of permissions, as RuleType has them.
const (
	rowLevel    = "ROW_LEVEL"
	columnLevel = "COLUMN_LEVEL"
)

// The contents of rules that are documented.
const (
	rowField     = "ROW_FIELD"
	columnForbid = "COLUMN_FORBID"
)

// To whom a rule applies.
const (
	scopeAll    = "ALL"
	scopeOthers = "OTHERS" // those it names
)

// What members see to whom no rule applies.
const (
	missNone = "NONE" // they see nothing
	missAll  = "ALL"  // they see everything
)

// A DataLevel is the row-level or the column-level permission of a dataset.
type DataLevel struct {
	IsOpen        bool                      `json:"isOpen,omitempty"`
	MissHitPolicy string                    `json:"missHitPolicy,omitempty"` // NONE or ALL; empty: NONE for rows, ALL for columns
	Rules         []DataLevelRule           `json:"ruleModels,omitempty"`
	WhiteList     quickbi.DataLevelAudience `json:"usersModel,omitzero"`
}

// A DataLevelRule is a rule of a [DataLevel].
type DataLevelRule struct {
	RuleID         string                    `json:"ruleId"` // empty: generated
	DatasetID      string                    `json:"cubeId"` // the dataset; in a seed it may be left out
	RuleName       string                    `json:"ruleName"`
	RuleType       string                    `json:"ruleLevelType"`   // ROW_LEVEL or COLUMN_LEVEL; in a seed it may be left out
	TargetScope    string                    `json:"ruleTargetScope"` // ALL, or OTHERS for those in Users; empty: ALL
	Audience       quickbi.DataLevelAudience `json:"ruleUsersModel"`
	Content        DataLevelRuleContent      `json:"ruleContentModel"`
	IsOpen         *int                      `json:"isOpen"`        // nil: 1
	HitTakeEffect  *int                      `json:"hitTakeEffect"` // nil: 1
	PermissionMode string                    `json:"permissionMode,omitempty"`
}

// DataLevelRuleContent is what a [DataLevelRule] lays down.
type DataLevelRuleContent struct {
	Type    string          `json:"ruleContentType"`                // such as ROW_FIELD or COLUMN_FORBID
	JSON    string          `json:"ruleContentJson"`                // a document
	Origin  string          `json:"ruleOriginConfigJson,omitempty"` // a document, for the console only
	Content json.RawMessage `json:"ruleContent,omitempty"`          // JSON once more; not read
}

// A RowOperator tells the emulator of an operator in rules for rows, whose spelling is
// not documented: look it up in a rule that the console made.
type RowOperator struct {
	Operator string `json:"relationOperator"` // such as "in"
	// Means is what the operator does: in or not-in for the values of the condition,
	// null or not-null. Empty: the emulator keeps rules with it, and refuses the queries
	// that they apply to.
	Means string `json:"Means,omitempty"`
}

// The meanings of operators.
const (
	meansNotNull = "not-null"
	meansNull    = "null"
	meansIn      = "in"
	meansNotIn   = "not-in"
)

// The dataLevelState is what the organization knows of row-level and column-level
// permissions besides what each dataset has.
type dataLevelState struct {
	rowOperators   table[RowOperator] // besides not-null, which is documented
	dataLevelRules table[*dataLevelRule]
	userIn         map[*member]map[*audience]bool
	groupIn        map[*group]map[*audience]bool
}

func newDataLevelState() dataLevelState {
	return dataLevelState{
		userIn:  make(map[*member]map[*audience]bool),
		groupIn: make(map[*group]map[*audience]bool),
	}
}

// A dataLevel is the row-level or the column-level permission of a dataset.
type dataLevel struct {
	dataset   *dataset
	kind      string
	open      bool
	missHit   string
	rules     table[*dataLevelRule]
	whiteList *audience
}

// newDataLevel returns a permission that is switched off. A member to whom no rule
// applies sees no rows, as in the documentation's example, and all columns: the
// documented rules for columns hide columns.
func newDataLevel(d *dataset, kind string) *dataLevel {
	l := &dataLevel{dataset: d, kind: kind, missHit: missNone, whiteList: new(audience)}
	if kind == columnLevel {
		l.missHit = missAll
	}
	return l
}

// A dataLevelRule is a rule.
type dataLevelRule struct {
	model     DataLevelRule // without Audience
	dataset   *dataset
	audience  *audience
	condition *condition // of a rule for rows
	fields    []string   // that a rule for columns withholds
}

// An audience is users and user groups.
type audience struct {
	users  table[*member]
	groups table[*group]
}

func (a *audience) result() quickbi.DataLevelAudience {
	return quickbi.DataLevelAudience{
		UserIDs:      collect(a.users.all(), func(m *member) string { return m.UserID }),
		UserGroupIDs: collect(a.groups.all(), func(g *group) string { return g.id }),
	}
}

// has says whether the audience contains the member or one of the member's groups. A
// group includes the groups below it.
func (a *audience) has(m *member) bool {
	if a.users.has(m.UserID) {
		return true
	}
	for g := range m.groups.all() {
		for ; g != nil; g = g.parent {
			if a.groups.has(g.id) {
				return true
			}
		}
	}
	return false
}

// people are existing users and user groups.
type people struct {
	users  []*member
	groups []*group
}

// people finds users and user groups. Operations document a code for unknown users, and
// none of their own for unknown groups.
func (o *organization) people(param string, names quickbi.DataLevelAudience) (people, error) {
	var all people
	for _, id := range names.UserIDs {
		m, err := o.findMember(id, "User.Not.In.Organization")
		if err != nil {
			return all, err
		}
		all.users = append(all.users, m)
	}
	for _, id := range names.UserGroupIDs {
		g, ok := o.groups.get(id)
		if !ok {
			return all, gateway.Invalid(param, "names the user group %q, which does not exist", id)
		}
		all.groups = append(all.groups, g)
	}
	return all, nil
}

// enlist adds to the audience.
func (s *dataLevelState) enlist(a *audience, all people) {
	for _, m := range all.users {
		a.users.put(m.UserID, m)
		note(s.userIn, m, a)
	}
	for _, g := range all.groups {
		a.groups.put(g.id, g)
		note(s.groupIn, g, a)
	}
}

// strike takes from the audience.
func (s *dataLevelState) strike(a *audience, all people) {
	for _, m := range all.users {
		a.users.remove(m.UserID)
		unnote(s.userIn, m, a)
	}
	for _, g := range all.groups {
		a.groups.remove(g.id)
		unnote(s.groupIn, g, a)
	}
}

// strikeAll empties the audience.
func (s *dataLevelState) strikeAll(a *audience) {
	s.strike(a, people{slices.Collect(a.users.all()), slices.Collect(a.groups.all())})
}

func note[K comparable](in map[K]map[*audience]bool, key K, a *audience) {
	if in[key] == nil {
		in[key] = make(map[*audience]bool)
	}
	in[key][a] = true
}

func unnote[K comparable](in map[K]map[*audience]bool, key K, a *audience) {
	if delete(in[key], a); len(in[key]) == 0 {
		delete(in, key)
	}
}

// leaveAudiences takes the member from all rules and white lists.
func (o *organization) leaveAudiences(m *member) {
	for a := range o.userIn[m] {
		a.users.remove(m.UserID)
	}
	delete(o.userIn, m)
}

// dropFromAudiences takes the user group from all rules and white lists.
func (o *organization) dropFromAudiences(g *group) {
	for a := range o.groupIn[g] {
		a.groups.remove(g.id)
	}
	delete(o.groupIn, g)
}

func (o *organization) seedRowOperator(s RowOperator, _ time.Time) error {
	switch s.Means {
	case "", meansNotNull, meansNull, meansIn, meansNotIn:
		o.rowOperators.put(s.Operator, s)
		return nil
	}
	return fmt.Errorf("there is no meaning %q", s.Means)
}

// meaning returns what an operator of rules does, "" if nobody has told, and whether
// the organization has seen it.
func (o *organization) meaning(operator string) (means string, known bool) {
	if operator == meansNotNull {
		return meansNotNull, true
	}
	told, known := o.rowOperators.get(operator)
	return told.Means, known
}

// seedDataLevel sets up one of the two permissions of a dataset. Its rules count as
// made in the console: their operators are known from then on.
func (o *organization) seedDataLevel(d *dataset, l *dataLevel, s DataLevel) error {
	l.open, l.missHit = s.IsOpen, cmp.Or(s.MissHitPolicy, l.missHit)
	if l.missHit != missNone && l.missHit != missAll {
		return fmt.Errorf("there is no policy %q", l.missHit)
	}
	names, err := o.people("usersModel", s.WhiteList)
	if err != nil {
		return err
	}
	o.enlist(l.whiteList, names)
	for _, model := range s.Rules {
		model.DatasetID = cmp.Or(model.DatasetID, d.DatasetID)
		model.RuleType = cmp.Or(model.RuleType, l.kind)
		switch {
		case model.DatasetID != d.DatasetID || model.RuleType != l.kind:
			return fmt.Errorf("the rule %q is not for %s of this dataset", model.RuleName, l.kind)
		case o.dataLevelRules.has(model.RuleID):
			return fmt.Errorf("there is a rule %q already", model.RuleID)
		}
		var content contentBody
		_ = json.Unmarshal([]byte(model.Content.JSON), &content) // saveRule says what is wrong with it
		for _, cond := range content.Condition.comparisons() {
			if _, known := o.meaning(cond.RelationOperator); !known && cond.RelationOperator != "" {
				o.rowOperators.put(cond.RelationOperator, RowOperator{Operator: cond.RelationOperator})
			}
		}
		r := &dataLevelRule{dataset: d, audience: new(audience)}
		r.model.RuleID = cmp.Or(model.RuleID, gateway.NewUUID())
		if _, err := o.saveRule("ruleModels", l, r, model); err != nil {
			return fmt.Errorf("rule %q: %w", model.RuleName, err)
		}
	}
	return nil
}

func (l *dataLevel) seed() DataLevel {
	return DataLevel{
		IsOpen: l.open, MissHitPolicy: l.missHit, WhiteList: l.whiteList.result(),
		Rules: seedsOf(l.rules.all(), (*dataLevelRule).result),
	}
}

// hasDataLevels refuses organizations that still have the old permissions.
func (o *organization) hasDataLevels() error {
	if o.lacks.DataLevels {
		return gateway.Refuse("CubePermission.Columnlevel.VersionError", "The organization has not upgraded row-level and column-level permissions.")
	}
	return nil
}

// level returns the permission of the kind, which comes from the parameter.
func (d *dataset) level(param, kind string) (*dataLevel, error) {
	switch kind {
	case rowLevel:
		return d.row, nil
	case columnLevel:
		return d.column, nil
	default:
		return nil, gateway.Invalid(param, "has the rule type %q, which is neither %s nor %s", kind, rowLevel, columnLevel)
	}
}

// dataLevel finds the permission that the parameters CubeId and RuleType name.
func (c *call) dataLevel() (*dataLevel, error) {
	return c.findLevel(c.string("CubeId"), "RuleType", c.string("RuleType"))
}

// findLevel returns the permission of the dataset. The kind comes from the parameter.
func (o *organization) findLevel(datasetID, param, kind string) (*dataLevel, error) {
	d, err := o.findDataset(datasetID, "Cube.Not.Exist")
	if err != nil {
		return nil, err
	}
	return d.level(param, kind)
}

// checkOpen refuses to change a permission that is switched off. The code is documented
// for all operations but one, even for those that show permissions or switch them on;
// these do not refuse, or they would be useless. The code speaks of rows only; the
// emulator uses it for columns too. Each permission has its own switch.
func (l *dataLevel) checkOpen() error {
	if !l.open {
		return gateway.Refuse("RowLevelPermission.SwitchClose.Error", "The permission %s of the dataset is switched off.", l.kind)
	}
	return nil
}

func queryDatasetSwitchInfo(c *call, d *dataset) (any, error) {
	type switchInfo struct {
		CubeID                      string `json:"CubeId"`
		IsOpenColumnLevelPermission int
		IsOpenRowLevelPermission    int
	}
	return switchInfo{d.DatasetID, bit(d.column.open), bit(d.row.open)}, nil
}

func updateDataLevelPermissionStatus(c *call, l *dataLevel) (any, error) {
	l.open = c.int("IsOpen") == 1
	return true, nil
}

func setDataLevelPermissionExtraConfig(c *call, l *dataLevel) (any, error) {
	if err := l.checkOpen(); err != nil {
		return nil, err
	}
	l.missHit = c.string("MissHitPolicy")
	return true, nil
}

// listCubeDataLevelPermissionConfig answers with a document in a string.
func listCubeDataLevelPermissionConfig(c *call, l *dataLevel) (any, error) {
	type extraConfig struct {
		CubeID        string `json:"cubeId"`
		RuleType      string `json:"ruleType"`
		MissHitPolicy string `json:"missHitPolicy"`
	}
	type config struct {
		CubeID   string          `json:"cubeId"`
		RuleType string          `json:"ruleType"`
		IsOpen   int             `json:"isOpen"`
		Extra    extraConfig     `json:"extraConfigModel"`
		Rules    []DataLevelRule `json:"ruleModels"`
	}
	return document(config{
		CubeID: l.dataset.DatasetID, RuleType: l.kind, IsOpen: bit(l.open),
		Extra: extraConfig{l.dataset.DatasetID, l.kind, l.missHit},
		Rules: collect(l.rules.all(), (*dataLevelRule).result),
	}), nil
}

func (r *dataLevelRule) result() DataLevelRule {
	model := r.model
	model.Audience = r.audience.result()
	return model
}

// findRule returns the rule with the id, which must be one of the dataset's.
func (o *organization) findRule(d *dataset, id string) (*dataLevelRule, *dataLevel, error) {
	r, ok := o.dataLevelRules.get(id)
	switch {
	case !ok:
		return nil, nil, gateway.Refuse("RowLevelPermission.Rule.NotExsist", "There is no rule %q.", id)
	case r.dataset != d:
		return nil, nil, gateway.Refuse("RowLevelPermission.Rule.NotBelongToCube", "The rule %q is not one of the dataset's.", id)
	}
	l, err := d.level("RuleType", r.model.RuleType)
	return r, l, err
}

// setDataLevelPermissionRuleConfig makes a rule or, if there is an id, replaces all
// of one. The documentation calls the id rule in its text and ruleId in its examples.
func setDataLevelPermissionRuleConfig(c *call) (any, error) {
	var model struct {
		DataLevelRule
		Rule string `json:"rule"`
	}
	if err := c.decode("RuleModel", &model, "cubeId", "ruleLevelType"); err != nil {
		return nil, err
	}
	l, err := c.findLevel(model.DatasetID, "RuleModel", model.RuleType)
	if err != nil {
		return nil, err
	}
	r := &dataLevelRule{dataset: l.dataset, audience: new(audience)}
	r.model.RuleID = gateway.NewUUID()
	if id := cmp.Or(model.RuleID, model.Rule); id != "" {
		var old *dataLevel
		if r, old, err = c.findRule(l.dataset, id); err != nil {
			return nil, err
		}
		if old != l {
			return nil, gateway.Invalid("RuleModel", "has the ruleLevelType %q, but the rule's is %q and cannot change", l.kind, old.kind)
		}
	}
	if err := l.checkOpen(); err != nil {
		return nil, err
	}
	return c.saveRule("RuleModel", l, r, model.DataLevelRule)
}

// saveRule fills in the rule, and adds it if it is new. It returns the rule as a
// document in a string.
func (o *organization) saveRule(param string, l *dataLevel, r *dataLevelRule, model DataLevelRule) (any, error) {
	model.TargetScope = cmp.Or(model.TargetScope, scopeAll)
	if model.TargetScope != scopeAll && model.TargetScope != scopeOthers {
		return nil, gateway.Invalid(param, "has the ruleTargetScope %q, which is neither %s nor %s", model.TargetScope, scopeAll, scopeOthers)
	}
	var err error
	if model.IsOpen, err = flag(param, "isOpen", model.IsOpen); err != nil {
		return nil, err
	}
	if model.HitTakeEffect, err = flag(param, "hitTakeEffect", model.HitTakeEffect); err != nil {
		return nil, err
	}
	names, err := o.people(param, model.Audience)
	if err != nil {
		return nil, err
	}
	body, err := readContent(param, l.kind, &model.Content)
	if err != nil {
		return nil, err
	}
	if err := o.checkConditions(param, l, body); err != nil {
		return nil, err
	}
	if err := l.checkFields(body.Fields, r); err != nil {
		return nil, err
	}

	model.RuleID, model.Audience = r.model.RuleID, quickbi.DataLevelAudience{}
	r.model, r.condition, r.fields = model, body.Condition, body.Fields
	o.strikeAll(r.audience)
	o.enlist(r.audience, names)
	o.dataLevelRules.put(model.RuleID, r)
	l.rules.put(model.RuleID, r)
	return document(r.result()), nil
}

// flag returns a switch as a number. The default is 1.
func flag(param, name string, value *int) (*int, error) {
	on := 1
	if value != nil {
		on = *value
	}
	if on != 0 && on != 1 {
		return nil, gateway.Invalid(param, "has a member %s that is neither 0 nor 1", name)
	}
	return &on, nil
}

// checkConditions refuses fields that the dataset lacks, as far as it has any, and
// operators that nobody has told the emulator. What the service answers is not
// documented.
func (o *organization) checkConditions(param string, l *dataLevel, body contentBody) error {
	fields := slices.Clone(body.Fields)
	for _, cond := range body.Condition.comparisons() {
		if _, known := o.meaning(cond.RelationOperator); !known {
			return gateway.Invalid(param, "has the relationOperator %q, which is neither documented nor in RowOperators or a rule of the seed", cond.RelationOperator)
		}
		fields = append(fields, cond.PathID)
	}
	for _, field := range fields {
		if !l.dataset.hasField(field) {
			return gateway.Invalid(param, "has the pathId %q, which is no field of the dataset", field)
		}
	}
	return nil
}

// checkFields refuses fields that are hidden twice, by the rule itself or by it and
// another one.
func (l *dataLevel) checkFields(fields []string, by *dataLevelRule) error {
	seen := make(map[string]bool)
	for other := range l.rules.all() {
		if other != by {
			for _, field := range other.fields {
				seen[field] = true
			}
		}
	}
	for _, field := range fields {
		if seen[field] {
			return gateway.Refuse("CubePermission.ColumnlevelField.Repeat", "The field %q is hidden already.", field)
		}
		seen[field] = true
	}
	return nil
}

// A contentBody is the document in the content of a rule.
type contentBody struct {
	Condition *condition `json:"conditionNode"`
	Fields    []string   `json:"pathId"`
}

// A condition selects the visible rows. It is a comparison, or several comparisons
// combined as in the console's own document of a rule.
type condition struct {
	PathID           string          `json:"pathId"`
	RelationOperator string          `json:"relationOperator"`
	Operator         string          `json:"operator"` // and, or
	Operands         []*condition    `json:"operands"`
	Value            json.RawMessage `json:"value"`
}

// values returns what the comparison compares with.
func (cond *condition) values() []string {
	var value struct {
		Values []json.RawMessage `json:"value"`
	}
	_ = json.Unmarshal(cond.Value, &value) // other forms have no values
	return collect(slices.Values(value.Values), func(raw json.RawMessage) string {
		text, _ := dataRow{"": raw}.text("")
		return text
	})
}

// comparisons returns the comparisons of which the condition is made.
func (cond *condition) comparisons() []*condition {
	switch {
	case cond == nil:
		return nil
	case len(cond.Operands) == 0:
		return []*condition{cond}
	}
	var all []*condition
	for _, operand := range cond.Operands {
		all = append(all, operand.comparisons()...)
	}
	return all
}

// check returns what is wrong with the form of the condition.
func (cond *condition) check() error {
	switch {
	case cond == nil:
		return errors.New("an empty condition")
	case len(cond.Operands) > 0:
		if !strings.EqualFold(cond.Operator, "and") && !strings.EqualFold(cond.Operator, "or") {
			return fmt.Errorf("the operator %q, which is neither and nor or", cond.Operator)
		}
		for _, operand := range cond.Operands {
			if err := operand.check(); err != nil {
				return err
			}
		}
		return nil
	case cond.PathID == "":
		return errors.New("a condition without pathId")
	case cond.RelationOperator == "":
		return errors.New("a condition without relationOperator")
	}
	return nil
}

// readContent checks the documents in the content of a rule. Types that are not
// documented must begin with the kind of permission.
func readContent(param, kind string, content *DataLevelRuleContent) (contentBody, error) {
	var body contentBody
	prefix := strings.TrimSuffix(kind, "LEVEL")
	if !strings.HasPrefix(content.Type, prefix) {
		return body, gateway.Invalid(param, "has the ruleContentType %q, which is none for %s", content.Type, kind)
	}
	if err := json.Unmarshal([]byte(content.JSON), &body); err != nil {
		return body, gateway.Invalid(param, "has a ruleContentJson that is not the expected JSON: %v", err)
	}
	if content.Origin != "" && !json.Valid([]byte(content.Origin)) {
		return body, gateway.Invalid(param, "has a ruleOriginConfigJson that is no JSON")
	}
	switch content.Type {
	case rowField:
		if err := body.Condition.check(); err != nil {
			return body, gateway.Invalid(param, "has %v in its ruleContentJson", err)
		}
	case columnForbid:
		if len(body.Fields) == 0 || slices.Contains(body.Fields, "") {
			return body, gateway.Invalid(param, "has no pathId in its ruleContentJson")
		}
	}
	content.Content = nil
	if kind == columnLevel {
		var b bytes.Buffer
		_ = json.Compact(&b, []byte(content.JSON)) // it was read before
		content.Content = b.Bytes()
	}
	return body, nil
}

func deleteDataLevelRuleConfig(c *call, d *dataset) (any, error) {
	r, l, err := c.findRule(d, c.string("RuleId"))
	if err != nil {
		return nil, err
	}
	if err := l.checkOpen(); err != nil {
		return nil, err
	}
	c.strikeAll(r.audience)
	l.rules.remove(r.model.RuleID)
	c.dataLevelRules.remove(r.model.RuleID)
	return true, nil
}

// A ruleUsers is the document by which users are added to a rule or taken from it.
type ruleUsers struct {
	RuleID    string                    `json:"ruleId"`
	DatasetID string                    `json:"cubeId"`
	Add       quickbi.DataLevelAudience `json:"addModel"`
	Delete    quickbi.DataLevelAudience `json:"delModel"`
}

// ruleUsers reads the document in the parameter: the rule, and the audience that change
// selects.
func (c *call) ruleUsers(param, member string, change func(ruleUsers) quickbi.DataLevelAudience) (*dataLevelRule, people, error) {
	var model ruleUsers
	if err := c.decode(param, &model, "cubeId", "ruleId", member); err != nil {
		return nil, people{}, err
	}
	d, err := c.findDataset(model.DatasetID, "Cube.Not.Exist")
	if err != nil {
		return nil, people{}, err
	}
	r, l, err := c.findRule(d, model.RuleID)
	if err != nil {
		return nil, people{}, err
	}
	if err := l.checkOpen(); err != nil {
		return nil, people{}, err
	}
	users, err := c.people(param, change(model))
	return r, users, err
}

func addDataLevelPermissionRuleUsers(c *call) (any, error) {
	r, users, err := c.ruleUsers("AddUserModel", "addModel", func(m ruleUsers) quickbi.DataLevelAudience { return m.Add })
	if err != nil {
		return nil, err
	}
	c.enlist(r.audience, users)
	return true, nil
}

func deleteDataLevelPermissionRuleUsers(c *call) (any, error) {
	r, users, err := c.ruleUsers("DeleteUserModel", "delModel", func(m ruleUsers) quickbi.DataLevelAudience { return m.Delete })
	if err != nil {
		return nil, err
	}
	c.strike(r.audience, users)
	return true, nil
}

func listDataLevelPermissionWhiteList(c *call, l *dataLevel) (any, error) {
	type usersModel struct{ UserGroups, Users []string }
	type whiteList struct {
		CubeID     string `json:"CubeId"`
		RuleType   string
		UsersModel usersModel
	}
	all := l.whiteList.result()
	return whiteList{l.dataset.DatasetID, l.kind, usersModel{all.UserGroupIDs, all.UserIDs}}, nil
}

// setDataLevelPermissionWhiteList replaces the whole list.
func setDataLevelPermissionWhiteList(c *call) (any, error) {
	var model struct {
		CubeID   string                    `json:"cubeId"`
		RuleType string                    `json:"ruleType"`
		Users    quickbi.DataLevelAudience `json:"usersModel"`
	}
	if err := c.decode("WhiteListModel", &model, "cubeId", "ruleType"); err != nil {
		return nil, err
	}
	l, err := c.findLevel(model.CubeID, "WhiteListModel", model.RuleType)
	if err != nil {
		return nil, err
	}
	if err := l.checkOpen(); err != nil {
		return nil, err
	}
	users, err := c.people("WhiteListModel", model.Users)
	if err != nil {
		return nil, err
	}
	c.strikeAll(l.whiteList)
	c.enlist(l.whiteList, users)
	return true, nil
}

// addDataLevelPermissionWhiteList adds to the list or removes from it. Only CubeId is
// documented as required, but the others have no documented defaults.
func addDataLevelPermissionWhiteList(c *call, l *dataLevel) (any, error) {
	for _, name := range []string{"OperateType", "RuleType", "TargetIds", "TargetType"} {
		if c.string(name) == "" {
			return nil, gateway.Refuse("System.Param.Empty", "The call needs %s.", name)
		}
	}
	if err := l.checkOpen(); err != nil {
		return nil, err
	}
	var names quickbi.DataLevelAudience
	if c.string("TargetType") == "1" {
		names.UserIDs = c.list("TargetIds")
	} else {
		names.UserGroupIDs = c.list("TargetIds")
	}
	users, err := c.people("TargetIds", names)
	if err != nil {
		return nil, err
	}
	if c.string("OperateType") == "ADD" {
		c.enlist(l.whiteList, users)
	} else {
		c.strike(l.whiteList, users)
	}
	return true, nil
}
