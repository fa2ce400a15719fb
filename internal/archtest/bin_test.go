package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// withoutChannel are the functions, constants and variables whose SQL reads what is in channels
// (messages, members, reactions, flags, …) without the table of channels, and why they may. The rows
// of a deleted channel stay, so a query that isn't listed here must exclude them by joining the
// table of channels.
var withoutChannel = map[string]string{
	"Participants":       byNumber,
	"MarkRead":           byNumber,
	"Restrictions":       byNumber,
	"Restriction":        byNumber,
	"liftRestriction":    byNumber,
	"searchableChannels": byNumber,
	"Truncate":           byNumber,
	"begun":              byNumber,
	"AppendMessage":      byMessage,
	"setMessage":         byMessage,
	"forget":             byMessage,
	"fillMemberRoles":    byMessage,
	"fillReplies":        byMessage,
	"fillHidden":         byMessage,
	"KeepVersion":        byMessage,
	"AddReaction":        byMessage,
	"SetReaction":        byMessage,
	"RemoveReaction":     byMessage,
	"reactionsText":      byMessage,
	"otherTypesText":     byMessage,
	"searchableMessages": byMessage,
	"lastVersion":        byMessage,
	"DropLastVersion":    byMessage,
	"MessageColumns":     byMessage,
	"fillReactions":      byMessage,
	"fillOwnReactions":   byMessage,
	"SearchReactions":    byMessage,
	"FlagItem":           byMessage,
	"SetThread":          byMessage,
	"followed":           "undo looks for the message's channel first",
	"searchableThreads":  byMessage,
	"SearchThreads":      byMessage,
	"restrictionsText":   inAll,
	"AddRestrictions":    inAll,
	"searchableUsers":    inAll,
	"HasMessage":         "an id in the bin is taken, since its message can come back",
	"MessageIDsBy":       "its caller reads each message with its channel",
	"StartErasing":       "counts what is in the bin",
	"entriesOfLogs":      "the bin is checked, too",
	"counters":           "the bin is checked, too",
	"belongings":         "the bin is checked, too",
	"ForgetUser":         "erasing a person reaches into the bin",
	"DropUser":           "erasing a person reaches into the bin",
}

const (
	byNumber  = "by the number of a channel that was asked of channels"
	byMessage = "by the id of a message that was read with its channel"
	inAll     = "only what holds in all channels"
)

var (
	reaches = regexp.MustCompile(`(?i)\b(FROM|JOIN|UPDATE)\s+(messages|members|restrictions|reactions|flags|threads|hidden_messages|message_versions|channel_settings)\b`)
	named   = regexp.MustCompile(`\bchannels\b|MessageTables|\bbin\b`)
)

func TestQueriesThatReachTheBin(t *testing.T) {
	onlyListed(t, withoutChannel, "reaches what may be in the bin: name channels in it, or say in withoutChannel why not",
		func(text string) bool { return reaches.MatchString(text) && !named.MatchString(text) })
}

// onlyListed checks that SQL of a kind is in the listed declarations and nowhere else.
func onlyListed(t *testing.T, listed map[string]string, complaint string, of func(text string) bool) {
	t.Helper()
	found := map[string]bool{}
	for _, folder := range holdsSQL {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			queriesOf(t, file, func(decl, text string) {
				if !of(text) {
					return
				}
				found[decl] = true
				if _, known := listed[decl]; !known {
					t.Errorf("%s: %s %s", file, decl, complaint)
				}
			})
		}
	}
	for decl := range listed {
		if !found[decl] {
			t.Errorf("%s has no such query any more", decl)
		}
	}
}

// queriesOf returns the text of each declaration of a file that contains SQL.
func queriesOf(t *testing.T, file string, show func(decl, text string)) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit, *ast.BinaryExpr:
					text := joinedText(n.(ast.Expr))
					show(d.Name.Name, text)
					return text == ""
				}
				return true
			})
		case *ast.GenDecl:
			for _, s := range d.Specs {
				v, ok := s.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, value := range v.Values {
					if text := joinedText(value); text != "" {
						show(v.Names[i].Name, text)
					}
				}
			}
		}
	}
}

// joinedText is a text put together from literals and names, "" for any other expression.
func joinedText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return e.Value
		}
	case *ast.Ident:
		return " " + e.Name + " "
	case *ast.SelectorExpr:
		return " " + e.Sel.Name + " "
	case *ast.CallExpr:
		return " ? "
	case *ast.ParenExpr:
		return joinedText(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			if x, y := joinedText(e.X), joinedText(e.Y); x != "" && y != "" {
				return x + y
			}
		}
	}
	return ""
}
