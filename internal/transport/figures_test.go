package transport

import (
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

func TestTallyForgetsAfterAnHour(t *testing.T) {
	y := &tally{}
	y.failure(&gqlerror.Error{Extensions: map[string]any{"code": "NOT_FOUND"}})
	y.request()
	now := time.Now().Unix() / 60
	for age, want := range map[int64]int{0: 1, 59: 1, 60: 0, 61: 0, 600: 0} {
		for i := range y.minutes {
			if y.minutes[i].number != 0 {
				y.minutes[i].number = now - age
			}
		}
		if f := y.figures(); f.Requests != want || len(f.Errors) != want {
			t.Errorf("after %d minutes it tells %d requests and %v, want %d of each", age, f.Requests, f.Errors, want)
		}
	}
}
