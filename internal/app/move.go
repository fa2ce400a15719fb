package app

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"backchannel/internal/sqlstore"
)

type moveCommand struct {
	Data string `placeholder:"FOLDER" default:"./data" env:"BACKCHANNEL_DATA" help:"Folder of the SQLite database (${default})."`
	To   string `placeholder:"URL" required:"" env:"BACKCHANNEL_DATABASE_URL" help:"Empty PostgreSQL database: postgres://user:password@host/name. Give it in the environment if it has a password, where other users of the machine can't read it."`
}

// Help extends the command's description.
func (moveCommand) Help() string {
	return `Stop the server first, and start it with BACKCHANNEL_DATABASE_URL afterwards. Each table is copied, read back, counted
and hashed; if one differs, or anything fails, PostgreSQL keeps nothing of it. The SQLite database stays as it is. Uploaded
files stay where they are.`
}

// Run moves.
func (c moveCommand) Run(ctx context.Context, s streams) error {
	path := storageFlags{Data: c.Data}.sqlitePath()
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "table\trows\tSHA-256 of the rows, the same on both sides")
	rows := int64(0)
	err := sqlstore.Move(ctx, path, c.To, func(t sqlstore.MovedTable) {
		rows += t.Rows
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\n", t.Name, t.Rows, t.Hash)
	})
	if err = errors.Join(err, table.Flush()); err != nil {
		return fmt.Errorf("moving from %s to PostgreSQL: %w", path, err)
	}
	_, err = fmt.Fprintf(s.out, "%d rows are in PostgreSQL. Start servers with BACKCHANNEL_DATABASE_URL from now on.\n", rows)
	return err
}
