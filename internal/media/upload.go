package media

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/upload"
)

const (
	unavailableMessage = "The service can't take or give files right now. It is safe to try again."

	field         = "file" // the part of the form with the file
	formBytes     = 64 << 10
	multipartForm = "multipart/form-data"
)

// file is the answer to an upload.
type file struct {
	Filename     string        `json:"filename"`
	URL          string        `json:"url"`
	Kind         chat.FileKind `json:"kind"`
	ContentType  string        `json:"contentType"`
	Size         int64         `json:"size"` // bytes, as stored
	Width        int           `json:"width,omitempty"`
	Height       int           `json:"height,omitempty"`
	ThumbnailURL string        `json:"thumbnailUrl,omitempty"`
}

// Uploads returns a handler that stores files, each sent in the part "file" of a form of its own.
// The given function returns the sender of a request, or a *chat.Error if the sender may not
// upload.
func (s *Store) Uploads(authorise func(*http.Request) (userID string, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := authorise(r)
		if err != nil {
			s.refuse(w, err)
			return
		}
		s.serveUpload(w, r, user)
	})
}

func (s *Store) serveUpload(w http.ResponseWriter, r *http.Request, user string) {
	u, err := s.upload(w, r, user)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.Limits.Stall))
	if err != nil {
		s.refuse(w, err)
		return
	}
	upload.Give(w, http.StatusCreated, s.describe(u))
}

func (s *Store) upload(w http.ResponseWriter, r *http.Request, user string) (u sqlstore.Upload, err error) {
	err = s.take(w, r, user, max(s.Limits.VideoBytes, s.Limits.PictureBytes), func(form *multipart.Reader, spool spool) error {
		in, err := s.receive(form, spool)
		if err != nil {
			return err
		}
		in.by = user
		u, err = s.keep(r.Context(), in)
		return err
	})
	if err != nil {
		s.Metrics.Upload(string(chat.CodeOf(err)), 0)
	} else {
		s.Metrics.Upload("OK", u.Size)
	}
	return u, err
}

// take calls fn to read the form of an upload, with one file of at most that many bytes and a spool
// to write it to. The user is "" for the callers' own back end, which may use all slots.
func (s *Store) take(w http.ResponseWriter, r *http.Request, user string, most int64, fn func(*multipart.Reader, spool) error) error {
	if s.Refuse != nil {
		return s.Refuse
	}
	leave, ok := s.slots.take(user)
	if !ok {
		return &chat.Error{Code: chat.RateLimited, Message: "Too many uploads at once. Wait for one to end."}
	}
	defer leave()
	if err := s.away(r.Context()); err != nil {
		return unavailable(err)
	}
	most += formBytes
	if r.ContentLength > most {
		return tooLarge(most - formBytes)
	}
	control := http.NewResponseController(w)
	// The server's own deadlines are for small requests. An upload may take as long as it makes
	// progress.
	_ = control.SetWriteDeadline(time.Time{})
	r.Body = http.MaxBytesReader(w, &upload.SteadyBody{ReadCloser: r.Body, Control: control, Stall: s.Limits.Stall}, most)
	form, err := r.MultipartReader()
	if err != nil {
		return chat.Invalid("Content-Type", "Send a %s with one file in the part %q.", multipartForm, field)
	}
	spool, err := s.newSpool()
	if err != nil {
		return unavailable(err)
	}
	defer spool.discard()
	return fn(form, spool)
}

// receive writes the form's one file to the spool.
func (s *Store) receive(form *multipart.Reader, spool spool) (in received, err error) {
	part, err := form.NextPart()
	if err != nil {
		return in, badForm(err)
	}
	if part.FormName() != field || part.FileName() == "" {
		return in, chat.Invalid(field, "Send one file in the part %q.", field)
	}
	kind, bad := chat.KindOfFile(part.FileName())
	if bad != nil {
		bad.Field = field
		return in, bad.Because(chat.TypeNotSupported)
	}
	limit := s.Limits.PictureBytes
	if kind == chat.Video {
		limit = s.Limits.VideoBytes
	}
	err = in.read(part, spool, limit, func(head []byte) (bad *chat.Error) {
		in.fileType, bad = typeOf(part.FileName(), head)
		return bad
	})
	if err != nil {
		return in, err
	}
	if _, err := form.NextPart(); err == nil {
		return in, chat.Invalid(field, "Send one file in a request.")
	} else if !errors.Is(err, io.EOF) {
		return in, badForm(err)
	}
	return in, nil
}

// read writes a file of at most that many bytes to the spool, after check has accepted its
// beginning.
func (in *received) read(part io.Reader, spool spool, limit int64, check func(head []byte) *chat.Error) error {
	content := bufio.NewReaderSize(part, sniffed)
	head, err := content.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return badForm(err)
	}
	if len(head) == 0 {
		return chat.Invalid(field, "The file is empty.").Because(chat.Empty)
	}
	if bad := check(head); bad != nil {
		return bad
	}
	digest := sha256.New()
	in.size, err = io.Copy(io.MultiWriter(spool, digest), io.LimitReader(content, limit+1))
	switch {
	case err != nil:
		return badForm(err)
	case in.size > limit:
		return tooLarge(limit)
	}
	in.file, in.digest = spool, hex.EncodeToString(digest.Sum(nil))
	return nil
}

func badForm(err error) error {
	var disk *os.PathError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLarge(large.Limit - formBytes)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return chat.Invalid(field, "The upload made no progress for too long.").Because(chat.Stalled)
	case errors.As(err, &disk):
		return unavailable(err)
	}
	return chat.Invalid(field, "The upload was cut off, or it is no %s.", multipartForm)
}

func tooLarge(limit int64) error {
	message := fmt.Sprintf("The file is too large. At most %d MiB are taken.", limit>>20)
	if limit < 1<<20 {
		message = fmt.Sprintf("The file is too large. At most %d bytes are taken.", limit)
	}
	return &chat.Error{Code: chat.InvalidArguments, Reason: chat.TooLarge, Limit: limit, Field: field, Message: message}
}

func (s *Store) describe(u sqlstore.Upload) file {
	t, _ := typeOfStored(u.Extension)
	f := file{
		Filename: u.ID + u.Extension, URL: s.url(u.ID + u.Extension), Kind: t.kind, ContentType: t.contentType,
		Size: u.Size, Width: u.Width, Height: u.Height,
	}
	switch {
	case u.Thumbnail != "":
		f.ThumbnailURL = s.url(u.ID + small + u.Thumbnail)
	case t.kind == chat.Image:
		f.ThumbnailURL = f.URL // the picture is small already
	}
	return f
}

// refuse answers with an error, also after the server's own deadline has passed.
func (s *Store) refuse(w http.ResponseWriter, err error) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.Limits.Stall))
	upload.Refuse(w, s.Logger, err, nil)
}

func (s *Store) url(name string) string { return s.BaseURL + "/" + name }
