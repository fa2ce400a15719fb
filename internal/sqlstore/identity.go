package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strconv"
)

// identity is the name of the counter that holds the database's id.
const identity = "identity"

// Identity returns the database's random id, which is generated on the first call. Servers with the
// same id share a database. A copy has the same id until it is restored.
func (s *Store) Identity(ctx context.Context) (string, error) {
	read := func() (int64, bool, error) {
		rows, err := s.Query(ctx, `SELECT value FROM counters WHERE name = '`+identity+`'`)
		return First(rows, err, ScanValue[int64])
	}
	id, found, err := read()
	if err == nil && !found {
		random := make([]byte, 8)
		_, _ = rand.Read(random) // it never fails
		if err = s.Write(ctx, func(tx *Tx) error {
			_, err := tx.Change(`INSERT INTO counters (name, value) VALUES ('`+identity+`', $1) ON CONFLICT (name) DO NOTHING`,
				int64(binary.BigEndian.Uint64(random)>>1))
			return err
		}); err == nil {
			id, _, err = read()
		}
	}
	return strconv.FormatInt(id, 36), err
}
