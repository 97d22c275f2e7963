# Training curves: score on the validation images above, training loss below, epochs shared.

# Lines are grid points: one stands in both panels.
lines = 0
pipelines = 0
do for [i=1:series] {
    if (role[i] eq 'score' && rank[i] >= lines) { lines = rank[i] + 1 }
    if (role[i] eq 'loss' && rank[i] >= lines) { lines = rank[i] + 1 }
    if (role[i] eq 'pipeline') { pipelines = 1 }
}
# With many lines the key names about five of them.
step = lines > 6 ? int((lines - 1)/4.0 + 0.5) : 1
named(i) = int(rank[i]) % step == 0

body = 3.1
keys = (lines + step - 1)/step + pipelines
load home.'/plots/style.gp'

# Grid points in the order of the plan, from dark to light (the middle of viridis; Smith, van der
# Walt 2015); one alone is red, as networks are elsewhere.
array ramp[7] = ['#440154', '#443983', '#31688E', '#21918C', '#35B779', '#90D743', '#DFC318']
shade(i) = lines < 2 ? vermillion : ramp[1 + int(rank[i]*6.0/(lines - 1) + 0.5)]
alpha = lines > 4 ? 0.08 : 0.18

set xrange [x_low:x_high]
# From the foot: epochs, loss, gap, score.
panel = 0.5*(body - 0.4 - 0.16)

set multiplot

do for [k=1:2] {
    what = k == 1 ? 'score' : 'loss'
    parts = ''
    do for [i=1:series] {
        if (is(i, what)) {
            parts = parts.', '.rows(i).sprintf(' using 2:4:5 with filledcurves fillstyle'. \
                ' transparent solid %g noborder linecolor rgb "%s" notitle', alpha, shade(i))
        }
        if (k == 1 && is(i, 'pipeline')) {
            parts = parts.', '.rows(i).' using 2:4:5 with filledcurves fillstyle transparent'. \
                ' solid 0.2 noborder linecolor rgb green notitle, '.rows(i). \
                ' using 2:3 with lines linewidth 1.3 dashtype (8,3) linecolor rgb green notitle'
        }
    }
    do for [i=1:series] {
        if (is(i, what)) {
            parts = parts.', '.rows(i).sprintf(' using 2:3 with lines linewidth 1.1 linecolor'. \
                ' rgb "%s" notitle', shade(i))
        }
    }
    if (parts eq '') { parts = ', NaN notitle' }
    if (k == 1) {
        do for [i=1:series] {
            if (is(i, 'score') && named(i)) {
                parts = parts.sprintf(', keyentry with lines linewidth 1.1 linecolor rgb "%s"'. \
                    ' title label[%d]', shade(i), i)
            }
            if (is(i, 'pipeline')) {
                parts = parts.sprintf(', keyentry with lines linewidth 1.3 dashtype (8,3)'. \
                    ' linecolor rgb green title label[%d]', i)
            }
        }
        set bmargin at screen up(foot + 0.36 + panel + 0.16)
        set yrange [y_low:y_high]
        eval 'set ytics ('.y_tics.')'
        eval 'set xtics ('.x_marks.')'
        set ylabel y_label offset 0.8, 0 textcolor rgb ink
    } else {
        unset label 1000
        unset key
        set tmargin at screen up(foot + 0.36 + panel)
        set bmargin at screen up(foot + 0.36)
        set yrange [y2_low:y2_high]
        if (y2_log) { set logscale y }
        eval 'set xtics ('.x_tics.')'
        eval 'set ytics ('.y2_tics.')'
        set ylabel y2_label offset 0.8, 0 textcolor rgb ink
        set xlabel x_label offset 0, 0.3 textcolor rgb ink
    }
    eval 'plot '.parts[3:]
}
unset multiplot
