# The one style of all figures. Needs `format`, `output`, and in inches `body`, the height between
# key and caption; `keys` is the number of entries in the key, `longest` the characters of its
# longest entry, `columns` its columns (0: as many as there is room for). gnuplot reckons the width
# of an entry by counting wide letters, which is too much for long ones: hence `tighter`, letters.
# Colours: Okabe and Ito, "Color universal design" (2008), told apart by colour-blind readers too.

set encoding utf8
set decimalsign '.'

# The key stands above, in as many columns as its longest entry leaves room for.
if (!columns) { columns = longest > 19 ? 1 : longest > 11 ? 2 : 3 }
tighter = longest > 12 ? 1 + 0.3*(longest - 12) : 1
head = keys ? 0.08 + 0.115*((int(keys) + columns - 1)/columns) : 0

# The caption stands at the foot, cut into lines at its semicolons where it is long.
caption_lines = ''
rest = caption
foot = 0.14
while (strlen(rest) > 82) {
    cut = 0
    do for [k=1:82] { if (rest[k:k+1] eq '; ') { cut = k } }
    if (!cut) { break }
    caption_lines = caption_lines.rest[1:cut]."\n"
    rest = rest[cut+2:*]
    foot = foot + 0.09
}
caption_lines = caption_lines.rest

# Sizes are in points of the printed page; the PNG has 288 dots an inch. The cairo terminals count
# 96 points to the inch in fonts, hence 72/96. Lines end where their data end: butt.
page_height = head + body + foot
dots = 288.0
if (format eq 'pdf') {
    set terminal pdfcairo noenhanced color butt font "DejaVu Sans,7" fontscale 72/96.0 linewidth 1 \
        size 3.4in, page_height in background rgb 'white'
} else {
    set terminal pngcairo noenhanced color butt font "DejaVu Sans,7" fontscale dots/96 \
        linewidth dots/72 pointscale dots/72 \
        size int(3.4*dots), int(page_height*dots) background rgb 'white'
}
set output output

set datafile separator comma

vermillion = '#D55E00'
green      = '#009E73'
blue       = '#0072B2'
orange     = '#E69F00'
sky        = '#56B4E9'
purple     = '#CC79A7'
black      = '#000000'
grey       = '#8C8C8C'
ink        = '#333333'

# Grid points in the order of the plan, from dark to light, without green, which is the pipeline's:
# plasma (Smith, van der Walt 2015).
array ramp[8] = ['#0D0887', '#46039F', '#7201A8', '#9C179E', '#BD3786', '#D8576B', '#ED7953', \
                 '#FB9F3A']
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

# The end of an interval, no further than what can be.
end(value) = value < y_least ? y_least : value > y_most ? y_most : value

# A place in inches above the foot of the page, as a share of the page.
up(inches) = inches/page_height

set border 3 linewidth 0.6 linecolor rgb ink
set tics nomirror out scale 0.6, 0.35 textcolor rgb ink
# Left of the axis: the name's line, then the longest label of the tics.
widest = 0
if (exists("y_width")) { widest = y_width }
if (exists("y2_width")) { if (y2_width > widest) { widest = y2_width } }
set lmargin at screen (0.26 + 0.064*widest)/3.4
set rmargin at screen 0.975
set tmargin at screen up(page_height - head - 0.04)
set bmargin at screen up(foot + 0.36)
# Name the y axis, `words` being a variable, at its middle, in inches above the page's end.
name_y(words, middle) = sprintf('set label 1001 %s at screen %g, screen %g center rotate by 90'. \
    ' textcolor rgb ink', words, 0.1/3.4, up(middle))
set key tmargin left horizontal Left reverse samplen 2 width -tighter maxcols columns \
    font ",6.5" textcolor rgb ink
if (!keys) { unset key }
set label 1000 caption_lines at screen 0.985, screen up(foot - 0.06) right \
    font ",5.5" textcolor rgb grey
