package quickbi

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Text returns the whole text of the failure for people, with its [Error.Hint], in the
// language of [WithHintLanguage]. Texts of the service and the system stay as they
// are. [Error.Error] is always in English, for logs.
func (e *Error) Text() string {
	text := e.Error()
	if e.hintLanguage == HintChinese {
		text = e.chinese()
	}
	if hint := e.Hint(); hint != "" {
		text += "\n" + hint
	}
	return text
}

// Text returns the text of the problem for people, in the given language. [ParameterError.Error]
// is always in English, for logs.
func (e *ParameterError) Text(language HintLanguage) string {
	if language == HintChinese {
		return inChinese(e.Error())
	}
	return e.Error()
}

// inLanguage sets the language of an error that does not come from an attempt.
func (c *Client) inLanguage(err error) error {
	if e, ok := err.(*Error); ok && c != nil {
		e.hintLanguage = c.hintLanguage
	}
	return err
}

// chinese is Error in Chinese.
func (e *Error) chinese() string {
	parts := []string{e.Action}
	if e.Code != "" {
		parts = append(parts, oneLine(string(e.Code)))
		if class := chineseClasses[e.Code.Class()]; class != "" {
			parts = append(parts, class)
		}
	} else if class := chineseClasses[e.class]; class != "" {
		parts = append(parts, class)
	}
	if message := oneLine(e.Message); message != "" {
		if !e.said {
			message = inChinese(message)
		}
		parts = append(parts, message)
	}
	if e.cause != nil {
		text := e.cause.Error()
		if chain, ok := errors.AsType[*chainError](e.cause); ok {
			text = strings.Replace(text, chain.Error(), chain.chinese(), 1)
		}
		parts = append(parts, inChinese(oneLine(text)))
	}
	if e.Excerpt != "" {
		parts = append(parts, fmt.Sprintf("%q", e.Excerpt))
	}
	var notes []string
	if e.StatusCode != 0 {
		notes = append(notes, fmt.Sprintf("HTTP %d", e.StatusCode))
	}
	if e.RequestID != "" {
		notes = append(notes, "请求 ID "+oneLine(e.RequestID))
	}
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("共尝试 %d 次", e.Attempts))
	}
	if e.Is(ErrOutcomeUnknown) {
		notes = append(notes, "可能已经执行")
	}
	text := "quickbi：" + strings.Join(parts, "：")
	if len(notes) > 0 {
		text += "（" + strings.Join(notes, "，") + "）"
	}
	return text
}

// chineseClasses has every class.
var chineseClasses = map[ErrorClass]string{
	ErrNotFound:         "不存在",
	ErrAlreadyExists:    "已存在",
	ErrPermission:       "没有权限",
	ErrInvalidRequest:   "请求无效",
	ErrQuota:            "超出配额",
	ErrThrottled:        "被限流",
	ErrAuthentication:   "身份验证失败",
	ErrConflict:         "状态冲突",
	ErrUnavailable:      "服务暂不可用",
	ErrInternal:         "服务内部错误",
	ErrNotPerformed:     "没有执行",
	ErrRequestTooLong:   "请求过长",
	ErrResultUnreadable: "已执行，但结果无法读取",
	ErrInvalidResponse:  "应答无效",
	ErrResponseTooLarge: "应答过大",
	ErrListChanged:      "读取期间列表发生变化",
	ErrOutcomeUnknown:   "结果未知",
}

// inChinese translates the texts of this package. Other texts stay as they are: those
// of the system, of providers and limiters.
func inChinese(text string) string {
	for _, p := range compiledPhrases() {
		text = p.english.ReplaceAllString(text, p.chinese)
	}
	return text
}

type compiledPhrase struct {
	english *regexp.Regexp
	chinese string
}

// compiledPhrases begins with the longest one, so that a part of a phrase does not
// match before the whole.
var compiledPhrases = sync.OnceValue(func() []compiledPhrase {
	sorted := slices.SortedStableFunc(slices.Values(chinesePhrases[:]), func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	compiled := make([]compiledPhrase, len(sorted))
	for i, p := range sorted {
		compiled[i].english = regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(p[0]), "…", "(.*?)"))
		for n, piece := range strings.Split(p[1], "…") {
			if n > 0 {
				compiled[i].chinese += fmt.Sprintf("${%d}", n)
			}
			compiled[i].chinese += piece
		}
	}
	return compiled
})

// chinesePhrases are the texts of this package in English and Chinese. Each "…" stands
// for the text in between, in the same order.
var chinesePhrases = [...][2]string{
	// Parameters.
	{"parameter ", "参数 "},
	{" at index ", "，位置 "},
	{" changes nothing", " 没有任何修改"},
	{" has …, more than ", " 有 …，多于 "},
	{" has …, fewer than ", " 有 …，少于 "},
	{" characters", " 个字符"},
	{" elements", " 个元素"},
	{" has a comma in the element at index …, which would make two of it", " 的元素含有逗号（位置 …），会被拆成两个"},
	{" has a condition without operator", " 有一个条件缺少运算符"},
	{" has a condition without ", " 有一个条件缺少 "},
	{" has a line without … in ruleOriginConfigJson", " 的 ruleOriginConfigJson 有一行缺少 …"},
	{" has a time.Time at …; format it by the field's granularity", " 的 … 是 time.Time，请按字段的粒度格式化"},
	{" has an empty element", " 有空元素"},
	{" has an empty ruleContentJson", " 的 ruleContentJson 为空"},
	{" has an empty value for the operator …, which every text matches: nothing would be filtered", " 对运算符 … 给了空值，任何文本都匹配，等于没有筛选"},
	{" has no ", " 缺少 "},
	{" has both conditionNode and pathId: a rule has one of them", " 同时有 conditionNode 和 pathId：一条规则只能有其中之一"},
	{" has no condition", " 缺少条件"},
	{" has no line in ruleOriginConfigJson", " 的 ruleOriginConfigJson 没有任何一行"},
	{" has no name", " 缺少名称"},
	{" has no style", " 缺少样式"},
	{" has no value for the operator ", " 缺少值，运算符 "},
	{" has the name … again", " 重复使用了名称 …"},
	{" has … in ruleContentJson, which is not for ", " 的 ruleContentJson 中有 …，不适用于 "},
	{" has the ruleContentType …, which is not for ", " 的 ruleContentType 为 …，不适用于 "},
	{" has the …, which is not documented; it takes …, and others with CallUndocumented", " 含有 …，文档中没有该值；可用值为 …，其他值须使用 CallUndocumented"},
	{" has the … REDACTED, which is what a secret prints as: give the secret itself", " 的 … 为 REDACTED，这是 Secret 打印时的样子：请给出其真实内容"},
	{" has … values for the operator ", " 有 … 个值，运算符 "},
	{" is REDACTED, which is what a secret prints as: give the secret itself", " 为 REDACTED，这是 Secret 打印时的样子：请给出其真实内容"},
	{" is before StartDate", " 早于 StartDate"},
	{" is empty: nobody is added", " 为空：没有要添加的对象"},
	{" is empty: nobody is added or deleted", " 为空：没有要添加或删除的对象"},
	{" is for datasets and data sources only", " 仅适用于数据集和数据源"},
	{"not a JSON object", "不是 JSON 对象"},
	{" is not a JSON document: ", " 不是 JSON 文档："},
	{" is named by InBody, but it is not given", " 由 InBody 指定，但参数中没有它"},
	{" is set by the client itself", " 由客户端自行设置"},
	{" is required", " 必填"},
	{" is required to ", " 在以下操作中必填："},
	{" is required to share with a user or user group", " 在共享给用户或用户组时必填"},
	{" is required unless AuthPoints is 11", " 必填，除非 AuthPoints 为 11"},
	{" is required unless CubeIds or LlmCubeThemes is given", " 必填，除非已给出 CubeIds 或 LlmCubeThemes"},
	{" is required unless … is given", " 必填，除非已给出 …"},
	{" is required with AccountName", " 与 AccountName 一起时必填"},
	{" is required: nothing else says which agent is meant", " 必填：没有其他参数能指明是哪个智能体"},
	{" is … days before today, … in UTC+8, and the log goes back … days", " 在今天的 … 天之前（今天按 UTC+8 为 …），日志只保留 … 天"},
	{" is …, less than ", " 为 …，小于 "},
	{" is …, more than ", " 为 …，大于 "},
	{" is …, not a day such as ", " 为 …，不是有效的日期，格式例如 "},
	{" is …, not a moment such as ", " 为 …，不是有效的时间，格式例如 "},
	{" is …, which is not documented; it takes …, and others with CallUndocumented", " 为 …，文档中没有该值；可用值为 …，其他值须使用 CallUndocumented"},
	{" is …, which stands for the root", " 为 …，代表根节点"},
	{" is …, which this operation does not know; it knows …, and others with CallUndocumented", " 为 …，该操作不支持；支持 …，其他值须使用 CallUndocumented"},
	{" joins by …, which only … can", " 以 … 连接，但只支持 …"},
	{" lacks ", " 缺少 "},
	{" must be left out to QUERY, which changes nothing", " 在 QUERY 操作中不能使用：查询不作修改"},
	{" must be left out with MultipleCubeIds: which of them is asked is not documented", " 不能与 MultipleCubeIds 同时使用：文档未说明查询哪一个"},
	{" must be left out with …: whose rights apply is not documented", " 不能与 … 同时使用：文档未说明以谁的权限为准"},
	{" must be left out without AccountName", " 在没有 AccountName 时不能使用"},
	{" must have exactly one of allCube, allTheme, llmCubes and themes", " 必须且只能包含 allCube、allTheme、llmCubes、themes 之一"},
	{" names …, which is not documented; it takes …, and others with CallUndocumented", " 含有 …，文档中没有该值；可用值为 …，其他值须使用 CallUndocumented"},
	{" names neither users nor user groups", " 既没有用户也没有用户组"},
	{" names neither users nor user groups, which ruleTargetScope OTHERS needs", " 既没有用户也没有用户组，而 ruleTargetScope 为 OTHERS 时必须指定"},
	{" or another parameter is required: there is nothing to change", " 或其他参数至少填写一个：没有任何修改"},
	{" or … is required: there is nothing to change", " 和 … 至少填写一个：没有任何修改"},
	{" repeats the paramKey …: which one counts is not documented", " 重复了 paramKey …：文档未说明以哪个为准"},
	{" times what they may ask is …, more than ", " 乘以可提问的资源数为 …，大于 "},

	// Calls.
	{"CallHeader: the client itself sets ", "CallHeader：以下请求头由客户端决定："},
	{"CallHeader: the value of … holds a control character", "CallHeader：… 的值含有控制字符"},
	{"CallHeader: … is not the name of a header", "CallHeader：… 不是有效的请求头名称"},
	{"CallTimeout: not a positive duration", "CallTimeout：时长必须为正"},
	{"a field of RetryPolicy is negative", "RetryPolicy 有字段为负数"},
	{"an option is nil", "有一个选项为 nil"},
	{"the action is empty", "操作名为空"},
	{"the action is not the name of an operation: it holds characters other than letters and digits, or ends with a line break", "操作名无效：含有字母和数字以外的字符，或以换行结尾"},
	{"the client was not made with NewClient", "客户端不是由 NewClient 创建的"},
	{"the context is nil", "context 为 nil"},
	{"the result goes into a …, which is not a pointer to a variable", "结果变量的类型为 …，不是指向变量的指针"},

	// Credentials.
	{"getting a credential: ", "获取凭据："},
	{"signing: ", "签名："},
	{"waiting for the limiter: ", "等待限流器："},
	{" ends with a line break", " 以换行结尾"},
	{" holds a blank or a control character", " 含有空格或控制字符"},
	{"the access key id", "AccessKey ID"},
	{"the access key secret", "AccessKey Secret"},
	{"the STS token", "STS Token"},
	{"the bearer token", "Bearer Token"},
	{"the credential has an access key id without its secret", "凭据只有 AccessKey ID，缺少 Secret"},
	{"the credential has an access key secret without its id", "凭据只有 AccessKey Secret，缺少 ID"},
	{"the credential has neither an access key nor a bearer token", "凭据中既没有 AccessKey 也没有 Bearer Token"},
	{"the credentials provider did not return", "凭据提供者没有返回"},
	{"the provider gave none within ", "凭据提供者没有在以下时间内返回："},
	{"the provider returned nothing", "凭据提供者返回为空"},
	{"no credentials found in ", "以下位置均未找到凭据："},
	{"; to give some, set … and …, or use WithAccessKey", "；请设置 … 和 …，或使用 WithAccessKey"},
	{"the environment", "环境变量"},
	{"an OIDC role", "OIDC 角色"},
	{"the profile of the CLI", "CLI 配置"},
	{"the file of credentials", "凭据文件"},
	{"the RAM role of this machine", "本机的 RAM 角色"},
	{"a server of credentials", "凭据服务器"},
	{" is not set", " 未设置"},
	{" are not set", " 未设置"},
	{" is set", " 已设置"},
	{"there is no file ", "文件不存在："},
	{"there is no home directory", "没有主目录"},
	{"there is no metadata server", "没有元数据服务"},
	{"the metadata server knows no role", "元数据服务中没有角色"},

	// The way to the service.
	{"not sent: ", "没有发送："},
	{"a proxy is in the way", "被代理阻断"},
	{"connecting to ", "连接失败："},
	{"connecting to the proxy ", "连接代理失败："},
	{"looking up ", "域名解析失败："},
	{"net/http refuses a header", "net/http 拒绝了一个请求头"},
	{"TLS handshake with ", "TLS 握手失败："},
	{"the proxy … refused to connect to ", "代理 … 拒绝连接到 "},
	{"the proxy … did not connect to ", "代理 … 没有连接到 "},
	{"no answer within ", "没有在以下时间内收到应答："},
	{", the limit of an attempt", "（单次尝试的上限）"},
	{", the Timeout of the http.Client", "（http.Client 的 Timeout）"},
	{", the ResponseHeaderTimeout of the transport", "（Transport 的 ResponseHeaderTimeout）"},
	{"the ResponseHeaderTimeout of the transport", "Transport 的 ResponseHeaderTimeout"},
	{"the RoundTripper returned no response", "RoundTripper 没有返回应答"},
	{"context deadline exceeded", "已超过期限（context deadline exceeded）"},
	{"context canceled", "已取消（context canceled）"},

	// Answers.
	{"empty body", "应答正文为空"},
	{"its … objects take more than … times the memory of the answer", "其 … 个对象解码后占用的内存超过应答长度的 … 倍"},
	{"more than … bytes", "超过 … 字节"},
	{"more than … values", "超过 … 个值"},
	{"no list", "不是列表"},
	{"no member that the service documents", "没有文档所述的成员"},
	{"the answer is in …, not in UTF-8", "应答的字符集为 …，而不是 UTF-8"},
	{"the JSON does not fit at byte ", "JSON 与文档不符，位置 "},
	{"the JSON ends early, at byte ", "JSON 提前结束，位置 "},
	{"the JSON is broken at byte ", "JSON 损坏，位置 "},
	{"the Result is empty", "Result 为空"},
	{"the service answered that a part failed", "服务应答部分未成功"},
	{"the service answered that nothing succeeded", "服务应答全部未成功"},
	{" that the service does not name", " 个，服务未指明是哪些"},
	{"and … more", "另有 … 个"},
	{"the service answered Success: …", "服务应答 Success: …"},
	{"the service answered that it was not done", "服务应答未执行"},
	{"there is no Result", "没有 Result"},

	// Lists.
	{"it had … entries, and has … now: some may have been skipped", "原有 … 条，现为 … 条：可能有条目被跳过"},
	{"page … repeats the one before it: the service ignores the number of the page", "第 … 页与前一页相同：服务忽略了页码"},
	{"the list has … entries, and only … came", "列表有 … 条，但只返回了 … 条"},
	{"the list is truncated: only … entries came, and there is no way to ask for the rest", "列表不完整：只返回了 … 条，且无法获取其余条目"},
	{"the list is truncated: … of … entries came, and there is no way to ask for the rest", "列表不完整：只返回了 …/… 条，且无法获取其余条目"},
}
