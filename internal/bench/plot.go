package main

import (
	"bytes"
	"fmt"
)

// The plot's coordinates.
const (
	plotLeft, plotRight, plotTop, plotBottom = 60, 560, 40, 280
	plotMost                                 = 2.0 // of the cost at the least size
)

var plotColours = []string{"#1f77b4", "#2ca02c", "#d62728", "#9467bd"}

// plotGrowth draws the costs over the sizes, as multiples of those at the least.
func plotGrowth(costs []growthCost) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	x := func(i int) int { return plotLeft + i*(plotRight-plotLeft)/(len(growthSizes)-1) }
	y := func(v float64) float64 { return plotBottom - min(max(v, 0), plotMost)/plotMost*(plotBottom-plotTop) }
	line(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 330" font-family="sans-serif" font-size="12">`)
	line(`<rect width="800" height="330" fill="#fff"/>`)
	line(`<text x="%d" y="20" font-size="14">CPU per operation as the database grows, relative to the smallest (median of the rounds)</text>`, plotLeft)
	line(`<rect x="%d" y="%.1f" width="%d" height="%.1f" fill="#eee"/>`, plotLeft, y(1+growthTolerance), plotRight-plotLeft, y(1-growthTolerance)-y(1+growthTolerance))
	for v := 0.0; v <= plotMost; v += 0.5 {
		line(`<path d="M%d %.1fH%d" stroke="#ccc"/><text x="%d" y="%.1f" text-anchor="end">%.1f ×</text>`, plotLeft, y(v), plotRight, plotLeft-6, y(v)+4, v)
	}
	for i, n := range growthSizes {
		line(`<text x="%d" y="%d" text-anchor="middle">%s messages</text>`, x(i), plotBottom+18, grouped(n*messagesPerChannel))
		line(`<text x="%d" y="%d" text-anchor="middle">%s channels</text>`, x(i), plotBottom+34, grouped(n))
	}
	for k, c := range costs {
		colour := plotColours[k%len(plotColours)]
		fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="2" d="`, colour)
		for i, cell := range c.cells {
			fmt.Fprintf(&b, "%c%d %.1f", "ML"[min(i, 1)], x(i), y(ratio(cell, c.cells[0], cpu).Median))
		}
		line(`"/>`)
		first, last := c.cells[0].spread(cpu).Median, c.cells[len(c.cells)-1].spread(cpu).Median
		line(`<text x="%d" y="%d" fill="%s">%s</text>`, plotRight+70, plotTop+40*k+30, colour, c.what)
		line(`<text x="%d" y="%d" fill="%s">%.1f → %.1f µs</text>`, plotRight+70, plotTop+40*k+46, colour, first, last)
	}
	line(`</svg>`)
	return b.Bytes()
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
