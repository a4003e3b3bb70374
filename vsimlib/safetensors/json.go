// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// parser reads the part of JSON that a header may hold, token by token: objects, strings, and arrays of non-negative integers.
// Decoding into structs and maps would keep the last of two equal keys and pass over unknown ones. Depth is the grammar's own.
type parser struct {
	text []byte
	dec  *json.Decoder
}

func newParser(text []byte) *parser {
	return &parser{text, json.NewDecoder(bytes.NewReader(text))}
}

// rest is the text from the next token on.
func (p *parser) rest() []byte {
	return bytes.TrimLeft(p.text[p.dec.InputOffset():], " \t\r\n,:")
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("header byte %d: %s", len(p.text)-len(p.rest()), fmt.Sprintf(format, args...))
}

// token reads a token that must start with c.
func (p *parser) token(c byte) (json.Token, error) {
	rest := p.rest()
	if len(rest) == 0 {
		return nil, p.errorf("ends where %q is due", c)
	}
	if rest[0] != c {
		return nil, p.errorf("found %q where %q is due", rest[0], c)
	}
	t, err := p.dec.Token()
	switch {
	case err == nil:
		return t, nil
	case c == '"' && errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.errorf("a string does not end")
	case c == '"':
		return nil, p.errorf("not a string, or one with a control character or a bad escape: %v", err)
	}
	return nil, p.errorf("%v", err)
}

// null takes the word null if it comes next.
func (p *parser) null() bool {
	if !bytes.HasPrefix(p.rest(), []byte("null")) {
		return false
	}
	t, err := p.dec.Token()
	return err == nil && t == nil
}

// object reads {"key": value, …} and calls member for each key, which reads the value.
func (p *parser) object(member func(key string) error) error {
	if _, err := p.token('{'); err != nil {
		return err
	}
	for p.dec.More() {
		key, err := p.str()
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
	_, err := p.token('}')
	return err
}

// ints reads an array of at most limit non-negative integers. It is decoded whole: a token for each number would take three times
// the memory.
func (p *parser) ints(limit int) ([]int64, error) {
	if rest := p.rest(); len(rest) == 0 || rest[0] != '[' {
		_, err := p.token('[') // reports what was found
		return nil, err
	}
	var raw json.RawMessage
	if err := p.dec.Decode(&raw); err != nil {
		return nil, p.errorf("a bad array (a number starts with 0, or a comma is missing): %v", err)
	}
	list := []int64{}
	inner := bytes.TrimSpace(raw[1 : len(raw)-1])
	for number := range bytes.SplitSeq(inner, []byte(",")) {
		if len(inner) == 0 {
			break
		}
		v, err := p.integer(string(bytes.TrimSpace(number)))
		if err != nil {
			return nil, err
		}
		if len(list) == limit {
			return nil, p.errorf("more than %d numbers in an array", limit)
		}
		list = append(list, v)
	}
	return list, nil
}

// integer returns the value of a JSON number without sign, fraction or exponent that fits an int64.
func (p *parser) integer(number string) (int64, error) {
	if number[0] < '0' || number[0] > '9' {
		return 0, p.errorf("a non-negative integer is due")
	}
	v, err := strconv.ParseInt(number, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, p.errorf("a number does not fit 63 bits")
	case err != nil:
		return 0, p.errorf("a number is not an integer")
	}
	return v, nil
}

func (p *parser) str() (string, error) {
	t, err := p.token('"')
	if err != nil {
		return "", err
	}
	return t.(string), nil
}

// Escapes that a search for half surrogate pairs leaves out, and what it then looks for.
var (
	wholeEscape   = regexp.MustCompile(`\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	halfSurrogate = regexp.MustCompile(`\\u[dD][89a-fA-F]`)
)

// checkSurrogates refuses half of a surrogate pair, which encoding/json quietly replaces: two different names must not become one.
func checkSurrogates(text []byte) error {
	if halfSurrogate.Match(text) && halfSurrogate.Match(wholeEscape.ReplaceAll(text, []byte(" "))) {
		return errors.New("the header has a string with half of a surrogate pair")
	}
	return nil
}
