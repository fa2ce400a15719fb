// Package scalar reads and writes the GraphQL scalars and enums as strictly as the contract
// requires: a string is a string, never a number that could be mistaken for one. gqlgen binds the
// Marshal and Unmarshal functions by their names.
package scalar

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
	"backchannel/internal/transport"
	"backchannel/internal/transport/plan"
)

// MarshalString writes a text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString takes strings only.
func UnmarshalString(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", errors.New("must be a String")
}

// MarshalBoolean writes a boolean.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// UnmarshalBoolean takes booleans only.
func UnmarshalBoolean(v any) (bool, error) {
	if b, ok := v.(bool); ok {
		return b, nil
	}
	return false, errors.New("must be a Boolean")
}

// MarshalInt writes a whole number.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt accepts only integers of 32 bits.
func UnmarshalInt(v any) (int, error) {
	n, err := whole(v, 32)
	if err != nil {
		return 0, errors.New("must be an Int: a whole number of 32 bits")
	}
	return int(n), nil
}

// MarshalInt64 writes a count. Counts are output only.
func MarshalInt64(n int64) graphql.Marshaler { return graphql.MarshalInt64(n) }

// UnmarshalInt64 accepts the same values as [UnmarshalInt].
func UnmarshalInt64(v any) (int64, error) {
	n, err := UnmarshalInt(v)
	return int64(n), err
}

// MarshalSeq writes a seq.
func MarshalSeq(n int64) graphql.Marshaler { return graphql.MarshalInt64(n) }

// UnmarshalSeq accepts integers from 0 to [transport.MaxSeq].
func UnmarshalSeq(v any) (int64, error) {
	n, err := whole(v, 64)
	if err != nil || n < 0 || n > transport.MaxSeq {
		return 0, errors.New("must be a Seq: a whole number from 0 to 2^53")
	}
	return n, nil
}

func whole(v any, bits int) (int64, error) {
	switch v := v.(type) {
	case int64:
		return strconv.ParseInt(strconv.FormatInt(v, 10), 10, bits)
	case int:
		return strconv.ParseInt(strconv.Itoa(v), 10, bits)
	case json.Number:
		return strconv.ParseInt(v.String(), 10, bits)
	}
	return 0, errors.New("not a number")
}

// MarshalTime writes a time, and null for the zero time.
func MarshalTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(plan.AppendTime(nil, t))
	})
}

// UnmarshalTime accepts RFC 3339.
func UnmarshalTime(v any) (time.Time, error) {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil && t.UTC().Year() <= chat.LastYear {
			return t, nil
		}
	}
	return time.Time{}, errors.New("must be a Time, e.g. 2026-11-23T08:00:00Z")
}

// MarshalCID writes a cid.
func MarshalCID(c chat.CID) graphql.Marshaler { return graphql.MarshalString(c.String()) }

// UnmarshalCID reads a cid.
func UnmarshalCID(v any) (chat.CID, error) {
	s, err := UnmarshalString(v)
	if err != nil {
		return chat.CID{}, err
	}
	cid, bad := chat.ParseCID(s)
	if bad != nil {
		return chat.CID{}, bad
	}
	return cid, nil
}

// MarshalChannelType writes a type's wire name.
func MarshalChannelType(t chat.ChannelType) graphql.Marshaler {
	return graphql.MarshalString(string(t))
}

// UnmarshalChannelType reads a type's wire name.
func UnmarshalChannelType(v any) (chat.ChannelType, error) {
	s, err := UnmarshalString(v)
	return chat.ChannelType(s), err
}

// MarshalFileKind writes how a file is shown.
func MarshalFileKind(k chat.FileKind) graphql.Marshaler { return graphql.MarshalString(string(k)) }

// UnmarshalFileKind reads how a file is shown.
func UnmarshalFileKind(v any) (chat.FileKind, error) {
	s, err := UnmarshalString(v)
	return chat.FileKind(s), err
}

// MarshalTypeName writes a channel type as the enum names it: Livestream.
func MarshalTypeName(t chat.ChannelType) graphql.Marshaler {
	return graphql.MarshalString(strings.ToUpper(string(t[:1])) + string(t[1:]))
}

// UnmarshalTypeName reads the enum's names, in exactly their case.
func UnmarshalTypeName(v any) (chat.ChannelType, error) {
	switch v {
	case "Livestream", "Messaging", "Team", "Gaming", "Commerce":
		return chat.ChannelType(strings.ToLower(v.(string))), nil
	}
	return "", errors.New("must be Livestream, Messaging, Team, Gaming or Commerce")
}

// RoleName returns the enum's name of a role: MODERATOR. A role that the enum lacks, such as a
// guest's, is USER, since it has no additional rights.
func RoleName(r chat.Role) string {
	switch r {
	case chat.RoleAdmin, chat.RoleModerator:
		return strings.ToUpper(string(r))
	}
	return "USER"
}

// MarshalRole writes a role by its [RoleName].
func MarshalRole(r chat.Role) graphql.Marshaler { return graphql.MarshalString(RoleName(r)) }

// UnmarshalRole reads the enum's names, in exactly their case.
func UnmarshalRole(v any) (chat.Role, error) {
	switch v {
	case "USER", "ADMIN", "MODERATOR":
		return chat.Role(strings.ToLower(v.(string))), nil
	}
	return "", errors.New("must be USER, ADMIN or MODERATOR")
}

// MarshalRestrictionKind writes a kind as the enum names it: BAN.
func MarshalRestrictionKind(k chat.RestrictionKind) graphql.Marshaler {
	return graphql.MarshalString(strings.ToUpper(string(k)))
}

// UnmarshalRestrictionKind reads a kind. Kinds are output only.
func UnmarshalRestrictionKind(v any) (chat.RestrictionKind, error) {
	s, err := UnmarshalString(v)
	return chat.RestrictionKind(strings.ToLower(s)), err
}

// MarshalCapability writes a capability. The enum has the same names.
func MarshalCapability(c chat.Capability) graphql.Marshaler { return graphql.MarshalString(string(c)) }

// UnmarshalCapability reads a capability. They are output only.
func UnmarshalCapability(v any) (chat.Capability, error) {
	s, err := UnmarshalString(v)
	return chat.Capability(s), err
}

// MarshalEventType writes an event's name.
func MarshalEventType(t chat.EventType) graphql.Marshaler { return graphql.MarshalString(string(t)) }

// UnmarshalEventType reads an event's name. Events are output only.
func UnmarshalEventType(v any) (chat.EventType, error) {
	s, err := UnmarshalString(v)
	return chat.EventType(s), err
}
