package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"
	"time"
)

// report is the result of a run.
type report struct {
	Time     time.Time `json:"time"`
	Go       string    `json:"go"`
	Platform string    `json:"platform"`
	CPUs     int       `json:"cpus"`
	Rounds   int       `json:"rounds"`
	Seconds  float64   `json:"seconds_per_cell"`
	Folder   string    `json:"folder"`
	Sections []section `json:"sections"`
	Goals    []goal    `json:"goals"`
}

// section is a table of cells.
type section struct {
	Title string  `json:"title"`
	Cells []*cell `json:"cells"`
}

// goal is a figure, with a limit or just for comparison.
type goal struct {
	What  string  `json:"what"`
	Least float64 `json:"least,omitempty"` // 0 for none
	Most  float64 `json:"most,omitempty"`  // 0: none
	Never bool    `json:"never,omitempty"` // it must be 0 in all rounds
	Got   spread  `json:"got"`
}

func newReport(o options) report {
	return report{
		Time:     time.Now().UTC(),
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
		CPUs:     runtime.NumCPU(),
		Rounds:   o.Rounds,
		Seconds:  o.Duration.Seconds(),
		Folder:   os.TempDir(),
	}
}

// add adds a section, unless it is empty, and goals.
func (r *report) add(s section, goals ...goal) {
	if len(s.Cells) > 0 {
		r.Sections = append(r.Sections, s)
	}
	r.Goals = append(r.Goals, goals...)
}

func (r *report) save(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

func (r *report) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	printf := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // Flush returns the error
	printf("%s on %s, %d CPUs, data in %s; medians of %d rounds of %gs with (least–most).\n",
		r.Go, r.Platform, r.CPUs, r.Folder, r.Rounds, r.Seconds)
	printf("CPU, bytes and allocations are the server's alone, per operation.\n")
	for _, s := range r.Sections {
		printf("\n%s\n", s.Title)
		printf("clients\tserver\tper second\tp50 ms\tp99 ms\tCPU µs\tbytes\tallocs\n")
		for _, c := range s.Cells {
			printf("%s\n", c.row())
		}
	}
	printf("\nfigure\tgoal\tmeasured\t\n")
	for _, g := range r.Goals {
		printf("%s\t%s\t%s\t%s\n", g.What, g.limit(), g.Got.text(2), g.verdict())
	}
	return w.Flush()
}

func (c *cell) row() string {
	return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%s\t%.0f\t%.0f", c.Clients, c.Name,
		c.spread(perSecond).text(0),
		c.spread(func(s sample) float64 { return s.P50 }).text(2),
		c.spread(func(s sample) float64 { return s.P99 }).text(2),
		c.spread(cpu).text(cpuDigits(c.spread(cpu).Median)),
		c.spread(func(s sample) float64 { return s.Bytes }).Median,
		c.spread(func(s sample) float64 { return s.Allocs }).Median)
}

// cpuDigits returns more digits for small figures, such as the microseconds of a delivery.
func cpuDigits(micros float64) int {
	if micros < 20 {
		return 1
	}
	return 0
}

func (s spread) text(digits int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

func (g goal) limit() string {
	switch {
	case g.Never:
		return "0"
	case g.Least > 0:
		return fmt.Sprintf("≥ %g", g.Least)
	case g.Most > 0:
		return fmt.Sprintf("≤ %g", g.Most)
	}
	return "–"
}

// verdict compares the median with the limits.
func (g goal) verdict() string {
	switch {
	case g.Least == 0 && g.Most == 0 && !g.Never:
		return ""
	case g.Never && g.Got.Max > 0, g.Got.Median < g.Least, g.Most > 0 && g.Got.Median > g.Most:
		return "MISSED"
	}
	return "met"
}
