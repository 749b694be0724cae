package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The comments that the command shows are those of the package as it is.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	want, err := Generate("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../operations.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("operations.json is out of date: run go generate in cmd/quickbi")
	}
}

// Who does not write Go needs values and names on the wire.
func TestNoGo(t *testing.T) {
	t.Parallel()
	text, err := Generate("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	var operations map[string]operation
	if err := json.Unmarshal(text, &operations); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ action, param, want string }{
		{"CreateUserGroup", "ParentUserGroupId", "or -1 (RootUserGroupID)"},
		{"CreateUserGroup", "UserGroupId", "UserGroupId is an id of your own"},
		{"AddUser", "UserType", "1: developer\n2: viewer\n3: analyst"},
		{"AddUser", "AdminUser", "put 111111111 (OrganizationRoleAdmin) into RoleIds"},
		{"CreateTicket", "AccountType", "1: cloud; Alibaba Cloud account"},
		{"AddShareReport", "ShareToType", "0: user\n1: user group\n2: organization"},
		{"DeleteUser", "", "User.Not.In.Organization"},
	} {
		got := operations[tt.action].Params[tt.param]
		if tt.param == "" {
			got = operations[tt.action].Text
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s %s lacks %q:\n%s", tt.action, tt.param, tt.want, got)
		}
	}
	// These are not among the kinds that it takes.
	if got := operations["AddShareReport"].Params["ShareToType"]; strings.Contains(got, "3: ") {
		t.Errorf("ShareToType takes too much:\n%s", got)
	}
}
