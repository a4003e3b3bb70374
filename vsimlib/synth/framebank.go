// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"encoding/binary"
	"math"

	"vsim/vsimlib/half"
)

// A frame is put together from blocks of 32 float16, each of which has a code book.
const (
	blockValues = 32
	blockBytes  = 2 * blockValues
	codewords   = 256
	takes       = 4 // noisy versions of a codeword
)

// frameBank is the code books, drawn once: [blocks][codewords][takes][blockBytes], 3 MB at 1536 values.
//
// Which codeword a block has goes by the category in every other block and by the topic in the rest; a quarter of a video's
// blocks and an eighth of a frame's are its own. So frames are alike within a video, less so within a topic, still less within a
// category. Each value's last three bits are noise, so that no two frames are equal.
type frameBank struct {
	key    uint64
	blocks int
	code   []byte
}

func newFrameBank(key uint64, dim int) *frameBank {
	b := &frameBank{key: hash(key, uint64(blockValues)), blocks: dim / blockValues}
	r := newStream(b.key).normal()
	var codeword [blockValues]float64
	for range b.blocks * codewords {
		for i := range codeword {
			codeword[i] = r.NormFloat64()
		}
		for range takes {
			for _, x := range codeword {
				// Pooled activations of a network with SiLU: most are small, few are large, hardly any is negative.
				x = 1.5*x - .8 + .3*r.NormFloat64()
				b.code = binary.LittleEndian.AppendUint16(b.code, half.FromFloat32(float32(x/(1+math.Exp(-2*x)))))
			}
		}
	}
	return b
}

// video appends n frames.
func (b *frameBank) video(n, topic int, category int64, out []byte, s *stream) []byte {
	own := make([]byte, b.blocks)
	for k := range own {
		about := uint64(topic)
		if k%2 == 0 {
			about = uint64(category)
		}
		own[k] = byte(hash(b.key^about, uint64(k)))
		if x := s.Uint64(); x>>62 == 0 {
			own[k] = byte(x)
		}
	}
	for range n {
		for k, word := range own {
			x := s.Uint64()
			if x>>61 == 0 {
				word = byte(x >> 8)
			}
			at := ((k*codewords+int(word))*takes + int(x%takes)) * blockBytes
			out = appendNoisy(out, b.code[at:at+blockBytes], s)
		}
	}
	return out
}

// appendNoisy appends a block and changes the last bits of its values at random.
func appendNoisy(out, block []byte, s *stream) []byte {
	const last = 0x0007000700070007
	for i := 0; i+32 <= len(block); i += 32 {
		x := s.Uint64()
		for k := 0; k < 32; k += 8 {
			out = binary.LittleEndian.AppendUint64(out, binary.LittleEndian.Uint64(block[i+k:])^x&last)
			x >>= 3
		}
	}
	return out
}
