package sqlstore

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"backchannel/internal/fold"
)

// listSizes are the possible numbers of values in an IN list, so that a statement with one is
// prepared only a few times. The small ones exist because the driver needs time for each value.
var listSizes = [...]int{1, 8, 50, 200}

const chunkSize = 200 // the largest one

// Chunks splits a list into parts that fit an IN list.
func Chunks[T any](list []T) iter.Seq[[]T] { return slices.Chunk(list, chunkSize) }

// In returns an IN list for the chunk and its values; the last value is repeated to fill the list.
func In[T any](chunk []T, value func(T) any) (list string, args []any) {
	size := chunkSize
	for _, s := range listSizes {
		if s >= len(chunk) {
			size = s
			break
		}
	}
	args = make([]any, size)
	text := []byte{'('}
	for i := range args {
		args[i] = value(chunk[min(i, len(chunk)-1)])
		if i > 0 {
			text = append(text, ", "...)
		}
		text = strconv.AppendInt(append(text, '$'), int64(i+1), 10)
	}
	return string(append(text, ')')), args
}

// LikeEscaper escapes the special characters of LIKE patterns.
var LikeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing returns the LIKE pattern for texts that contain search, "" for all texts.
func containing(search string) string {
	search = fold.Text(strings.TrimSpace(search))
	if search == "" {
		return ""
	}
	return "%" + LikeEscaper.Replace(search) + "%"
}
