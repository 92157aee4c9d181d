"""Send mutated bodies to the collector's application; statuses, memory and wrong answers out."""

import argparse
import sys

from tests.fuzz.collector import fuzz, lines

RSS_GROWTH_MIB_MAX = 32


def main() -> int:
    """Exit status: 0 if every answer was right and memory stayed flat."""
    parser = argparse.ArgumentParser(prog="make fuzz-collector", description=__doc__)
    parser.add_argument("--bodies", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = fuzz(options.bodies, options.seed)
    for line in lines(result):
        print(line)
    return 1 if result.wrong or result.rss_after - result.rss_before > RSS_GROWTH_MIB_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
