# Bars of equal width, each from its x to the next; several series as outlines over one another.

body = 2.2
keys = series > 1 ? series : 0
columns = 0
longest = 0
do for [i=1:series] { if (strlen(label[i]) > longest) { longest = strlen(label[i]) } }
load home.'/plots/style.gp'
load home.'/plots/axes.gp'
set rmargin at screen 1 - (0.14 + beside)/page_width # half of a label stands beside the last tic

tint(i) = network_colours[int(rank[i]) % 6 + 1]

parts = ''
do for [i=1:series] {
    parts = parts.', '.rows(i).sprintf(' using 2:3 with fillsteps fillstyle transparent solid %g'. \
        ' noborder linecolor rgb "%s" notitle', series > 1 ? 0.15 : 0.45, tint(i))
}
do for [i=1:series] {
    parts = parts.', '.rows(i).sprintf(' using 2:3 with steps linewidth 1 linecolor rgb "%s"'. \
        ' title label[%d]', tint(i), i)
}
if (parts eq '') { parts = ', NaN notitle' }
eval 'plot '.parts[3:]
