# Runs of several plans of one name at once: none of their results is lost, whichever comes last. And a run
# that is killed on the way loses none either.
. "$ROOT/tests/cli/tiny.sh"
tiny
for round in 1 2 3; do
  rm -rf results/*.h5
  for seed in 1 2 3 4; do
    understudy run --no-plots --set "seed=$seed" tiny.yaml >"out$seed" 2>/dev/null &
  done
  wait
  for seed in 1 2 3 4; do digest "out$seed"; done | sort >wanted
  for file in results/*.h5; do
    /usr/bin/python3 -c 'import h5py, sys
digest = h5py.File(sys.argv[1]).attrs["content_sha256"]
print(digest.decode() if isinstance(digest, bytes) else digest)' "$file"
  done | sort >found
  [ "$(wc -l <wanted)" -eq 4 ] || fail "not all ended well"
  cmp wanted found
done
