package sqlstore

import (
	"context"
	"strings"
	"time"
)

// Upload has the metadata of an uploaded file.
type Upload struct {
	ID            string // the file's name without the extension
	Extension     string // with the dot
	Digest        string // SHA-256 of the uploaded content, in hexadecimal
	Size          int64  // bytes
	Width, Height int    // pixels; 0 for videos
	Thumbnail     string // the thumbnail's extension; "" for none
	ThumbnailSize int64
	By            string // user id
	At            time.Time
	Owner         string    // who may delete it: a cid or "app"; "" for the back office's
	TouchedAt     time.Time // when it was last uploaded, or about to be referred to
}

const uploadColumns = `id, extension, digest, size, width, height, thumbnail, thumbnail_size, uploaded_by, owner, uploaded_at, touched_at`

// Upload returns the metadata of a file and whether the file is known.
func (s *Store) Upload(ctx context.Context, id string) (Upload, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id = $1`, id)
	return First(rows, err, scanUpload)
}

// Uploads returns the files that exist.
func (s *Store) Uploads(ctx context.Context, ids []string) (found []Upload, err error) {
	for chunk := range Chunks(ids) {
		marks, args := In(chunk, Same)
		rows, err := s.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id IN `+marks, args...)
		list, err := Collect(rows, err, scanUpload)
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	return found, nil
}

// UploadOf returns the file that was made from some content, and whether it exists.
func (s *Store) UploadOf(ctx context.Context, digest string) (Upload, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE digest = $1`, digest)
	return First(rows, err, scanUpload)
}

// UntouchedUploads returns files that weren't touched since a time, ordered by id, starting after
// an id.
func (s *Store) UntouchedUploads(ctx context.Context, since time.Time, after string, limit int) ([]Upload, error) {
	rows, err := s.Query(ctx, `SELECT `+uploadColumns+` FROM uploads
		WHERE touched_at < $1 AND id > $2 ORDER BY id LIMIT $3`, Micros(since), after, limit)
	return Collect(rows, err, scanUpload)
}

// InsertUpload stores a file, unless one with the same content exists.
func (tx *Tx) InsertUpload(u Upload) (bool, error) {
	n, err := tx.Change(`INSERT INTO uploads (`+uploadColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT (digest) DO NOTHING`,
		u.ID, u.Extension, u.Digest, u.Size, u.Width, u.Height, u.Thumbnail, u.ThumbnailSize, u.By, u.Owner, Micros(u.At))
	return n > 0, err
}

// TouchUpload stores that a caller is about to refer to a file, and reports whether the file
// exists.
func (tx *Tx) TouchUpload(id string, at time.Time) (bool, error) {
	n, err := tx.Change(`UPDATE uploads SET touched_at = $2 WHERE id = $1`, id, Micros(at))
	return n > 0, err
}

// ForgetUpload removes a file's row, unless it was touched since a time.
func (tx *Tx) ForgetUpload(id string, since time.Time) (bool, error) {
	n, err := tx.Change(`DELETE FROM uploads WHERE id = $1 AND touched_at < $2`, id, Micros(since))
	return n > 0, err
}

// DropUpload removes the row of a file that an owner may delete, and reports whether it existed.
func (tx *Tx) DropUpload(id, owner string) (bool, error) {
	n, err := tx.Change(`DELETE FROM uploads WHERE id = $1 AND owner = $2`, id, owner)
	return n > 0, err
}

func scanUpload(rows Row) (u Upload, err error) {
	var at, touched int64
	err = rows.Scan(&u.ID, &u.Extension, &u.Digest, &u.Size, &u.Width, &u.Height,
		&u.Thumbnail, &u.ThumbnailSize, &u.By, &u.Owner, &at, &touched)
	u.At, u.TouchedAt = Moment(at), Moment(touched)
	return u, err
}

// references are the tables whose texts may refer to a file. A test finds missing columns. Those
// with a text key are read a page at a time.
var references = []struct {
	table string
	key   string
	texts []string
}{
	{"channels", "cid", []string{"avatar", "custom", "extra"}},
	{"bin", "", []string{"avatar", "custom", "extra"}},
	{"users", "id", []string{"custom", "extra"}},
	{"messages", "id", []string{"text", "attachments", "custom", "extra"}},
	{"announcements", "id", []string{"text", "attachments"}},
	{"jobs", "id", []string{"input"}},
	{"flags", "", []string{"reason", "custom"}},
	{"threads", "", []string{"custom"}},
	{"message_versions", "", []string{"text", "attachments", "custom"}},
	{"members", "", []string{"custom", "extra"}},
	{"reactions", "", []string{"custom"}},
	{"settings", "", []string{"body"}},
	{"change_targets", "", []string{"state_before"}}, // which can be restored
	{"unfinished", "", []string{"input"}},
}

const referencePage = 5_000

// References calls show with every text that may refer to a file and has at least that many
// characters. Texts stored while it runs may be missing.
func (s *Store) References(ctx context.Context, least int, show func(text string)) error {
	for _, r := range references {
		columns := strings.Join(r.texts, ` || ' ' || `)
		query := ` FROM ` + r.table + ` WHERE LENGTH(` + columns + `) >= $1`
		if r.key == "" {
			rows, err := s.Query(ctx, `SELECT '', `+columns+query, least)
			if _, _, err := showAll(rows, err, show); err != nil {
				return err
			}
			continue
		}
		query = `SELECT ` + r.key + `, ` + columns + query + ` AND ` + r.key + ` > $2 ORDER BY ` + r.key + ` LIMIT $3`
		for last, n := "", referencePage; n == referencePage; {
			rows, err := s.Query(ctx, query, least, last, referencePage)
			if last, n, err = showAll(rows, err, show); err != nil {
				return err
			}
		}
	}
	return nil
}

func showAll(rows Rows, err error, show func(string)) (last string, n int, _ error) {
	if err != nil {
		return "", 0, fail(err)
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); n++ {
		var text string
		if err := rows.Scan(&last, &text); err != nil {
			return "", 0, fail(err)
		}
		show(text)
	}
	return last, n, fail(rows.Err())
}
