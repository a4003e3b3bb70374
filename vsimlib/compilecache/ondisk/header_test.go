// SPDX-License-Identifier: Apache-2.0

package ondisk

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHeader compares hook.h with the header that go-xla is built from: the C compiler refuses a struct of another size, a field at
// another offset or of another name, and a function at another index.
func TestHeader(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := assertions(t)
	if strings.Count(source, "_Static_assert") < 50 {
		t.Fatalf("too few assertions:\n%s", source)
	}
	compile := func(source string) ([]byte, error) {
		file := filepath.Join(t.TempDir(), "header.c")
		if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		include := filepath.Join(strings.TrimSpace(string(dir)), "pjrt")
		return exec.Command("cc", "-fsyntax-only", "-I", here, "-I", include, file).CombinedOutput()
	}
	if out, err := compile(source); err != nil {
		t.Errorf("hook.h is not pjrt_c_api.h of this go-xla:\n%s", out)
	}
	if _, err := compile(strings.Replace(source, "index_client_compile", "index_client_compile + 1", 1)); err == nil {
		t.Error("a wrong index compiles")
	}
}

// structs pairs hook.h's structs with the header's.
var structs = map[string]string{
	"error_destroy_args": "PJRT_Error_Destroy_Args", "platform_version_args": "PJRT_Client_PlatformVersion_Args",
	"addressable_devices_args": "PJRT_Client_AddressableDevices_Args", "get_description_args": "PJRT_Device_GetDescription_Args",
	"kind_args": "PJRT_DeviceDescription_Kind_Args", "program_struct": "PJRT_Program", "compile_args": "PJRT_Client_Compile_Args",
	"executable_destroy_args": "PJRT_Executable_Destroy_Args", "get_executable_args": "PJRT_LoadedExecutable_GetExecutable_Args",
	"serialize_args": "PJRT_Executable_Serialize_Args", "deserialize_args": "PJRT_Executable_DeserializeAndLoad_Args",
}

// functions pairs hook.h's indices with the table's fields.
var functions = map[string]string{
	"error_destroy": "PJRT_Error_Destroy", "client_platform_version": "PJRT_Client_PlatformVersion",
	"client_addressable_devices": "PJRT_Client_AddressableDevices", "client_compile": "PJRT_Client_Compile",
	"device_description_kind": "PJRT_DeviceDescription_Kind", "device_get_description": "PJRT_Device_GetDescription",
	"executable_destroy": "PJRT_Executable_Destroy", "executable_serialize": "PJRT_Executable_Serialize",
	"loaded_executable_get_executable": "PJRT_LoadedExecutable_GetExecutable",
	"executable_deserialize_and_load":  "PJRT_Executable_DeserializeAndLoad",
}

// assertions writes a C file that asserts what hook.h says of each struct, field and index.
func assertions(t *testing.T) string {
	header, err := os.ReadFile("hook.h")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("#include \"pjrt_c_api.h\"\n#include \"hook.h\"\n")
	equal := func(a, b string) string { return fmt.Sprintf("_Static_assert(%s == %s, %q);\n", a, b, a) }
	found := 0
	each := regexp.MustCompile(`(?s)typedef struct \{\n  ARGUMENTS;\n(.*?)\} (\w+);`)
	for _, m := range each.FindAllStringSubmatch(string(header), -1) {
		theirs := structs[m[2]]
		if theirs == "" {
			t.Fatalf("struct %s has no pair", m[2])
		}
		found++
		b.WriteString(equal("sizeof("+m[2]+")", "sizeof("+theirs+")"))
		for _, f := range regexp.MustCompile(`(\w+);|\(\*(\w+)\)\(`).FindAllStringSubmatch(m[1], -1) {
			name := f[1] + f[2]
			b.WriteString(equal("offsetof("+m[2]+", "+name+")", "offsetof("+theirs+", "+name+")"))
		}
	}
	for _, m := range regexp.MustCompile(`index_(\w+) = \d+`).FindAllStringSubmatch(string(header), -1) {
		if functions[m[1]] == "" {
			t.Fatalf("index %s has no pair", m[1])
		}
		found++
		b.WriteString(equal("offsetof(pjrt_table, function) + sizeof(void *) * index_"+m[1], "offsetof(PJRT_Api, "+functions[m[1]]+")"))
	}
	if found != len(structs)+len(functions) {
		t.Fatalf("%d structs and indices, want %d", found, len(structs)+len(functions))
	}
	return b.String()
}
