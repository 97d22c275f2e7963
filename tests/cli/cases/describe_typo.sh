. "$ROOT/tests/cli/tiny.sh"
try describe stag
try describe stag median
try describe stage medain
try describe medain
try describe stage zzzzzz
try describe experiment epochs
try describe hardware tpu_v2
try describe stage median radius
