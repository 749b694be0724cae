package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// chart draws the ratios of a report as an SVG: bars that start at the floor, to
// the left for less and to the right for more, on a logarithmic scale.
func chart(r report) []byte {
	const (
		left, right  = 190, 60 // of the bars: names of the cases, room for the last figure
		width        = 900
		bar, gap     = 12, 12
		head, margin = 96, 46 // above the first panel, and around each
	)
	panels := []struct {
		title, transport string
		value            func(ratio) float64
	}{
		{"Time, client alone", clientAlone, func(r ratio) float64 { return r.Time }},
		{"Allocations, client alone", clientAlone, func(r ratio) float64 { return r.Allocations }},
		{"Time, over loopback", overLoopback, func(r ratio) float64 { return r.Time }},
	}
	colours := []string{"#0b6e4f", "#c8553d", "#4a6fa5"} // of the peers, without the floor
	names := peerNames()[1:]

	// The scale goes from a power of two to a power of two.
	low, high := -1.0, 1.0
	for _, res := range r.Results {
		for _, v := range []float64{res.Ratio.Time, res.Ratio.Allocations} {
			if v > 0 {
				low, high = min(low, math.Floor(math.Log2(v))), max(high, math.Ceil(math.Log2(v)))
			}
		}
	}
	x := func(v float64) float64 {
		return left + (math.Log2(v)-low)/(high-low)*(width-left-right)
	}

	var body bytes.Buffer
	text := func(b *bytes.Buffer, x, y float64, anchor, attributes, s string) {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, attributes, html.EscapeString(s))
	}
	y := float64(head)
	for _, panel := range panels {
		cases := caseNames(r, panel.transport)
		if len(cases) == 0 {
			continue
		}
		text(&body, 16, y, "start", ` font-weight="bold"`, panel.title)
		top := y + 32
		bottom := top + float64(len(cases)*(len(names)*bar+gap))
		for tick := low; tick <= high; tick++ {
			at, colour := x(math.Exp2(tick)), "#dddddd"
			if tick == 0 {
				colour = "#222222"
			}
			fmt.Fprintf(&body, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`+"\n", at, top-6, at, bottom, colour)
			text(&body, at, top-10, "middle", ` fill="#666666" font-size="11"`, fmt.Sprintf("%g", math.Exp2(tick)))
		}
		y = top
		for _, name := range cases {
			text(&body, left-12, y+gap/2+float64(len(names)*bar)/2+4, "end", "", name)
			y += gap / 2
			for i, peer := range names {
				if res, ok := find(r, panel.transport, name, peer); ok && panel.value(res.Ratio) > 0 {
					v := panel.value(res.Ratio)
					from, to := min(x(1), x(v)), max(x(1), x(v))
					fmt.Fprintf(&body, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>`+"\n", from, y+1, max(to-from, 1), bar-2, colours[i%len(colours)])
					text(&body, to+5, y+bar-2, "start", ` font-size="11"`, fmt.Sprintf("%.2f", v))
				}
				y += bar
			}
			y += gap / 2
		}
		y += margin
	}

	var svg bytes.Buffer
	height := y - margin + 16
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%.0f" viewBox="0 0 %d %.0f" font-family="sans-serif" font-size="13" role="img">`+"\n", width, height, width, height)
	fmt.Fprintln(&svg, `<title>Cost of a call as a multiple of the hand-written floor</title>`)
	fmt.Fprintln(&svg, `<rect width="100%" height="100%" rx="6" fill="#ffffff"/>`)
	text(&svg, 16, 28, "start", ` font-size="16" font-weight="bold"`, "Multiples of the hand-written floor (1): net/http, the signature, encoding/json")
	text(&svg, 16, 46, "start", ` fill="#666666" font-size="11"`, fmt.Sprintf("Logarithmic. Medians of %d rounds, %s, %s, %d CPUs", r.Rounds, r.Go, r.Platform, r.CPUs))
	at := 16.0
	for i, name := range names {
		label := name
		if v := r.Versions[name]; v != "" {
			label += " " + v
		}
		fmt.Fprintf(&svg, `<rect x="%.1f" y="57" width="12" height="12" fill="%s"/>`+"\n", at, colours[i%len(colours)])
		text(&svg, at+18, 68, "start", "", label)
		at += 18 + 8*float64(len(label)) + 16
	}
	svg.Write(body.Bytes())
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}
