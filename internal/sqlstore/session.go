package sqlstore

import "context"

// Row is the argument of a scan function.
type Row interface{ Scan(dest ...any) error }

// cursor iterates over the rows of a query.
type cursor interface {
	Row
	Next() bool
	Err() error
}

// session runs the writer's statements directly on the database, each prepared once. The layer of
// database/sql would cost as much as a small statement.
type session interface {
	exec(ctx context.Context, text string, args []any) (changed int64, err error)
	query(ctx context.Context, text string, args []any) (c cursor, end func(), err error)
	// put runs a statement whose result isn't needed, at the latest before the next one whose
	// result is.
	put(ctx context.Context, text string, args []any) error
	once(ctx context.Context, text string) error // runs a statement that isn't kept prepared
	forget()                                     // drops the statements of put that haven't run
	// begin opens a transaction and runs queries in it. Its id is "" on SQLite.
	begin(ctx context.Context, list []reading) (id string, found map[readKey][]any, err error)
	// commit runs the waiting statements of put and ends the transaction.
	commit(ctx context.Context) error
	close()
}

// steps is a session that reports each statement before running it.
type steps struct {
	session

	tell func(text string)
}

// watched returns s, which reports its steps if somebody asked for them.
func watched(s session, tell func(text string)) session {
	if tell == nil {
		return s
	}
	return &steps{s, tell}
}

func (s *steps) exec(ctx context.Context, text string, args []any) (int64, error) {
	s.tell(text)
	return s.session.exec(ctx, text, args)
}

func (s *steps) query(ctx context.Context, text string, args []any) (cursor, func(), error) {
	s.tell(text)
	return s.session.query(ctx, text, args)
}

func (s *steps) put(ctx context.Context, text string, args []any) error {
	s.tell(text)
	return s.session.put(ctx, text, args)
}

func (s *steps) commit(ctx context.Context) error {
	s.tell("COMMIT")
	err := s.session.commit(ctx)
	s.tell("")
	return err
}
