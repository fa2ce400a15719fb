// Package jobstore has the SQL of jobs, of their rows, and of announcements. It has no rules:
// which state follows which is said in package chat, and package job asks.
package jobstore
