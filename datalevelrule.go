package quickbi

import (
	"bytes"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi/internal/json"
)

// DataLevelRuleType is the kind of a rule.
type DataLevelRuleType string

// The kinds of rules.
const (
	DataLevelRow    DataLevelRuleType = "ROW_LEVEL"    // restricts rows
	DataLevelColumn DataLevelRuleType = "COLUMN_LEVEL" // restricts fields
)

func (DataLevelRuleType) documented() []string {
	return []string{string(DataLevelRow), string(DataLevelColumn)}
}

// DataLevelSwitch is on or off. Fields that can be left out are pointers:
// new(quickbi.DataLevelOff).
type DataLevelSwitch int

// The positions of a switch.
const (
	DataLevelOff DataLevelSwitch = 0
	DataLevelOn  DataLevelSwitch = 1
)

func (DataLevelSwitch) documented() []string { return []string{"0", "1"} }

// DataLevelMissHitPolicy says what members without a rule see.
type DataLevelMissHitPolicy string

// The policies for members without a rule.
const (
	DataLevelMissHitNone DataLevelMissHitPolicy = "NONE" // nothing
	DataLevelMissHitAll  DataLevelMissHitPolicy = "ALL"  // everything
)

// DataLevelScope says whether a rule applies to everybody or to its Audience.
type DataLevelScope string

// The scopes of a rule.
const (
	DataLevelScopeAll    DataLevelScope = "ALL"    // everybody
	DataLevelScopeOthers DataLevelScope = "OTHERS" // the members and user groups of the Audience
)

func (DataLevelScope) documented() []string {
	return []string{string(DataLevelScopeAll), string(DataLevelScopeOthers)}
}

// DataLevelContentType is the kind of content of a rule.
type DataLevelContentType string

// The documented contents.
const (
	DataLevelRowField     DataLevelContentType = "ROW_FIELD"     // a condition on a field: Condition
	DataLevelColumnForbid DataLevelContentType = "COLUMN_FORBID" // fields that are hidden: PathIDs
)

// DataLevelOperator compares a field in a row-level rule.
type DataLevelOperator string

// DataLevelNotNull is the only operator with a documented spelling. For other
// operators, make a rule in the console and read it, see [DataLevelRule].
const DataLevelNotNull DataLevelOperator = "not-null"

// DataLevelAudience are members and user groups.
type DataLevelAudience struct {
	UserGroupIDs []string `json:"userGroups"`
	UserIDs      []string `json:"users"`

	original `json:"-"`
}

// MarshalJSON writes the audience with the members that it was read with, see
// [DataLevelRule].
func (a DataLevelAudience) MarshalJSON() ([]byte, error) {
	type plain DataLevelAudience
	return writeDocument[plain](a, documentValues)
}

// UnmarshalJSON reads an audience.
func (a *DataLevelAudience) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelAudience
	a.original, err = readDocument(text, (*plain)(a))
	return err
}

// isEmpty reports whether the audience, as written, names nobody.
func (a DataLevelAudience) isEmpty() bool {
	if len(a.UserGroupIDs) > 0 || len(a.UserIDs) > 0 {
		return false
	}
	text, err := a.MarshalJSON()
	for _, m := range membersOf(text, reflect.TypeOf(a)) {
		if value := string(m.value); value != "[]" && value != "null" {
			return false
		}
	}
	return err == nil
}

// DataLevelRule is a row-level or column-level rule of a dataset.
//
// Saving a rule replaces it, and only a part of the console's rules is documented. To
// change a rule, read it with [Client.ListCubeDataLevelPermissionConfig], change its
// fields, and save it. JSON members without a field, and those of unchanged fields,
// are sent as they came. That includes the Audience and the Content, and a rule that
// is stored as JSON meanwhile. A new struct in place of one that was read does not
// hold these members. json.Marshal shows all of them.
type DataLevelRule struct {
	// RuleID is given by the service. A rule that is saved without one is a new rule.
	RuleID      string            `json:"ruleId,omitempty"`
	DatasetID   string            `json:"cubeId"`
	RuleName    string            `json:"ruleName,omitempty"`
	RuleType    DataLevelRuleType `json:"ruleLevelType"`
	TargetScope DataLevelScope    `json:"ruleTargetScope,omitempty"`
	// Audience are the members and user groups of the rule, with DataLevelScopeOthers.
	Audience DataLevelAudience    `json:"ruleUsersModel,omitzero"`
	Content  DataLevelRuleContent `json:"ruleContentModel"`
	IsOpen   *DataLevelSwitch     `json:"isOpen,omitempty"` // off: the rule is kept, but does not apply
	// HitTakeEffect is for column-level rules. With DataLevelOff, the rule has no effect
	// on its members. The default is DataLevelOn.
	HitTakeEffect  *DataLevelSwitch `json:"hitTakeEffect,omitempty"`
	PermissionMode string           `json:"permissionMode,omitempty"` // such as "COMPLEX"; its meaning is not documented

	original `json:"-"`
}

// EncodeValues writes the rule as a parameter.
func (r DataLevelRule) EncodeValues(key string, v *url.Values) error { return encodeJSON(key, r, v) }

// MarshalJSON writes the rule with the members that it was read with.
func (r DataLevelRule) MarshalJSON() ([]byte, error) {
	type plain DataLevelRule
	return writeDocument[plain](r, documentValues)
}

// UnmarshalJSON reads a rule, in a string or not.
func (r *DataLevelRule) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelRule
	r.original, err = readDocument(text, (*plain)(r))
	return err
}

// DataLevelRuleContent is the content of a rule: either Condition or PathIDs, as its
// Type says. Both, or the other one, and a condition without field or operator, are
// refused before sending.
//
// On the wire it holds two more documents in strings. Only their simplest shapes are
// documented. Documents of another shape are in RawContent and RawOrigin, unchecked.
type DataLevelRuleContent struct {
	Type DataLevelContentType
	// Condition is the condition of the rows that may be seen.
	Condition *DataLevelCondition
	// PathIDs are the ids of the fields that are hidden.
	PathIDs []string
	// RawContent, if there is any, is sent instead of Condition and PathIDs.
	RawContent RawJSON
	// Origin is a row-level rule in the form of the console's editor. It must say the
	// same as Condition; this package does not check that.
	Origin *DataLevelOrigin
	// RawOrigin, if there is any, is sent instead of Origin.
	RawOrigin RawJSON

	original
	body, parsed original // of the documents in ruleContentJson and ruleContent
}

// dataLevelContentBody is the document in ruleContentJson.
type dataLevelContentBody struct {
	Condition *DataLevelCondition `json:"conditionNode,omitempty"`
	PathIDs   []string            `json:"pathId,omitempty"`

	original `json:"-"`
}

func (b dataLevelContentBody) MarshalJSON() ([]byte, error) {
	type plain dataLevelContentBody
	return writeDocument[plain](b, documentValues)
}

func (b *dataLevelContentBody) UnmarshalJSON(text []byte) (err error) {
	type plain dataLevelContentBody
	b.original, err = readDocument(text, (*plain)(b))
	return err
}

// isKnown reports whether the fields hold a content that is documented.
func (b *dataLevelContentBody) isKnown() bool {
	if b.Condition == nil {
		return len(b.PathIDs) > 0
	}
	return len(b.PathIDs) == 0 && b.Condition.PathID != "" && b.Condition.Operator != ""
}

// dataLevelContentWire is a content with its documents in strings.
type dataLevelContentWire struct {
	// Content once more, not in a string, as the service shows it for column-level rules.
	Parsed  json.Value           `json:"ruleContent,omitzero"`
	Content quotedJSON           `json:"ruleContentJson"`
	Origin  quotedJSON           `json:"ruleOriginConfigJson,omitzero"`
	Type    DataLevelContentType `json:"ruleContentType"`
}

// MarshalJSON writes the content with its documents in strings.
func (c DataLevelRuleContent) MarshalJSON() ([]byte, error) {
	if _, err := c.wire(); err != nil {
		return nil, err
	}
	return writeMembers(c, func(c DataLevelRuleContent) any {
		wire, _ := c.wire()
		return wire
	}, documentValues)
}

// check reports a content that says nothing, or two things. What it was read with, and
// raw JSON, may be anything.
func (c *DataLevelRuleContent) check(parameter string, problem func(parameter, text string)) {
	if len(c.RawContent) == 0 {
		foreign := "" // what a documented type of content does not have
		switch hasCondition, hasFields := c.Condition != nil, len(c.PathIDs) > 0; {
		case hasCondition && hasFields:
			problem(parameter, "has both conditionNode and pathId: a rule has one of them")
		case hasFields && c.Type == DataLevelRowField:
			foreign = "pathId"
		case hasCondition && c.Type == DataLevelColumnForbid:
			foreign = "conditionNode"
		}
		if foreign != "" && memberNamed(c.body.object(), foreign) == nil {
			problem(parameter, fmt.Sprintf("has %s in ruleContentJson, which is not for %s", foreign, c.Type))
		}
		for _, name := range []string{"pathId", "relationOperator"} {
			if c.Condition != nil && becomesEmpty(c.Condition, name) {
				problem(parameter, "has a condition without "+name)
			}
		}
	}
	if len(c.RawOrigin) > 0 || c.Origin == nil {
		return
	}
	if becomesEmpty(c.Origin, "operands") {
		problem(parameter, "has no line in ruleOriginConfigJson")
	}
	for i, operand := range c.Origin.Operands {
		if becomesEmpty(operand, "fieldId") {
			problem(parameter, fmt.Sprintf("has a line without fieldId in ruleOriginConfigJson at index %d", i))
		}
		if becomesEmpty(operand, "defaultValue", "value", "conditionOp") {
			problem(parameter, fmt.Sprintf("has a line without conditionOp in ruleOriginConfigJson at index %d", i))
		}
	}
}

// memberNamed returns the value of the member with a name, in any letter case; nil if
// there is none.
func memberNamed(object json.Value, name string) json.Value {
	for _, m := range membersOf(object, reflect.TypeFor[struct{}]()) {
		if strings.EqualFold(m.name, name) {
			return m.value
		}
	}
	return nil
}

// becomesEmpty reports whether a document is written with an empty member at the path,
// and did not come so.
func becomesEmpty(doc interface {
	document
	MarshalJSON() ([]byte, error)
}, path ...string) bool {
	isEmpty := func(value json.Value) bool {
		for _, name := range path {
			value = memberNamed(value, name)
		}
		return slices.Contains([]string{`""`, "[]", "null"}, string(value))
	}
	text, err := doc.MarshalJSON()
	return err == nil && isEmpty(text) && !isEmpty(doc.object())
}

func (c DataLevelRuleContent) wire() (dataLevelContentWire, error) {
	wire := dataLevelContentWire{Type: c.Type}
	var err error
	if wire.Content, err = rawOr(c.RawContent, dataLevelContentBody{c.Condition, c.PathIDs, c.body}); err != nil {
		return wire, err
	}
	if c.parsed.object() != nil || len(c.RawContent) == 0 && len(c.PathIDs) > 0 {
		parsed, err := rawOr(c.RawContent, dataLevelContentBody{c.Condition, c.PathIDs, c.parsed})
		if wire.Parsed = json.Value(parsed); err != nil {
			return wire, err
		}
	}
	if c.Origin != nil || len(c.RawOrigin) > 0 {
		wire.Origin, err = rawOr(c.RawOrigin, c.Origin)
	}
	return wire, err
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *DataLevelRuleContent) UnmarshalJSON(text []byte) error {
	var wire dataLevelContentWire
	came, err := readDocument(text, &wire)
	if err != nil {
		return err
	}
	*c = DataLevelRuleContent{Type: wire.Type, original: came}
	var body, parsed dataLevelContentBody
	_ = json.Unmarshal(wire.Parsed, &parsed, decodeOptions)
	content := wire.Content
	if content.isEmpty() {
		content = quotedJSON(wire.Parsed)
	}
	if !content.isEmpty() {
		if json.Unmarshal(content, &body, decodeOptions) == nil && body.isKnown() {
			c.Condition, c.PathIDs = body.Condition, body.PathIDs
		} else {
			c.RawContent = RawJSON(content)
		}
	}
	c.body, c.parsed = body.original, parsed.original
	if !wire.Origin.isEmpty() {
		var origin DataLevelOrigin
		if json.Unmarshal(wire.Origin, &origin, decodeOptions) == nil && len(origin.Operands) > 0 {
			c.Origin = &origin
		} else {
			c.RawOrigin = RawJSON(wire.Origin)
		}
	}
	return nil
}

// DataLevelCondition is the condition of a row-level rule.
type DataLevelCondition struct {
	Caption   string                  `json:"caption"` // display name of the field
	IsMeasure bool                    `json:"isMeasure"`
	PathID    string                  `json:"pathId"` // of the field
	Operator  DataLevelOperator       `json:"relationOperator"`
	Name      string                  `json:"name"` // the id of the field again
	Value     DataLevelConditionValue `json:"value"`

	original `json:"-"`
}

// MarshalJSON writes the condition with the members that it was read with, see
// [DataLevelRule].
func (c DataLevelCondition) MarshalJSON() ([]byte, error) {
	type plain DataLevelCondition
	return writeDocument[plain](c, documentValues)
}

// UnmarshalJSON reads a condition.
func (c *DataLevelCondition) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelCondition
	c.original, err = readDocument(text, (*plain)(c))
	return err
}

// DataLevelConditionValue is the value of a comparison.
type DataLevelConditionValue struct {
	Values    []string `json:"value"`     // one empty text for DataLevelNotNull
	ValueType string   `json:"valueType"` // such as "ENUM"

	original `json:"-"`
}

// MarshalJSON writes the value, and what it was read with, see [DataLevelRule].
func (v DataLevelConditionValue) MarshalJSON() ([]byte, error) {
	type plain DataLevelConditionValue
	return writeDocument[plain](v, documentValues)
}

// UnmarshalJSON reads a value.
func (v *DataLevelConditionValue) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelConditionValue
	v.original, err = readDocument(text, (*plain)(v))
	return err
}

// DataLevelOrigin is the state of the console's editor for a row-level rule.
type DataLevelOrigin struct {
	Operator   string             `json:"operator"` // "and"
	Operands   []DataLevelOperand `json:"operands"`
	IsRelation bool               `json:"isRelation"`

	original `json:"-"`
}

// MarshalJSON writes the state, and what it was read with, see [DataLevelRule].
func (o DataLevelOrigin) MarshalJSON() ([]byte, error) {
	type plain DataLevelOrigin
	return writeDocument[plain](o, documentValues)
}

// UnmarshalJSON reads the state.
func (o *DataLevelOrigin) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelOrigin
	o.original, err = readDocument(text, (*plain)(o))
	return err
}

// DataLevelOperand is one line in the console's editor.
type DataLevelOperand struct {
	LabelName    string                `json:"labelName"` // display name of the field
	IsValid      bool                  `json:"isValid"`
	UniqueID     string                `json:"uniqueId"` // of the line in the editor
	FieldID      string                `json:"fieldId"`
	Error        bool                  `json:"error"`
	FieldType    string                `json:"fieldType"` // such as "string"
	DefaultValue DataLevelOperandValue `json:"defaultValue"`

	original `json:"-"`
}

// MarshalJSON writes the line, and what it was read with, see [DataLevelRule].
func (o DataLevelOperand) MarshalJSON() ([]byte, error) {
	type plain DataLevelOperand
	return writeDocument[plain](o, documentValues)
}

// UnmarshalJSON reads a line.
func (o *DataLevelOperand) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelOperand
	o.original, err = readDocument(text, (*plain)(o))
	return err
}

// DataLevelOperandValue is the value in a line of the editor.
type DataLevelOperandValue struct {
	SelectType string                    `json:"selectType"` // such as "condition"
	Value      DataLevelOperandCondition `json:"value"`
	ValueType  string                    `json:"valueType"` // such as "ENUM"

	original `json:"-"`
}

// MarshalJSON writes the value, and what it was read with, see [DataLevelRule].
func (v DataLevelOperandValue) MarshalJSON() ([]byte, error) {
	type plain DataLevelOperandValue
	return writeDocument[plain](v, documentValues)
}

// UnmarshalJSON reads a value.
func (v *DataLevelOperandValue) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelOperandValue
	v.original, err = readDocument(text, (*plain)(v))
	return err
}

// DataLevelOperandCondition is the comparison in a line of the editor.
type DataLevelOperandCondition struct {
	Operator DataLevelOperator `json:"conditionOp"`
	Value    string            `json:"conditionValue"`

	original `json:"-"`
}

// MarshalJSON writes the comparison, and what it was read with, see [DataLevelRule].
func (c DataLevelOperandCondition) MarshalJSON() ([]byte, error) {
	type plain DataLevelOperandCondition
	return writeDocument[plain](c, documentValues)
}

// UnmarshalJSON reads a comparison.
func (c *DataLevelOperandCondition) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelOperandCondition
	c.original, err = readDocument(text, (*plain)(c))
	return err
}

// DataLevelConfig is the whole row-level or column-level permission of a dataset.
type DataLevelConfig struct {
	DatasetID string            `json:"cubeId"`
	RuleType  DataLevelRuleType `json:"ruleType"`
	IsOpen    DataLevelSwitch   `json:"isOpen"` // off: the rules restrict nobody
	Extra     DataLevelExtra    `json:"extraConfigModel"`
	Rules     []DataLevelRule   `json:"ruleModels"`
}

// UnmarshalJSON reads a configuration, in a string or not.
func (c *DataLevelConfig) UnmarshalJSON(text []byte) error {
	type plain DataLevelConfig
	return decodeQuoted(text, (*plain)(c))
}

// DataLevelExtra are the settings beside the rules.
type DataLevelExtra struct {
	DatasetID     string                 `json:"cubeId"`
	RuleType      DataLevelRuleType      `json:"ruleType"`
	MissHitPolicy DataLevelMissHitPolicy `json:"missHitPolicy"`
}

// quotedJSON is a document that travels in a string within another document.
type quotedJSON json.Value

func (q quotedJSON) MarshalJSON() ([]byte, error) { return json.Marshal(string(q)) }

// UnmarshalJSON takes the document out of the string, whether it is JSON or not.
func (q *quotedJSON) UnmarshalJSON(text []byte) error {
	var inner string
	if json.Value(text).Kind() == '"' && json.Unmarshal(text, &inner, decodeOptions) == nil {
		text = []byte(inner)
	}
	*q = bytes.Clone(text)
	return nil
}

func (q quotedJSON) isEmpty() bool { return len(q) == 0 || q[0] == 'n' }

// rawOr returns raw, or the document doc if raw is empty.
func rawOr(raw RawJSON, doc any) (quotedJSON, error) {
	if len(raw) == 0 {
		return json.Marshal(doc, json.AllowDuplicateNames(true))
	}
	text := json.Value(bytes.Clone(raw))
	err := text.Compact()
	return quotedJSON(text), err
}
