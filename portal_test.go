package quickbi

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPortalMenus(t *testing.T) {
	t.Parallel()
	tree := PortalMenus{{MenuID: "1", MenuType: PortalMenuFolder, Children: []PortalMenu{
		{MenuID: "2", MenuName: `a "b"`, DependentPermission: true},
	}}}
	const plain = `[{"menuId":"1","menuType":4,"children":[{"menuId":"2","menuName":"a \"b\"","menuType":0,"dependentPermisson":true}]}]`
	quoted, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]PortalMenus{
		string(quoted):                          tree,
		plain:                                   tree,
		`"[{\"menuId\":1,\"menuType\":\"4\"}]"`: {{MenuID: "1", MenuType: PortalMenuFolder}},
		`"[]"`:                                  {},
		`""`:                                    nil,
		`null`:                                  nil,
	} {
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R-1","Success":true,"Result":`+text+`}`))
		resp, err := newTestClient(t, wire).ListPortalMenus(t.Context(), &ListPortalMenusRequest{DataPortalID: "p"})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		menus, err := resp.Result.Value()
		if diff := cmp.Diff(want, menus); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
}
