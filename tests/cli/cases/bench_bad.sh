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
try bench runner --trials 10,0
try bench runner --trials ''
try bench runner --plan 1e6
try bench runner --repeats 1001
try bench runner --trials 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
try bench runner --scratch none/such
mkdir -p empty/networks/families
try bench training --home empty --network lenet5
