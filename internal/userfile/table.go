package userfile

import (
	"fmt"
	"strings"
)

// table splits a text into rows of cells. encoding/csv isn't sufficient: spreadsheets and people
// also write line ends of CR alone, spaces around quotation marks, and quotation marks within cells
// that don't start with one; and a malformed row must not end the reading.
type table struct {
	text      string
	at        int // the next byte
	line      int // its line, from 1
	separator byte
}

// tableRow is a row that isn't empty.
type tableRow struct {
	line  int
	cells []string
	fault *Fault // nil if the row is well-formed
}

// newTable determines the separator: the one that a first line such as "sep=;" names, or the most
// frequent one outside quotation marks in the first line that isn't empty.
func newTable(text string) *table {
	t := &table{text: text, line: 1, separator: ','}
	first := strings.TrimLeft(text, " \t\r\n")
	first = first[:lineEnd(first)]
	if named := strings.ToLower(strings.Trim(first, ` "`)); strings.HasPrefix(named, "sep=") && len(named) == len("sep=")+1 || strings.EqualFold(first, "sep=\t") {
		t.separator = named[len(named)-1]
		if strings.EqualFold(first, "sep=\t") {
			t.separator = '\t'
		}
		t.at = strings.Index(text, first) + len(first)
		t.line += lines(text[:t.at])
		t.endLine()
		return t
	}
	outside := outsideQuotes(first)
	most := 0
	for _, each := range []byte{',', ';', '\t'} {
		if n := strings.Count(outside, string(each)); n > most {
			most, t.separator = n, each
		}
	}
	return t
}

// lineEnd returns the end of the first line of a text.
func lineEnd(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// lines counts the line ends of a text: CR, LF or both.
func lines(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

func outsideQuotes(line string) string {
	var b strings.Builder
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// next returns the next row that isn't empty.
func (t *table) next() (tableRow, bool) {
	for t.at < len(t.text) {
		if row := t.row(); row.fault != nil || !blank(row.cells) {
			return row, true
		}
	}
	return tableRow{}, false
}

func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

func (t *table) row() (row tableRow) {
	row.line = t.line
	for {
		cell, wrong := t.cell()
		column := len(row.cells) + 1
		if wrong != "" && row.fault == nil {
			row.fault = &Fault{Line: row.line, Column: column, Reason: BadQuotes, Value: short(cell, 60), Message: wrong}
		}
		if len(row.cells) < maxColumns {
			row.cells = append(row.cells, cell)
		} else if row.fault == nil {
			row.fault = &Fault{Line: row.line, Column: column, Reason: TooManyCells, Message: fmt.Sprintf("The row has more than %d cells.", maxColumns)}
		}
		if t.at == len(t.text) || t.text[t.at] != t.separator {
			t.endLine()
			return row
		}
		t.at++
	}
}

// endLine skips a line end.
func (t *table) endLine() {
	if t.at == len(t.text) {
		return
	}
	if strings.HasPrefix(t.text[t.at:], "\r\n") {
		t.at++
	}
	t.at++
	t.line++
}

// cell reads up to the separator or the line end. wrong describes what is wrong with the quotation
// marks.
func (t *table) cell() (cell, wrong string) {
	rest := t.text[t.at:]
	if quoted := strings.TrimLeft(rest, " "); strings.HasPrefix(quoted, `"`) {
		t.at += len(rest) - len(quoted) + 1
		return t.quoted()
	}
	end := t.end(rest)
	t.at += end
	return rest[:end], ""
}

// end returns the end of a cell without quotation marks.
func (t *table) end(rest string) int {
	for i := range len(rest) {
		if c := rest[i]; c == t.separator || c == '\n' || c == '\r' {
			return i
		}
	}
	return len(rest)
}

// quoted reads a cell after its opening quotation mark.
func (t *table) quoted() (cell, wrong string) {
	rest := t.text[t.at:]
	end := 0
	for {
		i := strings.IndexByte(rest[end:], '"')
		if i < 0 {
			t.at = len(t.text)
			t.line += lines(rest)
			return rest[:lineEnd(rest)], "The quotation mark before this cell has no partner; what follows it in the file could not be read."
		}
		if end += i; !strings.HasPrefix(rest[end:], `""`) {
			break
		}
		end += 2
	}
	cell = strings.ReplaceAll(rest[:end], `""`, `"`)
	t.line += lines(cell)
	t.at += end + 1
	after := t.text[t.at:]
	stop := t.end(after)
	t.at += stop
	if strings.Trim(after[:stop], " ") != "" {
		wrong = "There is text after the closing quotation mark. A quotation mark within a cell is written twice."
	}
	return cell, wrong
}
