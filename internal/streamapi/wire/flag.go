package wire

// FlagResponse is a flag in answers.
type FlagResponse struct {
	EntityID   string         `json:"entity_id"`
	EntityType string         `json:"entity_type"`
	Creator    string         `json:"entity_creator_id"`
	Item       string         `json:"review_queue_item_id"`
	Type       string         `json:"type"`
	UserID     string         `json:"user_id"`
	User       *UserResponse  `json:"user,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Result     []any          `json:"result"`
	Labels     []string       `json:"labels"`
	Custom     map[string]any `json:"custom"`
	CreatedAt  Nanos          `json:"created_at"`
	UpdatedAt  Nanos          `json:"updated_at"`
}

// MessageFlagResponse is a flag of a message in answers. There are no reviews or approvals here.
type MessageFlagResponse struct {
	Message   *MessageResponse `json:"message,omitempty"`
	User      *UserResponse    `json:"user,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Custom    map[string]any   `json:"custom"`
	ByAutomod bool             `json:"created_by_automod"`
	CreatedAt Nanos            `json:"created_at"`
	UpdatedAt Nanos            `json:"updated_at"`
}
