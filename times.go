package quickbi

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TimeText is a moment as the service writes it in a text, such as
// "2021-03-15 17:13:55". Such a text names no zone, and the documentation names
// one, UTC+8, in one place only ([AccelerationLog]): [TimeText.In] is told the
// zone. "" means that there is none.
type TimeText string

// ChinaTime is UTC+8.
var ChinaTime = time.FixedZone("UTC+8", 8*60*60)

// timeTextLayouts are the documented forms; a fraction of a second may follow.
var timeTextLayouts = [...]string{time.DateTime, "20060102 15:04:05", "2006/01/02 15:04:05", time.DateOnly, compactDay, time.RFC3339}

// TimeTextOf returns t, in its own zone, in the form "2006-01-02 15:04:05"; "" for the zero time.
func TimeTextOf(t time.Time) TimeText {
	if t.IsZero() {
		return ""
	}
	return TimeText(t.Format(time.DateTime))
}

// In returns the moment, whose text is meant in the zone loc; nil is UTC. It
// reads the forms that the service documents. A text that names its own zone, and
// the milliseconds since 1970 that some answers hold instead, keep their moment.
// For "" it returns the zero time.
func (t TimeText) In(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	text := strings.TrimSpace(string(t))
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range timeTextLayouts {
		if moment, err := time.ParseInLocation(layout, text, loc); err == nil {
			return moment, nil
		}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > len(compactDay) {
		return UnixMilli(n).Time().In(loc), nil
	}
	return time.Time{}, fmt.Errorf("quickbi: %q is no time in a form that is known", text)
}

// IsZero reports whether there is no moment.
func (t TimeText) IsZero() bool { return t == "" }

// String returns the text.
func (t TimeText) String() string { return string(t) }

const compactDay = "20060102"

// Day is a day of the calendar, such as "2099-12-31"; "20991231" is taken, too.
// Requests send it in the form that their operation wants, and are refused if it
// is no day.
type Day string

// DayOf returns the day of t in its own zone; "" for the zero time.
func DayOf(t time.Time) Day {
	if t.IsZero() {
		return ""
	}
	return Day(t.Format(time.DateOnly))
}

// In returns the beginning of the day in the zone loc; nil is UTC.
func (d Day) In(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	for _, layout := range [...]string{time.DateOnly, compactDay} {
		if t, err := time.ParseInLocation(layout, string(d), loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("quickbi: %q is no day such as 2099-12-31", string(d))
}

// String returns the text.
func (d Day) String() string { return string(d) }
