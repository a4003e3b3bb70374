// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"html"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// syncTime is how long the end of a cell waits for the kernel to take what was shown.
const syncTime = 2 * time.Second

// flush waits until the kernel has what was shown, but never for long: a kernel that hangs must not hang the cell.
func flush() {
	if !gonbui.IsNotebook {
		return
	}
	done := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(syncTime):
	}
}

// showHTML displays HTML, or its text form outside notebooks.
func showHTML(markup, text string) {
	if gonbui.IsNotebook {
		gonbui.DisplayHTML(markup)
		flush()
		return
	}
	_, _ = fmt.Fprint(os.Stdout, text)
}

// showMarkdown displays Markdown; as text it reads well too.
func showMarkdown(markdown string) {
	if gonbui.IsNotebook {
		gonbui.DisplayMarkdown(markdown)
		flush()
		return
	}
	_, _ = fmt.Fprintln(os.Stdout, markdown)
}

// showPNG displays a picture with its description: as alt text where the viewer takes it, as text where it shows no
// pictures.
func showPNG(png []byte, alt, path string) {
	alt = clean(alt)
	if !gonbui.IsNotebook {
		_, _ = fmt.Fprintf(os.Stdout, "%s: %s\n", path, alt)
		return
	}
	gonbui.SendData(&protocol.DisplayData{
		Data:     map[protocol.MIMEType]any{protocol.MIMEImagePNG: png, protocol.MIMETextPlain: alt},
		Metadata: map[string]any{string(protocol.MIMEImagePNG): map[string]string{"alt": alt}},
	})
	flush()
}

// clean makes text from data harmless on a screen: control characters, which steer terminals, and format characters,
// which turn the direction of text or hide in it, are taken out; line ends become spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// escape makes text from data harmless in HTML.
func escape(s string) string { return html.EscapeString(clean(s)) }
