package quickbi

import "testing"

// FuzzMentionsSecrets looks for texts of which the expressions would take something
// out, and that are not given to them.
func FuzzMentionsSecrets(f *testing.F) {
	for _, text := range []string{
		"Password=x", "paſſword: x", "the Server StringToSign is a", "ACCESS_\u212aEY=x", "access_key_secret%3Dx", `"Security-Token":"x"`,
		"The specified user is not in the organizational unit.", "状态 s", "x-acs-Signature=x", "BearerToken=x", "accessTicket=x", "s", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !mentionsSecrets(text) && (echo().MatchString(text) || secretPairs().MatchString(text)) {
			t.Errorf("%q", text)
		}
	})
}
