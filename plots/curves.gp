# Training curves: score on the validation images above, training loss below, epochs shared.

curve(i) = role[i] eq 'score' || role[i] eq 'loss'

# The key: what colours say, what dashes say, and the pipeline.
array colour_at[series + 1]
array dash_at[series + 1]
colours = 0
dashings = 0
pipelines = 0
longest = 0
do for [i=1:series] {
    entry = ''
    if (curve(i) && colour_word[i] ne '' && colour_rank[i] == colours) {
        colours = colours + 1
        colour_at[colours] = i
        entry = colour_word[i]
    }
    if (strlen(entry) > longest) { longest = strlen(entry) }
    if (curve(i) && dash_word[i] ne '' && dash_rank[i] == dashings) {
        dashings = dashings + 1
        dash_at[dashings] = i
        entry = dash_word[i]
    }
    if (role[i] eq 'pipeline') {
        pipelines = 1
        entry = label[i]
    }
    if (strlen(entry) > longest) { longest = strlen(entry) }
}

body = 3.1
# Two columns where colours say one thing and dashes another. gnuplot fills columns from the top.
columns = dashings ? 2 : 0
side = dashings + pipelines > colours ? dashings + pipelines : colours
keys = dashings ? 2*side : colours + pipelines
load home.'/plots/style.gp'

# One grid point alone is red, as networks are elsewhere; few values of an axis have the colours of
# networks. Where colours are all there is and many, each second line is dashed.
shade(i) = colour_word[i] eq '' ? grey \
         : colours < 2 ? vermillion \
         : dashings && colours <= 3 ? pair[1 + int(colour_rank[i])] \
         : ramp[1 + int(colour_rank[i]*7.0/(colours - 1) + 0.5)]
array pair[3] = [vermillion, blue, black]
pattern(i) = dashings ? dashes[1 + int(dash_rank[i])] \
           : colours > 4 && int(colour_rank[i]) % 2 ? '(4,1.5)' : 'solid'
width(i) = colour_word[i] eq '' ? 0.4 : 1.1
alpha = colours > 4 ? 0.08 : 0.18
stroke(i) = sprintf('linewidth %g dashtype %s linecolor rgb "%s"', width(i), pattern(i), shade(i))

set xrange [x_low:x_high]
# From the foot: epochs, loss, gap, score.
panel = 0.5*(body - 0.4 - 0.16)

set multiplot

do for [k=1:2] {
    what = k == 1 ? 'score' : 'loss'
    parts = ''
    do for [i=1:series] {
        if (is(i, what)) {
            parts = parts.', '.rows(i).sprintf(' using 2:4:5 with filledcurves fillstyle'. \
                ' transparent solid %g noborder linecolor rgb "%s" notitle', alpha, shade(i))
        }
        if (k == 1 && is(i, 'pipeline')) {
            parts = parts.', '.rows(i).' using 2:4:5 with filledcurves fillstyle transparent'. \
                ' solid 0.2 noborder linecolor rgb green notitle, '.rows(i). \
                ' using 2:3 with lines linewidth 1.3 dashtype (8,3) linecolor rgb green notitle'
        }
    }
    # Grey ones below.
    do for [above=0:1] {
        do for [i=1:series] {
            if (is(i, what) && (colour_word[i] ne '') == above) {
                parts = parts.', '.rows(i).' using 2:3 with lines '.stroke(i).' notitle'
            }
        }
    }
    if (parts eq '') { parts = ', NaN notitle' }
    if (k == 1) {
        do for [j=1:colours] {
            i = colour_at[j]
            plain = dashings ? 'solid' : pattern(i)
            parts = parts.sprintf(', keyentry with lines linewidth 1.1 dashtype %s linecolor'. \
                ' rgb "%s" title colour_word[%d]', plain, shade(i), i)
        }
        if (dashings) {
            do for [j=colours + 1:side] {
                parts = parts.', keyentry with lines linecolor rgb "white" title " "'
            }
        }
        do for [j=1:dashings] {
            parts = parts.sprintf(', keyentry with lines linewidth 1.1 dashtype %s linecolor'. \
                ' rgb ink title dash_word[%d]', dashes[j], dash_at[j])
        }
        do for [i=1:series] {
            if (is(i, 'pipeline')) {
                parts = parts.sprintf(', keyentry with lines linewidth 1.3 dashtype (8,3)'. \
                    ' linecolor rgb green title label[%d]', i)
            }
        }
        if (dashings) {
            do for [j=dashings + pipelines + 1:side] {
                parts = parts.', keyentry with lines linecolor rgb "white" title " "'
            }
        }
        set bmargin at screen up(foot + 0.36 + panel + 0.16)
        set yrange [y_low:y_high]
        eval 'set ytics ('.y_tics.')'
        eval 'set xtics ('.x_marks.')'
        eval name_y('y_label', foot + 0.36 + 1.5*panel + 0.16)
    } else {
        unset label 1000
        unset key
        set tmargin at screen up(foot + 0.36 + panel)
        set bmargin at screen up(foot + 0.36)
        set yrange [y2_low:y2_high]
        if (y2_log) { set logscale y }
        eval 'set xtics ('.x_tics.')'
        eval 'set ytics ('.y2_tics.')'
        eval name_y('y2_label', foot + 0.36 + 0.5*panel)
        set xlabel x_label offset 0, 0.3 textcolor rgb ink
    }
    eval 'plot '.parts[3:]
}
unset multiplot
