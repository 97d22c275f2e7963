# The one style of all figures. Needs `format`, `output`, and in inches `body`, the height between
# key and caption; `keys` is the number of entries in the key, `longest` the characters of its
# longest entry, `columns` its columns (0: as many as there is room for). gnuplot reckons the width
# of an entry by counting wide letters, which is too much: `tighter`, in letters, makes it a column's.
# Colours: Okabe and Ito, "Color universal design" (2008), told apart by colour-blind readers too.

set encoding utf8
set decimalsign '.'

# Left of the axis: the name's line, then the longest label of the tics.
widest = 0
if (exists("y_width")) { widest = y_width }
if (exists("y2_width")) { if (y2_width > widest) { widest = y2_width } }
left_margin = 0.26 + 0.064*widest

# The key stands above, in as many columns as its longest entry leaves room for, or on the right. A
# long one is in smaller letters where that halves it.
if (legend eq 'none') { keys = 0 }
beside = keys && legend eq 'right' ? 0.4 + 0.052*longest : 0
room = page_width/3.4
plot_width = page_width - left_margin - 0.085 - beside
entry_width(points) = 0.0073*points*longest + 0.25
key_points = 6.5
if (!columns) {
    columns = int(plot_width/entry_width(key_points))
    columns = columns < 1 ? 1 : columns > 4 ? 4 : columns
    if (columns == 1 && keys > 4 && 2*entry_width(5.6) < plot_width + 0.2) {
        columns = 2
        key_points = 5.6
    }
}
tighter = longest + 3.5 - plot_width/columns*(key_points < 6 ? 18.6 : 15)
if (tighter < 1) { tighter = 1 }
key_font = sprintf(",%g", key_points)
title_height = title_text eq '' ? 0 : 0.16
head = title_height + (keys && beside == 0 ? 0.08 + 0.115*((int(keys) + columns - 1)/columns) : 0)

# The caption stands at the foot, cut into lines at its semicolons where it is long.
caption_lines = ''
rest = caption
foot = 0.14
while (strlen(rest) > 82*room) {
    cut = 0
    do for [k=1:int(82*room)] { if (rest[k:k+1] eq '; ') { cut = k } }
    if (!cut) { break }
    caption_lines = caption_lines.rest[1:cut]."\n"
    rest = rest[cut+2:*]
    foot = foot + 0.09
}
caption_lines = caption_lines.rest

# Sizes are in points of the printed page; the PNG has 288 dots an inch. The cairo terminals count
# 96 points to the inch in fonts, hence 72/96. Lines end where their data end: butt.
if (page_height_wanted > 0) {
    body = page_height_wanted - head - foot
    if (body < 0.8) { body = 0.8 }
}
page_height = head + body + foot
dots = 288.0

# Colours, by the theme.
dark = theme eq 'dark'
paper      = dark ? '#1E1E1E' : '#FFFFFF'
vermillion = dark ? '#FF7F3F' : '#D55E00'
green      = dark ? '#2FC79B' : '#009E73'
blue       = dark ? '#58A6E0' : '#0072B2'
orange     = '#E69F00'
sky        = '#56B4E9'
purple     = '#CC79A7'
black      = dark ? '#FFFFFF' : '#000000'
grey       = dark ? '#9A9A9A' : '#8C8C8C'
ink        = dark ? '#DDDDDD' : '#333333'
if (format eq 'pdf') {
    set terminal pdfcairo noenhanced color butt font "DejaVu Sans,7" fontscale 72/96.0 linewidth 1 \
        size page_width in, page_height in background rgb paper
} else {
    set terminal pngcairo noenhanced color butt font "DejaVu Sans,7" fontscale dots/96 \
        linewidth dots/72 pointscale dots/72 \
        size int(page_width*dots), int(page_height*dots) background rgb paper
}
set output output

set datafile separator comma

# Grid points in the order of the plan, from dark to light, without green, which is the pipeline's:
# plasma (Smith, van der Walt 2015).
array ramp[8] = ['#0D0887', '#46039F', '#7201A8', '#9C179E', '#BD3786', '#D8576B', '#ED7953', \
                 '#FB9F3A']
if (dark) {
    array ramp[8] = ['#F0F921', '#FDCA26', '#FB9F3A', '#ED7953', '#E0679B', '#C277E0', '#8F8CFF', \
                     '#6FB6FF']
}
array dashes[4] = ['solid', '(7,3)', '(2,2)', '(8,2,2,2)']

array network_colours[6] = [vermillion, purple, orange, sky, black, blue]
array network_points[6]  = [7, 5, 9, 13, 11, 15]

is(i, name) = role[i] eq name
colour(i) = is(i, 'network')  ? network_colours[int(rank[i]) % 6 + 1] \
          : is(i, 'manual')   ? (int(rank[i]) % 2 ? sky : blue) \
          : is(i, 'truth')    ? (int(rank[i]) % 2 ? grey : black) \
          : is(i, 'degraded') ? grey : green
point(i) = is(i, 'manual') ? 5 : is(i, 'truth') ? 9 : network_points[int(rank[i]) % 6 + 1]
dash(i) = is(i, 'truth') ? '(6,4)' : 'solid'

# The rows of series i: no name, x, y, low, high.
rows(i) = sprintf("$series_%d", i)

# The end of an interval, no further than what can be, in either panel.
end(value) = value < y_least ? y_least : value > y_most ? y_most : value
end2(value) = value < y2_least ? y2_least : value > y2_most ? y2_most : value
# Parts of a plot: the intervals of series i as bars and as a band, in panel `p`, `shift` to the right.
bars_at(i, p, tint, shift) = ', '.rows(i).sprintf(' using ($2+%g):(%s($4)):(0):(%s($5)-%s($4)) with' \
    .' vectors heads size graph 0.007,90 linewidth 0.9 linecolor rgb "%s" notitle', shift, \
    end_of(p), end_of(p), end_of(p), tint)
bars(i, p, tint) = bars_at(i, p, tint, 0)
band(i, p, tint, opaque) = ', '.rows(i).sprintf(' using %s:(%s($4)):(%s($5)) with filledcurves' \
    .' fillstyle transparent solid %g noborder linecolor rgb "%s" notitle', x_of(i), end_of(p), \
    end_of(p), opaque, tint)
# Lines across end where the axis ends, which may be logarithmic.
spans(i) = is(i, 'pipeline') || is(i, 'degraded') || is(i, 'none') || is(i, 'epochs_none')
inside(x) = x < x_low ? x_low : x > x_high ? x_high : x
x_of(i) = spans(i) ? '(inside($2))' : '2'
end_of(p) = p == 2 ? 'end2' : 'end'
# The band of one place has no width: it is a bar.
interval(i, p, tint, opaque) = places[i] == 1 ? bars(i, p, tint) : band(i, p, tint, opaque)

# A place in inches above the foot of the page, as a share of the page.
up(inches) = inches/page_height

set border 3 linewidth 0.6 linecolor rgb ink
set tics nomirror out scale 0.6, 0.35 textcolor rgb ink
set lmargin at screen left_margin/page_width
set rmargin at screen 1 - (0.085 + beside)/page_width
set tmargin at screen up(page_height - head - 0.04)
set bmargin at screen up(foot + 0.36)
# Name the y axis, `words` being a variable, at its middle, in inches above the page's end.
name_y(words, middle) = sprintf('set label 1001 %s at screen %g, screen %g center rotate by 90'. \
    ' textcolor rgb ink', words, 0.1/page_width, up(middle))
if (beside > 0) {
    set key at screen 1 - (beside - 0.02)/page_width, screen up(page_height - head - 0.04) left top \
        vertical Left reverse samplen 2 width -tighter maxrows keys font key_font textcolor rgb ink
} else { if (title_text ne '') {
    set key at screen left_margin/page_width, screen up(page_height - title_height - 0.04) left top \
        horizontal Left reverse samplen 2 width -tighter maxcols columns \
        font key_font textcolor rgb ink
} else {
    set key tmargin left horizontal Left reverse samplen 2 width -tighter maxcols columns \
        font key_font textcolor rgb ink
} }
if (!keys) { unset key }
if (title_text ne '') {
    set label 1002 title_text at screen 0.5, screen up(page_height - 0.1) center font ",8" \
        textcolor rgb ink
}
set label 1000 caption_lines at screen 0.985, screen up(foot - 0.06) right \
    font ",5.5" textcolor rgb grey
