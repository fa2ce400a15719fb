package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Each mutation of a webhook leaves a record, and none has a secret.
func TestWebhooksThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	var answer atomic.Int32 // the job runner delivers beside the test
	answer.Store(http.StatusNoContent)
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(answer.Load())) }))
	t.Cleanup(crm.Close)
	created := s.MustAsk(fmt.Sprintf(`mutation{createWebhook(input:{url:%q,description:"the CRM",events:["user.banned"],enabled:false}){
		webhook{id url description events enabled retrying dead deliveredAt} secrets{secret until}}}`, crm.URL+"/hook"), nil)["createWebhook"].(map[string]any)
	hook := created["webhook"].(map[string]any)
	id := hook["id"].(string)
	if hook["url"] != crm.URL+"/hook" || hook["description"] != "the CRM" || fmt.Sprint(hook["events"]) != "[user.banned]" || hook["enabled"] != false {
		t.Errorf("made %v", hook)
	}
	first := created["secrets"].([]any)[0].(map[string]any)["secret"].(string)
	if !strings.HasPrefix(first, "whsec_") || len(created["secrets"].([]any)) != 1 {
		t.Errorf("made secrets %v", created["secrets"])
	}
	for _, row := range []struct{ mutation, target, want string }{
		{`updateWebhook(input:{id:%q,enabled:true,reason:"because"}){webhook{enabled events}}`, "webhook", `"enabled":true,"events":["user.banned"]`},
		{`updateWebhook(input:{id:%q,events:[],reason:"because"}){webhook{events description}}`, "webhook", `"events":[],"description":"the CRM"`},
		{`rotateWebhookSecret(input:{id:%q,reason:"because"}){secrets{secret until}}`, "webhook", first},
		{`revealWebhookSecrets(input:{id:%q,reason:"because"}){secrets{secret}}`, "webhook", first},
		{`rotateWebhookSecret(input:{id:%q,overlapHours:0,reason:"because"}){secrets{secret until}}`, "webhook", `"until":null}]`},
		{`testWebhook(input:{id:%q,reason:"because"}){delivered status error}`, "webhook", `"delivered":true,"status":204,"error":null`},
		{`replayWebhook(input:{id:%q,since:"` + time.Now().Add(-time.Hour).Format(time.RFC3339) + `",reason:"because"}){webhook{id}}`, "webhook", id},
	} {
		got := s.Ask("mutation{x:"+fmt.Sprintf(row.mutation, id)+"}", nil)
		if len(got.Errors) > 0 || len(got.Extensions.Changes) != 1 || !strings.Contains(got.Text, row.want) {
			t.Errorf("%s: %s", row.mutation, got.Text)
			continue
		}
		c := changes(s, "")[0]
		name, _, _ := strings.Cut(row.mutation, "(")
		if c["operation"] != name || c["reason"] != "because" || !strings.Contains(fmt.Sprint(c["targets"]), id) || strings.Contains(fmt.Sprint(c), "whsec_") {
			t.Errorf("the record is %v", c)
		}
	}
	answer.Store(http.StatusTeapot)
	if got := s.Ask(fmt.Sprintf(`mutation{testWebhook(input:{id:%q}){delivered status error}}`, id), nil); got.Text !=
		`{"data":{"testWebhook":{"delivered":false,"status":418,"error":"the answer is 418"}}}` {
		t.Errorf("a refused test: %s", got.Text)
	}
	if got := s.MustAsk(fmt.Sprintf(`{webhooks{id} webhookDeliveries(id:%q,state:DEAD){nodes{id}}}`, id), nil); fmt.Sprint(got) !=
		fmt.Sprintf("map[webhookDeliveries:map[nodes:[]] webhooks:[map[id:%s]]]", id) {
		t.Errorf("listed %v", got)
	}
	disabled := made(s, fmt.Sprintf(`updateWebhook(input:{id:%q,enabled:false}){webhook{id}}`, id))
	made(s, fmt.Sprintf(`undo(input:{change:%q}){change{id}}`, disabled))
	if got := s.MustAsk(`{webhooks{enabled}}`, nil); fmt.Sprint(got) != "map[webhooks:[map[enabled:true]]]" {
		t.Errorf("after the undo: %v", got)
	}
	made(s, fmt.Sprintf(`deleteWebhook(input:{id:%q}){id}`, id))
	if strings.Contains(s.Logged.String(), "whsec_") {
		t.Errorf("a secret is in the log")
	}
	for _, row := range []struct{ operation, code, field string }{
		{`mutation{createWebhook(input:{url:"ftp://a.example"}){webhook{id}}}`, "INVALID_ARGUMENTS", "input.url"},
		{`mutation{createWebhook(input:{url:"https://u:p@a.example"}){webhook{id}}}`, "INVALID_ARGUMENTS", "input.url"},
		{`mutation{createWebhook(input:{url:"https://a.example#x"}){webhook{id}}}`, "INVALID_ARGUMENTS", "input.url"},
		{`mutation{createWebhook(input:{url:"https://a.example",events:["message.new","nothing"]}){webhook{id}}}`, "INVALID_ARGUMENTS", "input.events[1]"},
		{`mutation{createWebhook(input:{url:"https://a.example",description:"` + strings.Repeat("x", 256) + `"}){webhook{id}}}`, "INVALID_ARGUMENTS", "input.description"},
		{`mutation{updateWebhook(input:{id:"none"}){webhook{id}}}`, "NOT_FOUND", "input.id"},
		{`mutation{updateWebhook(input:{id:""}){webhook{id}}}`, "NOT_FOUND", "input.id"},
		{`mutation{deleteWebhook(input:{id:"none"}){id}}`, "NOT_FOUND", "input.id"},
		{`mutation{revealWebhookSecrets(input:{id:"none"}){secrets{secret}}}`, "NOT_FOUND", "input.id"},
		{`mutation{rotateWebhookSecret(input:{id:"none",overlapHours:169}){secrets{secret}}}`, "INVALID_ARGUMENTS", "input.overlapHours"},
		{`mutation{replayWebhook(input:{id:"none",since:"2020-01-01T00:00:00Z"}){webhook{id}}}`, "INVALID_ARGUMENTS", "input.since"},
		{`mutation{retryWebhookDelivery(input:{id:"none",delivery:"x"}){id}}`, "INVALID_ARGUMENTS", "input.delivery"},
		{`mutation{retryWebhookDelivery(input:{id:"none",delivery:"1-1"}){id}}`, "NOT_FOUND", "input.id"},
		{`{webhookDeliveries(id:"none"){nodes{id}}}`, "NOT_FOUND", "id"},
		{`{webhookDeliveries(id:"none",after:"x"){nodes{id}}}`, "INVALID_ARGUMENTS", "after"},
	} {
		if got := s.Ask(row.operation, nil); len(got.Errors) != 1 || got.Errors[0].Code() != row.code || got.Errors[0].Field() != row.field {
			t.Errorf("%s: %s", row.operation, got.Text)
		}
	}
}

func TestNoMoreWebhooksThanAllowed(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	for range 20 {
		s.MustAsk(`mutation{createWebhook(input:{url:"https://crm.example.com",enabled:false}){webhook{id}}}`, nil)
	}
	if got := s.Ask(`mutation{createWebhook(input:{url:"https://crm.example.com"}){webhook{id}}}`, nil); len(got.Errors) != 1 || got.Errors[0].Code() != "INVALID_ARGUMENTS" {
		t.Errorf("one more: %s", got.Text)
	}
}
