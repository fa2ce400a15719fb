package wire

// BanResponse is a ban in answers.
type BanResponse struct {
	User      *UserResponse    `json:"user,omitempty"`
	BannedBy  *UserResponse    `json:"banned_by,omitempty"`
	Channel   *ChannelResponse `json:"channel,omitempty"`
	Reason    *string          `json:"reason,omitempty"`
	Shadow    bool             `json:"shadow"`
	Expires   *Nanos           `json:"expires,omitempty"`
	CreatedAt Nanos            `json:"created_at"`
}

// MuteResponse says in answers that a user silenced another.
type MuteResponse struct {
	User      *UserResponse `json:"user,omitempty"`
	Target    *UserResponse `json:"target,omitempty"`
	Expires   *Nanos        `json:"expires,omitempty"`
	CreatedAt Nanos         `json:"created_at"`
	UpdatedAt Nanos         `json:"updated_at"`
}
