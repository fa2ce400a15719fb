package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine" // checks whether a history is linearizable; MIT
)

// note adds an operation to a history. A read without an answer is left out; a change without one
// makes the test fail.
func (c *chaos) note(history *[]porcupine.Operation, who int, input any, do func() (any, error)) {
	begin := time.Since(c.begun)
	output, err := do()
	end := time.Since(c.begun)
	if err != nil {
		if changes(input) {
			c.t.Errorf("%+v: %v", input, err)
		}
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	*history = append(*history, porcupine.Operation{ClientId: who, Input: input, Call: int64(begin), Output: output, Return: int64(end)})
}

func changes(input any) bool {
	switch in := input.(type) {
	case roleInput:
		return in.role != ""
	case sendInput:
		return !in.reads
	}
	return false
}

type roleInput struct {
	user int
	role string // to set; "" to read
}

type sendInput struct {
	channel int
	reads   bool
}

// roleModel is a register for each user.
var roleModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		return apart(history, chaosUsers, func(in any) int { return in.(roleInput).user })
	},
	Init: func() any { return "USER" },
	Step: func(state, input, output any) (bool, any) {
		if set := input.(roleInput).role; set != "" {
			return true, set
		}
		return state == output, state
	},
}

// sendModel is a counter for each channel: a message gets the next number.
var sendModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		return apart(history, chaosChannels, func(in any) int { return in.(sendInput).channel })
	},
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		if input.(sendInput).reads {
			return state == output, state
		}
		return output.(int64) == state.(int64)+1, output
	},
}

func apart(history []porcupine.Operation, n int, of func(input any) int) [][]porcupine.Operation {
	parts := make([][]porcupine.Operation, n)
	for _, op := range history {
		parts[of(op.Input)] = append(parts[of(op.Input)], op)
	}
	return parts
}

// checkRecords sees that each acknowledged change of a role has one record, and that there
// are no others.
func (c *chaos) checkRecords() {
	acknowledged := 0
	for _, o := range c.roles {
		if changes(o.Input) {
			acknowledged++
		}
	}
	recorded := len(everyNode[struct{ ID string }](func(variables map[string]any, page any) {
		c.read("changes", page, `query($after: String) { changes(filter: {operation: "setRoleToUsersOnChat"}, first: 200, after: $after) {
			nodes { id } pageInfo { hasNextPage endCursor } } }`, variables)
	}))
	if recorded != acknowledged || recorded == 0 {
		c.t.Errorf("%d changes of roles were acknowledged, and %d are recorded", acknowledged, recorded)
	}
	c.say(fmt.Sprintf("%d changes of roles have one record each", recorded))
}

// read asks for a field of Query after the faults are over.
func (c *chaos) read(field string, into any, document string, variables map[string]any) {
	a, err := c.call("last reading", document, variables)
	if err == nil {
		err = json.Unmarshal(a.Data[field], into)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// check compares what is stored with what was acknowledged.
func (c *chaos) check(last [chaosChannels]int64) {
	t := c.t
	c.checkRecords()
	stored := map[string]int{}
	for channel := range chaosChannels {
		seq := int64(0)
		for _, m := range everyNode[storedMessage](func(variables map[string]any, page any) {
			variables["cid"] = "livestream:" + room(channel)
			c.read("messages", page, storedMessages, variables)
		}) {
			if seq++; m.Seq != seq {
				t.Errorf("%s: %d comes where %d should be", room(channel), m.Seq, seq)
			}
			stored[m.Text]++
			if at, known := c.texts[m.Text]; !known || at != m.Seq*chaosChannels+int64(channel) {
				t.Errorf("%s is number %d in %s; acknowledged: %t", m.Text, m.Seq, room(channel), known)
			}
		}
		if seq != last[channel] {
			t.Errorf("%s ends at %d, want %d", room(channel), seq, last[channel])
		}
	}
	for text := range c.texts {
		if stored[text] != 1 {
			t.Errorf("the acknowledged message %s is there %d times", text, stored[text])
		}
	}
	for what, history := range map[string]struct {
		model porcupine.Model
		ops   []porcupine.Operation
	}{"channels": {sendModel, c.sends}, "roles": {roleModel, c.roles}} {
		slices.SortFunc(history.ops, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		if verdict := porcupine.CheckOperationsTimeout(history.model, history.ops, time.Minute); verdict != porcupine.Ok {
			t.Errorf("the history of %s: %s", what, verdict)
		}
	}
	t.Logf("%d messages were acknowledged; the histories have %d and %d operations", len(c.texts), len(c.sends), len(c.roles))
	if len(c.texts) < 50 {
		t.Errorf("only %d messages were sent", len(c.texts))
	}
}
