package engine

import (
	"backchannel/internal/chat"
)

// SettingBlocklist is the kind of settings that are block lists.
const SettingBlocklist = "blocklist"

// checkWords returns an error if a text contains a word that channels with these settings block.
func (s *Settings) checkWords(t chat.TypeSettings, text string) *chat.Error {
	blocking := t.Blocking()
	if len(blocking) == 0 || text == "" {
		return nil
	}
	words := chat.WordsOf(text)
	for _, name := range blocking {
		if s.Blocklists[name].Hit(words) {
			return &chat.Error{Code: chat.InvalidArguments, Reason: chat.Moderated, Field: "text",
				Message: "The text has a word that this channel doesn't allow."}
		}
	}
	return nil
}
