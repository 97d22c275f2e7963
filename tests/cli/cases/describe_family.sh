# A family with its network, for the defaults and for other parameters and images; as CSV.
. "$ROOT/tests/cli/tiny.sh"
understudy describe family dncnn depth=3 width=64 --input 3x1000x30 | tail -n +12
understudy describe dncnn >one
understudy describe family dncnn --input 1x28x28 --outputs 1 | cmp - one
understudy describe family lenet5 | tail -n 17
understudy describe family --csv mlp depth=1 width=300 --outputs 7 --input 1x20x20
