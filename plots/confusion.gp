# A matrix of counts: a row for each true class, coloured by the share of the row.

body = 3.0
keys = 0
columns = 0
longest = 0
do for [i=1:series] { if (strlen(label[i]) > longest) { longest = strlen(label[i]) } }
y_width = longest
load home.'/plots/style.gp'

# Before there are ranges, which `stats` would heed.
array total[series + 1]
do for [i=1:series] {
    eval 'stats '.rows(i).' using 3 nooutput'
    total[i] = 1
    if (exists("STATS_sum")) { if (STATS_sum > 0) { total[i] = STATS_sum } }
}

unset tics
set xtics scale 0 rotate by (longest > 3 && series > 5 ? 45 : 0) right font ",6" textcolor rgb ink
set ytics scale 0 font ",6" textcolor rgb ink
if (longest <= 3 || series <= 5) { set xtics scale 0 norotate center font ",6" textcolor rgb ink }
set bmargin at screen up(foot + 0.3 + (series > 5 ? 0.04*longest : 0.06))
do for [i=1:series] {
    set xtics add (label[i] i - 1)
    set ytics add (label[i] i - 1)
}
set xrange [-0.5:(series ? series : 1) - 0.5]
set yrange [(series ? series : 1) - 0.5:-0.5]
set xlabel x_label offset 0, 0.3 textcolor rgb ink
eval name_y('y_label', foot + 0.36 + 0.5*(body - 0.4))
set palette defined (0 paper, 1 blue)
set cbrange [0:1]
unset colorbox

parts = ''
do for [i=1:series] {
    parts = parts.', '.rows(i).sprintf(' using 2:(%d):($2-0.5):($2+0.5):(%g):(%g):($3/%g) with boxxyerror'. \
        ' fillstyle solid noborder linecolor palette notitle', i - 1, i - 1.5, i - 0.5, total[i])
    # Counts, where there is room for them: dark on light, light on dark.
    if (series <= 12) {
        parts = parts.', '.rows(i).sprintf(' using 2:($3/%g > 0.5 ? 1/0 : %d):(sprintf("%%.0f", $3)) with labels'. \
            ' font ",5.5" textcolor rgb ink notitle', total[i], i - 1)
        parts = parts.', '.rows(i).sprintf(' using 2:($3/%g > 0.5 ? %d : 1/0):(sprintf("%%.0f", $3)) with labels'. \
            ' font ",5.5" textcolor rgb paper notitle', total[i], i - 1)
    }
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
