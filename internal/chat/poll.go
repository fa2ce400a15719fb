package chat

import (
	"slices"
	"time"
)

// Limits on polls. Texts are in characters.
const (
	MaxPollOptions     = 100
	MaxPollVotes       = 10 // of one user, where more than one is allowed
	MaxPollText        = 255
	MaxPollDescription = 1_000
	LatestVotesShown   = 10 // of an option
)

// Poll is a question with options to choose from. Messages carry it by its id.
type Poll struct {
	ID   string
	Name string // the question
	PollSettings
	Custom    map[string]any
	CreatedBy UserDetail
	CreatedAt time.Time
	UpdatedAt time.Time

	Counts map[string]int        // votes by option, answers under ""
	Latest map[string][]PollVote // the newest few, likewise
	Own    []PollVote            // of the user who asked
}

// PollSettings is how a poll goes. The JSON names are the database's, and those of
// Stream's API.
type PollSettings struct {
	Description string       `json:"description"`
	Visibility  string       `json:"voting_visibility"`            // one of the Visibility constants
	UniqueVote  bool         `json:"enforce_unique_vote"`          // a user has one vote
	MaxVotes    int          `json:"max_votes_allowed,omitempty"`  // of a user; 0 for as many as there are options
	Suggestions bool         `json:"allow_user_suggested_options"` // a word to the clients
	Answers     bool         `json:"allow_answers"`                // in words of one's own
	Closed      bool         `json:"is_closed"`
	Options     []PollOption `json:"options"`
}

// Who sees how users voted.
const (
	VisibleVotes   = "public"
	AnonymousVotes = "anonymous"
)

// PollOption is something to choose.
type PollOption struct {
	ID     string         `json:"id"`
	Text   string         `json:"text"`
	Custom map[string]any `json:"custom"`
}

// PollVote is what a user chose, or answered in words of its own.
type PollVote struct {
	ID        string
	PollID    string
	User      UserDetail
	OptionID  string // "" for an answer
	Answer    string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Check says what is wrong with a poll, or nil.
func (p Poll) Check() error {
	switch {
	case CheckMessageID(p.ID) != nil:
		return Invalid("id", "A poll's id is made as a message's is.")
	case p.Name == "" || longerThan(p.Name, MaxPollText) || hasNUL(p.Name):
		return Invalid("name", "A poll's name is 1 to %d characters, none of them NUL.", MaxPollText)
	case longerThan(p.Description, MaxPollDescription) || hasNUL(p.Description):
		return Invalid("description", "A poll's description has at most %d characters, none of them NUL.", MaxPollDescription)
	case p.MaxVotes < 0 || p.MaxVotes > MaxPollVotes:
		return Invalid("max_votes_allowed", "max_votes_allowed is from 1 to %d.", MaxPollVotes)
	case len(p.Options) > MaxPollOptions:
		return Invalid("options", "A poll has at most %d options.", MaxPollOptions)
	}
	if bad := one("voting_visibility", p.Visibility, VisibleVotes, AnonymousVotes); bad != nil {
		return bad
	}
	for i, o := range p.Options {
		if o.Text == "" || longerThan(o.Text, MaxPollText) || hasNUL(o.Text) {
			return Invalid("text", "An option's text is 1 to %d characters, none of them NUL.", MaxPollText)
		}
		if slices.ContainsFunc(p.Options[:i], func(other PollOption) bool { return other.Text == o.Text || other.ID == o.ID }) {
			return Invalid("options", "The option %q is there twice.", o.Text)
		}
		if err := CheckCustom(o.Custom); err != nil {
			return err
		}
	}
	return CheckCustom(p.Custom)
}

// Option returns an option of a poll, and whether there is one.
func (p Poll) Option(id string) (PollOption, bool) {
	i := slices.IndexFunc(p.Options, func(o PollOption) bool { return o.ID == id })
	if i < 0 {
		return PollOption{}, false
	}
	return p.Options[i], true
}

// Check says why a poll doesn't take a vote, or nil, by the rules that need no state.
func (v PollVote) Check(p Poll) error {
	if p.Closed {
		return Invalid("vote", "The poll is closed.")
	}
	if v.OptionID != "" {
		if _, there := p.Option(v.OptionID); !there || v.Answer != "" {
			return Invalid("vote", "A vote is for an option of the poll, or an answer.")
		}
		return nil
	}
	switch {
	case v.Answer == "" || longerThan(v.Answer, MaxPollText) || hasNUL(v.Answer):
		return Invalid("vote", "A vote has an option_id, or an answer_text of 1 to %d characters, none of them NUL.", MaxPollText)
	case !p.Answers:
		return Invalid("vote", "This poll takes no answers in words of one's own.")
	}
	return nil
}
