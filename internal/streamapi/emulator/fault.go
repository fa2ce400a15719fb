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

// Fault is something that goes wrong with requests. What it does not say does not
// go wrong.
type Fault struct {
	// Which requests: those of this method, "" for any, and of a path that matches
	// this pattern of path.Match, e.g. "/api/v2/chat/channels/*/*/message", "" for any.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	// Webhook has the fault strike calls of webhooks instead of requests: those of events
	// whose type matches this pattern of path.Match, e.g. "message.*". Of what goes wrong
	// they know Drop, which is never sent, Delay, which others overtake, Double and Reorder.
	Webhook string `json:"webhook,omitempty"`
	// Skip lets so many of them pass before, Times is how many it strikes, 0 for all.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`

	// Delay is waited before anything is done, in nanoseconds in JSON, or as a text
	// such as "1.5s".
	Delay Duration `json:"delay,omitempty"`
	// Status is answered, with Stream's Code for it (0: the usual one of the status),
	// and RetryAfter, in seconds, where it isn't 0.
	Status     int `json:"status,omitempty"`
	Code       int `json:"code,omitempty"`
	RetryAfter int `json:"retry_after,omitempty"`
	// Drop cuts the connection instead of answering.
	Drop bool `json:"drop,omitempty"`
	// After has Status and Drop come after the request's work is done, so that only
	// the answer is lost.
	After bool `json:"after,omitempty"`
	// Cut sends so many bytes of the answer and cuts the connection then.
	Cut int `json:"cut,omitempty"`
	// Keep has a deletion of many channels fail for these cids: they stay, and the
	// task's result says so.
	Keep []string `json:"keep,omitempty"`
	// Double has a webhook's call sent twice, Reorder after the next one, or a second later
	// if none comes.
	Double  bool `json:"double,omitempty"`
	Reorder bool `json:"reorder,omitempty"`
	// Pending has a task be asked for so many times before it shows that it is done.
	Pending int `json:"pending,omitempty"`
}

// Duration is a time.Duration that JSON may also write as a text such as "2s".
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

// maxDelay keeps a mistake from holding a connection for ever.
const maxDelay = 10 * time.Minute

func (f Fault) check() error {
	switch _, err := path.Match(f.Path, "/"); {
	case err != nil:
		return fmt.Errorf("the fault's path %q is no pattern: %w", f.Path, err)
	case f.Webhook == "" && (f.Double || f.Reorder):
		return errors.New("double and reorder are for a webhook: say which")
	case f.Webhook != "" && !patternOK(f.Webhook):
		return fmt.Errorf("the fault's webhook %q is no pattern", f.Webhook)
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return errors.New("a fault's status is between 400 and 599")
	case f.Delay < 0 || time.Duration(f.Delay) > maxDelay:
		return fmt.Errorf("a fault's delay is at most %s", maxDelay)
	case f.Skip < 0 || f.Times < 0 || f.Cut < 0 || f.Pending < 0 || f.RetryAfter < 0:
		return errors.New("a fault's numbers are not negative")
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
	matched, _ := path.Match(f.Path, r.URL.Path) // checked when it was added
	return (f.Method == "" || strings.EqualFold(f.Method, r.Method)) && (f.Path == "" || matched)
}

// faults are those switched on.
type faults struct {
	mu      sync.Mutex
	list    []*Fault
	kept    map[string][]string // by task: cids that a fault kept
	pending map[string]int      // by task: how often it still is pending
}

// Fail switches a fault on. The first that strikes a request is the one that
// happens to it.
func (e *Emulator) Fail(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = append(e.faults.list, &f)
	return nil
}

// Faults returns the faults that are on, with what is left of them.
func (e *Emulator) Faults() []Fault {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	list := make([]Fault, len(e.faults.list))
	for i, f := range e.faults.list {
		list[i] = *f
	}
	return list
}

// ClearFaults switches all faults off.
func (e *Emulator) ClearFaults() { e.faults.clear() }

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list, f.kept, f.pending = nil, map[string][]string{}, map[string]int{}
}

// strike returns the fault that happens to a request, the zero Fault for none.
func (f *faults) strike(r *http.Request) Fault {
	return f.first(func(one *Fault) bool { return one.strikes(r) })
}

// first returns the first fault that strikes, and counts that.
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

// serve answers a request of Stream's API, with the fault that happens to it.
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
	e.world.aside.show(r, done)
	e.faults.noteTask(fault, done)
	e.faults.showTask(r, done)
	if fault.After && fault.instead(w, e, r) {
		return
	}
	e.requests.note(r, done.status)
	showLimits(done.header)
	done.send(w, fault.Cut)
}

// limit is how many calls a minute an emulator says that it takes, so that clients
// which heed it don't wait. Nobody is held to it; a fault answers 429.
const limit = 1_000_000

func showLimits(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit-1))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10))
}

// instead answers as the fault says, if it says anything.
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

// codes are Stream's usual ones for a status.
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

// wait waits, and reports whether the caller did too.
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

// takeOut removes the cids that are to be kept from a deletion's request.
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
			text, _ = json.Marshal(req) // it was JSON
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
}

// noteTask remembers what a fault wants of the task that an answer names.
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

// showTask changes a task's answer to what a fault wants.
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
	_ = json.NewEncoder(&done.body).Encode(task) // it was JSON
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
