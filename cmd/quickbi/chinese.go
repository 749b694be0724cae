package main

// chinese has the Chinese form of the texts of this command. A test keeps it complete.
// chinese_packages.go adds the texts of packages.
var chinese = map[string]string{
	// Help
	"Usage:":                            "用法：",
	"Examples:":                         "示例：",
	"Commands:":                         "命令：",
	"Flags:":                            "选项：",
	"Flags of all commands:":            "所有命令的选项：",
	"[flags]":                           "[选项]",
	"COMMAND":                           "命令",
	"%s COMMAND -h explains a command.": "%s 命令 -h 说明各个命令。",
	"%v (default %s)":                   "%v（默认 %s）",
	"%s -h lists the flags":             "%s -h 列出全部选项",
	"help [COMMAND]":                    "help [命令]",
	"Explain a command":                 "说明一个命令",
	"explain the command":               "显示本命令的说明",
	"show the version":                  "显示版本",
	"there is no command %q; quickbi -h lists them":           "没有命令 %q；quickbi -h 列出全部命令",
	"there is no command %q; %s -h lists them":                "没有命令 %q；%s -h 列出全部命令",
	"there is no command %q; do you mean %s?":                 "没有命令 %q；您是不是要找 %s？",
	"an argument is missing: %v":                              "缺少参数：%v",
	"unexpected argument %q":                                  "多余的参数 %q",
	"Complete commands, operations and parameters in a shell": "在 shell 中补全命令、操作和参数",
	`Writes a script that lets a shell complete commands, flags, operations and their
parameters. The shell is bash, zsh, fish or powershell.

  bash        source <(quickbi completion bash)
  zsh         source <(quickbi completion zsh)
  fish        quickbi completion fish | source
  PowerShell  quickbi completion powershell | Out-String | Invoke-Expression

Put the line into the file that the shell reads when it starts. The one for bash
needs the package bash-completion. Flags complete behind one dash or two.`: `输出一段脚本，使 shell 能够补全命令、选项、操作及其参数。支持 bash、zsh、fish 和
powershell。

  bash        source <(quickbi completion bash)
  zsh         source <(quickbi completion zsh)
  fish        quickbi completion fish | source
  PowerShell  quickbi completion powershell | Out-String | Invoke-Expression

请将对应的一行写入该 shell 启动时读取的文件。bash 须安装软件包 bash-completion。选项以一个或
两个连字符开头均可补全。`,
	"the shell": "shell 的名称",
	"there is no completion for %q, only for %s": "不支持补全的 shell %q，仅支持 %s",

	// quickbi
	"Administer a Quick BI organization": "管理 Quick BI 组织",
	`Administers a Quick BI organization. Every command takes -emulator and then works
on a made-up organization in memory, without credentials.

Exit codes: 0 done, 1 failed or interrupted, 2 a plan waits to be applied, 3 something
was left out and needs a person, 4 a guard stopped the job.`: `管理 Quick BI 组织。所有命令都支持 -emulator：在内存中的虚拟组织上运行，无需凭据。

退出码：0 已完成；1 失败或被中断；2 有计划待执行；3 有内容被跳过，需人工处理；
4 变更超出安全上限，任务被阻止。`,
	"`region` of the organization":                                                 "组织所在`地域`",
	"`host` or URL to call in place of the region's":                               "代替地域默认地址的`主机`或 URL",
	"work on a made-up organization in memory":                                     "在内存中的虚拟组织上运行",
	"`language`, en or zh":                                                         "`语言`：en 或 zh",
	"`calls` a second; the service allows 50 of one operation":                     "每秒`调用次数`；服务端对单个操作的限制为 50 次",
	"show all failures, and not only the first ones":                               "显示全部失败，而不只是前几条",
	"-lang %q is neither en nor zh":                                                "-lang %q 既不是 en 也不是 zh",
	"-rate %v is not a positive number":                                            "-rate %v 不是正数",
	"-emulator and -endpoint exclude each other":                                   "-emulator 与 -endpoint 不能同时使用",
	"… and %d more lines; -v shows them":                                           "……另有 %d 行，用 -v 显示",
	"… and %d more; -v shows them":                                                 "……另有 %d 条，用 -v 显示",
	"interrupted: %w":                                                              "已中断：%w",
	"the input is not a terminal, so that nobody can be asked: give -yes to go on": "标准输入不是终端，无法询问：如需继续，请加 -yes",
	"nothing was done: the answer was not yes":                                     "未执行任何操作：回答不是 yes",
	"nothing was done: %w":                                                         "未执行任何操作：%w",
	"do not ask":                                                                   "不询问",

	// doctor
	"Find out why calls fail": "诊断调用失败的原因",
	`Looks at everything a call needs, in the order in which it is needed: endpoint,
proxy, name, connection, TLS, clock, credential, rights, organization. It reads
one entry of the list of workspaces and changes nothing. The exit code is 1 if
something is wrong.`: `按调用所需的顺序逐项检查：接入点、代理、域名、连接、TLS、时钟、凭据、权限、组织。
只读取工作空间列表中的一条，不做任何修改。有问题时退出码为 1。`,
	"ok":           "正常",
	"FAIL":         "失败",
	"endpoint":     "接入点",
	"proxy":        "代理",
	"name":         "域名",
	"connection":   "连接",
	"clock":        "时钟",
	"credential":   "凭据",
	"call":         "调用",
	"organization": "组织",
	"Give -region one of the documented regions, or -endpoint a host.":                            "请用 -region 指定文档列出的地域，或用 -endpoint 指定主机。",
	"Correct HTTPS_PROXY and NO_PROXY.":                                                           "请更正环境变量 HTTPS_PROXY 和 NO_PROXY。",
	"Look at the machine's DNS, or give its proxy in HTTPS_PROXY.":                                "请检查本机 DNS；如需代理，请设置 HTTPS_PROXY。",
	"Let the firewall allow connections to this host and port, or give the proxy in HTTPS_PROXY.": "请让防火墙放行到该主机和端口的连接；如需代理，请设置 HTTPS_PROXY。",
	"Something on the way answers in the service's place, or its authority is unknown here: install the company's root certificate, or ask for an exception.": "中途有设备代替服务应答，或本机不信任其证书颁发机构：请安装公司根证书，或申请例外。",
	"Set the clock of this machine (NTP): more than 15 minutes are refused.":                                                                                  "请校准本机时钟（NTP）：偏差超过 15 分钟的请求会被拒绝。",
	"Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.":                                                                                    "请设置环境变量 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET。",
	"Compare the code with quickbi api QueryOrganizationWorkspaceList.":                                                                                       "请对照 quickbi api QueryOrganizationWorkspaceList 列出的错误码。",
	"none": "无",
	"the address of the proxy cannot be read": "无法解析代理地址",
	"%s is %s":                                       "%s 解析为 %s",
	"to %s in %v":                                    "到 %s，用时 %v",
	"not used: plain http":                           "未使用：明文 http",
	"%s, certificate of %s until %s":                 "%s，证书由 %s 颁发，有效期至 %s",
	"this machine is %v off":                         "本机时钟偏差 %v",
	"the service does not say what time it is":       "服务端未返回时间",
	"within %v of the service's":                     "与服务端相差不到 %v",
	"of the emulator":                                "模拟器的凭据",
	"from an unknown source":                         "来源未知",
	"%s from %s":                                     "%s，来自 %s",
	"QueryOrganizationWorkspaceList, request %s":     "QueryOrganizationWorkspaceList，请求 ID %s",
	"there is no workspace, which would show the id": "组织没有工作空间，无法得知其 ID",

	// api
	"List the operations, or explain one": "列出全部操作，或说明其中一个",
	"api [ACTION | WORD…]":                "api [操作 | 关键词…]",
	"Lists the operations by section. With words it lists those whose name or summary\nhas all of them, with the name of one it says what the operation does.": "按文档章节列出操作。给出关键词时，列出名称或简介包含全部关键词的操作（中英文均可）；\n给出操作名时，说明该操作。",
	"no operation has %q in its name or summary": "没有名称或简介包含 %q 的操作",
	"Parameters": "参数",
	"Codes":      "错误码",
	"%s by %s; at most %d s and %d calls a second.":       "%s操作，方法 %s；最长 %d 秒，每秒最多调用 %d 次。",
	"The documentation names no codes of its own for it.": "文档未列出该操作专有的错误码。",
	"read":        "读",
	"write":       "写",
	"costly read": "高成本读",
	"required":    "必填",
	"at least %d": "最小 %d",
	"at most %d":  "最大 %d",
	"default %s":  "默认 %s",
	"one of %s":   "可取值 %s",
	"deprecated":  "已弃用",

	// Sections
	"Organization members":               "组织成员",
	"User tags":                          "用户标签",
	"User groups":                        "用户组",
	"Roles":                              "角色",
	"Sharing and authorization of works": "作品分享与授权",
	"BI portal menu authorization":       "数据门户菜单授权",
	"Row- and column-level permissions":  "行列权限",
	"Workspaces":                         "工作空间",
	"Works (dashboards, spreadsheets, screens, portals)": "作品（仪表板、电子表格、数据大屏、数据门户）",
	"Datasets (cubes)":             "数据集",
	"Data sources":                 "数据源",
	"Favorites":                    "收藏",
	"Home page lists":              "首页列表",
	"Data service":                 "数据服务",
	"Embedded analytics (tickets)": "嵌入式分析（票据）",
	"Open approval":                "开放审批",
	"Smart Q":                      "智能小Q",
	"Mail tasks":                   "邮件任务",
	"Organization administration":  "组织管理",

	// call
	"Call an operation":         "调用一个操作",
	"call ACTION [Name=Value…]": "call 操作 [参数名=值…]",
	`Calls an operation with the parameters given by their documented names. They
are checked before anything is sent, and all problems are shown at once. Lists
are written a,b,c, documents as JSON, times as RFC 3339 or milliseconds.

An operation that changes something asks first on a terminal.`: `用文档中的参数名调用一个操作。发送前先检查参数，所有问题一次列出。列表写作 a,b,c，
文档写作 JSON，时间写作 RFC 3339 或毫秒数。

会产生变更的操作在终端上先询问。`,
	"`FILE` with the parameters as a JSON object; - is the standard input":           "含参数的 JSON 对象的`文件`；- 表示标准输入",
	"`format` of the result: table, json, jsonl or csv":                              "结果`格式`：table、json、jsonl 或 csv",
	"walk through all pages of a list":                                               "遍历列表的所有分页",
	"do not ask before a change":                                                     "变更前不询问",
	"the operation; quickbi api lists them":                                          "操作名；quickbi api 列出全部操作",
	"-format %q is none of %s":                                                       "-format %q 无效，可取值 %s",
	"there is no operation %q; quickbi api %s looks for one":                         "没有操作 %q；quickbi api %s 可用于搜索",
	"%s changes the organization. Go on?":                                            "%s 将修改组织。是否继续？",
	"%s was done, but its result could not be written: %w":                           "%s 已执行，但结果无法写出：%w",
	"%s has no pages to walk through":                                                "%s 没有可遍历的分页",
	"%d entries":                                                                     "%d 条",
	"the list is not complete: %d entries came before this; to go on, call it again": "列表不完整：此前已得到 %d 条；如需继续，请重新调用",
	"nothing":                                 "无",
	"-json %s is not JSON: %w":                "-json %s 不是有效的 JSON：%w",
	"-json %s is not a JSON object":           "-json %s 不是 JSON 对象",
	"-json %s is not a JSON object: %w":       "-json %s 不是 JSON 对象：%w",
	"-json %s has something after the object": "-json %s 在对象之后还有内容",
	"%q is not Name=Value":                    "%q 不是“参数名=值”的形式",
	"the parameter %s is given twice":         "参数 %s 重复给出",
	"is not known to %s, which has %s":        "不是 %s 的参数，其参数有 %s",
	"parameter %s %s":                         "参数 %s %s",
	"is %q: %w":                               "为 %q：%w",
	"is %q, neither true nor false":           "为 %q，既不是 true 也不是 false",
	"is %q, which is not a number that fits":  "为 %q，不是有效的数字",
	"is empty: give a value, or leave it out": "为空：请给出值，或不要写它",
	"cannot be a JSON %s":                     "不能是 JSON 的 %s",
	"it is empty":                             "值为空",
	"it must be more than zero":               "必须大于零",
	"is not JSON of the expected form: %w":    "不是符合要求的 JSON：%w",

	// Plans
	"The plan is saved. quickbi sync apply %s applies it.":      "计划已保存。用 quickbi sync apply %s 执行。",
	"The plan is saved. quickbi offboard -apply %s applies it.": "计划已保存。用 quickbi offboard -apply %s 执行。",
	"Done: %s":                              "已完成：%s",
	"Not tried: %d changes":                 "未尝试：%d 项变更",
	"Perhaps done: %s":                      "可能已执行：%s",
	"Failed: %s":                            "失败：%s",
	"Report: %s":                            "报告：%s",
	"%s. Go on?":                            "%s。是否继续？",
	"[%s] %d of %d entries":                 "[%s] 已读取 %d/%d 条",
	"[%s] %d of %d calls, at least %v left": "[%s] 已完成调用 %d/%d，至少还需 %v",

	// sync
	"Make user groups and members follow a directory": "使用户组和成员与目录保持一致",
	`Makes user groups, and who is in them, follow a file or an LDAP directory. A plan
says what would change; it is saved, read by somebody, and applied later.
docs/directory.md leads from a file to a job that runs every night.`: `使用户组及其成员与文件或 LDAP 目录保持一致。计划列出将要发生的变更，保存后由人审阅，
再行执行。docs/directory.md 介绍如何从一个文件做到每晚自动运行。`,
	"plan [FILE]":            "plan [文件]",
	"Show what would change": "显示将要发生的变更",
	`Shows what has to change for the organization to be as the source says, and saves
it with -out. The source is a CSV file, a file of JSON Lines whose name ends with
.jsonl, or an LDAP directory. The exit code is 2 if there are changes, 3 if there
are problems, 4 if there are more changes than the limits allow.`: `显示为使组织与数据源一致所需的变更，并用 -out 保存。数据源可以是 CSV 文件、以 .jsonl
结尾的 JSON Lines 文件，或 LDAP 目录。有变更时退出码为 2，有问题时为 3，变更超过上限
时为 4。`,
	"apply PLAN":                  "apply 计划",
	"Apply a plan that was saved": "执行已保存的计划",
	`Applies a plan that sync plan or sync undo has saved. The report grows while
changes are made, so that it is there whatever happens: in the directory of
-reports, or beside the plan. A plan whose report is there is not applied again.
The limits are checked again. The exit code is 3 if the plan has problems, 4 if
it has more changes than the limits allow.`: `执行由 sync plan 或 sync undo 保存的计划。报告在变更过程中逐条写入，无论发生什么都会留存：
写入 -reports 指定的目录，未指定时写在计划文件旁边。已有报告的计划不会再次执行。
执行前再次检查各项上限。计划有问题时退出码为 3，变更超过上限时为 4。`,
	"undo REPORT": "undo 报告",
	"Plan to take back what a report says was done": "制定计划，撤销报告中已完成的变更",
	`Makes a plan of a report that takes back what can be taken back: who joined a
group leaves it, who left it joins it again, what was changed of members is
changed back. Members who were added or deleted stay so. The plan is saved with
-out and applied with sync apply.`: `根据报告制定撤销计划：加入用户组的移出，移出的重新加入，成员信息的修改恢复原值。已添加
或已删除的成员不变。计划用 -out 保存，用 sync apply 执行。`,
	"the file with the plan": "计划文件",
	"the report":             "报告",
	"limit the plan to the group with this `path` and those below it; can be given several times (default: all groups)":                      "数据源只管理此`路径`的用户组及其下级；可多次给出（默认：全部用户组）",
	"add accounts that are no members yet, those without a user type as this `type`: developer, analyst or viewer":                           "添加尚不是成员的账号，未注明类型者按此`类型`：developer、analyst 或 viewer",
	"append the account to nicknames that are taken":                                                                                         "昵称已被占用时在其后附上账号",
	"delete members whom the source does not name, except administrators; this cannot be undone":                                             "删除数据源中没有的成员（管理员除外）；不可撤销",
	"deactivate members whom the source does not name, except administrators; with -delete, delete them after -delete-after; needs -reports": "停用数据源中没有的成员（管理员除外）；与 -delete 同用时，经过 -delete-after 后删除；需要 -reports",
	"for what `time` members stay deactivated before they are deleted (default: 720h)":                                                       "删除前保持停用的`时长`（默认：720h）",
	"give members the nicknames of the source":                                                                                               "按数据源更新成员昵称",
	"give members the user types of the source":                                                                                              "按数据源更新成员的用户类型",
	"give members the organization roles of the source":                                                                                      "按数据源更新成员的组织角色",
	"give user tags the values of the source":                                                                                                "按数据源更新用户标签的值",
	"let members join the workspaces of the source, with the roles there":                                                                    "按数据源将成员加入工作空间并赋予其中的角色",
	"`workspace`, by name or id, which members leave whose records do not name it; can be given several times":                               "`工作空间`（名称或 ID）：数据源中未注明该空间的成员将移出；可多次给出",
	"`account` that gets the works of deleted members (default: the owners of the workspaces)":                                               "接收被删除成员作品的`账号`（默认：各工作空间的所有者）",
	"refuse to end more than this `share` of the memberships":                                                                                "移出用户组的人次超过此`比例`时拒绝执行",
	"refuse to end more than this `number` of memberships":                                                                                   "移出用户组的人次超过此`数目`时拒绝执行",
	"refuse to take more than this `share` of its members, and more than 5, out of a group":                                                  "单个用户组移出超过此`比例`且多于 5 人时拒绝执行",
	"refuse to delete or deactivate more than this `share` of the members, and more than 3":                                                  "删除或停用的成员超过此`比例`且多于 3 人时拒绝执行",
	"refuse to delete or deactivate more than this `number` of members":                                                                      "删除或停用的成员超过此`数目`时拒绝执行",
	"refuse to take more than this `number` of paid seats":                                                                                   "占用的付费席位超过此`数目`时拒绝执行",
	"save the plan to a `file` that is not there yet":                                                                                        "将计划保存到尚不存在的`文件`",
	"`directory` with the reports of sync apply, which tell whom -deactivate has deactivated and when":                                       "存放 sync apply 报告的`目录`，由此得知 -deactivate 停用了谁、何时停用",
	"`encoding` of a CSV file that is not Unicode: gbk or gb18030":                                                                           "非 Unicode 的 CSV 文件的`编码`：gbk 或 gb18030",
	"`name=column`: which column of a CSV file is which, such as Abteilung=groups":                                                           "`列名=含义`：CSV 文件各列的含义，例如 部门=groups",
	"read the directory at this `URL`, such as ldaps://ldap.example.com":                                                                     "读取此 `URL` 的目录，例如 ldaps://ldap.example.com",
	"`DN` that reads the directory":                                                                                                          "读取目录所用的 `DN`",
	"`file` with its password":                                                                                                               "存放其密码的`文件`",
	"`DN` below which people are":                                                                                                            "人员所在的 `DN`",
	"`filter` for people (default: all)":                                                                                                     "人员的`过滤条件`（默认：全部）",
	"`DN` below which groups are (default: people are in no groups)":                                                                         "用户组所在的 `DN`（默认：人员不属于任何组）",
	"`filter` for groups (default: all)":                                                                                                     "用户组的`过滤条件`（默认：全部）",
	"`attribute` with the UID of the cloud account":                                                                                          "存放云账号 UID 的`属性`",
	"`attribute` with the account's name, such as sAMAccountName (default: uid)":                                                             "存放账号名的`属性`，例如 sAMAccountName（默认：uid）",
	"`attribute` with the nickname (default: displayName)":                                                                                   "存放昵称的`属性`（默认：displayName）",
	"`text` before account names, such as acme:":                                                                                             "账号名之前的`文字`，例如 acme:",
	"`text` after account names, such as @acme.onaliyun.com":                                                                                 "账号名之后的`文字`，例如 @acme.onaliyun.com",
	"encrypt a connection by ldap://":                                                                                                        "对 ldap:// 连接加密",
	"use the units that groups are in as paths":                                                                                              "以用户组所在的组织单元作为路径",
	"`attribute` of groups that never changes, entryUUID or objectGUID; renamed in the directory, a group is renamed":                        "用户组不变的`属性`：entryUUID 或 objectGUID；目录中改名时用户组随之改名",
	"`file` with the keys of groups: CSV with the columns key and path, or JSON Lines; renamed in the source, a group is renamed":            "含用户组键的`文件`：有 key 和 path 列的 CSV，或 JSON Lines；数据源中改名时用户组随之改名",
	"-groups is for files: say -group-key with -ldap":                                                                                        "-groups 用于文件：与 -ldap 同用时请用 -group-key",
	"add the members of a group to the groups above it, too":                                                                                 "组内人员同时加入其上级组",
	"name the source: a file, or a directory with -ldap":                                                                                     "请指定数据源：一个文件，或用 -ldap 指定目录",
	"the source has problems, which the plan lists":                                                                                          "数据源有问题，计划中已列出",
	"`directory` in which the report grows; without it, that of the plan":                                                                    "逐条写入报告的`目录`；未指定时为计划文件所在的目录",
	"`directory` in which the report grows; with -apply, without it, that of the plan":                                                       "逐条写入报告的`目录`；使用 -apply 而未指定时，为计划文件所在的目录",
	"refuse a plan that is older than this `time`":                                                                                           "拒绝早于此`时长`之前制定的计划",
	"To go on, make a new plan with quickbi sync plan: it has what is left.":                                                                 "如需继续，请用 quickbi sync plan 重新制定计划，其中只包含剩余的变更。",

	// offboard
	"offboard [MEMBER…]":                   "offboard [成员…]",
	"Take members out of the organization": "将成员移出组织",
	`Takes members out of all user groups and out of the organization, and hands
their works to another. It shows what they have and what would be done, and asks.
Members are named by Quick BI id, UID or account name. It cannot be undone; one
who was taken out of the groups, but could not be deleted, is put back with
-restore.

The exit code is 2 if a plan was saved and not applied, 3 if somebody is still a
member or who is meant is not clear, 4 if there are more leavers than -max.`: `将成员移出全部用户组和组织，并将其作品移交他人。先显示其拥有的内容和将要执行的步骤，
再行询问。成员可用 Quick BI 用户 ID、UID 或账号名指定。此操作不可撤销；已移出用户组但
未能删除的成员可用 -restore 恢复。

计划已保存而未执行时退出码为 2，有人仍是成员或无法确定所指何人时为 3，人数超过 -max
时为 4。`,
	"-apply and -restore exclude each other":                                                        "-apply 与 -restore 不能同时使用",
	"-apply and -restore take everything from the file":                                             "-apply 和 -restore 的全部内容均取自文件",
	"name who leaves, and with -to who gets the works":                                              "请指定离职成员，并用 -to 指定作品接收人",
	"`member` who gets the works":                                                                   "接收作品的`成员`",
	"`file` with a member a line":                                                                   "每行一名成员的`文件`",
	"if members have to leave their workspaces first, the service chooses who gets the works there": "如服务端要求先退出工作空间，则由其决定这些空间中作品的接收人",
	"keep the member's right to ask Smart Q from the successor":                                     "不将该成员的智能小Q问数权限移交给接收人",
	"take out at most this `number` of members":                                                     "最多移出的`人数`",
	"save the plan to a `file` that is not there yet, and do nothing":                               "将计划保存到尚不存在的`文件`，不执行",
	"apply the plan in a `file`":                                                                    "执行`文件`中的计划",
	"put members back into the groups that the report in a `file` names":                            "将报告`文件`中的成员恢复到原用户组",
	"This cannot be undone. Go on?":                                                                 "此操作不可撤销。是否继续？",
	"not tried":                                                                                     "未尝试",
	"Not done: %s: %s":                                                                              "未完成：%s：%s",
	"Done: %d of %d members have left":                                                              "已完成：%d/%d 名成员已移出",
	"Done: %d members are back in their user groups":                                                "已完成：%d 名成员已恢复到原用户组",
	"Out of their user groups, but still members: %d. quickbi offboard -restore %s puts them back.": "已移出用户组但仍是成员：%d 名。用 quickbi offboard -restore %s 恢复。",
	"To go on, run quickbi offboard for those who are left.":                                        "如需继续，请对剩余成员再次运行 quickbi offboard。",

	// audit
	"audit DIR [TABLE…]":                                "audit 目录 [表…]",
	"Export members, groups, shares and the audit logs": "导出成员、用户组、分享和审计日志",
	`Brings a directory of tables up to date: members, directory, groups, group-members,
workspaces, workspace-members, shares, access-log, operation-log, permission-log.

Each run adds the days of the logs that have ended since the run before, and the
other tables as they are now. manifest.json says what is there. Run it every
night. Without tables it exports all of them. The exit code is 3 if something
could not be read.`: `更新导出目录中的各表：members、directory、groups、group-members、workspaces、
workspace-members、shares、access-log、operation-log、permission-log。

每次运行补充自上次以来已结束各天的日志，其他表导出当前状态。manifest.json 记录目录的
内容。建议每晚运行。不指定表时导出全部。有内容无法读取时退出码为 3。`,
	"-zone %q is not a time zone such as Asia/Shanghai":                               "-zone %q 不是时区，例如 Asia/Shanghai",
	"there is no table %q, only %s":                                                   "没有表 %q，可选 %s",
	"`format` of the tables: csv, excel (CSV that Excel opens correctly) or jsonl":    "表的`格式`：csv、excel（Excel 可正确打开的 CSV）或 jsonl",
	"time `zone` of all times that are written":                                       "写出的全部时间所用的`时区`",
	"first `day` of the logs, such as 2026-10-31 (default: where the last run ended)": "日志的起始`日期`，例如 2026-10-31（默认：接上次运行）",
	"last `day` of the logs (default: the last complete one)":                         "日志的结束`日期`（默认：最近一个已结束的日期）",
	"%s %q is not a day such as 2026-10-31":                                           "%s %q 不是日期，例如 2026-10-31",
	"the directory to export to":                                                      "导出目录",
	"%d files":                                                                        "%d 个文件",
	"gap: %s":                                                                         "缺失：%s",
	"… and %d more gaps; manifest.json and -v show them":                              "……另有 %d 处缺失，见 manifest.json，或用 -v 显示",
	"%d files are written and whole; run the same command again to go on":             "已完整写出 %d 个文件；如需继续，请再次运行同一命令",
	"%d files in %s, %d gaps":                                                         "%[2]s 中写出 %[1]d 个文件，%[3]d 处缺失",
	"something could not be read":                                                     "有内容无法读取",

	// ticket
	"ticket WORKS-ID": "ticket 作品ID",
	"Make a URL that opens a report without a login": "生成免登录打开报表的 URL",
	`Makes a ticket for a work and writes the URL that it goes into. Whoever has the
URL sees the work with the viewer's rights, so give it to nobody else.`: `为作品生成票据，并输出含票据的 URL。持有该 URL 者以指定用户的权限查看作品，请勿外传。`,
	"give the viewer whose rights apply: -user with a Quick BI user id, or -as-owner": "请指定以谁的权限查看：用 -user 给出 Quick BI 用户 ID，或用 -as-owner",
	"`kind` of the work, as quickbi api CreateTicket has them":                        "作品`类型`，见 quickbi api CreateTicket",
	"Quick BI `ID` of the member whose rights apply":                                  "以其权限查看的成员的 Quick BI 用户 `ID`",
	"show all that the owner of the work may see":                                     "显示作品所有者可见的全部内容",
	"how often the URL can be opened, a `number` up to 99999":                         "URL 可打开的`次数`，最多 99999",
	"after what `time` it expires, whole minutes up to 240m":                          "有效`时长`，整分钟，最长 240m",
	"show one `component` of a dashboard":                                             "只显示仪表板的一个`组件`",
	"`text` laid over the page":                                                       "页面水印`文字`",
	"`URL` of the work without a ticket, as the console shows it":                     "控制台显示的不含票据的作品 `URL`",
	"where works are shown, if not on the region's `host`":                            "展示作品的`地址`，如果不是地域默认地址",
	"the id of the work": "作品 ID",

	// emulator
	"Serve an emulated Quick BI in memory, for programs in any language": "启动内存中的 Quick BI，供任何语言的程序使用",
}
