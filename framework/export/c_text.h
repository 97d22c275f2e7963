/* The text of the pieces of exported C; c_pieces.c lists them. */
#ifndef UNDERSTUDY_EXPORT_C_TEXT_H
#define UNDERSTUDY_EXPORT_C_TEXT_H

extern const char c_text_add[], c_text_bands[], c_text_filters[], c_text_vectors[],
    c_text_sums_of_pixels[], c_text_avgpool[], c_text_batchnorm[], c_text_concat[], c_text_conv[],
    c_text_copy[], c_text_dense[], c_text_exponential[], c_text_gelu[], c_text_global_avgpool[],
    c_text_leaky_relu[], c_text_logistic[], c_text_maxpool[], c_text_relu[], c_text_rescale[],
    c_text_scale[], c_text_shape[], c_text_sigmoid[], c_text_silu[], c_text_softmax[],
    c_text_sums[], c_text_transposed_conv[], c_text_span[], c_text_upsample[], c_text_window[];

/* Of stages: c_text_stages.c. */
extern const char c_text_blur[], c_text_mix[], c_text_moments[], c_text_power[], c_text_range[],
    c_text_resample[], c_text_select_above[], c_text_standardise[];

/* Of guards: c_text_guard.c. */
extern const char c_text_confidence[], c_text_difference[], c_text_mirror[], c_text_other_classes[],
    c_text_flatness[], c_text_other_numbers[], c_text_other_shares[], c_text_shares[];

/* Of integers: c_text_int8.c, c_text_int8_windows.c. */
extern const char c_text_add_int8[], c_text_avgpool_int8[], c_text_channels[], c_text_concat_int8[],
    c_text_conv_int8[], c_text_copy_int8[], c_text_dense_int8[], c_text_dequantize[],
    c_text_fixed[], c_text_global_avgpool_int8[], c_text_level[], c_text_maxpool_int8[],
    c_text_quantize[], c_text_table_int8[], c_text_transposed_conv_int8[], c_text_upsample_int8[];

#endif
