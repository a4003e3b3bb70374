// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"fmt"
	"strings"

	"vsim/vsimlib/inference"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Embed embeds a part of the corpus with the finetuned models of those names, one embeddings file each.
func Embed(part string, names ...string) ([]results.Embedded, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	b := newBoard("embed " + part)
	var list []results.Embedded
	err = stoppable(b.what, nil, func(ctx context.Context) error {
		for _, name := range names {
			one, err := b.embed(ctx, w, name, part)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	if err == nil {
		b.show(fmt.Sprintf("done with %s", strings.Join(names, ", ")), true)
	}
	return list, err
}

// embed embeds a part with one model.
func (b *board) embed(ctx context.Context, w workspace.Workspace, name, part string) (results.Embedded, error) {
	m, err := w.Model(name)
	if err != nil {
		return results.Embedded{}, err
	}
	records, err := w.Records(part)
	if err != nil {
		return results.Embedded{}, err
	}
	d, err := b.device()
	if err != nil {
		return results.Embedded{}, err
	}
	model := m.Run(workspace.Finetune).Model()
	if !jsonfile.Exists(model) {
		return results.Embedded{}, fmt.Errorf("embed: no finetuned model %s; run the cell that finetunes it first", model)
	}
	r, err := inference.Run(ctx, inference.Options{Backend: d.Backend, Model: model, Records: records, Out: m.Embeddings(part),
		Report: func(done, total int) { b.show(fmt.Sprintf("%s, %d of %d videos", name, done, total), false) }})
	return results.Embedded{Model: name, Part: part, Videos: r.Videos, Dim: r.Dim, VideosPerS: r.VideosPerS}, err
}
