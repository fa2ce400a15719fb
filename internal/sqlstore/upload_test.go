package sqlstore_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// texts of the schema in which no caller can name a file: ids, types, folded copies
// of other columns, and what only the server writes.
var withoutFiles = []string{
	"counters.name", "tombstones.id", "user_shelves.id", "user_shelves.name_key", "users.id", "users.name", "users.name_key", "users.name_text", "users.role",
	"channels.cid", "channels.type", "channels.id", "channels.name", "channels.name_key", "channels.name_text", "channels.created_by",
	"messages.id", "messages.sender", "messages.mentions", "messages.parent",
	"message_versions.message", "message_versions.mentions", "message_versions.written_by",
	"operations.actor", "operations.key", "operations.name", "operations.digest", "operations.result", "operations.error",
	"members.user_id", "members.role", "reactions.message", "reactions.user_id", "reactions.type",
	"restrictions.user_id", "restrictions.kind", "restrictions.made_by", "restrictions.reason",
	"events.type", "events.cid", "events.user_id", "events.message", "events.detail", "ended_logs.cid",
	"channel_settings.user_id", "user_relations.user_id", "user_relations.target", "user_relations.kind",
	"settings.kind", "settings.name", "tasks.id", "tasks.status", "tasks.result", "tasks.error",
	"hidden_messages.user_id", "hidden_messages.message",
	"announcements.id", "announcements.mentions", "announcements.sender", "announcements.sender_name", "announcements.audience", "announcements.created_by",
	"jobs.id", "jobs.operation", "jobs.state", "jobs.actor", "jobs.actor_name", "jobs.change", "jobs.announcement", "jobs.local_time", "jobs.zone",
	"job_rows.job", "job_rows.target", "job_rows.state", "job_rows.error", "job_rows.intent",
	"messages.text_key", "messages.type", "attempts.actor", "attempts.key", "attempts.name", "attempts.digest", "attempts.token",
	"flags.item", "flags.user_id", "flags.message", "flags.target",
	"changes.id", "changes.operation", "changes.actor", "changes.via", "changes.reason", "changes.request_id", "changes.address",
	"changes.outcome", "changes.undoes", "change_targets.kind", "change_targets.cid", "change_targets.user_id", "change_targets.item",
	"change_targets.state_after", "operations.change",
	"change_intents.id", "change_intents.operation", "change_intents.actor", "change_intents.via", "change_intents.reason",
	"change_intents.request_id", "change_intents.address", "change_intents.undoes",
	"change_intents.targets", // hosted Stream's, like hosted_states
	"bin.cid", "bin.type", "bin.id", "bin.name", "bin.name_key", "bin.name_text", "bin.created_by", "bin.deleted_by", "bin.change",
	"threads.parent", "threads.title", "threads.created_by",
	"webhook_endpoints.id", "webhook_endpoints.url", "webhook_endpoints.description", "webhook_endpoints.events", "webhook_endpoints.secrets",
	"webhook_positions.endpoint", "webhook_deliveries.endpoint", "webhook_deliveries.type", "webhook_deliveries.cid", "webhook_deliveries.state",
	"webhook_deliveries.error", "online_users.user_id", "online_users.node",
	"unfinished.id", "unfinished.kind", "unfinished.change",
	"leases.name", "leases.owner", "hook_calls.id", "hosted_logs.cid", "hosted_changes.subject",
	"hosted_states.subject", "hosted_states.state", // what hosted Stream has is never swept
	"uploads.id", "uploads.extension", "uploads.digest", "uploads.thumbnail", "uploads.uploaded_by", "uploads.owner",
}

// Each text column is either read for the names of files, or is known to hold none.
// What is neither may be the only place that names a file, which would be removed.
func TestReferencesCoverTheSchema(t *testing.T) {
	where := sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}
	open(t, where)
	db, err := sql.Open("sqlite", where.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.type = 'TEXT' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	read := sqlstore.ReferenceColumns()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(read, column) == slices.Contains(withoutFiles, column) {
			t.Errorf("%s: add it to references in upload.go where it can name a file, else to withoutFiles here", column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestReferences(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		at := time.Now()
		long := func(word string) string { return word + strings.Repeat("x", 42) }
		err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
			if err := tx.InsertUser(chat.User{ID: "ann", Role: chat.RoleUser, CreatedAt: at}); err != nil {
				return err
			}
			if err := tx.InsertChannel(chat.Channel{CID: chat.CID{Type: chat.Team, ID: "a"}, Avatar: long("avatar"), CreatedAt: at}); err != nil {
				return err
			}
			for i := range 5_500 {
				m := chat.Message{ID: fmt.Sprintf("%06d", i), CID: chat.CID{Type: chat.Team, ID: "a"}, Sender: chat.User{ID: "ann"}, CreatedAt: at}
				if m.Text = long("said"); i%100 == 0 {
					m.Text = "short"
				}
				if i == 5_499 {
					m.Attachments = []json.RawMessage{chat.Attachment{AssetURL: long("attached")}.Raw()}
				}
				if _, err := tx.AppendMessage(&m, false); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		err = s.References(t.Context(), 42, func(text string) {
			for _, word := range []string{"avatar", "said", "attached"} {
				if strings.Contains(text, long(word)) {
					got[word]++
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"avatar": 1, "said": 5_445, "attached": 1}, got); diff != "" {
			t.Errorf("references (-want +got):\n%s", diff)
		}
	})
}

func TestUploads(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		at := time.Now().Truncate(time.Microsecond).UTC()
		u := sqlstore.Upload{ID: "b", Extension: ".png", Digest: "d1", Size: 1 << 40, Width: 7, Height: 8, Thumbnail: ".jpg",
			ThumbnailSize: 9, By: "ann", At: at, TouchedAt: at}
		var done []bool
		step := func(fn func(tx *sqlstore.Tx) (bool, error)) {
			t.Helper()
			err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
				ok, err := fn(tx)
				done = append(done, ok)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		other := u
		other.ID = "c"
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.InsertUpload(u) })
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.InsertUpload(other) }) // the same content
		for _, find := range []func() (sqlstore.Upload, bool, error){
			func() (sqlstore.Upload, bool, error) { return s.Upload(t.Context(), "b") },
			func() (sqlstore.Upload, bool, error) { return s.UploadOf(t.Context(), "d1") },
		} {
			if got, found, err := find(); err != nil || !found || got != u {
				t.Errorf("found %v %v, want %v", got, err, u)
			}
		}
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.ForgetUpload("b", at) }) // touched just then
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.TouchUpload("b", at.Add(time.Hour)) })
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.TouchUpload("c", at) })
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.ForgetUpload("b", at.Add(time.Hour)) })
		if list, err := s.UntouchedUploads(t.Context(), at.Add(time.Hour), "", 10); err != nil || len(list) != 0 {
			t.Errorf("untouched: %v %v", list, err)
		}
		if list, err := s.UntouchedUploads(t.Context(), at.Add(2*time.Hour), "a", 10); err != nil || len(list) != 1 {
			t.Errorf("untouched later: %v %v", list, err)
		}
		step(func(tx *sqlstore.Tx) (bool, error) { return tx.ForgetUpload("b", at.Add(2*time.Hour)) })
		if diff := cmp.Diff([]bool{true, false, false, true, false, false, true}, done); diff != "" {
			t.Errorf("what was done (-want +got):\n%s", diff)
		}
	})
}
