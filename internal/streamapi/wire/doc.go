// Package wire has the forms in which Stream's API says things: users, channels, members,
// messages and the rest in requests and answers, partial updates, pages, times and errors.
// It turns them into the vocabulary of package chat and back, and checks what only this
// wire limits. It knows no engine and no HTTP beyond statuses.
package wire
