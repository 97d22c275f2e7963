# What figures of lines of many grid points share: their key and how their lines are told apart.
# Needs `curve(i)`, whether a series is such a line; `keyed(i)`, whether it has an entry of its own in
# the key, `other_word(i)` with which words, `other_style(i)` drawn how; and `body`, of style.gp,
# which this loads. Gives `key_parts`, the entries, to be added to a plot.

# The key: what colours say, what dashes say, and what else is keyed.
array colour_at[series + 1]
array dash_at[series + 1]
colours = 0
dashings = 0
others = 0
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
    if (keyed(i)) {
        others = others + 1
        entry = other_word(i)
    }
    if (strlen(entry) > longest) { longest = strlen(entry) }
}

# Two columns where colours say one thing and dashes another.
columns = dashings ? 2 : 0
side = dashings + others > colours ? dashings + others : colours
keys = dashings ? 2*side : colours + others
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
# A line of one place is a point.
drawn_as(i) = (places[i] == 1 ? 'with linespoints pointtype 7 pointsize 0.38 ' : 'with lines ').stroke(i)
grey_lines = 'with lines linewidth 0.4 linecolor rgb grey notitle'
stroke(i) = sprintf('linewidth %g dashtype %s linecolor rgb "%s"', width(i), pattern(i), shade(i))

# The entries. gnuplot fills columns from the top.
key_parts = ''
do for [j=1:colours] {
    i = colour_at[j]
    plain = dashings ? 'solid' : pattern(i)
    key_parts = key_parts.sprintf(', keyentry with lines linewidth 1.1 dashtype %s linecolor'. \
        ' rgb "%s" title colour_word[%d]', plain, shade(i), i)
}
if (dashings) {
    do for [j=colours + 1:side] {
        key_parts = key_parts.', keyentry with lines linecolor rgb paper title " "'
    }
}
do for [j=1:dashings] {
    key_parts = key_parts.sprintf(', keyentry with lines linewidth 1.1 dashtype %s linecolor'. \
        ' rgb ink title dash_word[%d]', dashes[j], dash_at[j])
}
do for [i=1:series] {
    if (keyed(i)) {
        key_parts = key_parts.', keyentry '.other_style(i).' title other_word('.i.')'
    }
}
if (dashings) {
    do for [j=dashings + others + 1:side] {
        key_parts = key_parts.', keyentry with lines linecolor rgb paper title " "'
    }
}
