"""Speed and memory, printed as ratios and absolutes; never part of the tests."""
