# Parallel coordinates: axes at 1, 2 … from 0 to 1 with their values, a line a grid point in the
# colour of its place on the last axis.

body = 2.4
keys = 0
columns = 0
longest = 0
load home.'/plots/style.gp'
unset border
unset tics
set lmargin at screen 0.16/page_width
set rmargin at screen 1 - 0.5/page_width
set bmargin at screen up(foot + 0.12)
set tmargin at screen up(page_height - head - 0.24)

last = 1
do for [i=1:series] {
    if (is(i, 'axis_name')) {
        eval 'stats '.rows(i).' using 2 nooutput'
        if (exists("STATS_max")) { if (STATS_max > last) { last = STATS_max } }
    }
}
set xrange [1 - 0.1:last + 0.02]
set yrange [-0.03:1.03]
set palette defined (0 ramp[1], 1 ramp[2], 2 ramp[3], 3 ramp[4], 4 ramp[5], 5 ramp[6], 6 ramp[7], 7 ramp[8])
set cbrange [0:1]
unset colorbox
set style textbox opaque noborder margins 0.3, 0.3 fillcolor rgb paper

parts = ''
do for [i=1:series] {
    if (is(i, 'profile')) {
        place = 0.5
        eval 'stats '.rows(i).' using ($2 == last ? $3 : 1/0) nooutput name "END"'
        if (exists("END_max")) { place = END_max }
        parts = parts.', '.rows(i).sprintf(' using 2:3:(%g) with lines linewidth 0.9 linecolor palette notitle', place)
    }
}
do for [k=1:(last < 1000 ? int(last) : 0)] {
    set arrow k from first k, first 0 to first k, first 1 nohead linewidth 0.8 linecolor rgb ink front
}
do for [i=1:series] {
    if (is(i, 'axis_value')) {
        parts = parts.', '.rows(i).sprintf(' using 2:3:(label[%d]) with labels boxed left offset 0.5, 0 font ",5.5"'. \
            ' textcolor rgb ink notitle', i)
    }
    if (is(i, 'axis_name')) {
        parts = parts.', '.rows(i).sprintf(' using 2:(1):(label[%d]) with labels center offset 0, 1.1 font ",6"'. \
            ' textcolor rgb ink notitle', i)
    }
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
