package transport

import (
	"strconv"
	"strings"
	"testing"
)

func TestDocumentCacheIsBounded(t *testing.T) {
	c := newDocumentCache()
	if c.put(strings.Repeat(" ", cachedDocumentSize+1), &document{}); c.lru.Len() != 0 {
		t.Error("a long document is kept")
	}
	for i := range 3 * cachedDocuments {
		c.put(strconv.Itoa(i), &document{counts: counts{nodes: 1}})
	}
	if c.lru.Len() != cachedDocuments || c.room != cachedNodes-cachedDocuments {
		t.Errorf("%d documents are kept, with room for %d nodes", c.lru.Len(), c.room)
	}
	for i := range 50 {
		c.put("large"+strconv.Itoa(i), &document{counts: counts{nodes: cachedNodes / 3}})
	}
	if c.lru.Len() != 3 || c.room != cachedNodes-3*(cachedNodes/3) {
		t.Errorf("%d documents are kept, with room for %d nodes", c.lru.Len(), c.room)
	}
	if _, ok := c.get("large49"); !ok {
		t.Error("the newest document is gone")
	}
}
