#!/usr/bin/env python3
"""Golden values of the search methods: Sobol's points from scipy.stats.qmc.

    tests/golden/search.py           writes tests/golden/search.h
    tests/golden/search.py --check   computes it anew and compares; says so where there is no scipy
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "search.h")
INDICES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 31, 32, 100, 511, 777, 1023]
DIMENSIONS = 64


def make():
    from scipy.stats import qmc

    points = qmc.Sobol(d=DIMENSIONS, scramble=False, bits=30).random(1024)
    lines = [
        "/* Unscrambled Sobol points times 2^30, from scipy.stats.qmc by search.py. */",
        "#ifndef UNDERSTUDY_TESTS_GOLDEN_SEARCH_H",
        "#define UNDERSTUDY_TESTS_GOLDEN_SEARCH_H",
        "",
        "#include <stdint.h>",
        "",
        "enum { GOLDEN_SOBOL_DIMENSIONS = %d, GOLDEN_SOBOL_POINTS = %d };" % (DIMENSIONS, len(INDICES)),
        "",
        "static const struct {",
        "    uint32_t index, point[GOLDEN_SOBOL_DIMENSIONS];",
        "} golden_sobol[GOLDEN_SOBOL_POINTS] = {",
    ]
    for index in INDICES:
        values = [int(x * 2**30) for x in points[index]]
        lines.append("    {%d," % index)
        for i in range(0, DIMENSIONS, 8):
            row = ", ".join(str(v) for v in values[i : i + 8])
            begin = "{" if i == 0 else " "
            end = "}}," if i + 8 >= DIMENSIONS else ","
            lines.append("     %s%s%s" % (begin, row, end))
    lines += ["};", "", "#endif", ""]
    return "\n".join(lines)


def main():
    try:
        import scipy  # noqa: F401
    except ImportError:
        print("nothing is checked: there is no scipy")
        return 0
    text = make()
    if "--check" not in sys.argv[1:]:
        with open(PATH, "w") as file:
            file.write(text)
        return 0
    same = lambda s: "".join(s.split())
    good = same(open(PATH).read()) == same(text)
    print("%d passed, %d failed" % (good, not good))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
