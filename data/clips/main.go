// SPDX-License-Identifier: Apache-2.0

// Command clips makes a corpus of a folder of clips and their titles:
//
//	go run ./data/clips --clips FOLDER --out DIR
//
// A clip is an animated GIF, a picture (PNG, JPEG), or a folder of pictures, its frames in the order of their names. FOLDER has
// titles.tsv, a line for each clip: its file TAB its title, and if it has tags TAB their numbers with commas between. With pairs.tsv,
// lines of file TAB file TAB similarity in [0,1], models can be finetuned. Ids count the lines of titles.tsv from 1.
//
// The features of a frame are the mean colours of 8 × 8 fields, over white where it is transparent. That is enough to try everything;
// for real work a clip is a NumPy file NAME.npy of the features that a network for pictures gives, frames × features.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	_ "image/jpeg" // decodes
	_ "image/png"  // decodes
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/half"
	"vsim/vsimlib/tfrecord"
)

func main() {
	clips := flag.String("clips", "", "folder with titles.tsv and the clips")
	out := flag.String("out", "", "folder of the corpus, which must not exist yet")
	vocab := flag.String("vocab", "data/emoji/vocab.txt", "BERT vocabulary that the corpus gets a copy of")
	flag.Parse()
	if err := build(*clips, *out, *vocab); err != nil {
		fmt.Fprintln(os.Stderr, "clips:", err)
		os.Exit(1)
	}
}

// build writes the corpus of a folder of clips.
func build(clips, out, vocab string) error {
	if _, err := os.Stat(out); out == "" || err == nil {
		return fmt.Errorf("--out %q: want a folder that does not exist yet", out)
	}
	videos, ids, err := read(clips)
	if err != nil {
		return err
	}
	words, err := os.ReadFile(vocab)
	if err != nil {
		return err
	}
	labels, paired, err := pairs(filepath.Join(clips, "pairs.tsv"), ids)
	if err != nil {
		return err
	}
	files := map[string][]byte{"vocab.txt": words}
	if files["pointwise/pretrain_0.tfrecords"], err = records(videos); err != nil {
		return err
	}
	if list := tags(videos); list != "" {
		files["tag_list.txt"] = []byte(list)
	}
	if labels != nil {
		files["pairwise/label.tsv"] = labels
		among := slices.DeleteFunc(slices.Clone(videos), func(v corpus.Video) bool { return !paired[v.ID] })
		if files["pairwise/pairwise.tfrecords"], err = records(among); err != nil {
			return err
		}
	}
	if err := write(out, files); err != nil {
		return err
	}
	fmt.Printf("%d videos, %d of them in pairs, in %s\n", len(videos), len(paired), out)
	return nil
}

// write makes a folder of files that appears whole: a part that a killed call left aside is made anew.
func write(out string, files map[string][]byte) error {
	out = filepath.Clean(out)
	aside := filepath.Join(filepath.Dir(out), atomicfile.Prefix+filepath.Base(out))
	if err := os.RemoveAll(aside); err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	for name, data := range files {
		path := filepath.Join(aside, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := atomicfile.WriteData(path, data); err != nil {
			return err
		}
	}
	return atomicfile.Rename(aside, out)
}

// lines are the fields of the lines of a table, at least least of them each.
func lines(path string, least int) ([][]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list [][]string
	for i, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		fields := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		if len(fields) < least {
			return nil, fmt.Errorf("%s: line %d has %d fields, want %d with tabs between", path, i+1, len(fields), least)
		}
		list = append(list, fields)
	}
	return list, nil
}

// read returns the videos that titles.tsv lists, and their ids by file.
func read(dir string) (videos []corpus.Video, ids map[string]int64, err error) {
	path := filepath.Join(dir, "titles.tsv")
	table, err := lines(path, 2)
	if err != nil {
		return nil, nil, err
	}
	ids = map[string]int64{}
	dim, like := 0, "" // features of a frame, and the first clip that has some
	for i, fields := range table {
		v := corpus.Video{ID: int64(i + 1), Title: fields[1]}
		file := filepath.Clean(fields[0])
		if first := ids[file]; first > 0 {
			return nil, nil, fmt.Errorf("%s: line %d: the clip %q is on line %d already; remove one of them", path, i+1, fields[0], first)
		}
		if len(fields) > 2 && fields[2] != "" {
			for _, text := range strings.Split(fields[2], ",") {
				tag, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
				if err != nil {
					return nil, nil, fmt.Errorf("%s: line %d: tag %q is no whole number", path, i+1, text)
				}
				v.Tags = append(v.Tags, tag)
			}
		}
		if v.Frames, v.NumFrames, err = framesOf(filepath.Join(dir, file)); err != nil {
			return nil, nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
		}
		if v.NumFrames > 0 {
			width := len(v.Frames) / 2 / v.NumFrames
			if dim == 0 {
				dim, like = width, fields[0]
			}
			if width != dim {
				return nil, nil, fmt.Errorf("%s: line %d: %q has frames of %d features, but %q has %d; compute all clips by one network",
					path, i+1, fields[0], width, like, dim)
			}
		}
		ids[file] = v.ID
		videos = append(videos, v)
	}
	return videos, ids, nil
}

// framesOf are the features of the frames of a clip.
func framesOf(path string) (frames []byte, number int, err error) {
	if strings.HasSuffix(path, ".npy") {
		return npyFrames(path)
	}
	err = pictures(path, func(picture image.Image) {
		for _, x := range features(picture) {
			frames = binary.LittleEndian.AppendUint16(frames, half.FromFloat32(x))
		}
		number++
	})
	return frames, number, err
}

// pictures shows the pictures of a clip, one after the other.
func pictures(path string, show func(image.Image)) error {
	entries, err := os.ReadDir(path)
	if err != nil { // no folder
		return decode(path, show)
	}
	for _, e := range entries { // by name
		if err := decode(filepath.Join(path, e.Name()), show); err != nil {
			return err
		}
	}
	return nil
}

// maxPixels bounds a picture: a few bytes of a file can ask for gigabytes of memory. It is a little more than 8K video has.
const maxPixels = 1 << 25

// decode shows the pictures of one file, those of an animation as they are seen.
func decode(path string, show func(image.Image)) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	config, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w; want GIF, PNG, JPEG or .npy", path, err)
	}
	if pixels := int64(config.Width) * int64(config.Height); pixels < 1 || pixels > maxPixels {
		return fmt.Errorf("%s: a picture of %d × %d pixels; want 1 to %d in all, so scale it down", path, config.Width, config.Height,
			maxPixels)
	}
	if kind == "gif" {
		animation, err := gif.DecodeAll(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		play(animation, show)
		return nil
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	show(picture)
	return nil
}

// play shows the pictures of an animation. What a frame draws stays for the next one, unless its disposal says that it is cleared,
// or replaced by what was seen before.
func play(animation *gif.GIF, show func(image.Image)) {
	canvas := image.NewRGBA(image.Rect(0, 0, animation.Config.Width, animation.Config.Height))
	for i, change := range animation.Image {
		before := slices.Clone(canvas.Pix)
		draw.Draw(canvas, change.Bounds(), change, change.Bounds().Min, draw.Over)
		show(canvas)
		switch animation.Disposal[i] {
		case gif.DisposalBackground:
			draw.Draw(canvas, change.Bounds(), image.Transparent, image.Point{}, draw.Src)
		case gif.DisposalPrevious:
			canvas.Pix = before
		}
	}
}

// side is the number of fields along a side of a picture.
const side = 8

// features are the mean red, green and blue of each field, in [-1,1].
func features(picture image.Image) []float32 {
	b := picture.Bounds()
	list := make([]float32, 0, 3*side*side)
	for i := range side * side {
		x0, x1 := b.Min.X+i%side*b.Dx()/side, b.Min.X+(i%side+1)*b.Dx()/side
		y0, y1 := b.Min.Y+i/side*b.Dy()/side, b.Min.Y+(i/side+1)*b.Dy()/side
		var sum [3]float64
		n := 0
		for y := y0; y < max(y1, y0+1); y++ {
			for x := x0; x < max(x1, x0+1); x++ {
				red, green, blue, alpha := picture.At(x, y).RGBA()
				white := 0xffff - alpha // that shows through
				sum[0], sum[1], sum[2], n = sum[0]+float64(red+white), sum[1]+float64(green+white), sum[2]+float64(blue+white), n+1
			}
		}
		for _, s := range sum {
			list = append(list, float32(s/float64(n)/0xffff*2-1))
		}
	}
	return list
}

// records are the videos as a record file.
func records(videos []corpus.Video) ([]byte, error) {
	var out bytes.Buffer
	w := tfrecord.NewWriter(&out)
	for _, v := range videos {
		data, err := corpus.AppendVideo(nil, v, true)
		if err == nil {
			err = w.Write(data)
		}
		if err != nil {
			return nil, fmt.Errorf("video %d: %w", v.ID, err)
		}
	}
	return out.Bytes(), nil
}

// tags are the lines of tag_list.txt.
func tags(videos []corpus.Video) string {
	var all []int64
	for _, v := range videos {
		all = append(all, v.Tags...)
	}
	slices.Sort(all)
	text := ""
	for _, tag := range slices.Compact(all) {
		text += fmt.Sprintln(tag)
	}
	return text
}

// pairs are the lines of label.tsv and the ids in them; nil where there is no file.
func pairs(path string, ids map[string]int64) (labels []byte, paired map[int64]bool, err error) {
	table, err := lines(path, 3)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	paired = map[int64]bool{}
	for i, fields := range table {
		score, err := strconv.ParseFloat(fields[2], 64)
		if err != nil || !(score >= 0 && score <= 1) {
			return nil, nil, fmt.Errorf("%s: line %d: similarity %q is no number in [0,1]", path, i+1, fields[2])
		}
		var pair [2]int64
		for k, file := range fields[:2] {
			if pair[k] = ids[filepath.Clean(file)]; pair[k] == 0 {
				return nil, nil, fmt.Errorf("%s: line %d: titles.tsv has no clip %q", path, i+1, file)
			}
			paired[pair[k]] = true
		}
		labels = fmt.Appendf(labels, "%d\t%d\t%s\n", pair[0], pair[1], fields[2])
	}
	return labels, paired, nil
}
