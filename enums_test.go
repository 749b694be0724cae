package quickbi

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"strconv"
	"testing"
)

// TestEnumerationsHaveNames checks that every type whose constants are numbers
// writes each of them as a name, and a number that it does not know as the number.
func TestEnumerationsHaveNames(t *testing.T) {
	t.Parallel()
	s := parseSources(t)
	for _, typ := range s.doc.Types {
		ident, ok := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.Ident)
		if !ok || ident.Name != "int" || len(typ.Consts) == 0 {
			continue
		}
		found := false
		for _, m := range typ.Methods {
			found = found || m.Name == "String"
		}
		if !found {
			t.Errorf("%s has no method String", typ.Name)
		}
	}
	for value, want := range map[fmt.Stringer]string{
		UserTypeAnalyst: "analyst", UserType(7): "7", DynamicTagAccountID: "account id", DynamicTagAttribute(3): "3", ShareTargetUserGroup: "user group", AuthPointsEdit: "edit", WorksStatusModified: "modified",
		WorksEmbeddingOn: "on", PortalMenuFolder: "folder", PortalMenuType(3): "3", DataLevelOff: "off", AccelerationWarning: "warning",
		APIDataSourceFailed: "failed", TicketAccountFeishu: "Feishu", ApplicationsProcessed: "processed", ApplicationRejected: "rejected",
		SmartqDisabled: "disabled", SmartqRevoke: "revoke", SmartqOperation(-1): "-1",
	} {
		if got := value.String(); got != want {
			t.Errorf("%T: %q, want %q", value, got, want)
		}
		if text, err := json.Marshal(value); err != nil || !isNumber(string(text)) {
			t.Errorf("%T in JSON: %s, %v", value, text, err)
		}
	}
	p, err := encode("AddUser", &AddUserRequest{AccountID: "1", NickName: "n", UserType: UserTypeAnalyst}, false)
	if err != nil || p.query.Get("UserType") != "3" {
		t.Errorf("sent as %q, %v", p.query.Get("UserType"), err)
	}
}

func isNumber(text string) bool { _, err := strconv.Atoi(text); return err == nil }
