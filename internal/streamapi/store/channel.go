package store

import (
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// ChannelSearch selects channels by any of their fields. Ties are ordered by cid.
type ChannelSearch struct {
	Search
	Viewer string // user id; the user's hidden channels are excluded unless the filter asks for them
}

// TypeInUse reports whether there are channels of a type.
func TypeInUse(tx *sqlstore.Tx, t chat.ChannelType) (bool, error) {
	_, found, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT no FROM channels WHERE type = $1 LIMIT 1`, string(t))
	return found, err
}
