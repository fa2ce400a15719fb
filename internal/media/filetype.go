package media

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype" // names what is not taken; MIT

	"backchannel/internal/chat"
)

// sniffed is how many bytes of a file are read to tell its type.
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

// contentType tells which of the six types a file seems to have, by the beginning of its
// content. Reading the file shows whether it is complete and has a picture in it.
func contentType(head []byte) (t fileType, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte(pngSignature)): // animated ones too, which are kept as their first picture
		return png, true
	case bytes.HasPrefix(head, []byte{0xff, markSOI, 0xff}):
		return jpeg, true
	case bytes.HasPrefix(head, []byte("FLV\x01")):
		return flv, true
	case len(head) < 12:
		return t, false
	case string(head[:4]) == "RIFF" && string(head[8:12]) == "AVI ":
		return avi, true
	}
	kind := string(head[4:8])
	switch {
	case kind == "mdat", head[0] == 0 && slices.Contains([]string{"moov", "free", "skip", "wide", "pnot"}, kind):
		return mov, true // older than brands
	case kind != "ftyp" || head[0] != 0 || stillFormat(head) != "":
		return t, false
	case string(head[8:12]) == "qt  ":
		return mov, true
	}
	return mp4, true // whatever its maker calls the brand
}

// stillBrands are the brands of pictures in the boxes of an mp4. Both formats have mif1 and
// msf1, so the compatible brands decide.
var stillBrands = map[string]string{
	"heic": "HEIC", "heix": "HEIC", "hevc": "HEIC", "hevx": "HEIC", "heim": "HEIC", "heis": "HEIC", "hevm": "HEIC", "hevs": "HEIC",
	"avif": "AVIF", "avis": "AVIF", "mif1": "HEIF", "msf1": "HEIF",
}

// stillFormat names the format of a picture in the boxes of an mp4, "" for none.
func stillFormat(head []byte) string {
	format := stillBrands[string(head[8:12])]
	if format != "HEIF" {
		return format
	}
	end := min(len(head), int(min(binary.BigEndian.Uint32(head), sniffed)))
	for at := 16; at+4 <= end; at += 4 {
		if brand := stillBrands[string(head[at:at+4])]; brand != "" && brand != "HEIF" {
			return brand
		}
	}
	return format
}

// isSound reports whether the brand of an mp4 says that it is only sound.
func isSound(head []byte) bool {
	return len(head) >= 12 && string(head[4:8]) == "ftyp" &&
		slices.Contains([]string{"M4A ", "M4B ", "M4P ", "F4A ", "F4B "}, string(head[8:12]))
}

// otherFormat names the format of a picture, video or sound that isn't accepted, "" for
// other content. It is only for messages.
func otherFormat(head []byte) string {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		if format := stillFormat(head); format != "" {
			return format
		}
	}
	found := mimetype.Detect(head)
	kind, _, _ := strings.Cut(found.String(), "/")
	if !slices.Contains([]string{"image", "video", "audio"}, kind) {
		return ""
	}
	return strings.ToUpper(strings.TrimPrefix(found.Extension(), "."))
}

// byExtension is the type that a name says. mp4 and mov are one format with two names.
var byExtension = map[string][]fileType{
	".png": {png}, ".jpg": {jpeg}, ".jpeg": {jpeg},
	".mp4": {mp4, mov}, ".mov": {mov, mp4}, ".avi": {avi}, ".flv": {flv},
}

// typeOf tells what a file is by its name and the beginning of its content.
func typeOf(name string, head []byte) (fileType, *chat.Error) {
	extension := strings.ToLower(path.Ext(name))
	named := byExtension[extension]
	found, ok := contentType(head)
	if ok && slices.Contains(named, found) {
		return found, nil
	}
	if len(named) > 0 {
		format := otherFormat(head)
		if ok {
			format = strings.ToUpper(found.extension[1:])
		}
		if format != "" {
			bad := chat.Invalid(field, "The file is %s by its content, and %s by its name. %s", format, extension, advice(ok, named[0]))
			bad.Reason, bad.Found = chat.TypeMismatch, format
			return fileType{}, bad
		}
	}
	return fileType{}, &chat.Error{
		Code: chat.FileTypeNotSupported, Reason: chat.TypeNotSupported, Message: chat.FileTypeMessage, Field: field}
}

// advice says what to do with a file whose name and content are of different types.
func advice(taken bool, named fileType) string {
	switch {
	case taken:
		return "Name it what it is."
	case named.kind == chat.Image:
		return "Convert it to JPEG or PNG: another name is not enough."
	}
	return "Convert it to MP4: another name is not enough."
}

// typeOfStored is the type for a stored extension.
func typeOfStored(extension string) (fileType, bool) {
	types := byExtension[extension]
	if len(types) == 0 || types[0].extension != extension {
		return fileType{}, false
	}
	return types[0], true
}
