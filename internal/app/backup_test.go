package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // to damage databases on purpose

	"backchannel/internal/pgtest"
)

// furnish gives a server something of everything that verify looks at.
func furnish(t *testing.T, s *server) (file string) {
	t.Helper()
	status, _, upload := s.upload("me.png", picture(400), nil)
	if status != http.StatusCreated {
		t.Fatalf("an upload: %d %v", status, upload)
	}
	file, _ = upload["filename"].(string)
	var done bool
	s.must("createOrUpdateChannel", &done, setAvatar, map[string]any{"name": file})
	s.must("createOrUpdateChannel", &done, createDocument, map[string]any{"id": "old", "name": "Старый 🎉"})
	s.must("upsertChatUsers", new(any), upsertDocument, map[string]any{"id": "ann"})
	s.must("addMembers", new(any), `mutation { addMembers(input: {cid: "livestream:news", userIds: ["ann"]}) { cid } }`, nil)
	for i := range 5 {
		s.must("sendMessageToChannel", &done, sendDocument, map[string]any{"c": "news", "text": fmt.Sprint("before ", i, "\nwith 'quotes' and \\")})
	}
	return file
}

// A backup taken under load has all that was acknowledged before it; restored, it is
// without a fault, and whoever has seen more is told to query again.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	data, restored, backup := t.TempDir(), filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "chat.db")
	s := start(t, data)
	file := furnish(t, s)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				_, _ = s.ask(sendDocument, map[string]any{"c": "news", "text": fmt.Sprint("meanwhile ", w, i)})
			}
		})
	}
	stdout, stderr, code := run(t, nil, "backup", backup, "--data", data)
	stop()
	writers.Wait()
	if code != 0 || !strings.Contains(stdout, "Uploaded files to copy too: 2 ") {
		t.Fatalf("backup: %d %s%s", code, stdout, stderr)
	}
	if _, stderr, code := run(t, nil, "backup", backup, "--data", data); code != 1 || !strings.Contains(stderr, "is there already") {
		t.Errorf("a second backup under the same name: %d %s", code, stderr)
	}
	s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "lost", "name": "Lost"})
	s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": "lost", "text": "lost"})
	before := s.seqOf("livestream:news")
	s.kill()

	copyMedia(t, backup+".media", filepath.Join(data, "media"), filepath.Join(restored, "media"))
	for _, args := range [][]string{{"verify", backup}, {"restore", backup, "--data", restored}, {"verify", "--data", restored}} {
		if stdout, stderr, code := run(t, nil, args...); code != 0 {
			t.Fatalf("%v: %d %s%s", args, code, stdout, stderr)
		}
	}
	if stdout, stderr, code := run(t, nil, "changes", "export", "--data", restored); code != 0 || !strings.Contains(stdout, `"operation":"restore"`) {
		t.Errorf("the restore left no record: %d %s%s", code, stdout, stderr)
	}
	if _, stderr, code := run(t, nil, "restore", backup, "--data", restored); code != 1 || !strings.Contains(stderr, "is there already") {
		t.Errorf("a restore over a database: %d %s", code, stderr)
	}

	s = start(t, restored)
	texts := s.whatIsSaid("news")
	found := 0
	for _, text := range texts {
		if strings.HasPrefix(text, "before ") {
			found++
		}
	}
	if found != 5 {
		t.Errorf("%d of 5 messages are in the backup", found)
	}
	if status, _ := s.get("/media/" + file); status != http.StatusOK {
		t.Errorf("the avatar is %d", status)
	}
	s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "lost", "name": "Made anew"})
	for range 3 {
		s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": "lost", "text": "other"})
		s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": "news", "text": "other"})
	}
	for cid, seqs := range map[string][]int64{"livestream:news": {0, 1, 3, before, before + 2}, "livestream:lost": {0, 1, 2}, "": {0, 1, 2, 100}, "changes": {0, 1, 2, 100}} {
		for _, after := range seqs {
			if got := s.resume(cid, after); !strings.Contains(got, `"REFETCH"`) {
				t.Errorf("%q resumed after %d: %s, want REFETCH", cid, after, got)
			}
		}
	}
	now := s.seqOf("livestream:news")
	if got := s.resume("livestream:news", now-1); !strings.Contains(got, fmt.Sprint(now)) || now >= 1<<53 {
		t.Errorf("resumed after %d: %s", now-1, got)
	}
	if stdout, stderr, code := run(t, nil, "verify", "--data", restored); code != 0 {
		t.Errorf("verify beside the running server: %d %s%s", code, stdout, stderr)
	}
}

func (s *server) seqOf(cid string) int64 {
	s.t.Helper()
	var channel struct{ Seq int64 }
	s.must("channel", &channel, `query($cid: String!) { channel(cid: $cid) { seq } }`, map[string]any{"cid": cid})
	return channel.Seq
}

// resume subscribes after a seq and returns the first event, or how it is refused. No
// cid is the back office, and "changes" the log of changes.
func (s *server) resume(cid string, after int64) string {
	s.t.Helper()
	document := fmt.Sprintf(`subscription { channelEvents(cid: \"%s\", after: %d) { seq } }`, cid, after)
	if cid == "" {
		document = fmt.Sprintf(`subscription { backofficeEvents(after: %d) { seq } }`, after)
	}
	if cid == "changes" {
		document = fmt.Sprintf(`subscription { changeEvents(after: %d) { seq } }`, after)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", strings.NewReader(`{"query": "`+document+`"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, buffer := []byte{}, make([]byte, 4096)
	for !bytes.Contains(got, []byte("data: {")) || !bytes.HasSuffix(got, []byte("\n")) {
		n, err := resp.Body.Read(buffer)
		if got = append(got, buffer[:n]...); err != nil {
			break
		}
	}
	return string(got)
}

func copyMedia(t *testing.T, list, from, to string) {
	t.Helper()
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(text)) {
		name = strings.TrimSpace(name)
		content, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A backup that isn't whole is refused, and nothing is put in its place.
func TestDamagedBackup(t *testing.T) {
	t.Parallel()
	data, folder := t.TempDir(), t.TempDir()
	s := start(t, data)
	furnish(t, s)
	good := filepath.Join(folder, "good.db")
	if _, stderr, code := run(t, nil, "backup", good, "--data", data); code != 0 {
		t.Fatal(stderr)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what, want string
		sum        bool // its checksum is beside it
		change     func([]byte) []byte
	}{
		{"cut off", "checksum", true, func(b []byte) []byte { return b[:len(b)/2] }},
		{"cut off, without a checksum", "malformed", false, func(b []byte) []byte { return b[:len(b)/2] }},
		{"one bit of a text is another", "checksum", true, func(b []byte) []byte { return bytes.Replace(b, []byte("before 1"), []byte("before 3"), 1) }},
		{"a page of zeros", "damaged", false, func(b []byte) []byte { clear(b[4096*5 : 4096*6]); return b }},
		{"no database", "not a database", false, func([]byte) []byte { return []byte(strings.Repeat("no database at all ", 500)) }},
		{"empty", "no tables of Backchannel", false, func([]byte) []byte { return nil }},
		{"of another program", "no tables of Backchannel", false, func([]byte) []byte { return databaseWith(t, nil, "CREATE TABLE notes (text)") }},
		{"of a newer program", "Run the newer program", false, func(b []byte) []byte {
			return databaseWith(t, b, "INSERT INTO migrations (version) VALUES (9000)")
		}},
	} {
		t.Run(row.what, func(t *testing.T) {
			file, target := filepath.Join(t.TempDir(), "good.db"), filepath.Join(t.TempDir(), "data")
			if err := os.WriteFile(file, row.change(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			if row.sum {
				copyFile(t, good+".sha256", file+".sha256")
			}
			for _, args := range [][]string{{"restore", file, "--data", target}, {"verify", file}} {
				if stdout, stderr, code := run(t, nil, args...); code != 1 || !strings.Contains(stdout+stderr, row.want) {
					t.Errorf("%v: %d %s%s, want 1 and %q", args, code, stdout, stderr, row.want)
				}
			}
			if left, _ := os.ReadDir(target); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
	if stdout, _, code := run(t, nil, "verify", good); code != 0 || strings.Contains(stdout, "There is no") {
		t.Errorf("the good one: %d %s", code, stdout)
	}
	if err := os.Remove(good + ".sha256"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"restore", good, "--data", filepath.Join(folder, "data")}, {"verify", good}} {
		if stdout, stderr, code := run(t, nil, args...); code != 0 || !strings.Contains(stdout, "There is no "+good+".sha256") {
			t.Errorf("%v without a checksum: %d %s%s", args, code, stdout, stderr)
		}
	}
}

// databaseWith is a SQLite file to which a statement was added.
func databaseWith(t *testing.T, file []byte, statement string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.ExecContext(t.Context(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil { // which empties its log into the file
		t.Fatal(err)
	}
	file, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Verify names each fault, on both databases. Moving brings the same to PostgreSQL.
func TestMoveAndVerify(t *testing.T) {
	t.Parallel()
	data, url := t.TempDir(), pgtest.Open(t)
	s := start(t, data)
	file := furnish(t, s)
	s.must("deleteChannels", new(bool), `mutation { deleteChannels(input: {cids: ["livestream:old"]}) }`, nil)
	s.kill()
	sqlite := []string{"verify", "--data", data}
	postgres := []string{"verify", "--data", data, "--database-url", url}

	for _, args := range [][]string{sqlite, {"move", "--data", data, "--to", url}, postgres} {
		if stdout, stderr, code := run(t, nil, args...); code != 0 {
			t.Fatalf("%v: %d %s%s", args, code, stdout, stderr)
		}
	}
	if _, stderr, code := run(t, nil, "move", "--data", data, "--to", url); code != 1 || !strings.Contains(stderr, "give an empty one") {
		t.Errorf("moving into a database with rows: %d %s", code, stderr)
	}
	for _, args := range [][]string{{"backup", filepath.Join(t.TempDir(), "x"), "--database-url", url}, {"restore", "x", "--database-url", url}} {
		if _, stderr, code := run(t, nil, args...); code != 1 || !strings.Contains(stderr, "docs/deploy.md") {
			t.Errorf("%v: %d %s", args, code, stderr)
		}
	}
	moved := start(t, data, "--database-url", url)
	if texts := moved.whatIsSaid("news"); len(texts) != 5 {
		t.Errorf("%d messages were moved, want 5", len(texts))
	}
	if got := moved.resume("livestream:news", 3); strings.Contains(got, "REFETCH") {
		t.Errorf("resumed after moving: %s", got)
	}
	moved.kill()

	faults := []struct{ statement, want string }{
		{`DELETE FROM messages WHERE seq = 4`, "the log of livestream:news has a gap: between 3 and 5"},
		{`UPDATE channels SET member_count = 7`, "the channel livestream:news counts 7 members, and there are 1"},
		{`UPDATE channels SET message_count = 7`, "the channel livestream:news counts 7 messages, and there are 4"},
		{`INSERT INTO reactions (channel, message, user_id, type) VALUES (99, 'gone', 'ann', 'like')`, "in reactions there are 1 rows of a channel that is not there (number 99)"},
		{`SELECT 1`, "in reactions there are 1 rows of a message that is not there (gone)"},
		{`DELETE FROM events WHERE channel = 0 AND seq = (SELECT MAX(seq) - 1 FROM events WHERE channel = 0)`, "the log of the back office has a gap"},
		{`UPDATE channels SET seq = seq - 1`, "the log of livestream:news ends at "},
		{`DELETE FROM counters WHERE name = 'names'`, "the counter names is missing"},
	}
	media := filepath.Join(data, "media")
	thumbnails, err := filepath.Glob(filepath.Join(media, "*-small.*"))
	if err != nil || len(thumbnails) != 1 {
		t.Fatalf("thumbnails: %v, %v", thumbnails, err)
	}
	thumbnail := filepath.Base(thumbnails[0])
	if err := os.Remove(filepath.Join(media, file)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"stray.jpg": "x", thumbnail: "cut"} {
		if err := os.WriteFile(filepath.Join(media, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inMedia := []string{"the file " + file + " is missing", "the file stray.jpg belongs to no upload", "the file " + thumbnail + " has 3 bytes"}
	for _, side := range []struct {
		driver, source string
		verify         []string
	}{{"sqlite", filepath.Join(data, "backchannel.db"), sqlite}, {"pgx", url, postgres}} {
		db, err := sql.Open(side.driver, side.source)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			if _, err := db.ExecContext(t.Context(), f.statement); err != nil {
				t.Fatal(err)
			}
		}
		_ = db.Close()
		stdout, stderr, code := run(t, nil, side.verify...)
		for _, f := range faults {
			if !strings.Contains(stdout, f.want) {
				t.Errorf("%s: %q is not named", side.driver, f.want)
			}
		}
		for _, want := range inMedia {
			if !strings.Contains(stdout, want) {
				t.Errorf("%s: %q is not named", side.driver, want)
			}
		}
		if n := strings.Count(stdout, "\n"); code != 1 || n != len(faults)+len(inMedia) {
			t.Errorf("%s: exit code %d with %d lines, want 1 and %d:\n%s%s", side.driver, code, n, len(faults)+len(inMedia), stdout, stderr)
		}
	}
}

// A row that PostgreSQL can't take is named, and nothing is moved.
func TestMoveNamesWhatCannotBe(t *testing.T) {
	t.Parallel()
	data, url := t.TempDir(), pgtest.Open(t)
	s := start(t, data)
	furnish(t, s)
	s.kill()
	db, err := sql.Open("sqlite", filepath.Join(data, "backchannel.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE users SET name = 'a' || char(0) WHERE id = 'ann'`); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, stderr, code := run(t, nil, "move", "--data", data, "--to", url); code != 1 || !strings.Contains(stderr, "table users") || !strings.Contains(stderr, "[ann]") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	empty := start(t, data, "--database-url", url)
	if texts := empty.channels(); texts != 0 {
		t.Errorf("%d channels were moved, want none", texts)
	}
}

func (s *server) channels() int {
	s.t.Helper()
	var list []struct{ ID string }
	s.must("allChannels", &list, `{ allChannels { id } }`, nil)
	return len(list)
}
