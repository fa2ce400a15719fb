package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault makes requests fail or misbehave. Fields left zero have no effect.
type Fault struct {
	// Method and Path select the requests: those with this method, "" for any, and a path that
	// matches this pattern of path.Match, e.g. "/api/v2/chat/channels/*/*/message", "" for any.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	// Webhook makes the fault affect calls of webhooks instead of requests: those of events whose
	// type matches this pattern of path.Match, e.g. "message.*". For these only Drop (the call is
	// never sent), Delay (later calls overtake it), Double and Reorder have an effect.
	Webhook string `json:"webhook,omitempty"`
	// Skip is how many matching requests pass first. Times is how many are affected, 0 for all.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`

	// Delay is the time to wait before anything is done. In JSON it is a number of nanoseconds or a
	// string such as "1.5s".
	Delay Duration `json:"delay,omitempty"`
	// Status is the HTTP status to answer, with Stream's code Code (0: the usual one for the
	// status) and, unless 0, RetryAfter in seconds.
	Status     int `json:"status,omitempty"`
	Code       int `json:"code,omitempty"`
	RetryAfter int `json:"retry_after,omitempty"`
	// Drop closes the connection instead of answering.
	Drop bool `json:"drop,omitempty"`
	// After applies Status and Drop after the request's work is done, so that only the answer is
	// lost.
	After bool `json:"after,omitempty"`
	// Cut closes the connection after this many bytes of the answer.
	Cut int `json:"cut,omitempty"`
	// Keep makes a deletion of channels fail for these cids: the channels stay, and the task's
	// result says so.
	Keep []string `json:"keep,omitempty"`
	// Double sends a webhook's call twice. Reorder sends it after the next one, or after Delay
	// (0: a second) if there is none.
	Double  bool `json:"double,omitempty"`
	Reorder bool `json:"reorder,omitempty"`
	// Pending is how many times a task is reported as pending before it is reported as done.
	Pending int `json:"pending,omitempty"`
}

// Duration is a time.Duration that in JSON may also be a string such as "2s".
type Duration time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var s string
	if json.Unmarshal(text, &s) != nil {
		return json.Unmarshal(text, (*int64)(d))
	}
	parsed, err := time.ParseDuration(s)
	*d = Duration(parsed)
	return err
}

// maxDelay keeps a mistake from holding a connection forever.
const maxDelay = 10 * time.Minute

func (f Fault) check() error {
	switch _, err := path.Match(f.Path, "/"); {
	case err != nil:
		return fmt.Errorf("the fault's path %q isn't a pattern: %w", f.Path, err)
	case f.Webhook == "" && (f.Double || f.Reorder):
		return errors.New("double and reorder need a webhook")
	case f.Webhook != "" && !patternOK(f.Webhook):
		return fmt.Errorf("the fault's webhook %q isn't a pattern", f.Webhook)
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return errors.New("a fault's status must be between 400 and 599")
	case f.Delay < 0 || time.Duration(f.Delay) > maxDelay:
		return fmt.Errorf("a fault's delay must be at most %s", maxDelay)
	case f.Skip < 0 || f.Times < 0 || f.Cut < 0 || f.Pending < 0 || f.RetryAfter < 0:
		return errors.New("a fault's numbers must not be negative")
	}
	return nil
}

func patternOK(pattern string) bool {
	_, err := path.Match(pattern, "")
	return err == nil
}

func (f Fault) strikes(r *http.Request) bool {
	if f.Webhook != "" {
		return false
	}
	matched, _ := path.Match(f.Path, r.URL.Path) // Fail checked the pattern
	return (f.Method == "" || strings.EqualFold(f.Method, r.Method)) && (f.Path == "" || matched)
}

// faults are the active faults.
type faults struct {
	mu      sync.Mutex
	list    []*Fault
	kept    map[string][]string // by task: cids that a fault excluded from a deletion
	pending map[string]int      // by task: how many more times to report it as pending
}

// Fail activates a fault. If several faults match a request, only the first applies.
func (e *Emulator) Fail(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = append(e.faults.list, &f)
	return nil
}

// Faults returns the active faults with their remaining Skip and Times.
func (e *Emulator) Faults() []Fault {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	list := make([]Fault, len(e.faults.list))
	for i, f := range e.faults.list {
		list[i] = *f
	}
	return list
}

// ClearFaults removes all faults.
func (e *Emulator) ClearFaults() { e.faults.clear() }

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list, f.kept, f.pending = nil, map[string][]string{}, map[string]int{}
}

// strike returns the fault that applies to a request, the zero Fault if there is none.
func (f *faults) strike(r *http.Request) Fault {
	return f.first(func(one *Fault) bool { return one.strikes(r) })
}

// first returns the first fault that strikes, and counts the strike.
func (f *faults) first(strikes func(*Fault) bool) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, one := range f.list {
		if !strikes(one) {
			continue
		}
		if one.Skip > 0 {
			one.Skip--
			continue
		}
		struck := *one
		if one.Times == 1 {
			f.list = slices.Delete(f.list, i, i+1)
		} else if one.Times > 1 {
			one.Times--
		}
		return struck
	}
	return Fault{}
}

// serve answers a request of Stream's API with the fault that applies to it.
func (e *Emulator) serve(w http.ResponseWriter, r *http.Request) {
	fault := e.faults.strike(r)
	if !wait(r, time.Duration(fault.Delay)) {
		return
	}
	if !fault.After && fault.instead(w, e, r) {
		return
	}
	fault.takeOut(r)
	done := newAnswer()
	e.world.api.ServeHTTP(done, r)
	e.world.hosted.show(r, done)
	e.faults.noteTask(fault, done)
	e.faults.showTask(r, done)
	if fault.After && fault.instead(w, e, r) {
		return
	}
	e.requests.note(r, done.status)
	showLimits(done.header)
	done.send(w, fault.Cut)
}

// limit is the number of calls a minute that the emulator announces, so that clients that obey it
// don't wait. It isn't enforced; a fault can answer 429.
const limit = 1_000_000

func showLimits(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit-1))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10))
}

// instead answers the request if the fault drops it or has a status, and reports whether it did.
func (f Fault) instead(w http.ResponseWriter, e *Emulator, r *http.Request) bool {
	switch {
	case f.Drop:
		e.requests.note(r, 0)
		hangUp()
	case f.Status != 0:
		e.requests.note(r, f.Status)
		f.refuse(w)
	default:
		return false
	}
	return true
}

// codes are Stream's usual codes for a status.
var codes = map[int]int{400: 4, 401: 5, 403: 17, 404: 16, 408: 23, 413: 22, 429: 9}

func (f Fault) refuse(w http.ResponseWriter) {
	code := f.Code
	if code == 0 {
		code = -1
		if usual, ok := codes[f.Status]; ok {
			code = usual
		}
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	reply(w, f.Status, map[string]any{
		"code": code, "message": "this failure was asked for", "StatusCode": f.Status, "duration": "0.00ms", "more_info": "", "details": []int{},
	})
}

// wait waits, and reports whether the caller is still connected.
func wait(r *http.Request, d time.Duration) bool {
	if d == 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

// takeOut removes the cids in Keep from the request of a deletion.
func (f Fault) takeOut(r *http.Request) {
	if len(f.Keep) == 0 {
		return
	}
	text, err := io.ReadAll(r.Body)
	var req map[string]any
	if err == nil && json.Unmarshal(text, &req) == nil {
		if cids, ok := req["cids"].([]any); ok {
			req["cids"] = slices.DeleteFunc(cids, func(cid any) bool {
				s, ok := cid.(string)
				return ok && slices.Contains(f.Keep, s)
			})
			text, _ = json.Marshal(req) // it was decoded from JSON
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
}

// noteTask stores the fault's effects on the task that an answer names.
func (f *faults) noteTask(fault Fault, done *answer) {
	if len(fault.Keep) == 0 && fault.Pending == 0 {
		return
	}
	var named struct {
		TaskID string `json:"task_id"`
	}
	if json.Unmarshal(done.body.Bytes(), &named) != nil || named.TaskID == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept[named.TaskID], f.pending[named.TaskID] = fault.Keep, fault.Pending
}

// showTask applies the stored effects to the answer about a task.
func (f *faults) showTask(r *http.Request, done *answer) {
	id, isTask := strings.CutPrefix(r.URL.Path, "/api/v2/tasks/")
	if !isTask || done.status != http.StatusOK {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, pending := f.kept[id], f.pending[id]
	if len(kept) == 0 && pending == 0 {
		return
	}
	var task map[string]any
	if json.Unmarshal(done.body.Bytes(), &task) != nil {
		return
	}
	if pending > 0 {
		f.pending[id]--
		task["status"] = "pending"
		delete(task, "result")
	} else if result, ok := task["result"].(map[string]any); ok {
		for _, cid := range kept {
			result[cid] = map[string]any{"status": "error", "error": "this failure was asked for"}
		}
	}
	done.body.Reset()
	_ = json.NewEncoder(&done.body).Encode(task) // it was decoded from JSON
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
