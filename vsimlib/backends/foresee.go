// SPDX-License-Identifier: Apache-2.0

package backends

// Foresee returns the setting of the backend that Open is going to pick, without reading or loading a plugin. It is known (ok)
// where the pinned plugin or the pure Go backend is the first choice and there is no warning to give. Open may still fail, or fall
// back to the Go backend where the plugin cannot be loaded: Foresee serves to look for results, not to compute any.
func Foresee() (setting string, ok bool) { return realSystem().foresee() }

func (s system) foresee() (setting string, ok bool) {
	options, err := choose(s)
	if err != nil {
		return "", false
	}
	first := options[0]
	if first.warning != "" || !first.verify && first.kind != Go {
		return "", false
	}
	return first.kind, true // of both, a setting is the kind
}
