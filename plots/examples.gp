# A sheet of images: the dots of a file as they are, with texts at places given in dots.

body = 0.3
if (texts) { body = page_width*height/width }
page_height_wanted = 0 # pixels are square
keys = 0
columns = 0
longest = 0
load home.'/plots/style.gp'

unset border
unset tics
set lmargin at screen 0
set rmargin at screen 1
set tmargin at screen up(page_height - head)
set bmargin at screen up(foot)

if (texts) {
    do for [i=1:texts] {
        face = text_style[i] == 0 ? ',7' : ',6'
        tint = text_style[i] == 2 ? vermillion : ink
        set label i words[i] at first text_x[i], first text_y[i] center front font face \
            textcolor rgb tint
    }
    set xrange [0:width]
    set yrange [height:0]
    set datafile separator whitespace
    plot pixels binary array=(width, height) format='%uchar' using 1:2:3 with rgbimage notitle
} else {
    set xrange [0:1]
    set yrange [0:1]
    plot NaN notitle
}
