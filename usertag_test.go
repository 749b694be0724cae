package quickbi

import (
	"errors"
	"strings"
	"testing"
)

func TestUpdateUserTagValueLength(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values []string
		ok     bool
	}{
		"cleared":              {[]string{UserTagCleared}, true},
		"as long as may be":    {[]string{strings.Repeat("职", 3000)}, true},
		"too long":             {[]string{strings.Repeat("职", 3001)}, false},
		"the comma counts":     {[]string{strings.Repeat("职", 1500), strings.Repeat("a", 1500)}, false},
		"a comma in a value":   {[]string{"a,b"}, false},
		"an empty value":       {[]string{"a", ""}, false},
		"no value is no reset": {[]string{}, false},
	} {
		_, err := encode("UpdateUserTagValue", &UpdateUserTagValueRequest{UserID: "u", TagID: "t", TagValues: test.values}, false)
		if (err == nil) != test.ok || err != nil && !errors.Is(err, ErrInvalidRequest) {
			t.Errorf("%s: %v, want success %v", name, err, test.ok)
		}
	}
}
