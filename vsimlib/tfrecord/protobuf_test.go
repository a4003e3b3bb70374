// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// exampleType is tensorflow's example.proto and feature.proto, as far as Example needs them.
var exampleType = func() protoreflect.MessageType {
	const optional, repeated = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL, descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	field := func(name string, number int32, label descriptorpb.FieldDescriptorProto_Label, typ descriptorpb.FieldDescriptorProto_Type,
		message string) *descriptorpb.FieldDescriptorProto {
		f := &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Label: label.Enum(), Type: typ.Enum()}
		if message != "" {
			f.TypeName = proto.String(".tensorflow." + message)
		}
		return f
	}
	message := func(name string, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
		return &descriptorpb.DescriptorProto{Name: &name, Field: fields}
	}
	msg := descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	feature := message("Feature", field("bytes_list", 1, optional, msg, "BytesList"),
		field("float_list", 2, optional, msg, "FloatList"), field("int64_list", 3, optional, msg, "Int64List"))
	feature.OneofDecl = []*descriptorpb.OneofDescriptorProto{{Name: proto.String("kind")}}
	for _, f := range feature.Field {
		f.OneofIndex = proto.Int32(0)
	}
	entry := message("FeatureEntry", field("key", 1, optional, descriptorpb.FieldDescriptorProto_TYPE_STRING, ""), field("value", 2, optional, msg, "Feature"))
	entry.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
	features := message("Features", field("feature", 1, repeated, msg, "Features.FeatureEntry"))
	features.NestedType = []*descriptorpb.DescriptorProto{entry}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("example.proto"), Package: proto.String("tensorflow"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{
			message("BytesList", field("value", 1, repeated, descriptorpb.FieldDescriptorProto_TYPE_BYTES, "")),
			message("FloatList", field("value", 1, repeated, descriptorpb.FieldDescriptorProto_TYPE_FLOAT, "")),
			message("Int64List", field("value", 1, repeated, descriptorpb.FieldDescriptorProto_TYPE_INT64, "")),
			feature, features, message("Example", field("features", 1, optional, msg, "Features")),
		},
	}, nil)
	if err != nil {
		panic(err)
	}
	return dynamicpb.NewMessageType(file.Messages().ByName("Example"))
}()

// byProtobuf decodes an Example with the protobuf runtime; ok is false where that has no answer: on a map key of another wire type
// its slow path for dynamic messages (1.36.12) panics.
func byProtobuf(wire []byte) (features map[string]Feature, ok bool, err error) {
	defer func() { ok = recover() == nil }()
	features, err = decodeByProtobuf(wire)
	return features, true, err
}

func decodeByProtobuf(wire []byte) (map[string]Feature, error) {
	m := exampleType.New()
	if err := proto.Unmarshal(wire, m.Interface()); err != nil {
		return nil, err
	}
	out := map[string]Feature{}
	get := func(m protoreflect.Message, name protoreflect.Name) protoreflect.Value {
		return m.Get(m.Descriptor().Fields().ByName(name))
	}
	get(get(m, "features").Message(), "feature").Map().Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		f := Feature{Name: key.String()}
		v := value.Message()
		if which := v.WhichOneof(v.Descriptor().Oneofs().Get(0)); which != nil {
			f.Kind = Kind(which.Number())
			list := get(v.Get(which).Message(), "value").List()
			for i := range list.Len() {
				switch x := list.Get(i); f.Kind {
				case BytesList:
					f.Bytes = append(f.Bytes, x.Bytes())
				case FloatList:
					f.Floats = append(f.Floats, float32(x.Float()))
				case Int64List:
					f.Ints = append(f.Ints, x.Int())
				}
			}
		}
		out[f.Name] = f
		return true
	})
	return out, nil
}

// agree fails where Unmarshal and protobuf differ on whether wire is an Example, or on what it holds.
func agree(t *testing.T, e *Example, wire []byte) {
	t.Helper()
	err := e.Unmarshal(wire)
	want, ok, oracleErr := byProtobuf(wire)
	if !ok {
		return
	}
	if (err == nil) != (oracleErr == nil) {
		t.Fatalf("%x: Unmarshal says %v, protobuf %v", wire, err, oracleErr)
	}
	if err != nil {
		return
	}
	if len(e.Features) != len(want) {
		t.Fatalf("%x: %d features, protobuf finds %d", wire, len(e.Features), len(want))
	}
	for name, w := range want {
		if got := e.Get(name); got == nil || !equalFeatures(*got, w) {
			t.Fatalf("%x: %+v, protobuf reads %+v", wire, got, w)
		}
	}
}

func delim(num protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), bytes.Join(parts, nil))
}

// oddWires are legal and illegal messages that a usual writer does not write.
func oddWires() [][]byte {
	entry := func(name string, values ...[]byte) []byte {
		out := delim(1, []byte(name))
		for _, v := range values {
			out = append(out, delim(2, v)...)
		}
		return delim(1, out)
	}
	varint := func(v int64) []byte { return protowire.AppendVarint(nil, uint64(v)) }
	packed, unpacked := delim(3, delim(1, varint(5), varint(-6))), delim(3, []byte("\x08\x05\x08\x07"))
	text, number := delim(1, delim(1, []byte("ab")), delim(1)), delim(2, delim(1, []byte("\x00\x00\xc0\x3f\x00\x00\x00\x80")))
	loose := delim(2, []byte("\x0d\x00\x00\x20\x40"))
	skip := bytes.Join([][]byte{[]byte("\x50\x2a\x59\x00\x00\x00\x00\x00\x00\x00\x00"), delim(12, []byte("xyz")),
		[]byte("\x6b\x08\x01\x6c")}, nil)
	join := func(b ...[]byte) []byte { return bytes.Join(b, nil) }
	return [][]byte{
		nil,
		delim(1),
		delim(1, entry("a", packed), entry("b", unpacked), entry("c", text), entry("d", number), entry("e", loose)),
		delim(1, entry("a", packed), entry("a", unpacked)),                                 // one key twice: the last wins
		delim(1, entry("a", packed), entry("b", text), entry("a", text)),                   // ... of another kind
		join(delim(1, entry("a", packed)), delim(1, entry("b", text), entry("a", number))), // two Features messages
		delim(1, entry("a", packed, unpacked)),                                             // two values of one entry are merged
		delim(1, entry("a", packed, text)),                                                 // ... unless the kind changes
		delim(1, entry("a", join(packed, unpacked, text, text))),                           // both in one value
		delim(1, entry("a")),                                           // no value
		delim(1, entry("a", nil)),                                      // no kind
		delim(1, delim(1, delim(2, packed))),                           // no key
		delim(1, delim(1, delim(2, packed), delim(1, []byte("late")))), // the key behind the value
		delim(1, delim(1, delim(1, []byte("first")), delim(1, []byte("2nd")), delim(2, text))), // two keys
		join(skip, delim(1, skip, delim(1, skip, delim(1, []byte("a")), delim(2, skip, delim(3, skip, delim(1, varint(9)))))), skip),
		// a list's number with another wire type
		delim(1, entry("a", join([]byte("\x18\x01"), packed))),
		join([]byte("\x08\x01"), delim(1, []byte("\x08\x01"), entry("a", text))),                     // the same, further out
		delim(1, entry("a", delim(3, delim(1, []byte("\x01\x01")), []byte("\x08\x02"), delim(1)))),   // packed and unpacked mixed
		delim(1, entry("a", delim(2, delim(1, []byte("12345"))))),                                    // floats of five bytes
		delim(1, entry("\xff", packed)),                                                              // a name that is not UTF-8
		delim(1, delim(1, delim(1, []byte("\xff")), delim(1, []byte("b")), delim(2, text))),          // ... put right later
		delim(1, entry("标签", packed)),                                                                // one that is
		delim(1, entry("a", delim(3, delim(1, []byte("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"))))), // a varint of ten bytes
		delim(1, entry("a", delim(3, delim(1, []byte("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"))))),
		join([]byte("\x0c"), delim(1, entry("a", text))), // a group ends that never began
		[]byte("\x02\x00"),                     // field number 0
		[]byte("\x80\x80\x80\x80\x30\x80\x30"), // field number 2^30 and more
	}
}

// Odd wire forms, every truncation of them and random damage are decided as the protobuf runtime decides them.
func TestUnmarshalAgreesWithProtobuf(t *testing.T) {
	var e Example // one for all, so that its reuse is tested too
	rng := rand.New(rand.NewPCG(11, 0))
	for _, wire := range oddWires() {
		agree(t, &e, wire)
		for n := range wire {
			agree(t, &e, wire[:n])
		}
		for range 200 * min(1, len(wire)) {
			b := bytes.Clone(wire)
			for range 1 + rng.IntN(3) {
				b[rng.IntN(len(b))] = byte(rng.IntN(256))
			}
			agree(t, &e, b)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, wire := range oddWires() {
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var e, again Example
		agree(t, &e, wire)
		if e.Unmarshal(wire) != nil {
			return
		}
		encoded, err := AppendExample(nil, e.Features)
		if err != nil {
			t.Fatalf("decoded, but does not encode: %v", err)
		}
		agree(t, &again, encoded)
		for _, want := range e.Features {
			if got := again.Get(want.Name); got == nil || !equalFeatures(*got, want) {
				t.Fatalf("%+v became %+v", want, got)
			}
		}
		if len(again.Features) != len(e.Features) {
			t.Fatalf("%d features became %d", len(e.Features), len(again.Features))
		}
	})
}
