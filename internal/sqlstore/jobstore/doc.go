// Package jobstore has the SQL of jobs, of their rows, and of announcements. It has no rules:
// package chat defines the transitions between states, and package job applies them.
package jobstore
