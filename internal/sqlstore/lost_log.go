package sqlstore

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"
)

// errLogLost is for a young database that was copied without its write-ahead log. Everything is in
// the log until a few megabytes were written, and without it SQLite would begin an empty chat.
var errLogLost = errors.New("its write-ahead log is lost (the file with the same name and -wal at its end), and it had all tables: " +
	"put it back beside the database, or restore a backup. If this server was never used, remove the file")

// lostLog reports whether the file is a SQLite database in WAL mode without tables and without a
// log. Another process that has just created the file makes its log within moments.
func lostLog(path string) bool {
	for tries := 0; isEmptyInWAL(path); tries++ {
		if tries == 10 {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// isEmptyInWAL looks at the file's header and at the number of entries of the schema, which is on
// the first page.
func isEmptyInWAL(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, 105)
	if _, err := io.ReadFull(file, head); err != nil || !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) {
		return false
	}
	const wal, leafOfTable = 2, 13
	if head[18] != wal || head[100] != leafOfTable || head[103] != 0 || head[104] != 0 {
		return false
	}
	_, err = os.Stat(path + "-wal")
	return errors.Is(err, os.ErrNotExist)
}
