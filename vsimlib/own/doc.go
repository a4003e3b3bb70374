// SPDX-License-Identifier: Apache-2.0

// Package own has the functions that users write in GoMLX's graph operations: losses of pairs, pretraining tasks and poolings.
//
// A function is registered in the process, and settings name it by the number of the graph that it builds at fixed small shapes:
// finetune.loss=own:3fa9…. So keys of studies and identities of runs depend on the formula and not on its name: with another
// constant it is another loss, under another name the same one. The number is of the program that XLA would compile, with the
// gradients.
//
// A process without the function, such as a shell's or one on another machine, refuses a recipe or a model that names it.
package own
