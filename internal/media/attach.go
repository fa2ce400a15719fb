package media

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype" // as in upload.go

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// OwnApp is the owner of files of Stream's API that belong to no channel.
const OwnApp = "app"

// Attachment says how a file sent to Stream's API is stored.
type Attachment struct {
	Owner   string // a channel's cid or [OwnApp]; the owner may delete the file
	Picture bool   // a PNG or JPEG is stripped and gets a thumbnail; other files are stored byte for byte
	Rules   chat.UploadRules
	// By returns the user that the form's other parts name, or an error that refuses the upload.
	By func(form map[string]string) (userID string, err error)
}

// Attached has the addresses of a stored file.
type Attached struct {
	URL          string
	ThumbnailURL string // "" for none
}

// Attach stores a file of any kind, from the part "file" of a form. A file whose content has no
// known type is served as a download only. InvalidArguments: the form is malformed, or the file
// breaks the rules; RateLimited: too many uploads at once.
func (s *Store) Attach(w http.ResponseWriter, r *http.Request, a Attachment) (Attached, error) {
	limit := a.Rules.Limit()
	var u sqlstore.Upload
	err := s.take(w, r, "", limit, func(form *multipart.Reader, spool spool) error {
		in, fields, err := receiveAttachment(form, spool, limit, a)
		if err != nil {
			return err
		}
		in.owner, in.asIs = a.Owner, !a.Picture || in.fileType != png && in.fileType != jpeg
		if in.by, err = a.By(fields); err != nil {
			return err
		}
		u, err = s.keep(r.Context(), in)
		return err
	})
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.Limits.Stall))
	if err != nil {
		return Attached{}, err
	}
	at := Attached{URL: s.publicURL(r, key(u, u.ID+u.Extension))}
	if u.Thumbnail != "" {
		at.ThumbnailURL = s.publicURL(r, key(u, u.ID+small+u.Thumbnail))
	}
	return at, nil
}

// receiveAttachment writes the form's only file to the spool and returns the form's other parts.
func receiveAttachment(form *multipart.Reader, spool spool, limit int64, a Attachment) (in received, fields map[string]string, err error) {
	fields = map[string]string{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, nil, badForm(err)
		}
		switch {
		case part.FormName() != field:
			if err := readField(part, fields); err != nil {
				return in, nil, err
			}
		case in.file.File != nil:
			return in, nil, chat.Invalid(field, "Send one file in a request.")
		default:
			err := in.read(part, spool, limit, func(head []byte) *chat.Error {
				sniffed := mimetype.Detect(head)
				in.fileType = attachedType(part.FileName(), head, sniffed)
				mime, _, _ := strings.Cut(sniffed.String(), ";")
				return a.Rules.Check(strings.ToLower(path.Ext(part.FileName())), mime)
			})
			if err != nil {
				return in, nil, err
			}
		}
	}
	if in.file.File == nil {
		return in, nil, chat.Invalid(field, "Send one file in the part %q.", field)
	}
	return in, fields, nil
}

const (
	formFields = 16
	fieldBytes = 8 << 10
)

// readField reads a part of a form that isn't a file.
func readField(part *multipart.Part, fields map[string]string) error {
	text, err := io.ReadAll(io.LimitReader(part, fieldBytes+1))
	switch {
	case err != nil:
		return badForm(err)
	case len(text) > fieldBytes || len(fields) == formFields:
		return chat.Invalid(field, "Beside the file, a form has at most %d parts of %d bytes.", formFields, fieldBytes)
	}
	fields[part.FormName()] = string(text)
	return nil
}

// shown are the types that browsers show and play, in addition to the six of the back office. None
// of them can contain a script.
var shown = []fileType{
	{".gif", "image/gif", chat.Image, true}, {".webp", "image/webp", chat.Image, true},
	{".webm", "video/webm", chat.Video, true}, {".mp3", "audio/mpeg", "", true}, {".ogg", "audio/ogg", "", true},
	{".wav", "audio/wav", "", true}, {".flac", "audio/flac", "", true}, {".aac", "audio/aac", "", true}, {".m4a", "audio/x-m4a", "", true},
}

var plainExtension = regexp.MustCompile(`^\.[a-z0-9]{1,10}$`)

// attachedType returns the type to serve a file as: that of its content if browsers can show it,
// otherwise a download. A download keeps its name's extension unless the extension is of another
// type.
func attachedType(name string, head []byte, sniffed *mimetype.MIME) fileType {
	if t, ok := contentType(head); ok && !isSound(head) {
		return t
	}
	for m := sniffed; m != nil; m = m.Parent() {
		for _, t := range shown {
			if m.Is(t.contentType) {
				return t
			}
		}
	}
	extension := strings.ToLower(path.Ext(name))
	if _, taken := byExtension[extension]; taken || isShown(extension) || !plainExtension.MatchString(extension) {
		extension = ".bin"
	}
	return opaque(extension)
}

// opaque returns the type of a file whose content isn't examined.
func opaque(extension string) fileType {
	return fileType{extension: extension, contentType: "application/octet-stream", kind: "file"}
}

func isShown(extension string) bool {
	return slices.ContainsFunc(shown, func(t fileType) bool { return t.extension == extension })
}

// attachedAs returns the type for the stored extension of a file of Stream's API.
func attachedAs(extension string) fileType {
	for _, t := range shown {
		if t.extension == extension {
			return t
		}
	}
	if t, ok := typeOfStored(extension); ok {
		return t
	}
	return opaque(extension)
}

// Detach deletes an owner's file by its address, and adds it to the record of the request; NotFound.
func (s *Store) Detach(ctx context.Context, owner, address string) error {
	missing := chat.Missing("url", "There is no such file here.")
	parsed, err := url.Parse(address)
	if err != nil {
		return missing
	}
	id, extension, thumbnail, ours := splitName(path.Base(parsed.Path))
	if !ours || thumbnail {
		return missing
	}
	u, found, err := s.Database.Upload(ctx, id)
	if err != nil {
		return err
	}
	if !found || u.Extension != extension || owner == "" {
		return missing
	}
	err = s.Database.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		if found, err = tx.DropUpload(id, owner); err == nil && found {
			tx.Note(fileOf(owner, id))
		}
		return err
	})
	if err != nil {
		return err
	}
	if !found {
		return missing
	}
	s.removeFiles(ctx, u)
	return nil
}

// fileOf names a file in a record of a change.
func fileOf(owner, id string) chat.ChangeTarget {
	t := chat.ChangeTarget{Kind: chat.FileTarget, Item: id}
	if owner != OwnApp {
		t.CID = sqlstore.SplitCID(owner)
	}
	return t
}

// publicURL returns the address of a file, derived from the request if none is configured.
func (s *Store) publicURL(r *http.Request, key string) string {
	if s.BaseURL != "" {
		return s.BaseURL + "/" + key
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/media/" + key
}
