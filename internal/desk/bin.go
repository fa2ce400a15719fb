package desk

import (
	"context"

	"backchannel/internal/chat"
)

// ListBin asks for a page of the deleted channels that can be restored.
type ListBin struct {
	Request
	First  *int    // nil means DefaultPage
	After  *string // cursor
	Search string
}

// ListBin returns a page of the bin, the last deleted first.
func (d *Desk) ListBin(ctx context.Context, in ListBin) (page chat.Page[chat.BinnedChannel], err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return page, err
	}
	q := chat.BinQuery{Search: in.Search}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseBinCursor); err != nil {
		return page, err
	}
	if err := checkSearch(in.Search); err != nil {
		return page, err
	}
	return d.provider.Bin(ctx, q)
}

// EraseNow asks for a channel of the bin to be erased.
type EraseNow struct {
	Request `json:"-"`
	ID      string
	Name    string // of the channel
}

// EraseNow erases a channel of the bin with everything in it, and counts what was erased.
func (d *Desk) EraseNow(ctx context.Context, in EraseNow) (erased chat.Erased, err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return erased, err
	}
	op, err := d.operation(in.Request, "eraseNow", in)
	if err != nil {
		return erased, err
	}
	no, bad := chat.ParseBinID(in.ID)
	if bad != nil {
		return erased, bad
	}
	return d.provider.EraseNow(ctx, chat.EraseNow{Operation: op, No: no, Name: in.Name})
}

// Undo asks for a change to be undone.
type Undo struct {
	Request `json:"-"`
	Change  string   // its id
	CIDs    []string // of a deletion: restore only these channels; none for all
	Rename  bool     // rename a channel if its cid is taken
}

// Undo undoes a change and returns the record of the undo.
func (d *Desk) Undo(ctx context.Context, in Undo) (*chat.Change, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, "undo", in)
	if err != nil {
		return nil, err
	}
	var cids []chat.CID
	if len(in.CIDs) > 0 {
		if cids, err = d.cids(ctx, "cids", in.CIDs, chat.MaxDeleteAtOnce); err != nil {
			return nil, err
		}
	}
	id, noted := "", op.Noted
	op.Undoes, op.Noted = in.Change, func(made string) {
		if id = made; noted != nil {
			noted(made)
		}
	}
	if err := d.provider.Undo(ctx, chat.Undo{Operation: op, CIDs: cids, Rename: in.Rename}); err != nil {
		return nil, err
	}
	c, err := d.provider.Change(ctx, id)
	return &c, err
}
