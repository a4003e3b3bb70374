// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"os"
	"strings"
	"testing"
)

// TestConversionOnPage holds the documentation's line that converts pickled weights to the one that Import prints.
func TestConversionOnPage(t *testing.T) {
	const dir = "chinese-roberta-wwm-ext-large/"
	page, err := os.ReadFile("../docs/pretrained.md")
	if err != nil {
		t.Fatal(err)
	}
	message := refusePickled([]string{dir + "pytorch_model.bin"}, dir+"model.safetensors").Error()
	at := strings.Index(message, "python3 -c ")
	if at < 0 {
		t.Fatalf("no command in %q", message)
	}
	if line := message[at:]; !strings.Contains(string(page), "\n"+line+"\n") {
		t.Errorf("docs/pretrained.md does not have the line\n%s", line)
	}
}
