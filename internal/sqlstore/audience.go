package sqlstore

import (
	"strings"

	"backchannel/internal/chat"
)

// writeAudience is an audience as the database has it: the ids with a comma on both
// sides of each, so that none is found within another; "" for all.
func writeAudience(a chat.Audience) string {
	if len(a) == 0 {
		return ""
	}
	return "," + strings.Join(a, ",") + ","
}

func readAudience(text string) chat.Audience {
	if text == "" {
		return nil
	}
	return strings.Split(strings.Trim(text, ","), ",")
}

// shownAudience is who alone may see a message: of a shadow-banned user's, its sender.
func shownAudience(text string, shadowed bool, sender string) chat.Audience {
	if shadowed {
		return chat.Audience{sender}
	}
	return readAudience(text)
}

// reader is an id to look for in audiences. A token's subject may be anything, such as
// two ids with a comma between; what can't be a user's id is looked for as nobody's.
func reader(id string) string {
	if chat.CheckUserID(id) != nil {
		return ""
	}
	return id
}

// shownTo holds for messages, under that name, that the user may see whose id the
// expression gives. REPLACE minds the case of letters on both databases, LIKE doesn't.
func shownTo(messages, user string) string {
	return `(` + messages + `.audience = '' AND NOT ` + messages + `.shadowed OR ` + messages + `.sender = ` + user +
		` OR NOT ` + messages + `.shadowed AND REPLACE(` + messages + `.audience, ',' || ` + user + ` || ',', '') <> ` + messages + `.audience)`
}
