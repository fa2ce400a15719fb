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

// small marks the name of a thumbnail.
const small = "-small"

// chatFolder is where the files of Stream's API are, below the others.
const chatFolder = "chat/"

// key is the place of a file of an upload, in the bucket and under the base URL.
func key(u sqlstore.Upload, name string) string {
	if u.Owner != "" {
		return chatFolder + name
	}
	return name
}

// keys are the places of all files of an upload.
func keys(u sqlstore.Upload) []string {
	list := []string{key(u, u.ID+u.Extension)}
	if u.Thumbnail != "" {
		list = append(list, key(u, u.ID+small+u.Thumbnail))
	}
	if hasIcon(u) { // after it was first asked for
		list = append(list, iconKey(u))
	}
	return list
}

// splitName splits a name; ok is false if no file here has such a name.
func splitName(name string) (id, extension string, thumbnail, ok bool) {
	extension = path.Ext(name)
	id, thumbnail = strings.CutSuffix(strings.TrimSuffix(name, extension), small)
	return id, extension, thumbnail, extension != "" && (isRandom(id) || isSample(id))
}

// isRandom reports whether an id has the form of an upload's.
func isRandom(id string) bool { return len(id) == idLength && len(idsIn(id)) == 1 }

// idsIn returns what may be ids in a text: it may give too many, never too few.
func idsIn(text string) (ids []string) {
	run := 0
	for i := range len(text) + 1 {
		if i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '2' && text[i] <= '7') {
			run++
			continue
		}
		if run >= idLength { // what is before the id may look like a part of it: %2f
			ids = append(ids, text[i-idLength:i])
		}
		run = 0
	}
	return ids
}
