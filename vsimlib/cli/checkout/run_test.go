// SPDX-License-Identifier: Apache-2.0

package checkout

import "testing"

// TestFindNotebook: a notebook of the project goes by its name or its number, with leading zeros or without.
func TestFindNotebook(t *testing.T) {
	known := []string{"/n/00_start.ipynb", "/n/03_model.ipynb", "/n/10_more.ipynb"}
	for arg, want := range map[string]string{"0": known[0], "00": known[0], "3": known[1], "03": known[1], "003": known[1],
		"03_model": known[1], "03_model.ipynb": known[1], "10": known[2], "1": "", "-3": "", "x": ""} {
		if got, err := findNotebook(arg, known); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", arg, got, err)
		}
	}
}
