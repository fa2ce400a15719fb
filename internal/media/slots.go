package media

import "sync"

// slots counts the uploads under way.
type slots struct {
	perUser, total int // how many there may be

	mu    sync.Mutex
	all   int
	users map[string]int
}

// take lets an upload in, unless there are too many; leave must be called after. The
// user "" may have as many as there can be.
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
