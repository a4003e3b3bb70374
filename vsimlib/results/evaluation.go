// SPDX-License-Identifier: Apache-2.0

package results

// Evaluation is the results file of an evaluation: what was scored, and its scores.
type Evaluation struct {
	Scale     string     `json:"scale"`
	Corpus    string     `json:"corpus"`
	Members   []Member   `json:"members"`
	Ensembles []Ensemble `json:"ensembles"`
	Scores    []Score    `json:"scores"`
}

// Score is how well one model's cosines follow the labels of one split.
type Score struct {
	Model       string  `json:"model"`
	Split       string  `json:"split"`
	Pairs       int     `json:"pairs"`        // in the split
	LeakedPairs int     `json:"leaked_pairs"` // pairs with a video that was trained on
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

// Ensemble is an ensemble of models on one part of the corpus.
type Ensemble struct {
	Model     string   `json:"model"`
	Members   []string `json:"members"`
	Part      string   `json:"part"`
	Dim       int      `json:"dim"`
	Explained float64  `json:"explained"` // share of the squared singular values that the truncation retains
}
