package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// TokenLimits are the times before which a user's tokens are revoked, read together with the
// version of the settings.
type TokenLimits struct {
	chat.TokenLimits
	Settings int64 // see [Store.SettingsVersion]
}

//nolint:gosec // it holds no credentials
const tokenLimitsText = `SELECT c.value, COALESCE(u.tokens_after, 0), COALESCE(t.tokens_after, 0), COALESCE(t.deleted_at, 0)
	FROM counters c LEFT JOIN users u ON u.id = $1 LEFT JOIN tombstones t ON t.id = $1 WHERE c.name = 'settings'`

// TokenLimits returns the limits of an id's tokens, whether the user exists or not.
func (s *Store) TokenLimits(ctx context.Context, id string) (TokenLimits, error) {
	rows, err := s.Query(ctx, tokenLimitsText, id)
	limits, _, err := First(rows, err, scanTokenLimits)
	return limits, err
}

const callerText = `SELECT ` + UserColumns + `, (SELECT value FROM counters WHERE name = 'settings'), tokens_after,
	COALESCE((SELECT t.tokens_after FROM tombstones t WHERE t.id = $1), 0), COALESCE((SELECT t.deleted_at FROM tombstones t WHERE t.id = $1), 0)
	FROM users u WHERE u.id = $1`

// TokenLimits is [Store.TokenLimits] as the transaction sees them. It also reads the user, so that
// EnsureUser doesn't have to.
func (tx *Tx) TokenLimits(id string) (TokenLimits, error) {
	if known, ok := tx.limits[id]; ok {
		return known, nil
	}
	limits, err := tx.readTokenLimits(id)
	if err != nil {
		return limits, err
	}
	if tx.limits == nil {
		tx.limits = map[string]TokenLimits{}
	}
	tx.limits[id] = limits
	return limits, nil
}

func (tx *Tx) readTokenLimits(id string) (limits TokenLimits, err error) {
	key := limitsOf(id)
	if _, ahead := tx.ahead[key]; !ahead {
		users, err := asideAll(tx, func(rows Row) (u chat.User, err error) {
			var l limitsRow
			u, err = scanUserAnd(rows, l.fields()...)
			limits = l.limits()
			return u, err
		}, callerText, id)
		if err != nil {
			return limits, err
		}
		if len(users) > 0 {
			tx.know(users[0])
			return limits, nil
		}
	}
	limits, _, err = foreseen(tx, key, scanTokenLimits, tokenLimitsText, id)
	return limits, err
}

func limitsOf(id string) readKey { return readKey{what: "tokens", id: id} }

// RevokeDeleted revokes the tokens of a permanently deleted user that were issued before a time,
// and reports whether the user has a tombstone.
func (tx *Tx) RevokeDeleted(id string, before time.Time) (bool, error) {
	tx.UserChanged(id)
	n, err := tx.Change(`UPDATE tombstones SET tokens_after = $2 WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = $1)`, id, Micros(before))
	return n > 0, err
}

type limitsRow struct{ settings, revoked, revokedDead, deleted int64 }

func (l *limitsRow) fields() []any { return []any{&l.settings, &l.revoked, &l.revokedDead, &l.deleted} }

func (l *limitsRow) limits() TokenLimits {
	return TokenLimits{chat.TokenLimits{Revoked: Moment(max(l.revoked, l.revokedDead)), Deleted: Moment(l.deleted)}, l.settings}
}

func scanTokenLimits(rows Row) (TokenLimits, error) {
	var l limitsRow
	err := rows.Scan(l.fields()...)
	return l.limits(), err
}
