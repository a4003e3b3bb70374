// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/embeddings"
)

// checkFormat reads --format, and the name of the embeddings file off an --out that names the format's.
func (o *embedCall) checkFormat(cmd *cobra.Command) error {
	if o.format == "" {
		return nil
	}
	if !slices.Contains(embeddings.Formats(), embeddings.Format(o.format)) {
		return cli.Usagef(cmd, "--format: want npy or csv, got %q", o.format)
	}
	var err error
	if o.Out, err = embeddings.ExportedFrom(o.Out, embeddings.Format(o.format)); err != nil {
		return cli.Usagef(cmd, "--out: %v", err)
	}
	return nil
}

// warnOfName warns of an --out with the extension of a format that was not asked for.
func (o *embedCall) warnOfName(a *cli.App) {
	format := embeddings.Format(strings.TrimPrefix(filepath.Ext(o.Out), "."))
	if slices.Contains(embeddings.Formats(), format) {
		a.Warn(fmt.Sprintf("%s: --out %s is written as safetensors; --format %s writes a file of that name", a.Verb(), o.Out, format))
	}
}

// checkExport returns an error, before long work begins, where the files of --format cannot be written.
func (o *embedCall) checkExport(a *cli.App) error {
	if o.format == "" {
		return nil
	}
	if err := embeddings.CheckExport(o.Out, embeddings.Format(o.format)); err != nil {
		return fmt.Errorf("%s: --format %s: %w", a.Verb(), o.format, err)
	}
	return nil
}

// also names the files of --format.
func (o *embedCall) also() string {
	if o.format == "" {
		return ""
	}
	return ", also " + strings.Join(embeddings.ExportPaths(o.Out, embeddings.Format(o.format)), " and ")
}

// export writes the embeddings of --out, which are done, in the format of --format too.
func (o *embedCall) export() error {
	if o.format == "" {
		return nil
	}
	set, err := embeddings.Read(o.Out)
	if err != nil {
		return err
	}
	_, err = set.Export(o.Out, embeddings.Format(o.format), o.force)
	return err
}
