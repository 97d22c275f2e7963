# Scores of networks and pipeline: means as marks and lines, 95 % intervals as bars and bands.

body = 2.2
keys = series
columns = 0
longest = 0
do for [i=1:series] { if (strlen(label[i]) > longest) { longest = strlen(label[i]) } }
load home.'/plots/style.gp'

set xrange [x_low:x_high]
set yrange [y_low:y_high]
if (x_log) { set logscale x }
eval 'set xtics ('.x_tics.')'
eval 'set ytics ('.y_tics.')'
set xlabel x_label offset 0, 0.3 textcolor rgb ink
eval name_y('y_label', foot + 0.36 + 0.5*(body - 0.4))

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
    if (across(i)) {
        parts = parts.', '.rows(i).' using 2:4:5 with filledcurves fillstyle transparent solid 0.2'. \
            ' noborder linecolor rgb green notitle'
    }
    if (is(i, 'truth_across')) {
        parts = parts.', '.rows(i).' using 2:4:5 with filledcurves fillstyle transparent solid 0.12'. \
            ' noborder linecolor rgb black notitle, '.rows(i). \
            ' using 2:3 with lines linewidth 1.2 dashtype (6,4) linecolor rgb black notitle'
    }
}
do for [i=1:series] {
    if (is(i, 'degraded')) {
        parts = parts.', '.rows(i).' using 2:3 with lines linewidth 0.7 linecolor rgb grey notitle'
    }
    if (across(i)) {
        parts = parts.', '.rows(i).' using 2:3 with lines linewidth 1.3 linecolor rgb green notitle'
    }
}
do for [i=1:series] {
    if (line(i)) {
        parts = parts.', '.rows(i).sprintf(' using 2:3 with lines linewidth 1.2 dashtype %s'. \
            ' linecolor rgb "%s" notitle', dash(i), colour(i))
        parts = parts.', '.rows(i).sprintf(' using 2:(end($4)):(0):(end($5)-end($4)) with vectors'. \
            ' heads size graph 0.007,90 linewidth 0.9 linecolor rgb "%s" notitle', colour(i))
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
