package media

import (
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype" // sniffs content; MIT

	"backchannel/internal/chat"
)

// sniffed is how much of a file is looked at to tell what it is.
const sniffed = 3072

// fileType is one of the six.
type fileType struct {
	extension   string // as stored
	contentType string
	kind        chat.FileKind
	inline      bool // browsers show it
}

var (
	png  = fileType{".png", "image/png", chat.Image, true}
	jpeg = fileType{".jpg", "image/jpeg", chat.Image, true}
	mp4  = fileType{".mp4", "video/mp4", chat.Video, true}
	mov  = fileType{".mov", "video/quicktime", chat.Video, true}
	avi  = fileType{".avi", "video/x-msvideo", chat.Video, false}
	flv  = fileType{".flv", "video/x-flv", chat.Video, false}
)

// bySniff is what the library calls them. An animated PNG is kept as its first
// picture, m4v is mp4 in all but name.
var bySniff = map[string]fileType{
	"image/png": png, "image/vnd.mozilla.apng": png, "image/jpeg": jpeg,
	"video/mp4": mp4, "video/x-m4v": mp4, "video/quicktime": mov,
	"video/x-msvideo": avi, "video/x-flv": flv,
}

// byExtension is what a name says. mp4 and mov are one format with two names.
var byExtension = map[string][]fileType{
	".png": {png}, ".jpg": {jpeg}, ".jpeg": {jpeg},
	".mp4": {mp4, mov}, ".mov": {mov, mp4}, ".avi": {avi}, ".flv": {flv},
}

// typeOf tells what a file is by its name and the beginning of its content.
func typeOf(name string, head []byte) (fileType, *chat.Error) {
	named := byExtension[strings.ToLower(path.Ext(name))]
	found, ok := bySniff[mimetype.Detect(head).String()]
	if !ok || len(named) == 0 {
		return fileType{}, &chat.Error{
			Code: chat.FileTypeNotSupported, Reason: chat.TypeNotSupported, Message: chat.FileTypeMessage, Field: field}
	}
	for _, t := range named {
		if t == found {
			return t, nil
		}
	}
	return fileType{}, chat.Invalid(field, "The file is a %s by its content and a %s by its name. Name it what it is.",
		found.extension, named[0].extension).Because(chat.TypeMismatch)
}

// typeOfStored is what a stored extension stands for.
func typeOfStored(extension string) (fileType, bool) {
	types := byExtension[extension]
	if len(types) == 0 || types[0].extension != extension {
		return fileType{}, false
	}
	return types[0], true
}
