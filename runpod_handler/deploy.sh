#!/usr/bin/env bash
# Builds the worker's image, tags it by its content, pushes it, and creates or updates the endpoint through RunPod's API.
#   RUNPOD_API_KEY=... runpod_handler/deploy.sh --image docker.io/me/tuner-worker --variant cuda
# Needs docker, curl and jq. The key and the bucket's keys come from the environment and are neither printed nor put on a
# command line. --dry-run prints what would be done and needs none of them, nor the network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'TEXT'
usage: runpod_handler/deploy.sh --image REGISTRY/NAME [options]
  --image NAME             where the image is pushed to, without a tag (required)
  --variant cuda|cpu       cuda (default) or cpu
  --datasets A,B           data sets baked into the image; default mnist, "" for none
  --name NAME              the endpoint's name; default tuner
  --gpu POOL,POOL          GPU pools, in the order of preference; default AMPERE_16,AMPERE_24,ADA_24
  --cpu FLAVOR:VCPUS       CPU flavor of the variant cpu; default cpu3c:4
  --max-workers N          at most so many workers; default 3
  --concurrent-trials N    trials that one worker trains at once, 1 to 6; default 1
  --timeout-s S            seconds a trial may run where its request does not say; default 3600
  --registry-id ID         RunPod's credential for a private registry
  --dry-run                print what would be done
environment: RUNPOD_API_KEY; BUCKET_ENDPOINT_URL, BUCKET_ACCESS_KEY_ID, BUCKET_SECRET_ACCESS_KEY, BUCKET_NAME,
  BUCKET_REGION are handed to the workers
TEXT
}

die() {
    echo "deploy.sh: $1" >&2
    exit 2
}

image='' variant=cuda datasets=mnist name=tuner gpu=AMPERE_16,AMPERE_24,ADA_24 cpu=cpu3c:4 max_workers=3
concurrent_trials=1 timeout_s=3600 registry_id='' dry_run=false
while (($#)); do
    case "$1" in
        --dry-run) dry_run=true; shift; continue ;;
        -h | --help) usage; exit 0 ;;
        --image | --variant | --datasets | --name | --gpu | --cpu | --max-workers | --concurrent-trials | --timeout-s | \
            --registry-id) (($# > 1)) || die "$1 needs a value" ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    option=${1#--}
    printf -v "${option//-/_}" '%s' "$2"
    shift 2
done

[[ -n $image ]] || die "--image is missing: where is the image to be pushed to?"
[[ ${image##*/} != *:* ]] || die "--image $image: leave the tag out, it is made of the content"
[[ $variant == cuda || $variant == cpu ]] || die "--variant $variant: must be cuda or cpu"
[[ $concurrent_trials =~ ^[1-6]$ ]] || die "--concurrent-trials $concurrent_trials: must be a number from 1 to 6"
[[ $max_workers =~ ^[1-9][0-9]*$ ]] || die "--max-workers $max_workers: must be a number from 1"
[[ $timeout_s =~ ^[1-9][0-9]*$ ]] || die "--timeout-s $timeout_s: must be a number of seconds from 1"
[[ $cpu =~ ^[a-z0-9]+:[0-9]+$ ]] || die "--cpu $cpu: must be FLAVOR:VCPUS, such as cpu3c:4"
command -v jq >/dev/null || die "jq is missing: install it"

# The same content and arguments give the same tag, on any machine: what is deployed already is not rolled out again.
content=$(
    {
        find tuner runpod_handler -type f ! -path '*/__pycache__/*' -print0
        printf '%s\0' requirements.lock
    } | LC_ALL=C sort -z | xargs -0 sha256sum
    printf '%s\n' "$variant" "$datasets"
)
tag="$variant-$(sha256sum <<<"$content" | cut -c1-12)"

# jq reads the environment itself: what is in it never stands on a command line.
export concurrent_trials
settings=$(jq -n '
    {CONCURRENT_TRIALS: env.concurrent_trials}
    + (["BUCKET_ENDPOINT_URL", "BUCKET_ACCESS_KEY_ID", "BUCKET_SECRET_ACCESS_KEY", "BUCKET_NAME", "BUCKET_REGION"]
       | map(select(env[.] // "" != "") | {(.): env[.]}) | add // {})')
# A worker for every so many trials: trials last long, so waiting in the queue says little.
endpoint=$(jq --arg image "$image:$tag" --arg variant "$variant" --arg gpu "$gpu" --arg cpu "$cpu" \
    --arg registry "$registry_id" --argjson workers "$max_workers" --argjson trials "$concurrent_trials" \
    --argjson timeout "$timeout_s" '
    {image: $image, disk: 20, env: ., timeout: ($timeout * 1000), workers: {min: 0, max: $workers},
     scaling: {type: "REQUEST_COUNT", requestCount: $trials}}
    + (if $variant == "cuda" then {gpu: {pools: ($gpu | split(",")), count: 1, minCudaVersion: "12.5"}}
       else {cpu: [{id: ($cpu | split(":")[0]), vcpuCount: ($cpu | split(":")[1] | tonumber)}]} end)
    + (if $registry == "" then {} else {registry: $registry} end)' <<<"$settings")
create=$(jq --arg name "$name" '{name: $name, type: "QUEUE", flashboot: "FLASHBOOT"} + .' <<<"$endpoint")

api=${RUNPOD_REST_URL:-https://api.runpod.io/v2}
build=(docker build --file runpod_handler/Dockerfile --platform linux/amd64 --build-arg "VARIANT=$variant"
    --build-arg "DATASETS=$datasets" --tag "$image:$tag" .)

if $dry_run; then
    echo "would run: ${build[*]}"
    echo "would run: docker push $image:$tag"
    echo "would ask: GET $api/serverless for an endpoint named $name"
    echo "would send: POST $api/serverless, or PATCH $api/serverless/ID without name, type and flashboot, if there is one:"
    jq '.env |= with_entries(if .key | test("KEY") then .value = "***" else . end)' <<<"$create"
    exit 0
fi

[[ -n ${RUNPOD_API_KEY:-} ]] || die "RUNPOD_API_KEY is not set: make a key in RunPod's console under Settings, API Keys"
for tool in docker curl; do
    command -v "$tool" >/dev/null || die "$tool is missing: install it"
done

# call METHOD PATH: sends standard input as the body of POST and PATCH; the answer's body comes on standard output.
call() {
    local method=$1 path=$2 body=()
    [[ $method == GET ]] || body=(--header 'Content-Type: application/json' --data-binary @-)
    curl --silent --show-error --fail-with-body --max-time 60 --request "$method" ${body[@]+"${body[@]}"} \
        --config <(printf 'header = "Authorization: Bearer %s"\n' "$RUNPOD_API_KEY") "$api$path"
}

"${build[@]}"
docker push "$image:$tag"
known=$(call GET /serverless) || die "the list of endpoints was refused: $(jq -r '.detail? // .' <<<"$known" 2>/dev/null)"
id=$(jq -r --arg name "$name" 'first(.endpoints[] | select(.name == $name or .name == $name + " -fb") | .id) // empty' <<<"$known")
if [[ -n $id ]]; then
    answer=$(call PATCH "/serverless/$id" <<<"$endpoint") || die "the update was refused: $(jq -r '.detail? // .' <<<"$answer")"
    echo "updated endpoint $name: $image:$tag"
else
    answer=$(call POST /serverless <<<"$create") || die "the endpoint was refused: $(jq -r '.detail? // .' <<<"$answer")"
    id=$(jq -r .id <<<"$answer")
    echo "created endpoint $name: $image:$tag"
fi
echo "export RUNPOD_ENDPOINT_ID=$id"
