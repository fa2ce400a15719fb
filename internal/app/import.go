package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/stream"
	"backchannel/internal/userfile"
)

const (
	// importBatch is how many users one transaction stores. In between a running server writes,
	// which waits for about half a second. Fewer cost SQLite more: each batch writes all over its indexes.
	importBatch  = 5_000
	importReport = 5 * time.Second // between two reports of progress
)

type importCommand struct {
	storageFlags  `embed:""`
	providerFlags `embed:""`

	File     string `arg:"" type:"existingfile" help:"A CSV file with a header that has the columns id and name, and role if wanted, or a JSON list of such objects. A role is USER, ADMIN or MODERATOR; without one a user keeps the role it has."`
	Encoding string `placeholder:"NAME" help:"The encoding of a file that is neither UTF-8 nor UTF-16, e.g. windows-1252."`
}

// Run checks the whole file, then stores its users. Running it again is harmless.
func (c importCommand) Run(ctx context.Context, s streams) error {
	list, err := c.read()
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	users := list.Users()
	// The batches' records aren't logged: the progress says more.
	provider, end, err := c.chat(ctx, slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	err = storeUsers(ctx, provider, users, s.err)
	if err := errors.Join(err, end()); err != nil {
		return err
	}
	note := ""
	if list.Headless {
		note = " (no header: the columns were read as id, name and role)"
	}
	_, err = fmt.Fprintf(s.out, "Users imported: %d%s\n", len(users), note)
	return err
}

// mostFaults is the maximum number of faults that are reported.
const mostFaults = 20

// read reads the whole file. There is no preview here, so a code page is never guessed, and one
// invalid row refuses the file.
func (c importCommand) read() (userfile.List, error) {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return userfile.List{}, err
	}
	list, err := userfile.Read(file, userfile.Options{Encoding: c.Encoding})
	if err != nil {
		return list, err
	}
	if list.Guessed {
		return list, fmt.Errorf("it is not UTF-8, perhaps %[1]s, in which line %[2]d reads %[3]q; if that is right, import it with --encoding %[1]s, else with another of %[4]s",
			list.Encoding, list.Example.Line, list.Example.User.Name, strings.Join(userfile.Encodings(), ", "))
	}
	faults := list.Faults()
	if len(faults) == 0 {
		return list, nil
	}
	var text strings.Builder
	for _, fault := range faults[:min(len(faults), mostFaults)] {
		text.WriteString("\n  " + fault.Error())
	}
	if more := len(faults) - mostFaults; more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return list, fmt.Errorf("%d of %d rows can't be imported, and none was:%s", len(faults), len(list.Rows), text.String())
}

// chat opens the chat into which the users are imported.
func (c importCommand) chat(ctx context.Context, logger *slog.Logger) (p chat.Provider, end func() error, err error) {
	if c.Provider == providerStream {
		if err := c.Stream.check(); err != nil {
			return nil, nil, err
		}
	}
	c.bulk = true
	store, err := c.open(ctx, telemetry{})
	if err != nil {
		return nil, nil, err
	}
	if c.Provider == providerStream {
		o := c.Stream.options(store, logger)
		o.Idle = true
		hosted, err := stream.New(o)
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("setting up Stream: %w", err), store.Close())
		}
		return hosted, func() error { hosted.Close(); return store.Close() }, nil
	}
	e := engine.New(engine.Options{Store: store, Logger: logger, Idle: true})
	return e, func() error { e.Close(); return store.Close() }, nil
}

// storeUsers stores the users, and reports the progress every few seconds.
func storeUsers(ctx context.Context, provider chat.Provider, users []chat.UserChange, progress io.Writer) error {
	op := chat.Operation{By: chat.Actor{ID: "users-import", BackOffice: true}, Name: "usersImport",
		Source: chat.Source{Via: chat.ByCommand}}
	stored, reported := 0, time.Now()
	for batch := range slices.Chunk(users, importBatch) {
		if _, err := provider.UpsertUsers(ctx, chat.UpsertUsers{Operation: op, Users: batch, Discard: true}); err != nil {
			return fmt.Errorf("storing users (%d of %d are stored; run it again): %w", stored, len(users), err)
		}
		stored += len(batch)
		if time.Since(reported) >= importReport {
			reported = time.Now()
			_, _ = fmt.Fprintf(progress, "%d of %d users are stored\n", stored, len(users))
		}
	}
	return nil
}
