package sqlstore

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"backchannel/internal/chat"
)

// chunkSize is how many values one IN list holds. Lists always have this many, so
// that a statement with one is prepared once.
const chunkSize = 200

func chunks[T any](list []T) iter.Seq[[]T] { return slices.Chunk(list, chunkSize) }

// placeholders is an IN list of chunkSize values, the first of them $from.
func placeholders(from int) string {
	b := []byte{'('}
	for i := range chunkSize {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(append(b, '$'), int64(from+i), 10)
	}
	return string(append(b, ')'))
}

// padded gives the values of an IN list: those of the chunk, the last repeated.
func padded[T any](chunk []T, value func(T) any) []any {
	args := make([]any, chunkSize)
	for i := range args {
		args[i] = value(chunk[min(i, len(chunk)-1)])
	}
	return args
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is the LIKE pattern for texts with search in them, "" for all.
func containing(search string) string {
	if search == "" {
		return ""
	}
	return "%" + likeEscaper.Replace(chat.Fold(search)) + "%"
}
