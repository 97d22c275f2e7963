# Is a published experiment reproduced? By the same bits; by an older program's plan; not at all.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --no-timing --results a tiny.yaml >/dev/null 2>&1
understudy run --no-plots --no-timing --results b tiny.yaml >/dev/null 2>&1
mkdir published new
understudy publish --to published a/tiny.h5 >/dev/null
understudy publish --to new b/tiny.h5 >/dev/null
both() { try diff --published published/tiny.h5 new/tiny.h5 | sed 's/[0-9a-f]\{64\}/SHA/g; s/0[.][0-9]*/NUMBER/'; }
both
/usr/bin/python3 - <<'END'
import h5py
with h5py.File('published/tiny.h5', 'r+') as f:
    text = f['plan/resolved'][()].decode()
    assert '  overlap: false\n' in text
    del f['plan/resolved']
    f['plan/resolved'] = text.replace('  overlap: false\n', '')
    f.attrs['content_sha256'] = 64 * '0'
END
both
/usr/bin/python3 - <<'END'
import h5py
with h5py.File('published/tiny.h5', 'r+') as f:
    trials = f['trials']
    names = trials.attrs['columns'].decode().split('\n')
    for name in ('filter.recall', 'filter.auroc'):
        names.remove(name)
        del trials[name]
    trials.attrs['columns'] = '\n'.join(names)
END
both
/usr/bin/python3 - <<'END'
import h5py
with h5py.File('published/tiny.h5', 'r+') as f:
    f['trials/network.test.ssim'][1] = 2
END
both
