#!/usr/bin/env bash
# Builds the images with podman or docker, and files of them for machines without either.
#   containers/build.sh [-o FOLDER] [-g] [-u] [image ...] [-- option of `build` ...]
#     image   data, model (default: both)
#     -g      model with CUDA: tag <version>-gpu
#     -u      also unpack each image as a folder, for charliecloud
#     -o      where the files go (default: containers/out)
#     option  of `build`, such as --platform linux/arm64 (needs emulation, or such a machine)
#   CONTAINER  the program that builds (default: podman, else docker);  SIF_BUILDER  likewise apptainer, else singularity
# Writes, for each image: FOLDER/helixtune-<image>-<tag>.oci.tar and, where Apptainer or Singularity is at hand, .sif
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=containers/out suffix='' unpack=no
while getopts 'o:gu' option; do
  case $option in
    o) out=$OPTARG ;;
    g) suffix=-gpu ;;
    u) unpack=yes ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
images=()
while (($#)) && [[ $1 != -- ]]; do images+=("$1"); shift; done
(($#)) && shift
options=("$@")
((${#images[@]})) || images=(data model)

stop() { echo "containers: $*" >&2; exit 1; }
builder=${CONTAINER:-$(command -v podman || command -v docker || true)}
[[ -n $builder ]] || stop 'neither podman nor docker is on PATH'
sif_builder=${SIF_BUILDER:-$(command -v apptainer || command -v singularity || true)}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

# archive IMAGE FILE: podman writes OCI archives; docker's own archives hold an OCI layout since version 25.
archive() {
  rm -f "$2"
  if "$builder" --version | grep -q podman; then "$builder" save -q --format oci-archive -o "$2" "$1"; else "$builder" save -o "$2" "$1"; fi
}

# unpack IMAGE FOLDER: an image as charliecloud runs it, with the image's environment where `ch-run --set-env` looks for it.
unpack() {
  local container
  container=$("$builder" create "$1" true)
  rm -rf "$2.partial"
  mkdir -p "$2.partial"
  "$builder" export "$container" | tar -C "$2.partial" -x
  "$builder" rm "$container" >/dev/null
  mkdir -p "$2.partial/ch"
  "$builder" inspect "$1" --format '{{range .Config.Env}}{{println .}}{{end}}' | sed '/^$/d' > "$2.partial/ch/environment"
  rm -rf "$2"
  mv "$2.partial" "$2"
}

mkdir -p "$out"
for image in "${images[@]}"; do
  tag=$version$([[ $image == model ]] && echo "$suffix" || true)
  gpu=()
  [[ $tag == *-gpu ]] && gpu=(--build-arg REQUIREMENTS=model-gpu.txt)
  name=ghcr.io/helixtune/helixtune/$image:$tag   # as conf/containers.config asks for it
  file=$out/helixtune-$image-$tag
  "$builder" build -f containers/Dockerfile --target "$image" -t "$name" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    ${gpu[@]+"${gpu[@]}"} ${options[@]+"${options[@]}"} .
  archive "$name" "$file.oci.tar"
  [[ $unpack == no ]] || unpack "$name" "$file"
  if [[ -n $sif_builder ]]; then
    "$sif_builder" build --force "$file.sif" "oci-archive:$file.oci.tar"
  else
    echo "containers: NOT MADE: $file.sif, for neither apptainer nor singularity is on PATH; where one is:" \
      "apptainer build $file.sif oci-archive:$file.oci.tar" >&2
  fi
done
ls -sh "$out"
