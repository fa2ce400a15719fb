package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/stream"
)

// importBatch is how many users one transaction stores; a running server writes
// in between.
const importBatch = 500

type importCommand struct {
	storageFlags  `embed:""`
	providerFlags `embed:""`

	File string `arg:"" type:"existingfile" help:"A .csv file with the columns id, name and role, or a .json file with a list of such objects. A role is USER, ADMIN or MODERATOR; without one a user keeps the role it has."`
}

// Run checks the whole file, then stores its users. Running it again is harmless.
func (c importCommand) Run(ctx context.Context, s streams) error {
	users, err := readUsers(c.File)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	provider, end, err := c.chat(ctx, slog.New(slog.NewTextHandler(s.err, nil)))
	if err != nil {
		return err
	}
	err = storeUsers(ctx, provider, users)
	if err := errors.Join(err, end()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Users imported: %d\n", len(users))
	return err
}

// chat opens the chat that the users are for.
func (c importCommand) chat(ctx context.Context, logger *slog.Logger) (p chat.Provider, end func() error, err error) {
	if c.Provider == providerStream {
		if err := c.Stream.check(); err != nil {
			return nil, nil, err
		}
	}
	store, err := c.open(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	if c.Provider == providerStream {
		hosted, err := stream.New(c.Stream.options(store, logger))
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("setting up Stream: %w", err), store.Close())
		}
		return hosted, func() error { hosted.Close(); return store.Close() }, nil
	}
	e := engine.New(engine.Options{Store: store, Logger: logger})
	return e, func() error { e.Close(); return store.Close() }, nil
}

func storeUsers(ctx context.Context, provider chat.Provider, users []chat.UserChange) error {
	op := chat.Operation{By: chat.Actor{ID: "users-import", BackOffice: true}, Name: "usersImport"}
	stored := 0
	for batch := range slices.Chunk(users, importBatch) {
		if _, err := provider.UpsertUsers(ctx, chat.UpsertUsers{Operation: op, Users: batch}); err != nil {
			return fmt.Errorf("storing users (%d of %d are stored; run it again): %w", stored, len(users), err)
		}
		stored += len(batch)
	}
	return nil
}

// readUsers reads and checks all rows of a file.
func readUsers(file string) ([]chat.UserChange, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets put it there
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("line %d: it is not UTF-8; save the file as UTF-8", brokenLine(text))
	}
	var rows []userRow
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		rows, err = csvRows(text)
	case ".json":
		rows, err = jsonRows(text)
	default:
		return nil, errors.New("the file's name must end in .csv or .json")
	}
	if err != nil {
		return nil, err
	}
	return checkRows(rows)
}

// brokenLine is the first line of a text that isn't UTF-8.
func brokenLine(text []byte) int {
	n := 1
	for line := range bytes.Lines(text) {
		if !utf8.Valid(line) {
			return n
		}
		n++
	}
	return n
}

// userRow is one user as the file has it.
type userRow struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	where string // e.g. "line 3"
}

func jsonRows(text []byte) (rows []userRow, err error) {
	if !chat.WellFormed(text) {
		return nil, errors.New("it has text that isn't well-formed Unicode, such as a lone surrogate")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rows); err != nil {
		return nil, fmt.Errorf(`want a JSON list of objects with "id", "name" and "role": %w`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the JSON list")
	}
	for i := range rows {
		rows[i].where = fmt.Sprintf("object %d", i+1)
	}
	return rows, nil
}

// csvRows reads columns by the header's names, or in the order id, name, role
// where the first line is no header.
func csvRows(text []byte) (rows []userRow, err error) {
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1
	reader.TrimLeadingSpace = true
	columns := map[string]int{"id": 0, "name": 1, "role": 2}
	for first := true; ; first = false {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if first && slices.ContainsFunc(record, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "id") }) {
			if columns, err = header(record); err != nil {
				return nil, err
			}
			continue
		}
		line, _ := reader.FieldPos(0)
		row := userRow{where: fmt.Sprintf("line %d", line)}
		if len(record) > len(columns) {
			return nil, fmt.Errorf("%s: there are %d columns, want %d", row.where, len(record), len(columns))
		}
		for column, i := range columns {
			if i < len(record) {
				row.set(column, strings.TrimSpace(record[i]))
			}
		}
		rows = append(rows, row)
	}
}

func header(record []string) (map[string]int, error) {
	columns := map[string]int{}
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "id" && name != "name" && name != "role" {
			return nil, fmt.Errorf("line 1: the column %q is none of id, name and role", name)
		}
		columns[name] = i
	}
	return columns, nil
}

func (r *userRow) set(column, value string) {
	switch column {
	case "id":
		r.ID = value
	case "name":
		r.Name = value
	case "role":
		r.Role = value
	}
}

func checkRows(rows []userRow) ([]chat.UserChange, error) {
	users := make([]chat.UserChange, len(rows))
	seen := make(map[string]string, len(rows))
	for i, row := range rows {
		user, err := row.check()
		if err != nil {
			return nil, fmt.Errorf("%s: %s", row.where, err.Message)
		}
		if other, ok := seen[user.ID]; ok {
			return nil, fmt.Errorf("%s: the user %s stands in %s already", row.where, user.ID, other)
		}
		seen[user.ID] = row.where
		users[i] = user
	}
	return users, nil
}

func (r *userRow) check() (u chat.UserChange, err *chat.Error) {
	if err = chat.CheckUserID(r.ID); err != nil {
		return u, err
	}
	name, err := chat.CleanName(r.Name)
	if err != nil {
		return u, err
	}
	u = chat.UserChange{ID: r.ID, Name: name}
	if r.Role != "" {
		u.Role, err = chat.ParseRole(r.Role)
	}
	return u, err
}
