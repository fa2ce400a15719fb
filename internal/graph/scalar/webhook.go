package scalar

import (
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// MarshalDeliveryState writes a state as the enum names it: DEAD.
func MarshalDeliveryState(s chat.DeliveryState) graphql.Marshaler {
	return graphql.MarshalString(strings.ToUpper(string(s)))
}

// UnmarshalDeliveryState reads the enum's names, in their case only.
func UnmarshalDeliveryState(v any) (chat.DeliveryState, error) {
	switch v {
	case "DELIVERED", "RETRYING", "DEAD":
		return chat.DeliveryState(strings.ToLower(v.(string))), nil
	}
	return "", errors.New("must be DELIVERED, RETRYING or DEAD")
}
