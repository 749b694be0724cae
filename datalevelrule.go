package quickbi

import (
	"bytes"
	"net/url"

	"github.com/quickbi-go/quickbi/internal/json"
)

// DataLevelRuleType says whether rules are about rows or about columns.
type DataLevelRuleType string

// The kinds of rules.
const (
	DataLevelRow    DataLevelRuleType = "ROW_LEVEL"    // which rows somebody sees
	DataLevelColumn DataLevelRuleType = "COLUMN_LEVEL" // which fields somebody sees
)

// DataLevelSwitch is on or off. Where off is not the same as left out, fields
// are pointers: new(quickbi.DataLevelOff).
type DataLevelSwitch int

// The positions of a switch.
const (
	DataLevelOff DataLevelSwitch = 0
	DataLevelOn  DataLevelSwitch = 1
)

// DataLevelMissHitPolicy says what members see whom no rule is about.
type DataLevelMissHitPolicy string

// The policies for members without a rule.
const (
	DataLevelMissHitNone DataLevelMissHitPolicy = "NONE" // nothing
	DataLevelMissHitAll  DataLevelMissHitPolicy = "ALL"  // everything
)

// DataLevelScope says whom a rule is about.
type DataLevelScope string

// The scopes of a rule.
const (
	DataLevelScopeAll    DataLevelScope = "ALL"    // everybody
	DataLevelScopeOthers DataLevelScope = "OTHERS" // the members and groups of its Audience
)

// DataLevelContentType says what the content of a rule is.
type DataLevelContentType string

// The documented contents.
const (
	DataLevelRowField     DataLevelContentType = "ROW_FIELD"     // a condition on a field: Condition
	DataLevelColumnForbid DataLevelContentType = "COLUMN_FORBID" // fields that are withheld: PathIDs
)

// DataLevelOperator compares a field in a row-level rule.
type DataLevelOperator string

// DataLevelNotNull is the one operator whose spelling is documented. For
// others, set a rule up in the console and look at it with
// [Client.ListCubeDataLevelPermissionConfig].
const DataLevelNotNull DataLevelOperator = "not-null"

// DataLevelAudience are members and user groups.
type DataLevelAudience struct {
	UserGroupIDs []string `json:"userGroups"`
	UserIDs      []string `json:"users"`
}

func (a DataLevelAudience) isEmpty() bool { return len(a.UserGroupIDs) == 0 && len(a.UserIDs) == 0 }

// DataLevelRule is a row-level or column-level rule of a dataset.
type DataLevelRule struct {
	// RuleID is the service's. Left out where a rule is saved, it is a new rule.
	RuleID      string            `json:"ruleId,omitempty"`
	DatasetID   string            `json:"cubeId"` // the dataset
	RuleName    string            `json:"ruleName,omitempty"`
	RuleType    DataLevelRuleType `json:"ruleLevelType"`
	TargetScope DataLevelScope    `json:"ruleTargetScope,omitempty"`
	// Audience is whom the rule is about, with DataLevelScopeOthers.
	Audience DataLevelAudience    `json:"ruleUsersModel,omitzero"`
	Content  DataLevelRuleContent `json:"ruleContentModel"`
	IsOpen   *DataLevelSwitch     `json:"isOpen,omitempty"` // off: the rule is kept, but not applied
	// HitTakeEffect is for column-level rules: with DataLevelOff, the rule has no
	// effect on those whom it is about. The default is DataLevelOn.
	HitTakeEffect  *DataLevelSwitch `json:"hitTakeEffect,omitempty"`
	PermissionMode string           `json:"permissionMode,omitempty"` // such as "COMPLEX"; not explained
}

// EncodeValues writes the rule as a parameter.
func (r DataLevelRule) EncodeValues(key string, v *url.Values) error { return encodeJSON(key, r, v) }

// UnmarshalJSON reads a rule, also one in a string.
func (r *DataLevelRule) UnmarshalJSON(text []byte) error {
	type plain DataLevelRule
	return decodeQuoted(text, (*plain)(r))
}

// DataLevelRuleContent is what a rule lays down: either Condition or PathIDs.
//
// On the wire it holds two more documents in strings, only the simplest shapes
// of which are documented. Others are kept in RawContent and RawOrigin as they
// came, so that a rule that was read can be saved again without loss.
type DataLevelRuleContent struct {
	Type DataLevelContentType
	// Condition is what the rows that may be seen fulfil.
	Condition *DataLevelCondition
	// PathIDs are the fields that may not be seen.
	PathIDs []string
	// RawContent, if there is any, stands for Condition and PathIDs.
	RawContent RawJSON
	// Origin is a row-level rule as the editor of the console shows it. Nothing
	// keeps it in step: it must say the same as Condition.
	Origin *DataLevelOrigin
	// RawOrigin, if there is any, stands for Origin.
	RawOrigin RawJSON
}

// dataLevelContentBody is the document in ruleContentJson.
type dataLevelContentBody struct {
	Condition *DataLevelCondition `json:"conditionNode,omitempty"`
	PathIDs   []string            `json:"pathId,omitempty"`
}

// dataLevelContentWire is a content with its documents in strings.
type dataLevelContentWire struct {
	// Content once more, not in a string; the service shows it of column-level rules.
	Parsed  json.Value           `json:"ruleContent,omitzero"`
	Content quotedJSON           `json:"ruleContentJson"`
	Origin  quotedJSON           `json:"ruleOriginConfigJson,omitzero"`
	Type    DataLevelContentType `json:"ruleContentType"`
}

// MarshalJSON writes the content with its documents in strings.
func (c DataLevelRuleContent) MarshalJSON() ([]byte, error) {
	wire := dataLevelContentWire{Type: c.Type}
	var err error
	if wire.Content, err = rawOr(c.RawContent, dataLevelContentBody{c.Condition, c.PathIDs}); err != nil {
		return nil, err
	}
	if len(c.RawContent) == 0 && len(c.PathIDs) > 0 {
		wire.Parsed = json.Value(wire.Content)
	}
	if c.Origin != nil || len(c.RawOrigin) > 0 {
		if wire.Origin, err = rawOr(c.RawOrigin, c.Origin); err != nil {
			return nil, err
		}
	}
	return json.Marshal(wire)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *DataLevelRuleContent) UnmarshalJSON(text []byte) error {
	var wire dataLevelContentWire
	if err := decodeQuoted(text, &wire); err != nil {
		return err
	}
	*c = DataLevelRuleContent{Type: wire.Type}
	content := wire.Content
	if content.isEmpty() {
		content = quotedJSON(wire.Parsed)
	}
	var body dataLevelContentBody
	if c.RawContent = content.into(&body); c.RawContent == nil {
		c.Condition, c.PathIDs = body.Condition, body.PathIDs
	}
	if !wire.Origin.isEmpty() {
		var origin DataLevelOrigin
		if c.RawOrigin = wire.Origin.into(&origin); c.RawOrigin == nil {
			c.Origin = &origin
		}
	}
	return nil
}

// DataLevelCondition is the condition of a row-level rule.
type DataLevelCondition struct {
	Caption   string                  `json:"caption"` // display name of the field
	IsMeasure bool                    `json:"isMeasure"`
	PathID    string                  `json:"pathId"` // id of the field
	Operator  DataLevelOperator       `json:"relationOperator"`
	Name      string                  `json:"name"` // the id of the field again
	Value     DataLevelConditionValue `json:"value"`
}

// DataLevelConditionValue is what a field is compared with.
type DataLevelConditionValue struct {
	Values    []string `json:"value"`     // one empty text for DataLevelNotNull
	ValueType string   `json:"valueType"` // such as "ENUM"
}

// DataLevelOrigin is the state of the console's editor for a row-level rule.
type DataLevelOrigin struct {
	Operator   string             `json:"operator"` // "and"
	Operands   []DataLevelOperand `json:"operands"`
	IsRelation bool               `json:"isRelation"`
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
}

// DataLevelOperandValue is what a line of the editor compares with.
type DataLevelOperandValue struct {
	SelectType string                    `json:"selectType"` // such as "condition"
	Value      DataLevelOperandCondition `json:"value"`
	ValueType  string                    `json:"valueType"` // such as "ENUM"
}

// DataLevelOperandCondition is the comparison in a line of the editor.
type DataLevelOperandCondition struct {
	Operator DataLevelOperator `json:"conditionOp"`
	Value    string            `json:"conditionValue"`
}

// DataLevelConfig is the whole row-level or column-level permission of a dataset.
type DataLevelConfig struct {
	DatasetID string            `json:"cubeId"`
	RuleType  DataLevelRuleType `json:"ruleType"`
	IsOpen    DataLevelSwitch   `json:"isOpen"` // off: nobody is restricted
	Extra     DataLevelExtra    `json:"extraConfigModel"`
	Rules     []DataLevelRule   `json:"ruleModels"`
}

// UnmarshalJSON reads a configuration, also one in a string.
func (c *DataLevelConfig) UnmarshalJSON(text []byte) error {
	type plain DataLevelConfig
	return decodeQuoted(text, (*plain)(c))
}

// DataLevelExtra is what holds besides the rules.
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

// into decodes the document. If it has anything that target has no place for,
// it is returned as it is.
func (q quotedJSON) into(target any) RawJSON {
	if q.isEmpty() || json.Unmarshal(q, target, decodeOptions, json.RejectUnknownMembers(true)) == nil {
		return nil
	}
	return RawJSON(q)
}

// rawOr returns the document raw, or doc if there is none.
func rawOr(raw RawJSON, doc any) (quotedJSON, error) {
	if len(raw) == 0 {
		return json.Marshal(doc)
	}
	text := json.Value(bytes.Clone(raw))
	err := text.Compact()
	return quotedJSON(text), err
}
