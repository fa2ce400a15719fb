package streamapi_test

import (
	"fmt"
	"strings"
	"testing"
)

const userGroups = "/api/v2/usergroups"

// groupNames are the groups of an answer.
func groupNames(t *testing.T, answer object) string {
	t.Helper()
	var names []string
	for _, g := range answer["user_groups"].([]any) {
		names = append(names, at(t, g, "name").(string))
	}
	return strings.Join(names, " ")
}

func groupMembers(t *testing.T, answer object) string {
	t.Helper()
	list, _ := at(t, answer, "user_group", "members").([]any)
	var members []string
	for _, m := range list {
		members = append(members, fmt.Sprint(at(t, m, "user_id"), ":", at(t, m, "is_admin")))
	}
	return strings.Join(members, " ")
}

func TestUserGroups(t *testing.T) { onBoth(t, theUserGroups) }

func theUserGroups(t *testing.T, c *client) {
	c.users("alice", "bob", "carol")
	made := c.ok("POST", userGroups, object{
		"id": "sales", "name": " Sales ", "description": "who sells", "team_id": "red", "member_ids": []string{"bob", "alice", "bob"}})
	for _, answer := range []object{made, c.ok("GET", userGroups+"/sales", nil), c.ok("GET", userGroups+"/sales?team_id=red", nil)} {
		g := answer["user_group"].(object)
		if g["id"] != "sales" || g["name"] != "Sales" || g["description"] != "who sells" || g["team_id"] != "red" {
			t.Errorf("the group is %v", g)
		}
		if got := groupMembers(t, answer); got != "alice:false bob:false" {
			t.Errorf("its members are %q", got)
		}
	}
	add := func(body object) string { return groupMembers(t, c.ok("POST", userGroups+"/sales/members", body)) }
	if got := add(object{"member_ids": []string{"carol", "bob"}, "as_admin": true}); got != "alice:false bob:true carol:true" {
		t.Errorf("with admins they are %q", got)
	}
	if got := add(object{"member_ids": []string{"bob"}}); got != "alice:false bob:true carol:true" {
		t.Errorf("added again they are %q", got)
	}
	left := c.ok("POST", userGroups+"/sales/members/delete", object{"member_ids": []string{"alice", "nobody"}, "team_id": "red"})
	if got := groupMembers(t, left); got != "bob:true carol:true" {
		t.Errorf("without alice they are %q", got)
	}
	changed := c.ok("PUT", userGroups+"/sales", object{"name": "Selling"})["user_group"].(object)
	if changed["name"] != "Selling" || changed["description"] != "who sells" || changed["team_id"] != "red" {
		t.Errorf("renamed it is %v", changed)
	}
	c.ok("POST", "/api/v2/users/delete", object{"user_ids": []string{"carol"}, "user": "hard", "messages": "hard", "conversations": "hard"})
	if got := groupMembers(t, c.ok("GET", userGroups+"/sales", nil)); got != "bob:true" {
		t.Errorf("when carol is gone they are %q", got)
	}
	c.ok("DELETE", userGroups+"/sales", nil)
	c.refused("GET", userGroups+"/sales", nil, 404, codeMissing)
	c.refused("DELETE", userGroups+"/sales", nil, 404, codeMissing)
	c.ok("POST", userGroups, object{"id": "sales", "name": "Anew"})
	if got := groupMembers(t, c.ok("GET", userGroups+"/sales", nil)); got != "" {
		t.Errorf("made anew it has %q", got)
	}
}

func TestListsOfUserGroups(t *testing.T) { onBoth(t, listsOfUserGroups) }

func listsOfUserGroups(t *testing.T, c *client) {
	for i, name := range []string{"Ärzte", "Aerzte", "_100%", "ärztinnen", "zuletzt"} {
		team := []string{"red", "blue"}[i%2]
		c.ok("POST", userGroups, object{"id": fmt.Sprint("g", 9-i), "name": name, "team_id": team})
	}
	for query, want := range map[string]string{
		"":                               "Ärzte Aerzte _100% ärztinnen zuletzt",
		"?limit=2":                       "Ärzte Aerzte",
		"?limit=2&id_gt=g8":              "_100% ärztinnen",
		"?id_gt=g6":                      "zuletzt",
		"?id_gt=none":                    "",
		"?team_id=blue":                  "Aerzte ärztinnen",
		"/search?query=%C3%84RZ":         "Ärzte ärztinnen",
		"/search?query=_":                "_100%",
		"/search?query=%25":              "",
		"/search?query=a&team_id=red":    "",
		"/search?query=%C3%A4rz&limit=1": "Ärzte",
		"/search?query=%C3%A4rz&limit=1&name_gt=%C3%84rzte&id_gt=g9": "ärztinnen",
		"?created_at_gt=2020-01-01T00:00:00Z&id_gt=g9&limit=1":       "Ärzte",
		"?created_at_gt=1577836800000000000&limit=1":                 "Ärzte",
		"?created_at_gt=2100-01-01T00:00:00Z":                        "",
	} {
		if got := groupNames(t, c.ok("GET", userGroups+query, nil)); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	for name, row := range map[string]struct {
		method, path string
		body         object
	}{
		"without a name":       {"POST", userGroups, object{"id": "x"}},
		"under an id twice":    {"POST", userGroups, object{"id": "g9", "name": "x"}},
		"of who isn't there":   {"POST", userGroups, object{"name": "x", "member_ids": []string{"nobody"}}},
		"with an odd id":       {"POST", userGroups, object{"id": "a/b", "name": "x"}},
		"renamed to nothing":   {"PUT", userGroups + "/g9", object{"name": " "}},
		"with no new members":  {"POST", userGroups + "/g9/members", object{}},
		"without a member":     {"POST", userGroups + "/g9/members/delete", object{}},
		"searched for nothing": {"GET", userGroups + "/search", nil},
		"too many at once":     {"GET", userGroups + "?limit=101", nil},
		"from no time":         {"GET", userGroups + "?created_at_gt=soon", nil},
	} {
		t.Run(name, func(*testing.T) { c.refused(row.method, row.path, row.body, 400, codeInput) })
	}
	for _, path := range []string{userGroups + "/none", userGroups + "/g9?team_id=blue"} {
		c.refused("GET", path, nil, 404, codeMissing)
	}
	c.refused("PUT", userGroups+"/g9", object{"name": "x", "team_id": "blue"}, 404, codeMissing)
	c.refused("POST", userGroups+"/g9/members", object{"member_ids": []string{"x"}, "team_id": "blue"}, 404, codeMissing)
}
