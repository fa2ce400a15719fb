package stream_test

import (
	"net/http"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/stream"
)

// Sending that had begun may not have sent. Recalling finds nothing there then, which is no failure,
// unless the channel is gone, too.
func TestRecallingWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	far := there{h, t}
	gone := chat.CID{Type: chat.Team, ID: "gone"}
	far.put(news, "News")
	far.put(gone, "Gone")
	id, err := h.PutAnnouncement(h.ctx(), chat.PutAnnouncement{Operation: by(clerk), Body: chat.MessageBody{Text: "closed", Sender: clerk},
		Audience: chat.ChannelSelection{CIDs: []chat.CID{news, gone}}})
	far.ok(err)
	h.net.breakNext(1_000, http.MethodPost, "/message", fails)
	far.ok(h.SendAnnouncement(h.ctx(), chat.SendAnnouncement{Operation: by(clerk), ID: id}))
	begun := func() error {
		page, err := h.JobRows(h.ctx(), chat.RowQuery{Job: id, State: chat.RowBegun, Limit: 10})
		if err == nil && len(page.Items) < 2 {
			err = &chat.Error{Code: chat.Unavailable, Message: "Not yet."}
		}
		return err
	}
	far.ok(h.eventually(begun))
	far.ok(h.far.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{gone}}))
	op := by(clerk)
	op.Name = job.RecallAnnouncement
	recall, err := h.StartJob(h.ctx(), chat.StartJob{Operation: op, Name: op.Name, Announcement: id})
	far.ok(err)
	for recall.EndedAt.IsZero() {
		time.Sleep(20 * time.Millisecond)
		recall, err = h.Job(h.ctx(), recall.ID)
		far.ok(err)
	}
	if recall.Done != 1 || recall.Failed != 1 {
		t.Errorf("%d rows done and %d failed; one is right, of the channel that is there", recall.Done, recall.Failed)
	}
}
