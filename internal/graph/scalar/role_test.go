package scalar_test

import (
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/graph/scalar"
)

// The enum has three roles; the chat may have more.
func TestRolesThatTheEnumLacks(t *testing.T) {
	for role, want := range map[chat.Role]string{
		chat.RoleUser: `"USER"`, chat.RoleAdmin: `"ADMIN"`, chat.RoleModerator: `"MODERATOR"`,
		"guest": `"USER"`, "special_agent": `"USER"`, "": `"USER"`,
	} {
		var text strings.Builder
		scalar.MarshalRole(role).MarshalGQL(&text)
		if text.String() != want {
			t.Errorf("the role %q is written %s", role, text.String())
		}
	}
}
