// SPDX-License-Identifier: Apache-2.0

// Package results declares the values that the files of small results hold, once for all packages that compute, show or draw
// them. Its types are plain: the fields are the JSON keys of the files.
package results
