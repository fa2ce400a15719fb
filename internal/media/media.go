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

// Options configure a [Store]. Database, Location, Spool, BaseURL
// and Logger are needed.
type Options struct {
	Database *sqlstore.Store
	// Location is a folder, or the URL of a bucket: s3://…, gs://…, azblob://…
	Location string
	// Spool is a folder for uploads that aren't complete yet. It is made when needed.
	Spool string
	// BaseURL is the public address under which the files are served. If it is empty, the
	// files of Stream's API are under /media/ of the host that they were sent to.
	BaseURL string
	// AvatarBaseURL is the public address of avatars; BaseURL if it is empty.
	AvatarBaseURL string
	Limits        Limits
	// Refuse is why uploads are refused; nil if they aren't.
	Refuse *chat.Error
	// OnlyUploads allows only uploads as avatars. Without it any name is accepted, for a
	// file that another server may have.
	OnlyUploads bool
	// KeepAll keeps the sweeper from removing uploads. It is for messages that aren't in
	// the database, where nobody knows what they refer to.
	KeepAll bool
	Logger  *slog.Logger
	// Metrics are told of uploads; nil for none.
	Metrics *metrics.Metrics
}

// Limits on uploads. Zero values mean the defaults.
type Limits struct {
	PictureBytes int64         // 40 MiB
	VideoBytes   int64         // 512 MiB
	Pixels       int           // of a picture: 100 million, and 30 million of a PNG
	PerUser      int           // uploads of one user at a time: 4
	Total        int           // uploads at a time: 32
	Stall        time.Duration // without progress, up or down: 30 s
	Grace        time.Duration // that a file stays while nothing refers to it: 24 h
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

// Store keeps uploads. Its methods may be called concurrently.
type Store struct {
	Options
	files                   vault
	decoding, decodingLarge chan struct{} // one small and one large picture at a time are in memory
	ready                   readiness
	slots                   slots
	stop                    context.CancelFunc
	chores                  sync.WaitGroup
}

// New returns a store and starts its sweeper. The caller closes the database after the
// store.
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

// Close ends the sweeper and closes the place of the files.
func (s *Store) Close() error {
	s.stop()
	s.chores.Wait()
	return s.files.close()
}

// CheckAvatar says what is wrong with the name of an avatar, or nil. It must be called
// before a channel refers to it: then the file stays for the time of grace.
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

// AvatarURL is the address of an avatar, as a channel shows it.
func (s *Store) AvatarURL(name string) string { return s.AvatarBaseURL + "/" + url.PathEscape(name) }

// Hold keeps the uploads that texts name, such as addresses, for the time of grace. It must
// be called before anything that refers to them is stored.
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

// note copies what is known of an upload to an attachment, if the attachment is that
// upload. The same name at another host need not be the same picture.
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

// spool is a file for an upload that isn't complete yet. If the system allows it, it has no
// name from the start, so that nothing of it outlasts the process.
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

// removeSpools removes what a killed process has left, on systems whose files need a name.
func (s *Store) removeSpools(before time.Time) {
	names, _ := filepath.Glob(filepath.Join(s.Spool, spoolPattern))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.ModTime().Before(before) {
			_ = os.Remove(name)
		}
	}
}
