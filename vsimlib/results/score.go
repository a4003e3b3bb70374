// SPDX-License-Identifier: Apache-2.0

package results

// Score is how well one model's cosines follow the labels of one split.
type Score struct {
	Model       string  `json:"model"`
	Split       string  `json:"split"`        // the pairs that are scored
	Pairs       int     `json:"pairs"`        // in the split
	LeakedPairs int     `json:"leaked_pairs"` // of these, with a clip that training saw
	Spearman    float64 `json:"spearman"`     // E11
	MSE         float64 `json:"mse"`          // of the cosine against the label rank-normalised over these pairs
}

// Member is how one scored model was trained.
type Member struct {
	Model           string  `json:"model"`
	Layout          string  `json:"layout"`
	Pooling         string  `json:"pooling"`
	TagInput        string  `json:"tag_input"`
	PretrainSeed    int64   `json:"pretrain_seed"`
	PretrainEpochs  int     `json:"pretrain_epochs"`
	PretrainSteps   int     `json:"pretrain_steps"`
	PretrainSeconds float64 `json:"pretrain_seconds"` // with compilation and validation
	FinetuneSeed    int64   `json:"finetune_seed"`
	FinetuneEpochs  int     `json:"finetune_epochs"`
	FinetuneSteps   int     `json:"finetune_steps"`
	FinetuneSeconds float64 `json:"finetune_seconds"`
	FinetunePairs   int     `json:"finetune_pairs"`
}

// Joined is an ensemble of models: their embeddings of one part of the corpus, concatenated (E9) and truncated (E10).
type Joined struct {
	Model     string   `json:"model"`
	Members   []string `json:"members"`
	Part      string   `json:"part"`
	Dim       int      `json:"dim"`
	Explained float64  `json:"explained"` // share of the squared singular values that Dim of them hold
}

// Evaluation is the results file of an evaluation: models, ensembles of them, and their scores.
type Evaluation struct {
	Scale     string   `json:"scale"`
	Corpus    string   `json:"corpus"`
	Members   []Member `json:"members"`
	Ensembles []Joined `json:"ensembles"`
	Scores    []Score  `json:"scores"`
}

// Baseline is how well something that no model was trained for follows the labels.
type Baseline struct {
	Name     string  `json:"name"`
	Spearman float64 `json:"spearman"`
	Error    float64 `json:"error"` // standard error, by the pairs
}
