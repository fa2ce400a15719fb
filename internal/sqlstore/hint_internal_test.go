package sqlstore

import (
	"testing"
	"time"
)

// A hint about little doesn't hold up the next one; under load, one follows several commits.
func TestRestAfterAHint(t *testing.T) {
	for logs, want := range map[int]time.Duration{
		0:   0,
		7:   0,
		16:  16 * time.Millisecond,
		512: 25 * time.Millisecond,
	} {
		if got := rest(logs); got != want {
			t.Errorf("after a hint about %d logs: %v, want %v", logs, got, want)
		}
	}
}
