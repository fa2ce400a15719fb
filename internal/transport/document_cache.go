package transport

import (
	"sync"

	// simplelru is golang-lru without its lock: our own lock guards the room too.
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	cachedDocuments    = 1_000
	cachedDocumentSize = 16 << 10 // bytes of text; longer documents aren't cached
	cachedNodes        = 100_000  // of all documents in total; about 25 MB
)

// documentCache holds documents that have passed limits and validation, by their text. Its size is
// bounded by number and by memory, since a short text can produce a large tree.
type documentCache struct {
	mu   sync.Mutex
	lru  *simplelru.LRU[string, *document]
	room int // nodes that still fit
}

func newDocumentCache() *documentCache {
	c := &documentCache{room: cachedNodes}
	c.lru, _ = simplelru.NewLRU(cachedDocuments, func(_ string, d *document) { c.room += d.nodes })
	return c
}

func (c *documentCache) get(text string) (*document, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Get(text)
}

func (c *documentCache) put(text string, d *document) {
	if len(text) > cachedDocumentSize || d.nodes > cachedNodes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(text) {
		return
	}
	c.lru.Add(text, d)
	for c.room -= d.nodes; c.room < 0; {
		c.lru.RemoveOldest()
	}
}
