# A sensor that uses part of the scale: told; and said by `range`, in the files' numbers.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
dark() { # dark FILE STEP: 12 bits in 16
  { printf 'P2 16 16 65535\n'; seq 0 255 | awk -v s="$2" '{ print 4090 - ($1 * s + int($1 * $1 / 7)) % 4000 }'; } >"$1"
}
mkdir train test bright
for i in $(seq 8); do dark train/$i.pgm "$i"; done
for i in $(seq 21 23); do dark test/$i.pgm "$i"; done
scores() { understudy table "$1/mine.h5" | sed 's/[0-9a-f]\{64\}//g'; } # whatever the files' digest
mine
told run --no-plots --no-timing -d . -r whole mine.yaml
mine 'range: [0, 4095]'
told run --no-plots --no-timing -d . -r said mine.yaml
mine 'range: auto'
told run --no-plots --no-timing -d . -r auto mine.yaml
cmp <(scores said) <(scores auto) || fail "auto is another range than the one told"
cmp -s <(scores said) <(scores whole) && fail "a range changes nothing"
echo "the same pixels where the files' scale is what was said"
sed -i 's/^P2 16 16 65535$/P2 16 16 4095/' train/*.pgm test/*.pgm
mine
told run --no-plots --no-timing -d . -r files mine.yaml
cmp <(scores said) <(scores files) || fail "'range: [0, 4095]' is not the scale of 4095"
echo "outside of the range"
mine 'range: [1000, 3000]'
told run --no-plots --no-timing -d . -r clipped mine.yaml
echo "no range"
for range in '[10, 5]' '[1]' '[0, nan]' 'car' '[-inf, 5]'; do
  mine "range: $range"
  told check mine.yaml
done
