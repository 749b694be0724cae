package quickbi

import (
	"errors"
	"fmt"
)

// HintLanguage is the language of [Error.Hint].
type HintLanguage string

// The languages of hints.
const (
	HintEnglish HintLanguage = "en"
	HintChinese HintLanguage = "zh"
)

// WithHintLanguage chooses the language of [Error.Hint]; the default is [HintEnglish].
func WithHintLanguage(language HintLanguage) Option {
	return func(cfg *config) error {
		if language != HintEnglish && language != HintChinese {
			return fmt.Errorf("quickbi: WithHintLanguage: hints in %q do not exist", string(language))
		}
		cfg.client.hintLanguage = language
		return nil
	}
}

// Hint says what to do about a failure, where its code and message do not, in the
// language of [WithHintLanguage]. It is a text of this package, not of the service,
// and holds nothing of the request or the answer. It is "" where there is nothing to
// add.
func (e *Error) Hint() string {
	chinese := e.hintLanguage == HintChinese
	text := ""
	for _, h := range hints {
		if (h.action == "" || h.action == e.Action) && errors.Is(e, h.of) {
			if text = h.english; chinese {
				text = h.chinese
			}
			break
		}
	}
	if !e.Is(ErrOutcomeUnknown) {
		return text
	}
	const lookFirst, lookFirstChinese = "The write may have been executed nevertheless: read the present state before you send it again.",
		"该写操作可能已经执行：重新发送之前，请先查询当前状态。"
	switch {
	case chinese: // has no blanks between sentences
		return text + lookFirstChinese
	case text == "":
		return lookFirst
	}
	return text + " " + lookFirst
}

// hint is one entry of hints.
type hint struct {
	of               error  // an ErrorCode, or an ErrorClass for all its other codes
	action           string // the only operation that it is for; "": all
	english, chinese string
}

// hints is searched from the top: a hint for one operation stands before that for
// all, and codes stand before classes.
var hints = [...]hint{
	// The caller: its key, edition and rights.

	{ErrAccessForbidden, "",
		"Two causes share this code. Either the user of the access key is not an administrator of the Quick BI organization: grant that role. Or the organization does not have the Professional Edition, which the API requires.",
		"此错误码有两种原因：AccessKey 所属用户不是 Quick BI 组织的管理员，请先授予管理员权限；或者组织不是专业版，只有专业版可以调用 OpenAPI。"},
	{ErrAPIUserNotFound, "",
		"Two causes share this code. Either the UserId does not belong to the organization: it must be Quick BI's own id, not the UID of a cloud account, and QueryUserInfoByAccount finds it. Or the user of the access key is not a member of the organization: add that user, who must log in to Quick BI once.",
		"此错误码有两种原因：传入的 UserId 不属于该组织（须为 Quick BI 的用户 ID，而不是阿里云账号 UID，可用 QueryUserInfoByAccount 查询）；或者 AccessKey 所属用户自己不在该组织中，请将其加入组织并登录一次 Quick BI。"},
	{ErrNotAPICallUser, "",
		"The user of the access key must be an administrator of the organization, or be allowed to call the API in the access control of Quick BI's Open Platform, and must have logged in to Quick BI once.",
		"AccessKey 所属用户必须是组织管理员，或者在 Quick BI 开放平台的访问控制中获得 API 调用授权，并且至少登录过一次 Quick BI。"},
	{ErrNotOrganizationAdmin, "",
		"Only administrators of the organization may call this operation: grant the user of the access key that role.",
		"此操作仅限组织管理员：请授予 AccessKey 所属用户组织管理员角色。"},
	{ErrInstanceNotFound, "",
		"The account of the access key has no Quick BI instance in this region: check the region of the client (WithRegion) and the account of the key.",
		"AccessKey 所属账号在该地域没有 Quick BI 实例：请检查客户端的地域（WithRegion）以及 AccessKey 属于哪个账号。"},
	{ErrAccessKeyNotFound, "",
		"The access key does not exist. A key made on Quick BI's own organization page does not work here: make an access key of the Alibaba Cloud account or of a RAM user. A temporary key with an expired STS token gets this code, too.",
		"网关中不存在该 AccessKey。在 Quick BI 组织管理页面创建的密钥不能用于此处：请使用阿里云账号或 RAM 用户的 AccessKey。STS Token 过期的临时密钥也会返回此错误码。"},
	{ErrAccessKeyInactive, "",
		"The access key is disabled: enable it in the RAM console, or use another.",
		"该 AccessKey 已被禁用：请在 RAM 控制台启用，或换用其他 AccessKey。"},
	{ErrSecurityTokenExpired, "",
		"The STS token has expired, and the credentials provider has no newer one. A token given by WithSTSToken cannot be renewed: in a program that runs longer, use a provider that renews it (WithCredential).",
		"STS Token 已过期，且凭据提供者没有更新的 Token。通过 WithSTSToken 传入的 Token 到期即失效；长期运行的程序请使用能自动续期的凭据提供者（WithCredential）。"},
	{ErrSecurityTokenMissing, "",
		"The access key is temporary (its id begins with STS.) and does not work without its token: give all three parts, with WithSTSToken or ALIBABA_CLOUD_SECURITY_TOKEN.",
		"该 AccessKey 是临时密钥（ID 以 STS. 开头），必须与 Token 一起使用：请用 WithSTSToken 或环境变量 ALIBABA_CLOUD_SECURITY_TOKEN 提供完整的三部分。"},
	{ErrSecurityTokenMismatch, "",
		"Access key and STS token were issued separately: take all three parts from the same answer of STS.",
		"AccessKey 与 STS Token 不是同一次签发的：三部分必须取自同一次 STS 响应。"},
	{ErrSignatureMismatch, "",
		"Usually the secret does not belong to the access key, or was copied with a blank or in part. If it is right, something on the way changes requests: a proxy or gateway must not change the query, the Host header and the x-acs headers.",
		"通常是 AccessKey Secret 与 AccessKey ID 不匹配，或复制时多了空格、少了字符。如果密钥无误，则是途中有代理或网关改动了请求：查询参数、Host 头和 x-acs 头必须原样转发。"},
	{ErrTimestampExpired, "",
		"The clock of this machine is more than 15 minutes off, or the request was delayed on its way. The client has adjusted its clock to the service's Date header and tried once more, without success: set the machine's clock (NTP), and look for a proxy that delays requests or changes Date.",
		"本机时钟偏差超过 15 分钟，或请求在途中被滞留。客户端已按服务端的 Date 头校正时间并重试一次，仍未成功：请校准本机时钟（NTP），并检查是否有代理滞留请求或改写 Date 头。"},
	{ErrNonceUsed, "",
		"The same request arrived twice: something between client and service repeats requests. The first one may have been executed.",
		"同一请求到达了两次：客户端与服务之间有设备重发了请求，第一次可能已经执行。"},
	{ErrForbiddenByRAM, "",
		"No RAM policy allows the RAM user or role of the access key to call this operation: ask an administrator of the Alibaba Cloud account to grant it.",
		"没有 RAM 策略允许该 AccessKey 的 RAM 用户或角色调用此操作：请由阿里云账号管理员授权。"},
	{ErrGatewayNoPermission, "",
		"The RAM user or role of the access key lacks a permission: ask an administrator of the Alibaba Cloud account to grant it.",
		"该 AccessKey 的 RAM 用户或角色缺少权限：请由阿里云账号管理员授权。"},
	{ErrOpenAPINotFound, "",
		"The endpoint does not serve Quick BI's API: without WithEndpoint it is quickbi-public.<region>.aliyuncs.com, not the host of embedded reports. Private deployments have another API, which this package does not support.",
		"该接入点不提供 Quick BI OpenAPI：未设置 WithEndpoint 时，接入点为 quickbi-public.<region>.aliyuncs.com，而不是嵌入报表的域名。私有化部署使用另一套 API，本包不支持。"},
	{ErrProductNotFound, "",
		"The endpoint belongs to another product: without WithEndpoint it is quickbi-public.<region>.aliyuncs.com.",
		"该接入点属于其他产品：未设置 WithEndpoint 时，接入点为 quickbi-public.<region>.aliyuncs.com。"},

	// Members and user groups.

	{ErrUserNotInOrganization, "QueryUserInfoByAccount",
		"No member has this account. Account is its UID or its name; for a RAM user, only the part of the name before the @ (the main account goes into ParentAccountName). Users who were never added to the organization, or were deleted from it, are not found.",
		"组织中没有使用该账号的成员。Account 为账号 UID 或账号名，RAM 用户只填 @ 之前的部分（主账号填入 ParentAccountName）；从未加入组织或已被删除的用户查询不到。"},
	{ErrUserNotInOrganization, "",
		"No member has this id. It must be Quick BI's own UserId, not the UID of a cloud account: QueryUserInfoByAccount finds it. Deleted members get this code, too; then there is nothing left to delete.",
		"组织中没有该 ID 的成员。须传入 Quick BI 的 UserId，而不是阿里云账号 UID，可用 QueryUserInfoByAccount 查询。已删除的成员也会返回此错误码，此时无需再删除。"},
	{ErrInvalidUserOrganization, "",
		"No member has this id. It must be Quick BI's own UserId, not the UID of a cloud account: QueryUserInfoByAccount finds it.",
		"组织中没有该 ID 的成员。须传入 Quick BI 的 UserId，而不是阿里云账号 UID，可用 QueryUserInfoByAccount 查询。"},
	{ErrGroupUserNotFound, "",
		"At least one of the ids does not belong to a member. They must be Quick BI's own UserIds, not UIDs of cloud accounts: QueryUserInfoByAccount finds them.",
		"至少有一个 ID 不是组织成员。须传入 Quick BI 的 UserId，而不是阿里云账号 UID，可用 QueryUserInfoByAccount 查询。"},
	{ErrAccountNameAmbiguous, "",
		"RAM users of several main accounts have this name: give the main account in ParentAccountName.",
		"多个主账号下有同名的 RAM 用户：请在 ParentAccountName 中指明主账号。"},
	{ErrMemberStillInWorkspace, "",
		"Remove the member from the workspaces first, with DeleteUserFromWorkspace. QueryWorkspaceUserList lists the members of a workspace.",
		"请先用 DeleteUserFromWorkspace 将该成员移出各工作空间，可用 QueryWorkspaceUserList 查询工作空间成员。"},
	{ErrOrganizationOwnerNotRemovable, "",
		"The owner of the organization cannot be deleted, whatever the role.",
		"组织所有者始终是组织成员，任何人都不能删除。"},
	{ErrOrganizationOwnerNeedsAdminRole, "",
		"Despite the name of the code, this is not about permissions: the owner of the organization must keep the administrator role. Keep that role in the request.",
		"这并非权限不足：组织所有者必须保留管理员角色，请在请求中保留该角色。"},
	{ErrTransferTargetNotFound, "",
		"The member who receives the works must belong to the organization and have logged in to Quick BI once.",
		"作品的接收人必须是组织成员，并且至少登录过一次 Quick BI。"},
	{ErrInvalidRoleID, "",
		"The role id is not valid, although the code says it is: take the id from ListWorkspaceRoles or ListOrganizationRoles.",
		"角色 ID 无效（错误码字面含义相反）：请使用 ListWorkspaceRoles 或 ListOrganizationRoles 返回的 ID。"},
	{ErrUserGroupSynchronized, "",
		"The organization synchronizes its user groups from another directory (DingTalk, Feishu, WeCom, …): change the group there, or use groups made in Quick BI.",
		"该组织的用户组由其他通讯录（钉钉、飞书、企业微信等）同步而来：请在来源处修改，或使用在 Quick BI 中创建的用户组。"},
	{ErrRootUserGroupSynchronized, "",
		"The organization synchronizes its user groups from another directory, which owns the top of the tree: create the group below one made in Quick BI, or in that directory.",
		"该组织的用户组由其他通讯录同步而来，根节点下不能新建：请在 Quick BI 自建的用户组下创建，或在来源处创建。"},
	{ErrUserNeedsBIUserGroup, "",
		"Only groups made in Quick BI are possible, not groups synchronized from another directory.",
		"只能加入在 Quick BI 中创建的用户组，不能加入由其他通讯录同步的用户组。"},

	// Embedding and tickets.

	{ErrReportNotEmbeddable, "",
		"Publish the report and switch embedding on, in the console or with UpdateEmbeddedStatus. Dashboards that it links to need that as well.",
		"请先发布该报表并开启嵌入（控制台或 UpdateEmbeddedStatus）；报表跳转到的仪表板同样需要开启。"},
	{ErrEmbeddedReportLimit, "",
		"The organization may not embed more reports: switch embedding off for others with UpdateEmbeddedStatus, or extend the quota.",
		"组织可嵌入的报表数已达上限：请用 UpdateEmbeddedStatus 关闭其他报表的嵌入，或扩大配额。"},
	{ErrWorkNotPublished, "",
		"The work is only a draft: publish it in the console first.",
		"该作品尚未发布：请先在控制台发布。"},
	{ErrGlobalParamRestricted, "",
		"Global parameters must be enabled for the organization, which requires the Professional Edition with at least 100 general users. Make the ticket without GlobalParam, or ask Alibaba Cloud to enable them.",
		"全局参数功能须为组织单独开通（专业版且一般用户数不少于 100）。请不带 GlobalParam 生成 Ticket，或联系阿里云开通。"},
	{ErrInvalidParameterValue, "CreateTicket",
		"The message says which parameter is wrong. If it is GlobalParam: every paramKey must be a global parameter of the published version of the report, and the only joinType is \"and\".",
		"消息中会指出错误的参数。如果是 GlobalParam：每个 paramKey 必须是报表当前已发布版本中的全局参数，条件之间只支持 and。"},
	{ErrTicketNotFound, "",
		"The ticket does not exist: it was deleted or never made, or two URLs hold the same ticket. Make one for each URL.",
		"Ticket 不存在：可能已被删除或从未生成，也可能是同一 Ticket 用于两个链接。请为每个链接生成一个 Ticket。"},
	{ErrTicketExpired, "",
		"An expired ticket can be neither prolonged nor queried: make a new one.",
		"已过期的 Ticket 不能续期，也不能查询：请重新生成。"},
	{ErrTicketUsedUp, "",
		"Every visit uses the ticket once, and so does reloading the page: make a new one, with a larger TicketNum if the visitor may reload.",
		"每次访问（包括刷新页面）都会消耗一次：请重新生成 Ticket，若允许刷新请加大 TicketNum。"},
	{ErrTicketWorkMismatch, "",
		"A ticket opens only the report that it was made for: make one with the WorksId of the page that is shown.",
		"Ticket 只能打开生成它时指定的报表：请用所展示页面的 WorksId 重新生成。"},
	{ErrTicketCountInvalid, "",
		"TicketNum is out of range: CreateTicket takes 1 to 99999, UpdateTicketNum 1 to 99998.",
		"TicketNum 超出范围：CreateTicket 为 1 至 99999，UpdateTicketNum 为 1 至 99998。"},
	{ErrScreenWatermarkUnsupported, "",
		"Data screens do not support watermarks: leave WatermarkParam out.",
		"数据大屏不支持水印：请去掉 WatermarkParam。"},

	// Data.

	{ErrInvalidConditions, "",
		"A condition names something that is not a request parameter of the data service: names must be spelt as in its definition. Conditions written by hand must have straight quotes (\"), not full-width ones.",
		"条件中的名称不是该数据服务的请求参数，须与数据服务定义中的写法一致。手写的 Conditions 必须使用半角引号（\"），不能使用全角引号。"},
	{ErrMissingConditions, "",
		"A required condition of the data service is missing: its definition marks the required ones, and the message names this one.",
		"缺少该数据服务必填的条件：请查看数据服务定义中标为必填的参数，消息中给出了名称。"},
	{ErrInvalidReturnFields, "",
		"A return field is not defined in the data service: names must be spelt as in its definition.",
		"返回字段未在该数据服务中定义：名称须与数据服务定义中的写法一致。"},
	{ErrRowLevelOff, "",
		"Switch row-level permission on for the dataset first, in the console.",
		"请先在控制台为该数据集开启行级权限。"},
	{ErrServiceUnavailable, "QueryAuditLog",
		"The service answers like this if the range has too many days: ask for fewer, best with QueryAuditLogAll, which reads one day after the other. Logs go back 90 days.",
		"查询日期跨度过大时会返回此错误：请缩小范围，最好使用逐日查询的 QueryAuditLogAll。日志最多可查最近 90 天。"},

	// Limits and failures of the service.

	{ErrMailTaskTooFrequent, "",
		"A subscription can be sent only every few minutes. The client does not wait that long by itself: send it again after RetryAfter.",
		"同一订阅每隔数分钟才能发送一次。客户端不会自动等待这么久：请在 RetryAfter 之后再发送。"},
	{ErrInternalSystem, "",
		"Despite its name, this code usually means that a parameter is wrong or missing: check the values, above all ids and JSON. If they are right, give the request id to Alibaba Cloud's support.",
		"虽然名为内部错误，但多数情况是参数有误或缺失：请检查参数值，特别是 ID 和 JSON。如果参数无误，请将请求 ID 提供给阿里云技术支持。"},
	{ErrThrottled, "",
		"Too many requests: an operation takes 50 a second, GetMailTaskStatus and ManualRunMailTask 1, one data service 10, from all programs of the account together. Send fewer requests at a time, or set WithRateLimit; RetryAfter is the wait that the service asks for, if any.",
		"请求过于频繁：每个操作每秒 50 次，GetMailTaskStatus 和 ManualRunMailTask 每秒 1 次，单个数据服务每秒 10 次，同一账号的所有程序合计。请降低并发，或设置 WithRateLimit；RetryAfter 为服务要求等待的时间（如有）。"},
	{ErrNotPerformed, "",
		"The service accepted the command, did nothing and does not say why: look at the object of the command. Usually there was nothing to do, or the object does not allow it.",
		"服务接受了命令但没有执行，也未说明原因：请查看要修改的对象。通常是无需修改，或该对象不允许此操作。"},
	{ErrResponseTooLarge, "",
		"Ask for less at once (PageSize, a narrower range), or allow more with WithMaxResponseBytes.",
		"请减少单次查询量（PageSize 或更小的范围），或用 WithMaxResponseBytes 放宽上限。"},
	{ErrRequestTooLong, "",
		"The parameters are too long for the service or for a proxy on the way; many of them travel in the URL, whose limit may be 8 KB. Send lists in parts of, say, 100 elements, and shorten long texts.",
		"参数长度超过了服务或中间代理的限制；许多参数放在 URL 中，其总长度可能限制在 8 KB 以内。请将列表分批发送（例如每次 100 个），并缩短过长的文本。"},
	{ErrResultUnreadable, "",
		"The call was executed: do not send a write again. Only its result does not have the expected type: read it with another call, or give Do another variable.",
		"该调用已经执行，请勿重复发送写操作。只是结果与预期类型不符：请通过查询操作获取，或为 Do 传入其他类型的变量。"},
	{errProxy, "",
		"A proxy is in the way. The transport takes it from HTTPS_PROXY, HTTP_PROXY and NO_PROXY unless WithHTTPClient says otherwise: check its address and its password (in its URL), allow it to connect to the endpoint, or add the endpoint to NO_PROXY.",
		"请求被代理阻断。除非用 WithHTTPClient 另行设置，代理取自环境变量 HTTPS_PROXY、HTTP_PROXY 和 NO_PROXY：请检查代理地址及其 URL 中的密码，放行该接入点，或将其加入 NO_PROXY。"},
	{errLookup, "",
		"The name of the host is not found: check the region (WithRegion) and the endpoint (WithEndpoint), and the name servers of this machine.",
		"无法解析主机名：请检查地域（WithRegion）、接入点（WithEndpoint）以及本机的 DNS 设置。"},
	{errTLS, "",
		"The client, the service or something between them refused the TLS connection. A firewall that inspects TLS has a certificate of its own: add its authority to those that this machine trusts (SSL_CERT_FILE), or to the transport of WithHTTPClient.",
		"TLS 连接被其中一方或中间设备拒绝。会解密 TLS 的防火墙使用自己的证书：请将其签发机构加入本机信任列表（SSL_CERT_FILE），或加入 WithHTTPClient 的 Transport。"},
	{ErrListChanged, "",
		"Entries left the list while it was read. If your own calls removed them, read the whole list with Collect before you act on it; otherwise read it again.",
		"读取期间列表中的条目减少了。如果是您自己的调用移除了条目，请先用 Collect 读取完整列表再处理；否则请重新读取。"},
	{errProvider, "",
		"The source of the credentials (a metadata server, STS, a vault) fails, not Quick BI: nothing was sent to it. Try again later, and look at that source if it lasts.",
		"提供凭据的一方（元数据服务、STS 或密钥库）出现故障，请求尚未发送到 Quick BI：请稍后重试，若持续出现请检查该服务。"},
	{ErrUnavailable, "",
		"The service, or a gateway before it, is unavailable at present: try again later. If it lasts, give the request id to Alibaba Cloud's support.",
		"服务或其前置网关暂时不可用：请稍后重试。如果持续出现，请将请求 ID 提供给阿里云技术支持。"},
	{ErrInvalidResponse, "",
		"Either something else answered (a proxy, a login page, a wrong endpoint: see Excerpt and WithEndpoint), or Quick BI did not answer as documented; then give the request id to Alibaba Cloud's support.",
		"可能是其他设备作出的应答（代理、登录页或错误的接入点，参见 Excerpt 和 WithEndpoint），或者 Quick BI 的应答与文档不符，此时请将请求 ID 提供给阿里云技术支持。"},
	{errMalformedCredential, "",
		"Files and mounted secrets often end with a line break, which becomes part of the key: remove blanks and line breaks from both ends (make the secret with printf, not echo), and look for parts that were copied together.",
		"文件和挂载的 Secret 常以换行结尾，换行会成为密钥的一部分：请去掉首尾的空白和换行（创建 Secret 时用 printf 而不是 echo），并检查是否误将多个部分复制到了一起。"},
	{ErrAuthentication, "",
		"Check which credential is used: WithDefaultCredentials takes the first that the default chain finds (environment, OIDC role, configuration files, RAM role of the machine); WithAccessKey, WithSTSToken and WithCredential give another.",
		"请检查实际使用的凭据：WithDefaultCredentials 取默认凭据链中最先找到的（环境变量、OIDC 角色、配置文件、机器的 RAM 角色）；可用 WithAccessKey、WithSTSToken 或 WithCredential 指定其他凭据。"},
}
