package scalar

import (
	"errors"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// MarshalJobState writes a state. The enum has the same names.
func MarshalJobState(s chat.JobState) graphql.Marshaler { return graphql.MarshalString(string(s)) }

// UnmarshalJobState reads a state.
func UnmarshalJobState(v any) (chat.JobState, error) {
	s, err := UnmarshalString(v)
	if err == nil && !slices.Contains(chat.JobStates, chat.JobState(s)) {
		err = errors.New("must be a state of jobs, e.g. RUNNING")
	}
	return chat.JobState(s), err
}

// MarshalRowState writes the state of a row. The enum has the same names.
func MarshalRowState(s chat.RowState) graphql.Marshaler { return graphql.MarshalString(string(s)) }

// UnmarshalRowState reads the state of a row.
func UnmarshalRowState(v any) (chat.RowState, error) {
	s, err := UnmarshalString(v)
	if err == nil && !slices.Contains(chat.RowStates, chat.RowState(s)) {
		err = errors.New("must be WAITING, BEGUN, DONE or FAILED")
	}
	return chat.RowState(s), err
}
