package sqlstore

import (
	"io/fs"
	"strconv"
	"strings"
)

// MissingMigrations lists the versions of the files that a database with those done lacks.
func MissingMigrations(files fs.FS, done []int) (string, error) {
	known, err := knownMigrations(files)
	if err != nil {
		return "", err
	}
	missing, err := missingAfter(done, known)
	list := make([]string, len(missing))
	for i, m := range missing {
		list[i] = strconv.Itoa(m.version)
	}
	return strings.Join(list, " "), err
}

// ReferenceColumns lists the columns that References reads, as table.column.
func ReferenceColumns() (list []string) {
	for _, r := range references {
		for _, column := range r.texts {
			list = append(list, r.table+"."+column)
		}
	}
	return list
}

// Setting returns a setting of PostgreSQL, as writes have it.
func (tx *Tx) Setting(name string) (value string, err error) {
	value, _, err = TxFirst(tx, ScanValue[string], `SELECT current_setting($1)`, name)
	return value, err
}

// Exec runs a statement within a write.
func (tx *Tx) Exec(text string) error {
	_, err := tx.Change(text)
	return err
}

// Pragma runs a PRAGMA within a write, which stays for its connection.
func (tx *Tx) Pragma(text string) error {
	_, _, err := TxFirst(tx, ScanValue[any], text)
	return err
}

// BinColumns lists the columns that move between channels and the bin.
func BinColumns() []string {
	return strings.FieldsFunc(channelRow, func(r rune) bool { return strings.ContainsRune(", \n\t", r) })
}
