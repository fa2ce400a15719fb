package app

import (
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	for want, settings := range map[string][]debug.BuildSetting{
		release:                                nil,
		release + "+0123456789ab":              {{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "false"}},
		release + "+0123456789ab" + ".changed": {{Key: "vcs.modified", Value: "true"}, {Key: "vcs.revision", Value: "0123456789abcdef"}},
	} {
		if got := withCommit(settings); got != want {
			t.Errorf("%v: %q, not %q", settings, got, want)
		}
	}
}
