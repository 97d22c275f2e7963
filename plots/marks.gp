# Marks with the intervals of their means; a front in steps; the pipeline across.

body = 2.4
keys = series > 1 ? series : 0
columns = 0
longest = 0
do for [i=1:series] { if (strlen(label[i]) > longest) { longest = strlen(label[i]) } }
load home.'/plots/style.gp'
load home.'/plots/axes.gp'
set rmargin at screen 1 - (0.14 + beside)/page_width # half of a label stands beside the last tic

tint(i) = network_colours[int(rank[i]) % 6 + 1]
shape(i) = network_points[int(rank[i]) % 6 + 1]

parts = y_low < 0 && y_high > 0 ? ', 0 with lines linewidth 0.7 linecolor rgb grey notitle' : ''
do for [i=1:series] {
    if (is(i, 'pipeline')) {
        parts = parts.band(i, 1, green, 0.2).', '.rows(i). \
            ' using '.x_of(i).':3 with lines linewidth 1.3 linecolor rgb green title label['.i.']'
    }
    if (is(i, 'front')) {
        parts = parts.', '.rows(i).' using 2:3 with steps linewidth 1 dashtype (5,2)'. \
            ' linecolor rgb ink title label['.i.']'
    }
}
do for [i=1:series] {
    if (is(i, 'marks')) {
        parts = parts.bars(i, 1, tint(i)).', '.rows(i).sprintf(' using 2:3 with points'. \
            ' pointtype %d pointsize 0.45 linecolor rgb "%s" title label[%d]', shape(i), tint(i), i)
    }
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
