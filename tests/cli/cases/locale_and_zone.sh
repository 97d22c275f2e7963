# Neither language nor time zone is part of a result, nor of what is printed.
. "$ROOT/tests/cli/tiny.sh"
tiny
LC_ALL=C TZ=UTC understudy run --no-plots -r plain tiny.yaml 2>/dev/null >plain.out
for locale in $(locale -a 2>/dev/null | grep -iE '^(de|fr|tr)_' | head -n 3) C.UTF-8; do
  LC_ALL=$locale TZ=Pacific/Kiritimati understudy run --no-plots -r "$locale" tiny.yaml 2>/dev/null >other.out
  cmp <(digest plain.out) <(digest other.out)
  cmp <(LC_ALL=C understudy table plain/tiny.h5) <(LC_ALL=$locale understudy table "$locale/tiny.h5")
done
[ -n "$(digest plain.out)" ] || fail "no content_sha256"
