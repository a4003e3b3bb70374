// SPDX-License-Identifier: Apache-2.0

// Package vsimlib is the map of the library; it has no code of its own. The packages below it pretrain a multimodal
// transformer on videos, finetune it on pairs of labelled similarity, and embed, score and ensemble videos with it. They
// follow the winning solution of the QQ Browser 2021 AI competition, track 1 (arXiv 2111.01677). Where its released code and its
// paper differ, the comments say which one they follow.
//
// # The map
//
// A package imports only packages of lower layers, and only those with a star import GoMLX; a test holds them to that.
//
//	 0 atomicfile     files that appear whole or not at all, and last; atomicfiletest shows what a power cut would leave
//	   cachedir       vsim's folder in the user's cache, which no other user may change
//	   competition    names of parts, files, splits, layouts and scales
//	   dense          products of dense matrices, by kernels for AVX2 and AVX-512
//	   ensemble/gain  the score of ensembles by their size, a + b/M
//	   filetest       what tests of files share: write, read, list, a child process
//	   filetype       recognises by their first bytes files that are not what a reader wants
//	   components     connected components of a graph of ids
//	   half           float16
//	   heaptest       lets the heaps of tests grow before they are collected
//	   lock           file locks between processes, also where the file system has no flock
//	   lowering     * computations as the text of StableHLO, without a plugin
//	   pace           videos per second of training, and the time left
//	   parallel       a function called for each of many things, on all processors
//	   proc           child processes that end with their parent
//	   provenance     by what a result was computed
//	   rank           average ranks, rank-normalised labels, Spearman
//	   seed           random streams that depend on their seeds alone
//	   text           one-line messages, counts, near names, harmless text
//	 1 lines          lines of text files, with their positions
//	   confidence     intervals and p-values of means over seeds, scored on pairs that share videos
//	   compilecache * compiled programs that stay in memory
//	   jsonfile       JSON files: read, read strictly, write
//	   outdir         whether vsim may write into a directory; what it wrote there
//	   pjrttable      the functions of a loaded PJRT plugin; pjrttabletest compares C files with PJRT's header
//	   safetensors    the file format of weights and embeddings
//	   tfrecord       record files: framing with both checksums, tf.train.Example, index, gzip
//	   workspace/rendered  by what, when and in which time a notebook was executed
//	   wheel          files of pinned Python wheels
//	 2 asyncexec      executions that return before the device has computed
//	   compilecache/ondisk  compiled programs in files, for the next process
//	   manifest       when a directory is done; what is missing or altered in it
//	   corpus/fault   what is wrong with a record or line, and what of them is passed over
//	   corpus/fileindex  what is known of a record file that was read, also as bytes
//	   corpus/schema  what a record and a line of label.tsv may hold
//	   kernel/code    a cell's code: is it complete, does GoNB stand it, which name is at a cursor
//	   kernel/wire    Jupyter's messages and connection files
//	   plugin         the pinned XLA:CPU plugin: where it is, how it is installed
//	   run            the run directory: names of its files, metrics, lock
//	 3 corpus         videos, pairs, tags; check, statistics
//	   run/outcome    what the result.json of a training holds
//	   tokenizer      titles to word pieces
//	   recipe         all settings; presets tiny, demo and paper; the six members
//	   embeddings     embeddings files, and the shards that merge to one
//	   backends *     picks the backend, tries and describes its devices; backendstest and otherbackend give tests theirs
//	   slurm          a graph of tasks as Slurm job arrays; slurmtest starts a cluster for tests
//	   tensorboard    the log of a run as an event file of TensorBoard
//	   jupyter        Jupyter and the GoNB kernel in the checkout
//	   kernel         connects Jupyter's front ends with GoNB
//	 4 split          labelled pairs to train on and to validate on
//	   results        the values that results files hold, as plain types; resultstest has some for tests
//	   corpus/gloss   English names of videos, for readers of notebooks
//	   pca            embeddings in few dimensions, to look at
//	   runid          what the run in a run directory was started with
//	   sourcecode     the source of a function as text and HTML
//	   product *      products of matrices whose gradients are computed in the type of the operands
//	 5 report         results as tables and sentences: text, HTML, Markdown
//	   plots/diagram  the model of a recipe as SVG
//	   plots/figure   how a figure is drawn and written: panels, grids, PNG, SVG, CSV
//	   batch *        videos to arrays of fixed shape; masks; the order of an epoch
//	   bert *         embeddings and encoder; knows nothing of videos
//	   optim *        AdamW with two rates, warm-up and cosine
//	   baseline       scores of labelled pairs without any model
//	   own *          losses of pairs, tasks and poolings that users write; owntest has some
//	   evaluate       embeddings and pairs to Spearman and MSE
//	   ensemble       weighted concatenation and truncated SVD
//	   modelcard      the model card of a model directory: data, settings, scores, by what it was computed
//	   neighbours     the nearest neighbours of embeddings, and near-duplicates
//	   submit         the competition's result.zip
//	   synth          generated corpora: the controlled one, and one of the competition's statistics
//	 6 multimodal *   frames and title as one stream through BERT; poolings, heads
//	   losses *       the losses
//	   lookahead      batches of training, their programs compiled before they are needed
//	   checkpoint *   states to continue from, checked and written aside
//	   plots/picked   which frames a model picks for hidden ones
//	   plots/studyplots  figures of studies: cells, along an axis, ensembles by their size
//	   plots/sheet    sheets of thumbnails
//	   targets        what cosines of pairs are trained towards: labels, and a teacher's cosines
//	   study/task     a piece of work of a study, in a directory of its own
//	 7 step *         one training step as compiled programs, on one device or several
//	   memplan        the memory of a step and the disk of a run: estimate, check, advice
//	   checkpoint/saver * saves in the background, one at a time
//	   verify         reads all that vsim wrote, and names what is missing or altered
//	 8 arithmetic *   numbers of what the stages compute, from the programs and arrays of a small step
//	   huggingface *  a model from the directory of a BERT that transformers saved
//	   modelcopy      copies of model directories
//	 9 inference *    a model and records to an embeddings file
//	   study          grids of recipes × seeds as tasks, each done once; studytest gives tests small ones
//	   trainer *      pretraining and finetuning: loop, validation, stop, resume
//	10 bench *        times the pretraining step: videos/s, FLOPs, peak, a peer in turns
//	   cli            what all subcommands share: exit codes, signals, progress, wrong usage, the flags of a recipe
//	   inspect *      a record, a batch, the model's shapes and attention as plain values
//	   plots          figures from result files
//	   runs           lists the trainings of a folder, compares and removes them; runstest has some for tests
//	   own/choose     functions of a user as options of a cell
//	   study/prediction  what the notebooks predicted of a study, and the verdict by its results
//	   study/grid     studies of a user's own cells: from a file, a command line, a notebook's cell
//	   study/score    a study's embeddings scored, alone and joined
//	   workspace      the folders that notebooks work in; their results files
//	11 inspect/predict *  what a pretrained model predicts of hidden tokens, hidden frames and tags
//	   study/grid/option  how a notebook's cell defines a study
//	   study/table    a study's table: means, intervals, differences to the baseline
//	   study/work     runs a study's tasks: here, or on a cluster
//	12 cli/checkout   the subcommands of a clone: set up, check, execute notebooks
//	   cli/measure    the subcommands that compare trainings, verify what they wrote, and time them
//	   cli/pipeline   the subcommands from a corpus to scores
//	   workspace/looks *  what cells look at: records, batches, labels, models; saved in results files
//	   workspace/studies  the studies of a notebook's workspace: plans, saved tables
//	13 nb             what a notebook's cells call: train, score, show
//	   cmd/vsim       the command: the tree of its subcommands
//
// # Terms
//
//	video          a title, up to max_frames frames and, outside the tests, tags; one record of a corpus
//	frame          the features of one picture: frame_dim numbers
//	tag            one of num_tags classes; a video may have several
//	token          a word piece of the vocabulary; [CLS] and [SEP] are special tokens
//	position       one element of a sequence: a token or a frame; padding fills the rest up
//	masked token   a token that is hidden (or replaced) and predicted; masked frame: a frame that is zeroed and predicted
//	pair           two videos with a similarity label in [0,1]
//	part           pointwise, pairwise, test_a or test_b of a corpus
//	split          the rule that holds pairs out for validation: released, strict, component
//	leak           a held-out pair whose videos are also in training pairs
//	step           one update of the weights; epoch: one pass over the videos or pairs
//	packing        the real positions of several videos in one row, so that no padding is computed
//	pooling        the mean over positions, or attention, that makes one vector of a sequence
//	embedding      the projected pooled vector; similarity is the cosine of two
//	recipe         all settings of a run; preset: tiny, demo or paper; member: one of six variants of a recipe
//	run            the directory of one training: recipe, metrics, checkpoints, model
//	model          the directory with config.json, model.safetensors and vocab.txt
//	ensemble       several models' embeddings concatenated and reduced by SVD
//	study          a grid of cells × seeds; a cell is a few settings over a base recipe
//	baseline       the cell that a study's other cells are compared with; of scores, one that needs no model
//
// # Notation
//
// A letter has one meaning in shapes such as [B,S,H], here, in the notebooks and in the documentation. The lines below the list say
// which letters have a further meaning in formulas.
//
//	B   videos or pairs of a batch
//	T   tokens of a text, padding included
//	F   frames of a video, padding included (max_frames)
//	S   positions of a sequence: F + T
//	R   width of a frame (frame_dim)
//	H   width of a hidden state (hidden_size)
//	A   attention heads (num_attention_heads); a head has the width H/A
//	V   entries of the vocabulary (vocab_size)
//	G   tags (num_tags)
//	J   tags listed for a video, filled up with -1
//	D   width of an embedding (embedding_dim)
//	M   masked tokens of a batch
//	P   masked frames of a batch
//	Q   frames of a batch in one list: B·F, or only the real ones where videos are packed
//	C   packed rows of a batch
//	L   positions of a packed row
//	I   positions gathered from a batch
//	N   videos of an embeddings file
//	K   models of an ensemble
//	W   width of a concatenation of K embeddings
//
// An index is its count in lower case (Σ_b runs over B); i and j are any two, c is a second index over B. In formulas,
//
//	M, P           are also the sets of masked positions; in the law of ensembles, a + b/M, M is the models of a set, out of K
//	L              is a loss
//	X, U, S, V, W  are the matrices of E7 and E10
//	I(c; f)        is the mutual information of a frame f and its context c
//	w              is a weight: of a task in E4, of a position in E7, of the model in E8, of a model in E9, of the teacher in E16
//	t              is a step in E8 and a teacher's cosine in E16; the warm-up ends at t_warm, the training at t_end
//	c              is also a cosine in E14 and a bias in E7
//	d, b           are also biases in E7; a and b are the constants of the law of ensembles
//	lr, wd         are the learning rate and the weight decay of E8
//
// # Equations
//
// Each formula is repeated over the function that computes it, under its label, and the label is in the name of a test.
//
//	E1   tag loss            §2.2  losses.TagBCE
//	     L_tag = 1/(B·G) Σ_b Σ_g [softplus(x_bg) − y_bg x_bg]
//	E2   masked tokens       §2.2  losses.MaskedLM
//	     L_mlm = 1/|M| Σ_{i∈M} [log Σ_v exp x_iv − x_{i,y_i}]
//	E3   masked frames       §2.2  losses.FrameNCE
//	     L_mfm = 1/|P| Σ_{i∈P} [log Σ_{j real} exp(p_i·f_j) − p_i·f_i]
//	E4   pretraining loss    §2.2  losses.Sum
//	     L = w_tag L_tag + w_mlm L_mlm + w_mfm L_mfm
//	E5   label of a pair     §2.3  rank.Normalize
//	     y_i = (r_i − min r) / (max r − min r),  r = Average(x)
//	E6   finetuning loss     §2.3  losses.CosineMSE
//	     L = 1/B Σ_b (e1_b·e2_b − y_b)²
//	E7   pooling             §2.1  multimodal.RawEmbedding
//	     e = W·Σ_s w_s x_s + b,  w_s = 1/S  or  softmax_s(u·tanh(V x_s + c) + d)
//	E8   AdamW               §3.1  optim.Update
//	     m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← (1−lr·wd)·w − lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
//	E9   concatenation       §2.4  ensemble.Join
//	     x = [ √w_1 e_1/‖e_1‖ , … , √w_K e_K/‖e_K‖ ],  Σ_k w_k = 1
//	E10  truncated SVD       §2.4  ensemble.decompose
//	     XᵀX = V·S²·Vᵀ,  U·S = X·V
//	E11  score               —     rank.Spearman
//	     ρ = Σ (r_i − r̄)(s_i − s̄) / √( Σ (r_i − r̄)² · Σ (s_i − s̄)² )
//
// And losses from elsewhere, which recipes leave off (finetune.loss, pretrain.weight_simcse,
// pretrain.mfm_temperature, finetune.teacher):
//
//	E12  softmax-Pearson     —     losses.SoftmaxPearson
//	     L = − Σ_b (s_b − s̄)(y_b − ȳ) / (‖s − s̄‖·‖y − ȳ‖ + 1e-5),  s = softmax_b(e1_b·e2_b / τ)
//	E13  SimCSE              —     losses.SimCSE
//	     L = 1/B Σ_b [log Σ_c exp(e_b·e'_c / τ) − e_b·e'_b / τ]
//	E14  CoSENT              —     losses.CoSENT
//	     L = log [1 + Σ_{y_i > y_j} exp((c_j − c_i) / τ)],  c_b = e1_b·e2_b
//	E15  frames by cosine    —     losses.FrameCosineNCE
//	     L_mfm = 1/|P| Σ_{i∈P} [log Σ_{j real} exp(cos(p_i,f_j)/τ) − cos(p_i,f_i)/τ]
//	E16  distillation        —     losses.Distillation
//	     L_teacher = 1/B Σ_b (e1_b·e2_b − t_b)²,  L = (1−w)·L_label + w·L_teacher
package vsimlib
