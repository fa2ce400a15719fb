package media

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/upload"
)

var errAbsent = errors.New("the file is missing where the files are")

var errNegative = errors.New("seeking before the beginning")

// ServeFile serves the file named by the path's last element, {name} of the route. Anybody who
// knows the name may read the file, since apps show files without a token.
func (s *Store) ServeFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	f, err := s.find(r.Context(), name)
	if err != nil {
		s.refuse(w, err)
		return
	}
	if s.serveIcon(w, r, f) {
		return
	}
	h := w.Header()
	content := &content{ctx: r.Context(), files: &s.files, name: f.key, size: f.size}
	defer content.close()
	if err := content.present(r, tag(name)); err != nil {
		s.refuse(w, s.absent(r.Context(), err, f))
		return
	}
	describeFile(h, name, f.fileType)
	out := &upload.SteadyWriter{ResponseWriter: w, Control: http.NewResponseController(w), Stall: s.Limits.Stall}
	_ = out.Control.SetReadDeadline(time.Time{}) // the request was read
	http.ServeContent(out, r, "", f.upload.At, content)
	if content.failed != nil {
		s.Logger.Warn("serving a file failed", "request_id", h.Get(upload.RequestID), "name", name, "error", content.failed)
	}
}

// describeFile sets the headers of an answer with the named file.
func describeFile(h http.Header, name string, t fileType) {
	h.Set("Content-Type", t.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // apps of other origins show the files
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "public, max-age=31536000, immutable") // the content of a name never changes
	h.Set("ETag", tag(name))
	disposition := "attachment"
	if t.inline {
		disposition = "inline"
	}
	h.Set("Content-Disposition", disposition+`; filename="`+name+`"`)
}

// tag returns the entity tag of a file.
func tag(name string) string { return `"` + name + `"` }

// absent returns the error for a file that is in the database but can't be read. Most likely
// another server has it in a folder of its own.
func (s *Store) absent(ctx context.Context, err error, f found) error {
	if errors.Is(err, errAbsent) {
		if gone := s.files.gone(ctx); gone != nil {
			s.ready.note(gone)
			err = gone
		}
	}
	if !errors.Is(err, errAbsent) {
		return &chat.Error{Code: chat.Unavailable, Message: "The file can't be read now.", Cause: err}
	}
	s.Logger.Error("an upload isn't where uploads are kept: servers on one database need one folder that all share, or a bucket (--media)",
		"name", f.key, "uploaded", f.upload.At)
	return chat.Missing("", "There is no such file.")
}

// found is a file that can be served.
type found struct {
	key      string
	fileType fileType
	size     int64
	upload   sqlstore.Upload
}

func (s *Store) find(ctx context.Context, name string) (f found, err error) {
	missing := chat.Missing("", "There is no such file.")
	id, extension, thumbnail, ours := splitName(name)
	if !ours {
		return f, missing
	}
	u, exists, err := s.Database.Upload(ctx, id)
	if err != nil {
		return f, err
	}
	have, size := u.Extension, u.Size
	if thumbnail {
		have, size = u.Thumbnail, u.ThumbnailSize
	}
	t, known := typeOfStored(extension)
	if u.Owner != "" {
		t, known = attachedAs(extension), true
	}
	if !exists || !known || have != extension {
		return f, missing
	}
	return found{key: key(u, name), fileType: t, size: size, upload: u}, nil
}

// content reads a file, starting at the position that was requested. It opens the file on the first
// read, so that an answer without a body needs no request to the cloud.
type content struct {
	ctx    context.Context
	files  *vault
	name   string
	size   int64
	at     int64
	reader *blob.Reader
	dog    *watchdog // of the reader
	next   int64     // the reader's position
	failed error
}

// Seek implements io.Seeker.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	}
	if offset < 0 {
		return 0, errNegative
	}
	c.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (n int, err error) {
	if c.at >= c.size {
		return 0, io.EOF
	}
	if c.reader == nil || c.next != c.at {
		if err := c.open(); err != nil {
			c.failed = err
			return 0, err
		}
	}
	over := false
	err = c.dog.step(func() error {
		n, err = c.reader.Read(p)
		if over = errors.Is(err, io.EOF); over {
			return nil
		}
		return err
	})
	c.at += int64(n)
	c.next = c.at
	if over {
		return n, io.EOF
	}
	c.failed = err
	return n, err
}

func (c *content) open() error {
	c.close()
	c.next = c.at
	bucket, err := c.files.open(c.ctx)
	if err == nil {
		var ctx context.Context
		ctx, c.dog = c.files.watch(c.ctx)
		err = c.dog.step(func() error {
			c.reader, err = bucket.NewRangeReader(ctx, c.name, c.at, -1, nil)
			return err
		})
	}
	if gcerrors.Code(err) == gcerrors.NotFound {
		return errAbsent
	}
	return err
}

// present checks that the file exists before an answer says so, which browsers would cache for a
// year. It does nothing if the client already has the file. If the whole file is requested, it
// opens the file, since it will be read from the start.
func (c *content) present(r *http.Request, tag string) error {
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return nil
	}
	if r.Method == http.MethodGet && r.Header.Get("Range") == "" && c.size > 0 {
		return c.open()
	}
	exists, err := c.files.exists(c.ctx, c.name)
	if err == nil && !exists {
		err = errAbsent
	}
	return err
}

func (c *content) close() {
	if c.dog != nil {
		c.dog.end()
		c.dog = nil
	}
	if c.reader != nil {
		_ = c.reader.Close()
		c.reader = nil
	}
}
