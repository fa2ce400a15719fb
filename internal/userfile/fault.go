package userfile

import "fmt"

// Why a file or a row is refused, beside the reasons of package chat. Callers say it in
// their users' language, so these words stay. docs/api.md lists them.
const (
	NoUsers           = "NO_USERS"
	NotText           = "NOT_TEXT"
	Workbook          = "WORKBOOK" // a spreadsheet's own format, not CSV
	UnknownEncoding   = "UNKNOWN_ENCODING"
	NoSeparator       = "NO_SEPARATOR" // the columns can't be told apart
	HeaderWithoutID   = "HEADER_WITHOUT_ID"
	HeaderWithoutName = "HEADER_WITHOUT_NAME"
	ColumnTwice       = "COLUMN_TWICE"
	TooManyRows       = "TOO_MANY_ROWS"
	BadJSON           = "BAD_JSON"
	BadQuotes         = "BAD_QUOTES"
	TooManyCells      = "TOO_MANY_CELLS"
	Unreadable        = "UNREADABLE" // a character that the encoding lacks
	NotAText          = "NOT_A_TEXT" // a JSON number, list or the like
	Twice             = "TWICE"
)

// Fault says what is wrong, and where.
type Fault struct {
	Line    int    `json:"line,omitempty"`   // from 1; 0 for the file as a whole
	Column  int    `json:"column,omitempty"` // in CSV the cell of the row, in JSON the character of the line; from 1, 0 if unknown
	Field   string `json:"field,omitempty"`  // id, name or role
	Reason  string `json:"reason"`
	Value   string `json:"value,omitempty"` // what is at fault, shortened
	Other   int    `json:"other,omitempty"` // of Twice: the line of the first
	Limit   int    `json:"limit,omitempty"` // that the reason speaks of
	Message string `json:"message"`
}

// Error gives the place and the message, e.g. "line 3, column 2 (name): The name must
// not be empty."
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
