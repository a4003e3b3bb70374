// SPDX-License-Identifier: Apache-2.0

package pjrt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/proc"
)

// run runs a program with more environment variables and returns what it printed. Its last line on stderr is the error.
func run(ctx context.Context, env []string, name string, args ...string) (string, error) {
	var out bytes.Buffer
	var tail proc.Tail
	cmd := proc.Command(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &tail
	if err := proc.Run(cmd); err != nil {
		base := filepath.Base(name) + ": "
		if line := tail.LastLine(); line != "" {
			return "", errors.New(base + strings.TrimPrefix(line, base))
		}
		return "", fmt.Errorf("%s%w", base, err)
	}
	return out.String(), nil
}
