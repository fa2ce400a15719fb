package graph_test

import (
	"fmt"
	"testing"

	"backchannel/internal/apitest"
)

// undo and eraseNow are about what a deletion left, and leave a record like others.
func TestBinThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	deleted := made(s, `deleteChannels(input:{cids:["livestream:news"],reason:"wrong one"})`)
	entry := bin(s)[0]
	if entry["cid"] != "livestream:news" || entry["name"] != "News" || entry["deletedBy"] != "alice" || entry["change"] != deleted {
		t.Fatalf("the bin has %v", entry)
	}
	made(s, `createOrUpdateChannel(input:{id:"news",name:"Taken"})`)
	undo := func(more string) string {
		return fmt.Sprintf(`undo(input:{change:%q%s}){change{operation undoes reason}}`, deleted, more)
	}
	if got := s.Ask("mutation{"+undo("")+"}", nil); len(got.Errors) != 1 || got.Errors[0].Code() != "CONFLICT" || got.Errors[0].Field() != "input.onConflict" {
		t.Errorf("a taken cid is %s", got.Text)
	}
	back := made(s, undo(`,onConflict:RENAME,reason:"sorry",cids:["livestream:news"]`))
	c := s.MustAsk(fmt.Sprintf(`{was:change(id:%q){undoneBy canUndo} is:change(id:%q){operation undoes reason by canUndo targets{cid}}}`, deleted, back), nil)
	if was, is := c["was"].(map[string]any), c["is"].(map[string]any); was["undoneBy"] != back || was["canUndo"] != false || is["undoes"] != deleted ||
		is["operation"] != "undo" || is["reason"] != "sorry" || is["by"] != "alice" || fmt.Sprint(is["targets"]) != "[map[cid:livestream:news-2]]" {
		t.Errorf("the records are %v", c)
	}
	made(s, `deleteChannels(input:{cids:["livestream:news-2"]})`)
	id := bin(s)[0]["id"]
	erase := fmt.Sprintf(`eraseNow(input:{id:%q,name:"News"}){messages members reactions versions restrictions}`, id)
	made(s, erase)
	if left := bin(s); len(left) != 0 {
		t.Errorf("the bin has %v", left)
	}
	for _, row := range []struct{ mutation, code string }{
		{erase, "NOT_FOUND"},
		{`eraseNow(input:{id:"x",name:"News"}){messages}`, "INVALID_ARGUMENTS"},
		{`undo(input:{change:"none"}){change{id}}`, "NOT_FOUND"},
		{fmt.Sprintf(`undo(input:{change:%q}){change{id}}`, back), "INVALID_ARGUMENTS"},
	} {
		if got := s.Ask("mutation{"+row.mutation+"}", nil); len(got.Errors) != 1 || got.Errors[0].Code() != row.code {
			t.Errorf("%s: %s", row.mutation, got.Text)
		}
	}
}

// made runs a mutation that leaves one record, and returns the record's id.
func made(s *apitest.Server, mutation string) string {
	s.Helper()
	got := s.Ask("mutation{"+mutation+"}", nil)
	if len(got.Errors) > 0 || len(got.Extensions.Changes) != 1 {
		s.Fatalf("%s answered %s", mutation, got.Text)
	}
	return got.Extensions.Changes[0].ID
}

func bin(s *apitest.Server) (list []map[string]any) {
	s.Helper()
	data := s.MustAsk(`{bin(search:"new"){nodes{id cid name avatar messageCount memberCount deletedBy deletedAt change erasedAt}}}`, nil)
	for _, b := range data["bin"].(map[string]any)["nodes"].([]any) {
		list = append(list, b.(map[string]any))
	}
	return list
}
