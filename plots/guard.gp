# A guarded network over its threshold: the mean as a line, the 95 % interval as a band; as lines what
# handing on at random and by the truth would give; marks for the small network, what it hands on to,
# and the chosen threshold.

body = 2.2
keys = series
columns = 0
longest = 0
do for [i=1:series] { if (strlen(label[i]) > longest) { longest = strlen(label[i]) } }
load home.'/plots/style.gp'

load home.'/plots/axes.gp'

mark_style(i) = is(i, 'selected') ? 'pointtype 6 pointsize 1.0 linewidth 1.0 linecolor rgb ink' \
    : is(i, 'guard_small') ? sprintf('pointtype 7 pointsize 0.6 linecolor rgb "%s"', vermillion) \
    : is(i, 'guard_other') ? sprintf('pointtype 5 pointsize 0.6 linecolor rgb "%s"', purple) \
    : sprintf('pointtype 12 pointsize 0.6 linewidth 1.2 linecolor rgb "%s"', green)

is_line(i) = is(i, 'guard_best') || is(i, 'guard_random')
line_style(i) = is(i, 'guard_best') ? sprintf('linewidth 1 dashtype 2 linecolor rgb "%s"', green) \
    : 'linewidth 1 dashtype 3 linecolor rgb ink'

parts = ''
do for [i=1:series] {
    if (is(i, 'guarded')) {
        parts = parts.interval(i, 1, blue, 0.2).', '.rows(i). \
            ' using 2:3 with lines linewidth 1.3 linecolor rgb blue notitle'
    }
}
do for [i=1:series] {
    if (is_line(i)) {
        parts = parts.', '.rows(i).' using 2:3 with lines '.line_style(i).' notitle'
    } else { if (!is(i, 'guarded')) {
        parts = parts.', '.rows(i).' using 2:3 with points '.mark_style(i).' notitle'
    } }
}
do for [i=1:series] {
    if (is(i, 'guarded')) {
        parts = parts.sprintf(', keyentry with lines linewidth 1.3 linecolor rgb blue title label[%d]', i)
    } else { if (is_line(i)) {
        parts = parts.', keyentry with lines '.line_style(i).sprintf(' title label[%d]', i)
    } else {
        parts = parts.', keyentry with points '.mark_style(i).sprintf(' title label[%d]', i)
    } }
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
