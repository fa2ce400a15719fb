package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

type object = map[string]any

// answer is what a side answers: each call fills what it tells of.
type answer struct {
	Users     rows
	Members   []raw
	Messages  []raw
	Reactions []raw
	Channels  []struct{ Channel raw }
	Roles     []struct {
		Name   string
		Custom bool
	}
	Pending []json.RawMessage `json:"pending_messages"` // the same with each page of messages

	// Of a write: what it wrote.
	User, Channel, Message, Reaction, Role raw
	Member                                 raw `json:"channel_member"`
}

// do does a call, with the ids of users as the side has them.
func (s *Side) do(ctx context.Context, call stream.Call, in stream.Request) (a answer, err error) {
	if in.Body != nil && !s.ours {
		if in.Body, err = mapped(in.Body, stream.StreamID); err != nil {
			return a, err
		}
	}
	err = s.client.Do(ctx, call, in, &a)
	if !s.ours {
		a.mapIDs(stream.OurID)
	}
	return a, err
}

// write does a call that writes one thing, and fails unless the answer tells of that: with
// the same text in the field.
func (s *Side) write(ctx context.Context, call stream.Call, in stream.Request, written func(answer) raw, field, want string) error {
	a, err := s.do(ctx, call, in)
	if err != nil {
		return err
	}
	if unposted(a.Message) {
		return &refusedMessage{a.Message.id("type"), a.Message.id("text")}
	}
	if written(a).id(field) != want {
		return untold(call)
	}
	return nil
}

// unposted reports whether a message is one that Stream answered instead of posting the given one.
func unposted(message raw) bool {
	kind := message.id("type")
	return kind == "error" || kind == "ephemeral"
}

// refusedMessage says that a side answered with success and posted nothing.
type refusedMessage struct{ kind, text string }

func (e *refusedMessage) Error() string {
	return fmt.Sprintf("answered with a message of type %s: %s", e.kind, e.text)
}

// untold is the error for an answer that doesn't say that the call did its work.
func untold(call stream.Call) error {
	return fmt.Errorf("the answer to %q doesn't tell of what was written", call.Name)
}

// refused reports whether a side refused a write, which trying again wouldn't change, and what it said.
func refused(err error) (said string, refused bool) {
	if e, ok := errors.AsType[*refusedMessage](err); ok {
		return e.Error(), true
	}
	return stream.Refused(err)
}

// raw is a row as the side has it.
type raw struct {
	object
	createdAt, updatedAt time.Time
	// illFormed are the fields with text that isn't well-formed Unicode. The object has it changed.
	illFormed []string
}

func (r raw) id(field string) string { s, _ := r.object[field].(string); return s }

// UnmarshalJSON implements json.Unmarshaler.
func (r *raw) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&r.object); err != nil {
		return err
	}
	r.createdAt, r.updatedAt = timeOf(r.object["created_at"]), timeOf(r.object["updated_at"])
	if chat.WellFormed(text) {
		return nil
	}
	var fields map[string]json.RawMessage
	err := json.Unmarshal(text, &fields)
	for name, value := range fields {
		if !chat.WellFormed(value) {
			r.illFormed = append(r.illFormed, name)
		}
	}
	return err
}

// rows are a list, or an object by id, as answers to writes have it.
type rows []raw

// UnmarshalJSON implements json.Unmarshaler.
func (list *rows) UnmarshalJSON(text []byte) error {
	if text = bytes.TrimSpace(text); !bytes.HasPrefix(text, []byte("{")) {
		return json.Unmarshal(text, (*[]raw)(list))
	}
	var byID map[string]raw
	err := json.Unmarshal(text, &byID)
	for _, r := range byID {
		*list = append(*list, r)
	}
	return err
}
