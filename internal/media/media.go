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
	"backchannel/internal/metrics"
	"backchannel/internal/sqlstore"
)

// Options configure a [Store]. Database, Location, Spool, BaseURL and Logger are required.
type Options struct {
	Database *sqlstore.Store
	// Location is a folder, or the URL of a bucket: s3://…, gs://…, azblob://…
	Location string
	// Spool is a folder for incomplete uploads. It is created on demand.
	Spool string
	// BaseURL is the public address under which the files are served. If it is empty, files of
	// Stream's API are under /media/ of the host that received them.
	BaseURL string
	// AvatarBaseURL is the public address of avatars; BaseURL if it is empty.
	AvatarBaseURL string
	Limits        Limits
	// Refuse is the error for all uploads; nil to accept uploads.
	Refuse *chat.Error
	// OnlyUploads accepts only uploads as avatars. If false, any name is accepted, since another
	// server may have the file.
	OnlyUploads bool
	// KeepAll keeps the sweeper from removing uploads. It is for chats whose messages aren't in the
	// database, so that it isn't known what they refer to.
	KeepAll bool
	Logger  *slog.Logger
	// Metrics counts uploads; may be nil.
	Metrics *metrics.Metrics
}

// Limits on uploads. Zero values mean the defaults.
type Limits struct {
	PictureBytes int64         // 40 MiB
	VideoBytes   int64         // 512 MiB
	Pixels       int           // of a picture: 100 million, and 30 million of a PNG
	PerUser      int           // concurrent uploads of one user: 4
	Total        int           // concurrent uploads: 32
	Stall        time.Duration // maximum time without progress, in either direction: 30 s
	Grace        time.Duration // how long a file is kept while nothing refers to it: 24 h
}

func (l *Limits) fill() {
	setDefault(&l.PictureBytes, 40<<20)
	setDefault(&l.VideoBytes, 512<<20)
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

// Store stores uploads. Its methods may be called concurrently.
type Store struct {
	Options
	files                   vault
	decoding, decodingLarge chan struct{} // at most one small and one large picture are in memory at a time
	ready                   readiness
	slots                   slots
	stop                    context.CancelFunc
	chores                  sync.WaitGroup
}

// New returns a store and starts its sweeper. The caller must close the store before the database.
func New(o Options) *Store {
	o.Limits.fill()
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	o.AvatarBaseURL = strings.TrimSuffix(cmp.Or(o.AvatarBaseURL, o.BaseURL), "/")
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{
		Options: o, files: vault{location: o.Location, stall: o.Limits.Stall}, decoding: make(chan struct{}, 1), decodingLarge: make(chan struct{}, 1),
		slots: slots{perUser: o.Limits.PerUser, total: o.Limits.Total}, stop: stop,
	}
	o.Metrics.Gauge("media_writable", "0 from an upload that couldn't be stored until one can be, which is tried, else 1.", s.writable)
	s.chores.Go(func() { s.sweepNowAndThen(ctx) })
	return s
}

// Close stops the sweeper and closes the folder or bucket.
func (s *Store) Close() error {
	s.stop()
	s.chores.Wait()
	return s.files.close()
}

// CheckAvatar returns an error if the name of an avatar isn't valid. It must be called before a
// channel refers to the avatar: it keeps the file for the grace period.
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

// AvatarURL returns the address of an avatar, as channels show it.
func (s *Store) AvatarURL(name string) string { return s.AvatarBaseURL + "/" + url.PathEscape(name) }

// Hold keeps the uploads that texts, such as addresses, refer to for the grace period. It must be
// called before anything that refers to them is stored.
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

// HoldAttachments keeps the uploads among the attachments, as [Store.Hold] does. If they were
// uploaded by the back office, it also sets their dimensions and thumbnails.
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

// note copies the metadata of an upload to an attachment, if the attachment is that upload. The
// same name at another host may be another picture.
func (s *Store) note(a *chat.Attachment, u sqlstore.Upload) {
	file := s.describe(u)
	address, _, _ := strings.Cut(a.AssetURL, "#")
	address, _, _ = strings.Cut(address, "?")
	if u.Owner == "" && address == file.URL {
		a.ThumbURL, a.Width, a.Height = file.ThumbnailURL, file.Width, file.Height
	}
}

// touch restarts a file's grace period and reports whether the file still exists. It writes nothing
// if the file was touched recently.
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

// spool is a file for an incomplete upload. If the system allows it, the file has no name from the
// start, so that nothing is left after the process ends.
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
		return // the sweeper removes it
	}
}

// removeSpools removes the files of killed processes, on systems where spool files have names.
func (s *Store) removeSpools(before time.Time) {
	names, _ := filepath.Glob(filepath.Join(s.Spool, spoolPattern))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.ModTime().Before(before) {
			_ = os.Remove(name)
		}
	}
}
