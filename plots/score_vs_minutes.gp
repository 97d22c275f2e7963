# Score against minutes of training: lines on the validation images, marks on the test images; the
# score to be reached across, and a ring where a line passed it.

curve(i) = role[i] eq 'score'
# One entry for all marks of a kind.
keyed(i) = (role[i] eq 'test' || role[i] eq 'passed') && rank[i] == 0
other_word(i) = role[i] eq 'test' ? 'test images' : 'first at the target'
other_style(i) = role[i] eq 'test' ? 'with points pointtype 7 pointsize 0.5 linecolor rgb ink' \
               : 'with points pointtype 6 pointsize 0.7 linewidth 1 linecolor rgb ink'
body = 2.3
load home.'/plots/lines.gp'

load home.'/plots/axes.gp'

parts = ''
do for [i=1:series] {
    if (is(i, 'target')) {
        parts = parts.', '.rows(i).' using 2:3 with lines linewidth 0.8 dashtype (3,2)'. \
            ' linecolor rgb ink notitle'. \
            sprintf(', $series_%d every ::0::0 using (x_low):3:(label[%d])', i, i). \
            ' with labels left offset 0.5, 0.5 font ",6" textcolor rgb ink notitle'
    }
    if (curve(i) && colour_word[i] ne '') {
        parts = parts.interval(i, 1, shade(i), alpha)
    }
}
# Grey ones below.
parts = parts.', $grey_score using 2:3 '.grey_lines
do for [i=1:series] {
    if (curve(i) && colour_word[i] ne '') {
        parts = parts.', '.rows(i).' using 2:3 '.drawn_as(i).' notitle'
    }
}
parts = parts.', $grey_test using 2:(end($4)):(0):(end($5) - end($4)) with vectors nohead'. \
    ' linewidth 0.8 linecolor rgb grey notitle, $grey_test using 2:3 with points pointtype 7'. \
    ' pointsize 0.5 linecolor rgb grey notitle, $grey_passed using 2:3 with points pointtype 6'. \
    ' pointsize 0.7 linewidth 1 linecolor rgb grey notitle'
do for [i=1:series] {
    if (is(i, 'test') && colour_word[i] ne '') {
        parts = parts.bars(i, 1, shade(i)).', '.rows(i).' using 2:3 with points'. \
            ' pointtype 7 pointsize 0.5 linecolor rgb "'.shade(i).'" notitle'
    }
    if (is(i, 'passed') && colour_word[i] ne '') {
        parts = parts.', '.rows(i).' using 2:3 with points pointtype 6 pointsize 0.7'. \
            ' linewidth 1 linecolor rgb "'.shade(i).'" notitle'
    }
}
parts = parts.key_parts
eval 'plot '.parts[3:]
