// Package emulator is a Stream-compatible server for tests: the API of
// internal/streamapi over an engine in memory, with a clock that can be moved and
// faults that can be switched on.
//
// It is controlled by its methods or, from other processes, under /emulator/. It
// leaves out everything that a server for real users needs.
package emulator
