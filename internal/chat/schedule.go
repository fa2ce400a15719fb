package chat

import (
	"strings"
	"time"
)

// Schedule is a local time in a time zone. It is converted to UTC on each use, so that it stays at
// the same local time if the zone's rules change.
type Schedule struct {
	Local string // in the form of LocalTime; "" for immediately
	Zone  string // an IANA name, e.g. Europe/Berlin
}

// LocalTime is the layout of a local time.
const LocalTime = "2006-01-02T15:04"

// ParseSchedule parses a local time and an IANA time zone.
func ParseSchedule(local, zone string) (Schedule, *Error) {
	if _, err := time.Parse(LocalTime, local); err != nil {
		return Schedule{}, Invalid("localTime", "Give a date and time without a zone, e.g. 2026-12-01T08:00.")
	}
	if _, err := time.LoadLocation(zone); err != nil || isNoZone(zone) {
		return Schedule{}, Invalid("zone", "Give a time zone by its IANA name, e.g. Europe/Berlin.")
	}
	s := Schedule{Local: local, Zone: zone}
	if s.Due().Year() > LastYear {
		return Schedule{}, Invalid("localTime", "The time must be before the end of the year %d, in UTC.", LastYear)
	}
	return s, nil
}

// LastYear is the last year that RFC 3339 can express.
const LastYear = 9999

// isNoZone reports whether a name for which Go finds a zone isn't IANA's: "" means UTC, some files of
// the system mean the server's own zone, and others its zones in other forms.
func isNoZone(name string) bool {
	switch name {
	case "", "Local", "localtime", "posixrules":
		return true
	}
	return strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/")
}

// Due returns the scheduled time; zero if there is no schedule. If a change of the clock skips the
// local time, it is the first valid time after it. If the local time occurs twice, it is the first
// occurrence.
func (s Schedule) Due() time.Time {
	if s.Local == "" {
		return time.Time{}
	}
	wall, err := time.Parse(LocalTime, s.Local)
	zone, bad := time.LoadLocation(s.Zone)
	if err != nil || bad != nil {
		return time.Time{} // ParseSchedule checked it
	}
	// Offsets are at most 15 hours, so these periods contain every possible time.
	for t := wall.Add(-15 * time.Hour).In(zone); ; {
		_, offset := t.Zone()
		begin, end := t.ZoneBounds()
		moment := wall.Add(-time.Duration(offset) * time.Second)
		switch {
		case !begin.IsZero() && moment.Before(begin): // skipped: the clock was set forward here
			return begin.UTC()
		case end.IsZero() || moment.Before(end):
			return moment
		}
		t = end
	}
}
