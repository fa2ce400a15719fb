package stream

import (
	"encoding/json"
	"testing"
)

// What another service noted of an attachment's dimensions doesn't spoil the answer.
func TestDimensionsOfOtherServices(t *testing.T) {
	for text, want := range map[string]length{`640`: 640, `"640"`: 0, `640.5`: 0, `null`: 0, `{"px":640}`: 0, `1e400`: 0} {
		var a wireAttachment
		err := json.Unmarshal([]byte(`{"type":"image","original_width":`+text+`}`), &a)
		if err != nil || a.Width != want || a.Type != "image" {
			t.Errorf("%s is read as %d (%v), want %d", text, a.Width, err, want)
		}
	}
}
