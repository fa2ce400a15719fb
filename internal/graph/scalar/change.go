package scalar

import (
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// MarshalTargetKind writes the kind of a change's target.
func MarshalTargetKind(k chat.TargetKind) graphql.Marshaler { return graphql.MarshalString(string(k)) }

// UnmarshalTargetKind reads a kind. Kinds are output only.
func UnmarshalTargetKind(v any) (chat.TargetKind, error) {
	s, err := UnmarshalString(v)
	return chat.TargetKind(s), err
}

// MarshalChangeDoor writes a door as the enum names it: GRAPHQL.
func MarshalChangeDoor(d chat.Door) graphql.Marshaler {
	return graphql.MarshalString(strings.ToUpper(string(d)))
}

// UnmarshalChangeDoor reads a door. Doors are output only.
func UnmarshalChangeDoor(v any) (chat.Door, error) {
	s, err := UnmarshalString(v)
	return chat.Door(strings.ToLower(s)), err
}

// MarshalChangeOutcome writes an outcome as the enum names it: DONE.
func MarshalChangeOutcome(o chat.ChangeOutcome) graphql.Marshaler {
	return graphql.MarshalString(strings.ToUpper(string(o)))
}

// UnmarshalChangeOutcome reads the enum's names, in their case only.
func UnmarshalChangeOutcome(v any) (chat.ChangeOutcome, error) {
	switch v {
	case "DONE", "REFUSED", "FAILED", "UNKNOWN":
		return chat.ChangeOutcome(strings.ToLower(v.(string))), nil
	}
	return "", errors.New("must be DONE, REFUSED, FAILED or UNKNOWN")
}
