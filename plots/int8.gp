# Changes of scores against float32: marks and 95 % intervals, networks side by side.

body = 2.0
keys = series
columns = 2
longest = 17
load home.'/plots/style.gp'

last = x_high
if (series) { eval 'stats '.rows(1).' using 2 nooutput'; last = STATS_max }
load home.'/plots/axes.gp'
set xrange [0.5:last + 0.5]

tint(i) = is(i, 'int8') ? vermillion : black
shape(i) = is(i, 'int8') ? 7 : 6
shift(i) = is(i, 'int8') ? 0.08 : -0.08

parts = ', 0 with lines linewidth 0.7 linecolor rgb grey notitle'
do for [i=1:series] {
    parts = parts.bars_at(i, 1, tint(i), shift(i))
    parts = parts.', '.rows(i).sprintf(' using ($2+%g):3 with points pointtype %d pointsize 0.45'. \
        ' linecolor rgb "%s" notitle', shift(i), shape(i), tint(i))
}
do for [i=1:series] {
    parts = parts.sprintf(', keyentry with points pointtype %d pointsize 0.5'. \
        ' linecolor rgb "%s" title label[%d]', shape(i), tint(i), i)
}
eval 'plot '.parts[3:]
