// Package wire has the forms of Stream's API: users, channels, members, messages and the rest in
// requests and answers, partial updates, pages, times and errors. It converts them to and from the
// types of package chat, and checks the limits that only this API has. It doesn't know the engine,
// nor HTTP except for statuses.
package wire
