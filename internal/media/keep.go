package media

import (
	"context"
	"errors"
	"io"
	"runtime/debug"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// received is an upload that has arrived completely.
type received struct {
	file     spool
	size     int64
	digest   string // SHA-256, in hexadecimal
	fileType fileType
	by       string // user id
	owner    string // see [sqlstore.Upload]
	asIs     bool   // store it byte for byte
}

// keep stores a received file, unless the same content is stored already. If it fails, it removes
// what it stored.
func (s *Store) keep(ctx context.Context, in received) (sqlstore.Upload, error) {
	if in.owner == "" {
		if u, found, err := s.again(ctx, in.digest); found || err != nil {
			return u, err
		}
	}
	u := sqlstore.Upload{ID: newID(), Extension: in.fileType.extension, Digest: in.digest, By: in.by, Owner: in.owner, At: now()}
	if in.owner != "" {
		u.Digest += " " + u.ID // no other upload shares the file, so deleting it affects nobody else
	}
	err := s.keepFiles(ctx, in, &u)
	inserted := false
	if err == nil {
		err = s.Database.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			inserted, err = tx.InsertUpload(u)
			return err
		})
	}
	if err != nil || !inserted {
		s.removeFiles(ctx, u)
	}
	if err == nil && !inserted { // a concurrent upload stored it first
		u, inserted, err = s.again(ctx, in.digest)
		if err == nil && !inserted {
			err = unavailable(errors.New("the same file came and went meanwhile"))
		}
	}
	return u, err
}

// again finds the upload of the same content.
func (s *Store) again(ctx context.Context, digest string) (u sqlstore.Upload, found bool, err error) {
	u, found, err = s.Database.UploadOf(ctx, digest)
	if err == nil && found {
		found, err = s.touch(ctx, u)
	}
	return u, found, err
}

func (s *Store) keepFiles(ctx context.Context, in received, u *sqlstore.Upload) (err error) {
	length := in.size
	switch {
	case in.asIs:
	case in.fileType.kind == chat.Image:
		return s.keepPicture(ctx, in, u)
	default:
		if length, err = videoLength(in.file, in.size, in.fileType); err != nil {
			return unusable("video", err)
		}
	}
	u.Size, err = s.put(ctx, key(*u, u.ID+u.Extension), in.fileType, func(w io.Writer) error {
		_, err := io.Copy(w, io.NewSectionReader(in.file, 0, length))
		return err
	})
	return err
}

// keepPicture waits for its turn, since the memory for decoding is bounded.
func (s *Store) keepPicture(ctx context.Context, in received, u *sqlstore.Upload) error {
	size, err := measure(in.file, in.size, in.fileType, s.Limits.Pixels)
	if big, ok := errors.AsType[*errTooBig](err); ok {
		return big.refusal()
	}
	if err != nil {
		return unusable("picture", err)
	}
	turn := s.decoding
	if size.memory > largePicture {
		turn = s.decodingLarge
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
	if size.memory > largePicture {
		defer debug.FreeOSMemory() // before the next large picture: otherwise both would wait for the garbage collector
	}
	return s.decodeAndKeep(ctx, in, u)
}

func (s *Store) decodeAndKeep(ctx context.Context, in received, u *sqlstore.Upload) error {
	p, err := readPicture(in.file, in.size, in.fileType)
	if err != nil {
		return unusable("picture", err)
	}
	u.Width, u.Height = p.dimensions()
	if u.Size, err = s.put(ctx, key(*u, u.ID+u.Extension), in.fileType, p.strip); err != nil {
		return err
	}
	img, t := p.thumbnail()
	if img == nil {
		return nil
	}
	u.Thumbnail = t.extension
	u.ThumbnailSize, err = s.put(ctx, key(*u, u.ID+small+t.extension), t, func(w io.Writer) error { return writeThumbnail(w, img, t) })
	return err
}

// put stores a file. Its errors explain to the sender what is wrong with the upload.
func (s *Store) put(ctx context.Context, name string, t fileType, write func(io.Writer) error) (int64, error) {
	n, err := s.files.put(ctx, name, t.contentType, write)
	switch {
	case errors.Is(err, errDamaged), errors.Is(err, errCutOff):
		return 0, unusable("picture", err)
	case err != nil && ctx.Err() != nil:
		return 0, unavailable(err)
	case err != nil:
		s.ready.note(err)
		return 0, unavailable(err)
	}
	s.ready.note(nil)
	return n, nil
}

// removeFiles removes files that may have been stored, even after the caller has disconnected.
// Files that can't be removed are left to the sweeper.
func (s *Store) removeFiles(ctx context.Context, u sqlstore.Upload) {
	ctx = context.WithoutCancel(ctx)
	for _, name := range keys(u) {
		if err := s.files.remove(ctx, name); err != nil {
			s.Logger.Warn("removing a file", "error", err)
		}
	}
}

func unusable(what string, err error) error {
	refused := chat.Invalid(field, "The %s can't be used: it is damaged, or not one at all.", what).Because(chat.Damaged)
	switch {
	case errors.Is(err, errCutOff):
		refused = chat.Invalid(field, "The %s can't be used: it is cut off.", what).Because(chat.CutOff)
	case errors.Is(err, errNoVideo):
		refused = chat.Invalid(field, "There is no video in the file.").Because(chat.NoVideo)
	}
	refused.Cause = err
	return refused
}

func unavailable(err error) error {
	return &chat.Error{Code: chat.Unavailable, Message: unavailableMessage, Cause: err}
}
