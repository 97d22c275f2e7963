. "$ROOT/tests/cli/tiny.sh"
try describe family dncn
try describe family dncnn widht=8
try describe family dncnn width=8 depth=1 width=9 batchnorm
try describe family dncnn width=eight =4
try describe family dncnn --input 28x28
try describe family dncnn --input 0x28x28
try describe family dncnn --input 1x28x28x
try describe family dncnn --input 1x65537x28
try describe family lenet5 --outputs ten
try describe family lenet5 --input 1x8x8
try describe family dncnn --outputs 2
try describe family autoencoder depth=3
try describe family dncnn depth=64 --input 1x65536x65536
try describe family --csv
try describe stage median --input 1x28x28
try describe dncnn width=8
