// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
)

// parser reads the small part of JSON that a header may hold: objects with string keys, strings, and arrays of
// non-negative integers. It is written by hand because encoding/json keeps the last of two equal keys, ignores unknown ones
// and nests as deep as the file asks; here the depth is the grammar's own.
type parser struct {
	text []byte
	at   int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("header byte %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// accept skips white space and takes c if it comes next.
func (p *parser) accept(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(c byte) error {
	if p.accept(c) {
		return nil
	}
	if p.at >= len(p.text) {
		return p.errorf("ends where %q is due", c)
	}
	return p.errorf("found %q where %q is due", p.text[p.at], c)
}

// object reads {"key": value, …} and calls member for each key, which reads the value.
func (p *parser) object(member func(key string) error) error {
	if err := p.expect('{'); err != nil {
		return err
	}
	if p.accept('}') {
		return nil
	}
	for {
		key, err := p.str()
		if err != nil {
			return err
		}
		if err := p.expect(':'); err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
		if p.accept('}') {
			return nil
		}
		if err := p.expect(','); err != nil {
			return err
		}
	}
}

// ints reads an array of at most limit non-negative integers.
func (p *parser) ints(limit int) ([]int64, error) {
	if err := p.expect('['); err != nil {
		return nil, err
	}
	list := []int64{}
	if p.accept(']') {
		return list, nil
	}
	for {
		v, err := p.integer()
		if err != nil {
			return nil, err
		}
		if len(list) == limit {
			return nil, p.errorf("more than %d numbers in an array", limit)
		}
		list = append(list, v)
		if p.accept(']') {
			return list, nil
		}
		if err := p.expect(','); err != nil {
			return nil, err
		}
	}
}

// integer reads a JSON number without sign, fraction or exponent that fits an int64.
func (p *parser) integer() (int64, error) {
	p.space()
	start, v := p.at, int64(0)
	for ; p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9'; p.at++ {
		digit := int64(p.text[p.at] - '0')
		if v > (math.MaxInt64-digit)/10 {
			return 0, p.errorf("a number does not fit 63 bits")
		}
		v = v*10 + digit
	}
	if p.at == start {
		return 0, p.errorf("a non-negative integer is due")
	}
	if p.text[start] == '0' && p.at > start+1 {
		return 0, p.errorf("a number starts with 0")
	}
	if p.at < len(p.text) {
		switch p.text[p.at] {
		case '.', 'e', 'E':
			return 0, p.errorf("a number is not an integer")
		}
	}
	return v, nil
}

// str reads a JSON string.
func (p *parser) str() (string, error) {
	if err := p.expect('"'); err != nil {
		return "", err
	}
	start, escaped := p.at, false
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			raw := p.text[start:p.at]
			p.at++
			if !escaped {
				return string(raw), nil
			}
			return p.unescape(p.text[start-1 : p.at])
		case c == '\\':
			escaped = true
			p.at++ // the escaped byte, which may be a quote
		case c < ' ':
			return "", p.errorf("a control character in a string")
		}
	}
	return "", p.errorf("a string does not end")
}

// unescape decodes a quoted string. A lone surrogate, which encoding/json would quietly replace, is refused: two different
// names must not become one.
func (p *parser) unescape(quoted []byte) (string, error) {
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", p.errorf("a string with a bad escape")
	}
	for i := 0; i+1 < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		i++ // at the letter after the backslash
		if quoted[i] != 'u' {
			continue
		}
		// json.Unmarshal has checked that four hexadecimal digits follow.
		unit := hex4(quoted[i+1:])
		i += 4
		switch {
		case 0xD800 <= unit && unit < 0xDC00 && i+6 < len(quoted) && quoted[i+1] == '\\' && quoted[i+2] == 'u' &&
			0xDC00 <= hex4(quoted[i+3:]) && hex4(quoted[i+3:]) < 0xE000:
			i += 6
		case 0xD800 <= unit && unit < 0xE000:
			return "", p.errorf("a string with half of a surrogate pair")
		}
	}
	return s, nil
}

// hex4 returns the value of four hexadecimal digits, or utf8.RuneError where they are not.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return utf8.RuneError
	}
	v := rune(0)
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			v = v<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return utf8.RuneError
		}
	}
	return v
}
