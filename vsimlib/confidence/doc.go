// SPDX-License-Identifier: Apache-2.0

// Package confidence computes intervals and p-values of means over seeds, scored on labelled pairs. Their error has a part of the
// seeds, of which there are few, and a part of the pairs, which depend on each other where they share a video.
package confidence
