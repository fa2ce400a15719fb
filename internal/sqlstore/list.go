package sqlstore

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"backchannel/internal/fold"
)

// listSizes are how many values an IN list holds. Lists have one of these sizes,
// so that a statement with one is prepared a few times and no more; the small ones
// are there because the driver takes time for each value.
var listSizes = [...]int{1, 8, 50, 200}

const chunkSize = 200 // the largest of them

// Chunks cuts a list into parts that fit an IN list.
func Chunks[T any](list []T) iter.Seq[[]T] { return slices.Chunk(list, chunkSize) }

// In is an IN list for the chunk, and its values; the last one is repeated to fill
// the list.
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

// LikeEscaper escapes what has a meaning in a LIKE pattern.
var LikeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is the LIKE pattern for texts with search in them, "" for all.
func containing(search string) string {
	search = fold.Text(strings.TrimSpace(search))
	if search == "" {
		return ""
	}
	return "%" + LikeEscaper.Replace(search) + "%"
}
