package transport

import (
	"sync"

	// simplelru is golang-lru without its lock: ours guards the room as well.
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	cachedDocuments    = 1_000
	cachedDocumentSize = 16 << 10 // bytes of text; longer documents are not kept
	cachedNodes        = 100_000  // of all documents together; about 25 MB
)

// documentCache keeps documents that passed parsing, limits and validation, by
// their text. It is bounded by number and by memory: a short text can make a
// large tree.
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
