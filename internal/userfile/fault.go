package userfile

import "fmt"

// Reasons for refusing a file or a row, in addition to those of package chat. Callers translate
// them, so they must not change. docs/api.md lists them.
const (
	NoUsers           = "NO_USERS"
	NotText           = "NOT_TEXT"
	Workbook          = "WORKBOOK" // a spreadsheet's own format instead of CSV
	UnknownEncoding   = "UNKNOWN_ENCODING"
	NoSeparator       = "NO_SEPARATOR" // the columns can't be separated
	HeaderWithoutID   = "HEADER_WITHOUT_ID"
	HeaderWithoutName = "HEADER_WITHOUT_NAME"
	ColumnTwice       = "COLUMN_TWICE"
	TooManyRows       = "TOO_MANY_ROWS"
	BadJSON           = "BAD_JSON"
	BadQuotes         = "BAD_QUOTES"
	TooManyCells      = "TOO_MANY_CELLS"
	Unreadable        = "UNREADABLE" // a character that isn't valid in the encoding
	NotAText          = "NOT_A_TEXT" // a JSON number, list or the like
	Twice             = "TWICE"
)

// Fault says what is wrong and where.
type Fault struct {
	Line    int    `json:"line,omitempty"`   // from 1; 0 for the file as a whole
	Column  int    `json:"column,omitempty"` // in CSV the cell of the row, in JSON the character of the line; from 1, 0 if unknown
	Field   string `json:"field,omitempty"`  // id, name or role
	Reason  string `json:"reason"`
	Value   string `json:"value,omitempty"` // the invalid value, shortened
	Other   int    `json:"other,omitempty"` // for Twice: the line of the first occurrence
	Limit   int    `json:"limit,omitempty"` // the limit that the reason refers to
	Message string `json:"message"`
}

// Error returns the place and the message, e.g. "line 3, column 2 (name): The name must not be
// empty."
func (f *Fault) Error() string {
	var place string
	switch {
	case f.Line == 0:
		return f.Message
	case f.Column == 0:
		place = fmt.Sprintf("line %d", f.Line)
	default:
		place = fmt.Sprintf("line %d, column %d", f.Line, f.Column)
	}
	if f.Field != "" {
		place += " (" + f.Field + ")"
	}
	return place + ": " + f.Message
}
