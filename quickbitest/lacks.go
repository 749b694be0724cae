package quickbitest

// Lacks is what the organization does without. By itself it has everything.
type Lacks struct {
	DataLevels   bool `json:"DataLevels,omitempty"`   // it still has the old row-level and column-level permissions
	Feishu       bool `json:"Feishu,omitempty"`       // it has not set up Feishu
	GlobalParams bool `json:"GlobalParams,omitempty"` // its edition has no global parameters for tickets
	SmartQ       bool `json:"SmartQ,omitempty"`       // it has not bought Smart Q
}
