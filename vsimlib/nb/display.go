// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"os"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/report"
	"vsim/vsimlib/text"
)

// syncTime is how long the end of a cell waits for the kernel to receive its outputs.
const syncTime = 2 * time.Second

// flush waits until the kernel has received all outputs, but never for long: a kernel that hangs must not hang the cell.
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

// showHTML displays HTML, or outside notebooks its text form.
func showHTML(markup, plain string) {
	if gonbui.IsNotebook {
		gonbui.DisplayHTML(markup)
		flush()
		return
	}
	_, _ = fmt.Fprint(os.Stdout, text.CleanLines(plain))
}

// showMarkdown displays Markdown; as text it reads well too.
func showMarkdown(source string) {
	if gonbui.IsNotebook {
		gonbui.DisplayMarkdown(source)
		flush()
		return
	}
	_, _ = fmt.Fprintln(os.Stdout, text.CleanLines(source))
}

// showPNG displays a picture with its description: as alt text, and as text where the viewer shows no pictures. It is HTML, since
// neither JupyterLab nor nbconvert takes an alt text of an image alone.
func showPNG(png []byte, alt, path string) {
	alt = text.Clean(alt)
	if !gonbui.IsNotebook {
		_, _ = fmt.Fprintf(os.Stdout, "%s: %s\n", text.Clean(path), alt)
		return
	}
	gonbui.SendData(&protocol.DisplayData{
		Data: map[protocol.MIMEType]any{protocol.MIMETextHTML: figure.HTML(png, alt), protocol.MIMETextPlain: alt},
	})
	flush()
}

// showLine displays a line of progress or a warning. In a notebook a line with an id replaces the last one of that id; elsewhere
// all lines go to stderr.
func showLine(id, line string) {
	line = text.Clean(line)
	markup := "<code>" + report.EscapeHTML(line) + "</code>"
	switch {
	case !gonbui.IsNotebook:
		_, _ = fmt.Fprintln(os.Stderr, line)
	case id != "":
		gonbui.UpdateHTML(id, markup)
	default:
		gonbui.DisplayHTML(markup)
	}
}
