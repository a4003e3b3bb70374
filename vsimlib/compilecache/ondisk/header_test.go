// SPDX-License-Identifier: Apache-2.0

package ondisk

import (
	_ "embed"
	"testing"

	"vsim/vsimlib/pjrttable/pjrttabletest"
)

//go:embed hook.h
var header string

// TestHeader compares hook.h with the header that go-xla is built from.
func TestHeader(t *testing.T) { pjrttabletest.Compare(t, "hook.h", header, structs, functions) }

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
