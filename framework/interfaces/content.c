#include "interfaces/content.h"

const char *const content_names[] = {
    [CONTENT_IMAGE] = "an image",      [CONTENT_FEATURES] = "features",
    [CONTENT_SCORES] = "class scores", [CONTENT_MASK] = "a mask of classes",
    [CONTENT_NUMBERS] = "numbers",     [CONTENT_MAP] = "a map of numbers"};
const char *const content_plurals[] = {
    [CONTENT_IMAGE] = "images",        [CONTENT_FEATURES] = "features",
    [CONTENT_SCORES] = "class scores", [CONTENT_MASK] = "masks of classes",
    [CONTENT_NUMBERS] = "numbers",     [CONTENT_MAP] = "maps of numbers"};
const char *const content_labels[] = {
    [CONTENT_IMAGE] = "images", [CONTENT_FEATURES] = "features", [CONTENT_SCORES] = "classes",
    [CONTENT_MASK] = "masks",   [CONTENT_NUMBERS] = "numbers",   [CONTENT_MAP] = "maps of numbers"};
