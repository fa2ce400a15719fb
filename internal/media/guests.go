package media

import "sync"

// guests counts the uploads under way.
type guests struct {
	perUser, total int

	mu    sync.Mutex
	all   int
	users map[string]int
}

// admit lets an upload in, unless there are too many; leave must be called after. The
// user "" may have as many as there can be.
func (g *guests) admit(user string) (leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= g.total || user != "" && g.users[user] >= g.perUser {
		return nil, false
	}
	if g.users == nil {
		g.users = map[string]int{}
	}
	g.all++
	g.users[user]++
	return func() { g.leave(user) }, true
}

func (g *guests) leave(user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.users[user]--; g.users[user] == 0 {
		delete(g.users, user)
	}
}
