package userfile

import (
	"fmt"
	"slices"
	"strings"

	"backchannel/internal/fold"
)

// maxColumns is the maximum number of cells in a row. Wider tables aren't lists of users.
const maxColumns = 1_000

// headings are names of columns, folded and without spaces and the like. If the first line contains
// one of them it is a header, even if required columns are missing, and must not be read as a user.
var headings = strings.Fields("id name role userid username fullname displayname firstname lastname email mail uid customerid")

// order are the columns of a list without a header.
var order = map[int]field{0: fieldID, 1: fieldName, 2: fieldRole}

func (r *reader) readCSV(text string) error {
	rows := newTable(text)
	first, ok := rows.next()
	if !ok {
		return nil // no users
	}
	columns, known := order, len(order)
	header := slices.ContainsFunc(first.cells, func(cell string) bool { return slices.Contains(headings, heading(cell)) })
	switch {
	case header:
		var err error
		if columns, err = columnsOf(first); err != nil {
			return err
		}
		known = len(first.cells)
	case len(first.cells) == 1:
		return &Fault{Line: first.line, Reason: NoSeparator, Value: short(first.cells[0], 60), Message: "The columns can't be told apart: put commas, semicolons or tabs between them."}
	default:
		r.list.Headless = true
		if err := r.add(first.record(columns, known)); err != nil {
			return err
		}
	}
	for row, ok := rows.next(); ok; row, ok = rows.next() {
		if err := r.add(row.record(columns, known)); err != nil {
			return err
		}
	}
	return nil
}

func heading(cell string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(fold.Text(cell))
}

// columnsOf reads a header. Unknown columns are ignored.
func columnsOf(header tableRow) (map[int]field, error) {
	columns := map[int]field{}
	for i, cell := range header.cells {
		f := slices.Index(fieldNames[:], fold.Text(strings.TrimSpace(cell)))
		if f < 0 {
			continue
		}
		for _, other := range columns {
			if other == field(f) {
				return nil, &Fault{Line: header.line, Column: i + 1, Field: other.String(), Reason: ColumnTwice, Value: short(cell, 60), Message: fmt.Sprintf("The header has the column %q twice.", fieldNames[f])}
			}
		}
		columns[i] = field(f)
	}
	for f, reason := range []string{fieldID: HeaderWithoutID, fieldName: HeaderWithoutName} {
		f := field(f)
		if !slices.ContainsFunc(header.cells, func(cell string) bool { return fold.Text(strings.TrimSpace(cell)) == f.String() }) {
			found := short(strings.Join(header.cells, ", "), 60)
			return nil, &Fault{Line: header.line, Reason: reason, Value: found, Message: fmt.Sprintf("The header (%s) has no column %q. It needs \"id\" and \"name\"; \"role\" may be there too.", found, f)}
		}
	}
	return columns, nil
}

// record returns the cells of the known columns. known is the number of columns in the table.
func (row tableRow) record(columns map[int]field, known int) record {
	in := record{line: row.line, fault: row.fault}
	for i, f := range columns {
		in.columns[f] = i + 1
		if i < len(row.cells) {
			in.fields[f] = row.cells[i]
		}
	}
	for i := known; i < len(row.cells) && in.fault == nil; i++ {
		if cell := strings.TrimSpace(row.cells[i]); cell != "" {
			in.fault = &Fault{Line: row.line, Column: i + 1, Reason: TooManyCells, Value: short(cell, 60),
				Message: fmt.Sprintf("The row has more cells than the %d columns there are. A name with the separator in it needs quotation marks.", known)}
		}
	}
	return in
}
