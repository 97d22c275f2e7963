# Numbers against true ones: a mark for each, the pipeline's and the network's, and the diagonal.

body = 2.6
keys = series
columns = 0
longest = 8
load home.'/plots/style.gp'

load home.'/plots/axes.gp'

tint(i) = is(i, 'reference_pipeline') ? green : vermillion
shape(i) = is(i, 'reference_pipeline') ? 4 : 6

parts = ', x with lines linewidth 0.7 linecolor rgb grey notitle'
do for [i=1:series] {
    parts = parts.', '.rows(i).sprintf(' using 2:3 with points pointtype %d pointsize 0.35'. \
        ' linewidth 0.8 linecolor rgb "%s" notitle', shape(i), tint(i))
}
do for [i=1:series] {
    parts = parts.sprintf(', keyentry with points pointtype %d pointsize 0.5 linewidth 1.1'. \
        ' linecolor rgb "%s" title label[%d]', shape(i), tint(i), i)
}
eval 'plot '.parts[3:]
