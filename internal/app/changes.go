package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

type exportCommand struct {
	storageFlags `embed:""`

	Format string    `enum:"jsonl,csv" default:"jsonl" help:"jsonl: one JSON object a line for each record; csv: one row for each thing that a record is about (${default})."`
	Since  time.Time `placeholder:"TIME" help:"Only records from this time on, e.g. 2026-11-01T00:00:00Z."`
	Until  time.Time `placeholder:"TIME" help:"Only records from before this time."`
}

// Run writes the records, oldest first.
func (c exportCommand) Run(ctx context.Context, s streams) (err error) {
	store, err := sqlstore.Inspect(ctx, sqlstore.Options{Path: c.sqlitePath(), URL: c.DatabaseURL})
	if err != nil {
		return fmt.Errorf("opening the database (%s): %w", c.source(), err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	buffered := bufio.NewWriter(s.out)
	write, end := jsonLines(buffered)
	if c.Format == "csv" {
		write, end = csvRows(buffered)
	}
	if err := sqlstore.ChangesIn(store).Each(ctx, c.Since, c.Until, write); err != nil {
		return fmt.Errorf("exporting the records (%s): %w", c.source(), err)
	}
	return errors.Join(end(), buffered.Flush())
}

// jsonLines writes each record as a line, with GraphQL's names.
func jsonLines(w io.Writer) (write func(chat.Change) error, end func() error) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(c chat.Change) error { return encoder.Encode(exported(c)) }, func() error { return nil }
}

// exportedChange is a record in the form of an export.
type exportedChange struct {
	ID          string           `json:"id"`
	Seq         int64            `json:"seq"`
	At          time.Time        `json:"at"`
	Operation   string           `json:"operation"`
	By          string           `json:"by"`
	Via         string           `json:"via"`
	Reason      string           `json:"reason,omitzero"`
	RequestID   string           `json:"requestId,omitzero"`
	Address     string           `json:"address,omitzero"`
	Outcome     string           `json:"outcome"`
	Undoes      string           `json:"undoes,omitzero"`
	UndoneBy    string           `json:"undoneBy,omitzero"`
	TargetCount int64            `json:"targetCount"`
	Targets     []exportedTarget `json:"targets"`
}

type exportedTarget struct {
	Kind   string          `json:"kind"`
	CID    string          `json:"cid,omitzero"`
	UserID string          `json:"userId,omitzero"`
	Item   string          `json:"item,omitzero"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

func exported(c chat.Change) exportedChange {
	e := exportedChange{c.ID, c.Seq, c.At.UTC(), c.Operation, c.By, strings.ToUpper(string(c.Via)), c.Reason, c.RequestID, c.Address,
		strings.ToUpper(string(c.Outcome)), c.Undoes, c.UndoneBy, c.TargetCount, make([]exportedTarget, len(c.Targets))}
	for i, t := range c.Targets {
		e.Targets[i] = exportedTarget{string(t.Kind), channelOf(t), t.UserID, t.Item, json.RawMessage(t.Before), json.RawMessage(t.After)}
	}
	return e
}

var csvHeader = []string{"seq", "id", "at", "operation", "by", "via", "reason", "requestId", "address", "outcome", "undoes", "undoneBy",
	"kind", "cid", "userId", "item", "before", "after"}

// csvRows writes a row for each target of a record, and one row for a record without targets.
func csvRows(out io.Writer) (write func(chat.Change) error, end func() error) {
	w := csv.NewWriter(out)
	_ = w.Write(csvHeader) // the writer remembers an error
	write = func(c chat.Change) error {
		targets := c.Targets
		if len(targets) == 0 {
			targets = []chat.ChangeTarget{{}}
		}
		for _, t := range targets {
			if err := w.Write(csvRow(c, t)); err != nil {
				return err
			}
		}
		return nil
	}
	return write, func() error {
		w.Flush()
		return w.Error()
	}
}

func csvRow(c chat.Change, t chat.ChangeTarget) []string {
	c.Targets = nil
	e := exported(c)
	row := []string{strconv.FormatInt(e.Seq, 10), e.ID, e.At.Format(time.RFC3339Nano), e.Operation, e.By, e.Via, e.Reason, e.RequestID, e.Address,
		e.Outcome, e.Undoes, e.UndoneBy, string(t.Kind), channelOf(t), t.UserID, t.Item, t.Before, t.After}
	for i := range row {
		row[i] = inert(row[i])
	}
	return row
}

func channelOf(t chat.ChangeTarget) string {
	if t.CID == (chat.CID{}) {
		return ""
	}
	return t.CID.String()
}

// inert keeps a spreadsheet from treating a user's text as a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
