/* Written by quality.py with scikit-image 0.19.3 and scipy 1.10.1 */

static const struct golden_quality {
    int channels, height, width;
    double ssim, psnr;
} golden_quality[] = {
    {1, 28, 28, -0.20041857279237363, 12.91781629906958},
    {1, 11, 11, 0.1652014618025866, 12.649075881944093},
    {1, 40, 33, -0.18630717274166975, 12.950430949088464},
    {3, 17, 64, -0.20056429517110219, 12.915710872632902},
};
