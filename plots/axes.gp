# The axes of a figure of one panel. Needs style.gp.
set xrange [x_low:x_high]
set yrange [y_low:y_high]
if (x_log) { set logscale x }
if (y_log) { set logscale y }
eval 'set xtics ('.x_tics.')'
eval 'set ytics ('.y_tics.')'
set xlabel x_label offset 0, 0.3 textcolor rgb ink
eval name_y('y_label', foot + 0.36 + 0.5*(body - 0.4))
