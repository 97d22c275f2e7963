# A matrix of counts: a row for each true class, coloured by the share of the row.

body = 3.0
keys = 0
columns = 0
longest = 0
short(text) = strlen(text) > 16 ? text[1:15].'…' : text # room for the matrix is left
do for [i=1:series] { if (strlen(short(label[i])) > longest) { longest = strlen(short(label[i])) } }
y_width = longest
load home.'/plots/style.gp'

# Before there are ranges, which `stats` would heed.
array total[series + 1]
do for [i=1:series] {
    eval 'stats '.rows(i).' using 3 nooutput'
    total[i] = 0
    if (is(i, 'cells') && exists("STATS_sum")) { total[i] = STATS_sum > 0 ? STATS_sum : 1 }
}

unset tics
turned = longest > 3 && series > 5
set bmargin at screen up(foot + 0.3 + (turned ? 0.035*longest : 0.06))
# Not tics, whose labels are formats.
do for [i=1:series] {
    set label i short(label[i]) at graph -0.02, first i - 1 right font ",6" textcolor rgb ink
    if (turned) {
        set label series + i short(label[i]) at first i - 1, graph -0.02 right rotate by 45 font ",6" textcolor rgb ink
    } else {
        set label series + i short(label[i]) at first i - 1, graph -0.035 center font ",6" textcolor rgb ink
    }
}
set xrange [-0.5:(series ? series : 1) - 0.5]
set yrange [(series ? series : 1) - 0.5:-0.5]
set label 1003 x_label at graph 0.5, screen up(foot + 0.1) center textcolor rgb ink
eval name_y('y_label', foot + 0.36 + 0.5*(body - 0.4))
set palette defined (0 paper, 1 blue)
set cbrange [0:1]
unset colorbox

parts = ''
do for [i=1:series] {
    if (total[i] > 0) {
        parts = parts.', '.rows(i).sprintf(' using 2:(%d):($2-0.5):($2+0.5):(%g):(%g):($3/%g) with boxxyerror'. \
            ' fillstyle solid noborder linecolor palette notitle', i - 1, i - 1.5, i - 0.5, total[i])
    }
    # Counts, where there is room for them: dark on light, light on dark.
    if (total[i] > 0 && series <= 12) {
        parts = parts.', '.rows(i).sprintf(' using 2:($3/%g > 0.5 ? 1/0 : %d):(sprintf("%%.0f", $3)) with labels'. \
            ' font ",5.5" textcolor rgb ink notitle', total[i], i - 1)
        parts = parts.', '.rows(i).sprintf(' using 2:($3/%g > 0.5 ? %d : 1/0):(sprintf("%%.0f", $3)) with labels'. \
            ' font ",5.5" textcolor rgb paper notitle', total[i], i - 1)
    }
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
