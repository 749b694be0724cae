package quickbi

import (
	"fmt"
	"strings"
)

// Text returns the whole text of the failure for a person, with its [Error.Hint],
// in the language of [WithHintLanguage]. What the service and the system said stays
// as they said it. [Error.Error] is always in English, for logs.
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

// inLanguage gives the error of a call that was not sent the language of c.
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
	if e.Message != "" {
		parts = append(parts, inChinese(oneLine(e.Message)))
	}
	if e.cause != nil {
		parts = append(parts, inChinese(oneLine(e.cause.Error())))
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

// inChinese puts the phrases of this package into Chinese. What it does not know
// stays as it is: texts of the service, of the system, and of checks that are
// those of a single operation.
func inChinese(text string) string { return chinesePhrases.Replace(text) }

var chinesePhrases = strings.NewReplacer(
	"parameter ", "参数 ",
	" is required", " 必填",
	", more than ", "，大于 ",
	", less than ", "，小于 ",
	", fewer than ", "，少于 ",
	" characters", " 个字符",
	" elements", " 个元素",
	" has an empty element at index ", " 有空元素，位置 ",
	"no answer within ", "没有在以下时间内收到应答：",
	", the limit of an attempt", "（单次尝试的上限）",
	", the Timeout of the http.Client", "（http.Client 的 Timeout）",
	"not sent: ", "没有发送：",
	"TLS handshake with ", "TLS 握手失败：",
	"connecting to the proxy ", "连接代理失败：",
	"connecting to ", "连接失败：",
	"looking up ", "域名解析失败：",
	"refused to connect to", "拒绝连接到",
	"did not connect to", "没有连接到",
	"the proxy ", "代理 ",
	"getting a credential", "获取凭证",
	"waiting for the limiter", "等待限流器",
	"signing: ", "签名：",
	"the service answered that it was not done", "服务应答未执行",
	"there is no Result", "没有 Result",
	"the Result is empty", "Result 为空",
	"empty body", "应答正文为空",
	"not JSON", "不是 JSON",
	"the answer is in ", "应答的字符集为 ",
	", not in UTF-8", "，而不是 UTF-8",
	"the JSON ends early, at byte ", "JSON 提前结束，位置 ",
	"the JSON is broken at byte ", "JSON 损坏，位置 ",
	"the JSON does not fit at byte ", "JSON 与文档不符，位置 ",
	"context deadline exceeded", "已超过期限（context deadline exceeded）",
	"context canceled", "已取消（context canceled）",
)
