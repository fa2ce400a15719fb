package userfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding" // code pages, which the standard library lacks; BSD-3, by the Go team
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	utf8Name    = "utf-8"
	utf16LEName = "utf-16le"
	utf16BEName = "utf-16be"
)

// codePage is an encoding in which spreadsheets save lists.
type codePage struct {
	name      string // as in the web's Encoding Standard and at IANA
	encoding  encoding.Encoding
	languages string // languages of its users, separated by spaces
}

// codePages are the supported code pages. If two fit equally well, the earlier one is guessed.
var codePages = []codePage{
	{"windows-1252", charmap.Windows1252, "en de fr es pt it nl sv da nb nn no fi is ca ga eu gl af id ms sw"},
	{"windows-1250", charmap.Windows1250, "cs pl sk hu sl hr bs ro sq"},
	{"windows-1251", charmap.Windows1251, "ru uk be bg mk sr kk mn"},
	{"windows-1253", charmap.Windows1253, "el"},
	{"windows-1254", charmap.Windows1254, "tr az"},
	{"windows-1255", charmap.Windows1255, "he yi"},
	{"windows-1256", charmap.Windows1256, "ar fa ur"},
	{"windows-1257", charmap.Windows1257, "et lv lt"},
	{"windows-1258", charmap.Windows1258, "vi"},
	{"windows-874", charmap.Windows874, "th"},
	{"macintosh", charmap.Macintosh, "en de fr es pt it nl sv da nb nn no fi"},
	{"ibm850", charmap.CodePage850, "en de fr es pt it nl sv da nb nn no fi is"},
	{"ibm852", charmap.CodePage852, "cs pl sk hu sl hr ro"},
	{"ibm866", charmap.CodePage866, "ru be"},
	{"koi8-r", charmap.KOI8R, "ru"},
	{"iso-8859-2", charmap.ISO8859_2, "cs pl sk hu sl hr"},
	{"shift_jis", japanese.ShiftJIS, "ja"},
	{"euc-kr", korean.EUCKR, "ko"},
	{"gb18030", simplifiedchinese.GB18030, "zh"},
	{"big5", traditionalchinese.Big5, "zh"},
}

// Encodings returns the names of the supported encodings.
func Encodings() []string {
	names := []string{utf8Name, utf16LEName, utf16BEName}
	for _, page := range codePages {
		names = append(names, page.name)
	}
	return names
}

// decode returns the text of a file. Bytes that can't be decoded become U+FFFD.
func decode(file []byte, o Options) (text string, list List, err error) {
	list.Encoding = strings.ToLower(o.Encoding)
	if list.Encoding == "" {
		if list.Encoding, err = recognize(file); err != nil {
			return "", list, err
		}
	}
	if list.Encoding == "" {
		list.Encoding, list.Guessed = guess(file, o.Languages), true
	}
	decoded, err := decoder(list.Encoding, file)
	if err != nil {
		return "", list, err
	}
	text = strings.TrimPrefix(decoded, "\ufeff")
	if strings.IndexByte(text, 0) >= 0 {
		return "", list, &Fault{Reason: NotText, Message: "This is not a text. In a spreadsheet, save the list as CSV and choose that file."}
	}
	return text, list, nil
}

func decoder(name string, file []byte) (string, error) {
	var e encoding.Encoding
	switch name {
	case utf8Name:
		return strings.ToValidUTF8(string(file), string(utf8.RuneError)), nil
	case utf16LEName:
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case utf16BEName:
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		i := slices.IndexFunc(codePages, func(p codePage) bool { return p.name == name })
		if i < 0 {
			return "", &Fault{Reason: UnknownEncoding, Value: short(name, 60), Message: fmt.Sprintf("There is no encoding %q here. Use one of %s.", short(name, 60), strings.Join(Encodings(), ", "))}
		}
		e = codePages[i].encoding
	}
	text, err := e.NewDecoder().Bytes(file)
	if err != nil {
		return "", &Fault{Reason: NotText, Message: "This is not a text in " + name + "."}
	}
	return string(text), nil
}

// recognize returns the encoding if it is certain, "" if it must be a code page.
func recognize(file []byte) (string, error) {
	switch {
	case bytes.HasPrefix(file, []byte("PK\x03\x04")), bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")):
		return "", &Fault{Reason: Workbook, Message: "This is a workbook. In the spreadsheet, save the list as CSV (UTF-8) and choose that file."}
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		return utf16LEName, nil
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		return utf16BEName, nil
	case bytes.HasPrefix(file, []byte("\xef\xbb\xbf")), utf8.Valid(file) && bytes.IndexByte(file, 0) < 0:
		return utf8Name, nil
	}
	if name := unmarkedUTF16(file); name != "" {
		return name, nil
	}
	if bytes.IndexByte(file, 0) >= 0 || brokenUTF8(file) {
		return utf8Name, nil
	}
	return "", nil
}

// unmarkedUTF16 detects UTF-16 by its zero bytes where the text is ASCII.
func unmarkedUTF16(file []byte) string {
	head := file[:min(len(file), 4096)]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(head) / 8; {
	case zeros[1] > most && zeros[0] == 0:
		return utf16LEName
	case zeros[0] > most && zeros[1] == 0:
		return utf16BEName
	}
	return ""
}

// brokenUTF8 reports whether a file is UTF-8 with a few invalid bytes. Text in a code page hardly
// ever looks like UTF-8.
func brokenUTF8(file []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(file); {
		r, n := utf8.DecodeRune(file[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		i += n
	}
	return good > 3*bad
}
