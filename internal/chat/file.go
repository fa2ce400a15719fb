package chat

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// FileKind is the way in which chat clients show a file.
type FileKind string

// The kinds.
const (
	Image FileKind = "image" // png, jpg, jpeg
	Video FileKind = "video" // mp4, avi, mov, flv
)

// Reasons for refusing a file. Callers get them in extensions.reason, to explain them in the user's
// language. docs/api.md lists them.
const (
	TooLarge         Reason = "TOO_LARGE"          // larger than Limit, in bytes
	TooManyPixels    Reason = "TOO_MANY_PIXELS"    // more than Limit
	TypeNotSupported Reason = "TYPE_NOT_SUPPORTED" // according to its name or its content
	TypeMismatch     Reason = "TYPE_MISMATCH"      // its content and its name have different types
	Damaged          Reason = "DAMAGED"            // damaged, or not of the type that it seems to have
	CutOff           Reason = "CUT_OFF"            // its end is missing
	Empty            Reason = "EMPTY"
	NoVideo          Reason = "NO_VIDEO"     // complete, but without a video
	Stalled          Reason = "STALLED"      // it made no progress for too long
	NotUploaded      Reason = "NOT_UPLOADED" // the name of an avatar that was never uploaded
)

// FileReasons are all reasons that are about files.
var FileReasons = []Reason{
	TooLarge, TooManyPixels, TypeNotSupported, TypeMismatch, Damaged, CutOff, Empty, NoVideo, Stalled, NotUploaded,
}

// IsOfFile reports whether this is one of [FileReasons].
func (r Reason) IsOfFile() bool { return slices.Contains(FileReasons, r) }

// MaxFileNameLength is the maximum length of an uploaded file's name, in bytes.
const MaxFileNameLength = 255

// KindOfFile returns a file's kind by the extension of its path, ignoring case. The path must be
// percent-decoded and have no query. If the extension is unknown or missing, it fails with
// [FileTypeNotSupported].
func KindOfFile(filePath string) (FileKind, *Error) {
	switch strings.ToLower(path.Ext(filePath)) {
	case ".png", ".jpg", ".jpeg":
		return Image, nil
	case ".mp4", ".avi", ".mov", ".flv":
		return Video, nil
	}
	return "", &Error{Code: FileTypeNotSupported, Message: FileTypeMessage}
}

// CheckAvatarName validates the name of an uploaded picture: it must be a bare file name
// ([InvalidArguments]) with the extension of a picture ([FileTypeNotSupported]). A name that
// percent-decodes to a path is refused too, since a proxy may decode it again.
func CheckAvatarName(name string) *Error {
	if name == "" || len(name) > MaxFileNameLength {
		return Invalid("", "A file name is 1 to %d bytes long.", MaxFileNameLength)
	}
	if !bareName(name) {
		return Invalid("", "Give the bare file name, without / or \\ or .. or control characters.")
	}
	kind, err := KindOfFile(name)
	if err == nil && kind != Image {
		err = &Error{Code: FileTypeNotSupported, Message: FileTypeMessage}
	}
	return err
}

func bareName(name string) bool {
	for {
		if strings.ContainsAny(name, `/\`) || strings.Contains(name, "..") || HasControl(name) {
			return false
		}
		decoded, err := url.PathUnescape(name)
		if err != nil || decoded == name {
			return true
		}
		name = decoded
	}
}
