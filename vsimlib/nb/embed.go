// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/inference"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tfrecord"
)

// Embedded says what Embed made for one model.
type Embedded struct {
	Model      string  `json:"model"`
	Part       string  `json:"part"`
	Videos     int     `json:"videos"`
	Dim        int     `json:"dim"`
	VideosPerS float64 `json:"videos_per_s"` // reading and compiling included
}

// Embed embeds a part of the corpus with the finetuned models of those names, one embeddings file each.
func Embed(part string, names ...string) ([]Embedded, error) {
	p, err := where()
	if err != nil {
		return nil, err
	}
	records, err := p.records(part)
	if err != nil {
		return nil, err
	}
	b := newBoard("embed " + part)
	var list []Embedded
	err = stoppable(b.what, func() string { return "" }, func(ctx context.Context) error {
		d, err := b.device()
		if err != nil {
			return err
		}
		for _, name := range names {
			model := Run(name, finetune).Model()
			if !exists(model) {
				return fmt.Errorf("embed: no finetuned model %s; run the cell that finetunes it first", model)
			}
			r, err := inference.Run(ctx, inference.Options{Backend: d.Backend, Model: model, Records: records, Out: Embeddings(name, part),
				Report: func(done, total int) { b.show(fmt.Sprintf("%s, %d of %d videos", name, done, total), false) }})
			if err != nil {
				return err
			}
			list = append(list, Embedded{name, part, r.Videos, r.Dim, r.VideosPerS})
		}
		return nil
	})
	if err == nil {
		b.show(fmt.Sprintf("done with %s", strings.Join(names, ", ")), true)
	}
	return list, err
}

// records are the record files of a part of the corpus.
func (p place) records(part string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(p.corpus, filepath.Base(part)))
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if _, is := tfrecord.ParseName(e.Name()); is && !e.IsDir() {
			files = append(files, filepath.Join(p.corpus, filepath.Base(part), e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no record files", filepath.Join(p.corpus, part))
	}
	return files, nil
}

// ensembleFile tells an ensemble's directory from a model's and names its members.
func ensembleFile(home string) string { return filepath.Join(home, "ensemble.json") }

// Ensemble joins the embeddings of models, all with the same weight, into those of a model of that name, for every part
// of the corpus that all of them have embedded. The width is the one of the scale's recipe.
func Ensemble(name string, members ...string) ([]Joint, error) {
	p, err := where()
	if err != nil {
		return nil, err
	}
	r, err := recipe.Load(p.scale)
	if err != nil {
		return nil, err
	}
	home, err := p.model(name)
	if err != nil {
		return nil, err
	}
	parts, err := p.embedded(members)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(home, 0o777); err != nil {
		return nil, err
	}
	var list []Joint
	for _, part := range parts {
		var sets []*embeddings.Set
		for _, member := range members {
			set, err := embeddings.Read(Embeddings(member, part))
			if err != nil {
				return nil, err
			}
			sets = append(sets, set)
		}
		joined, info, err := ensemble.Combine(sets, nil, r.Ensemble.Dim)
		if err != nil {
			return nil, err
		}
		if err := joined.Write(Embeddings(name, part)); err != nil {
			return nil, err
		}
		list = append(list, Joint{Model: name, Members: members, Part: part, Dim: info.Dim, Explained: info.Explained})
	}
	return list, run.WriteJSON(ensembleFile(home), list)
}

// embedded lists the parts that all models have embeddings of.
func (p place) embedded(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("ensemble: no members")
	}
	var parts []string
	for _, part := range []string{"pointwise", "pairwise", "test_a", "test_b"} {
		if !slices.ContainsFunc(names, func(name string) bool { return !exists(Embeddings(name, part)) }) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("ensemble: %s have embedded no part in common; run the cell that embeds first", strings.Join(names, ", "))
	}
	return parts, nil
}
