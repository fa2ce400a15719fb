package media

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Options configure a [Store]. Database, Location, Spool, BaseURL
// and Logger are needed.
type Options struct {
	Database *sqlstore.Store
	// Location is a folder, or the URL of a bucket: s3://…, gs://…, azblob://…
	Location string
	// Spool is a folder for uploads that aren't whole yet. It is made when needed.
	Spool string
	// BaseURL is the public address under which the files are served. Where it is
	// empty, the files of Stream's API are under /media/ of the host that took them.
	BaseURL string
	// AvatarBaseURL is the public address of avatars; BaseURL if it is empty.
	AvatarBaseURL string
	Limits        Limits
	// Refuse is why no uploads are taken; nil if they are.
	Refuse *chat.Error
	// OnlyUploads lets an avatar be nothing but an upload. Without it any name passes,
	// for a file that may be served by somebody else.
	OnlyUploads bool
	// KeepAll lets no upload be swept away, for messages that are kept elsewhere than
	// in the database: nobody knows what those refer to.
	KeepAll bool
	Logger  *slog.Logger
}

// Limits on uploads. Zero values mean the defaults.
type Limits struct {
	PictureBytes int64         // 40 MiB
	FilmBytes    int64         // 512 MiB
	Pixels       int           // of a picture: 100 million, of which a PNG may have 30
	PerUser      int           // uploads of one user at a time: 4
	Total        int           // uploads at a time: 32
	Stall        time.Duration // without progress, up or down: 30 s
	Grace        time.Duration // that a file stays while nothing refers to it: 24 h
}

func (l *Limits) fill() {
	setDefault(&l.PictureBytes, 40<<20)
	setDefault(&l.FilmBytes, 512<<20)
	setDefault(&l.Pixels, 100_000_000)
	setDefault(&l.PerUser, 4)
	setDefault(&l.Total, 32)
	setDefault(&l.Stall, 30*time.Second)
	setDefault(&l.Grace, 24*time.Hour)
}

func setDefault[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Store keeps uploads. Its methods may be called at the same time.
type Store struct {
	Options
	files                   vault
	decoding, decodingLarge chan struct{} // one small and one large picture at a time are in memory
	ready                   readiness
	slots                   slots
	stop                    context.CancelFunc
	chores                  sync.WaitGroup
}

// New returns a store and starts its sweeper. The database stays the caller's, to
// be closed after the store.
func New(o Options) *Store {
	o.Limits.fill()
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	o.AvatarBaseURL = strings.TrimSuffix(cmp.Or(o.AvatarBaseURL, o.BaseURL), "/")
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{
		Options: o, files: vault{location: o.Location}, decoding: make(chan struct{}, 1), decodingLarge: make(chan struct{}, 1),
		slots: slots{perUser: o.Limits.PerUser, total: o.Limits.Total}, stop: stop,
	}
	s.chores.Go(func() { s.sweepNowAndThen(ctx) })
	return s
}

// Close ends the sweeper and lets go of the files.
func (s *Store) Close() error {
	s.stop()
	s.chores.Wait()
	return s.files.close()
}

// CheckAvatar says what is wrong with the name of an avatar, or nil. It is to be
// called before a channel refers to it: the file then stays for the time of grace.
func (s *Store) CheckAvatar(ctx context.Context, name string) error {
	id, extension, thumbnail, ours := splitName(name)
	if ours && !thumbnail {
		u, found, err := s.Database.Upload(ctx, id)
		if err != nil {
			return err
		}
		if found && u.Extension == extension {
			if found, err = s.touch(ctx, u); found || err != nil {
				return err
			}
		}
	}
	if !s.OnlyUploads {
		return nil
	}
	return chat.Invalid("", "No picture was uploaded under this name. Upload it by POST /media, and give the filename that it answers.").
		Because(chat.NotUploaded)
}

// AvatarURL is where a channel says that a file is which it has for an avatar.
func (s *Store) AvatarURL(name string) string { return s.AvatarBaseURL + "/" + url.PathEscape(name) }

// Hold keeps the uploads that texts name, such as addresses, for the time of grace.
// It is to be called before anything is stored that refers to them.
func (s *Store) Hold(ctx context.Context, texts ...string) error {
	var ids []string
	for _, text := range texts {
		ids = append(ids, idsIn(text)...)
	}
	found, err := s.Database.Uploads(ctx, ids)
	for _, u := range found {
		if _, err := s.touch(ctx, u); err != nil {
			return err
		}
	}
	return err
}

// HoldAttachments keeps those of the attachments that are uploads, as [Store.Hold]
// does, and notes the dimensions and thumbnails of the back office's in them.
func (s *Store) HoldAttachments(ctx context.Context, list []chat.Attachment) error {
	var ids []string
	for _, a := range list {
		ids = append(ids, idsIn(a.AssetURL)...)
	}
	found, err := s.Database.Uploads(ctx, ids)
	if err != nil {
		return err
	}
	for _, u := range found {
		if _, err := s.touch(ctx, u); err != nil {
			return err
		}
		for i := range list {
			s.note(&list[i], u)
		}
	}
	return nil
}

// note tells an attachment what is known of an upload, if it is that one. What
// another host gives under the same name need not be the same picture.
func (s *Store) note(a *chat.Attachment, u sqlstore.Upload) {
	file := s.describe(u)
	address, _, _ := strings.Cut(a.AssetURL, "#")
	address, _, _ = strings.Cut(address, "?")
	if u.Owner == "" && address == file.URL {
		a.ThumbURL, a.Width, a.Height = file.ThumbnailURL, file.Width, file.Height
	}
}

// touch starts a file's time of grace again, and reports whether the file is still
// there. A file that was just touched costs no write.
func (s *Store) touch(ctx context.Context, u sqlstore.Upload) (found bool, err error) {
	if time.Since(u.TouchedAt) < s.Limits.Grace/4 {
		return true, nil
	}
	err = s.Database.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		found, err = tx.TouchUpload(u.ID, now())
		return err
	})
	return found, err
}

func now() time.Time { return time.Now().UTC() }

// spool is a file for an upload that isn't whole yet. Where the system lets it, it
// has no name from the start, so that nothing of it outlasts the process.
type spool struct{ *os.File }

const spoolPattern = "upload-*.part"

func (s *Store) newSpool() (spool, error) {
	if err := os.MkdirAll(s.Spool, 0o700); err != nil {
		return spool{}, err
	}
	file, err := os.CreateTemp(s.Spool, spoolPattern)
	if err != nil {
		return spool{}, err
	}
	_ = os.Remove(file.Name())
	return spool{file}, nil
}

func (f spool) discard() {
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return // the sweeper finds it
	}
}

// removeSpools removes what a killed process has left where files can't be
// without a name.
func (s *Store) removeSpools(before time.Time) {
	names, _ := filepath.Glob(filepath.Join(s.Spool, spoolPattern))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.ModTime().Before(before) {
			_ = os.Remove(name)
		}
	}
}
