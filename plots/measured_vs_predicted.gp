# Measured against predicted times, both logarithmic: a mark for each, and the diagonal with the
# lines of half and twice the prediction.

body = 2.6
keys = series
columns = 0
longest = 9
load home.'/plots/style.gp'
set rmargin at screen 0.95 # half of a label stands beside the last tic

load home.'/plots/axes.gp'

tint(i) = is(i, 'reference_pipeline') ? green : vermillion
shape(i) = is(i, 'reference_pipeline') ? 5 : 7

parts = ', x with lines linewidth 0.7 linecolor rgb grey notitle'
parts = parts.', 2*x with lines linewidth 0.5 dashtype 3 linecolor rgb grey notitle'
parts = parts.', x/2 with lines linewidth 0.5 dashtype 3 linecolor rgb grey notitle'
do for [i=1:series] {
    parts = parts.', '.rows(i).sprintf(' using 2:3 with points pointtype %d pointsize 0.45'. \
        ' linecolor rgb "%s" notitle', shape(i), tint(i))
}
do for [i=1:series] {
    parts = parts.sprintf(', keyentry with points pointtype %d pointsize 0.5'. \
        ' linecolor rgb "%s" title label[%d]', shape(i), tint(i), i)
}
eval 'plot '.parts[3:]
