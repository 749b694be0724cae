package quickbi

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/internal/json"
)

// Layouts for [time.Time.Format] of the dates in [DataConditions], by the
// granularity of the field. For quarters there is [DataQuarter]. Weeks are a year
// and a number, such as "2019-52"; how they are counted is not documented.
const (
	DataYear   = "2006"     // 2019
	DataMonth  = "200601"   // 201901
	DataDay    = "20060102" // 20190101
	DataHour   = "15:00:00" // 14:00:00
	DataMinute = "15:04:00" // 14:12:00
	DataSecond = "15:04:05" // 14:34:34
)

// DataQuarter returns the quarter of t, in its own zone, in the form that
// [DataConditions] take, such as "2019Q1".
func DataQuarter(t time.Time) string {
	return fmt.Sprintf("%04dQ%d", t.Year(), (t.Month()+2)/3)
}

// DataConditions are the values of the request parameters of a data service, by
// their names: texts, numbers, booleans; lists if the operator of the parameter is
// an enumeration filter; dates as texts, see [DataYear] and the other layouts.
//
//	quickbi.DataConditions{"area": []string{"华东", "华北"}, "shopping_date": day.Format(quickbi.DataDay)}
type DataConditions map[string]any

// EncodeValues writes the conditions as a JSON object. It refuses a time.Time:
// the service does not take the JSON of one.
func (c DataConditions) EncodeValues(key string, v *url.Values) error {
	for name, value := range c {
		switch value.(type) {
		case time.Time, *time.Time, []time.Time:
			return &ParameterError{Parameter: key, Problem: "has a time.Time at " + name + "; format it by the field's granularity"}
		}
	}
	return encodeJSON(key, map[string]any(c), v)
}

// DataFields are the names of the fields that a data service returns.
type DataFields []string

// EncodeValues writes the names as a JSON array.
func (f DataFields) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, []string(f), v)
}

// DataAggregator is how the values of a measure are aggregated.
type DataAggregator string

// The aggregators.
const (
	DataSum                     DataAggregator = "SUM"
	DataMax                     DataAggregator = "MAX"
	DataMin                     DataAggregator = "MIN"
	DataAverage                 DataAggregator = "AVG"
	DataCount                   DataAggregator = "COUNT"
	DataCountDistinct           DataAggregator = "COUNTD"
	DataStandardDeviation       DataAggregator = "STDDEV_POP" // of the population
	DataSampleStandardDeviation DataAggregator = "STDDEV_SAMP"
	DataVariance                DataAggregator = "VAR_POP" // of the population
	DataSampleVariance          DataAggregator = "VAR_SAMP"
)

// DataGranularity is the granularity of a date or a place.
type DataGranularity string

// The granularities of dates, then those of places.
const (
	DataByYear   DataGranularity = "yearRegion"
	DataByMonth  DataGranularity = "monthRegion"
	DataByWeek   DataGranularity = "weekRegion"
	DataByDay    DataGranularity = "dayRegion"
	DataByHour   DataGranularity = "hourRegion"
	DataByMinute DataGranularity = "minRegion"
	DataBySecond DataGranularity = "secRegion"

	DataByCountry  DataGranularity = "COUNTRY"
	DataByProvince DataGranularity = "PROVINCE"
	DataByCity     DataGranularity = "CITY"
	DataByCounty   DataGranularity = "XIAN"
	DataByRegion   DataGranularity = "REGION"
)

// DataType is the type of the values of a field of a dataset or a data service.
// Answers keep the service's spelling: compare with [DataType.Is].
type DataType string

// The types of values. Dimensions and measures of datasets are texts, numbers or moments.
const (
	DataTypeNumber     DataType = "number"
	DataTypeString     DataType = "string"
	DataTypeDate       DataType = "date"
	DataTypeTime       DataType = "time" // of the day
	DataTypeDatetime   DataType = "datetime"
	DataTypeGeographic DataType = "geographic" // datasets spell it "geographical"
	DataTypeBoolean    DataType = "boolean"
	DataTypeURL        DataType = "url"
	DataTypeImageURL   DataType = "imageUrl"   // of datasets only
	DataTypeMultivalue DataType = "multivalue" // of datasets only
)

// Is reports whether t and other are the same type, whatever their spelling.
func (t DataType) Is(other DataType) bool { return t.folded() == other.folded() }

func (t DataType) folded() string {
	lower := strings.ToLower(string(t))
	if lower == "geographical" {
		return string(DataTypeGeographic)
	}
	return lower
}

// DataFieldKind tells dimensions from measures. The service has other spellings,
// too, such as "dimension" and "StandardDimension": ask IsDimension and IsMeasure.
type DataFieldKind string

// The kinds of fields.
const (
	DataDimension DataFieldKind = "Dimension"
	DataMeasure   DataFieldKind = "Measure"
)

// IsMeasure reports whether the field is a measure, whatever the spelling.
func (k DataFieldKind) IsMeasure() bool {
	return strings.Contains(strings.ToLower(string(k)), "measure")
}

// IsDimension reports whether the field is a dimension, whatever the spelling.
func (k DataFieldKind) IsDimension() bool {
	return strings.Contains(strings.ToLower(string(k)), "dimension")
}

// DataHeader describes a column of a [DataResult].
type DataHeader struct {
	Label  string `json:"Label"`  // key of the column's values in a [DataRow]
	Column string `json:"Column"` // name in the table
	// OriginalColumn is the name in the dataset. Filled by QueryData only.
	OriginalColumn string          `json:"OriginalColumn"`
	Kind           DataFieldKind   `json:"Type"`
	DataType       DataType        `json:"DataType"`
	Granularity    DataGranularity `json:"Granularity"` // of dates and places
	Aggregator     DataAggregator  `json:"Aggregator"`  // of measures
}

// DataRow is a row of data: values by the labels of the [DataHeader]s. Numbers
// are of type json.Number of encoding/json, so that no digit is lost:
//
//	profit, err := row["profit"].(json.Number).Float64()
type DataRow map[string]any

// DataRows are the rows of a [DataResult].
type DataRows []DataRow

// UnmarshalJSON keeps numbers exact. It also takes rows in a second array around
// them, as an example of the service shows them.
func (r *DataRows) UnmarshalJSON(text []byte) error {
	var rows []DataRow
	if err := decodeExact(text, &rows); err != nil {
		var wrapped [][]DataRow
		if decodeExact(text, &wrapped) != nil {
			return err
		}
		rows = slices.Concat(wrapped...)
	}
	*r = rows
	return nil
}

// decodeExact decodes text into target, numbers in an any as json.Number.
func decodeExact(text []byte, target any) error { return json.Unmarshal(text, target, exactOptions) }

var exactOptions = json.JoinOptions(decodeOptions, json.WithUnmarshalers(numbersInAny))

var numbersInAny = json.UnmarshalFromFunc(func(dec *json.Decoder, target *any) error {
	if dec.PeekKind() != '0' {
		return errors.ErrUnsupported // the decoder's own way
	}
	number, err := dec.ReadToken()
	*target = stdjson.Number(number.String())
	return err
})

// Decode converts rows to values of type T: a struct with the labels of the columns
// as json tags, or a map.
//
//	type sale struct {
//		Area   string   `json:"area"`
//		Profit *float64 `json:"profit"` // nil for a null
//	}
//	sales, err := quickbi.Decode[sale](resp.Result.Values)
//
// A null becomes the zero value. A number is read from a text and a text from a
// number, as the service mixes them. A label without a field is skipped.
func Decode[T any](rows DataRows) ([]T, error) {
	values := make([]T, len(rows))
	for i, row := range rows {
		text, err := json.Marshal(map[string]any(row), json.WithMarshalers(exactNumbers))
		if err == nil {
			err = json.Unmarshal(text, &values[i], tolerantOptions())
		}
		if err != nil {
			return nil, fmt.Errorf("quickbi: row %d does not fit %T: %w", i, values[i], err)
		}
	}
	return values, nil
}

// DataResult is the answer of a data service.
type DataResult struct {
	Headers []DataHeader `json:"Headers"`
	Values  DataRows     `json:"Values"`
	SQL     string       `json:"Sql"` // the executed query, with the conditions of row-level and column-level permissions
}

// DataService is a query of a dataset that was published in the console.
type DataService struct {
	APIID         string             `json:"Sid"` // parameter ApiId of QueryData
	Name          string             `json:"Name"`
	Description   string             `json:"Desc"`
	WorkspaceID   string             `json:"WorkspaceId"`
	WorkspaceName string             `json:"WorkspaceName"`
	DatasetID     string             `json:"CubeId"`
	DatasetName   string             `json:"CubeName"`
	Content       DataServiceContent `json:"Content"`
	OwnerID       string             `json:"OwnerId"` // UserID
	OwnerName     string             `json:"OwnerName"`
	CreatorID     string             `json:"CreatorId"` // UserID
	CreatorName   string             `json:"CreatorName"`
	CreatedTime   TimeText           `json:"GmtCreate"`  // such as "2023-05-18 14:00:02.0"
	ModifierID    string             `json:"ModifierId"` // UserID
	ModifierName  string             `json:"ModifierName"`
	ModifiedTime  TimeText           `json:"GmtModified"`
}

// DataServiceContent is the query of a data service.
type DataServiceContent struct {
	DatasetID    string                   `json:"CubeId"`
	DatasetName  string                   `json:"CubeName"`
	Detail       bool                     `json:"Detail"` // returns single records, not aggregates
	Filter       DataServiceFilter        `json:"Filter"` // the request parameters
	ReturnFields []DataServiceReturnField `json:"ReturnFields"`
}

// DataFilterType is how the filters of a [DataServiceFilter] are combined.
type DataFilterType string

// The types of filters.
const (
	DataFilterBasic    DataFilterType = "basic"
	DataFilterCombined DataFilterType = "combined"
)

// DataLogicalOperator joins filters.
type DataLogicalOperator string

// The operators.
const (
	DataAnd DataLogicalOperator = "and"
	DataOr  DataLogicalOperator = "or"
)

// DataOrder is how rows are sorted by a field.
type DataOrder string

// The orders.
const (
	DataAscending  DataOrder = "asc"
	DataDescending DataOrder = "desc"
	DataUnordered  DataOrder = "no"
)

// DataServiceFilter are the request parameters of a data service.
type DataServiceFilter struct {
	Type            DataFilterType      `json:"Type"`
	LogicalOperator DataLogicalOperator `json:"LogicalOperator"` // between the filters
	// Filters are JSON objects with members that are not documented.
	Filters []stdjson.RawMessage `json:"Filters"`
}

// DataServiceReturnField is a field that a data service can return.
type DataServiceReturnField struct {
	Alias       string           `json:"Alias"` // name in [DataFields]
	Description string           `json:"Desc"`
	Aggregator  DataAggregator   `json:"Aggregator"` // of a measure
	OrderBy     DataOrder        `json:"Orderby"`
	Field       DataServiceField `json:"Field"`
}

// DataServiceField is the field of the dataset behind a [DataServiceReturnField].
type DataServiceField struct {
	FieldID     string          `json:"Fid"`     // id of the original field
	Name        string          `json:"Name"`    // unique in the dataset
	Caption     string          `json:"Caption"` // name that is shown
	Column      string          `json:"Column"`  // name in the table
	Kind        DataFieldKind   `json:"Type"`
	DataType    DataType        `json:"DataType"`
	Granularity DataGranularity `json:"Granularity"` // of dates and places
}

// QueryDataRequest are the parameters of [Client.QueryData].
type QueryDataRequest struct {
	APIID string `url:"ApiId" quickbi:"required"` // of the data service
	// UserID is the member whose row-level and column-level permissions apply.
	// LEFT OUT, IT IS THE OWNER OF THE ORGANIZATION, who may see everything.
	UserID       string         `url:"UserId,omitempty"`
	Conditions   DataConditions `url:"Conditions,omitempty"`
	ReturnFields DataFields     `url:"ReturnFields,omitempty"` // what leaving them out returns is not documented
}

// QueryData runs a data service, a query that was made in the console, and
// returns its rows.
//
// WITHOUT UserID IT RUNS WITH THE PERMISSIONS OF THE ORGANIZATION'S OWNER: the
// answer then holds what row-level and column-level permissions hide from others.
// Give the member who asks, always if somebody sees the rows.
//
// An attempt may take 60 seconds. One data service takes ten queries a second.
// Data services need the Professional Edition.
//
// Errors are not documented; those of its predecessor, [Client.QueryDataService], are.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydata
func (c *Client) QueryData(ctx context.Context, in *QueryDataRequest, opts ...CallOption) (*Response[DataResult], error) {
	return call[DataResult](ctx, c, read("QueryData").within(longTimeout), in, opts)
}

// QueryDataServiceRequest are the parameters of [Client.QueryDataService].
type QueryDataServiceRequest struct {
	APIID        string         `url:"ApiId" quickbi:"required"` // of the data service
	Conditions   DataConditions `url:"Conditions,omitempty"`
	ReturnFields DataFields     `url:"ReturnFields,omitempty"` // what leaving them out returns is not documented
}

// QueryDataService runs a data service like [Client.QueryData], but has no
// parameter for the member who asks. An attempt may take 60 seconds. One data
// service takes ten queries a second.
//
// Expect [ErrDataServiceNotFound], [ErrDataServiceNotPermitted],
// [ErrInvalidConditions] and [ErrMissingConditions], [ErrInvalidReturnFields] and
// [ErrRowLevelForbidden].
//
// Deprecated: use [Client.QueryData].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydataservice
func (c *Client) QueryDataService(ctx context.Context, in *QueryDataServiceRequest, opts ...CallOption) (*Response[DataResult], error) {
	return call[DataResult](ctx, c, read("QueryDataService").within(longTimeout), in, opts)
}

// QueryDataServiceListRequest are the parameters of [Client.QueryDataServiceList].
type QueryDataServiceListRequest struct {
	Name     string `url:"Name,omitempty"`                              // of a data service; whether a part is enough is not documented
	UserID   string `url:"UserId,omitempty"`                            // whether of the owner or of a reader is not documented
	PageNum  int    `url:"PageNo,omitempty" quickbi:"min=1"`            // default 1
	PageSize int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// QueryDataServiceList returns a page of the data services.
// [Client.QueryDataServiceListAll] walks through all pages.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydataservicelist
func (c *Client) QueryDataServiceList(ctx context.Context, in *QueryDataServiceListRequest, opts ...CallOption) (*Response[Page[DataService]], error) {
	return call[Page[DataService]](ctx, c, read("QueryDataServiceList"), in, opts)
}

// QueryDataServiceListAll returns the data services of all pages of
// [Client.QueryDataServiceList], 1000 a page by default.
func (c *Client) QueryDataServiceListAll(ctx context.Context, in *QueryDataServiceListRequest, opts ...CallOption) iter.Seq2[DataService, error] {
	return all[DataService](ctx, c, in, c.QueryDataServiceList, opts)
}
