package chat_test

import (
	"testing"

	"backchannel/internal/chat"
)

func TestScheduleAcrossClockChanges(t *testing.T) {
	for _, tt := range []struct{ name, zone, local, utc string }{
		{"an ordinary time", "Europe/Berlin", "2026-12-01T08:00", "2026-12-01T07:00"},
		{"the evening before the clock goes forward", "Europe/Berlin", "2026-03-28T23:00", "2026-03-28T22:00"},
		{"a skipped time means the first valid one", "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"},
		{"the first skipped time", "Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"},
		{"the morning after it went forward", "Europe/Berlin", "2026-03-29T08:00", "2026-03-29T06:00"},
		{"of a doubled time the first", "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"},
		{"the end of the doubled hour", "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"},
		{"west of Greenwich, skipped", "America/New_York", "2026-03-08T02:15", "2026-03-08T07:00"},
		{"west of Greenwich, doubled", "America/New_York", "2026-11-01T01:15", "2026-11-01T05:15"},
		{"in the south, skipped", "Australia/Sydney", "2026-10-04T02:45", "2026-10-03T16:00"},
		{"in the south, doubled", "Australia/Sydney", "2026-04-05T02:45", "2026-04-04T15:45"},
		{"half an hour skipped", "Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30"},
		{"half an hour doubled", "Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"},
		{"midnight skipped", "Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00"},
		{"the hour after midnight skipped", "America/Santiago", "2026-09-06T00:59", "2026-09-06T04:00"},
		{"the hour before midnight doubled", "America/Santiago", "2026-04-04T23:30", "2026-04-05T02:30"},
		{"the end of Ramadan, skipped", "Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"},
		{"the beginning of Ramadan, doubled", "Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"},
		{"two hours skipped", "Antarctica/Troll", "2026-03-29T02:00", "2026-03-29T01:00"},
		{"half an hour skipped by a new offset", "America/Caracas", "2016-05-01T02:45", "2016-05-01T07:00"},
		{"a whole day skipped", "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"},
		{"a whole day skipped, long ago", "Pacific/Kwajalein", "1993-08-21T12:00", "1993-08-21T12:00"},
		{"nearly a whole day doubled", "Pacific/Kwajalein", "1969-09-30T12:00", "1969-09-30T01:00"},
		{"midnight doubled", "Atlantic/Azores", "2026-10-25T00:30", "2026-10-25T00:30"},
		{"the hour after midnight skipped, west of Greenwich", "Atlantic/Azores", "2026-03-29T00:15", "2026-03-29T01:00"},
		{"two hours doubled", "Antarctica/Troll", "2026-10-25T02:30", "2026-10-25T00:30"},
		{"the last change of the clock there", "Asia/Tehran", "2022-03-22T00:30", "2022-03-21T20:30"},
		{"no more changes of the clock there", "Asia/Tehran", "2026-03-22T00:30", "2026-03-21T21:00"},
		{"a leap day", "Atlantic/Azores", "2028-02-29T23:30", "2028-03-01T00:30"},
		{"the last day of the last year", "Asia/Tokyo", "9999-12-31T23:59", "9999-12-31T14:59"},
		{"no changes of the clock", "Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, bad := chat.ParseSchedule(tt.local, tt.zone)
			if bad != nil {
				t.Fatal(bad)
			}
			if got := s.Due().UTC().Format(chat.LocalTime); got != tt.utc {
				t.Errorf("due at %s, want %s", got, tt.utc)
			}
		})
	}
	for _, bad := range [][2]string{{"2026-12-01T08:00Z", "Europe/Berlin"}, {"2026-12-01 08:00", "Europe/Berlin"}, {"2026-02-30T08:00", "Europe/Berlin"},
		{"2027-02-29T08:00", "Europe/Berlin"}, {"2026-12-01T24:00", "Europe/Berlin"}, {"2026-12-01T08:00:00", "Europe/Berlin"}, {"12026-12-01T08:00", "Europe/Berlin"},
		{"9999-12-31T23:59", "America/New_York"}, {"2026-12-01T08:00", "localtime"}, {"2026-12-01T08:00", "posix/Europe/Berlin"}, {"2026-12-01T08:00", "right/Europe/Berlin"},
		{"2026-12-01T08:00", "CEST"}, {"2026-12-01T08:00", ""}, {"2026-12-01T08:00", "Local"}, {"2026-12-01T08:00", "../etc/passwd"}} {
		if _, err := chat.ParseSchedule(bad[0], bad[1]); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if due := (chat.Schedule{}).Due(); !due.IsZero() {
		t.Errorf("no schedule is due at %v", due)
	}
}
