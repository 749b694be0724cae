package quickbi

import "testing"

// TestSecretPairs shows what is left of texts with pairs of a name and a secret.
func TestSecretPairs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"url ?Signature=abcdefgh&SecurityToken=CAIS12345 password: hunter2 rest": "url ?Signature=REDACTED&SecurityToken=REDACTED password: REDACTED rest",
		"security_token=CAIS security-token: CAIS securitytoken=CAIS.":           "security_token=REDACTED security-token: REDACTED securitytoken=REDACTED",
		`{"bearer_token":"abc","access_ticket":"def","id":"ghi"}`:                `{"bearer_token":"REDACTED","access_ticket":"REDACTED","id":"ghi"}`,
		"access_key_secret = abc\nregion = cn":                                   "access_key_secret = REDACTED\nregion = cn",
	} {
		if got := new(redactor).clean(text); got != want {
			t.Errorf("%s\nis %s\nand not %s", text, got, want)
		}
	}
}

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
