package sqlstore

import (
	"context"
	"os"
	"time"
)

// measureTime is the time limit for PostgreSQL's answer when metrics are read.
const measureTime = time.Second

// measure adds metrics of the database's state.
func (s *Store) measure(o Options) {
	o.Metrics.Gauge("write_queue", "Writes that wait for a transaction.", func() float64 { return float64(len(s.writer.queue)) })
	o.Metrics.Gauge("database_writable", "0 from a commit that failed or was not done in time, or while the database can't be reached, until a commit succeeds, else 1.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), measureTime)
		defer cancel()
		_ = s.Ready(ctx) // it notes that the database is away
		if s.writer.health.failure() != nil {
			return 0
		}
		return 1
	})
	switch {
	case o.URL != "":
		o.Metrics.Gauge("database_bytes", "Size of the database.", s.postgresSize)
	case !o.Memory:
		o.Metrics.Gauge("database_bytes", "Size of the database.", func() float64 { return fileSize(o.Path) })
		o.Metrics.Gauge("database_wal_bytes", "Size of SQLite's write-ahead log.", func() float64 { return fileSize(o.Path + "-wal") })
	}
}

func (s *Store) postgresSize() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), measureTime)
	defer cancel()
	rows, err := s.Query(ctx, `SELECT pg_database_size(current_database())`)
	size, _, _ := First(rows, err, ScanValue[int64]) // 0 if unknown
	return float64(size)
}

func fileSize(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size())
}
