package media_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

func itoa(n int) string { return strconv.Itoa(n) }

// write changes the database as an engine would.
func (h *testServer) write(fn func(*sqlstore.Tx) error) {
	h.Helper()
	if err := h.database.Write(h.Context(), fn); err != nil {
		h.Fatal(err)
	}
}

var (
	news  = chat.CID{Type: chat.Livestream, ID: "news"}
	alice = chat.User{ID: "alice", Role: chat.RoleUser, CreatedAt: time.Now()}
)

func (h *testServer) channel(avatar string) {
	h.Helper()
	h.write(func(tx *sqlstore.Tx) error {
		return errors.Join(tx.InsertUser(alice), tx.InsertChannel(chat.Channel{CID: news, Name: "News", Avatar: avatar, CreatedAt: time.Now()}))
	})
}

func (h *testServer) say(id, text string, urls ...string) {
	h.Helper()
	m := chat.Message{ID: id, CID: news, Sender: alice, Text: text, CreatedAt: time.Now()}
	for _, url := range urls {
		m.Attachments = append(m.Attachments, chat.Attachment{Type: chat.Image, AssetURL: url}.Raw())
	}
	h.write(func(tx *sqlstore.Tx) error { _, err := tx.AppendMessage(&m, false); return err })
}

// announce stores an announcement with a file, and an edit everywhere that replaced another file.
func (h *testServer) announce(id, file, before string) {
	h.Helper()
	body := func(url string) chat.MessageBody {
		return chat.MessageBody{Sender: chat.Actor{ID: "clerk"}, Attachments: []json.RawMessage{chat.Attachment{Type: chat.Image, AssetURL: url}.Raw()}}
	}
	h.write(func(tx *sqlstore.Tx) error {
		if err := jobstore.PutAnnouncement(tx, chat.Announcement{ID: id, Body: body(file), CreatedAt: time.Now()}); err != nil {
			return err
		}
		j := chat.Job{ID: id + "-edit", Operation: "editAnnouncement", State: chat.JobDone, Announcement: id, CreatedAt: time.Now()}
		return jobstore.Insert(tx, j, chat.JobInput{Before: body(before)})
	})
}

// age makes all files as old as if they were last touched so long ago.
func (h *testServer) age(by time.Duration) {
	h.Helper()
	at := time.Now().Add(-by)
	list, err := h.database.UntouchedUploads(h.Context(), time.Now().Add(time.Hour), "", 1000)
	if err != nil {
		h.Fatal(err)
	}
	h.write(func(tx *sqlstore.Tx) error {
		for _, u := range list {
			if _, err := tx.TouchUpload(u.ID, at); err != nil {
				return err
			}
		}
		return nil
	})
	for _, name := range h.stored() {
		_ = os.Chtimes(filepath.Join(h.folder, name), at, at)
	}
}

func (h *testServer) sweep() {
	h.Helper()
	if err := h.Sweep(h.Context()); err != nil {
		h.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	h := open(t)
	shade := 0
	file := func() answer {
		shade++
		return h.mustUpload("a.png", pngOf(scene(330+shade, 330)))
	}
	avatar, attached, thumbnail, written, elsewhere, unused := file(), file(), file(), file(), file(), file()
	drafted, edited := file(), file()
	h.channel(avatar.Filename)
	h.say("m1", "look", attached.URL)
	h.say("m2", "look", thumbnail.ThumbnailURL)
	h.say("m3", "see "+written.URL+")")
	h.announce("a1", drafted.URL, edited.URL)
	h.say("m4", "", "https://cdn.example/x%2f"+elsewhere.Filename+"?w=1")

	h.sweep()
	if got := h.get(unused.URL).status; got != http.StatusOK {
		t.Fatalf("a fresh file that nothing refers to yet is %d", got)
	}
	h.age(23 * time.Hour)
	h.sweep()
	if got := h.get(unused.URL).status; got != http.StatusOK {
		t.Fatalf("after 23 hours it is %d", got)
	}
	h.age(25 * time.Hour)
	h.sweep()
	for name, f := range map[string]answer{
		"an avatar": avatar, "an attachment": attached, "one by its thumbnail": thumbnail,
		"one in a text": written, "one behind another address": elsewhere,
		"a draft's": drafted, "one that an edit replaced everywhere": edited,
	} {
		if a, b := h.get(f.URL).status, h.get(f.ThumbnailURL).status; a != http.StatusOK || b != http.StatusOK {
			t.Errorf("%s is %d, its thumbnail %d", name, a, b)
		}
	}
	if got := h.get(unused.URL).status; got != http.StatusNotFound {
		t.Errorf("after 25 hours a file that nothing refers to is %d", got)
	}
	if left := h.stored(); len(left) != 14 {
		t.Errorf("files left: %v", left)
	}
	again := h.mustUpload("a.png", pngOf(scene(330+shade, 330)))
	if again.Filename == unused.Filename || h.get(again.URL).status != http.StatusOK {
		t.Errorf("uploaded again it is %s", again.body)
	}

	var gone []chat.BinnedChannel
	h.write(func(tx *sqlstore.Tx) (err error) {
		gone, err = tx.DeleteChannels([]chat.CID{news}, "", time.Now(), func(int64) {})
		return err
	})
	h.age(25 * time.Hour)
	h.sweep()
	if left := h.stored(); len(left) != 14 {
		t.Errorf("of a channel in the bin there is left: %v", left)
	}
	for more := true; more; {
		h.write(func(tx *sqlstore.Tx) (err error) { more, err = tx.EraseBinned(gone[0].No); return err })
	}
	h.age(25 * time.Hour)
	h.sweep()
	if left := h.stored(); len(left) != 4 {
		t.Errorf("of a deleted channel and an announcement there is left: %v", left)
	}
}

// If messages are elsewhere, nobody knows what they refer to.
func TestSweepThatKeepsAll(t *testing.T) {
	h := open(t, func(o *media.Options) { o.KeepAll = true })
	a := h.mustUpload("a.png", pngOf(scene(9, 9)))
	h.age(25 * time.Hour)
	h.sweep()
	if got := h.get(a.URL).status; got != http.StatusOK {
		t.Errorf("an upload that hosted Stream may refer to is %d", got)
	}
}

// What a killed server leaves is removed. What isn't ours is kept.
func TestSweepOfWhatWasLeft(t *testing.T) {
	h := open(t)
	kept := h.mustUpload("a.png", pngOf(scene(400, 400)))
	h.channel(kept.Filename)
	stem := strings.Repeat("a", 42)
	left := []string{stem + ".png", stem + "-small.jpg", stem + ".mp4.18ab.tmp", strings.TrimSuffix(kept.Filename, ".png") + "-small.png"}
	foreign := []string{"README", "avatar.png", strings.Repeat("a", 43) + ".png"}
	for _, name := range append(left, foreign...) {
		if err := os.WriteFile(filepath.Join(h.folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	part := filepath.Join(h.spool, "upload-1.part")
	if err := os.WriteFile(part, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.sweep()
	if n := len(h.stored()); n != 2+len(left)+len(foreign)+1 {
		t.Fatalf("what is fresh is gone: %v", h.stored())
	}
	h.age(25 * time.Hour)
	if err := os.Chtimes(part, time.Now().Add(-25*time.Hour), time.Now().Add(-25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	h.sweep()
	if n := len(h.stored()); n != 2+len(foreign) {
		t.Errorf("left: %v", h.stored())
	}
}

// A caller that holds a file before referring to it finds it there afterwards, also if the
// sweeper runs at the same time.
func TestSweepWhileSending(t *testing.T) {
	h := open(t, func(o *media.Options) { o.OnlyUploads = true })
	h.channel("")
	var files []answer
	for i := range 60 {
		files = append(files, h.mustUpload("a.png", pngOf(scene(20+i, 9))))
	}
	h.age(25 * time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	var sweeper sync.WaitGroup
	sweeper.Go(func() {
		for ctx.Err() == nil {
			if err := h.Sweep(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	there := 0
	for i, f := range files {
		avatar := i%2 == 0
		if avatar && h.CheckAvatar(t.Context(), f.Filename) != nil {
			continue // gone already, which Hold says
		}
		if !avatar {
			if err := h.HoldAttachments(t.Context(), []chat.Attachment{{AssetURL: "https://x/" + f.Filename}}); err != nil {
				t.Fatal(err)
			}
			if h.get(f.URL).status != http.StatusOK {
				continue
			}
		}
		there++
		h.say(fmt.Sprint("m", i), "", f.URL)
		if h.get(f.URL).status != http.StatusOK {
			t.Errorf("file %d was removed while somebody referred to it", i)
		}
	}
	stop()
	sweeper.Wait()
	t.Logf("%d of %d were still there when asked for", there, len(files))
	h.age(25 * time.Hour)
	h.sweep()
	if left := h.stored(); len(left) != there {
		t.Errorf("%d files are left, want the %d that are referred to", len(left), there)
	}
}

func TestCheckAvatar(t *testing.T) {
	lenient, only := open(t), open(t, func(o *media.Options) { o.OnlyUploads = true })
	for _, h := range []*testServer{lenient, only} {
		a := h.mustUpload("a.png", pngOf(scene(400, 400)))
		stem := strings.TrimSuffix(a.Filename, ".png")
		for name, good := range map[string]bool{
			a.Filename:                             true,
			stem + ".jpg":                          h == lenient,
			stem + "-small.jpg":                    h == lenient,
			strings.Repeat("a", 42) + ".png":       h == lenient,
			"announcement-avatar.png":              h == lenient,
			"d41d8cd98f00b204e9800998ecf8427e.png": h == lenient,
		} {
			err := h.CheckAvatar(t.Context(), name)
			if (err == nil) != good || err != nil && chat.CodeOf(err) != chat.InvalidArguments {
				t.Errorf("only uploads %v: %s: %v", h == only, name, err)
			}
		}
	}
}
