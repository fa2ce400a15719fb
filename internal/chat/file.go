package chat

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// FileKind is how a chat client shows a file.
type FileKind string

// The kinds.
const (
	Image FileKind = "image" // png, jpg, jpeg
	Video FileKind = "video" // mp4, avi, mov, flv
)

// Why a file is refused. Callers get the reason in extensions.reason, to say it in their
// users' language. docs/api.md lists them.
const (
	TooLarge         Reason = "TOO_LARGE"          // over Limit, in bytes
	TooManyPixels    Reason = "TOO_MANY_PIXELS"    // over Limit
	TypeNotSupported Reason = "TYPE_NOT_SUPPORTED" // by its name or its content
	TypeMismatch     Reason = "TYPE_MISMATCH"      // its content and its name are of different types
	Damaged          Reason = "DAMAGED"            // or isn't of the type that it seems to be
	CutOff           Reason = "CUT_OFF"            // its end is missing
	Empty            Reason = "EMPTY"
	NoVideo          Reason = "NO_VIDEO"     // complete, but without a video
	Stalled          Reason = "STALLED"      // it made no progress for too long
	NotUploaded      Reason = "NOT_UPLOADED" // the name of an avatar that was never uploaded
)

// FileReasons are all reasons of files.
var FileReasons = []Reason{
	TooLarge, TooManyPixels, TypeNotSupported, TypeMismatch, Damaged, CutOff, Empty, NoVideo, Stalled, NotUploaded,
}

// IsOfFile reports whether this is one of [FileReasons].
func (r Reason) IsOfFile() bool { return slices.Contains(FileReasons, r) }

// MaxFileNameLength is the longest name of an uploaded file, in bytes.
const MaxFileNameLength = 255

// KindOfFile returns a file's kind by the extension of its path, in any case. The path is
// percent-decoded and carries no query. It fails with [FileTypeNotSupported] for any other
// extension, or none.
func KindOfFile(filePath string) (FileKind, *Error) {
	switch strings.ToLower(path.Ext(filePath)) {
	case ".png", ".jpg", ".jpeg":
		return Image, nil
	case ".mp4", ".avi", ".mov", ".flv":
		return Video, nil
	}
	return "", &Error{Code: FileTypeNotSupported, Message: FileTypeMessage}
}

// CheckAvatarName checks the name of an uploaded picture: a bare file name
// ([InvalidArguments]) with a picture's extension ([FileTypeNotSupported]). A name that
// becomes a path when it is percent-decoded is refused as well, since a proxy may decode it
// once more.
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
