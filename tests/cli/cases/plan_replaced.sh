# A part of the pipeline for the network, the rest stays; wrong names are told.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/^pipeline:.*/pipeline: {stages: [median, bilateral, gaussian], replace: {from: bilateral, to: bilateral}}/' tiny.yaml
understudy plan tiny.yaml | sed -n 2p
try check --set pipeline.replace.to=gausian tiny.yaml
try check --set pipeline.replace.to=median tiny.yaml
