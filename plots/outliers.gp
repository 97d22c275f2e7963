# Filters of noisy labels: the score above, the epochs to a given score below, if there are any,
# against the share of labels left out. Controls: no filter is a grey line across, random grey and
# dotted, the oracle black and dashed.

base_role(i) = role[i][1:7] eq 'epochs_' ? role[i][8:*] : role[i]
below(i) = role[i][1:7] eq 'epochs_'
panels = 1
longest = 0
keys = 0
do for [i=1:series] {
    if (below(i)) { panels = 2 } else {
        keys = keys + 1
        if (strlen(label[i]) > longest) { longest = strlen(label[i]) }
    }
}
columns = 0
body = panels == 2 ? 3.1 : 2.2
load home.'/plots/style.gp'

set xrange [x_low:x_high]
if (x_log) { set logscale x }
panel = panels == 2 ? 0.5*(body - 0.4 - 0.16) : body - 0.4

# Colours follow the words of the key, so that both panels agree; controls have their own.
filters = 0
array filter_rank[series + 1]
do for [i=1:series] {
    filter_rank[i] = -1
    if (base_role(i) eq 'network') {
        do for [k=1:i-1] {
            if (filter_rank[i] < 0 && label[k] eq label[i]) { filter_rank[i] = filter_rank[k] }
        }
        if (filter_rank[i] < 0) {
            filter_rank[i] = filters
            filters = filters + 1
        }
    }
}
kind(i) = base_role(i)
tint(i) = kind(i) eq 'network' ? network_colours[int(filter_rank[i]) % 6 + 1] \
        : kind(i) eq 'oracle' ? black : grey
shape(i) = kind(i) eq 'network' ? network_points[int(filter_rank[i]) % 6 + 1] \
         : kind(i) eq 'oracle' ? 9 : 6
strokes(i) = kind(i) eq 'oracle' ? '(6,4)' : kind(i) eq 'random' ? '(2,2)' : 'solid'

set multiplot
do for [k=1:panels] {
    parts = ''
    do for [i=1:series] {
        if (below(i) == (k == 2)) {
            opaque = kind(i) eq 'none' ? 0.18 : 0.13
            parts = parts.interval(i, k, tint(i), opaque)
        }
    }
    do for [i=1:series] {
        if (below(i) == (k == 2)) {
            parts = parts.', '.rows(i).sprintf(' using %s:3 with lines linewidth 1.2 dashtype %s'. \
                ' linecolor rgb "%s" notitle', x_of(i), strokes(i), tint(i))
            if (kind(i) ne 'none') {
                parts = parts.', '.rows(i).sprintf(' using 2:3 with points pointtype %d'. \
                    ' pointsize 0.38 linecolor rgb "%s" notitle', shape(i), tint(i))
            }
        }
    }
    if (k == 1) {
        do for [i=1:series] {
            if (!below(i)) {
                what = kind(i) eq 'none' ? 'lines' : \
                    sprintf('linespoints pointtype %d pointsize 0.38', shape(i))
                parts = parts.sprintf(', keyentry with %s linewidth 1.2 dashtype %s linecolor'. \
                    ' rgb "%s" title label[%d]', what, strokes(i), tint(i), i)
            }
        }
    }
    if (parts eq '') { parts = ', NaN notitle' }
    if (k == 1 && panels == 2) {
        set bmargin at screen up(foot + 0.36 + panel + 0.16)
        eval 'set xtics ('.x_marks.')'
    }
    if (k == 1) {
        set yrange [y_low:y_high]
        if (y_log) { set logscale y }
        eval 'set ytics ('.y_tics.')'
        eval name_y('y_label', foot + 0.36 + (panels - 0.5)*panel + 0.16*(panels - 1))
    } else {
        unset label 1000
        unset label 1002
        unset key
        set tmargin at screen up(foot + 0.36 + panel)
        set bmargin at screen up(foot + 0.36)
        set yrange [y2_low:y2_high]
        if (y2_log) { set logscale y } else { unset logscale y }
        eval 'set ytics ('.y2_tics.')'
        eval name_y('y2_label', foot + 0.36 + 0.5*panel)
    }
    if (k == panels) {
        eval 'set xtics ('.x_tics.')'
        set xlabel x_label offset 0, 0.3 textcolor rgb ink
    }
    eval 'plot '.parts[3:]
}
unset multiplot
