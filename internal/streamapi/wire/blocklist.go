package wire

import (
	"backchannel/internal/chat"
)

// BlocklistResponse is a block list in answers.
type BlocklistResponse struct {
	chat.Blocklist
	Type       string `json:"type"`
	Leet       bool   `json:"is_leet_check_enabled"`
	Plural     bool   `json:"is_plural_check_enabled"`
	Substring  bool   `json:"is_substring_matching_enabled"`
	Confusable bool   `json:"is_confusable_folding_enabled"`
	CreatedAt  Nanos  `json:"created_at"`
	UpdatedAt  Nanos  `json:"updated_at"`
}

// BlocklistAnswer returns a block list in the form of answers.
func BlocklistAnswer(b chat.Blocklist) *BlocklistResponse {
	return &BlocklistResponse{Blocklist: b, Type: "word", CreatedAt: At(b.CreatedAt), UpdatedAt: At(b.UpdatedAt)}
}
