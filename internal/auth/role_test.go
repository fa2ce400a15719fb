package auth_test

import (
	"encoding/json"
	"slices"
	"testing"

	"backchannel/internal/auth"
)

func TestRoleClaim(t *testing.T) {
	for _, c := range []struct {
		requirement string
		path        string
		claims      string
		want        []string
	}{
		{"a string is one role", "", `{"roles": "BO"}`, []string{"BO"}},
		{"words parted by spaces are roles", "", `{"roles": "  USER BO  X"}`, []string{"USER", "BO", "X"}},
		{"only spaces part words", "", `{"roles": "A\tB C\u00a0D"}`, []string{"A\tB", "C\u00a0D"}},
		{"each element of a list is one role", "", `{"roles": ["BO", "TEAM LEAD"]}`, []string{"BO", "TEAM LEAD"}},
		{"what is no string in a list is ignored", "", `{"roles": [1, null, ["BO"], {"BO": 1}, true, "USER", ""]}`, []string{"USER"}},
		{"an empty string gives none", "", `{"roles": ""}`, nil},
		{"an empty list gives none", "", `{"roles": []}`, nil},
		{"an object gives none", "", `{"roles": {"BO": true}}`, nil},
		{"a number gives none", "", `{"roles": 7}`, nil},
		{"true gives none", "", `{"roles": true}`, nil},
		{"null gives none", "", `{"roles": null}`, nil},
		{"no claim gives none", "", `{"role": "BO"}`, nil},
		{"claim names are exact", "", `{"Roles": "BO"}`, nil},

		{"another claim", "role", `{"role": "BO", "roles": "X"}`, []string{"BO"}},
		{"a path walks into objects", "realm_access.roles", `{"realm_access": {"roles": ["BO"]}}`, []string{"BO"}},
		{"a longer path", "a.b.c", `{"a": {"b": {"c": "BO"}}}`, []string{"BO"}},
		{"a path that ends early", "a.b.c", `{"a": {"b": "BO"}}`, nil},
		{"a path through a list", "a.0", `{"a": ["BO"]}`, nil},
		{"a name with dots", "https://crm.example/roles", `{"https://crm.example/roles": "BO"}`, []string{"BO"}},
		{"a name with dots, then a path", "https://crm.example/access.roles", `{"https://crm.example/access": {"roles": "BO"}}`, []string{"BO"}},
		{"a path, then a name with dots", "a.b.c", `{"a": {"b.c": "BO"}}`, []string{"BO"}},
		{"the longest name goes first", "a.b.c", `{"a.b.c": "1", "a.b": {"c": "2"}, "a": {"b.c": "3", "b": {"c": "4"}}}`, []string{"1"}},
		{"then the next", "a.b.c", `{"a.b": {"c": "2"}, "a": {"b.c": "3", "b": {"c": "4"}}}`, []string{"2"}},
		{"then the next, inside", "a.b.c", `{"a": {"b.c": "3", "b": {"c": "4"}}}`, []string{"3"}},
		{"a longer name that leads nowhere hides nothing", "a.b.c", `{"a.b": {"x": "2"}, "a": {"b": {"c": "4"}}}`, []string{"4"}},
		{"dots at the ends are part of names", ".a.", `{"": {"a": {"": "BO"}}}`, []string{"BO"}},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			var claims object
			if err := json.Unmarshal([]byte(c.claims), &claims); err != nil {
				t.Fatal(err)
			}
			v := newVerifier(t, auth.Config{Secret: secret, RoleClaim: c.path})
			caller, err := v.Verify(hs256(alice(claims)))
			if err != nil || !slices.Equal(caller.Roles, c.want) {
				t.Errorf("got %q, %v, want %q", caller.Roles, err, c.want)
			}
		})
	}
}

func TestHasIsExact(t *testing.T) {
	caller := auth.Caller{Roles: []string{"USER", "BO", "TEAM LEAD"}}
	for role, want := range map[string]bool{
		"BO": true, "TEAM LEAD": true,
		"bo": false, "B": false, "BOSS": false, "LEAD": false, " BO": false, "": false, "USER BO": false,
	} {
		if caller.Has(role) != want {
			t.Errorf("Has(%q) is %t", role, !want)
		}
	}
}

func TestBearerToken(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer abc": "abc", "BEARER abc": "abc", "  Bearer   abc ": "abc",
		"Bearer a b": "a b", // which no verifier takes
		"":           "", "Bearer": "", "Bearer ": "", "abc": "", "Bearerabc": "", "Basic abc": "", "Bearer\tabc": "",
	} {
		if got := auth.BearerToken(header); got != want {
			t.Errorf("%q gives %q, want %q", header, got, want)
		}
	}
}
