package media

import "sync"

// slots limits the number of concurrent uploads.
type slots struct {
	perUser, total int // the limits

	mu    sync.Mutex
	all   int
	users map[string]int
}

// take reserves a slot for an upload, unless there are too many uploads; the caller must call leave
// afterwards. The user "" may use all slots.
func (s *slots) take(user string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= s.total || user != "" && s.users[user] >= s.perUser {
		return nil, false
	}
	if s.users == nil {
		s.users = map[string]int{}
	}
	s.all++
	s.users[user]++
	return func() { s.leave(user) }, true
}

func (s *slots) leave(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.users[user]--; s.users[user] == 0 {
		delete(s.users, user)
	}
}
