package graph_test

import (
	"fmt"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/transport"
)

// An edit keeps what is left out, and null removes it.
func TestEditsKeepWhatIsLeftOut(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	seed(h, 1)
	h.Ask(`mutation { upsertChatUsers(input: {users: [{id: "anna", name: "Anna"}]}) { users { id } } }`, nil)
	sent := h.Ask(`mutation { sendMessage(input: {cid: "livestream:room-0", text: "one", mentionedUsersIds: ["anna"],
		attachments: [{title: "A", assetUrl: "https://e.com/a.png"}]}) { message { id } } }`, nil)
	payload, _ := sent.Data["sendMessage"].(map[string]any)
	m, _ := payload["message"].(map[string]any)
	for _, row := range []struct{ given, want string }{
		{`text: "two"`, `{"text":"two","attachments":[{"title":"A"}],"mentionedUsers":[{"id":"anna"}]}`},
		{`text: "three", mentionedUsersIds: null`, `{"text":"three","attachments":[{"title":"A"}],"mentionedUsers":[]}`},
		{`text: "", attachments: [{title: "A", assetUrl: "https://e.com/a.png"}]`, `{"text":"","attachments":[{"title":"A"}],"mentionedUsers":[]}`},
		{`text: "four", attachments: []`, `{"text":"four","attachments":[],"mentionedUsers":[]}`},
		{`text: ""`, "INVALID_ARGUMENTS"},
	} {
		r := h.Ask(fmt.Sprintf(`mutation { editMessage(input: {cid: "livestream:room-0", messageId: %q, %s}) {
			message { text attachments { title } mentionedUsers { id } } } }`, m["id"], row.given), nil)
		if len(r.Errors) == 1 && r.Errors[0].Code() == row.want && r.Errors[0].Field() == "input.text" {
			continue
		}
		if want := `{"data":{"editMessage":{"message":` + row.want + `}}}`; r.Text != want {
			t.Errorf("%s\n got %s\nwant %s", row.given, r.Text, want)
		}
	}
}
