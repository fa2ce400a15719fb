package extra

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// ReadStates returns the read state of each of the given members.
func (e *Engine) ReadStates(ctx context.Context, members map[chat.CID][]chat.Member) (map[chat.CID]map[string]chat.ReadState, error) {
	return e.store.ReadStates(ctx, members)
}

// MarkReadFor stores that a member has read up to a message, or everything if the message is "", in
// each given channel. If upTo is nil, the member has read everything in all of its channels.
// Non-members are ignored. NotFound: the channel or the message.
func (e *Engine) MarkReadFor(ctx context.Context, user string, upTo map[chat.CID]string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		seqs, err := e.seqsOf(tx, user, upTo)
		if err != nil {
			return err
		}
		for cid, seq := range seqs {
			if err := e.NoteRead(tx, user, cid, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// seqsOf returns the numbers of those messages, or 0 for each of a user's channels if upTo is nil.
func (e *Engine) seqsOf(tx *sqlstore.Tx, user string, upTo map[chat.CID]string) (map[chat.CID]int64, error) {
	seqs := map[chat.CID]int64{}
	if upTo == nil {
		cids, err := store.UnreadChannels(tx, user)
		for _, cid := range cids {
			seqs[cid] = 0
		}
		return seqs, err
	}
	for cid, message := range upTo {
		exists, err := tx.HasChannel(cid)
		if err == nil && !exists {
			err = chat.NoChannel("cid")
		}
		if err == nil {
			seqs[cid], err = e.seqOf(tx, cid, message)
		}
		if err != nil {
			return nil, err
		}
	}
	return seqs, nil
}

// seqOf returns the number of a channel's message, 0 if the id is "".
func (e *Engine) seqOf(tx *sqlstore.Tx, cid chat.CID, message string) (int64, error) {
	if message == "" {
		return 0, nil
	}
	m, found, err := tx.Message(message)
	if err == nil && (!found || m.Erased || m.CID != cid) {
		err = chat.Missing("message_id", "There is no message %q in the channel.", message)
	}
	return m.Seq, err
}

// MarkUnreadFor marks a channel as unread for a member, from a message on or, if that is "", from a
// time on. NotFound and InvalidArguments as with MarkReadFor.
func (e *Engine) MarkUnreadFor(ctx context.Context, user string, cid chat.CID, message string, since time.Time) error {
	before := int64(0)
	if message == "" {
		var err error
		if before, err = e.SeqBefore(ctx, cid, since); err != nil {
			return err
		}
	}
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if err := e.needMember(tx, cid, user); err != nil {
			return err
		}
		seq := before
		if message != "" {
			from, err := e.seqOf(tx, cid, message)
			if err != nil {
				return err
			}
			seq = from - 1
		}
		if _, err := store.MarkUnread(tx, cid, user, seq); err != nil {
			return err
		}
		return e.RecordRead(tx, cid, user, seq)
	})
}

// MarkDelivered stores the last message of each channel that was delivered to a member. NotFound:
// the channel, the member or the message.
func (e *Engine) MarkDelivered(ctx context.Context, user string, last map[chat.CID]string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for cid, message := range last {
			m, found, err := tx.Member(cid, user, e.now())
			if err == nil && !found {
				err = engine.NoMember(user)
			}
			if err == nil {
				_, err = e.seqOf(tx, cid, message)
			}
			if err != nil {
				return err
			}
			m.DeliveredID, m.DeliveredAt = message, e.now()
			if err := tx.SetMember(m); err != nil {
				return err
			}
		}
		return nil
	})
}
