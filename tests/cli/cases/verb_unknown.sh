. "$ROOT/tests/cli/tiny.sh"
try chek
try tabel x.h5
try nothing_like_it
try --bogus
