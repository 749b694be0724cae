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
// granularity of the field. Quarters are [DataQuarter]; weeks are a year and a
// number, "2019-52", whose counting is not documented.
const (
	DataYear   = "2006"     // 2019
	DataMonth  = "200601"   // 201901
	DataDay    = "20060102" // 20190101
	DataHour   = "15:00:00" // 14:00:00
	DataMinute = "15:04:00" // 14:12:00
	DataSecond = "15:04:05" // 14:34:34
)

// DataQuarter returns the quarter that t is in, in its own zone, as
// [DataConditions] want it: 2019Q1.
func DataQuarter(t time.Time) string {
	return fmt.Sprintf("%04dQ%d", t.Year(), (t.Month()+2)/3)
}

// DataConditions are the values of the request parameters of a data service, by
// their names: texts, numbers, truth values; lists where the parameter is
// declared as an enumeration; dates as texts (see [DataYear] and the others).
//
//	quickbi.DataConditions{"area": []string{"华东", "华北"}, "shopping_date": day.Format(quickbi.DataDay)}
type DataConditions map[string]any

// EncodeValues writes the conditions as a JSON object. It refuses a time.Time,
// whose JSON is not what the service takes.
func (c DataConditions) EncodeValues(key string, v *url.Values) error {
	for name, value := range c {
		switch value.(type) {
		case time.Time, *time.Time, []time.Time:
			return &ParameterError{Parameter: key, Problem: "has a time.Time at " + name + "; format it by the field's granularity"}
		}
	}
	return encodeJSON(key, map[string]any(c), v)
}

// DataFields are the names of the fields that a data service shall return.
type DataFields []string

// EncodeValues writes the names as a JSON array.
func (f DataFields) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, []string(f), v)
}

// DataAggregator is how the values of a measure are put together.
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

// DataGranularity is how fine a date or a place is.
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

// DataType is the type of the values of a field, of a dataset or of a data service.
// Answers keep the spelling that they came with: compare them with [DataType.Is].
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

// Is reports whether t and other are the same type, however they are spelt.
func (t DataType) Is(other DataType) bool { return t.folded() == other.folded() }

func (t DataType) folded() string {
	lower := strings.ToLower(string(t))
	if lower == "geographical" {
		return string(DataTypeGeographic)
	}
	return lower
}

// DataFieldKind tells dimensions from measures. The service also writes
// "dimension" and, from QueryDataService, "StandardDimension".
type DataFieldKind string

// The kinds of fields.
const (
	DataDimension DataFieldKind = "Dimension"
	DataMeasure   DataFieldKind = "Measure"
)

// IsMeasure reports whether the field is a measure, however it is spelt.
func (k DataFieldKind) IsMeasure() bool {
	return strings.Contains(strings.ToLower(string(k)), "measure")
}

// IsDimension reports whether the field is a dimension, however it is spelt.
func (k DataFieldKind) IsDimension() bool {
	return strings.Contains(strings.ToLower(string(k)), "dimension")
}

// DataHeader describes a column of a [DataResult].
type DataHeader struct {
	Label          string          `json:"Label"`          // the key of its values in a [DataRow]
	Column         string          `json:"Column"`         // in the table
	OriginalColumn string          `json:"OriginalColumn"` // in the dataset; not from QueryDataService
	Kind           DataFieldKind   `json:"Type"`
	DataType       DataType        `json:"DataType"`
	Granularity    DataGranularity `json:"Granularity"` // of dates and places
	Aggregator     DataAggregator  `json:"Aggregator"`  // of measures
}

// DataRow is a row of data: values by the labels of the [DataHeader]s. Numbers
// are a json.Number of encoding/json, so that no digit of a long one is lost:
//
//	profit, err := row["profit"].(json.Number).Float64()
type DataRow map[string]any

// DataRows are the rows of a [DataResult].
type DataRows []DataRow

// UnmarshalJSON keeps numbers exact. Rows that are wrapped in a second array,
// as an example of the service shows them, are taken, too.
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

// decodeExact decodes text into target, and numbers that land in an any as json.Number.
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

// Decode returns rows as values of type T: a struct whose json tags are the labels
// of the columns, or a map.
//
//	type sale struct {
//		Area   string   `json:"area"`
//		Profit *float64 `json:"profit"` // nil for a null
//	}
//	sales, err := quickbi.Decode[sale](resp.Result.Values)
//
// A null is the zero value. Numbers and texts are read from each other, as the
// service mixes them. A label without a field is passed over.
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

// DataResult is what a data service answers.
type DataResult struct {
	Headers []DataHeader `json:"Headers"`
	Values  DataRows     `json:"Values"`
	SQL     string       `json:"Sql"` // as executed, with the conditions of row-level and column-level rights
}

// DataService is a query on a dataset that was published in the console.
type DataService struct {
	APIID         string             `json:"Sid"` // what QueryData calls ApiId
	Name          string             `json:"Name"`
	Description   string             `json:"Desc"`
	WorkspaceID   string             `json:"WorkspaceId"`
	WorkspaceName string             `json:"WorkspaceName"`
	DatasetID     string             `json:"CubeId"`   // the dataset
	DatasetName   string             `json:"CubeName"` // the dataset's name
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
	DatasetID    string                   `json:"CubeId"`   // the dataset
	DatasetName  string                   `json:"CubeName"` // the dataset's name
	Detail       bool                     `json:"Detail"`   // returns single records, not sums
	Filter       DataServiceFilter        `json:"Filter"`   // the request parameters
	ReturnFields []DataServiceReturnField `json:"ReturnFields"`
}

// DataFilterType says how the filters of a [DataServiceFilter] are put together.
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
	// Filters are what is combined: JSON objects, whose members are not documented.
	Filters []stdjson.RawMessage `json:"Filters"`
}

// DataServiceReturnField is a field that a data service can return.
type DataServiceReturnField struct {
	Alias       string           `json:"Alias"` // the name to ask for in [DataFields]
	Description string           `json:"Desc"`
	Aggregator  DataAggregator   `json:"Aggregator"` // of a measure
	OrderBy     DataOrder        `json:"Orderby"`
	Field       DataServiceField `json:"Field"`
}

// DataServiceField is the field of the dataset behind a [DataServiceReturnField].
type DataServiceField struct {
	FieldID     string          `json:"Fid"`     // of the original field
	Name        string          `json:"Name"`    // unique in the dataset
	Caption     string          `json:"Caption"` // as shown
	Column      string          `json:"Column"`  // in the table
	Kind        DataFieldKind   `json:"Type"`
	DataType    DataType        `json:"DataType"`
	Granularity DataGranularity `json:"Granularity"` // of dates and places
}

// QueryDataRequest are the parameters of [Client.QueryData].
type QueryDataRequest struct {
	APIID string `url:"ApiId" quickbi:"required"` // of the data service
	// UserID is the user with whose row-level and column-level rights the data
	// are read. LEFT OUT, IT IS THE OWNER OF THE ORGANIZATION, who may see everything.
	UserID       string         `url:"UserId,omitempty"`
	Conditions   DataConditions `url:"Conditions,omitempty"`
	ReturnFields DataFields     `url:"ReturnFields,omitempty"`
}

// QueryData runs a data service, a query that was made in the console, and
// returns its rows.
//
// WITHOUT A UserID IT RUNS WITH THE RIGHTS OF THE ORGANIZATION'S OWNER, and what
// row-level and column-level permissions hide from others is in the answer. Give
// the user for whom you ask, always when the rows are shown to somebody.
//
// An attempt may take 60 seconds. One data service takes ten queries a second.
// Data services need the Professional Edition.
//
// Expect [ErrDataServiceNotFound], [ErrDataServiceNotPermitted],
// [ErrInvalidConditions] and [ErrMissingConditions], [ErrInvalidReturnFields] and
// [ErrRowLevelForbidden].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydata
func (c *Client) QueryData(ctx context.Context, in *QueryDataRequest, opts ...CallOption) (*Response[DataResult], error) {
	return call[DataResult](ctx, c, read("QueryData").within(longTimeout), in, opts)
}

// QueryDataServiceRequest are the parameters of [Client.QueryDataService].
type QueryDataServiceRequest struct {
	APIID        string         `url:"ApiId" quickbi:"required"` // of the data service
	Conditions   DataConditions `url:"Conditions,omitempty"`
	ReturnFields DataFields     `url:"ReturnFields,omitempty"`
}

// QueryDataService runs a data service like [Client.QueryData], but cannot be
// told for whom. An attempt may take 60 seconds, and one data service takes ten
// queries a second.
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
	Name     string `url:"Name,omitempty"`                              // of a data service
	UserID   string `url:"UserId,omitempty"`                            // whether as owner or as reader is not documented
	PageNum  int    `url:"PageNo,omitempty" quickbi:"min=1"`            // default 1
	PageSize int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// QueryDataServiceList returns a page of the data services.
// [Client.QueryDataServiceListAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydataservicelist
func (c *Client) QueryDataServiceList(ctx context.Context, in *QueryDataServiceListRequest, opts ...CallOption) (*Response[Page[DataService]], error) {
	return call[Page[DataService]](ctx, c, read("QueryDataServiceList"), in, opts)
}

// QueryDataServiceListAll returns the data services of all pages of
// [Client.QueryDataServiceList], 1000 a page unless in says otherwise.
func (c *Client) QueryDataServiceListAll(ctx context.Context, in *QueryDataServiceListRequest, opts ...CallOption) iter.Seq2[DataService, error] {
	return all[DataService](ctx, in, c.QueryDataServiceList, opts)
}
