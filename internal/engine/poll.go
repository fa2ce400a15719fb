package engine

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// CreatePoll stores a poll and returns its id, which is made where it has none.
// Conflict: there is a poll of that id.
func (e *Engine) CreatePoll(ctx context.Context, p chat.Poll) (string, error) {
	if p.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return "", fmt.Errorf("making a poll id: %w", err)
		}
		p.ID = id.String()
	}
	if err := completePoll(&p); err != nil {
		return "", err
	}
	return p.ID, e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		_, taken, err := tx.Poll(p.ID)
		if err == nil && taken {
			err = &chat.Error{Code: chat.Conflict, Field: "id", Message: fmt.Sprintf("A poll with id %q already exists.", p.ID)}
		}
		if err != nil {
			return err
		}
		p := p
		p.CreatedAt, p.UpdatedAt = e.now(), e.now()
		return tx.PutPoll(p)
	})
}

// completePoll gives new options their ids, and checks the poll.
func completePoll(p *chat.Poll) error {
	if p.Visibility == "" {
		p.Visibility = chat.VisibleVotes
	}
	for i := range p.Options {
		if p.Options[i].ID != "" {
			continue
		}
		id, err := uuid.NewRandom()
		if err != nil {
			return fmt.Errorf("making an option's id: %w", err)
		}
		p.Options[i].ID = id.String()
	}
	return p.Check()
}

// ChangePoll has change work on a poll, and stores the outcome. With an option go the
// votes for it. NotFound; an error of change is returned and nothing is stored.
func (e *Engine) ChangePoll(ctx context.Context, id string, change func(p *chat.Poll) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		old, err := pollIn(tx, id)
		if err != nil {
			return err
		}
		p := old
		p.Options = append([]chat.PollOption(nil), old.Options...)
		if err := change(&p); err != nil {
			return err
		}
		if err := completePoll(&p); err != nil {
			return err
		}
		for _, o := range old.Options {
			if _, still := p.Option(o.ID); still {
				continue
			}
			if err := tx.DropVotesFor(id, o.ID); err != nil {
				return err
			}
		}
		p.UpdatedAt = e.now()
		return tx.PutPoll(p)
	})
}

func pollIn(tx *sqlstore.Tx, id string) (chat.Poll, error) {
	p, found, err := tx.Poll(id)
	if err == nil && !found {
		err = noPoll(id)
	}
	return p, err
}

func noPoll(id string) error { return chat.Missing("poll_id", "There is no poll %q.", id) }

// DeletePoll removes a poll with its votes; NotFound. Messages that carry it stay.
func (e *Engine) DeletePoll(ctx context.Context, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		found, err := tx.DropPoll(id)
		if err == nil && !found {
			err = noPoll(id)
		}
		return err
	})
}

// Poll returns a poll, with the votes of a viewer where one is given; NotFound.
func (e *Engine) Poll(ctx context.Context, id, viewer string) (chat.Poll, error) {
	found, err := e.store.Polls(ctx, []string{id}, viewer, e.now())
	p, ok := found[id]
	if err == nil && !ok {
		err = noPoll(id)
	}
	return p, err
}

// SearchPolls returns the polls that match, the newest first where nothing else is
// asked. InvalidArguments: the filter or sort asks what can't be asked.
func (e *Engine) SearchPolls(ctx context.Context, viewer string, q chat.Listing) ([]chat.Poll, error) {
	return e.store.SearchPolls(ctx, viewer, q, e.now())
}
