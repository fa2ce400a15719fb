package apitest

import (
	"strings"

	"backchannel/internal/sqlstore"
)

// RecordStep begins the step of a write that stores the record of a change.
const RecordStep = "INSERT INTO changes "

// Halt makes the writer of a server stand still at a step of the first change that it records. If
// the server loses its connections then, it leaves what one that is killed there leaves.
type Halt struct {
	Reached, Thaw   chan struct{}
	step            string
	recording, over bool
}

// NewHalt returns a halt at [RecordStep], at "COMMIT", or after that, at "".
func NewHalt(step string) *Halt {
	return &Halt{Reached: make(chan struct{}), Thaw: make(chan struct{}), step: step}
}

// On returns options of a store whose writer stands still.
func (h *Halt) On(url string) sqlstore.Options { return sqlstore.Options{URL: url, Step: h.at} }

func (h *Halt) at(text string) {
	h.recording = h.recording || strings.HasPrefix(text, RecordStep)
	if h.over || !h.recording || h.step != RecordStep && text != h.step {
		return
	}
	h.over = true
	close(h.Reached)
	<-h.Thaw
}
