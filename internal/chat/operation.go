package chat

import "time"

// Actor is the user who does something in the chat.
type Actor struct {
	ID         string // user id
	Name       string // may be empty
	BackOffice bool   // has the CRM's back-office role, and so may do everything
}

// User is the actor as a chat user, as far as is known.
func (a Actor) User() User { return User{ID: a.ID, Name: a.Name} }

// MaxKeyLength is the longest idempotency key, in characters.
const MaxKeyLength = 255

// Operation says who changes something, and how a repeat of the same change is recognised.
// A provider carries an operation with a key out at most once for each actor and key: for
// [KeyLifetime] a repeat gets the first outcome again, and one of another name or digest
// fails with [Conflict].
//
// A failure that a retry may not meet again (the database was away, a bug) leaves no
// outcome, so that the retry does the work.
type Operation struct {
	By     Actor
	Name   string // e.g. "sendMessageToChannel"
	Key    string // "" for an operation that isn't remembered
	Digest string // of the input; needed with Key

	// Issued is when the actor's token was made, if the provider must check together with
	// the effect that the token is still good. It is nil if that was checked.
	Issued *time.Time

	// IfVersion is the version that the one thing to be changed must have, [NoVersion] if it
	// must not be there; nil for any. If it has another, the operation fails with
	// [Conflict] and names the last change of the thing.
	IfVersion *string `json:"-"`

	// What the record of the change says besides. Sends, reactions and read marks leave
	// none.
	Source `json:"-"`
	// Undoes is the id of the change that the operation takes back; "" for none.
	Undoes string `json:"-"`
	// Task is the row of a job that the operation carries out; nil for a request.
	Task *Task `json:"-"`
	// Noted is told the id of the record once the change is durable, and at a repeat by
	// key that of the first; nil if nobody wants to know.
	Noted func(id string) `json:"-"`
}

// Note tells who wants to know the id of the record.
func (o Operation) Note(id string) {
	if o.Noted != nil {
		o.Noted(id)
	}
}

// Source says where an operation came from, and why.
type Source struct {
	Via       Door   // "" for what leaves no record of its own
	Reason    string // in the caller's words; "" for none
	RequestID string // as in the log
	Address   string // of the client
}

// CheckKey says what is wrong with an idempotency key, or nil.
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
