//go:build race

package media_test

// raceDetector takes memory and time of its own: what bounds these runs without it.
const raceDetector = true
