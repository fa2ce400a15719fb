package media

import (
	"crypto/rand"
	"encoding/base32"
	"path"
	"strings"

	"backchannel/internal/sqlstore"
)

// idLength is the length of a file's id, the name without its extension: 26
// random bytes in base32. No digest in hexadecimal is that long.
const idLength = 42

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func newID() string {
	var random [26]byte
	_, _ = rand.Read(random[:]) // never fails
	return encoding.EncodeToString(random[:])
}

// small is the suffix of a thumbnail's name.
const small = "-small"

// chatFolder is the subfolder for files of Stream's API.
const chatFolder = "chat/"

// key returns the path of one of an upload's files, in the bucket and under the base URL.
func key(u sqlstore.Upload, name string) string {
	if u.Owner != "" {
		return chatFolder + name
	}
	return name
}

// keys returns the paths of all files of an upload.
func keys(u sqlstore.Upload) []string {
	list := []string{key(u, u.ID+u.Extension)}
	if u.Thumbnail != "" {
		list = append(list, key(u, u.ID+small+u.Thumbnail))
	}
	if hasIcon(u) { // exists after the first request for it
		list = append(list, iconKey(u))
	}
	return list
}

// splitName splits a name. ok is false if names here can't have that form.
func splitName(name string) (id, extension string, thumbnail, ok bool) {
	extension = path.Ext(name)
	id, thumbnail = strings.CutSuffix(strings.TrimSuffix(name, extension), small)
	return id, extension, thumbnail, extension != "" && (isRandom(id) || isSample(id))
}

// isRandom reports whether an id has the form of an upload's id.
func isRandom(id string) bool { return len(id) == idLength && len(idsIn(id)) == 1 }

// idsIn returns possible ids in a text. It may return too many, never too few.
func idsIn(text string) (ids []string) {
	run := 0
	for i := range len(text) + 1 {
		if i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '2' && text[i] <= '7') {
			run++
			continue
		}
		if run >= idLength { // characters before the id may look like a part of it: %2f
			ids = append(ids, text[i-idLength:i])
		}
		run = 0
	}
	return ids
}
