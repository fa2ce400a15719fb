//go:build race

package media_test

// The race detector takes memory and time of its own, so tests of those bounds run without
// it.
const raceDetector = true
