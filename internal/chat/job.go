package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Job is work that takes longer than a request: the same operation on many targets, each of
// them a row that is done exactly once.
type Job struct {
	ID        string // a UUID; an announcement's first job has the announcement's id
	Operation string // what it does with each target, named as in a [Change]
	State     JobState
	By        Actor  // who started it
	Change    string // id of its record; "" while it is a draft
	// Announcement is the id of the announcement that it sends, edits or recalls; "" for none.
	Announcement string
	Schedule     Schedule
	Total        int64 // rows; 0 until it has begun
	Done         int64
	Failed       int64
	CreatedAt    time.Time
	BegunAt      time.Time // zero until then
	EndedAt      time.Time // zero until then
	Seq          int64     // number of its last change of state or progress among those of all jobs
}

// JobState is how far a job has come, named as GraphQL's enum names it.
type JobState string

// The states. A job goes DRAFT → SCHEDULED → RUNNING ⇄ PAUSED → DONE, DONE_WITH_FAILURES or
// STOPPED; or from SCHEDULED to MISSED, where it waits for somebody to decide.
const (
	JobDraft     JobState = "DRAFT"
	JobScheduled JobState = "SCHEDULED"
	JobRunning   JobState = "RUNNING"
	JobPaused    JobState = "PAUSED"
	JobDone      JobState = "DONE"
	JobFailures  JobState = "DONE_WITH_FAILURES" // rows failed, and can be tried again
	JobStopped   JobState = "STOPPED"
	JobMissed    JobState = "MISSED" // it was due more than [MissedAfter] ago
)

// JobStates are all states.
var JobStates = []JobState{JobDraft, JobScheduled, JobRunning, JobPaused, JobDone, JobFailures, JobStopped, JobMissed}

// MissedAfter is how late a scheduled job may begin by itself.
const MissedAfter = time.Hour

// Bounds of jobs.
const (
	MaxJobTargets    = 100_000
	MaxScheduled     = 1_000 // jobs that are scheduled or under way at once
	MaxAnnouncements = 10_000
)

// JobMove is what somebody has a job do.
type JobMove string

// The moves, named as the operations that make them.
const (
	PauseJob  JobMove = "pauseJob"
	ResumeJob JobMove = "resumeJob"
	StopJob   JobMove = "stopJob" // what is done stays done
	RetryJob  JobMove = "retryJob"
)

// moves are the states that a move leads from and to.
var moves = map[JobMove]struct {
	from []JobState
	to   JobState
}{
	PauseJob:  {[]JobState{JobRunning}, JobPaused},
	ResumeJob: {[]JobState{JobPaused}, JobRunning},
	StopJob:   {[]JobState{JobRunning, JobPaused, JobScheduled, JobMissed}, JobStopped},
	RetryJob:  {[]JobState{JobFailures}, JobRunning},
}

// After is the state that a job is in after a move. Conflict: the job can't make it now.
func (m JobMove) After(s JobState) (JobState, *Error) {
	if move := moves[m]; slices.Contains(move.from, s) {
		return move.to, nil
	}
	return s, &Error{Code: Conflict, Field: "id", Message: "The job is " + string(s) + ", in which " + string(m) + " isn't possible."}
}

// JobInput is what a job does with each of its targets. Which fields count depends on the
// operation.
type JobInput struct {
	Frozen bool        `json:",omitzero"`
	Role   Role        `json:",omitzero"`
	Until  time.Time   `json:",omitzero"` // of a ban or mute; zero for good
	CID    CID         `json:",omitzero"` // the channel of a ban or mute; zero for all
	Users  []string    `json:",omitzero"` // to be members, or no longer
	Reason string      `json:",omitzero"`
	Body   MessageBody `json:",omitzero"` // of an announcement
	Undoes string      `json:",omitzero"` // id of the change that is taken back
	Rename bool        `json:",omitzero"` // as [Undo] has it
}

// JobRow is one target of a job.
type JobRow struct {
	No     int64  // 1 for the first
	Target string // a cid, a user id, or what a change was about by its number
	State  RowState
	Failed *Error // why it failed; nil if it didn't
}

// Cursor marks the row's place among those of its job.
func (r JobRow) Cursor() string { return encodeCursor(rowCursor, itoa(r.No)) }

// RowState is what became of a target.
type RowState string

// The states of a row.
const (
	RowWaiting RowState = "WAITING"
	RowBegun   RowState = "BEGUN" // a chat elsewhere may have done it
	RowDone    RowState = "DONE"
	RowFailed  RowState = "FAILED"
)

// RowStates are all states of rows.
var RowStates = []RowState{RowWaiting, RowBegun, RowDone, RowFailed}

// Task is the row of a job that an operation carries out. A provider marks the row as done
// in the transaction of the effect, and does nothing if the row is done, if its job doesn't
// run, or if the lease is another's.
type Task struct {
	Job   string
	Row   int64
	Owner string // of the lease under which the job runs
	Lease int64  // its number
	// Change and ChangeNo are the id and number of the record to which the effect belongs.
	Change   string
	ChangeNo int64
	// Message is the id of a message whose readers are counted before it changes; "" for none.
	Message string
}

// JobQuery asks for a page of jobs, newest first.
type JobQuery struct {
	Limit int    // at least 1
	After string // id, excluded; "" for the newest
	State JobState
	// Announcements asks for the first jobs of announcements only, drafts among them, and
	// Announcement for all of one. Otherwise drafts are left out.
	Announcements bool
	Announcement  string
}

// RowQuery asks for a page of a job's rows.
type RowQuery struct {
	Job   string
	Limit int   // at least 1
	After int64 // no, excluded
	State RowState
}

// StartJob asks for an operation on many targets.
type StartJob struct {
	Operation Operation
	Name      string // of what is done with each target; Operation.Name is what was asked for
	Input     JobInput
	Targets   []string // each once, at most MaxJobTargets
	// Announcement is the announcement that is edited or recalled. Its targets are the
	// channels that have its message, whatever Targets says.
	Announcement string
	// Planned is the [StartJob.Digest] of what was planned. If it is another now, that is a
	// Conflict; "" asks for no such check.
	Planned string
}

// Digest tells what is done, except for the reason, and with which targets.
func (s StartJob) Digest() string {
	s.Input.Reason = ""
	targets := slices.Sorted(slices.Values(s.Targets))
	text, err := json.Marshal([]any{s.Name, s.Input, targets})
	if err != nil {
		panic(err) // these are strings, times and booleans
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// MoveJob asks for a job to be paused, resumed, stopped, or tried again where it failed.
type MoveJob struct {
	Operation Operation
	ID        string
	Move      JobMove
}

// Cursor marks the job's place in listings: ids are in the order of time.
func (j Job) Cursor() string { return encodeCursor(jobCursor, j.ID) }

// ParseJobCursor reads a cursor of [Job.Cursor] and returns the job's id.
func ParseJobCursor(cursor string) (string, *Error) {
	parts := decodeCursor(jobCursor, cursor)
	if len(parts) != 1 || parts[0] == "" {
		return "", badCursor()
	}
	return parts[0], nil
}

// ParseRowCursor reads a cursor of [JobRow.Cursor] and returns the row's number.
func ParseRowCursor(cursor string) (int64, *Error) { return parseSeq(rowCursor, cursor) }
