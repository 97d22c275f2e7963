#!/bin/sh
# clean.sh IN OUT: ImageMagick's median of 3 x 3, then a little blur, for all images of a folder:
# experiments/own_imagemagick.yaml.
exec mogrify -path "$2" -statistic Median 3x3 -blur 0x0.5 "$1"/*
