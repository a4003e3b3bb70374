// SPDX-License-Identifier: Apache-2.0

package study

import (
	"errors"
	"fmt"
	"slices"

	"vsim/vsimlib/arithmetic"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/split"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/synth"
)

// Grid is a study expanded to its tasks.
type Grid struct {
	*Study
	Tasks []*task.Task // each once, what a task needs before it

	byKey     map[string]*task.Task
	corpusDir string
	splits    map[splitting]bool // those that are good
	chains    [][]Chain          // by cell and seed
	ensembles []*task.Task       // by seed
}

// Chain is what trains and scores a cell under one seed.
type Chain struct {
	Pretrain, Finetune *task.Task // nil of models together
	Test               *task.Task // embeds what is scored, or joins embeddings of it
	Held               *task.Task // embeds pairwise, where an ensemble's weights are fitted; else nil
}

// Plan expands the study. It reads the corpus where there is one, to know its contents, and writes nothing.
func (s *Study) Plan() (*Grid, error) {
	if s.Backend == "" {
		return nil, errors.New("study: no backend is given, which the keys of its tasks have")
	}
	g := &Grid{Study: s, byKey: map[string]*task.Task{}, splits: map[splitting]bool{}, chains: make([][]Chain, len(s.Cells))}
	var needs []*task.Task
	if s.source.synth != nil {
		t, err := g.generate(*s.source.synth)
		if err != nil {
			return nil, err
		}
		g.corpusDir, needs = t.Synth.Out, []*task.Task{t}
	} else {
		g.corpusDir = s.source.corpus.Dir()
	}
	for i, seed := range s.Seeds { // a seed after the other: a study that is stopped has whole rounds
		for k, cell := range s.Cells {
			c, err := g.chain(cell, seed, needs)
			if err != nil {
				return nil, err
			}
			g.chains[k] = append(g.chains[k], c)
		}
		if err := g.join(i); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// add names a task and puts it into the grid, or returns the one of the same key that is there.
func (g *Grid) add(t *task.Task, work any, corpus, arithmetic string, needs ...*task.Task) (*task.Task, error) {
	c := task.Content{Corpus: corpus, Work: work, Needs: []string{}}
	if arithmetic != "" {
		c.Computing = task.Computing{Backend: g.Backend, Arithmetic: arithmetic}
	}
	for _, n := range needs {
		c.Needs = append(c.Needs, n.Key)
	}
	if err := t.Identify(g.Folder(), c); err != nil {
		return nil, err
	}
	if known, ok := g.byKey[t.Key]; ok {
		return known, nil
	}
	g.byKey[t.Key] = t
	g.Tasks = append(g.Tasks, t)
	return t, nil
}

// generate plans the corpus.
func (g *Grid) generate(o synth.Options) (*task.Task, error) {
	work := struct {
		Like      string `json:"like"`
		Pointwise int    `json:"pointwise"`
		Pairs     int    `json:"pairs"`
		Seed      int64  `json:"seed"`
		ASR       bool   `json:"asr,omitempty"`
	}{o.Like, o.Pointwise, o.Pairs, o.Seed, o.ASR}
	t, err := g.add(&task.Task{Kind: task.Corpus, Synth: &o, Label: "the corpus", Cost: float64(o.Pointwise) / 50}, work, "", "")
	if err == nil {
		o.Out = t.CorpusDir()
	}
	return t, err
}

// chain plans the tasks of a cell under a seed.
func (g *Grid) chain(cell Cell, seed int64, corpus []*task.Task) (c Chain, err error) {
	r, err := g.recipe(cell, seed)
	if err != nil {
		return c, err
	}
	label := fmt.Sprintf("%s, seed %d", cell.Label, seed)
	if len(cell.Together) > 0 {
		c.Test, err = g.joined(cell.Together, seed, g.source.test, label, corpus)
		return c, err
	}
	if c, err = g.trained(r, cell, seed, label, corpus); err != nil {
		return c, err
	}
	if c.Test, err = g.embed(r, cell.Tune, g.source.test, label, c.Finetune); err != nil {
		return c, err
	}
	if len(g.Dims) > 0 {
		c.Held, err = g.embed(r, cell.Tune, competition.Pairwise, label, c.Finetune)
	}
	return c, err
}

// trained plans the trainings of a cell under a seed, and what its teacher takes.
func (g *Grid) trained(r recipe.Recipe, cell Cell, seed int64, label string, corpus []*task.Task) (c Chain, err error) {
	if c.Pretrain, err = g.pretrain(r, label, corpus); err != nil {
		return c, err
	}
	var teacher *task.Task // joins the embeddings that teach the cell
	if len(cell.Teachers) > 0 {
		teacher, err = g.joined(cell.Teachers, seed, competition.Pairwise, label+", teachers", corpus)
	}
	if err == nil {
		c.Finetune, err = g.finetune(r, cell.Tune, label, c.Pretrain, teacher)
	}
	return c, err
}

// joined plans models under a seed, their embeddings of a part of the corpus, and these joined. label is for people.
func (g *Grid) joined(members []Cell, seed int64, part, label string, corpus []*task.Task) (*task.Task, error) {
	j := &task.JoinWork{Dim: g.Base.Ensemble.Dim}
	for _, member := range members {
		if len(member.Teachers) > 0 || len(member.Together) > 0 {
			return nil, fmt.Errorf("study %s: %s: %s is no single model without teachers", g.Name, label, member.Label)
		}
		r, err := g.recipe(member, seed)
		if err != nil {
			return nil, err
		}
		of := fmt.Sprintf("%s of %s", member.Label, label)
		c, err := g.trained(r, member, seed, of, corpus)
		if err != nil {
			return nil, err
		}
		t, err := g.embed(r, member.Tune, part, of, c.Finetune)
		if err != nil {
			return nil, err
		}
		if slices.Contains(j.Members, t) {
			return nil, fmt.Errorf("study %s: %s: duplicate %s", g.Name, label, member.Label)
		}
		j.Members = append(j.Members, t)
	}
	work := struct {
		Dim int `json:"dim"`
	}{j.Dim}
	return g.add(&task.Task{Kind: task.Join, Label: label, Cost: float64(g.source.pairwise), Join: j}, work, "", "", j.Members...)
}

func (g *Grid) pretrain(r recipe.Recipe, label string, corpus []*task.Task) (*task.Task, error) {
	r = reads(r, task.Pretrain)
	parts := competition.Training()
	if r.Pretrain.IncludeTests {
		parts = append(parts, competition.Tests()...)
	}
	print, err := g.source.fingerprint(parts...)
	if err != nil {
		return nil, err
	}
	number, err := arithmetic.Pretrain(backends.SettingKind(g.Backend), r)
	if err != nil {
		return nil, err
	}
	p := r.Pretrain
	videos := g.source.pairwise + g.source.pointwise
	if p.MaxPointwise > 0 {
		videos = g.source.pairwise + min(p.MaxPointwise, g.source.pointwise)
	}
	work := struct {
		Model    recipe.Model    `json:"model"`
		Pretrain recipe.Pretrain `json:"pretrain"`
	}{r.Model, p}
	cost := g.relative(r.Model) * float64(p.Epochs*videos+p.PairwiseEpochs*g.source.pairwise)
	return g.add(&task.Task{Kind: task.Pretrain, Label: label, Cost: cost,
		Train: &task.TrainWork{Corpus: g.corpusDir, Recipe: r}}, work, print, number, corpus...)
}

// finetune plans a finetuning; teacher is the task that joins its teacher's embeddings, nil where no task does.
func (g *Grid) finetune(r recipe.Recipe, tune []string, label string, pretrain, teacher *task.Task) (*task.Task, error) {
	r = reads(r, task.Finetune)
	print, err := g.source.fingerprint(competition.Pairwise)
	if err != nil {
		return nil, err
	}
	if err := g.checkSplit(r.Finetune); err != nil {
		return nil, fmt.Errorf("study: %s: %w", label, err)
	}
	tuned, err := tunedModel(r, tune)
	if err != nil {
		return nil, err
	}
	number, err := arithmetic.Finetune(backends.SettingKind(g.Backend), tuned)
	if err != nil {
		return nil, err
	}
	work := struct {
		Finetune recipe.Finetune `json:"finetune"`
		Set      []string        `json:"set,omitempty"`
	}{r.Finetune, tune}
	needs := []*task.Task{pretrain}
	if teacher != nil {
		needs = append(needs, teacher) // whose key says what it is
		r.Finetune.Teacher = teacher.EmbeddingsFile()
	} else if work.Finetune.Teacher, err = runid.TeacherSum(r.Finetune); err != nil { // what its file is called decides nothing
		return nil, fmt.Errorf("study: %s: %w", label, err)
	}
	cost := g.relative(r.Model) * float64(2*r.Finetune.Epochs*r.Finetune.Pairs(g.source.pairs))
	return g.add(&task.Task{Kind: task.Finetune, Label: label, Cost: cost,
		Train: &task.TrainWork{Corpus: g.corpusDir, Recipe: r, Set: tune, Init: pretrain.Run().Model()}}, work, print,
		number, needs...)
}

// splitting is what of a finetuning's settings decides its split.
type splitting struct {
	rule        string
	fold, pairs int
}

// checkSplit returns the error of the split that finetuning would meet, before anything is trained; each split is made once.
func (g *Grid) checkSplit(f recipe.Finetune) error {
	s := splitting{f.Split, f.Fold, f.MaxPairs}
	if g.source.corpus == nil || g.splits[s] {
		return nil
	}
	_, err := split.ForTraining(g.source.labelled, f)
	g.splits[s] = err == nil
	return err
}

func (g *Grid) embed(r recipe.Recipe, tune []string, part, label string, finetune *task.Task) (*task.Task, error) {
	print, err := g.source.fingerprint(part)
	if err != nil {
		return nil, err
	}
	tuned, err := tunedModel(r, tune)
	if err != nil {
		return nil, err
	}
	number, err := arithmetic.Embed(backends.SettingKind(g.Backend), tuned.Model)
	if err != nil {
		return nil, err
	}
	e := &task.EmbedWork{Corpus: g.corpusDir, Part: part, Model: finetune.Run().Model(), Split: r.Finetune.Split,
		Fold: r.Finetune.Fold}
	work := struct {
		Part  string `json:"part"`
		Split string `json:"split"`
		Fold  int    `json:"fold"`
	}{part, e.Split, e.Fold}
	videos := g.source.testVideos
	if part == competition.Pairwise {
		videos = g.source.pairwise
	}
	cost := g.relative(r.Model) * float64(videos) / 3
	return g.add(&task.Task{Kind: task.Embed, Label: label, Cost: cost, Embed: e}, work, print, number, finetune)
}

// tunedModel is a recipe with the model that finetuning makes of the pretrained one.
func tunedModel(r recipe.Recipe, tune []string) (recipe.Recipe, error) {
	r = r.Clone()
	for _, set := range tune {
		if err := r.Set(set); err != nil {
			return r, fmt.Errorf("study: %w", err)
		}
	}
	return r, nil
}

// join plans the ensembles of all cells under a seed.
func (g *Grid) join(seed int) error {
	if len(g.Dims) == 0 {
		return nil
	}
	e := &task.EnsembleWork{Dims: g.Dims}
	var needs []*task.Task
	e.Members = g.Members()
	for k := range g.Cells {
		c := g.chains[k][seed]
		e.Test, e.Held = append(e.Test, c.Test), append(e.Held, c.Held)
		needs = append(needs, c.Test, c.Held)
	}
	work := struct {
		Members []int `json:"members"`
		Dims    []int `json:"dims"`
	}{e.Members, g.Dims}
	t, err := g.add(&task.Task{Kind: task.Ensemble, Label: fmt.Sprintf("all members, seed %d", g.Seeds[seed]),
		Cost: float64(g.source.testVideos), Ensemble: e}, work, "", "", needs...)
	g.ensembles = append(g.ensembles, t)
	return err
}

// reads leaves of a recipe what a stage reads: the run directories of cells that share the stage hold the same recipe.
func reads(r recipe.Recipe, stage task.Kind) recipe.Recipe { return r.ForStage(string(stage)) }

// Members number the cells in sets of them: as the paper's six where each cell is another of them, else from 1.
func (s *Study) Members() []int {
	var paper, counted []int
	for i, c := range s.Cells {
		if c.Member > 0 && !slices.Contains(paper, c.Member) {
			paper = append(paper, c.Member)
		}
		counted = append(counted, i+1)
	}
	if len(paper) == len(s.Cells) {
		return paper
	}
	return counted
}
