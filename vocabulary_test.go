package quickbi

import (
	"fmt"
	"go/ast"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// vocabulary are the nouns that the service calls by several names on the wire,
// with the one name that a Go field has for each. A name on the wire that stands
// with two nouns means both, as the fields' comments say.
var vocabulary = []struct{ name, is, wires string }{
	{"APIID", "the id of a data service or an API data source", "ApiId Sid"},
	{"AccountName", "the name of an account", "AccountName ThirdAccountName"},
	{"AddModel", "a new data source", "AddModel"},
	{"AllowPublish", "whether works of a workspace may be made public", "AllowPublish AllowPublishOperation"},
	{"AllowShare", "whether works of a workspace may be shared", "AllowShare AllowShareOperation"},
	{"Audience", "members and user groups", "addModel delModel ruleUsersModel UsersModel"},
	{"AuthPoints", "a right on a work or a menu", "AuthPoint AuthPoints AuthPointsValue"},
	{"Caption", "the name that is shown of a field or a table", "Caption"},
	{"ComponentID", "the id of a component of a work", "CmptId ComponentId"},
	{"Conditions", "conditions that hold together", "conditionList Conditions"},
	{"Content", "the content of a rule or a data service", "Content ruleContentModel"},
	{"CreatedTime", "the time of creation", "CreateTime GmtCreate"},
	{"CreatorID", "the UserID of the creator", "CreateUser CreatorId"},
	{"CreatorName", "the nickname of the creator", "CreateUser CreateUserName CreatorName"},
	{"CustomSQL", "the text of a query", "CustomSql"},
	{"Dashboards", "a number of dashboards", "Page"},
	{"DataSourceID", "the id of a data source", "DataSourceId DatasourceId DsId"},
	{"DataSourceName", "the name of a data source", "DsName"},
	{"DataSourceType", "the type of a data source, such as mysql", "DsType"},
	{"DataType", "the type of the values of a field", "DataType Value"},
	{"DatasetID", "the id of a dataset", "CubeId DatasetId"},
	{"DatasetIDs", "ids of datasets", "CubeIds DataSetIds MultipleCubeIds"},
	{"DatasetName", "the name of a dataset", "Caption CubeName DatasetName UserDefineCubeName"},
	{"Datasets", "names of datasets by their ids", "CubeIds"},
	{"Description", "a description", "Desc Description TagDescription UserGroupDesc UserGroupDescription WorkspaceDescription"},
	{"Dimensions", "the dimensions of a dataset", "DimensionList Dimensions"},
	{"EndTime", "the end of a run", "GmtModified"},
	{"FieldID", "the id of a field", "Fid fieldId"},
	{"IsCustomSQL", "whether something is made of a query, not of a table", "CustimzeSql Customsql"},
	{"Kind", "dimension or measure", "Type"},
	{"LLMCubeID", "the id of a question resource, which is made of a dataset", "LlmCube LlmCubeId"},
	{"LLMCubeIDs", "ids of question resources", "LlmCubes"},
	{"Measures", "the measures of a dataset", "MeasureList Measures"},
	{"Message", "a text about a failure", "DetailMessage"},
	{"ModifiedTime", "the time of the last change", "GmtModified GmtModify LastModifyTime ModifiedTime ModifyTime"},
	{"ModifierID", "the UserID of the last modifier", "ModifierId ModifyUser"},
	{"ModifierName", "the name of the last modifier", "ModifierName ModifyName"},
	{"Name", "the name of anything else", "Key Name SubscribeName"},
	{"NickName", "the name of a member that Quick BI shows", "NickName UserNick"},
	{"Operator", "the comparison or the join of values", "conditionOp Operator relationOperator"},
	{"OwnerID", "the UserID of an owner", "BizOwnerUserId Owner OwnerId OwnerNum"},
	{"OwnerName", "the nickname of an owner", "BizOwnerName OwnerName"},
	{"PageNum", "the number of a page, from 1", "Page PageNo PageNum"},
	{"PathID", "the id of a field among all datasets, or of a folder with those above it", "PathId"},
	{"Previous", "the number of the page before", "Pre"},
	{"ResourceType", "the kind of a work, dataset or data source with rights", "ResourceType"},
	{"Role", "the role of a member in a workspace", "Role RoleModel"},
	{"RoleIDs", "ids of roles", "RoleIdList RoleIds"},
	{"RuleType", "rules about rows, or about columns", "ruleLevelType RuleType"},
	{"ShareToID", "the id of the receiver of a share", "ShareToId ShareToIds"},
	{"StartTime", "the start of a run", "GmtCreate JonStartDate"},
	{"Status", "the state of something", "FlagStatus JobStatus PublishStatus Status StatusType"},
	{"TagValues", "the values that a tag has for a member", "TagValue"},
	{"ThemeID", "the id of an analysis theme", "LlmCubeTheme ThemeId"},
	{"ThemeIDs", "ids of analysis themes", "LlmCubeThemes Themes"},
	{"Themes", "analysis themes", "ApiCopilotThemeModels ThemeIds"},
	{"ThirdPartAuthFlag", "whether a work may be embedded", "Auth3rdFlag ThirdPartAuthFlag"},
	{"Total", "the size of a batch", "Total"},
	{"TotalNum", "the entries of all pages", "Total TotalNum"},
	{"Type", "the kind of anything else", "Type"},
	{"UserGroupIDs", "ids of user groups", "UserGroupIds UserGroups"},
	{"UserID", "Quick BI's own id of a member, not the UID of the cloud account", "BoundUserId QbiUserId UserId"},
	{"UserIDs", "ids of members", "UserIdList UserIds Users"},
	{"Value", "a value", "conditionValue Value"},
	{"Values", "values", "Value Values"},
	{"WorksID", "the id of a work: a dashboard, spreadsheet, portal, …", "ReportId TreeId WorksId"},
	{"WorksIDs", "ids of works", "WorksId"},
	{"WorksName", "the name of a work", "Name ReportName WorkName WorksName"},
	{"WorksType", "the kind of a work", "ReportType ResourceType ShareType TreeType Type WorksType WorkType"},
	{"WorkspaceID", "the id of a workspace", "WorkspaceId WsId"},
}

// otherWords are words that no Go name has, with the word that it has instead.
// Methods have the names of their actions, and request types those of their methods.
var otherWords = map[string]string{
	"Datasource": "DataSource", "Usergroup": "UserGroup", "WorkType": "WorksType", "WorkName": "WorksName", "IpWhite": "IPWhite",
	"CreateTime": "CreatedTime", "ModifyTime": "ModifiedTime", "ModifyUser": "ModifierID", "CreateUser": "CreatorID",
	"PageNo": "PageNum", "Geographical": "Geographic", "Cube": "Dataset", "NickNames": "NickName", "Cmpt": "Component",
}

// TestVocabulary holds the names of all fields against the vocabulary: a field
// has the name of its noun, and a name on the wire has one name in Go unless the
// vocabulary says more. docs/vocabulary.md is made from it.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	known := map[string][]string{} // by the name on the wire, folded
	for _, noun := range vocabulary {
		for wire := range strings.FieldsSeq(noun.wires) {
			known[strings.ToLower(wire)] = append(known[strings.ToLower(wire)], noun.name)
		}
	}
	used := map[string]bool{}
	seen := map[string]string{}
	for _, typ := range slices.Sorted(maps.Keys(s.structs)) {
		for _, field := range s.structs[typ].Fields.List {
			if field.Tag == nil {
				continue
			}
			tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
			wire, _, _ := strings.Cut(tag.Get("url")+tag.Get("json"), ",")
			folded := strings.ToLower(wire)
			for _, name := range field.Names {
				if !name.IsExported() || wire == "" || wire == "-" || strings.HasPrefix(tag.Get("url"), "-") {
					continue
				}
				if nouns, ok := known[folded]; ok {
					if !slices.Contains(nouns, name.Name) {
						t.Errorf("%s.%s is %s on the wire, whose name in Go is %s", typ, name.Name, wire, strings.Join(nouns, " or "))
					}
					used[folded+" "+name.Name] = true
					continue
				}
				if other, ok := seen[folded]; ok && !strings.HasSuffix(other, "."+name.Name) {
					t.Errorf("%s.%s and %s are both %s on the wire: give them one name, or put both into the vocabulary", typ, name.Name, other, wire)
				}
				seen[folded] = typ + "." + name.Name
			}
		}
	}
	for wire, nouns := range known {
		for _, noun := range nouns {
			if !used[wire+" "+noun] {
				t.Errorf("no field is %s and called %s on the wire: the vocabulary need not say so", noun, wire)
			}
		}
	}
	actions := catalog.Load().Operations
	wrong := func(name string) {
		if actions[strings.TrimSuffix(strings.TrimSuffix(name, "Request"), "All")] != nil {
			return
		}
		for word, right := range otherWords {
			if strings.Contains(strings.ReplaceAll(name, "LLMCube", ""), word) {
				t.Errorf("%s says %s, not %s", name, word, right)
			}
		}
	}
	for name, st := range s.structs {
		wrong(name)
		for _, field := range st.Fields.List {
			for _, ident := range field.Names {
				wrong(ident.Name)
			}
		}
	}
	ast.Inspect(&ast.File{Name: ast.NewIdent("quickbi"), Decls: s.declarations()}, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, ident := range spec.Names {
				wrong(ident.Name)
			}
		}
		return true
	})

	var b strings.Builder
	b.WriteString("# Vocabulary\n\nThe service has several names for the same thing. In Go each thing has one name: fields of requests and results have the\n" +
		"names of this table, whatever the wire name. `json.Marshal` of a result gives the names of the wire again.\n" +
		"Methods and request types keep the names of the documented actions.\n\n| in Go | what it is | on the wire |\n|---|---|---|\n")
	for _, noun := range vocabulary {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", noun.name, noun.is, strings.Join(strings.Fields(noun.wires), "`, `"))
	}
	b.WriteString("\nThis table is generated: `go test -run TestVocabulary -update .`\n")
	compareFile(t, "docs/vocabulary.md", b.String())
}

// declarations returns the constants and variables of the package.
func (s *sources) declarations() []ast.Decl {
	var decls []ast.Decl
	for _, v := range slices.Concat(s.doc.Consts, s.doc.Vars) {
		decls = append(decls, v.Decl)
	}
	for _, typ := range s.doc.Types {
		for _, v := range slices.Concat(typ.Consts, typ.Vars) {
			decls = append(decls, v.Decl)
		}
	}
	return decls
}

// compareFile compares a generated file with what it should be; -update writes it.
func compareFile(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != want {
		t.Errorf("%s is not up to date: go test -run %s -update .", path, t.Name())
	}
}

var overview = regexp.MustCompile(`(?s)// # Operations\n.*?// # Credentials\n`)

// TestOverview compares the list of operations in the package's comment with the
// catalogue. go test -run TestOverview -update writes it.
func TestOverview(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	cat := catalog.Load()
	var b strings.Builder
	b.WriteString("// # Operations\n//\n// Each section of the documentation is a file of this package.\n//\n")
	for _, section := range cat.Sections {
		var links []string
		for _, action := range slices.Sorted(maps.Keys(cat.Operations)) {
			if cat.Operations[action].Section != section.File {
				continue
			}
			links = append(links, "[Client."+action+"]")
			if s.methods[action+"All"] != nil {
				links = append(links, "[Client."+action+"All]")
			}
		}
		line := "//   - "
		for i, word := range slices.Concat(strings.Fields(section.Title+":"), links) {
			if i > 0 && strings.HasPrefix(word, "[") && i < len(links)+len(strings.Fields(section.Title))-1 {
				word += ","
			}
			if len(line)+len(word) > 100 {
				b.WriteString(strings.TrimRight(line, " ") + "\n")
				line = "//     "
			}
			line += word + " "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	b.WriteString("//\n// # Credentials\n")
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(overview.FindAll(text, -1)); n != 1 {
		t.Fatalf("doc.go has %d sections Operations before one Credentials", n)
	}
	compareFile(t, "doc.go", overview.ReplaceAllLiteralString(string(text), b.String()))
}
