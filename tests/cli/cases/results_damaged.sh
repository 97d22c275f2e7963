# What is no results file, or no longer one, is named, with what is wrong.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml >/dev/null 2>&1
head -c 4000 results/tiny.h5 >cut.h5
printf 'not HDF5 at all' >text.h5
: >empty.h5
mkdir folder.h5
record=$(find results/cache/evaluate -name '*.h5' | head -n 1)
for verb in table plot; do
  for file in cut.h5 text.h5 empty.h5 folder.h5 missing.h5 "$record"; do
    try $verb "$file" | sed "s|$record|RECORD.h5|" >out
    [ "$(tail -n 1 out)" = '=> 1' ] || fail "$(cat out)"
    [ "$(grep -c ^understudy: out)" -eq 1 ] || fail "$(cat out)"
    cat out
  done
done
[ ! -e plots ] || fail "something was drawn"
