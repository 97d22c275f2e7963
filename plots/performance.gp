# Scores of networks and pipeline: means as marks and lines, 95 % intervals as bars and bands.

body = 2.2
keys = series
columns = 0
longest = 0
do for [i=1:series] { if (strlen(label[i]) > longest) { longest = strlen(label[i]) } }
load home.'/plots/style.gp'

load home.'/plots/axes.gp'

line(i) = is(i, 'network') || is(i, 'manual') || is(i, 'truth')
across(i) = is(i, 'pipeline') || is(i, 'pipeline_line')
# Marks alone: what others published, and a ring around the network that was selected.
mark(i) = is(i, 'reference_pipeline') || is(i, 'reference_network') || is(i, 'selected')
mark_style(i) = is(i, 'selected') ? 'pointtype 6 pointsize 1.0 linewidth 1.0 linecolor rgb ink' \
    : sprintf('pointtype 4 pointsize 0.6 linewidth 1.1 linecolor rgb "%s"', \
        is(i, 'reference_pipeline') ? green : vermillion)

# Bands below, then lines, then bars and marks; the key lists the networks first.
parts = ''
do for [i=1:series] {
    if (across(i)) { parts = parts.interval(i, 1, green, 0.2) }
    if (is(i, 'truth_across')) {
        parts = parts.band(i, 1, black, 0.12).', '.rows(i). \
            ' using 2:3 with lines linewidth 1.2 dashtype (6,4) linecolor rgb black notitle'
    }
}
do for [i=1:series] {
    if (is(i, 'degraded')) {
        parts = parts.', '.rows(i).' using '.x_of(i).':3 with lines linewidth 0.7 linecolor rgb grey notitle'
    }
    if (across(i)) {
        parts = parts.', '.rows(i).' using '.x_of(i).':3 with '.(places[i] == 1 ? 'points pointtype 12' : 'lines'). \
            ' linewidth 1.3 linecolor rgb green notitle'
    }
}
do for [i=1:series] {
    if (line(i)) {
        parts = parts.', '.rows(i).sprintf(' using 2:3 with lines linewidth 1.2 dashtype %s'. \
            ' linecolor rgb "%s" notitle', dash(i), colour(i))
        parts = parts.bars(i, 1, colour(i))
        parts = parts.', '.rows(i).sprintf(' using 2:3 with points pointtype %d pointsize 0.38'. \
            ' linecolor rgb "%s" notitle', point(i), colour(i))
    }
    if (is(i, 'pipeline_cost')) {
        parts = parts.', '.rows(i).' using 2:3 with points pointtype 12 pointsize 0.6'. \
            ' linewidth 1.2 linecolor rgb green notitle'
    }
}
do for [i=1:series] {
    if (mark(i)) {
        parts = parts.', '.rows(i).' using 2:3 with points '.mark_style(i).' notitle'
    }
}
do for [i=1:series] {
    if (line(i)) {
        parts = parts.sprintf(', keyentry with linespoints linewidth 1.2 dashtype %s pointtype %d'. \
            ' pointsize 0.38 linecolor rgb "%s" title label[%d]', dash(i), point(i), colour(i), i)
    }
}
do for [i=1:series] {
    if (across(i)) {
        parts = parts.sprintf(', keyentry with lines linewidth 1.3 linecolor rgb green'. \
            ' title label[%d]', i)
    }
}
do for [i=1:series] {
    if (is(i, 'pipeline_cost')) {
        parts = parts.sprintf(', keyentry with points pointtype 12 pointsize 0.6 linewidth 1.2'. \
            ' linecolor rgb green title label[%d]', i)
    }
    if (is(i, 'truth_across')) {
        parts = parts.sprintf(', keyentry with lines linewidth 1.2 dashtype (6,4)'. \
            ' linecolor rgb black title label[%d]', i)
    }
    if (mark(i)) {
        parts = parts.', keyentry with points '.mark_style(i).sprintf(' title label[%d]', i)
    }
    if (is(i, 'degraded')) {
        parts = parts.sprintf(', keyentry with lines linewidth 0.7 linecolor rgb grey'. \
            ' title label[%d]', i)
    }
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
