package app

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// release is the version of this source, or the next one if it ends in "-dev".
const release = "0.1.0-dev"

// commitLength is the number of characters of a commit's hash that are shown.
const commitLength = 12

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s streams) error {
	_, err := fmt.Fprintf(s.out, "backchannel %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// version returns the release with the commit that the program was built from, if known:
// "0.1.0+916af24c1d2e", with ".changed" if there were uncommitted changes.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	return withCommit(info.Settings)
}

func withCommit(settings []debug.BuildSetting) string {
	commit, changed := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			commit = "+" + s.Value[:min(commitLength, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ".changed"
		}
	}
	if commit == "" {
		return release
	}
	return release + commit + changed
}
