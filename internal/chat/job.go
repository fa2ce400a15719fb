package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Job is work that takes longer than a request: one operation on many targets. Each target is a row
// that is done exactly once.
type Job struct {
	ID        string // a UUID; an announcement's first job has the announcement's id
	Operation string // the operation on each target, named as in a [Change]
	State     JobState
	By        Actor  // the user who started it
	Change    string // id of its record; "" for a draft
	// Announcement is the id of the announcement that it sends, edits or recalls; "" for none.
	Announcement string
	Schedule     Schedule
	Total        int64 // number of rows; 0 until it has begun
	Done         int64
	Failed       int64
	CreatedAt    time.Time
	BegunAt      time.Time // zero until then
	EndedAt      time.Time // zero until then
	Seq          int64     // number of its last change of state or progress, among those of all jobs
}

// JobState is the state of a job, with the names of GraphQL's enum.
type JobState string

// The states. A job goes DRAFT → SCHEDULED → RUNNING ⇄ PAUSED → DONE, DONE_WITH_FAILURES or
// STOPPED. From SCHEDULED it may also go to MISSED, where it waits for a decision. What was stopped,
// or has failures, may go on.
const (
	JobDraft     JobState = "DRAFT"
	JobScheduled JobState = "SCHEDULED"
	JobRunning   JobState = "RUNNING"
	JobPaused    JobState = "PAUSED"
	JobDone      JobState = "DONE"
	JobFailures  JobState = "DONE_WITH_FAILURES" // some rows failed and can be retried
	JobStopped   JobState = "STOPPED"
	JobMissed    JobState = "MISSED" // it was due more than [MissedAfter] ago
)

// Open reports whether jobs in this state are due now or at a time.
func (s JobState) Open() bool { return s == JobScheduled || s == JobRunning }

// JobStates are all states.
var JobStates = []JobState{JobDraft, JobScheduled, JobRunning, JobPaused, JobDone, JobFailures, JobStopped, JobMissed}

// MissedAfter is how late a scheduled job may start without a decision.
const MissedAfter = time.Hour

// Bounds of jobs.
const (
	MaxJobTargets    = 100_000
	MaxOpenJobs      = 1_000 // so many are looked at each second
	MaxAnnouncements = 10_000
)

// JobMove is a change of a job's state.
type JobMove string

// The moves, with the names of the operations that make them.
const (
	PauseJob  JobMove = "pauseJob"
	ResumeJob JobMove = "resumeJob"
	StopJob   JobMove = "stopJob"  // finished rows aren't undone
	RetryJob  JobMove = "retryJob" // with the rows that failed or weren't done
)

// moves are the states before and after each move.
var moves = map[JobMove]struct {
	from []JobState
	to   JobState
}{
	PauseJob:  {[]JobState{JobRunning}, JobPaused},
	ResumeJob: {[]JobState{JobPaused}, JobRunning},
	StopJob:   {[]JobState{JobRunning, JobPaused, JobScheduled, JobMissed}, JobStopped},
	RetryJob:  {[]JobState{JobFailures, JobStopped}, JobRunning},
}

// After returns a job's state after a move. Conflict: the move isn't possible in this state.
func (m JobMove) After(s JobState) (JobState, *Error) {
	if move := moves[m]; slices.Contains(move.from, s) {
		return move.to, nil
	}
	return s, &Error{Code: Conflict, Field: "id", Message: "The job is " + string(s) + ", in which " + string(m) + " isn't possible."}
}

// JobInput is the input of a job's operation. Which fields are used depends on the operation.
type JobInput struct {
	Frozen bool        `json:",omitzero"`
	Role   Role        `json:",omitzero"`
	Until  time.Time   `json:",omitzero"` // end of a ban or mute; zero if permanent
	CID    CID         `json:",omitzero"` // the channel of a ban or mute; zero for all channels
	Users  []string    `json:",omitzero"` // members to add or remove
	Reason string      `json:",omitzero"`
	Body   MessageBody `json:",omitzero"` // of an announcement
	Before MessageBody `json:",omitzero"` // of an announcement before it was edited
	Undoes string      `json:",omitzero"` // id of the change to undo
	Rename bool        `json:",omitzero"` // see [Undo]
}

// JobRow is one target of a job.
type JobRow struct {
	No     int64  // 1 for the first
	Target string // a cid, a user id, or the number of a change's target
	State  RowState
	Failed *Error // why it failed; nil if it didn't fail
}

// Cursor marks the row's place among those of its job.
func (r JobRow) Cursor() string { return encodeCursor(rowCursor, itoa(r.No)) }

// RowState is the state of a target.
type RowState string

// The states of a row.
const (
	RowWaiting RowState = "WAITING"
	RowBegun   RowState = "BEGUN" // a remote chat may have done it
	RowDone    RowState = "DONE"
	RowFailed  RowState = "FAILED"
)

// RowStates are all states of rows.
var RowStates = []RowState{RowWaiting, RowBegun, RowDone, RowFailed}

// Task is the row of a job that an operation executes. A provider marks the row as done in the
// transaction of the effect. It does nothing if the row is done already, if its job isn't running,
// or if somebody else has the lease.
type Task struct {
	Job   string
	Row   int64
	Owner string // owner of the lease under which the job runs
	Lease int64  // number of the lease
	// Change and ChangeNo are the id and number of the record to which the effect belongs.
	Change   string
	ChangeNo int64
	// Message is the id of a message whose readers are counted before it is changed; "" for none.
	Message string
}

// JobQuery asks for a page of jobs, newest first.
type JobQuery struct {
	Limit int    // at least 1
	After string // id, exclusive; "" for the newest
	State JobState
	// Announcements selects only the first jobs of announcements, including drafts. Announcement
	// selects all jobs of one announcement. If neither is set, drafts are excluded.
	Announcements bool
	Announcement  string
}

// RowQuery asks for a page of a job's rows.
type RowQuery struct {
	Job   string
	Limit int   // at least 1
	After int64 // number, exclusive
	State RowState
}

// StartJob asks for an operation on many targets.
type StartJob struct {
	Operation Operation
	Name      string // the operation on each target; Operation.Name is the operation that was requested
	Input     JobInput
	Targets   []string // without repeats, at most MaxJobTargets
	// Announcement is the id of the announcement to edit or recall. The targets are then the
	// channels that have its message, regardless of Targets.
	Announcement string
	// Planned is the expected [StartJob.Digest]. If the digest has changed, StartJob fails with
	// Conflict. "" disables the check.
	Planned string
}

// Digest identifies the operation, except for its reason, and the targets.
func (s StartJob) Digest() string {
	s.Input.Reason = ""
	targets := slices.Sorted(slices.Values(s.Targets))
	text, err := json.Marshal([]any{s.Name, s.Input, targets})
	if err != nil {
		panic(err) // strings, times and booleans can be encoded
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// MoveJob asks for a job to be paused, resumed, stopped or retried.
type MoveJob struct {
	Operation Operation
	ID        string
	Move      JobMove
}

// Cursor marks the job's place in listings. Ids are ordered by time.
func (j Job) Cursor() string { return encodeCursor(jobCursor, j.ID) }

// ParseJobCursor parses a cursor returned by [Job.Cursor] and returns the job's id.
func ParseJobCursor(cursor string) (string, *Error) {
	parts := decodeCursor(jobCursor, cursor)
	if len(parts) != 1 || parts[0] == "" {
		return "", badCursor()
	}
	return parts[0], nil
}

// ParseRowCursor parses a cursor returned by [JobRow.Cursor] and returns the row's number.
func ParseRowCursor(cursor string) (int64, *Error) { return parseSeq(rowCursor, cursor) }
