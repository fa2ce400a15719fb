package streamapi_test

import (
	"testing"
	"time"

	"backchannel/internal/sqlstore"
)

const livePath = "/api/v2/users/live_locations?user_id=ann"

func (c *client) channelOfPlaces() string {
	c.t.Helper()
	channel := c.channelOfAnn("one")
	c.ok("PATCH", channel, object{"set": object{"config_overrides": object{"shared_locations": true}}})
	return channel
}

func (c *client) share(channel, id string, location object) any {
	c.t.Helper()
	answer := c.ok("POST", channel+"/message", object{"message": object{"id": id, "user_id": "ann", "shared_location": location}})
	return at(c.t, answer, "message", "shared_location")
}

func TestLocations(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob")
		channel := c.channelOfPlaces()
		end := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
		got := c.share(channel, "m1", object{"latitude": 38.5, "longitude": -122.25, "created_by_device_id": "phone", "end_at": end})
		if at(t, got, "latitude") != 38.5 || at(t, got, "longitude") != -122.25 || at(t, got, "created_by_device_id") != "phone" ||
			at(t, got, "end_at") != float64(end.UnixNano()) || at(t, got, "message_id") != "m1" || at(t, got, "user_id") != "ann" ||
			at(t, got, "channel_cid") != "messaging:one" {
			t.Errorf("a live location is sent as %v", got)
		}
		still := c.share(channel, "m2", object{"latitude": 0, "longitude": 0})
		if at(t, still, "end_at") != nil {
			t.Errorf("a place that stays is sent as %v", still)
		}
		moved := c.ok("PUT", livePath, object{"message_id": "m1", "latitude": 39.5})
		if moved["latitude"] != 39.5 || moved["longitude"] != -122.25 || at(t, moved, "message", "id") != "m1" {
			t.Errorf("a live location is moved to %v", moved)
		}
		live := at(t, c.ok("GET", livePath, nil), "active_live_locations").([]any)
		if len(live) != 1 || at(t, live[0], "message_id") != "m1" || at(t, live[0], "channel", "id") != "one" {
			t.Errorf("live are %v", live)
		}
		shown := at(t, c.ok("GET", channel+"/messages?ids=m1", nil), "messages", 0, "shared_location")
		if at(t, shown, "latitude") != 39.5 {
			t.Errorf("its message shows %v", shown)
		}

		c.refused("PUT", livePath, object{"message_id": "m2", "latitude": 1}, 400, 4)
		c.refused("PUT", "/api/v2/users/live_locations?user_id=bob", object{"message_id": "m1", "latitude": 1}, 404, 16)
		c.refused("PUT", livePath, object{"message_id": "m1", "latitude": 91}, 400, 4)
		c.refused("POST", "/api/v2/chat/messages/m1", object{"message": object{"text": "x", "shared_location": object{"latitude": 1, "longitude": 1}}}, 400, 4)
		c.ok("POST", "/api/v2/chat/messages/m1", object{"message": object{"text": "on my way", "user_id": "ann"}})

		c.ok("DELETE", "/api/v2/chat/messages/m1", nil)
		if live := at(t, c.ok("GET", livePath, nil), "active_live_locations").([]any); len(live) != 0 {
			t.Errorf("with its message deleted, live are %v", live)
		}
		c.ok("POST", "/api/v2/chat/messages/m1/undelete", object{"undeleted_by": "ann"})
		c.ok("PUT", livePath, object{"message_id": "m1", "end_at": time.Now().Add(-time.Second)})
		if live := at(t, c.ok("GET", livePath, nil), "active_live_locations").([]any); len(live) != 0 {
			t.Errorf("after its end, live are %v", live)
		}
		c.refused("PUT", livePath, object{"message_id": "m1", "end_at": end}, 400, 4)
		c.ok("DELETE", channel, nil)
		c.refused("PUT", livePath, object{"message_id": "m1", "end_at": end}, 404, 16)
	})
}

// Each row is a location that no message can have.
func TestRefusedLocations(t *testing.T) {
	c := newClientOn(t, sqlstore.Options{Memory: true})
	c.users("ann")
	channel := c.channelOfPlaces()
	for _, row := range []struct {
		name     string
		location object
	}{
		{"half of one", object{"latitude": 1}},
		{"beyond the pole", object{"latitude": 90.5, "longitude": 0}},
		{"around the earth", object{"latitude": 0, "longitude": 181}},
		{"live until yesterday", object{"latitude": 0, "longitude": 0, "end_at": time.Now().Add(-24 * time.Hour)}},
		{"in words", object{"latitude": "north", "longitude": 0}},
	} {
		t.Run(row.name, func(*testing.T) {
			c.refused("POST", channel+"/message", object{"message": object{"text": "x", "user_id": "ann", "shared_location": row.location}}, 400, 4)
		})
	}
	other := c.channelOfAnn("two") // where they are off, as they are at first
	c.refused("POST", other+"/message", object{"message": object{"user_id": "ann", "shared_location": object{"latitude": 0, "longitude": 0}}}, 400, 19)
}
