package setup

import (
	"context"
	"slices"
	"strings"

	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// set changes settings. fn receives the settings as they are in the database, and must change them
// only through the transaction.
func (e *Engine) set(ctx context.Context, fn func(tx *sqlstore.Tx, s *engine.Settings) error) error {
	return e.Store.Write(ctx, func(tx *sqlstore.Tx) error {
		list, err := store.HoldSettings(tx)
		if err != nil {
			return err
		}
		s, err := engine.ReadSettings(list)
		if err != nil {
			return err
		}
		if err := fn(tx, s); err != nil {
			return err
		}
		tx.AfterCommit(e.ForgetSettings)
		return nil
	})
}

// values returns the values of a map, sorted by name.
func values[T any](m map[string]T, name func(T) string) []T {
	list := make([]T, 0, len(m))
	for _, v := range m {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	return list
}
