package quickbitest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A DataService is a data-service API: a query of a dataset that was published in
// the console. It comes after its dataset.
type DataService struct {
	APIID           string                           `json:"Sid,omitempty"` // what queries call ApiId; empty: generated
	Name            string                           `json:"Name"`
	Description     string                           `json:"Desc,omitempty"`
	DatasetID       string                           `json:"CubeId"`
	OwnerID         string                           `json:"OwnerId,omitempty"`         // empty: the owner of the dataset
	CreatorID       string                           `json:"CreatorId,omitempty"`       // empty: the owner
	ModifierID      string                           `json:"ModifierId,omitempty"`      // empty: the creator
	Detail          bool                             `json:"Detail,omitempty"`          // not a summary
	LogicalOperator string                           `json:"LogicalOperator,omitempty"` // between conditions: "and" or "or"; empty: "and"
	Filters         []DataServiceParameter           `json:"Filters,omitempty"`
	ReturnFields    []quickbi.DataServiceReturnField `json:"ReturnFields"`
	// Rows are what the query finds, by the aliases of the fields and, where a
	// parameter's field is not returned, by the name of the parameter. Conditions and
	// permissions filter them. A summary is not aggregated again for a part of its
	// fields.
	Rows         []map[string]any `json:"Rows,omitempty"`
	CreatedTime  int64            `json:"GmtCreate,omitempty"`   // milliseconds since 1970; 0: now
	ModifiedTime int64            `json:"GmtModified,omitempty"` // 0: when it was created
}

// A DataServiceParameter is a request parameter of a [DataService].
type DataServiceParameter struct {
	Name     string                   `json:"Name"`
	Operator string                   `json:"Operator,omitempty"` // =, !=, >, >=, <, <=, like, or in, which takes a list; empty: =
	Required bool                     `json:"Required,omitempty"`
	Field    quickbi.DataServiceField `json:"Field"`
}

// The dataServiceState is what the organization knows of data services.
type dataServiceState struct{ dataServices table[*dataService] }

// A dataService is a data-service API.
type dataService struct {
	DataService              // as seeded
	rows                     []dataRow
	dataset                  *dataset
	owner, creator, modifier *member
	created, modified        time.Time
}

// A dataRow has values as they were written.
type dataRow map[string]json.RawMessage

// text returns the value of the key in a form that can be compared, and whether there
// is one.
func (r dataRow) text(key string) (string, bool) {
	raw, ok := r[key]
	if !ok || string(raw) == "null" {
		return "", false
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s, true
	}
	return string(raw), true
}

// comparisons maps the operators of parameters to the wanted order of value and
// condition.
var comparisons = map[string]func(order int) bool{
	"=":  func(order int) bool { return order == 0 },
	"!=": func(order int) bool { return order != 0 },
	">":  func(order int) bool { return order > 0 },
	">=": func(order int) bool { return order >= 0 },
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
}

// dateForms has the documented forms of dates in conditions.
var dateForms = map[quickbi.DataGranularity]*regexp.Regexp{
	"yearRegion":    regexp.MustCompile(`^\d{4}$`),
	"quarterRegion": regexp.MustCompile(`^\d{4}Q[1-4]$`),
	"monthRegion":   regexp.MustCompile(`^\d{4}(0[1-9]|1[0-2])$`),
	"weekRegion":    regexp.MustCompile(`^\d{4}-\d{2}$`),
	"dayRegion":     regexp.MustCompile(`^\d{4}(0[1-9]|1[0-2])([0-2]\d|3[01])$`),
	"hourRegion":    regexp.MustCompile(`^\d{2}:00:00$`),
	"minRegion":     regexp.MustCompile(`^\d{2}:\d{2}:00$`),
	"secRegion":     regexp.MustCompile(`^\d{2}:\d{2}:\d{2}$`),
}

func (o *organization) seedDataService(s DataService, now time.Time) error {
	d, ok := o.datasets.get(s.DatasetID)
	s.APIID, s.LogicalOperator = cmp.Or(s.APIID, newUserID()), cmp.Or(s.LogicalOperator, "and")
	switch {
	case !ok:
		return fmt.Errorf("there is no dataset %q", s.DatasetID)
	case o.dataServices.has(s.APIID):
		return fmt.Errorf("there is a data service %q already", s.APIID)
	case s.LogicalOperator != "and" && s.LogicalOperator != "or":
		return fmt.Errorf("there is no logical operator %q", s.LogicalOperator)
	}
	owner, err := o.seedMember(s.OwnerID, d.owner)
	if err != nil {
		return err
	}
	creator, err := o.seedMember(s.CreatorID, owner)
	if err != nil {
		return err
	}
	modifier, err := o.seedMember(s.ModifierID, creator)
	if err != nil {
		return err
	}
	service := &dataService{DataService: s, dataset: d}
	if err := service.fill(); err != nil {
		return err
	}
	service.created, service.modified = seedTimes(s.CreatedTime, s.ModifiedTime, now)
	o.dataOwners.set(&service.owner, d.workspace, owner)
	o.dataMakers.set(&service.creator, d.workspace, creator)
	o.dataMakers.set(&service.modifier, d.workspace, modifier)
	o.dataServices.put(s.APIID, service)
	return nil
}

func (s *dataService) seed() DataService {
	seed := s.DataService
	seed.OwnerID, seed.CreatorID, seed.ModifierID = s.owner.UserID, s.creator.UserID, s.modifier.UserID
	seed.CreatedTime, seed.ModifiedTime = s.created.UnixMilli(), s.modified.UnixMilli()
	return seed
}

// fill completes what the seed has left out.
func (s *dataService) fill() error {
	for i := range s.Filters {
		p := &s.Filters[i]
		p.Operator = cmp.Or(p.Operator, "=")
		if comparisons[p.Operator] == nil && p.Operator != "in" && p.Operator != "like" {
			return fmt.Errorf("there is no operator %q of parameters", p.Operator)
		}
	}
	for i := range s.ReturnFields {
		f := &s.ReturnFields[i]
		if f.Alias == "" {
			return errors.New("there is a field without an alias")
		}
		f.OrderBy = cmp.Or(f.OrderBy, "no")
	}
	for _, values := range s.Rows {
		row := make(dataRow, len(values))
		for name, value := range values {
			raw, err := rawJSON(value)
			if err != nil {
				return err
			}
			row[name] = raw
		}
		s.rows = append(s.rows, row)
	}
	return nil
}

// key returns the key under which rows have the field: the alias it is returned by
// or, if it is not returned, that of the parameter.
func (s *dataService) key(f quickbi.DataServiceField, parameter string) string {
	for _, r := range s.ReturnFields {
		if f.FieldID != "" && r.Field.FieldID == f.FieldID || f.FieldID == "" && f.Column != "" && r.Field.Column == f.Column {
			return r.Alias
		}
	}
	return parameter
}

// keyOf returns the key under which rows have the field of the dataset with the id.
func (s *dataService) keyOf(fid string) (string, bool) {
	for _, r := range s.ReturnFields {
		if r.Field.FieldID == fid {
			return r.Alias, true
		}
	}
	for _, p := range s.Filters {
		if p.Field.FieldID == fid {
			return p.Name, true
		}
	}
	return "", false
}

// A test says whether a row is wanted; sql says it too.
type test struct {
	wants func(dataRow) bool
	sql   string
}

// A dataHeader describes a column of an answer.
type dataHeader struct {
	Aggregator     string `json:",omitempty"` // of a measure
	Column         string
	DataType       string
	Granularity    string `json:",omitempty"` // of a date or a place
	Label          string
	OriginalColumn string `json:",omitempty"` // not from QueryDataService
	Type           string
}

// A dataResult is what a data service answers.
type dataResult struct {
	Headers []dataHeader
	SQL     string `json:"Sql"`
	Values  []dataRow
}

// queryData runs in the name of a member, by default the owner. It documents no codes;
// the emulator uses those of its predecessor QueryDataService.
func queryData(c *call, s *dataService, m *member) (any, error) {
	return c.queryAs(m, s)
}

func queryDataService(c *call, s *dataService) (any, error) {
	result, err := c.queryAs(c.owner(), s)
	for i := range result.Headers {
		result.Headers[i].OriginalColumn = ""
	}
	return result, err
}

// queryAs carries out the query in the name of the member.
func (c *call) queryAs(m *member, s *dataService) (dataResult, error) {
	conditions, err := c.dataConditions(s)
	if err != nil {
		return dataResult{}, err
	}
	fields, err := c.dataFields(s)
	if err != nil {
		return dataResult{}, err
	}
	if err := s.dataset.checkColumns(m, fields); err != nil {
		return dataResult{}, err
	}
	restriction, err := c.restriction(s, m)
	if err != nil {
		return dataResult{}, err
	}

	tests := []test{combine(conditions, s.LogicalOperator == "or"), restriction}
	result := dataResult{Headers: []dataHeader{}, SQL: s.sql(fields, tests), Values: []dataRow{}}
	for _, f := range fields {
		result.Headers = append(result.Headers, dataHeader{
			Aggregator: string(f.Aggregator), Column: f.Field.Column, DataType: string(f.Field.DataType), Granularity: string(f.Field.Granularity),
			Label: f.Alias, OriginalColumn: f.Field.Caption, Type: string(f.Field.Kind),
		})
	}
	for _, row := range s.rows {
		if !combine(tests, false).wants(row) {
			continue
		}
		values := make(dataRow, len(fields))
		for _, f := range fields {
			if values[f.Alias] = row[f.Alias]; values[f.Alias] == nil {
				values[f.Alias] = json.RawMessage("null")
			}
		}
		result.Values = append(result.Values, values)
	}
	return result, nil
}

// combine makes one test of several: any of them must hold, or all of them. Without
// tests it always holds.
func combine(tests []test, anyOf bool) test {
	var parts []string
	for _, t := range tests {
		if t.sql != "" {
			parts = append(parts, t.sql)
		}
	}
	word := " AND "
	if anyOf {
		word = " OR "
	}
	all := test{sql: strings.Join(parts, word), wants: func(row dataRow) bool {
		for _, t := range tests {
			if t.wants(row) == anyOf {
				return anyOf
			}
		}
		return !anyOf || len(tests) == 0
	}}
	if len(parts) > 1 {
		all.sql = "(" + all.sql + ")"
	}
	return all
}

// sql writes a query that could have found the rows.
func (s *dataService) sql(fields []quickbi.DataServiceReturnField, tests []test) string {
	var columns []string
	for _, f := range fields {
		column := backquote(f.Field.Column)
		if f.Aggregator != "" {
			column = string(f.Aggregator) + "(" + column + ")"
		}
		columns = append(columns, column+" AS "+backquote(f.Alias))
	}
	from := backquote(s.dataset.DatasetName)
	if len(s.dataset.Tables) > 0 {
		if t := s.dataset.Tables[0]; t.IsCustomSQL {
			from = "(" + t.SQL + ")"
		} else {
			from = backquote(t.TableName)
		}
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + from
	if where := combine(tests, false).sql; where != "" {
		query += " WHERE " + where
	}
	return query
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// dataFields returns the fields that ReturnFields asks for, in its order.
func (c *call) dataFields(s *dataService) ([]quickbi.DataServiceReturnField, error) {
	fields := s.ReturnFields
	if text := c.string("ReturnFields"); text != "" {
		var names []string
		if err := json.Unmarshal([]byte(text), &names); err != nil {
			return nil, gateway.Refuse("Invalid.Parameter.ReturnFields", "The parameter ReturnFields is not the expected JSON: %v.", err)
		}
		if names = distinct(names); len(names) > 0 {
			fields = nil
		}
		for _, name := range names {
			i := slices.IndexFunc(s.ReturnFields, func(f quickbi.DataServiceReturnField) bool { return f.Alias == name })
			if i < 0 {
				return nil, gateway.Refuse("Invalid.Parameter.ReturnFields", "The data service returns no field %q.", name)
			}
			fields = append(fields, s.ReturnFields[i])
		}
	}
	for _, f := range fields {
		if !s.dataset.hasField(f.Field.FieldID) {
			return nil, gateway.Refuse("Missing.Dimension.Measure", "The dataset has no field %q any more, which is returned as %q.", f.Field.FieldID, f.Alias)
		}
	}
	return fields, nil
}

// hasField says whether the dataset has a field with the id. A dataset that is seeded
// without fields has all.
func (d *dataset) hasField(uid string) bool {
	return uid == "" || len(d.Dimensions)+len(d.Measures) == 0 ||
		slices.ContainsFunc(d.Dimensions, func(f quickbi.DatasetDimension) bool { return f.UID == uid }) ||
		slices.ContainsFunc(d.Measures, func(f quickbi.DatasetMeasure) bool { return f.UID == uid })
}

// dataConditions returns the tests for Conditions. A null is no condition.
func (c *call) dataConditions(s *dataService) ([]test, error) {
	given := make(map[string]json.RawMessage)
	if text := c.string("Conditions"); text != "" {
		if err := json.Unmarshal([]byte(text), &given); err != nil {
			return nil, gateway.Refuse("Invalid.Parameter.Conditions", "The parameter Conditions is not the expected JSON: %v.", err)
		}
	}
	var tests []test
	for _, p := range s.Filters {
		raw, ok := given[p.Name]
		delete(given, p.Name)
		if !ok || string(raw) == "null" {
			if p.Required {
				return nil, gateway.Refuse("Missing.Conditions", "The data service needs a condition for %q.", p.Name)
			}
			continue
		}
		t, err := s.condition(p, raw)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	if unknown := slices.Sorted(maps.Keys(given)); len(unknown) > 0 {
		return nil, gateway.Refuse("Invalid.Parameter.Conditions", "The data service has no parameter %q.", unknown[0])
	}
	return tests, nil
}

// condition returns the test for the value of the parameter. Only enumerations take
// lists; they take a single value too.
func (s *dataService) condition(p DataServiceParameter, raw json.RawMessage) (test, error) {
	values := []json.RawMessage{raw}
	if p.Operator == "in" && raw[0] == '[' {
		_ = json.Unmarshal(raw, &values) // an array it is
	}
	var wanted, quoted []string
	for _, value := range values {
		text, ok := dataRow{"": value}.text("")
		form := dateForms[p.Field.Granularity]
		switch {
		case !ok || value[0] == '[' || value[0] == '{':
			return test{}, gateway.Refuse("Invalid.Parameter.Conditions", "The parameter %q does not take the value %s.", p.Name, value)
		case form != nil && p.Operator != "like" && !form.MatchString(text):
			return test{}, gateway.Refuse("Invalid.Parameter.Conditions", "The parameter %q takes dates of the form %s, not %q.", p.Name, form, text)
		}
		wanted = append(wanted, text)
		quoted = append(quoted, quote(text))
	}
	key, column := s.key(p.Field, p.Name), backquote(p.Field.Column)
	sql := column + " " + p.Operator + " " + strings.Join(quoted, ", ")
	switch p.Operator {
	case "in":
		sql = column + " IN (" + strings.Join(quoted, ", ") + ")"
	case "like":
		sql = column + " LIKE '%" + quoted[0][1:len(quoted[0])-1] + "%'"
	}
	return test{sql: sql, wants: func(row dataRow) bool {
		text, ok := row.text(key)
		if !ok {
			return false
		}
		if p.Operator == "like" {
			return strings.Contains(text, wanted[0])
		}
		return slices.ContainsFunc(wanted, func(want string) bool {
			order := compareValues(plainDate(p.Field.Granularity, text), want, row[key][0] != '"')
			if p.Operator == "in" {
				return order == 0
			}
			return comparisons[p.Operator](order)
		})
	}}, nil
}

// plainDate writes a date in the form of conditions. Rows may have the form of
// databases.
func plainDate(granularity quickbi.DataGranularity, text string) string {
	switch granularity {
	case "yearRegion", "monthRegion", "dayRegion":
		day, _, _ := strings.Cut(text, " ")
		return strings.ReplaceAll(day, "-", "")
	}
	return text
}

// compareValues compares two texts or, with numbers, two numbers.
func compareValues(a, b string, numbers bool) int {
	if numbers {
		i, errI := strconv.ParseInt(a, 10, 64)
		j, errJ := strconv.ParseInt(b, 10, 64)
		if errI == nil && errJ == nil {
			return cmp.Compare(i, j)
		}
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(a, b)
}

// forbidden is the refusal because of permissions.
func (d *dataset) forbidden(m *member, format string, args ...any) error {
	return gateway.Refuse("Rowlevel.Permission.Forbbiden", "The user %q may not query the dataset %q: %s.", m.UserID, d.DatasetName, fmt.Sprintf(format, args...))
}

// rulesFor returns the rules that apply to the member, and whether the member is
// restricted at all. The owner of the organization and the white list are not.
func (l *dataLevel) rulesFor(m *member) (rules []*dataLevelRule, restricted bool) {
	if !l.open || m.isOwner() || l.whiteList.has(m) {
		return nil, false
	}
	for r := range l.rules.all() {
		if *r.model.IsOpen == 1 && (r.model.TargetScope == scopeAll || r.audience.has(m)) {
			rules = append(rules, r)
		}
	}
	return rules, len(rules) > 0 || l.missHit == missNone
}

// checkColumns says whether the member may see all the fields. Otherwise it refuses the
// whole query: the documentation does not say what else.
func (d *dataset) checkColumns(m *member, fields []quickbi.DataServiceReturnField) error {
	rules, restricted := d.column.rulesFor(m)
	if restricted && len(rules) == 0 {
		return d.forbidden(m, "no rule for columns is about the user")
	}
	for _, r := range rules {
		for _, f := range fields {
			if *r.model.HitTakeEffect == 1 && slices.Contains(r.fields, f.Field.FieldID) {
				return d.forbidden(m, "the field %q is hidden", f.Alias)
			}
		}
	}
	return nil
}

// restriction returns the test for the rows that the member may see: any rule that
// applies to the member shows a row. Without such a rule the query is refused.
func (o *organization) restriction(s *dataService, m *member) (test, error) {
	everything := test{wants: func(dataRow) bool { return true }}
	rules, restricted := s.dataset.row.rulesFor(m)
	if !restricted {
		return everything, nil
	}
	if len(rules) == 0 {
		return test{}, s.dataset.forbidden(m, "no rule for rows is about the user")
	}
	var tests []test
	for _, r := range rules {
		t, err := o.ruleTest(s, r.condition)
		if err != nil {
			return test{}, s.dataset.forbidden(m, "%v", err)
		}
		tests = append(tests, t)
	}
	return combine(tests, true), nil
}

// ruleTest returns the test for a rule's condition. Only one comparison is documented:
// that there is a value. The emulator refuses queries under rules whose meaning nobody
// has told it.
func (o *organization) ruleTest(s *dataService, cond *condition) (test, error) {
	if cond == nil {
		return test{}, errors.New("the emulator does not know this type of rule")
	}
	if len(cond.Operands) > 0 {
		var tests []test
		for _, operand := range cond.Operands {
			t, err := o.ruleTest(s, operand)
			if err != nil {
				return test{}, err
			}
			tests = append(tests, t)
		}
		return combine(tests, strings.EqualFold(cond.Operator, "or")), nil
	}
	key, ok := s.keyOf(cond.PathID)
	if !ok {
		return test{}, fmt.Errorf("the data service does not have the field %q of a rule", cond.PathID)
	}
	has := func(row dataRow) bool {
		_, ok := row.text(key)
		return ok
	}
	in := func(row dataRow) bool {
		text, ok := row.text(key)
		return ok && slices.Contains(cond.values(), text)
	}
	list := "(" + strings.Join(collect(slices.Values(cond.values()), quote), ", ") + ")"
	switch means, _ := o.meaning(cond.RelationOperator); means {
	case meansNotNull:
		return test{sql: backquote(key) + " IS NOT NULL", wants: has}, nil
	case meansNull:
		return test{sql: backquote(key) + " IS NULL", wants: func(row dataRow) bool { return !has(row) }}, nil
	case meansIn:
		return test{sql: backquote(key) + " IN " + list, wants: in}, nil
	case meansNotIn:
		return test{sql: backquote(key) + " NOT IN " + list, wants: func(row dataRow) bool { return has(row) && !in(row) }}, nil
	}
	return test{}, fmt.Errorf("the emulator does not know what the relationOperator %q of a rule means", cond.RelationOperator)
}

// queryDataServiceList lists the data services of all workspaces or, with UserId, those
// that the user owns.
func queryDataServiceList(c *call) (any, error) {
	all := search(c, "Name", c.dataServices.all(), func(s *dataService) string { return s.Name })
	all = only(c, "UserId", all, func(s *dataService, id string) bool { return s.owner.UserID == id })
	return paginate(c, all, (*dataService).row), nil
}

// A dataServiceRow is a data service in a list.
type dataServiceRow struct {
	Sid  string
	Name string
	Desc string
	inWorkspace
	Content      dataServiceContent
	DatasetID    string `json:"CubeId"`
	CubeName     string
	OwnerID      string `json:"OwnerId"`
	OwnerName    string
	CreatorID    string `json:"CreatorId"`
	CreatorName  string
	ModifierID   string `json:"ModifierId"`
	ModifierName string
	GmtCreate    string
	GmtModified  string
}

// A dataServiceContent is what a data service queries.
type dataServiceContent struct {
	DatasetID    string `json:"CubeId"`
	CubeName     string
	Detail       bool
	Filter       dataServiceFilter
	ReturnFields []quickbi.DataServiceReturnField
}

// A dataServiceFilter is the request parameters of a data service. The members of the
// filters are not documented.
type dataServiceFilter struct {
	Type            string
	LogicalOperator string
	Filters         []DataServiceParameter
}

func (s *dataService) row() dataServiceRow {
	kind := "basic"
	if s.LogicalOperator == "or" {
		kind = "combined"
	}
	return dataServiceRow{
		Sid:         s.APIID,
		Name:        s.Name,
		Desc:        s.Description,
		inWorkspace: s.dataset.workspace.named(),
		DatasetID:   s.dataset.DatasetID,
		CubeName:    s.dataset.DatasetName,
		Content: dataServiceContent{
			DatasetID: s.dataset.DatasetID, CubeName: s.dataset.DatasetName, Detail: s.Detail,
			Filter:       dataServiceFilter{kind, s.LogicalOperator, orEmpty(s.Filters)},
			ReturnFields: orEmpty(s.ReturnFields),
		},
		OwnerID:      s.owner.UserID,
		OwnerName:    s.owner.NickName,
		CreatorID:    s.creator.UserID,
		CreatorName:  s.creator.NickName,
		ModifierID:   s.modifier.UserID,
		ModifierName: s.modifier.NickName,
		GmtCreate:    written(s.created) + ".0", // as the example has it
		GmtModified:  written(s.modified),
	}
}
