// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"html"
	"strings"

	"vsim/vsimlib/text"
)

// cssDPI is the density of CSS's pixels.
const cssDPI = 96

// HTML is a picture in a page, with its description as alt text and the first sentence of that as its caption.
func HTML(png []byte, alt string) string {
	alt = text.Clean(alt)
	width := ""
	if w := cssWidth(png); w > 0 {
		width = fmt.Sprintf(` width="%d"`, w)
	}
	return fmt.Sprintf(`<figure style="margin:0"><img src="data:image/png;base64,%s" alt="%s"%s style="max-width:100%%;height:auto">`+
		`<figcaption>%s</figcaption></figure>`, base64.StdEncoding.EncodeToString(png), html.EscapeString(alt), width,
		html.EscapeString(caption(alt)))
}

// caption is the first sentence of a description.
func caption(alt string) string {
	if first, _, found := strings.Cut(alt, ". "); found {
		return first + "."
	}
	return alt
}

// physicalSize is the type of a PNG's chunk with its density.
const physicalSize = "pHYs"

// withDensity adds the density to a PNG, in dots per inch, behind its head (PNG specification, section 11.3.4.3).
func withDensity(png []byte, dpi float64) []byte {
	const head = 8 + 25 // the signature, and IHDR
	perMetre := uint32(dpi/0.0254 + .5)
	chunk := append([]byte(physicalSize), 0, 0, 0, 0, 0, 0, 0, 0, 1) // 1: the unit is the metre
	binary.BigEndian.PutUint32(chunk[4:], perMetre)
	binary.BigEndian.PutUint32(chunk[8:], perMetre)
	out := append(append([]byte(nil), png[:head]...), 0, 0, 0, 9)
	out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
	return append(out, png[head:]...)
}

// cssWidth is the width of a PNG on a page, in CSS's pixels; 0 where it has no density.
func cssWidth(png []byte) int {
	at := bytes.Index(png, []byte(physicalSize))
	if at < 0 || at+8 > len(png) || len(png) < 20 {
		return 0
	}
	perMetre := float64(binary.BigEndian.Uint32(png[at+4:]))
	return int(float64(binary.BigEndian.Uint32(png[16:]))/perMetre/0.0254*cssDPI + .5)
}
