. "$ROOT/tests/cli/tiny.sh"
try bench
try bench trainin
try bench speed
try bench training networks
try bench training --network lenet
try bench training --network lenet5,vgg
try bench training --network ''
try bench training --engine openblaz
try bench training --precision flaot32
try bench training --threads 0
try bench training --threads 1,two
try bench training --threads ''
try bench training --shard 0
try bench training --seconds -1
try bench training --seconds nan
try bench training --seconds 1s
mkdir -p empty/networks/families
try bench training --home empty --network lenet5
