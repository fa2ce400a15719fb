package chat

import "time"

// Actor is the user who makes a request.
type Actor struct {
	ID         string // user id
	Name       string // may be empty
	BackOffice bool   // has the CRM's back-office role and may do everything
}

// User returns the actor as a chat user, as far as it is known.
func (a Actor) User() User { return User{ID: a.ID, Name: a.Name} }

// MaxKeyLength is the maximum length of an idempotency key, in characters.
const MaxKeyLength = 255

// Operation says who changes something and identifies repeats of the same change. A provider
// executes an operation with a key at most once for each actor and key: within [KeyLifetime], a
// repeat returns the first outcome again, and an operation with another name or digest fails with
// [Conflict].
//
// A failure that a retry may avoid (the database was unavailable, a bug) leaves no outcome, so that
// the retry executes the operation.
type Operation struct {
	By     Actor
	Name   string // e.g. "sendMessageToChannel"
	Key    string // "" for an operation whose outcome isn't stored
	Digest string // of the input; required with Key

	// Issued is the time at which the actor's token was issued. If set, the provider checks in the
	// transaction of the effect that the token isn't revoked. It is nil if that was checked before.
	Issued *time.Time

	// IfVersion is the version that the thing to change must have, [NoVersion] if it must not
	// exist; nil for any. If it has another version, the operation fails with [Conflict] and names
	// the last change of the thing.
	IfVersion *string `json:"-"`

	// Source is for the record of the change. Sends, reactions and read states leave no record.
	Source `json:"-"`
	// Refused, if set, is the outcome of the operation, unless an outcome is stored under its key
	// already. It is for checks whose result depends on the time or on stored data: a repeat of an
	// operation that succeeded must not fail because of them.
	Refused error `json:"-"`
	// Undoes is the id of the change that the operation undoes; "" for none.
	Undoes string `json:"-"`
	// Task is the row of a job that the operation executes; nil for a request.
	Task *Task `json:"-"`
	// Noted is called with the id of the record once the change is durable; a repeat by key passes
	// the id of the first one. It may be nil.
	Noted func(id string) `json:"-"`
}

// Note calls Noted unless it is nil.
func (o Operation) Note(id string) {
	if o.Noted != nil {
		o.Noted(id)
	}
}

// Source says where an operation came from, and why.
type Source struct {
	Via       Door   // "" if the operation leaves no record of its own
	Reason    string // in the caller's words; "" for none
	RequestID string // as in the log
	Address   string // of the client
}

// CheckKey returns an error if an idempotency key isn't valid.
func CheckKey(key string) *Error {
	for i := range len(key) {
		if key[i] < '!' || key[i] > '~' {
			return badKey()
		}
	}
	if key == "" || len(key) > MaxKeyLength {
		return badKey()
	}
	return nil
}

func badKey() *Error {
	return Invalid("Idempotency-Key", "An Idempotency-Key is 1 to %d visible ASCII characters.", MaxKeyLength)
}
