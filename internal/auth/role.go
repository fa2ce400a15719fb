package auth

import (
	"slices"
	"strings"
)

const defaultRoleClaim = "roles"

// claimAt finds the value at a path whose dots either separate nested objects or belong to
// a key's name. At each level it tries the longest key first, then shorter ones.
func claimAt(claims map[string]any, path string) (any, bool) {
	for end := len(path); end >= 0; end = strings.LastIndexByte(path[:end], '.') {
		value, ok := claims[path[:end]]
		if !ok {
			continue
		}
		if end == len(path) {
			return value, true
		}
		nested, _ := value.(map[string]any)
		if found, ok := claimAt(nested, path[end+1:]); ok {
			return found, true
		}
	}
	return nil, false
}

// rolesIn reads a role claim: a string of words separated by spaces, or a list of strings, each of
// which is one role and may contain spaces. Anything else means no roles.
func rolesIn(claim any) []string {
	var roles []string
	switch claim := claim.(type) {
	case string:
		roles = strings.Split(claim, " ")
	case []any:
		for _, element := range claim {
			role, _ := element.(string)
			roles = append(roles, role)
		}
	}
	return slices.DeleteFunc(roles, func(role string) bool { return role == "" })
}
