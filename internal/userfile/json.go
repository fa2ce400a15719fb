package userfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// readJSON reads a list of objects. Fields other than id, name and role are ignored.
func (r *reader) readJSON(text string) error {
	p := place{text: text, line: 1}
	var all []json.RawMessage
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return p.fault(err)
	}
	from := strings.IndexByte(text, '[') + 1
	for _, object := range all {
		from += len(text[from:]) - len(strings.TrimLeft(text[from:], " \t\r\n,"))
		if err := r.add(recordOf(object, p.lineAt(from))); err != nil {
			return err
		}
		from += len(object)
	}
	return nil
}

func recordOf(object json.RawMessage, line int) record {
	in := record{line: line}
	var u struct {
		ID, Name, Role *string
	}
	err := json.Unmarshal(object, &u)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		in.fault = &Fault{Line: line, Field: strings.ToLower(wrong.Field), Reason: NotAText, Message: `Want an object with "id", "name" and "role", each a text.`}
	} else if !chat.WellFormed(object) {
		in.fault = &Fault{Line: line, Reason: Unreadable, Message: "There is half a character in it (a lone surrogate)."}
	}
	for f, text := range []*string{u.ID, u.Name, u.Role} {
		if text != nil {
			in.fields[f] = *text
		}
	}
	return in
}

// place finds the lines of offsets in a text, in ascending order.
type place struct {
	text string
	done int
	line int
}

// lineAt returns the line of an offset, from 1.
func (p *place) lineAt(offset int) int {
	if offset > p.done {
		p.line += lines(p.text[p.done:offset])
		p.done = offset
	}
	return p.line
}

// columnAt returns the position of an offset within its line in characters, from 1.
func (p *place) columnAt(offset int) int {
	return utf8.RuneCountInString(p.text[strings.LastIndexAny(p.text[:offset], "\r\n")+1:offset]) + 1
}

func (p *place) fault(err error) *Fault {
	offset := len(p.text)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && int(syntax.Offset) < len(p.text) {
		offset = int(syntax.Offset) - 1
	}
	return &Fault{Line: p.lineAt(offset), Column: p.columnAt(offset), Reason: BadJSON, Message: fmt.Sprintf(`Want a JSON list of objects with "id", "name" and "role": %s.`, err)}
}
