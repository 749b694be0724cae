package main

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The packages that the command is made of speak to those who write Go: their texts
// name options of the client and fields of structs. inFlags says the same to those who
// use the command. A test keeps the tables complete.

// optionFlags are the flags that set an option of the client.
var optionFlags = map[string]string{
	"WithEndpoint":  "-endpoint",
	"WithRegion":    "-region",
	"WithRateLimit": "-rate",
}

// fieldFlags are the flags that set a field of a Syncer, an Offboarder, an Exporter, an
// Embedder and its Page, or an LDAP source.
var fieldFlags = map[string]string{
	"AddMembersAs": "-add", "AppendAccount": "-append-account", "Deactivate": "-deactivate", "DeleteAfter": "-delete-after",
	"DeleteMembers": "-delete", "LeaveWorkspaces": "-leave-workspace", "MaxAdd": "-max-add", "MaxAge": "-max-age",
	"MaxDelete": "-max-delete", "MaxDeleteCount": "-max-delete-count", "MaxRemove": "-max-remove",
	"MaxRemoveCount": "-max-remove-count", "MaxRemovePerGroup": "-max-remove-per-group", "Reports": "-reports",
	"Successor": "-successor", "UpdateWorkspaces": "-update-workspaces", "Within": "-within",

	"GiveUpWorks": "-give-up-works", "KeepSmartQ": "-keep-smartq", "MaxLeavers": "-max",

	"From": "-from", "To": "-to",

	"BaseURL": "-base", "ComponentID": "-component", "Kind": "-kind", "Lifetime": "-lifetime", "PreviewURL": "-preview",
	"Region": "-region", "Uses": "-uses", "Watermark": "-watermark",
	"WorksID": "the id of the work", // which is an argument

	"Base": "-base", "BindDN": "-bind-dn", "Filter": "-filter", "GroupBase": "-group-base", "GroupFilter": "-group-filter",
	"GroupKey": "-group-key", "Tree": "-group-tree",
}

// keyVariables are what a user of the command sets in place of WithAccessKey.
const keyVariables = "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"

// saidInstead has what says nothing to those who do not write Go, and what the command
// says instead.
var saidInstead = strings.NewReplacer(
	", and others with CallUndocumented", "",
	"，其他值须使用 CallUndocumented", "",
	", or use WithAccessKey", "",
	"，或使用 WithAccessKey", "",
	"give a key with WithAccessKey, ", "set "+keyVariables+", ",
	"or let WithDefaultCredentials look for one in environment, files and roles of this machine", "or keep a key in the files or roles of this machine",
	"WithDefaultCredentials takes the first that the default chain finds (environment, OIDC role, configuration files, RAM role of the machine); WithAccessKey, WithSTSToken and WithCredential give another.",
	"it is the first of environment, OIDC role, configuration files and RAM role of the machine, and quickbi doctor shows it. To use another, set "+keyVariables+".",
	"WithDefaultCredentials 取默认凭据链中最先找到的（环境变量、OIDC 角色、配置文件、机器的 RAM 角色）；可用 WithAccessKey、WithSTSToken 或 WithCredential 指定其他凭据。",
	"取环境变量、OIDC 角色、配置文件、机器的 RAM 角色中最先找到的，quickbi doctor 会显示；如需使用其他凭据，请设置 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET。",
	"A token given by WithSTSToken cannot be renewed: in a program that runs longer, use a provider that renews it (WithCredential).",
	"A token in ALIBABA_CLOUD_SECURITY_TOKEN is not renewed: set a new token, with the key that belongs to it.",
	"通过 WithSTSToken 传入的 Token 到期即失效；长期运行的程序请使用能自动续期的凭据提供者（WithCredential）。",
	"ALIBABA_CLOUD_SECURITY_TOKEN 中的 Token 到期即失效：请设置新的 Token 及其对应的密钥。",
	"give all three parts, with WithSTSToken or ALIBABA_CLOUD_SECURITY_TOKEN.",
	"set ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN.",
	"请用 WithSTSToken 或环境变量 ALIBABA_CLOUD_SECURITY_TOKEN 提供完整的三部分。",
	"请设置 ALIBABA_CLOUD_ACCESS_KEY_ID、ALIBABA_CLOUD_ACCESS_KEY_SECRET 和 ALIBABA_CLOUD_SECURITY_TOKEN。",
	"use https, or allow it with WithInsecureHTTP", "use https",
	"The transport takes it from HTTPS_PROXY, HTTP_PROXY and NO_PROXY unless WithHTTPClient says otherwise:", "It is that of HTTPS_PROXY, HTTP_PROXY and NO_PROXY:",
	"除非用 WithHTTPClient 另行设置，", "",
	", or to the transport of WithHTTPClient", "",
	"，或加入 WithHTTPClient 的 Transport", "",
	", or allow more with WithMaxResponseBytes", "",
	"，或用 WithMaxResponseBytes 放宽上限", "",
	"or set WithRateLimit; RetryAfter is the wait that the service asks for, if any", "or give a smaller -rate",
	"或设置 WithRateLimit；RetryAfter 为服务要求等待的时间（如有）", "或调低 -rate",
	"The client does not wait that long by itself: send it again after RetryAfter.", "Send it again in a few minutes.",
	"客户端不会自动等待这么久：请在 RetryAfter 之后再发送。", "请过几分钟再发送。",
	"see Excerpt and WithEndpoint", "see what it answered, and -endpoint",
	"参见 Excerpt 和 WithEndpoint", "参见应答内容和 -endpoint",
	"which this package does not support", "which is not supported",
	"，本包不支持", "，不受支持",
	"If your own calls removed them, read the whole list with Collect before you act on it; otherwise read it again.", "Read it again.",
	"如果是您自己的调用移除了条目，请先用 Collect 读取完整列表再处理；否则请重新读取。", "请重新读取。",
	"read it with another call, or give Do another variable", "read it with another call",
	"请通过查询操作获取，或为 Do 传入其他类型的变量", "请通过查询操作获取",
	"QueryAuditLogAll", "quickbi call QueryAuditLog -all",

	"MaxLeavers and MaxAge cannot be negative", "-max cannot be negative",
	"URL is to be ldaps://host or ldap://host", "-ldap is to be ldaps://host or ldap://host",
	"URL 应为 ldaps://", "-ldap 应为 ldaps://",
	"StartTLS is for ldap://", "-starttls is for ldap://",
	"with StartTLS, or with Plaintext where the network is trusted", "with -starttls",
	"name the part that is there as the base, or allow IgnoreReferrals", "name the part that is there as -base",
	"Password is missing", "-password-file is missing",
	"Attributes has neither AccountID nor AccountName", "there is neither -id-attribute nor -account-attribute",
	"Viewer is missing: say AsUser, or AsOwner if", "the viewer is missing: say -user, or -as-owner if",
	"Viewer is AsUser without a user id", "-user is empty",
)

// A goText is a text that names fields.
type goText struct {
	has     string // one of the names
	english *regexp.Regexp
	inFlags string
}

var (
	option = regexp.MustCompile(`\bWith[A-Z]\w+`)
	field  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(?:` + fieldNames() + `)\b`) })
	// fieldBefore finds names that a text is made with.
	fieldBefore = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(` + fieldNames() + `)((?: is no DN| cannot be read): | is \S+, but a share is at most 1| is not a URL| does not begin with https://| has a user name| is plain http to ` +
			`| 不是 DN：| 无法解析：| 为 \S+，而比例不能超过 1| 不是 URL| 不是以 https://| 含有用户名| 以明文 http )`)
	})
	// fieldAndFlag finds names behind which the flag stands already.
	fieldAndFlag = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:` + fieldNames() + `)(?: \((-[a-z-]+)\)|（(-[a-z-]+)）)`)
	})
)

// fieldNames are the names as a part of an expression, the longest first.
func fieldNames() string {
	var names []string
	for name := range fieldFlags {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(names, "|")
}

// goTexts are the texts of packages that name fields. Names are replaced in these only,
// because a group or a member can be called like a field.
var goTexts = sync.OnceValue(func() []goText {
	var all []goText
	flagOf := func(name string) string { return fieldFlags[name] }
	for english := range chineseOfPackages {
		pieces := verb.Split(english, -1)
		has := field().FindString(strings.Join(pieces, " "))
		if has == "" {
			continue
		}
		t := goText{has: has}
		expression := ""
		for i, piece := range pieces {
			if i > 0 {
				expression += "(.*?)"
				t.inFlags += "${" + string(rune('0'+i)) + "}"
			}
			expression += regexp.QuoteMeta(piece)
			t.inFlags += strings.ReplaceAll(field().ReplaceAllStringFunc(piece, flagOf), "$", "$$")
		}
		if pieces[0] != "" {
			expression = `\b` + expression
		}
		t.english = regexp.MustCompile(expression)
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b goText) int { return strings.Compare(b.english.String(), a.english.String()) })
	return all
})

// inFlags returns a line of text with the flags of this command in place of what those
// say who write Go.
func inFlags(text string) string {
	text = saidInstead.Replace(text)
	text = option.ReplaceAllStringFunc(text, func(name string) string {
		if flag := optionFlags[name]; flag != "" {
			return flag
		}
		return name
	})
	if isChange(text) {
		return text // of names only
	}
	text = fieldAndFlag().ReplaceAllString(text, "$1$2")
	text = fieldBefore().ReplaceAllStringFunc(text, func(found string) string {
		name := field().FindString(found)
		return fieldFlags[name] + strings.TrimPrefix(found, name)
	})
	for _, t := range goTexts() {
		if strings.Contains(text, t.has) {
			text = t.english.ReplaceAllString(text, t.inFlags)
		}
	}
	return text
}
