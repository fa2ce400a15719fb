package userfile_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"backchannel/internal/userfile"
)

func in(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shown is a list as text: id, name and role of each row, or why it is refused.
func shown(l userfile.List) (rows []string) {
	for _, r := range l.Rows {
		if r.Fault != nil {
			rows = append(rows, fmt.Sprintf("%d %d %s", r.Line, r.Fault.Column, r.Fault.Reason))
			continue
		}
		rows = append(rows, strings.TrimRight(fmt.Sprintf("%d %s %s %s", r.Line, r.User.ID, r.User.Name, r.User.Role), " "))
	}
	return rows
}

func TestFilesAsProgramsSaveThem(t *testing.T) {
	t.Parallel()
	const rows = "%[2]sID%[2]s%[1]s%[2]sName%[2]s%[1]s%[2]sRole%[2]s%[3]sa1%[1]s%[2]sZoë Müller%[2]s%[1]sAdmin%[3]s" +
		"b2%[1]s\"Strauß, \"\"Bob\"\"\"%[1]s%[3]s"
	table := func(separator, quote, end string) string { return fmt.Sprintf(rows, separator, quote, end) }
	utf16 := unicode.UTF16
	for _, row := range []struct {
		by       string
		file     []byte
		encoding string
		guessed  bool
	}{
		{"Excel, CSV UTF-8", []byte("\ufeff" + table(",", "", "\r\n")), "utf-8", false},
		{"Excel in Germany, CSV UTF-8", []byte("\ufeff" + table(";", "", "\r\n")), "utf-8", false},
		{"Excel in Germany, CSV", in(t, charmap.Windows1252, table(";", "", "\r\n")), "windows-1252", true},
		{"Excel, CSV (Macintosh)", in(t, charmap.Macintosh, table(",", "", "\r")), "macintosh", true},
		{"Excel, CSV (MS-DOS)", in(t, charmap.CodePage850, table(";", "", "\r\n")), "ibm850", true},
		{"Excel, Unicode Text", in(t, utf16(unicode.LittleEndian, unicode.UseBOM), table("\t", "", "\r\n")), "utf-16le", false},
		{"UTF-16 the other way round", in(t, utf16(unicode.BigEndian, unicode.UseBOM), table("\t", "", "\n")), "utf-16be", false},
		{"UTF-16 without a mark", in(t, utf16(unicode.LittleEndian, unicode.IgnoreBOM), table(",", "", "\r\n")), "utf-16le", false},
		{"UTF-16 the other way round without a mark", in(t, utf16(unicode.BigEndian, unicode.IgnoreBOM), table(",", "", "\r\n")), "utf-16be", false},
		{"LibreOffice", []byte(table(",", "", "\n")), "utf-8", false},
		{"LibreOffice, all cells quoted", []byte(table(",", `"`, "\n")), "utf-8", false},
		{"Google Sheets", []byte(table(",", "", "\r\n")), "utf-8", false},
		{"a CRM, with the separator in the first line", []byte("sep=;\r\n" + table(";", `"`, "\r\n")), "utf-8", false},
		{"a CRM, with another separator in the first line", []byte("\ufeffsep=|\n" + table("|", `"`, "\n")), "utf-8", false},
		{"a CRM, with a tab in the first line", []byte("sep=\t\n" + table("\t", `"`, "\n")), "utf-8", false},
		{"a clipboard", []byte(table("\t", "", "\n")), "utf-8", false},
	} {
		t.Run(row.by, func(t *testing.T) {
			t.Parallel()
			list, err := userfile.Read(row.file, userfile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, u := range list.Users() {
				names = append(names, fmt.Sprint(u.ID, " ", u.Name, " ", u.Role))
			}
			if want := []string{"a1 Zoë Müller admin", `b2 Strauß, "Bob" `}; !slices.Equal(names, want) {
				t.Errorf("read %q, want %q; %v", names, want, list.Faults())
			}
			if list.Encoding != row.encoding || list.Guessed != row.guessed || list.Headless {
				t.Errorf("read as %s, guessed: %v, headless: %v", list.Encoding, list.Guessed, list.Headless)
			}
		})
	}
}

func TestCodePagesAreGuessedByHowNamesLook(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		languages string // of the reader
		encoding  encoding.Encoding
		want      string
		names     string
	}{
		{"", charmap.Windows1252, "windows-1252", "René;José Muñoz;Bjørn Åse;Øyvind Bjørnæs;François d’Été;Großmann;ÉLODIE LEFÈVRE"},
		{"de-AT", charmap.Windows1252, "windows-1252", "Jörg"},
		{"", charmap.Windows1252, "windows-1252", "Zoë “Zo” Brontë — 5 €"},
		{"", charmap.CodePage850, "ibm850", "René;José Muñoz;Jörg Großmann;Çelik"},
		{"en-US", charmap.Windows1251, "windows-1251", "Иван Петров;Ёлкина Мария"},
		{"ru", charmap.KOI8R, "koi8-r", "Иван Петров;Мария Щукина"},
		{"ru", charmap.CodePage866, "ibm866", "Иван Петров;Мария Щукина"},
		{"", charmap.Windows1253, "windows-1253", "Γιώργος Παπαδόπουλος;Ελένη"},
		{"", charmap.Windows1255, "windows-1255", "דוד כהן;שרה לוי"},
		{"", charmap.Windows1256, "windows-1256", "محمد علي;فاطمة حسن"},
		{"ar-EG", charmap.Windows1256, "windows-1256", "محمد"},
		{"cs-CZ", charmap.Windows1250, "windows-1250", "Dvořák;Němec;Černý;Šimůnek"},
		{"pl", charmap.Windows1250, "windows-1250", "Łukasz Wałęsa;Żółć"},
		{"tr-TR", charmap.Windows1254, "windows-1254", "Doğan Yılmaz;Şahin"},
		{"lt", charmap.Windows1257, "windows-1257", "Žemaitė;Čiurlionis;Ąžuolas"},
		{"th", charmap.Windows874, "windows-874", "สมชาย;สมหญิง"},
		{"ja", japanese.ShiftJIS, "shift_jis", "山田太郎;佐藤 花子"},
		{"ko-KR", korean.EUCKR, "euc-kr", "김철수;이영희"},
		{"zh-CN", simplifiedchinese.GB18030, "gb18030", "张伟;李娜;王芳"},
	} {
		t.Run(row.want+" for "+row.languages, func(t *testing.T) {
			t.Parallel()
			names := strings.Split(row.names, ";")
			var b strings.Builder
			b.WriteString("id,name\r\n")
			for i, name := range names {
				fmt.Fprintf(&b, "u%d,%s\r\n", i, name)
			}
			list, err := userfile.Read(in(t, row.encoding, b.String()), userfile.Options{Languages: []string{row.languages}})
			if err != nil {
				t.Fatal(err)
			}
			if list.Encoding != row.want || !list.Guessed || list.Example.User.Name == "" {
				t.Errorf("taken for %s: %q; guessed: %v, example %q", list.Encoding, shown(list), list.Guessed, list.Example.User.Name)
			}
			again, err := userfile.Read(in(t, row.encoding, b.String()), userfile.Options{Encoding: row.want})
			if err != nil || again.Guessed || again.Users()[0].Name != names[0] {
				t.Errorf("asked for %s, it reads %q, guessed: %v, %v", row.want, shown(again), again.Guessed, err)
			}
		})
	}
}

func TestEveryEncodingCanBeAskedFor(t *testing.T) {
	t.Parallel()
	for _, name := range userfile.Encodings() {
		text := []byte("id,name\nann,Ann\n")
		switch name {
		case "utf-16le":
			text = in(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), string(text))
		case "utf-16be":
			text = in(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), string(text))
		}
		list, err := userfile.Read(text, userfile.Options{Encoding: strings.ToUpper(name)})
		if err != nil || list.Encoding != name || list.Guessed || !slices.Equal(shown(list), []string{"2 ann Ann"}) {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, text string
		want       []string
	}{
		{"columns in any order and case", "ROLE, iD ,NAME\nmoderator,a1,Ann\n,b2,Bob\n", []string{"2 a1 Ann moderator", "3 b2 Bob"}},
		{"unknown columns are ignored", "id,email,name,,id2\na1,a@b,Ann,,7\n", []string{"2 a1 Ann"}},
		{"no header", "a1,Ann,ADMIN\nb2,Bob\n", []string{"1 a1 Ann admin", "2 b2 Bob"}},
		{"empty rows are ignored, and lines count them", "\n\nid,name\n\na1,Ann\n,\n ; \n  \nb2,Bob", []string{"5 a1 Ann", "7 0 x", "9 b2 Bob"}},
		{"line ends of CR alone", "id,name\r\ra1,Ann\rb2,Bob\r", []string{"3 a1 Ann", "4 b2 Bob"}},
		{"line ends of all kinds", "id,name\r\na1,Ann\rb2,Bob\nc3,Cid", []string{"2 a1 Ann", "3 b2 Bob", "4 c3 Cid"}},
		{"spaces and quotation marks", "id,name,role\n a1 ,\"Ann\", admin\n\"b2\" , \"Bob\" ,\n", []string{"2 a1 Ann admin", "3 b2 Bob"}},
		{"quotation marks within a cell", "id,name\na1,Joe \"The Boss\" Smith\nb2,5\"\n", []string{`2 a1 Joe "The Boss" Smith`, `3 b2 5"`}},
		{"line ends within a cell", "id,name\na1,\"Ann\r\nBerg\"\nb2,Bob\n", []string{"2 2 NAME_CONTROL", "4 b2 Bob"}},
		{"a formula is a name", "id,name\na1,=HYPERLINK(x)\n", []string{"2 a1 =HYPERLINK(x)"}},
		{"rows in error beside good ones", "id,name,role\n,Ann,\na b,Ann,\na1,,\na1,Ann,king\na1,Ann,,x\na1,Ann,user\na1,Anna,\n" + strings.Repeat("x", 256) + ",Ann,\nc1,\u202eAnn\nc2,\u200b\nc3," + strings.Repeat("é", 256),
			[]string{"2 1 NO_ID", "3 1 BAD_ID", "4 2 NAME_EMPTY", "5 3 BAD_ROLE", "6 4 TOO_MANY_CELLS", "7 a1 Ann user", "8 1 TWICE", "9 1 ID_TOO_LONG", "10 2 NAME_MISLEADING", "11 2 NAME_INVISIBLE", "12 2 NAME_TOO_LONG"}},
		{"text after a closing mark", "id,name\na1,\"Ann\" Berg\nb2,Bob\n", []string{"2 2 BAD_QUOTES", "3 b2 Bob"}},
		{"a mark without a partner", "id,name\na1,Ann\nb2,\"Bob\nc3,Cid\n", []string{"2 a1 Ann", "3 2 BAD_QUOTES"}},
		{"a byte that isn't UTF-8 in a file that is", "id,name\na1,Zoë\na2,Müller\na3,Škoda\na4,Łódź\nb2,Bj\xf6rn\n", []string{"2 a1 Zoë", "3 a2 Müller", "4 a3 Škoda", "5 a4 Łódź", "6 2 UNREADABLE"}},
		{"a letter that was lost before", "id,name\nb2,Bj\ufffdrn\n", []string{"2 2 UNREADABLE"}},
		{"JSON", "[\n {\"id\": \"a1\", \"name\": \"Ann\", \"role\": \"ADMIN\", \"more\": [1]},\n {\"id\": \"b2\", \"name\": \"Bob\", \"role\": null}\n]", []string{"2 a1 Ann admin", "3 b2 Bob"}},
		{"JSON rows in error beside good ones", "[{\"id\": 5},\n\"x\",\n{\"id\":\"c\",\"name\":\"\\ud83d\"}, null, {\"id\":\"d\",\"name\":\"Dan\"}\n]", []string{"1 0 NOT_A_TEXT", "2 0 NOT_A_TEXT", "3 0 UNREADABLE", "3 0 NO_ID", "3 d Dan"}},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			list, err := userfile.Read([]byte(row.text), userfile.Options{})
			got := shown(list)
			if row.what == "empty rows are ignored, and lines count them" {
				got, row.want = slices.Delete(got, 1, 2), slices.Delete(row.want, 1, 2) // the row of a semicolon isn't empty
			}
			if err != nil || !slices.Equal(got, row.want) {
				t.Errorf("got %q, %v, want %q", got, err, row.want)
			}
			if (row.what == "no header") != list.Headless {
				t.Errorf("headless: %v", list.Headless)
			}
		})
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, text, encoding, want string // as the error begins
		reason                     string
	}{
		{"nothing", "", "", "There is no user", userfile.NoUsers},
		{"a header alone", "id,name,role\n\n", "", "There is no user", userfile.NoUsers},
		{"an empty JSON list", "[]", "", "There is no user", userfile.NoUsers},
		{"a header without id", "\nemail,name,role\na,b,c", "", `line 2: The header (email, name, role) has no column "id"`, userfile.HeaderWithoutID},
		{"a header whose id has another name", "User_ID;Full Name\n1;Ann", "", `line 1: The header (User_ID, Full Name) has no column "id"`, userfile.HeaderWithoutID},
		{"a header of names alone", "name\nAnn", "", `line 1: The header (name) has no column "id"`, userfile.HeaderWithoutID},
		{"a header without name", "id,email\na,b", "", `line 1: The header (id, email) has no column "name"`, userfile.HeaderWithoutName},
		{"a header of ids alone", "id\na", "", `line 1: The header (id) has no column "name"`, userfile.HeaderWithoutName},
		{"a column twice", "id,name,ID\na,b,c", "", `line 1, column 3 (id): The header has the column "id" twice`, userfile.ColumnTwice},
		{"another separator", "id|name\na|Ann", "", "line 1: The columns can't be told apart", userfile.NoSeparator},
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00", "", "This is a workbook", userfile.Workbook},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1", "", "This is a workbook", userfile.Workbook},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "", "This is not a text", userfile.NotText},
		{"too many rows", "id,name\na,A\nb,B\nc,C\nd,D\n", "", "line 5: The list is too long: at most 3", userfile.TooManyRows},
		{"JSON that is none", "[\n{\"id\": \"a\",\n \"name\" \"Ann\"}]", "", "line 3, column 9: Want a JSON list", userfile.BadJSON},
		{"JSON cut off", "[{\"id\": \"a\", \"name\": \"Ann\"},\n", "", "line 2, column 1: Want a JSON list", userfile.BadJSON},
		{"something after the JSON list", "[{\"id\": \"a\", \"name\": \"Ann\"}]\n[]", "", "line 2, column 1: Want a JSON list", userfile.BadJSON},
		{"an encoding that isn't one", "id,name\na,A", "utf-7", `There is no encoding "utf-7" here. Use one of utf-8,`, userfile.UnknownEncoding},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			list, err := userfile.Read([]byte(row.text), userfile.Options{Encoding: row.encoding, MaxRows: 3})
			fault, ok := errors.AsType[*userfile.Fault](err)
			if !ok || fault.Reason != row.reason || !strings.HasPrefix(err.Error(), row.want) || list.Rows != nil {
				t.Errorf("got %v (%v), want %q", err, list.Rows, row.want)
			}
		})
	}
}

func TestFaultsNameTheirPlace(t *testing.T) {
	t.Parallel()
	list, err := userfile.Read([]byte("Name;Role;ID\nAnn;;a b\nBob;;b2\nBob;;b2\n"), userfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list.Faults() {
		got = append(got, f.Error())
	}
	if len(got) != 2 || !strings.HasPrefix(got[0], `line 2, column 3 (id): The id has the character " ". A user id is 1 to 255`) ||
		got[1] != "line 4, column 3 (id): The user b2 is in line 3 already." {
		t.Errorf("got %q", got)
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"id,name,role\na1,Ann,ADMIN\n", "sep=;\r\nid;name\r\na;\"B\"\"C\"\r\n", "\ufeffid\tname\ra\tB\r", `[{"id":"a","name":"A"}]`, "[{\"id\":\"a\",",
		"id,name\na,Bj\xf6rn\n", "\xff\xfei\x00d\x00,\x00n\x00", "a,\"b\nc", "PK\x03\x04", "sep=", "sep=\"\n", "\"sep=;\"\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		list, err := userfile.Read(file, userfile.Options{MaxRows: 100})
		if _, isFault := errors.AsType[*userfile.Fault](err); err != nil && !isFault {
			t.Fatalf("%v is no fault", err)
		}
		last := 0
		for _, row := range list.Rows {
			if row.Line < last || row.Fault != nil && (row.Fault.Reason == "" || row.Fault.Message == "" || row.Fault.Line != row.Line) {
				t.Errorf("row %+v after line %d", row, last)
			}
			last = row.Line
			if !utf8.ValidString(row.User.ID) || !utf8.ValidString(row.User.Name) {
				t.Errorf("%+v isn't UTF-8", row.User)
			}
		}
		if list.Encoding == "utf-8" && err == nil && last > strings.Count(string(file), "\n")+strings.Count(string(file), "\r")+1 {
			t.Errorf("line %d of %q", last, file)
		}
		asTheStandardReads(t, file, list)
	})
}

// asTheStandardReads compares good rows with those of encoding/csv, where that reads the
// file at all and takes it for the same table.
func asTheStandardReads(t *testing.T, file []byte, list userfile.List) {
	text := string(file)
	if list.Encoding != "utf-8" || list.Headless || !strings.HasPrefix(text, "id,name\n") || strings.ContainsAny(text, "\r;\t") {
		return
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return
	}
	want := map[string]string{}
	for _, r := range records[1:] {
		if id := strings.TrimSpace(r[0]); want[id] == "" {
			want[id] = strings.TrimSpace(r[1])
		}
	}
	for _, u := range list.Users() {
		if name, ok := want[u.ID]; !ok || name != u.Name {
			t.Errorf("%q: %q is %q, for encoding/csv %q", text, u.ID, u.Name, name)
		}
	}
}
