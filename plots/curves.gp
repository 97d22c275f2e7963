# Training curves: score on the validation images above, training loss below, epochs shared.

curve(i) = role[i] eq 'score' || role[i] eq 'loss'
keyed(i) = role[i] eq 'pipeline'
other_word(i) = label[i]
other_style(i) = 'with lines linewidth 1.3 dashtype (8,3) linecolor rgb green'
body = 3.1
load home.'/plots/lines.gp'

set xrange [x_low:x_high]
if (x_log) { set logscale x }
# From the foot: epochs, loss, gap, score.
panel = 0.5*(body - 0.4 - 0.16)

set multiplot

do for [k=1:2] {
    what = k == 1 ? 'score' : 'loss'
    parts = ''
    do for [i=1:series] {
        if (is(i, what) && colour_word[i] ne '') {
            parts = parts.interval(i, k, shade(i), alpha)
        }
        if (k == 1 && is(i, 'pipeline')) {
            parts = parts.band(i, 1, green, 0.2).', '.rows(i). \
                ' using '.x_of(i).':3 with lines linewidth 1.3 dashtype (8,3) linecolor rgb green notitle'
        }
    }
    # Grey ones below.
    parts = parts.', $grey_'.what.' using 2:3 '.grey_lines
    do for [i=1:series] {
        if (is(i, what) && colour_word[i] ne '') {
            parts = parts.', '.rows(i).' using 2:3 '.drawn_as(i).' notitle'
        }
    }
    if (k == 1) {
        parts = parts.key_parts
        set bmargin at screen up(foot + 0.36 + panel + 0.16)
        set yrange [y_low:y_high]
        eval 'set ytics ('.y_tics.')'
        eval 'set xtics ('.x_marks.')'
        if (y_log) { set logscale y }
        eval name_y('y_label', foot + 0.36 + 1.5*panel + 0.16)
    } else {
        unset label 1000
        unset label 1002
        unset key
        set tmargin at screen up(foot + 0.36 + panel)
        set bmargin at screen up(foot + 0.36)
        set yrange [y2_low:y2_high]
        if (y2_log) { set logscale y } else { unset logscale y }
        eval 'set xtics ('.x_tics.')'
        eval 'set ytics ('.y2_tics.')'
        eval name_y('y2_label', foot + 0.36 + 0.5*panel)
        set xlabel x_label offset 0, 0.3 textcolor rgb ink
    }
    eval 'plot '.parts[3:]
}
unset multiplot
