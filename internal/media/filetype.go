package media

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype" // names refused types; MIT

	"backchannel/internal/chat"
)

// sniffed is the number of bytes that are read to determine a file's type.
const sniffed = 3072

// fileType is one of the six types.
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

// contentType returns the type that a file seems to have according to the beginning of its content.
// Whether the file is complete and contains a picture is checked later.
func contentType(head []byte) (t fileType, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte(pngSignature)): // including animated ones, of which the first picture is kept
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
	return mp4, true // whatever its brand is
}

// stillBrands are the brands of pictures in mp4 boxes. Several formats use mif1 and msf1, so the
// compatible brands decide.
var stillBrands = map[string]string{
	"heic": "HEIC", "heix": "HEIC", "hevc": "HEIC", "hevx": "HEIC", "heim": "HEIC", "heis": "HEIC", "hevm": "HEIC", "hevs": "HEIC",
	"avif": "AVIF", "avis": "AVIF", "mif1": "HEIF", "msf1": "HEIF",
}

// stillFormat returns the format of a picture in mp4 boxes, "" for none.
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

// isSound reports whether an mp4 has a brand for sound only.
func isSound(head []byte) bool {
	return len(head) >= 12 && string(head[4:8]) == "ftyp" &&
		slices.Contains([]string{"M4A ", "M4B ", "M4P ", "F4A ", "F4B "}, string(head[8:12]))
}

// otherFormat returns the format of a picture, video or sound that isn't accepted, "" for other
// content. It is only for messages.
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

// byExtension are the types that an extension may mean. mp4 and mov are two names of one format.
var byExtension = map[string][]fileType{
	".png": {png}, ".jpg": {jpeg}, ".jpeg": {jpeg},
	".mp4": {mp4, mov}, ".mov": {mov, mp4}, ".avi": {avi}, ".flv": {flv},
}

// typeOf determines a file's type by its name and the beginning of its content.
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

// advice says what to do with a file whose name and content have different types.
func advice(taken bool, named fileType) string {
	switch {
	case taken:
		return "Name it what it is."
	case named.kind == chat.Image:
		return "Convert it to JPEG or PNG: another name is not enough."
	}
	return "Convert it to MP4: another name is not enough."
}

// typeOfStored returns the type for a stored extension.
func typeOfStored(extension string) (fileType, bool) {
	types := byExtension[extension]
	if len(types) == 0 || types[0].extension != extension {
		return fileType{}, false
	}
	return types[0], true
}
