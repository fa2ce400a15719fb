package streamapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// poll makes a poll of ann's and returns it with the ids of its options.
func (c *client) poll(settings object, options ...string) (id string, choices []string) {
	c.t.Helper()
	list := make([]any, len(options))
	for i, text := range options {
		list[i] = object{"text": text}
	}
	body := object{"name": "Lunch?", "user_id": "ann", "options": list}
	for name, value := range settings {
		body[name] = value
	}
	made := at(c.t, c.ok("POST", "/api/v2/polls", body), "poll")
	for i := range options {
		choices = append(choices, at(c.t, made, "options", i, "id").(string))
	}
	return at(c.t, made, "id").(string), choices
}

// ask sends a poll in a message.
func (c *client) ask(channel, message, poll string) string {
	c.t.Helper()
	c.ok("POST", channel+"/message", object{"message": object{"id": message, "user_id": "ann", "poll_id": poll}})
	return "/api/v2/chat/messages/" + message + "/polls/" + poll + "/vote"
}

func chosen(option string) object { return object{"option_id": option} }

func TestPolls(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob")
		id, options := c.poll(object{"id": "lunch", "description": "today", "custom": object{"place": "x"}, "max_votes_allowed": 2}, "Rice", "Soup")
		path := "/api/v2/polls/" + id
		got := at(t, c.ok("GET", path, nil), "poll")
		if id != "lunch" || at(t, got, "name") != "Lunch?" || at(t, got, "description") != "today" || at(t, got, "custom", "place") != "x" ||
			at(t, got, "voting_visibility") != "public" || at(t, got, "is_closed") != false || at(t, got, "max_votes_allowed") != 2.0 ||
			at(t, got, "created_by", "id") != "ann" || at(t, got, "options", 1, "text") != "Soup" || at(t, got, "vote_count") != 0.0 {
			t.Errorf("a poll is %v", got)
		}

		// Updates: whole, but for options that aren't given; in part; and of options.
		got = at(t, c.ok("PUT", "/api/v2/polls", object{"id": id, "name": "Dinner?", "user_id": "ann", "options": nil}), "poll")
		if at(t, got, "name") != "Dinner?" || at(t, got, "description") != "" || at(t, got, "options", 0, "id") != options[0] {
			t.Errorf("a poll that is replaced is %v", got)
		}
		got = at(t, c.ok("PUT", "/api/v2/polls", object{"id": id, "name": "Dinner?", "user_id": "ann",
			"options": []any{object{"id": options[1], "text": "Broth"}, object{"text": "Bread"}}}), "poll")
		if at(t, got, "options", 0, "id") != options[1] || at(t, got, "options", 0, "text") != "Broth" || at(t, got, "options", 1, "text") != "Bread" {
			t.Errorf("with other options it is %v", got)
		}
		got = at(t, c.ok("PATCH", path, object{"user_id": "ann", "set": object{"description": "late", "custom.place": "y"}, "unset": []string{"max_votes_allowed"}}), "poll")
		if at(t, got, "description") != "late" || at(t, got, "custom", "place") != "y" || at(t, got, "name") != "Dinner?" {
			t.Errorf("a poll that is changed in part is %v", got)
		}
		option := at(t, c.ok("POST", path+"/options", object{"text": "Cake", "user_id": "bob", "custom": object{"sweet": true}}), "poll_option")
		cake := at(t, option, "id").(string)
		c.ok("PUT", path+"/options", object{"id": cake, "text": "Pie", "user_id": "ann"})
		if got := at(t, c.ok("GET", path+"/options/"+cake, nil), "poll_option"); cake == "" || at(t, got, "text") != "Pie" {
			t.Errorf("an option is %v", got)
		}
		c.ok("DELETE", path+"/options/"+cake+"?user_id=ann", nil)
		c.refused("GET", path+"/options/"+cake, nil, 404, 16)

		c.poll(object{"is_closed": true, "name": "Old?"})
		for filter, want := range map[string]string{
			`{}`: "Old?, Dinner?", `{"id":"lunch"}`: "Dinner?", `{"is_closed":true}`: "Old?", `{"is_closed":false}`: "Dinner?",
			`{"name":{"$in":["Old?"]}}`: "Old?", `{"created_by_id":"bob"}`: "", `{"place":"y"}`: "Dinner?", `{"voting_visibility":"public"}`: "Old?, Dinner?",
		} {
			if got := c.polls(filter); got != want {
				t.Errorf("%s finds %q, want %q", filter, got, want)
			}
		}
		c.ok("DELETE", path+"?user_id=ann", nil)
		c.refused("DELETE", path+"?user_id=ann", nil, 404, 16)
		c.refused("GET", path, nil, 404, 16)
	})
}

// polls are the names of the polls that match.
func (c *client) polls(filter string) string {
	c.t.Helper()
	_, answer := c.post("POST", "/api/v2/polls/query?user_id=ann", "application/json", strings.NewReader(`{"filter":`+filter+`}`))
	var names []string
	for _, p := range at(c.t, answer, "polls").([]any) {
		names = append(names, at(c.t, p, "name").(string))
	}
	return strings.Join(names, ", ")
}

func TestVotes(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob", "cyd")
		channel := c.channelOfAnn("one")
		id, options := c.poll(object{"max_votes_allowed": 2, "allow_answers": true}, "Rice", "Soup", "Cake")
		vote := c.ask(channel, "m1", id)
		cast := func(user string, what object) object {
			t.Helper()
			return c.ok("POST", vote, object{"user_id": user, "vote": what})
		}
		first := cast("bob", chosen(options[0]))
		if at(t, first, "vote", "option_id") != options[0] || at(t, first, "vote", "user", "name") != "Name of bob" ||
			at(t, first, "poll", "vote_count") != 1.0 || at(t, first, "poll", "own_votes", 0, "id") != at(t, first, "vote", "id") {
			t.Errorf("a vote is answered with %v", first)
		}
		if again := cast("bob", chosen(options[0])); at(t, again, "vote", "id") != at(t, first, "vote", "id") || at(t, again, "poll", "vote_count") != 1.0 {
			t.Errorf("the same vote again is answered with %v", again)
		}
		cast("bob", chosen(options[1]))
		c.refused("POST", vote, object{"user_id": "bob", "vote": chosen(options[2])}, 400, 4)
		cast("cyd", chosen(options[1]))
		cast("cyd", object{"answer_text": "Bread"})
		cast("cyd", object{"answer_text": "Bread and cheese"})

		m := at(t, c.ok("GET", "/api/v2/chat/messages/m1", nil), "message")
		if at(t, m, "poll_id") != id || at(t, m, "poll", "vote_count") != 3.0 || at(t, m, "poll", "vote_counts_by_option", options[1]) != 2.0 ||
			at(t, m, "poll", "answers_count") != 1.0 || at(t, m, "poll", "latest_answers", 0, "answer_text") != "Bread and cheese" ||
			at(t, m, "poll", "latest_votes_by_option", options[1], 0, "user_id") != "cyd" {
			t.Errorf("the message is %v", m)
		}
		state := c.ok("POST", channel+"/query", object{"state": true, "messages": object{"limit": 5}})
		if at(t, state, "messages", 0, "poll", "id") != id {
			t.Errorf("the channel is %v", state)
		}
		for filter, want := range map[string]int{
			`{}`: 4, `{"user_id":"cyd"}`: 2, `{"is_answer":true}`: 1, `{"option_id":"` + options[1] + `"}`: 2, `{"user_id":"ann"}`: 0,
		} {
			_, answer := c.post("POST", "/api/v2/polls/"+id+"/votes", "application/json", strings.NewReader(`{"filter":`+filter+`}`))
			if got := len(at(t, answer, "votes").([]any)); got != want {
				t.Errorf("%s finds %d votes, want %d", filter, got, want)
			}
		}

		mine := vote + "/" + at(t, first, "vote", "id").(string)
		c.refused("DELETE", mine+"?user_id=cyd", nil, 404, 16)
		if left := c.ok("DELETE", mine+"?user_id=bob", nil); at(t, left, "poll", "vote_count") != 2.0 || at(t, left, "vote", "option_id") != options[0] {
			t.Errorf("a vote taken back is answered with %v", left)
		}
		c.ok("DELETE", "/api/v2/polls/"+id+"/options/"+options[1], nil)
		if got := at(t, c.ok("GET", "/api/v2/polls/"+id, nil), "poll", "vote_count"); got != 0.0 {
			t.Errorf("with its option gone a poll has %v votes", got)
		}
		c.ok("PATCH", "/api/v2/polls/"+id, object{"set": object{"is_closed": true}})
		c.refused("POST", vote, object{"user_id": "bob", "vote": chosen(options[0])}, 400, 4)
		c.ok("DELETE", "/api/v2/polls/"+id, nil)
		if m := at(t, c.ok("GET", "/api/v2/chat/messages/m1", nil), "message"); at(t, m, "poll") != nil {
			t.Errorf("with its poll gone a message is %v", m)
		}
	})
}

func TestUniqueAndAnonymousVotes(t *testing.T) {
	c := newClient(t)
	c.users("ann", "bob")
	id, options := c.poll(object{"enforce_unique_vote": true, "voting_visibility": "anonymous"}, "Rice", "Soup")
	vote := c.ask(c.channelOfAnn("one"), "m1", id)
	c.ok("POST", vote, object{"user_id": "bob", "vote": chosen(options[0])})
	poll := at(t, c.ok("POST", vote, object{"user_id": "bob", "vote": chosen(options[1])}), "poll")
	if at(t, poll, "vote_count") != 1.0 || at(t, poll, "vote_counts_by_option", options[1]) != 1.0 || len(at(t, poll, "own_votes").([]any)) != 1 {
		t.Errorf("who has one vote has %v", poll)
	}
	if shown := at(t, poll, "latest_votes_by_option", options[1], 0); at(t, shown, "user_id") != nil || at(t, shown, "user") != nil {
		t.Errorf("an anonymous vote is shown as %v", shown)
	}
	for viewer, want := range map[string]any{"ann": nil, "bob": "bob"} {
		votes := at(t, c.ok("POST", "/api/v2/polls/"+id+"/votes?user_id="+viewer, object{}), "votes")
		if got := at(t, votes, 0, "user_id"); got != want {
			t.Errorf("%s sees it as %v's, want %v", viewer, got, want)
		}
	}
	c.ok("POST", "/api/v2/users/delete", object{"user_ids": []string{"bob"}, "user": "pruning"})
	if got := at(t, c.ok("GET", "/api/v2/polls/"+id, nil), "poll", "vote_count"); got != 0.0 {
		t.Errorf("a user that is gone has %v votes", got)
	}
}

// Each row is a request that is refused.
func TestRefusedPolls(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	channel := c.channelOfAnn("one")
	id, options := c.poll(object{"id": "p1"}, "Rice", "Soup")
	vote := c.ask(channel, "m1", id)
	c.says(channel, "m2", "ann", "no poll")
	many := make([]any, 101)
	for i := range many {
		many[i] = object{"text": fmt.Sprint(i)}
	}
	const polls = "/api/v2/polls"
	for _, row := range []struct {
		name, method, path string
		body               object
		status, code       int
	}{
		{"without a name", "POST", polls, object{"user_id": "ann"}, 400, 4},
		{"by nobody", "POST", polls, object{"name": "x"}, 400, 4},
		{"of an id that is taken", "POST", polls, object{"name": "x", "user_id": "ann", "id": "p1"}, 400, 4},
		{"too long a name", "POST", polls, object{"name": strings.Repeat("x", 256), "user_id": "ann"}, 400, 4},
		{"too many options", "POST", polls, object{"name": "x", "user_id": "ann", "options": many}, 400, 4},
		{"a visibility that there isn't", "POST", polls, object{"name": "x", "user_id": "ann", "voting_visibility": "secret"}, 400, 4},
		{"the same option twice", "POST", polls, object{"name": "x", "user_id": "ann", "options": []any{many[0], many[0]}}, 400, 4},
		{"an option without a text", "POST", polls, object{"name": "x", "user_id": "ann", "options": []any{object{"text": ""}}}, 400, 4},
		{"eleven votes", "POST", polls, object{"name": "x", "user_id": "ann", "max_votes_allowed": 11}, 400, 4},
		{"a change of one that isn't there", "PUT", polls, object{"id": "p9", "name": "x", "user_id": "ann"}, 404, 16},
		{"an option that it doesn't have", "PUT", polls, object{"id": "p1", "name": "x", "user_id": "ann", "options": []any{object{"id": "o", "text": "x"}}}, 400, 4},
		{"a change of its votes", "PATCH", polls + "/p1", object{"set": object{"vote_count": 7}}, 400, 4},
		{"a name taken away", "PATCH", polls + "/p1", object{"unset": []string{"name"}}, 400, 4},
		{"a filter of a wrong type", "POST", polls + "/query", object{"filter": object{"is_closed": "x"}}, 400, 4},
		{"votes of a poll that isn't there", "POST", polls + "/p9/votes", object{}, 404, 16},
		{"a vote for nothing", "POST", vote, object{"user_id": "ann", "vote": object{}}, 400, 4},
		{"a vote by nobody", "POST", vote, object{"vote": chosen(options[0])}, 400, 4},
		{"a vote for an option of no poll", "POST", vote, object{"user_id": "ann", "vote": chosen("o")}, 400, 4},
		{"an answer where none are taken", "POST", vote, object{"user_id": "ann", "vote": object{"answer_text": "x"}}, 400, 4},
		{"a vote in a message without it", "POST", "/api/v2/chat/messages/m2/polls/p1/vote", object{"user_id": "ann", "vote": chosen(options[0])}, 404, 16},
		{"a vote in no message", "POST", "/api/v2/chat/messages/m9/polls/p1/vote", object{"user_id": "ann", "vote": chosen(options[0])}, 404, 16},
		{"a message with a poll that isn't there", "POST", channel + "/message", object{"message": object{"user_id": "ann", "poll_id": "p9"}}, 400, 4},
	} {
		t.Run(row.name, func(*testing.T) { c.refused(row.method, row.path, row.body, row.status, row.code) })
	}
	c.ok("PUT", "/api/v2/chat/channeltypes/messaging", object{"polls": false, "automod": "disabled", "automod_behavior": "flag", "max_message_length": 5000})
	c.refused("POST", channel+"/message", object{"message": object{"user_id": "ann", "poll_id": "p1"}}, http.StatusBadRequest, 19)
}
