package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

const (
	locationColumns = `l.message, c.cid, l.user_id, l.device, l.latitude, l.longitude, l.end_at, l.created_at, l.updated_at`
	locationTables  = `locations l JOIN channels c ON c.no = l.channel JOIN messages m ON m.id = l.message AND m.deleted_at = 0`
)

// LiveLocations returns where a user says that it is at a time, the newest first.
func (s *Store) LiveLocations(ctx context.Context, user string, at time.Time) ([]chat.Location, error) {
	rows, err := s.query(ctx, `SELECT `+locationColumns+` FROM `+locationTables+`
		WHERE l.user_id = $1 AND l.end_at > $2 ORDER BY l.created_at DESC, l.message`, user, micros(at))
	return collect(rows, err, scanLocation)
}

// CountLocations counts a user's live locations.
func (tx *Tx) CountLocations(user string, at time.Time) (int64, error) {
	n, _, err := txFirst(tx, scanValue[int64], `SELECT COUNT(*) FROM `+locationTables+` WHERE l.user_id = $1 AND l.end_at > $2`, user, micros(at))
	return n, err
}

// Location returns the location of a message that stands, and whether there is one.
func (tx *Tx) Location(message string) (chat.Location, bool, error) {
	return txFirst(tx, scanLocation, `SELECT `+locationColumns+` FROM `+locationTables+` WHERE l.message = $1`, message)
}

// PutLocation stores a message's location, or where it is now.
func (tx *Tx) PutLocation(l chat.Location) error {
	_, err := tx.change(`INSERT INTO locations (message, channel, user_id, device, latitude, longitude, end_at, created_at, updated_at)
		SELECT $1, no, $3, $4, $5, $6, $7, $8, $9 FROM channels WHERE cid = $2
		ON CONFLICT (message) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude, end_at = excluded.end_at,
		updated_at = excluded.updated_at`,
		l.MessageID, l.CID.String(), l.UserID, l.Device, l.Latitude, l.Longitude, micros(l.EndAt), micros(l.CreatedAt), micros(l.UpdatedAt))
	return err
}

// fillLocations adds where messages say that their senders are.
func (s *Store) fillLocations(ctx context.Context, f *messageFiller) error {
	var ids []string
	for id, copies := range f.byID {
		if copies[0].Located {
			ids = append(ids, id)
		}
	}
	for chunk := range chunks(ids) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+locationColumns+` FROM `+locationTables+` WHERE l.message IN `+marks, args...)
		list, err := collect(rows, err, scanLocation)
		if err != nil {
			return err
		}
		for _, l := range list {
			for _, m := range f.byID[l.MessageID] {
				m.Location = &l
			}
		}
	}
	return nil
}

func scanLocation(rows *sql.Rows) (l chat.Location, err error) {
	var cid string
	var end, created, updated int64
	err = rows.Scan(&l.MessageID, &cid, &l.UserID, &l.Device, &l.Latitude, &l.Longitude, &end, &created, &updated)
	l.CID, l.EndAt, l.CreatedAt, l.UpdatedAt = splitCID(cid), moment(end), moment(created), moment(updated)
	return l, err
}
