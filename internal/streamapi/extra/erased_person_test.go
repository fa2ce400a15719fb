package extra_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/streamapi/store"
)

// A job and an announcement keep the id of an erased person, as records do, and neither the name
// nor the words. What says nothing isn't sent.
func TestErasedPersonInJobs(t *testing.T) {
	o := openOffice(t, open(t, inFolder(t)))
	anna := chat.Actor{ID: "anna", Name: "Anna", BackOffice: true}
	op := chat.Operation{By: anna, Name: "createAnnouncement"}
	id, err := o.PutAnnouncement(t.Context(), chat.PutAnnouncement{Operation: op, Body: chat.MessageBody{Sender: anna, Text: "closed"}, Audience: chat.ChannelSelection{All: true}})
	o.ok(err)
	failing, err := o.PutAnnouncement(t.Context(), chat.PutAnnouncement{Operation: op, Body: chat.MessageBody{Sender: anna, Text: "closed"},
		Audience: chat.ChannelSelection{CIDs: []chat.CID{deals, {Type: chat.Team, ID: "gone"}}}})
	o.ok(err)
	o.ok(o.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: op, ID: failing}))
	for j := (chat.Job{}); j.State != chat.JobFailures; time.Sleep(5 * time.Millisecond) {
		j, err = o.Job(t.Context(), failing)
		o.ok(err)
	}
	_, err = o.DeleteUsers(t.Context(), store.UserDeletion{IDs: []string{"anna"}, User: chat.DeleteHard, Messages: chat.DeleteHard, Conversations: chat.DeleteHard})
	o.ok(err)
	_, err = o.MoveJob(t.Context(), chat.MoveJob{Operation: chat.Operation{By: clerk, Name: "retryJob"}, ID: failing, Move: chat.RetryJob})
	o.fails(err, chat.InvalidArguments)
	a, err := o.Announcement(t.Context(), id)
	o.ok(err)
	if a.Body.Text != "" {
		t.Errorf("the announcement says %q", a.Body.Text)
	}
	o.fails(o.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: chat.Operation{By: clerk, Name: "sendAnnouncement"}, ID: id}), chat.InvalidArguments)
	if a.Body.Sender.ID != "anna" || a.Job.By.ID != "anna" || a.Body.Sender.Name+a.Job.By.Name != "" {
		t.Errorf("left is %+v of %+v", a.Body.Sender, a.Job.By)
	}
}

// What an erased person's announcement says isn't sent on, and nothing brings it back.
func TestErasedPersonWhoAnnounces(t *testing.T) {
	for _, paused := range []bool{false, true} {
		t.Run(fmt.Sprintf("paused %v", paused), func(t *testing.T) {
			database, err := sqlstore.Open(t.Context(), inFolder(t))
			if err != nil {
				t.Fatal(err)
			}
			e := extra.New(engine.New(engine.Options{Store: database, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Idle: true}))
			t.Cleanup(func() { e.Close(); _ = database.Close() })
			o := openOffice(t, e)
			anna := chat.Actor{ID: "anna", Name: "Anna", BackOffice: true}
			op := func(name string) chat.Operation { return chat.Operation{By: anna, Name: name} }
			id, err := o.PutAnnouncement(t.Context(), chat.PutAnnouncement{Operation: op("createAnnouncement"), Body: chat.MessageBody{Sender: anna, Text: "quagga"}, Audience: chat.ChannelSelection{All: true}})
			o.ok(err)
			o.ok(o.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: op("sendAnnouncement"), ID: id}))
			if paused {
				_, err := o.MoveJob(t.Context(), chat.MoveJob{Operation: op("pauseJob"), ID: id, Move: chat.PauseJob})
				o.ok(err)
			}
			_, err = o.DeleteUsers(t.Context(), store.UserDeletion{IDs: []string{"anna"}, User: chat.DeleteHard, Messages: chat.DeleteHard, Conversations: chat.DeleteHard})
			o.ok(err)
			a, err := o.Announcement(t.Context(), id)
			o.ok(err)
			if a.Job.State != chat.JobStopped || a.Job.EndedAt.IsZero() || a.Body.Text != "" {
				t.Errorf("the job is %s, and the announcement says %q", a.Job.State, a.Body.Text)
			}
		})
	}
}

// What is scheduled isn't sent in the name of a deleted user: it waits for somebody who changes it,
// and sends it in another name.
func TestScheduledInADeletedName(t *testing.T) {
	for _, kind := range []chat.DeleteMode{chat.DeleteSoft, chat.DeletePruning, chat.DeleteHard} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			database, err := sqlstore.Open(t.Context(), inFolder(t))
			if err != nil {
				t.Fatal(err)
			}
			var ahead atomic.Int64
			clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			e := extra.New(engine.New(engine.Options{Store: database, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Clock: clock}))
			t.Cleanup(func() { e.Close(); _ = database.Close() })
			o := openOffice(t, e)
			anna := chat.Actor{ID: "anna", Name: "Anna", BackOffice: true}
			other := chat.CID{Type: chat.Team, ID: "other"}
			o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: o.op("createOrUpdateChannel"), CID: other, Name: "Other"}))
			put := func(by chat.Actor, id string) string {
				id, err := o.PutAnnouncement(t.Context(), chat.PutAnnouncement{Operation: chat.Operation{By: by, Name: "createAnnouncement"}, ID: id,
					Body: chat.MessageBody{Sender: by, Text: "quagga"}, Audience: chat.ChannelSelection{CIDs: []chat.CID{other}}})
				o.ok(err)
				return id
			}
			id := put(anna, "")
			due := chat.Schedule{Local: clock().Add(time.Hour).UTC().Format(chat.LocalTime), Zone: "UTC"}
			o.ok(o.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: chat.Operation{By: anna, Name: "sendAnnouncement"}, ID: id, Schedule: due}))
			_, err = o.DeleteUsers(t.Context(), store.UserDeletion{IDs: []string{"anna"}, User: kind, Messages: chat.DeleteHard, Conversations: chat.DeleteHard})
			o.ok(err)
			ahead.Store(int64(time.Hour))
			until := func(is func(chat.JobState) bool) chat.Job {
				for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
					if j, err := o.Job(t.Context(), id); err != nil || is(j.State) || time.Now().After(end) {
						o.ok(err)
						return j
					}
				}
			}
			if j := until(func(s chat.JobState) bool { return s != chat.JobScheduled }); j.State != chat.JobMissed {
				t.Fatalf("when due: %+v", j)
			}
			now := chat.SendAnnouncement{Operation: chat.Operation{By: clerk, Name: "sendAnnouncement"}, ID: id}
			o.fails(o.SendAnnouncement(t.Context(), now), chat.InvalidArguments)
			put(clerk, id)
			o.ok(o.SendAnnouncement(t.Context(), now))
			if j := until(func(s chat.JobState) bool { return s != chat.JobRunning }); j.State != chat.JobDone {
				t.Fatalf("changed and sent: %+v", j)
			}
			page, err := o.Messages(t.Context(), chat.MessageQuery{By: clerk, CID: other, Limit: 99})
			o.ok(err)
			if len(page.Items) != 1 || page.Items[0].Sender.ID != "clerk" {
				t.Errorf("the channel has %+v", page.Items)
			}
		})
	}
}

// Erasing a person reaches into every table: no name and no word of that person is left in
// any, in the bin or in a record.
func TestNothingIsLeftOfAnErasedPerson(t *testing.T) {
	for name, where := range map[string]sqlstore.Options{"SQLite": inFolder(t), "PostgreSQL": {}} {
		t.Run(name, func(t *testing.T) {
			if name == "PostgreSQL" {
				where = sqlstore.Options{URL: pgtest.Open(t)}
			}
			nothingIsLeft(t, where)
		})
	}
}

func nothingIsLeft(t *testing.T, where sqlstore.Options) {
	o := openOffice(t, open(t, where))
	ctx := t.Context()
	named := func(name string) {
		_, err := o.UpsertUsers(ctx, chat.UpsertUsers{Operation: o.op("upsertChatUsers"), Users: []chat.UserChange{{ID: "anna", Name: name}}})
		o.ok(err)
	}
	named("Quirina")
	named("Quirina Zwo")
	other := chat.CID{Type: chat.Team, ID: "other"}
	o.ok(o.PutChannel(ctx, chat.PutChannel{Operation: o.op("createOrUpdateChannel"), CID: other, Name: "Other"}))
	for _, cid := range []chat.CID{deals, other} {
		for i := range 3 {
			id := fmt.Sprint(cid.ID, "-", i)
			_, err := o.SendMessage(ctx, chat.SendMessage{Operation: chat.Operation{By: clerk},
				Message: chat.Message{ID: id, CID: cid, Sender: chat.User{ID: "anna"}, Text: "quagga at first"}})
			o.ok(err)
			if i > 0 {
				o.ok(o.EditMessage(ctx, chat.EditMessage{Operation: o.op("editMessage"), CID: cid, ID: id, Text: "quagga later"}))
				o.ok(o.PinMessage(ctx, chat.PinMessage{Operation: o.op("pinMessage"), CID: cid, ID: id, Pinned: true}))
			}
			if i > 1 {
				o.ok(o.DeleteMessage(ctx, chat.DeleteMessage{Operation: o.op("deleteMessage"), CID: cid, ID: id}))
			}
		}
	}
	quirina := chat.Actor{ID: "anna", Name: "Quirina Zwo", BackOffice: true}
	_, err := o.PutAnnouncement(ctx, chat.PutAnnouncement{Operation: chat.Operation{By: quirina, Name: "createAnnouncement"},
		Body: chat.MessageBody{Sender: quirina, Text: "closed"}, Audience: chat.ChannelSelection{All: true}})
	o.ok(err)
	o.drop(deals)
	words := []string{"quirina", "quagga"}
	if found := holding(t, where, words); len(found) < 5 {
		t.Errorf("before it, only %v have a name or word", slices.Sorted(maps.Keys(found)))
	}
	_, err = o.DeleteUsers(ctx, store.UserDeletion{IDs: []string{"anna"}, User: chat.DeleteHard, Messages: chat.DeleteHard, Conversations: chat.DeleteHard})
	o.ok(err)
	for table, row := range holding(t, where, words) {
		t.Errorf("left in %s: %s", table, row)
	}
}

// holding are the tables in which a word is, each with a row.
func holding(t *testing.T, where sqlstore.Options, words []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for table, rows := range everything(t, where) {
		for _, row := range rows {
			if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToLower(row), word) }) {
				found[table] = row
			}
		}
	}
	return found
}

// Erasing a person reaches into the bin and into records.
func TestErasedPersonInBin(t *testing.T) {
	o := openOffice(t, open(t, inFolder(t)))
	change := o.drop(deals)
	_, err := o.DeleteUsers(t.Context(), store.UserDeletion{IDs: []string{"anna"}, User: chat.DeleteHard, Messages: chat.DeleteHard, Conversations: chat.DeleteHard})
	o.ok(err)
	o.ok(o.undo(change, false))
	page, err := o.Messages(t.Context(), chat.MessageQuery{By: clerk, CID: deals, Limit: 9})
	o.ok(err)
	for _, m := range page.Items {
		if m.Sender.ID == "anna" || strings.Contains(m.Text, "offer") {
			t.Errorf("back is %+v", m)
		}
	}
	members, err := o.Members(t.Context(), chat.MemberQuery{CID: deals, Limit: 9})
	o.ok(err)
	if len(members.Items) != 1 || members.Items[0].User.ID != "bob" {
		t.Errorf("the members are %+v", members.Items)
	}
	list, err := o.Changes(t.Context(), chat.ChangeQuery{Limit: 99, UserID: "anna"})
	o.ok(err)
	for _, c := range list.Items {
		for _, target := range c.Targets {
			if target.UserID == "anna" && target.Before+target.After != "" {
				t.Errorf("the record of %s still has %+v", c.Operation, target)
			}
		}
	}
	if faults := o.faults(); len(faults) > 0 {
		t.Errorf("verify found %q", faults)
	}
}
