package quickbi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/quickbi-go/quickbi/internal/json"
)

// TestGlobalParamTravels follows global parameters to the service and through
// its second decoding, whether that turns "+" into a blank or not.
func TestGlobalParamTravels(t *testing.T) {
	t.Parallel()
	values := []string{
		"", " ", "华东 大区", "100%", "%25", "%E5%8D", "a+b", "a&b=c;d", `say "hi"`, `back\slash`, "it's", "[]{}", "<b>", "&quot;", "line\nbreak", "𠮷",
	}
	params := GlobalParams{
		GlobalParamOf("area", GlobalIn, values...),
		GlobalParamOf("price", GlobalGreater, "0").And(GlobalLessOrEqual, "100%"),
	}
	wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":"t"}`))
	_, err := newTestClient(t, wire).CreateTicket(t.Context(), &CreateTicketRequest{WorksID: "w", UserID: "u", GlobalParam: params})
	if err != nil {
		t.Fatal(err)
	}
	sent := wire.requests()[0].body.Get("GlobalParam") // decoded once, as by any server
	if strings.ContainsAny(sent, "+ \"[{\n") {
		t.Errorf("not percent-encoded: %s", sent)
	}
	for name, decode := range map[string]func(string) (string, error){"form": url.QueryUnescape, "path": url.PathUnescape} {
		text, err := decode(sent)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(text, `[{"paramKey":"area","joinType":"and","conditionList":[{"operate":"in","value":[""," ","华东 大区",`) {
			t.Errorf("%s: %s", name, text)
		}
		var again GlobalParams
		if err := json.Unmarshal([]byte(text), &again); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(params, again, fieldsOnly); diff != "" {
			t.Errorf("%s (-given +arrived):\n%s", name, diff)
		}
	}
}

func TestGlobalParamShape(t *testing.T) {
	t.Parallel()
	for want, params := range map[string]GlobalParams{
		`[{"paramKey":"price","joinType":"and","conditionList":[{"operate":">","value":"0"}]}]`:                  {GlobalParamOf("price", GlobalGreater, "0")},
		`[{"paramKey":"kind","joinType":"and","conditionList":[{"operate":"in","value":["家具"]}]}]`:               {{Key: "kind", Conditions: []GlobalCondition{{Operator: GlobalIn, Values: []string{"家具"}}}}},
		`[{"paramKey":"day","joinType":"and","conditionList":[{"operate":"between","value":["1","2"]}]}]`:        {GlobalParamOf("day", "between", "1", "2")},
		`[{"paramKey":"k","joinType":"and","conditionList":[{"operate":"not-null","value":""}]}]`:                {GlobalParamOf("k", "not-null", "")},
		`[{"paramKey":"n","joinType":"and","conditionList":[{"operate":"start-with","value":"A \"B\" <+> %"}]}]`: {GlobalParamOf("n", GlobalStartWith, `A "B" <+> %`)},
	} {
		v := url.Values{}
		if err := params.EncodeValues("GlobalParam", &v); err != nil {
			t.Fatal(err)
		}
		if got, err := url.PathUnescape(v.Get("GlobalParam")); err != nil || got != want {
			t.Errorf("got  %s\nwant %s (%v)", got, want, err)
		}
	}
	base := GlobalParamOf("k", GlobalGreater, "0")
	one, two := base.And(GlobalLess, "1"), base.And(GlobalLess, "2")
	if one.Conditions[1].Values[0] != "1" || two.Conditions[1].Values[0] != "2" || len(base.Conditions) != 1 {
		t.Error("And changed the parameter it was called on")
	}
	if err := (GlobalParams{GlobalParamOf("k", GlobalEqual, "\xff")}).EncodeValues("GlobalParam", &url.Values{}); !errors.Is(err, ErrInvalidRequest) {
		t.Errorf("broken UTF-8: %v", err)
	}
}

func TestGlobalParamDecoding(t *testing.T) {
	t.Parallel()
	want := GlobalParams{{Key: "k", JoinType: "and", Conditions: []GlobalCondition{{Operator: GlobalIn, Values: []string{"家具 A", "5"}}, {Operator: GlobalGreater, Values: []string{"0"}}}}}
	plain := `[{"paramKey":"k","joinType":"and","conditionList":[{"operate":"in","value":["家具 A","5"]},{"operate":">","value":"0"}]}]`
	quoted := func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	entities := strings.NewReplacer(`"`, "&quot;", ">", "&gt;")
	for name, text := range map[string]string{
		"an array":             plain,
		"in a string":          quoted(plain),
		"with rubbish after":   quoted(plain + `\n`),
		"with entities":        quoted(entities.Replace(plain) + `\n`),
		"with entities, whole": quoted(entities.Replace(plain)),
		"percent-encoded":      quoted(string(appendEscaped(nil, plain))),
		"numbers":              `[{"paramKey":"k","joinType":"and","conditionList":[{"operate":"in","value":["家具 A",5]},{"operate":">","value":0}]}]`,
	} {
		var got GlobalParams
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(want, got, fieldsOnly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, text := range []string{`""`, `" "`, `null`, `"[]"`} {
		got := GlobalParams{{Key: "old"}}
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{`"nothing"`, `"[{"`, `"%5B%"`, `{"a":1}`, `"{}"`} {
		if err := json.Unmarshal([]byte(text), new(GlobalParams)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func TestEmbedChecks(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":"t"}`))
	c := newTestClient(t, wire)
	ctx := t.Context()
	ticket := func(in CreateTicketRequest) func() error {
		in.WorksID = "w"
		return func() error {
			_, err := c.CreateTicket(ctx, &in)
			return err
		}
	}
	global := func(p ...GlobalParam) func() error { return ticket(CreateTicketRequest{GlobalParam: p}) }
	modify := func(r CopilotDataRange) func() error {
		return func() error {
			_, err := c.ModifyCopilotEmbedConfig(ctx, &ModifyCopilotEmbedConfigRequest{CopilotID: "c", DataRange: &r})
			return err
		}
	}
	for _, test := range []struct {
		want string
		send func() error
	}{
		{"TicketNum is 100000, more than 99999", ticket(CreateTicketRequest{TicketNum: 100000})},
		{"ExpireTime is 241, more than 240", ticket(CreateTicketRequest{ExpireTime: 241})},
		{"WatermarkParam has 51 characters", ticket(CreateTicketRequest{WatermarkParam: strings.Repeat("水", 51)})},
		{"AccountType is required with AccountName", ticket(CreateTicketRequest{AccountName: "acme"})},
		{"AccountType is required with AccountName", func() error {
			_, err := c.CreateTicket4Copilot(ctx, &CreateTicket4CopilotRequest{CopilotID: "c", AccountName: "acme"})
			return err
		}},
		{"has no paramKey at index 0", global(GlobalParamOf("", GlobalEqual, "a"))},
		{`joins by "or", which only "and" can at index 0`, global(GlobalParam{Key: "k", JoinType: "or", Conditions: []GlobalCondition{{Operator: GlobalEqual, Values: []string{"a"}}}})},
		{"has no condition at index 0", global(GlobalParam{Key: "k"})},
		{"has a condition without operator", global(GlobalParamOf("k", "", "a"))},
		{"has an empty value for the operator like", global(GlobalParamOf("k", GlobalLike, ""))},
		{"has an empty value for the operator contain", global(GlobalParamOf("k", GlobalContain, " "))},
		{`repeats the paramKey "k"`, global(GlobalParamOf("k", GlobalEqual, "a"), GlobalParamOf("k", GlobalEqual, "b"))},
		{"has no value for the operator in", global(GlobalParamOf("k", GlobalIn))},
		{"has 2 values for the operator =", global(GlobalParamOf("k", GlobalEqual, "a", "b"))},
		{"must have exactly one of", modify(CopilotDataRange{})},
		{"must have exactly one of", modify(CopilotDataRange{AllThemes: new(true), ThemeIDs: []string{"t"}})},
	} {
		if err := test.send(); !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	if n := len(wire.requests()); n != 0 {
		t.Errorf("%d requests sent", n)
	}
	for want, r := range map[string]CopilotDataRange{
		`{"allTheme":true}`: {AllThemes: new(true)},
		`{"allCube":true}`:  {AllLLMCubes: new(true)},
		`{"allCube":false,"llmCubes":[12314,12345678901234567890,"007","a"]}`: {AllLLMCubes: new(false), LLMCubeIDs: []string{"12314", "12345678901234567890", "007", "a"}},
		`{"allCube":false,"allTheme":false,"themes":["12314 甲"]}`:             CopilotEmbedDataRange{ThemeIDs: []string{"12314 甲"}}.Change(),
	} {
		v := url.Values{}
		if err := r.EncodeValues("DataRange", &v); err != nil || v.Get("DataRange") != want {
			t.Errorf("%s, want %s (%v)", v.Get("DataRange"), want, err)
		}
	}
}

// TestTicketsDoNotPrint prints all types with a ticket.
func TestTicketsDoNotPrint(t *testing.T) {
	t.Parallel()
	const ticket = "TICKET-0123456789"
	info := `{"RequestId":"R","Success":true,"Result":{"AccessTicket":"` + ticket + `","WorksId":"w"}}`
	made := `{"RequestId":"R","Success":true,"Result":"` + ticket + `"}`
	c := newTestClient(t, newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
		if strings.HasPrefix(req.Header.Get("X-Acs-Action"), "Query") {
			return newAnswer(req, http.StatusOK, info), nil
		}
		return newAnswer(req, http.StatusOK, made), nil
	}))
	agent, err := c.CreateTicket4AiPro(t.Context(), &CreateTicket4AiProRequest{AIProID: "a"})
	if err != nil || agent.Result.Reveal() != ticket {
		t.Fatalf("%+v, %v", agent, err)
	}
	secret := NewSecret(ticket)
	query := &QueryTicketInfoRequest{Ticket: secret}
	described, err := c.QueryTicketInfo(t.Context(), query)
	if err != nil || described.Result.AccessTicket.Reveal() != ticket {
		t.Fatalf("%+v, %v", described, err)
	}
	shown, err := c.CreateTicket(t.Context(), &CreateTicketRequest{WorksID: "w"})
	if err != nil || shown.Result.Reveal() != ticket {
		t.Fatalf("%+v, %v", shown, err)
	}
	asked, err := c.CreateTicket4Copilot(t.Context(), &CreateTicket4CopilotRequest{CopilotID: "c"})
	if err != nil || asked.Result.Reveal() != ticket {
		t.Fatalf("%+v, %v", asked, err)
	}
	for _, v := range []any{
		described, *described, described.Result, &described.Result, shown, *shown, shown.Result, asked, *asked, agent, *agent, query, *query,
		&DeleteTicketRequest{Ticket: secret}, DelayTicketExpireTimeRequest{Ticket: secret}, &UpdateTicketNumRequest{Ticket: secret},
	} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(format, v); strings.Contains(text, "TICKET") || strings.Contains(text, fmt.Sprintf("%x", ticket)) {
				t.Errorf("%s of %T: %s", format, v, text)
			}
		}
		if text, err := json.Marshal(v); err != nil || strings.Contains(string(text), ticket) {
			t.Errorf("JSON of %T: %s, %v", v, text, err)
		}
	}
}

func TestCreateTicketWithoutTicket(t *testing.T) {
	t.Parallel()
	for _, result := range []string{``, `,"Result":""`, `,"Result":null`, `,"Result":"false"`} {
		c := newTestClient(t, newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true`+result+`}`)))
		if resp, err := c.CreateTicket(t.Context(), &CreateTicketRequest{WorksID: "w"}); err == nil {
			t.Errorf("%s: %+v", result, resp)
		}
	}
}
