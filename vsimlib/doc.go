// SPDX-License-Identifier: Apache-2.0

// Package vsimlib is the map of the library; it holds no code of its own. The packages below it pretrain a multimodal
// transformer on videos, finetune it on pairs of labelled similarity, and embed, score and ensemble videos with it. They
// follow the winning solution of the QQ Browser 2021 AI competition, track 1 (arXiv 2111.01677), and say at each place
// where its released code and its paper differ which one they follow.
//
// # The map
//
// A package imports only packages of lower layers, and only those with a star import GoMLX; a test holds them to that.
//
//	0 tfrecord       record files: framing with both checksums, tf.train.Example, index
//	  safetensors    the file format of weights and embeddings
//	  rank           average ranks, rank-normalised labels, Spearman
//	  run            the run directory: names of its files, atomic writes, metrics, lock
//	  proc           child processes that end with their parent
//	1 corpus         videos, pairs, tags; check, statistics, splits
//	  tokenizer      titles to word pieces
//	  recipe         all settings; presets tiny, demo and paper; the six members
//	  embeddings     embeddings files, and the shards that merge to one
//	  backends *     picks the backend, installs the XLA:CPU plugin; backendstest gives tests theirs
//	  slurm          a graph of tasks as Slurm job arrays; slurmtest starts a cluster for tests
//	  jupyter        Jupyter and the GoNB kernel in the checkout
//	2 batch *        videos to arrays of fixed shape; masks; the order of an epoch
//	  bert *         embeddings and encoder; knows nothing of videos
//	  optim *        AdamW with two rates, warm-up and cosine
//	  evaluate       embeddings and pairs to Spearman and MSE
//	  ensemble       weighted concatenation and truncated SVD
//	  submit         the competition's result.zip
//	  synth          generated corpora: the controlled one, and one of the competition's statistics
//	3 multimodal *   frames and title as one stream through BERT; poolings, heads, import
//	  losses *       the losses
//	  checkpoint *   states to continue from, checked and written aside
//	4 trainer *      pretraining and finetuning: loop, validation, stop, resume
//	  inference *    a model and records to an embeddings file
//	  inspect *      a record, a batch, the model's shapes and attention as plain values
//	5 bench *        times the pretraining step: videos/s, FLOPs, peak, a peer in turns
//	  plots          figures from result files
//	  study          grids of recipes × seeds, each task done once; their tables
//	6 nb             what a notebook's cells call: train, score, show
//	7 cmd/vsim       the command
//
// # Notation
//
// The same letters everywhere, in comments, notebooks and below:
//
//	B batch   T words of a title   F frames of a video   S sequence   H hidden_size   A attention heads   V vocab_size
//	G tags    D embedding width    N videos              W width of a concatenation of embeddings
//
// # Equations
//
// Each formula stands again over the function that computes it, under its label, and in the name of a test.
//
//	E1   tag loss            §2.2  losses.TagBCE          L_tag = 1/(B·G) Σ_b Σ_k [softplus(x_bk) − y_bk x_bk]
//	E2   masked words        §2.2  losses.MaskedLM        L_mlm = 1/|M| Σ_{i∈M} [log Σ_v exp x_iv − x_{i,y_i}]
//	E3   masked frames       §2.2  losses.FrameNCE        L_mfm = 1/|P| Σ_{i∈P} [log Σ_{j real} exp(p_i·f_j) − p_i·f_i]
//	E4   pretraining loss    §2.2  losses.Sum             L = w_tag L_tag + w_mlm L_mlm + w_mfm L_mfm
//	E5   label of a pair     §2.3  rank.Normalize            y_i = (r_i − min r) / (max r − min r)
//	E6   finetuning loss     §2.3  losses.CosineMSE       L = 1/B Σ_b (e1_b·e2_b − y_b)²
//	E7   pooling             §2.1  multimodal.RawEmbedding    e = W·Σ_s w_s x_s + b,  w_s = 1/S  or  softmax_s(u·tanh(V x_s + c) + d)
//	E8   AdamW               §3.1  optim.Update              w ← (1−lr·wd)·w − lr·m̂ / (√v̂ + ε)
//	E9   concatenation       §2.4  ensemble.row              x = [ sqrt(w_1) e_1/‖e_1‖ , … , sqrt(w_M) e_M/‖e_M‖ ],  Σ w_m = 1
//	E10  truncated SVD       §2.4  ensemble.decompose        XᵀX = V·S²·Vᵀ  and  U·S = X·V
//	E11  score               —     rank.Spearman             ρ = Σ (r_i − r̄)(s_i − s̄) / sqrt( Σ (r_i − r̄)² · Σ (s_i − s̄)² )
//
// And two losses of other teams, which recipes leave off (finetune.loss, pretrain.weight_simcse):
//
//	E12  softmax-Pearson     —     losses.SoftmaxPearson  L = − Σ_b (s_b − s̄)(t_b − t̄) / (‖s − s̄‖·‖t − t̄‖ + 1e-5),  s = softmax_b(e1_b·e2_b / τ)
//	E13  SimCSE              —     losses.SimCSE          L = 1/B Σ_b [log Σ_c exp(e_b·e'_c / τ) − e_b·e'_b / τ]
package vsimlib
