package quickbi

import (
	"context"
	"net/url"
	"strconv"

	"github.com/quickbi-go/quickbi/internal/json"
)

// TicketAccountType is the type of the account in a request for a ticket.
type TicketAccountType int

// The types of accounts.
const (
	TicketAccountCloud      TicketAccountType = 1 // Alibaba Cloud account
	TicketAccountQuickBI    TicketAccountType = 3 // account of Quick BI itself
	TicketAccountDingTalk   TicketAccountType = 4
	TicketAccountRAM        TicketAccountType = 5 // RAM user
	TicketAccountThirdParty TicketAccountType = 6 // by SAML, OAuth and the like
	TicketAccountWeCom      TicketAccountType = 9
	TicketAccountFeishu     TicketAccountType = 10
)

// checkTicketAccount reports any way to name the user of a ticket but two: a user
// id, in the parameter named, or an account name with its type.
func checkTicketAccount(parameter, userID, name string, accountType TicketAccountType, problem func(parameter, text string)) {
	switch {
	case userID != "" && name != "":
		problem("AccountName", "must be left out with "+parameter+": whose rights apply is not documented")
	case name != "" && accountType == 0:
		problem("AccountType", "is required with AccountName")
	case name == "" && accountType != 0:
		problem("AccountType", "must be left out without AccountName")
	}
}

// TicketInfo describes a ticket.
type TicketInfo struct {
	AccessTicket   Secret                 `json:"AccessTicket"`
	WorksID        string                 `json:"WorksId"`
	ComponentID    string                 `json:"CmptId"` // "": the whole report
	UserID         string                 `json:"UserId"` // the user whose permissions apply
	OrganizationID string                 `json:"OrganizationId"`
	GlobalParam    Document[GlobalParams] `json:"GlobalParam"`
	WatermarkParam string                 `json:"WatermarkParam"`
	RegisterTime   TimeText               `json:"RegisterTime"`  // such as "2022-01-09 22:23:49"
	InvalidTime    TimeText               `json:"InvalidTime"`   // when it expires, in the same form
	MaxTicketNum   int                    `json:"MaxTicketNum"`  // number of uses in all
	UsedTicketNum  int                    `json:"UsedTicketNum"` // number of uses so far
}

// CopilotDataRange is the data that an embedded Smart Q answers from: all of a
// kind, or a list. For the service, all takes precedence over a list. To change a
// range from all to a list, set an explicit false:
//
//	quickbi.CopilotDataRange{AllLLMCubes: new(false), LLMCubeIDs: ids}
type CopilotDataRange struct {
	AllLLMCubes *bool    `json:"allCube,omitempty"`
	AllThemes   *bool    `json:"allTheme,omitempty"`
	LLMCubeIDs  []string `json:"llmCubes,omitempty"` // question resources
	ThemeIDs    []string `json:"themes,omitempty"`   // analysis themes

	original `json:"-"`
}

// UnmarshalJSON reads a range. Members without a field are sent as they came.
func (r *CopilotDataRange) UnmarshalJSON(text []byte) error {
	type plain CopilotDataRange
	came, err := readDocument(text, (*plain)(r))
	r.original = came.filter(*r, func(m *documentMember) bool { // ids are sent as numbers, however they came
		return !(m.name == "llmCubes" && r.LLMCubeIDs != nil || m.name == "themes" && r.ThemeIDs != nil)
	})
	return err
}

// EncodeValues writes the range as a parameter, with numeric ids as numbers, as the
// service documents them.
func (r CopilotDataRange) EncodeValues(key string, v *url.Values) error {
	type wire struct {
		AllLLMCubes *bool        `json:"allCube,omitempty"`
		AllThemes   *bool        `json:"allTheme,omitempty"`
		LLMCubeIDs  []json.Value `json:"llmCubes,omitempty"`
		ThemeIDs    []json.Value `json:"themes,omitempty"`
	}
	text, err := writeMembers(r, func(r CopilotDataRange) any {
		return wire{r.AllLLMCubes, r.AllThemes, numbers(r.LLMCubeIDs), numbers(r.ThemeIDs)}
	}, documentValues)
	return setJSON(key, v, text, err)
}

// numbers writes decimal numbers as JSON numbers, and other texts as strings.
func numbers(ids []string) []json.Value {
	values := make([]json.Value, len(ids))
	for i, id := range ids {
		if n, err := strconv.ParseUint(id, 10, 64); err == nil && strconv.FormatUint(n, 10) == id {
			values[i] = json.Value(id)
		} else {
			values[i], _ = json.AppendQuote(nil, id) // encodeJSON reports invalid UTF-8
		}
	}
	return values
}

// CopilotEmbedConfig is an embedded Smart Q.
type CopilotEmbedConfig struct {
	CopilotID   string                `json:"CopilotId"`
	ShowName    string                `json:"ShowName"` // name of the embedded module
	ModuleName  string                `json:"ModuleName"`
	AgentName   string                `json:"AgentName"` // nickname of the assistant
	DataRange   CopilotEmbedDataRange `json:"DataRange"`
	CreatorID   string                `json:"CreateUser"`     // UserID
	CreatorName string                `json:"CreateUserName"` // nickname
	ModifierID  string                `json:"ModifyUser"`     // UserID
}

// CopilotEmbedDataRange is the data that an embedded Smart Q answers from.
type CopilotEmbedDataRange struct {
	AllLLMCubes bool     `json:"AllCube"`
	AllThemes   bool     `json:"AllTheme"`
	LLMCubeIDs  []string `json:"LlmCubes"`
	ThemeIDs    []string `json:"Themes"`

	original `json:"-"`
}

// UnmarshalJSON reads a range, and keeps members without a field for Change.
func (r *CopilotEmbedDataRange) UnmarshalJSON(text []byte) (err error) {
	type plain CopilotEmbedDataRange
	r.original, err = readDocument(text, (*plain)(r))
	return err
}

// Change returns the range as a parameter, to change it and set it again.
func (r CopilotEmbedDataRange) Change() CopilotDataRange {
	return CopilotDataRange{
		AllLLMCubes: &r.AllLLMCubes, AllThemes: &r.AllThemes, LLMCubeIDs: r.LLMCubeIDs, ThemeIDs: r.ThemeIDs,
		original: r.asParameter(r),
	}
}

// CopilotRangeType is a part of a [CopilotDataRange].
type CopilotRangeType string

// The parts of a range.
const (
	CopilotRangeLLMCube CopilotRangeType = "llmCube"      // question resources
	CopilotRangeTheme   CopilotRangeType = "llmCubeTheme" // analysis themes
)

// CopilotRanges are the existing question resources or analysis themes.
type CopilotRanges struct {
	LLMCubes []LLMCube      `json:"ApiCopilotLlmCubeModels"`
	Themes   []CopilotTheme `json:"ApiCopilotThemeModels"`
}

// LLMCube is a question resource: a dataset prepared for questions.
type LLMCube struct {
	LLMCubeID   string `json:"LlmCubeId"`
	Alias       string `json:"Alias"`
	CreatorName string `json:"CreateUser"` // nickname
}

// CopilotTheme is an analysis theme.
type CopilotTheme struct {
	ThemeID     string    `json:"ThemeId"`
	ThemeName   string    `json:"ThemeName"`
	CreatorName string    `json:"CreateUser"` // nickname
	LLMCubes    []LLMCube `json:"ApiCopilotLlmCubeModels"`
}

// AIProEmbedConfig is an embedded AiPro agent. The meaning of its numbers and the
// form of its Config are not documented.
type AIProEmbedConfig struct {
	AIProID           string `json:"AiProId"`
	ShowName          string `json:"ShowName"`
	AgentName         string `json:"AgentName"` // nickname of the agent
	Config            string `json:"Config"`
	Status            int    `json:"Status"`
	ChatHistoryStatus int    `json:"ChatHistoryStatus"`
	MemoryEnabled     int    `json:"MemoryEnabled"`
	UploadEnabled     int    `json:"UploadEnabled"`
}

// CreateTicketRequest are the parameters of [Client.CreateTicket].
//
// WITHOUT UserID AND AccountName, THE PERMISSIONS OF THE REPORT'S OWNER APPLY:
// row-level and column-level permissions then do not limit what the viewer sees.
type CreateTicketRequest struct {
	// WorksID is a published report with embedding switched on: a dashboard,
	// spreadsheet, data screen, self-service retrieval, ad hoc analysis or data form.
	WorksID string `url:"WorksId" quickbi:"required"`
	// UserID is the member whose permissions apply: Quick BI's id, not the UID of the
	// cloud account. Left out, it is the owner of the report.
	UserID string `url:"UserId,omitempty"`
	// ComponentID shows one component instead of the whole report; dashboards only.
	ComponentID string `url:"CmptId,omitempty"`
	// TicketNum is the number of times that the ticket can be used, 1 to 99999. The
	// default, and the documentation's advice, is 1.
	TicketNum int `url:"TicketNum,omitempty" quickbi:"min=1,max=99999"`
	// ExpireTime is the number of minutes until the ticket expires, 1 to 240; default 240.
	ExpireTime int `url:"ExpireTime,omitempty" quickbi:"min=1,max=240"`
	// GlobalParam sets global parameters of the report. The organization must be entitled to them.
	GlobalParam GlobalParams `url:"GlobalParam,omitempty" quickbi:"body"`
	// WatermarkParam is the text of a watermark, 50 characters at most; not for data screens.
	WatermarkParam string `url:"WatermarkParam,omitempty" quickbi:"max=50"`

	// AccountName names the account instead of UserID, "main:sub" for a RAM user.
	//
	// Deprecated: give UserID; see [Client.QueryUserInfoByAccount].
	AccountName string `url:"AccountName,omitempty"`
	// AccountType is required with AccountName.
	//
	// Deprecated: give UserID.
	AccountType TicketAccountType `url:"AccountType,omitempty" quickbi:"oneof=1 3 4 5 9 10"`
}

func (r *CreateTicketRequest) check(problem func(parameter, text string)) {
	checkTicketAccount("UserId", r.UserID, r.AccountName, r.AccountType, problem)
	r.GlobalParam.check("GlobalParam", problem)
}

// CreateTicket makes a ticket that shows one report in a page of your own,
// without a login. The result is the ticket: whoever has it can open the report.
// It prints as REDACTED; [Secret.Reveal] returns it, for the URL. Make one for
// every URL and viewer.
//
// WITHOUT UserID AND AccountName, THE PERMISSIONS OF THE REPORT'S OWNER APPLY, for
// everybody who gets the ticket.
//
// Older tickets stay valid until they are used up, expire or are deleted.
//
// Expect [ErrReportNotEmbeddable] for a report with embedding switched off (see
// [Client.UpdateEmbeddedStatus]), [ErrReportNotFound] and [ErrDashboardNotFound],
// [ErrAPIUserNotFound] for an unknown UserID as well as for a caller outside the
// organization, [ErrGlobalParamRestricted], and [ErrScreenWatermarkUnsupported].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createticket
func (c *Client) CreateTicket(ctx context.Context, in *CreateTicketRequest, opts ...CallOption) (*Response[Secret], error) {
	return call[Secret](ctx, c, write("CreateTicket"), in, opts)
}

// CreateTicket4AiProRequest are the parameters of [Client.CreateTicket4AiPro].
// The documentation gives their names and types only. Whose permissions apply
// without UserID and AccountName is not documented: give one of them.
type CreateTicket4AiProRequest struct {
	AIProID string `url:"AiProId" quickbi:"required"` // of the agent; see QueryAiproEmbedConfig
	// UserID is the member whose permissions apply: Quick BI's id, not the UID of the cloud account.
	UserID string `url:"QuickBIUserId,omitempty"`
	// AccountName names the account instead of UserID; give only one of them.
	AccountName string            `url:"AccountName,omitempty"`
	AccountType TicketAccountType `url:"AccountType,omitempty"`                // required with AccountName
	TicketNum   int               `url:"TicketNum,omitempty" quickbi:"min=1"`  // number of times that the ticket can be used; limits are not documented
	ExpireTime  int               `url:"ExpireTime,omitempty" quickbi:"min=1"` // until the ticket expires; unit and limits are not documented
	SystemUID   string            `url:"SystemUid,omitempty"`                  // its meaning is not documented
	CustomParam string            `url:"CustomParam,omitempty"`                // its form is not documented
}

func (in *CreateTicket4AiProRequest) check(problem func(parameter, text string)) {
	checkTicketAccount("QuickBIUserId", in.UserID, in.AccountName, in.AccountType, problem)
}

// CreateTicket4AiPro makes a ticket that shows an AiPro agent in a page of your
// own, without a login. The result is the ticket. It prints as REDACTED;
// [Secret.Reveal] returns it, for the URL. Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createticket4aipro
func (c *Client) CreateTicket4AiPro(ctx context.Context, in *CreateTicket4AiProRequest, opts ...CallOption) (*Response[Secret], error) {
	return call[Secret](ctx, c, write("CreateTicket4AiPro"), in, opts)
}

// CreateTicket4CopilotRequest are the parameters of [Client.CreateTicket4Copilot].
//
// WITHOUT UserID AND AccountName, THE PERMISSIONS OF THE API'S CALLER APPLY, who
// mostly is an administrator.
type CreateTicket4CopilotRequest struct {
	CopilotID string `url:"CopilotId" quickbi:"required"` // of the embedded module; see QueryCopilotEmbedConfig
	// UserID is the member whose permissions apply: Quick BI's id, not the UID of the
	// cloud account. Left out, it is the caller of the API.
	UserID string `url:"UserId,omitempty"`
	// AccountName names the account instead of UserID; give only one of them.
	AccountName string            `url:"AccountName,omitempty"`
	AccountType TicketAccountType `url:"AccountType,omitempty" quickbi:"oneof=1 3 4 5 6 9 10"` // required with AccountName
	// TicketNum is the number of times that the ticket can be used, 1 to 99999. The
	// default, and the documentation's advice, is 1.
	TicketNum int `url:"TicketNum,omitempty" quickbi:"min=1,max=99999"`
	// ExpireTime is the number of minutes until the ticket expires, 1 to 240; default 240.
	ExpireTime int `url:"ExpireTime,omitempty" quickbi:"min=1,max=240"`
}

func (r *CreateTicket4CopilotRequest) check(problem func(parameter, text string)) {
	checkTicketAccount("UserId", r.UserID, r.AccountName, r.AccountType, problem)
}

// CreateTicket4Copilot makes a ticket that shows Smart Q in a page of your own,
// without a login. The result is the ticket. It prints as REDACTED;
// [Secret.Reveal] returns it, for the URL.
//
// WITHOUT UserID AND AccountName, THE PERMISSIONS OF THE API'S CALLER APPLY, who
// mostly is an administrator.
//
// Expect [ErrCopilotEmbedNotFound], [ErrUserNotInOrganization] and [ErrAPIUserNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createticket4copilot
func (c *Client) CreateTicket4Copilot(ctx context.Context, in *CreateTicket4CopilotRequest, opts ...CallOption) (*Response[Secret], error) {
	return call[Secret](ctx, c, write("CreateTicket4Copilot"), in, opts)
}

// DelayTicketExpireTimeRequest are the parameters of [Client.DelayTicketExpireTime].
type DelayTicketExpireTimeRequest struct {
	Ticket     Secret `url:"Ticket" quickbi:"required"`
	ExpireTime *int   `url:"ExpireTime" quickbi:"required,min=0,max=240"` // number of minutes to add: 0 to 240
}

// DelayTicketExpireTime makes a ticket expire later. An expired ticket cannot be
// prolonged.
//
// Expect [ErrTicketNotFound], [ErrTicketExpired] and [ErrTicketUsedUp].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-delayticketexpiretime
func (c *Client) DelayTicketExpireTime(ctx context.Context, in *DelayTicketExpireTimeRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DelayTicketExpireTime"), in, opts)
}

// DeleteTicketRequest are the parameters of [Client.DeleteTicket].
type DeleteTicketRequest struct {
	Ticket Secret `url:"Ticket" quickbi:"required"`
}

// DeleteTicket invalidates a ticket before it is used up or expires. It cannot be
// undone.
//
// Expect [ErrTicketNotFound] and [ErrTicketExpired].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteticket
func (c *Client) DeleteTicket(ctx context.Context, in *DeleteTicketRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteTicket"), in, opts)
}

// ModifyAiproEmbedConfigRequest are the parameters of
// [Client.ModifyAiproEmbedConfig]. Fields that are nil stay as they are. The
// documentation gives names and types only.
type ModifyAiproEmbedConfigRequest struct {
	AIProID           string  `url:"AiProId,omitempty"` // of the agent; this package requires it
	ShowName          *string `url:"ShowName,omitempty"`
	AgentName         *string `url:"AgentName,omitempty"` // nickname of the agent
	Config            *string `url:"Config,omitempty"`    // its form is not documented
	ChatHistoryStatus *int    `url:"ChatHistoryStatus,omitempty"`
	MemoryEnabled     *int    `url:"MemoryEnabled,omitempty"`
	UploadEnabled     *int    `url:"UploadEnabled,omitempty"`
}

func (in *ModifyAiproEmbedConfigRequest) check(problem func(parameter, text string)) {
	if in.AIProID == "" {
		problem("AiProId", "is required: nothing else says which agent is meant")
	} else if in.ShowName == nil && in.AgentName == nil && in.Config == nil &&
		in.ChatHistoryStatus == nil && in.MemoryEnabled == nil && in.UploadEnabled == nil {
		problem("ShowName", "or another parameter is required: there is nothing to change")
	}
}

// ModifyAiproEmbedConfig changes an embedded AiPro agent. Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-modifyaiproembedconfig
func (c *Client) ModifyAiproEmbedConfig(ctx context.Context, in *ModifyAiproEmbedConfigRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("ModifyAiproEmbedConfig"), in, opts)
}

// ModifyCopilotEmbedConfigRequest are the parameters of
// [Client.ModifyCopilotEmbedConfig]. Fields that are nil stay as they are.
type ModifyCopilotEmbedConfigRequest struct {
	CopilotID  string            `url:"CopilotId" quickbi:"required"`
	AgentName  *string           `url:"AgentName,omitempty"` // nickname of the assistant
	ModuleName *string           `url:"ModuleName,omitempty"`
	DataRange  *CopilotDataRange `url:"DataRange,omitempty"` // data that it answers from
}

func (r *ModifyCopilotEmbedConfigRequest) check(problem func(parameter, text string)) {
	if r.DataRange == nil {
		if r.CopilotID != "" && r.AgentName == nil && r.ModuleName == nil {
			problem("DataRange", "or another parameter is required: there is nothing to change")
		}
		return
	}
	given := 0
	for _, is := range [...]bool{
		r.DataRange.AllLLMCubes != nil && *r.DataRange.AllLLMCubes, r.DataRange.AllThemes != nil && *r.DataRange.AllThemes,
		len(r.DataRange.LLMCubeIDs) > 0, len(r.DataRange.ThemeIDs) > 0,
	} {
		if is {
			given++
		}
	}
	if given != 1 { // the service would silently ignore the others
		problem("DataRange", "must have exactly one of allCube, allTheme, llmCubes and themes")
	}
}

// ModifyCopilotEmbedConfig changes an embedded Smart Q: its names, and the data that
// it answers from. Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-modifycopilotembedconfig
func (c *Client) ModifyCopilotEmbedConfig(ctx context.Context, in *ModifyCopilotEmbedConfigRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("ModifyCopilotEmbedConfig"), in, opts)
}

// QueryAiproEmbedConfigRequest are the parameters of [Client.QueryAiproEmbedConfig].
type QueryAiproEmbedConfigRequest struct {
	Keyword string `url:"Keyword,omitempty"` // its meaning is not documented
}

// QueryAiproEmbedConfig returns the embedded AiPro agents. Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryaiproembedconfig
func (c *Client) QueryAiproEmbedConfig(ctx context.Context, in *QueryAiproEmbedConfigRequest, opts ...CallOption) (*Response[[]AIProEmbedConfig], error) {
	return call[[]AIProEmbedConfig](ctx, c, read("QueryAiproEmbedConfig"), in, opts)
}

// QueryCopilotEmbedConfigRequest are the parameters of [Client.QueryCopilotEmbedConfig].
type QueryCopilotEmbedConfigRequest struct {
	Keyword string `url:"Keyword,omitempty"` // part of the name of a module
}

// QueryCopilotEmbedConfig returns the embedded Smart Q modules. Errors are not
// documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querycopilotembedconfig
func (c *Client) QueryCopilotEmbedConfig(ctx context.Context, in *QueryCopilotEmbedConfigRequest, opts ...CallOption) (*Response[[]CopilotEmbedConfig], error) {
	return call[[]CopilotEmbedConfig](ctx, c, read("QueryCopilotEmbedConfig"), in, opts)
}

// QueryDataRangeRequest are the parameters of [Client.QueryDataRange].
type QueryDataRangeRequest struct {
	Type    CopilotRangeType `url:"Type" quickbi:"required,oneof=llmCube llmCubeTheme"`
	Keyword string           `url:"Keyword,omitempty"` // part of a name
}

// QueryDataRange returns the question resources or the analysis themes that an
// embedded Smart Q can answer from. Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydatarange
func (c *Client) QueryDataRange(ctx context.Context, in *QueryDataRangeRequest, opts ...CallOption) (*Response[CopilotRanges], error) {
	return call[CopilotRanges](ctx, c, read("QueryDataRange"), in, opts)
}

// QueryTicketInfoRequest are the parameters of [Client.QueryTicketInfo].
type QueryTicketInfoRequest struct {
	Ticket Secret `url:"Ticket" quickbi:"required"`
}

// QueryTicketInfo returns the details of a ticket that has not expired.
//
// Expect [ErrTicketNotFound], [ErrTicketExpired] and [ErrTicketUsedUp].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryticketinfo
func (c *Client) QueryTicketInfo(ctx context.Context, in *QueryTicketInfoRequest, opts ...CallOption) (*Response[TicketInfo], error) {
	return call[TicketInfo](ctx, c, read("QueryTicketInfo"), in, opts)
}

// UpdateTicketNumRequest are the parameters of [Client.UpdateTicketNum].
type UpdateTicketNumRequest struct {
	Ticket    Secret `url:"Ticket" quickbi:"required"`
	TicketNum int    `url:"TicketNum" quickbi:"required,min=1,max=99998"` // 1 to 99998; the documentation advises 1
}

// UpdateTicketNum changes the number of times that a ticket can be used.
//
// Expect [ErrTicketNotFound], [ErrTicketExpired], [ErrTicketUsedUp] and [ErrTicketCountInvalid].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateticketnum
func (c *Client) UpdateTicketNum(ctx context.Context, in *UpdateTicketNumRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateTicketNum"), in, opts)
}
