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

// answer is a server's answer. Each call fills only some fields.
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
	Pending []json.RawMessage `json:"pending_messages"` // every page of messages has the same ones

	// The entity that a write stored.
	User, Channel, Message, Reaction, Role raw
	Member                                 raw `json:"channel_member"`
}

// do makes a call. It converts the ids of users to and from those that the server uses.
func (s *Server) do(ctx context.Context, call stream.Call, in stream.Request) (a answer, err error) {
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

// write makes a call that writes one entity. It fails unless the answer contains that entity, with
// the given text in the field.
func (s *Server) write(ctx context.Context, call stream.Call, in stream.Request, written func(answer) raw, field, want string) error {
	a, err := s.do(ctx, call, in)
	if err != nil {
		return err
	}
	if unposted(a.Message) {
		return &refusedMessage{a.Message.id("type"), a.Message.id("text")}
	}
	if written(a).id(field) != want {
		return unconfirmed(call)
	}
	return nil
}

// unposted reports whether Stream answered with this message instead of posting the given one.
func unposted(message raw) bool {
	kind := message.id("type")
	return kind == "error" || kind == "ephemeral"
}

// refusedMessage is the error for a server that answered with success and posted nothing.
type refusedMessage struct{ kind, text string }

func (e *refusedMessage) Error() string {
	return fmt.Sprintf("answered with a message of type %s: %s", e.kind, e.text)
}

// unconfirmed returns the error for an answer that doesn't confirm that the call did its work.
func unconfirmed(call stream.Call) error {
	return fmt.Errorf("the answer to %q doesn't tell of what was written", call.Name)
}

// refused reports whether a server refused a write, so that trying again is useless, and what it
// said.
func refused(err error) (said string, refused bool) {
	if e, ok := errors.AsType[*refusedMessage](err); ok {
		return e.Error(), true
	}
	return stream.Refused(err)
}

// raw is an entity as the server returned it.
type raw struct {
	object
	createdAt, updatedAt time.Time
	// illFormed are the fields with text that isn't well-formed Unicode. In object such text has
	// been replaced.
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

// rows are a list, or an object by id as in the answers to writes.
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
