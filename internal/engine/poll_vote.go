package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Vote stores a user's vote in the poll that a message carries, and returns it. The
// same choice again is the same vote; where a user has one vote, the new takes the
// place of the old, as a new answer does. NotFound: the message or its poll;
// InvalidArguments: the poll is closed, or doesn't take such a vote, or no more.
func (e *Engine) Vote(ctx context.Context, message string, v chat.PollVote) (chat.PollVote, error) {
	made, err := uuid.NewV7()
	if err != nil {
		return v, fmt.Errorf("making a vote's id: %w", err)
	}
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		p, err := carried(tx, message, v.PollID)
		if err != nil {
			return err
		}
		if err := v.Check(p); err != nil {
			return err
		}
		own, err := tx.VotesBy(p.ID, v.User.ID)
		if err != nil {
			return err
		}
		v.ID, v.CreatedAt, v.UpdatedAt = made.String(), e.now(), e.now()
		if i := slices.IndexFunc(own, func(o chat.PollVote) bool { return o.OptionID == v.OptionID }); i >= 0 {
			if own[i].Answer == v.Answer {
				v = own[i]
				return nil
			}
			v.ID, v.CreatedAt = own[i].ID, own[i].CreatedAt
		} else if err := makeRoom(tx, p, own, v); err != nil {
			return err
		}
		return tx.PutVote(v)
	})
	return v, err
}

// makeRoom removes the vote that a new one takes the place of.
func makeRoom(tx *sqlstore.Tx, p chat.Poll, own []chat.PollVote, v chat.PollVote) error {
	own = slices.DeleteFunc(own, func(o chat.PollVote) bool { return o.OptionID == "" })
	switch {
	case v.OptionID == "":
		return nil
	case p.UniqueVote:
		for _, o := range own {
			if err := tx.DropVote(o.ID); err != nil {
				return err
			}
		}
	case p.MaxVotes > 0 && len(own) >= p.MaxVotes:
		return chat.Invalid("vote", "A user has at most %d votes in this poll; take one back first.", p.MaxVotes)
	}
	return nil
}

// carried returns the poll of a message.
func carried(tx *sqlstore.Tx, message, poll string) (chat.Poll, error) {
	m, err := messageToWrite(tx, message)
	if err == nil && m.PollID != poll {
		err = chat.Missing("poll_id", "The message doesn't carry the poll %q.", poll)
	}
	if err != nil {
		return chat.Poll{}, err
	}
	return pollIn(tx, poll)
}

// Unvote takes a user's vote back, and returns it; NotFound. InvalidArguments: the
// poll is closed.
func (e *Engine) Unvote(ctx context.Context, message, poll, vote, user string) (v chat.PollVote, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		p, err := carried(tx, message, poll)
		if err == nil && p.Closed {
			err = chat.Invalid("vote", "The poll is closed.")
		}
		if err != nil {
			return err
		}
		own, err := tx.VotesBy(poll, user)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(own, func(o chat.PollVote) bool { return o.ID == vote })
		if i < 0 {
			return chat.Missing("vote_id", "The user has no vote %q in this poll.", vote)
		}
		v = own[i]
		return tx.DropVote(vote)
	})
	return v, err
}

// SearchVotes returns those votes of a poll that match, the newest first where nothing
// else is asked. NotFound: the poll; InvalidArguments: the filter or sort asks what
// can't be asked.
func (e *Engine) SearchVotes(ctx context.Context, poll string, q chat.Listing) ([]chat.PollVote, error) {
	if _, err := e.Poll(ctx, poll, ""); err != nil {
		return nil, err
	}
	return e.store.SearchVotes(ctx, poll, q, e.now())
}
